// SPDX-License-Identifier: MIT
// lines.h: a file that lists words, one a line.
#ifndef ROVE_TOOL_LINES_H
#define ROVE_TOOL_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct lines {
    char *text;        // all of the file
    const char **list; // the words in it, empty ones left out
    size_t cnt;
};

// Reads a file, or standard input for "-", all of it. nul: each word ends with a byte of value 0, may hold line ends and is
// not empty; else with a line end. Reports and returns false when that fails, or when a word is longer than a path can be. lines: to be dropped by lines_free() in any case.
bool lines_read(struct lines *lines, const char *path, bool nul);

void lines_free(struct lines *lines);

#endif
