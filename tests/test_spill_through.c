// SPDX-License-Identifier: MIT
// test_spill_through.c: reading what sleeps without waking it: what wakes and what does not, what it costs
// in calls of the system, that nothing old and nothing damaged is read, and threads.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/os.h"
#include "chunk/layout.h"
#include "spill_kit.h"
#include "support/edits.h"
#include "support/suite.h"

#define PIECE ((size_t) 16384)
#define CHUNK (4 * PIECE)
#define LIMIT ((uint64_t) 32 * CHUNK)
#define LEN ((uint64_t) 8 * LIMIT)
#define THREADS 4

static struct rove_pool *pool;
static struct rove_rope rope, early; // what was there before is awake, and the rope sleeps

static uint8_t buf[2 * CHUNK];

static void begin_in(const char *dir, size_t chunk_len)
{
    struct kit_pool how = {.chunk_len = chunk_len,
                           .limit = LIMIT,
                           .flags = ROVE_POOL_SPILL,
                           .watched = true,
                           .dir = dir};
    pool = kit_pool_new(&how);
    rove_rope_init(&early, pool);
    CHECK_OK(text_append(&early, 2, 0, LIMIT, chunk_len));
    rove_rope_init(&rope, pool);
    CHECK_OK(text_append(&rope, 1, 0, LEN, chunk_len)); // full chunks from the first on
    CHECK(kit_figures(pool).sleeping_cnt * chunk_len >= LEN - LIMIT);
}

static void begin(void)
{
    begin_in(NULL, CHUNK);
}

static void end(void)
{
    rove_rope_fini(&rope);
    rove_rope_fini(&early);
    kit_check_peak(pool);
    CHECK_EQ(0, kit_pins(pool));
    rove_pool_unref(pool);
}

static uint64_t wakes(void)
{
    return kit_figures(pool).wake_cnt;
}

static struct rove_stream *stream_of_rope(void)
{
    struct rove_rope clone;
    struct rove_stream *stream = NULL;
    rove_rope_clone(&clone, &rope);
    CHECK_OK(rove_stream_from_rope(&clone, &stream));
    rove_rope_fini(&clone);
    return stream;
}

// Counts calls from here on; none fails.
static void count_calls(void)
{
    struct kit_plan none = {.err = 0};
    kit_os_arm(&none);
}

// what wakes --------------------------------------------------------------------------------------

static bool read_whole(uint64_t off, size_t len)
{
    size_t n;
    return rove_rope_read(&rope, off, buf, len, &n) == ROVE_OK && n == len &&
           text_is(buf, 1, off, len);
}

static void scan_rope(size_t step)
{
    bool same = true;
    for (uint64_t off = 0; off < LEN; off += step)
        same = same && read_whole(off, LEN - off < step ? (size_t) (LEN - off) : step);
    CHECK(same);
}

static void scan_stream(size_t step)
{
    struct rove_stream *stream = stream_of_rope();
    uint64_t off = 0;
    size_t n;
    enum rove_status status;
    bool same = true;
    do {
        status = rove_stream_read(stream, buf, step, &n);
        same = same && text_is(buf, 1, off, n);
        off += n;
    } while (status == ROVE_OK);
    CHECK_IS(ROVE_END, status);
    CHECK(same && off == LEN);
    rove_stream_free(stream);
}

// Whatever the steps are, and however often it is gone through. A stream's own piece may take the place of a
// chunk that is awake.
static void a_scan_wakes_nothing(void)
{
    static const size_t steps[] = {100, 4096, PIECE, PIECE + 1, CHUNK, 100000};
    static const size_t chunk_lens[] = {4096, PIECE, CHUNK, 4 * CHUNK};
    for (size_t c = 0; c < sizeof chunk_lens / sizeof *chunk_lens; c++) {
        begin_in(NULL, chunk_lens[c]);
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
            uint64_t before = wakes();
            count_calls();
            scan_rope(steps[i]);
            CHECK_EQ(0, kit_os_calls(KIT_PWRITE));
            CHECK_EQ(0, kit_os_calls(KIT_MADVISE));
            scan_stream(steps[i]);
            kit_os_off();
            CHECK_EQ(before, wakes());
        }
        end();
    }
}

