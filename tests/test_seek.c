// SPDX-License-Identifier: MIT
// test_seek.c: streams that decode with an index: whatever is read, wherever, is what the flat bytes are.
#include "seek_kit.h"

#include <pthread.h>
#include <stdio.h>

#include "seek/index.h"

static struct rove_limits limits_with(size_t width, uint64_t cache)
{
    struct rove_limits limits = limits_of(width);
    limits.cache = cache;
    return limits;
}

// places ------------------------------------------------------------------------------------------

static const uint64_t caches[] = {1, 100000, 0, ROVE_NO_LIMIT};

// Mostly here and there, then a few steps in order, and sometimes at the end or beyond.
static void look_around(const struct seek_data *d, struct seek_source *source,
                        const struct rove_limits *limits, uint64_t rounds)
{
    struct seek_stream s;
    uint64_t off = 0, len = 0;
    if (!seek_open(&s, d, source, limits))
        return;
    CHECK_OK(rove_stream_size(s.stream, &len));
    CHECK_EQ(d->plain.len, len);
    for (uint64_t i = 0; i < rounds; i++) {
        size_t n = (size_t) kit_draw(kit_draw(6) ? 5000 : 150000);
        if (kit_draw(3) == 0)
            off = kit_draw(d->plain.len + 1 + d->plain.len / 50);
        if (!CHECK(seek_look(s.stream, d->plain, off, n))) {
            suite_note("%s: %llu bytes at %llu: %s", d->kind->name, (unsigned long long) n,
                       (unsigned long long) off, rove_stream_explain(s.stream));
            break;
        }
        off += n;
    }
    CHECK_OK(rove_stream_close(s.stream));
    seek_close(&s);
}

static void random_places_are_the_flat_bytes(void)
{
    crews_begin();
    for (size_t k = 0; k < seek_kind_cnt; k++) {
        struct seek_data d;
        if (!seek_data_make(&d, &seek_kinds[k], 300000 + (size_t) suite_scaled(600000)))
            continue;
        for (size_t c = 0; c < sizeof caches / sizeof *caches; c++)
            for (size_t w = 0; w < 4; w += w ? 2 : 1) {
                struct seek_source source = {.at = 0};
                struct rove_limits limits = limits_with(w, caches[c]);
                seek_data_index_by(&d, SEEK_MADE);
                seek_data_index_by(&d, (enum seek_way) ((suite_seed() + c + w / 2) % SEEK_WAYS));
                look_around(&d, NULL, &limits, suite_scaled(400));
                look_around(&d, &source, &limits, suite_scaled(400));
            }
        seek_data_drop(&d);
    }
    crews_end();
}

static void in_order_in_pieces_of_any_length(void)
{
    crews_begin();
    for (size_t k = 0; k < seek_kind_cnt; k++) {
        struct seek_data d;
        if (!seek_data_make(&d, &seek_kinds[k], 400000 + (size_t) suite_scaled(2000000)))
            continue;
        for (size_t w = 0; w < WIDTHS; w += 2) {
            struct seek_stream s;
            struct kit_bytes got = {malloc(d.plain.len + 1), 0};
            struct rove_limits limits = limits_with(w, 0);
            enum rove_status status = ROVE_OK;
            if (!seek_open(&s, &d, NULL, &limits))
                continue;
            while (status == ROVE_OK) {
                size_t n, want = (size_t) kit_draw(200000);
                want = want < d.plain.len + 1 - got.len ? want : d.plain.len + 1 - got.len;
                status = rove_stream_read(s.stream, got.ptr + got.len, want, &n);
                got.len += n;
            }
            CHECK_IS(ROVE_END, status);
            CHECK(kit_same(d.plain, got.ptr, got.len));
            free(got.ptr);
            seek_close(&s);
        }
        seek_data_drop(&d);
    }
    crews_end();
}

