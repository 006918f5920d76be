// SPDX-License-Identifier: MIT
// explain.h: why a stream failed, in words that help.
#ifndef ROVE_TOOL_EXPLAIN_H
#define ROVE_TOOL_EXPLAIN_H

#include <rove/stream.h>
#include <stdbool.h>

// Why a stream failed: what it has recorded of it, or the status alone. (A want of memory is often not recorded.)
const char *explain_why(const struct rove_stream *stream, enum rove_status status);

// Reports a stream's failure; when it was a limit, with the option that lifts it. Returns false.
bool explain(const char *name, const struct rove_stream *stream, enum rove_status status);

// Reports why no index could be made. Returns false.
bool explain_index(const char *name, enum rove_status status);

#endif
