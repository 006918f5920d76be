// SPDX-License-Identifier: MIT
// output.h: where a result goes: all of it under its name, or nothing.
//
//     output_check ──> output_open ──> write to fd ──> output_keep      the result has its name
//                                            └───────> output_drop      nothing is left behind
//
// A regular file is written under a temporary name in the same folder, readable by the owner alone,
// and gets its name, mode and times when it is complete and on the disk. What is there already
// under that name stays until then. A device, a pipe or standard output is written to directly.
#ifndef ROVE_TOOL_OUTPUT_H
#define ROVE_TOOL_OUTPUT_H

#include <stdbool.h>
#include <sys/stat.h>

#define OUTPUT_FORCE 1u   // overwrite, and write coded bytes to a terminal
#define OUTPUT_NO_SYNC 2u // do not wait for the disk
#define OUTPUT_CODED 4u   // what is written is not for a terminal
#define OUTPUT_ASK 8u     // standard input is free to answer a question

struct output {
    const char *name; // for messages
    const char *path; // borrowed; NULL: standard output
    char *temp;       // name of the file while it is written, or NULL
    int fd;           // -1 while not open
    unsigned flags;
    bool replaces;   // there was something to replace
    struct stat old; // of it
};

// Looks whether the result may go there; nothing is made yet. path: NULL or "-" for standard
// output; borrowed until the output is kept or dropped. Reports what is wrong and returns false.
bool output_check(struct output *out, const char *path, unsigned flags);

// Whether the output would replace, or write into, the file with this identity.
bool output_is_file(const struct output *out, const struct stat *file);

// Opens out->fd for writing. Reports and returns false when that fails.
bool output_open(struct output *out);

// Completes the output. like: whose mode, owner and times it gets; NULL for a new file's. Reports,
// drops it and returns false when that fails.
bool output_keep(struct output *out, const struct stat *like);

// Gives up: removes what was written. Harmless after output_keep() and before output_open().
void output_drop(struct output *out);

#endif
