// SPDX-License-Identifier: MIT
// parts_lies.c: codecs that say of their parts what is not so. All bytes arrive, and no tap is called once too often.
#include "parts_kit.h"

#include "support/edits.h"

#include <rove/index.h>
#include <rove/registry.h>
#include <stdatomic.h>

#define LEN ((size_t) 30000)

// Copies. What it says the length of a part is, one after the other; the last one for ever.
static struct {
    uint64_t says[4];
    unsigned cnt, asked;
    bool marks_end_parts; // from when it was asked for marks on it has no parts
    struct rove_stream *asks; // it writes to that when it is asked for marks; NULL: it does not
    enum rove_status told;
} lies;

struct liar {
    bool marks;
};

static uint64_t lying_part_len(const void *head)
{
    const struct liar *l = head;
    if (l->marks && lies.marks_end_parts)
        return 0;
    unsigned i = lies.asked++;
    return lies.says[i < lies.cnt ? i : lies.cnt - 1];
}

static int32_t lying_part(void *st, const void *head, const uint8_t *past, size_t past_len)
{
    (void) st, (void) head, (void) past, (void) past_len;
    return ROVE_OK;
}

static int32_t lying_join(void *head, const void *part, uint64_t len)
{
    (void) head, (void) part, (void) len;
    return ROVE_OK;
}

static int32_t lying_mark(void *st, struct rove_mark *mark)
{
    struct liar *l = st;
    bool first = !l->marks;
    l->marks = true;
    if (lies.asks)
        lies.told = rove_stream_write(lies.asks, "x", 1);
    mark->flags = ROVE_MARK_FRESH;
    return first ? ROVE_OK : ROVE_E_AGAIN;
}

static int32_t lying_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    (void) st;
    size_t len = in->len < out->len ? in->len : out->len;
    if (len)
        memcpy(out->ptr, in->ptr, len);
    *in = (struct rove_in){len ? in->ptr + len : in->ptr, in->len - len};
    *out = (struct rove_out){out->ptr + len, out->len - len};
    return act == ROVE_RUN || in->len ? ROVE_OK : ROVE_END;
}

static const struct rove_filter liar = {
    ROVE_FILTER_INIT,    .name = "liar",       .dir = ROVE_ENCODE,  .state_len = sizeof(struct liar),
    .run = lying_run,    .part = lying_part,   .join = lying_join,  .part_len = lying_part_len,
    .mark = lying_mark,  .past_len = 100,
};

static void register_liar(void)
{
    if (!rove_filter_find("liar", ROVE_ENCODE))
        CHECK_OK(rove_filter_register(&liar, NULL));
}

// Writes in pieces, and ends it.
static void write_all(struct rove_stream *s, struct kit_bytes plain)
{
    for (size_t at = 0; at < plain.len; at += 700)
        CHECK_OK(rove_stream_write(s, plain.ptr + at, plain.len - at < 700 ? plain.len - at : 700));
    CHECK_OK(rove_stream_finish(s));
}

static void check_sink(struct rove_stream *sink, struct kit_bytes plain)
{
    struct kit_bytes out;
    CHECK_OK(rove_stream_seek(sink, 0, ROVE_SET, NULL));
    CHECK_IS(ROVE_END, kit_drain(sink, &out));
    CHECK(kit_same(out, plain.ptr, plain.len));
    free(out.ptr);
}

