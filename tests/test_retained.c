// SPDX-License-Identifier: MIT
// test_retained.c: what a rope keeps alive follows what it holds.
//
// The bound is the one that rope.h states under "Memory", checked after every step of histories that no other
// rope or view shares: twice the content, and three chunks, the first, the tail and the scratch chunk, and what is not
// looked for yet. Each history runs beside a flat array, which says at the end whether the moved bytes are the right ones.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rope/node.h"
#include "rope/sweep.h"
#include "support/edits.h"
#include "support/shapes.h"
#include "support/suite.h"

#define FLAT_CAP ((size_t) 8 << 20)

struct history {
    struct rove_rope rope;
    struct rng rng;
    uint8_t *flat;
    size_t len;
    uint64_t steps;
    double worst; // retained over the bound
};

// In tiny chunks most memory is heads and nodes: no bound on what they keep is promised.
static bool is_usual(void)
{
    return env.chunk_len >= 4096;
}

static void begin(struct history *w, unsigned salt)
{
    rove_rope_init(&w->rope, env.pool);
    w->rng = rng_from(suite_seed() + salt);
    w->flat = malloc(FLAT_CAP);
    w->len = 0;
    w->steps = 0;
    w->worst = 0;
}

static void expect_bound(struct history *w)
{
    struct rove_rope_figures figures;
    uint64_t holder = env.chunk_len + RV_CHUNK_HEAD;
    CHECK_OK(rove_rope_measure(&w->rope, &figures));
    uint64_t most = 2 * figures.len + 3 * holder + sizeof(struct rv_node) + rv_sweep_least(&w->rope);
    double share = (double) figures.retained / (double) most;
    w->steps++;
    if (share > w->worst)
        w->worst = share;
    if (figures.retained > most)
        suite_note("step %llu: %llu bytes keep %llu", (unsigned long long) w->steps,
                   (unsigned long long) figures.len, (unsigned long long) figures.retained);
    CHECK(figures.retained <= most);
}

struct use {
    const struct rv_chunk *chunk;
    uint64_t len;
};

static int by_chunk(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t) ((const struct use *) a)->chunk;
    uintptr_t y = (uintptr_t) ((const struct use *) b)->chunk;
    return (x > y) - (x < y);
}

static void list_uses(const struct rv_node *node, struct use *use, size_t *cnt)
{
    for (unsigned i = 0; i < node->cnt; i++) {
        if (node->level)
            list_uses(rv_kid(node, i), use, cnt);
        else
            use[(*cnt)++] = (struct use){node->ptr[i], node->len[i]};
    }
}

// Where nothing is shared each chunk knows exactly how many of its bytes lie in slices.
static void expect_sums(const struct rove_rope *rope)
{
    struct rove_rope_figures figures;
    size_t cnt = 0, wrong = 0;
    CHECK_OK(rove_rope_measure(rope, &figures));
    struct use *use = malloc((size_t) (figures.slice_cnt + 1) * sizeof *use);
    if (rope->root)
        list_uses(rope->root, use, &cnt);
    qsort(use, cnt, sizeof *use, by_chunk);
    for (size_t i = 0; i < cnt;) {
        const struct rv_chunk *chunk = use[i].chunk;
        uint64_t sum = 0;
        for (; i < cnt && use[i].chunk == chunk; i++)
            sum += use[i].len;
        wrong += sum != rv_tally_sum(&chunk->refs);
    }
    CHECK_EQ(0, wrong);
    free(use);
}

// Compacting gives back, and never takes. What is left is used by three quarters, but for a chunk that is being filled.
static void expect_compact(struct history *w)
{
    struct rove_rope_figures before, after;
    CHECK_OK(rove_rope_measure(&w->rope, &before));
    CHECK_OK(rove_rope_compact(&w->rope));
    CHECK_OK(rove_rope_measure(&w->rope, &after));
    if (after.retained > before.retained)
        suite_note("compacted, %llu bytes keep %llu rather than %llu", (unsigned long long) after.len,
                   (unsigned long long) after.retained, (unsigned long long) before.retained);
    CHECK(after.retained <= before.retained);
    uint64_t nodes = (after.node_cnt + 1) * sizeof(struct rv_node);
    CHECK(after.retained <= after.len / 3 * 4 + after.slice_cnt * RV_CHUNK_HEAD + nodes + env.chunk_len);
}

