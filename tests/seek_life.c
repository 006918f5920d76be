// SPDX-License-Identifier: MIT
// seek_life.c: what a stream with an index owns, what it refuses, and why one is not made.
#include "seek_kit.h"

#include "seek/index.h"

// owning ------------------------------------------------------------------------------------------

void a_stream_may_own_its_source(void)
{
    struct seek_data d;
    uint8_t buf[100];
    if (!seek_data_make(&d, &seek_kinds[0], 200000))
        return;
    for (unsigned way = 0; way < 4; way++) { // 1: freed without closing; 2: a decoder on top owns it; 3: both
        struct seek_source source = {.at = 0};
        struct seek_stream s;
        struct rove_stream *top;
        if (!seek_open(&s, &d, &source, NULL))
            break;
        CHECK_OK(rove_stream_own(s.stream));
        CHECK_OK(rove_stream_own(s.stream)); // again
        top = s.stream;
        if (way >= 2) {
            CHECK_OK(rove_stream_decode(s.stream, "crc32", NULL, &top, NULL));
            CHECK_OK(rove_stream_own(top));
        }
        CHECK_OK(rove_stream_read(top, buf, sizeof buf, NULL));
        CHECK(memcmp(buf, d.plain.ptr, sizeof buf) == 0);
        if (way % 2 == 0) {
            CHECK_OK(rove_stream_close(top));
            CHECK(source.closed == 1 && rove_stream_is_closed(s.stream) && rove_stream_is_closed(s.source));
            CHECK_OK(rove_stream_close(top));
            CHECK_IS(ROVE_E_CLOSED, rove_stream_own(top));
        }
        rove_stream_free(top); // and what is below: nothing leaks
        CHECK_EQ(1, source.closed);
    }
    seek_data_drop(&d);
}

void what_is_owned_is_closed_once_and_told(void)
{
    struct seek_data d;
    struct seek_source source = {.at_close = ROVE_E_IO};
    struct seek_stream s;
    if (!seek_data_make(&d, &seek_kinds[0], 100) || !seek_open(&s, &d, &source, NULL))
        return;
    CHECK_OK(rove_stream_own(s.stream));
    CHECK_IS(ROVE_E_IO, rove_stream_close(s.stream));
    CHECK(strncmp(rove_stream_explain(s.stream), "source: ", 8) == 0);
    CHECK(rove_stream_is_closed(s.stream) && rove_stream_is_closed(s.source));
    CHECK_OK(rove_stream_close(s.stream));
    rove_stream_free(s.stream);
    CHECK_EQ(1, source.closed);
    source = (struct seek_source){.at = 0}; // not owned, it stays open
    if (seek_open(&s, &d, &source, NULL)) {
        CHECK_OK(rove_stream_close(s.stream));
        CHECK(!source.closed && !rove_stream_is_closed(s.source));
        seek_close(&s);
    }
    seek_data_drop(&d);
}

// refused -----------------------------------------------------------------------------------------

void copies_between_it_and_its_source_are_refused(void)
{
    struct seek_data d;
    struct rove_stream *source, *stream, *top;
    uint64_t copied, len;
    if (!seek_data_make(&d, &seek_kinds[0], 2000))
        return;
    CHECK_OK(rove_stream_from_bytes(d.coded.ptr, d.coded.len, NULL, &source));
    CHECK_OK(rove_stream_decode_index(source, d.index, NULL, &stream));
    CHECK(seek_look(stream, d.plain, 0, 2000)); // all of it is at hand
    CHECK_OK(rove_stream_decode(stream, "crc32", NULL, &top, NULL));
    CHECK_IS(ROVE_E_STATE, rove_stream_copy(stream, source, 10, NULL, &copied));
    CHECK_IS(ROVE_E_STATE, rove_stream_copy(source, stream, 10, NULL, &copied));
    CHECK_IS(ROVE_E_STATE, rove_stream_copy(top, source, 10, NULL, &copied));
    CHECK_OK(rove_stream_size(source, &len));
    CHECK_EQ(d.coded.len, len);
    rove_stream_free(top);
    rove_stream_free(stream);
    rove_stream_free(source);
    seek_data_drop(&d);
}