static void in_order_from_anywhere_with_looks_elsewhere(void)
{
    crews_begin();
    for (size_t k = 0; k < seek_kind_cnt; k++) {
        struct seek_data d;
        if (!seek_data_make(&d, &seek_kinds[k], 900000))
            continue;
        struct seek_stream s;
        struct rove_limits limits = limits_with(3, 0);
        uint8_t buf[3000], other[300];
        if (!seek_open(&s, &d, NULL, &limits))
            continue;
        for (unsigned round = 0; round < 4; round++) {
            uint64_t off = kit_draw(d.plain.len - 400000);
            CHECK_OK(rove_stream_seek(s.stream, (int64_t) off, ROVE_SET, NULL));
            for (unsigned i = 0; i < 100; i++, off += sizeof buf) {
                CHECK_OK(rove_stream_read(s.stream, buf, sizeof buf, NULL));
                CHECK(memcmp(buf, d.plain.ptr + off, sizeof buf) == 0);
                uint64_t there = kit_draw(d.plain.len - sizeof other);
                if (i % 5)
                    continue;
                CHECK_OK(rove_stream_pread(s.stream, there, other, sizeof other, NULL));
                CHECK(memcmp(other, d.plain.ptr + there, sizeof other) == 0);
            }
        }
        seek_close(&s);
        seek_data_drop(&d);
    }
    crews_end();
}

// requests ----------------------------------------------------------------------------------------

static void a_cold_read_asks_once_and_its_neighbours_never(void)
{
    for (size_t k = 0; k < seek_kind_cnt; k++) {
        struct seek_data d;
        if (!seek_data_make(&d, &seek_kinds[k], 300000 + (size_t) suite_scaled(600000)))
            continue;
        for (uint64_t i = 0; i < suite_scaled(60); i++) {
            struct seek_source source = {.at = 0};
            struct seek_stream s;
            struct rove_point point;
            uint64_t no, off = kit_draw(d.plain.len - 20000);
            uint8_t buf[4096];
            if (!seek_open(&s, &d, &source, NULL))
                break;
            CHECK_EQ(0, source.reads);
            CHECK_OK(rove_index_find(d.index, off, &no));
            CHECK_OK(rove_index_point(d.index, no, &point));
            uint64_t end = d.plain.len;
            if (rove_index_point(d.index, no + 1, &point) == ROVE_OK)
                end = point.plain;
            CHECK_OK(rove_stream_pread(s.stream, off, buf, end - off < 100 ? 1 : 100, NULL));
            CHECK_EQ(1, source.reads);
            for (uint64_t at = off; at < end; at += sizeof buf) { // the rest of the part
                size_t n = end - at < sizeof buf ? (size_t) (end - at) : sizeof buf;
                CHECK(seek_look(s.stream, d.plain, at, n) || kit_draw(2) == 2);
            }
            CHECK(source.reads <= 2); // a line may lead into the next part
            seek_close(&s);
        }
        seek_data_drop(&d);
    }
}

static void in_order_few_requests_ask_for_all(void)
{
    crews_begin();
    for (size_t w = 0; w < 4; w += 3) {
        struct seek_data d;
        struct seek_source source = {.at = 0};
        struct seek_stream s;
        struct kit_bytes got;
        struct rove_limits limits = limits_with(w, 0);
        if (!seek_data_make(&d, &seek_kinds[0], 4000000) || !seek_open(&s, &d, &source, &limits))
            continue;
        CHECK_IS(ROVE_END, kit_drain(s.stream, &got));
        CHECK(kit_same(d.plain, got.ptr, got.len));
        CHECK(source.reads < 20);
        CHECK(source.bytes <= d.coded.len);
        free(got.ptr);
        seek_close(&s);
        seek_data_drop(&d);
    }
    crews_end();
}

// shapes ------------------------------------------------------------------------------------------

static void nothing_at_all(void)
{
    struct seek_data d = {.kind = &seek_kinds[0]};
    struct seek_stream s;
    uint8_t byte;
    size_t n;
    uint64_t len = 1, pos;
    CHECK_OK(rv_index_new(env.pool, "gzip", &d.index));
    if (seek_open(&s, &d, NULL, NULL)) {
        CHECK_OK(rove_stream_size(s.stream, &len));
        CHECK_EQ(0, len);
        CHECK_IS(ROVE_END, rove_stream_read(s.stream, &byte, 1, &n));
        CHECK_OK(rove_stream_seek(s.stream, 5, ROVE_SET, &pos));
        CHECK_EQ(5, pos);
        CHECK_IS(ROVE_END, rove_stream_read(s.stream, &byte, 1, &n));
        CHECK_IS(ROVE_END, rove_stream_pread(s.stream, 0, &byte, 1, &n));
        CHECK_OK(rove_stream_pread(s.stream, 0, &byte, 0, &n));
        CHECK_EQ(0, n);
    }
    seek_close(&s);
    rove_index_unref(d.index);
    d.coded = kit_encode("bgzf", "", 0); // an end marker
    d.index = seek_index(d.coded, "bgzf", 0);
    if (CHECK(d.index != NULL) && seek_open(&s, &d, NULL, NULL)) {
        CHECK_IS(ROVE_END, rove_stream_read(s.stream, &byte, 1, &n));
        seek_close(&s);
    }
    seek_data_drop(&d);
}

