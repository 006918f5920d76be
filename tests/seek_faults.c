// SPDX-License-Identifier: MIT
// seek_faults.c: sources that fail, indexes that are wrong, damage, and little memory.
#include "seek_kit.h"

#include "support/amount.h"
#include "support/words.h"

#include "seek/index.h"

#include <rove/registry.h>
#include <stdlib.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

// What a read that may fail gave must be right as far as it came.
static enum rove_status read_some(struct rove_stream *stream, struct kit_bytes plain, uint64_t off,
                                  size_t len)
{
    uint8_t *buf = malloc(len + 1);
    size_t n = 0;
    enum rove_status status = rove_stream_pread(stream, off, buf, len, &n);
    CHECK(n <= len && off + n <= plain.len && memcmp(buf, plain.ptr + off, n) == 0);
    CHECK(status || n == len);
    free(buf);
    return status;
}

// The same by the cursor.
static enum rove_status read_on(struct rove_stream *stream, struct kit_bytes plain, uint64_t off, size_t len)
{
    uint8_t *buf = malloc(len + 1);
    size_t n = 0;
    uint64_t pos;
    enum rove_status status = rove_stream_seek(stream, (int64_t) off, ROVE_SET, NULL);
    if (status == ROVE_OK)
        status = rove_stream_read(stream, buf, len, &n);
    CHECK(n <= len && off + n <= plain.len && memcmp(buf, plain.ptr + off, n) == 0);
    CHECK(status || n == len);
    CHECK(rove_stream_tell(stream, &pos) == ROVE_OK && (n == 0 || pos == off + n));
    free(buf);
    return status;
}

// sources -----------------------------------------------------------------------------------------

// most: bytes of one transfer, so that a failure may come when some of a request is there.
static void fail_at_each(const struct seek_kind *kind, size_t width, enum rove_status failure, size_t most)
{
    struct seek_data d;
    unsigned failed = 1;
    if (!seek_data_make(&d, kind, amount_of(300000, 210000)))
        return;
    for (unsigned n = 1; failed; n++) {
        struct seek_source source = {.fail_at = n, .fail_on = most > 0, .failure = failure, .most = most};
        struct rove_limits limits = limits_of(width);
        struct seek_stream s;
        failed = 0;
        if (!seek_open(&s, &d, &source, &limits))
            break;
        for (size_t at = 0; at < d.plain.len; at += 7000) {
            size_t len = d.plain.len - at < 7000 ? d.plain.len - at : 7000;
            enum rove_status status = (n % 2 ? read_some : read_on)(s.stream, d.plain, at, len);
            if (!status)
                continue;
            failed++;
            CHECK_IS(failure, status);
            CHECK(strncmp(rove_stream_explain(s.stream), "source: ", 8) == 0);
            if (failure != ROVE_E_AGAIN) {
                CHECK_IS(failure, rove_stream_error(s.stream));
                CHECK_IS(failure, read_some(s.stream, d.plain, 0, 1));
                rove_stream_clear_error(s.stream);
            }
            CHECK_OK(rove_stream_error(s.source));
            source.fail_at = 0;
            CHECK_OK(read_some(s.stream, d.plain, at, len));
        }
        CHECK(failed <= 1);
        failed = source.reads >= n; // a failure to read ahead need not be told
        CHECK_OK(rove_stream_error(s.source));
        seek_close(&s);
    }
    seek_data_drop(&d);
}

void a_source_that_fails_at_any_request(void)
{
    crews_begin();
    for (size_t k = 0; k < seek_kind_cnt; k++)
        for (size_t w = 0; w < 4; w += 3)
            fail_at_each(&seek_kinds[k], w, ROVE_E_IO, w ? 0 : 3000);
    crews_end();
}

void a_source_that_would_block_at_any_request(void)
{
    crews_begin();
    for (size_t k = 0; k < seek_kind_cnt; k++)
        for (size_t w = 0; w < 4; w += 3)
            fail_at_each(&seek_kinds[k], w, ROVE_E_AGAIN, w ? 3000 : 0);
    crews_end();
}

