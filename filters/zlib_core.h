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
//
// Writing, the deflate data are one part (deflate_part.h), or with `block` one for every so many plain bytes.
// A part that is full ends when the next byte comes, or a flush: so the last one, which is final, is empty only
// where there is nothing to write or all was flushed. A flush ends a part early; the next is as long as any.
//
// With `rsyncable` deflate blocks end, on a byte border as for a flush, where the content itself says so: 8 KiB apart or
// so, at least 2. Some 32 KiB behind a difference, as far as deflate looks back, coded bytes are the same again.
//
// Parts are at least 32 KiB: less than what deflate looks back over would spend more time on a fresh
// state than on its bytes. At most 1 GiB, so that a part's length fits the types of zlib's on any machine.
#ifndef RV_FILTERS_ZLIB_CORE_H
#define RV_FILTERS_ZLIB_CORE_H

#include "deflate_part.h"

struct rv_deflater;

// What tells the three wrappings apart.
struct rv_wrap {
    const struct rv_sum *sum; // NULL: none
    bool takes_dict;          // has the option RV_ZOPT_DICT
    int32_t (*head)(struct rv_deflater *d, const struct rove_value *values); // sets it; NULL: none
    uint32_t (*tail)(uint32_t sum, uint64_t total, uint8_t *buf); // at most 8 bytes; NULL: none
};

// Options that all three have, in this order at the front of their tables.
enum {
    RV_ZOPT_LEVEL,
    RV_ZOPT_STRATEGY,
    RV_ZOPT_WINDOW,
    RV_ZOPT_MEM,
    RV_ZOPT_BLOCK,
    RV_ZOPT_RSYNCABLE,
    RV_ZOPT_OWN,               // the first of the wrapping's own
    RV_ZOPT_DICT = RV_ZOPT_OWN // where it takes a dictionary
};

extern const char *const rv_zlib_strategies[];

#define RV_ZBLOCK_MIN ((uint64_t) 32 << 10)
#define RV_ZBLOCK_MAX ((uint64_t) 1 << 30)

#define RV_ZLIB_OPTIONS                                                                          \
    {.key = "level", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE, .min = 0, .max = 9,             \
     .fallback = "6", .about = "0 stores, 1 is fastest, 9 is smallest"},                         \
    {.key = "strategy", .kind = ROVE_OPT_WORD, .dirs = ROVE_ENCODE, .fallback = "default",       \
     .words = rv_zlib_strategies, .about = "which matches are looked for"},                      \
    {.key = "window", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE, .min = 9, .max = 15,           \
     .fallback = "15", .about = "log2 of the bytes that matches may reach back"},                \
    {.key = "mem", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE, .min = 1, .max = 9,               \
     .fallback = "8", .about = "memory for the encoder's tables, 2^(mem + 9) bytes"},            \
    {.key = "block", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE, .max = RV_ZBLOCK_MAX,           \
     .fallback = "0",                                                                            \
     .about = "code every so many bytes, 32K or more, as a part of its own; 0: in one run"},    \
    {.key = "rsyncable", .kind = ROVE_OPT_BOOL, .dirs = ROVE_ENCODE, .fallback = "no",           \
     .about = "end deflate blocks where the content says so, for rsync"}

// The table of those that have a dictionary besides.
extern const struct rove_option rv_zlib_dict_options[];

// Finds where the content says that a deflate block shall end (rsyncable): where a sum of the last bytes has a certain
// value. What follows such a place is coded as it would be wherever it stood.
struct rv_cutter {
    uint64_t sum;
    size_t ahead; // bytes that were looked at and are not coded yet; none of them ends a block but perhaps the last
    size_t since; // bytes from the last place to where it looked, that place's own block
    bool found;   // the last one does
};

// An encoder.
struct rv_deflater {
    struct rv_deflate_part part;
    const struct rove_host *host;
    const struct rv_wrap *wrap;
    uint8_t *head; // `small`, or memory of the host
    size_t head_len;
    uint8_t *dict; // memory of the host, or NULL
    uint32_t dict_len;
    uint32_t sum;
    uint64_t total; // plain bytes; of the parts that have ended, as is the sum
    uint64_t block; // plain bytes a part; 0: there is but one
    struct rv_cutter cutter;
    uint8_t *past;  // memory of the host: RV_DEFLATE_PAST bytes, from the second part on
    const uint8_t *seen; // in past: what matches of the part that comes next may reach
    size_t seen_len;
    const uint8_t *before; // of a state that codes one part: borrowed, what stands before it
    size_t before_len;
    uint8_t phase;
    bool joined; // parts were coded by other states
    bool marks;  // it stops between parts
    bool rsyncable;
    uint8_t small[32]; // a short head
    uint8_t end[8];    // the tail, until it has left
    size_t end_len;
    size_t pos; // in head or end, whichever is leaving
};

