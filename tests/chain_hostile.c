// SPDX-License-Identifier: MIT
// chain_hostile.c: filters that break the rules, each answered by its own status; and how a failure
// is told.
#include "chain_faults.h"
#include "chain_kit.h"

#include <rove/view.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct crime {
    const char *act;
    enum rove_status encode, decode, tap; // the codec writing and reading, the tap either way
    const char *says;                     // part of what the stream explains, NULL for nothing
};

// ROVE_END: it is not noticed, because it is no crime.
static const struct crime crimes[] = {
    {"nothing", ROVE_END, ROVE_END, ROVE_END, NULL},
    {"take_more", ROVE_E_STALL, ROVE_E_STALL, ROVE_E_STALL, "took more input than it was given"},
    {"take_back", ROVE_E_STALL, ROVE_E_STALL, ROVE_E_STALL, "took more input than it was given"},
    {"skew_in", ROVE_E_STALL, ROVE_E_STALL, ROVE_E_STALL, "took more input than it was given"},
    {"make_more", ROVE_E_STALL, ROVE_E_STALL, ROVE_E_STALL, NULL},
    {"make_back", ROVE_E_STALL, ROVE_E_STALL, ROVE_E_STALL, NULL},
    {"idle", ROVE_E_STALL, ROVE_E_STALL, ROVE_E_STALL, NULL},
    {"end", ROVE_E_STALL, ROVE_END, ROVE_E_STALL, NULL},
    {"garbage", ROVE_E_STALL, ROVE_E_STALL, ROVE_E_STALL, "returned 4711, which is no status"},
    {"negative", ROVE_E_STALL, ROVE_E_STALL, ROVE_E_STALL, "returned -4711, which is no status"},
    {"again", ROVE_E_STALL, ROVE_E_STALL, ROVE_E_STALL, "returned -14, which is no status"},
    {"leave", ROVE_E_STALL, ROVE_END, ROVE_E_STALL, NULL},
    {"fail", ROVE_E_DATA, ROVE_E_DATA, ROVE_E_DATA, "it broke, at input byte"},
    {"fail_late", ROVE_E_CHECKSUM, ROVE_E_CHECKSUM, ROVE_E_CHECKSUM, "(evil"},
    {"no_end", ROVE_E_STALL, ROVE_E_STALL, ROVE_E_STALL, "makes no progress"},
    {"hog", ROVE_E_LIMIT, ROVE_E_LIMIT, ROVE_E_LIMIT, "more memory than the chain may have"},
    {"talk", ROVE_E_DATA, ROVE_E_DATA, ROVE_E_DATA, "xxx?xxx"},
};

// Texts around the criminal: it alone, and as each of three layers.
static const char *const places[] = {
    "%s", "%s|copy", "copy|%s", "crc32|%s|copy", "copy|%s|adler32", "copy|copy|%s"};

static const struct rove_limits small = {.size = sizeof small, .memory = 8u << 20};

// Writes until something fails, and closes. The status and the explanation of the first failure.
static enum rove_status write_all(const char *spec, size_t len, char *why)
{
    struct rove_stream *sink = kit_rope(), *stream = NULL;
    struct kit_bytes plain = kit_content(len, 3);
    uint64_t written = 0, after = 0;
    CHECK_OK(rove_stream_encode(sink, spec, &small, &stream, NULL));
    enum rove_status status = ROVE_OK;
    for (size_t at = 0; at < len && !status; at += 1000)
        status = rove_stream_write(stream, plain.ptr + at, len - at < 1000 ? len - at : 1000);
    if (!status)
        status = rove_stream_flush(stream);
    if (!status)
        status = rove_stream_finish(stream);
    strcpy(why, rove_stream_explain(stream));
    if (status) { // it sticks, and nothing more is written
        CHECK_OK(rove_stream_size(sink, &written));
        CHECK_IS(status, rove_stream_write(stream, plain.ptr, 1));
        CHECK_IS(status, rove_stream_flush(stream));
        rove_stream_clear_error(stream);
        enum rove_status late = rove_stream_flush(stream);
        CHECK(late == status || late == ROVE_E_STATE);
        CHECK_IS(status, rove_stream_close(stream));
        CHECK_OK(rove_stream_size(sink, &after));
        CHECK_EQ(written, after);
    }
    rove_stream_free(stream);
    rove_stream_free(sink);
    free(plain.ptr);
    return status ? status : ROVE_END;
}

