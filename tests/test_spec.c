// SPDX-License-Identifier: MIT
// test_spec.c: the text of a chain: its grammar, what is wrong with it and where, and back to text.
#include "support/suite.h"

#include <rove/chain.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter/spec.h"

// a filter with an option of every kind -----------------------------------------------------------

static int32_t pass(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    (void) st;
    (void) out;
    if (in->len)
        in->ptr += in->len;
    in->len = 0;
    return act == ROVE_RUN ? ROVE_OK : ROVE_END;
}

#define EVERY (ROVE_ENCODE | ROVE_DECODE | ROVE_TAP)
static const char *const words[] = {"red", "green", "a,b", NULL};
static const struct rove_option options[] = {
    {.key = "u", .kind = ROVE_OPT_UINT, .dirs = EVERY, .min = 2, .max = 4096, .fallback = "1K"},
    {.key = "big", .kind = ROVE_OPT_UINT, .dirs = EVERY, .max = UINT64_MAX, .fallback = "0"},
    {.key = "i", .kind = ROVE_OPT_INT, .dirs = EVERY, .min = (uint64_t) -5, .max = 5,
     .fallback = "-3"},
    {.key = "wide", .kind = ROVE_OPT_INT, .dirs = EVERY, .min = (uint64_t) INT64_MIN,
     .max = INT64_MAX, .fallback = "0"},
    {.key = "b", .kind = ROVE_OPT_BOOL, .dirs = EVERY, .fallback = "on"},
    {.key = "w", .kind = ROVE_OPT_WORD, .dirs = EVERY, .words = words, .fallback = "green"},
    {.key = "t", .kind = ROVE_OPT_TEXT, .dirs = EVERY, .max = 8, .fallback = "abc"},
    {.key = "t0", .kind = ROVE_OPT_TEXT, .dirs = EVERY, .max = 4000},
    {.key = "h", .kind = ROVE_OPT_HEX, .dirs = EVERY, .min = 1, .max = 4, .fallback = "00fF"},
    {.key = "out", .kind = ROVE_OPT_BOOL, .dirs = ROVE_ENCODE, .fallback = "no"},
    {.key = NULL},
};
static const struct rove_filter kinds = {
    ROVE_FILTER_INIT, .name = "kinds", .dir = ROVE_TAP, .run = pass, .options = options};
static const struct rove_filter one_way = {
    ROVE_FILTER_INIT, .name = "one_way", .dir = ROVE_ENCODE, .run = pass};
static const struct rove_filter other_way = {
    ROVE_FILTER_INIT, .name = "other_way", .dir = ROVE_DECODE, .run = pass};
// A codec whose directions have tables of their own.
static const struct rove_option to_options[] = {
    {.key = "to", .kind = ROVE_OPT_HEX, .dirs = ROVE_ENCODE, .min = 1, .max = 4, .fallback = "00"},
    {.key = NULL},
};
static const struct rove_option from_options[] = {
    {.key = "from", .kind = ROVE_OPT_UINT, .dirs = ROVE_DECODE, .max = 4, .fallback = "1"},
    {.key = NULL},
};
static const struct rove_filter two_to = {
    ROVE_FILTER_INIT, .name = "two", .dir = ROVE_ENCODE, .run = pass, .options = to_options};
static const struct rove_filter two_from = {
    ROVE_FILTER_INIT, .name = "two", .dir = ROVE_DECODE, .run = pass, .options = from_options};

static void register_ours(void)
{
    if (rove_filter_find("kinds", ROVE_ENCODE))
        return;
    CHECK_OK(rove_filter_register(&kinds, NULL));
    CHECK_OK(rove_filter_register(&one_way, NULL));
    CHECK_OK(rove_filter_register(&other_way, NULL));
    CHECK_OK(rove_filter_register(&two_to, NULL));
    CHECK_OK(rove_filter_register(&two_from, NULL));
}

// errors ------------------------------------------------------------------------------------------

struct bad {
    const char *text;
    uint32_t dir;
    enum rove_status status;
    size_t off;
    const char *says; // part of the sentence
};

