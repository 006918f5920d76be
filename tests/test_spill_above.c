// SPDX-License-Identifier: MIT
// test_spill_above.c: the floors above on sleeping chunks: sharing edits, views, digests, chains put on
// other streams, many threads. (Streams as a whole: test_stream_model.c.)
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "spill_kit.h"
#include "support/edits.h"
#include "support/suite.h"

#define CHUNK ((size_t) 16384)
#define LIMIT ((uint64_t) 1 << 20)
#define LEN ((uint64_t) 6 * LIMIT) // of the text in a rope
#define THREADS 4

static struct rove_pool *pool;

static void begin(uint64_t limit)
{
    struct kit_pool how = {.chunk_len = CHUNK, .limit = limit, .flags = ROVE_POOL_SPILL};
    how.watched = true;
    pool = kit_pool_new(&how);
}

static void end(void)
{
    CHECK(kit_figures(pool).sleep_cnt > 50);
    kit_check_peak(pool);
    rove_pool_unref(pool);
}

static void rope_of_text(struct rove_rope *rope, uint64_t seed)
{
    rove_rope_init(rope, pool);
    CHECK_OK(text_append(rope, seed, 0, LEN, 30000));
    CHECK(kit_figures(pool).sleeping_cnt > 0);
}

static struct rove_view view_of(struct rove_rope *rope, uint64_t off, uint64_t len)
{
    struct rove_view view;
    CHECK_OK(rove_rope_view(rope, off, len, &view));
    return view;
}

// Whether a run of the rope's bytes is one of the text's.
static bool run_is(struct rove_rope *rope, uint64_t off, uint64_t seed, uint64_t text_off,
                   uint64_t len)
{
    static uint8_t buf[50000];
    for (uint64_t at = 0; at < len; at += sizeof buf) {
        size_t n = len - at < sizeof buf ? (size_t) (len - at) : sizeof buf;
        if (rove_rope_read(rope, off + at, buf, n, NULL) != ROVE_OK ||
            !text_is(buf, seed, text_off + at, n))
            return false;
    }
    return true;
}

// Sharing neither reads nor wakes what it shares, but for the small pieces at the seams.
static void sharing_edits_wake_next_to_nothing(void)
{
    begin(LIMIT);
    struct rove_rope a, b, clone, right;
    rope_of_text(&a, 1);
    rope_of_text(&b, 2);
    struct rove_view part = view_of(&b, 100000, 2000000);
    uint64_t woken = kit_figures(pool).wake_cnt;
    rove_rope_clone(&clone, &a);
    CHECK_OK(rove_rope_split(&a, LEN / 2, &right));
    CHECK_OK(rove_rope_append_view(&a, &part));
    CHECK_OK(rove_rope_concat(&a, &right));
    CHECK_OK(rove_rope_insert_rope(&a, 1000, &clone));
    CHECK_OK(rove_rope_resize(&a, 3 * LEN));
    CHECK_OK(rove_rope_truncate(&a, 2 * LEN + 2000000));
    CHECK(kit_figures(pool).wake_cnt - woken <= 8);
    CHECK(run_is(&a, 0, 1, 0, 1000));
    CHECK(run_is(&a, 1000, 1, 0, LEN));
    CHECK(run_is(&a, 1000 + LEN, 1, 1000, LEN / 2 - 1000));
    CHECK(run_is(&a, LEN + LEN / 2, 2, 100000, 2000000));
    CHECK(run_is(&a, LEN + LEN / 2 + 2000000, 1, LEN / 2, LEN / 2));
    woken = kit_figures(pool).wake_cnt;
    CHECK_OK(rove_rope_compact(&a));
    CHECK(kit_figures(pool).wake_cnt - woken <= 8);
    CHECK(run_is(&a, 1000, 1, 0, LEN));
    CHECK_SOUND(&a);
    text_check_rope(&clone, 1);
    rove_view_fini(&part);
    rove_rope_fini(&right);
    rove_rope_fini(&clone);
    rove_rope_fini(&b);
    rove_rope_fini(&a);
    end();
}

