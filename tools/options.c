// SPDX-License-Identifier: MIT
// options.c: the words after the verb.
#include "options.h"

#include "lines.h"
#include "plugin.h"
#include "progress.h"
#include "report.h"
#include "size.h"
#include "spec.h"

#include <rove/workers.h>

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL_MAX 1000 // more than any codec has

// Options that only switch something on.
struct flag {
    int code;
    size_t off; // of a bool in struct options
};

static const struct flag flags[] = {
    {'c', offsetof(struct options, to_stdout)},
    {'f', offsetof(struct options, force)},
    {'h', offsetof(struct options, help)},
    {OPT_HELP, offsetof(struct options, help)},
    {OPT_RM, offsetof(struct options, remove_source)},
    {OPT_NO_SYNC, offsetof(struct options, no_sync)},
    {OPT_STRICT, offsetof(struct options, strict)},
    {OPT_SALVAGE, offsetof(struct options, salvage)},
    {OPT_XATTRS, offsetof(struct options, xattrs)},
    {OPT_ACLS, offsetof(struct options, acls)},
    {OPT_NULL, offsetof(struct options, null)},
    {OPT_NO_RECURSION, offsetof(struct options, no_recursion)},
    {OPT_CLAMP_MTIME, offsetof(struct options, clamp_mtime)},
    {OPT_NUMERIC_OWNER, offsetof(struct options, numeric_owner)},
    {OPT_REPRODUCIBLE, offsetof(struct options, reproducible)},
    {OPT_BLOCKS, offsetof(struct options, blocks)},
    {OPT_DATA, offsetof(struct options, data)},
    {OPT_JSON, offsetof(struct options, json)},
    {OPT_FOLLOW, offsetof(struct options, follow)},
    {OPT_SIZES, offsetof(struct options, sizes)},
    {'r', offsetof(struct options, recursive)},
    {'w', offsetof(struct options, warn)},
    {OPT_TAG, offsetof(struct options, tag)},
    {OPT_IGNORE_MISSING, offsetof(struct options, ignore_missing)},
    {OPT_STATUS, offsetof(struct options, status)},
    {OPT_RSYNCABLE, offsetof(struct options, rsyncable)},
};

static bool set_flag(struct options *opts, int code)
{
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (flags[i].code == code) {
            *(bool *) (void *) ((char *) opts + flags[i].off) = true;
            return true;
        }
    }
    return false;
}

static bool set_size(const char *option, uint64_t *size, const char *text)
{
    if (size_parse(text, size))
        return true;
    report_error(option, "\"%s\" is no size such as 64M, 2G or none", text);
    return false;
}

// option: or the variable.
static bool set_threads(const char *option, size_t *threads, const char *text)
{
    char *end = NULL;
    unsigned long cnt = isdigit((unsigned char) *text) ? strtoul(text, &end, 10) : 0;

    if (end != NULL && *end == 0 && cnt <= ROVE_WORKERS_MAX) {
        *threads = cnt;
        return true;
    }
    report_error(option, "\"%s\" is no number of threads from 0 to %u", text, ROVE_WORKERS_MAX);
    return false;
}

static bool add_word(struct options *opts, int code, const char *text)
{
    struct option_word *words = realloc(opts->words, (opts->word_cnt + 1) * sizeof *words);

    if (words == NULL) {
        report_error(NULL, "out of memory");
        return false;
    }
    opts->words = words;
    opts->words[opts->word_cnt++] = (struct option_word){code, text};
    return true;
}

static bool set_suffix(const char **suffix, const char *text)
{
    *suffix = text;
    if (*text != 0 && strchr(text, '/') == NULL)
        return true;
    report_error("-S", "\"%s\" is no suffix such as .gz", text);
    return false;
}

static bool set_seconds(int *seconds, const char *text)
{
    char *end = NULL;
    unsigned long number = isdigit((unsigned char) *text) ? strtoul(text, &end, 10) : 0;

    if (end != NULL && *end == 0 && number <= 3600) {
        *seconds = (int) number;
        return true;
    }
    report_error("--seconds", "\"%s\" is no number from 0 to 3600", text);
    return false;
}