void lengths_of_parts_that_change_lose_nothing(void)
{
    static const uint64_t says[][4] = {
        {5000, 5000, 5000, 100}, {5000, 5000, 100, 9000}, {5000, 5000, 0, 0}, {5000, 0, 5000, 0},
        {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}, {UINT64_MAX - 99, UINT64_MAX - 99, 1, 1},
        {5000, UINT64_MAX, UINT64_MAX - 200, 5000}, {(uint64_t) 1 << 32, (uint64_t) 1 << 32, 0, 1},
    };
    register_liar();
    crews_begin();
    struct kit_bytes plain = kit_content(LEN, 1);
    for (size_t i = 0; i < sizeof says / sizeof *says; i++)
        for (size_t w = 0; w < WIDTHS; w++) {
            struct rove_stream *sink = kit_rope(), *s;
            struct rove_limits limits = limits_of(w);
            memcpy(lies.says, says[i], sizeof lies.says);
            lies.cnt = 4;
            lies.asked = 0;
            CHECK_OK(rove_stream_encode(sink, "liar", &limits, &s, NULL));
            write_all(s, plain);
            check_sink(sink, plain);
            rove_stream_free(s);
            rove_stream_free(sink);
        }
    free(plain.ptr);
    crews_end();
}

// Marks or not, a flush of nothing being no write, and writes. Returns how many parts were coded.
static uint64_t write_with(struct rove_stream *s, size_t width, struct kit_bytes plain, bool marks)
{
    uint64_t before = width ? crew_done(width) : 0;
    CHECK_OK(rove_stream_flush(s));
    if (marks)
        CHECK_OK(rove_stream_mark(s, 0));
    write_all(s, plain);
    return width ? crew_done(width) - before : 0;
}

// Three times on a sink each, with marks where a bit says so.
static void check_marked(size_t width, struct kit_bytes plain, unsigned marked)
{
    struct rove_limits limits = limits_of(width);
    struct rove_stream *sink[3], *s;
    for (unsigned i = 0; i < 3; i++) {
        bool marks = marked >> i & 1;
        sink[i] = kit_rope();
        CHECK_OK(i ? rove_stream_rechain(s, sink[i]) : rove_stream_encode(sink[i], "liar", &limits, &s, NULL));
        CHECK_EQ(marks || !width ? 0 : LEN / 5000, write_with(s, width, plain, marks));
        check_sink(sink[i], plain);
    }
    rove_stream_free(s);
    for (unsigned i = 0; i < 3; i++)
        rove_stream_free(sink[i]);
}

// Put on another sink the stream marks no more, and has parts again; or begins to mark, and has none any more.
void an_encoder_that_marks_may_have_no_parts(void)
{
    register_liar();
    crews_begin();
    struct kit_bytes plain = kit_content(LEN, 1);
    lies.says[0] = 5000;
    lies.cnt = 1;
    lies.marks_end_parts = true;
    for (size_t w = 0; w < WIDTHS; w++)
        for (unsigned marked = 0; marked < 8; marked++)
            check_marked(w, plain, marked);
    lies.marks_end_parts = false;
    free(plain.ptr);
    crews_end();
}

void an_encoder_that_is_asked_for_marks_may_not_write(void)
{
    struct rove_stream *sink = kit_rope(), *s = NULL;
    register_liar();
    CHECK_OK(rove_stream_encode(sink, "liar", NULL, &s, NULL));
    lies.asks = s;
    CHECK_OK(rove_stream_mark(s, 0));
    lies.asks = NULL;
    CHECK_IS(ROVE_E_STATE, lies.told);
    CHECK_OK(rove_stream_close(s));
    check_sink(sink, (struct kit_bytes){NULL, 0});
    rove_stream_free(s);
    rove_stream_free(sink);
}

// Copies. What it says of its parts, and of how long they become, is drawn.
static struct rng luck;

static uint64_t drawn_len(void)
{
    static const uint64_t lens[] = {0, 1, 999, 1000, 5000, 30000, (uint64_t) 1 << 32, UINT64_MAX - 1, UINT64_MAX};
    return lens[rng_below(&luck, sizeof lens / sizeof *lens)];
}

static uint64_t drawing_part_len(const void *head)
{
    (void) head;
    return drawn_len();
}

static int32_t drawing_next(void *head, const uint8_t *ptr, size_t len, uint64_t *len_out)
{
    static const int32_t answers[] = {ROVE_OK, ROVE_OK, ROVE_OK, ROVE_END, ROVE_E_TRUNCATED, ROVE_E_FORMAT, 77};
    (void) head, (void) ptr;
    *len_out = rng_below(&luck, 2) ? drawn_len() : 1 + rng_below(&luck, 3 * (uint64_t) len);
    return answers[rng_below(&luck, rng_below(&luck, 8) ? 4 : sizeof answers / sizeof *answers)];
}

