// SPDX-License-Identifier: MIT
// atomic.h: every atomic operation of the library, each with the one ordering it needs.
//
// No fences stand alone: ThreadSanitizer cannot see them. A drop is acq_rel, so that the last holder
// sees what all others wrote; "is the only one" is an acquire load for the same reason.
#ifndef RV_ATOMIC_H
#define RV_ATOMIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__has_include)
#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#define RV_KNOWS_THREADS 1
#endif
#endif

// Whether there is no other thread that could see a count between two steps, so that none needs a locked instruction. glibc from 2.32 on
// knows: it says no before the first thread starts. Elsewhere the answer is always no.
static inline bool rv_one_thread(void)
{
#if defined(RV_KNOWS_THREADS)
    return __libc_single_threaded;
#else
    return false;
#endif
}

// A count of holders. Born with one.
typedef struct {
    _Atomic(size_t) n;
} rv_count;

static inline void rv_count_init(rv_count *count)
{
    atomic_init(&count->n, 1);
}

// alone: what rv_one_thread() tells, asked once for many.
static inline void rv_count_up_as(rv_count *count, bool alone)
{
    if (alone)
        atomic_store_explicit(&count->n, atomic_load_explicit(&count->n, memory_order_relaxed) + 1, memory_order_relaxed);
    else
        atomic_fetch_add_explicit(&count->n, 1, memory_order_relaxed);
}

static inline void rv_count_up(rv_count *count)
{
    rv_count_up_as(count, rv_one_thread());
}

// Returns true when the caller was the last holder. A sole holder needs no locked instruction.
static inline bool rv_count_down_as(rv_count *count, bool alone)
{
    size_t before = atomic_load_explicit(&count->n, memory_order_acquire);
    if (before == 1)
        return true;
    if (!alone)
        return atomic_fetch_sub_explicit(&count->n, 1, memory_order_acq_rel) == 1;
    atomic_store_explicit(&count->n, before - 1, memory_order_relaxed);
    return false;
}

static inline bool rv_count_down(rv_count *count)
{
    return rv_count_down_as(count, rv_one_thread());
}

// The same for who is hardly ever the last, while others change the count as often: it is not read first. That would bring
// its cache line here to be shared, and the change would have to ask for it again.
static inline bool rv_count_down_shared(rv_count *count)
{
    if (rv_one_thread())
        return rv_count_down(count);
    return atomic_fetch_sub_explicit(&count->n, 1, memory_order_acq_rel) == 1;
}

// Tells whether the caller, who is a holder, is the only one: the licence to write.
static inline bool rv_count_one(const rv_count *count)
{
    return atomic_load_explicit(&count->n, memory_order_acquire) == 1;
}

// Nothing is left to hold. For asserts: a further drop is then a bug that shows.
static inline void rv_count_void(rv_count *count)
{
    atomic_store_explicit(&count->n, 0, memory_order_relaxed);
}

static inline size_t rv_count_get(const rv_count *count)
{
    return atomic_load_explicit(&count->n, memory_order_relaxed);
}

// A count of holders that many threads change all the time: each in a part of its own, which alone may go below nothing,
// and the whole, for those who have no part. As long as the whole is open nobody can be the last, so no part need be
// looked at; who closes it adds what they had less RV_WHOLE_OPEN, and from then on all is counted in the whole.
typedef struct {
    _Atomic(int64_t) n;
} rv_part;

typedef struct {
    _Atomic(int64_t) n;
} rv_whole;

#define RV_WHOLE_OPEN (INT64_C(1) << 62)     // beyond any number of holders, and as far below them …
#define RV_PART_CLOSED (-(INT64_C(1) << 62)) // … what a thread that was late may move by one

static inline bool rv_part_is_closed(int64_t n)
{
    return n < RV_PART_CLOSED / 2;
}

static inline void rv_part_init(rv_part *part, bool closed)
{
    atomic_init(&part->n, closed ? RV_PART_CLOSED : 0);
}

