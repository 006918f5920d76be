// SPDX-License-Identifier: MIT
// test_registry.c: what comes into the list of filters, and what does not.
#include "support/suite.h"

#include <rove/chain.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static int32_t take_all(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    (void) st;
    (void) out;
    if (in->len)
        in->ptr += in->len;
    in->len = 0;
    return act == ROVE_RUN ? ROVE_OK : ROVE_END;
}

static struct rove_filter tap(const char *name)
{
    return (struct rove_filter){
        ROVE_FILTER_INIT, .name = name, .dir = ROVE_TAP, .run = take_all};
}

// Asks for memory and gives none of it back but the first.
static int32_t forget(void *st, const struct rove_host *host, const struct rove_value *values)
{
    (void) st;
    (void) values;
    void *block[5];
    for (size_t i = 0; i < 5; i++)
        if (!(block[i] = host->alloc(host->ctx, (size_t) 100 << i)))
            return ROVE_E_NOMEM;
    for (size_t i = 0; i < 5; i++)
        memset(block[i], 0xa5, (size_t) 100 << i);
    host->free(host->ctx, block[2]);
    host->free(host->ctx, block[0]);
    return ROVE_OK;
}

// options that change -----------------------------------------------------------------------------

// A filter whose table of options is another once it was registered.
static void options_that_change_later_are_as_they_were_checked(void)
{
    static struct rove_option options[70];
    static struct rove_filter changed;
    char text[200];
    struct rove_spec_error error;
    options[0] = (struct rove_option){.key = "a", .kind = ROVE_OPT_UINT, .dirs = ROVE_TAP, .max = 9, .fallback = "1"};
    changed = tap("reg_changed");
    changed.options = options;
    CHECK_OK(rove_filter_register(&changed, NULL));
    options[0].kind = 4711;
    options[0].fallback = "x";
    for (size_t i = 1; i < 69; i++)
        options[i] = (struct rove_option){.key = "b", .kind = ROVE_OPT_HEX, .dirs = ROVE_TAP, .min = 9, .max = 1};
    const struct rove_filter *f = rove_filter_find("reg_changed", ROVE_ENCODE);
    CHECK(f && f->options[0].kind == ROVE_OPT_UINT && !f->options[1].key);
    CHECK_OK(rove_spec_print("reg_changed:a=7", ROVE_ENCODE, text, sizeof text, NULL));
    CHECK(strcmp(text, "reg_changed:a=7") == 0);
    CHECK_IS(ROVE_E_ARG, rove_spec_print("reg_changed:b=7", ROVE_ENCODE, text, sizeof text, &error));
}

// found -------------------------------------------------------------------------------------------

static void builtin_filters_are_found_by_name_and_direction(void)
{
    static const char *const codecs[] = {"gzip", "bgzf", "zlib", "deflate", "lz4", "copy"};
    static const char *const taps[] = {"crc32", "crc32c", "adler32", "xxh64",
                                       "xxh3",  "count",  "limit"};
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++) {
        const struct rove_filter *encode = rove_filter_find(codecs[i], ROVE_ENCODE);
        const struct rove_filter *decode = rove_filter_find(codecs[i], ROVE_DECODE);
        if (!CHECK(encode && decode))
            continue;
        CHECK(encode->dir & ROVE_ENCODE);
        CHECK(decode->dir & ROVE_DECODE);
        CHECK(strcmp(encode->name, codecs[i]) == 0);
    }
    for (size_t i = 0; i < sizeof taps / sizeof *taps; i++) {
        CHECK(rove_filter_find(taps[i], ROVE_ENCODE) != NULL);
        CHECK(rove_filter_find(taps[i], ROVE_ENCODE) == rove_filter_find(taps[i], ROVE_DECODE));
    }
    CHECK(rove_filter_find("", ROVE_ENCODE) == NULL);
    CHECK(rove_filter_find("gzi", ROVE_ENCODE) == NULL);
    CHECK(rove_filter_find("gzipp", ROVE_ENCODE) == NULL);
    CHECK(rove_filter_find("gzip", 0) == NULL);
    CHECK(rove_filter_find("auto", ROVE_DECODE) == NULL);
}