static void end(struct history *w)
{
    expect_sums(&w->rope);
    suite_note("%llu steps, at most %.2f of the bound", (unsigned long long) w->steps, w->worst);
    expect_compact(w);
    expect_sums(&w->rope);
    CHECK_SOUND(&w->rope);
    CHECK_BYTES(&w->rope, w->flat, w->len);
    rove_rope_fini(&w->rope);
    free(w->flat);
}

static void replace(struct history *w, size_t off, size_t del, size_t len)
{
    const uint8_t *src = noise(len + 64) + rng_below(&w->rng, 64);
    CHECK_OK(rove_rope_replace(&w->rope, off, del, src, len));
    memmove(w->flat + off + len, w->flat + off + del, w->len - off - del);
    memcpy(w->flat + off, src, len);
    w->len += len - del;
    expect_bound(w);
}

static void append(struct history *w, size_t len)
{
    replace(w, w->len, 0, len);
}

static size_t anywhere(struct history *w, size_t len)
{
    return rng_below(&w->rng, w->len - len + 1);
}

// histories -------------------------------------------------------------------------------------

static void mixed(size_t start, size_t most, uint64_t cnt, unsigned salt)
{
    struct history w;
    if (!is_usual())
        return;
    begin(&w, salt);
    for (size_t n = 0; n < start; n += 4096)
        append(&w, 4096);
    for (uint64_t i = suite_scaled(cnt); i-- > 0;) {
        size_t len = 1 + rng_below(&w.rng, most);
        if (i & 1 && w.len + len < FLAT_CAP)
            replace(&w, anywhere(&w, 0), 0, len);
        else if (len < w.len)
            replace(&w, anywhere(&w, len), len, 0);
    }
    end(&w);
}

static void small_edits_anywhere(void)
{
    mixed(300000, 700, 20000, 1);
}

static void tiny_edits_anywhere(void)
{
    mixed(100000, 16, 20000, 2);
}

static void middling_edits_anywhere(void)
{
    mixed(300000, 9000, 5000, 3);
}

static void edits_as_long_as_chunks(void)
{
    mixed(1 << 20, 3 * env.chunk_len, 600, 4);
}

// All but crumbs of each chunk goes, in any order.
static void crumbs_are_left(void)
{
    if (!is_usual())
        return;
    static const size_t crumbs[] = {1, 513, 600, 2000};
    for (size_t i = 0; i < sizeof crumbs / sizeof *crumbs; i++) {
        struct history w;
        size_t unit = env.chunk_len, crumb = crumbs[i];
        if (crumb >= unit)
            continue;
        begin(&w, 5);
        for (size_t cnt = 60; cnt--;)
            append(&w, unit);
        for (size_t cnt = 60; cnt--;)
            replace(&w, cnt * unit + rng_below(&w.rng, crumb), unit - crumb, 0);
        for (size_t n = w.len / 2; n--;) // what is left is typed over
            replace(&w, anywhere(&w, 1), 1, 1);
        end(&w);
    }
}

// Each insert is cut in two by the next; then all of them are worn down to crumbs from the outside.
static void nested_inserts_worn_down(void)
{
    if (!is_usual())
        return;
    struct history w;
    size_t unit = env.chunk_len, half = unit / 2, crumb = unit < 4096 ? 1 : 600;
    begin(&w, 6);
    append(&w, unit);
    for (unsigned i = 1; i < 60; i++)
        replace(&w, i * half, 0, unit);
    for (unsigned i = 0; i < 60; i++) {
        replace(&w, i * crumb, half - crumb, 0);
        replace(&w, w.len - i * crumb - half, half - crumb, 0);
    }
    end(&w);
}

static void a_queue(void)
{
    if (!is_usual())
        return;
    struct history w;
    begin(&w, 7);
    for (uint64_t i = suite_scaled(20000); i--;) {
        append(&w, 1 + rng_below(&w.rng, 2000));
        while (w.len > 20000)
            replace(&w, 0, 1 + rng_below(&w.rng, 4000), 0);
    }
    end(&w);
}

static void take(struct history *w, size_t len)
{
    uint8_t buf[512];
    CHECK_OK(rove_rope_take(&w->rope, buf, len, NULL));
    CHECK(memcmp(w->flat, buf, len) == 0);
    memmove(w->flat, w->flat + len, w->len - len);
    w->len -= len;
    expect_bound(w);
}

