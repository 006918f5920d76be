// SPDX-License-Identifier: MIT
// test_index_written.c: indexes that are left behind by streams that write.
#include "index_kit.h"

#include <rove/registry.h>
#include <rove/workers.h>
#include <stdio.h>
#include <stdlib.h>

// hop: a walk over what is written finds the same.
static const struct kind {
    const char *spec, *decodes;
    bool hop;
} kinds[] = {
    {"bgzf:level=1", "bgzf", true},
    {"bgzf:level=0", "bgzf", true},
    {"crc32|bgzf:level=1|xxh3", "bgzf", true}, // the sum in front is taken along by the parts
    {"lz4:block=64K", "lz4", false},
    {"lz4:block=256K,block_checksum=yes,checksum=no", "lz4", false},
    {"lz4:block=64K,level=4,content_size=300000", "lz4", true},
    {"gzip:block=32768", "gzip", false},
    {"gzip:block=50000,level=0", "gzip", false},
    {"gzip:block=40000,strategy=fixed", "gzip", false},
    {"gzip:block=40000,strategy=huffman", "gzip", false},
    {"gzip:block=40000,window=9,level=1", "gzip", false},
    {"zlib:block=100000,level=1", "zlib", false},
    {"zlib:block=64K,level=2,dict=616263", "zlib:dict=616263", false},
    {"deflate:block=64K,level=1", "deflate", false},
    {"deflate:block=64K,level=1,dict=616263", "deflate:dict=616263", false},
#if defined(ROVE_PLUGIN_ZSTD)
    {"zstd:block=20000", "zstd", true},
    {"zstd:block=70000,table=yes,level=1", "zstd", true},
    {"zstd:block=100000,dict=616263", "zstd:dict=616263", true},
#endif
#if defined(ROVE_PLUGIN_LIBDEFLATE)
    {"libdeflate:bgzf=yes,level=1", "libdeflate:bgzf=yes", true},
    {"libdeflate:level=1", "libdeflate", false},
#endif
#if defined(ROVE_PLUGIN_IGZIP)
    {"igzip", "igzip", false},
#endif
#if defined(ROVE_PLUGIN_XZ)
    {"xz:block=20000,level=0", "xz", true},
    {"crc32|xz:block=70000,level=0,check=sha256", "xz", true},
#endif
#if defined(ROVE_PLUGIN_BZIP2)
    {"bzip2:block=30000,level=1", "bzip2", false},
#endif
};

static void load(void)
{
#if defined(ROVE_PLUGIN_ZSTD)
    kit_load("zstd", ROVE_PLUGIN_ZSTD);
#endif
#if defined(ROVE_PLUGIN_LIBDEFLATE)
    kit_load("libdeflate", ROVE_PLUGIN_LIBDEFLATE);
#endif
#if defined(ROVE_PLUGIN_IGZIP)
    kit_load("igzip", ROVE_PLUGIN_IGZIP);
#endif
#if defined(ROVE_PLUGIN_XZ)
    kit_load("xz", ROVE_PLUGIN_XZ);
#endif
#if defined(ROVE_PLUGIN_BZIP2)
    kit_load("bzip2", ROVE_PLUGIN_BZIP2);
#endif
}

#define KIND_CNT (sizeof kinds / sizeof *kinds)

// How it is written: pieces of any length up to piece, a flush before each one of some.
struct manner {
    size_t piece;
    bool flushes;
    unsigned width; // workers
    uint64_t every;
};

static enum rove_status write_some(struct rove_stream *stream, struct kit_bytes plain, struct manner how)
{
    enum rove_status status = ROVE_OK;
    size_t flush_at = how.flushes ? 100 : SIZE_MAX;
    for (size_t at = 0, len; at < plain.len && status == ROVE_OK; at += len) {
        len = 1 + kit_draw(how.piece);
        len = len < plain.len - at ? len : plain.len - at;
        if (at < flush_at && at + len >= flush_at) { // the same places however the pieces are
            len = flush_at - at;
            flush_at = flush_at * 3 + 777;
            status = rove_stream_write(stream, plain.ptr + at, len);
            status = status ? status : rove_stream_flush(stream);
        } else {
            status = rove_stream_write(stream, plain.ptr + at, len);
        }
    }
    return status;
}

