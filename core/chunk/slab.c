// SPDX-License-Identifier: MIT
// slab.c: slabs are made, emptied, filled and given back here.
#include "chunk/slab.h"

#include "base/arith.h"
#include "base/os.h"
#include "chunk/raw.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define SLAB_LEN ((size_t) 2 << 20)
#define SLABS_A_LIMIT 16u // a small limit has small slabs: their heads count, too
#define DECAY_SECONDS 10  // a look at what is free, and how long it was not wanted
#define CHUNKS_A_SLAB 4u  // but not smaller than this

// Chunks up to this many bytes get all their pages in one call. 64 KiB of fresh memory cost 28 us so
// and 44 us fault by fault; longer chunks may never be used to their end.
#define TOUCH_MOST ((size_t) 1 << 20)

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 // Linux 5.14
#endif

// lists -----------------------------------------------------------------------------------------

static void link_first(struct rove_pool *pool, struct rv_slab *slab)
{
    slab->prev = NULL;
    slab->next = pool->partial;
    if (slab->next)
        slab->next->prev = slab;
    else
        pool->partial_last = slab;
    pool->partial = slab;
}

static void link_last(struct rove_pool *pool, struct rv_slab *slab)
{
    slab->next = NULL;
    slab->prev = pool->partial_last;
    if (slab->prev)
        slab->prev->next = slab;
    else
        pool->partial = slab;
    pool->partial_last = slab;
}

static void unlink_slab(struct rove_pool *pool, struct rv_slab *slab)
{
    if (slab->prev)
        slab->prev->next = slab->next;
    else
        pool->partial = slab->next;
    if (slab->next)
        slab->next->prev = slab->prev;
    else
        pool->partial_last = slab->prev;
}

// Gives the slab the lowest free number, by which its place in a spill file goes, and its place among all. In that list
// every slab can be reached by its beginning; one whose chunks are all out is in no other, and who looks for leaks finds
// only pointers into it. Where nothing is counted nothing sleeps, so the numbers mean nothing, and are not looked for.
static void link_all(struct rove_pool *pool, struct rv_slab *slab)
{
    struct rv_slab *prev = pool->counted ? pool->run_end : pool->all_last, *next = prev ? prev->all_next : pool->all;
    slab->number = prev ? prev->number + 1 : 0;
    for (; next && next->number == slab->number; slab->number++) {
        prev = next;
        next = next->all_next;
    }
    slab->all_prev = prev;
    slab->all_next = next;
    *(prev ? &prev->all_next : &pool->all) = slab;
    *(next ? &next->all_prev : &pool->all_last) = slab;
    pool->run_end = slab;
}

static void unlink_all(struct rove_pool *pool, struct rv_slab *slab)
{
    struct rv_slab *prev = slab->all_prev, *next = slab->all_next;
    *(prev ? &prev->all_next : &pool->all) = next;
    *(next ? &next->all_prev : &pool->all_last) = prev;
    if (pool->run_end && slab->number <= pool->run_end->number)
        pool->run_end = prev;
    if (pool->hand == slab) {
        pool->hand = prev;
        pool->hand_at = slab->cnt; // behind its last chunk
    }
}

static struct rv_chunk *pop(struct rv_chunk **list)
{
    struct rv_chunk *chunk = *list;
    *list = chunk->next;
    return chunk;
}

static void push(struct rv_chunk **list, struct rv_chunk *chunk)
{
    chunk->next = *list;
    *list = chunk;
}

// making and dropping ---------------------------------------------------------------------------

size_t rv_slab_len_for(const struct rove_pool *pool)
{
    uint64_t share = pool->counted ? pool->budget->limit / SLABS_A_LIMIT : SLAB_LEN;
    size_t len = pool->chunk_len;
    while (len < SLAB_LEN && (len < share || len < CHUNKS_A_SLAB * pool->chunk_len))
        len *= 2;
    return pool->counted ? len : rv_max_size(SLAB_LEN, pool->chunk_len);
}

size_t rv_slab_head_len(const struct rove_pool *pool)
{
    size_t cnt = pool->slab_len / pool->chunk_len; // at most 512, so the products cannot wrap
    size_t each = sizeof(struct rv_chunk) + (pool->counted ? sizeof(struct rv_bed) : 0) +
                  rv_slab_piece_cnt(pool) * sizeof(uint64_t);
    return sizeof(struct rv_slab) + cnt * each;
}

