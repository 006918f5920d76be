// SPDX-License-Identifier: MIT
// filters_kept.c: filters that are kept, opened, for their next use: as good as new, within bounds,
// given back when asked, by any thread.
#include "filters_stacks.h"

#include "chain_kit.h"

#include <rove/registry.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter/context.h"

#define KEEP_CNT 16u // as in context.c
#define KEEP_LEN (UINT64_C(8) << 20)
#define KEEP_LEAST 4096u
#define KEEP_MOST (UINT64_C(1) << 20)

// Only filters on the default pool are kept.
static struct rove_pool *use_default_pool(void)
{
    struct rove_pool *usual = env.pool;
    env.pool = rove_pool_default();
    (void) rove_filter_trim();
    return usual;
}

static void end_default_pool(struct rove_pool *usual)
{
    size_t cnt;
    uint64_t held, given;
    rv_context_figures(&cnt, &held);
    given = rove_filter_trim();
    CHECK_EQ(held, given);
    rv_context_figures(&cnt, &held);
    CHECK(cnt == 0 && held == 0);
    CHECK_EQ(0, rove_filter_trim());
    env.pool = usual;
}

static size_t kept(void)
{
    size_t cnt;
    uint64_t held;
    rv_context_figures(&cnt, &held);
    CHECK(cnt <= KEEP_CNT && held <= KEEP_LEN);
    return cnt;
}

void kept_filters_are_bounded_and_given_back(void)
{
    struct rove_pool *usual = use_default_pool();
    struct rove_stream *rope = kit_rope(), *streams[60];
    struct rove_pool_figures before, after;
    char text[64];
    for (size_t i = 0; i < 60; i++) {
        snprintf(text, sizeof text, i % 3 ? "gzip:level=%zu" : "lz4:level=%zu", 1 + i % 9);
        CHECK_OK(rove_stream_encode(rope, text, NULL, &streams[i], NULL));
    }
    CHECK_EQ(0, kept()); // none was closed yet
    for (size_t i = 0; i < 60; i++) {
        rove_stream_free(streams[i]);
        CHECK(kept() >= (i < KEEP_CNT ? i / 2 : KEEP_CNT / 2));
    }
    CHECK_EQ(KEEP_CNT, kept());
    rove_stream_free(rope);
    (void) rove_pool_trim(env.pool);
    rove_pool_measure(env.pool, &before);
    uint64_t given = rove_filter_trim();
    (void) rove_pool_trim(env.pool);
    rove_pool_measure(env.pool, &after);
    CHECK(given > 0 && after.held + given <= before.held);
    suite_note("%u kept of 60, %llu KiB given back", KEEP_CNT, (unsigned long long) given >> 10);
    end_default_pool(usual);
}

static const char *const texts[] = {"gzip",
                                    "gzip:level=1",
                                    "gzip:level=9,mtime=5",
                                    "zlib",
                                    "zlib:level=0",
                                    "deflate:window=9,mem=1",
                                    "lz4",
                                    "lz4:linked=yes,block=64K",
                                    "lz4:level=9,block_checksum=yes",
                                    "zlib:dict=616263",
                                    "gzip:name=x",
                                    "gzip:block=32K",
                                    "bgzf:level=1"};

#define TEXTS (sizeof texts / sizeof *texts)

// The text to read by: a name, and the dictionary if there is one.
static void reading_text(char *out, const char *text)
{
    if (strstr(text, "dict"))
        strcpy(out, text);
    else
        sprintf(out, "%.*s", (int) strcspn(text, ":"), text);
}

// Leaves a stream of this text in the middle of anything, encoding or decoding what is no such data.
static void leave_one_unfinished(const char *text)
{
    char reading[64];
    struct kit_bytes some = kit_content((size_t) kit_draw(50000), 1), out;
    struct rove_stream *rope = kit_rope(), *stream = NULL;
    CHECK_OK(rove_stream_encode(rope, text, NULL, &stream, NULL));
    CHECK_OK(rove_stream_write(stream, some.ptr, some.len));
    if (kit_draw(2))
        CHECK_OK(rove_stream_flush(stream));
    if (kit_draw(2)) { // and the sink is gone when it wants to end
        CHECK_OK(rove_stream_close(rope));
        CHECK(rove_stream_close(stream) != ROVE_OK);
    }
    rove_stream_free(stream);
    rove_stream_free(rope);
    reading_text(reading, text);
    CHECK(kit_decode(reading, NULL, some, &out, NULL) != ROVE_OK);
    free(out.ptr);
    free(some.ptr);
}