// Far in a part it fails; then what lies before is read, and all of it.
static void fail_far_ahead(const struct seek_data *d, uint64_t far, enum rove_status failure, uint64_t memory)
{
    bool failed = true;
    for (unsigned n = 1; failed; n += 3) {
        struct seek_source source = {.fail_at = n, .fail_on = 1, .failure = failure, .most = 20000};
        struct rove_limits limits = {.size = sizeof limits, .cache = 1, .memory = memory};
        struct seek_stream s;
        if (!seek_open(&s, d, &source, &limits))
            return;
        failed = read_some(s.stream, d->plain, far, 10) == failure;
        rove_stream_clear_error(s.stream);
        source.fail_at = 0;
        CHECK_OK(read_some(s.stream, d->plain, 10 + kit_draw(far - 5000), 5000));
        CHECK_OK(read_some(s.stream, d->plain, far - 50000, 50010));
        CHECK_OK(read_some(s.stream, d->plain, 0, d->plain.len));
        seek_close(&s);
    }
}

// A source that fails in the middle of what is to be passed over leaves none of it behind as if it were whole.
void a_source_that_fails_far_ahead(void)
{
    static const struct seek_kind kinds[] = {{"bgzf", "bgzf:level=1", "bgzf", 800000, 1, true, true},
                                             {"gzip", "gzip:level=1", "gzip", 800000, 1, false, false},
                                             {"lz4", "lz4:block=64K", "lz4", 800000, 1, false, false}};
    for (size_t k = 0; k < 3; k++) {
        struct seek_data d;
        if (!seek_data_make(&d, &kinds[k], 1000000))
            continue;
        for (uint64_t far = 60000; far < 800000; far += 230000) {
            fail_far_ahead(&d, far, ROVE_E_AGAIN, 0);
            fail_far_ahead(&d, far, ROVE_E_IO, 4 << 20);
        }
        seek_data_drop(&d);
    }
}

void a_source_that_gives_little(void)
{
    for (size_t k = 0; k < seek_kind_cnt; k++) {
        struct seek_data d;
        struct seek_source source = {.most = 777};
        struct seek_stream s;
        if (!seek_data_make(&d, &seek_kinds[k], 200000) || !seek_open(&s, &d, &source, NULL))
            continue;
        for (unsigned i = 0; i < 30; i++)
            CHECK(seek_look(s.stream, d.plain, kit_draw(d.plain.len), 3000));
        seek_close(&s);
        seek_data_drop(&d);
    }
}

void a_source_that_is_too_short_or_goes_on(void)
{
    for (size_t k = 0; k < seek_kind_cnt; k++) {
        struct seek_data d;
        struct rove_stream *stream = NULL;
        if (!seek_data_make(&d, &seek_kinds[k], 100000))
            continue;
        struct rove_stream *source = kit_source(d.coded.ptr, (size_t) d.index->coded_len - 1);
        CHECK_IS(ROVE_E_FORMAT, rove_stream_decode_index(source, d.index, NULL, &stream));
        CHECK(stream == NULL);
        rove_stream_free(source);
        source = kit_source(d.coded.ptr, d.coded.len);
        CHECK_OK(rove_stream_seek(source, 0, ROVE_FROM_END, NULL));
        CHECK_OK(rove_stream_write(source, "some other data", 15));
        CHECK_OK(rove_stream_decode_index(source, d.index, NULL, &stream));
        CHECK(seek_look(stream, d.plain, 50000, 50000));
        rove_stream_free(stream);
        bool knows_its_end = !strcmp(d.kind->decode, "zlib") || !strcmp(d.kind->decode, "deflate");
        CHECK_OK(rove_stream_truncate(source, d.coded.len));
        CHECK_OK(rove_stream_seek(source, 0, ROVE_FROM_END, NULL));
        CHECK_OK(rove_stream_write(source, d.coded.ptr, d.coded.len));
        CHECK_IS(knows_its_end ? ROVE_OK : ROVE_E_FORMAT,
                 rove_stream_decode_index(source, d.index, NULL, &stream));
        rove_stream_free(stream);
        rove_stream_free(source);
        seek_data_drop(&d);
    }
    struct seek_data d;
    struct kit_device pipe = {.fail_after = UINT64_MAX};
    struct rove_stream *source = kit_device_stream(&pipe), *stream = NULL;
    if (seek_data_make(&d, &seek_kinds[0], 100)) {
        CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_decode_index(source, d.index, NULL, &stream));
        seek_data_drop(&d);
    }
    rove_stream_free(source);
    free(pipe.data.ptr);
}

