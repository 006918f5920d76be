// SPDX-License-Identifier: MIT
// asking.h: which thread asks which plugin for its table. That is the plugin's code, which may load others, and is not written
// for several threads at once. So one asks, and others wait for that.
//
// 1. Nobody waits for who waits for him, be it by way of others, or for himself: a plugin that loads itself, or two that load
//    each other, in one thread or in two.
// 2. Nobody waits from within the loader, where a constructor of a plugin's runs under the loader's lock, without which the
//    others may never come to an end: dlopen(), dlsym() and, in some C libraries, the first use of thread-local storage want it.
//    (Whether a library that somebody else loads is in its constructor cannot be seen from here.)
#ifndef RV_ASKING_H
#define RV_ASKING_H

#include <pthread.h>
#include <stdbool.h>

// In the caller's storage, from begin to end.
struct rv_asking {
    struct rv_asking *next;
    const void *handle; // of the file
    pthread_t thread;
    bool waits; // for its turn
};

// Waits until it is this thread's turn to ask the file. False: that would be for ever, and it has not begun.
bool rv_asking_begin(struct rv_asking *mine, const void *handle);
void rv_asking_end(struct rv_asking *mine);

// Around each call of the loader that runs a plugin's code: 1, then -1.
void rv_asking_inside(int by);

#endif
