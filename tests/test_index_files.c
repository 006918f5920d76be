// SPDX-License-Identifier: MIT
// test_index_files.c: index files, read and written: .gzi of bgzip, GZIDX of indexed_gzip, the seek table of zstd.
//
// What is read is built byte by byte from the formats' descriptions (index_bytes.h). Every file is damaged everywhere:
// what comes of it is a failure or an index that keeps all promises.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "index_bytes.h"
#include "seek/index.h"
#include "stream_kit.h"
#include "support/edits.h"

// what is read ----------------------------------------------------------------------------------

enum { GZI, GZIDX_0, GZIDX_1, TABLE, TABLE_SUMS, TABLE_INSIDE, KINDS };

static const char *const formats[KINDS] = {"gzi", "gzidx", "gzidx", "zstd", "zstd", "zstd"};

struct sample {
    struct made_data data;
    struct made file; // TABLE_INSIDE: none; it is at the end of the data
};

static const uint32_t some_lens[] = {0, 300, 65280, 0, 1, 40000, 65500, 7, 0};
static const uint32_t frame_lens[] = {1000, 0, UINT32_MAX, 200000, 1, 70000};

static void sample_drop(struct sample *s)
{
    made_data_drop(&s->data);
    made_drop(&s->file);
}

// Long data, or, to be damaged everywhere, short ones.
static struct sample sample_of(int kind, bool is_short)
{
    struct sample s = {.file = {NULL, 0, 0}};
    static const uint32_t few[] = {300, 0, 20, 1};
    static const uint32_t gzip_lens[] = {200000, 0, 50000, 300000};
    size_t cnt = is_short ? 4 : kind == GZI ? 9 : 6;
    if (kind == GZI)
        made_bgzf(&s.data, is_short ? few : some_lens, cnt);
    else if (kind == GZIDX_0)
        made_gzip(&s.data, is_short ? few : gzip_lens, 1, is_short ? 100 : 60000);
    else if (kind == GZIDX_1)
        made_gzip(&s.data, is_short ? few : gzip_lens, 4, is_short ? 100 : 60000);
    else
        made_zstd(&s.data, is_short ? few : frame_lens, cnt);
    if (kind == GZI)
        made_gzi(&s.file, &s.data);
    else if (kind == GZIDX_0 || kind == GZIDX_1)
        made_gzidx(&s.file, &s.data, kind == GZIDX_1, MADE_WINDOW);
    else
        made_table(kind == TABLE_INSIDE ? &s.data.coded : &s.file, &s.data, kind == TABLE_SUMS);
    return s;
}

static enum rove_status load(const struct sample *s, struct rove_index **index_out)
{
    struct rove_stream *source = stream_of(s->data.coded.ptr, s->data.coded.len);
    struct rove_stream *from = s->file.len ? stream_of(s->file.ptr, s->file.len) : NULL;
    seek_to(source, 5);
    enum rove_status status = rove_index_load(from, source, index_out);
    CHECK_AT(5, source);
    CHECK(status ? !*index_out : *index_out != NULL);
    if (from)
        CHECK_AT(status ? 0 : s->file.len, from);
    rove_stream_free(from);
    rove_stream_free(source);
    return status;
}

static struct made save(const struct sample *s, const struct rove_index *index, const char *format,
                        enum rove_status expected)
{
    struct rove_stream *source = stream_of(s->data.coded.ptr, s->data.coded.len);
    struct rove_stream *to = stream_of(NULL, 0);
    struct made made = {NULL, 0, 0};
    uint64_t len = 0;
    CHECK_IS(expected, rove_index_save(index, source, format, to));
    CHECK_OK(rove_stream_size(to, &len));
    uint8_t *room = malloc(len + 1);
    CHECK(room && rove_stream_pread(to, 0, room, (size_t) len, NULL) == ROVE_OK);
    made_add(&made, room, (size_t) len);
    free(room);
    rove_stream_free(to);
    rove_stream_free(source);
    return made;
}

// what comes of it ------------------------------------------------------------------------------

static struct rove_index_figures figures_of(const struct rove_index *index)
{
    struct rove_index_figures f = {.size = sizeof f};
    rove_index_measure(index, &f);
    return f;
}

// All that index.h promises, whatever was read.
static void check_sound(const struct rove_index *index, uint64_t source_len)
{
    struct rove_index_figures f = figures_of(index);
    struct rove_point last = {0, 0, 0, 0}, p;
    uint64_t found;
    CHECK(f.coded_len <= source_len && f.spec && f.memory);
    for (uint64_t i = 0; i < f.point_cnt; i++, last = p) {
        CHECK_OK(rove_index_point(index, i, &p));
        bool sound = i ? p.coded >= last.coded && p.plain >= last.plain &&
                             (p.coded > last.coded || p.plain > last.plain)
                       : p.plain == 0;
        CHECK(sound && p.coded <= f.coded_len && p.plain < f.plain_len && p.bits < 8);
        CHECK(p.state_len <= MADE_WINDOW && (!p.bits || p.coded));
        CHECK(rove_index_find(index, p.plain, &found) == ROVE_OK && found >= i);
    }
    CHECK_IS(ROVE_E_RANGE, rove_index_point(index, f.point_cnt, &p));
    CHECK_IS(ROVE_E_RANGE, rove_index_find(index, f.plain_len, &found));
    CHECK(f.plain_len ? f.point_cnt > 0 : !f.point_cnt);
}