void a_source_that_shrank_since(void)
{
    struct seek_data d;
    struct seek_source source = {.at = 0};
    struct seek_stream s;
    if (!seek_data_make(&d, &seek_kinds[0], 300000) || !seek_open(&s, &d, &source, NULL))
        return;
    source.data.len /= 2;
    CHECK_OK(read_some(s.stream, d.plain, 0, 1000));
    CHECK_IS(ROVE_E_FORMAT, read_some(s.stream, d.plain, 290000, 1000));
    CHECK(strstr(rove_stream_explain(s.stream), "ends before its index does") != NULL);
    seek_close(&s);
    struct rove_stream *rope = kit_source(d.coded.ptr, d.coded.len), *stream = NULL;
    if (CHECK_OK(rove_stream_decode_index(rope, d.index, NULL, &stream))) {
        CHECK_OK(rove_stream_truncate(rope, d.coded.len / 2));
        CHECK_OK(read_some(stream, d.plain, 0, 1000));
        CHECK_IS(ROVE_E_FORMAT, read_some(stream, d.plain, 290000, 1000));
        rove_stream_clear_error(stream);
        CHECK_OK(read_some(stream, d.plain, 1000, 1000));
    }
    rove_stream_free(stream);
    rove_stream_free(rope);
    seek_data_drop(&d);
}

// indexes -----------------------------------------------------------------------------------------

// Reads all, in order and here and there. Nothing may come that is wrong where there are sums.
static unsigned read_with(struct kit_bytes coded, struct rove_index *index, struct kit_bytes plain,
                          size_t width, bool sums)
{
    struct rove_stream *source = kit_source(coded.ptr, coded.len), *stream = NULL;
    struct rove_limits limits = limits_of(width);
    unsigned failed = 0;
    uint8_t buf[6000];
    if (rove_stream_decode_index(source, index, &limits, &stream)) {
        rove_stream_free(source);
        return 1;
    }
    for (uint64_t at = 0; at < index->plain_len; at += sizeof buf) {
        size_t n = 0;
        enum rove_status status;
        if (at % 5 == 0) {
            status = rove_stream_pread(stream, at, buf, sizeof buf, &n);
        } else {
            CHECK_OK(rove_stream_seek(stream, (int64_t) at, ROVE_SET, NULL));
            status = rove_stream_read(stream, buf, sizeof buf, &n);
        }
        CHECK(status != ROVE_OK || n == sizeof buf);
        if (sums)
            CHECK(at + n <= plain.len && memcmp(buf, plain.ptr + at, n) == 0);
        if (status >= 0)
            continue;
        failed++;
        CHECK(rove_stream_explain(stream)[0] && !words_repeat(rove_stream_explain(stream)));
        if (status != ROVE_E_UNSUPPORTED) // which sticks to no stream
            CHECK_IS(status, rove_stream_error(stream));
        rove_stream_clear_error(stream);
    }
    rove_stream_free(stream);
    rove_stream_free(source);
    return failed;
}

void an_index_of_other_data(void)
{
    for (size_t k = 0; k < seek_kind_cnt; k++) {
        struct seek_data d, other;
        if (!seek_data_make(&d, &seek_kinds[k], 400000))
            continue;
        bool made = seek_data_make(&other, &seek_kinds[k], 390000);
        if (made && !strcmp(d.kind->decode, "bgzf")) // the same lengths, but others of the parts
            CHECK(read_with(d.coded, other.index, other.plain, 0, false) > 0);
        if (made)
            seek_data_drop(&other);
        seek_data_drop(&d);
    }
}

// Points moved by a byte, in one way or the other, lengths that are more or less.
static void lie(struct rove_index *index, unsigned how, size_t i)
{
    struct rv_place *place = &index->places[i];
    place->coded += how == 0 ? 1 : how == 1 ? -UINT64_C(1) : 0;
    place->plain += how == 2 ? 1 : how == 3 ? -UINT64_C(1) : 0;
}

static void lie_all(struct rove_index *index, size_t from, uint64_t coded, uint64_t plain)
{
    for (size_t i = from; i < index->cnt; i++) {
        index->places[i].coded += coded;
        index->places[i].plain += plain;
    }
    index->coded_len += coded;
    index->plain_len += plain;
}

