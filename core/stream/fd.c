// SPDX-License-Identifier: MIT
// fd.c: file descriptors as a device.
#include <rove/device.h>

#include "base/os.h"
#include "chunk/pool.h"
#include "rope/iov.h"
#include "stream/io_device.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

struct fd {
    int fd;
    unsigned flags;
    struct rove_pool *pool;
};

static enum rove_status fd_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    const struct fd *f = ctx;
    ssize_t n;
    do
        n = rv_os()->read(f->fd, buf, len);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return rv_iov_why();
    *len_out = (size_t) n;
    return n ? ROVE_OK : ROVE_END;
}

static enum rove_status fd_write(void *ctx, const void *src, size_t len, size_t *len_out)
{
    const struct fd *f = ctx;
    ssize_t n;
    do
        n = rv_os()->write(f->fd, src, len);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return rv_iov_why();
    *len_out = (size_t) n;
    return ROVE_OK;
}

static enum rove_status fd_ready(void *ctx)
{
    const struct fd *f = ctx;
    struct pollfd ask = {.fd = f->fd, .events = POLLIN};
    return rv_os()->poll(&ask, 1, 0) > 0 ? ROVE_OK : ROVE_E_AGAIN;
}

static enum rove_status fd_seek(void *ctx, uint64_t pos)
{
    const struct fd *f = ctx;
    if (rv_os()->lseek(f->fd, (off_t) pos, SEEK_SET) >= 0)
        return ROVE_OK;
    return errno == EINVAL ? ROVE_E_RANGE : ROVE_E_IO; // farther than this file system's files go
}

static enum rove_status fd_tell(void *ctx, uint64_t *pos_out)
{
    const struct fd *f = ctx;
    off_t pos = rv_os()->lseek(f->fd, 0, SEEK_CUR);
    if (pos < 0)
        return ROVE_E_IO;
    *pos_out = (uint64_t) pos;
    return ROVE_OK;
}

static enum rove_status fd_length(void *ctx, uint64_t *len_out)
{
    const struct fd *f = ctx;
    struct stat st;
    if (rv_os()->fstat(f->fd, &st) != 0)
        return ROVE_E_IO;
    if (!S_ISREG(st.st_mode))
        return ROVE_E_UNSUPPORTED;
    *len_out = (uint64_t) st.st_size;
    return ROVE_OK;
}

static enum rove_status fd_resize(void *ctx, uint64_t len)
{
    const struct fd *f = ctx;
    struct stat st;
    int failed;
    do
        failed = rv_os()->ftruncate(f->fd, (off_t) len);
    while (failed && errno == EINTR);
    int err = errno;
    if (failed && err == EINVAL && rv_os()->fstat(f->fd, &st) == 0 && !S_ISREG(st.st_mode))
        return ROVE_E_UNSUPPORTED; // a pipe, or another that has no length
    errno = err;
    return failed ? ROVE_E_IO : ROVE_OK;
}

static enum rove_status fd_close(void *ctx)
{
    struct fd *f = ctx;
    enum rove_status status = ROVE_OK;
    // On Linux the descriptor is gone after EINTR as well; closing again could hit another's.
    if (f->flags & ROVE_FD_CLOSE && rv_os()->close(f->fd) != 0 && errno != EINTR)
        status = ROVE_E_IO;
    int err = errno;
    rv_pool_free(f->pool, f, sizeof *f);
    errno = err;
    return status;
}

// Leaves out what the descriptor was not opened for. Of one that is not open nothing is known: its first use says so.
static void keep_to(struct rove_io *io, int flags)
{
    int way = flags & O_ACCMODE;
    if (flags < 0)
        return;
    if (way == O_WRONLY)
        io->read = NULL;
    if (way != O_RDONLY)
        return;
    io->write = NULL;
    io->resize = NULL;
}

enum rove_status rove_stream_from_fd(int fd, unsigned flags, struct rove_pool *pool,
                                     struct rove_stream **stream_out)
{
    struct rove_io io = {.size = sizeof io,
                         .read = fd_read,
                         .write = fd_write,
                         .length = fd_length,
                         .resize = fd_resize,
                         .close = fd_close,
                         .ready = fd_ready};
    enum rove_status status = flags & ~ROVE_FD_CLOSE || !stream_out ? ROVE_E_ARG : ROVE_OK;
    if (stream_out)
        *stream_out = NULL;
    pool = rv_pool_or_default(pool);
    struct fd *f = status ? NULL : rv_pool_alloc(pool, sizeof *f, &status);
    if (!f) {
        if (flags & ROVE_FD_CLOSE)
            rv_os()->close(fd);
        return status;
    }
    *f = (struct fd){fd, flags, pool};
    if (rv_os()->lseek(fd, 0, SEEK_CUR) >= 0) {
        io.seek = fd_seek;
        io.tell = fd_tell;
    }
    int open_for = rv_os()->flags(fd);
    keep_to(&io, open_for);
    status = rv_io_stream(&io, f, pool, stream_out);
    if (status == ROVE_OK && open_for >= 0 && open_for & O_APPEND)
        rv_io_stream_appends(*stream_out);
    return status;
}
