// SPDX-License-Identifier: MIT
// stops.c: sends a command a signal at one of the moments at which it has just changed something on disk. Put before the C
// library by LD_PRELOAD. Compiled without _FILE_OFFSET_BITS: the calls are those of libarchive, and of the command.
//
// ROVE_STOP=SIGNAL:NTH sends it behind the NTH (from 1) of these calls, by whatever library:
//
//     open (of what it makes) write ftruncate close
//     fchmod chmod fchown lchown futimens utimensat
//     rename renameat2 unlink rmdir mkdir symlink link linkat
//
// With ROVE_NO_RANDOM the system has no random bytes to give.
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static void *real(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);

    if (found == NULL)
        abort();
    return found;
}

// The command's own thread makes all of these calls.
static void stop(void)
{
    static long nth, cnt;
    static int sig = -1;
    int err = errno;

    if (sig < 0) {
        const char *text = getenv("ROVE_STOP");
        char *end = NULL;
        sig = text != NULL ? (int) strtol(text, &end, 10) : 0;
        nth = end != NULL && *end == ':' ? strtol(end + 1, NULL, 10) : 0;
    }
    if (sig > 0 && ++cnt == nth)
        raise(sig);
    errno = err;
}

#define STOPS(name, types, values)      \
    int name types                      \
    {                                   \
        int (*call) types = real(#name); \
        int rc = call values;           \
        stop();                         \
        return rc;                      \
    }

STOPS(ftruncate, (int fd, off_t len), (fd, len))
STOPS(close, (int fd), (fd))
STOPS(fchmod, (int fd, mode_t mode), (fd, mode))
STOPS(chmod, (const char *path, mode_t mode), (path, mode))
STOPS(fchown, (int fd, uid_t uid, gid_t gid), (fd, uid, gid))
STOPS(lchown, (const char *path, uid_t uid, gid_t gid), (path, uid, gid))
STOPS(futimens, (int fd, const struct timespec times[2]), (fd, times))
STOPS(utimensat, (int dir, const char *path, const struct timespec times[2], int flags), (dir, path, times, flags))
STOPS(rename, (const char *from, const char *to), (from, to))
STOPS(renameat2, (int from_dir, const char *from, int to_dir, const char *to, unsigned flags),
      (from_dir, from, to_dir, to, flags))
STOPS(unlink, (const char *path), (path))
STOPS(rmdir, (const char *path), (path))
STOPS(mkdir, (const char *path, mode_t mode), (path, mode))
STOPS(symlink, (const char *target, const char *path), (target, path))
STOPS(link, (const char *from, const char *to), (from, to))
STOPS(linkat, (int from_dir, const char *from, int to_dir, const char *to, int flags), (from_dir, from, to_dir, to, flags))

ssize_t getrandom(void *buf, size_t len, unsigned flags)
{
    ssize_t (*call)(void *, size_t, unsigned) = real("getrandom");

    if (getenv("ROVE_NO_RANDOM") == NULL)
        return call(buf, len, flags);
    errno = ENOSYS;
    return -1;
}

ssize_t write(int fd, const void *buf, size_t len)
{
    ssize_t (*call)(int, const void *, size_t) = real("write");
    ssize_t n = call(fd, buf, len);

    stop();
    return n;
}

int open(const char *path, int flags, ...)
{
    int (*call)(const char *, int, ...) = real("open");
    va_list args;
    mode_t mode = 0;

    va_start(args, flags);
    if ((flags & O_CREAT) != 0)
        mode = va_arg(args, mode_t);
    va_end(args);
    int fd = call(path, flags, mode);
    if ((flags & O_CREAT) != 0)
        stop();
    return fd;
}