void an_index_that_lies(void)
{
    crews_begin();
    for (size_t k = 0; k < seek_kind_cnt; k++) {
        struct seek_data d;
        struct rove_index *index = NULL;
        if (!seek_data_make(&d, &seek_kinds[k], 300000))
            continue;
        for (unsigned how = 0; how < 8; how++) {
            bool few = d.index->cnt < 3;
            if (few || !CHECK_OK(rv_index_copy(d.index, d.index->cnt, d.index->spec, &index)))
                continue;
            size_t i = 1 + (size_t) kit_draw(index->cnt - 2);
            if (how < 4)
                lie(index, how, i);
            else if (how < 6)
                lie_all(index, i, 0, how == 4 ? 1 : -UINT64_C(1));
            else
                lie_all(index, index->cnt, 0, how == 6 ? 1000 : -UINT64_C(1000));
            bool even = how == 1 && d.index->states; // inside of the same byte
            for (size_t w = 0; w < 4; w += 3)
                if (!CHECK(read_with(d.coded, index, d.plain, w, false) > 0 || even))
                    suite_note("%s, %u, %zu", d.kind->name, how, i);
            rove_index_unref(index);
        }
        seek_data_drop(&d);
    }
    crews_end();
}

// damage ------------------------------------------------------------------------------------------

void damage_is_told_or_does_not_matter(void)
{
    crews_begin();
    for (size_t k = 0; k < seek_kind_cnt; k++) {
        struct seek_data d;
        unsigned told = 0, all = 0;
        if (!seek_data_make(&d, &seek_kinds[k], 20000))
            continue;
        size_t bits = d.coded.len * 8, step = bits / (size_t) suite_scaled(3000) + 1;
        for (size_t bit = (size_t) kit_draw(step); bit < bits; bit += step, all++) {
            d.coded.ptr[bit / 8] ^= (uint8_t) (1u << bit % 8);
            told += read_with(d.coded, d.index, d.plain, bit % 2 ? 3 : 0, d.kind->sums) > 0;
            d.coded.ptr[bit / 8] ^= (uint8_t) (1u << bit % 8);
        }
        CHECK(told > 0 && (!d.kind->sums || told > all / 2));
        seek_data_drop(&d);
    }
    crews_end();
}

// Too long to be checked before any of it is given. Its sum comes behind its last byte, where nobody reads on.
void a_sum_at_the_end_of_a_long_part_is_held_against_it(void)
{
    static const struct seek_kind kind = {"gzip, one part", "gzip:level=1", "gzip", UINT64_MAX, 1, false, false};
    struct seek_data d;
    if (!seek_data_make(&d, &kind, ((size_t) 1 << 20) + 70000))
        return;
    crews_begin();
    d.coded.ptr[d.coded.len - 8] ^= 1;
    for (size_t width = 0; width < WIDTHS; width += 2) {
        struct rove_limits limits = limits_of(width);
        struct seek_stream s;
        if (!seek_open(&s, &d, NULL, &limits))
            continue;
        CHECK_OK(read_on(s.stream, d.plain, 0, d.plain.len - 1));
        CHECK_IS(ROVE_E_CHECKSUM, read_on(s.stream, d.plain, d.plain.len - 1, 1));
        rove_stream_clear_error(s.stream);
        CHECK_IS(ROVE_E_CHECKSUM, read_some(s.stream, d.plain, 0, d.plain.len));
        rove_stream_clear_error(s.stream);
        CHECK_IS(ROVE_E_CHECKSUM, read_on(s.stream, d.plain, 0, d.plain.len));
        seek_close(&s);
    }
    seek_data_drop(&d);
    crews_end();
}

// memory ------------------------------------------------------------------------------------------

static void refuse_each(const struct seek_data *d, size_t width)
{
    bool refused = true;
    for (uint64_t n = 1; refused; n++) {
        struct seek_source source = {.at = 0};
        struct rove_limits limits = limits_of(width);
        source.data = d->coded;
        struct rove_stream *from = n % 2 ? seek_source_stream(&source)
                                         : kit_source(d->coded.ptr, d->coded.len);
        struct rove_stream *stream = NULL;
        unsigned failed = 0;
        test_alloc_arm(&env.alloc, n, false);
        enum rove_status status = rove_stream_decode_index(from, d->index, &limits, &stream);
        if (status) {
            CHECK_IS(ROVE_E_NOMEM, status);
            CHECK_OK(rove_stream_decode_index(from, d->index, &limits, &stream));
        }
        for (size_t at = 0; stream && at < d->plain.len; at += 31000) {
            size_t len = d->plain.len - at < 31000 ? d->plain.len - at : 31000;
            status = read_some(stream, d->plain, at, len);
            if (!status)
                continue;
            CHECK_IS(ROVE_E_NOMEM, status);
            CHECK(failed++ == 0);
            rove_stream_clear_error(stream);
            CHECK_OK(read_some(stream, d->plain, at, len));
        }
        refused = test_alloc_failed(&env.alloc) > 0;
        test_alloc_arm(&env.alloc, 0, false);
        rove_stream_free(stream);
        rove_stream_free(from);
    }
}