static const struct rove_filter drawer = {
    ROVE_FILTER_INIT,   .name = "drawer",   .dir = ROVE_DECODE,           .run = lying_run,
    .part = lying_part, .join = lying_join, .part_len = drawing_part_len, .next = drawing_next,
};

void parts_of_any_lengths_lose_nothing(void)
{
    struct kit_bytes plain = kit_content(LEN, 1), out;
    if (!rove_filter_find("drawer", ROVE_DECODE))
        CHECK_OK(rove_filter_register(&drawer, NULL));
    crews_begin();
    luck = rng_from(suite_seed());
    for (uint64_t i = suite_scaled(2000); i--;) {
        CHECK_IS(ROVE_END, parts_decode("drawer", i % WIDTHS, plain, &out, NULL));
        CHECK(kit_same(out, plain.ptr, plain.len));
        free(out.ptr);
    }
    free(plain.ptr);
    crews_end();
}

// Copies, to the first E, where its data end for good. It says that parts are of 1000 bytes.
static int32_t ender_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    (void) st;
    while (in->len && out->len) {
        bool ends = *in->ptr == 'E';
        *out->ptr++ = *in->ptr++;
        in->len--;
        out->len--;
        if (ends)
            return ROVE_END;
    }
    return act == ROVE_FINISH && !in->len ? ROVE_E_TRUNCATED : ROVE_OK;
}

static uint64_t ender_part_len(const void *head)
{
    (void) head;
    return 1000;
}

static int32_t ender_next(void *head, const uint8_t *ptr, size_t len, uint64_t *len_out)
{
    (void) head, (void) ptr, (void) len;
    *len_out = 1000;
    return ROVE_OK;
}

static const struct rove_filter ender = {
    ROVE_FILTER_INIT,   .name = "ender",    .dir = ROVE_DECODE,         .run = ender_run,
    .part = lying_part, .join = lying_join, .part_len = ender_part_len, .next = ender_next,
};

static void register_ender(void)
{
    if (!rove_filter_find("ender", ROVE_DECODE))
        CHECK_OK(rove_filter_register(&ender, NULL));
}

void a_tap_is_not_ended_twice(void)
{
    char data[400];
    memset(data, '.', sizeof data);
    data[sizeof data - 1] = 'E';
    struct kit_bytes coded = {(uint8_t *) data, sizeof data}, out;
    kit_register_evil();
    register_ender();
    crews_begin();
    kit_wrong_calls = 0;
    for (size_t w = 0; w < WIDTHS; w++) {
        CHECK_IS(ROVE_END, parts_decode("ender|evil_tap", w, coded, &out, NULL));
        CHECK(kit_same(out, data, sizeof data));
        free(out.ptr);
    }
    CHECK_EQ(0, kit_wrong_calls);
    crews_end();
}

// Reads from a rope with every number of workers, which must come to the same, and leave the source at that place.
static void check_end(const char *spec, enum rove_status wanted, struct kit_bytes coded, uint64_t end)
{
    for (size_t w = 0; w < WIDTHS; w++) {
        struct rove_limits limits = limits_of(w);
        struct rove_stream *source = kit_source(coded.ptr, coded.len), *s;
        struct kit_bytes out;
        uint64_t at = 0;
        CHECK_OK(rove_stream_decode(source, spec, &limits, &s, NULL));
        CHECK_IS(wanted, kit_drain(s, &out));
        CHECK_OK(rove_stream_tell(source, &at));
        if (!CHECK_EQ(end, at))
            suite_note("%s, %zu workers", spec, crew_widths[w]);
        free(out.ptr);
        rove_stream_free(s);
        rove_stream_free(source);
    }
}

