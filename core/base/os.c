// SPDX-License-Identifier: MIT
// os.c: the real operating system behind os.h.
#include "base/os.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static int real_open(const char *path, int flags, mode_t mode)
{
    return open(path, flags, mode);
}

static int real_fstat(int fd, struct stat *st)
{
    return fstat(fd, st);
}

static int real_mkstemp(char *path)
{
    return mkostemp(path, O_CLOEXEC);
}

static int real_thread_create(pthread_t *thread, void *(*run)(void *), void *arg)
{
    return pthread_create(thread, NULL, run, arg);
}

static int real_thread_join(pthread_t thread)
{
    return pthread_join(thread, NULL);
}

static const char *real_getenv(const char *name)
{
    return secure_getenv(name);
}

const struct rv_os rv_os_real = {
    .open = real_open,
    .close = close,
    .fstat = real_fstat,
    .read = read,
    .write = write,
    .writev = writev,
    .pread = pread,
    .pwrite = pwrite,
    .lseek = lseek,
    .ftruncate = ftruncate,
    .fsync = fsync,
    .unlink = unlink,
    .mkstemp = real_mkstemp,
    .mmap = mmap,
    .munmap = munmap,
    .madvise = madvise,
    .fadvise = posix_fadvise,
    .clock_gettime = clock_gettime,
    .thread_create = real_thread_create,
    .thread_join = real_thread_join,
    .dlopen = dlopen,
    .dlsym = dlsym,
    .dlclose = dlclose,
    .dlerror = dlerror,
    .getenv = real_getenv,
};

static const struct rv_os *table = &rv_os_real;

const struct rv_os *rv_os(void)
{
    return table;
}

void rv_os_set(const struct rv_os *os)
{
    table = os ? os : &rv_os_real;
}
