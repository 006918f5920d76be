// SPDX-License-Identifier: MIT
// why.h: why the last call of a thread that makes, reads, writes or applies an index failed, in words.
#ifndef RV_WHY_H
#define RV_WHY_H

#include "stream/stream.h"

// A call begins: nothing is known yet.
void rv_why_clear(void);

// The first words count, as printf() does.
void rv_why_tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

// The field of struct rove_limits that was passed.
void rv_why_limit(const char *limit);

// What a stream says of its last failure, and the limit that was passed.
void rv_why_ask(const struct rove_stream *stream);

// A call ends. what: the one to be blamed for what nobody has told, or NULL. Returns status.
enum rove_status rv_why_end(enum rove_status status, const char *what);

#endif