// The fourth member says that it is longer than it is; between it and the next one stand bytes of one kind, and many are
// gathered behind.
static struct kit_bytes lying_members(uint8_t fill, size_t gap, size_t *end_out)
{
    struct kit_bytes small = kit_encode("bgzf", "small", 5), plain = kit_content(3 << 20, 1);
    struct kit_bytes rest = kit_encode("bgzf:level=1", plain.ptr, plain.len);
    size_t len = small.len - 28, says = len + gap - 1; // without the end marker
    uint8_t *all = malloc(4 * len + gap + rest.len), *at = all;
    for (int i = 0; i < 4; i++, at += len)
        memcpy(at, small.ptr, len);
    at[16 - (ptrdiff_t) len] = (uint8_t) says;
    at[17 - (ptrdiff_t) len] = (uint8_t) (says >> 8);
    memset(at, fill, gap);
    memcpy(at + gap, rest.ptr, rest.len);
    *end_out = 4 * len;
    len = 4 * len + gap + rest.len;
    free(small.ptr);
    free(rest.ptr);
    free(plain.ptr);
    return (struct kit_bytes){all, len};
}

// Parts were taken of what the head then says is none of its data.
void what_lies_behind_an_early_end_stays_in_the_source(void)
{
    uint8_t data[50000];
    struct kit_bytes coded = {data, sizeof data};
    size_t end;
    register_ender();
    crews_begin();
    memset(data, '.', sizeof data);
    for (size_t at = 300; at < sizeof data; at += 7300) {
        data[at] = 'E';
        check_end("ender", ROVE_END, coded, at + 1);
        data[at] = '.';
    }
    coded = lying_members('X', 100, &end);
    check_end("gzip", ROVE_E_TRAILING, coded, end);
    free(coded.ptr);
    crews_end();
}

void what_lies_behind_an_early_end_within_a_chain_is_told(void)
{
    uint8_t data[9000];
    struct kit_bytes coded = {data, sizeof data};
    register_ender();
    crews_begin();
    memset(data, '.', sizeof data);
    data[1500] = 'E';
    CHECK_IS(ROVE_E_DATA, parts_decode_all("ender|copy", NULL, coded));
    coded.len = 1501;
    CHECK_IS(ROVE_END, parts_decode_all("ender|copy", NULL, coded));
    crews_end();
}

// Behind the end there is nothing of the data, whatever it looks like.
void what_lies_behind_an_early_end_is_no_part(void)
{
    size_t end;
    struct kit_bytes zeros = lying_members(0, 100, &end), others = lying_members('X', 100, &end);
    crews_begin();
    CHECK_IS(ROVE_E_TRAILING, parts_decode_all("gzip", NULL, zeros));
    CHECK_IS(ROVE_E_TRAILING, parts_decode_all("gzip:trailing=zeros", NULL, zeros));
    CHECK_IS(ROVE_END, parts_decode_all("gzip:trailing=ignore", NULL, zeros));
    CHECK_IS(ROVE_E_TRAILING, parts_decode_all("gzip", NULL, others));
    CHECK_IS(ROVE_E_TRAILING, parts_decode_all("gzip:trailing=zeros", NULL, others));
    CHECK_IS(ROVE_END, parts_decode_all("gzip:trailing=ignore", NULL, others));
    crews_end();
    free(zeros.ptr);
    free(others.ptr);
}

// What ends a member: its sum and its length.
static void put_tail(uint8_t *at, const uint8_t *plain, size_t len)
{
    struct kit_bytes coded = kit_encode("gzip:level=0", plain, len);
    memcpy(at, coded.ptr + coded.len - 8, 8);
    free(coded.ptr);
}