// Members of one byte each, and an index of all of them.
static void make_dust(struct seek_data *d, size_t cnt)
{
    struct kit_bytes one[256];
    struct rove_mark mark = {.size = sizeof mark, .flags = ROVE_MARK_FRESH};
    *d = (struct seek_data){.kind = &seek_kinds[0], .plain = {malloc(cnt), cnt}};
    d->coded.ptr = malloc(cnt * 32);
    for (unsigned i = 0; i < 256; i++) {
        uint8_t byte = (uint8_t) i;
        one[i] = kit_encode("bgzf", &byte, 1);
    }
    CHECK_OK(rv_index_new(env.pool, "bgzf", &d->index));
    for (size_t i = 0; i < cnt; i++) {
        const struct kit_bytes *o = &one[d->plain.ptr[i] = (uint8_t) (i * 7 + i / 256)];
        struct rv_place place = {d->coded.len, i};
        CHECK_OK(rv_index_add(d->index, place, &mark));
        memcpy(d->coded.ptr + d->coded.len, o->ptr, o->len - 28);
        d->coded.len += o->len - 28;
    }
    d->index->coded_len = d->coded.len;
    d->index->plain_len = cnt;
    for (unsigned i = 0; i < 256; i++)
        free(one[i].ptr);
}

static void a_million_members_of_one_byte(void)
{
    struct seek_data d;
    struct seek_source source = {.at = 0};
    struct seek_stream s;
    struct kit_bytes got;
    make_dust(&d, (size_t) suite_scaled(1000000));
    if (seek_open(&s, &d, &source, NULL)) {
        for (unsigned i = 0; i < 20; i++)
            CHECK(seek_look(s.stream, d.plain, kit_draw(d.plain.len), 10));
        CHECK_OK(rove_stream_seek(s.stream, 0, ROVE_SET, NULL));
        source.reads = 0;
        CHECK_IS(ROVE_END, kit_drain(s.stream, &got));
        CHECK(kit_same(d.plain, got.ptr, got.len));
        CHECK(source.reads < 20 + d.coded.len / 500000);
        free(got.ptr);
        seek_close(&s);
    }
    seek_data_drop(&d);
}

// One point for all: what is kept is bounded, and all is read all the same.
static void one_long_part_in_little_memory(void)
{
    const size_t len = (size_t) suite_scaled(24) << 20;
    struct kit_bytes plain = seek_content(len);
    struct seek_data d = {.kind = &seek_kinds[2], .plain = plain};
    struct rove_limits limits = {.size = sizeof limits, .cache = 300000, .memory = 3 << 20};
    struct seek_source source = {.at = 0};
    struct seek_stream s;
    struct kit_bytes got;
    d.coded = kit_encode("gzip:level=1", plain.ptr, len);
    d.index = seek_index(d.coded, "gzip", ROVE_NO_LIMIT);
    if (CHECK(d.index != NULL) && seek_open(&s, &d, &source, &limits)) {
        uint64_t before = env.alloc.live_len;
        env.alloc.peak_len = before;
        CHECK_IS(ROVE_END, kit_drain(s.stream, &got));
        CHECK(kit_same(plain, got.ptr, got.len));
        free(got.ptr);
        for (unsigned i = 0; i < 6; i++)
            CHECK(seek_look(s.stream, plain, kit_draw(len), 1 + (size_t) kit_draw(100000)));
        CHECK(env.alloc.peak_len - before < (6 << 20)); // of slabs, which are 2 MiB
        seek_close(&s);
    }
    seek_data_drop(&d);
}

