// SPDX-License-Identifier: MIT
// exclude.h: what `pack` leaves out by its name, as --exclude of tar does.
#ifndef ROVE_TOOL_EXCLUDE_H
#define ROVE_TOOL_EXCLUDE_H

#include "lines.h"
#include "options.h"

struct exclude {
    char **patterns;
    size_t cnt;
};

// Takes the patterns of --exclude and --exclude-from. Reports and returns false when that fails. To be dropped by
// exclude_free() in any case.
bool exclude_read(struct exclude *ex, const struct options *opts);

// Whether a path is left out: a pattern is that of the path, of its end from some slash on, or of a folder that it lies
// in. A star also stands for slashes.
bool exclude_hits(const struct exclude *ex, const char *path);

void exclude_free(struct exclude *ex);

#endif