// Whether the last points with something behind them are those of an index; theirs that begin nothing are not in it.
static void check_points(const struct made_data *d, const struct rove_index *index, bool gzidx)
{
    static uint8_t room[ROVE_MARK_MAX];
    struct rove_index_figures f = figures_of(index);
    CHECK_EQ(d->plain.len, f.plain_len);
    uint64_t at = gzidx;
    for (size_t i = 0; i < d->cnt; i++) {
        const struct made_point *want = &d->points[i];
        struct rove_mark mark;
        if (want->plain == f.plain_len || (gzidx && !want->plain))
            continue;
        struct rv_place place = index->places[at];
        if (!gzidx && at < f.point_cnt && place.coded != want->coded)
            continue; // one that holds nothing
        CHECK(at < f.point_cnt && place.coded == want->coded - want->head && place.plain == want->plain);
        CHECK_OK(rv_index_mark(index, (size_t) at, room, &mark));
        CHECK_EQ(want->bits, mark.bits);
        CHECK_EQ(want->windowed ? 0 : ROVE_MARK_FRESH, mark.flags);
        size_t window = want->windowed ? (size_t) want->plain : 0;
        window = window < MADE_WINDOW ? window : MADE_WINDOW;
        CHECK_EQ(window, mark.state_len);
        CHECK(!window || memcmp(mark.state, d->plain.ptr + want->plain - window, window) == 0);
        at++;
    }
    CHECK_EQ(at, f.point_cnt);
}

// cases -----------------------------------------------------------------------------------------

static void each_kind_is_read(void)
{
    for (int kind = 0; kind < KINDS; kind++) {
        struct sample s = sample_of(kind, false);
        struct rove_index *index = NULL;
        if (CHECK_OK(load(&s, &index))) {
            bool gzidx = kind == GZIDX_0 || kind == GZIDX_1;
            check_sound(index, s.data.coded.len);
            check_points(&s.data, index, gzidx);
            struct rove_index_figures f = figures_of(index);
            CHECK_EQ(s.data.coded.len, f.coded_len);
            CHECK(strcmp(f.spec, kind == GZI ? "bgzf" : gzidx ? "gzip" : "zstd") == 0);
            suite_note("%s: %" PRIu64 " points", formats[kind], f.point_cnt);
        }
        rove_index_unref(index);
        sample_drop(&s);
    }
}

// Reads by an index at drawn offsets, across points and heads of members.
static void check_read_by(const struct sample *s, struct rove_index *index, struct rng *rng)
{
    static uint8_t buf[100000];
    struct rove_stream *source = stream_of(s->data.coded.ptr, s->data.coded.len);
    struct rove_stream *stream = NULL;
    size_t all = s->data.plain.len;
    CHECK_OK(rove_stream_decode_index(source, index, NULL, &stream));
    for (int i = 0; i < 40; i++) {
        size_t off = rng_below(rng, all), len = 1 + rng_below(rng, sizeof buf), got = 0;
        size_t want = len < all - off ? len : all - off;
        if (!CHECK(rove_stream_pread(stream, off, buf, len, &got) >= 0))
            suite_note("%s", rove_stream_explain(stream));
        CHECK(got == want && memcmp(buf, s->data.plain.ptr + off, got) == 0);
    }
    rove_stream_free(stream);
    rove_stream_free(source);
}

static void what_is_read_by_an_index_is_right(void)
{
    struct rng rng = rng_from(suite_seed());
    for (int kind = GZI; kind <= GZIDX_1; kind++) {
        struct sample s = sample_of(kind, false);
        struct rove_index *index = NULL;
        CHECK_OK(load(&s, &index));
        check_read_by(&s, index, &rng);
        struct made gzidx = save(&s, index, "gzidx", ROVE_OK);
        rove_index_unref(index);
        made_drop(&s.file);
        s.file = gzidx;
        CHECK_OK(load(&s, &index));
        check_read_by(&s, index, &rng);
        rove_index_unref(index);
        sample_drop(&s);
    }
}

static bool is_same(const struct made *a, const struct made *b)
{
    return a->len == b->len && (!a->len || memcmp(a->ptr, b->ptr, a->len) == 0);
}

static void gzi_and_tables_are_written_as_they_were(void)
{
    for (int kind = 0; kind < KINDS; kind++) {
        if (kind == GZIDX_0 || kind == GZIDX_1)
            continue;
        struct sample s = sample_of(kind, false);
        struct rove_index *loaded = NULL, *index = NULL;
        CHECK_OK(load(&s, &loaded));
        CHECK_OK(rv_index_copy(loaded, loaded->cnt, loaded->spec, &index)); // which says the same
        rove_index_unref(loaded);
        struct made again = save(&s, index, formats[kind], ROVE_OK), want = {NULL, 0, 0};
        if (kind == GZI)
            made_gzi(&want, &s.data);
        else if (kind == TABLE || kind == TABLE_SUMS)
            made_table(&want, &s.data, kind == TABLE_SUMS);
        else
            made_add(&want, s.data.coded.ptr + s.data.coded.len - again.len, again.len);
        CHECK(is_same(&want, &again));
        made_drop(&again);
        made_drop(&want);
        rove_index_unref(index);
        sample_drop(&s);
    }
}

// What was read from a GZIDX and written is read as the same; and once more gives the same bytes.
static void gzidx_comes_round(void)
{
    for (int kind = GZIDX_0; kind <= GZIDX_1; kind++) {
        struct sample s = sample_of(kind, false);
        struct rove_index *index = NULL, *other = NULL;
        CHECK_OK(load(&s, &index));
        struct made once = save(&s, index, "gzidx", ROVE_OK);
        made_drop(&s.file);
        s.file = once;
        CHECK_OK(load(&s, &other));
        check_points(&s.data, other, true);
        struct made twice = save(&s, other, "gzidx", ROVE_OK);
        CHECK(is_same(&once, &twice));
        CHECK(once.ptr[5] == 1 && figures_of(other).point_cnt == figures_of(index).point_cnt);
        made_drop(&twice);
        rove_index_unref(index);
        rove_index_unref(other);
        sample_drop(&s);
    }
}