static void views_ask_sleeping_bytes(void)
{
    begin(LIMIT);
    struct rove_rope rope;
    rope_of_text(&rope, 3);
    struct rove_view all = view_of(&rope, 0, LEN), part;
    static uint8_t bytes[5 * CHUNK];
    for (uint64_t off = 0; off + sizeof bytes <= LEN; off += LEN / 7) {
        text_fill(bytes, 3, off, sizeof bytes);
        CHECK_OK(rove_view_sub(&all, off, sizeof bytes, &part));
        int starts = 0, ends = 0;
        uint8_t byte = 0;
        CHECK_OK(rove_view_starts(&part, bytes, 3 * CHUNK, &starts));
        CHECK_OK(rove_view_ends(&part, bytes + sizeof bytes - 3 * CHUNK, 3 * CHUNK, &ends));
        CHECK(starts && ends);
        CHECK_OK(rove_view_byte(&part, 3 * CHUNK + 1, &byte));
        CHECK_EQ(bytes[3 * CHUNK + 1], byte);
        rove_view_fini(&part);
    }
    rove_view_fini(&all);
    rove_rope_fini(&rope);
    end();
}

// Through a checksum layer, without copying, and by the library itself.
static void digests_of_sleeping_bytes(void)
{
    begin(LIMIT);
    struct rove_rope rope;
    rope_of_text(&rope, 4);
    struct rove_view all = view_of(&rope, 0, LEN);
    uint8_t digest[ROVE_DIGEST_MAX];
    static uint8_t buf[1 << 16];
    XXH3_state_t state;
    size_t n;
    XXH3_64bits_reset(&state);
    for (uint64_t off = 0; off < LEN; off += sizeof buf) {
        text_fill(buf, 4, off, sizeof buf);
        XXH3_64bits_update(&state, buf, sizeof buf);
    }
    CHECK_OK(rove_view_digest(&all, "xxh3", digest, sizeof digest, &n));
    XXH64_canonical_t expected;
    XXH64_canonicalFromHash(&expected, XXH3_64bits_digest(&state));
    CHECK(n == sizeof expected && memcmp(digest, &expected, n) == 0);
    rove_view_fini(&all);
    rove_rope_fini(&rope);
    end();
}

// One coder after the other on the same chain; source and sinks all asleep for the most part.
static void one_chain_for_many_sleeping_streams(void)
{
    begin(2 * LIMIT); // the coder's blocks of 256 KiB are memory that cannot sleep
    struct rove_rope rope;
    struct rove_stream *packed[3], *encoder = NULL, *decoder = NULL;
    static uint8_t buf[40000];
    rope_of_text(&rope, 5);
    for (uint64_t i = 0; i < 3; i++) {
        struct rove_view part = view_of(&rope, i * LEN / 3, LEN / 3);
        CHECK_OK(rove_stream_new(pool, &packed[i]));
        if (i == 0)
            CHECK_OK(rove_stream_encode(packed[0], "crc32c|lz4", NULL, &encoder, NULL));
        else
            CHECK_OK(rove_stream_rechain(encoder, packed[i]));
        CHECK_OK(rove_stream_write_view(encoder, &part));
        CHECK_OK(rove_stream_finish(encoder));
        rove_view_fini(&part);
    }
    for (uint64_t i = 0; i < 3; i++) {
        CHECK_OK(rove_stream_seek(packed[i], 0, ROVE_SET, NULL));
        if (i == 0)
            CHECK_OK(rove_stream_decode(packed[0], "crc32c|lz4", NULL, &decoder, NULL));
        else
            CHECK_OK(rove_stream_rechain(decoder, packed[i]));
        uint64_t off = i * LEN / 3;
        enum rove_status status;
        do {
            size_t n;
            status = rove_stream_read(decoder, buf, sizeof buf, &n);
            CHECK(text_is(buf, 5, off, n));
            off += n;
        } while (status == ROVE_OK);
        CHECK_IS(ROVE_END, status);
        CHECK_EQ((i + 1) * LEN / 3, off);
    }
    rove_stream_free(encoder);
    rove_stream_free(decoder);
    for (int i = 0; i < 3; i++)
        rove_stream_free(packed[i]);
    rove_rope_fini(&rope);
    end();
}

// many threads ----------------------------------------------------------------------------------

struct reader {
    struct rove_view view; // of all, its own
    uint64_t seed;
    uint64_t reads, wrong, failed;
};

