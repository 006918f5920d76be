// SPDX-License-Identifier: MIT
// source.c: a file, or standard input, that is read.
#include "source.h"

#include "report.h"

#include <rove/device.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool open_fd(struct source *src, const char *path)
{
    int flags;

    if (strcmp(path, "-") != 0) {
        src->name = src->path = path;
        src->fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
        return src->fd >= 0;
    }
    src->name = "standard input";
    src->fd = STDIN_FILENO;
    flags = fcntl(src->fd, F_GETFL);
    if (flags >= 0 && (flags & O_NONBLOCK) != 0)
        fcntl(src->fd, F_SETFL, flags & ~O_NONBLOCK);
    return flags >= 0;
}

bool source_open(struct source *src, const char *path)
{
    enum rove_status status;

    *src = (struct source){.fd = -1};
    if (!open_fd(src, path) || fstat(src->fd, &src->st) != 0) {
        report_error(src->name, "cannot be read: %s", strerror(errno));
        source_close(src);
        return false;
    }
    if (S_ISDIR(src->st.st_mode)) {
        report_error(src->name, "is a folder, not a file; `rove pack` takes folders");
        source_close(src);
        return false;
    }
    status = rove_stream_from_fd(src->fd, 0, NULL, &src->stream);
    if (status != ROVE_OK) {
        report_error(src->name, "cannot be read: %s", rove_status_text(status));
        source_close(src);
        return false;
    }
    (void) posix_fadvise(src->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return true;
}

uint64_t source_size(const struct source *src)
{
    off_t at;

    if (!S_ISREG(src->st.st_mode))
        return 0;
    at = src->path == NULL ? lseek(src->fd, 0, SEEK_CUR) : 0;
    return at < 0 || at > src->st.st_size ? 0 : (uint64_t) (src->st.st_size - at);
}

void source_close(struct source *src)
{
    rove_stream_free(src->stream);
    src->stream = NULL;
    if (src->fd >= 0 && src->fd != STDIN_FILENO)
        close(src->fd);
    src->fd = -1;
}