// Members of bgzf are members of gzip: in the file each begins behind its head, here before it.
static void gzidx_of_bgzf_comes_round(void)
{
    struct sample s = sample_of(GZI, false);
    struct rove_index *index = NULL, *other = NULL;
    CHECK_OK(load(&s, &index));
    struct made gzidx = save(&s, index, "gzidx", ROVE_OK);
    made_drop(&s.file);
    s.file = gzidx;
    CHECK_OK(load(&s, &other));
    CHECK_EQ(figures_of(index).point_cnt, figures_of(other).point_cnt);
    for (uint64_t i = 1; i < figures_of(index).point_cnt; i++) {
        struct rove_point one, two;
        CHECK(rove_index_point(index, i, &one) == ROVE_OK && rove_index_point(other, i, &two) == ROVE_OK);
        CHECK(two.coded == one.coded && two.plain == one.plain && !two.state_len);
        CHECK_EQ(one.coded + 18, s.file.ptr[35 + 18 * i] | s.file.ptr[36 + 18 * i] << 8 | s.file.ptr[37 + 18 * i] << 16);
    }
    made_drop(&gzidx);
    s.file = (struct made){NULL, 0, 0};
    gzidx = save(&s, other, "gzi", ROVE_E_UNSUPPORTED);
    CHECK_EQ(0, gzidx.len);
    rove_index_unref(index);
    rove_index_unref(other);
    made_drop(&gzidx);
    sample_drop(&s);
}

static void what_a_format_cannot_say_is_refused(void)
{
    for (int kind = 0; kind < KINDS; kind++) {
        struct sample s = sample_of(kind, true);
        struct rove_index *index = NULL;
        CHECK_OK(load(&s, &index));
        for (int to = 0; to < KINDS; to++) {
            bool well = strcmp(formats[to], formats[kind]) == 0 || (kind == GZI && to != TABLE);
            if (to >= TABLE && kind >= TABLE)
                well = true;
            else if (to >= TABLE)
                well = false;
            struct made made = save(&s, index, formats[to], well ? ROVE_OK : ROVE_E_UNSUPPORTED);
            made_drop(&made);
        }
        struct made none = save(&s, index, "bgzi", ROVE_E_ARG);
        CHECK_EQ(0, none.len);
        CHECK_IS(ROVE_E_ARG, rove_index_save(index, NULL, "gzidx", NULL));
        rove_index_unref(index);
        sample_drop(&s);
    }
}

// libdeflate writes members of gzip, too, of which a .gzi cannot be; and none is of members longer than those of bgzf.
static void gzi_is_of_members_of_bgzf_alone(void)
{
    static const struct {
        const char *spec;
        uint64_t len; // plain bytes of a member
        enum rove_status status;
    } tries[] = {
        {"bgzf", 65536, ROVE_OK},
        {"libdeflate:bgzf=yes", 65536, ROVE_OK},
        {"libdeflate:trailing=stop,bgzf=yes", 1, ROVE_OK},
        {"libdeflate", 65536, ROVE_E_UNSUPPORTED},
        {"libdeflate:bgzf=no", 65536, ROVE_E_UNSUPPORTED},
        {"bgzf", 65537, ROVE_E_UNSUPPORTED},
        {"libdeflate:bgzf=yes", 262144, ROVE_E_UNSUPPORTED},
        {"gzip", 100, ROVE_E_UNSUPPORTED},
    };
    const struct rove_mark fresh = {.size = sizeof fresh, .flags = ROVE_MARK_FRESH};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        struct rove_stream *to = stream_of(NULL, 0);
        struct rove_index *index = NULL;
        uint64_t len = 0;
        CHECK_OK(rv_index_new(env.pool, tries[i].spec, &index));
        for (uint64_t k = 0; k < 5; k++)
            CHECK_OK(rv_index_add(index, (struct rv_place){k * 1000, k * tries[i].len}, &fresh));
        rv_index_close(index, 5000, 5 * tries[i].len);
        index->each = true;
        CHECK_IS(tries[i].status, rove_index_save(index, NULL, "gzi", to));
        CHECK_OK(rove_stream_size(to, &len));
        CHECK_EQ(tries[i].status ? 0 : 8 + 4 * 16, len);
        rove_index_unref(index);
        rove_stream_free(to);
    }
}

static enum rove_status status_of(const struct sample *s)
{
    struct rove_index *index = NULL;
    enum rove_status status = load(s, &index);
    if (status == ROVE_OK)
        check_sound(index, s->data.coded.len);
    rove_index_unref(index);
    return status;
}

static void gzi_goes_on_behind_its_entries(void)
{
    struct sample s = sample_of(GZI, false);
    struct rove_index *index = NULL;
    s.file.len = 8; // no entry at all
    memset(s.file.ptr, 0, 8);
    CHECK_OK(load(&s, &index));
    check_points(&s.data, index, false);
    rove_index_unref(index);
    made_add(&s.data.coded, "trailing", 8);
    CHECK_OK(load(&s, &index));
    CHECK_EQ(s.data.coded.len - 8, figures_of(index).coded_len);
    rove_index_unref(index);
    made_add(&s.data.coded, "\x1f\x8b\x08\0", 4);
    s.data.coded.len -= 12; // over the other
    made_add(&s.data.coded, "\x1f\x8b\x08\0\0\0\0\0\0\3", 10);
    CHECK_IS(ROVE_E_FORMAT, status_of(&s)); // a member that tells no length
    s.data.coded.len -= 11;
    CHECK_IS(ROVE_E_TRUNCATED, status_of(&s));
    sample_drop(&s);
}