// A member that says it is shorter than it is, behind three that are parts with it. What follows its end by what it says is a
// member, too, and lies within it.
static struct kit_bytes nested_members(void)
{
    enum { HEAD = 18 + 5, PAD = 100, MARKER = 28, TAIL = 8 };
    struct kit_bytes small = kit_encode("bgzf", "abc", 3), content = kit_content(5000, 1);
    struct kit_bytes inner = kit_encode("bgzf", content.ptr, content.len);
    size_t small_len = small.len - MARKER, len = PAD + inner.len - MARKER + PAD, says = HEAD + PAD - 1;
    uint8_t *all = malloc(3 * small_len + HEAD + len + TAIL), *at = all;
    for (int i = 0; i < 3; i++, at += small_len)
        memcpy(at, small.ptr, small_len);
    memcpy(at, small.ptr, 16);
    const uint8_t rest[] = {(uint8_t) says, (uint8_t) (says >> 8), 1,
                            (uint8_t) len,  (uint8_t) (len >> 8),  (uint8_t) ~len, (uint8_t) (~len >> 8)};
    memcpy(at + 16, rest, sizeof rest); // one stored block
    at += HEAD;
    memset(at, '.', len);
    memcpy(at + PAD, inner.ptr, inner.len - MARKER);
    put_tail(at + len, at, len);
    at += len + TAIL;
    free(small.ptr);
    free(content.ptr);
    free(inner.ptr);
    return (struct kit_bytes){all, (size_t) (at - all)};
}

// Parts were taken from where the head does not come to stand.
void parts_that_do_not_begin_where_the_head_stands_are_none(void)
{
    struct kit_bytes coded = nested_members();
    crews_begin();
    CHECK_IS(ROVE_END, parts_decode_all("gzip", NULL, coded));
    crews_end();
    free(coded.ptr);
}

// Copies. Only the head can: what it said are parts it has to do again.
struct loner {
    bool part;
};

static int32_t loner_part(void *st, const void *head, const uint8_t *past, size_t past_len)
{
    struct loner *l = st;
    (void) head, (void) past, (void) past_len;
    l->part = true;
    return ROVE_OK;
}

static int32_t loner_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    const struct loner *l = st;
    return l->part ? ROVE_E_DATA : lying_run(st, in, out, act);
}

#define LONER_PART ((size_t) 2 << 20)

static uint64_t loner_part_len(const void *head)
{
    (void) head;
    return LONER_PART;
}

static int32_t loner_next(void *head, const uint8_t *ptr, size_t len, uint64_t *len_out)
{
    (void) head, (void) ptr, (void) len;
    *len_out = LONER_PART;
    return ROVE_OK;
}

static const struct rove_filter loner = {
    ROVE_FILTER_INIT,   .name = "loner",    .dir = ROVE_DECODE,         .state_len = sizeof(struct loner), .run = loner_run,
    .part = loner_part, .join = lying_join, .part_len = loner_part_len, .next = loner_next,
};

// In one run the head makes more than the mebibyte from which on the ratio counts, of a part that was taken before.
void what_the_head_does_again_counts_in_the_ratio(void)
{
    struct rove_pool_opts opts = {.size = sizeof opts, .chunk_len = 2 * LONER_PART, .allocator = &env.alloc.table};
    struct kit_bytes plain = kit_content(5 * LONER_PART / 2, 1), out;
    struct rove_pool *pool;
    CHECK_OK(rove_pool_new(&opts, &pool));
    if (!rove_filter_find("loner", ROVE_DECODE))
        CHECK_OK(rove_filter_register(&loner, NULL));
    crews_begin();
    for (size_t w = 0; w < WIDTHS; w++) {
        struct rove_limits limits = limits_of(w);
        struct rove_stream *source, *s;
        limits.ratio = 2;
        CHECK_OK(rove_stream_from_bytes(plain.ptr, plain.len, pool, &source));
        CHECK_OK(rove_stream_decode(source, "loner", &limits, &s, NULL));
        CHECK_IS(ROVE_END, kit_drain(s, &out));
        CHECK(kit_same(out, plain.ptr, plain.len));
        free(out.ptr);
        rove_stream_free(s);
        rove_stream_free(source);
    }
    rove_pool_unref(pool);
    free(plain.ptr);
    crews_end();
}

