// SPDX-License-Identifier: MIT
// faults.c: makes one call of the command fail. Put before the C library by LD_PRELOAD. Compiled with the
// _FILE_OFFSET_BITS of the command, which decides what some calls are called.
//
// ROVE_FAULT=CALL:NTH:ERRNO makes the NTH call (from 1) and all later ones fail with that errno:
//
//     read pread write pwrite lseek fstat fchmod fchown futimens unlink close poll
//     openat fstatat readlinkat fdopendir readdir
//     listxattr getxattr         whichever way a file is named
//     fsetxattr
//     thread                     pthread_create()
//     dup                        fcntl(F_DUPFD_CLOEXEC)
//     fsync-file fsync-folder    told apart by what the descriptor is
//     rename                     whichever way a file is renamed
//     alloc                      NTH is the size, as LEAST-MOST: allocations of such a size fail,
//                                all but the first ROVE_FAULT_SKIP ones; with ROVE_FAULT_ONCE one of them
//
// read counts only what is on ROVE_FAULT_FILE, if that is set. ROVE_FAULT=grow:NTH, shrink:NTH or
// touch:NTH changes that file just before its NTH read, late:NTH when a folder is synced for the NTH time,
// replace:NTH puts FILE.new in its place;
// flip:NTH turns over a bit of what the NTH pread and later ones bring. swap-openat:NTH and
// swap-fstatat:NTH put what lies at ROVE_FAULT_SWAP in the place of that file, just before the NTH such
// call; the file goes to ROVE_FAULT_AWAY, or gets the suffix ".was".
//
// With ROVE_FAULT_ONCE only the NTH call fails. That is the name of a folder, which is made then: who
// tries all NTH is done when it is missing.
#undef _FORTIFY_SOURCE // which gives some calls another name, and would give it to those below
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static struct {
    bool known;
    char call[32];
    unsigned long nth, most;
    int err;
    const char *file, *once;
    unsigned long cnt, skip;
} fault;

static void learn(void)
{
    const char *text = getenv("ROVE_FAULT"), *p = text == NULL ? NULL : strchr(text, ':');
    char *end = NULL;

    fault.known = true;
    fault.file = getenv("ROVE_FAULT_FILE");
    fault.once = getenv("ROVE_FAULT_ONCE");
    fault.skip =
        getenv("ROVE_FAULT_SKIP") != NULL ? strtoul(getenv("ROVE_FAULT_SKIP"), NULL, 10) : 0;
    if (p == NULL || (size_t) (p - text) >= sizeof fault.call)
        return;
    memcpy(fault.call, text, (size_t) (p - text));
    fault.nth = fault.most = strtoul(p + 1, &end, 10);
    if (*end == '-')
        fault.most = strtoul(end + 1, &end, 10);
    fault.err = *end == ':' ? atoi(end + 1) : EIO;
}

static bool is(const char *call)
{
    if (!fault.known)
        learn();
    return strcmp(fault.call, call) == 0;
}

static bool fails(const char *call)
{
    if (!is(call) || ++fault.cnt < fault.nth || (fault.once != NULL && fault.cnt > fault.nth))
        return false;
    if (fault.once != NULL && mkdir(fault.once, 0700) != 0)
        abort();
    errno = fault.err;
    return true;
}

// The real function.
static void *real(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);

    if (found == NULL)
        abort();
    return found;
}

