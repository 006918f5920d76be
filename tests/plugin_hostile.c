// SPDX-License-Identifier: MIT
// plugin_hostile.c: a plugin that does one thing wrong. Which one stands in its own file, behind a
// mark, and the test writes it there: so one compilation makes as many plugins as there are crimes.
//
// Names that begin with t_ spoil the plugin's table, f_ a filter, o_ an option, r_ what the filter
// does when it is opened, run or asked. "good" spoils nothing. The filter copies bytes and is called
// by the crime's name.
#include <rove/filter.h>

#include <stdbool.h>
#include <string.h>

// The second field is patched. volatile: the compiler must not believe what it sees here.
static const volatile struct {
    char mark[8], name[32];
} crime = {"CRIME:=", "good"};

static char name[32];

static bool is(const char *what)
{
    return strcmp(name, what) == 0;
}

// what the filter does --------------------------------------------------------------------------

struct state {
    const struct rove_host *host;
    uint64_t seen;
};

static int32_t open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct state *s = st;
    (void) values;
    s->host = host;
    if (is("r_open_fails"))
        return ROVE_E_IO;
    if (is("r_open_ends"))
        return ROVE_END;
    if (is("r_open_77"))
        return 77;
    if (is("r_hog"))
        return host->alloc(host->ctx, SIZE_MAX >> 2) ? ROVE_OK : ROVE_E_NOMEM;
    if (is("r_hog_all"))
        return host->alloc(host->ctx, SIZE_MAX) ? ROVE_OK : ROVE_E_NOMEM;
    return ROVE_OK;
}

static void copy(struct rove_in *in, struct rove_out *out)
{
    size_t len = in->len < out->len ? in->len : out->len;
    if (len) {
        memcpy(out->ptr, in->ptr, len);
        in->ptr += len;
        in->len -= len;
        out->ptr += len;
        out->len -= len;
    }
}

static int32_t explain_at_length(const struct state *s)
{
    char long_text[4000];
    memset(long_text, '\n', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = 0;
    s->host->explain(s->host->ctx, long_text);
    s->host->explain(s->host->ctx, NULL);
    return ROVE_E_DATA;
}

// Returns 2 where there is nothing to spoil.
static int32_t spoil(struct state *s, struct rove_in *in, struct rove_out *out)
{
    bool spoilt = true;
    if (is("r_take_more"))
        in->len += 7;
    else if (is("r_take_back"))
        in->ptr -= in->ptr ? 1 : 0;
    else if (is("r_take_huge"))
        in->len = SIZE_MAX;
    else if (is("r_make_more") && out)
        out->len += 1;
    else if (is("r_make_back") && out)
        out->ptr -= 1;
    else if (is("r_make_null") && out)
        out->ptr = NULL;
    else
        spoilt = false;
    if (spoilt)
        return ROVE_OK;
    if (is("r_status_99"))
        return 99;
    if (is("r_status_min"))
        return INT32_MIN;
    if (is("r_again"))
        return ROVE_E_AGAIN;
    if (is("r_stall"))
        return ROVE_OK;
    if (is("r_end_early"))
        return ROVE_END;
    if (is("r_late_error") && s->seen > 100000)
        return ROVE_E_CHECKSUM;
    return is("r_talk") ? explain_at_length(s) : 2;
}

static int32_t run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct state *s = st;
    size_t was = in->len;
    int32_t rc = spoil(s, in, out);
    if (rc != 2)
        return rc;
    if (out) {
        copy(in, out);
    } else if (was) {
        in->ptr += was;
        in->len = 0;
    }
    s->seen += was - in->len;
    if (in->len || act == ROVE_RUN)
        return ROVE_OK;
    if ((is("r_no_end") && act == ROVE_FINISH) || (is("r_no_flush") && act == ROVE_FLUSH))
        return ROVE_OK;
    return ROVE_END;
}

static int32_t reset(void *st)
{
    struct state *s = st;
    s->seen = 0;
    return is("r_reset_fails") ? ROVE_E_STATE : is("r_reset_55") ? 55 : ROVE_OK;
}

static uint32_t digest(const void *st, uint8_t *buf, uint32_t cap)
{
    (void) st;
    if (is("r_digest_65"))
        return 65;
    if (is("r_digest_huge"))
        return UINT32_MAX;
    memset(buf, 7, cap);
    return cap;
}

// tables ----------------------------------------------------------------------------------------

static const char *const words[] = {"one", "two", NULL}, *const no_words[] = {NULL};

static struct rove_option options[70] = {
    {.key = "number", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE, .max = 9, .fallback = "1"},
    {.key = "word", .kind = ROVE_OPT_WORD, .dirs = ROVE_ENCODE, .words = words, .fallback = "one"},
};

static struct rove_filter first = {ROVE_FILTER_INIT,
                                   .name = name,
                                   .dir = ROVE_ENCODE | ROVE_DECODE,
                                   .state_len = sizeof(struct state),
                                   .options = options,
                                   .open = open,
                                   .run = run,
                                   .reset = reset};
static struct rove_filter second = {ROVE_FILTER_INIT, .name = "second", .dir = ROVE_ENCODE,
                                    .run = run};
static const struct rove_filter *filters[70] = {&first};
static struct rove_plugin plugin = {ROVE_PLUGIN_INIT, .name = "hostile", .version = "1",
                                    .license = "MIT", .filters = filters};