// For the part's thread: one holder more (by 1) or less (by -1). False when it was closed: then count in the whole.
static inline bool rv_part_add(rv_part *part, int by)
{
    int64_t before = atomic_load_explicit(&part->n, memory_order_relaxed);
    return !rv_part_is_closed(before) &&
           !rv_part_is_closed(atomic_fetch_add_explicit(&part->n, by, memory_order_acq_rel));
}

// Returns what the part had; once.
static inline int64_t rv_part_close(rv_part *part)
{
    return atomic_exchange_explicit(&part->n, RV_PART_CLOSED, memory_order_acq_rel);
}

// Born open, with one holder.
static inline void rv_whole_init(rv_whole *whole)
{
    atomic_init(&whole->n, RV_WHOLE_OPEN + 1);
}

// Returns true when nobody is left.
static inline bool rv_whole_add(rv_whole *whole, int64_t by)
{
    if (!rv_one_thread())
        return atomic_fetch_add_explicit(&whole->n, by, memory_order_acq_rel) + by == 0;
    int64_t now = atomic_load_explicit(&whole->n, memory_order_relaxed) + by;
    atomic_store_explicit(&whole->n, now, memory_order_relaxed);
    return now == 0;
}

// A count of holders with a sum of bytes beside it, in one word, so that both change by one operation: holders
// in the low half (2^32 of them would take 100 GB of leaves), the sum in the high one, where it wraps and carries
// nowhere. Born with one holder.
typedef struct {
    _Atomic(uint64_t) word;
} rv_tally;

#define RV_TALLY_HOLDERS UINT64_C(0xffffffff)

static inline void rv_tally_init(rv_tally *tally)
{
    atomic_init(&tally->word, 1);
}

static inline size_t rv_tally_holders(const rv_tally *tally)
{
    return (size_t) (atomic_load_explicit(&tally->word, memory_order_relaxed) & RV_TALLY_HOLDERS);
}

static inline uint32_t rv_tally_sum(const rv_tally *tally)
{
    return (uint32_t) (atomic_load_explicit(&tally->word, memory_order_relaxed) >> 32);
}

// Tells whether the caller is the only holder, and has added nothing: as it was born.
static inline bool rv_tally_fresh(const rv_tally *tally)
{
    return atomic_load_explicit(&tally->word, memory_order_acquire) == 1;
}

// Like rv_count_one().
static inline bool rv_tally_one(const rv_tally *tally)
{
    return (atomic_load_explicit(&tally->word, memory_order_acquire) & RV_TALLY_HOLDERS) == 1;
}

// One holder more, who adds to the sum.
static inline void rv_tally_up_as(rv_tally *tally, uint64_t sum, bool alone)
{
    uint64_t by = sum << 32 | 1;
    if (alone)
        atomic_store_explicit(&tally->word, atomic_load_explicit(&tally->word, memory_order_relaxed) + by,
                              memory_order_relaxed);
    else
        atomic_fetch_add_explicit(&tally->word, by, memory_order_relaxed);
}

static inline void rv_tally_up(rv_tally *tally, uint64_t sum)
{
    rv_tally_up_as(tally, sum, rv_one_thread());
}

// One holder less, who takes from the sum. Returns true when it was the last.
static inline bool rv_tally_down(rv_tally *tally, uint64_t sum)
{
    uint64_t before = atomic_load_explicit(&tally->word, memory_order_acquire), by = (sum << 32) + 1;
    if ((before & RV_TALLY_HOLDERS) == 1)
        return true;
    if (!rv_one_thread())
        return (atomic_fetch_sub_explicit(&tally->word, by, memory_order_acq_rel) & RV_TALLY_HOLDERS) == 1;
    atomic_store_explicit(&tally->word, before - by, memory_order_relaxed);
    return false;
}

// Adds to the sum. A sole holder needs no locked instruction, nor does a sole thread.
static inline void rv_tally_add(rv_tally *tally, uint64_t sum)
{
    uint64_t word = atomic_load_explicit(&tally->word, memory_order_acquire);
    if ((word & RV_TALLY_HOLDERS) == 1 || rv_one_thread())
        atomic_store_explicit(&tally->word, word + (sum << 32), memory_order_relaxed);
    else
        atomic_fetch_add_explicit(&tally->word, sum << 32, memory_order_relaxed);
}

