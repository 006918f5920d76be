// SPDX-License-Identifier: MIT
// device.c: descriptors that wait, or never do, and files with holes.
//
// O_NONBLOCK belongs to the open file, which other processes see through descriptors of their own: a
// shell's terminal, say. It is not changed; where a call would block, poll() waits.
//
// A sparse file is written by blocks of the file: those of zeros are passed over. When the last one
// was, the file gets its length from one zero byte; cutting it to length could take away what another
// process has added.
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_LEN ((size_t) 4096)
#define NO_POS UINT64_MAX

struct device {
    int fd;
    bool sparse, hole; // hole: it ends with one that has no byte behind it
    uint64_t pos;      // where the descriptor stands, if sparse; of what is followed NO_POS: it is no file
};

// Whether the last call has to be made again, now that it can move something.
static bool again(int fd, short events)
{
    struct pollfd waiting = {fd, events, 0};

    if (errno == EINTR)
        return true;
    if (errno != EAGAIN && errno != EWOULDBLOCK)
        return false;
    while (poll(&waiting, 1, -1) < 0)
        if (errno != EINTR)
            return false;
    return true;
}

static int heeded = -1;

void device_heed(int fd)
{
    heeded = fd;
}

// Waits until there is something to read, or it need not be waited for any more: false.
static bool may_read(int fd)
{
    struct pollfd waiting[] = {{fd, POLLIN, 0}, {heeded, POLLIN, 0}};

    while (poll(waiting, 2, -1) < 0)
        if (errno != EINTR)
            return true;
    return waiting[1].revents == 0;
}

static enum rove_status device_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    const struct device *d = ctx;
    ssize_t n;

    do {
        if (heeded >= 0 && !may_read(d->fd))
            return ROVE_E_AGAIN;
        n = read(d->fd, buf, len);
    } while (n < 0 && again(d->fd, POLLIN));
    if (n < 0)
        return ROVE_E_IO;
    *len_out = (size_t) n;
    return n > 0 ? ROVE_OK : ROVE_END;
}

static enum rove_status write_some(struct device *d, const void *src, size_t len, size_t *len_out)
{
    ssize_t n;

    do
        n = write(d->fd, src, len);
    while (n < 0 && again(d->fd, POLLOUT));
    if (n < 0)
        return ROVE_E_IO;
    *len_out = (size_t) n;
    d->pos += (uint64_t) n;
    d->hole = false;
    return ROVE_OK;
}

static enum rove_status pass_over(struct device *d, size_t len, size_t *len_out)
{
    if (lseek(d->fd, (off_t) len, SEEK_CUR) < 0)
        return ROVE_E_IO;
    *len_out = len;
    d->pos += len;
    d->hole = true;
    return ROVE_OK;
}

static bool is_zero(const uint8_t *ptr, size_t len)
{
    return ptr[0] == 0 && memcmp(ptr, ptr + 1, len - 1) == 0;
}

// Returns how many of the bytes lie in blocks that are all alike, zeros or not.
static size_t run_len(const struct device *d, const uint8_t *src, size_t len, bool *zeros_out)
{
    size_t block = BLOCK_LEN - (size_t) (d->pos % BLOCK_LEN), run = 0;

    while (run < len) {
        bool zeros;
        if (block > len - run)
            block = len - run;
        zeros = is_zero(src + run, block);
        if (run > 0 && zeros != *zeros_out)
            break;
        *zeros_out = zeros;
        run += block;
        block = BLOCK_LEN;
    }
    return run;
}

static enum rove_status device_write(void *ctx, const void *src, size_t len, size_t *len_out)
{
    struct device *d = ctx;
    bool zeros = false;

    if (d->sparse)
        len = run_len(d, src, len, &zeros);
    return zeros ? pass_over(d, len, len_out) : write_some(d, src, len, len_out);
}

static enum rove_status device_seek(void *ctx, uint64_t pos)
{
    struct device *d = ctx;

