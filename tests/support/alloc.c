// SPDX-License-Identifier: MIT
// alloc.c: a table of all live blocks behind one lock.
#include "support/alloc.h"

#include <stdlib.h>
#include <string.h>

#define NOISE_MAX 4096u // bytes of a block that are made noise; all of a slab would take too long

static size_t place_of(const struct test_alloc *alloc, const void *ptr)
{
    size_t at = (size_t) (((uint64_t) (uintptr_t) ptr >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 20);
    at &= alloc->cap - 1;
    while (alloc->blocks[at].ptr && alloc->blocks[at].ptr != ptr)
        at = (at + 1) & (alloc->cap - 1);
    return at;
}

static void grow(struct test_alloc *alloc)
{
    struct test_block *old = alloc->blocks;
    size_t cap = alloc->cap;
    alloc->cap = cap ? cap * 2 : 256;
    alloc->blocks = calloc(alloc->cap, sizeof *old);
    if (!alloc->blocks)
        abort();
    for (size_t i = 0; i < cap; i++)
        if (old[i].ptr)
            alloc->blocks[place_of(alloc, old[i].ptr)] = old[i];
    free(old);
}

// Takes a block off the table; what stood behind it in its run moves up.
static struct test_block forget(struct test_alloc *alloc, const void *ptr)
{
    size_t at = place_of(alloc, ptr);
    struct test_block block = alloc->blocks[at];
    if (!block.ptr)
        return block;
    alloc->blocks[at].ptr = NULL;
    for (size_t i = (at + 1) & (alloc->cap - 1); alloc->blocks[i].ptr;
         i = (i + 1) & (alloc->cap - 1)) {
        struct test_block next = alloc->blocks[i];
        alloc->blocks[i].ptr = NULL;
        alloc->blocks[place_of(alloc, next.ptr)] = next;
    }
    alloc->live--;
    alloc->live_len -= block.len;
    return block;
}

static void make_noise(void *ptr, size_t len, int byte)
{
    memset(ptr, byte, len < NOISE_MAX ? len : NOISE_MAX);
}

static void *take(struct test_alloc *alloc, size_t len, size_t align)
{
    void *ptr = NULL;
    if (align < sizeof(void *))
        align = sizeof(void *);
    if (posix_memalign(&ptr, align, len) != 0)
        return NULL;
    make_noise(ptr, len, 0xa5);
    if (alloc->live * 2 >= alloc->cap)
        grow(alloc);
    alloc->blocks[place_of(alloc, ptr)] = (struct test_block){ptr, len, align};
    alloc->live++;
    alloc->live_len += len;
    if (alloc->live_len > alloc->peak_len)
        alloc->peak_len = alloc->live_len;
    return ptr;
}

static void *test_take(void *ctx, size_t len, size_t align)
{
    struct test_alloc *alloc = ctx;
    void *ptr = NULL;
    pthread_mutex_lock(&alloc->lock);
    alloc->calls++;
    if (!len || !align || (align & (align - 1)))
        alloc->wrong++;
    if (len > alloc->largest)
        alloc->largest = len;
    bool fails = alloc->fail_at && (alloc->persistent ? alloc->calls >= alloc->fail_at
                                                      : alloc->calls == alloc->fail_at);
    if (fails)
        alloc->failed++;
    else
        ptr = take(alloc, len, align);
    pthread_mutex_unlock(&alloc->lock);
    return ptr;
}

static void test_give(void *ctx, void *ptr, size_t len, size_t align)
{
    struct test_alloc *alloc = ctx;
    pthread_mutex_lock(&alloc->lock);
    struct test_block block = forget(alloc, ptr);
    if (align < sizeof(void *))
        align = sizeof(void *);
    if (!block.ptr || block.len != len || block.align != align)
        alloc->wrong++;
    if (block.ptr) {
        make_noise(ptr, block.len, 0xdd);
        free(ptr);
    }
    pthread_mutex_unlock(&alloc->lock);
}

void test_alloc_init(struct test_alloc *alloc)
{
    memset(alloc, 0, sizeof *alloc);
    pthread_mutex_init(&alloc->lock, NULL);
    grow(alloc);
    alloc->table = (struct rove_allocator){.size = sizeof alloc->table,
                                           .name = "test",
                                           .ctx = alloc,
                                           .alloc = test_take,
                                           .free = test_give};
}

void test_alloc_fini(struct test_alloc *alloc)
{
    for (size_t i = 0; i < alloc->cap; i++)
        free(alloc->blocks[i].ptr);
    free(alloc->blocks);
    pthread_mutex_destroy(&alloc->lock);
    memset(alloc, 0, sizeof *alloc);
}

void test_alloc_arm(struct test_alloc *alloc, uint64_t n, bool persistent)
{
    pthread_mutex_lock(&alloc->lock);
    alloc->calls = 0;
    alloc->failed = 0;
    alloc->fail_at = n;
    alloc->persistent = persistent;
    pthread_mutex_unlock(&alloc->lock);
}

static uint64_t get(struct test_alloc *alloc, const uint64_t *figure)
{
    pthread_mutex_lock(&alloc->lock);
    uint64_t got = *figure;
    pthread_mutex_unlock(&alloc->lock);
    return got;
}

uint64_t test_alloc_failed(struct test_alloc *alloc)
{
    return get(alloc, &alloc->failed);
}

uint64_t test_alloc_calls(struct test_alloc *alloc)
{
    return get(alloc, &alloc->calls);
}

uint64_t test_alloc_live(struct test_alloc *alloc)
{
    pthread_mutex_lock(&alloc->lock);
    uint64_t live = alloc->live;
    pthread_mutex_unlock(&alloc->lock);
    return live;
}

uint64_t test_alloc_wrong(struct test_alloc *alloc)
{
    return get(alloc, &alloc->wrong);
}