// What was written, and its index.
static struct kit_bytes written(const char *spec, struct kit_bytes plain, struct manner how,
                                struct rove_index **index_out)
{
    struct rove_workers_opts opts = {.size = sizeof opts, .thread_cnt = how.width};
    struct rove_limits limits = {.size = sizeof limits};
    struct rove_stream *sink = kit_rope(), *stream = NULL;
    struct kit_bytes coded = {NULL, 0};
    if (how.width)
        CHECK_OK(rove_workers_new(&opts, &limits.workers));
    if (CHECK_OK(rove_stream_encode(sink, spec, &limits, &stream, NULL)) &&
        (!index_out || CHECK_OK(rove_stream_mark(stream, how.every))) &&
        CHECK_OK(write_some(stream, plain, how)) && CHECK_OK(rove_stream_close(stream))) {
        coded = kit_all(sink);
        if (index_out)
            CHECK_OK(rove_stream_index(stream, index_out));
    }
    rove_stream_free(stream);
    rove_stream_free(sink);
    rove_workers_unref(limits.workers);
    return coded;
}

// Whether a pass that decodes finds each point of an index, too.
static bool is_found(const struct rove_index *index, struct kit_bytes coded)
{
    struct rove_index *most = NULL;
    const char *spec = strcmp(index->spec, "igzip") == 0 ? "gzip" : index->spec; // which stops between blocks
    bool fine = CHECK_IS(ROVE_END, index_read(coded, spec, 1, NULL, &most)) &&
                CHECK_EQ(most->coded_len, index->coded_len);
    for (size_t i = 0, k = 0; fine && i < index->cnt; i++) {
        while (k < most->cnt && most->places[k].plain < index->places[i].plain)
            k++;
        fine = CHECK(k < most->cnt && most->places[k].plain == index->places[i].plain);
    }
    rove_index_unref(most);
    return fine;
}

// One index for any cut of the writes and any workers; and it changes no byte.
static bool leaves_one(const struct kind *kind, struct kit_bytes plain, bool flushes, uint64_t every)
{
    struct manner how = {70000, flushes, 0, every};
    struct rove_index *index = NULL, *made = NULL;
    struct kit_bytes coded = written(kind->spec, plain, how, NULL), other;
    bool fine = true;
    for (unsigned k = 0; fine && k < 4; k += suite_scaled(3) < 3 ? 3 : 1) {
        struct rove_index *left = NULL;
        how.width = (const unsigned[]){0, 0, 1, 3}[k];
        how.piece = (const size_t[]){300000, 5000, 100000, 3000}[k];
        other = written(kind->spec, plain, how, &left);
        fine = CHECK(kit_same(coded, other.ptr, other.len)) && CHECK(left) &&
               CHECK(strcmp(left->spec, kind->decodes) == 0) && (!index || CHECK(index_same(index, left)));
        rove_index_unref(index);
        index = left;
        free(other.ptr);
    }
    fine = fine && CHECK(every || index->cnt > 1) && index_is_sound(index, coded, plain);
    bool told = kind->hop && !(flushes && strstr(kind->spec, "content_size")); // all blocks are full
    if (fine && told && CHECK_OK(index_of(coded, kind->decodes, every, NULL, &made)))
        fine = CHECK(index_same(index, made)) && CHECK_EQ(made->each, index->each);
    else if (fine && plain.len)
        fine = is_found(index, coded);
    rove_index_unref(index);
    rove_index_unref(made);
    free(coded.ptr);
    return fine;
}

static void an_encoder_leaves_the_index_of_what_it_wrote(void)
{
    struct kit_bytes plain = kit_content(300000, 1);
    load();
    uint64_t manners = suite_scaled(3);
    for (size_t i = 0; i < KIND_CNT; i++)
        for (uint64_t n = 0, k; n < manners && n < 3; n++) {
            k = (suite_seed() + i + n) % 3;
            if (!leaves_one(&kinds[i], plain, k == 1, k == 2 ? 150000 : 0))
                suite_note("%s, %u", kinds[i].spec, (unsigned) k);
        }
    free(plain.ptr);
}