static void crimes_are_answered(const char *filter, bool tap)
{
    char name[64], spec[128], why[300];
    for (size_t i = 0; i < sizeof crimes / sizeof *crimes; i++)
        for (size_t p = 0; p < sizeof places / sizeof *places; p++)
            for (unsigned when = 0; when < 3; when++) {
                const struct crime *crime = &crimes[i];
                const size_t len = 150000; // more than a window, so that it is not only flushed
                snprintf(name, sizeof name, "%s:act=%s,when=%u", filter, crime->act, when * 600);
                snprintf(spec, sizeof spec, places[p], name);
                bool said = CHECK_IS(tap ? crime->tap : crime->encode, write_all(spec, len, why));
                if (crime->says && when < 2)
                    said &= CHECK(strstr(why, crime->says) != NULL);
                struct kit_bytes plain = kit_content(len, 3), out;
                enum rove_status status = kit_decode(spec, &small, plain, &out, why);
                enum rove_status wanted = tap ? crime->tap : crime->decode;
                if (wanted == ROVE_END && status == ROVE_E_DATA) {
                    // a decoder may end early, but then no more may come from the one before it
                    said &= CHECK(!tap && strstr(why, "more follows the end") != NULL);
                } else {
                    said &= CHECK_IS(wanted, status);
                    if (crime->says)
                        said &= CHECK(strstr(why, crime->says) != NULL);
                }
                CHECK(out.len <= plain.len && memcmp(out.ptr, plain.ptr, out.len) == 0);
                if (!said)
                    suite_note("%s: %s", spec, why);
                free(plain.ptr);
                free(out.ptr);
            }
}

void hostile_codecs_are_stopped(void)
{
    kit_register_evil();
    kit_wrong_calls = 0;
    crimes_are_answered("evil", false);
    CHECK_EQ(0, kit_wrong_calls);
}

void hostile_taps_are_stopped(void)
{
    kit_register_evil();
    kit_wrong_calls = 0;
    crimes_are_answered("evil_tap", true);
    CHECK_EQ(0, kit_wrong_calls);
}

void input_left_behind_is_noticed(void)
{
    kit_register_evil();
    for (unsigned flush = 0; flush < 2; flush++) {
        struct rove_stream *sink = kit_rope(), *stream = NULL;
        CHECK_OK(rove_stream_encode(sink, "evil:act=leave", NULL, &stream, NULL));
        CHECK_OK(rove_stream_write(stream, "not taken", 9));
        CHECK_IS(ROVE_E_STALL, flush ? rove_stream_flush(stream) : rove_stream_finish(stream));
        CHECK(strstr(rove_stream_explain(stream), "without taking all of its input") != NULL);
        rove_stream_free(stream);
        rove_stream_free(sink);
    }
}

// A filter that moves nothing in its first calls, so many of them, and copies from then on.
static unsigned naps, calls_made;

static int32_t nap_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    (void) st, (void) host, (void) values;
    calls_made = 0;
    return ROVE_OK;
}

static void nap_close(void *st)
{
    (void) st;
}

static int32_t nap_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    (void) st;
    if (++calls_made <= naps)
        return ROVE_OK;
    size_t len = in->len < out->len ? in->len : out->len;
    if (len) {
        memcpy(out->ptr, in->ptr, len);
        in->ptr += len;
        in->len -= len;
        out->ptr += len;
        out->len -= len;
    }
    return act != ROVE_RUN && !in->len ? ROVE_END : ROVE_OK;
}

static const struct rove_filter napper = {
    ROVE_FILTER_INIT, .name = "napper",    .dir = ROVE_ENCODE | ROVE_DECODE, .state_len = 1,
    .open = nap_open, .close = nap_close, .run = nap_run,
};

void one_idle_call_is_none_too_many_and_two_are(void)
{
    if (!rove_filter_find("napper", ROVE_ENCODE))
        CHECK_OK(rove_filter_register(&napper, NULL));
    struct kit_bytes plain = {(uint8_t *) "awake", 5}, out;
    for (naps = 0; naps <= 2; naps++) {
        struct rove_stream *sink = kit_rope(), *stream = NULL;
        enum rove_status wanted = naps < 2 ? ROVE_OK : ROVE_E_STALL;
        CHECK_OK(rove_stream_encode(sink, "napper", NULL, &stream, NULL));
        CHECK_OK(rove_stream_write(stream, plain.ptr, plain.len));
        CHECK_IS(wanted, rove_stream_finish(stream));
        CHECK(naps < 2 || calls_made == 2);
        rove_stream_free(stream);
        rove_stream_free(sink);
        CHECK_IS(wanted ? wanted : ROVE_END, kit_decode("napper", NULL, plain, &out, NULL));
        CHECK(wanted || kit_same(out, plain.ptr, plain.len));
        CHECK(naps < 2 || calls_made == 2);
        free(out.ptr);
    }
}

// A filter that cannot be reset, and finds its state as it was when it was last opened, or zeroed.
static unsigned opened, soiled;

static int32_t clean_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    uint8_t *state = st;
    (void) host, (void) values;
    opened++;
    for (unsigned i = 0; i < 100; i++)
        soiled += state[i] != 0;
    memset(state, 0xee, 100);
    return ROVE_OK;
}