// Reads len bytes at an offset through what was loaded.
static enum rove_status read_by(const struct sample *s, uint64_t off, uint8_t *buf, size_t len)
{
    struct rove_stream *source = stream_of(s->data.coded.ptr, s->data.coded.len), *stream = NULL;
    struct rove_index *index = NULL;
    CHECK_OK(load(s, &index));
    CHECK_OK(rove_stream_decode_index(source, index, NULL, &stream));
    enum rove_status status = rove_stream_pread(stream, off, buf, len, NULL);
    rove_stream_free(stream);
    rove_index_unref(index);
    rove_stream_free(source);
    return status;
}

// A GZIDX has the length of the whole file.
static void gzidx_is_read_where_something_follows_the_data(void)
{
    static const uint8_t zeros[700], letters[] = "other bytes";
    for (int kind = GZIDX_0; kind <= GZIDX_1; kind++)
        for (int way = 0; way < 3; way++) {
            struct sample s = sample_of(kind, way == 2);
            uint8_t last[5];
            made_add(&s.data.coded, way ? letters : zeros, way ? sizeof letters - 1 : sizeof zeros);
            for (unsigned i = 0; i < 8; i++)
                s.file.ptr[7 + i] = (uint8_t) ((uint64_t) s.data.coded.len >> 8 * i);
            uint64_t at = s.data.plain.len - sizeof last;
            CHECK_OK(read_by(&s, at, last, sizeof last));
            CHECK(memcmp(last, s.data.plain.ptr + at, sizeof last) == 0);
            sample_drop(&s);
        }
}

// Between the two places where they show, parts are sound and elsewhere: a sum over all before would tell.
static void gzi_entries_that_lie_together_show_at_both_ends(void)
{
    static const uint32_t lens[] = {40000, 40000, 40000, 40000, 40000, 40000, 40000, 40000};
    struct sample s = {.file = {NULL, 0, 0}};
    uint8_t some[4];
    made_bgzf(&s.data, lens, 8);
    made_gzi(&s.file, &s.data);
    for (size_t i = 2; i < 5; i++) // entries of members 3, 4 and 5
        s.file.ptr[8 + 16 * i + 8] ^= 1;
    CHECK_OK(read_by(&s, 1 * 40000 + 9, some, sizeof some));
    CHECK_IS(ROVE_E_FORMAT, read_by(&s, 2 * 40000 + 9, some, sizeof some)); // in front of the first
    CHECK_IS(ROVE_E_FORMAT, read_by(&s, 5 * 40000 + 9, some, sizeof some)); // of the last
    CHECK_OK(read_by(&s, 6 * 40000 + 9, some, sizeof some));
    sample_drop(&s);
}

static void data_of_no_bytes_have_no_points(void)
{
    static const uint32_t none[] = {0};
    struct sample s = {.file = {NULL, 0, 0}};
    struct rove_index *index = NULL;
    for (int kind = 0; kind < 4; kind++) {
        if (kind < 2) // bgzip's count, and ours
            made_bgzf(&s.data, none, 1);
        else if (kind == 2)
            made_gzip(&s.data, none, 1, 1000);
        else
            made_zstd(&s.data, none, 1);
        if (kind < 2)
            made_number(&s.file, kind ? 0 : UINT64_MAX, 8);
        else if (kind == 2)
            made_gzidx(&s.file, &s.data, 1, MADE_WINDOW);
        else
            made_table(&s.file, &s.data, false);
        CHECK_OK(load(&s, &index));
        check_sound(index, s.data.coded.len);
        CHECK_EQ(0, figures_of(index).plain_len);
        CHECK_EQ(s.data.coded.len, figures_of(index).coded_len);
        const char *format = kind < 2 ? "gzi" : kind == 2 ? "gzidx" : "zstd";
        struct made again = save(&s, index, format, ROVE_OK);
        made_drop(&s.file);
        s.file = again;
        rove_index_unref(index);
        CHECK_OK(status_of(&s));
        sample_drop(&s);
    }
}

// Each index is of this source and of no other.
static void another_source_is_found_out(void)
{
    for (int kind = 0; kind < KINDS; kind++) {
        struct sample s = sample_of(kind, false);
        struct made_data *d = &s.data;
        if (kind != TABLE_INSIDE) {
            uint8_t more[1000]; // longer, and not by something that may be there
            memcpy(more, d->coded.ptr, sizeof more);
            made_add(&d->coded, more, sizeof more);
            CHECK_IS(kind == GZI ? ROVE_E_TRUNCATED : ROVE_E_FORMAT, status_of(&s));
            d->coded.len -= 1001; // shorter
            CHECK(status_of(&s) != ROVE_OK);
            d->coded.len = 0;
            CHECK(status_of(&s) != ROVE_OK);
        }
        for (int other = 0; other < KINDS; other++) {
            struct sample o = sample_of(other, true);
            struct made had = s.data.coded;
            bool inside = kind == TABLE_INSIDE;
            s.data.coded = o.data.coded;
            if (!inside)
                CHECK(status_of(&s) < 0);
            s.data.coded = had;
            sample_drop(&o);
        }
        sample_drop(&s);
    }
}

