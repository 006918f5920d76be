// SPDX-License-Identifier: MIT
// late.h: the files of a cpio that have several names.
//
// The newer kinds of cpio keep the data of such a file with one of its names, mostly the last: what comes before it is
// empty. Older ones keep them with each. So of what is asked for, a name may wait for a member that nobody has asked for.
// Which file a name is of is told by device and number, as the name that libarchive calls the others links to may be that
// of several files. All members are shown, for the data may come before the name that wants them.
#ifndef ROVE_TOOL_LATE_H
#define ROVE_TOOL_LATE_H

#include "reader.h"

#include <stdbool.h>

struct late_name {
    struct late_name *next;
    char *name;
    uint64_t nth;                // the member's number
    struct archive_entry *entry; // a copy, or NULL
};

struct late_file {
    struct late_file *next;
    int64_t dev, ino;
    char *with;              // the name that its data came with, or NULL: they have not come
    struct late_name *made;  // names under which its data went out, the last one first
    struct late_name *names, *last; // those that wait, in the order in which they came
};

struct late {
    void *tree;
    struct late_file *first, *last; // in the order in which they came
    struct late_file *file;         // of the member that was shown last, or NULL: it is none of these
    uint64_t nth;                   // the number of that member
};

// Shows the next member. Returns false without memory.
bool late_show(struct late *late, const struct member *m);

// Adds the member that was shown last to the names of its file that wait. entry: copied; may be NULL. Returns false
// without memory.
bool late_wait(struct late *late, const char *name, struct archive_entry *entry);

// Notes a name under which the data of a file went out, as that of a member. Returns false without memory.
bool late_made(struct late_file *file, const char *name, uint64_t nth);

// Whether the member that was shown last brings the data that some name waits for.
bool late_awaits(const struct late *late, const struct member *m);

// Drops the names of a file that wait.
void late_drop(struct late_file *file);

// A zeroed one, and a second call, are harmless.
void late_free(struct late *late);

#endif