static int32_t clean_reset(void *st)
{
    (void) st;
    return ROVE_E_UNSUPPORTED;
}

static const struct rove_filter unresettable = {
    ROVE_FILTER_INIT,   .name = "unresettable", .dir = ROVE_ENCODE | ROVE_DECODE,
    .state_len = 100,   .open = clean_open,     .close = nap_close,
    .run = nap_run,     .reset = clean_reset,
};

void each_opening_finds_the_state_zeroed(void)
{
    if (!rove_filter_find("unresettable", ROVE_ENCODE))
        CHECK_OK(rove_filter_register(&unresettable, NULL));
    struct rove_stream *sink = kit_rope(), *stream = NULL;
    naps = opened = soiled = 0;
    CHECK_OK(rove_stream_encode(sink, "unresettable", NULL, &stream, NULL));
    for (unsigned round = 1; round <= 3; round++) {
        CHECK_OK(rove_stream_write(stream, "bytes", 5));
        CHECK_OK(rove_stream_finish(stream));
        CHECK_EQ(round, opened);
        CHECK_OK(rove_stream_rechain(stream, sink));
    }
    CHECK_EQ(0, soiled);
    rove_stream_free(stream);
    rove_stream_free(sink);
}

void a_filter_that_wants_more_room_gets_it(void)
{
    kit_register_evil();
    struct kit_bytes plain = kit_content(1000000, 1), out;
    struct kit_bytes coded = kit_encode("evil:act=picky|copy|evil:act=picky", plain.ptr, plain.len);
    CHECK(kit_same(coded, plain.ptr, plain.len));
    CHECK_IS(ROVE_END, kit_decode("evil:act=picky|evil:act=picky", NULL, coded, &out, NULL));
    CHECK(kit_same(out, plain.ptr, plain.len));
    free(coded.ptr);
    free(out.ptr);
    free(plain.ptr);
}

void a_sink_that_would_block_sees_every_act_once(void)
{
    static const char *const specs[] = {"evil_tap|copy|evil_tap", "evil_tap", "evil|evil_tap|evil",
                                        "evil_tap|evil|evil|evil_tap"};
    kit_register_evil();
    kit_seed(7);
    kit_wrong_calls = 0;
    for (unsigned i = 0; i < 40; i++) {
        struct kit_device dev = {.most = 5000, .block_every = 2, .fail_after = UINT64_MAX};
        struct kit_bytes plain = kit_content(kit_draw(300000), 1);
        struct rove_stream *sink = kit_device_stream(&dev), *stream = NULL;
        CHECK_OK(rove_stream_encode(sink, specs[i % 4], NULL, &stream, NULL));
        kit_write_stubbornly(stream, plain);
        rove_stream_free(stream);
        while (rove_stream_flush(sink) == ROVE_E_AGAIN)
            ;
        CHECK(kit_same(dev.data, plain.ptr, plain.len));
        rove_stream_free(sink);
        free(dev.data.ptr);
        free(plain.ptr);
    }
    CHECK_EQ(0, kit_wrong_calls);
}

void a_filter_that_does_not_open_opens_nothing(void)
{
    static const char *const texts[] = {"evil:act=open", "crc32|evil:act=open|copy",
                                        "copy|evil_tap:act=open"};
    struct rove_stream *rope = kit_rope(), *stream = rope;
    struct rove_spec_error error;
    kit_register_evil();
    for (size_t i = 0; i < 3; i++) {
        CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_encode(rope, texts[i], NULL, &stream, &error));
        CHECK(stream == NULL);
        CHECK(strstr(error.text, "it does not want to") != NULL);
        CHECK_EQ(strstr(texts[i], "evil") - texts[i], error.off);
        CHECK_IS(ROVE_E_UNSUPPORTED, rove_stream_decode(rope, texts[i], NULL, &stream, NULL));
    }
    CHECK_IS(ROVE_E_STALL, rove_stream_encode(rope, "evil:act=open_odd", NULL, &stream, &error));
    CHECK(strstr(error.text, "returned 42") != NULL);
    rove_stream_free(rope);
}

