// SPDX-License-Identifier: MIT
// util.h: the few lines that every framing shares: spans, byte order, saying what is wrong.
#ifndef RV_FILTERS_UTIL_H
#define RV_FILTERS_UTIL_H

#include <rove/filter.h>
#include <stdbool.h>
#include <string.h>

// A framing is a list of small steps, one a phase. A step returns this when the phase has changed
// and the next step should go on at once. It never leaves a filter.
#define RV_STEP 2

static inline size_t rv_min(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline void rv_in_skip(struct rove_in *in, size_t len)
{
    if (len > 0) { // an empty span may have a null pointer, which must not be added to
        in->ptr += len;
        in->len -= len;
    }
}

static inline void rv_out_skip(struct rove_out *out, size_t len)
{
    if (len > 0) {
        out->ptr += len;
        out->len -= len;
    }
}

// Takes from `in` until buf holds `want` bytes; *have counts them. Returns whether all are there.
static inline bool rv_gather(uint8_t *buf, uint32_t *have, uint32_t want, struct rove_in *in)
{
    size_t len = rv_min(want - *have, in->len);

    if (len > 0) {
        memcpy(buf + *have, in->ptr, len);
        *have += (uint32_t) len;
        rv_in_skip(in, len);
    }
    return *have == want;
}

// Moves buf[*pos .. len) to `out` as far as it fits. Returns whether all of it has left.
static inline bool rv_drain(const uint8_t *buf, size_t len, size_t *pos, struct rove_out *out)
{
    size_t part = rv_min(len - *pos, out->len);

    if (part > 0) {
        memcpy(out->ptr, buf + *pos, part);
        *pos += part;
        rv_out_skip(out, part);
    }
    return *pos == len;
}

static inline uint32_t rv_le32(const uint8_t *p)
{
    return (uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16 | (uint32_t) p[3] << 24;
}

static inline uint32_t rv_be32(const uint8_t *p)
{
    return (uint32_t) p[3] | (uint32_t) p[2] << 8 | (uint32_t) p[1] << 16 | (uint32_t) p[0] << 24;
}

static inline uint32_t rv_le16(const uint8_t *p)
{
    return (uint32_t) p[0] | (uint32_t) p[1] << 8;
}

static inline void rv_put_le16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t) v;
    p[1] = (uint8_t) (v >> 8);
}

static inline void rv_put_le32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++) {
        p[i] = (uint8_t) (v >> (8 * i));
    }
}

static inline void rv_put_be32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++) {
        p[i] = (uint8_t) (v >> (24 - 8 * i));
    }
}

static inline void rv_put_be64(uint8_t *p, uint64_t v)
{
    rv_put_be32(p, (uint32_t) (v >> 32));
    rv_put_be32(p + 4, (uint32_t) v);
}

static inline bool rv_mark_is_fresh(const struct rove_mark *mark)
{
    return mark->flags == ROVE_MARK_FRESH && mark->bits == 0 && mark->state_len == 0;
}

// The hook mark() of a decoder that can begin between parts alone. between: whether it stands there; *wanted_out: whether
// run() is to stop at the next place between them.
static inline int32_t rv_mark_between(struct rove_mark *mark, bool between, bool *wanted_out)
{
    *wanted_out = true; // also at the one behind it, should a single byte lie between them
    mark->flags = between ? ROVE_MARK_FRESH : 0;
    return between ? ROVE_OK : ROVE_E_AGAIN;
}

// A stored block of deflate data (RFC 1951, 3.2.4), which begins on a byte border.
#define RV_STORED_MAX 65535u // plain bytes
#define RV_STORED_HEAD 5u    // bytes before them

static inline size_t rv_put_stored(uint8_t *p, struct rove_in plain, bool final)
{
    p[0] = final;
    rv_put_le16(p + 1, (uint32_t) plain.len);
    rv_put_le16(p + 3, ~(uint32_t) plain.len);
    if (plain.len > 0) {
        memcpy(p + RV_STORED_HEAD, plain.ptr, plain.len);
    }
    return RV_STORED_HEAD + plain.len;
}

// a + b, or the largest number when that does not fit.
static inline uint64_t rv_sat_add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

// What a decoder answers when it wants more input and has nothing left to say. `truncated` is the
// clause for people; NULL when the format may end here.
int32_t rv_starved(const struct rove_host *host, uint32_t act, const char *truncated);

// The hook resume() of such a decoder: a mark within a part of the format is none.
int32_t rv_resume_between(const struct rove_host *host, const struct rove_mark *mark, const char *format,
                          const char *part);

// Tells people what is wrong, as printf() does, and returns `status` for `return rv_fail(…)`.
int32_t rv_fail(const struct rove_host *host, int32_t status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
