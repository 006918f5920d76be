// SPDX-License-Identifier: MIT
// spec.c: what the command needs to know about a chain's text beyond handing it on.
#include "spec.h"

#include "dict.h"
#include "plugin.h"
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define GZIP_FILTERS {"bgzf", "libdeflate", "gzip", "igzip"}

// What a coded file's name ends with, in either case, and what the plain one's ends with instead. The first of the
// filters writes such files when none is named. Of the entries of one filter the first is the suffix that its files get.
struct suffix {
    const char *coded, *plain, *filters[4];
};

static const struct suffix suffixes[] = {
    {".gz", "", GZIP_FILTERS}, {".bgz", "", {"bgzf", "libdeflate"}}, {".lz4", "", {"lz4"}},
    {".zz", "", {"zlib"}},     {".zst", "", {"zstd"}},               {".deflate", "", {"deflate"}},
    {".xz", "", {"xz"}},       {".bz2", "", {"bzip2"}},
    {".tgz", ".tar", GZIP_FILTERS}, {".tzst", ".tar", {"zstd"}},
    {".txz", ".tar", {"xz"}},  {".tbz2", ".tar", {"bzip2"}},         {".tbz", ".tar", {"bzip2"}},
};

// The same of old: found on files, but none is written under them.
static const struct suffix old_suffixes[] = {
    {".z", "", GZIP_FILTERS},  {".taz", ".tar", GZIP_FILTERS}, {"-gz", "", GZIP_FILTERS},
    {"-z", "", GZIP_FILTERS},  {"_z", "", GZIP_FILTERS},
};

#define SUFFIX_CNT (sizeof suffixes / sizeof *suffixes)
#define OLD_SUFFIX_CNT (sizeof old_suffixes / sizeof *old_suffixes)

// Suffixes of formats that other tools write. A file that bears one and holds something else would
// be found out only when somebody needs it.
static const char *const foreign[] = {
    ".7z",  ".arj",  ".br",  ".bz",  ".cab", ".lha", ".lrz", ".lz",  ".lzh",
    ".lzma", ".lzo", ".rar", ".rz",  ".taz", ".tb2", ".tlz", ".tzo", ".z",   ".zip",
};

void spec_report(const char *text, enum rove_status status, const struct rove_spec_error *error)
{
    if (status == ROVE_E_NOMEM)
        report_error(NULL, "%s", error->text[0] != 0 ? error->text : rove_status_text(status)); // no text can help it
    else if (error->text[0] != 0)
        report_error("-F", "%s, at byte %zu of \"%.80s\"", error->text, error->off, text);
    else
        report_error("-F", "%s: \"%.80s\"", rove_status_text(status), text);
}

// Loads those of rove's own plugins that a list names, joined by dots. Returns why one cannot be loaded.
static const char *serve_list(const char *list)
{
    for (;;) {
        size_t len = strspn(list, "abcdefghijklmnopqrstuvwxyz0123456789_");
        const char *why = plugin_serve(list, len);
        if (why != NULL || list[len] != '.')
            return why;
        list += len + 1;
    }
}

// The same for all filters of a text, and those that auto may choose from.
static void serve_text(const char *text)
{
    static const char choice[] = "auto:allow=";

    while (*text != 0) {
        (void) serve_list(text);
        if (strncmp(text, choice, strlen(choice)) == 0)
            (void) serve_list(text + strlen(choice));
        text += strcspn(text, "|");
        text += *text == '|';
    }
}

// A text is wrong; or it is right, but a plugin is not there.
static void report_text(const char *text, enum rove_status status, const struct rove_spec_error *error)
{
    bool unknown = strncmp(error->text, "there is no ", 12) == 0;
    const char *why = unknown ? serve_list(text + error->off) : NULL;

    if (why != NULL)
        report_error("-F", "%s, at byte %zu of \"%.80s\"; its plugin cannot be loaded: %s", error->text,
                     error->off, text, why);
    else
        spec_report(text, status, error);
}