void from_inside_its_source_it_is_refused(void)
{
    struct seek_data d;
    struct seek_source source = {.at = 0};
    struct seek_stream s;
    if (!seek_data_make(&d, &seek_kinds[0], 300000) || !seek_open(&s, &d, &source, NULL))
        return;
    source.asked_for = s.stream;
    CHECK(seek_look(s.stream, d.plain, 100000, 5000));
    source.asked_for = NULL;
    CHECK(source.reads > 0);
    seek_close(&s);
    seek_data_drop(&d);
}

static bool is_told(enum rove_status want, enum rove_status status, const char *words)
{
    bool told = status == want && strstr(rove_index_explain(), words);
    if (!told)
        suite_note("%s: %s", rove_status_text(status), rove_index_explain());
    return told;
}

void why_none_is_made_is_told(void)
{
    struct seek_data d;
    struct rove_stream *stream = NULL, *source;
    struct rove_limits limits = {.size = sizeof limits};
    if (!seek_data_make(&d, &seek_kinds[0], 100000))
        return;
    source = kit_source(d.coded.ptr, d.coded.len);
    limits.output = d.plain.len - 1;
    CHECK(is_told(ROVE_E_LIMIT, rove_stream_decode_index(source, d.index, &limits, &stream), "the limit on output is 99999"));
    CHECK(rove_index_limit() && strcmp(rove_index_limit(), "output") == 0);
    CHECK(is_told(ROVE_E_ARG, rove_stream_decode_index(source, NULL, &limits, &stream), rove_status_text(ROVE_E_ARG)));
    CHECK(!rove_index_limit());
    CHECK_OK(rove_stream_decode_index(source, d.index, NULL, &stream));
    CHECK(strcmp(rove_index_explain(), rove_status_text(ROVE_OK)) == 0);
    rove_stream_free(stream);
    CHECK_OK(rove_stream_seek(source, 0, ROVE_FROM_END, NULL));
    CHECK_OK(rove_stream_write(source, d.coded.ptr, d.coded.len));
    CHECK(is_told(ROVE_E_FORMAT, rove_stream_decode_index(source, d.index, NULL, &stream), "more of the same follows"));
    CHECK_OK(rove_stream_truncate(source, d.coded.len - 1));
    CHECK(is_told(ROVE_E_FORMAT, rove_stream_decode_index(source, d.index, NULL, &stream), "they end before it does"));
    rove_stream_free(source);
    source = kit_source(d.coded.ptr, d.coded.len);
    struct rove_index *dressed = NULL;
    CHECK_OK(rove_index_by(d.index, "deflate:dict=@", &dressed));
    CHECK(is_told(ROVE_E_ARG, rove_stream_decode_index(source, dressed, NULL, &stream), "dict=@ stands for 0 bytes"));
    rove_index_unref(dressed);
    rove_stream_free(source);
    struct seek_source failing = {.fail_at = 1, .failure = ROVE_E_IO, .data = {d.coded.ptr, d.coded.len}};
    d.index->coded_len--; // something follows, which is looked at
    source = seek_source_stream(&failing);
    CHECK(is_told(ROVE_E_IO, rove_stream_decode_index(source, d.index, NULL, &stream), "source: "));
    rove_stream_free(source);
    struct kit_device pipe = {.fail_after = UINT64_MAX};
    source = kit_device_stream(&pipe);
    CHECK(is_told(ROVE_E_UNSUPPORTED, rove_stream_decode_index(source, d.index, NULL, &stream), "cannot seek"));
    rove_stream_free(source);
    free(pipe.data.ptr);
    seek_data_drop(&d);
}

void what_only_ropes_can_is_refused(void)
{
    struct seek_data d;
    struct seek_stream s;
    struct rove_view view;
    struct rove_rope rope;
    uint8_t *room;
    size_t len;
    uint64_t pos;
    if (!seek_data_make(&d, &seek_kinds[0], 1000) || !seek_open(&s, &d, NULL, NULL))
        return;
    CHECK_OK(rove_stream_seek(s.stream, 5, ROVE_SET, NULL));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_snapshot(s.stream, &view));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_clone_rope(s.stream, &rope));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_steal(s.stream, &rope));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_read_view(s.stream, 5, &view));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_reserve(s.stream, 5, &room, &len));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_resize(s.stream, 5));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_mark(s.stream, 5));
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_rechain(s.stream, s.source));
    CHECK_OK(rove_stream_flush(s.stream));
    CHECK_OK(rove_stream_error(s.stream));
    CHECK_OK(rove_stream_tell(s.stream, &pos));
    CHECK_EQ(5, pos);
    seek_close(&s);
    seek_data_drop(&d);
}

