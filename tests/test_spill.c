// SPDX-License-Identifier: MIT
// test_spill.c: content many times larger than the memory it may have.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "chunk/slab.h"
#include "spill_kit.h"
#include "support/amount.h"
#include "support/edits.h"
#include "support/shapes.h"
#include "support/suite.h"

#define MIB ((uint64_t) 1 << 20)
#define TIMES 20 // content over memory

static const struct kit_pool shapes[] = {
    {.chunk_len = 4096, .limit = 256 << 10, .flags = ROVE_POOL_SPILL},
    {.chunk_len = 16384, .limit = 512 << 10, .flags = ROVE_POOL_SPILL},
    {.chunk_len = 65536, .limit = 1 << 20, .flags = ROVE_POOL_SPILL},
    {.chunk_len = 65536, .limit = 8 << 20, .flags = ROVE_POOL_SPILL},
};
#define SHAPES (sizeof shapes / sizeof *shapes)

static struct rove_pool *pool;
static struct kit_pool shape;

// Runs a case on a fresh pool of every shape, on the watched allocator. The largest holds four fifths of all
// bytes, and is left out where amounts are scaled down.
static void on_each_shape(void (*run)(void))
{
    for (size_t i = 0; i < (suite_scaled(2) < 2 ? SHAPES - 1 : SHAPES); i++) {
        shape = shapes[i];
        shape.watched = true;
        pool = kit_pool_new(&shape);
        run();
        kit_check_peak(pool);
        CHECK_EQ(0, kit_figures(pool).sleeping_cnt);
        CHECK_EQ(0, kit_figures(pool).live_cnt);
        CHECK_EQ(0, kit_figures(pool).pinned_cnt);
        rove_pool_unref(pool);
    }
}

static uint64_t much(void)
{
    return TIMES * shape.limit;
}

static struct rove_stream *stream_of_text(uint64_t seed, uint64_t len)
{
    struct rove_stream *stream;
    uint8_t buf[5000];
    if (!CHECK_OK(rove_stream_new(pool, &stream)))
        abort();
    for (uint64_t off = 0; off < len;) {
        size_t n = len - off < sizeof buf ? (size_t) (len - off) : sizeof buf;
        text_fill(buf, seed, off, n);
        if (!CHECK_OK(rove_stream_write(stream, buf, n)))
            break;
        off += n;
    }
    return stream;
}

static void expect_text(struct rove_stream *stream, uint64_t seed, uint64_t len)
{
    static uint8_t buf[70000];
    uint64_t off = 0;
    size_t n;
    enum rove_status status;
    bool same = true;
    do {
        status = rove_stream_read(stream, buf, sizeof buf, &n);
        same = same && text_is(buf, seed, off, n);
        off += n;
    } while (status == ROVE_OK);
    CHECK_IS(ROVE_END, status);
    CHECK(same);
    CHECK_EQ(len, off);
}

// streams ---------------------------------------------------------------------------------------

static void write_then_read(void)
{
    struct rove_stream *stream = stream_of_text(1, much());
    struct rove_pool_figures before = kit_figures(pool);
    CHECK(before.sleeping_cnt * shape.chunk_len > much() - shape.limit);
    for (int round = 0; round < 2; round++) {
        CHECK_OK(rove_stream_seek(stream, 0, ROVE_SET, NULL));
        expect_text(stream, 1, much());
    }
    rove_stream_free(stream);
}

static void sequential_write_then_sequential_read(void)
{
    on_each_shape(write_then_read);
}

// What is only read need not be written to the file again.
static void read_only(void)
{
    struct rove_stream *stream = stream_of_text(1, much());
    struct kit_plan none = {.err = 0};
    CHECK_OK(rove_stream_seek(stream, 0, ROVE_SET, NULL));
    expect_text(stream, 1, much()); // the last written go out
    kit_os_arm(&none);
    CHECK_OK(rove_stream_seek(stream, 0, ROVE_SET, NULL));
    expect_text(stream, 1, much());
    CHECK_EQ(0, kit_os_calls(KIT_PWRITE));
    CHECK(kit_os_calls(KIT_PREAD) >= (much() - shape.limit) / shape.chunk_len);
    kit_os_off();
    rove_stream_free(stream);
}

static void what_is_only_read_is_not_written_again(void)
{
    on_each_shape(read_only);
}

static void read_here_and_there(void)
{
    struct rove_stream *stream = stream_of_text(2, much());
    struct rng rng = rng_from(suite_seed());
    for (uint64_t i = suite_scaled(3000); i-- > 0;) {
        uint8_t buf[9000];
        size_t len = 1 + rng_below(&rng, sizeof buf), n;
        uint64_t off = rng_below(&rng, much() - len);
        if (i % 2) {
            CHECK_OK(rove_stream_pread(stream, off, buf, len, &n));
        } else {
            CHECK_OK(rove_stream_seek(stream, (int64_t) off, ROVE_SET, NULL));
            CHECK_OK(rove_stream_read(stream, buf, len, &n));
        }
        CHECK(n == len && text_is(buf, 2, off, len));
    }
    rove_stream_free(stream);
}

static void random_reads(void)
{
    on_each_shape(read_here_and_there);
}

