// SPDX-License-Identifier: MIT
// spill.c: going to sleep and waking.
#include "chunk/spill.h"

#include "base/arith.h"
#include "chunk/raw.h"
#include "chunk/sleep.h"
#include "chunk/spill_file.h"

#include <errno.h>

// Cold chunks that lie side by side go to sleep together, up to this many bytes and this part of a
// limit. Four of 64 KiB cost 35 us each so, all calls and copies counted, against 43 one by one.
#define RUN_LEN ((uint64_t) 256 << 10)
#define RUN_SHARE 64u

// sleeping --------------------------------------------------------------------------------------

// A search for a chunk that can go to sleep.
struct search {
    bool any;                 // also one that was used lately
    bool only_saved;          // only one that need not be written
    enum rove_status failure; // the last one, with errno
    int err;
};

uint64_t rv_spill_run_len(const struct rove_pool *pool)
{
    return rv_min_u64(RUN_LEN, pool->budget->limit / RUN_SHARE);
}

static unsigned run_most(const struct rove_pool *pool)
{
    uint64_t len = rv_spill_run_len(pool);
    return len > pool->chunk_len ? (unsigned) (len / pool->chunk_len) : 1;
}

// Claims the chunks behind one that is claimed, as far as they are as cold; how many it is with them.
static unsigned claim_run(const struct rove_pool *pool, struct rv_chunk *chunk)
{
    const struct rv_slab *slab = chunk->home;
    bool saved = rv_switch_is_on(&rv_slab_bed(chunk)->saved);
    unsigned cnt = 1, most = run_most(pool), left = slab->cut_cnt - (unsigned) (chunk - slab->chunk);
    for (; cnt < most && cnt < left; cnt++) {
        struct rv_chunk *next = chunk + cnt;
        const struct rv_bed *bed = rv_slab_bed(next);
        if (!bed->live || !bed->resident || bed->guest ||
            !rv_sleep_claim(&next->sleep, 0, RV_BUSY))
            break;
        if (rv_switch_is_on(&bed->saved) != saved) { // not to be asked before: whoever has it pinned may change it
            rv_sleep_flip(&next->sleep, RV_BUSY);
            break;
        }
    }
    return cnt;
}

// Writes a run of busy chunks unless the file has their bytes already.
static enum rove_status save(const struct rv_chunk *chunk, unsigned cnt)
{
    struct rv_bed *bed = rv_slab_bed(chunk);
    if (rv_switch_is_on(&bed->saved))
        return ROVE_OK;
    enum rove_status status = rv_spill_write(chunk, chunk->data, cnt);
    for (unsigned i = 0; i < cnt && status == ROVE_OK; i++)
        rv_switch_turn(&bed[i].saved, true);
    return status;
}

// Puts a busy chunk to sleep, and those behind it with it.
static enum rove_status put_to_sleep(struct rove_pool *pool, struct rv_chunk *chunk,
                                     struct search *search)
{
    unsigned cnt = claim_run(pool, chunk);
    enum rove_status status = save(chunk, cnt);
    if (status == ROVE_OK && !rv_slab_drop_pages(pool, chunk, cnt))
        status = ROVE_E_IO;
    if (status) {
        search->failure = status;
        search->err = errno;
        search->only_saved = search->only_saved || !rv_switch_is_on(&rv_slab_bed(chunk)->saved);
    } else {
        rv_figure_add(&pool->asleep, cnt);
        rv_figure_add(&pool->sleeps, cnt);
    }
    for (unsigned i = 0; i < cnt; i++)
        rv_sleep_flip(&chunk[i].sleep, status ? RV_BUSY : RV_BUSY | RV_ASLEEP);
    return status;
}

// Moves the clock's hand to the next chunk; NULL when it has come to a slab without pages, or none.
static struct rv_chunk *next_of_clock(struct rove_pool *pool)
{
    struct rv_slab *hand = pool->hand;
    if (!hand || !hand->resident_cnt || ++pool->hand_at >= hand->cut_cnt) {
        hand = hand && hand->all_next ? hand->all_next : pool->all;
        pool->hand = hand;
        pool->hand_at = 0;
    }
    return hand && hand->resident_cnt ? &hand->chunk[pool->hand_at] : NULL;
}

// Claims a chunk that is awake, unpinned and, unless any will do, was not used since the last round.
static bool claim(struct rv_chunk *chunk, bool any)
{
    if (rv_sleep_claim(&chunk->sleep, RV_USED, any ? RV_BUSY : 0))
        return any;
    return rv_sleep_claim(&chunk->sleep, 0, RV_BUSY);
}

// Looks at one chunk: ROVE_OK when room was made, else look further.
static enum rove_status look_at(struct rove_pool *pool, struct rv_chunk *chunk,
                                struct search *search)
{
    const struct rv_bed *bed = rv_slab_bed(chunk);
    if (!bed->resident || !bed->live || bed->guest) // no room is made by a guest that goes
        return ROVE_END;
    if (rv_sleep_get(&chunk->sleep) & RV_ASLEEP) // could not be woken, nor its pages be dropped
        return rv_slab_drop_pages(pool, chunk, 1) ? ROVE_OK : ROVE_END;
    if (!claim(chunk, search->any))
        return ROVE_END;
    if (!search->only_saved || rv_switch_is_on(&bed->saved))
        return put_to_sleep(pool, chunk, search);
    rv_sleep_flip(&chunk->sleep, RV_BUSY);
    return ROVE_END;
}

// One round of the clock. Once a write fails, only those that need not be written are looked for.
static bool run_round(struct rove_pool *pool, struct search *search)
{
    for (uint64_t left = pool->chunk_cnt + 1; left; left--) {
        struct rv_chunk *chunk = next_of_clock(pool);
        if (chunk && look_at(pool, chunk, search) == ROVE_OK)
            return true;
    }
    return false;
}