// Copies. What it needs for a part is too much, when the same state is to do its third.
struct needy {
    const struct rove_host *host;
    unsigned cnt; // times that it was made ready, the first when it was opened
};

static int32_t needy_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct needy *n = st;
    (void) values;
    n->host = host;
    return ROVE_OK;
}

static int32_t needy_part(void *st, const void *head, const uint8_t *past, size_t past_len)
{
    struct needy *n = st;
    (void) head, (void) past, (void) past_len;
    return ++n->cnt < 4 || n->host->alloc(n->host->ctx, SIZE_MAX / 2) ? ROVE_OK : ROVE_E_NOMEM;
}

static uint64_t needy_part_len(const void *head)
{
    (void) head;
    return 1000;
}

static const struct rove_filter needy[] = {
    {ROVE_FILTER_INIT, .name = "needy", .dir = ROVE_ENCODE, .state_len = sizeof(struct needy), .open = needy_open,
     .run = lying_run, .part = needy_part, .join = lying_join, .part_len = needy_part_len},
    {ROVE_FILTER_INIT, .name = "needy", .dir = ROVE_DECODE, .state_len = sizeof(struct needy), .open = needy_open,
     .run = lying_run, .part = needy_part, .join = lying_join, .part_len = needy_part_len, .next = ender_next},
};

// Reading, the head does it. Writing, it is told like any failure of a part: in its turn, and by the limit that it is.
void parts_that_cannot_be_made_ready_wait_for_their_turn(void)
{
    struct kit_bytes plain = kit_content(60 * 1000, 1);
    for (int i = 0; i < 2 && !rove_filter_find("needy", needy[i].dir); i++)
        CHECK_OK(rove_filter_register(&needy[i], NULL));
    crews_begin();
    CHECK_IS(ROVE_END, parts_decode_all("needy", NULL, plain));
    for (size_t w = 1; w < WIDTHS; w++) {
        struct rove_limits limits = limits_of(w);
        struct rove_stream *sink = kit_rope(), *s;
        CHECK_OK(rove_stream_encode(sink, "needy", &limits, &s, NULL));
        enum rove_status status = rove_stream_write(s, plain.ptr, plain.len);
        CHECK_IS(ROVE_E_LIMIT, status ? status : rove_stream_close(s));
        CHECK(rove_stream_limit(s) && strcmp(rove_stream_limit(s), "memory") == 0);
        CHECK(strstr(rove_stream_explain(s), "the limit on memory is 268435456, at input byte ") != NULL);
        struct kit_bytes out = kit_all(sink);
        CHECK(out.len >= 4000 && memcmp(out.ptr, plain.ptr, out.len) == 0); // two of each of the parts
        free(out.ptr);
        rove_stream_free(s);
        rove_stream_free(sink);
    }
    crews_end();
    free(plain.ptr);
}

// Copies. Parts are of 1000 bytes, which is more than it says that they become.
static atomic_uint boaster_made; // bytes that the head did
static uint64_t boaster_says;

static int32_t boaster_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    const struct loner *b = st;
    const uint8_t *from = in->ptr;
    int32_t rc = lying_run(st, in, out, act);
    boaster_made += b->part ? 0 : (unsigned) (in->ptr - from);
    return rc;
}

static uint64_t boaster_part_len(const void *head)
{
    (void) head;
    return boaster_says;
}

static const struct rove_filter boaster = {
    ROVE_FILTER_INIT,   .name = "boaster",  .dir = ROVE_DECODE,           .state_len = sizeof(struct loner), .run = boaster_run,
    .part = loner_part, .join = lying_join, .part_len = boaster_part_len, .next = ender_next,
};