static void every_hook_of_every_filter_is_there(void)
{
    size_t cnt = 0;
    const struct rove_filter *f;
    for (; (f = rove_filter_at(cnt)); cnt++) {
        CHECK(f->open && f->run && f->close && f->reset && f->join && f->bound && f->digest);
        CHECK(f->detect && f->options && f->about);
        CHECK_EQ(sizeof *f, f->size);
    }
    CHECK(cnt >= 16);
    CHECK(rove_filter_at(cnt) == NULL);
    CHECK(rove_filter_at(SIZE_MAX) == NULL);
}

static void what_is_missing_is_replaced_by_something_harmless(void)
{
    static struct rove_filter mine;
    mine = tap("reg_plain");
    const char *why = "";
    CHECK_OK(rove_filter_register(&mine, &why));
    CHECK(why == NULL);
    const struct rove_filter *f = rove_filter_find("reg_plain", ROVE_ENCODE);
    if (!CHECK(f != NULL))
        return;
    uint8_t buf[4];
    CHECK(f != &mine);
    CHECK_OK(f->open(NULL, NULL, NULL));
    f->close(NULL);
    CHECK_IS(ROVE_E_UNSUPPORTED, f->reset(NULL));
    CHECK_IS(ROVE_E_UNSUPPORTED, f->join(NULL, NULL, 0));
    CHECK_EQ(UINT64_MAX, f->bound(NULL, 1));
    CHECK_EQ(0, f->digest(NULL, buf, sizeof buf));
    CHECK_EQ(0, f->detect(buf, sizeof buf));
    CHECK(f->options[0].key == NULL);
}

// refused -----------------------------------------------------------------------------------------

static void refused(enum rove_status status, const struct rove_filter *filter)
{
    const char *why = NULL;
    size_t cnt = 0;
    while (rove_filter_at(cnt))
        cnt++;
    CHECK_IS(status, rove_filter_register(filter, &why));
    CHECK(why != NULL && why[0]);
    CHECK_IS(status, rove_filter_register(filter, NULL));
    CHECK(rove_filter_at(cnt) == NULL);
}

#define REFUSED(status, field, value)              \
    do {                                           \
        struct rove_filter f = tap("reg_refused"); \
        f.field = (value);                         \
        refused(status, &f);                       \
    } while (0)

static void unknown_versions_and_bits_are_an_abi_failure(void)
{
    refused(ROVE_E_ARG, NULL);
    REFUSED(ROVE_E_ABI, size, 0);
    REFUSED(ROVE_E_ABI, size, (uint32_t) offsetof(struct rove_filter, part_len) - 8);
    REFUSED(ROVE_E_ABI, abi, 0);
    REFUSED(ROVE_E_ABI, abi, ROVE_FILTER_ABI + 1);
    REFUSED(ROVE_E_ABI, dir, 0);
    REFUSED(ROVE_E_ABI, dir, 8);
    REFUSED(ROVE_E_ABI, dir, ROVE_TAP | ROVE_ENCODE);
    REFUSED(ROVE_E_ABI, dir, ROVE_ENCODE | 16);
    REFUSED(ROVE_E_ABI, flags, 32);
    REFUSED(ROVE_E_ABI, flags, 0x80000000u);
}

static void malformed_names_are_refused(void)
{
    REFUSED(ROVE_E_ARG, name, NULL);
    REFUSED(ROVE_E_ARG, name, "");
    REFUSED(ROVE_E_ARG, name, "Upper");
    REFUSED(ROVE_E_ARG, name, "a b");
    REFUSED(ROVE_E_ARG, name, "a-b");
    REFUSED(ROVE_E_ARG, name, "auto");
    REFUSED(ROVE_E_ARG, name, "abcdefghijklmnopqrstuvwxyz_01234"); // 32 bytes
    REFUSED(ROVE_E_ARG, run, NULL);
    REFUSED(ROVE_E_RANGE, state_len, (16u << 20) + 1);
}

