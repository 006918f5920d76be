// SPDX-License-Identifier: MIT
// slot.c: thread numbers, taken at first use and given back by a key's destructor.
//
// A library call made by a later destructor of the same thread must not take a number again (it
// would never be given back): the thread is then marked as ended and goes without. One that found
// none asks again: others end meanwhile.
#include "chunk/slot.h"

#include "base/atomic.h"

#include <pthread.h>

enum { NONE = 0, ENDED = -1 }; // a number n is kept as n + 1

static rv_bitset numbers;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool key_made;
_Thread_local int rv_slot_mine = NONE;

static void thread_ends(void *number)
{
    rv_slot_mine = ENDED;
    rv_bitset_give(&numbers, (int) (intptr_t) number - 1);
}

static void make_key(void)
{
    key_made = pthread_key_create(&key, thread_ends) == 0;
}

int rv_slot_find(void)
{
    if (rv_slot_mine == ENDED)
        return -1;
    pthread_once(&once, make_key);
    int number = key_made ? rv_bitset_take(&numbers) : -1;
    if (number >= 0 && pthread_setspecific(key, (void *) (intptr_t) (number + 1)) != 0) {
        rv_bitset_give(&numbers, number);
        number = -1;
    }
    rv_slot_mine = number < 0 ? NONE : number + 1;
    return number;
}

bool rv_slot_claim(int number)
{
    return rv_bitset_claim(&numbers, number);
}

void rv_slot_leave(int number)
{
    rv_bitset_give(&numbers, number);
}