// Names have an order, always; the word stands for what other tools do only then.
static bool set_sort(const char *word)
{
    if (strcmp(word, "name") == 0)
        return true;
    report_error("--sort", "\"%s\" is not name, the one order there is", word);
    return false;
}

static bool set_progress(const char *word)
{
    if (progress_choose(word))
        return true;
    report_error("--progress", "\"%s\" is not one of auto, bar, plain, json, none", word);
    return false;
}

static bool set_value(struct options *opts, int code, const char *text)
{
    switch (code) {
    case 'F':
        opts->spec = text;
        return true;
    case 'o':
        opts->out = text;
        return true;
    case 'S':
        return set_suffix(&opts->suffix, text);
    case 'M':
        return set_size("-M", &opts->max_memory, text);
    case 'T':
        opts->threads_given = true;
        return set_threads("-T", &opts->threads, text);
    case OPT_MEMORY:
        return set_size("--memory", &opts->memory, text);
    case OPT_MAX_OUTPUT:
        return set_size("--max-output", &opts->max_output, text);
    case OPT_MAX_RATIO:
        return set_size("--max-ratio", &opts->max_ratio, text);
    case OPT_EVERY:
        return set_size("--every", &opts->every, text);
    case OPT_INDEX:
        opts->makes_index = true;
        opts->index = text;
        return true;
    case OPT_RANGE:
        opts->range = text;
        return true;
    case OPT_STATS:
        opts->stats = true;
        opts->stats_file = text;
        return true;
    case OPT_FORMAT:
        opts->format = text;
        return true;
    case OPT_MTIME:
        opts->mtime = text;
        return true;
    case OPT_OWNER:
        opts->owner = text;
        return true;
    case OPT_GROUP:
        opts->group = text;
        return true;
    case OPT_MODE:
        opts->mode = text;
        return true;
    case OPT_SORT:
        return set_sort(text);
    case WORD_PLAIN:
    case 'C':
    case OPT_PREPEND:
    case OPT_EXCLUDE:
    case OPT_EXCLUDE_FROM:
    case OPT_FILES_FROM:
        return add_word(opts, code, text);
    case OPT_SIZE:
        return set_size("--size", &opts->size, text);
    case OPT_SECONDS:
        return set_seconds(&opts->seconds, text);
    case OPT_PROGRESS:
        return set_progress(text);
    default:
        return false;
    }
}

// -z, -d, -t and -l contradict each other, and the last one wins. In `sum`, -c is no flag but a mode.
static void set_mode(struct options *opts, int code)
{
    opts->encode = code == 'z';
    opts->decode = code == 'd';
    opts->test = code == 't';
    opts->list = code == 'l';
}

static bool set(struct options *opts, const struct verb *verb, int code, const char *text)
{
    if (code == 'c' && verb == &verb_sum) {
        opts->check = true;
    } else if (code == 'z' || code == 'd' || code == 't' || code == 'l') {
        set_mode(opts, code);
    } else if (code == 'q') {
        opts->quiet = true;
        report_quieter();
    } else if (code == 'v') {
        opts->verbose = true;
        report_louder();
    } else if (code == 'F' && verb == &verb_bench) {
        return add_word(opts, code, text);
    } else if (code == 'k') {
        opts->remove_source = false;
    } else if (code == OPT_SPARSE || code == OPT_NO_SPARSE) {
        opts->sparse = code == OPT_SPARSE;
        opts->no_sparse = code == OPT_NO_SPARSE;
    } else if (code == OPT_FAST || code == OPT_BEST) {
        opts->level = code == OPT_FAST ? 1 : 9;
    } else {
        return set_flag(opts, code) || set_value(opts, code, text);
    }
    return true;
}

// words of options -------------------------------------------------------------------------------

static bool long_takes_next(const struct verb *verb, const char *name)
{
    size_t len = strlen(name);

    // getopt_long() takes the beginning of a name for the name, if no other begins so.
    for (const struct option *o = verb->longs; o->name != NULL; o++)
        if (o->has_arg == required_argument && strncmp(o->name, name, len) == 0)
            return true;
    return false;
}