// Overwrites a stream of text 3 with text 4, in pieces in random order, until all is text 4.
static void overwrite_all(void)
{
    uint64_t len = much();
    size_t piece = 3001, cnt = (size_t) (len / piece + 1), *order = malloc(cnt * sizeof *order);
    struct rove_stream *stream = stream_of_text(3, len);
    struct rng rng = rng_from(suite_seed());
    uint8_t buf[3001];
    for (size_t i = 0; i < cnt; i++) {
        size_t j = rng_below(&rng, i + 1);
        order[i] = order[j];
        order[j] = i;
    }
    for (size_t i = 0; i < cnt; i++) {
        uint64_t off = order[i] * (uint64_t) piece;
        size_t n = len - off < piece ? (size_t) (len - off) : piece;
        text_fill(buf, 4, off, n);
        if (i % 2) {
            CHECK_OK(rove_stream_pwrite(stream, off, buf, n));
        } else {
            CHECK_OK(rove_stream_seek(stream, (int64_t) off, ROVE_SET, NULL));
            CHECK_OK(rove_stream_write(stream, buf, n));
        }
    }
    free(order);
    CHECK_OK(rove_stream_seek(stream, 0, ROVE_SET, NULL));
    expect_text(stream, 4, len);
    rove_stream_free(stream);
}

static void random_overwrites(void)
{
    on_each_shape(overwrite_all);
}

// One call that moves more than there is memory.
static void one_large_write(void)
{
    size_t len = (size_t) (3 * shape.limit);
    uint8_t *bytes = malloc(len);
    struct rove_stream *stream;
    text_fill(bytes, 5, 0, len);
    CHECK_OK(rove_stream_new(pool, &stream));
    CHECK_OK(rove_stream_write(stream, bytes, len));
    struct iovec iov[3] = {{bytes, 1}, {bytes + 1, len / 2}, {bytes + 1 + len / 2, len / 2 - 1}};
    CHECK_OK(rove_stream_writev(stream, iov, 3));
    memset(bytes, 0, len);
    CHECK_OK(rove_stream_pread(stream, len, bytes, len, NULL));
    CHECK(text_is(bytes, 5, 0, len));
    CHECK_OK(rove_stream_pread(stream, 0, bytes, len, NULL));
    CHECK(text_is(bytes, 5, 0, len));
    text_fill(bytes, 6, 0, len); // over old bytes, and in the middle
    CHECK_OK(rove_stream_pwrite(stream, 100, bytes, len));
    CHECK_OK(rove_stream_seek(stream, 100, ROVE_SET, NULL));
    CHECK_OK(rove_stream_insert(stream, bytes, len));
    memset(bytes, 0, len);
    CHECK_OK(rove_stream_pread(stream, 100 + len, bytes, len, NULL));
    CHECK(text_is(bytes, 6, 0, len));
    struct rove_rope *rope = malloc(sizeof *rope);
    CHECK_OK(rove_stream_steal(stream, rope));
    CHECK_EQ(3 * (uint64_t) len, rove_rope_len(rope));
    CHECK_SOUND(rope);
    rove_rope_fini(rope);
    rove_stream_free(stream);
    free(rope);
    free(bytes);
}

static void one_call_may_move_more_than_there_is_memory(void)
{
    on_each_shape(one_large_write);
}

// Pieces of every length: none may fill the memory with what cannot sleep.
static void middling_pieces(void)
{
    static const size_t per_mille[] = {3, 13, 100, 130, 200, 400, 499, 501, 900, 1300};
    uint8_t *bytes = malloc(2 * shape.chunk_len);
    for (size_t i = 0; i < sizeof per_mille / sizeof *per_mille; i++) {
        size_t len = shape.chunk_len * per_mille[i] / 1000;
        uint64_t total = 0, most = 4 * shape.limit;
        struct rove_rope rope;
        rove_rope_init(&rope, pool);
        CHECK_OK(text_append(&rope, 8, 0, shape.limit, 4096));
        if (most > shape.limit / 600 * len) // nodes and descriptors count, and do not sleep
            most = shape.limit / 600 * len;
        for (uint64_t n = 0; total < most; n++, total += len) {
            text_fill(bytes, 9, 0, len);
            if (!CHECK_OK(rove_rope_insert(&rope, n * 7919 % shape.limit, bytes, len)))
                break;
        }
        CHECK_EQ(shape.limit + total, rove_rope_len(&rope));
        CHECK_SOUND(&rope);
        rove_rope_fini(&rope);
    }
    free(bytes);
}

static void inserts_of_every_length_can_sleep(void)
{
    on_each_shape(middling_pieces);
}

// A queue with a backlog beyond memory goes on for ever in the same file.
static void queue(void)
{
    char dir[64];
    kit_dir_make(dir);
    struct kit_pool how = shape;
    how.dir = dir;
    struct rove_pool *own = kit_pool_new(&how);
    struct rove_rope rope;
    uint8_t buf[4096];
    uint64_t in = 0, out = 0, backlog = 4 * shape.limit, size_then = 0;
    bool same = true;
    rove_rope_init(&rope, own);
    for (; in < 20 * backlog; in += sizeof buf) {
        text_fill(buf, 6, in, sizeof buf);
        if (!CHECK_OK(rove_rope_append(&rope, buf, sizeof buf)))
            break;
        if (in < backlog)
            continue;
        same = rove_rope_read(&rope, 0, buf, sizeof buf, NULL) == ROVE_OK &&
               text_is(buf, 6, out, sizeof buf) && same;
        CHECK_OK(rove_rope_erase(&rope, 0, sizeof buf));
        out += sizeof buf;
        if (out == 2 * backlog)
            size_then = (uint64_t) lseek(kit_spill_fd(dir), 0, SEEK_END);
    }
    CHECK(same);
    uint64_t size_now = (uint64_t) lseek(kit_spill_fd(dir), 0, SEEK_END);
    CHECK(size_then >= backlog - shape.limit && size_then < 2 * backlog + (4 * MIB));
    CHECK(size_now <= size_then + how.limit);
    rove_rope_fini(&rope);
    rove_pool_trim(own);
    CHECK_EQ(0, lseek(kit_spill_fd(dir), 0, SEEK_END)); // and gives the disk back
    kit_check_peak(own);
    rove_pool_unref(own);
    kit_dir_remove(dir);
}