// What is taken is paid for late, as it goes with the first slice. But others may come in front of that, or into it, when
// most of it has gone.
static void fronts_that_are_followed_by_others(void)
{
    if (!is_usual())
        return;
    for (unsigned where = 0; where < 3; where++) {
        struct history w;
        size_t unit = env.chunk_len, crumb = 600;
        begin(&w, 20 + where);
        append(&w, unit);
        for (unsigned i = 0; i < 40; i++) {
            size_t owed = (i % 8 + 1) * unit / 8 - crumb; // less than is paid for at once, and more
            for (size_t n = 0; n + 512 < owed && w.len > 1024; n += 512)
                take(&w, 1 + rng_below(&w.rng, 512));
            replace(&w, where * (crumb / 3), 0, where == 1 && i & 1 ? 700 : unit);
        }
        end(&w);
    }
}

// A rope of which only crumbs are left: what was first in a chunk, what follows it, or what has come into the tail.
static void wear(struct history *part, unsigned kind, size_t crumb)
{
    size_t unit = env.chunk_len, left = crumb + (kind & 2 ? 1000 : 0);
    append(part, kind & 1 ? unit : unit - 100);
    if (kind & 2)
        append(part, 1000);
    while (part->len > left + 512)
        take(part, 1 + rng_below(&part->rng, 512));
    replace(part, 0, part->len - left, 0);
    if (kind & 4) {
        append(part, unit);
        append(part, crumb);
    }
}

// Joins a worn rope, before or behind.
static void join_part(struct history *w, unsigned kind, bool before, size_t crumb)
{
    struct history part;
    begin(&part, 60 + kind);
    wear(&part, kind, crumb);
    if (w->len + part.len < FLAT_CAP) {
        memmove(w->flat + (before ? part.len : 0), w->flat, w->len);
        memcpy(w->flat + (before ? 0 : w->len), part.flat, part.len);
        w->len += part.len;
        CHECK_OK(before ? rove_rope_concat(&part.rope, &w->rope) : rove_rope_concat(&w->rope, &part.rope));
        if (before) {
            rove_rope_fini(&w->rope);
            rove_rope_move(&w->rope, &part.rope);
        }
        expect_bound(w);
    }
    free(part.flat);
    rove_rope_fini(&part.rope);
}

static void join_worn(unsigned kind, bool before, size_t crumb)
{
    struct history w;
    begin(&w, 40 + kind);
    for (unsigned i = 0; i < 50; i++)
        join_part(&w, kind, before, crumb);
    end(&w);
}

// A rope whose tail has a long chunk, of which all that it was given lies in the tree: an edit has settled it.
static void end_in_room(struct history *part, size_t len)
{
    uint8_t *ptr;
    size_t got;
    append(part, 1000);
    CHECK_OK(rove_rope_reserve(&part->rope, env.chunk_len, &ptr, &got));
    memcpy(ptr, noise(len), len);
    memcpy(part->flat + part->len, ptr, len);
    CHECK_OK(rove_rope_commit(&part->rope, len));
    part->len += len;
    replace(part, 990, 20, 30);
}

// Nor is it a tail any more.
static void settled_tails_that_are_joined(void)
{
    if (!is_usual())
        return;
    struct history w, part;
    begin(&w, 33);
    for (unsigned i = 0; i < 60; i++) {
        begin(&part, 34);
        end_in_room(&part, 600 + rng_below(&w.rng, 600));
        memcpy(w.flat + w.len, part.flat, part.len);
        w.len += part.len;
        CHECK_OK(rove_rope_concat(&w.rope, &part.rope));
        expect_bound(&w);
        rove_rope_fini(&part.rope);
        free(part.flat);
    }
    end(&w);
}

// Nobody may have paid for what is first in a rope, nor for its tail; they are neither when ropes are joined.
static void worn_ropes_that_are_joined(void)
{
    if (!is_usual())
        return;
    static const size_t crumbs[] = {1, 500, 600, 1500};
    for (unsigned kind = 0; kind < 64; kind++)
        join_worn(kind >> 2 & 7, kind >> 5, crumbs[kind & 3]);
}

