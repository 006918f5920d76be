// SPDX-License-Identifier: MIT
// context.c: contexts, and the shelf of those that wait.
//
// There is one shelf, of contexts on the default pool: that one lives as long as the process, while a
// context of another pool would keep its pool alive. It is a list, the last one put there first:
//
//     shelf ──> ctx ──> ctx ──> … ──> ctx        at most KEEP_CNT, together at most KEEP_LEN bytes;
//                                                more push the last ones off
//
// 1. What is on the shelf was reset and belongs to no thread and to no chain's account.
// 2. Two uses of a filter are equal when all their options are equal numbers. Texts (names,
//    dictionaries, expected digests) are not kept: a use with one is never equal to another.
// 3. Checksums and guards are not kept: making them anew is as fast.
// 4. A context that counts for a large part of a chain's limit is not handed to it: what is
//    accepted under a small limit must not depend on what was done before.
#include "filter/context.h"

#include <rove/registry.h>

#include "base/arith.h"
#include "base/atfork.h"
#include "filter/value.h"

#include <string.h>

// The context itself, in front of its keys and the state, which is aligned for any type.
#define OWN_LEN ((sizeof(struct rv_context) + 15) / 16 * 16)

#define KEEP_CNT 16u
#define KEEP_LEN (UINT64_C(8) << 20)
#define KEEP_LEAST 4096u              // bytes held by a context: less is made anew as fast,
#define KEEP_MOST (UINT64_C(1) << 20) // and more is kept from all others
#define LIMIT_SHARE 64u               // a context is at most this part of a chain's limit

struct rv_key {
    uint64_t u;
    uint64_t given;
};

// What stands in front of memory that a filter asked for. The list gives back what a filter forgets; and a
// filter knows only what lies behind the head, which a leak checker takes for lost.
struct rv_held {
    struct rv_held *next, **link;
    size_t len; // all of the block
    size_t unused;
};

#define HEAD_LEN sizeof(struct rv_held)
_Static_assert(HEAD_LEN % 16 == 0, "what lies behind it is aligned for any type");

static struct rv_lock *const lock = &rv_process_lock[RV_LOCK_SHELF]; // guards what follows
static struct rv_context *shelf;
static size_t kept_cnt;
static uint64_t kept_len;

// memory ----------------------------------------------------------------------------------------

static void *host_alloc(void *arg, size_t len)
{
    struct rv_context *ctx = arg;
    size_t whole;
    if (!ctx->means) // it waits on the shelf, and is closed there: no chain would pay
        return NULL;
    if (rv_add_size(len, HEAD_LEN, &whole)) {
        (void) rv_means_take(ctx->means, UINT64_MAX); // refused
        return NULL;
    }
    struct rv_held *block = rv_means_alloc(ctx->means, whole);
    if (!block)
        return NULL;
    *block = (struct rv_held){.next = ctx->blocks, .link = &ctx->blocks, .len = whole};
    if (block->next)
        block->next->link = &block->next;
    ctx->blocks = block;
    ctx->held += whole;
    return block + 1;
}

static void give(struct rv_context *ctx, void *ptr, size_t len)
{
    ctx->held -= len;
    if (ctx->means)
        rv_means_give(ctx->means, len);
    rv_pool_free(ctx->pool, ptr, len);
}

static void host_free(void *arg, void *ptr)
{
    if (!ptr)
        return;
    struct rv_held *block = (struct rv_held *) ptr - 1;
    *block->link = block->next;
    if (block->next)
        block->next->link = block->link;
    give(arg, block, block->len);
}

static void host_explain(void *arg, const char *why)
{
    struct rv_context *ctx = arg;
    if (why && ctx->means)
        rv_means_explain(ctx->means, why);
}

// make and drop ---------------------------------------------------------------------------------

// Tells whether the options of a use are numbers all.
static bool is_plain(const struct rove_value *values, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++)
        if (values[i].text && values[i].given)
            return false;
    return true;
}