// Takes from the sum, likewise.
static inline void rv_tally_take(rv_tally *tally, uint64_t sum)
{
    uint64_t word = atomic_load_explicit(&tally->word, memory_order_acquire);
    if ((word & RV_TALLY_HOLDERS) == 1 || rv_one_thread())
        atomic_store_explicit(&tally->word, word - (sum << 32), memory_order_relaxed);
    else
        atomic_fetch_sub_explicit(&tally->word, sum << 32, memory_order_relaxed);
}

// For asserts, as rv_count_void().
static inline void rv_tally_void(rv_tally *tally)
{
    atomic_store_explicit(&tally->word, 0, memory_order_relaxed);
}

// A mark that moves by claims: how far a chunk is spoken for.
typedef struct {
    _Atomic(size_t) at;
} rv_mark;

static inline void rv_mark_init(rv_mark *mark, size_t at)
{
    atomic_init(&mark->at, at);
}

static inline size_t rv_mark_get(const rv_mark *mark)
{
    return atomic_load_explicit(&mark->at, memory_order_acquire);
}

// Moves the mark from `from` to `to` if it still stands there; false when another was first.
static inline bool rv_mark_claim(rv_mark *mark, size_t from, size_t to)
{
    return atomic_compare_exchange_strong_explicit(&mark->at, &from, to, memory_order_acq_rel,
                                                   memory_order_acquire);
}

// Sets the mark; only for the one who holds the claim.
static inline void rv_mark_set(rv_mark *mark, size_t at)
{
    atomic_store_explicit(&mark->at, at, memory_order_release);
}

// A figure that many threads read, written by atomic addition.
typedef struct {
    _Atomic(uint64_t) v;
} rv_figure;

static inline uint64_t rv_figure_get(const rv_figure *figure)
{
    return atomic_load_explicit(&figure->v, memory_order_relaxed);
}

static inline void rv_figure_set(rv_figure *figure, uint64_t v)
{
    atomic_store_explicit(&figure->v, v, memory_order_relaxed);
}

// Adds (or, by wrap, subtracts) and returns the new value. A sole thread needs no locked instruction here either: that
// would wait for every store before it, and those go to memory that is fresh.
static inline uint64_t rv_figure_add(rv_figure *figure, uint64_t by)
{
    if (rv_one_thread()) {
        uint64_t v = rv_figure_get(figure) + by;
        rv_figure_set(figure, v);
        return v;
    }
    return atomic_fetch_add_explicit(&figure->v, by, memory_order_relaxed) + by;
}

// Adds without a locked instruction; only for a figure that one thread alone writes.
static inline void rv_figure_own_add(rv_figure *figure, uint64_t by)
{
    atomic_store_explicit(&figure->v, rv_figure_get(figure) + by, memory_order_relaxed);
}

// Raises the figure to at least v.
static inline void rv_figure_max(rv_figure *figure, uint64_t v)
{
    uint64_t seen = rv_figure_get(figure);
    while (seen < v && !atomic_compare_exchange_weak_explicit(&figure->v, &seen, v, memory_order_relaxed,
                                                              memory_order_relaxed))
        ;
}

// Adds `by`, 1 at least, unless that would pass limit: what it came to, or 0. Exact under any number of threads.
static inline uint64_t rv_figure_add_within(rv_figure *figure, uint64_t by, uint64_t limit)
{
    uint64_t seen = rv_figure_get(figure);
    do {
        if (seen > limit || by > limit - seen)
            return 0;
        if (rv_one_thread()) {
            rv_figure_set(figure, seen + by);
            return seen + by;
        }
    } while (!atomic_compare_exchange_weak_explicit(&figure->v, &seen, seen + by,
                                                    memory_order_relaxed, memory_order_relaxed));
    return seen + by;
}

// A set of 64 small things that threads take and give back.
typedef struct {
    _Atomic(uint64_t) bits;
} rv_bitset;

