// SPDX-License-Identifier: MIT
// filters.c: what -F can name. One line a filter; with -v also where it comes from, and its options.
//
// docs/filters.md shows what -v prints, but for the lines that differ from machine to machine.
#include "options.h"
#include "plugin.h"
#include "report.h"

#include <rove/plugin.h>
#include <rove/version.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A filter as people see it: one name, whatever tables serve its directions.
struct face {
    const char *name;
    const struct rove_filter *writes, *reads; // the same for a tap
};

static struct face face_of(const struct rove_filter *f)
{
    return (struct face){f->name, rove_filter_find(f->name, ROVE_ENCODE),
                         rove_filter_find(f->name, ROVE_DECODE)};
}

// The registry tells the directions of a codec apart; the list does not.
static bool is_first(size_t i)
{
    const char *name = rove_filter_at(i)->name;

    for (size_t k = 0; k < i; k++)
        if (strcmp(rove_filter_at(k)->name, name) == 0)
            return false;
    return true;
}

static const struct rove_filter *any_of(const struct face *face)
{
    return face->writes != NULL ? face->writes : face->reads;
}

static bool is_tap(const struct face *face)
{
    return (any_of(face)->dir & ROVE_TAP) != 0;
}

static bool has_option(const struct rove_filter *f, const char *key)
{
    for (const struct rove_option *o = f->options; o != NULL && o->key != NULL; o++)
        if (strcmp(o->key, key) == 0)
            return true;
    return false;
}

// Only a checksum can be told what to expect.
static const char *kind_of(const struct face *face)
{
    if (is_tap(face))
        return has_option(any_of(face), "expect") ? "checksum" : "guard";
    return face->writes == face->reads ? "other" : "codec";
}

static const char *directions_of(const struct face *face)
{
    if (face->writes != NULL && face->reads != NULL)
        return "write, read";
    return face->writes != NULL ? "write" : "read";
}

static void print_face(const struct face *face)
{
    printf("%-10s %-12s %-9s %s\n", face->name, directions_of(face), kind_of(face),
           any_of(face)->about);
}

// options ----------------------------------------------------------------------------------------

static void print_words(const char *const *words)
{
    for (; *words != NULL; words++)
        printf("%s%s", *words, words[1] != NULL ? "|" : "");
}

static void print_range(const struct rove_option *o)
{
    switch (o->kind) {
    case ROVE_OPT_UINT:
        if (o->max == UINT64_MAX)
            printf("%" PRIu64 "...", o->min);
        else
            printf("%" PRIu64 "...%" PRIu64, o->min, o->max);
        break;
    case ROVE_OPT_INT:
        printf("%" PRId64 "...%" PRId64, (int64_t) o->min, (int64_t) o->max);
        break;
    case ROVE_OPT_BOOL:
        fputs("yes|no", stdout);
        break;
    case ROVE_OPT_WORD:
        print_words(o->words);
        break;
    case ROVE_OPT_TEXT:
        printf("TEXT of at most %" PRIu64 " bytes", o->max);
        break;
    default:
        if (o->min == o->max)
            printf("HEX of %" PRIu64 " bytes", o->max);
        else
            printf("HEX of %" PRIu64 "...%" PRIu64 " bytes", o->min, o->max);
    }
}

static void print_option(const struct face *face, const struct rove_option *o)
{
    printf("    %s=", o->key);
    print_range(o);
    if (o->fallback != NULL)
        printf(" [%s]", o->fallback);
    if (!is_tap(face) && (o->dirs & ROVE_DECODE) == 0)
        fputs(" (when writing)", stdout);
    else if (!is_tap(face) && (o->dirs & ROVE_ENCODE) == 0)
        fputs(" (when reading)", stdout);
    printf("\n        %s\n", o->about != NULL ? o->about : "");
}

// The tables of the two directions may share their options.
static void print_options(const struct face *face)
{
    const struct rove_option *o = any_of(face)->options;

    for (; o != NULL && o->key != NULL; o++)
        print_option(face, o);
    if (face->writes == NULL || face->reads == NULL ||
        face->writes->options == face->reads->options)
        return;
    for (o = face->reads->options; o != NULL && o->key != NULL; o++)
        if (!has_option(face->writes, o->key))
            print_option(face, o);
}

// origins ----------------------------------------------------------------------------------------

// A line of what both directions say, told apart where they differ. NULL stands for `none`.
static void print_pair(const char *title, const char *writes, const char *reads, const char *none)
{
    if (writes == NULL && reads == NULL)
        printf("    %s: %s\n", title, none);
    else if (writes == NULL || reads == NULL || strcmp(writes, reads) == 0)
        printf("    %s: %s\n", title, writes != NULL ? writes : reads);
    else
        printf("    %s: %s; %s when reading\n", title, writes, reads);
}

static const char *library_of(const struct rove_filter *f)
{
    return f != NULL ? f->library : NULL;
}

static void print_origin(const struct face *face)
{
    print_pair("version", rove_filter_version(face->writes), rove_filter_version(face->reads),
               rove_version());
    print_pair("library", library_of(face->writes), library_of(face->reads), "none");
    print_pair("file", rove_filter_file(face->writes), rove_filter_file(face->reads), "built in");
}

static void print_all(bool verbose)
{
    for (size_t i = 0; rove_filter_at(i) != NULL; i++) {
        struct face face;
        if (!is_first(i))
            continue;
        face = face_of(rove_filter_at(i));
        print_face(&face);
        if (verbose) {
            print_origin(&face);
            print_options(&face);
        }
    }
}

static enum verdict run_filters(const struct options *opts)
{
    for (size_t i = 0; i < opts->path_cnt; i++)
        if (plugin_load(opts->paths[i]) != VERDICT_FINE)
            return VERDICT_FAILED;
    print_all(opts->verbose);
    return VERDICT_FINE;
}

static const struct option longs[] = {
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

const struct verb verb_filters = {
    .name = "filters",
    .usage =
        "usage: rove filters [-v] [PLUGIN...]\n"
        "\n"
        "Lists what -F can name: the filter, the directions it serves, its kind and what it\n"
        "does. A checksum looks at the bytes that pass, in either direction. With -v also\n"
        "the version, the library that does the work, the file it was loaded from, and the\n"
        "options as KEY=RANGE [DEFAULT]. A PLUGIN is loaded first: a file when the word has a\n"
        "slash, else a name that is looked for in ROVE_FILTER_PATH and where rove is installed.\n"
        "\n"
        "  -v, --verbose        all that there is to know of each\n",
    .letters = "hv",
    .longs = longs,
    .run = run_filters,
};