// Whole walks and reads here and there: the others' reading puts to sleep what this one wants.
static void *read_all_the_time(void *arg)
{
    struct reader *r = arg;
    struct rng rng = rng_from(r->seed);
    uint8_t buf[3000];
    for (uint64_t i = 0; i < suite_scaled(3000); i++) {
        uint64_t off = rng_below(&rng, (size_t) LEN - sizeof buf);
        if (rove_view_read(&r->view, off, buf, sizeof buf, NULL) != ROVE_OK)
            r->failed++;
        else if (!text_is(buf, 6, off, sizeof buf))
            r->wrong++;
        r->reads++;
    }
    rove_view_fini(&r->view);
    return NULL;
}

static void threads_read_one_sleeping_rope(void)
{
    begin(LIMIT);
    struct rove_rope rope;
    struct reader readers[THREADS];
    pthread_t threads[THREADS];
    rope_of_text(&rope, 6);
    for (size_t i = 0; i < THREADS; i++)
        readers[i] = (struct reader){.view = view_of(&rope, 0, LEN), .seed = suite_seed() + i};
    for (size_t i = 0; i < THREADS; i++)
        if (!CHECK(pthread_create(&threads[i], NULL, read_all_the_time, &readers[i]) == 0))
            exit(2);
    struct rove_rope mine; // the rope itself goes on meanwhile
    rove_rope_clone(&mine, &rope);
    for (int i = 0; i < 200; i++)
        CHECK_OK(rove_rope_overwrite(&mine, (uint64_t) i * 30011, "changed", 7));
    CHECK(run_is(&mine, 200 * 30011, 6, 200 * 30011, LEN - 200 * 30011));
    rove_rope_fini(&mine);
    rove_rope_fini(&rope);
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CHECK_EQ(0, readers[i].wrong);
        CHECK_EQ(0, readers[i].failed);
    }
    end();
}

struct half {
    struct rove_rope *rope;
    uint8_t byte;
};

static void *write_half(void *arg)
{
    const struct half *half = arg;
    uint64_t len = rove_rope_len(half->rope);
    for (uint64_t i = 0; i < 100000; i++)
        if (rove_rope_overwrite(half->rope, i % len, &half->byte, 1) != ROVE_OK)
            return NULL;
    return arg;
}

// The two parts of a rope that was split have a chunk in common, and bytes of their own.
static void threads_write_their_bytes_of_one_chunk(void)
{
    struct rove_rope left, right;
    struct half halves[2] = {{&left, 'l'}, {&right, 'r'}};
    pthread_t threads[2];
    begin(LIMIT);
    rope_of_text(&left, 1);
    CHECK_OK(rove_rope_truncate(&left, CHUNK));
    CHECK_OK(rove_rope_split(&left, CHUNK / 2, &right));
    for (int i = 0; i < 2; i++)
        if (!CHECK(pthread_create(&threads[i], NULL, write_half, &halves[i]) == 0))
            exit(2);
    for (int i = 0; i < 2; i++) {
        void *done = NULL;
        pthread_join(threads[i], &done);
        CHECK(done == &halves[i]);
    }
    for (int i = 0; i < 2; i++) {
        uint8_t got[CHUNK / 2], due[CHUNK / 2];
        memset(due, halves[i].byte, sizeof due);
        CHECK_OK(rove_rope_read(halves[i].rope, 0, got, sizeof got, NULL));
        CHECK(memcmp(got, due, sizeof got) == 0);
        rove_rope_fini(halves[i].rope);
    }
    end();
}

// Streams that stand in a chunk each, as many as may be kept awake for them, so that the next one shows a copy.
static unsigned stand(struct rove_rope *rope, struct rove_stream *standers[LIMIT / CHUNK])
{
    unsigned cnt = 0;
    for (; cnt < LIMIT / CHUNK / 4; cnt++) {
        struct rove_rope clone;
        uint8_t byte;
        rove_rope_clone(&clone, rope);
        CHECK_OK(rove_stream_from_rope(&clone, &standers[cnt]));
        rove_rope_fini(&clone);
        CHECK_OK(rove_stream_seek(standers[cnt], (int64_t) (cnt * CHUNK), ROVE_SET, NULL));
        CHECK_OK(rove_stream_read(standers[cnt], &byte, 1, NULL));
    }
    return cnt;
}

