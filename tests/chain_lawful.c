// SPDX-License-Identifier: MIT
// chain_lawful.c: filters with ways of their own, all lawful: they owe, nap, want more room or are refused
// memory; and what a chain's stream leaves, forgets and gives back.
#include "chain_faults.h"
#include "chain_kit.h"

#include <stdlib.h>
#include <string.h>

#include "filter/means.h"

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void fill(struct rove_out *out, size_t len)
{
    memset(out->ptr, 'o', len);
    out->ptr += len;
    out->len -= len;
}

static void copy(struct rove_in *in, struct rove_out *out, size_t len)
{
    if (!len)
        return;
    memcpy(out->ptr, in->ptr, len);
    in->ptr += len;
    in->len -= len;
    out->ptr += len;
    out->len -= len;
}

static void need(const struct rove_filter *filter)
{
    if (!rove_filter_find(filter->name, ROVE_DECODE))
        CHECK_OK(rove_filter_register(filter, NULL));
}

// who is called next --------------------------------------------------------------------------------

#define OWED ((size_t) 200000) // bytes that come of one; several trays' full

static int32_t owing_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    uint64_t *owed = st;
    if (in->len && !*owed) {
        in->ptr++;
        in->len--;
        *owed = OWED;
    }
    size_t len = least((size_t) *owed, out->len);
    *owed -= len;
    fill(out, len);
    return act == ROVE_FINISH && !in->len && !*owed ? ROVE_END : ROVE_OK;
}

static const struct rove_filter owing = {
    ROVE_FILTER_INIT, .name = "owing", .dir = ROVE_DECODE, .state_len = 8, .run = owing_run};

// One byte, and then none for now.
static enum rove_status one_byte(void *ctx, void *buf, size_t len, size_t *len_out)
{
    unsigned *given = ctx;
    *len_out = (*given)++ == 0 && len;
    if (!*len_out)
        return ROVE_E_AGAIN;
    *(uint8_t *) buf = 'x';
    return ROVE_OK;
}

void all_that_came_of_a_byte_is_given_before_more_is_awaited(void)
{
    static uint8_t buf[4096];
    struct rove_io io = {.size = sizeof io, .read = one_byte};
    struct rove_stream *source = NULL, *stream = NULL;
    unsigned given = 0;
    size_t sum = 0, n;
    need(&owing);
    CHECK_OK(rove_stream_from_io(&io, &given, env.pool, &source));
    CHECK_OK(rove_stream_decode(source, "owing", NULL, &stream, NULL));
    enum rove_status status = ROVE_OK;
    while (status == ROVE_OK) {
        status = rove_stream_read(stream, buf, sizeof buf, &n);
        sum += n;
    }
    CHECK_IS(ROVE_E_AGAIN, status);
    CHECK_EQ(OWED, sum);
    rove_stream_free(stream);
    rove_stream_free(source);
}

// It moves nothing when it is first shown a byte; of the byte it makes a tray's full, and is asked, with no
// input, whether there is more.
static unsigned asked_in_vain;

static int32_t drowsy_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    uint8_t *awake = st;
    if (!in->len) {
        asked_in_vain += act == ROVE_RUN;
        return act == ROVE_RUN ? ROVE_OK : ROVE_END;
    }
    *awake = !*awake;
    if (*awake)
        return ROVE_OK;
    in->ptr++;
    in->len--;
    fill(out, out->len);
    return ROVE_OK;
}

static const struct rove_filter drowsy = {
    ROVE_FILTER_INIT, .name = "drowsy", .dir = ROVE_DECODE, .state_len = 1, .run = drowsy_run};

void a_call_without_input_is_no_idle_one(void)
{
    struct kit_device dev = {.most = 1, .fail_after = UINT64_MAX};
    struct kit_bytes out;
    need(&drowsy);
    asked_in_vain = 0;
    dev.data = kit_content(4, 1);
    struct rove_stream *source = kit_device_stream(&dev), *stream = NULL;
    CHECK_OK(rove_stream_decode(source, "drowsy", NULL, &stream, NULL));
    CHECK_IS(ROVE_END, kit_drain(stream, &out));
    CHECK(out.len > 0 && out.len % 4 == 0);
    CHECK_EQ(4, asked_in_vain);
    free(out.ptr);
    free(dev.data.ptr);
    rove_stream_free(stream);
    rove_stream_free(source);
}

// It takes pieces of one length, and waits for room for a whole one; one is its end, too.
#define PIECE ((size_t) 600)

static int32_t choosy_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    (void) st;
    bool ends = !in->len && act == ROVE_FINISH;
    if ((in->len || ends) && out->len < PIECE)
        return ROVE_OK;
    copy(in, out, least(in->len, PIECE));
    if (ends)
        fill(out, PIECE);
    return ends ? ROVE_END : ROVE_OK;
}