// Makes room for a head of len bytes at d->head, for wrap->head().
int32_t rv_deflater_head(struct rv_deflater *d, size_t len);

// The hooks of struct rove_filter; open() is the wrapping's, and calls rv_deflater_open(). On failure
// everything has been given back.
int32_t rv_deflater_open(struct rv_deflater *d, const struct rove_host *host, const struct rv_wrap *wrap,
                         const struct rove_value *values);
int32_t rv_deflater_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act);
void rv_deflater_close(void *st);
int32_t rv_deflater_reset(void *st);
uint64_t rv_deflater_bound(const void *st, uint64_t in_len);
uint64_t rv_deflater_part_len(const void *head);
int32_t rv_deflater_part(void *st, const void *head, const uint8_t *past, size_t past_len);
int32_t rv_deflater_join(void *head, const void *part, uint64_t part_len);
int32_t rv_deflater_mark(void *st, struct rove_mark *mark);

#define RV_ZLIB_LIBRARY "zlib " ZLIB_VERSION

#define RV_DEFLATER                                                                              \
    .dir = ROVE_ENCODE, .state_len = sizeof(struct rv_deflater), .block_len = 128 * 1024,        \
    .library = RV_ZLIB_LIBRARY, .run = rv_deflater_run, .close = rv_deflater_close,              \
    .reset = rv_deflater_reset, .bound = rv_deflater_bound, .join = rv_deflater_join,            \
    .part_len = rv_deflater_part_len, .part = rv_deflater_part, .past_len = RV_DEFLATE_PAST,     \
    .mark = rv_deflater_mark

// A decoder of raw deflate data. The wrapping's steps stand around rv_inflater_body().
struct rv_inflater {
    z_stream z;
    const struct rove_host *host;
    const struct rv_wrap *wrap;
    uint8_t *dict; // memory of the host, or NULL
    uint32_t dict_len;
    uint32_t sum;
    uint64_t total; // plain bytes made
    uint8_t *window;  // memory of the host, from the first mark within a stream on: its state
    uint8_t place;    // RV_PLACE_…
    uint8_t bits;     // of the last byte taken that belong behind the place
    uint8_t prime;    // as many are yet to be taken from the first byte
    bool mark_wanted; // it stops at the next place
    bool resumed;     // its input may end at any place
    bool unsummed;    // the stream was begun within: neither sum nor total are its own
    uint8_t none; // where the room points when there is none; zlib refuses NULL
};

// Prepares the codec and keeps a copy of the preset dictionary, if there is one. On failure everything has
// been given back. values: NULL where the wrapping takes no dictionary.
int32_t rv_inflater_open(struct rv_inflater *d, const struct rove_host *host, const struct rv_wrap *wrap,
                         const struct rove_value *values);

// Hands the kept dictionary to zlib; before the first byte of deflate data.
int32_t rv_inflater_use_dict(struct rv_inflater *d);

// Inflates until the deflate data ends (RV_STEP), or in or out is exhausted (ROVE_OK, ROVE_END for
// a flush), or fails. `member` names the stream in messages; 0: there is only one.
int32_t rv_inflater_body(struct rv_inflater *d, struct rove_in *in, struct rove_out *out,
                         uint32_t act, uint64_t member);

// Ready for the next deflate stream. Sum and total start again.
void rv_inflater_again(struct rv_inflater *d);

// As opened; the dictionary aside.
void rv_inflater_reset(struct rv_inflater *d);

// Where it stands in the deflate data. The end of the last block is no place to begin at: no block follows.
enum { RV_PLACE_NONE, RV_PLACE_START, RV_PLACE_BORDER, RV_PLACE_END };

// The hook mark(). fresh: the wrapping stands where it begins.
int32_t rv_inflater_mark(struct rv_inflater *d, bool fresh, struct rove_mark *mark);

// The hook resume(), in a state as reset. What is not fresh begins in the deflate data.
int32_t rv_inflater_resume(struct rv_inflater *d, const struct rove_mark *mark);

// The hook of a filter whose state begins with a struct rv_inflater.
void rv_inflater_close(void *st);

#define RV_INFLATER                                                                              \
    .dir = ROVE_DECODE, .block_len = 256 * 1024, .library = RV_ZLIB_LIBRARY,                     \
    .close = rv_inflater_close

#endif