void a_filter_that_does_not_reset_fails_the_reuse(void)
{
    struct rove_stream *rope = kit_rope(), *writer = NULL, *reader = NULL;
    kit_register_evil();
    CHECK_OK(rove_stream_encode(rope, "crc32|evil:act=reset", NULL, &writer, NULL));
    CHECK_OK(rove_stream_decode(rope, "evil:act=reset|crc32", NULL, &reader, NULL));
    CHECK_OK(rove_stream_write(writer, "abc", 3));
    CHECK_OK(rove_stream_finish(writer));
    for (unsigned round = 0; round < 3; round++) {
        bool open = round == 1; // the failed one was closed, so that it is opened the next time
        CHECK_IS(open ? ROVE_OK : ROVE_E_STATE, rove_stream_rechain(writer, rope));
        CHECK_IS(open ? ROVE_OK : ROVE_E_STATE, rove_stream_rechain(reader, rope));
        CHECK_IS(open ? ROVE_OK : ROVE_E_STATE, rove_stream_finish(writer));
        size_t n;
        CHECK_IS(open ? ROVE_END : ROVE_E_STATE, rove_stream_read(reader, &n, 1, &n));
    }
    rove_stream_free(writer);
    rove_stream_free(reader);
    rove_stream_free(rope);
}

void a_failed_stream_is_fresh_after_reuse(void)
{
    struct kit_bytes plain = kit_content(2000, 1), out;
    struct kit_bytes coded = kit_encode("gzip", plain.ptr, plain.len);
    struct rove_stream *bad = kit_source("no gzip at all", 14), *stream = NULL;
    struct rove_stream *good = kit_source(coded.ptr, coded.len);
    CHECK_OK(rove_stream_decode(bad, "crc32|gzip", NULL, &stream, NULL));
    for (unsigned round = 0; round < 3; round++) {
        CHECK_IS(ROVE_E_FORMAT, kit_drain(stream, &out));
        CHECK_EQ(0, out.len);
        CHECK_IS(ROVE_E_FORMAT, rove_stream_error(stream));
        free(out.ptr);
        CHECK_OK(rove_stream_seek(good, 0, ROVE_SET, NULL));
        CHECK_OK(rove_stream_rechain(stream, good));
        CHECK_OK(rove_stream_error(stream));
        CHECK_IS(ROVE_END, kit_drain(stream, &out));
        CHECK(kit_same(out, plain.ptr, plain.len));
        free(out.ptr);
        CHECK_OK(rove_stream_seek(bad, 0, ROVE_SET, NULL));
        CHECK_OK(rove_stream_rechain(stream, bad));
    }
    rove_stream_free(stream);
    rove_stream_free(bad);
    rove_stream_free(good);
    free(plain.ptr);
    free(coded.ptr);
}

// what is told ------------------------------------------------------------------------------------

void a_failure_is_told_with_layer_cause_and_offset(void)
{
    char why[300];
    struct kit_bytes out, plain = kit_content(1000, 1);
    struct kit_bytes text = {(uint8_t *) (uintptr_t) "hello", 5};
    CHECK_IS(ROVE_E_FORMAT, kit_decode("crc32|gzip|count", NULL, text, &out, why));
    if (!CHECK(strcmp(why, "layer 2 of 3 (gzip): not gzip data: it does not begin with 1f 8b, at "
                           "input byte 0") == 0))
        suite_note("%s", why);
    free(out.ptr);
    struct kit_bytes coded = kit_encode("zlib|lz4", plain.ptr, plain.len);
    coded.len--;
    CHECK_IS(ROVE_E_TRUNCATED, kit_decode("zlib|lz4", NULL, coded, &out, why));
    char expected[300];
    snprintf(expected, sizeof expected,
             "layer 2 of 2 (lz4): the LZ4 content checksum is incomplete, at input byte %zu", coded.len);
    if (!CHECK(strcmp(why, expected) == 0))
        suite_note("%s", why);
    free(out.ptr);
    free(coded.ptr);
    free(plain.ptr);
}

void everything_before_a_failure_is_delivered(void)
{
    struct kit_bytes plain = kit_content(3000, 1), out;
    char spec[100];
    kit_register_evil();
    for (unsigned when = 0; when < 3000; when += 499) {
        snprintf(spec, sizeof spec, "crc32|copy|evil:act=fail,when=%u|copy", when);
        CHECK_IS(ROVE_E_DATA, kit_decode(spec, NULL, plain, &out, NULL));
        CHECK(kit_same(out, plain.ptr, when));
        free(out.ptr);
    }
    free(plain.ptr);
}

// A decoder notices damage in the very bytes that a tap before it refuses: it came first.
void the_first_of_two_failures_is_told(void)
{
    struct kit_bytes plain = kit_content(100, 1), out;
    struct kit_bytes coded = kit_encode("gzip", plain.ptr, plain.len);
    char why[300];
    kit_register_evil();
    coded.ptr[coded.len - 8] ^= 1;
    CHECK_IS(ROVE_E_CHECKSUM, kit_decode("gzip", NULL, coded, &out, why));
    CHECK(strstr(why, "gzip") != NULL);
    free(out.ptr);
    CHECK_IS(ROVE_E_CHECKSUM, kit_decode("gzip|evil_tap:act=fail", NULL, coded, &out, why));
    CHECK(strstr(why, "gzip") && !strstr(why, "evil") && !strstr(why, "it broke"));
    free(out.ptr);
    free(coded.ptr);
    free(plain.ptr);
}

