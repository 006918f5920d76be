// SPDX-License-Identifier: MIT
// output.h: where a result goes: all of it under its name, or nothing.
//
//     output_check ──> output_open ──> write to fd ──> output_keep      the result has its name
//                                            └───────> output_drop      nothing is left behind
//
// A regular file is written under a temporary name in the same folder, readable by the owner alone,
// and gets its name, mode and times when it is complete and on the disk. What is there already
// under that name stays until then. A device, a pipe, an open descriptor (/dev/stdout, /dev/fd/3) or
// standard output is written to directly, if it was named by the user.
#ifndef ROVE_TOOL_OUTPUT_H
#define ROVE_TOOL_OUTPUT_H

#include "report.h"

#include <stdbool.h>
#include <sys/stat.h>

#define OUTPUT_FORCE 1u    // overwrite, and write coded bytes to a terminal
#define OUTPUT_NO_SYNC 2u  // do not wait for the disk
#define OUTPUT_CODED 4u    // what is written is not for a terminal
#define OUTPUT_ASK 8u      // standard input is free to answer a question
#define OUTPUT_MADE_UP 16u // the name was made from another one: it is that of a regular file

struct output {
    const char *name; // for messages
    const char *path; // borrowed; NULL: an open descriptor, standard output for one
    char *temp;       // name of the file while it is written, or NULL
    int fd;           // -1 while not open
    int given;        // the open descriptor, which stays open, or -1
    unsigned flags;
    bool replaces;   // there was something to replace
    bool is_kept;    // a regular file has the name, and all its bytes
    struct stat old; // of what is replaced
    struct stat made; // of the file while it is written
};

// Looks whether the result may go there; nothing is made yet. path: NULL or "-" for standard
// output; borrowed until the output is kept or dropped. Reports what is wrong and returns false.
bool output_check(struct output *out, const char *path, unsigned flags);

// Whether it will be a regular file of its name, and no descriptor or device.
bool output_is_regular(const struct output *out);

// Whether the output would replace, or write into, the file with this identity, under whatever name.
bool output_is_file(const struct output *out, const struct stat *file);

// Whether a path, seen from an open folder, is the output: the very name that it gets, or a file that
// is written to in place. A file that only has another name beside that one stays as it is. file: what
// lstat(2) says of the path, or NULL when nothing is there.
bool output_is_path(const struct output *out, int dir, const char *path, const struct stat *file);

// Whether what is added to the file of this name would end in the output. A terminal takes both.
bool output_is_named(const struct output *out, const char *path);

// Whether this is the file under whose temporary name the result is being written.
bool output_is_temp(const struct output *out, const struct stat *file);

// Opens out->fd for writing. Reports and returns false when that fails.
bool output_open(struct output *out);

// Whether zeros may be left out of what is written to the open fd: it is a regular file, there is
// nothing of it behind the place where it is written, and nobody else decides on that place.
bool output_takes_holes(const struct output *out);

// Completes the output. like: whose mode, owner and times it gets; NULL for a new file's, or those of a file that it replaces,
// but for its times. from: the file that it is like, open, whose access control list it gets; where that cannot be, only the
// owner can use the output.
//
// VERDICT_WARNED: it is complete, but was not given all of these. VERDICT_FAILED: it was dropped; or
// it has its name, but nobody knows whether that is on the disk. Both are reported.
enum verdict output_keep(struct output *out, const struct stat *like, int from);

// Gives a file its name, as rename(2) does; without force not even a file that came into being meanwhile is replaced.
int output_rename(const char *from, const char *to, bool force);

// Gives up: removes what was written. Harmless after output_keep() and before output_open().
void output_drop(struct output *out);

#endif