static const struct bad bads[] = {
    {"", ROVE_ENCODE, ROVE_E_ARG, 0, "name of a filter is missing"},
    {"|", ROVE_ENCODE, ROVE_E_ARG, 0, "name of a filter is missing"},
    {":", ROVE_ENCODE, ROVE_E_ARG, 0, "name of a filter is missing"},
    {"gzip|", ROVE_ENCODE, ROVE_E_ARG, 5, "name of a filter is missing"},
    {"gzip||lz4", ROVE_ENCODE, ROVE_E_ARG, 5, "name of a filter is missing"},
    {"|gzip", ROVE_ENCODE, ROVE_E_ARG, 0, "name of a filter is missing"},
    {" gzip", ROVE_ENCODE, ROVE_E_ARG, 0, "name of a filter is missing"},
    {"GZIP", ROVE_ENCODE, ROVE_E_ARG, 0, "name of a filter is missing"},
    {"gzip ", ROVE_ENCODE, ROVE_E_ARG, 4, "followed by ':' or '|'"},
    {"gzip,level=6", ROVE_ENCODE, ROVE_E_ARG, 4, "followed by ':' or '|'"},
    {"gzip=6", ROVE_ENCODE, ROVE_E_ARG, 4, "followed by ':' or '|'"},
    {"nosuch", ROVE_ENCODE, ROVE_E_ARG, 0, "no filter named \"nosuch\""},
    {"crc32|nosuch:a=b", ROVE_ENCODE, ROVE_E_ARG, 6, "no filter named \"nosuch\""},
    {"crc32|nosuch|gzip:level=99", ROVE_ENCODE, ROVE_E_ARG, 6, "no filter named"},
    {"gzip:level=99|nosuch", ROVE_ENCODE, ROVE_E_ARG, 11, "a number from 0 to 9"},
    {"one_way", ROVE_DECODE, ROVE_E_UNSUPPORTED, 0, "one_way cannot decode"},
    {"crc32|other_way", ROVE_ENCODE, ROVE_E_UNSUPPORTED, 6, "other_way cannot encode"},
    {"gzip:", ROVE_ENCODE, ROVE_E_ARG, 5, "name of an option is missing"},
    {"gzip:|lz4", ROVE_ENCODE, ROVE_E_ARG, 5, "name of an option is missing"},
    {"gzip:level=6,", ROVE_ENCODE, ROVE_E_ARG, 13, "name of an option is missing"},
    {"gzip:,level=6", ROVE_ENCODE, ROVE_E_ARG, 5, "name of an option is missing"},
    {"gzip:=6", ROVE_ENCODE, ROVE_E_ARG, 5, "name of an option is missing"},
    {"gzip:level", ROVE_ENCODE, ROVE_E_ARG, 10, "followed by '='"},
    {"gzip:level:6", ROVE_ENCODE, ROVE_E_ARG, 10, "followed by '='"},
    {"gzip:levle=6", ROVE_ENCODE, ROVE_E_ARG, 5, "gzip has no option \"levle\""},
    {"crc32:level=6", ROVE_ENCODE, ROVE_E_ARG, 6, "crc32 has no option"},
    {"copy:a=b", ROVE_ENCODE, ROVE_E_ARG, 5, "copy has no option"},
    {"gzip:level=6,level=6", ROVE_ENCODE, ROVE_E_ARG, 13, "level was given before"},
    {"gzip:level=", ROVE_ENCODE, ROVE_E_ARG, 11, "a number from 0 to 9"},
    {"gzip:level=10", ROVE_ENCODE, ROVE_E_ARG, 11, "a number from 0 to 9"},
    {"gzip:level=-1", ROVE_ENCODE, ROVE_E_ARG, 11, "a number from 0 to 9"},
    {"gzip:level=+1", ROVE_ENCODE, ROVE_E_ARG, 11, "a number from 0 to 9"},
    {"gzip:level= 1", ROVE_ENCODE, ROVE_E_ARG, 11, "a number from 0 to 9"},
    {"gzip:level=0x1", ROVE_ENCODE, ROVE_E_ARG, 11, "a number from 0 to 9"},
    {"gzip:level=1K", ROVE_ENCODE, ROVE_E_ARG, 11, "a number from 0 to 9"},
    {"gzip:level=K", ROVE_ENCODE, ROVE_E_ARG, 11, "a number from 0 to 9"},
    {"gzip:level=10", ROVE_DECODE, ROVE_E_ARG, 11, "a number from 0 to 9"},
    {"gzip:levle=6", ROVE_DECODE, ROVE_E_ARG, 5, "gzip has no option \"levle\""},
    {"gzip:level=6,level=6", ROVE_DECODE, ROVE_E_ARG, 13, "level was given before"},
    {"gzip:name=a,level=6,name=%00", ROVE_DECODE, ROVE_E_ARG, 20, "name was given before"},
    {"gzip:trailing=never", ROVE_ENCODE, ROVE_E_ARG, 14, "one of refuse, zeros, ignore"},
    {"kinds:out=maybe", ROVE_DECODE, ROVE_E_ARG, 10, "yes or no"},
    {"two:to=abcd|two:to=abc", ROVE_DECODE, ROVE_E_ARG, 19, "bytes as pairs of hex digits"},
    {"two:to=ab,to=cd", ROVE_DECODE, ROVE_E_ARG, 10, "to was given before"},
    {"two:from=5", ROVE_ENCODE, ROVE_E_ARG, 9, "a number from 0 to 4"},
    {"two:to=ab,at=1", ROVE_ENCODE, ROVE_E_ARG, 10, "two has no option \"at\""},
    {"one_way:to=1", ROVE_ENCODE, ROVE_E_ARG, 8, "one_way has no option"},
    {"gzip:strategy=fast", ROVE_ENCODE, ROVE_E_ARG, 14, "one of default, filtered"},
    {"gzip:hcrc=maybe", ROVE_ENCODE, ROVE_E_ARG, 10, "yes or no"},
    {"gzip:name=a%2", ROVE_ENCODE, ROVE_E_ARG, 11, "two hex digits"},
    {"gzip:name=%", ROVE_ENCODE, ROVE_E_ARG, 10, "two hex digits"},
    {"gzip:name=ab%g0", ROVE_ENCODE, ROVE_E_ARG, 12, "two hex digits"},
    {"gzip:name=ab%0,x", ROVE_ENCODE, ROVE_E_ARG, 12, "two hex digits"},
    {"gzip:name=a\nb", ROVE_ENCODE, ROVE_E_ARG, 11, "control character"},
    {"gzip:name=a\x7f", ROVE_ENCODE, ROVE_E_ARG, 11, "control character"},
    {"kinds:u=1", ROVE_ENCODE, ROVE_E_ARG, 8, "a number from 2 to 4096"},
    {"kinds:u=5K", ROVE_ENCODE, ROVE_E_ARG, 8, "a number from 2 to 4096"},
    {"kinds:u=3k", ROVE_ENCODE, ROVE_E_ARG, 8, "a number from 2 to 4096"},
    {"kinds:big=18446744073709551616", ROVE_ENCODE, ROVE_E_ARG, 10, "a number"},
    {"kinds:big=99999999999999999999", ROVE_ENCODE, ROVE_E_ARG, 10, "a number"},
    {"kinds:big=17179869184G", ROVE_ENCODE, ROVE_E_ARG, 10, "a number"},
    {"kinds:i=-6", ROVE_ENCODE, ROVE_E_ARG, 8, "a number from -5 to 5"},
    {"kinds:i=--1", ROVE_ENCODE, ROVE_E_ARG, 8, "a number from -5 to 5"},
    {"kinds:i=-", ROVE_ENCODE, ROVE_E_ARG, 8, "a number from -5 to 5"},
    {"kinds:i=1K", ROVE_ENCODE, ROVE_E_ARG, 8, "a number from -5 to 5"},
    {"kinds:wide=9223372036854775808", ROVE_ENCODE, ROVE_E_ARG, 11, "a number"},
    {"kinds:wide=-9223372036854775809", ROVE_ENCODE, ROVE_E_ARG, 11, "a number"},
    {"kinds:b=", ROVE_ENCODE, ROVE_E_ARG, 8, "yes or no"},
    {"kinds:b=YES", ROVE_ENCODE, ROVE_E_ARG, 8, "yes or no"},
    {"kinds:w=blue", ROVE_ENCODE, ROVE_E_ARG, 8, "one of red, green"},
    {"kinds:w=", ROVE_ENCODE, ROVE_E_ARG, 8, "one of red, green"},
    {"kinds:w=a,b", ROVE_ENCODE, ROVE_E_ARG, 8, "one of red, green"},
    {"kinds:t=123456789", ROVE_ENCODE, ROVE_E_ARG, 8, "text of at most 8 bytes"},
    {"kinds:h=", ROVE_ENCODE, ROVE_E_ARG, 8, "1 to 4 bytes as pairs of hex digits"},
    {"kinds:h=abc", ROVE_ENCODE, ROVE_E_ARG, 8, "1 to 4 bytes"},
    {"kinds:h=xx", ROVE_ENCODE, ROVE_E_ARG, 8, "1 to 4 bytes"},
    {"kinds:h=0011223344", ROVE_ENCODE, ROVE_E_ARG, 8, "1 to 4 bytes"},
    {"copy|copy|copy|copy|copy|copy|copy|copy|copy", ROVE_ENCODE, ROVE_E_LIMIT, 40,
     "more than 8 filters"},
    {"auto", ROVE_ENCODE, ROVE_E_UNSUPPORTED, 0, "auto cannot encode"},
    {"auto|crc32", ROVE_DECODE, ROVE_E_ARG, 4, "nothing may stand behind auto"},
    {"auto:allow=gzip|crc32", ROVE_DECODE, ROVE_E_ARG, 15, "nothing may stand behind auto"},
    {"auto:allow=", ROVE_DECODE, ROVE_E_ARG, 11, "text of at most"},
    {"auto:allow=gzip.nosuch", ROVE_DECODE, ROVE_E_ARG, 11, "no decoder named \"nosuch\""},
    {"auto:allow=one_way", ROVE_DECODE, ROVE_E_ARG, 11, "no decoder named \"one_way\""},
    {"auto:allow=gzip..lz4", ROVE_DECODE, ROVE_E_ARG, 11, "no decoder named \"\""},
    {"auto:allow=gzip.", ROVE_DECODE, ROVE_E_ARG, 11, "no decoder named \"\""},
    {"auto:allow=%00", ROVE_DECODE, ROVE_E_ARG, 11, "no decoder with a zero in its name"},
    {"auto:allow=gzip%00.nosuch", ROVE_DECODE, ROVE_E_ARG, 11, "no decoder with a zero in its name"},
    {"auto:allow=crc32", ROVE_DECODE, ROVE_E_ARG, 11, "no decoder named \"crc32\""},
    {"auto:allow=gzip.limit", ROVE_DECODE, ROVE_E_ARG, 11, "no decoder named \"limit\""},
    {"auto:deny=gzip", ROVE_DECODE, ROVE_E_ARG, 5, "auto has no option"},
};

