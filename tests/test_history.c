// SPDX-License-Identifier: MIT
// test_history.c: nothing grows with what has been, only with what is there.
//
// The same round again and again: after a while neither the memory held nor the calls that it takes, of
// the allocator and for chunks, may become more. A list that is walked is memory that is held.
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rove/chain.h>
#include <rove/device.h>
#include <rove/plugin.h>
#include <rove/registry.h>

#include "spill_kit.h"
#include "support/edits.h"
#include "support/suite.h"

#define PARTS 8
#define WARM 4 // parts after which all has its size

struct amount {
    uint64_t held, calls;
};

static struct amount amount_now(void)
{
    struct rove_pool_figures all;
    rove_pool_measure_all(&all);
    return (struct amount){all.held, all.alloc_cnt + all.take_cnt};
}

// Runs rounds in parts, and compares the last part with those after which all is warm. more: by how
// much (a part of a whole) random rounds may differ.
static void expect_flat(const char *what, void (*round)(void), uint64_t rounds, double more)
{
    struct amount warm = {0, 0}, before = amount_now(), now = before;
    uint64_t calls = 0;
    for (unsigned i = 0; i < PARTS; i++) {
        before = now;
        for (uint64_t j = 0; j < rounds / PARTS; j++)
            round();
        now = amount_now();
        calls = now.calls - before.calls;
        if (i < WARM) {
            warm.held = now.held > warm.held ? now.held : warm.held;
            warm.calls = calls > warm.calls ? calls : warm.calls;
        }
    }
    suite_note("%s: %" PRIu64 " bytes held, %" PRIu64 " calls a part; warm %" PRIu64 ", %" PRIu64,
               what, now.held, calls, warm.held, warm.calls);
    CHECK((double) now.held <= (double) warm.held * (1 + more));
    CHECK((double) calls <= (double) (warm.calls + rounds / PARTS / 16) * (1 + more));
}

// streams and ropes -----------------------------------------------------------------------------

static struct rove_stream *stream;
static struct rove_rope rope;
static struct rng rng;
static uint8_t noise_of[4096];

static void one_record(void)
{
    struct rove_hole hole;
    uint8_t buf[300];
    size_t got;
    CHECK_OK(rove_stream_hole(stream, 4, &hole));
    CHECK_OK(rove_stream_write(stream, noise_of, 296));
    if (rng_below(&rng, 2))
        CHECK_OK(rove_stream_fill(stream, hole, "head", 4));
    CHECK_OK(rove_stream_pread(stream, 0, buf, sizeof buf, &got));
    CHECK_EQ(300, got);
    CHECK_OK(rove_stream_drop_front(stream, got));
}

static void a_queue_of_records(void)
{
    CHECK_OK(rove_stream_new(env.pool, &stream));
    expect_flat("queue", one_record, 40000, 0);
    rove_stream_free(stream);
}

static void one_long_and_one_short_line(void)
{
    struct rove_span line;
    CHECK_OK(rove_stream_seek(stream, 0, ROVE_SET, NULL));
    for (int i = 0; i < 2; i++)
        CHECK_OK(rove_stream_line(stream, '\n', 0, &line));
    CHECK_IS(ROVE_END, rove_stream_line(stream, '\n', 0, &line));
}

static void lines_of_any_length(void)
{
    static uint8_t text[300000];
    memset(text, 'x', sizeof text);
    text[sizeof text - 10] = text[sizeof text - 1] = '\n';
    CHECK_OK(rove_stream_new(env.pool, &stream));
    CHECK_OK(rove_stream_write(stream, text, sizeof text));
    expect_flat("lines of a rope", one_long_and_one_short_line, 160, 0);
    rove_stream_free(stream);
    FILE *file = tmpfile();
    CHECK(fwrite(text, 1, sizeof text, file) == sizeof text && fflush(file) == 0);
    CHECK_OK(rove_stream_from_fd(fileno(file), 0, env.pool, &stream));
    expect_flat("lines of a file", one_long_and_one_short_line, 160, 0);
    rove_stream_free(stream);
    fclose(file);
}

// The content keeps its length; what was there is replaced for ever.
static void one_small_edit(void)
{
    uint64_t len = rove_rope_len(&rope);
    size_t n = 1 + rng_below(&rng, 60);
    uint64_t off = rng_below(&rng, (size_t) len - n);
    if (rng_below(&rng, 2)) {
        CHECK_OK(rove_rope_replace(&rope, off, n, noise_of, n));
    } else {
        CHECK_OK(rove_rope_erase(&rope, off, n));
        CHECK_OK(rove_rope_insert(&rope, rng_below(&rng, (size_t) len - n), noise_of, n));
    }
    if (!rng_below(&rng, 50)) {
        struct rove_view view;
        CHECK_OK(rove_rope_view(&rope, 0, len, &view));
        CHECK_OK(rove_rope_overwrite(&rope, off, noise_of, n));
        rove_view_fini(&view);
    }
}