static void names_that_are_taken_are_refused(void)
{
    REFUSED(ROVE_E_ARG, name, "gzip");
    REFUSED(ROVE_E_ARG, name, "crc32");
    struct rove_filter f = tap("crc32");
    f.dir = ROVE_ENCODE;
    refused(ROVE_E_ARG, &f);
    f.name = "copy"; // one entry for both directions
    refused(ROVE_E_ARG, &f);
}

static void the_two_directions_of_a_name_may_come_apart(void)
{
    static struct rove_filter encode, decode;
    encode = decode = tap("reg_codec");
    encode.dir = ROVE_ENCODE;
    decode.dir = ROVE_DECODE;
    CHECK_OK(rove_filter_register(&encode, NULL));
    CHECK(rove_filter_find("reg_codec", ROVE_DECODE) == NULL);
    CHECK_IS(ROVE_E_ARG, rove_filter_register(&encode, NULL));
    CHECK_OK(rove_filter_register(&decode, NULL));
    CHECK(rove_filter_find("reg_codec", ROVE_DECODE) != NULL);
    CHECK(rove_filter_find("reg_codec", ROVE_DECODE) != rove_filter_find("reg_codec", ROVE_ENCODE));
}

static void a_larger_structure_of_a_later_version_is_taken(void)
{
    static struct {
        struct rove_filter filter;
        void *later[4];
    } large;
    large.filter = tap("reg_later");
    large.filter.size = sizeof large;
    CHECK_OK(rove_filter_register(&large.filter, NULL));
    const struct rove_filter *f = rove_filter_find("reg_later", ROVE_ENCODE);
    CHECK(f && f->size == sizeof *f);
}

// An old table ends before the hooks for parts; what lies behind it is not looked at.
static void an_old_table_has_no_parts(void)
{
    static struct rove_filter old;
    old = tap("reg_old");
    old.size = (uint32_t) offsetof(struct rove_filter, part_len);
    old.past_len = UINT32_MAX;
    CHECK_OK(rove_filter_register(&old, NULL));
    const struct rove_filter *f = rove_filter_find("reg_old", ROVE_ENCODE);
    CHECK(f && !f->part && !f->past_len);
}

static uint64_t part_len(const void *head)
{
    return head ? 1 : 2;
}

static int32_t part(void *st, const void *head, const uint8_t *past, size_t past_len)
{
    return st && head && past && past_len ? ROVE_OK : ROVE_E_ARG;
}

static int32_t next(void *head, const uint8_t *ptr, size_t len, uint64_t *len_out)
{
    *len_out = len;
    return head && ptr ? ROVE_OK : ROVE_END;
}

static int32_t join(void *st, const void *from, uint64_t len)
{
    return st && from && len ? ROVE_OK : ROVE_E_ARG;
}

static void hooks_for_parts_that_do_not_go_together_are_refused(void)
{
    const struct rove_filter whole = {ROVE_FILTER_INIT, .name = "reg_parts", .run = take_all,
                                      .dir = ROVE_ENCODE | ROVE_DECODE, .part_len = part_len,
                                      .part = part, .next = next, .join = join,
                                      .past_len = 1 << 20};
    struct rove_filter f = whole;
    f.part = NULL;
    refused(ROVE_E_ARG, &f);
    f = whole;
    f.part_len = NULL;
    refused(ROVE_E_ARG, &f);
    f = whole;
    f.next = NULL;
    refused(ROVE_E_ARG, &f);
    f = whole;
    f.join = NULL;
    refused(ROVE_E_ARG, &f);
    f = whole;
    f.past_len++;
    refused(ROVE_E_ARG, &f);
    const struct rove_filter plain = {ROVE_FILTER_INIT, .name = "reg_parts", .run = take_all, .dir = ROVE_ENCODE,
                                      .flags = ROVE_F_PLAIN_PARTS, .part_len = part_len, .part = part, .join = join};
    f = plain;
    f.past_len = 1;
    refused(ROVE_E_ARG, &f);
    f = plain;
    f.dir |= ROVE_DECODE;
    f.next = next;
    refused(ROVE_E_ARG, &f);
    f = tap("reg_parts");
    f.flags = ROVE_F_PLAIN_PARTS;
    refused(ROVE_E_ARG, &f);
    f = tap("reg_parts");
    f.part_len = part_len;
    refused(ROVE_E_ARG, &f);
}