// In steps of any length, each piece comes once; whole ones that lie side by side come in one call.
static void each_piece_is_read_once(void)
{
    begin();
    count_calls();
    scan_rope(100);
    CHECK(kit_os_calls(KIT_PREAD) <= LEN / PIECE && kit_os_calls(KIT_PREAD) > (LEN - LIMIT) / PIECE);
    count_calls();
    scan_rope(2 * CHUNK);
    CHECK(kit_os_calls(KIT_PREAD) <= LEN / CHUNK && kit_os_calls(KIT_PREAD) > (LEN - LIMIT) / CHUNK);
    count_calls();
    scan_stream(100);
    CHECK(kit_os_calls(KIT_PREAD) <= LEN / PIECE);
    kit_os_off();
    end();
}

// Streams side by side do not take each other's piece.
static void streams_in_turn_read_each_piece_once(void)
{
    begin();
    enum { CNT = 3 };
    struct rove_stream *streams[CNT];
    uint64_t asleep = kit_figures(pool).sleeping_cnt;
    for (int i = 0; i < CNT; i++)
        streams[i] = stream_of_rope();
    count_calls();
    bool same = true;
    for (uint64_t off = 0; off < LEN / 2; off += 1024)
        for (int i = 0; i < CNT; i++)
            same = same && rove_stream_read(streams[i], buf, 1024, NULL) == ROVE_OK &&
                   text_is(buf, 1, off, 1024);
    CHECK(same);
    CHECK(kit_os_calls(KIT_PREAD) <= CNT * (CHUNK / PIECE) * asleep);
    kit_os_off();
    for (int i = 0; i < CNT; i++)
        rove_stream_free(streams[i]);
    end();
}

// What fits into memory and is read again and again is awake in the end, and costs no calls.
static void what_is_read_again_and_again_wakes(void)
{
    begin();
    struct rng rng = rng_from(suite_seed());
    bool same = true;
    for (int i = 0; i < 4000; i++)
        same = same && read_whole(rng_below(&rng, LIMIT / 4 - 64), 64);
    CHECK(same);
    CHECK(wakes() >= LIMIT / 4 / CHUNK);
    count_calls();
    for (int i = 0; i < 200; i++)
        same = same && read_whole(rng_below(&rng, LIMIT / 4 - 64), 64);
    CHECK(same);
    CHECK_EQ(0, kit_os_calls(KIT_PREAD));
    kit_os_off();
    end();
}

// Here and there in far more than memory: what would soon sleep again is not woken.
static void what_is_read_here_and_there_sleeps_on(void)
{
    begin();
    struct rng rng = rng_from(suite_seed());
    bool same = true;
    for (int i = 0; i < 4000; i++)
        same = same && read_whole(rng_below(&rng, (size_t) LEN - 64), 64);
    CHECK(same);
    CHECK(wakes() < 4000 / 20);
    end();
}

// What is written to wakes, and is read as it was written, however often it has slept meanwhile.
static void nothing_old_is_read(void)
{
    begin();
    bool same = true;
    for (uint8_t round = 1; round < 20; round++) {
        uint64_t off = 3 * PIECE + 17;
        uint8_t got = 0;
        same = same && read_whole(off - 1, 1) && read_whole(off + 1, 99); // the pool has this piece
        CHECK_OK(rove_rope_overwrite(&rope, off, &round, 1));
        uint64_t before = wakes();
        for (uint64_t at = LIMIT; at < 3 * LIMIT; at += CHUNK) // drives it out
            CHECK_OK(rove_rope_overwrite(&rope, at, memset(buf, round, 8), 8));
        CHECK(wakes() > before);
        CHECK_OK(rove_rope_read(&rope, off, &got, 1, NULL));
        CHECK_EQ(round, got);
    }
    CHECK(same);
    end();
}