static void lay_out(struct rove_pool *pool, struct rv_slab *slab)
{
    slab->cnt = slab->free_cnt = (unsigned) (pool->slab_len / pool->chunk_len);
    slab->free = slab->warm = NULL;
    slab->cut_cnt = slab->resident_cnt = 0;
    rv_figure_set(&slab->read_end, 0);
    rv_figure_set(&slab->ahead_end, 0);
    slab->bed = pool->counted ? (struct rv_bed *) (void *) &slab->chunk[slab->cnt] : NULL;
    slab->sum = pool->spill ? (uint64_t *) (void *) &slab->bed[slab->cnt] : NULL;
    if (slab->bed)
        memset(slab->bed, 0, slab->cnt * sizeof *slab->bed);
}

// Chunks are cut as they are wanted: 512 of 4 KiB at once would be 16,000 instructions in one append. The lowest address
// is taken first.
static struct rv_chunk *cut_one(struct rove_pool *pool, struct rv_slab *slab)
{
    unsigned i = slab->cut_cnt++;
    slab->chunk[i] = (struct rv_chunk){.data = slab->memory + i * pool->chunk_len,
                                       .cap = pool->chunk_len,
                                       .pool = pool,
                                       .home = slab,
                                       .kind = RV_POOL,
                                       .may_sleep = pool->spill != NULL};
    return &slab->chunk[i];
}

static size_t slab_align(const struct rove_pool *pool)
{
    return rv_min_size(SLAB_LEN, pool->slab_len);
}

// Where a counted pool's payloads come from. They are addresses, whose pages come and go one chunk at a
// time; jemalloc would keep 9 KB of its own for each slab, which no limit counts.
static const struct rove_allocator *payloads_of(const struct rove_pool *pool)
{
    const struct rove_allocator *usual = rove_allocator_default();
    return pool->allocator.alloc == usual->alloc ? rove_allocator_system() : &pool->allocator;
}

// The payload of a slab: counted here, or chunk by chunk in a counted pool.
static uint8_t *get_memory(struct rove_pool *pool, enum rove_status *why_out)
{
    if (!pool->counted) {
        uint8_t *counted = rv_raw_get(pool, pool->slab_len, slab_align(pool), why_out);
        if (counted && pool->huge)
            rv_os()->madvise(counted, pool->slab_len, MADV_HUGEPAGE); // a wish
        return counted;
    }
    const struct rove_allocator *from = payloads_of(pool);
    uint8_t *memory = from->alloc(from->ctx, pool->slab_len, slab_align(pool));
    if (!memory) {
        *why_out = ROVE_E_NOMEM;
        return NULL;
    }
    rv_figure_add(&pool->allocs, 1);
    if (pool->whole_pages && pool->chunk_len < SLAB_LEN) // or the kernel knows no huge pages at all
        rv_os()->madvise(memory, pool->slab_len, MADV_NOHUGEPAGE);
    return memory;
}

static void end_guest(struct rove_pool *pool)
{
    rv_slab_bed(pool->guest)->guest = false;
    pool->guest = NULL;
}

static void uncount_pages(struct rove_pool *pool, struct rv_chunk *chunk)
{
    struct rv_slab *slab = chunk->home;
    rv_slab_bed(chunk)->resident = false;
    slab->resident_cnt--;
    if (rv_slab_bed(chunk)->guest)
        end_guest(pool);
    else
        rv_budget_give(pool->budget, pool->chunk_len);
}

static void put_memory(struct rove_pool *pool, struct rv_slab *slab)
{
    RV_UNPOISON(slab->memory, pool->slab_len); // the allocator may look at what it gets back
    if (!pool->counted) {
        rv_pool_put(pool, slab->memory, pool->slab_len, slab_align(pool));
        return;
    }
    const struct rove_allocator *to = payloads_of(pool);
    to->free(to->ctx, slab->memory, pool->slab_len, slab_align(pool));
    if (pool->guest && pool->guest->home == slab)
        uncount_pages(pool, pool->guest);
    rv_budget_give(pool->budget, slab->resident_cnt * (uint64_t) pool->chunk_len);
}