static void what_is_written_under_a_copy_is_read(void)
{
    struct rove_stream *standers[LIMIT / CHUNK], *s;
    struct rove_rope rope, mine;
    uint8_t got[8];
    begin(LIMIT);
    rope_of_text(&rope, 1);
    rope_of_text(&mine, 2);
    CHECK_OK(rove_stream_from_rope(&mine, &s));
    unsigned cnt = stand(&rope, standers);
    for (uint64_t off = 1000; off + CHUNK < LEN; off += LEN / 7) {
        CHECK_OK(rove_stream_seek(s, (int64_t) off, ROVE_SET, NULL));
        CHECK_OK(rove_stream_read(s, got, 1, NULL));
        CHECK_OK(rove_stream_pwrite(s, off + 1, "abc", 3));
        CHECK_OK(rove_stream_read(s, got, 2, NULL));
        CHECK(memcmp(got, "ab", 2) == 0);
        CHECK_OK(rove_stream_write(s, "xyz", 3));
        CHECK_OK(rove_stream_pread(s, off + 1, got, 6, NULL));
        CHECK(memcmp(got, "abxyz", 5) == 0 && text_is(got + 5, 2, off + 6, 1));
    }
    for (unsigned i = 0; i < cnt; i++)
        rove_stream_free(standers[i]);
    rove_stream_free(s);
    rove_rope_fini(&mine);
    rove_rope_fini(&rope);
    end();
}

// Each chunk was in the file already when it is written through a window.
static void what_a_window_changes_is_not_lost_in_sleep(void)
{
    struct rove_stream *s;
    struct rove_rope mine;
    begin(LIMIT);
    rope_of_text(&mine, 2);
    CHECK_OK(rove_stream_from_rope(&mine, &s));
    for (char c = 'a'; c <= 'c'; c++) {
        for (uint64_t off = 100; off < LEN; off += CHUNK) {
            CHECK_OK(rove_stream_seek(s, (int64_t) off, ROVE_SET, NULL));
            CHECK_OK(rove_stream_write(s, &c, 1));
            CHECK_OK(rove_stream_write(s, &c, 1));
        }
        for (uint64_t off = 100; off < LEN; off += CHUNK) {
            char got[4] = "";
            CHECK_OK(rove_stream_pread(s, off - 1, got, 4, NULL));
            CHECK(got[1] == c && got[2] == c && text_is(got, 2, off - 1, 1) &&
                  text_is(got + 3, 2, off + 2, 1));
        }
    }
    rove_stream_free(s);
    rove_rope_fini(&mine);
    end();
}

// Such a stream has little room to show what cannot stay awake; it reads all the same.
static void a_stream_of_a_pool_that_does_not_spill(void)
{
    struct rove_stream *standers[LIMIT / CHUNK], *s;
    struct rove_rope rope;
    const uint8_t *ptr;
    size_t len = 0;
    begin(LIMIT);
    rope_of_text(&rope, 1);
    struct rove_view view = view_of(&rope, 0, LEN);
    CHECK_OK(rove_stream_new(NULL, &s));
    CHECK_OK(rove_stream_write_view(s, &view));
    unsigned cnt = stand(&rope, standers);
    CHECK_OK(rove_stream_seek(s, LEN / 2, ROVE_SET, NULL));
    for (uint64_t off = LEN / 2; off < LEN / 2 + 2 * CHUNK; off += len) {
        CHECK_OK(rove_stream_peek(s, &ptr, &len));
        CHECK(len > 0 && len <= 8 && text_is(ptr, 1, off, len));
        CHECK_OK(rove_stream_seek(s, (int64_t) len, ROVE_CUR, NULL));
    }
    for (unsigned i = 0; i < cnt; i++)
        rove_stream_free(standers[i]);
    rove_stream_free(s);
    rove_view_fini(&view);
    rove_rope_fini(&rope);
    end();
}

static const struct suite_case cases[] = {
    SUITE_CASE(sharing_edits_wake_next_to_nothing), SUITE_CASE(views_ask_sleeping_bytes),
    SUITE_CASE(digests_of_sleeping_bytes),          SUITE_CASE(one_chain_for_many_sleeping_streams),
    SUITE_CASE(threads_write_their_bytes_of_one_chunk),
    SUITE_CASE(threads_read_one_sleeping_rope),     SUITE_CASE(what_is_written_under_a_copy_is_read),
    SUITE_CASE(what_a_window_changes_is_not_lost_in_sleep),
    SUITE_CASE(a_stream_of_a_pool_that_does_not_spill),
};

int main(int argc, char **argv)
{
    return suite_run(
        argc, argv,
        &(struct suite){"test_spill_above", cases, sizeof cases / sizeof *cases, false});
}
