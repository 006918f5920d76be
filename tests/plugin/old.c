// SPDX-License-Identifier: MIT
// old.c: a plugin as it was built before filters could have parts. What is tested is the binary, which is
// kept in old.h, where it says how it was made.
//
// Behind each table lies what no host may look at: were it taken for hooks, it would be jumped to.
#include <rove/filter.h>

struct state {
    uint8_t key;
};

static int32_t run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct state *s = st;
    for (; in->len && out->len; in->len--, out->len--)
        *out->ptr++ = (uint8_t) (*in->ptr++ ^ s->key++);
    return in->len || act == ROVE_RUN ? ROVE_OK : ROVE_END;
}

struct table {
    struct rove_filter filter;
    uint64_t behind[16];
};

#define BEHIND 0x6666666666666666u
#define BEHIND4 BEHIND, BEHIND, BEHIND, BEHIND

#define OLD ROVE_FILTER_INIT, .name = "old", .state_len = sizeof(struct state), .run = run
static const struct table writes = {{OLD, .dir = ROVE_ENCODE, .flags = ROVE_F_FLUSHES}, {BEHIND4, BEHIND4, BEHIND4, BEHIND4}};
static const struct table reads = {{OLD, .dir = ROVE_DECODE}, {BEHIND4, BEHIND4, BEHIND4, BEHIND4}};
static const struct rove_filter *const filters[] = {&writes.filter, &reads.filter, 0};
static const struct rove_plugin plugin = {
    ROVE_PLUGIN_INIT, .name = "old", .version = "1.0", .license = "MIT", .filters = filters};
ROVE_PLUGIN(&plugin)