// Finds the last filter of the text that is no tap, the outermost in the file. len_out: of it with
// its options. Returns where it begins, or NULL.
static const char *outermost(const char *text, size_t *len_out)
{
    const char *found = NULL;
    char name[32];

    while (*text != 0) {
        size_t len = strcspn(text, "|");
        int name_len = (int) strcspn(text, ":|");
        const struct rove_filter *filter;

        snprintf(name, sizeof name, "%.*s", name_len, text);
        filter = rove_filter_find(name, ROVE_ENCODE);
        if (filter != NULL && filter->dir == ROVE_ENCODE) {
            found = text;
            *len_out = len;
        }
        text += len;
        text += *text == '|';
    }
    return found;
}

// option: with the equals sign.
static bool has_option(const char *filter, size_t len, const char *option)
{
    size_t option_len = strlen(option);

    for (size_t i = 0; i + 1 + option_len <= len; i++)
        if ((filter[i] == ':' || filter[i] == ',') && strncmp(filter + i + 1, option, option_len) == 0)
            return true;
    return false;
}

// Puts an option of the outermost filter into the text, unless it is there. Returns false when there is no room for it.
static bool add_option(struct spec *spec, const char *option, uint64_t value)
{
    size_t len, at, text_len = strlen(spec->text);
    const char *filter = outermost(spec->text, &len);
    char word[48];
    int word_len;

    if (filter == NULL || has_option(filter, len, option))
        return true;
    word_len = snprintf(word, sizeof word, "%c%s%ju", memchr(filter, ':', len) != NULL ? ',' : ':', option,
                        (uintmax_t) value);
    if (text_len + (size_t) word_len > ROVE_SPEC_MAX)
        return false;
    at = (size_t) (filter - spec->text) + len;
    memmove(spec->text + at + word_len, spec->text + at, text_len - at + 1);
    memcpy(spec->text + at, word, (size_t) word_len);
    return true;
}

// Checks a text and puts its canonical form into spec.
static enum rove_status canonise(struct spec *spec, const char *text, struct rove_spec_error *error)
{
    *error = (struct rove_spec_error){0};
    return rove_spec_print(text, spec->dir, spec->text, sizeof spec->text, error);
}

static int default_level = -1; // of ROVE_LEVEL

void spec_default_level(int level)
{
    default_level = level;
}

int spec_level(int level)
{
    return level < 0 ? default_level : level;
}

// Whether the outermost codec of a text knows levels.
static bool has_levels(const char *text)
{
    size_t len;
    const char *at = outermost(text, &len);
    const struct rove_filter *filter;
    char name[32];

    if (at == NULL)
        return false;
    snprintf(name, sizeof name, "%.*s", (int) strcspn(at, ":|"), at);
    filter = rove_filter_find(name, ROVE_ENCODE);
    for (const struct rove_option *o = filter->options; o != NULL && o->key != NULL; o++)
        if (strcmp(o->key, "level") == 0)
            return true;
    return false;
}

// The level is checked like the rest of the text: not every codec has levels, nor all the same.
static bool take_level(struct spec *spec, int level, bool from_environment)
{
    struct rove_spec_error error;
    char option[16] = "ROVE_LEVEL", *text;
    size_t len;
    enum rove_status status = ROVE_E_NOMEM;

    if (!from_environment)
        snprintf(option, sizeof option, "-%d", level);
    if (outermost(spec->text, &len) == NULL) {
        report_error(option, "no codec takes a level in \"%s\"", spec->text);
        return false;
    }
    if (!add_option(spec, "level=", (uint64_t) level)) {
        report_error("-F", "the text is too long to take in a level");
        return false;
    }
    text = strdup(spec->text);
    if (text != NULL)
        status = canonise(spec, text, &error);
    free(text);
    if (status == ROVE_OK)
        return true;
    report_error(option, "%s", status != ROVE_E_NOMEM ? error.text : "out of memory");
    return false;
}

