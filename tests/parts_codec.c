// SPDX-License-Identifier: MIT
// parts_codec.c: see parts_codec.h. Both directions are machines that take and give a byte at a time.
#include "parts_codec.h"

#include <rove/registry.h>
#include <stdbool.h>
#include <string.h>

#include "support/suite.h"

struct cut {
    uint32_t block, len, sum, all; // len: of the part, as far as it is known
    uint32_t at, data_len;         // bytes of it that were done; writing: that are to be written
    uint8_t prev, linked, grow, alone; // alone: this state does one part
    uint8_t open;                      // the head was written or read
    uint8_t out[16], out_len, out_at;  // waits to be written
    uint8_t in[16], in_len;            // was read of something whose length is known
    uint8_t *buf; // writing: the part's coded bytes, whose sum stands before them
    const struct rove_host *host;
    bool ended, told;
};

static uint32_t mix(uint32_t sum, uint8_t byte)
{
    return sum * 31 + byte + 1;
}

static void put32(uint8_t *to, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t) (v >> (8 * i));
}

static uint32_t get32(const uint8_t *from)
{
    return from[0] | (uint32_t) from[1] << 8 | (uint32_t) from[2] << 16 | (uint32_t) from[3] << 24;
}

static int32_t open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct cut *c = st;
    c->host = host;
    c->block = (uint32_t) values[0].u;
    c->linked = (uint8_t) values[1].u;
    c->grow = (uint8_t) values[2].u;
    c->buf = host->alloc(host->ctx, c->block);
    return c->buf ? ROVE_OK : ROVE_E_NOMEM;
}

static void close(void *st)
{
    struct cut *c = st;
    c->host->free(c->host->ctx, c->buf);
}

static int32_t reset(void *st)
{
    struct cut *c = st;
    *c = (struct cut){
        .block = c->block, .linked = c->linked, .grow = c->grow, .buf = c->buf, .host = c->host};
    return ROVE_OK;
}

static uint64_t part_len(const void *st)
{
    const struct cut *c = st;
    return c->grow ? 1 : c->block;
}

static int32_t part(void *st, const void *head, const uint8_t *past, size_t past_len)
{
    struct cut *c = st;
    const struct cut *h = head;
    reset(c);
    c->block = h->block;
    c->alone = true;
    c->open = true;
    c->prev = c->linked && past_len ? past[past_len - 1] : 0;
    return ROVE_OK;
}

// Of a state that is ready for any part.
static int32_t plain_part(void *st, const void *head, const uint8_t *past, size_t past_len)
{
    struct cut *c = st;
    if (head || past || past_len)
        return ROVE_E_STATE;
    return part(c, c, NULL, 0);
}

static int32_t see(void *head, const uint8_t *ptr, size_t len)
{
    struct cut *c = head;
    for (size_t i = 0; i < len; i++)
        c->all = mix(c->all, ptr[i]);
    if (len && c->linked)
        c->prev = ptr[len - 1];
    return ROVE_OK;
}

static int32_t join(void *head, const void *part_st, uint64_t len)
{
    const struct cut *p = part_st;
    (void) head;
    (void) len;
    return p->alone ? ROVE_OK : ROVE_E_STATE;
}

// writing -----------------------------------------------------------------------------------------

// Writes what waits: a few bytes, then those of a part. False: there is no room for all of it.
static bool give(struct cut *c, struct rove_out *out)
{
    for (; out->len && c->out_at < c->out_len; out->len--)
        *out->ptr++ = c->out[c->out_at++];
    if (c->out_at < c->out_len)
        return false;
    for (; out->len && c->at < c->data_len; out->len--)
        *out->ptr++ = c->buf[c->at++];
    return c->at == c->data_len;
}

static void say(struct cut *c, uint8_t kind, uint32_t a, uint32_t b, uint8_t len)
{
    c->out[0] = kind;
    put32(c->out + 1, a);
    put32(c->out + 5, b);
    c->out_at = 0;
    c->out_len = len;
}

static void end_part(struct cut *c)
{
    say(c, 'P', c->len, c->sum, 9);
    c->data_len = c->len;
    c->len = c->at = c->sum = 0;
    if (!c->linked)
        c->prev = 0;
}

static void take(struct cut *c, struct rove_in *in)
{
    for (; in->len && c->len < c->block; in->len--) {
        uint8_t byte = *in->ptr++;
        c->buf[c->len++] = byte ^ c->prev;
        c->prev = byte;
        c->sum = mix(c->sum, byte);
        if (!c->alone)
            c->all = mix(c->all, byte);
    }
}

static int32_t encode(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct cut *c = st;
    if (!c->open)
        say(c, 'C', c->block, 0, 5);
    c->open = true;
    while (give(c, out)) {
        c->data_len = c->at = 0;
        take(c, in);
        bool full = c->len == c->block && in->len;
        if (c->len && (full || act != ROVE_RUN)) {
            end_part(c);
        } else if (act == ROVE_FINISH && !c->ended && !c->alone) {
            c->ended = true;
            say(c, 'E', c->all, 0, 5);
        } else {
            return act == ROVE_RUN ? ROVE_OK : ROVE_END;
        }
    }
    return ROVE_OK;
}

// reading -----------------------------------------------------------------------------------------

static int32_t bad(struct cut *c, const char *why)
{
    c->host->explain(c->host->ctx, why);
    return ROVE_E_DATA;
}