// A codec that wants more than its stretch leaves it is begun anew as often as others can give something up, not for ever.
static void memory_that_does_not_do_is_told(void)
{
    const size_t len = 1 << 20;
    struct kit_bytes plain = seek_content(len);
    struct seek_data d = {.kind = &seek_kinds[0], .plain = plain};
    uint8_t buf[7537];
    unsigned too_little = 0, enough = 0;
    d.coded = kit_encode("lz4:block=4M,checksum=no", plain.ptr, len);
    d.index = seek_index(d.coded, "lz4", ROVE_NO_LIMIT);
    for (uint64_t memory = 400000; d.index && memory < 8000000; memory += memory / 20) {
        struct rove_limits limits = {.size = sizeof limits, .memory = memory};
        struct seek_source source = {.at = 0};
        struct seek_stream s;
        size_t got = 0;
        if (!seek_open(&s, &d, &source, &limits))
            break;
        enum rove_status status = rove_stream_pread(s.stream, 744947, buf, sizeof buf, &got);
        enough += status == ROVE_OK && kit_same((struct kit_bytes){plain.ptr + 744947, sizeof buf}, buf, got);
        too_little += status == ROVE_E_LIMIT && rove_stream_limit(s.stream) &&
                      strcmp(rove_stream_limit(s.stream), "memory") == 0;
        CHECK(status == ROVE_OK || status == ROVE_E_LIMIT);
        seek_close(&s);
    }
    CHECK(enough > 0);
    CHECK(too_little > 0);
    seek_data_drop(&d);
}

// other streams -----------------------------------------------------------------------------------

static void it_is_a_source_like_any_other(void)
{
    crews_begin();
    for (size_t w = 0; w < 4; w += 3) {
        struct kit_bytes plain = seek_content(700000);
        struct kit_bytes inner = kit_encode("gzip:level=1", plain.ptr, plain.len);
        struct seek_data outer = {.kind = &seek_kinds[0], .plain = inner};
        struct rove_limits limits = limits_with(w, 0);
        struct rove_stream *reader = NULL, *on_top = NULL;
        struct rove_index *index = seek_index(inner, "gzip", 65536);
        struct kit_bytes got;
        struct seek_stream s;
        char digest[8];
        outer.coded = kit_encode("bgzf", inner.ptr, inner.len);
        outer.index = seek_index(outer.coded, "bgzf", 0);
        if (!CHECK(index && outer.index) || !seek_open(&s, &outer, NULL, &limits))
            return;
        CHECK_OK(rove_stream_decode(s.stream, "crc32|auto", &limits, &reader, NULL));
        CHECK_IS(ROVE_END, kit_drain(reader, &got));
        CHECK(kit_same(plain, got.ptr, got.len));
        free(got.ptr);
        CHECK_OK(rove_stream_decode_index(s.stream, index, &limits, &on_top));
        for (unsigned i = 0; i < 60; i++)
            CHECK(seek_look(on_top, plain, kit_draw(plain.len), 3000));
        size_t n;
        CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_digest(on_top, 0, (uint8_t *) digest, 8, &n));
        CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_write(on_top, "x", 1));
        CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_pwrite(on_top, 0, "x", 1));
        CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_truncate(on_top, 0));
        FILE *file = NULL;
        CHECK_OK(rove_fopen(on_top, "r", &file));
        CHECK(fseek(file, 12345, SEEK_SET) == 0);
        uint8_t buf[5000];
        CHECK_EQ(sizeof buf, fread(buf, 1, sizeof buf, file));
        CHECK(memcmp(buf, plain.ptr + 12345, sizeof buf) == 0);
        CHECK(fclose(file) == 0);
        rove_stream_free(on_top);
        rove_stream_free(reader);
        seek_close(&s);
        CHECK_IS(0, rove_stream_is_closed(NULL) - 1);
        rove_index_unref(index);
        seek_data_drop(&outer);
        free(plain.ptr);
    }
    crews_end();
}

static void streams_with_an_index_are_not_stacked_without_end(void)
{
    struct kit_bytes coded = kit_encode("gzip", "abc", 3);
    struct rove_stream *stack[ROVE_DEPTH_MAX + 2] = {kit_source(coded.ptr, coded.len)};
    struct rove_index *index = NULL;
    struct rove_mark mark = {.size = sizeof mark, .flags = ROVE_MARK_FRESH};
    CHECK_OK(rv_index_new(env.pool, "deflate", &index));
    CHECK_OK(rv_index_add(index, (struct rv_place){0, 0}, &mark));
    index->coded_len = index->plain_len = 3;
    unsigned cnt = 1;
    enum rove_status status = ROVE_OK;
    for (; cnt < ROVE_DEPTH_MAX + 2 && status == ROVE_OK; cnt++)
        status = rove_stream_decode_index(stack[cnt - 1], index, NULL, &stack[cnt]);
    CHECK_IS(ROVE_E_LIMIT, status);
    CHECK_EQ(ROVE_DEPTH_MAX + 2, cnt);
    while (cnt)
        rove_stream_free(stack[--cnt]);
    rove_index_unref(index);
    free(coded.ptr);
}