static void little_or_nothing_is_written(void)
{
    struct kit_bytes plain = kit_content(10, 1);
    load();
    for (size_t i = 0; i < KIND_CNT; i++)
        for (size_t len = 0; len < 10; len += 9)
            for (unsigned width = 0; width < 2; width++) {
                struct rove_index *index = NULL;
                struct kit_bytes some = {plain.ptr, len}, coded;
                if (strstr(kinds[i].spec, "content_size"))
                    continue;
                coded = written(kinds[i].spec, some, (struct manner){10, false, width, 0}, &index);
                bool fine = CHECK(index) && CHECK_EQ(len > 0, index->cnt) && CHECK_EQ(coded.len, index->coded_len) &&
                            index_is_sound(index, coded, some);
                if (!fine)
                    suite_note("%s, %zu", kinds[i].spec, len);
                rove_index_unref(index);
                free(coded.ptr);
            }
    free(plain.ptr);
}

static void what_was_written_so_far_has_an_index(void)
{
    struct kit_bytes plain = kit_content(1000000, 1), coded;
    struct rove_stream *sink = kit_rope(), *stream;
    struct rove_index *index;
    uint64_t reach = 0;
    CHECK_OK(rove_stream_encode(sink, "crc32|bgzf|crc32", NULL, &stream, NULL));
    CHECK_OK(rove_stream_mark(stream, 5));
    CHECK_IS(ROVE_E_STATE, rove_stream_index(stream, &index));
    CHECK_OK(rove_stream_mark(stream, 100000)); // another wish replaces it
    for (size_t at = 0; at < plain.len; at += 50000) {
        CHECK_OK(rove_stream_write(stream, plain.ptr + at, 50000));
        if (rove_stream_index(stream, &index) == ROVE_E_STATE)
            continue; // it still waits for more
        CHECK(index->plain_len >= reach && index->plain_len <= at + 50000);
        reach = index->plain_len;
        rove_index_unref(index);
    }
    CHECK(reach > 700000);
    CHECK_OK(rove_stream_finish(stream));
    CHECK_OK(rove_stream_index(stream, &index));
    coded = kit_all(sink);
    CHECK(index_is_sound(index, coded, plain));
    CHECK_EQ(8, index->cnt); // each second member
    rove_index_unref(index);
    rove_stream_free(stream);
    rove_stream_free(sink);
    free(coded.ptr);
    free(plain.ptr);
}

static void streams_that_cannot_mark_what_they_write(void)
{
    static const char *const specs[] = {"crc32", "bgzf|bgzf", "gzip", "zlib:level=1", "deflate", "lz4:linked=yes", "copy"};
    struct rove_stream *sink = kit_rope(), *stream;
    struct rove_index *index;
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        CHECK_OK(rove_stream_encode(sink, specs[i], NULL, &stream, NULL));
        CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_mark(stream, 0));
        CHECK_IS(ROVE_E_STATE, rove_stream_index(stream, &index));
        rove_stream_free(stream);
    }
    for (unsigned k = 0; k < 2; k++) {
        CHECK_OK(rove_stream_encode(sink, "lz4", NULL, &stream, NULL));
        if (k)
            CHECK_OK(rove_stream_flush(stream)); // the frame's header is out
        else
            CHECK_OK(rove_stream_write(stream, "x", 1));
        CHECK_IS(ROVE_E_STATE, rove_stream_mark(stream, 0));
        CHECK_OK(rove_stream_close(stream));
        CHECK_IS(ROVE_E_CLOSED, rove_stream_mark(stream, 0));
        rove_stream_free(stream);
    }
    rove_stream_free(sink);
}

// Where a format begins with no head, a flush of nothing writes nothing.
static void a_flush_of_nothing_is_no_write(void)
{
    static const char *const specs[] = {"bgzf", "deflate:block=64K", "deflate:block=64K,level=0"};
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        struct kit_bytes plain = kit_content(300000, 1), coded;
        struct rove_stream *sink = kit_rope(), *stream;
        struct rove_index *index = NULL;
        CHECK_OK(rove_stream_encode(sink, specs[i], NULL, &stream, NULL));
        CHECK_OK(rove_stream_flush(stream));
        CHECK_OK(rove_stream_mark(stream, 0));
        CHECK_OK(rove_stream_write(stream, plain.ptr, plain.len));
        CHECK_OK(rove_stream_close(stream));
        CHECK_OK(rove_stream_index(stream, &index));
        coded = kit_all(sink);
        CHECK(index_is_sound(index, coded, plain));
        rove_index_unref(index);
        rove_stream_free(stream);
        rove_stream_free(sink);
        free(coded.ptr);
        free(plain.ptr);
    }
}