static struct rv_slab *make(struct rove_pool *pool, enum rove_status *why_out)
{
    struct rv_slab *slab = rv_raw_get(pool, rv_slab_head_len(pool), RV_SLAB_ALIGN, why_out);
    if (!slab)
        return NULL;
    slab->memory = get_memory(pool, why_out);
    if (!slab->memory) {
        rv_pool_put(pool, slab, rv_slab_head_len(pool), RV_SLAB_ALIGN);
        return NULL;
    }
    lay_out(pool, slab);
    link_first(pool, slab);
    link_all(pool, slab);
    pool->free_len += pool->slab_len;
    pool->chunk_cnt += slab->cnt;
    return slab;
}

static void less_free(struct rove_pool *pool)
{
    pool->free_len -= pool->slab_len;
    pool->free_low = rv_min_u64(pool->free_low, pool->free_len);
}

static void drop(struct rove_pool *pool, struct rv_slab *slab)
{
    unlink_slab(pool, slab);
    unlink_all(pool, slab);
    less_free(pool);
    pool->chunk_cnt -= slab->cnt;
    put_memory(pool, slab);
    rv_pool_put(pool, slab, rv_slab_head_len(pool), RV_SLAB_ALIGN);
}

// taking and giving -----------------------------------------------------------------------------

// Puts a slab of the list where it belongs after its free chunks have changed.
static void place_slab(struct rove_pool *pool, struct rv_slab *slab)
{
    unlink_slab(pool, slab);
    if (slab->warm)
        link_first(pool, slab);
    else if (slab->free_cnt)
        link_last(pool, slab);
}

static struct rv_chunk *take_counted(struct rove_pool *pool, struct rv_slab *slab)
{
    bool warm = slab->warm != NULL;
    struct rv_chunk *chunk = warm ? pop(&slab->warm) : slab->free ? pop(&slab->free) : cut_one(pool, slab);
    chunk->next = NULL;
    slab->free_cnt--;
    if (!slab->free_cnt || (warm && !slab->warm))
        place_slab(pool, slab);
    return chunk;
}

// As they lie in the list of free ones, else cut.
static struct rv_chunk *take_many(struct rove_pool *pool, struct rv_slab *slab, unsigned *cnt)
{
    struct rv_chunk *first = slab->free, **link = &first;
    unsigned most = *cnt < slab->free_cnt ? *cnt : slab->free_cnt, got = 0;
    for (; *link && got < most; got++)
        link = &(*link)->next;
    slab->free = *link;
    for (; got < most; got++) {
        *link = cut_one(pool, slab);
        link = &(*link)->next;
    }
    *link = NULL;
    *cnt = most;
    slab->free_cnt -= most;
    if (slab->free_cnt == 0)
        unlink_slab(pool, slab);
    return first;
}

struct rv_chunk *rv_slab_take(struct rove_pool *pool, unsigned *cnt, enum rove_status *why_out)
{
    struct rv_slab *slab = pool->partial ? pool->partial : make(pool, why_out);
    if (!slab)
        return NULL;
    if (slab->free_cnt == slab->cnt)
        less_free(pool);
    if (!pool->counted)
        return take_many(pool, slab, cnt);
    *cnt = 1;
    return take_counted(pool, slab);
}

// Puts a slab that has got free chunks where the next taker finds it in its turn.
static void note_free(struct rove_pool *pool, struct rv_slab *slab, unsigned cnt, bool warm)
{
    unsigned before = slab->free_cnt;
    slab->free_cnt += cnt;
    if (before == 0 && warm)
        link_first(pool, slab);
    else if (before == 0)
        link_last(pool, slab);
    else if (warm && pool->counted && slab != pool->partial)
        place_slab(pool, slab);
}

// Chunks of one slab, linked from first to last; in a counted pool one.
static void give_run(struct rove_pool *pool, struct rv_chunk *first, struct rv_chunk *last,
                     unsigned cnt)
{
    struct rv_slab *slab = first->home;
    RV_ASSERT(slab->free_cnt + cnt <= slab->cnt && (cnt == 1 || !pool->counted));
    bool warm = !pool->counted || rv_slab_bed(first)->resident;
    struct rv_chunk **list = warm && pool->counted ? &slab->warm : &slab->free;
    last->next = *list;
    *list = first;
    note_free(pool, slab, cnt, warm);
    if (slab->free_cnt != slab->cnt)
        return;
    pool->free_len += pool->slab_len;
    if (pool->free_len > pool->keep_len)
        drop(pool, slab);
}