void refused_memory_is_told_and_can_be_tried_again(void)
{
    crews_begin();
    for (size_t k = 0; k < seek_kind_cnt; k++) {
        struct seek_data d;
        if (!seek_data_make(&d, &seek_kinds[k], 300000))
            continue;
        for (size_t w = 0; w < 2; w++)
            refuse_each(&d, w);
        seek_data_drop(&d);
    }
    crews_end();
}

void limits_are_kept_and_named(void)
{
    struct seek_data d;
    struct rove_stream *stream = NULL;
    uint8_t byte;
    if (!seek_data_make(&d, &seek_kinds[2], 1000000))
        return;
    struct rove_stream *source = kit_source(d.coded.ptr, d.coded.len);
    struct rove_limits limits = {.size = sizeof limits, .output = d.plain.len - 1};
    CHECK_IS(ROVE_E_LIMIT, rove_stream_decode_index(source, d.index, &limits, &stream));
    limits.output++;
    CHECK_OK(rove_stream_decode_index(source, d.index, &limits, &stream));
    rove_stream_free(stream);
    limits = (struct rove_limits){.size = sizeof limits, .memory = 20000};
    CHECK_OK(rove_stream_decode_index(source, d.index, &limits, &stream));
    CHECK_IS(ROVE_E_LIMIT, rove_stream_read(stream, &byte, 1, NULL));
    CHECK(rove_stream_limit(stream) && !strcmp(rove_stream_limit(stream), "memory"));
    CHECK(strstr(rove_stream_explain(stream), "the limit on memory is 20000") != NULL);
    rove_stream_free(stream);
    for (limits.memory = 40000; limits.memory < 1000000; limits.memory += 41111) {
        CHECK_OK(rove_stream_decode_index(source, d.index, &limits, &stream));
        for (unsigned i = 0; i < 10; i++) {
            uint8_t buf[3000];
            uint64_t off = kit_draw(d.plain.len - sizeof buf);
            enum rove_status status = rove_stream_pread(stream, off, buf, sizeof buf, NULL);
            CHECK(status == ROVE_OK ? !memcmp(buf, d.plain.ptr + off, sizeof buf)
                                    : status == ROVE_E_LIMIT && limits.memory < 400000);
            rove_stream_clear_error(stream);
        }
        rove_stream_free(stream);
    }
    rove_stream_free(source);
    seek_data_drop(&d);

    struct kit_bytes zeros = kit_content(3000000, 2);
    d.coded = kit_encode("gzip", zeros.ptr, zeros.len);
    d.index = seek_index(d.coded, "gzip", 0);
    source = kit_source(d.coded.ptr, d.coded.len);
    limits = (struct rove_limits){.size = sizeof limits, .ratio = 100};
    CHECK_OK(rove_stream_decode_index(source, d.index, &limits, &stream));
    CHECK_OK(rove_stream_pread(stream, 0, &byte, 1, NULL));
    CHECK_IS(ROVE_E_LIMIT, rove_stream_pread(stream, 2999999, &byte, 1, NULL));
    CHECK(rove_stream_limit(stream) && !strcmp(rove_stream_limit(stream), "ratio"));
    struct rove_stream *on_top = NULL;
    rove_stream_clear_error(stream);
    CHECK_OK(rove_stream_decode(stream, "copy", NULL, &on_top, NULL));
    struct kit_bytes got;
    CHECK_IS(ROVE_E_LIMIT, kit_drain(on_top, &got));
    CHECK(rove_stream_limit(on_top) && !strcmp(rove_stream_limit(on_top), "ratio"));
    free(got.ptr);
    rove_stream_free(on_top);
    rove_stream_free(stream);
    rove_stream_free(source);
    rove_index_unref(d.index);
    free(d.coded.ptr);
    free(zeros.ptr);
}

