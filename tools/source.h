// SPDX-License-Identifier: MIT
// source.h: a file, or standard input, that is read.
#ifndef ROVE_TOOL_SOURCE_H
#define ROVE_TOOL_SOURCE_H

#include <rove/stream.h>
#include <stdbool.h>
#include <sys/stat.h>

struct source {
    const char *name; // for messages
    const char *path; // borrowed; NULL: standard input
    int fd;           // -1 while not open
    struct stat st;
    struct rove_stream *stream; // over fd
};

// Opens a file for reading. path: "-" for standard input; borrowed until source_close(). Reports
// what is wrong and returns false, with nothing to close.
bool source_open(struct source *src, const char *path);

// Returns how many bytes there will be, or 0 when nobody can tell.
uint64_t source_size(const struct source *src);

// Drops the stream and closes the file. Harmless a second time.
void source_close(struct source *src);

#endif
