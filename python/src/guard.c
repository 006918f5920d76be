// SPDX-License-Identifier: MIT
// guard.c: an object of ours is used by one thread at a time, also while the interpreter's lock is let go.
#include "kit.h"

#include <pthread.h>
#include <time.h>

// The system may give the name of a thread that ended, or was left behind by a fork, to the next one.
static unsigned long numbers; // given to threads so far
static _Thread_local unsigned long number;

static unsigned forks;
static unsigned long forker; // the thread that forked last, which alone is in the child

static unsigned long own_number(void)
{
    if (!number)
        number = ++numbers;
    return number;
}

static void count_fork(void)
{
    forks++;
    forker = own_number();
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
    return guard->holder && guard->forks != forks && guard->holder != forker;
}

int rp_guard_take(struct rp_guard *guard)
{
    if (guard->holder) {
        PyErr_SetString(PyExc_RuntimeError,
                        guard->holder == own_number()
                            ? "the object is used from inside of a call of its own"
                            : "another thread is inside of a call of this object");
        return -1;
    }
    guard->holder = own_number();
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
