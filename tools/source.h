// SPDX-License-Identifier: MIT
// source.h: a file, or standard input, that is read.
#ifndef ROVE_TOOL_SOURCE_H
#define ROVE_TOOL_SOURCE_H

#include "report.h"

#include <rove/stream.h>
#include <sys/stat.h>

// What may be read. Folders never are.
enum source_kind {
    SOURCE_ANY,     // also pipes and devices
    SOURCE_REGULAR, // files, also by a symbolic link
    SOURCE_INDEX,   // the same, and no input of its own
    SOURCE_PLAIN    // files of one name, no links, no set-user-ID, set-group-ID or sticky bit
};

struct source {
    const char *name; // for messages
    const char *path; // borrowed; NULL: standard input
    int fd;           // -1 while not open
    struct stat st;
    struct rove_stream *stream; // over fd
};

// Opens a file for reading. path: "-" for standard input, whatever that is; borrowed until
// source_close(). What is not of the kind is not even opened: to open a pipe is to wait for
// somebody, and to open a device can do things.
//
// Reports what is wrong, and then there is nothing to close: VERDICT_WARNED when it is not of the
// kind, VERDICT_FAILED when it cannot be read.
enum verdict source_open(struct source *src, const char *path, enum source_kind kind);

// Returns how many bytes there will be, or 0 when nobody can tell.
uint64_t source_size(const struct source *src);

// Looks, when all was read, whether somebody has written to the file meanwhile: reports it and
// returns VERDICT_WARNED then.
enum verdict source_settle(const struct source *src);

// Removes the file that was read. Reports and returns VERDICT_FAILED when that cannot be done.
enum verdict source_remove(const struct source *src);

// Drops the stream and closes the file. Harmless a second time.
void source_close(struct source *src);

#endif