#define LONG_TEXT "0123456789012345678901234567890123456789012345678901234567890123"

static void spoil_table(void)
{
    if (is("t_size_0"))
        plugin.size = 0;
    if (is("t_size_short"))
        plugin.size = sizeof plugin - 1;
    if (is("t_size_more"))
        plugin.size = UINT32_MAX;
    if (is("t_abi_0"))
        plugin.abi = 0;
    if (is("t_abi_2"))
        plugin.abi = 2;
    if (is("t_abi_max"))
        plugin.abi = UINT32_MAX;
    if (is("t_name_null"))
        plugin.name = NULL;
    if (is("t_name_empty"))
        plugin.name = "";
    if (is("t_name_upper"))
        plugin.name = "Hostile";
    if (is("t_name_slash"))
        plugin.name = "../hostile";
    if (is("t_name_long"))
        plugin.name = "a1234567890123456789012345678901";
    if (is("t_version_null"))
        plugin.version = NULL;
    if (is("t_version_empty"))
        plugin.version = "";
    if (is("t_version_long"))
        plugin.version = LONG_TEXT;
    if (is("t_license_null"))
        plugin.license = NULL;
    if (is("t_license_long"))
        plugin.license = LONG_TEXT;
}

static void spoil_list(void)
{
    if (is("t_filters_null"))
        plugin.filters = NULL;
    if (is("t_filters_none"))
        filters[0] = NULL;
    for (size_t i = 1; is("t_filters_65") && i < 65; i++)
        filters[i] = &first;
    if (is("f_twice"))
        filters[1] = &first;
    if (is("r_pair")) { // nothing wrong
        filters[1] = &second;
        second.name = "r_pair_two";
    }
    if (is("f_second_bad")) {
        filters[1] = &second;
        second.run = NULL;
    }
    if (is("f_second_taken")) {
        filters[1] = &second;
        second.name = "gzip";
    }
}

static void spoil_filter(void)
{
    if (is("f_size_0"))
        first.size = 0;
    if (is("f_size_short"))
        first.size = offsetof(struct rove_filter, part_len) - 8;
    if (is("f_size_more"))
        first.size = sizeof first + 64;
    if (is("f_abi_0"))
        first.abi = 0;
    if (is("f_abi_2"))
        first.abi = 2;
    if (is("f_dir_0"))
        first.dir = 0;
    if (is("f_dir_8"))
        first.dir = 8;
    if (is("f_dir_tap_too"))
        first.dir = ROVE_TAP | ROVE_ENCODE;
    if (is("f_flag_32"))
        first.flags = 32;
    if (is("f_flag_plain"))
        first.flags = ROVE_F_PLAIN_PARTS; // and there are no parts
    if (is("f_run_null"))
        first.run = NULL;
    if (is("f_state_17m"))
        first.state_len = 17u << 20;
    if (is("f_state_max"))
        first.state_len = UINT32_MAX;
    if (is("f_name_null"))
        first.name = NULL;
    if (is("f_name_empty"))
        first.name = "";
    if (is("f_name_dash"))
        first.name = "a-b";
    if (is("f_name_long"))
        first.name = "a1234567890123456789012345678901";
    if (is("f_name_auto"))
        first.name = "auto";
    if (is("f_name_taken"))
        first.name = "gzip";
    if (is("r_digest_65") || is("r_digest_huge") || is("r_digest_good")) {
        first.dir = ROVE_TAP;
        first.digest = digest;
    }
}

static void spoil_option(void)
{
    struct rove_option *number = &options[0], *word = &options[1];
    if (is("o_key_empty"))
        number->key = "";
    if (is("o_key_long"))
        number->key = "a1234567890123456789012345678901";
    if (is("o_key_equals"))
        number->key = "a=b";
    if (is("o_kind_0"))
        number->kind = 0;
    if (is("o_kind_7"))
        number->kind = 7;
    if (is("o_dirs_0"))
        number->dirs = 0;
    if (is("o_dirs_8"))
        number->dirs = 8;
    if (is("o_range_empty"))
        number->min = 10;
    if (is("o_fallback_null"))
        number->fallback = NULL;
    if (is("o_fallback_out"))
        number->fallback = "10";
    if (is("o_fallback_text"))
        number->fallback = "many";
    if (is("o_words_null"))
        word->words = NULL;
    if (is("o_words_none"))
        word->words = no_words;
    if (is("o_word_unknown"))
        word->fallback = "three";
    if (is("o_twice"))
        word->key = "number";
    for (size_t i = 2; is("o_65") && i < 65; i++) {
        static char keys[65][8];
        keys[i][0] = (char) ('a' + i / 26);
        keys[i][1] = (char) ('a' + i % 26);
        options[i] = *number;
        options[i].key = keys[i];
    }
}

extern ROVE_PLUGIN_EXPORT unsigned plugin_hostile_asked;
unsigned plugin_hostile_asked; // how often it was asked for its table

static const struct rove_plugin *begin(void)
{
    plugin_hostile_asked++;
    for (size_t i = 0; i < sizeof name - 1; i++)
        name[i] = crime.name[i];
    spoil_table();
    spoil_list();
    spoil_filter();
    spoil_option();
    return is("t_null") ? NULL : &plugin;
}

ROVE_PLUGIN(begin())
