// SPDX-License-Identifier: MIT
// guard.c: an object of ours is used by one thread at a time, also while the interpreter's lock is let go.
#include "kit.h"

#include <pthread.h>
#include <time.h>

static unsigned forks;

static void count_fork(void)
{
    forks++;
}

int rp_guard_init(void)
{
    if (pthread_atfork(NULL, NULL, count_fork) == 0)
        return 0;
    (void) PyErr_NoMemory();
    return -1;
}

bool rp_guard_is_lost(const struct rp_guard *guard)
{
    return guard->holder && guard->forks != forks && guard->holder != PyThread_get_thread_ident();
}

int rp_guard_take(struct rp_guard *guard)
{
    if (guard->holder) {
        PyErr_SetString(PyExc_RuntimeError,
                        guard->holder == PyThread_get_thread_ident()
                            ? "the object is used from inside of a call of its own"
                            : "another thread is inside of a call of this object");
        return -1;
    }
    guard->holder = PyThread_get_thread_ident();
    guard->forks = forks;
    return 0;
}

void rp_guard_give(struct rp_guard *guard)
{
    guard->holder = 0;
}

// The holder needs the interpreter's lock to finish, so it is let go; what is waited for is a copy of some megabytes.
int rp_guard_wait(const struct rp_guard *guard)
{
    while (guard->holder) {
        if (rp_guard_is_lost(guard)) {
            PyErr_SetString(PyExc_RuntimeError, "another thread was inside of a call of this object when the process forked");
            return -1;
        }
        Py_BEGIN_ALLOW_THREADS
        nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
        Py_END_ALLOW_THREADS
    }
    return 0;
}
