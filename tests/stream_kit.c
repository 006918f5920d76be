// SPDX-License-Identifier: MIT
// stream_kit.c: see stream_kit.h.
#include "stream_kit.h"

#include <stdlib.h>

struct rove_stream *stream_of(const void *ptr, size_t len)
{
    struct rove_stream *stream;
    CHECK_OK(rove_stream_new(env.pool, &stream));
    CHECK_OK(rove_stream_write(stream, ptr, len));
    seek_to(stream, 0);
    return stream;
}

struct rove_stream *stream_of_text(const char *text)
{
    return stream_of(text, strlen(text));
}

void seek_to(struct rove_stream *stream, uint64_t pos)
{
    CHECK_OK(rove_stream_seek(stream, (int64_t) pos, ROVE_SET, NULL));
}

uint64_t cursor_of(struct rove_stream *stream)
{
    uint64_t pos = UINT64_MAX;
    CHECK_OK(rove_stream_tell(stream, &pos));
    return pos;
}

bool stream_holds(struct suite_at at, struct rove_stream *stream, const void *ptr, size_t len)
{
    uint64_t size = 0;
    size_t got_len = 0;
    enum rove_status status = rove_stream_size(stream, &size);
    if (status != ROVE_E_UNSUPPORTED && !suite_check_eq(at, len, size))
        return false;
    uint8_t *got = malloc(len + 1);
    status = rove_stream_pread(stream, 0, got, len + 1, &got_len);
    bool same = suite_check_is(at, ROVE_END, status) &&
                suite_check_eq(at, len, got_len) &&
                suite_check(at, !len || memcmp(got, ptr, len) == 0);
    free(got);
    return same;
}