void a_prefix_is_truncated_wherever_it_is_cut(void)
{
    static const char *const specs[] = {"gzip",
                                        "zlib",
                                        "deflate",
                                        "lz4",
                                        "gzip|lz4",
                                        "crc32|zlib|gzip",
                                        "lz4:linked=yes,content_size=300"};
    for (size_t c = 0; c < sizeof specs / sizeof *specs; c++) {
        struct kit_bytes plain = kit_content(300, 1), out;
        struct kit_bytes coded = kit_encode(specs[c], plain.ptr, plain.len);
        const char *reading = c == 6 ? "lz4" : specs[c];
        for (size_t len = 0; len < coded.len; len++) {
            char why[300], offset[40];
            struct kit_bytes prefix = {coded.ptr, len};
            bool fine = CHECK_IS(ROVE_E_TRUNCATED, kit_decode(reading, NULL, prefix, &out, why));
            snprintf(offset, sizeof offset, "at input byte %zu", len);
            fine &= CHECK(strstr(why, offset) != NULL); // of the layer at the source
            fine &= CHECK(out.len <= plain.len && memcmp(out.ptr, plain.ptr, out.len) == 0);
            if (!fine)
                suite_note("%s cut at %zu: %s", specs[c], len, why);
            free(out.ptr);
        }
        free(plain.ptr);
        free(coded.ptr);
    }
}

void what_follows_the_end_inside_a_chain_is_damage(void)
{
    struct kit_bytes zlib = kit_encode("zlib", "inner", 5), out;
    zlib.ptr = realloc(zlib.ptr, zlib.len + 4);
    memcpy(zlib.ptr + zlib.len, "junk", 4);
    struct kit_bytes coded = kit_encode("gzip", zlib.ptr, zlib.len + 4);
    char why[300];
    CHECK_IS(ROVE_E_DATA, kit_decode("zlib|gzip", NULL, coded, &out, why));
    CHECK(kit_same(out, "inner", 5));
    CHECK(strstr(why, "layer 1 of 2 (zlib): more follows the end of its data") != NULL);
    free(out.ptr);
    free(coded.ptr);
    coded = kit_encode("gzip", zlib.ptr, zlib.len); // the outer checksum is checked all the same
    coded.ptr[coded.len - 8] ^= 1;
    CHECK_IS(ROVE_E_CHECKSUM, kit_decode("zlib|gzip", NULL, coded, &out, why));
    CHECK(kit_same(out, "inner", 5));
    CHECK(strstr(why, "layer 2 of 2 (gzip)") != NULL);
    free(out.ptr);
    free(coded.ptr);
    free(zlib.ptr);
}

static struct kit_bytes with_tail(const char *spec, const void *ptr, size_t len, const char *tail,
                                  size_t tail_len)
{
    struct kit_bytes coded = kit_encode(spec, ptr, len);
    coded.ptr = realloc(coded.ptr, coded.len + tail_len);
    memcpy(coded.ptr + coded.len, tail, tail_len);
    coded.len += tail_len;
    return coded;
}

// Decodes what is damaged or not inside, with junk behind it.
static enum rove_status decode_with_junk(const char *spec, struct kit_bytes inner, char *why)
{
    struct kit_bytes coded = with_tail(strrchr(spec, '|') + 1, inner.ptr, inner.len, "junk", 4),
                     out;
    enum rove_status status = kit_decode(spec, NULL, coded, &out, why);
    free(out.ptr);
    free(coded.ptr);
    return status;
}

void what_follows_the_end_is_told_when_all_is_checked(void)
{
    static const char *const specs[] = {"gzip", "lz4", "crc32|gzip", "crc32|lz4"};
    char why[300];
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        struct kit_bytes coded = with_tail(specs[i], "inner", 5, "junk", 4), out;
        CHECK_IS(ROVE_E_TRAILING, kit_decode(specs[i], NULL, coded, &out, why));
        CHECK(kit_same(out, "inner", 5));
        CHECK(strstr(why, ": trailing garbage after the last ") != NULL);
        free(out.ptr);
        struct rove_stream *source = kit_source(coded.ptr, coded.len), *stream = NULL;
        const uint8_t *ptr;
        size_t len;
        CHECK_OK(rove_stream_decode(source, specs[i], NULL, &stream, NULL));
        for (int again = 0; again < 2; again++) { // it sticks
            CHECK_IS(ROVE_E_TRAILING, kit_drain(stream, &out));
            free(out.ptr);
        }
        CHECK_OK(rove_stream_peek(source, &ptr, &len));
        CHECK(len == 4 && memcmp(ptr, "junk", 4) == 0);
        rove_stream_free(stream);
        rove_stream_free(source);
        free(coded.ptr);
    }
    // Whatever else is wrong comes first: a layer further in, or a checksum of the content.
    struct kit_bytes inner = kit_encode("lz4", "inner", 5);
    CHECK_IS(ROVE_E_TRAILING, decode_with_junk("lz4|gzip", inner, why));
    inner.len -= 6;
    CHECK_IS(ROVE_E_TRUNCATED, decode_with_junk("lz4|gzip", inner, why));
    free(inner.ptr);
    inner = with_tail("lz4", "inner", 5, "junk", 4);
    CHECK_IS(ROVE_E_DATA, decode_with_junk("lz4|gzip", inner, why));
    CHECK(strstr(why, "layer 1 of 2 (lz4): trailing garbage") != NULL);
    free(inner.ptr);
    inner = (struct kit_bytes){(uint8_t *) strdup("inner"), 5};
    CHECK_IS(ROVE_E_CHECKSUM, decode_with_junk("crc32:expect=12345678|gzip", inner, why));
    free(inner.ptr);
}

