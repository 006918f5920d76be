// SPDX-License-Identifier: MIT
// test_index_merged.c: index files that are put together from two valid ones, of different data.
//
// The head of one and the tail of the other, entries swapped, doubled and left out, places or distances taken over, with
// every count and length made right again. What loads is read by, over either data. Bytes that come of bgzf, or of gzip
// with windows that are right, are bytes of the data: of another place, perhaps, as index.h says, but read in order all
// of bgzf is right or not all of it comes. An index that is right all the same is read by without a failure. Workers
// change nothing.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rove/index.h>
#include <rove/workers.h>

#include "index_bytes.h"
#include "stream_kit.h"
#include "support/edits.h"

enum { GZI, GZIDX, KINDS };

// What is there -----------------------------------------------------------------------------------

static struct made_data data_of(struct rng *rng, int kind)
{
    struct made_data d = {.cnt = 0};
    uint32_t lens[12];
    size_t cnt = 2 + rng_below(rng, kind == GZI ? 11 : 4);
    for (size_t i = 0; i < cnt; i++) // some of the same length, and some of nothing
        lens[i] = rng_below(rng, 3) ? (uint32_t) rng_below(rng, 4) * 9000 : (uint32_t) rng_below(rng, 60000);
    lens[0] += lens[0] == 0;
    if (kind == GZI)
        made_bgzf(&d, lens, cnt);
    else
        made_gzip(&d, lens, cnt, 6000);
    return d;
}

// What is put together ----------------------------------------------------------------------------

// The points of the one up to some place, and those of the other from some place on: as they are, or so that they follow
// the last one at the distances that they had.
static void head_and_tail(struct made_data *to, const struct made_data *a, const struct made_data *b, struct rng *rng)
{
    size_t head = 1 + rng_below(rng, a->cnt), from = rng_below(rng, b->cnt + 1);
    bool follows = rng_below(rng, 2), beside = rng_below(rng, 2);
    if (beside && head < b->cnt) // at the same number
        from = head;
    memcpy(to->points, a->points, head * sizeof *a->points);
    to->cnt = head;
    for (size_t i = from; i < b->cnt && to->cnt < MADE_POINTS; i++) {
        struct made_point p = b->points[i];
        if (follows && i > 0) {
            const struct made_point *last = &to->points[to->cnt - 1], *was = &b->points[i - 1];
            p.coded += last->coded - was->coded;
            p.plain += last->plain - was->plain;
        }
        to->points[to->cnt++] = p;
    }
}

static void touch(struct made_data *to, const struct made_data *b, struct rng *rng)
{
    struct made_point *p = to->points;
    size_t i = rng_below(rng, to->cnt), j = rng_below(rng, to->cnt), k = rng_below(rng, b->cnt);
    struct made_point had = p[i];
    switch (rng_below(rng, 6)) {
    case 0: // swapped
        p[i] = p[j];
        p[j] = had;
        break;
    case 1: // in the place of another
        p[i] = b->points[k];
        break;
    case 2: // left out
        memmove(p + i, p + i + 1, (to->cnt - i - 1) * sizeof *p);
        to->cnt -= to->cnt > 1;
        break;
    case 3: // doubled
        if (to->cnt < MADE_POINTS)
            memmove(p + i + 1, p + i, (to->cnt++ - i) * sizeof *p);
        break;
    case 4: // the coded offset of one, the plain one of another
        p[i].coded = b->points[k].coded;
        break;
    default:
        p[i].plain = b->points[k].plain;
    }
}

// A merged one, with windows of the text that all data have, or of that from another place on, and lengths of either. No
// window lies outside of the text.
static struct made_data merged(const struct made_data *a, const struct made_data *b, size_t shift, struct rng *rng)
{
    struct made_data to = {.cnt = 0};
    head_and_tail(&to, a, b, rng);
    for (size_t n = rng_below(rng, 4); n > 0; n--)
        touch(&to, b, rng);
    to.coded.len = (rng_below(rng, 4) ? a : b)->coded.len;
    to.plain.len = (rng_below(rng, 4) ? a : b)->plain.len;
    uint64_t last = to.plain.len;
    for (size_t i = 0; i < to.cnt; i++)
        last = to.points[i].plain > last ? to.points[i].plain : last;
    to.plain.ptr = malloc((size_t) last + 1);
    for (uint64_t i = 0; i < last && to.plain.ptr; i++)
        to.plain.ptr[i] = made_plain(i + shift);
    return to;
}

