// SPDX-License-Identifier: MIT
// stream_kit.h: short ways to make streams and to look at all of what they hold.
#ifndef TEST_STREAM_KIT_H
#define TEST_STREAM_KIT_H

#include <string.h>

#include <rove/device.h>

#include "support/suite.h"

// A stream over a rope of the case's pool, with these bytes, the cursor at 0. Free it.
struct rove_stream *stream_of(const void *ptr, size_t len);
struct rove_stream *stream_of_text(const char *text);

void seek_to(struct rove_stream *stream, uint64_t pos);
uint64_t cursor_of(struct rove_stream *stream);

bool stream_holds(struct suite_at at, struct rove_stream *stream, const void *ptr, size_t len);

#define CHECK_HOLDS(stream, ptr, len) \
    stream_holds(SUITE_AT("bytes of " #stream), stream, ptr, len)
#define CHECK_TEXT(stream, text) CHECK_HOLDS(stream, text, strlen(text))
#define CHECK_AT(pos, stream) CHECK_EQ(pos, cursor_of(stream))

#endif