// Decodes "inner" with a tail by each policy, and holds what is said of it against what is expected.
static void judge_tail(const char *filter, const char *part, const char *tail, size_t zeros, size_t len)
{
    static const char *const policies[] = {"refuse", "zeros", "ignore"};
    struct kit_bytes coded = with_tail(filter, "inner", 5, tail, len), out;
    for (int policy = 0; policy < 3; policy++) {
        char spec[64], why[300], want[120];
        bool passes = len == 0 || policy == 2 || (policy == 1 && zeros == len);
        snprintf(spec, sizeof spec, "%s:trailing=%s", filter, policies[policy]);
        CHECK_IS(passes ? ROVE_END : ROVE_E_TRAILING, kit_decode(spec, NULL, coded, &out, why));
        CHECK(kit_same(out, "inner", 5));
        if (len == 0)
            snprintf(want, sizeof want, "%s", rove_status_text(ROVE_OK));
        else if (zeros == len)
            snprintf(want, sizeof want, "%zu zero bytes follow the last %s, up to the end", len, part);
        else if (passes)
            snprintf(want, sizeof want, "%zu bytes of garbage follow the last %s", len, part);
        else if (zeros)
            snprintf(want, sizeof want, "trailing garbage after the last %s and %zu zero bytes, at "
                     "input byte %zu", part, zeros, coded.len - len + zeros);
        else
            snprintf(want, sizeof want, "trailing garbage after the last %s, at input byte %zu", part,
                     coded.len - len);
        CHECK(strstr(why, want) != NULL);
        free(out.ptr);
    }
    free(coded.ptr);
}

void what_follows_the_end_is_counted_and_allowed_by_the_text(void)
{
    static char tail[1000];
    for (size_t zeros = 0; zeros <= sizeof tail; zeros = 3 * zeros + 1) {
        for (size_t more = 0; more <= 200 && zeros + more <= sizeof tail; more += 100) {
            memset(tail, 0, sizeof tail);
            if (more)
                memset(tail + zeros, 'x', 1); // and zeros behind it
            judge_tail("gzip", "member", tail, more ? zeros : zeros + more, zeros + more);
            judge_tail("lz4", "frame", tail, more ? zeros : zeros + more, zeros + more);
        }
    }
    // From a layer further in the same may be passed over.
    struct kit_bytes inner = with_tail("lz4", "inner", 5, "junk", 4), out;
    struct kit_bytes coded = kit_encode("gzip", inner.ptr, inner.len);
    CHECK_IS(ROVE_E_DATA, kit_decode("lz4|gzip", NULL, coded, &out, NULL));
    free(out.ptr);
    CHECK_IS(ROVE_END, kit_decode("lz4:trailing=ignore|gzip", NULL, coded, &out, NULL));
    CHECK(kit_same(out, "inner", 5));
    free(out.ptr);
    free(coded.ptr);
    free(inner.ptr);
}

