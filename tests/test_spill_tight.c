// SPDX-License-Identifier: MIT
// test_spill_tight.c: reading what sleeps where no room can be made: the limit is full of what cannot
// sleep, and one chunk at a time wakes in the place that is kept for it.
//
// Every way to fill the limit, every reader over all chunks, and every object that may stand on the
// chunk which is awake meanwhile. Readings that fail are counted: in one thread none may.
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "spill_kit.h"
#include "support/edits.h"
#include "support/shapes.h"
#include "support/suite.h"

#define CHUNK ((size_t) 16384)
#define CHUNKS 64u
#define LEN ((uint64_t) CHUNKS * CHUNK)
#define LIMIT ((uint64_t) 24 * CHUNK)
#define SHIFT 100u   // the second text lies askew in its chunks
#define FILLERS 6000 // objects that fill the limit at most
#define THREADS 4

// The text twice, and whatever reads it, made while there was memory.
static struct scene {
    struct rove_pool *pool, *other;
    struct rove_rope rope, askew;
    struct rove_view view, shifted;
    struct rove_stream *plain, *below, *tapped, *filed, *sink;
    FILE *file;
    uint64_t sunk; // bytes that sink was given
    struct rove_rope filler[FILLERS];
    struct rove_stream *stander[FILLERS];
    unsigned fillers, standers;
} scene;

static uint8_t page[CHUNK];

// Whether a reading came out right; wrong bytes are a failure of the test, not of the reading.
static unsigned failed(enum rove_status status)
{
    CHECK(status == ROVE_OK || status == ROVE_E_LIMIT);
    return status != ROVE_OK;
}

// filling ---------------------------------------------------------------------------------------

static enum rove_status add_rope(struct rove_pool *pool, size_t len)
{
    struct rove_rope *rope = &scene.filler[scene.fillers];
    if (!CHECK(scene.fillers < FILLERS))
        return ROVE_E_LIMIT;
    rove_rope_init(rope, pool);
    scene.fillers++;
    return rove_rope_append(rope, page, len);
}

static void fill_rest(void)
{
    while (add_rope(scene.pool, 300) == ROVE_OK)
        ;
}

static void by_small_ropes(void)
{
    fill_rest();
}

static void by_open_ends(void)
{
    while (add_rope(scene.pool, CHUNK - 1) == ROVE_OK)
        ;
    CHECK(kit_figures(scene.pool).pinned_cnt > 15);
    fill_rest();
}

// Every insert into a clone copies the way to its place.
static void by_nodes(void)
{
    enum rove_status status = ROVE_OK;
    while (status == ROVE_OK && CHECK(scene.fillers < FILLERS)) {
        struct rove_rope *rope = &scene.filler[scene.fillers++];
        rove_rope_clone(rope, &scene.rope);
        status = rove_rope_insert(rope, LEN / 2, "x", 1);
    }
    CHECK_IS(ROVE_E_LIMIT, status);
    fill_rest();
}

static void by_streams_that_stand(void)
{
    enum rove_status status = ROVE_OK;
    for (unsigned i = 0; i < CHUNKS && status == ROVE_OK; i++) {
        struct rove_rope clone;
        uint8_t byte;
        rove_rope_clone(&clone, &scene.rope);
        status = rove_stream_from_rope(&clone, &scene.stander[scene.standers]);
        rove_rope_fini(&clone);
        if (status)
            break;
        struct rove_stream *stream = scene.stander[scene.standers++];
        CHECK_OK(rove_stream_seek(stream, (int64_t) (i * CHUNK + 17), ROVE_SET, NULL));
        CHECK_EQ(0, failed(rove_stream_read(stream, &byte, 1, NULL)));
        CHECK(text_is(&byte, 1, i * CHUNK + 17, 1));
    }
    CHECK(kit_figures(scene.pool).pinned_cnt <= LIMIT / CHUNK / 4); // the others use their buffers
    for (int i = 0; i < 5; i++) // there is room to write beside them
        CHECK_OK(add_rope(scene.pool, CHUNK - 1));
    fill_rest();
}