// Every few seconds half of what was free all the while goes back to the allocator.
static void decay(struct rove_pool *pool)
{
    struct timespec now = {.tv_sec = 0};
    rv_os()->clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    if (now.tv_sec - pool->looked_at < DECAY_SECONDS)
        return;
    rv_slab_trim(pool, pool->free_len - pool->free_low / 2);
    pool->free_low = pool->free_len;
    pool->looked_at = now.tv_sec;
}

// The last of the list first, so that the hottest, which are at its head, are taken again first, and
// what was dropped from the end of a rope on comes back in ascending order. A run that lies in one slab goes there in one piece.
static void give_from_end(struct rove_pool *pool, struct rv_chunk *chunks)
{
    struct rv_chunk *last = chunks;
    unsigned cnt = 1;
    for (; last->next && last->next->home == chunks->home; last = last->next)
        cnt++;
    if (last->next)
        give_from_end(pool, last->next); // not deeper than a thread keeps chunks
    give_run(pool, chunks, last, cnt);
}

void rv_slab_give(struct rove_pool *pool, struct rv_chunk *chunks)
{
    if (chunks)
        give_from_end(pool, chunks);
    if (pool->free_len)
        decay(pool);
}

void rv_slab_trim(struct rove_pool *pool, uint64_t keep)
{
    struct rv_slab *prev;
    for (struct rv_slab *slab = pool->partial_last; slab && pool->free_len > keep; slab = prev) {
        prev = slab->prev;
        if (slab->free_cnt == slab->cnt)
            drop(pool, slab);
    }
}

// pages -----------------------------------------------------------------------------------------

static void note_pages(struct rv_chunk *chunk)
{
    struct rv_slab *slab = chunk->home;
    rv_slab_bed(chunk)->resident = true;
    chunk->warm = false;
    slab->resident_cnt++;
}

bool rv_slab_count_pages(struct rove_pool *pool, struct rv_chunk *chunk)
{
    if (!rv_budget_take(pool->budget, pool->chunk_len))
        return false;
    if (rv_slab_bed(chunk)->guest)
        end_guest(pool);
    else
        note_pages(chunk);
    return true;
}

bool rv_slab_count_guest(struct rove_pool *pool, struct rv_chunk *chunk)
{
    if (!pool->reserve || pool->guest)
        return false;
    pool->guest = chunk;
    rv_slab_bed(chunk)->guest = true;
    note_pages(chunk);
    return true;
}

bool rv_slab_drop_pages(struct rove_pool *pool, struct rv_chunk *chunk, unsigned cnt)
{
    size_t len = cnt * pool->chunk_len;
    if (!pool->whole_pages)
        errno = EINVAL; // only then: who fails gives back what it took, and tells why it failed
    if (!pool->whole_pages || rv_os()->madvise(chunk->data, len, MADV_DONTNEED) != 0)
        return false;
    for (unsigned i = 0; i < cnt; i++)
        uncount_pages(pool, chunk + i);
    return true;
}

void rv_slab_touch_pages(const struct rv_chunk *chunk)
{
    if (chunk->pool->whole_pages && chunk->cap <= TOUCH_MOST) // else, or if it fails: one by one
        rv_os()->madvise(chunk->data, chunk->cap, MADV_POPULATE_WRITE);
}

// Drops the pages of a free chunk. It may have lost them before: a guest that died, and whose pages the kernel kept then.
static bool cool(struct rove_pool *pool)
{
    struct rv_slab *slab = pool->partial;
    if (!slab || !slab->warm || (rv_slab_bed(slab->warm)->resident && !rv_slab_drop_pages(pool, slab->warm, 1)))
        return false;
    push(&slab->free, pop(&slab->warm));
    if (!slab->warm)
        place_slab(pool, slab);
    return true;
}

bool rv_slab_shrink(struct rove_pool *pool)
{
    if (cool(pool))
        return true;
    uint64_t before = pool->free_len;
    if (before)
        rv_slab_trim(pool, before - 1);
    return pool->free_len != before;
}