// options -----------------------------------------------------------------------------------------

static const char *const words[] = {"one", "two", NULL};
static const char *const no_words[] = {NULL};

static const struct rove_option sound = {
    .key = "key", .kind = ROVE_OPT_UINT, .dirs = ROVE_TAP, .max = 9, .fallback = "1"};

static void option_refused(struct rove_option option)
{
    struct rove_option options[] = {option, {.key = NULL}};
    struct rove_filter f = tap("reg_option");
    f.options = options;
    refused(ROVE_E_ARG, &f);
}

#define OPTION_REFUSED(field, value)    \
    do {                                \
        struct rove_option o = sound;   \
        o.field = (value);              \
        option_refused(o);              \
    } while (0)

static void unsound_options_are_refused(void)
{
    OPTION_REFUSED(key, "");
    OPTION_REFUSED(key, "Key");
    OPTION_REFUSED(key, "a=b");
    OPTION_REFUSED(kind, 0);
    OPTION_REFUSED(kind, 7);
    OPTION_REFUSED(dirs, 0);
    OPTION_REFUSED(dirs, 8);
    OPTION_REFUSED(min, 10);
    OPTION_REFUSED(fallback, NULL);
    OPTION_REFUSED(fallback, "10");
    OPTION_REFUSED(fallback, "x");
    option_refused((struct rove_option){
        .key = "k", .kind = ROVE_OPT_INT, .dirs = 4, .min = 1, .max = (uint64_t) -1, .fallback = "0"});
    option_refused((struct rove_option){
        .key = "k", .kind = ROVE_OPT_WORD, .dirs = 4, .fallback = "one"});
    option_refused((struct rove_option){
        .key = "k", .kind = ROVE_OPT_WORD, .dirs = 4, .words = no_words, .fallback = "one"});
    option_refused((struct rove_option){
        .key = "k", .kind = ROVE_OPT_WORD, .dirs = 4, .words = words, .fallback = "three"});
    option_refused(
        (struct rove_option){.key = "k", .kind = ROVE_OPT_BOOL, .dirs = 4, .fallback = "maybe"});
    option_refused((struct rove_option){
        .key = "k", .kind = ROVE_OPT_HEX, .dirs = 4, .max = 4, .fallback = "abc"});
    option_refused((struct rove_option){
        .key = "k", .kind = ROVE_OPT_TEXT, .dirs = 4, .max = 2, .fallback = "abc"});
}

static void two_options_of_one_key_are_refused(void)
{
    struct rove_option options[] = {sound, sound, {.key = NULL}};
    struct rove_filter f = tap("reg_twice");
    f.options = options;
    refused(ROVE_E_ARG, &f);
}

static void more_than_64_options_are_refused(void)
{
    static char keys[65][16];
    struct rove_option options[66] = {{.key = NULL}};
    for (int i = 0; i < 65; i++) {
        snprintf(keys[i], sizeof keys[i], "k%d", i);
        options[i] = sound;
        options[i].key = keys[i];
    }
    struct rove_filter f = tap("reg_many");
    f.options = options;
    refused(ROVE_E_ARG, &f);
}

// threads -----------------------------------------------------------------------------------------

#define THREADS 4
#define EACH 32
static char names[THREADS][EACH][32];
static struct rove_filter filters[THREADS][EACH];

static void *register_and_find(void *arg)
{
    size_t t = (size_t) (uintptr_t) arg;
    for (size_t i = 0; i < EACH; i++) {
        snprintf(names[t][i], sizeof names[t][i], "reg_t%zu_%zu", t, i);
        filters[t][i] = tap(names[t][i]);
        CHECK_OK(rove_filter_register(&filters[t][i], NULL));
        CHECK(rove_filter_find(names[t][i], ROVE_ENCODE) != NULL);
        CHECK(rove_filter_find("limit", ROVE_ENCODE) != NULL);
    }
    return NULL;
}