// Neither slices nor memory are out of proportion to the content.
static void end_rope(void)
{
    struct rove_rope_figures figures;
    CHECK_OK(rove_rope_measure(&rope, &figures));
    suite_note("%" PRIu64 " bytes in %" PRIu64 " slices and %" PRIu64 " nodes keep %" PRIu64,
               figures.len, figures.slice_cnt, figures.node_cnt, figures.retained);
    CHECK(figures.slice_cnt < figures.len / 100);
    CHECK(figures.retained < 12 * figures.len);
    CHECK_SOUND(&rope);
    rove_rope_fini(&rope);
}

static void small_edits_of_one_text(void)
{
    rng = rng_from(suite_seed());
    rove_rope_init(&rope, env.pool);
    for (int i = 0; i < 64; i++)
        CHECK_OK(rove_rope_append(&rope, noise_of, sizeof noise_of));
    expect_flat("small edits", one_small_edit, 200000, 0.2);
    end_rope();
}

// As a program with an undo does it: the next state is a clone with one edit.
static void one_edit_of_a_clone(void)
{
    struct rove_rope next;
    size_t len = (size_t) rove_rope_len(&rope);
    rove_rope_clone(&next, &rope);
    CHECK_OK(rove_rope_insert(&next, rng_below(&rng, len), "x", 1));
    rove_rope_fini(&rope);
    rove_rope_move(&rope, &next);
    rove_rope_fini(&next);
    CHECK_OK(rove_rope_erase(&rope, rng_below(&rng, len), 1));
}

static void clone_after_clone_edited(void)
{
    rng = rng_from(suite_seed());
    rove_rope_init(&rope, env.pool);
    for (int i = 0; i < 64; i++)
        CHECK_OK(rove_rope_append(&rope, noise_of, sizeof noise_of));
    expect_flat("clones edited", one_edit_of_a_clone, 80000, 0.2);
    end_rope();
}

static void one_turn_round(void)
{
    struct rove_rope right;
    uint64_t len = rove_rope_len(&rope);
    CHECK_OK(rove_rope_split(&rope, rng_below(&rng, (size_t) len), &right));
    CHECK_OK(rove_rope_concat(&right, &rope));
    rove_rope_fini(&rope);
    rove_rope_move(&rope, &right);
    rove_rope_fini(&right);
}

static void a_rope_cut_and_joined(void)
{
    rng = rng_from(suite_seed());
    rove_rope_init(&rope, env.pool);
    for (int i = 0; i < 256; i++)
        CHECK_OK(rove_rope_append(&rope, noise_of, sizeof noise_of));
    expect_flat("cut and joined", one_turn_round, 80000, 0.2);
    end_rope();
}

// chains ----------------------------------------------------------------------------------------

static void one_coding(void)
{
    static const char *const specs[] = {"gzip:level=%u", "crc32c|lz4:level=%u", "zlib:level=%u"};
    struct rove_stream *below, *coder, *decoder;
    char spec[64];
    uint8_t byte;
    size_t which = rng_below(&rng, 3);
    snprintf(spec, sizeof spec, specs[which], 1 + (unsigned) rng_below(&rng, 9));
    CHECK_OK(rove_stream_new(NULL, &below)); // the default pool, whose codecs wait for the next
    CHECK_OK(rove_stream_encode(below, spec, NULL, &coder, NULL));
    CHECK_OK(rove_stream_write(coder, noise_of, sizeof noise_of));
    CHECK_OK(rove_stream_close(coder));
    rove_stream_free(coder);
    CHECK_OK(rove_stream_seek(below, 0, ROVE_SET, NULL));
    CHECK_OK(rove_stream_decode(below, spec, NULL, &decoder, NULL));
    CHECK_OK(rove_stream_read(decoder, &byte, 1, NULL)); // and is left in its middle
    rove_stream_free(decoder);
    rove_stream_free(below);
}

static void codecs_that_come_and_go(void)
{
    rng = rng_from(suite_seed());
    expect_flat("codecs", one_coding, 2000, 0.2);
    (void) rove_filter_trim();
}

static int32_t run_nothing(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    (void) st, (void) in, (void) out;
    return act == ROVE_RUN ? ROVE_OK : ROVE_END;
}