// What comes of it --------------------------------------------------------------------------------

// What was told, of what kind.
static unsigned refused, right, failed;

static bool is_clear(enum rove_status status)
{
    return status == ROVE_E_FORMAT || status == ROVE_E_TRUNCATED || status == ROVE_E_UNSUPPORTED
           || status == ROVE_E_DATA || status == ROVE_E_CHECKSUM || status == ROVE_E_TRAILING;
}

// Where a coded place lies in the plain bytes of the data; false when decoding cannot begin there.
static bool true_place(const struct made_data *d, const struct rove_point *p, uint64_t *plain_out)
{
    for (size_t i = 0; i < d->cnt; i++) {
        uint32_t head = p->state_len ? 0 : d->points[i].head; // with a window it is behind the head
        if (d->points[i].coded - head == p->coded && d->points[i].bits == p->bits) {
            *plain_out = d->points[i].plain;
            return true;
        }
    }
    return false;
}

// What a decoder must know at a point is what the index has for it. Without a window none is wanted, at a head.
static bool knows(const struct rove_point *p, uint64_t plain, size_t shift)
{
    return !p->state_len || (!shift && p->plain == plain);
}

// What an index is worth over some data, by what they are known to hold.
struct worth {
    bool known; // decoding can begin at each point, with what it has
    bool right; // and each is where it says that it is
};

static struct worth worth_of(const struct rove_index *index, const struct rove_index_figures *f, const struct made_data *d,
                             size_t shift)
{
    struct worth w = {true, f->plain_len == d->plain.len};
    for (uint64_t i = 0; i < f->point_cnt; i++) {
        struct rove_point p;
        uint64_t plain;
        CHECK_OK(rove_index_point(index, i, &p));
        w.known = w.known && true_place(d, &p, &plain) && knows(&p, plain, shift);
        w.right = w.right && w.known && p.plain == plain;
    }
    return w;
}

static bool holds(const struct made *plain, const uint8_t *ptr, size_t len)
{
    return !len || memmem(plain->ptr, plain->len, ptr, len) != NULL;
}

// Each part by itself. A tiny one fails with those around it, with which it is decoded.
static void check_parts(struct rove_stream *stream, const struct rove_index *index, const struct made_data *d,
                        size_t shift)
{
    static uint8_t buf[1 << 20];
    struct rove_index_figures f = {.size = sizeof f};
    rove_index_measure(index, &f);
    struct worth worth = worth_of(index, &f, d, shift);
    bool bgzf = strcmp(f.spec, "bgzf") == 0;
    for (uint64_t i = 0; i < f.point_cnt; i++) {
        struct rove_point p, next = {.plain = f.plain_len};
        size_t got = 0;
        CHECK_OK(rove_index_point(index, i, &p));
        if (i + 1 < f.point_cnt)
            CHECK_OK(rove_index_point(index, i + 1, &next));
        uint64_t len = next.plain - p.plain < sizeof buf ? next.plain - p.plain : sizeof buf;
        enum rove_status status = rove_stream_pread(stream, p.plain, buf, (size_t) len, &got);
        CHECK(status == ROVE_OK ? got == len : is_clear(status));
        if (bgzf || worth.known)
            CHECK(holds(&d->plain, buf, got));
        if (worth.right && CHECK_OK(status))
            CHECK(memcmp(buf, d->plain.ptr + p.plain, got) == 0);
        *(status ? &failed : &right) += 1;
        rove_stream_clear_error(stream);
    }
}

