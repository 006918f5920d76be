// SPDX-License-Identifier: MIT
// options.h: the words after the verb. All verbs share one set of options; each names those it takes.
#ifndef ROVE_TOOL_OPTIONS_H
#define ROVE_TOOL_OPTIONS_H

#include "report.h"

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Options without a letter.
enum {
    OPT_RM = 256,
    OPT_HELP,
    OPT_STATS,
    OPT_NO_SYNC,
    OPT_MEMORY,
    OPT_PREPEND,
    OPT_EXCLUDE,
    OPT_EXCLUDE_FROM,
    OPT_FILES_FROM,
    OPT_NULL,
    OPT_NO_RECURSION,
    OPT_FORMAT,
    OPT_SORT,
    OPT_MTIME,
    OPT_CLAMP_MTIME,
    OPT_OWNER,
    OPT_GROUP,
    OPT_NUMERIC_OWNER,
    OPT_MODE,
    OPT_REPRODUCIBLE,
    OPT_PROGRESS,
    OPT_MAX_OUTPUT,
    OPT_MAX_RATIO,
    OPT_SPARSE,
    OPT_NO_SPARSE,
    OPT_STRICT,
    OPT_SALVAGE,
    OPT_XATTRS,
    OPT_ACLS,
    OPT_FAST,
    OPT_BEST,
    OPT_RANGE,
    OPT_EVERY,
    OPT_INDEX,
    OPT_BLOCKS,
    OPT_DATA,
    OPT_JSON,
    OPT_FOLLOW,
    OPT_SIZES,
    OPT_RSYNCABLE,
    OPT_TAG,
    OPT_IGNORE_MISSING,
    OPT_STATUS,
    OPT_SIZE,
    OPT_SECONDS,
    OPT_END, // no option has it or more
};

// What several verbs say of an option in their usage.
#define OPTIONS_MEMORY "  -M, --memlimit SIZE  memory that the filters may take (default 256M)\n"
#define OPTIONS_MEMORY_WRITING "  -M, --memlimit SIZE  memory that the filters may take (default 1G)\n"

// What that is when it is not given: writing, no data can ask for more than the text does, which may be xz:level=9.
#define MEMORY_WRITING (UINT64_C(1) << 30)
#define OPTIONS_LIMITS                                                                             \
    OPTIONS_MEMORY                                                                                 \
    "      --max-output SIZE, --max-ratio N\n"                                                     \
    "                       stop when more comes out (default 1T), or more than N times\n"         \
    "                       what went in\n"
#define OPTIONS_FILES                                                                              \
    "      --files-from FILE\n"                                                                      \
    "                       also those that FILE names, one a line; - is standard input\n"         \
    "      --null           those names end with a byte of value 0\n"
#define OPTIONS_THREADS "  -T, --threads N      threads that code at once; 0, the default: one for each CPU\n"
#define OPTIONS_NO_SYNC "      --no-sync        do not wait until the output is on the disk\n"
#define OPTIONS_PROGRESS                                                                           \
    "      --progress=WORD  auto, bar, plain, json or none; auto is bar on a terminal, else none\n"
#define OPTIONS_STATS                                                                              \
    "      --stats[=FILE]   one line of figures on standard error, or at the end of FILE\n"       \
    "      --json           that line is a JSON object; without --stats, too\n"
#define OPTIONS_LOUDNESS                                                                           \
    "  -q, --quiet          quieter; twice: no errors either\n"                                   \
    "  -v, --verbose        more to read\n"

// A word whose place among the others counts: an option's value, or what is no option.
struct option_word {
    int code; // WORD_PLAIN, or as getopt_long() gives it
    const char *text;
};

#define WORD_PLAIN 1

// What was asked for. Zero means: not given.
struct options {
    bool given[OPT_END];    // by code, whatever the value
    const char *spec;       // -F
    const char *out;        // -o
    const char *stats_file; // where --stats goes, NULL: standard error
    bool to_stdout, force, remove_source, no_sync, stats, help;
    bool encode, decode, test, list; // -z, -d, -t, -l: the last one counts
    bool check, verbose, quiet;
    bool tag, ignore_missing, status, warn; // of sums
    bool sparse, no_sparse; // the last one counts
    bool strict, salvage;
    bool xattrs, acls;
    bool null, no_recursion, clamp_mtime, numeric_owner, reproducible;
    const char *format, *mtime, *owner, *group, *mode;
    bool blocks, data, json;
    bool follow, sizes, recursive, rsyncable;
    const char *suffix; // -S
    const char *range; // --range
    const char *index; // --index=IDX
    bool makes_index;  // --index, with a name or without
    int level;                                          // -1: not given
    size_t threads;                                     // 0: as many as there are CPUs
    bool threads_given;
    uint64_t size;
    int seconds; // -1: not given
    uint64_t memory, max_output, max_memory, max_ratio, every; // bytes, but for the ratio
    struct option_word *words; // of verbs that take words in their order, pack and bench; each borrowed, the list owned
    size_t word_cnt;
    char **paths; // what follows the options, and then what lists name
    size_t path_cnt;
    struct lines *lists; // those of --files-from, of verbs that do not take words in their order
    size_t list_cnt;
    char **owned_paths; // NULL, or the array that paths is
};

// A verb of the command.
struct verb {
    const char *name, *usage; // usage: the text of --help
    const char *letters;      // as for getopt_long(); '-' in front: words are taken in their order
    const struct option *longs;
    bool has_levels;                                 // takes -1, -19
    enum verdict (*run)(const struct options *opts); // returns the exit status
};

extern const struct verb verb_pack, verb_compress, verb_decompress, verb_test, verb_sum, verb_index, verb_cat,
    verb_list, verb_get, verb_filters, verb_bench;

// Reads the arguments; argv[0] is the verb. Reports what is wrong and returns false.
bool options_parse(struct options *opts, const struct verb *verb, int argc, char **argv);

// Whether a word is an option of the verb whose value is the next word.
bool options_takes_next(const struct verb *verb, const char *word);

// The files that were named, or standard input where none was; borrowed.
const char *const *options_paths(const struct options *opts, size_t *cnt);

// Drops what options_parse() has made.
void options_fini(struct options *opts);

// Reports a misuse, names where help is to be had, and returns the exit status for it.
enum verdict options_misuse(const char *verb, const char *sentence);

#endif