static void every_error_names_its_byte(void)
{
    register_ours();
    for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
        const struct bad *bad = &bads[i];
        struct rove_spec_error error;
        char buf[64] = "unchanged";
        memset(&error, 0xee, sizeof error);
        bool as_said =
            CHECK_IS(bad->status, rove_spec_print(bad->text, bad->dir, buf, sizeof buf, &error));
        as_said &= CHECK_EQ(bad->off, error.off);
        as_said &= CHECK(strstr(error.text, bad->says) != NULL);
        CHECK(strcmp(buf, "unchanged") == 0);
        CHECK_IS(bad->status, rove_spec_print(bad->text, bad->dir, buf, sizeof buf, NULL));
        if (!as_said)
            suite_note("for \"%s\": off %zu, \"%s\"", bad->text, error.off, error.text);
    }
}

static void no_text_and_no_direction_are_refused(void)
{
    char buf[8];
    struct rove_spec_error error;
    CHECK_IS(ROVE_E_ARG, rove_spec_print(NULL, ROVE_ENCODE, buf, sizeof buf, &error));
    CHECK(strstr(error.text, "no text") != NULL);
    CHECK_IS(ROVE_E_ARG, rove_spec_print("gzip", ROVE_TAP, buf, sizeof buf, NULL));
    CHECK_IS(ROVE_E_ARG, rove_spec_print("gzip", 0, buf, sizeof buf, NULL));
}

