// SPDX-License-Identifier: MIT
// late.h: names in a cpio whose data come with another name.
//
// The newer kinds of cpio keep the data of a file that has several names with one of these, mostly the last: what comes
// before it is empty. Older ones keep them with each. So of what is asked for, a name may wait for a member that nobody
// has asked for. Each file goes by the name that came first; libarchive calls the others links to that.
#ifndef ROVE_TOOL_LATE_H
#define ROVE_TOOL_LATE_H

#include "reader.h"

#include <stdbool.h>

struct late_name {
    struct late_name *next;
    char *name;
    bool again;                  // an earlier member had this name
    struct archive_entry *entry; // a copy, or NULL
};

struct late_file {
    struct late_file *next;
    char *of;                // the name that came first
    char *made;              // a name under which its data went out, or NULL
    struct late_name *names, *last; // those that wait, in the order in which they came
};

struct late {
    void *tree;
    struct late_file *first, *last; // in the order in which they came
};

// Returns what is known of a file, by the name that came first; NULL when nothing is.
struct late_file *late_find(const struct late *late, const char *of);

// Adds a name that waits. entry: copied; may be NULL. Returns false without memory.
bool late_wait(struct late *late, const char *of, const char *name, bool again, struct archive_entry *entry);

// Notes a name under which the data went out. Returns false without memory.
bool late_made(struct late *late, const char *of, const char *name);

// Whether a member brings the data that some name waits for.
bool late_awaits(const struct late *late, const struct member *m);

// Drops the names of a file that wait.
void late_drop(struct late_file *file);

// A zeroed one, and a second call, are harmless.
void late_free(struct late *late);

#endif