static void a_queue_does_not_make_the_file_grow(void)
{
    on_each_shape(queue);
}

// ropes and views -------------------------------------------------------------------------------

static void snapshots(void)
{
    struct rove_rope rope, clone;
    struct rove_view view[4];
    uint64_t len = much() / 16; // the nodes of both ropes do not sleep
    uint8_t buf[1000];
    rove_rope_init(&rope, pool);
    for (uint64_t i = 0; i < 4; i++) {
        CHECK_OK(text_append(&rope, 7, i * len, len, 3000));
        CHECK_OK(rove_rope_view(&rope, 0, (i + 1) * len, &view[i]));
    }
    rove_rope_clone(&clone, &rope);
    for (uint64_t off = 0; off + 1000 < 4 * len; off += 4 * len / 40) { // each must be copied
        text_fill(buf, 8, off, sizeof buf);
        CHECK_OK(rove_rope_overwrite(&rope, off, buf, sizeof buf));
        CHECK_OK(rove_rope_insert(&clone, off, buf, sizeof buf));
    }
    CHECK_SOUND(&rope);
    CHECK_SOUND(&clone);
    CHECK_OK(rove_rope_read(&rope, 0, buf, sizeof buf, NULL));
    CHECK(text_is(buf, 8, 0, sizeof buf));
    rove_rope_fini(&rope);
    rove_rope_fini(&clone);
    for (int i = 0; i < 4; i++) { // unchanged, and their source is gone
        text_check_view(&view[i], 7);
        rove_view_fini(&view[i]);
    }
}

static void snapshots_of_sleeping_bytes_stay_as_they_are(void)
{
    on_each_shape(snapshots);
}

static void export(void)
{
    struct rove_rope rope;
    struct rove_view view;
    uint64_t len = much() / 2, off = 0;
    rove_rope_init(&rope, pool);
    CHECK_OK(text_append(&rope, 9, 0, len, 4096));
    CHECK_OK(rove_rope_view(&rope, 0, len, &view));
    bool same = true;
    while (off < len) {
        struct iovec iov[1024];
        size_t cnt = 1024;
        uint64_t got = 0, at = off;
        if (!CHECK_OK(rove_view_iov(&view, off, iov, &cnt, &got)) || !CHECK(cnt && got))
            break;
        CHECK(got <= shape.limit / 8 + shape.chunk_len); // what is pinned is bounded
        CHECK(kit_figures(pool).pinned_cnt >= got / shape.chunk_len);
        CHECK_OK(text_append(&rope, 9, rove_rope_len(&rope), shape.limit / 4, 4096)); // meanwhile
        for (size_t i = 0; i < cnt; at += iov[i++].iov_len)
            same = same && text_is(iov[i].iov_base, 9, at, iov[i].iov_len);
        CHECK_EQ(at, off + got);
        rove_view_unpin(&view, off, cnt);
        off = at;
        if (rove_rope_len(&rope) > len + shape.limit)
            CHECK_OK(rove_rope_truncate(&rope, len));
    }
    CHECK(same);
    rove_view_fini(&view);
    rove_rope_fini(&rope);
}

// Makes a rope that has a little of each chunk, from its eighth byte on. Returns of how many.
static uint64_t thin_rope(struct rove_rope *thin, size_t piece)
{
    struct rove_rope rope;
    struct rove_view view;
    uint64_t len = much() / 2, chunks = 0;
    rove_rope_init(&rope, pool);
    rove_rope_init(thin, pool);
    CHECK_OK(text_append(&rope, 9, 0, len, 4096));
    for (; (chunks + 1) * shape.chunk_len <= len; chunks++) {
        CHECK_OK(rove_rope_view(&rope, chunks * shape.chunk_len + 7, piece, &view));
        CHECK_OK(rove_rope_append_view(thin, &view));
        rove_view_fini(&view);
    }
    rove_rope_fini(&rope);
    return chunks;
}

// Little of each chunk: what is pinned are whole chunks all the same.
static void export_short_slices(void)
{
    enum { PIECE = 600 };
    struct rove_rope thin;
    struct rove_view view;
    uint64_t off = 0, chunks = thin_rope(&thin, PIECE);
    CHECK_OK(rove_rope_view(&thin, 0, rove_rope_len(&thin), &view));
    CHECK_EQ(chunks * PIECE, rove_view_len(&view));
    uint64_t rest = kit_figures(pool).pinned_cnt, most = shape.limit / 16 / shape.chunk_len;
    while (off < rove_view_len(&view)) {
        struct iovec iov[1024];
        size_t cnt = 1024;
        uint64_t got = 0;
        if (!CHECK_OK(rove_view_iov(&view, off, iov, &cnt, &got)) || !CHECK(cnt && got))
            break;
        CHECK(kit_figures(pool).pinned_cnt <= rest + (most ? most : 1));
        for (size_t i = 0; i < cnt; i++)
            CHECK(text_is(iov[i].iov_base, 9, (off / PIECE + i) * shape.chunk_len + 7, PIECE));
        rove_view_unpin(&view, off, cnt);
        CHECK_EQ(rest, kit_figures(pool).pinned_cnt);
        off += got;
    }
    rove_view_fini(&view);
    rove_rope_fini(&thin);
}