static void gzidx_says_what_is_wrong_with_it(void)
{
    static const struct {
        size_t at;
        uint8_t byte;
        enum rove_status status;
    } wrong[] = {
        {5, 2, ROVE_E_UNSUPPORTED}, // a later version
        {6, 1, ROVE_E_UNSUPPORTED}, // a reserved byte
        {28, 0, ROVE_E_FORMAT},     // windows that are too short
        {31, 200, ROVE_E_FORMAT},   // more points than there are: windows are taken for them
        {35 + 18 + 16, 8, ROVE_E_FORMAT},
        {35 + 18 + 17, 2, ROVE_E_FORMAT},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct sample s = sample_of(GZIDX_1, false);
        s.file.ptr[wrong[i].at] = wrong[i].byte;
        CHECK_IS(wrong[i].status, status_of(&s));
        sample_drop(&s);
    }
    struct sample s = sample_of(GZIDX_1, false);
    memset(s.file.ptr + 15, 0, 8); // a length that was not known
    CHECK_OK(status_of(&s));
    s.data.points[s.data.cnt - 1].coded--; // and is not the last point's
    made_drop(&s.file);
    made_gzidx(&s.file, &s.data, 1, MADE_WINDOW);
    memset(s.file.ptr + 15, 0, 8);
    CHECK_IS(ROVE_E_UNSUPPORTED, status_of(&s));
    sample_drop(&s);
    s = sample_of(GZIDX_1, false);
    made_drop(&s.file);
    made_gzidx(&s.file, &s.data, 1, 3 * MADE_WINDOW + 5); // of longer windows the end counts
    struct rove_index *index = NULL;
    CHECK_OK(load(&s, &index));
    check_points(&s.data, index, true);
    rove_index_unref(index);
    sample_drop(&s);
}

static void a_table_says_what_is_wrong_with_it(void)
{
    struct sample s = sample_of(TABLE_INSIDE, false);
    uint8_t *end = s.data.coded.ptr + s.data.coded.len;
    for (unsigned bit = 0; bit < 8; bit++) {
        end[-5] = (uint8_t) (1 << bit);
        CHECK_IS(bit < 2 ? ROVE_OK : ROVE_E_FORMAT, status_of(&s)); // two are free, one lies, the others are reserved
    }
    end[-5] = 0;
    CHECK_OK(status_of(&s));
    end[-1] ^= 1; // nothing that looks like a table
    CHECK_IS(ROVE_E_UNSUPPORTED, status_of(&s));
    sample_drop(&s);
}

// damage ----------------------------------------------------------------------------------------

// No count has made anybody ask for more than a slab of chunks is.
static void check_memory(void)
{
    CHECK(env.alloc.largest <= 4 << 20);
}

static void a_cut_at_every_byte_is_told(void)
{
    for (int kind = 0; kind < KINDS; kind++) {
        struct sample s = sample_of(kind, true);
        struct made *cut = kind == TABLE_INSIDE ? &s.data.coded : &s.file;
        size_t step = kind == GZIDX_0 || kind == GZIDX_1 ? 97 : 1, len = cut->len;
        for (size_t i = 1; i < len; i += i < 200 ? 1 : step) {
            cut->len = i;
            enum rove_status status = status_of(&s);
            CHECK(kind == TABLE_INSIDE ? status == ROVE_E_UNSUPPORTED || status == ROVE_E_FORMAT
                                       : status == ROVE_E_TRUNCATED);
        }
        cut->len = len;
        CHECK_OK(status_of(&s));
        check_memory();
        sample_drop(&s);
    }
}

static bool is_clear(enum rove_status status)
{
    return status == ROVE_E_FORMAT || status == ROVE_E_TRUNCATED || status == ROVE_E_UNSUPPORTED;
}

static void a_bit_flipped_anywhere_is_told_or_harmless(void)
{
    unsigned sound = 0, told = 0;
    for (int kind = 0; kind < KINDS; kind++) {
        struct sample s = sample_of(kind, true);
        struct made *in = kind == TABLE_INSIDE ? &s.data.coded : &s.file;
        for (size_t bit = 0; bit < 8 * (in->len < 400 ? in->len : 400); bit++) {
            in->ptr[bit / 8] ^= (uint8_t) (1 << bit % 8);
            enum rove_status status = status_of(&s);
            CHECK(status == ROVE_OK || is_clear(status));
            sound += status == ROVE_OK;
            told += status != ROVE_OK;
            in->ptr[bit / 8] ^= (uint8_t) (1 << bit % 8);
        }
        check_memory();
        sample_drop(&s);
    }
    suite_note("%u bits told, %u harmless", told, sound);
}

// Every number of a file, made as large as it can be, and one less and one more than that.
static void a_count_is_not_believed(void)
{
    static const uint64_t large[] = {UINT64_MAX,     UINT64_MAX - 1, UINT32_MAX, UINT32_MAX - 1,
                                     INT64_MAX,      UINT64_C(1) << 63, UINT64_C(1) << 32,
                                     UINT64_C(1) << 60, 1 << 27,      (1 << 27) + 1};
    for (int kind = 0; kind < KINDS; kind++) {
        struct sample s = sample_of(kind, true);
        struct made *in = kind == TABLE_INSIDE ? &s.data.coded : &s.file;
        size_t from = kind == TABLE_INSIDE ? in->len - 49 : 0;
        for (size_t at = from; at + 4 <= in->len && at < from + 200; at++)
            for (size_t i = 0; i < 2 * sizeof large / sizeof *large; i++) {
                uint8_t had[8];
                size_t len = at + 8 <= in->len && i % 2 ? 8 : 4;
                memcpy(had, in->ptr + at, len);
                for (size_t k = 0; k < len; k++)
                    in->ptr[at + k] = (uint8_t) (large[i / 2] >> 8 * k);
                enum rove_status status = status_of(&s);
                CHECK(status == ROVE_OK || is_clear(status));
                memcpy(in->ptr + at, had, len);
            }
        check_memory();
        sample_drop(&s);
    }
}

