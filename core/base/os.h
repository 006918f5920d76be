// SPDX-License-Identifier: MIT
// os.h: the one table through which the library calls the operating system.
//
// A test replaces it with rv_os_set() to make any call fail, be short or be interrupted. Every
// entry has the meaning of the call it is named after, errno included.
#ifndef RV_OS_H
#define RV_OS_H

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

struct rv_os {
    int (*open)(const char *path, int flags, mode_t mode);
    int (*close)(int fd);
    int (*fstat)(int fd, struct stat *st);
    ssize_t (*read)(int fd, void *buf, size_t len);
    ssize_t (*write)(int fd, const void *buf, size_t len);
    ssize_t (*readv)(int fd, const struct iovec *iov, int cnt);
    ssize_t (*writev)(int fd, const struct iovec *iov, int cnt);
    ssize_t (*pread)(int fd, void *buf, size_t len, off_t off);
    ssize_t (*pwrite)(int fd, const void *buf, size_t len, off_t off);
    off_t (*lseek)(int fd, off_t off, int whence);
    int (*flags)(int fd);                // fcntl(fd, F_GETFL)
    int (*unread)(int fd, int *len_out); // ioctl(fd, FIONREAD, len_out)
    int (*poll)(struct pollfd *fds, nfds_t cnt, int timeout);
    int (*ftruncate)(int fd, off_t len);
    int (*fsync)(int fd);
    int (*unlink)(const char *path);
    int (*mkstemp)(char *path);
    void *(*mmap)(void *addr, size_t len, int prot, int flags, int fd, off_t off);
    int (*munmap)(void *addr, size_t len);
    int (*madvise)(void *addr, size_t len, int advice);
    int (*fadvise)(int fd, off_t off, off_t len, int advice); // returns the errno
    int (*clock_gettime)(clockid_t clock, struct timespec *time);
    int (*thread_create)(pthread_t *thread, void *(*run)(void *), void *arg);
    int (*thread_join)(pthread_t thread);
    int (*thread_name)(const char *name); // of the calling thread, at most 15 bytes; for those who look from outside
    int (*thread_signals)(int how, const sigset_t *set, sigset_t *old_out);
    int (*atfork)(void (*before)(void), void (*parent)(void), void (*child)(void));
    int (*mutex_lock)(pthread_mutex_t *mutex); // those that lock.h takes are not asked for here
    int (*mutex_unlock)(pthread_mutex_t *mutex);
    int (*cond_wait)(pthread_cond_t *cond, pthread_mutex_t *mutex);
    int (*cond_signal)(pthread_cond_t *cond);
    int (*cond_broadcast)(pthread_cond_t *cond);
    int (*affinity)(size_t len, cpu_set_t *set); // the CPUs that the calling thread may run on
    void *(*dlopen)(const char *path, int flags);
    void *(*dlsym)(void *handle, const char *name);
    int (*dlclose)(void *handle);
    char *(*dlerror)(void);
    const char *(*getenv)(const char *name); // ignores the environment when privileged

    // Writes the path of the file that this code was loaded from: librove.so, or the program that it is linked into.
    // Returns 0, or -1 when it is not known, longer than cap - 1 bytes, or the process is privileged.
    int (*own_path)(char *buf, size_t cap);
};

// The error's text, static; never NULL.
const char *rv_os_error_text(int err);

// The table in use; never NULL.
const struct rv_os *rv_os(void);

// Uses another table from now on; NULL goes back to the real one. For tests, before any thread.
void rv_os_set(const struct rv_os *os);

// The real calls, for tables that replace only some.
extern const struct rv_os rv_os_real;

#endif