// budget ------------------------------------------------------------------------------------------

// Streams that stand on sleeping bytes take a quarter of the limit at most; the others do with less. All
// of it comes back.
static void streams_that_stand_keep_to_a_quarter(void)
{
    enum { CNT = 200 };
    begin();
    static struct rove_stream *streams[CNT];
    bool same = true;
    uint64_t held = kit_figures(pool).held, room = LIMIT / CHUNK * CHUNK;
    CHECK(held <= room);
    for (unsigned i = 0; i < CNT; i++) {
        uint64_t off = i * 3 * PIECE + i;
        streams[i] = stream_of_rope();
        CHECK_OK(rove_stream_seek(streams[i], (int64_t) off, ROVE_SET, NULL));
        same = same && rove_stream_read(streams[i], buf, 10, NULL) == ROVE_OK &&
               text_is(buf, 1, off, 10);
        CHECK(rv_figure_get(&pool->budget->lent) <= pool->budget->limit / RV_LEND_SHARE);
    }
    CHECK(rv_figure_get(&pool->budget->lent) + CHUNK > pool->budget->limit / RV_LEND_SHARE);
    for (unsigned i = 0; i < CNT; i++) {
        uint64_t off = i * 3 * PIECE + i + 10;
        same = same && rove_stream_read(streams[i], buf, 20000, NULL) == ROVE_OK &&
               text_is(buf, 1, off, 20000);
    }
    CHECK(same);
    for (unsigned i = 0; i < CNT; i++)
        rove_stream_free(streams[i]);
    CHECK_EQ(0, rv_figure_get(&pool->budget->lent));
    end();
}

// A stream that comes to bytes which are awake, or to the end, gives its piece back.
static void a_stream_gives_its_piece_back(void)
{
    begin();
    struct rove_stream *stream = stream_of_rope();
    CHECK_OK(rove_stream_read(stream, buf, 10, NULL));
    CHECK_EQ(PIECE, rv_figure_get(&pool->budget->lent));
    CHECK_OK(rove_stream_seek(stream, 0, ROVE_FROM_END, NULL));
    CHECK_IS(ROVE_END, rove_stream_read(stream, buf, 10, NULL));
    CHECK_EQ(0, rv_figure_get(&pool->budget->lent));
    rove_stream_free(stream);
    end();
}

// damage ------------------------------------------------------------------------------------------

typedef enum rove_status read_fn(uint64_t off, size_t len);

static enum rove_status by_rope(uint64_t off, size_t len)
{
    return rove_rope_read(&rope, off, buf, len, NULL);
}

static enum rove_status by_view(uint64_t off, size_t len)
{
    struct rove_view view;
    CHECK_OK(rove_rope_view(&rope, off, len, &view));
    enum rove_status status = rove_view_read(&view, 0, buf, len, NULL);
    rove_view_fini(&view);
    return status;
}

static enum rove_status by_stream(uint64_t off, size_t len)
{
    struct rove_stream *stream = stream_of_rope();
    CHECK_OK(rove_stream_seek(stream, (int64_t) off, ROVE_SET, NULL));
    enum rove_status status = rove_stream_read(stream, buf, len, NULL);
    rove_stream_free(stream);
    return status;
}

static enum rove_status by_bytes(uint64_t off, size_t len)
{
    struct rove_stream *stream = stream_of_rope();
    CHECK_OK(rove_stream_seek(stream, (int64_t) off, ROVE_SET, NULL));
    enum rove_status status = ROVE_OK;
    for (size_t i = 0; i < len && status == ROVE_OK; i++)
        status = rove_stream_read(stream, buf + i, 1, NULL);
    rove_stream_free(stream);
    return status;
}

static enum rove_status by_pread(uint64_t off, size_t len)
{
    struct rove_stream *stream = stream_of_rope();
    enum rove_status status = rove_stream_pread(stream, off, buf, len, NULL);
    rove_stream_free(stream);
    return status;
}