static void noise_is_no_index(void)
{
    struct rng rng = rng_from(suite_seed());
    struct sample s = sample_of(GZI, true);
    for (uint64_t i = 0; i < suite_scaled(20000); i++) {
        static const char *const heads[] = {"", "GZIDX\1", "GZIDX", "\x5e\x2a\x4d\x18", "\3\0\0\0\0\0\0"};
        size_t len = rng_below(&rng, 200);
        const char *head = heads[rng_below(&rng, 5)];
        s.file.len = 0;
        made_add(&s.file, head, head[0] == 3 ? 8 : strlen(head));
        for (size_t k = 0; k < len; k++)
            made_number(&s.file, rng_below(&rng, 4) ? 0 : rng_next(&rng), 1);
        if (s.file.len) {
            enum rove_status status = status_of(&s);
            CHECK(status == ROVE_OK || is_clear(status));
        }
    }
    check_memory();
    sample_drop(&s);
}

// streams ---------------------------------------------------------------------------------------

// A device that gives a byte at a time and fails, once, at one of its calls.
struct device {
    const struct made *bytes;
    size_t pos;
    uint64_t zeros; // behind them
    uint64_t calls, fail_at;
    enum rove_status failure;
};

static enum rove_status io_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    struct device *d = ctx;
    *len_out = 0;
    if (++d->calls == d->fail_at)
        return d->failure;
    if (d->pos >= d->bytes->len && len && d->pos < d->bytes->len + d->zeros) {
        *len_out = len < d->zeros ? len : (size_t) d->zeros;
        memset(buf, 0, *len_out);
        return ROVE_OK;
    }
    if (d->pos >= d->bytes->len || !len)
        return ROVE_END;
    size_t most = d->bytes->len - d->pos, want = d->bytes->len > 5000 ? 1000 : 1;
    *len_out = want < most ? want : most;
    *len_out = *len_out < len ? *len_out : len;
    memcpy(buf, d->bytes->ptr + d->pos, *len_out);
    d->pos += *len_out;
    return ROVE_OK;
}

static enum rove_status io_seek(void *ctx, uint64_t pos)
{
    struct device *d = ctx;
    d->pos = (size_t) pos;
    return ROVE_OK;
}

static enum rove_status io_length(void *ctx, uint64_t *len_out)
{
    struct device *d = ctx;
    *len_out = d->bytes->len + d->zeros;
    return ROVE_OK;
}

static struct rove_stream *stream_over(struct device *d, bool seeks)
{
    struct rove_io io = {.size = sizeof io, .read = io_read};
    struct rove_stream *stream = NULL;
    if (seeks) {
        io.seek = io_seek;
        io.length = io_length;
    }
    CHECK_OK(rove_stream_from_io(&io, d, env.pool, &stream));
    return stream;
}

// Loads with the n-th call of the file's device or of the source's failing; returns whether one did.
static bool load_failing(const struct sample *s, uint64_t n, bool in_source, enum rove_status why)
{
    struct device file = {.bytes = &s->file, .fail_at = in_source ? 0 : n, .failure = why};
    struct device data = {.bytes = &s->data.coded, .fail_at = in_source ? n : 0, .failure = why};
    struct rove_stream *from = s->file.len ? stream_over(&file, true) : NULL;
    struct rove_stream *source = stream_over(&data, true);
    struct rove_index *index = NULL;
    enum rove_status status = rove_index_load(from, source, &index);
    bool failed = (in_source ? data.calls : file.calls) >= n;
    CHECK_IS(failed ? why : ROVE_OK, status);
    CHECK(!index == failed);
    if (failed) {
        CHECK_EQ(why == ROVE_E_IO ? ROVE_E_IO : ROVE_OK, rove_stream_error(in_source ? source : from));
        if (from)
            CHECK_AT(0, from); // whatever sticks in it
        rove_stream_clear_error(in_source ? source : from);
        CHECK_OK(rove_index_load(from, source, &index)); // once more
    }
    check_sound(index, s->data.coded.len);
    rove_index_unref(index);
    rove_stream_free(from);
    rove_stream_free(source);
    return failed;
}

static void streams_that_fail_are_told_and_may_be_tried_again(void)
{
    for (int kind = 0; kind < KINDS; kind++) {
        struct sample s = sample_of(kind, true);
        for (int way = 0; way < 4; way++) {
            enum rove_status why = way & 1 ? ROVE_E_AGAIN : ROVE_E_IO;
            uint64_t n = 1;
            if (kind == TABLE_INSIDE && way < 2)
                continue;
            while (load_failing(&s, n, way >= 2, why))
                n += n > 60 ? 13 : 1;
            CHECK(n > 1);
        }
        sample_drop(&s);
    }
}

static void the_file_may_be_a_pipe_and_the_data_may_not(void)
{
    for (int kind = 0; kind < TABLE_INSIDE; kind++) {
        struct sample s = sample_of(kind, true);
        struct device file = {.bytes = &s.file}, data = {.bytes = &s.data.coded};
        struct rove_stream *from = stream_over(&file, false), *source = stream_over(&data, true);
        struct rove_index *index = NULL;
        CHECK_OK(rove_index_load(from, source, &index));
        check_points(&s.data, index, kind == GZIDX_0 || kind == GZIDX_1);
        rove_index_unref(index);
        CHECK_IS(ROVE_E_UNSUPPORTED, rove_index_load(source, from, &index));
        CHECK(!index);
        CHECK_OK(rove_stream_close(from));
        CHECK_IS(ROVE_E_CLOSED, rove_index_load(from, source, &index));
        CHECK_OK(rove_stream_close(source));
        CHECK_IS(ROVE_E_CLOSED, rove_index_load(NULL, source, &index));
        rove_stream_free(from);
        rove_stream_free(source);
        sample_drop(&s);
    }
}