static void a_writer_put_elsewhere_marks_no_more(void)
{
    struct kit_bytes plain = kit_content(300000, 1), coded, again;
    struct rove_stream *sink = kit_rope(), *other = kit_rope(), *stream;
    struct rove_index *index;
    CHECK_OK(rove_stream_encode(sink, "gzip:block=64K", NULL, &stream, NULL));
    CHECK_OK(rove_stream_mark(stream, 0));
    CHECK_OK(rove_stream_write(stream, plain.ptr, plain.len));
    CHECK_OK(rove_stream_finish(stream));
    CHECK_OK(rove_stream_rechain(stream, other));
    CHECK_IS(ROVE_E_STATE, rove_stream_index(stream, &index));
    CHECK_OK(rove_stream_mark(stream, 0));
    CHECK_OK(rove_stream_write(stream, plain.ptr, plain.len));
    CHECK_OK(rove_stream_close(stream));
    CHECK_OK(rove_stream_index(stream, &index));
    rove_stream_free(stream);
    coded = kit_all(sink);
    again = kit_all(other);
    CHECK(kit_same(coded, again.ptr, again.len) && index->cnt == 5 && index_is_sound(index, coded, plain));
    rove_index_unref(index);
    rove_stream_free(sink);
    rove_stream_free(other);
    free(coded.ptr);
    free(again.ptr);
    free(plain.ptr);
}

// The index is written beside the data in one pass, and they are read by it.
static void it_is_saved_and_read_by(void)
{
    struct kit_bytes plain = kit_content(500000, 1), coded, made, left;
    for (unsigned k = 0; k < 2; k++) {
        const char *format = k ? "gzidx" : "gzi";
        struct rove_index *index, *walked;
        coded = written(k ? "gzip:block=50000" : "bgzf", plain, (struct manner){9999, false, 1, 0}, &index);
        struct rove_stream *source = kit_source(coded.ptr, coded.len), *a = kit_rope(), *b = kit_rope(), *stream;
        CHECK_OK(rove_index_save(index, source, format, a));
        left = kit_all(a);
        if (!k) {
            CHECK_OK(index_of(coded, "bgzf", 0, NULL, &walked));
            CHECK_OK(rove_index_save(walked, source, format, b));
            made = kit_all(b);
            CHECK(kit_same(made, left.ptr, left.len));
            rove_index_unref(walked);
            free(made.ptr);
        }
        rove_index_unref(index);
        CHECK_OK(rove_stream_seek(a, 0, ROVE_SET, NULL));
        CHECK_OK(rove_index_load(a, source, &index));
        CHECK(index_is_sound(index, coded, plain));
        CHECK_OK(rove_stream_decode_index(source, index, NULL, &stream));
        for (size_t at = plain.len - 1000; at > 1000; at -= 77777) {
            uint8_t buf[1000];
            CHECK_OK(rove_stream_pread(stream, at, buf, sizeof buf, NULL));
            CHECK(memcmp(buf, plain.ptr + at, sizeof buf) == 0);
            if (at < 77777 + 1000)
                break;
        }
        rove_stream_free(stream);
        rove_stream_free(source);
        rove_stream_free(a);
        rove_stream_free(b);
        rove_index_unref(index);
        free(coded.ptr);
        free(left.ptr);
    }
    free(plain.ptr);
}

// Whether all is read right by an index, in order and here and there.
static bool is_read_by(struct kit_bytes coded, struct kit_bytes plain, struct rove_index *index)
{
    struct rove_stream *source = kit_source(coded.ptr, coded.len), *stream = NULL;
    struct kit_bytes got = {NULL, 0};
    uint8_t buf[3000];
    bool right = CHECK_OK(rove_stream_decode_index(source, index, NULL, &stream)) &&
                 CHECK_IS(ROVE_END, kit_drain(stream, &got)) && CHECK(kit_same(plain, got.ptr, got.len));
    for (unsigned i = 0; right && i < 20; i++) {
        uint64_t off = kit_draw(plain.len - sizeof buf);
        right = CHECK_OK(rove_stream_pread(stream, off, buf, sizeof buf, NULL)) &&
                CHECK(memcmp(buf, plain.ptr + off, sizeof buf) == 0);
    }
    free(got.ptr);
    rove_stream_free(stream);
    rove_stream_free(source);
    return right;
}