// A seek table with checksums for frames that have none, and behind it nothing.
static struct kit_bytes table_of(const struct rove_index *index, struct kit_bytes plain)
{
    struct kit_bytes table = {malloc(index->cnt * 12 + 17), 0};
    uint32_t words[3];
    memcpy(table.ptr, (uint8_t[]){0x5e, 0x2a, 0x4d, 0x18}, 4);
    words[0] = (uint32_t) (index->cnt * 12 + 9);
    for (unsigned k = 0; k < 4; k++)
        table.ptr[4 + k] = (uint8_t) (words[0] >> 8 * k);
    table.len = 8;
    for (size_t i = 0; i < index->cnt; i++) {
        struct rv_place at = index->places[i], end = rv_index_end(index, i);
        size_t len = (size_t) (end.plain - at.plain);
        words[0] = (uint32_t) (end.coded - at.coded);
        words[1] = (uint32_t) len;
        words[2] = (uint32_t) XXH64(plain.ptr + at.plain, len, 0);
        for (unsigned k = 0; k < 12; k++)
            table.ptr[table.len++] = (uint8_t) (words[k / 4] >> 8 * (k % 4));
    }
    for (unsigned k = 0; k < 4; k++)
        table.ptr[table.len++] = (uint8_t) (index->cnt >> 8 * k);
    memcpy(table.ptr + table.len, (uint8_t[]){0x80, 0xb1, 0xea, 0x92, 0x8f}, 5);
    table.len += 5;
    return table;
}

// Reads all frames when one has a wrong checksum, or none has.
static void read_frames(struct rove_stream *source, struct kit_bytes plain, size_t wrong, unsigned width)
{
    struct rove_limits limits = {.size = sizeof limits, .cache = 1, .workers = crews[width]};
    struct rove_index *index = NULL;
    struct rove_stream *stream = NULL;
    if (!CHECK_OK(rove_index_load(NULL, source, &index)) ||
        !CHECK_OK(rove_stream_decode_index(source, index, &limits, &stream)))
        return;
    for (size_t i = 0; i < index->cnt; i += 1 + index->cnt / 40) {
        uint64_t at = index->places[i].plain, end = rv_index_end(index, i).plain;
        uint8_t *buf = malloc((size_t) (end - at));
        enum rove_status status = rove_stream_pread(stream, at, buf, (size_t) (end - at), NULL);
        if (status) {
            // Tiny frames are decoded together, and fail together.
            CHECK(status == ROVE_E_CHECKSUM && wrong < index->cnt &&
                  (i == wrong || at / 32768 == index->places[wrong].plain / 32768));
            CHECK(strstr(rove_stream_explain(stream), "the checksum that the index has of plain bytes") != NULL);
            rove_stream_clear_error(stream);
        } else {
            CHECK(i != wrong && memcmp(buf, plain.ptr + at, (size_t) (end - at)) == 0);
        }
        free(buf);
    }
    rove_stream_free(stream);
    rove_index_unref(index);
}

void checksums_of_a_table_are_held_against_what_is_read(void)
{
    static const struct {
        const char *spec;
        size_t len;
    } cases[] = {{"zstd:block=1K,checksum=no,level=1", 100000},
                 {"zstd:block=50000,checksum=no,level=1", 400000},
                 {"zstd:block=1500000,checksum=no,level=1", 3400000}};
    crews_begin();
    for (size_t k = 0; k < 3 && rove_filter_find("zstd", ROVE_DECODE); k++) {
        struct kit_bytes plain = seek_content(cases[k].len), coded = kit_encode(cases[k].spec, plain.ptr, plain.len);
        struct rove_index *index = seek_index(coded, "zstd", 0), *loaded;
        struct kit_bytes table = table_of(index, plain), again;
        for (size_t n = 0; n < 4; n++) {
            size_t wrong = n ? index->cnt * (n - 1) / 3 : SIZE_MAX;
            struct rove_stream *source = kit_rope(), *to = kit_rope();
            if (n)
                table.ptr[8 + 12 * wrong + 8 + n] ^= 0x10;
            CHECK_OK(rove_stream_write(source, coded.ptr, coded.len));
            CHECK_OK(rove_stream_write(source, table.ptr, table.len));
            read_frames(source, plain, wrong, 0);
            read_frames(source, plain, wrong, 2);
            CHECK_OK(rove_index_load(NULL, source, &loaded));
            CHECK_OK(rove_index_save(loaded, source, "zstd", to));
            again = kit_all(to);
            CHECK(kit_same(table, again.ptr, again.len));
            free(again.ptr);
            rove_index_unref(loaded);
            rove_stream_free(to);
            rove_stream_free(source);
            if (n)
                table.ptr[8 + 12 * wrong + 8 + n] ^= 0x10;
        }
        rove_index_unref(index);
        free(table.ptr);
        free(plain.ptr);
        free(coded.ptr);
    }
    crews_end();
}
