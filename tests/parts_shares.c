// SPDX-License-Identifier: MIT
// parts_shares.c: how many parts are on their way, when their lengths change.
#include "parts_kit.h"

#include "support/amount.h"

#define KIB ((size_t) 1024)
#define HEADS_MOST 3        // of which one at most is long enough for shares to be made smaller before the tail
#define TAIL_LEN (48 << 20) // in parts of 256 KiB: more than it takes to see twice that they are short. The first time longer
                            // ones are among those that are counted, and there are as many as there could be of those.

// Frames of LZ4, one behind the other, and what they are of.
struct frames {
    struct kit_bytes plain, coded;
};

static void append(struct kit_bytes *all, struct kit_bytes more)
{
    all->ptr = realloc(all->ptr, all->len + more.len);
    memcpy(all->ptr + all->len, more.ptr, more.len);
    all->len += more.len;
}

static void add(struct frames *f, const char *spec, size_t len)
{
    struct kit_bytes plain = kit_content(len, 2), coded = parts_encode(spec, 0, plain, 0, 0);
    append(&f->plain, plain);
    append(&f->coded, coded);
    free(plain.ptr);
    free(coded.ptr);
}

static void drop(struct frames *f)
{
    free(f->plain.ptr);
    free(f->coded.ptr);
    *f = (struct frames){.plain = {NULL, 0}};
}

// Reads all of it. Returns how many parts were on their way at once, at most, while nobody but the caller codes any.
static uint64_t most_parts(const struct frames *f, size_t width, uint64_t memory)
{
    struct rove_executor executor = {.size = sizeof executor, .submit = crew_refuse, .concurrency = width};
    struct rove_workers_opts opts = {.size = sizeof opts, .executor = &executor};
    struct rove_limits limits = {.size = sizeof limits, .memory = memory};
    struct rove_workers_figures figures;
    struct rove_stream *source = kit_rope(), *s;
    struct kit_bytes out;
    CHECK_OK(rove_workers_new(&opts, &limits.workers));
    CHECK_OK(rove_stream_write(source, f->coded.ptr, f->coded.len));
    CHECK_OK(rove_stream_seek(source, 0, ROVE_SET, NULL));
    CHECK_OK(rove_stream_decode(source, "lz4", &limits, &s, NULL));
    CHECK_IS(ROVE_END, kit_drain(s, &out));
    CHECK(kit_same(f->plain, out.ptr, out.len));
    rove_workers_measure(limits.workers, &figures);
    free(out.ptr);
    rove_stream_free(s);
    rove_stream_free(source);
    rove_workers_unref(limits.workers);
    return figures.flight_peak;
}

// What comes first may be of any length: as soon as many short parts have come in a row, as many of them are on their way as
// if nothing had come before.
static void check_head(struct frames *f, const struct frames *tail, uint64_t memory, size_t width)
{
    uint64_t alone = most_parts(tail, width, memory);
    append(&f->plain, tail->plain);
    append(&f->coded, tail->coded);
    uint64_t behind = most_parts(f, width, memory);
    if (!CHECK(behind >= alone))
        suite_note("%llu parts, not %llu, in %llu bytes, %zu workers", (unsigned long long) behind,
                   (unsigned long long) alone, (unsigned long long) memory, width);
}

// The same by threads; with memory that is refused at the n-th time that it is asked for (0: never), which may be told. Returns
// whether it was.
static bool read_by_threads(const struct frames *f, uint64_t memory, uint64_t n)
{
    struct rove_limits limits = limits_of(2);
    struct rove_stream *source, *s = NULL;
    struct kit_bytes out = {NULL, 0};
    limits.memory = memory;
    CHECK_OK(rove_stream_new(env.pool, &source));
    CHECK_OK(rove_stream_write(source, f->coded.ptr, f->coded.len));
    CHECK_OK(rove_stream_seek(source, 0, ROVE_SET, NULL));
    rove_pool_trim(env.pool);
    test_alloc_arm(&env.alloc, n, false);
    enum rove_status status = rove_stream_decode(source, "lz4", &limits, &s, NULL);
    status = status ? status : kit_drain(s, &out);
    bool refused = test_alloc_failed(&env.alloc) > 0;
    test_alloc_arm(&env.alloc, 0, false);
    CHECK(status == ROVE_END || (refused && status == ROVE_E_NOMEM));
    CHECK(kit_same((struct kit_bytes){f->plain.ptr, out.len <= f->plain.len ? out.len : f->plain.len}, out.ptr, out.len));
    CHECK(status != ROVE_END || out.len == f->plain.len);
    free(out.ptr);
    rove_stream_free(s);
    rove_stream_free(source);
    return refused;
}