static void one_registration(void)
{
    static const struct rove_filter again = {
        ROVE_FILTER_INIT, .name = "history", .dir = ROVE_ENCODE, .run = run_nothing};
    static bool done;
    struct rove_plugin_error error;
    struct rove_stream *below, *coder;
    CHECK(rove_filter_register(&again, NULL) == ROVE_OK || done);
    done = true;
    CHECK_OK(rove_plugin_add_dir("/nowhere"));
    CHECK_OK(rove_plugin_add_dir(rng_below(&rng, 2) ? "/nowhere/else" : "/nowhere"));
    CHECK_IS(ROVE_END, rove_plugin_find("history", &error));
    CHECK(rove_plugin_load("/nowhere/rove-filter-history.so", &error) != ROVE_OK);
    CHECK_OK(rove_stream_new(NULL, &below));
    CHECK(rove_stream_encode(below, "crc32|no_such_thing", NULL, &coder, NULL) != ROVE_OK);
    rove_stream_free(below);
}

static void filters_and_folders_named_again(void)
{
    rng = rng_from(suite_seed());
    expect_flat("registry", one_registration, 8000, 0);
}

// pools and threads -----------------------------------------------------------------------------

static void one_pool(void)
{
    struct kit_pool how = {.chunk_len = 4096, .limit = 128 << 10, .flags = ROVE_POOL_SPILL};
    how.watched = true;
    struct rove_pool *pool = kit_pool_new(&how);
    how.budget_of = pool;
    how.limit = 0;
    how.flags = 0;
    struct rove_pool *second = kit_pool_new(&how);
    rove_rope_init(&rope, pool);
    CHECK_OK(text_append(&rope, 1, 0, 300000, 5000));
    rove_pool_unref(pool);
    rove_pool_unref(second);
    rove_rope_fini(&rope);
}

static void pools_that_come_and_go(void)
{
    unsigned fds = kit_fds();
    expect_flat("pools", one_pool, 400, 0);
    CHECK_EQ(fds, kit_fds());
}

static struct rove_pool *spilling;

// Content that is far more than memory comes and goes, so that its slabs and places in the file do.
static void one_flood(void)
{
    rove_rope_init(&rope, spilling);
    CHECK_OK(text_append(&rope, 1, 0, 500000 + rng_below(&rng, 1500000), 7000));
    CHECK_OK(rove_rope_erase(&rope, rng_below(&rng, 400000), 90000));
    CHECK_OK(rove_rope_overwrite(&rope, 5, "changed", 7));
    rove_rope_fini(&rope);
}

static void content_that_sleeps_and_goes(void)
{
    struct kit_pool how = {.chunk_len = 4096, .limit = 256 << 10, .flags = ROVE_POOL_SPILL};
    char dir[64];
    uint64_t bytes;
    how.watched = true;
    kit_dir_make(dir);
    how.dir = dir;
    rng = rng_from(suite_seed());
    spilling = kit_pool_new(&how);
    expect_flat("content that sleeps", one_flood, 160, 0.2);
    CHECK_EQ(0, kit_pins(spilling));
    CHECK_EQ(0, kit_figures(spilling).live_cnt);
    (void) rove_pool_trim(spilling);
    CHECK(kit_figures(spilling).held <= 16384); // what this thread keeps, and the place for waking
    CHECK_EQ(0, kit_figures(spilling).free_cnt);
    CHECK_EQ(0, kit_dir_files(dir, &bytes));
    rove_pool_unref(spilling);
    kit_dir_remove(dir);
}

static void *live_shortly(void *arg)
{
    struct rove_rope mine;
    rove_rope_init(&mine, env.pool);
    CHECK_OK(text_append(&mine, 1, 0, 200000, 3000));
    rove_rope_fini(&mine);
    return arg;
}

static void one_thread(void)
{
    pthread_t thread;
    if (!CHECK(pthread_create(&thread, NULL, live_shortly, NULL) == 0))
        exit(2);
    pthread_join(thread, NULL);
}

static void threads_that_come_and_go(void)
{
    expect_flat("threads", one_thread, 800, 0);
}

static const struct suite_case cases[] = {
    SUITE_CASE(a_queue_of_records),           SUITE_CASE(lines_of_any_length),
    SUITE_CASE(small_edits_of_one_text),      SUITE_CASE(a_rope_cut_and_joined),
    SUITE_CASE(clone_after_clone_edited),
    SUITE_CASE(codecs_that_come_and_go),      SUITE_CASE(filters_and_folders_named_again),
    SUITE_CASE(pools_that_come_and_go),       SUITE_CASE(content_that_sleeps_and_goes),
    SUITE_CASE(threads_that_come_and_go),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_history", cases, sizeof cases / sizeof *cases, false});
}