static void threads_register_and_find_at_once(void)
{
    pthread_t threads[THREADS];
    for (size_t t = 0; t < THREADS; t++)
        CHECK_EQ(0, pthread_create(&threads[t], NULL, register_and_find, (void *) (uintptr_t) t));
    for (size_t t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    for (size_t t = 0; t < THREADS; t++)
        for (size_t i = 0; i < EACH; i++)
            CHECK(rove_filter_find(names[t][i], ROVE_DECODE) != NULL);
}

static void memory_that_a_filter_forgets_is_given_back(void)
{
    static struct rove_filter filter;
    struct rove_stream *sink, *stream;
    filter = tap("forgetful");
    filter.open = forget;
    CHECK_OK(rove_filter_register(&filter, NULL));
    CHECK_OK(rove_stream_new(env.pool, &sink));
    for (int round = 0; round < 3; round++) {
        CHECK_OK(rove_stream_encode(sink, "forgetful", NULL, &stream, NULL));
        CHECK_OK(rove_stream_write(stream, "abc", 3));
        CHECK_OK(rove_stream_close(stream));
        rove_stream_free(stream);
    }
    rove_stream_free(sink); // the suite counts what is left
}

// A codec that is kept open for the next chain is closed where there is none.
struct late_wants {
    const struct rove_host *host;
    char much[8192]; // else it is not kept
};

static unsigned late_asked;

static int32_t late_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    (void) values;
    ((struct late_wants *) st)->host = host;
    return ROVE_OK;
}

static int32_t late_reset(void *st)
{
    return st ? ROVE_OK : ROVE_E_ARG;
}

static void late_close(void *st)
{
    const struct rove_host *host = ((struct late_wants *) st)->host;
    late_asked++;
    host->free(host->ctx, host->alloc(host->ctx, 100));
    host->explain(host->ctx, "it is over");
}

static void a_filter_may_ask_for_memory_when_it_is_closed(void)
{
    static struct rove_filter filter;
    struct rove_stream *sink, *stream;
    filter = tap("late_wants");
    filter.dir = ROVE_ENCODE;
    filter.state_len = sizeof(struct late_wants);
    filter.open = late_open;
    filter.close = late_close;
    filter.reset = late_reset;
    CHECK_OK(rove_filter_register(&filter, NULL));
    rove_filter_trim();
    CHECK_OK(rove_stream_new(NULL, &sink));
    CHECK_OK(rove_stream_encode(sink, "late_wants", NULL, &stream, NULL));
    CHECK_OK(rove_stream_write(stream, "abc", 3));
    CHECK_OK(rove_stream_close(stream));
    rove_stream_free(stream);
    rove_stream_free(sink);
    CHECK_EQ(0, late_asked);
    CHECK(rove_filter_trim() >= sizeof(struct late_wants));
    CHECK_EQ(1, late_asked);
}

static const struct suite_case cases[] = {
    SUITE_CASE(builtin_filters_are_found_by_name_and_direction),
    SUITE_CASE(every_hook_of_every_filter_is_there),
    SUITE_CASE(what_is_missing_is_replaced_by_something_harmless),
    SUITE_CASE(unknown_versions_and_bits_are_an_abi_failure),
    SUITE_CASE(malformed_names_are_refused),
    SUITE_CASE(names_that_are_taken_are_refused),
    SUITE_CASE(the_two_directions_of_a_name_may_come_apart),
    SUITE_CASE(a_larger_structure_of_a_later_version_is_taken),
    SUITE_CASE(an_old_table_has_no_parts),
    SUITE_CASE(hooks_for_parts_that_do_not_go_together_are_refused),
    SUITE_CASE(unsound_options_are_refused),
    SUITE_CASE(two_options_of_one_key_are_refused),
    SUITE_CASE(more_than_64_options_are_refused),
    SUITE_CASE(options_that_change_later_are_as_they_were_checked),
    SUITE_CASE(memory_that_a_filter_forgets_is_given_back),
    SUITE_CASE(a_filter_may_ask_for_memory_when_it_is_closed),
    SUITE_CASE(threads_register_and_find_at_once),
};

int main(int argc, char **argv)
{
    struct suite suite = {"registry", cases, sizeof cases / sizeof *cases, false};
    return suite_run(argc, argv, &suite);
}
