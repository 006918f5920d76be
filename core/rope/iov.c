// SPDX-License-Identifier: MIT
// iov.c: views for the operating system: arrays for writev(), and writing them out.
#include "rope/iov.h"

#include "base/os.h"
#include "chunk/chunk.h"
#include "rope/read.h"

#include <errno.h>

#define IOV_CNT_MAX 1024u // IOV_MAX of Linux
#define IOV_BATCH 256u

enum rove_status rove_view_iov(const struct rove_view *view, uint64_t off, struct iovec *iov,
                               size_t *cnt, uint64_t *len_out)
{
    if (!view || !iov || !cnt || !len_out)
        return ROVE_E_ARG;
    size_t room = *cnt;
    *cnt = 0;
    *len_out = 0;
    if (!room || room > IOV_CNT_MAX)
        return ROVE_E_ARG;
    struct rove_cursor cursor;
    enum rove_status status = rove_cursor_init(&cursor, view, off);
    uint64_t len = 0, awake = 0; // of short slices more is kept awake than they show
    size_t n = 0;
    while (status == ROVE_OK && n < room) {
        struct rove_span span;
        status = rove_cursor_next(&cursor, &span);
        if (status)
            break;
        const struct rv_chunk *chunk = rv_cursor_chunk(&cursor);
        awake += rv_chunk_pin_cost(chunk);
        if (n && awake > rv_pool_pin_most(chunk->pool))
            break;
        cursor.pinned = NULL; // stays awake until rove_view_unpin()
        iov[n++] = (struct iovec){(void *) (uintptr_t) span.ptr, span.len};
        len += span.len;
    }
    rove_cursor_fini(&cursor);
    *cnt = n;
    *len_out = len;
    if (n) // a failure comes again with the next call
        return ROVE_OK;
    return status == ROVE_END ? ROVE_OK : status;
}

void rove_view_unpin(const struct rove_view *view, uint64_t off, size_t cnt)
{
    if (!view)
        return;
    struct rove_cursor cursor;
    if (!rv_switch_is_on(&rv_chunks_sleep) || rove_cursor_init(&cursor, view, off))
        return;
    for (struct rove_span span; cnt && rove_cursor_next(&cursor, &span) == ROVE_OK; cnt--)
        rv_chunk_unpin(rv_cursor_chunk(&cursor)); // the cursor's own pin is another
    rove_cursor_fini(&cursor);
}

enum rove_status rv_iov_why(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK ? ROVE_E_AGAIN : ROVE_E_IO;
}

enum rove_status rv_iov_write(const struct rove_view *view, uint64_t off, int fd, size_t *len_out)
{
    struct iovec iov[IOV_BATCH];
    size_t cnt = IOV_BATCH;
    uint64_t len;
    *len_out = 0;
    enum rove_status status = rove_view_iov(view, off, iov, &cnt, &len);
    if (status)
        return status;
    ssize_t n;
    do
        n = rv_os()->writev(fd, iov, (int) cnt);
    while (n < 0 && errno == EINTR);
    int err = errno;
    rove_view_unpin(view, off, cnt);
    errno = err;
    if (n < 0)
        return rv_iov_why();
    if (n == 0) { // POSIX allows it only for no bytes; a device that does it makes no progress
        errno = EIO;
        return ROVE_E_IO;
    }
    *len_out = (size_t) n;
    return ROVE_OK;
}

enum rove_status rove_view_write_fd(const struct rove_view *view, uint64_t off, int fd,
                                    uint64_t *done_out)
{
    uint64_t at = off;
    enum rove_status status = !view ? ROVE_E_ARG : off <= view->len ? ROVE_OK : ROVE_E_RANGE;
    while (status == ROVE_OK && at < view->len) {
        size_t n;
        status = rv_iov_write(view, at, fd, &n);
        at += n;
    }
    if (done_out)
        *done_out = at - off;
    return status;
}