static void by_another_pool(void)
{
    while (add_rope(scene.other, CHUNK) == ROVE_OK)
        ;
    while (add_rope(scene.other, 300) == ROVE_OK)
        ;
}

// readers ---------------------------------------------------------------------------------------

static unsigned read_a_byte_of_each(void)
{
    unsigned bad = 0;
    for (uint64_t i = 0; i < CHUNKS; i++) {
        uint8_t byte = 0;
        enum rove_status status = rove_rope_read(&scene.rope, i * CHUNK + 5, &byte, 1, NULL);
        bad += failed(status);
        CHECK(status || text_is(&byte, 1, i * CHUNK + 5, 1));
        status = rove_view_byte(&scene.shifted, i * CHUNK + 7, &byte);
        bad += failed(status);
        CHECK(status || text_is(&byte, 1, i * CHUNK + 7, 1));
    }
    return bad;
}

static unsigned read_across_three(void)
{
    static uint8_t buf[2 * CHUNK];
    unsigned bad = 0;
    for (uint64_t off = CHUNK / 2; off + sizeof buf <= LEN; off += CHUNK) {
        enum rove_status status = rove_view_read(&scene.view, off, buf, sizeof buf, NULL);
        bad += failed(status);
        CHECK(status || text_is(buf, 1, off, sizeof buf));
        status = rove_rope_read(&scene.askew, off + SHIFT, buf, sizeof buf, NULL);
        bad += failed(status);
        CHECK(status || text_is(buf, 1, off, sizeof buf));
    }
    return bad;
}

static unsigned walk(void)
{
    struct rove_cursor cursor;
    uint64_t off = 0;
    enum rove_status status = rove_cursor_init(&cursor, &scene.view, 0);
    while (status == ROVE_OK) {
        struct rove_span span;
        status = rove_cursor_next(&cursor, &span);
        CHECK(text_is(span.ptr, 1, off, span.len));
        off += span.len;
    }
    rove_cursor_fini(&cursor);
    return status != ROVE_END || off != LEN;
}

// Reads all of a stream, n bytes at a time.
static unsigned read_through(struct rove_stream *stream, size_t n)
{
    static uint8_t buf[3 * CHUNK];
    uint64_t off = 0;
    enum rove_status status = rove_stream_seek(stream, 0, ROVE_SET, NULL);
    while (status == ROVE_OK) {
        size_t got;
        status = rove_stream_read(stream, buf, n, &got);
        CHECK(text_is(buf, 1, off, got));
        off += got;
    }
    return status != ROVE_END || off != LEN;
}

static unsigned stream_by_bytes(void)
{
    return read_through(scene.plain, 61);
}

static unsigned stream_by_pieces(void)
{
    return read_through(scene.plain, 1000) + read_through(scene.plain, 3 * CHUNK);
}

static unsigned stream_here_and_there(void)
{
    unsigned bad = 0;
    uint8_t buf[300];
    for (uint64_t i = 0; i < CHUNKS; i++) {
        uint64_t off = (i * 29 % CHUNKS) * CHUNK + CHUNK - 150 * (i % 3), pos;
        size_t n = LEN - off < sizeof buf ? (size_t) (LEN - off) : sizeof buf;
        enum rove_status status = rove_stream_pread(scene.plain, off, buf, n, NULL);
        bad += failed(status);
        CHECK(status || text_is(buf, 1, off, n));
        CHECK_OK(rove_stream_seek(scene.plain, (int64_t) off, ROVE_SET, &pos));
        const uint8_t *ptr;
        size_t len = 0;
        status = off < LEN ? rove_stream_peek(scene.plain, &ptr, &len) : ROVE_OK;
        bad += failed(status);
        CHECK(off == LEN || status || (len && text_is(ptr, 1, off, len)));
    }
    return bad;
}