// "kinds:t0=aaa…" of a length in all.
static char *long_text(size_t len)
{
    char *text = malloc(len + 1);
    memset(text, 'a', len);
    memcpy(text, "kinds:t0=", 9);
    text[len] = 0;
    return text;
}

static void a_text_may_have_4096_bytes_and_no_more(void)
{
    register_ours();
    char *buf = malloc(5000), *text;
    struct rove_spec_error error;
    text = long_text(4009); // 4000 bytes of value are all it may have
    CHECK_OK(rove_spec_print(text, ROVE_ENCODE, buf, 5000, &error));
    CHECK(strcmp(text, buf) == 0);
    free(text);
    text = long_text(4096);
    memcpy(text + 4009, "|kinds:t0=", 10);
    CHECK_OK(rove_spec_print(text, ROVE_ENCODE, buf, 4097, &error));
    CHECK(strcmp(text, buf) == 0);
    CHECK_IS(ROVE_E_RANGE, rove_spec_print(text, ROVE_ENCODE, buf, 4096, &error));
    free(text);
    for (size_t len = 4097; len < 10000; len += 1234) {
        text = long_text(len);
        CHECK_IS(ROVE_E_LIMIT, rove_spec_print(text, ROVE_ENCODE, buf, 5000, &error));
        CHECK_EQ(4096, error.off);
        free(text);
    }
    free(buf);
}

// print -------------------------------------------------------------------------------------------

struct same {
    const char *text, *printed; // NULL: the same
};