// All of it in order. Of bgzf it is all right, or not all.
static enum rove_status read_all(struct rove_stream *source, struct rove_index *index, struct rove_workers *workers,
                                 const struct made_data *d, struct made *to)
{
    static uint8_t buf[30000];
    struct rove_limits limits = {.size = sizeof limits, .workers = workers};
    struct rove_index_figures f = {.size = sizeof f};
    struct rove_stream *stream = NULL;
    size_t got = 0;
    rove_index_measure(index, &f);
    enum rove_status status = rove_stream_decode_index(source, index, &limits, &stream);
    for (; status == ROVE_OK; made_add(to, buf, got))
        status = rove_stream_read(stream, buf, sizeof buf, &got);
    CHECK(status == ROVE_END ? to->len == f.plain_len : is_clear(status));
    if (strcmp(f.spec, "bgzf") == 0) {
        CHECK(to->len <= d->plain.len && (!to->len || memcmp(to->ptr, d->plain.ptr, to->len) == 0));
        CHECK(status != ROVE_END || to->len == d->plain.len);
    }
    rove_stream_free(stream);
    return status;
}

static void check_over(const struct made *file, const struct made_data *d, size_t shift, struct rove_workers *workers)
{
    struct rove_stream *source = stream_of(d->coded.ptr, d->coded.len), *from = stream_of(file->ptr, file->len);
    struct rove_stream *stream = NULL;
    struct rove_index *index = NULL;
    enum rove_status status = rove_index_load(from, source, &index);
    CHECK(status == ROVE_OK ? index != NULL : !index && is_clear(status));
    refused += status != ROVE_OK;
    if (status == ROVE_OK) {
        status = rove_stream_decode_index(source, index, NULL, &stream);
        CHECK(status == ROVE_OK || is_clear(status));
        if (status == ROVE_OK)
            check_parts(stream, index, d, shift);
        struct made one = {NULL, 0, 0}, many = {NULL, 0, 0};
        CHECK_IS(read_all(source, index, NULL, d, &one), read_all(source, index, workers, d, &many));
        size_t both = one.len < many.len ? one.len : many.len;
        CHECK(!both || memcmp(one.ptr, many.ptr, both) == 0);
        made_drop(&one);
        made_drop(&many);
    }
    rove_stream_free(stream);
    rove_index_unref(index);
    rove_stream_free(from);
    rove_stream_free(source);
}

static void merge_much(int kind, uint64_t cnt)
{
    struct rng rng = rng_from(suite_seed());
    struct rove_workers *workers = NULL;
    struct rove_workers_opts opts = {.size = sizeof opts, .thread_cnt = 2};
    CHECK_OK(rove_workers_new(&opts, &workers));
    refused = right = failed = 0;
    for (uint64_t n = suite_scaled(cnt); n > 0; n--) {
        struct made_data a = data_of(&rng, kind), b = data_of(&rng, kind);
        for (unsigned i = 0; i < 20; i++) {
            size_t shift = rng_below(&rng, 4) ? 0 : 1 + rng_below(&rng, 5000);
            struct made_data points = merged(&a, &b, shift, &rng);
            struct made file = {NULL, 0, 0};
            if (kind == GZI)
                made_gzi(&file, &points);
            else
                made_gzidx(&file, &points, 1, MADE_WINDOW);
            check_over(&file, &a, shift, workers);
            check_over(&file, &b, shift, workers);
            made_drop(&file);
            made_data_drop(&points);
        }
        made_data_drop(&a);
        made_data_drop(&b);
    }
    rove_workers_unref(workers);
    suite_note("%u files refused; of the others %u parts were read, %u failed", refused, right, failed);
}

static void entries_of_gzi(void)
{
    merge_much(GZI, 400);
}

static void points_of_gzidx(void)
{
    merge_much(GZIDX, 200);
}

static const struct suite_case cases[] = {SUITE_CASE(entries_of_gzi), SUITE_CASE(points_of_gzidx)};

int main(int argc, char **argv)
{
    static const struct suite suite = {.name = "merged index files", .cases = cases, .cnt = sizeof cases / sizeof *cases};
    return suite_run(argc, argv, &suite);
}