static unsigned decode(void)
{
    static uint8_t buf[5000];
    uint64_t off = 0;
    CHECK_OK(rove_stream_seek(scene.below, 0, ROVE_SET, NULL));
    enum rove_status status = rove_stream_rechain(scene.tapped, scene.below);
    while (status == ROVE_OK) {
        size_t got;
        status = rove_stream_read(scene.tapped, buf, 5000, &got);
        CHECK(text_is(buf, 1, off, got));
        off += got;
    }
    return status != ROVE_END || off != LEN;
}

static unsigned read_file(void)
{
    static uint8_t buf[3000];
    uint64_t off = 0;
    size_t got;
    rewind(scene.file);
    while ((got = fread(buf, 1, sizeof buf, scene.file))) {
        CHECK(text_is(buf, 1, off, got));
        off += got;
    }
    return off != LEN;
}

// Each part of the one rope with each other, chunk by chunk askew.
static unsigned compare(void)
{
    int order = 1;
    enum rove_status status = rove_view_compare(&scene.view, &scene.shifted, &order);
    unsigned bad = failed(status);
    CHECK(status || order == 0);
    status = rove_view_compare(&scene.shifted, &scene.view, &order);
    CHECK(status || order == 0);
    return bad + failed(status);
}

static unsigned find_across_borders(void)
{
    unsigned bad = 0;
    uint8_t what[900];
    for (uint64_t i = 1; i < CHUNKS; i += 3) {
        uint64_t off = i * CHUNK - 450, pos = 0;
        text_fill(what, 1, off, sizeof what);
        enum rove_status status =
            rove_view_find(&scene.view, off - 2 * CHUNK / 3, what, sizeof what, &pos);
        bad += failed(status);
        CHECK(status || pos == off);
    }
    uint64_t pos;
    memset(what, 'x', sizeof what);
    return bad + (rove_view_find(&scene.shifted, 0, what, sizeof what, &pos) != ROVE_END);
}

static unsigned starts_and_ends(void)
{
    static uint8_t what[5 * CHUNK / 2];
    unsigned bad = 0;
    int yes = 0;
    text_fill(what, 1, 0, sizeof what);
    bad += failed(rove_view_starts(&scene.shifted, what, sizeof what, &yes)) || !yes;
    text_fill(what, 1, LEN - sizeof what, sizeof what);
    return bad + (failed(rove_view_ends(&scene.view, what, sizeof what, &yes)) || !yes);
}

static unsigned find_byte_in_each(void)
{
    unsigned bad = 0;
    for (uint64_t i = 0; i < CHUNKS; i++) {
        uint64_t pos = 0;
        uint8_t byte;
        text_fill(&byte, 1, i * CHUNK + 9, 1);
        enum rove_status status = rove_view_find_byte(&scene.view, i * CHUNK + 9, byte, &pos);
        bad += failed(status);
        CHECK(status || pos == i * CHUNK + 9);
    }
    return bad;
}

static unsigned write_out(void)
{
    static uint8_t buf[LEN];
    uint64_t done;
    int fd = memfd_create("out", MFD_CLOEXEC);
    enum rove_status status = rove_view_write_fd(&scene.shifted, 0, fd, &done);
    CHECK(done == LEN || status);
    CHECK(pread(fd, buf, sizeof buf, 0) == (ssize_t) done);
    CHECK(text_is(buf, 1, 0, (size_t) done));
    close(fd);
    return failed(status);
}

// Takes whatever comes, but looks into the rope for it.
static enum rove_status sink(void *ctx, const void *src, size_t len, size_t *len_out)
{
    uint64_t *at = ctx;
    uint8_t byte = 0;
    enum rove_status status = rove_rope_read(&scene.rope, LEN - 1 - *at, &byte, 1, NULL);
    CHECK(status || text_is(&byte, 1, LEN - 1 - *at, 1));
    CHECK(text_is(src, 1, *at, len));
    *at += *len_out = len;
    return status;
}