static const struct same sames[] = {
    {"gzip", NULL},
    {"crc32|gzip:level=6,mtime=0", NULL},
    {"gzip:mtime=0,level=6", "gzip:level=6,mtime=0"},
    {"gzip:level=006", "gzip:level=6"},
    {"gzip:level=%36", "gzip:level=6"},
    {"gzip:hcrc=1", "gzip:hcrc=yes"},
    {"gzip:hcrc=off", "gzip:hcrc=no"},
    {"limit:max=1G", "limit:max=1073741824"},
    {"limit:max=2M|copy", "limit:max=2097152|copy"},
    {"kinds:u=4K", "kinds:u=4096"},
    {"kinds:big=18446744073709551615", NULL},
    {"kinds:big=17179869183G", "kinds:big=18446744072635809792"},
    {"kinds:i=-5", NULL},
    {"kinds:i=-0", "kinds:i=0"},
    {"kinds:wide=-9223372036854775808", NULL},
    {"kinds:wide=9223372036854775807", NULL},
    {"kinds:b=true,w=red", "kinds:b=yes,w=red"},
    {"kinds:w=a%2cb", "kinds:w=a%2Cb"},
    {"kinds:t=", NULL},
    {"kinds:t=a=b:c", NULL},
    {"kinds:t=a%2C%7C%25", NULL},
    {"kinds:t=%61%00b", "kinds:t=a%00b"},
    {"kinds:t=%0a%7f", "kinds:t=%0A%7F"},
    {"kinds:t=\xc3\xa4", NULL},
    {"kinds:h=ABcd", "kinds:h=abcd"},
    {"kinds:h=aB,t=x,i=1,u=2", "kinds:u=2,i=1,t=x,h=ab"},
    {"copy|copy|copy|copy|copy|copy|copy|copy", NULL},
};

static void texts_are_printed_in_one_form(void)
{
    register_ours();
    for (size_t i = 0; i < sizeof sames / sizeof *sames; i++) {
        const char *expected = sames[i].printed ? sames[i].printed : sames[i].text;
        char buf[128], again[128];
        CHECK_OK(rove_spec_print(sames[i].text, ROVE_ENCODE, buf, sizeof buf, NULL));
        if (!CHECK(strcmp(buf, expected) == 0))
            suite_note("\"%s\" was printed \"%s\"", sames[i].text, buf);
        CHECK_OK(rove_spec_print(buf, ROVE_ENCODE, again, sizeof again, NULL));
        CHECK(strcmp(buf, again) == 0);
        CHECK_OK(rove_spec_print(sames[i].text, ROVE_ENCODE, again, strlen(expected) + 1, NULL));
        CHECK_IS(ROVE_E_RANGE,
                 rove_spec_print(sames[i].text, ROVE_ENCODE, again, strlen(expected), NULL));
    }
    char buf[64];
    CHECK_OK(rove_spec_print("crc32|auto:allow=gzip.lz4", ROVE_DECODE, buf, sizeof buf, NULL));
    CHECK(strcmp(buf, "crc32|auto:allow=gzip.lz4") == 0);
    CHECK_OK(rove_spec_print("auto", ROVE_DECODE, buf, sizeof buf, NULL));
    CHECK(strcmp(buf, "auto") == 0);
}

// One text serves both directions: what means something only for the other one is checked and left out.
static void printing_keeps_nothing(void)
{
    struct rove_pool_figures figures;
    uint64_t held = 0;
    char text[100];
    for (unsigned i = 0; i < 2000; i++) {
        CHECK_OK(rove_spec_print("gzip:level=9,name=of-a-file|crc32", ROVE_ENCODE, text, sizeof text, NULL));
        if (i == 0) {
            rove_pool_measure(rove_pool_default(), &figures);
            held = figures.held;
        }
    }
    rove_pool_measure(rove_pool_default(), &figures);
    CHECK_EQ(held, figures.held);
}