// What is cut off is so short that it is joined by its bytes: what the cut has left in the tail's chunk is paid for as well.
static void ends_that_are_cut_off_and_rejoined(void)
{
    if (!is_usual())
        return;
    for (unsigned kind = 0; kind < 8; kind++) {
        struct history w;
        struct rove_rope right;
        begin(&w, 32 + kind);
        for (unsigned i = 0; kind & 4 && i < 60; i++) // in a long rope the hand has far to go
            append(&w, env.chunk_len);
        for (unsigned i = 0; i < 250; i++) {
            append(&w, kind & 1 ? 1000 : 700);
            size_t cut = 1 + rng_below(&w.rng, kind & 2 ? 500 : 100);
            CHECK_OK(rove_rope_split(&w.rope, w.len - cut, &right));
            CHECK_OK(rove_rope_concat(&w.rope, &right));
            rove_rope_fini(&right);
            expect_bound(&w);
        }
        end(&w);
    }
}

// A head is joined in front of what is edited, again and again: the hand goes on where it was, not in the head.
static void heads_that_are_joined_in_front(void)
{
    if (!is_usual())
        return;
    struct history w;
    begin(&w, 36);
    size_t unit = env.chunk_len, part = unit / 8;
    for (size_t i = 0; i < 30; i++)
        append(&w, unit);
    for (unsigned i = 0; i < 4 * 30 * 8; i++) {
        struct rove_rope head;
        const uint8_t *src = noise(part);
        replace(&w, anywhere(&w, part), part, 0);
        rove_rope_init(&head, env.pool);
        CHECK_OK(rove_rope_append(&head, src, part));
        CHECK_OK(rove_rope_concat(&head, &w.rope));
        rove_rope_fini(&w.rope);
        rove_rope_move(&w.rope, &head);
        rove_rope_fini(&head);
        memmove(w.flat + part, w.flat, w.len);
        memcpy(w.flat, src, part);
        w.len += part;
        expect_bound(&w);
    }
    end(&w);
}

static void take_in(struct history *w, const void *src, size_t len)
{
    memcpy(w->flat + w->len, src, len);
    w->len += len;
    expect_bound(w);
}

// All but a little more than half of each chunk stays unused.
static void chunks_that_are_reserved_and_half_filled(void)
{
    if (!is_usual())
        return;
    struct history w;
    begin(&w, 75);
    for (unsigned i = 0; i < 400 && w.len + env.chunk_len < FLAT_CAP; i++) {
        uint8_t *ptr;
        size_t got, len = env.chunk_len / 2 + 1;
        const uint8_t *src = noise(len);
        CHECK_OK(rove_rope_reserve(&w.rope, env.chunk_len, &ptr, &got));
        memcpy(ptr, src, len);
        CHECK_OK(rove_rope_commit(&w.rope, len));
        take_in(&w, src, len);
    }
    end(&w);
}

// A server asks for as much as may be there, and little is: all of each chunk is used.
static void short_reads_where_much_is_asked_for(void)
{
    if (!is_usual())
        return;
    struct history w;
    struct rove_rope_figures figures;
    int fd[2];
    begin(&w, 76);
    CHECK_EQ(0, pipe(fd));
    for (unsigned i = 0; i < 1000; i++) {
        size_t len = 1 + rng_below(&w.rng, 1500), got = 0;
        const uint8_t *src = noise(len);
        CHECK_EQ(len, write(fd[1], src, len));
        CHECK_OK(rove_rope_read_fd(&w.rope, fd[0], 65536, &got));
        CHECK_EQ(len, got);
        take_in(&w, src, len);
    }
    CHECK_OK(rove_rope_measure(&w.rope, &figures));
    CHECK(figures.retained <= figures.len / 20 * 21 + 3 * env.chunk_len);
    close(fd[0]);
    close(fd[1]);
    end(&w);
}

// Comes in behind all else, joined, or at a place, and is as many chunks.
static void bring_much(struct history *w, size_t at, size_t much, bool join)
{
    struct rove_rope part;
    const uint8_t *src = noise(much);
    if (!join) {
        replace(w, at, 0, much);
        return;
    }
    rove_rope_init(&part, env.pool);
    CHECK_OK(rove_rope_append(&part, src, much));
    CHECK_OK(rove_rope_concat(&w->rope, &part));
    rove_rope_fini(&part);
    memcpy(w->flat + w->len, src, much);
    w->len += much;
}