static const struct {
    read_fn *read;
    size_t before, len; // of the byte, and in all
} ways[] = {
    {by_rope, 0, CHUNK},    {by_rope, 30, 60},      {by_view, 0, 2 * PIECE}, {by_view, 5, 10},
    {by_stream, 0, CHUNK},  {by_stream, 100, 3000}, {by_bytes, 100, 200},    {by_pread, 7, 8},
    {by_pread, 0, PIECE},
};

// Where the text's byte number off lies in the file.
static off_t place_of_byte(int fd, uint64_t off)
{
    uint8_t want[64], got[64];
    text_fill(want, 1, off, sizeof want);
    bool in_the_file = false;
    off_t at = (off_t) (off % CHUNK);
    while (!in_the_file && pread(fd, got, sizeof got, at) == (ssize_t) sizeof got) {
        in_the_file = memcmp(want, got, sizeof got) == 0;
        at += in_the_file ? 0 : (off_t) CHUNK;
    }
    CHECK(in_the_file);
    return in_the_file ? at : 0;
}

static void flip(int fd, off_t at)
{
    uint8_t byte;
    CHECK(pread(fd, &byte, 1, at) == 1);
    byte ^= 4;
    CHECK(pwrite(fd, &byte, 1, at) == 1);
}

// A flipped bit is reported by every way of reading, and no damaged byte is left where others were to be;
// what lies in other pieces can be read; and so can all when the bit is as it was.
static void damage_is_reported_by_every_way(void)
{
    char dir[64];
    kit_dir_make(dir);
    begin_in(dir, CHUNK);
    int fd = kit_spill_fd(dir);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        uint64_t chunk_off = (i + 3) * CHUNK, off = chunk_off + ways[i].before;
        uint64_t start = off - ways[i].before;
        off_t at = place_of_byte(fd, off);
        flip(fd, at);
        memset(buf, 0, sizeof buf);
        CHECK_IS(ROVE_E_CHECKSUM, ways[i].read(start, ways[i].len));
        uint8_t right;
        text_fill(&right, 1, off, 1);
        CHECK(buf[ways[i].before] != (right ^ 4));
        CHECK_OK(ways[i].read(chunk_off + PIECE, PIECE - 1));
        CHECK(text_is(buf, 1, chunk_off + PIECE, PIECE - 1));
        CHECK_IS(ROVE_E_CHECKSUM, ways[i].read(start, ways[i].len));
        flip(fd, at);
        CHECK_OK(ways[i].read(start, ways[i].len));
        CHECK(text_is(buf, 1, start, ways[i].len));
    }
    end();
    kit_dir_remove(dir);
}

// Errors of the disk are told with errno, short reads and interruptions are gone on with.
static void errors_are_told_by_every_way(void)
{
    static const int errs[] = {EIO, EINTR, KIT_SHORT, KIT_NOTHING};
    begin();
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        for (size_t e = 0; e < sizeof errs / sizeof *errs; e++) {
            uint64_t start = (40 * i + 10 * e + 3) * PIECE % (LEN / 2);
            bool forgiven = errs[e] == EINTR || errs[e] == KIT_SHORT;
            kit_os_arm(&(struct kit_plan){.call = KIT_PREAD, .err = errs[e], .at = 1, .times = 1});
            errno = 0;
            enum rove_status status = ways[i].read(start, ways[i].len);
            int err = errno;
            CHECK_EQ(1, kit_os_injected());
            CHECK_IS(forgiven ? ROVE_OK : ROVE_E_IO, status);
            CHECK(forgiven || err == EIO);
            kit_os_off();
            CHECK_OK(ways[i].read(start, ways[i].len));
            CHECK(text_is(buf, 1, start, ways[i].len));
        }
    end();
}

// writing -----------------------------------------------------------------------------------------