static void closed_it_answers_as_all_do(void)
{
    struct seek_data d;
    struct seek_stream s;
    uint8_t byte;
    if (!seek_data_make(&d, &seek_kinds[0], 100000) || !seek_open(&s, &d, NULL, NULL))
        return;
    CHECK_OK(rove_stream_read(s.stream, &byte, 1, NULL));
    CHECK_OK(rove_stream_close(s.stream));
    CHECK_OK(rove_stream_close(s.stream));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_read(s.stream, &byte, 1, NULL));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_pread(s.stream, 0, &byte, 1, NULL));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_seek(s.stream, 0, ROVE_SET, NULL));
    rove_stream_clear_error(s.stream);
    struct rove_stream *other = NULL;
    CHECK_IS(ROVE_E_ARG, rove_stream_decode_index(NULL, d.index, NULL, &other));
    CHECK_IS(ROVE_E_ARG, rove_stream_decode_index(s.source, NULL, NULL, &other));
    CHECK_IS(ROVE_E_CLOSED, rove_stream_decode_index(s.stream, d.index, NULL, &other));
    seek_close(&s);
    seek_data_drop(&d);
}

// threads -----------------------------------------------------------------------------------------

struct reader {
    const struct seek_data *data;
    struct rove_stream *source;
    struct rove_workers *workers;
    uint64_t seed;
    bool right;
};

static void *read_much(void *arg)
{
    struct reader *r = arg;
    struct rove_limits limits = {.size = sizeof limits, .workers = r->workers};
    struct rove_stream *stream = NULL;
    uint8_t *buf = malloc(50000);
    r->right = rove_stream_decode_index(r->source, r->data->index, &limits, &stream) == ROVE_OK;
    for (uint64_t i = 0; r->right && i < suite_scaled(200); i++) {
        r->seed = r->seed * UINT64_C(6364136223846793005) + 1;
        uint64_t off = (r->seed >> 20) % (r->data->plain.len - 50000);
        size_t len = (size_t) (r->seed >> 40) % 50000;
        r->right = rove_stream_pread(stream, off, buf, len, NULL) == ROVE_OK &&
                   memcmp(buf, r->data->plain.ptr + off, len) == 0;
    }
    r->right = r->right && rove_stream_seek(stream, 0, ROVE_SET, NULL) == ROVE_OK;
    for (uint64_t at = 0; r->right && at + 50000 < r->data->plain.len; at += 50000)
        r->right = rove_stream_read(stream, buf, 50000, NULL) == ROVE_OK &&
                   memcmp(buf, r->data->plain.ptr + at, 50000) == 0;
    rove_stream_free(stream);
    free(buf);
    return NULL;
}

static void threads_share_an_index_and_workers(void)
{
    crews_begin();
    for (size_t k = 0; k < 3; k += 2) {
        struct seek_data d;
        struct reader readers[3];
        pthread_t threads[3];
        if (!seek_data_make(&d, &seek_kinds[k], 1200000))
            continue;
        for (unsigned i = 0; i < 3; i++)
            readers[i] = (struct reader){&d, kit_source(d.coded.ptr, d.coded.len), crews[2], i, false};
        for (unsigned i = 0; i < 3; i++)
            CHECK_EQ(0, pthread_create(&threads[i], NULL, read_much, &readers[i]));
        for (unsigned i = 0; i < 3; i++) {
            CHECK_EQ(0, pthread_join(threads[i], NULL));
            CHECK(readers[i].right);
            rove_stream_free(readers[i].source);
        }
        seek_data_drop(&d);
    }
    crews_end();
}