bool options_takes_next(const struct verb *verb, const char *word)
{
    if (word[0] != '-' || word[1] == 0)
        return false;
    if (word[1] == '-')
        return strchr(word, '=') == NULL && long_takes_next(verb, word + 2);
    for (const char *p = word + 1; *p != 0; p++) {
        const char *letter = strchr(verb->letters, *p);
        if (letter != NULL &&
            letter[1] == ':') // the rest of the word is its value, if there is one
            return p[1] == 0;
    }
    return false;
}

// Takes the digits of a level out of a word of short options, such as "-19" or "-c9". Returns false
// when nothing but the dash is left.
static bool take_level(struct options *opts, const struct verb *verb, char *word)
{
    size_t at = 1;

    while (word[at] != 0 && !isdigit((unsigned char) word[at])) {
        const char *letter = strchr(verb->letters, word[at++]);
        if (letter != NULL && letter[1] == ':')
            return true;
    }
    if (word[at] == 0)
        return true;
    opts->level = 0;
    while (isdigit((unsigned char) word[at])) {
        if (opts->level <= LEVEL_MAX)
            opts->level = 10 * opts->level + (word[at] - '0');
        memmove(word + at, word + at + 1, strlen(word + at));
    }
    return word[1] != 0 && take_level(opts, verb, word);
}

// Levels are numbers, of which getopt_long() would see the single digits. The words left are moved
// together; returns their number.
static int take_levels(struct options *opts, const struct verb *verb, int argc, char **argv)
{
    int cnt = 1, i = 1;

    while (i < argc && strcmp(argv[i], "--") != 0) {
        bool value = options_takes_next(verb, argv[i]);
        if (argv[i][0] != '-' || argv[i][1] == 0 || argv[i][1] == '-' ||
            take_level(opts, verb, argv[i]))
            argv[cnt++] = argv[i];
        i++;
        if (value && i < argc)
            argv[cnt++] = argv[i++];
    }
    while (i < argc)
        argv[cnt++] = argv[i++];
    argv[cnt] = NULL;
    return cnt;
}

// all of them ------------------------------------------------------------------------------------

// After "--" a lone "-" is a file of that name. To be done before getopt_long() moves the words.
static void mark_literal(const struct verb *verb, int argc, char **argv)
{
    static char literal[] = "./-";
    int i = 1;

    while (i < argc && strcmp(argv[i], "--") != 0)
        i += options_takes_next(verb, argv[i]) ? 2 : 1;
    for (; i < argc; i++)
        if (strcmp(argv[i], "-") == 0)
            argv[i] = literal;
}

static enum verdict misused(const char *verb)
{
    return report_error(verb, "try `rove %s --help`", verb);
}

enum verdict options_misuse(const char *verb, const char *sentence)
{
    report_error(verb, "%s", sentence);
    return misused(verb);
}

// getopt's own messages would print a word as it is, and that may be a file's name. Help is to be had of the verb that
// -l, -d or -t stood for.
static void report_option(const struct options *opts, const struct verb *verb, const char *word)
{
    const char *name = opts->list ? "list" : opts->decode ? "decompress" : opts->test ? "test" : verb->name;
    bool known = optopt > UCHAR_MAX || (optopt != 0 && strchr(verb->letters, optopt) != NULL);

    if (known && strncmp(word, "--", 2) == 0 && strchr(word, '=') != NULL)
        report_error(word, "takes no value");
    else if (known)
        report_error(word, "needs a value");
    else if (optopt != 0)
        report_error(name, "-%c is no option", optopt);
    else if (strncmp(word, "--plugin", strlen("--plugin")) == 0)
        report_error(word, "stands before the verb: rove --plugin=PLUGIN %s", name);
    else
        report_error(word, "is no option, or the beginning of several");
    misused(name);
}

