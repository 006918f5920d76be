// SPDX-License-Identifier: MIT
// lock.h: a mutex that cannot fail, for slow paths: pools, the registry, opened filters, plugins.
#ifndef RV_LOCK_H
#define RV_LOCK_H

#include <pthread.h>

struct rv_lock {
    pthread_mutex_t mutex;
};

#define RV_LOCK_INIT {PTHREAD_MUTEX_INITIALIZER}

static inline void rv_lock_init(struct rv_lock *lock)
{
    pthread_mutex_init(&lock->mutex, NULL); // cannot fail with default attributes on Linux
}

static inline void rv_lock_fini(struct rv_lock *lock)
{
    pthread_mutex_destroy(&lock->mutex);
}

static inline void rv_lock_enter(struct rv_lock *lock)
{
    pthread_mutex_lock(&lock->mutex);
}

static inline void rv_lock_leave(struct rv_lock *lock)
{
    pthread_mutex_unlock(&lock->mutex);
}

#endif