// What is appended beyond the limit goes to the file from where it is; what is small gathers in a tail whose
// memory is used again. No pages come or go.
static void appending_beyond_the_limit_moves_no_pages(void)
{
    static const size_t pieces[] = {CHUNK, 2 * CHUNK, CHUNK + 5, 4096, 4097, 100};
    begin();
    uint64_t len = LEN;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        count_calls();
        CHECK_OK(text_append(&rope, 1, len, 2 * LIMIT, pieces[i]));
        len += 2 * LIMIT;
        uint64_t chunks = 2 * LIMIT / CHUNK;
        CHECK(kit_os_calls(KIT_PWRITE) <= chunks + chunks / 8 + 2);
        CHECK(kit_os_calls(KIT_MADVISE) <= chunks / 2);
        kit_os_off();
    }
    text_check_rope(&rope, 1);
    end();
}

// Counts the pieces of the file between which it has no bytes; one where the file system tells of no holes.
static unsigned extents(int fd)
{
    unsigned cnt = 0;
    for (off_t at = lseek(fd, 0, SEEK_DATA); at >= 0; at = lseek(fd, at, SEEK_DATA)) {
        cnt++;
        at = lseek(fd, at, SEEK_HOLE);
    }
    return cnt;
}

// What comes in order lies in the file in order: what was there before makes way for the nodes and heads that there are
// more and more of, and no chunk takes that room in the middle of the rest.
static void what_is_appended_leaves_no_holes(void)
{
    static const size_t lens[] = {16 << 10, CHUNK, 4 * CHUNK};
    char dir[64];
    kit_dir_make(dir);
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        struct kit_pool how = {.chunk_len = lens[i], .limit = 8 * LIMIT, .flags = ROVE_POOL_SPILL, .dir = dir};
        pool = kit_pool_new(&how);
        rove_rope_init(&rope, pool);
        CHECK_OK(text_append(&rope, 1, 0, 16 * how.limit, lens[i]));
        CHECK(extents(kit_spill_fd(dir)) <= 2); // what made way, and the rest
        rove_rope_fini(&rope);
        kit_check_peak(pool);
        rove_pool_unref(pool);
    }
    kit_dir_remove(dir);
}

// A write that fails at any place leaves the rope as it was, and what comes then is all there.
static void appending_to_a_failing_file_loses_nothing(void)
{
    static const size_t pieces[] = {2 * CHUNK, 5 * CHUNK + 77, 30000, 100};
    begin();
    uint64_t len = LEN, failed = 0;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        for (unsigned at = 1; at <= 12; at++) {
            kit_os_arm(&(struct kit_plan){.call = KIT_PWRITE, .err = ENOSPC, .at = at, .times = at % 4});
            for (int k = 0; k < 40; k++) {
                enum rove_status status = text_append(&rope, 1, len, pieces[i], pieces[i]);
                len += status == ROVE_OK ? pieces[i] : 0;
                failed += status != ROVE_OK;
                CHECK_EQ(len, rove_rope_len(&rope));
            }
            kit_os_off();
            CHECK_SOUND(&rope);
        }
    CHECK(failed > 0);
    text_check_rope(&rope, 1);
    end();
}

// Where others see the tail, or hold what was reserved in it, it stays what it is.
static void a_tail_that_makes_way_stays_whole_for_others(void)
{
    begin();
    struct rng rng = rng_from(suite_seed());
    uint64_t len = LEN;
    bool same = true;
    for (uint64_t i = 0; i < 400; i++) {
        struct rove_rope clone;
        struct rove_view view;
        size_t n = 1 + rng_below(&rng, rng_below(&rng, 4) ? 5000 : 90000), got;
        uint8_t *to;
        bool seen = rng_below(&rng, 8) == 0;
        if (seen) {
            rove_rope_clone(&clone, &rope);
            CHECK_OK(rove_rope_view(&rope, len - 10, 10, &view));
        }
        if (n % 3) {
            CHECK_OK(text_append(&rope, 1, len, n, n));
        } else {
            CHECK_OK(rove_rope_reserve(&rope, n, &to, &got));
            n = got < n ? got : n;
            text_fill(to, 1, len, n);
            CHECK_OK(rove_rope_commit(&rope, n));
        }
        if (seen) {
            same = same && rove_view_read(&view, 0, buf, 10, NULL) == ROVE_OK &&
                   text_is(buf, 1, len - 10, 10);
            CHECK_OK(text_append(&clone, 1, len, 3000, 3000));
            same = same && rove_rope_read(&clone, len - 50, buf, 3050, NULL) == ROVE_OK &&
                   text_is(buf, 1, len - 50, 3050);
            rove_view_fini(&view);
            rove_rope_fini(&clone);
        }
        len += n;
        if (rng_below(&rng, 20) == 0) {
            uint64_t less = rng_below(&rng, 3 * CHUNK);
            CHECK_OK(rove_rope_truncate(&rope, len - less));
            len -= less;
        }
        size_t back = 1 + rng_below(&rng, 2 * CHUNK);
        same = same && rove_rope_read(&rope, len - back, buf, back, NULL) == ROVE_OK &&
               text_is(buf, 1, len - back, back);
    }
    CHECK(same);
    CHECK_SOUND(&rope);
    text_check_rope(&rope, 1);
    end();
}