// Two rounds find a chunk that was not used lately; the third takes any that nobody has pinned, so
// that threads which use all of them again and again are not taken for a memory full of pins.
static enum rove_status run_clock(struct rove_pool *pool)
{
    struct search search = {.failure = ROVE_E_LIMIT, .err = errno};
    for (int round = 0; round < 3; round++) {
        search.any = round == 2;
        if (run_round(pool, &search))
            return ROVE_OK;
    }
    errno = search.err;
    return search.failure;
}

enum rove_status rv_spill_make_room(struct rove_pool *pool)
{
    if (!pool->counted)
        return ROVE_E_LIMIT;
    if (rv_slab_shrink(pool))
        return ROVE_OK;
    return pool->spill ? run_clock(pool) : ROVE_E_LIMIT;
}

static enum rove_status count_pages(struct rove_pool *pool, struct rv_chunk *chunk)
{
    while (!rv_slab_count_pages(pool, chunk)) {
        enum rove_status status = rv_spill_make_room(pool);
        if (status)
            return status;
    }
    return ROVE_OK;
}

enum rove_status rv_spill_settle(struct rove_pool *pool, struct rv_chunk *chunk)
{
    struct rv_bed *bed = rv_slab_bed(chunk);
    RV_ASSERT(!bed->live);
    if (!bed->resident || bed->guest) { // a guest that died, and whose pages the kernel kept
        enum rove_status status = count_pages(pool, chunk);
        if (status)
            return status;
    }
    bed->live = true;
    rv_switch_turn(&bed->saved, false);
    bed->heat = 0;
    rv_sleep_init(&chunk->sleep, 1); // pinned by who takes it
    return ROVE_OK;
}

enum rove_status rv_spill_settle_asleep(struct rove_pool *pool, struct rv_chunk *chunk,
                                        const uint8_t *bytes)
{
    struct rv_bed *bed = rv_slab_bed(chunk);
    RV_ASSERT(!bed->live && !bed->resident);
    enum rove_status status = rv_spill_write(chunk, bytes, 1);
    if (status)
        return status;
    *bed = (struct rv_bed){.live = true};
    rv_switch_turn(&bed->saved, true);
    rv_sleep_init(&chunk->sleep, RV_ASLEEP | 1); // pinned by who takes it
    rv_figure_add(&pool->asleep, 1);
    rv_figure_add(&pool->sleeps, 1);
    return ROVE_OK;
}

void rv_spill_forget(struct rove_pool *pool, struct rv_chunk *chunk)
{
    struct rv_bed *bed = rv_slab_bed(chunk);
    RV_ASSERT(bed->live);
    if (rv_sleep_get(&chunk->sleep) & RV_ASLEEP)
        rv_figure_add(&pool->asleep, UINT64_MAX);
    rv_sleep_init(&chunk->sleep, 0);
    RV_POISON(chunk->data, chunk->cap); // not before: the clock may have been writing it out
    bed->live = false;
    if (bed->guest)
        (void) !rv_slab_drop_pages(pool, chunk, 1);
}

// waking ----------------------------------------------------------------------------------------

// Reads a sleeping chunk, whose pages are there and counted, back in.
static enum rove_status bring_back(struct rove_pool *pool, struct rv_chunk *chunk)
{
    rv_slab_touch_pages(chunk);
    enum rove_status status = rv_spill_read(chunk, 0, rv_slab_piece_cnt(pool), chunk->data);
    if (status) {
        int err = errno;
        (void) !rv_slab_drop_pages(pool, chunk, 1); // if not now, the clock tries again
        errno = err;
        return status;
    }
    rv_sleep_flip(&chunk->sleep, RV_ASLEEP);
    rv_figure_add(&pool->asleep, UINT64_MAX);
    rv_figure_add(&pool->wakes, 1);
    return ROVE_OK;
}

static bool is_awake(const struct rv_chunk *chunk)
{
    return !(rv_sleep_get(&chunk->sleep) & RV_ASLEEP);
}

enum rove_status rv_spill_wake(struct rove_pool *pool, struct rv_chunk *chunk, bool *no_room_out)
{
    *no_room_out = false;
    if (is_awake(chunk))
        return ROVE_OK; // another was faster, or going to sleep failed
    enum rove_status status = rv_slab_bed(chunk)->resident ? ROVE_OK : count_pages(pool, chunk);
    *no_room_out = status != ROVE_OK;
    return status ? status : bring_back(pool, chunk);
}

// Lets the guest go if nobody has it pinned; false when it is still there.
static bool show_out(struct rove_pool *pool)
{
    struct rv_chunk *guest = pool->guest;
    struct search search = {.any = true};
    if (!guest)
        return true;
    if (!rv_slab_bed(guest)->live || !is_awake(guest))
        return rv_slab_drop_pages(pool, guest, 1);
    rv_sleep_claim(&guest->sleep, RV_USED, 0);
    return rv_sleep_claim(&guest->sleep, 0, RV_BUSY) &&
           put_to_sleep(pool, guest, &search) == ROVE_OK;
}

enum rove_status rv_spill_wake_guest(struct rove_pool *pool, struct rv_chunk *chunk,
                                     enum rove_status why)
{
    int err = errno;
    if (is_awake(chunk))
        return ROVE_OK;
    if (rv_slab_bed(chunk)->resident || rv_slab_count_pages(pool, chunk) ||
        (show_out(pool) && rv_slab_count_guest(pool, chunk)))
        return bring_back(pool, chunk);
    errno = err;
    return why;
}