// Into a stream over something else, which is written to while a span of the view is shown.
static unsigned write_view(void)
{
    scene.sunk = 0;
    enum rove_status status = rove_stream_write_view(scene.sink, &scene.shifted);
    CHECK_OK(rove_stream_flush(scene.sink));
    CHECK(status || scene.sunk == LEN);
    return failed(status);
}

static const struct {
    const char *name;
    unsigned (*run)(void);
} readers[] = {
    {"read, a byte of each", read_a_byte_of_each},
    {"read, across three", read_across_three},
    {"cursor", walk},
    {"stream, few bytes", stream_by_bytes},
    {"stream, many bytes", stream_by_pieces},
    {"stream, here and there", stream_here_and_there},
    {"decoding stream", decode},
    {"FILE", read_file},
    {"compare", compare},
    {"find", find_across_borders},
    {"starts and ends", starts_and_ends},
    {"find byte", find_byte_in_each},
    {"write_fd", write_out},
    {"write_view", write_view},
};

// standing --------------------------------------------------------------------------------------

static void nobody(void)
{
}

static void stream_after_a_byte(void)
{
    uint8_t byte;
    CHECK_OK(rove_stream_seek(scene.plain, (int64_t) (40 * CHUNK), ROVE_SET, NULL));
    CHECK_OK(rove_stream_read(scene.plain, &byte, 1, NULL));
}

static void stream_after_a_peek(void)
{
    const uint8_t *ptr;
    size_t len;
    CHECK_OK(rove_stream_seek(scene.plain, (int64_t) (41 * CHUNK + 1), ROVE_SET, NULL));
    CHECK_OK(rove_stream_peek(scene.plain, &ptr, &len));
}

static void stream_after_much(void)
{
    uint8_t buf[5000];
    CHECK_OK(rove_stream_seek(scene.plain, (int64_t) (42 * CHUNK - 100), ROVE_SET, NULL));
    CHECK_OK(rove_stream_read(scene.plain, buf, sizeof buf, NULL));
}

static void stream_after_a_line(void)
{
    struct rove_span line;
    CHECK_OK(rove_stream_seek(scene.plain, (int64_t) (43 * CHUNK + 1), ROVE_SET, NULL));
    CHECK_OK(rove_stream_line(scene.plain, '\n', 50, &line));
}

static void tap_after_a_byte(void)
{
    uint8_t byte;
    CHECK_OK(rove_stream_seek(scene.below, (int64_t) (44 * CHUNK), ROVE_SET, NULL));
    CHECK_OK(rove_stream_rechain(scene.tapped, scene.below));
    CHECK_OK(rove_stream_read(scene.tapped, &byte, 1, NULL));
}

static void file_after_a_byte(void)
{
    CHECK(fseek(scene.file, (long) (45 * CHUNK), SEEK_SET) == 0);
    CHECK(fgetc(scene.file) != EOF);
}

static const struct {
    const char *name;
    void (*stand)(void);
} standing[] = {
    {"nobody stands there", nobody},
    {"a stream after a byte", stream_after_a_byte},
    {"a stream after a peek", stream_after_a_peek},
    {"a stream after 5000 bytes", stream_after_much},
    {"a stream after a line", stream_after_a_line},
    {"a decoding stream", tap_after_a_byte},
    {"a FILE", file_after_a_byte},
};

// scenes ----------------------------------------------------------------------------------------

static struct rove_stream *stream_over(struct rove_rope *rope)
{
    struct rove_rope clone;
    struct rove_stream *stream;
    rove_rope_clone(&clone, rope);
    CHECK_OK(rove_stream_from_rope(&clone, &stream));
    rove_rope_fini(&clone);
    return stream;
}