void what_was_kept_is_as_good_as_new(void)
{
    struct rove_pool *usual = use_default_pool();
    char reading[64];
    kit_seed(5);
    for (uint64_t i = 0, rounds = suite_scaled(300); i < rounds; i++) {
        const char *text = texts[kit_draw(TEXTS)];
        struct kit_bytes plain = kit_content((size_t) kit_draw(40000), (unsigned) kit_draw(4)), out;
        for (uint64_t k = kit_draw(4); k--;)
            leave_one_unfinished(texts[kit_draw(TEXTS)]);
        leave_one_unfinished(text);
        struct kit_bytes again = kit_encode(text, plain.ptr, plain.len);
        reading_text(reading, text);
        CHECK_IS(ROVE_END, kit_decode(reading, NULL, again, &out, NULL));
        CHECK(kit_same(out, plain.ptr, plain.len));
        (void) rove_filter_trim();
        struct kit_bytes fresh = kit_encode(text, plain.ptr, plain.len);
        if (!CHECK(kit_same(again, fresh.ptr, fresh.len)))
            suite_note("%s, round %llu", text, (unsigned long long) i);
        free(out.ptr);
        free(again.ptr);
        free(fresh.ptr);
        free(plain.ptr);
    }
    end_default_pool(usual);
}

// Each in turn is put on the shelf by one stream, and may or may not serve the next.
void only_equal_uses_share_what_was_kept(void)
{
    static const struct {
        const char *first, *second;
        bool shared;
    } pairs[] = {
        {"gzip", "gzip", true},
        {"gzip:level=6", "gzip:level=6", true},
        {"gzip:level=6", "gzip:level=5", false},
        {"gzip", "gzip:level=6", false}, // given or not may mean something
        {"gzip", "zlib", false},
        {"gzip:name=x", "gzip:name=x", false}, // a text is not kept
        {"zlib:dict=616263", "zlib", false},
        {"lz4", "lz4", true},
        {"lz4:linked=yes", "lz4", false},
        {"crc32", "crc32", false}, // too little to be kept
    };
    struct rove_pool *usual = use_default_pool();
    struct rove_stream *rope = kit_rope(), *stream = NULL;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        (void) rove_filter_trim();
        CHECK_OK(rove_stream_encode(rope, pairs[i].first, NULL, &stream, NULL));
        rove_stream_free(stream);
        size_t cnt = kept();
        CHECK_OK(rove_stream_encode(rope, pairs[i].second, NULL, &stream, NULL));
        if (!CHECK(pairs[i].shared ? cnt == 1 && kept() == 0 : kept() == cnt))
            suite_note("%s, then %s", pairs[i].first, pairs[i].second);
        rove_stream_free(stream);
    }
    rove_stream_free(rope);
    end_default_pool(usual);
}

// Under a small limit it is as if nothing had been kept; and what was kept counts.
void what_was_kept_counts_against_the_limit(void)
{
    struct rove_pool *usual = use_default_pool();
    struct rove_stream *rope = kit_rope(), *one = NULL, *two = NULL;
    struct rove_limits limits = {.size = sizeof limits, .memory = 270000};
    for (unsigned round = 0; round < 3; round++) { // enough for one gzip, but no buffer
        size_t cnt = kept();
        CHECK_OK(rove_stream_encode(rope, "gzip", &limits, &one, NULL));
        CHECK_EQ(cnt, kept()); // none was taken
        CHECK_IS(ROVE_E_LIMIT, rove_stream_write(one, "x", 1));
        rove_stream_free(one);
        CHECK_EQ(cnt + 1, kept());
        CHECK_IS(ROVE_E_LIMIT, rove_stream_encode(rope, "gzip|gzip", &limits, &two, NULL));
    }
    limits.memory = 64 << 20; // a 64th of which is more than a gzip
    size_t all = kept();
    CHECK_OK(rove_stream_encode(rope, "gzip", &limits, &one, NULL));
    CHECK_EQ(all - 1, kept());
    rove_stream_free(one);
    rove_stream_free(rope);
    end_default_pool(usual);
}

