// SPDX-License-Identifier: MIT
// alloc.h: an allocator that counts, fails on demand, and knows what was not given back.
//
// Every block is on record with its length and alignment, so a free with others than those is
// noticed, as is a block that was never handed out. Fresh blocks hold noise, returned ones too.
#ifndef TEST_ALLOC_H
#define TEST_ALLOC_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rove/memory.h>

struct test_block {
    void *ptr; // NULL: free place
    size_t len, align;
};

struct test_alloc {
    struct rove_allocator table; // hand this to a pool
    pthread_mutex_t lock;        // guards what follows
    struct test_block *blocks;   // open addressing
    size_t cap, live;            // things
    uint64_t live_len, peak_len; // bytes
    size_t largest;              // bytes: the largest block ever asked for
    uint64_t calls;              // of alloc, since the last arming
    uint64_t fail_at;            // number of the call that fails, from 1; 0 for none
    bool persistent;             // and all after it
    uint64_t failed;             // calls that failed, since the last arming
    uint64_t wrong;              // frees of what was not there, or with other figures
};

void test_alloc_init(struct test_alloc *alloc);

// Frees what was leaked, too.
void test_alloc_fini(struct test_alloc *alloc);

// Lets the n-th call from now on fail, or all from it; n 0 disarms. Counting starts anew.
void test_alloc_arm(struct test_alloc *alloc, uint64_t n, bool persistent);

uint64_t test_alloc_failed(struct test_alloc *alloc);
uint64_t test_alloc_calls(struct test_alloc *alloc);
uint64_t test_alloc_live(struct test_alloc *alloc);
uint64_t test_alloc_wrong(struct test_alloc *alloc);

#endif