static void begin(void)
{
    struct kit_pool how = {
        .chunk_len = CHUNK, .limit = LIMIT, .flags = ROVE_POOL_SPILL, .watched = true};
    memset(&scene, 0, sizeof scene);
    scene.pool = kit_pool_new(&how);
    scene.other = kit_pool_new(
        &(struct kit_pool){.chunk_len = CHUNK, .budget_of = scene.pool, .watched = true});
    rove_rope_init(&scene.rope, scene.pool);
    rove_rope_init(&scene.askew, scene.pool);
    CHECK_OK(text_append(&scene.rope, 1, 0, LEN, CHUNK));
    CHECK_OK(rove_rope_append(&scene.askew, page, SHIFT));
    CHECK_OK(text_append(&scene.askew, 1, 0, LEN + CHUNK - SHIFT, CHUNK)); // no open end
    CHECK_OK(rove_rope_view(&scene.rope, 0, LEN, &scene.view));
    CHECK_OK(rove_rope_view(&scene.askew, SHIFT, LEN, &scene.shifted));
    scene.plain = stream_over(&scene.rope);
    scene.below = stream_over(&scene.rope);
    CHECK_OK(rove_stream_decode(scene.below, "crc32c", NULL, &scene.tapped, NULL));
    uint8_t byte;
    CHECK_OK(rove_stream_read(scene.tapped, &byte, 1, NULL)); // has what memory it needs
    scene.filed = stream_over(&scene.rope);
    CHECK_OK(rove_fopen(scene.filed, "r", &scene.file));
    struct rove_io io = {.size = sizeof io, .write = sink};
    CHECK_OK(rove_stream_from_io(&io, &scene.sunk, NULL, &scene.sink));
}

static void end(void)
{
    for (unsigned i = 0; i < scene.standers; i++)
        rove_stream_free(scene.stander[i]);
    uint64_t pins = kit_stream_pins(scene.plain) + kit_stream_pins(scene.below) +
                    kit_stream_pins(scene.filed) + kit_rope_pins(&scene.rope) +
                    kit_rope_pins(&scene.askew);
    for (unsigned i = 0; i < scene.fillers; i++)
        if (scene.filler[i].pool == scene.pool)
            pins += kit_rope_pins(&scene.filler[i]);
    rove_stream_free(scene.tapped);
    rove_stream_free(scene.sink);
    CHECK_EQ(pins, kit_pins(scene.pool));
    for (unsigned i = 0; i < scene.fillers; i++)
        rove_rope_fini(&scene.filler[i]);
    CHECK(fclose(scene.file) == 0);
    rove_stream_free(scene.filed);
    rove_stream_free(scene.plain);
    rove_stream_free(scene.below);
    rove_view_fini(&scene.view);
    rove_view_fini(&scene.shifted);
    rove_rope_fini(&scene.rope);
    rove_rope_fini(&scene.askew);
    CHECK_EQ(0, kit_pins(scene.pool));
    kit_check_peak(scene.pool);
    rove_pool_unref(scene.other);
    rove_pool_unref(scene.pool);
}

// Runs all readers beside each that stands; the failures.
static unsigned read_all_ways(const char *filled)
{
    unsigned all = 0;
    for (size_t i = 0; i < sizeof standing / sizeof *standing; i++) {
        for (size_t j = 0; j < sizeof readers / sizeof *readers; j++) {
            standing[i].stand();
            unsigned bad = readers[j].run();
            if (bad)
                suite_note("filled %s, %s, %s: %u failed", filled, standing[i].name,
                           readers[j].name, bad);
            all += bad;
        }
    }
    return all;
}

static void run_scene(const char *filled, void (*fill)(void))
{
    begin();
    fill();
    struct rove_pool_figures figures = kit_figures(scene.pool);
    CHECK(figures.limit - figures.held < 70000); // but for what is kept for erasing
    CHECK_EQ(0, read_all_ways(filled));
    end();
}

static void among_small_ropes(void)
{
    run_scene("by small ropes", by_small_ropes);
}

static void among_open_ends(void)
{
    run_scene("by open ends", by_open_ends);
}

static void among_nodes(void)
{
    run_scene("by nodes", by_nodes);
}

static void among_streams_that_stand(void)
{
    run_scene("by streams that stand", by_streams_that_stand);
}

static void beside_another_pool(void)
{
    run_scene("by another pool", by_another_pool);
}

// threads ---------------------------------------------------------------------------------------