static bool parse(struct spec *spec, const char *text, int level)
{
    struct rove_spec_error error;
    enum rove_status status;

    serve_text(text);
    status = canonise(spec, text, &error);
    if (status != ROVE_OK) {
        report_text(text, status, &error);
        return false;
    }
    if (level >= 0)
        return take_level(spec, level, false);
    return spec->dir != ROVE_ENCODE || default_level < 0 || !has_levels(spec->text) || take_level(spec, default_level, true);
}

bool spec_parse(struct spec *spec, const char *text, uint32_t dir, int level)
{
    char *plain;
    bool ok;

    spec->dir = dir;
    ok = dict_take(text, &plain, &spec->dict, &spec->dict_len) && parse(spec, plain != NULL ? plain : text, level);
    free(plain);
    if (!ok)
        spec_fini(spec);
    return ok;
}

void spec_lend(const struct spec *spec, struct rove_limits *limits)
{
    limits->dict = spec->dict;
    limits->dict_len = spec->dict_len;
}

void spec_fini(struct spec *spec)
{
    free(spec->dict);
    spec->dict = NULL;
    spec->dict_len = 0;
}

struct spec *spec_new(void)
{
    struct spec *spec = malloc(sizeof *spec);

    if (spec != NULL)
        spec->dict = NULL;
    return spec;
}

void spec_free(struct spec *spec)
{
    if (spec != NULL)
        spec_fini(spec);
    free(spec);
}

// What writes and reads BGZF faster than the filter of that name, and what reads gzip faster, where their plugins are found.
static const char quick_bgzf[] = "libdeflate:bgzf=yes", quick_gzip[] = "igzip";

// Returns whether the plugin of a filter is, with its option.
static bool serve_quick(const char *filter, uint32_t dir)
{
    char text[sizeof quick_bgzf];

    (void) plugin_serve(filter, strcspn(filter, ":"));
    return rove_spec_print(filter, dir, text, sizeof text, NULL) == ROVE_OK;
}

static uint32_t likeness(const char *filter, const uint8_t *head, size_t len)
{
    return rove_filter_find(filter, ROVE_DECODE)->detect(head, len < UINT32_MAX ? (uint32_t) len : UINT32_MAX);
}

const char *spec_for_input(const struct spec *spec, const uint8_t *head, size_t len, char text[SPEC_TEXT_LEN])
{
    size_t before = strlen(spec->text) - strlen("auto");
    uint32_t bgzf = likeness("bgzf", head, len), gzip = likeness("gzip", head, len);
    const char *quick = bgzf > gzip ? quick_bgzf : quick_gzip;

    if (!spec_is_auto(spec) || bgzf + gzip == 0 || before + strlen(quick) >= SPEC_TEXT_LEN ||
        !serve_quick(quick, ROVE_DECODE))
        return spec->text;
    snprintf(text, SPEC_TEXT_LEN, "%.*s%s", (int) before, spec->text, quick);
    return text;
}

bool spec_ends_with(const char *name, const char *suffix)
{
    size_t len = strlen(name), cut = strlen(suffix);

    return len > cut && strcasecmp(name + len - cut, suffix) == 0 && name[len - cut - 1] != '/';
}

// Returns the entry whose suffix a name ends with, or NULL. A name that is nothing but a suffix has
// no plain form.
static const struct suffix *written_suffix_of(const char *name)
{
    for (size_t i = 0; i < SUFFIX_CNT; i++)
        if (spec_ends_with(name, suffixes[i].coded))
            return &suffixes[i];
    return NULL;
}

// The same, also of those of old.
static const struct suffix *suffix_of(const char *name)
{
    for (size_t i = 0; i < OLD_SUFFIX_CNT; i++)
        if (spec_ends_with(name, old_suffixes[i].coded))
            return &old_suffixes[i];
    return written_suffix_of(name);
}

bool spec_is_auto(const struct spec *spec)
{
    const char *last = strrchr(spec->text, '|');
    char name[32];

    last = last != NULL ? last + 1 : spec->text;
    if (strcmp(last, "auto") != 0)
        return false;
    for (const char *at = spec->text; at < last; at += strcspn(at, "|") + 1) {
        snprintf(name, sizeof name, "%.*s", (int) strcspn(at, ":|"), at);
        if ((rove_filter_find(name, ROVE_DECODE)->dir & ROVE_TAP) == 0)
            return false;
    }
    return true;
}