static const struct rove_filter choosy = {
    ROVE_FILTER_INIT, .name = "choosy", .dir = ROVE_ENCODE | ROVE_DECODE, .state_len = 1, .run = choosy_run};

// The rope shares what lies in front of the room that is too small: fresh room is made elsewhere.
void room_that_is_too_small_is_made_anew_beside_what_is_shared(void)
{
    struct rove_pool *usual = env.pool;
    struct kit_bytes plain = kit_content(50000, 1);
    env.pool = suite_pool_new(&env.alloc.table, 4096);
    need(&choosy);
    for (size_t len = plain.len; len > 40000; len -= 100) {
        struct kit_bytes coded = kit_encode("choosy", plain.ptr, len);
        CHECK_EQ(len + PIECE, coded.len);
        CHECK(coded.len && memcmp(coded.ptr, plain.ptr, len) == 0);
        free(coded.ptr);
    }
    rove_pool_unref(env.pool);
    env.pool = usual;
    free(plain.ptr);
}

// memory --------------------------------------------------------------------------------------------

#define MOST ((size_t) 1 << 20) // bytes that the chain may have
#define SOME (MOST / 8 * 5)     // more than half of that

static bool too_much_first; // what is refused first
static unsigned refused;

// Asks the chain for too much, and the pool for what it has not got, in either order.
static int32_t begging_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    const struct rove_host *host = *(const struct rove_host **) st;
    (void) in, (void) out, (void) act;
    refused = 0;
    for (int i = 0; i < 2; i++) {
        bool too_much = too_much_first == (i == 0);
        test_alloc_arm(&env.alloc, 1, true);
        refused += !host->alloc(host->ctx, too_much ? 2 * MOST : SOME);
        test_alloc_arm(&env.alloc, 0, false);
    }
    return ROVE_E_NOMEM;
}

static int32_t know_host(void *st, const struct rove_host *host, const struct rove_value *values)
{
    (void) values;
    *(const struct rove_host **) st = host;
    return ROVE_OK;
}

static const struct rove_filter begging = {
    ROVE_FILTER_INIT,     .name = "begging",  .dir = ROVE_DECODE, .state_len = sizeof(void *),
    .open = know_host, .run = begging_run};

void of_two_refusals_the_first_is_told(void)
{
    const struct rove_limits limits = {.size = sizeof limits, .memory = MOST};
    need(&begging);
    for (int i = 0; i < 2; i++) {
        struct rove_stream *source = kit_source("x", 1), *stream = NULL;
        uint8_t byte;
        too_much_first = i == 0;
        CHECK_OK(rove_stream_decode(source, "begging", &limits, &stream, NULL));
        CHECK_IS(i ? ROVE_E_NOMEM : ROVE_E_LIMIT, rove_stream_read(stream, &byte, 1, NULL));
        const char *limit = rove_stream_limit(stream);
        CHECK(i ? !limit : limit && strcmp(limit, "memory") == 0);
        CHECK_EQ(2, refused);
        rove_stream_free(stream);
        rove_stream_free(source);
    }
}

// Is refused by the pool, and asks once more.
static int32_t patient_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    const struct rove_host *host = *(const struct rove_host **) st;
    if (!refused) {
        test_alloc_arm(&env.alloc, 1, true);
        refused = !host->alloc(host->ctx, SOME);
        test_alloc_arm(&env.alloc, 0, false);
        if (!host->alloc(host->ctx, SOME)) // which is given back when the filter is closed
            return ROVE_E_NOMEM;
    }
    copy(in, out, least(in->len, out->len));
    return act == ROVE_FINISH ? ROVE_END : ROVE_OK;
}

static const struct rove_filter patient = {
    ROVE_FILTER_INIT,     .name = "patient",  .dir = ROVE_DECODE, .state_len = sizeof(void *),
    .open = know_host, .run = patient_run};

void what_the_pool_refused_is_not_counted(void)
{
    const struct rove_limits limits = {.size = sizeof limits, .memory = MOST};
    struct kit_bytes plain = {(uint8_t *) "text", 4}, out;
    need(&patient);
    refused = 0;
    CHECK_IS(ROVE_END, kit_decode("patient", &limits, plain, &out, NULL));
    CHECK(kit_same(out, "text", 4));
    CHECK_EQ(1, refused);
    free(out.ptr);
}

void memory_is_given_up_to_the_very_limit(void)
{
    struct rv_means means = {.pool = env.pool, .limit = 100};
    CHECK(rv_means_take(&means, 60));
    CHECK_OK(means.refused);
    CHECK(rv_means_take(&means, 40));
    CHECK(!rv_means_take(&means, 1));
    CHECK_IS(ROVE_E_LIMIT, means.refused);
    rv_means_give(&means, 100);
    CHECK(rv_means_take(&means, 100));
    CHECK_EQ(100, means.used);
}

