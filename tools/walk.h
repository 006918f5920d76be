// SPDX-License-Identifier: MIT
// walk.h: visits a file, or a folder and all that is below it, in an order that is always the same.
#ifndef ROVE_TOOL_WALK_H
#define ROVE_TOOL_WALK_H

#include "report.h"

#include <stdbool.h>
#include <sys/stat.h>

// What the walk has come to. All of it is borrowed until the visit returns.
struct walk_entry {
    int dir; // the open folder that it lies in, or the root is seen from, or AT_FDCWD,
    const char
        *name; // and what it is called there: for openat() and its like, whatever path's length
    const char *path; // from the root of the walk on
    struct stat st;   // of itself; links are not followed
    bool root;        // it is what the walk began at
    bool enter;       // it is a folder: what is in it comes next, unless the visit clears this
    bool unread;      // it is a folder that cannot be opened; or set by a visit that could not read it
};

// Called for each thing found, a folder before what is in it. Returns VERDICT_FAILED to stop the walk.
typedef enum verdict walk_fn(void *ctx, struct walk_entry *entry);

// How a walk goes. Zero: as walk().
struct walk_how {
    const int *dir; // the open folder that the path is seen from; NULL: the working folder
    bool flat;      // folders are not entered
    // Whether something is left out by its path alone, before it is looked at; NULL: nothing is.
    bool (*skips)(const void *ctx, const char *path);
    const void *skips_ctx;
};

// Walks from a path on, names in byte order. A link is followed only as root, and only when a slash
// stands behind it. What cannot be read is reported, and the rest is visited all the same. Returns
// the worst verdict; VERDICT_FAILED also without memory.
enum verdict walk_by(const struct walk_how *how, const char *path, walk_fn *visit, void *ctx);

// From the working folder, all of it.
enum verdict walk(const char *path, walk_fn *visit, void *ctx);

#endif