// A filter that asks for so many bytes.
static size_t weight;

static int32_t weighing_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    (void) st, (void) values;
    return host->alloc(host->ctx, weight) ? ROVE_OK : ROVE_E_NOMEM;
}

static int32_t weighing_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    (void) st, (void) in, (void) out;
    return act == ROVE_RUN ? ROVE_OK : ROVE_END;
}

static int32_t weighing_reset(void *st)
{
    (void) st;
    return ROVE_OK;
}

static const struct rove_filter weighing = {
    ROVE_FILTER_INIT,      .name = "weighing",  .dir = ROVE_ENCODE, .state_len = 8,
    .open = weighing_open, .run = weighing_run, .reset = weighing_reset};

// The bytes that are held for one that was used once; 0 when it was not kept.
static uint64_t weigh(struct rove_stream *rope)
{
    struct rove_stream *stream = NULL;
    size_t cnt;
    uint64_t held;
    CHECK_OK(rove_stream_encode(rope, "weighing", NULL, &stream, NULL));
    rove_stream_free(stream);
    rv_context_figures(&cnt, &held);
    CHECK_EQ(held, rove_filter_trim());
    return held;
}

void what_is_kept_has_a_least_and_a_most(void)
{
    enum { OWN = 1000 }; // bytes at most besides those that are asked for
    struct rove_pool *usual = use_default_pool();
    struct rove_stream *rope = kit_rope();
    uint64_t held = 0, most = 0;
    if (!rove_filter_find("weighing", ROVE_ENCODE))
        CHECK_OK(rove_filter_register(&weighing, NULL));
    for (weight = KEEP_LEAST - OWN; !held && weight < KEEP_LEAST; weight++)
        held = weigh(rope);
    CHECK_EQ(KEEP_LEAST, held);
    for (weight = KEEP_MOST - OWN; held && weight < KEEP_MOST; weight++) {
        most = held;
        held = weigh(rope);
    }
    CHECK_EQ(0, held);
    CHECK_EQ(KEEP_MOST, most);
    rove_stream_free(rope);
    end_default_pool(usual);
}

static void *use_filters(void *arg)
{
    uint64_t x = (uint64_t) (uintptr_t) arg, rounds = suite_scaled(300);
    for (uint64_t i = 0; i < rounds; i++) {
        const char *text = texts[(x = x * 6364136223846793005u + 1) >> 33 & 7];
        char reading[64], buf[100];
        struct rove_stream *rope = NULL, *stream = NULL;
        size_t len;
        reading_text(reading, text);
        CHECK_OK(rove_stream_new(NULL, &rope));
        CHECK_OK(rove_stream_encode(rope, text, NULL, &stream, NULL));
        CHECK_OK(rove_stream_write(stream, "laid into rope", 14));
        CHECK_OK(rove_stream_close(stream));
        rove_stream_free(stream);
        CHECK_OK(rove_stream_seek(rope, 0, ROVE_SET, NULL));
        CHECK_OK(rove_stream_decode(rope, reading, NULL, &stream, NULL));
        CHECK_IS(ROVE_END, rove_stream_read(stream, buf, sizeof buf, &len));
        CHECK(len == 14 && memcmp(buf, "laid into rope", 14) == 0);
        rove_stream_free(stream);
        rove_stream_free(rope);
        if (i % 16 == 0)
            (void) rove_filter_trim();
        (void) kept();
    }
    return NULL;
}

void threads_share_what_was_kept(void)
{
    struct rove_pool *usual = use_default_pool();
    pthread_t threads[4];
    for (uintptr_t i = 0; i < 4; i++)
        CHECK(pthread_create(&threads[i], NULL, use_filters, (void *) (i + 1)) == 0);
    for (unsigned i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    end_default_pool(usual);
}