// A disk that was written to, and has zeros behind that.
static void padding_is_not_read_to_its_end(void)
{
    for (int kind = GZIDX_0; kind <= GZIDX_1; kind++) {
        struct sample s = sample_of(kind, false);
        struct device data = {.bytes = &s.data.coded, .zeros = UINT64_C(1) << 50};
        uint64_t all = s.data.coded.len + data.zeros, at = s.data.plain.len - 5;
        struct rove_stream *source = stream_over(&data, true), *stream = NULL;
        struct rove_index *index = NULL;
        uint8_t last[5];
        for (unsigned i = 0; i < 8; i++)
            s.file.ptr[7 + i] = (uint8_t) (all >> 8 * i);
        struct rove_stream *from = stream_of(s.file.ptr, s.file.len);
        CHECK_OK(rove_index_load(from, source, &index));
        CHECK_OK(rove_stream_decode_index(source, index, NULL, &stream));
        CHECK_OK(rove_stream_pread(stream, at, last, sizeof last, NULL));
        CHECK(memcmp(last, s.data.plain.ptr + at, sizeof last) == 0);
        CHECK_IS(ROVE_END, rove_stream_pread(stream, at + 5, last, 1, NULL));
        rove_stream_free(stream);
        rove_index_unref(index);
        rove_stream_free(from);
        rove_stream_free(source);
        sample_drop(&s);
    }
}

// Bytes that look like the beginning of a head everywhere, with a text that nothing ends.
static void heads_are_not_sought_far(void)
{
    struct sample s = {.file = {NULL, 0, 0}};
    struct made_data *d = &s.data;
    struct rove_index *index = NULL;
    made_gzip(d, (uint32_t[]){30000}, 1, 30000);
    size_t len = d->coded.len;
    for (unsigned i = 0; i < 100000; i++)
        made_add(&d->coded, "\x1f\x8b\x08\x08\x1f\x8b\x08\x10zz", 10);
    d->cnt = 1;
    for (size_t i = 1; i < MADE_POINTS; i++)
        d->points[d->cnt++] = (struct made_point){.coded = len + 10000 * i, .plain = 100 * i};
    made_gzidx(&s.file, d, 1, MADE_WINDOW);
    struct device data = {.bytes = &d->coded};
    struct rove_stream *source = stream_over(&data, true), *from = stream_of(s.file.ptr, s.file.len);
    CHECK_OK(rove_index_load(from, source, &index));
    CHECK(data.calls < MADE_POINTS * 10); // what is near is read once
    rove_index_unref(index);
    rove_stream_free(from);
    rove_stream_free(source);
    sample_drop(&s);
}

static void a_table_of_more_frames_than_there_are_bytes_is_not_read(void)
{
    struct sample s = sample_of(TABLE, true);
    struct device file = {.bytes = &s.file};
    for (unsigned i = 0; i < 4; i++)
        s.file.ptr[4 + i] = 0xff;
    for (unsigned i = 0; i < 300000; i++)
        made_add(&s.file, "\0\0\0\0\0\0\0\0", 8);
    struct rove_stream *from = stream_over(&file, false), *source = stream_of(s.data.coded.ptr, s.data.coded.len);
    struct rove_index *index = NULL;
    CHECK_IS(ROVE_E_FORMAT, rove_index_load(from, source, &index));
    CHECK(file.pos < 200000);
    rove_stream_free(from);
    rove_stream_free(source);
    sample_drop(&s);
}

static void a_file_that_goes_on_is_none(void)
{
    for (int kind = 0; kind < TABLE_INSIDE; kind++) {
        struct sample s = sample_of(kind, true);
        made_add(&s.file, "", 1);
        CHECK_IS(ROVE_E_FORMAT, status_of(&s));
        sample_drop(&s);
    }
}

// memory ----------------------------------------------------------------------------------------

static void memory_that_is_refused_leaves_nothing(void)
{
    for (int kind = 0; kind < KINDS; kind++)
        for (int persistent = 0; persistent < 2; persistent++) {
            struct sample s = sample_of(kind, true);
            struct rove_stream *source = stream_of(s.data.coded.ptr, s.data.coded.len);
            struct rove_stream *from = s.file.len ? stream_of(s.file.ptr, s.file.len) : NULL;
            struct rove_stream *to = stream_of(NULL, 0);
            struct rove_index *index = NULL;
            enum rove_status status = ROVE_E_NOMEM;
            for (uint64_t n = 1; status == ROVE_E_NOMEM; n++) {
                rove_pool_trim(env.pool);
                test_alloc_arm(&env.alloc, n, persistent);
                status = rove_index_load(from, source, &index);
                if (status == ROVE_OK)
                    status = rove_index_save(index, source, formats[kind], to);
                uint64_t failed = test_alloc_failed(&env.alloc);
                test_alloc_arm(&env.alloc, 0, false);
                CHECK(status == ROVE_OK || (status == ROVE_E_NOMEM && failed));
                if (from)
                    seek_to(from, 0);
                rove_index_unref(index);
                index = NULL;
                CHECK_OK(rove_stream_reset(to));
            }
            CHECK_OK(status);
            rove_stream_free(from);
            rove_stream_free(source);
            rove_stream_free(to);
            sample_drop(&s);
        }
}

static enum rove_status io_write(void *ctx, const void *src, size_t len, size_t *len_out)
{
    struct device *d = ctx;
    (void) src;
    *len_out = 0;
    if (d->pos >= d->fail_at)
        return d->failure;
    *len_out = len < d->fail_at - d->pos ? len : (size_t) (d->fail_at - d->pos);
    d->pos += *len_out;
    return ROVE_OK;
}