// Only the head knows what is wrong with that.
void parts_that_become_more_than_was_said_are_the_heads(void)
{
    struct kit_bytes plain = kit_content(LEN, 1), out;
    if (!rove_filter_find("boaster", ROVE_DECODE))
        CHECK_OK(rove_filter_register(&boaster, NULL));
    crews_begin();
    for (size_t w = 0; w < WIDTHS; w++)
        for (boaster_says = 999; boaster_says <= 1000; boaster_says++) {
            boaster_made = 0;
            CHECK_IS(ROVE_END, parts_decode("boaster", w, plain, &out, NULL));
            CHECK(kit_same(plain, out.ptr, out.len));
            CHECK_EQ(w == 0 || boaster_says < 1000 ? LEN : 0, boaster_made);
            free(out.ptr);
        }
    crews_end();
    free(plain.ptr);
}

// Writes a little with marks, for which parts are short, and then more without, on another sink.
static void check_grown(size_t width, uint64_t memory, struct kit_bytes plain, struct kit_bytes coded)
{
    struct rove_limits limits = limits_of(width);
    struct rove_stream *sinks[2] = {kit_rope(), kit_rope()}, *s = NULL;
    limits.memory = memory;
    CHECK_OK(rove_stream_encode(sinks[0], "lz4:block=64K", &limits, &s, NULL));
    CHECK_OK(rove_stream_mark(s, 0));
    CHECK_OK(rove_stream_write(s, plain.ptr, 100000));
    CHECK_OK(rove_stream_finish(s));
    CHECK_OK(rove_stream_rechain(s, sinks[1]));
    for (size_t at = 0, n; at < plain.len; at += n) {
        n = 1 + kit_draw(at < 20000 ? 10000 : 300000);
        n = n < plain.len - at ? n : plain.len - at;
        CHECK_OK(rove_stream_write(s, plain.ptr + at, n));
    }
    CHECK_OK(rove_stream_finish(s));
    struct kit_bytes out = kit_all(sinks[1]);
    if (!CHECK(kit_same(coded, out.ptr, out.len)))
        suite_note("%zu workers, %llu bytes of memory", crew_widths[width], (unsigned long long) memory);
    free(out.ptr);
    rove_stream_free(s);
    rove_stream_free(sinks[0]);
    rove_stream_free(sinks[1]);
}

void parts_may_be_longer_on_another_sink(void)
{
    struct kit_bytes plain = kit_content(2 << 20, 1), coded = kit_encode("lz4:block=64K", plain.ptr, plain.len);
    crews_begin();
    for (size_t w = 0; w < 3; w++)
        for (uint64_t memory = 4 << 20; memory < 24 << 20; memory += 2 << 20)
            check_grown(w, memory, plain, coded);
    crews_end();
    free(coded.ptr);
    free(plain.ptr);
}

// Copies pieces: 'p', a letter, their length and the most that they may become, both of 16 bits, and the rest. In a part it fails
// where the letter is f. That a piece is longer than it may become only the head knows.
#define PIECE_HEAD 6u

struct piecer {
    bool part;
    uint8_t head[PIECE_HEAD];
    uint32_t have, left; // bytes of the head of the piece that it is in, and of what follows that
    uint32_t most;       // of the piece that was found last
};

static uint32_t get16(const uint8_t *at)
{
    return at[0] | (uint32_t) at[1] << 8;
}

static int32_t piecer_byte(struct piecer *p, uint8_t byte)
{
    bool begins = p->have < PIECE_HEAD;
    if (begins)
        p->head[p->have++] = byte;
    else
        p->left--;
    if (begins && p->have == PIECE_HEAD) {
        p->left = get16(p->head + 2) - PIECE_HEAD;
        if (p->part ? p->head[1] == 'f' : get16(p->head + 2) > get16(p->head + 4))
            return ROVE_E_CHECKSUM;
    }
    p->have = p->have == PIECE_HEAD && !p->left ? 0 : p->have;
    return ROVE_OK;
}

static int32_t piecer_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    int32_t rc = ROVE_OK;
    for (; in->len && out->len && !rc; in->len--, out->len--) {
        rc = piecer_byte(st, *in->ptr);
        *out->ptr++ = *in->ptr++;
    }
    return rc || in->len || act != ROVE_FINISH ? rc : ROVE_END;
}

