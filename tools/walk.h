// SPDX-License-Identifier: MIT
// walk.h: visits a file, or a folder and all that is below it, in an order that is always the same.
#ifndef ROVE_TOOL_WALK_H
#define ROVE_TOOL_WALK_H

#include "report.h"

#include <sys/stat.h>

// Called for each thing found, a folder before what is in it; links are not followed. Returns
// VERDICT_FAILED to stop the walk.
typedef enum verdict walk_fn(void *ctx, const char *path, const struct stat *st);

// Walks from a path on, names in byte order. What cannot be read is reported, and the rest is
// visited all the same. Returns the worst verdict.
enum verdict walk(const char *path, walk_fn *visit, void *ctx);

#endif