    if (lseek(d->fd, (off_t) pos, SEEK_SET) < 0)
        return ROVE_E_IO;
    d->pos = pos;
    return ROVE_OK;
}

static enum rove_status device_tell(void *ctx, uint64_t *pos_out)
{
    const struct device *d = ctx;
    off_t pos = lseek(d->fd, 0, SEEK_CUR);

    if (pos < 0)
        return ROVE_E_IO;
    *pos_out = (uint64_t) pos;
    return ROVE_OK;
}

static enum rove_status device_length(void *ctx, uint64_t *len_out)
{
    const struct device *d = ctx;
    struct stat st;

    if (fstat(d->fd, &st) != 0)
        return ROVE_E_IO;
    *len_out = (uint64_t) st.st_size;
    return S_ISREG(st.st_mode) ? ROVE_OK : ROVE_E_UNSUPPORTED;
}

static enum rove_status device_flush(void *ctx)
{
    struct device *d = ctx;

    if (!d->hole)
        return ROVE_OK;
    while (pwrite(d->fd, "", 1, (off_t) d->pos - 1) != 1)
        if (errno != EINTR)
            return ROVE_E_IO;
    d->hole = false;
    return ROVE_OK;
}

static enum rove_status device_close(void *ctx)
{
    free(ctx);
    return ROVE_OK;
}

enum rove_status device_stream(int fd, bool sparse, struct rove_pool *pool,
                               struct rove_stream **stream_out)
{
    struct rove_io io = {.size = sizeof io,
                         .read = device_read,
                         .write = device_write,
                         .flush = device_flush,
                         .close = device_close};
    struct device *d = calloc(1, sizeof *d);
    off_t pos = lseek(fd, 0, SEEK_CUR);

    *stream_out = NULL;
    if (d == NULL)
        return ROVE_E_NOMEM;
    *d = (struct device){.fd = fd, .sparse = sparse && pos >= 0, .pos = (uint64_t) pos};
    if (pos >= 0) {
        io.seek = device_seek;
        io.tell = device_tell;
        io.length = device_length;
    }
    return rove_stream_from_io(&io, d, pool, stream_out);
}

// Takes what is there. What else would wait is asked before it is read.
static enum rove_status follow_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    const struct device *d = ctx;
    struct pollfd now = {d->fd, POLLIN, 0};
    ssize_t n;

    if (d->pos == NO_POS && poll(&now, 1, 0) == 0)
        return ROVE_E_AGAIN;
    do
        n = read(d->fd, buf, len);
    while (n < 0 && errno == EINTR);
    if (n > 0) {
        *len_out = (size_t) n;
        return ROVE_OK;
    }
    if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
        return ROVE_E_IO;
    return n == 0 && d->pos == NO_POS ? ROVE_END : ROVE_E_AGAIN;
}

enum rove_status device_follow(int fd, struct rove_stream **stream_out)
{
    static const struct rove_io io = {.size = sizeof io, .read = follow_read, .close = device_close};
    struct device *d = calloc(1, sizeof *d);
    struct stat st;

    *stream_out = NULL;
    if (d == NULL)
        return ROVE_E_NOMEM;
    *d = (struct device){.fd = fd, .pos = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? 0 : NO_POS};
    return rove_stream_from_io(&io, d, NULL, stream_out);
}

void device_abandon(struct rove_stream *sink)
{
    (void) !rove_stream_close(sink);
}

static enum rove_status swallow(void *ctx, const void *src, size_t len, size_t *len_out)
{
    (void) ctx;
    (void) src;
    *len_out = len;
    return ROVE_OK;
}

enum rove_status device_nowhere(struct rove_stream **stream_out)
{
    static const struct rove_io nowhere = {.size = sizeof nowhere, .write = swallow};

    return rove_stream_from_io(&nowhere, NULL, NULL, stream_out);
}
