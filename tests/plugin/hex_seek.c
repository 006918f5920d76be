// SPDX-License-Identifier: MIT
// hex_seek.c: hex.c, read anywhere.
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

static int32_t resume(void *st, const struct rove_mark *mark)
{
    return (void) st, mark->flags == ROVE_MARK_FRESH ? ROVE_OK : ROVE_E_FORMAT;
}

static int32_t hop(void *st, const uint8_t *ptr, size_t len, struct rove_hop *hop)
{
    (void) st, (void) ptr;
    hop->marked = 1;
    hop->mark.flags = ROVE_MARK_FRESH;
    hop->skip = len / 2 * 2;
    hop->plain = len / 2;
    hop->need = 2;
    return len > 1 ? ROVE_OK : len ? ROVE_E_TRUNCATED : ROVE_END;
}

#define HEX ROVE_FILTER_INIT, .name = "hex", .options = options, .state_len = sizeof(struct state), \
            .open = open_state
static const struct rove_filter writes = {HEX, .dir = ROVE_ENCODE, .run = encode,
                                          .flags = ROVE_F_FLUSHES | ROVE_F_SPLITS};
static const struct rove_filter reads = {HEX, .dir = ROVE_DECODE, .run = decode, .resume = resume, .hop = hop};
static const struct rove_filter *const filters[] = {&writes, &reads, 0};
static const struct rove_plugin plugin = {
    ROVE_PLUGIN_INIT, .name = "hex", .version = "1.0", .license = "MIT", .filters = filters};
ROVE_PLUGIN(&plugin)
