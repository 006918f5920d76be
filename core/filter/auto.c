// SPDX-License-Identifier: MIT
// auto.c: looks past what belongs to nobody in particular, and asks the decoders.
#include "filter/auto.h"

#include "filter/registry.h"
#include "filter/spec.h"

#include "base/arith.h"

#include <stdio.h>
#include <string.h>

#define SHOWN 6u // bytes that people are shown of what was not recognised

// skippable frames ------------------------------------------------------------------------------

static bool is_skippable(const uint8_t *head)
{
    return (head[0] & 0xf0) == 0x50 && head[1] == 0x2a && head[2] == 0x4d && head[3] == 0x18;
}

static uint64_t skippable_len(const uint8_t *head)
{
    return RV_SKIP_HEAD + (head[4] | (uint64_t) head[5] << 8 | (uint64_t) head[6] << 16 |
                           (uint64_t) head[7] << 24);
}

size_t rv_auto_pass(struct rv_passed *passed, const uint8_t *head, size_t len)
{
    if (len < RV_SKIP_HEAD || !is_skippable(head))
        return 0;
    if (!passed->len)
        memcpy(passed->head, head, RV_SKIP_HEAD);
    passed->left = skippable_len(head);
    return rv_auto_pass_on(passed, len);
}

size_t rv_auto_pass_on(struct rv_passed *passed, size_t len)
{
    size_t n = rv_clamp(passed->left, len);
    passed->left -= n;
    passed->len += n;
    return n;
}

void rv_auto_rest(const struct rv_passed *passed, uint8_t *head)
{
    memcpy(head, passed->head, 4);
    for (unsigned i = 0; i < 4; i++) // less than 2^32 are left: the head itself has been passed
        head[4 + i] = (uint8_t) (passed->left >> 8 * i);
}

// choosing --------------------------------------------------------------------------------------

struct choice {
    const struct rv_passed *passed;
    struct rove_span head;
    const struct rove_filter *best;
    uint32_t bits;
};

static void ask(struct choice *choice, const struct rove_filter *filter)
{
    if (!(filter->dir & ROVE_DECODE))
        return;
    if (choice->passed->len && !rv_filter_detect(filter, choice->passed->head, RV_SKIP_HEAD))
        return;
    uint32_t bits = rv_filter_detect(filter, choice->head.ptr, choice->head.len);
    if (bits > choice->bits) {
        choice->best = filter;
        choice->bits = bits;
    }
}

const struct rove_filter *rv_auto_pick(const char *allow, const struct rv_passed *passed,
                                       struct rove_span head)
{
    struct choice choice = {passed, head, NULL, 0};
    const struct rove_filter *filter;
    struct rove_span name;
    if (!allow)
        for (size_t i = 0; (filter = rove_filter_at(i)); i++)
            ask(&choice, filter);
    while (allow && rv_next_name(&allow, &name)) {
        filter = rv_filter_find(name, ROVE_DECODE);
        if (filter)
            ask(&choice, filter);
    }
    return choice.best;
}

const struct rove_filter *rv_auto_only(const char *allow)
{
    struct rove_span name, more;
    bool one = allow && rv_next_name(&allow, &name) && !rv_next_name(&allow, &more);
    return one ? rv_filter_find(name, ROVE_DECODE) : NULL;
}

void rv_auto_explain(const struct rv_passed *passed, struct rove_span head, char *buf, size_t cap)
{
    const char *what = passed->len ? "what follows the skippable frames" : "the first bytes";
    size_t len = 0;
    if (head.len)
        len = (size_t) snprintf(buf, cap, "no decoder recognises %s,", what);
    else
        snprintf(buf, cap, "there are no bytes by which to choose a decoder");
    for (size_t i = 0; i < head.len && i < SHOWN && len < cap; i++)
        len += (size_t) snprintf(buf + len, cap - len, " %02x", head.ptr[i]);
}
