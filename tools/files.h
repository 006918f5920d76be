// SPDX-License-Identifier: MIT
// files.h: the files that the words of the command line mean, when -r opens up the folders among them.
#ifndef ROVE_TOOL_FILES_H
#define ROVE_TOOL_FILES_H

#include "report.h"

#include <stdbool.h>
#include <stddef.h>

struct files {
    char **paths; // in the order of the words, those of a folder in that of their names
    size_t cnt;
};

// Finds them. Words that are no folders are taken as they are. Of what is in a folder: regular files whose names have a
// suffix of coded files, or of those that do not; the others are passed over, and links and special files with a warning.
// suffix: one more that counts as such, or NULL. Returns the worst of what was reported; VERDICT_FAILED: there are none
// without memory. Drop them by files_fini() in any case.
enum verdict files_find(struct files *files, const char *const *words, size_t cnt, bool coded, const char *suffix);

void files_fini(struct files *files);

#endif