// what is left, forgotten and given back --------------------------------------------------------------

// Clearing forgets what the stream's own calls met below, so that it can go on; and nothing else.
void clearing_forgets_what_its_own_calls_met_below(void)
{
    struct kit_bytes plain = kit_content(3000, 1), out;
    for (int own = 0; own < 2; own++) {
        struct kit_device dev = {.fail_after = 0};
        dev.data = kit_encode("gzip", plain.ptr, plain.len);
        struct rove_stream *source = kit_device_stream(&dev), *stream = NULL;
        uint8_t byte;
        CHECK_OK(rove_stream_decode(source, "gzip", NULL, &stream, NULL));
        if (!own)
            CHECK_IS(ROVE_E_IO, rove_stream_read(source, &byte, 1, NULL));
        CHECK_IS(ROVE_E_IO, rove_stream_read(stream, &byte, 1, NULL));
        CHECK_IS(ROVE_E_IO, rove_stream_error(stream));
        CHECK_IS(ROVE_E_IO, rove_stream_error(source));
        dev.fail_after = UINT64_MAX;
        rove_stream_clear_error(stream);
        CHECK_OK(rove_stream_error(stream));
        CHECK_IS(own ? ROVE_OK : ROVE_E_IO, rove_stream_error(source));
        CHECK_IS(own ? ROVE_END : ROVE_E_IO, kit_drain(stream, &out));
        CHECK(!own || kit_same(out, plain.ptr, plain.len));
        free(out.ptr);
        free(dev.data.ptr);
        rove_stream_free(stream);
        rove_stream_free(source);
    }
    free(plain.ptr);
}

// `auto` gathers the head of a stream that lies in short pieces; what of it lies behind the end goes back.
void what_auto_gathered_behind_the_end_is_left_in_the_source(void)
{
    static const char *const specs[] = {"zlib", "lz4"};
    static const size_t lens[] = {1, 3, 5, 7, 15};
    for (size_t i = 0; i < 2 * sizeof lens / sizeof *lens; i++) {
        struct kit_bytes coded = kit_encode(specs[i % 2], "", 0), out;
        struct rove_pool *usual = env.pool;
        struct rove_stream *stream = NULL;
        uint64_t pos = 0;
        env.pool = suite_pool_new(&env.alloc.table, lens[i / 2]);
        struct rove_stream *source = kit_source(coded.ptr, coded.len);
        CHECK_OK(rove_stream_seek(source, 0, ROVE_FROM_END, NULL));
        CHECK_OK(rove_stream_write(source, "more that is nobody's", 21));
        CHECK_OK(rove_stream_seek(source, 0, ROVE_SET, NULL));
        CHECK_OK(rove_stream_decode(source, "auto", NULL, &stream, NULL));
        CHECK_IS(i % 2 ? ROVE_E_TRAILING : ROVE_END, kit_drain(stream, &out));
        CHECK_EQ(0, out.len);
        CHECK_OK(rove_stream_tell(source, &pos));
        CHECK_EQ(coded.len, pos);
        rove_stream_free(stream);
        rove_stream_free(source);
        rove_pool_unref(env.pool);
        env.pool = usual;
        free(out.ptr);
        free(coded.ptr);
    }
}

// A line longer than a tray is joined in memory of its own, which a reader may leave or use anew.
void a_joined_line_is_given_back_with_its_stream(void)
{
    struct kit_bytes plain = kit_content(400000, 2); // zeros
    for (int again = 0; again < 2; again++) {
        struct rove_stream *source = NULL, *stream = NULL;
        struct rove_span line = {NULL, 0};
        plain.ptr[300000] = '\n';
        source = kit_source(plain.ptr, plain.len);
        CHECK_OK(rove_stream_decode(source, "copy", NULL, &stream, NULL));
        CHECK_OK(rove_stream_line(stream, '\n', 0, &line));
        CHECK_EQ(300001, line.len);
        if (again) {
            CHECK_OK(rove_stream_seek(source, 0, ROVE_SET, NULL));
            CHECK_OK(rove_stream_rechain(stream, source));
            CHECK_OK(rove_stream_line(stream, '\n', 0, &line));
            CHECK(line.len == 300001 && memcmp(line.ptr, plain.ptr, line.len) == 0);
        }
        rove_stream_free(stream);
        rove_stream_free(source);
    }
    free(plain.ptr);
}

// calls back ------------------------------------------------------------------------------------------

// Looks at bytes, and asks something of the stream in whose window they lie.
static struct rove_stream *asked;
static unsigned asked_cnt, refused_cnt;