// Much comes beside what is edited, and goes again, all of it, which wastes nothing. What the edits pay must not be spent on
// looking at that alone.
static void much_that_comes_and_goes_beside_edits(void)
{
    if (!is_usual())
        return;
    for (unsigned kind = 0; kind < 3; kind++) { // in front, in the middle, and behind
        struct history w;
        size_t unit = env.chunk_len, doc = 8 * unit, much = 24 * unit, at = kind * doc / 2;
        begin(&w, 80 + kind);
        append(&w, doc);
        for (unsigned i = 0; i < 40; i++) {
            bring_much(&w, at, much, kind == 2);
            for (size_t spent = 0; spent < unit;) {
                size_t len = 1 + rng_below(&w.rng, unit / 64), off = rng_below(&w.rng, doc - len);
                if (off < at && off + len > at)
                    continue;
                off += off < at ? 0 : much;
                replace(&w, off, len, 0);
                replace(&w, off, 0, len);
                spent += len;
            }
            replace(&w, at, much, 0);
        }
        end(&w);
    }
}

// What comes in across two leaves is made apart, and its last chunk is hardly more than half full.
static void replaced_across_leaves(void)
{
    if (!is_usual())
        return;
    struct history w;
    begin(&w, 39);
    for (size_t i = 0; i < 17; i++)
        append(&w, env.chunk_len);
    while (w.len + env.chunk_len < FLAT_CAP / 4) {
        const struct rv_node *leaf = w.rope.root;
        while (leaf->level)
            leaf = rv_kid(leaf, 0);
        replace(&w, (size_t) leaf->total - 1, 2, env.chunk_len / 2 + 1);
    }
    end(&w);
}

// What each edit wastes is too little to be paid for at once, and a short end is cut off after each. The cut must not take
// away what is owed; whether the end is joined again, by its bytes, or dropped and another appended.
static void little_edits_and_short_ends_cut_off(void)
{
    if (!is_usual())
        return;
    for (unsigned kind = 0; kind < 2; kind++) {
        struct history w;
        struct rove_rope right;
        size_t unit = env.chunk_len, part = unit / 64, cut = 100;
        begin(&w, 37 + kind);
        for (size_t i = 0; i < 12; i++)
            append(&w, unit);
        append(&w, cut);
        for (unsigned i = 0; i < 5 * 12 * 64; i++) {
            replace(&w, rng_below(&w.rng, w.len - cut - part), part, 0);
            replace(&w, rng_below(&w.rng, w.len - cut), 0, part);
            CHECK_OK(rove_rope_split(&w.rope, w.len - cut, &right));
            if (kind)
                CHECK_OK(rove_rope_append(&w.rope, w.flat + w.len - cut, cut));
            else
                CHECK_OK(rove_rope_concat(&w.rope, &right));
            rove_rope_fini(&right);
            expect_bound(&w);
        }
        end(&w);
    }
}

// What an edit has left of the tail's chunk stays, as it is the tail's; until bytes are appended for which it has no room.
static void a_worn_tail_that_moves_on(void)
{
    if (!is_usual())
        return;
    struct history w;
    begin(&w, 31);
    append(&w, env.chunk_len);
    replace(&w, 0, env.chunk_len - 600, 0);
    append(&w, env.chunk_len - 50);
    replace(&w, 1300, 0, env.chunk_len / 2 + 100);
    replace(&w, 1400, w.len - 1420, 0);
    for (unsigned i = 0; i < 3; i++)
        append(&w, 300);
    end(&w);
}

// Lengths of all orders, as often short as long.
static size_t any_len(struct history *w, size_t most)
{
    size_t len = most >> rng_below(&w->rng, 12);
    return 1 + (len ? rng_below(&w->rng, len) : 0);
}

static void take_some(struct history *w)
{
    for (size_t n = rng_below(&w->rng, 2 * env.chunk_len); n > 1 && w->len > 512;) {
        size_t len = 1 + rng_below(&w->rng, 512);
        take(w, len);
        n -= len < n ? len : n;
    }
}

