// SPDX-License-Identifier: MIT
// deflate_part.h: one part of a raw deflate stream (RFC 1951), coded from a fresh state.
//
//         ┌───────────────┬─────────────────────┐
//         │ past, 32 KiB  │ the part's bytes    │      plain
//         └───────────────┴─────────────────────┘
//           matches may      └─> blocks … and an empty stored one, which ends on a byte border (FLUSH)
//           reach back           blocks … the last of them final                               (FINISH)
//
// Parts laid end to end are one stream, which any reader takes. What a part becomes follows from its bytes,
// its past and the options alone; so parts may be coded in any order, each by a state of its own, which
// shares nothing with others. The sum is that of the part's own bytes.
//
// pigz ends a part by up to three empty blocks of ten bits where that is shorter: two bytes in 40,000. The
// stored block is kept for those who look for its 00 00 ff ff behind each flush.
#ifndef RV_FILTERS_DEFLATE_PART_H
#define RV_FILTERS_DEFLATE_PART_H

#include "blocks.h"

#ifndef ZLIB_CONST
#define ZLIB_CONST
#endif
#include <zlib.h>

// A checksum over the plain bytes.
struct rv_sum {
    uint32_t start;
    uint32_t (*add)(uint32_t sum, const uint8_t *buf, size_t len);
    uint32_t (*join)(uint32_t sum, uint32_t part, uint64_t part_len); // part: of what follows
};

struct rv_deflate_options {
    int level, strategy, window, mem; // as deflateInit2() takes them
    const struct rv_sum *sum;         // NULL: none
};

struct rv_deflate_part {
    struct rv_blocks stored; // level 0
    z_stream z;              // the other levels
    const struct rv_sum *summing;
    uint64_t len;      // plain bytes taken
    uint32_t sum;      // of them
    uint32_t past_max; // bytes before the part that are of use
    bool stores;
    bool used;         // not as opened any more
    bool dirty;        // bytes were taken since the last flush
    bool done;         // the final block has been written
    uint8_t spare[16]; // the end of a flush, until it has left
    size_t spare_len, pos;
};

// Prepares the codec, ready for a part that nothing stands before. On failure everything has been given back.
int32_t rv_deflate_part_open(struct rv_deflate_part *p, const struct rove_host *host, const struct rv_deflate_options *options);

// Begins a part. past: the plain bytes before it, or a preset dictionary; of more than zlib's window the end
// counts.
int32_t rv_deflate_part_begin(struct rv_deflate_part *p, const uint8_t *past, size_t past_len);

// Codes. FLUSH ends on a byte border, after which the part may go on or the next begin; FINISH ends the stream.
int32_t rv_deflate_part_run(struct rv_deflate_part *p, struct rove_in *in, struct rove_out *out, uint32_t act);

// Takes all the memory that a part may come to need.
int32_t rv_deflate_part_reserve(struct rv_deflate_part *p);

#define RV_DEFLATE_PAST ((size_t) 1 << MAX_WBITS)

// The last len plain bytes, of this part and its past, behind a flush. len: at most past_max, and at most what the
// two hold. room: RV_DEFLATE_PAST bytes; *past_out points into it.
int32_t rv_deflate_part_past(struct rv_deflate_part *p, uint8_t *room, size_t len, const uint8_t **past_out);

// The most that a part of len bytes becomes.
uint64_t rv_deflate_part_bound(const struct rv_deflate_part *p, uint64_t len);

void rv_deflate_part_close(struct rv_deflate_part *p);

// Points zlib's allocator at the host.
void rv_zlib_borrow(z_stream *z, const struct rove_host *host);

// What zlib's answer to opening means.
int32_t rv_zlib_opened(const struct rove_host *host, int rc);

#endif