// Where that would wake more chunks than one call may have, what is written is put beside them.
static void overwrite_short_slices(void)
{
    enum { PIECE = 600 };
    static uint8_t bytes[1 << 20], got[1 << 20];
    struct rove_rope thin;
    uint64_t most = shape.limit / 16 / shape.chunk_len, chunks = thin_rope(&thin, PIECE);
    size_t n = chunks * PIECE < shape.limit / 20 ? (size_t) chunks * PIECE : (size_t) shape.limit / 20;
    uint64_t wakes = kit_figures(pool).wake_cnt;
    text_fill(bytes, 10, 0, n);
    CHECK_OK(rove_rope_overwrite(&thin, 0, bytes, n));
    CHECK(kit_figures(pool).wake_cnt <= wakes + most + 4);
    CHECK_OK(rove_rope_read(&thin, 0, got, n, NULL));
    CHECK(memcmp(got, bytes, n) == 0);
    CHECK_SOUND(&thin);
    rove_rope_fini(&thin);
}

static void an_overwrite_of_short_slices_wakes_no_more(void)
{
    on_each_shape(overwrite_short_slices);
}

static void iovec_export_of_short_slices_pins_no_more(void)
{
    on_each_shape(export_short_slices);
}

static void iovec_export_pins_a_share_and_goes_on(void)
{
    on_each_shape(export);
}

static void write_out(void)
{
    struct rove_rope rope;
    struct rove_view view;
    uint64_t len = much(), done;
    int fd = file_of("", 0);
    rove_rope_init(&rope, pool);
    CHECK_OK(text_append(&rope, 10, 0, len, 4096));
    CHECK_OK(rove_rope_view(&rope, 0, len, &view));
    CHECK_OK(rove_view_write_fd(&view, 0, fd, &done));
    CHECK_EQ(len, done);
    void *map = mmap(NULL, (size_t) len, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(map != MAP_FAILED && text_is(map, 10, 0, (size_t) len));
    munmap(map, (size_t) len);
    close(fd);
    rove_view_fini(&view);
    rove_rope_fini(&rope);
}

static void a_view_is_written_out_through_little_memory(void)
{
    on_each_shape(write_out);
}

static void search_and_compare(void)
{
    struct rove_rope rope;
    struct rove_view view, again;
    uint64_t len = much() / 8, pos = 0;
    int order = 1;
    rove_rope_init(&rope, pool);
    CHECK_OK(text_append(&rope, 11, 0, len, 4096));
    CHECK_OK(rove_rope_append(&rope, "the needle", 10));
    CHECK_OK(text_append(&rope, 11, len, len, 4096));
    CHECK_OK(rove_rope_view(&rope, 0, 2 * len + 10, &view));
    CHECK_OK(rove_view_find(&view, 0, "the needle", 10, &pos));
    CHECK_EQ(len, pos);
    struct rove_rope copy; // other chunks, same bytes
    rove_rope_init(&copy, pool);
    CHECK_OK(text_append(&copy, 11, 0, len, 3000));
    CHECK_OK(rove_rope_append(&copy, "the needle", 10));
    CHECK_OK(text_append(&copy, 11, len, len, 3000));
    CHECK_OK(rove_rope_view(&copy, 0, 2 * len + 10, &again));
    CHECK_OK(rove_view_compare(&view, &again, &order));
    CHECK_EQ(0, order);
    CHECK_OK(rove_rope_compact(&copy));
    CHECK_SOUND(&copy);
    rove_view_fini(&view);
    rove_view_fini(&again);
    rove_rope_fini(&rope);
    rove_rope_fini(&copy);
}

static void searching_and_comparing_wake_what_they_need(void)
{
    on_each_shape(search_and_compare);
}

static void more_than_memory_in_one_run_is_refused_without_io(void)
{
    struct kit_plan none = {.err = 0};
    struct rove_rope rope;
    const uint8_t *flat;
    shape = shapes[0];
    pool = kit_pool_new(&shape);
    rove_rope_init(&rope, pool);
    CHECK_OK(text_append(&rope, 1, 0, much(), 4096));
    kit_os_arm(&none);
    CHECK_IS(ROVE_E_LIMIT, rove_rope_flatten(&rope, &flat));
    CHECK_EQ(0, kit_os_calls(KIT_PWRITE));
    kit_os_off();
    text_check_rope(&rope, 1);
    rove_rope_fini(&rope);
    rove_pool_unref(pool);
}

// Free memory is used before anybody is put to sleep.
static void nobody_sleeps_while_there_is_free_memory(void)
{
    struct rove_rope cold, rope;
    shape = shapes[0];
    pool = kit_pool_new(&shape);
    rove_rope_init(&cold, pool);
    CHECK_OK(text_append(&cold, 1, 0, shape.limit / 3, 4096));
    rove_rope_init(&rope, pool);
    CHECK_OK(text_append(&rope, 2, 0, shape.limit / 3, 4096));
    for (int round = 0; round < 20; round++) { // all that is freed is taken again, in other slabs too
        rove_rope_fini(&rope);
        rove_rope_init(&rope, pool);
        CHECK_OK(text_append(&rope, 2, 0, shape.limit / 3, round % 2 ? 4096 : 900));
    }
    CHECK_EQ(0, kit_figures(pool).sleep_cnt);
    CHECK_OK(text_append(&rope, 2, shape.limit / 3, shape.limit, 4096)); // now they must
    CHECK(kit_figures(pool).sleep_cnt > 0);
    rove_rope_fini(&rope); // frees both what is awake and what sleeps
    uint64_t sleeps = kit_figures(pool).sleep_cnt;
    rove_rope_init(&rope, pool);
    CHECK_OK(text_append(&rope, 2, 0, shape.limit / 3, 4096));
    CHECK_EQ(sleeps, kit_figures(pool).sleep_cnt);
    text_check_rope(&cold, 1);
    rove_rope_fini(&rope);
    rove_rope_fini(&cold);
    rove_pool_unref(pool);
}

// above -----------------------------------------------------------------------------------------

static void filters(void)
{
    uint64_t len = much() / amount_of(4, 16); // more than there is memory, in any case
    static const char *const specs[] = {"gzip", "crc32c|gzip", "lz4", "zlib|lz4", "crc32c"};
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        struct rove_stream *plain = stream_of_text(12, len), *packed, *coder;
        static uint8_t buf[20000];
        size_t n;
        enum rove_status status = ROVE_OK;
        CHECK_OK(rove_stream_new(pool, &packed));
        CHECK_OK(rove_stream_encode(packed, specs[i], NULL, &coder, NULL));
        CHECK_OK(rove_stream_seek(plain, 0, ROVE_SET, NULL));
        while (status == ROVE_OK) {
            status = rove_stream_read(plain, buf, sizeof buf, &n);
            CHECK_OK(rove_stream_write(coder, buf, n));
        }
        CHECK_OK(rove_stream_close(coder));
        rove_stream_free(coder);
        CHECK_OK(rove_stream_seek(packed, 0, ROVE_SET, NULL));
        CHECK_OK(rove_stream_decode(packed, specs[i], NULL, &coder, NULL));
        expect_text(coder, 12, len);
        rove_stream_free(coder);
        rove_stream_free(packed);
        rove_stream_free(plain);
    }
}