// All that a rope can go through but splits, of which no part knows what it wastes.
static void anything(void)
{
    if (!is_usual())
        return;
    struct history w;
    struct rove_rope moved;
    begin(&w, 30);
    for (uint64_t i = suite_scaled(4000); i--;) {
        size_t len = any_len(&w, 3 * env.chunk_len), del = any_len(&w, 3 * env.chunk_len);
        bool fits = w.len + len < FLAT_CAP / 4;
        del = del < w.len ? del : w.len;
        switch (rng_below(&w.rng, fits ? 9 : 5)) {
        case 0: take_some(&w); break;
        case 1: replace(&w, 0, del, 0); break;
        case 2: replace(&w, w.len - del, del, 0); break;
        case 3: replace(&w, anywhere(&w, del), del, 0); break;
        case 4:
            rove_rope_move(&moved, &w.rope);
            rove_rope_fini(&w.rope);
            rove_rope_move(&w.rope, &moved);
            rove_rope_fini(&moved);
            break;
        case 5: replace(&w, 0, 0, len); break;
        case 6: append(&w, len); break;
        case 7: replace(&w, anywhere(&w, 0), 0, len); break;
        default: join_part(&w, (unsigned) i & 7, i & 8, any_len(&w, env.chunk_len / 2)); break;
        }
    }
    end(&w);
}

static void a_stack(void)
{
    if (!is_usual())
        return;
    struct history w;
    begin(&w, 8);
    for (uint64_t i = suite_scaled(20000); i--;) {
        append(&w, 1 + rng_below(&w.rng, 3000));
        if (w.len > 100000 || i % 3 == 0) {
            size_t del = 1 + rng_below(&w.rng, w.len);
            replace(&w, w.len - del, del, 0);
        }
    }
    end(&w);
}

static void typed_at_many_places(void)
{
    if (!is_usual())
        return;
    struct history w;
    begin(&w, 9);
    append(&w, 200000);
    for (uint64_t i = suite_scaled(2000); i--;) {
        size_t at = anywhere(&w, 0);
        for (size_t n = 1 + rng_below(&w.rng, 40); n--;)
            replace(&w, at++, 0, 1);
        for (size_t n = rng_below(&w.rng, 40); n-- && at;)
            replace(&w, --at, 1, 0);
    }
    end(&w);
}

static void grown_and_emptied_in_the_middle(void)
{
    if (!is_usual())
        return;
    struct history w;
    begin(&w, 10);
    append(&w, 10000);
    for (unsigned i = 0; i < 40; i++) {
        while (w.len < 300000)
            replace(&w, w.len / 2, 0, 1 + rng_below(&w.rng, 3000));
        while (w.len > 10000)
            replace(&w, w.len / 2 - w.len / 8, w.len / 4, 0);
    }
    end(&w);
}

static void cut_and_rejoined(void)
{
    if (!is_usual())
        return;
    struct history w;
    struct rove_rope right;
    begin(&w, 11);
    append(&w, 200000);
    for (uint64_t i = suite_scaled(1000); i--;) {
        CHECK_OK(rove_rope_split(&w.rope, anywhere(&w, 0), &right));
        CHECK_OK(rove_rope_concat(&w.rope, &right));
        rove_rope_fini(&right);
        size_t del = 1 + rng_below(&w.rng, 1000);
        replace(&w, anywhere(&w, del), del, 0);
        append(&w, del);
    }
    end(&w);
}

// Only cut, appended to, and joined again: what the parts' tails leave is paid for where they meet.
static void parts_that_grow_and_are_rejoined(void)
{
    if (!is_usual())
        return;
    struct history w;
    struct rove_rope right;
    begin(&w, 12);
    append(&w, 200000);
    for (uint64_t i = suite_scaled(2000); i--;) {
        size_t at = anywhere(&w, 0), add = 1 + rng_below(&w.rng, 200);
        const uint8_t *src = noise(add);
        CHECK_OK(rove_rope_split(&w.rope, at, &right));
        CHECK_OK(rove_rope_append(&w.rope, src, add));
        if (rng_below(&w.rng, 2)) { // edits of the part lay their bytes in a chunk of its own
            uint64_t len = rove_rope_len(&right), del = rng_below(&w.rng, len < 300 ? len + 1 : 300);
            CHECK_OK(rove_rope_replace(&right, 0, del, src, add));
            memmove(w.flat + at + add, w.flat + at + del, w.len - at - del);
            memcpy(w.flat + at, src, add);
            w.len += add - del;
        }
        CHECK_OK(rove_rope_concat(&w.rope, &right));
        rove_rope_fini(&right);
        memmove(w.flat + at + add, w.flat + at, w.len - at);
        memcpy(w.flat + at, src, add);
        w.len += add;
        expect_bound(&w);
        CHECK(w.rope.debt <= w.len / 2 + 3 * env.chunk_len); // not twice as much with each of them
    }
    end(&w);
}

