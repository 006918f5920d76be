// SPDX-License-Identifier: MIT
// inputs.h: what `pack` is to pack: paths, those of lists, and the folders that they are seen from.
#ifndef ROVE_TOOL_INPUTS_H
#define ROVE_TOOL_INPUTS_H

#include "lines.h"
#include "options.h"

#include <stdbool.h>
#include <stddef.h>

struct input {
    int dir;          // an open folder, or AT_FDCWD
    const char *path; // seen from there
    bool front;       // of --prepend
};

struct inputs {
    struct input *list;
    size_t cnt, cap;
    int *dirs; // those of -C, one a -C
    size_t dir_cnt;
    struct lines *lists; // those of --files-from
    size_t list_cnt;
    bool takes_stdin; // a list comes from there
};

// Makes the list, from left to right. Reports and returns false when that fails. To be dropped by inputs_free() in any
// case, and not before opts is.
bool inputs_read(struct inputs *in, const struct options *opts);

void inputs_free(struct inputs *in);

#endif
