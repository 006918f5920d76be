// SPDX-License-Identifier: MIT
// slot.h: a small number for each thread, so that a pool can keep something for it.
#ifndef RV_SLOT_H
#define RV_SLOT_H

#include "base/debug.h"
#include "base/tls.h"

#include <stdbool.h>

// The calling thread's number plus one, 0 when it has none, -1 when it is ending and will have none.
extern _Thread_local int rv_slot_mine RV_STATIC_TLS RV_OURS;

// Finds a number for the thread; -1 when there is none.
int rv_slot_find(void);

// Takes a number that no thread has, for who looks at what was left there: false when one has it. After fork() the numbers of
// threads that are not in the child stay theirs, since nobody knows how far those had come.
bool rv_slot_claim(int number);
void rv_slot_leave(int number);

// Returns the calling thread's number, 0 to 63, or -1 when 64 other threads have one. It is the
// thread's until the thread ends; a later thread may get it, and then sees all that was done with it.
static inline int rv_slot_number(void)
{
    int mine = rv_slot_mine;
    return mine > 0 ? mine - 1 : rv_slot_find();
}

#endif