static bool is_fault_file(int fd)
{
    struct stat a, b;

    return fault.file == NULL || (fstat(fd, &a) == 0 && stat(fault.file, &b) == 0 &&
                                  a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

static void change_file(void)
{
    static const struct timespec times[2] = {{1000000000, 0}, {1000000000, 1}};
    struct stat st;

    if (fault.file == NULL || stat(fault.file, &st) != 0)
        return;
    if (is("replace")) {
        char from[4096];
        snprintf(from, sizeof from, "%s.new", fault.file);
        (void) rename(from, fault.file);
    } else if (is("touch"))
        (void) utimensat(AT_FDCWD, fault.file, times, 0);
    else if (truncate(fault.file, is("grow") || is("late") ? st.st_size + 1 : st.st_size / 2) != 0)
        abort();
}

ssize_t read(int fd, void *buf, size_t len)
{
    ssize_t (*call)(int, void *, size_t) = real("read");

    if (is_fault_file(fd)) {
        if (fails("read"))
            return -1;
        if ((is("grow") || is("shrink") || is("touch") || is("replace")) &&
            ++fault.cnt == fault.nth)
            change_file();
    }
    return call(fd, buf, len);
}

static void flip(void *buf, ssize_t len)
{
    if (is("flip") && len > 0 && ++fault.cnt >= fault.nth)
        ((unsigned char *) buf)[len / 2] ^= 1;
}

ssize_t pread(int fd, void *buf, size_t len, off_t off)
{
    ssize_t (*call)(int, void *, size_t, off_t) = real("pread");
    ssize_t n = fails("pread") ? -1 : call(fd, buf, len, off);

    flip(buf, n);
    return n;
}

ssize_t write(int fd, const void *buf, size_t len)
{
    ssize_t (*call)(int, const void *, size_t) = real("write");

    return fd != STDERR_FILENO && fails("write") ? -1 : call(fd, buf, len);
}

ssize_t pwrite(int fd, const void *buf, size_t len, off_t off)
{
    ssize_t (*call)(int, const void *, size_t, off_t) = real("pwrite");

    return fails("pwrite") ? -1 : call(fd, buf, len, off);
}

off_t lseek(int fd, off_t off, int whence)
{
    off_t (*call)(int, off_t, int) = real("lseek");

    return fails("lseek") ? -1 : call(fd, off, whence);
}

int fstat(int fd, struct stat *st)
{
    int (*call)(int, struct stat *) = real("fstat");

    return fails("fstat") ? -1 : call(fd, st);
}

int fchmod(int fd, mode_t mode)
{
    int (*call)(int, mode_t) = real("fchmod");

    return fails("fchmod") ? -1 : call(fd, mode);
}

int fchown(int fd, uid_t uid, gid_t gid)
{
    int (*call)(int, uid_t, gid_t) = real("fchown");

    return fails("fchown") ? -1 : call(fd, uid, gid);
}

int futimens(int fd, const struct timespec times[2])
{
    int (*call)(int, const struct timespec *) = real("futimens");

    return fails("futimens") ? -1 : call(fd, times);
}

int fsync(int fd)
{
    int (*call)(int) = real("fsync");
    struct stat st;
    bool folder = fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);

    if (folder && is("late") && ++fault.cnt == fault.nth)
        change_file();
    return fails(folder ? "fsync-folder" : "fsync-file") ? -1 : call(fd);
}

int unlink(const char *path)
{
    int (*call)(const char *) = real("unlink");

    return fails("unlink") ? -1 : call(path);
}

int close(int fd)
{
    int (*call)(int) = real("close");
    int flags = fcntl(fd, F_GETFL);
    bool writes = flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
    int rc = call(fd); // it is closed whatever is told

    return writes && fails("close") ? -1 : rc;
}

int rename(const char *from, const char *to)
{
    int (*call)(const char *, const char *) = real("rename");

    return fails("rename") ? -1 : call(from, to);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    int (*call)(int, const char *, int, const char *, unsigned) = real("renameat2");

    return fails("rename") ? -1 : call(from_dir, from, to_dir, to, flags);
}

int poll(struct pollfd *fds, nfds_t cnt, int timeout)
{
    int (*call)(struct pollfd *, unsigned long, int) = real("poll");

    return fails("poll") ? -1 : call(fds, cnt, timeout);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *arg)
{
    int (*call)(pthread_t *, const pthread_attr_t *, void *(*) (void *), void *) = real("pthread_create");

    return fails("thread") ? fault.err : call(thread, attr, run, arg);
}

// folders ----------------------------------------------------------------------------------------

static void swap_before(const char *call)
{
    const char *away = getenv("ROVE_FAULT_AWAY");
    char was[4096];

    if (!fails(call))
        return;
    snprintf(was, sizeof was, "%s.was", fault.file);
    if (rename(fault.file, away != NULL ? away : was) != 0 ||
        rename(getenv("ROVE_FAULT_SWAP"), fault.file) != 0)
        abort();
}

int openat(int dir, const char *name, int flags, ...)
{
    int (*call)(int, const char *, int, ...) = real("openat");
    va_list args;
    mode_t mode = 0;

    va_start(args, flags);
    if ((flags & O_CREAT) != 0)
        mode = va_arg(args, mode_t);
    va_end(args);
    swap_before("swap-openat");
    return fails("openat") ? -1 : call(dir, name, flags, mode);
}

// What a command that was built with _FORTIFY_SOURCE calls instead of openat(), where the flags are no constant.
int __openat_2(int dir, const char *name, int flags);
int __openat_2(int dir, const char *name, int flags)
{
    return openat(dir, name, flags);
}

int __openat64_2(int dir, const char *name, int flags);
int __openat64_2(int dir, const char *name, int flags)
{
    return openat(dir, name, flags);
}

int fstatat(int dir, const char *name, struct stat *st, int flags)
{
    int (*call)(int, const char *, struct stat *, int) = real("fstatat");

    swap_before("swap-fstatat");
    return fails("fstatat") ? -1 : call(dir, name, st, flags);
}

ssize_t readlinkat(int dir, const char *name, char *buf, size_t len)
{
    ssize_t (*call)(int, const char *, char *, size_t) = real("readlinkat");

    return fails("readlinkat") ? -1 : call(dir, name, buf, len);
}

ssize_t flistxattr(int fd, char *list, size_t len)
{
    ssize_t (*call)(int, char *, size_t) = real("flistxattr");

    return fails("listxattr") ? -1 : call(fd, list, len);
}

ssize_t llistxattr(const char *path, char *list, size_t len)
{
    ssize_t (*call)(const char *, char *, size_t) = real("llistxattr");

    return fails("listxattr") ? -1 : call(path, list, len);
}

ssize_t fgetxattr(int fd, const char *name, void *value, size_t len)
{
    ssize_t (*call)(int, const char *, void *, size_t) = real("fgetxattr");

    return fails("getxattr") ? -1 : call(fd, name, value, len);
}

int fsetxattr(int fd, const char *name, const void *value, size_t len, int flags)
{
    int (*call)(int, const char *, const void *, size_t, int) = real("fsetxattr");

    return fails("fsetxattr") ? -1 : call(fd, name, value, len, flags);
}

ssize_t getxattr(const char *path, const char *name, void *value, size_t len)
{
    ssize_t (*call)(const char *, const char *, void *, size_t) = real("getxattr");

    return fails("getxattr") ? -1 : call(path, name, value, len);
}

ssize_t lgetxattr(const char *path, const char *name, void *value, size_t len)
{
    ssize_t (*call)(const char *, const char *, void *, size_t) = real("lgetxattr");

    return fails("getxattr") ? -1 : call(path, name, value, len);
}

DIR *fdopendir(int fd)
{
    DIR *(*call)(int) = real("fdopendir");

    return fails("fdopendir") ? NULL : call(fd);
}

struct dirent *readdir(DIR *dir)
{
    struct dirent *(*call)(DIR *) = real("readdir");

    return fails("readdir") ? NULL : call(dir);
}

int fcntl(int fd, int cmd, ...)
{
    int (*call)(int, int, ...) = real("fcntl");
    va_list args;
    void *arg;

    va_start(args, cmd);
    arg = va_arg(args, void *); // the ABIs of Linux pass an int in the same place
    va_end(args);
    return cmd == F_DUPFD_CLOEXEC && fails("dup") ? -1 : call(fd, cmd, arg);
}

// memory -----------------------------------------------------------------------------------------

static bool refuses(size_t len)
{
    if (!is("alloc") || len < fault.nth || len > fault.most || fault.cnt++ < fault.skip)
        return false;
    if (fault.once != NULL && fault.cnt > fault.skip + 1)
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t len)
{
    static void *(*call)(size_t);

    if (call == NULL)
        call = real("malloc");
    return refuses(len) ? NULL : call(len);
}

void *calloc(size_t cnt, size_t len)
{
    static void *(*call)(size_t, size_t);

    if (call == NULL)
        call = real("calloc");
    return refuses(cnt * len) ? NULL : call(cnt, len);
}

void *realloc(void *ptr, size_t len)
{
    static void *(*call)(void *, size_t);

    if (call == NULL)
        call = real("realloc");
    return refuses(len) ? NULL : call(ptr, len);
}

// What the library takes memory by, beside malloc().
void *mallocx(size_t len, int flags)
{
    static void *(*call)(size_t, int);

    if (call == NULL)
        call = real("mallocx");
    return refuses(len) ? NULL : call(len, flags);
}

int posix_memalign(void **ptr, size_t align, size_t len)
{
    static int (*call)(void **, size_t, size_t);

    if (call == NULL)
        call = real("posix_memalign");
    return refuses(len) ? ENOMEM : call(ptr, align, len);
}

char *strdup(const char *text)
{
    size_t len = strlen(text) + 1;
    char *copy = malloc(len);

    return copy == NULL ? NULL : memcpy(copy, text, len);
}

char *strndup(const char *text, size_t most)
{
    size_t len = strnlen(text, most);
    char *copy = malloc(len + 1);

    if (copy == NULL)
        return NULL;
    memcpy(copy, text, len);
    copy[len] = 0;
    return copy;
}