void places_up_to_the_last_there_is(void)
{
    struct seek_data d;
    struct seek_stream s;
    uint64_t pos;
    uint8_t byte;
    size_t n;
    if (!seek_data_make(&d, &seek_kinds[0], 1000) || !seek_open(&s, &d, NULL, NULL))
        return;
    CHECK_OK(rove_stream_seek(s.stream, INT64_MAX, ROVE_SET, &pos));
    CHECK_EQ(INT64_MAX, pos);
    CHECK_IS(ROVE_END, rove_stream_read(s.stream, &byte, 1, &n));
    CHECK_IS(ROVE_E_RANGE, rove_stream_seek(s.stream, 1, ROVE_CUR, &pos));
    CHECK_IS(ROVE_E_RANGE, rove_stream_seek(s.stream, INT64_MIN, ROVE_CUR, &pos));
    CHECK_IS(ROVE_E_RANGE, rove_stream_seek(s.stream, INT64_MAX, ROVE_FROM_END, &pos));
    CHECK_IS(ROVE_E_RANGE, rove_stream_seek(s.stream, -1001, ROVE_FROM_END, &pos));
    CHECK_IS(ROVE_E_RANGE, rove_stream_pread(s.stream, UINT64_MAX, &byte, 1, &n));
    CHECK_IS(ROVE_END, rove_stream_pread(s.stream, INT64_MAX, &byte, 1, &n));
    CHECK_OK(rove_stream_tell(s.stream, &pos));
    CHECK_EQ(INT64_MAX, pos);
    CHECK_OK(rove_stream_seek(s.stream, -1, ROVE_FROM_END, &pos));
    CHECK_OK(rove_stream_read(s.stream, &byte, 1, &n));
    CHECK_EQ(d.plain.ptr[999], byte);
    seek_close(&s);
    seek_data_drop(&d);
}

// An index of what was read so far: the data go on behind it ---------------------------------------

void an_index_of_the_first_of_the_data(void)
{
    static const char *const formats[] = {"gzi", "zstd", "gzidx"};
    for (size_t k = 0; k < seek_kind_cnt; k++) {
        struct seek_data d;
        struct rove_stream *source, *stream, *by = NULL;
        struct rove_index *index = NULL;
        uint8_t buf[1000];
        if (!seek_data_make(&d, &seek_kinds[k], 600000))
            continue;
        source = kit_source(d.coded.ptr, d.coded.len);
        CHECK_OK(rove_stream_decode(source, d.kind->decode, NULL, &stream, NULL));
        CHECK_OK(rove_stream_mark(stream, d.kind->every ? d.kind->every : 1));
        for (size_t at = 0; at < 450000; at += sizeof buf)
            CHECK_OK(rove_stream_read(stream, buf, sizeof buf, NULL));
        CHECK_OK(rove_stream_index(stream, &index));
        rove_stream_free(stream);
        struct kit_bytes first = {d.plain.ptr, (size_t) index->plain_len}, got;
        CHECK(first.len >= 150000 && first.len < d.plain.len && index->coded_len < d.coded.len);
        if (CHECK_OK(rove_stream_decode_index(source, index, NULL, &by))) {
            CHECK(seek_look(by, first, first.len - 100, 100) && seek_look(by, first, 0, 5000));
            CHECK_OK(rove_stream_seek(by, 0, ROVE_SET, NULL));
            CHECK_IS(ROVE_END, kit_drain(by, &got));
            CHECK(got.len == first.len && memcmp(got.ptr, first.ptr, got.len) == 0);
            free(got.ptr);
        } else {
            suite_note("%s: %s", d.kind->name, rove_index_explain());
        }
        rove_stream_free(by);
        for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) { // which are of all that a source holds
            struct rove_stream *file = kit_rope();
            CHECK_IS(ROVE_E_UNSUPPORTED, rove_index_save(index, source, formats[i], file));
            rove_stream_free(file);
        }
        rove_stream_free(source);
        rove_index_unref(index);
        seek_data_drop(&d);
    }
}