static void filters_read_and_write_sleeping_streams(void)
{
    shape = shapes[3]; // the codecs' states count, too
    shape.watched = true;
    pool = kit_pool_new(&shape);
    filters();
    kit_check_peak(pool);
    rove_pool_unref(pool);
}

// What a filter makes shares no memory that cannot sleep: a decoded copy beyond memory.
static void a_filtered_stream_sleeps_too(void)
{
    shape = shapes[3];
    pool = kit_pool_new(&shape);
    struct rove_stream *packed, *coder, *copy;
    static uint8_t buf[20000];
    size_t n;
    CHECK_OK(rove_stream_new(pool, &packed));
    CHECK_OK(rove_stream_encode(packed, "gzip:level=1", NULL, &coder, NULL));
    for (uint64_t off = 0; off < amount_of(5, 3) * shape.limit; off += sizeof buf) {
        text_fill(buf, 13, off, sizeof buf); // noise: as long as it was
        CHECK_OK(rove_stream_write(coder, buf, sizeof buf));
    }
    CHECK_OK(rove_stream_close(coder));
    rove_stream_free(coder);
    CHECK_OK(rove_stream_seek(packed, 0, ROVE_SET, NULL));
    CHECK_OK(rove_stream_decode(packed, "gzip", NULL, &coder, NULL));
    CHECK_OK(rove_stream_new(pool, &copy));
    enum rove_status status = ROVE_OK;
    uint64_t len = 0;
    while (status == ROVE_OK) {
        status = rove_stream_read(coder, buf, sizeof buf, &n);
        CHECK_OK(rove_stream_write(copy, buf, n));
        len += n;
    }
    CHECK_IS(ROVE_END, status);
    rove_stream_free(coder);
    rove_stream_free(packed);
    CHECK_OK(rove_stream_seek(copy, 0, ROVE_SET, NULL));
    expect_text(copy, 13, len);
    rove_stream_free(copy);
    kit_check_peak(pool);
    rove_pool_unref(pool);
}

static void as_a_file(void)
{
    struct rove_stream *stream = stream_of_text(14, much());
    FILE *file;
    static uint8_t buf[3000];
    CHECK_OK(rove_fopen(stream, "r+", &file));
    for (uint64_t off = 0; off < much(); off += much() / 50) {
        size_t n = much() - off < sizeof buf ? (size_t) (much() - off) : sizeof buf;
        CHECK(fseeko(file, (off_t) off, SEEK_SET) == 0);
        CHECK(fread(buf, 1, n, file) == n && text_is(buf, 14, off, n));
    }
    CHECK(fseeko(file, 0, SEEK_END) == 0 && fputs("the end", file) >= 0);
    CHECK(fclose(file) == 0);
    char end[7];
    CHECK_OK(rove_stream_pread(stream, much(), end, 7, NULL));
    CHECK(memcmp(end, "the end", 7) == 0);
    rove_stream_free(stream);
}

static void a_sleeping_stream_as_a_file(void)
{
    on_each_shape(as_a_file);
}