static void an_index_may_be_for_another_decoder(void)
{
    static const char *const pairs[][2] = {{"bgzf", "gzip"},   {"gzip", "gzip:trailing=zeros"}, {"bgzf", "libdeflate:bgzf=yes"},
                                           {"gzip", "igzip"}, {"gzip", "libdeflate"}};
    struct kit_bytes plain = kit_content(500000, 1);
    load();
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
        struct kit_bytes coded = kit_encode(pairs[k][0], plain.ptr, plain.len);
        struct rove_index *index = NULL, *other = NULL;
        char name[32];
        snprintf(name, sizeof name, "%.*s", (int) strcspn(pairs[k][1], ":"), pairs[k][1]);
        CHECK_OK(index_of(coded, pairs[k][0], 50000, NULL, &index));
        if (rove_filter_find(name, ROVE_DECODE) && CHECK_OK(rove_index_by(index, pairs[k][1], &other))) {
            CHECK(strcmp(other->spec, pairs[k][1]) == 0 && strcmp(index->spec, pairs[k][0]) == 0);
            CHECK(other->cnt > 5 && other->cnt == index->cnt && other->coded_len == index->coded_len);
            rove_index_unref(index); // which knows nothing of the other
            index = NULL;
            if (!is_read_by(coded, plain, other))
                suite_note("%s by %s", pairs[k][0], pairs[k][1]);
            rove_index_unref(other);
        }
        rove_index_unref(index);
        free(coded.ptr);
    }
    free(plain.ptr);
}

static void what_cannot_begin_in_the_middle_reads_by_no_index(void)
{
    static const char *const specs[] = {"auto", "copy", "crc32", "bgzf|bgzf", "crc32|bgzf"};
    struct kit_bytes coded = kit_encode("bgzf", "", 0);
    struct rove_index *index, *other;
    CHECK_OK(index_of(coded, "bgzf", 0, NULL, &index));
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        CHECK_IS(ROVE_E_UNSUPPORTED, rove_index_by(index, specs[i], &other));
        CHECK(!other && strstr(rove_index_explain(), "no decoder that can begin in the middle"));
    }
    CHECK_IS(ROVE_E_ARG, rove_index_by(index, "bgzf:nonsense=1", &other));
    CHECK(strstr(rove_index_explain(), "nonsense") != NULL);
    CHECK_IS(ROVE_E_ARG, rove_index_by(index, NULL, &other));
    CHECK_IS(ROVE_E_ARG, rove_index_by(NULL, "bgzf", &other));
    CHECK_IS(ROVE_E_ARG, rove_index_by(index, "bgzf", NULL));
    if (CHECK_OK(rove_index_by(index, "gzip", &other))) // of no points
        CHECK(other->coded_len == coded.len && !other->plain_len && !other->cnt);
    rove_index_unref(other);
    rove_index_unref(index);
    free(coded.ptr);
}

#if defined(ROVE_PLUGIN_ZSTD)
// Frames that do not declare their sizes are found by decoding, each of them where each is wanted: a table of them can be
// written, and says what they are.
static void a_table_of_frames_that_were_decoded(void)
{
    static const size_t lens[] = {0, 1, 1, 0, 5000, 1, 70000, 0};
    struct kit_bytes plain = kit_content(80000, 0);
    struct rove_stream *source = kit_rope(), *stream, *file = kit_rope();
    struct rove_index *index = NULL, *again = NULL;
    struct rv_place at = {0, 0}, places[8];
    size_t cnt = 0;
    load();
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        if (lens[i] || !i) // an empty one goes with the one before it, or is where all begins
            places[cnt++] = at;
        CHECK_OK(rove_stream_encode(source, "zstd", NULL, &stream, NULL));
        CHECK_OK(rove_stream_write(stream, plain.ptr, lens[i]));
        CHECK_OK(rove_stream_close(stream));
        rove_stream_free(stream);
        CHECK_OK(rove_stream_size(source, &at.coded));
        at.plain += lens[i];
    }
    memmove(&places[1], &places[2],
            (--cnt - 1) * sizeof *places); // where all begins, nothing has come yet
    CHECK_OK(rove_index_make(source, "zstd", NULL, 1, &index));
    CHECK_EQ(cnt, index->cnt);
    for (size_t i = 0; i < cnt && i < index->cnt; i++)
        CHECK(places[i].coded == index->places[i].coded &&
              places[i].plain == index->places[i].plain);
    CHECK_OK(rove_index_save(index, source, "zstd", file));
    CHECK_OK(rove_stream_seek(file, 0, ROVE_SET, NULL));
    if (CHECK_OK(rove_index_load(file, source, &again)))
        CHECK(index_same(index, again));
    rove_index_unref(again);
    rove_index_unref(index);
    CHECK_OK(rove_index_make(source, "zstd", NULL, 2, &index)); // of some
    CHECK_IS(ROVE_E_UNSUPPORTED, rove_index_save(index, source, "zstd", file));
    rove_index_unref(index);
    rove_stream_free(file);
    rove_stream_free(source);
    free(plain.ptr);
}
#endif

