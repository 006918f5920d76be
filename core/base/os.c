// SPDX-License-Identifier: MIT
// os.c: the real operating system behind os.h.
#include "base/os.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static int real_open(const char *path, int flags, mode_t mode)
{
    return open(path, flags, mode);
}

static int real_flags(int fd)
{
    return fcntl(fd, F_GETFL);
}

static int real_unread(int fd, int *len_out)
{
    return ioctl(fd, FIONREAD, len_out);
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

static int real_thread_name(const char *name)
{
#if defined(__linux__)
    return pthread_setname_np(pthread_self(), name);
#else
    (void) name;
    return 0;
#endif
}

static int real_affinity(size_t len, cpu_set_t *set)
{
    return sched_getaffinity(0, len, set);
}

static const char *real_getenv(const char *name)
{
    return secure_getenv(name);
}

// Whether the file that is mapped there is the program: the kernel tells where the program's headers are.
static bool is_program(const void *base)
{
    const ElfW(Ehdr) *head = base;
    return (uintptr_t) base + head->e_phoff == getauxval(AT_PHDR);
}

// A trap: of the program itself dladdr() tells the name that it was called by, which anybody can choose.
static int real_own_path(char *buf, size_t cap)
{
    Dl_info info;
    if (getauxval(AT_SECURE))
        return -1;
    if (!dladdr(&rv_os_real, &info) || is_program(info.dli_fbase)) { // a static program knows no names at all
        ssize_t len = readlink("/proc/self/exe", buf, cap);
        if (len < 0 || (size_t) len >= cap)
            return -1;
        buf[len] = 0;
        return 0;
    }
    size_t len = strlen(info.dli_fname);
    if (len >= cap)
        return -1;
    memcpy(buf, info.dli_fname, len + 1);
    return 0;
}

const struct rv_os rv_os_real = {
    .open = real_open,
    .close = close,
    .fstat = real_fstat,
    .read = read,
    .write = write,
    .readv = readv,
    .writev = writev,
    .pread = pread,
    .pwrite = pwrite,
    .lseek = lseek,
    .flags = real_flags,
    .unread = real_unread,
    .poll = poll,
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
    .thread_name = real_thread_name,
    .thread_signals = pthread_sigmask,
    .atfork = pthread_atfork,
    .mutex_lock = pthread_mutex_lock,
    .mutex_unlock = pthread_mutex_unlock,
    .cond_wait = pthread_cond_wait,
    .cond_signal = pthread_cond_signal,
    .cond_broadcast = pthread_cond_broadcast,
    .affinity = real_affinity,
    .dlopen = dlopen,
    .dlsym = dlsym,
    .dlclose = dlclose,
    .dlerror = dlerror,
    .getenv = real_getenv,
    .own_path = real_own_path,
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

const char *rv_os_error_text(int err)
{
#if defined(RV_HAVE_STRERRORDESC_NP)
    const char *text = strerrordesc_np(err); // never in the reader's language, and safe among threads
#else
    const char *text = strerror(err);
#endif
    return text ? text : "an error without a name";
}