static void lines(void)
{
    struct rove_stream *stream;
    struct rove_span line;
    uint64_t cnt = much() / 30, n = 0;
    CHECK_OK(rove_stream_new(pool, &stream));
    for (uint64_t i = 0; i < cnt; i++)
        CHECK_OK(rove_stream_printf(stream, "line number %10" PRIu64 " of some\n", i));
    CHECK_OK(rove_stream_seek(stream, 0, ROVE_SET, NULL));
    char want[64];
    for (; rove_stream_line(stream, '\n', 0, &line) == ROVE_OK; n++) {
        int len = snprintf(want, sizeof want, "line number %10" PRIu64 " of some\n", n);
        if (line.len != (size_t) len || memcmp(line.ptr, want, line.len) != 0)
            CHECK_EQ(n, UINT64_MAX);
    }
    CHECK_EQ(cnt, n);
    rove_stream_free(stream);
}

static void lines_across_sleeping_chunks(void)
{
    on_each_shape(lines);
}

// the model -------------------------------------------------------------------------------------

#define ROPES 3
#define VIEWS 3

struct mirror {
    struct rove_rope rope;
    struct model model;
};

struct held_view {
    struct rove_view view;
    struct model model;
    bool held;
};

struct zoo {
    struct rng rng;
    size_t len_max;
    struct mirror ropes[ROPES];
    struct held_view views[VIEWS];
    uint64_t done, refused;
};

static void let_go(struct held_view *held)
{
    if (!held->held)
        return;
    CHECK(model_spans_match(&held->view, held->model.ptr, held->model.len));
    rove_view_fini(&held->view);
    held->held = false;
}

static enum rove_status edit(struct zoo *zoo, struct mirror *m)
{
    size_t len = m->model.len, off = rng_off(&zoo->rng, shape.chunk_len, len);
    size_t n = rng_len(&zoo->rng, shape.chunk_len, 3 * shape.chunk_len);
    size_t del = rng_len(&zoo->rng, shape.chunk_len, len - off);
    del = del < 4 * shape.chunk_len ? del : 4 * shape.chunk_len;
    const uint8_t *src = noise(n);
    enum rove_status status;
    switch (len > zoo->len_max ? 3 : rng_below(&zoo->rng, 6)) {
    case 0:
        off = len, del = 0;
        status = rove_rope_append(&m->rope, src, n);
        break;
    case 1:
        del = 0;
        status = rove_rope_insert(&m->rope, off, src, n);
        break;
    case 2:
        status = rove_rope_replace(&m->rope, off, del, src, n);
        break;
    case 3:
        n = 0;
        status = rove_rope_erase(&m->rope, off, del);
        break;
    default:
        n = del = n < len - off ? n : len - off;
        status = rove_rope_overwrite(&m->rope, off, src, n);
        break;
    }
    if (status == ROVE_OK)
        model_replace(&m->model, off, del, src, n);
    return status;
}

static enum rove_status share(struct zoo *zoo, struct mirror *m)
{
    struct mirror *other = &zoo->ropes[rng_below(&zoo->rng, ROPES)];
    struct held_view *held = &zoo->views[rng_below(&zoo->rng, VIEWS)];
    size_t off = rng_off(&zoo->rng, shape.chunk_len, m->model.len);
    size_t len = rng_below(&zoo->rng, m->model.len - off + 1);
    enum rove_status status = ROVE_OK;
    let_go(held);
    switch (rng_below(&zoo->rng, 3)) {
    case 0:
        status = rove_rope_view(&m->rope, off, len, &held->view);
        model_copy(&held->model, &m->model, off, len);
        held->held = true;
        break;
    case 1:
        if (other == m)
            break;
        rove_rope_fini(&other->rope);
        rove_rope_clone(&other->rope, &m->rope);
        model_copy(&other->model, &m->model, 0, m->model.len);
        break;
    default:
        if (m->model.len + len > zoo->len_max)
            break;
        status = rove_rope_view(&m->rope, off, len, &held->view);
        size_t at = rng_off(&zoo->rng, shape.chunk_len, other->model.len);
        if (status == ROVE_OK)
            status = rove_rope_replace_view(&other->rope, at, 0, &held->view);
        model_copy(&held->model, &m->model, off, len);
        held->held = true;
        if (status == ROVE_OK)
            model_replace(&other->model, at, 0, held->model.ptr, len);
        break;
    }
    return status;
}

static void look(struct mirror *m)
{
    struct rove_view view;
    CHECK_EQ(m->model.len, rove_rope_len(&m->rope));
    CHECK_SOUND(&m->rope);
    CHECK_OK(rove_rope_view(&m->rope, 0, rove_rope_len(&m->rope), &view));
    CHECK(model_spans_match(&view, m->model.ptr, m->model.len));
    rove_view_fini(&view);
}

static void start_anew(struct mirror *m)
{
    rove_rope_clear(&m->rope);
    m->model.len = 0;
}

// Nothing is pinned but the open ends and where small edits gather.
static void check_at_rest(struct zoo *zoo)
{
    uint64_t due = 0;
    for (int i = 0; i < ROPES; i++)
        due += kit_rope_pins(&zoo->ropes[i].rope);
    CHECK_EQ(due, kit_pins(pool));
}

static void step(struct zoo *zoo)
{
    struct mirror *m = &zoo->ropes[rng_below(&zoo->rng, ROPES)];
    enum rove_status status = rng_below(&zoo->rng, 12) ? edit(zoo, m) : share(zoo, m);
    CHECK_EQ(m->model.len, rove_rope_len(&m->rope));
    check_at_rest(zoo);
    zoo->done++;
    if (status == ROVE_OK)
        return;
    CHECK_IS(ROVE_E_LIMIT, status); // nodes and small chunks do not sleep: it may have become too many
    zoo->refused++;
    for (int i = 0; i < VIEWS; i++)
        let_go(&zoo->views[i]);
    start_anew(&zoo->ropes[0]);
    look(m);
    start_anew(m);
}