// A source shows its bytes as they come: what follows is told when no more can.
void what_follows_the_end_may_come_bit_by_bit(void)
{
    static const struct {
        const char *spec;
        size_t zeros, others;
        enum rove_status status;
        const char *says;
    } rows[] = {
        {"gzip", 70, 0, ROVE_E_TRAILING, "70 zero bytes follow the last member, up to the end"},
        {"gzip:trailing=zeros", 70, 0, ROVE_END, "70 zero bytes follow the last member, up to the end"},
        {"gzip:trailing=zeros", 70, 3, ROVE_E_TRAILING, "after the last member and 70 zero bytes"},
        {"lz4:trailing=ignore", 0, 50, ROVE_END, "50 bytes of garbage follow the last frame"},
        {"lz4:trailing=ignore", 70, 50, ROVE_END, "120 bytes of garbage follow the last frame"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char tail[120] = "", name[8] = "";
        memset(tail + rows[i].zeros, 'x', rows[i].others);
        memcpy(name, rows[i].spec, strcspn(rows[i].spec, ":"));
        struct kit_device dev = {.most = 1, .fail_after = UINT64_MAX};
        struct kit_bytes out;
        dev.data = with_tail(name, "inner", 5, tail, rows[i].zeros + rows[i].others);
        struct rove_stream *source = kit_device_stream(&dev), *stream = NULL;
        CHECK_OK(rove_stream_decode(source, rows[i].spec, NULL, &stream, NULL));
        CHECK_IS(rows[i].status, kit_drain(stream, &out));
        CHECK(kit_same(out, "inner", 5));
        CHECK(strstr(rove_stream_explain(stream), rows[i].says) != NULL);
        free(out.ptr);
        free(dev.data.ptr);
        rove_stream_free(stream);
        rove_stream_free(source);
    }
}

void taps_are_finished_when_a_decoder_ends_early(void)
{
    struct kit_bytes coded = kit_encode("zlib", "inner", 5), out;
    char right[64], wrong[64];
    uint8_t crc[ROVE_DIGEST_MAX];
    size_t len;
    struct rove_stream *source = kit_source(coded.ptr, coded.len), *stream = NULL;
    struct rove_view view;
    CHECK_OK(rove_stream_snapshot(source, &view));
    CHECK_OK(rove_view_digest(&view, "crc32", crc, sizeof crc, &len));
    rove_view_fini(&view);
    snprintf(right, sizeof right, "zlib|crc32:expect=%02x%02x%02x%02x", crc[0], crc[1], crc[2],
             crc[3]);
    snprintf(wrong, sizeof wrong, "zlib|crc32:expect=%02x%02x%02x%02x", crc[0], crc[1], crc[2],
             crc[3] ^ 1);
    CHECK_OK(rove_stream_seek(source, 0, ROVE_FROM_END, NULL));
    CHECK_OK(rove_stream_write(source, "behind", 6));
    for (unsigned i = 0; i < 2; i++) {
        CHECK_OK(rove_stream_seek(source, 0, ROVE_SET, NULL));
        CHECK_OK(rove_stream_decode(source, i ? wrong : right, NULL, &stream, NULL));
        CHECK_IS(i ? ROVE_E_CHECKSUM : ROVE_END, kit_drain(stream, &out));
        CHECK(kit_same(out, "inner", 5));
        free(out.ptr);
        rove_stream_free(stream);
    }
    rove_stream_free(source);
    free(coded.ptr);
}

void an_unexpected_digest_stops_the_stream(void)
{
    struct rove_stream *sink = kit_rope(), *stream = NULL;
    struct kit_bytes out, coded;
    CHECK_OK(rove_stream_encode(sink, "crc32:expect=cbf43927|gzip", NULL, &stream, NULL));
    CHECK_OK(rove_stream_write(stream, "123456789", 9));
    CHECK_IS(ROVE_E_CHECKSUM, rove_stream_close(stream));
    CHECK(strstr(rove_stream_explain(stream), "layer 1 of 2 (crc32)") != NULL);
    rove_stream_clear_error(stream);
    CHECK_IS(ROVE_E_CHECKSUM, rove_stream_finish(stream)); // that is final
    CHECK_IS(ROVE_E_CHECKSUM, rove_stream_close(stream));
    CHECK(!rove_stream_is_closed(stream));
    coded = kit_all(sink);
    CHECK(kit_decode("gzip", NULL, coded, &out, NULL) == ROVE_E_TRUNCATED); // no end was written
    free(coded.ptr);
    free(out.ptr);
    rove_stream_free(stream);
    rove_stream_free(sink);
    coded = kit_encode("crc32:expect=cbf43926|gzip", "123456789", 9);
    CHECK_IS(ROVE_E_CHECKSUM, kit_decode("crc32:expect=00000000|gzip", NULL, coded, &out, NULL));
    CHECK(kit_same(out, "123456789", 9)); // given, but not its end
    free(out.ptr);
    CHECK_IS(ROVE_END, kit_decode("crc32:expect=cbf43926|gzip", NULL, coded, &out, NULL));
    free(out.ptr);
    free(coded.ptr);
}

// devices -----------------------------------------------------------------------------------------

void a_failing_sink_fails_the_stream(void)
{
    struct kit_bytes plain = kit_content(400000, 0);
    for (uint64_t after = 0; after < 300000; after += 70001) {
        struct kit_device dev = {.most = 5000, .fail_after = after};
        struct rove_stream *sink = kit_device_stream(&dev), *stream = NULL;
        enum rove_status status = ROVE_OK;
        CHECK_OK(rove_stream_encode(sink, "crc32|gzip", NULL, &stream, NULL));
        for (size_t at = 0; at < plain.len && !status; at += 1000)
            status = rove_stream_write(stream, plain.ptr + at, 1000);
        status = status ? status : rove_stream_flush(stream);
        CHECK_IS(ROVE_E_IO, status);
        CHECK_EQ(28, rove_stream_errno(stream)); // ENOSPC
        CHECK(strstr(rove_stream_explain(stream), "sink: No space left") != NULL);
        CHECK_IS(ROVE_E_IO, rove_stream_flush(stream));
        CHECK_IS(ROVE_E_IO, rove_stream_close(stream));
        CHECK(!rove_stream_is_closed(stream));
        rove_stream_free(stream);
        rove_stream_free(sink);
        free(dev.data.ptr);
    }
    free(plain.ptr);
}

// Writes some, perhaps flushes, and gives up. What the sink holds then is no complete stream.
static void abandon(const char *spec, struct kit_bytes plain, bool flush)
{
    struct rove_stream *sink = kit_rope(), *stream = NULL;
    struct kit_bytes out, coded;
    CHECK_OK(rove_stream_encode(sink, spec, NULL, &stream, NULL));
    CHECK_OK(rove_stream_write(stream, plain.ptr, plain.len));
    if (flush)
        CHECK_OK(rove_stream_flush(stream));
    rove_stream_free(stream);
    coded = kit_all(sink);
    if (!CHECK_IS(ROVE_E_TRUNCATED, kit_decode(spec, NULL, coded, &out, NULL)))
        suite_note("%s, %zu bytes, flushed: %d", spec, plain.len, flush);
    CHECK(!flush || kit_same(out, plain.ptr, plain.len));
    free(coded.ptr);
    free(out.ptr);
    rove_stream_free(sink);
}

void an_abandoned_encoder_leaves_no_complete_stream(void)
{
    static const char *const specs[] = {"gzip",       "zlib",     "deflate", "lz4",
                                        "crc32|gzip", "gzip|lz4", "lz4|zlib"};
    static const size_t lens[] = {0, 1, 1000, 300000};
    for (size_t c = 0; c < sizeof specs / sizeof *specs; c++)
        for (size_t i = 0; i < 8; i++) {
            struct kit_bytes plain = kit_content(lens[i / 2], 1);
            abandon(specs[c], plain, i % 2);
            free(plain.ptr);
        }
}

void no_end_is_written_behind_a_gap(void)
{
    struct kit_bytes plain = kit_content(1000000, 0), out;
    struct kit_device dev = {.fail_after = 100000};
    struct rove_stream *sink = kit_device_stream(&dev), *stream = NULL;
    CHECK_OK(rove_stream_encode(sink, "lz4", NULL, &stream, NULL));
    CHECK_IS(ROVE_E_IO, rove_stream_write(stream, plain.ptr, plain.len));
    dev.fail_after = UINT64_MAX; // room was made, but nobody has written the rest
    for (int i = 0; i < 2; i++) {
        CHECK_IS(ROVE_E_IO, rove_stream_flush(stream));
        CHECK_IS(ROVE_E_IO, rove_stream_finish(stream));
        CHECK_IS(ROVE_E_IO, rove_stream_close(stream));
    }
    rove_stream_free(stream);
    rove_stream_clear_error(sink); // nor may it come to be there later
    CHECK_OK(rove_stream_close(sink));
    rove_stream_free(sink);
    CHECK_IS(ROVE_E_TRUNCATED, kit_decode("lz4", NULL, dev.data, &out, NULL));
    free(out.ptr);
    free(dev.data.ptr);
    free(plain.ptr);
}

void a_failing_source_fails_the_stream_after_what_was_read(void)
{
    struct kit_bytes plain = kit_content(2000000, 1), out;
    static const char *const specs[] = {"lz4|crc32", "adler32", "auto"};
    for (size_t c = 0; c < 3; c++) {
        struct kit_device dev = {.most = 5000, .fail_after = 700000};
        dev.data = kit_encode(c == 2 ? "lz4" : specs[c], plain.ptr, plain.len);
        struct rove_stream *source = kit_device_stream(&dev), *stream = NULL;
        CHECK_OK(rove_stream_decode(source, specs[c], NULL, &stream, NULL));
        CHECK_IS(ROVE_E_IO, kit_drain(stream, &out));
        CHECK(out.len > 0 && memcmp(out.ptr, plain.ptr, out.len) == 0);
        CHECK(strstr(rove_stream_explain(stream), "source: No space left") != NULL);
        free(out.ptr);
        CHECK_IS(ROVE_E_IO, kit_drain(stream, &out));
        CHECK_EQ(0, out.len);
        free(out.ptr);
        rove_stream_free(stream);
        rove_stream_free(source);
        free(dev.data.ptr);
    }
    free(plain.ptr);
}