static void one_long(const struct frames *tail, const char *spec, uint64_t memory, bool behind_short)
{
    struct frames f = {.plain = {NULL, 0}};
    if (behind_short)
        add(&f, "lz4:block=64K", 64 * KIB);
    add(&f, spec, 4096 * KIB);
    check_head(&f, tail, memory, 1);
    drop(&f);
}

void short_parts_are_as_many_behind_long_ones(void)
{
    static const char *const specs[] = {"lz4:block=64K", "lz4:block=256K", "lz4:block=1M", "lz4:block=4M"};
    struct frames tail = {.plain = {NULL, 0}};
    parts_codec_register();
    add(&tail, "lz4:block=64K", TAIL_LEN);
    one_long(&tail, "lz4:block=4M", 0, false);         // large: there are two for each thread
    one_long(&tail, "lz4:block=4M", 128 << 20, false); // a quarter is for fewer of these
    one_long(&tail, "lz4:block=4M", 24 << 20, false);  // and here for none
    one_long(&tail, "lz4:block=4M", 24 << 20, true);
    for (uint64_t round = 0; round < suite_scaled(20); round++) {
        struct frames f = {.plain = {NULL, 0}};
        for (uint64_t i = 1 + kit_draw(HEADS_MOST); i-- > 0;)
            add(&f, specs[kit_draw(4)], 1 + kit_draw(5000 * KIB));
        check_head(&f, &tail, (8 << 20) + kit_draw(200 << 20), 1 + kit_draw(3));
        drop(&f);
    }
    drop(&tail);
}

void shares_are_made_anew_by_threads_and_without_memory(void)
{
    struct frames f = {.plain = {NULL, 0}};
    crews_begin();
    add(&f, "lz4:block=64K", 64 * KIB);
    add(&f, "lz4:block=4M", 4096 * KIB);
    add(&f, "lz4:block=64K", 6144 * KIB);
    for (uint64_t n = 1; read_by_threads(&f, 100 << 20, n); n += 1 + kit_draw(amount_of(1, 60)))
        continue;
    add(&f, "lz4:block=4M", 8192 * KIB);
    add(&f, "lz4:block=64K", 12288 * KIB);
    for (uint64_t memory = 24 << 20; memory <= 128 << 20; memory += 52 << 20)
        CHECK(!read_by_threads(&f, memory, 0));
    drop(&f);
    crews_end();
}

// The layer before it has ended, and says so, while blocks still wait that are too long for a share: the first of them fills
// its tray, which is not the end of what the next one is part of.
void blocks_too_long_for_a_share_wait_behind_an_end(void)
{
    static const char *const specs[] = {"lz4|deflate", "lz4:block=64K|zlib", "lz4|crc32|zlib", "cut:block=65536|deflate"};
    struct kit_bytes plain = kit_content(600 * KIB, 2);
    crews_begin();
    parts_codec_register();
    for (size_t k = 0; k < sizeof specs / sizeof *specs; k++) {
        struct kit_bytes coded = parts_encode(specs[k], 0, plain, 0, 0), out;
        for (uint64_t memory = 1 << 20; memory <= 16 << 20; memory *= 2) {
            struct rove_limits limits = limits_of(0);
            limits.memory = memory;
            CHECK_IS(ROVE_END, kit_decode(specs[k], &limits, coded, &out, NULL));
            CHECK(kit_same(plain, out.ptr, out.len));
            free(out.ptr);
            if (!CHECK_IS(ROVE_END, parts_decode_all(specs[k], &limits, coded)))
                suite_note("%s, %llu bytes of memory", specs[k], (unsigned long long) memory);
        }
        free(coded.ptr);
    }
    crews_end();
    free(plain.ptr);
}