// Puts the names of one list behind the other paths; they are files, also "-".
static bool append_list(struct options *opts, const char *path)
{
    static char literal[] = "./-";
    struct lines *lists = realloc(opts->lists, (opts->list_cnt + 1) * sizeof *lists), *list;
    char **paths;

    if (lists != NULL) {
        opts->lists = lists;
        list = &lists[opts->list_cnt++];
        if (!lines_read(list, path, opts->null))
            return false;
        paths = malloc((opts->path_cnt + list->cnt + 1) * sizeof *paths);
        if (paths != NULL) {
            memcpy(paths, opts->paths, opts->path_cnt * sizeof *paths);
            free(opts->owned_paths);
            opts->owned_paths = opts->paths = paths;
            for (size_t i = 0; i < list->cnt; i++)
                paths[opts->path_cnt++] = strcmp(list->list[i], "-") == 0 ? literal : (char *) (uintptr_t) list->list[i];
            return true;
        }
    }
    report_error(NULL, "out of memory");
    return false;
}

// Without a file the verb would read standard input, which nobody meant.
static bool take_lists(struct options *opts)
{
    for (size_t i = 0; i < opts->word_cnt; i++)
        if (opts->words[i].code == OPT_FILES_FROM && !append_list(opts, opts->words[i].text))
            return false;
    if (opts->list_cnt == 0 || opts->path_cnt > 0)
        return true;
    report_error("--files-from", "names no file");
    return false;
}

// Levels and threads where the command line names none, whether there are plugins, and nothing else, since who sets the environment is not always who
// types the command.
static bool take_environment(struct options *opts, const struct verb *verb)
{
    bool takes_level = verb->has_levels && verb != &verb_bench; // which compares levels
    const char *level = takes_level && opts->level < 0 ? secure_getenv("ROVE_LEVEL") : NULL;
    const char *threads =
        strstr(verb->letters, "T:") != NULL && !opts->threads_given ? secure_getenv("ROVE_THREADS") : NULL;
    size_t digits = level != NULL ? strspn(level, "0123456789") : 0;

    if (!plugin_environment())
        return false;
    if (threads != NULL && !set_threads("ROVE_THREADS", &opts->threads, threads))
        return false;
    if (level != NULL && (digits == 0 || digits > 3 || level[digits] != 0)) {
        report_error("ROVE_LEVEL", "\"%s\" is no level such as 6", level);
        return false;
    }
    if (level != NULL)
        spec_default_level(atoi(level));
    return true;
}

bool options_parse(struct options *opts, const struct verb *verb, int argc, char **argv)
{
    int code;

    *opts = (struct options){.level = -1, .seconds = -1};
    if (verb->has_levels)
        argc = take_levels(opts, verb, argc, argv);
    mark_literal(verb, argc, argv);
    // With it getopt_long() would take options behind the first file for files: a line means the same everywhere.
    unsetenv("POSIXLY_CORRECT");
    optind = opterr = 0; // glibc: begin anew
    while ((code = getopt_long(argc, argv, verb->letters, verb->longs, NULL)) != -1) {
        if (code == '?') {
            report_option(opts, verb, argv[optind - 1]);
            return false;
        }
        if (!set(opts, verb, code, optarg))
            return false;
        opts->given[code] = true;
    }
    opts->paths = argv + optind;
    opts->path_cnt = (size_t) (argc - optind);
    for (size_t i = 0; i < opts->path_cnt && verb->letters[0] == '-'; i++) // those behind "--"
        if (!add_word(opts, WORD_PLAIN, opts->paths[i]))
            return false;
    if (!opts->help && opts->null && !opts->given[OPT_FILES_FROM])
        return options_misuse(verb->name, "--null is for the names of --files-from") == VERDICT_FINE;
    return opts->help || (take_environment(opts, verb) && (verb->letters[0] == '-' || take_lists(opts)));
}

const char *const *options_paths(const struct options *opts, size_t *cnt)
{
    static const char *const standard_input[] = {"-"};

    *cnt = opts->path_cnt > 0 ? opts->path_cnt : 1;
    return opts->path_cnt > 0 ? (const char *const *) opts->paths : standard_input;
}

void options_fini(struct options *opts)
{
    free(opts->words);
    for (size_t i = 0; i < opts->list_cnt; i++)
        lines_free(&opts->lists[i]);
    free(opts->lists);
    free(opts->owned_paths);
}