// Whether the outermost codec has this name.
static bool is_outermost(const struct spec *spec, const char *filter)
{
    size_t len, name_len = strlen(filter);
    const char *found = outermost(spec->text, &len);

    return found != NULL && strcspn(found, ":|") == name_len &&
           memcmp(found, filter, name_len) == 0;
}

static bool is_of(const struct suffix *s, const struct spec *spec)
{
    for (size_t i = 0; i < sizeof s->filters / sizeof *s->filters && s->filters[i] != NULL; i++)
        if (is_outermost(spec, s->filters[i]))
            return true;
    return false;
}

const char *spec_suffix(const struct spec *spec)
{
    for (size_t i = 0; i < SUFFIX_CNT; i++)
        if (is_of(&suffixes[i], spec))
            return suffixes[i].coded;
    return NULL;
}

bool spec_has_suffix(const struct spec *spec, const char *name)
{
    const struct suffix *s = suffix_of(name);

    return s != NULL && is_of(s, spec);
}

const char *spec_strip(const char *name, char **name_out)
{
    const struct suffix *s = suffix_of(name);
    size_t left;

    *name_out = NULL;
    if (s == NULL)
        return NULL;
    left = strlen(name) - strlen(s->coded);
    *name_out = malloc(left + strlen(s->plain) + 1);
    if (*name_out != NULL)
        sprintf(*name_out, "%.*s%s", (int) left, name, s->plain);
    return s->filters[0];
}

bool spec_is_coded(const char *name)
{
    return suffix_of(name) != NULL;
}

const char *spec_by_name(const char *name)
{
    const struct suffix *s = name != NULL ? suffix_of(name) : NULL;

    return s != NULL && strcmp(s->filters[0], "deflate") == 0 ? s->filters[0] : "auto";
}

// the name of an output --------------------------------------------------------------------------

// Returns the suffix of a name when it promises a compression, but none of ours; else NULL. What
// stands behind ".tar" can be nothing else.
static const char *foreign_suffix(const char *name)
{
    const char *slash = strrchr(name, '/'), *base = slash != NULL ? slash + 1 : name;
    const char *dot = strrchr(base, '.');

    if (dot == NULL || dot == base)
        return NULL;
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (strcasecmp(dot, foreign[i]) == 0)
            return dot;
    return dot - base > 4 && strncasecmp(dot - 4, ".tar", 4) == 0 ? dot : NULL;
}

// why: what keeps the plugin from being loaded that would write it, or NULL.
static void report_suffix(const char *name, const char *suffix, const char *why)
{
    char can[128] = "";

    if (why != NULL) {
        report_error(name, "the plugin that writes %s cannot be loaded: %s", suffix, why);
        return;
    }
    for (size_t i = 0; i < SUFFIX_CNT; i++)
        snprintf(can + strlen(can), sizeof can - strlen(can), " %s", suffixes[i].coded);
    report_error(name, "no filter writes %s; there are%s, and -F names filters whatever the suffix",
                 suffix, can);
}

// Returns what writes the same format as a filter, and is faster, where that can be had at this level.
static const char *fastest(const char *filter, int level)
{
    if (strcmp(filter, "bgzf") != 0 || spec_level(level) == 0) // it has no level 0
        return filter;
    return serve_quick(quick_bgzf, ROVE_ENCODE) ? quick_bgzf : filter;
}

const char *spec_for_output(const char *name, const char *otherwise, int level)
{
    const struct suffix *s = name != NULL ? written_suffix_of(name) : NULL;
    const char *suffix = s != NULL ? s->coded : name != NULL ? foreign_suffix(name) : NULL;
    const char *filter = s != NULL ? s->filters[0] : otherwise;
    const char *why = s != NULL ? plugin_serve(filter, strlen(filter)) : NULL;

    if (suffix == NULL || (s != NULL && why == NULL))
        return fastest(filter, level);
    report_suffix(name, suffix, why);
    return NULL;
}