static enum rove_status write_and_mark(const char *spec, struct kit_bytes plain, struct rove_index **index_out)
{
    struct rove_stream *sink = NULL, *stream = NULL;
    *index_out = NULL;
    enum rove_status status = rove_stream_new(env.pool, &sink);
    if (status == ROVE_OK)
        status = rove_stream_encode(sink, spec, NULL, &stream, NULL);
    if (status == ROVE_OK)
        status = rove_stream_mark(stream, 1);
    if (status == ROVE_OK)
        status = rove_stream_write(stream, plain.ptr, plain.len);
    if (status == ROVE_OK)
        status = rove_stream_close(stream);
    if (status == ROVE_OK)
        status = rove_stream_index(stream, index_out);
    rove_stream_free(stream);
    rove_stream_free(sink);
    return status;
}

static void memory_may_be_refused_while_marking(void)
{
    static const char *const specs[] = {"gzip:block=32K,level=1", "bgzf:level=1"};
    struct kit_bytes plain = kit_content(140000, 1);
    for (unsigned k = 0; k < 2; k++) {
        struct rove_index *whole, *index;
        CHECK_OK(write_and_mark(specs[k], plain, &whole));
        for (uint64_t n = 1, done = 0; !done; n++) {
            rove_pool_trim(env.pool);
            test_alloc_arm(&env.alloc, n, false);
            enum rove_status status = write_and_mark(specs[k], plain, &index);
            done = !test_alloc_failed(&env.alloc);
            test_alloc_arm(&env.alloc, 0, false);
            CHECK(status == ROVE_OK || status == ROVE_E_NOMEM);
            CHECK((index != NULL) == (status == ROVE_OK));
            if (index && !index_same(whole, index))
                suite_note("%s, allocation %llu", specs[k], (unsigned long long) n);
            rove_index_unref(index);
        }
        rove_index_unref(whole);
    }
    free(plain.ptr);
}

// What the points take is counted, and refused where it is too much; what was written stays an error of the stream.
static void points_that_want_too_much_memory_are_a_limit(void)
{
    struct kit_bytes plain = kit_content(4000000, 0);
    struct rove_limits limits = {.size = sizeof limits, .memory = 1200000};
    struct rove_stream *sink = kit_rope(), *stream;
    struct rove_index *index;
    CHECK_OK(rove_stream_encode(sink, "gzip:block=32K,level=1", &limits, &stream, NULL));
    CHECK_OK(rove_stream_mark(stream, 0));
    CHECK_IS(ROVE_E_LIMIT, rove_stream_write(stream, plain.ptr, plain.len));
    CHECK(strcmp(rove_stream_limit(stream), "memory") == 0);
    CHECK_OK(rove_stream_index(stream, &index)); // up to there
    CHECK(index->cnt > 5 && index->plain_len < plain.len);
    rove_index_unref(index);
    rove_stream_free(stream);
    rove_stream_free(sink);
    free(plain.ptr);
}

// hooks -------------------------------------------------------------------------------------------

// Moves bytes; what it says of places is the option.
enum { HONEST, NOT_YET, NOWHERE, TOO_LONG, NO_STATUS };
static const char *const words[] = {"honest", "not_yet", "nowhere", "too_long", "no_status", NULL};

static int32_t mover_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    (void) host;
    *(uint64_t *) st = values[0].u;
    return ROVE_OK;
}

static int32_t mover_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    size_t len = in->len < out->len ? in->len : out->len;
    (void) st;
    if (len)
        memcpy(out->ptr, in->ptr, len);
    *in = (struct rove_in){len ? in->ptr + len : in->ptr, in->len - len};
    *out = (struct rove_out){out->ptr + len, out->len - len};
    return act != ROVE_RUN && !in->len ? ROVE_END : ROVE_OK;
}