// A slice of another pool's long chunk may be more than an edit lays at a time: the hand goes on all the same.
static void slices_longer_than_edits_lay(void)
{
    struct rove_rope rope, lender;
    struct rove_view view;
    struct rove_pool *pool = suite_pool_new(&env.alloc.table, 65536);
    rove_rope_init(&lender, pool);
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append(&lender, noise(65536), 65536));
    CHECK_OK(rove_rope_append(&rope, noise(2000), 2000));
    CHECK_OK(rove_rope_view(&lender, 0, 40000, &view));
    CHECK_OK(rove_rope_append_view(&rope, &view));
    rove_view_fini(&view);
    rove_rope_fini(&lender);
    rove_pool_unref(pool);
    uint64_t len = rove_rope_len(&rope);
    for (unsigned i = 0; i < 5000; i++) {
        CHECK_OK(rove_rope_insert(&rope, len / 2, noise(100), 100));
        CHECK_OK(rove_rope_erase(&rope, len / 2 - 50, 100));
    }
    CHECK(rope.debt < 100000);
    CHECK_SOUND(&rope);
    rove_rope_fini(&rope);
}

// What is no pool memory, and what comes in by a view, is no waste: nothing is owed for it.
static void only_what_is_wasted_is_owed(void)
{
    struct rove_rope rope, other;
    struct rove_view view;
    rove_rope_init(&rope, env.pool);
    rove_rope_init(&other, env.pool);
    CHECK_OK(rove_rope_append_zeros(&rope, UINT64_C(1) << 40));
    CHECK_OK(rove_rope_append_adopt(&rope, noise(100000), 100000, NULL, NULL));
    CHECK_OK(rove_rope_append(&other, noise(3000), 3000));
    CHECK_OK(rove_rope_view(&other, 0, 3000, &view));
    CHECK_OK(rove_rope_replace_view(&rope, 1000, 0, &view));
    CHECK_OK(rove_rope_replace_view(&rope, 1500, 700, &view));
    CHECK_OK(rove_rope_erase(&rope, 70000, UINT64_C(1) << 39));
    CHECK_OK(rove_rope_erase(&rope, 90000, 5000));
    CHECK_OK(rove_rope_erase(&rope, 0, 10));
    CHECK_OK(rove_rope_truncate(&rope, rove_rope_len(&rope) - 1000));
    CHECK_OK(rove_rope_insert(&rope, 20000, noise(600), 600));
    CHECK(rope.debt <= 700 + 2 * env.chunk_len);
    rove_view_fini(&view);
    rove_rope_fini(&other);
    rove_rope_fini(&rope);
}

// in place --------------------------------------------------------------------------------------

// Slices of one rope on one chunk are no reason to write elsewhere.
static void overwritten_in_place_after_edits(void)
{
    if (!is_usual())
        return;
    struct history w;
    struct rove_pool_figures before, after;
    begin(&w, 12);
    append(&w, 1 << 20);
    for (unsigned i = 0; i < 500; i++) {
        replace(&w, anywhere(&w, 0), 0, 100);
        replace(&w, anywhere(&w, 100), 100, 0);
    }
    rove_pool_measure(env.pool, &before);
    for (unsigned i = 0; i < 1000; i++) {
        size_t len = 1 + rng_below(&w.rng, 9000), off = anywhere(&w, len);
        const uint8_t *src = noise(len);
        CHECK_OK(rove_rope_overwrite(&w.rope, off, src, len));
        memcpy(w.flat + off, src, len);
    }
    rove_pool_measure(env.pool, &after);
    CHECK_EQ(before.take_cnt, after.take_cnt);
    CHECK_EQ(before.alloc_cnt, after.alloc_cnt);
    end(&w);
}