struct reader {
    struct rove_view view, shifted;
    struct rove_stream *stream;
    uint64_t seed;
    uint64_t asked, refused, wrong;
    atomic_ullong *others; // any status but OK and LIMIT
};

static void note(struct reader *r, enum rove_status status, bool right)
{
    r->asked++;
    r->refused += status == ROVE_E_LIMIT;
    r->wrong += status == ROVE_OK && !right;
    if (status != ROVE_OK && status != ROVE_E_LIMIT)
        atomic_fetch_add(r->others, 1);
}

static void ask(struct reader *r, struct rng *rng)
{
    uint8_t buf[2000];
    size_t n = 1 + rng_below(rng, sizeof buf);
    uint64_t off = rng_below(rng, (size_t) LEN - n), pos = off;
    enum rove_status status;
    int order = 0;
    switch (rng_below(rng, 5)) {
    case 0:
        status = rove_view_read(&r->shifted, off, buf, n, NULL);
        note(r, status, text_is(buf, 1, off, n));
        break;
    case 1:
        status = rove_stream_seek(r->stream, (int64_t) off, ROVE_SET, NULL);
        if (status == ROVE_OK)
            status = rove_stream_read(r->stream, buf, n, NULL);
        note(r, status, text_is(buf, 1, off, n));
        break;
    case 2:
        text_fill(buf, 1, off, n);
        status = rove_view_find(&r->view, off, buf, n, &pos);
        note(r, status, pos == off);
        break;
    case 3:
        text_fill(buf, 1, LEN - n, n);
        status = rove_view_ends(&r->shifted, buf, n, &order);
        note(r, status, order == 1);
        break;
    default: { // memory is asked for and given back: what is refused is refused for one reason
        struct rove_rope rope;
        struct rove_stream *coder = NULL;
        rove_rope_init(&rope, scene.pool);
        note(r, rove_rope_append(&rope, page, n), true);
        note(r, rove_stream_encode(r->stream, "crc32|gzip", NULL, &coder, NULL), true);
        rove_stream_free(coder);
        rove_rope_fini(&rope);
    }
    }
}

static void *ask_all_the_time(void *arg)
{
    struct reader *r = arg;
    struct rng rng = rng_from(r->seed);
    for (uint64_t i = 0; i < suite_scaled(2000); i++)
        ask(r, &rng);
    return NULL;
}

static void threads_are_told_of_the_limit_and_of_nothing_else(void)
{
    struct reader crowd[THREADS];
    pthread_t threads[THREADS];
    atomic_ullong others = 0;
    uint64_t asked = 0, refused = 0;
    begin();
    for (uint64_t i = 0; i < THREADS; i++) {
        crowd[i] = (struct reader){.seed = suite_seed() + i, .others = &others};
        crowd[i].stream = stream_over(&scene.rope);
        CHECK_OK(rove_view_sub(&scene.view, 0, LEN, &crowd[i].view));
        CHECK_OK(rove_view_sub(&scene.shifted, 0, LEN, &crowd[i].shifted));
    }
    by_open_ends();
    for (unsigned i = 0; i < 20; i++) // a little comes and goes
        rove_rope_clear(&scene.filler[scene.fillers - 1 - i]);
    for (size_t i = 0; i < THREADS; i++)
        if (!CHECK(pthread_create(&threads[i], NULL, ask_all_the_time, &crowd[i]) == 0))
            exit(2);
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CHECK_EQ(0, crowd[i].wrong);
        asked += crowd[i].asked;
        refused += crowd[i].refused;
        rove_stream_free(crowd[i].stream);
        rove_view_fini(&crowd[i].view);
        rove_view_fini(&crowd[i].shifted);
    }
    CHECK_EQ(0, atomic_load(&others));
    suite_note("%llu asked, %llu refused", (unsigned long long) asked,
               (unsigned long long) refused);
    CHECK(refused > 0 && refused < asked);
    CHECK_EQ(0, read_all_ways("by open ends, after threads"));
    end();
}