static int32_t mover_mark(void *st, struct rove_mark *mark)
{
    static const uint8_t state[1];
    switch (*(uint64_t *) st) {
    case HONEST:
        mark->flags = ROVE_MARK_FRESH;
        return ROVE_OK;
    case NOT_YET:
        return ROVE_E_AGAIN;
    case NOWHERE:
        return ROVE_E_UNSUPPORTED;
    case TOO_LONG:
        mark->state = state;
        mark->state_len = ROVE_MARK_MAX + 1;
        return ROVE_OK;
    default:
        return 99;
    }
}

static int32_t mover_resume(void *st, const struct rove_mark *mark)
{
    (void) st;
    (void) mark;
    return ROVE_OK;
}

static int32_t mover_hop(void *st, const uint8_t *ptr, size_t len, struct rove_hop *hop)
{
    (void) st;
    (void) ptr;
    (void) len;
    (void) hop;
    return ROVE_E_UNSUPPORTED;
}

static const struct rove_option mover_options[] = {
    {.key = "says", .kind = ROVE_OPT_WORD, .dirs = ROVE_ENCODE, .fallback = "honest", .words = words, .about = "x"},
    {.key = NULL}};

static void hooks_that_make_no_sense_are_refused(void)
{
    static struct rove_filter filter = {ROVE_FILTER_INIT, .name = "mover", .about = "moves", .dir = ROVE_ENCODE,
                                        .state_len = 8, .options = mover_options, .open = mover_open, .run = mover_run,
                                        .mark = mover_mark};
    struct rove_filter bad = filter;
    bad.hop = mover_hop;
    CHECK(rove_filter_register(&bad, NULL) < 0);
    bad = filter;
    bad.resume = mover_resume;
    CHECK(rove_filter_register(&bad, NULL) < 0);
    bad = filter;
    bad.dir = ROVE_DECODE;
    CHECK(rove_filter_register(&bad, NULL) < 0);
    bad.dir = ROVE_TAP;
    CHECK(rove_filter_register(&bad, NULL) < 0);
    CHECK_OK(rove_filter_register(&filter, NULL));
}

static void an_encoder_that_lies_about_its_places(void)
{
    static const enum rove_status want[] = {ROVE_OK, ROVE_E_UNSUPPORTED, ROVE_E_UNSUPPORTED, ROVE_E_STALL, ROVE_E_STALL};
    for (size_t i = 0; i < 5 && rove_filter_find("mover", ROVE_ENCODE); i++) {
        struct rove_stream *sink = kit_rope(), *stream;
        char spec[32];
        snprintf(spec, sizeof spec, "mover:says=%s", words[i]);
        CHECK_OK(rove_stream_encode(sink, spec, NULL, &stream, NULL));
        CHECK_IS(want[i], rove_stream_mark(stream, 0));
        bool broken = want[i] == ROVE_E_STALL;
        CHECK_IS(broken ? ROVE_E_STALL : ROVE_OK, rove_stream_write(stream, "some", 4));
        CHECK_IS(broken ? ROVE_E_STALL : ROVE_OK, rove_stream_close(stream));
        rove_stream_free(stream);
        rove_stream_free(sink);
    }
}

static const struct suite_case cases[] = {
    SUITE_CASE(an_encoder_leaves_the_index_of_what_it_wrote),
    SUITE_CASE(little_or_nothing_is_written),
    SUITE_CASE(what_was_written_so_far_has_an_index),
    SUITE_CASE(streams_that_cannot_mark_what_they_write),
    SUITE_CASE(a_flush_of_nothing_is_no_write),
    SUITE_CASE(a_writer_put_elsewhere_marks_no_more),
    SUITE_CASE(it_is_saved_and_read_by),
    SUITE_CASE(an_index_may_be_for_another_decoder),
    SUITE_CASE(what_cannot_begin_in_the_middle_reads_by_no_index),
#if defined(ROVE_PLUGIN_ZSTD)
    SUITE_CASE(a_table_of_frames_that_were_decoded),
#endif
    SUITE_CASE(memory_may_be_refused_while_marking),
    SUITE_CASE(points_that_want_too_much_memory_are_a_limit),
    SUITE_CASE(hooks_that_make_no_sense_are_refused),
    SUITE_CASE(an_encoder_that_lies_about_its_places),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv, &(struct suite){"test_index_written", cases, sizeof cases / sizeof *cases, false});
}