static void model_of(size_t chunk_len, uint64_t limit, uint64_t steps)
{
    struct zoo zoo = {.rng = rng_from(suite_seed() + chunk_len + limit),
                      .len_max = (size_t) (3 * limit)};
    shape = (struct kit_pool){
        .chunk_len = chunk_len, .limit = limit, .flags = ROVE_POOL_SPILL, .watched = true};
    pool = kit_pool_new(&shape);
    for (int i = 0; i < ROPES; i++) {
        rove_rope_init(&zoo.ropes[i].rope, pool);
        size_t len = zoo.len_max / 2;
        uint8_t *bytes = malloc(len);
        text_fill(bytes, (uint64_t) i, 0, len);
        CHECK_OK(rove_rope_append(&zoo.ropes[i].rope, bytes, len));
        model_replace(&zoo.ropes[i].model, 0, 0, bytes, len);
        free(bytes);
    }
    for (uint64_t i = 0; i < steps; i++) {
        step(&zoo);
        if (i % 64 == 0)
            look(&zoo.ropes[i / 64 % ROPES]);
    }
    for (int i = 0; i < ROPES; i++) {
        if (zoo.refused == 0)
            look(&zoo.ropes[i]);
        rove_rope_fini(&zoo.ropes[i].rope);
        model_fini(&zoo.ropes[i].model);
    }
    for (int i = 0; i < VIEWS; i++) {
        let_go(&zoo.views[i]);
        model_fini(&zoo.views[i].model);
    }
    suite_note("chunks of %zu, limit %" PRIu64 ": %" PRIu64 " edits, %" PRIu64
               " refused, slept %" PRIu64 ", woken %" PRIu64,
               chunk_len, limit, zoo.done, zoo.refused, kit_figures(pool).sleep_cnt,
               kit_figures(pool).wake_cnt);
    CHECK(kit_figures(pool).wake_cnt > steps / 100);
    uint64_t one_in = limit < 200000 ? 20 : limit < 500000 ? 100 : 1000; // nodes do not sleep
    CHECK(zoo.refused <= zoo.done / one_in + 1);
    kit_check_peak(pool);
    rove_pool_unref(pool);
}

static void a_model_with_hardly_any_memory(void)
{
    model_of(4096, 96 << 10, suite_scaled(20000));
    model_of(4096, 256 << 10, suite_scaled(8000));
    model_of(16384, 512 << 10, suite_scaled(5000));
    model_of(65536, 1 << 20, suite_scaled(3000));
}

// memory and disk -------------------------------------------------------------------------------

#ifdef RV_ONE_BLOCK_PER_CHUNK
#define RESIDENT_IS_KNOWN false // a sanitizer has memory of its own
#else
#define RESIDENT_IS_KNOWN true
#endif

// 20 budgets of content, hashed; the process stays within 1.5 of them (and what it was before).
static int in_a_child(void)
{
    struct rove_pool_opts opts = {.size = sizeof opts,
                                  .memory_limit = 32 * MIB,
                                  .flags = ROVE_POOL_SPILL,
                                  .allocator = rove_allocator_system()};
    struct rove_pool *own;
    struct rove_stream *stream;
    static uint8_t buf[1 << 20];
    uint64_t len = TIMES * opts.memory_limit;
    XXH3_state_t in, out;
    XXH3_64bits_reset(&in);
    XXH3_64bits_reset(&out);
    if (rove_pool_new(&opts, &own) != ROVE_OK || rove_stream_new(own, &stream) != ROVE_OK)
        return 2;
    memset(buf, 1, sizeof buf);
    if (!kit_reset_peak())
        return 77;
    uint64_t before = kit_peak();
    for (uint64_t off = 0; off < len; off += sizeof buf) {
        text_fill(buf, 21, off, 4096); // the rest is of the round before: cheap, and all different
        XXH3_64bits_update(&in, buf, sizeof buf);
        if (rove_stream_write(stream, buf, sizeof buf) != ROVE_OK)
            return 3;
        memmove(buf + 4096, buf, sizeof buf - 4096);
    }
    if (rove_stream_seek(stream, 0, ROVE_SET, NULL) != ROVE_OK)
        return 4;
    for (uint64_t off = 0; off < len; off += sizeof buf) {
        if (rove_stream_read(stream, buf, sizeof buf, NULL) != ROVE_OK)
            return 5;
        XXH3_64bits_update(&out, buf, sizeof buf);
    }
    if (XXH3_64bits_digest(&in) != XXH3_64bits_digest(&out))
        return 6;
    uint64_t grown = kit_peak() - before;
    suite_note("%" PRIu64 " MiB through %" PRIu64 " MiB: resident %.1f MiB more than before",
               len / MIB, opts.memory_limit / MIB, (double) grown / (double) MIB);
    return grown <= opts.memory_limit * 3 / 2 ? 0 : 7;
}

static void resident_memory_stays_within_the_limit(void)
{
    if (!RESIDENT_IS_KNOWN)
        return;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(in_a_child());
    int status = 0;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        suite_note("this kernel does not reset the peak of resident memory");
    else
        CHECK_EQ(0, WEXITSTATUS(status));
}