static void options_of_the_other_direction_are_idle(void)
{
    static const struct {
        const char *text, *writing, *reading;
    } both[] = {
        {"gzip:level=9", "gzip:level=9", "gzip"},
        {"gzip:trailing=zeros", "gzip", "gzip:trailing=zeros"},
        {"crc32|gzip:trailing=ignore,name=a%2Cb,level=9|lz4:level=3", "crc32|gzip:level=9,name=a%2Cb|lz4:level=3",
         "crc32|gzip:trailing=ignore|lz4"},
        {"kinds:out=yes,t=x", "kinds:t=x,out=yes", "kinds:t=x"},
        {"two:from=4,to=abcd", "two:to=abcd", "two:from=4"},
        {"two:to=ABCD,from=0|two:to=01", "two:to=abcd|two:to=01", "two:from=0|two"},
        {"zlib:dict=00ff,mem=1", "zlib:mem=1,dict=00ff", "zlib:dict=00ff"},
    };
    register_ours();
    for (size_t i = 0; i < sizeof both / sizeof *both; i++) {
        char buf[128];
        CHECK_OK(rove_spec_print(both[i].text, ROVE_ENCODE, buf, sizeof buf, NULL));
        CHECK(strcmp(buf, both[i].writing) == 0);
        CHECK_OK(rove_spec_print(both[i].text, ROVE_DECODE, buf, sizeof buf, NULL));
        CHECK(strcmp(buf, both[i].reading) == 0);
    }
    struct rv_spec spec;
    if (!CHECK_OK(rv_spec_parse("two:to=abcd|gzip:level=9,name=x", ROVE_DECODE, env.pool, &spec, NULL)))
        return;
    CHECK(spec.items[0].values[0].u == 1 && !spec.items[0].values[0].given);
    CHECK(spec.items[1].values[0].u == 6 && !spec.items[1].values[0].given);
    CHECK(!spec.items[1].values[4].text && !spec.items[1].values[4].given);
    rv_spec_fini(&spec);
}

// values ------------------------------------------------------------------------------------------

static void fallbacks_fill_in_what_was_not_given(void)
{
    struct rv_spec spec;
    register_ours();
    if (!CHECK_OK(rv_spec_parse("copy|kinds:u=7", ROVE_ENCODE, env.pool, &spec, NULL)))
        return;
    const struct rove_value *v = spec.items[1].values;
    CHECK_EQ(2, spec.cnt);
    CHECK(v[0].u == 7 && v[0].given == 1);
    CHECK(v[1].u == 0 && v[1].given == 0);
    CHECK((int64_t) v[2].u == -3 && !v[2].given);
    CHECK(v[4].u == 1 && !v[4].given);
    CHECK(v[5].u == 1 && !v[5].given);
    CHECK(strcmp(v[6].text, "abc") == 0 && v[6].text_len == 3 && !v[6].given);
    CHECK(v[7].text == NULL && v[7].text_len == 0 && !v[7].given);
    CHECK(v[8].text_len == 2 && memcmp(v[8].text, "\x00\xff", 2) == 0);
    rv_spec_fini(&spec);
}

static void given_values_arrive_in_full(void)
{
    struct rv_spec spec;
    register_ours();
    if (!CHECK_OK(rv_spec_parse("kinds:t0=x%00y,h=DEadbeEF,t=,w=red,b=0,wide=-1", ROVE_ENCODE,
                                env.pool, &spec, NULL)))
        return;
    const struct rove_value *v = spec.items[0].values;
    CHECK(v[3].u == UINT64_MAX && v[3].given);
    CHECK(v[4].u == 0 && v[4].given);
    CHECK(v[5].u == 0 && v[5].given);
    CHECK(v[6].text && v[6].text[0] == 0 && v[6].text_len == 0 && v[6].given);
    CHECK(v[7].text_len == 3 && memcmp(v[7].text, "x\0y", 4) == 0);
    CHECK(v[8].text_len == 4 && memcmp(v[8].text, "\xde\xad\xbe\xef", 4) == 0);
    rv_spec_fini(&spec);
}

static void an_at_sign_stands_for_bytes_beside_the_text(void)
{
    struct rv_spec spec;
    struct rove_spec_error error;
    struct rove_span bytes = {(const uint8_t *) "abc", 3};
    char buf[64];
    if (!CHECK_OK(rv_spec_parse("crc32|zlib:dict=@,level=1", ROVE_ENCODE, env.pool, &spec, NULL)))
        return;
    CHECK_OK(rv_spec_print(&spec, buf, sizeof buf));
    CHECK(strcmp(buf, "crc32|zlib:level=1,dict=@") == 0);
    CHECK_EQ(ROVE_E_ARG, rv_spec_lend(&spec, (struct rove_span){NULL, 0}, &error));
    CHECK_EQ(6, error.off);
    CHECK(strcmp(error.text, "dict=@ stands for 0 bytes, and must for 1 to 32768") == 0);
    CHECK_EQ(ROVE_E_ARG, rv_spec_lend(&spec, (struct rove_span){bytes.ptr, 32769}, NULL));
    CHECK_OK(rv_spec_lend(&spec, bytes, &error));
    const struct rove_value *dict = &spec.items[1].values[6];
    CHECK(dict->text && dict->text != (const char *) bytes.ptr && dict->text_len == 3 && dict->given);
    CHECK(dict->text && memcmp(dict->text, "abc", 3) == 0);
    CHECK_OK(rv_spec_print(&spec, buf, sizeof buf));
    CHECK(strcmp(buf, "crc32|zlib:level=1,dict=@") == 0);
    rv_spec_fini(&spec);
    CHECK_OK(rove_spec_print("zlib:dict=@", ROVE_DECODE, buf, sizeof buf, NULL));
    CHECK(strcmp(buf, "zlib:dict=@") == 0);
    CHECK_EQ(ROVE_E_ARG, rove_spec_print("zlib:dict=@@", ROVE_DECODE, buf, sizeof buf, NULL));
    CHECK_EQ(ROVE_E_ARG, rove_spec_print("gzip:level=@", ROVE_ENCODE, buf, sizeof buf, NULL));
}