// threads -----------------------------------------------------------------------------------------

struct reader {
    struct rove_view view;
    struct rove_stream *stream;
    uint64_t seed, wrong, failed;
};

// Some places again and again, others rarely; parts, whole pieces, more; now and then by a cursor or the
// stream.
static void *read_in_all_ways(void *arg)
{
    struct reader *r = arg;
    struct rng rng = rng_from(r->seed);
    uint8_t *to = malloc(CHUNK);
    for (uint64_t i = 0; i < suite_scaled(8000); i++) {
        size_t len = rng_below(&rng, 3) ? 1 + rng_below(&rng, 5000) : CHUNK;
        uint64_t range = rng_below(&rng, 2) ? LIMIT / 4 : LEN - 3 * CHUNK;
        uint64_t off = rng_below(&rng, (size_t) range);
        if (len == CHUNK)
            off = off / PIECE * PIECE;
        enum rove_status status;
        if (i % 4) {
            status = rove_view_read(&r->view, off, to, len, NULL);
        } else {
            status = rove_stream_seek(r->stream, (int64_t) off, ROVE_SET, NULL);
            if (status == ROVE_OK)
                status = rove_stream_read(r->stream, to, len, NULL);
        }
        r->failed += status != ROVE_OK;
        r->wrong += status == ROVE_OK && !text_is(to, 1, off, len);
    }
    rove_view_fini(&r->view);
    rove_stream_free(r->stream);
    free(to);
    return NULL;
}

static void show_some(struct rove_rope *mine, struct rng *rng)
{
    struct rove_view view;
    struct rove_cursor cursor;
    struct rove_span span;
    CHECK_OK(rove_rope_view(mine, 0, LEN, &view));
    CHECK_OK(rove_cursor_init(&cursor, &view, rng_below(rng, (size_t) LEN / 2)));
    for (int i = 0; i < 20; i++)
        CHECK_OK(rove_cursor_next(&cursor, &span));
    rove_cursor_fini(&cursor);
    rove_view_fini(&view);
}

// Meanwhile what is read is woken and put to sleep by another, who writes to copies and behind an end that
// lies in a chunk of theirs, and has it shown.
static void write_meanwhile(uint64_t rounds)
{
    struct rng rng = rng_from(suite_seed() + 99);
    for (uint64_t i = 0; i < rounds; i++) {
        struct rove_rope mine;
        rove_rope_clone(&mine, &rope);
        CHECK_OK(rove_rope_append(&mine, "more", 4));
        for (int k = 0; k < 40; k++)
            CHECK_OK(rove_rope_overwrite(&mine, rng_below(&rng, (size_t) LEN - 8), "changed", 7));
        show_some(&mine, &rng);
        rove_rope_fini(&mine);
    }
}