// Takes the lowest free number, or returns -1 when all are taken. Acquires what the giver did.
static inline int rv_bitset_take(rv_bitset *set)
{
    uint64_t seen = atomic_load_explicit(&set->bits, memory_order_relaxed);
    for (;;) {
        if (seen == UINT64_MAX)
            return -1;
        int bit = __builtin_ctzll(~seen);
        if (atomic_compare_exchange_weak_explicit(&set->bits, &seen, seen | UINT64_C(1) << bit,
                                                  memory_order_acq_rel, memory_order_relaxed))
            return bit;
    }
}

// Takes one certain number; false when it is taken.
static inline bool rv_bitset_claim(rv_bitset *set, int bit)
{
    return !(atomic_fetch_or_explicit(&set->bits, UINT64_C(1) << bit, memory_order_acq_rel) >> bit & 1);
}

static inline void rv_bitset_give(rv_bitset *set, int bit)
{
    atomic_fetch_and_explicit(&set->bits, ~(UINT64_C(1) << bit), memory_order_acq_rel);
}

// The state of a chunk that may sleep: pins in the low bits, flags above.
typedef struct {
    _Atomic(uint32_t) word;
} rv_sleep;

#define RV_ASLEEP (UINT32_C(1) << 31) // the bytes are in the file
#define RV_BUSY (UINT32_C(1) << 30)   // on its way there
#define RV_USED (UINT32_C(1) << 29)   // pinned since the clock passed

static inline void rv_sleep_init(rv_sleep *sleep, uint32_t word)
{
    atomic_init(&sleep->word, word);
}

static inline uint32_t rv_sleep_get(const rv_sleep *sleep)
{
    return atomic_load_explicit(&sleep->word, memory_order_acquire);
}

// Pins; returns the word before.
static inline uint32_t rv_sleep_pin(rv_sleep *sleep)
{
    return atomic_fetch_add_explicit(&sleep->word, 1, memory_order_acq_rel);
}

static inline void rv_sleep_unpin(rv_sleep *sleep)
{
    uint32_t before = atomic_fetch_sub_explicit(&sleep->word, 1, memory_order_acq_rel);
    if (!(before & RV_USED))
        atomic_fetch_or_explicit(&sleep->word, RV_USED, memory_order_relaxed);
}

// Claims an awake, unpinned chunk whose word is `from`; false when someone was faster.
static inline bool rv_sleep_claim(rv_sleep *sleep, uint32_t from, uint32_t to)
{
    return atomic_compare_exchange_strong_explicit(&sleep->word, &from, to, memory_order_acq_rel,
                                                   memory_order_relaxed);
}

static inline void rv_sleep_flip(rv_sleep *sleep, uint32_t flags)
{
    atomic_fetch_xor_explicit(&sleep->word, flags, memory_order_acq_rel);
}

// A switch that any thread may turn or read.
typedef struct {
    _Atomic(bool) on;
} rv_switch;

static inline void rv_switch_init(rv_switch *sw)
{
    atomic_init(&sw->on, false);
}

static inline bool rv_switch_is_on(const rv_switch *sw)
{
    return atomic_load_explicit(&sw->on, memory_order_relaxed);
}

// Turns it to what it is not yet, for those who learn of it otherwise than by the switch.
static inline void rv_switch_turn(rv_switch *sw, bool on)
{
    if (rv_switch_is_on(sw) != on)
        atomic_store_explicit(&sw->on, on, memory_order_relaxed);
}

static inline void rv_switch_on(rv_switch *sw)
{
    atomic_store_explicit(&sw->on, true, memory_order_seq_cst);
}

// A pointer that is published once.
typedef struct {
    _Atomic(void *) p;
} rv_once_ptr;

static inline void *rv_once_get(const rv_once_ptr *slot)
{
    return atomic_load_explicit(&slot->p, memory_order_acquire);
}

// Publishes p if nothing was there yet; returns what is there afterwards.
static inline void *rv_once_set(rv_once_ptr *slot, void *p)
{
    void *seen = NULL;
    if (atomic_compare_exchange_strong_explicit(&slot->p, &seen, p, memory_order_acq_rel,
                                                memory_order_acquire))
        return p;
    return seen;
}

#endif