// Reads the few bytes in front of something; false: not all are there.
static bool get(struct cut *c, struct rove_in *in, uint8_t len)
{
    while (in->len && c->in_len < len) {
        c->in[c->in_len++] = *in->ptr++;
        in->len--;
    }
    return c->in_len >= len;
}

static int32_t begin(struct cut *c)
{
    c->in_len = 0;
    c->len = get32(c->in + 1);
    c->at = 0;
    c->prev = 0;
    c->sum = 0;
    memcpy(c->out, c->in + 5, 4); // the sum it should have
    c->told = true;
    return c->len <= c->block ? ROVE_OK : bad(c, "a part is longer than a block");
}

static int32_t end(struct cut *c)
{
    c->ended = true;
    return get32(c->in + 1) == c->all ? ROVE_END : bad(c, "the sum of all is another");
}

static int32_t decode(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct cut *c = st;
    for (;;) {
        if (c->told) { // inside of a part
            while (in->len && out->len && c->at < c->len) {
                c->prev = *in->ptr++ ^ c->prev;
                in->len--;
                *out->ptr++ = c->prev;
                out->len--;
                c->at++;
                c->sum = mix(c->sum, c->prev);
                if (!c->alone)
                    c->all = mix(c->all, c->prev);
            }
            if (c->at == c->len) {
                c->told = false;
                if (get32(c->out) != c->sum)
                    return bad(c, "the sum of a part is another");
                if (c->alone)
                    return ROVE_END;
                continue;
            }
            if (in->len)
                return ROVE_OK; // wants room
        } else if (!c->open ? get(c, in, 5)
                            : get(c, in, 1) && get(c, in, c->in[0] == 'P' ? 9 : 5)) {
            int32_t rc = ROVE_OK;
            if (!c->open && c->in[0] == 'C') {
                c->block = get32(c->in + 1);
                c->open = true;
                c->in_len = 0;
            } else if (c->open && c->in[0] == 'P') {
                rc = begin(c);
            } else if (c->open && c->in[0] == 'E') {
                return end(c);
            } else {
                rc = bad(c, "this is no part");
            }
            if (rc)
                return rc;
            continue;
        }
        return act == ROVE_FINISH && !in->len ? ROVE_E_TRUNCATED : ROVE_OK;
    }
}

static int32_t next(void *head, const uint8_t *ptr, size_t len, uint64_t *len_out)
{
    const struct cut *c = head;
    if (!c->open) {
        *len_out = 5;
        return ROVE_END;
    }
    if (ptr[0] != 'P') {
        *len_out = 0;
        return ROVE_END;
    }
    *len_out = 9;
    if (len < 9)
        return ROVE_E_TRUNCATED;
    *len_out += get32(ptr + 1);
    return ROVE_OK;
}

static const struct rove_option options[] = {
    {.key = "block",
     .kind = ROVE_OPT_UINT,
     .dirs = ROVE_ENCODE | ROVE_DECODE,
     .min = 1,
     .max = 1 << 20,
     .fallback = "1000",
     .about = "bytes of a part"},
    {.key = "linked",
     .kind = ROVE_OPT_BOOL,
     .dirs = ROVE_ENCODE,
     .fallback = "no",
     .about = "a part begins with what the one before it ends with"},
    {.key = "grow",
     .kind = ROVE_OPT_BOOL,
     .dirs = ROVE_DECODE,
     .fallback = "no",
     .about = "parts are said to become nothing"},
    {.key = NULL}};

static const struct rove_filter cut_encode = {ROVE_FILTER_INIT,
                                              .name = "cut",
                                              .about = "codes parts, for tests",
                                              .dir = ROVE_ENCODE,
                                              .flags = ROVE_F_FLUSHES,
                                              .state_len = sizeof(struct cut),
                                              .options = options,
                                              .open = open,
                                              .run = encode,
                                              .close = close,
                                              .reset = reset,
                                              .join = join,
                                              .part_len = part_len,
                                              .part = part,
                                              .see = see,
                                              .past_len = 64};

static const struct rove_filter cut_plain = {ROVE_FILTER_INIT,
                                             .name = "cut_plain",
                                             .about = "codes parts in any state, for tests",
                                             .dir = ROVE_ENCODE,
                                             .flags = ROVE_F_FLUSHES | ROVE_F_PLAIN_PARTS,
                                             .state_len = sizeof(struct cut),
                                             .options = options,
                                             .open = open,
                                             .run = encode,
                                             .close = close,
                                             .reset = reset,
                                             .join = join,
                                             .part_len = part_len,
                                             .part = plain_part,
                                             .see = see};

static const struct rove_filter cut_decode = {ROVE_FILTER_INIT,
                                              .name = "cut",
                                              .about = "decodes parts, for tests",
                                              .dir = ROVE_DECODE,
                                              .flags = ROVE_F_CHECKS | ROVE_F_MEMORY_BOUND,
                                              .state_len = sizeof(struct cut),
                                              .options = options,
                                              .open = open,
                                              .run = decode,
                                              .close = close,
                                              .reset = reset,
                                              .join = join,
                                              .part_len = part_len,
                                              .part = part,
                                              .next = next,
                                              .see = see};

void parts_codec_register(void)
{
    if (rove_filter_find("cut", ROVE_ENCODE))
        return;
    CHECK_OK(rove_filter_register(&cut_encode, NULL));
    CHECK_OK(rove_filter_register(&cut_plain, NULL));
    CHECK_OK(rove_filter_register(&cut_decode, NULL));
}