static void workers_that_do_nothing_change_nothing(void)
{
    struct rove_executor executor = {.size = sizeof executor, .submit = crew_refuse, .concurrency = 4};
    struct rove_workers_opts opts = {.size = sizeof opts, .executor = &executor};
    struct rove_limits limits = {.size = sizeof limits};
    struct seek_data d;
    if (!CHECK_OK(rove_workers_new(&opts, &limits.workers)) ||
        !seek_data_make(&d, &seek_kinds[0], 900000))
        return;
    look_around(&d, NULL, &limits, 200);
    struct seek_stream s;
    struct kit_bytes got;
    if (seek_open(&s, &d, NULL, &limits)) {
        CHECK_IS(ROVE_END, kit_drain(s.stream, &got));
        CHECK(kit_same(d.plain, got.ptr, got.len));
        free(got.ptr);
        seek_close(&s);
    }
    seek_data_drop(&d);
    rove_workers_unref(limits.workers);
}

static void in_order_workers_do_the_work(void)
{
    crews_begin();
    for (size_t k = 0; k < seek_kind_cnt; k++) {
        struct seek_data d;
        struct seek_stream s;
        struct kit_bytes got;
        struct rove_limits limits = limits_with(3, 0);
        if (!seek_data_make(&d, &seek_kinds[k], 400000 + (size_t) suite_scaled(2000000)))
            continue;
        uint64_t done = crew_done(3);
        if (seek_open(&s, &d, NULL, &limits)) {
            CHECK_IS(ROVE_END, kit_drain(s.stream, &got));
            CHECK(kit_same(d.plain, got.ptr, got.len));
            free(got.ptr);
            seek_close(&s);
        }
        if (!CHECK(crew_done(3) > done || d.index->cnt < 4))
            suite_note("%s", d.kind->name);
        seek_data_drop(&d);
    }
    crews_end();
}

static const struct suite_case cases[] = {
    SUITE_CASE(random_places_are_the_flat_bytes),
    SUITE_CASE(in_order_in_pieces_of_any_length),
    SUITE_CASE(in_order_from_anywhere_with_looks_elsewhere),
    SUITE_CASE(a_cold_read_asks_once_and_its_neighbours_never),
    SUITE_CASE(in_order_few_requests_ask_for_all),
    SUITE_CASE(nothing_at_all),
    SUITE_CASE(a_million_members_of_one_byte),
    SUITE_CASE(one_long_part_in_little_memory),
    SUITE_CASE(memory_that_does_not_do_is_told),
    SUITE_CASE(it_is_a_source_like_any_other),
    SUITE_CASE(streams_with_an_index_are_not_stacked_without_end),
    SUITE_CASE(closed_it_answers_as_all_do),
    SUITE_CASE(threads_share_an_index_and_workers),
    SUITE_CASE(workers_that_do_nothing_change_nothing),
    SUITE_CASE(in_order_workers_do_the_work),
    SUITE_CASE(a_source_that_fails_at_any_request),
    SUITE_CASE(a_source_that_would_block_at_any_request),
    SUITE_CASE(a_source_that_fails_far_ahead),
    SUITE_CASE(a_source_that_gives_little),
    SUITE_CASE(a_source_that_is_too_short_or_goes_on),
    SUITE_CASE(a_source_that_shrank_since),
    SUITE_CASE(an_index_of_other_data),
    SUITE_CASE(an_index_that_lies),
    SUITE_CASE(damage_is_told_or_does_not_matter),
    SUITE_CASE(a_sum_at_the_end_of_a_long_part_is_held_against_it),
    SUITE_CASE(refused_memory_is_told_and_can_be_tried_again),
    SUITE_CASE(limits_are_kept_and_named),
    SUITE_CASE(checksums_of_a_table_are_held_against_what_is_read),
    SUITE_CASE(a_stream_may_own_its_source),
    SUITE_CASE(what_is_owned_is_closed_once_and_told),
    SUITE_CASE(from_inside_its_source_it_is_refused),
    SUITE_CASE(copies_between_it_and_its_source_are_refused),
    SUITE_CASE(why_none_is_made_is_told),
    SUITE_CASE(an_index_of_the_first_of_the_data),
    SUITE_CASE(what_only_ropes_can_is_refused),
    SUITE_CASE(places_up_to_the_last_there_is),
};

int main(int argc, char **argv)
{
    static const struct suite suite = {"seek", cases, sizeof cases / sizeof *cases, false};
    return suite_run(argc, argv, &suite);
}
