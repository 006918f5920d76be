// SPDX-License-Identifier: MIT
// guard.c: an object of ours is used by one thread at a time, also while the interpreter's lock is let go.
#include "kit.h"

#include <time.h>

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
    return 0;
}

void rp_guard_give(struct rp_guard *guard)
{
    guard->holder = 0;
}

// The holder needs the interpreter's lock to finish, so it is let go; what is waited for is a copy of some megabytes.
void rp_guard_wait(const struct rp_guard *guard)
{
    while (guard->holder) {
        Py_BEGIN_ALLOW_THREADS
        nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
        Py_END_ALLOW_THREADS
    }
}
