// SPDX-License-Identifier: MIT
// hex_parts.c: hex.c, done in parts by workers.
#include <rove/filter.h>

static const struct rove_option options[] = {
    {.key = "upper", .kind = ROVE_OPT_BOOL, .dirs = ROVE_ENCODE, .fallback = "no", .about = "A to F"},
    {.key = 0},
};

struct state {
    const struct rove_host *host;
    const char *digits;
    int high; // reading: 16 + the first digit of a pair; 0: none yet
};

static int32_t open_state(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct state *s = st; // zeroed
    s->host = host;
    s->digits = values[0].u ? "0123456789ABCDEF" : "0123456789abcdef";
    return ROVE_OK;
}

static int32_t encode(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct state *s = st;
    for (; in->len && out->len >= 2; in->len--, out->len -= 2) {
        *out->ptr++ = (uint8_t) s->digits[*in->ptr >> 4];
        *out->ptr++ = (uint8_t) s->digits[*in->ptr++ & 15];
    }
    return in->len || act == ROVE_RUN ? ROVE_OK : ROVE_END;
}

static int32_t decode(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct state *s = st;
    for (; in->len && out->len; in->len--, in->ptr++) {
        int c = *in->ptr, d = c >= '0' && c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
        if (d < 0 || d > 15 || (d < 10 && c > '9'))
            return s->host->explain(s->host->ctx, "this is no hex digit"), ROVE_E_DATA;
        if (s->high) {
            *out->ptr++ = (uint8_t) ((s->high & 15) << 4 | d);
            out->len--;
        }
        s->high = s->high ? 0 : 16 + d;
    }
    if (in->len || act == ROVE_RUN)
        return ROVE_OK;
    return act == ROVE_FINISH && s->high ? ROVE_E_TRUNCATED : ROVE_END;
}

#define PART 65536 // plain bytes

static uint64_t part_len(const void *head)
{
    return (void) head, PART;
}

static int32_t part(void *st, const void *head, const uint8_t *past, size_t past_len)
{
    ((struct state *) st)->high = 0; // a part that was given up may have left one
    return (void) head, (void) past, (void) past_len, ROVE_OK;
}

static int32_t next(void *head, const uint8_t *ptr, size_t len, uint64_t *len_out)
{
    *len_out = PART * 2; // whole pairs, wherever one asks
    return (void) head, (void) ptr, (void) len, ROVE_OK;
}

static int32_t join(void *head, const void *done, uint64_t len)
{
    return (void) head, (void) done, (void) len, ROVE_OK;
}

#define HEX ROVE_FILTER_INIT, .name = "hex", .options = options, .state_len = sizeof(struct state), \
            .open = open_state, .part_len = part_len, .part = part, .join = join
static const struct rove_filter writes = {HEX, .dir = ROVE_ENCODE, .run = encode,
                                          .flags = ROVE_F_FLUSHES | ROVE_F_SPLITS};
static const struct rove_filter reads = {HEX, .dir = ROVE_DECODE, .run = decode, .next = next};
static const struct rove_filter *const filters[] = {&writes, &reads, 0};
static const struct rove_plugin plugin = {
    ROVE_PLUGIN_INIT, .name = "hex", .version = "1.0", .license = "MIT", .filters = filters};
ROVE_PLUGIN(&plugin)
