// SPDX-License-Identifier: MIT
// stream_call.h: what is called, not compiled into the caller, for the rows W1.
#ifndef BENCH_STREAM_CALL_H
#define BENCH_STREAM_CALL_H

#include "objects.h"

namespace bench
{

// rove_stream_write() as another language calls it.
enum rove_status write_call(struct rove_stream *stream, const void *src, size_t len);

// The bump pointer so, with arguments checked.
enum rove_status bump_call(ShortBump *bump, const char *p, size_t n);

// … where it has no room, or what was given is nothing.
enum rove_status bump_beyond(ShortBump *bump, const char *p, size_t n);

} // namespace bench

#endif