// formats ----------------------------------------------------------------------------------------

// The format of a filter with its options, where its name is not that of its format.
static const char *format_of(const char *filter, size_t len)
{
    static const char *const names[][2] = {
        {"bgzf", "bgzf"},       {"libdeflate", "gzip"}, {"gzip", "gzip"}, {"igzip", "gzip"}, {"zlib", "zlib"},
        {"deflate", "deflate"}, {"lz4", "lz4"},         {"zstd", "zstd"}, {"xz", "xz"},      {"bzip2", "bzip2"}};
    size_t name_len = strcspn(filter, ":|");

    if (has_option(filter, len, "bgzf=yes"))
        return "bgzf";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i][0]) == name_len && memcmp(names[i][0], filter, name_len) == 0)
            return names[i][1];
    return NULL;
}

const char *spec_format(const char *text)
{
    const char *found = NULL;
    char name[32];

    while (*text != 0) {
        size_t len = strcspn(text, "|");
        snprintf(name, sizeof name, "%.*s", (int) strcspn(text, ":|"), text);
        if (rove_filter_find(name, ROVE_TAP) == NULL)
            found = format_of(text, len);
        text += len;
        text += *text == '|';
    }
    return found;
}

// Counts the filters that a text names: those that change bytes, and those that only look at them.
static void count(const char *text, size_t *codecs, size_t *taps)
{
    char name[32];

    *codecs = *taps = 0;
    while (*text != 0) {
        snprintf(name, sizeof name, "%.*s", (int) strcspn(text, ":|"), text);
        *(rove_filter_find(name, ROVE_TAP) == NULL ? codecs : taps) += 1;
        text += strcspn(text, "|");
        text += *text == '|';
    }
}

bool spec_is_one(const char *text)
{
    size_t codecs, taps;

    count(text, &codecs, &taps);
    return codecs <= 1;
}

bool spec_looks(const char *text)
{
    size_t codecs, taps;

    count(text, &codecs, &taps);
    return taps > 0;
}

bool spec_tells_places(const struct spec *spec, bool declares, bool *has_table)
{
    size_t len = 0;
    const char *filter = outermost(spec->text, &len), *format = spec_format(spec->text);

    *has_table = false;
    if (filter == NULL || format == NULL)
        return false;
    if (strcmp(format, "lz4") == 0)
        return (declares || has_option(filter, len, "content_size=")) && !has_option(filter, len, "linked=yes");
    *has_table = strcmp(format, "zstd") == 0 && has_option(filter, len, "table=yes");
    return (strcmp(format, "zstd") == 0 || strcmp(format, "xz") == 0) && has_option(filter, len, "block=");
}

const char *spec_rsyncable(const char *text)
{
    if (strcmp(text, "bgzf") == 0 || strcmp(text, quick_bgzf) == 0)
        return "gzip:rsyncable=yes";
    if (strcmp(text, "zlib") == 0)
        return "zlib:rsyncable=yes";
    if (strcmp(text, "deflate") == 0)
        return "deflate:rsyncable=yes";
    report_error("--rsyncable", "\"%s\" has no such way to write; gzip has", text);
    return NULL;
}

// in parts ---------------------------------------------------------------------------------------

const char *spec_in_parts(const char *text)
{
    static const char with_table[] = "zstd:block=1M,table=yes";
    char print[64];

    if (strcmp(text, "xz") == 0)
        return "xz:block=1M";
    if (strcmp(text, "bzip2") == 0)
        return "bzip2:block=900000"; // as long as its own blocks: it costs nothing
    if (strcmp(text, "zstd") != 0)
        return text;
    return rove_spec_print(with_table, ROVE_ENCODE, print, sizeof print, NULL) == ROVE_OK ? with_table : "zstd:block=1M";
}

bool spec_declares(const struct spec *spec)
{
    return is_outermost(spec, "lz4");
}

void spec_declare(struct spec *spec, uint64_t len)
{
    if (spec_declares(spec))
        (void) add_option(spec, "content_size=", len); // without it, it is as good to be read from its start
}