static void threads_read_while_others_wake_and_sleep(void)
{
    begin();
    struct reader readers[THREADS];
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        readers[i] = (struct reader){.seed = suite_seed() + i, .stream = stream_of_rope()};
        CHECK_OK(rove_rope_view(&rope, 0, LEN, &readers[i].view));
    }
    for (size_t i = 0; i < THREADS; i++)
        if (!CHECK(pthread_create(&threads[i], NULL, read_in_all_ways, &readers[i]) == 0))
            exit(2);
    write_meanwhile(1 + suite_scaled(400));
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CHECK_EQ(0, readers[i].wrong);
        CHECK_EQ(0, readers[i].failed);
    }
    CHECK(wakes() > 10);
    end();
}

// ahead -------------------------------------------------------------------------------------------

static struct {
    uint64_t asked_cnt, most; // of the kernel, and bytes beyond the read for which it was asked
    uint64_t end;             // of what was asked for, until it is read; 0: nothing is
    unsigned own_cnt;         // times it was left to the kernel how far it reads
} ahead;

static int note_advice(int fd, off_t off, off_t len, int advice)
{
    ahead.own_cnt += advice == POSIX_FADV_NORMAL || advice == POSIX_FADV_SEQUENTIAL;
    if (advice == POSIX_FADV_WILLNEED) {
        ahead.asked_cnt++;
        ahead.end = (uint64_t) (off + len);
    }
    return rv_os_real.fadvise(fd, off, len, advice);
}

static ssize_t note_read(int fd, void *to, size_t len, off_t off)
{
    if (ahead.end && ahead.most < ahead.end - ((uint64_t) off + len))
        ahead.most = ahead.end - ((uint64_t) off + len);
    ahead.end = 0;
    return rv_os_real.pread(fd, to, len, off);
}

// What is on its way from the disk counts in a container: it is a small part of the limit. Read in
// order much is asked for, here and there nothing.
static void little_is_read_ahead(void)
{
    struct rv_os table = rv_os_real;
    table.fadvise = note_advice;
    table.pread = note_read;
    rv_os_set(&table);
    begin();
    ahead.asked_cnt = 0;
    for (uint64_t off = 0; off < LEN; off += PIECE)
        CHECK_OK(rove_rope_read(&rope, off, buf, PIECE, NULL));
    CHECK(ahead.asked_cnt > LEN / 2 / (512 << 10));
    CHECK(ahead.most > 0 && ahead.most <= 2 * (128 << 10));
    CHECK_EQ(0, ahead.own_cnt);
    ahead.asked_cnt = 0;
    struct rng rng = rng_from(suite_seed());
    for (int i = 0; i < 200; i++)
        CHECK_OK(rove_rope_read(&rope, PIECE / 2 + PIECE * rng_below(&rng, LEN / PIECE - 1), buf,
                                64, NULL));
    CHECK(ahead.asked_cnt < 20);
    end();
    rv_os_set(NULL);
}

static const struct suite_case cases[] = {
    SUITE_CASE(a_scan_wakes_nothing),
    SUITE_CASE(little_is_read_ahead),
    SUITE_CASE(each_piece_is_read_once),
    SUITE_CASE(streams_in_turn_read_each_piece_once),
    SUITE_CASE(what_is_read_again_and_again_wakes),
    SUITE_CASE(what_is_read_here_and_there_sleeps_on),
    SUITE_CASE(nothing_old_is_read),
    SUITE_CASE(streams_that_stand_keep_to_a_quarter),
    SUITE_CASE(a_stream_gives_its_piece_back),
    SUITE_CASE(damage_is_reported_by_every_way),
    SUITE_CASE(errors_are_told_by_every_way),
    SUITE_CASE(appending_beyond_the_limit_moves_no_pages),
    SUITE_CASE(what_is_appended_leaves_no_holes),
    SUITE_CASE(appending_to_a_failing_file_loses_nothing),
    SUITE_CASE(a_tail_that_makes_way_stays_whole_for_others),
    SUITE_CASE(threads_read_while_others_wake_and_sleep),
};

int main(int argc, char **argv)
{
    return suite_run(
        argc, argv,
        &(struct suite){"test_spill_through", cases, sizeof cases / sizeof *cases, false});
}