static void meddle(void)
{
    uint8_t byte = 0;
    asked_cnt++;
    refused_cnt += rove_stream_seek(asked, 0, ROVE_SET, NULL) == ROVE_E_STATE &&
                   rove_stream_read(asked, &byte, 1, NULL) == ROVE_E_STATE &&
                   rove_stream_write(asked, &byte, 1) == ROVE_E_STATE;
}

static int32_t meddler_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    (void) st, (void) out;
    if (in->len)
        meddle();
    in->ptr += in->len;
    in->len = 0;
    return act == ROVE_RUN ? ROVE_OK : ROVE_END;
}

static const struct rove_filter meddler = {ROVE_FILTER_INIT, .name = "meddler", .dir = ROVE_TAP, .run = meddler_run};

// That is being read.
void what_a_filter_asks_of_its_source_is_refused(void)
{
    struct kit_bytes plain = kit_content(300000, 1), out;
    struct kit_bytes coded = kit_encode("lz4", plain.ptr, plain.len);
    need(&meddler);
    for (int stacked = 0; stacked < 2; stacked++) {
        struct rove_stream *source = kit_source(coded.ptr, coded.len), *between = NULL, *stream = NULL;
        if (stacked)
            CHECK_OK(rove_stream_decode(source, "copy", NULL, &between, NULL));
        asked = stacked ? between : source;
        asked_cnt = refused_cnt = 0;
        CHECK_OK(rove_stream_decode(asked, "lz4|meddler", NULL, &stream, NULL));
        CHECK_IS(ROVE_END, kit_drain(stream, &out));
        CHECK(kit_same(out, plain.ptr, plain.len));
        CHECK(asked_cnt > 0);
        CHECK_EQ(asked_cnt, refused_cnt);
        free(out.ptr);
        rove_stream_free(stream);
        rove_stream_free(between);
        rove_stream_free(source);
    }
    free(coded.ptr);
    free(plain.ptr);
}

static uint32_t meddler_detect(const uint8_t *head, uint32_t len)
{
    (void) head, (void) len;
    if (asked)
        meddle();
    return 0;
}

static const struct rove_filter guesser = {ROVE_FILTER_INIT, .name = "guesser", .dir = ROVE_DECODE, .run = meddler_run,
                                           .detect = meddler_detect};

// The bytes by which a decoder is chosen lie in its window, too.
void what_a_filter_that_guesses_asks_of_its_source_is_refused(void)
{
    struct kit_bytes plain = kit_content(30000, 1), out;
    struct kit_bytes coded = kit_encode("lz4", plain.ptr, plain.len);
    struct rove_stream *source = kit_source(coded.ptr, coded.len), *stream = NULL;
    need(&guesser);
    asked = source;
    asked_cnt = refused_cnt = 0;
    CHECK_OK(rove_stream_decode(source, "auto", NULL, &stream, NULL));
    CHECK_IS(ROVE_END, kit_drain(stream, &out));
    asked = NULL;
    CHECK(kit_same(out, plain.ptr, plain.len));
    CHECK(asked_cnt > 0);
    CHECK_EQ(asked_cnt, refused_cnt);
    free(out.ptr);
    rove_stream_free(stream);
    rove_stream_free(source);
    free(coded.ptr);
    free(plain.ptr);
}

static void read_when_released(void *arg, const void *ptr, size_t len)
{
    uint8_t byte;
    (void) arg, (void) ptr, (void) len;
    asked_cnt++;
    refused_cnt += rove_stream_read(asked, &byte, 1, NULL) == ROVE_E_STATE;
}

// Without a codec what is read is held; that goes when the stream is put elsewhere.
void who_is_given_its_memory_back_may_not_read_what_is_put_elsewhere(void)
{
    struct kit_bytes plain = kit_content(5000, 1), out;
    struct rove_stream *source = NULL, *other = kit_source(plain.ptr, plain.len);
    struct rove_span span = {plain.ptr, plain.len};
    uint8_t byte;
    CHECK_OK(rove_stream_from_adopted(span, read_when_released, NULL, env.pool, &source));
    CHECK_OK(rove_stream_decode(source, "crc32", NULL, &asked, NULL));
    CHECK_OK(rove_stream_read(asked, &byte, 1, NULL));
    CHECK_OK(rove_stream_truncate(source, 0));
    asked_cnt = refused_cnt = 0;
    CHECK_OK(rove_stream_rechain(asked, other));
    CHECK(asked_cnt == 1 && refused_cnt == 1);
    CHECK_IS(ROVE_END, kit_drain(asked, &out));
    CHECK(kit_same(out, plain.ptr, plain.len));
    free(out.ptr);
    rove_stream_free(asked);
    rove_stream_free(source);
    rove_stream_free(other);
    free(plain.ptr);
}