static void the_file_has_no_name_and_is_nobody_elses(void)
{
    char dir[64];
    struct stat st;
    uint64_t bytes;
    for (int no_tmpfile = 0; no_tmpfile < 2; no_tmpfile++) {
        kit_dir_make(dir);
        unsigned fds = kit_fds();
        struct kit_plan plan = {.no_tmpfile = no_tmpfile};
        kit_os_arm(&plan);
        shape = shapes[0];
        shape.dir = dir;
        pool = kit_pool_new(&shape);
        CHECK_EQ(no_tmpfile, kit_os_calls(KIT_MKSTEMP));
        kit_os_off();
        int fd = kit_spill_fd(dir);
        CHECK(fd >= 0 && fstat(fd, &st) == 0);
        CHECK_EQ(0600, st.st_mode & 07777);
        CHECK_EQ(0, st.st_nlink);
        CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        CHECK_EQ(0, kit_dir_files(dir, &bytes));
        struct rove_rope rope;
        rove_rope_init(&rope, pool);
        rove_pool_unref(pool); // the rope keeps it, and the file
        CHECK_OK(text_append(&rope, 1, 0, much(), 4096));
        CHECK_EQ(0, kit_dir_files(dir, &bytes));
        text_check_rope(&rope, 1);
        rove_rope_fini(&rope);
        CHECK_EQ(fds, kit_fds());
        kit_dir_remove(dir);
    }
}

static void tmpdir_is_used_when_no_folder_is_named(void)
{
    char dir[64], *old = getenv("TMPDIR"), *kept = old ? strdup(old) : NULL;
    kit_dir_make(dir);
    shape = shapes[0];
    setenv("TMPDIR", dir, 1);
    pool = kit_pool_new(&shape);
    CHECK(kit_spill_fd(dir) >= 0);
    rove_pool_unref(pool);
    setenv("TMPDIR", "not/absolute", 1);
    pool = kit_pool_new(&shape);
    CHECK(kit_spill_fd("/tmp") >= 0);
    rove_pool_unref(pool);
    if (kept)
        setenv("TMPDIR", kept, 1);
    else
        unsetenv("TMPDIR");
    free(kept);
    kit_dir_remove(dir);
}

static void folders_and_options_that_cannot_be(void)
{
    struct rove_pool_opts opts = {.size = sizeof opts,
                                  .memory_limit = MIB,
                                  .flags = ROVE_POOL_SPILL,
                                  .spill_dir = "/nonexistent/folder"};
    CHECK_IS(ROVE_E_IO, rove_pool_new(&opts, &pool));
    CHECK_EQ(ENOENT, errno);
    CHECK(pool == NULL);
    opts.spill_dir = "/dev/null";
    CHECK_IS(ROVE_E_IO, rove_pool_new(&opts, &pool));
    CHECK_EQ(ENOTDIR, errno);
    char far[5000];
    memset(far, 'x', sizeof far - 1);
    far[0] = '/';
    far[sizeof far - 1] = 0;
    opts.spill_dir = far;
    CHECK_IS(ROVE_E_IO, rove_pool_new(&opts, &pool));
    CHECK_EQ(ENAMETOOLONG, errno);
    opts.spill_dir = NULL;
    opts.memory_limit = 0;
    CHECK_IS(ROVE_E_ARG, rove_pool_new(&opts, &pool));
    opts.memory_limit = MIB;
    opts.chunk_len = 2048; // shorter than a page
    CHECK_IS(ROVE_E_RANGE, rove_pool_new(&opts, &pool));
    opts.chunk_len = 0;
    opts.flags = 6;
    CHECK_IS(ROVE_E_ARG, rove_pool_new(&opts, &pool));
    CHECK(pool == NULL);
}

static const struct suite_case cases[] = {
    SUITE_CASE(sequential_write_then_sequential_read),
    SUITE_CASE(what_is_only_read_is_not_written_again),
    SUITE_CASE(random_reads),
    SUITE_CASE(random_overwrites),
    SUITE_CASE(one_call_may_move_more_than_there_is_memory),
    SUITE_CASE(inserts_of_every_length_can_sleep),
    SUITE_CASE(a_queue_does_not_make_the_file_grow),
    SUITE_CASE(snapshots_of_sleeping_bytes_stay_as_they_are),
    SUITE_CASE(iovec_export_pins_a_share_and_goes_on),
    SUITE_CASE(iovec_export_of_short_slices_pins_no_more),
    SUITE_CASE(an_overwrite_of_short_slices_wakes_no_more),
    SUITE_CASE(a_view_is_written_out_through_little_memory),
    SUITE_CASE(searching_and_comparing_wake_what_they_need),
    SUITE_CASE(more_than_memory_in_one_run_is_refused_without_io),
    SUITE_CASE(nobody_sleeps_while_there_is_free_memory),
    SUITE_CASE(filters_read_and_write_sleeping_streams),
    SUITE_CASE(a_filtered_stream_sleeps_too),
    SUITE_CASE(a_sleeping_stream_as_a_file),
    SUITE_CASE(lines_across_sleeping_chunks),
    SUITE_CASE(a_model_with_hardly_any_memory),
    SUITE_CASE(resident_memory_stays_within_the_limit),
    SUITE_CASE(the_file_has_no_name_and_is_nobody_elses),
    SUITE_CASE(tmpdir_is_used_when_no_folder_is_named),
    SUITE_CASE(folders_and_options_that_cannot_be),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_spill", cases, sizeof cases / sizeof *cases, false});
}