static void bytes_that_find_no_memory_leave_nothing(void)
{
    struct rove_stream *s = NULL, *coder = NULL;
    struct rove_limits limits = {.size = sizeof limits, .dict = "dictionary", .dict_len = 10};
    struct rove_spec_error error;
    uint64_t refused = 0;
    CHECK_OK(rove_stream_new(env.pool, &s));
    for (uint64_t n = 1, failed = 1; failed; n++) {
        rove_pool_trim(env.pool);
        uint64_t before = test_alloc_live(&env.alloc);
        test_alloc_arm(&env.alloc, n, false);
        enum rove_status status = rove_stream_encode(s, "lz4:dict=@|zlib:dict=@", &limits, &coder, &error);
        failed = test_alloc_failed(&env.alloc);
        test_alloc_arm(&env.alloc, 0, false);
        CHECK(status == ROVE_OK || (status == ROVE_E_NOMEM && failed));
        CHECK(!strstr(error.text, "stands for"));
        rove_stream_free(coder);
        coder = NULL;
        refused += failed > 0;
        rove_pool_trim(env.pool);
        CHECK_EQ(before, test_alloc_live(&env.alloc));
    }
    CHECK(refused > 6);
    rove_stream_free(s);
}

// Writes a message through a chain and reads it back, twice: a chain that is used again has its bytes still.
static void bytes_beside_the_text_make_a_dictionary(void)
{
    static const char *const texts[] = {"zlib:dict=@", "deflate:dict=@", "lz4:dict=@", "lz4:dict=@,linked=yes,level=9",
                                        "zlib:dict=@,block=32K"};
    static const char message[] = "words that the dictionary has, too; words that the dictionary has";
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char dict[] = "some words that the dictionary has, too", got[100];
        struct rove_limits limits = {.size = sizeof limits, .dict = dict, .dict_len = sizeof dict};
        struct rove_stream *s = NULL, *coder = NULL, *decoder = NULL;
        struct rove_spec_error error;
        uint64_t len = 0;
        size_t n = 0;
        CHECK_OK(rove_stream_new(env.pool, &s));
        CHECK_EQ(ROVE_E_ARG, rove_stream_encode(s, texts[i], NULL, &coder, &error));
        if (!CHECK_OK(rove_stream_encode(s, texts[i], &limits, &coder, &error)))
            continue;
        CHECK_OK(rove_stream_decode(s, texts[i], &limits, &decoder, &error));
        memset(dict, 0, sizeof dict);
        for (int round = 0; round < 2; round++) {
            CHECK_OK(rove_stream_write(coder, message, sizeof message));
            CHECK_OK(rove_stream_finish(coder));
            CHECK_OK(rove_stream_size(s, &len));
            CHECK(len < sizeof message * 3 / 4 + 8);
            CHECK_OK(rove_stream_seek(s, 0, ROVE_SET, NULL));
            CHECK_EQ(ROVE_END, rove_stream_read(decoder, got, sizeof got, &n));
            CHECK(n == sizeof message && memcmp(got, message, n) == 0);
            CHECK_OK(rove_stream_reset(s));
            CHECK_OK(rove_stream_rechain(coder, s));
            CHECK_OK(rove_stream_rechain(decoder, s));
        }
        rove_stream_free(decoder);
        rove_stream_free(coder);
        rove_stream_free(s);
    }
}

static void a_failing_allocation_leaves_nothing(void)
{
    register_ours();
    uint64_t sites = 0;
    for (int persistent = 0; persistent < 2; persistent++) {
        for (uint64_t n = 1, failed = 1; failed; n++) {
            struct rv_spec spec;
            rove_pool_trim(env.pool);
            test_alloc_arm(&env.alloc, n, persistent);
            enum rove_status status = rv_spec_parse("kinds:t=a|gzip:level=1|kinds|crc32",
                                                    ROVE_ENCODE, env.pool, &spec, NULL);
            failed = test_alloc_failed(&env.alloc);
            test_alloc_arm(&env.alloc, 0, false);
            sites += failed > 0;
            CHECK(status == ROVE_OK || (status == ROVE_E_NOMEM && failed));
            if (status == ROVE_OK)
                rv_spec_fini(&spec);
        }
    }
    CHECK(sites > 4);
}

