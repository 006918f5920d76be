// SPDX-License-Identifier: MIT
// auto.c: asks the decoders.
#include "filter/auto.h"

#include "filter/registry.h"
#include "filter/spec.h"

struct choice {
    const struct rove_filter *best;
    uint32_t bits;
};

static void ask(struct choice *choice, const struct rove_filter *filter, const uint8_t *head,
                size_t len)
{
    if (!(filter->dir & ROVE_DECODE))
        return;
    uint32_t bits = rv_filter_detect(filter, head, len);
    if (bits > choice->bits)
        *choice = (struct choice){filter, bits};
}

const struct rove_filter *rv_auto_pick(const char *allow, const uint8_t *head, size_t len)
{
    struct choice choice = {NULL, 0};
    const struct rove_filter *filter;
    struct rove_span name;
    if (!allow)
        for (size_t i = 0; (filter = rove_filter_at(i)); i++)
            ask(&choice, filter, head, len);
    while (allow && rv_next_name(&allow, &name)) {
        filter = rv_filter_find(name, ROVE_DECODE);
        if (filter)
            ask(&choice, filter, head, len);
    }
    return choice.best;
}
