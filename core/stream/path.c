// SPDX-License-Identifier: MIT
// path.c: files by name.
#include "stream/path.h"

#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

bool rv_mode_flags(const char *mode, int *flags_out)
{
    const char *rest = mode + 1;
    if (!*mode || !strchr("rwa", *mode) || strspn(rest, "b+ecxmt") != strlen(rest))
        return false;
    int flags = *mode == 'r' ? O_RDONLY : O_WRONLY | O_CREAT | (*mode == 'w' ? O_TRUNC : O_APPEND);
    if (strchr(rest, '+'))
        flags = (flags & ~O_ACCMODE) | O_RDWR;
    if (strchr(rest, 'x'))
        flags |= O_EXCL;
    *flags_out = flags | O_CLOEXEC;
    return true;
}

enum rove_status rv_path_open(const char *path, int flags, struct rove_stream **stream_out)
{
    int fd;
    do
        fd = rv_os()->open(path, flags, 0666);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return ROVE_E_IO;
    if (flags & O_APPEND)
        (void) rv_os()->lseek(fd, 0, SEEK_END); // a pipe has no end, and a file begins there at the first write
    return rove_stream_from_fd(fd, ROVE_FD_CLOSE, NULL, stream_out);
}
