// SPDX-License-Identifier: MIT
// zlib_core.h: raw deflate and inflate, which gzip, zlib and deflate wrap in their own way.
//
//         ┌──────┬──────────────┬──────┐
//         │ head │ raw deflate  │ tail │      gzip: 10+ bytes, CRC-32 and length   (RFC 1952)
//         └──────┴──────────────┴──────┘      zlib: 2 or 6 bytes, Adler-32         (RFC 1950)
//                    (RFC 1951)               deflate: neither
//
// zlib is always driven raw. Its own wrappings would sum every byte with its table CRC (12 to 17 %
// of inflating), hide the header's fields, and stop at the end of the first gzip member.
#ifndef RV_FILTERS_ZLIB_CORE_H
#define RV_FILTERS_ZLIB_CORE_H

#include "util.h"

#ifndef ZLIB_CONST
#define ZLIB_CONST
#endif
#include <zlib.h>

// What tells the three wrappings apart while bytes flow.
struct rv_wrap {
    uint32_t sum_start;
    uint32_t (*sum)(uint32_t sum, const uint8_t *buf, size_t len); // NULL: none
    uint32_t (*tail)(uint32_t sum, uint64_t total, uint8_t *buf);  // at most 8 bytes; NULL: none
};

// Options that all three have, in this order at the front of their tables.
enum {
    RV_ZOPT_LEVEL,
    RV_ZOPT_STRATEGY,
    RV_ZOPT_WINDOW,
    RV_ZOPT_MEM,
    RV_ZOPT_OWN // the first of the wrapping's own
};

extern const char *const rv_zlib_strategies[];

#define RV_ZLIB_OPTIONS                                                                          \
    {.key = "level", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE, .min = 0, .max = 9,             \
     .fallback = "6", .about = "0 stores, 1 is fastest, 9 is smallest"},                         \
    {.key = "strategy", .kind = ROVE_OPT_WORD, .dirs = ROVE_ENCODE, .fallback = "default",       \
     .words = rv_zlib_strategies, .about = "which matches are looked for"},                      \
    {.key = "window", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE, .min = 9, .max = 15,           \
     .fallback = "15", .about = "log2 of the bytes that matches may reach back"},                \
    {.key = "mem", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE, .min = 1, .max = 9,               \
     .fallback = "8", .about = "memory for the encoder's tables, 2^(mem + 9) bytes"}

// An encoder. The wrapping writes `head` in its open(), the rest is done here.
struct rv_deflater {
    z_stream z;
    const struct rove_host *host;
    const struct rv_wrap *wrap;
    uint8_t *head; // `small`, or memory of the host
    size_t head_len;
    uint8_t *dict; // memory of the host, or NULL
    uint32_t dict_len;
    uint32_t sum;
    uint64_t total; // plain bytes taken
    uint8_t phase;
    bool dirty;          // bytes were taken since the last flush
    uint8_t small[32];   // a short head
    uint8_t spare[16];   // a flush marker or the tail, until it has left
    size_t spare_len;
    size_t pos; // in head or spare, whichever is leaving
};

// Prepares the codec; the head is still empty. On failure everything has been given back.
int32_t rv_deflater_open(struct rv_deflater *d, const struct rove_host *host,
                         const struct rv_wrap *wrap, const struct rove_value *values);

// Sets the preset dictionary, copied. On failure the caller must close.
int32_t rv_deflater_dict(struct rv_deflater *d, const struct rove_value *dict);

// Makes room for a head of len bytes at d->head. On failure the caller must close.
int32_t rv_deflater_head(struct rv_deflater *d, size_t len);

// The hooks of struct rove_filter; st begins with a struct rv_deflater.
int32_t rv_deflater_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act);
void rv_deflater_close(void *st);
int32_t rv_deflater_reset(void *st);
uint64_t rv_deflater_bound(const void *st, uint64_t in_len);

// A decoder of raw deflate data. The wrapping's steps stand around rv_inflater_body().
struct rv_inflater {
    z_stream z;
    const struct rove_host *host;
    const struct rv_wrap *wrap;
    uint8_t *dict; // memory of the host, or NULL
    uint32_t dict_len;
    uint32_t sum;
    uint64_t total; // plain bytes made
    uint8_t none; // where the room points when there is none; zlib refuses NULL
};

int32_t rv_inflater_open(struct rv_inflater *d, const struct rove_host *host,
                         const struct rv_wrap *wrap);

// Keeps a copy of the preset dictionary. On failure the caller must close.
int32_t rv_inflater_keep_dict(struct rv_inflater *d, const struct rove_value *dict);

// Hands the kept dictionary to zlib; before the first byte of deflate data.
int32_t rv_inflater_use_dict(struct rv_inflater *d);

// Inflates until the deflate data ends (RV_STEP), or in or out is exhausted (ROVE_OK, ROVE_END for
// a flush), or fails. `member` names the stream in messages; 0: there is only one.
int32_t rv_inflater_body(struct rv_inflater *d, struct rove_in *in, struct rove_out *out,
                         uint32_t act, uint64_t member);

// Ready for the next deflate stream. Sum and total start again.
void rv_inflater_again(struct rv_inflater *d);

void rv_inflater_close(struct rv_inflater *d);

#endif