static int32_t piecer_next(void *head, const uint8_t *ptr, size_t len, uint64_t *len_out)
{
    struct piecer *p = head;
    if (p->have) {
        *len_out = p->have < PIECE_HEAD ? PIECE_HEAD - p->have : p->left;
        return ROVE_END;
    }
    *len_out = len < PIECE_HEAD ? PIECE_HEAD : get16(ptr + 2);
    p->most = len < PIECE_HEAD ? p->most : get16(ptr + 4);
    return len < PIECE_HEAD ? ROVE_E_TRUNCATED : ROVE_OK;
}

static uint64_t piecer_part_len(const void *head)
{
    return ((const struct piecer *) head)->most;
}

static int32_t piecer_part(void *st, const void *head, const uint8_t *past, size_t past_len)
{
    (void) head, (void) past, (void) past_len;
    *(struct piecer *) st = (struct piecer){.part = true};
    return ROVE_OK;
}

static const struct rove_filter piecer = {
    ROVE_FILTER_INIT,    .name = "piecer",   .dir = ROVE_DECODE,          .state_len = sizeof(struct piecer), .run = piecer_run,
    .part = piecer_part, .join = lying_join, .part_len = piecer_part_len, .next = piecer_next,
};

static enum rove_status run_at_once(void *ctx, void (*run)(void *arg), void *arg)
{
    (void) ctx;
    run(arg);
    return ROVE_OK;
}

// Shows the first 2500 bytes, and then the others.
static enum rove_status read_in_two(void *ctx, void *buf, size_t len, size_t *len_out)
{
    struct kit_device *dev = ctx;
    size_t end = dev->at < 2500 ? 2500 : dev->data.len, n = end - dev->at < len ? end - dev->at : len;
    memcpy(buf, dev->data.ptr + dev->at, n);
    dev->at += n;
    *len_out = n;
    return n ? ROVE_OK : ROVE_END;
}

static enum rove_status always_ready(void *ctx)
{
    (void) ctx;
    return ROVE_OK;
}

static void put_piece(uint8_t *at, char letter, uint32_t most)
{
    const uint8_t head[PIECE_HEAD] = {'p', (uint8_t) letter, 1000 & 255, 1000 >> 8, (uint8_t) most, (uint8_t) (most >> 8)};
    memset(at, letter, 1000);
    memcpy(at, head, sizeof head);
}

// The head does the first piece again, and is then asked whether the second is next, when it has told of the third, of
// which not all is there. What it says of that is not of the second.
void a_part_is_what_the_head_said_of_it(void)
{
    struct rove_executor executor = {.size = sizeof executor, .submit = run_at_once, .concurrency = 3};
    struct rove_workers_opts opts = {.size = sizeof opts, .executor = &executor};
    struct rove_io io = {.size = sizeof io, .read = read_in_two, .ready = always_ready};
    struct rove_limits limits = {.size = sizeof limits};
    uint8_t data[4000];
    put_piece(data, 'f', 1000);
    put_piece(data + 1000, 'n', 5000);
    put_piece(data + 2000, 'n', 999);
    put_piece(data + 3000, 'n', 1000);
    if (!rove_filter_find("piecer", ROVE_DECODE))
        CHECK_OK(rove_filter_register(&piecer, NULL));
    for (int w = 0; w < 2; w++) {
        struct kit_device dev = {.data = {data, sizeof data}};
        struct rove_stream *source, *s = NULL;
        struct kit_bytes out;
        if (w)
            CHECK_OK(rove_workers_new(&opts, &limits.workers));
        CHECK_OK(rove_stream_from_io(&io, &dev, env.pool, &source));
        CHECK_OK(rove_stream_decode(source, "piecer", &limits, &s, NULL));
        CHECK_IS(ROVE_E_CHECKSUM, kit_drain(s, &out));
        CHECK(kit_same(out, data, 2000 + PIECE_HEAD));
        free(out.ptr);
        rove_stream_free(s);
        rove_stream_free(source);
    }
    rove_workers_unref(limits.workers);
}