// random texts ------------------------------------------------------------------------------------

static uint64_t state;

static unsigned draw(unsigned cnt)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned) ((state >> 33) % cnt);
}

static size_t add(char *text, size_t len, const char *piece)
{
    size_t n = strlen(piece);
    memcpy(text + len, piece, n);
    return len + n;
}

// A text that is nearly right, put together from the pieces of the grammar.
static size_t random_text(char *text)
{
    static const char *const pieces[] = {
        "gzip", "lz4",  "crc32",   "kinds", "copy", "limit", "auto", "nosuch", "level", "=6",
        "=",    ":",    ",",       "|",     "%",    "%2C",   "%zz",  "u=7",    "t=x y", "h=0aB1",
        "b=on", "i=-4", "w=green", "max=3", "1K",   "\n",    "t0=",  "big=1",  "abc",   "\xff"};
    static const char *const filters[] = {"kinds", "copy", "gzip:level=1", "limit", "crc32"};
    static const char *const settings[] = {"u=9",  "t=%41b", "h=00",     "b=true", "i=2", "w=red",
                                           "big=1", "t0=%%", "t0=a:b=c", "wide=0", "out=1"};
    size_t len = 0;
    if (draw(2))
        for (unsigned i = draw(12); i; i--)
            len = add(text, len, pieces[draw(sizeof pieces / sizeof *pieces)]);
    else
        for (unsigned i = 1 + draw(9); i; i--) {
            unsigned which = draw(5);
            len = add(text, len, filters[which]);
            for (unsigned k = which ? 0 : draw(4), n = 0; n < k; n++) {
                len = add(text, len, n ? "," : ":");
                len = add(text, len, settings[draw(11)]);
            }
            len = i > 1 ? add(text, len, "|") : len;
        }
    if (len && draw(4) == 0)
        text[draw((unsigned) len)] = (char) (1 + draw(255));
    text[len] = 0;
    return len;
}

static void random_texts_are_refused_with_a_place_or_print_the_same_twice(void)
{
    char text[1024], buf[2048], again[2048];
    uint64_t rounds = suite_scaled(100000), good = 0;
    register_ours();
    state = suite_seed();
    for (uint64_t i = 0; i < rounds; i++) {
        size_t len = random_text(text);
        uint32_t dir = draw(2) ? ROVE_ENCODE : ROVE_DECODE;
        struct rove_spec_error error;
        enum rove_status status = rove_spec_print(text, dir, buf, sizeof buf, &error);
        bool fine;
        if (status) {
            fine = error.off <= len && error.text[0] && strlen(error.text) < sizeof error.text;
        } else {
            good++;
            fine = rove_spec_print(buf, dir, again, sizeof again, &error) == ROVE_OK &&
                   strcmp(buf, again) == 0;
        }
        if (!fine) {
            CHECK(fine);
            suite_note("round %llu: \"%s\"", (unsigned long long) i, text);
        }
    }
    CHECK(good > rounds / 50);
    suite_note("%llu random texts, %llu of them good", (unsigned long long) rounds,
               (unsigned long long) good);
}

static const struct suite_case cases[] = {
    SUITE_CASE(every_error_names_its_byte),
    SUITE_CASE(no_text_and_no_direction_are_refused),
    SUITE_CASE(a_text_may_have_4096_bytes_and_no_more),
    SUITE_CASE(texts_are_printed_in_one_form),
    SUITE_CASE(printing_keeps_nothing),
    SUITE_CASE(options_of_the_other_direction_are_idle),
    SUITE_CASE(fallbacks_fill_in_what_was_not_given),
    SUITE_CASE(given_values_arrive_in_full),
    SUITE_CASE(an_at_sign_stands_for_bytes_beside_the_text),
    SUITE_CASE(bytes_beside_the_text_make_a_dictionary),
    SUITE_CASE(bytes_that_find_no_memory_leave_nothing),
    SUITE_CASE(a_failing_allocation_leaves_nothing),
    SUITE_CASE(random_texts_are_refused_with_a_place_or_print_the_same_twice),
};

int main(int argc, char **argv)
{
    struct suite suite = {"spec", cases, sizeof cases / sizeof *cases, false};
    return suite_run(argc, argv, &suite);
}