static void with_memory_to_spare(void)
{
    begin();
    CHECK_EQ(0, read_all_ways("not at all"));
    end();
}

// A rope's own bytes -----------------------------------------------------------------------------

// A full tail in memory that is full of what cannot sleep: whoever wants room finds that chunk, once it is the tail no more.
// Its bytes are what is to be put in.
static void a_full_tail_is_there_until_its_bytes_are_copied(void)
{
    static uint8_t got[3 * CHUNK];
    for (size_t len = 100; len < CHUNK; len += 1500) {
        struct kit_pool how = {.chunk_len = CHUNK, .limit = LIMIT, .flags = ROVE_POOL_SPILL, .watched = true};
        struct rove_rope rope;
        const uint8_t *own;
        scene.pool = kit_pool_new(&how);
        rove_rope_init(&rope, scene.pool);
        CHECK_OK(text_append(&rope, 1, 0, CHUNK, CHUNK / 2));
        CHECK_OK(rove_rope_flatten(&rope, &own));
        by_open_ends();
        enum rove_status status = rove_rope_insert(&rope, 5000, own + 50, len);
        CHECK(status == ROVE_OK || status == ROVE_E_LIMIT);
        size_t put = status ? 0 : len;
        CHECK_EQ(CHUNK + put, rove_rope_len(&rope));
        CHECK_OK(rove_rope_read(&rope, 0, got, CHUNK + put, NULL));
        CHECK(text_is(got, 1, 0, 5000) && text_is(got + 5000, 1, 50, put));
        CHECK(text_is(got + 5000 + put, 1, 5000, CHUNK - 5000));
        CHECK_SOUND(&rope);
        while (scene.fillers)
            rove_rope_fini(&scene.filler[--scene.fillers]);
        rove_rope_fini(&rope);
        CHECK_EQ(0, kit_pins(scene.pool));
        rove_pool_unref(scene.pool);
    }
}

// Beyond the limit a tail that makes way goes to the file, and its chunk is used again: not while its own bytes are what is
// appended.
static void a_tail_is_appended_to_itself_beyond_the_limit(void)
{
    static uint8_t got[3 * CHUNK];
    for (size_t len = CHUNK / 2; len <= CHUNK - 100; len += 500) {
        struct kit_pool how = {.chunk_len = CHUNK, .limit = LIMIT, .flags = ROVE_POOL_SPILL, .watched = true};
        struct rove_rope rope, other;
        const uint8_t *own;
        scene.pool = kit_pool_new(&how);
        rove_rope_init(&rope, scene.pool);
        rove_rope_init(&other, scene.pool);
        CHECK_OK(text_append(&rope, 1, 0, len, len));
        CHECK_OK(rove_rope_flatten(&rope, &own));
        CHECK_OK(text_append(&other, 2, 0, 2 * LIMIT, CHUNK));
        CHECK_OK(rove_rope_append(&rope, own + 100, len - 100));
        CHECK_EQ(2 * len - 100, rove_rope_len(&rope));
        CHECK_OK(rove_rope_read(&rope, 0, got, 2 * len - 100, NULL));
        CHECK(text_is(got, 1, 0, len) && text_is(got + len, 1, 100, len - 100));
        CHECK_SOUND(&rope);
        rove_rope_fini(&other);
        rove_rope_fini(&rope);
        rove_pool_unref(scene.pool);
    }
}

static const struct suite_case cases[] = {
    SUITE_CASE(among_small_ropes), SUITE_CASE(among_open_ends),
    SUITE_CASE(among_nodes),       SUITE_CASE(among_streams_that_stand),
    SUITE_CASE(beside_another_pool), SUITE_CASE(with_memory_to_spare),
    SUITE_CASE(a_full_tail_is_there_until_its_bytes_are_copied),
    SUITE_CASE(a_tail_is_appended_to_itself_beyond_the_limit),
    SUITE_CASE(threads_are_told_of_the_limit_and_of_nothing_else),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_spill_tight", cases, sizeof cases / sizeof *cases, false});
}