struct rv_context *rv_context_new(const struct rove_filter *filter, const struct rove_value *values,
                                  struct rv_means *means)
{
    size_t cnt = rv_option_cnt(filter->options); // at most 64
    size_t keys_len = cnt * sizeof(struct rv_key);
    size_t len = OWN_LEN + keys_len + filter->state_len; // at most 16 MiB
    struct rv_context *ctx = rv_means_alloc(means, len);
    if (!ctx)
        return NULL;
    memset(ctx, 0, len);
    ctx->host = (struct rove_host){.size = sizeof ctx->host,
                                   .abi = ROVE_FILTER_ABI,
                                   .ctx = ctx,
                                   .alloc = host_alloc,
                                   .free = host_free,
                                   .explain = host_explain};
    ctx->filter = filter;
    ctx->means = means;
    ctx->pool = means->pool;
    ctx->held = ctx->len = len;
    ctx->state = (uint8_t *) ctx + OWN_LEN + keys_len;
    if (!is_plain(values, cnt))
        return ctx;
    ctx->keys = (struct rv_key *) (void *) ((uint8_t *) ctx + OWN_LEN);
    for (size_t i = 0; i < cnt; i++)
        ctx->keys[i] = (struct rv_key){values[i].u, values[i].given};
    return ctx;
}

void rv_context_take_back(struct rv_context *ctx)
{
    while (ctx->blocks)
        host_free(ctx, ctx->blocks + 1);
}

void rv_context_free(struct rv_context *ctx)
{
    rv_context_take_back(ctx);
    give(ctx, ctx, ctx->len);
}

// the shelf -------------------------------------------------------------------------------------

static bool is_same(const struct rv_context *ctx, const struct rove_filter *filter,
                    const struct rove_value *values)
{
    size_t i = 0;
    if (ctx->filter != filter)
        return false;
    for (; filter->options[i].key; i++)
        if (ctx->keys[i].u != values[i].u || ctx->keys[i].given != values[i].given)
            return false;
    return true;
}

static bool may_have(const struct rv_means *means, const struct rv_context *ctx)
{
    return ctx->held <= means->limit / LIMIT_SHARE && rv_means_allow(means, ctx->held);
}

struct rv_context *rv_context_reuse(const struct rove_filter *filter,
                                    const struct rove_value *values, struct rv_means *means)
{
    bool never = filter->dir == ROVE_TAP || means->pool != rove_pool_default();
    if (never || !is_plain(values, rv_option_cnt(filter->options)))
        return NULL;
    rv_lock_enter(lock);
    struct rv_context **at = &shelf, *ctx;
    while ((ctx = *at) && !(is_same(ctx, filter, values) && may_have(means, ctx)))
        at = &ctx->next;
    if (ctx) {
        *at = ctx->next;
        kept_cnt--;
        kept_len -= ctx->held;
    }
    rv_lock_leave(lock);
    if (!ctx || !rv_means_take(means, ctx->held)) // it was seen to be allowed
        return NULL;
    ctx->means = means;
    return ctx;
}

// Cuts the list where the bounds are passed; returns what is cut off.
static struct rv_context *cut(size_t cnt_max, uint64_t len_max)
{
    struct rv_context **at = &shelf;
    uint64_t len = 0;
    size_t cnt = 0;
    while (*at && cnt < cnt_max && len + (*at)->held <= len_max) {
        cnt++;
        len += (*at)->held;
        at = &(*at)->next;
    }
    struct rv_context *rest = *at;
    *at = NULL;
    kept_cnt = cnt;
    kept_len = len;
    return rest;
}

// Closes and drops a list; returns its bytes.
static uint64_t drop_all(struct rv_context *ctx)
{
    uint64_t sum = 0;
    while (ctx) {
        struct rv_context *next = ctx->next;
        sum += ctx->held;
        ctx->filter->close(ctx->state);
        rv_context_free(ctx);
        ctx = next;
    }
    return sum;
}

bool rv_context_keep(struct rv_context *ctx)
{
    bool never = ctx->filter->dir == ROVE_TAP || ctx->pool != rove_pool_default();
    if (never || !ctx->keys || ctx->held < KEEP_LEAST || ctx->held > KEEP_MOST ||
        ctx->filter->reset(ctx->state) != ROVE_OK)
        return false;
    rv_means_give(ctx->means, ctx->held);
    ctx->means = NULL;
    rv_lock_enter(lock);
    ctx->next = shelf;
    shelf = ctx;
    struct rv_context *rest = cut(KEEP_CNT, KEEP_LEN);
    rv_lock_leave(lock);
    drop_all(rest);
    return true;
}

void rv_context_figures(size_t *cnt_out, uint64_t *held_out)
{
    rv_lock_enter(lock);
    *cnt_out = kept_cnt;
    *held_out = kept_len;
    rv_lock_leave(lock);
}

uint64_t rove_filter_trim(void)
{
    rv_lock_enter(lock);
    struct rv_context *all = cut(0, 0);
    rv_lock_leave(lock);
    return drop_all(all);
}