static void a_sink_that_is_full_is_told(void)
{
    for (int kind = 0; kind < KINDS; kind++) {
        struct sample s = sample_of(kind, true);
        struct rove_index *index = NULL;
        CHECK_OK(load(&s, &index));
        for (size_t room = 0; room < 300; room += 7) {
            struct device sink = {.fail_at = room, .failure = ROVE_E_IO};
            struct rove_io io = {.size = sizeof io, .write = io_write};
            struct rove_stream *source = stream_of(s.data.coded.ptr, s.data.coded.len), *to = NULL;
            CHECK_OK(rove_stream_from_io(&io, &sink, env.pool, &to));
            enum rove_status status = rove_index_save(index, source, formats[kind], to);
            if (status == ROVE_OK)
                status = rove_stream_close(to);
            CHECK(status == ROVE_E_IO || (status == ROVE_OK && sink.pos <= room));
            rove_stream_free(to);
            rove_stream_free(source);
        }
        rove_index_unref(index);
        sample_drop(&s);
    }
}

// Lays each block before a page that nobody may touch.
static size_t guarded_len(size_t len)
{
    size_t page = (size_t) sysconf(_SC_PAGESIZE);
    return (len + page - 1) / page * page;
}

static void *guarded_alloc(void *ctx, size_t len, size_t align)
{
    size_t all = guarded_len(len), page = (size_t) sysconf(_SC_PAGESIZE);
    (void) ctx;
    if (align > page)
        return NULL; // slabs, which are not wanted here
    uint8_t *base = mmap(NULL, all + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED)
        return NULL;
    if (mprotect(base + all, page, PROT_NONE) == 0)
        return base + (all - len) / align * align;
    munmap(base, all + page);
    return NULL;
}

static void guarded_free(void *ctx, void *ptr, size_t len, size_t align)
{
    size_t all = guarded_len(len);
    (void) ctx;
    uint8_t *base = (uint8_t *) ptr - (all - len) / align * align;
    munmap(base, all + (size_t) sysconf(_SC_PAGESIZE));
}

// What lies behind an array is not looked at when it grows: also not when that is a block of its own, longer than those
// that pools cut.
static void sums_of_many_frames_lie_in_their_array(void)
{
    const struct rove_allocator guarded = {sizeof guarded, "guarded", NULL, guarded_alloc, guarded_free};
    const struct rove_pool_opts opts = {.size = sizeof opts, .allocator = &guarded};
    const struct rove_mark fresh = {.size = sizeof fresh, .flags = ROVE_MARK_FRESH};
    const uint32_t cnt = (UINT32_C(1) << 20) + 3;
    struct rove_pool *pool = NULL;
    struct rove_index *index = NULL;
    uint32_t wrong = 0;
    CHECK_OK(rove_pool_new(&opts, &pool));
    CHECK_OK(rv_index_new(pool, "zstd", &index));
    enum rove_status status = index ? ROVE_OK : ROVE_E_NOMEM;
    for (uint32_t i = 0; i < cnt && status == ROVE_OK; i++) {
        status = rv_index_add(index, (struct rv_place){5 * (uint64_t) i, i}, &fresh);
        if (status == ROVE_OK)
            status = rv_index_add_sum(index, i * UINT32_C(0x9e3779b1));
    }
    CHECK_OK(status);
    for (uint32_t i = 0; i < cnt && status == ROVE_OK; i++)
        wrong += index->sums[i] != i * UINT32_C(0x9e3779b1);
    CHECK_EQ(0, wrong);
    rove_index_unref(index);
    rove_pool_unref(pool);
}

static const struct suite_case cases[] = {
    SUITE_CASE(each_kind_is_read),
    SUITE_CASE(what_is_read_by_an_index_is_right),
    SUITE_CASE(gzi_and_tables_are_written_as_they_were),
    SUITE_CASE(gzidx_comes_round),
    SUITE_CASE(gzidx_of_bgzf_comes_round),
    SUITE_CASE(what_a_format_cannot_say_is_refused),
    SUITE_CASE(gzi_is_of_members_of_bgzf_alone),
    SUITE_CASE(gzi_goes_on_behind_its_entries),
    SUITE_CASE(gzidx_is_read_where_something_follows_the_data),
    SUITE_CASE(gzi_entries_that_lie_together_show_at_both_ends),
    SUITE_CASE(data_of_no_bytes_have_no_points),
    SUITE_CASE(another_source_is_found_out),
    SUITE_CASE(gzidx_says_what_is_wrong_with_it),
    SUITE_CASE(a_table_says_what_is_wrong_with_it),
    SUITE_CASE(a_cut_at_every_byte_is_told),
    SUITE_CASE(a_bit_flipped_anywhere_is_told_or_harmless),
    SUITE_CASE(a_count_is_not_believed),
    SUITE_CASE(noise_is_no_index),
    SUITE_CASE(streams_that_fail_are_told_and_may_be_tried_again),
    SUITE_CASE(the_file_may_be_a_pipe_and_the_data_may_not),
    SUITE_CASE(padding_is_not_read_to_its_end),
    SUITE_CASE(heads_are_not_sought_far),
    SUITE_CASE(a_table_of_more_frames_than_there_are_bytes_is_not_read),
    SUITE_CASE(a_file_that_goes_on_is_none),
    SUITE_CASE(memory_that_is_refused_leaves_nothing),
    SUITE_CASE(a_sink_that_is_full_is_told),
    SUITE_CASE(sums_of_many_frames_lie_in_their_array),
};

int main(int argc, char **argv)
{
    static const struct suite suite = {
        .name = "index files",
        .cases = cases,
        .cnt = sizeof cases / sizeof *cases,
    };
    return suite_run(argc, argv, &suite);
}