// The slices on both sides of an insert are one chunk's: a clone sees neither changed.
static void not_in_place_beside_a_clone(void)
{
    for (unsigned kind = 0; kind < 4; kind++) {
        struct rove_rope rope, clone;
        struct rove_view view;
        size_t len = 3 * env.chunk_len / 2 + 3;
        rove_rope_init(&rope, env.pool);
        rove_rope_init(&clone, env.pool);
        const uint8_t *src = noise(len);
        CHECK_OK(rove_rope_append(&rope, src, len));
        uint8_t *was = malloc(len + 1);
        memcpy(was, src, len);
        if (kind & 1) { // cut before it is shared
            CHECK_OK(rove_rope_insert(&rope, 1, "x", 1));
            memmove(was + 2, was + 1, len - 1);
            was[1] = 'x';
            len++;
        }
        CHECK_OK(rove_rope_view(&rope, 0, len, &view));
        if (kind & 2) {
            rove_rope_fini(&clone);
            rove_rope_clone(&clone, &rope);
        } else {
            CHECK_OK(rove_rope_append_view(&clone, &view));
        }
        CHECK_OK(rove_rope_insert(&rope, len / 2, "y", 1)); // and after
        for (size_t at = 0; at < len; at += len / 7 + 1)
            CHECK_OK(rove_rope_overwrite(&rope, at, "z", 1));
        CHECK_VIEW(&view, was, len);
        rove_view_fini(&view);
        for (size_t at = 0; at < len; at += len / 7 + 1)
            CHECK_OK(rove_rope_overwrite(&rope, at, "w", 1));
        CHECK_BYTES(&clone, was, len);
        for (size_t at = 0; at < len; at += len / 5 + 1)
            CHECK_OK(rove_rope_overwrite(&clone, at, "v", 1));
        uint8_t byte;
        CHECK_OK(rove_rope_read(&rope, 0, &byte, 1, NULL));
        CHECK_EQ('w', byte);
        free(was);
        rove_rope_fini(&clone);
        rove_rope_fini(&rope);
    }
}

// What is merged is held until it is copied. A chunk that goes with it wastes nothing, whichever of its holds is the last.
static void nothing_is_owed_for_a_chunk_that_goes(void)
{
    static uint8_t bytes[3000];
    struct rove_rope rope;
    rove_rope_init(&rope, env.pool);
    for (size_t i = 0; i < 3; i++) {
        static const size_t len[] = {3000, 600, 3000};
        struct rove_rope part;
        rove_rope_init(&part, env.pool);
        CHECK_OK(rove_rope_append(&part, bytes, len[i]));
        CHECK_OK(rove_rope_concat(&rope, &part));
        rove_rope_fini(&part);
    }
    uint32_t before = rope.debt;
    CHECK_OK(rove_rope_erase(&rope, 3200, 200)); // what is left on both sides becomes one
    CHECK(!is_usual() || rope.debt == before);
    CHECK_EQ(6400, rove_rope_len(&rope));
    rove_rope_fini(&rope);
}

static const struct suite_case cases[] = {
    SUITE_CASE(small_edits_anywhere),
    SUITE_CASE(tiny_edits_anywhere),
    SUITE_CASE(middling_edits_anywhere),
    SUITE_CASE(edits_as_long_as_chunks),
    SUITE_CASE(crumbs_are_left),
    SUITE_CASE(nested_inserts_worn_down),
    SUITE_CASE(a_queue),
    SUITE_CASE(fronts_that_are_followed_by_others),
    SUITE_CASE(worn_ropes_that_are_joined),
    SUITE_CASE(settled_tails_that_are_joined),
    SUITE_CASE(ends_that_are_cut_off_and_rejoined),
    SUITE_CASE(heads_that_are_joined_in_front),
    SUITE_CASE(chunks_that_are_reserved_and_half_filled),
    SUITE_CASE(short_reads_where_much_is_asked_for),
    SUITE_CASE(much_that_comes_and_goes_beside_edits),
    SUITE_CASE(replaced_across_leaves),
    SUITE_CASE(little_edits_and_short_ends_cut_off),
    SUITE_CASE(a_worn_tail_that_moves_on),
    SUITE_CASE(anything),
    SUITE_CASE(a_stack),
    SUITE_CASE(typed_at_many_places),
    SUITE_CASE(grown_and_emptied_in_the_middle),
    SUITE_CASE(cut_and_rejoined),
    SUITE_CASE(parts_that_grow_and_are_rejoined),
    SUITE_CASE(slices_longer_than_edits_lay),
    SUITE_CASE(only_what_is_wasted_is_owed),
    SUITE_CASE(nothing_is_owed_for_a_chunk_that_goes),
    SUITE_CASE(overwritten_in_place_after_edits),
    SUITE_CASE(not_in_place_beside_a_clone),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_retained", cases, sizeof cases / sizeof *cases, true});
}
