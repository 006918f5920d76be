// SPDX-License-Identifier: MIT
// index_file.h: the file beside coded data that tells where decoding can begin in them, in the format of another tool.
//
//     index_file_begin ──> index_file_choose ──> index_file_write
//     of which kind        under which name       all of it, or nothing
#ifndef ROVE_TOOL_INDEX_FILE_H
#define ROVE_TOOL_INDEX_FILE_H

#include "options.h"
#include "output.h"
#include "source.h"

#include <rove/index.h>

// What a format's index is written as.
struct index_kind {
    const char *format, *as, *suffix; // as: for rove_index_save(); NULL: there is none
};

struct index_file {
    const struct options *opts; // set by the caller, like the next four; all borrowed
    const char *given;          // its name; NULL: made from that of the data
    const char *option;         // that gives it one
    const char *of;             // the data, for messages
    const char *path;           // theirs, or NULL
    const struct index_kind *kind;
    struct output out;
    char *name; // made up, or NULL
};

// Finds the kind: the first one of the data's format, or that which the suffix of the name given says. Reports, and
// returns false, when there is no index for such data. format: NULL where nobody knows.
bool index_file_begin(struct index_file *f, const char *format);

// Says that no file is needed.
void index_file_spare(const struct index_file *f, bool has_table);

// Decides on the name, and looks whether it may be written. Reports what is wrong and returns false.
bool index_file_choose(struct index_file *f);

// Writes it. of: the data, whose mode, owner and times it gets, since it may hold some of the content; NULL where they
// cannot be read. Reports what is wrong.
enum verdict index_file_write(struct index_file *f, const struct rove_index *index, const struct source *of);

// Harmless at any time.
void index_file_fini(struct index_file *f);

#endif
