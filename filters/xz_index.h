// SPDX-License-Identifier: MIT
// xz_index.h: the index at the end of a stream of xz: two lengths for each block.
//
//     0 │ number of blocks │ lengths … │ zeros, to a multiple of 4 │ CRC-32
//
// What is read is held against the blocks by liblzma, but where the stream was begun in its middle: there its end alone is
// found here.
#ifndef RV_FILTERS_XZ_INDEX_H
#define RV_FILTERS_XZ_INDEX_H

#include "util.h"

#include <lzma.h>

// writing ---------------------------------------------------------------------------------------

#define RV_XZ_RECORD_MOST (2u * LZMA_VLI_BYTES_MAX)
#define RV_XZ_INDEX_HEAD_MOST (1u + LZMA_VLI_BYTES_MAX)
#define RV_XZ_INDEX_TAIL_MOST (3u + 4u)

// The lengths of the blocks so far, as they will stand there. host: of its memory.
struct rv_xz_records {
    const struct rove_host *host;
    uint8_t *ptr;
    size_t len, cap;
    uint64_t cnt;
};

// Makes room for so many more. False: refused.
bool rv_xz_records_reserve(struct rv_xz_records *r, uint64_t cnt);

// ROVE_OK, or ROVE_E_NOMEM.
int32_t rv_xz_records_add(struct rv_xz_records *r, uint64_t unpadded, uint64_t plain);
int32_t rv_xz_records_join(struct rv_xz_records *r, const struct rv_xz_records *part);

// What stands before the lengths and behind them. buf: room for the most. Returns the bytes written.
size_t rv_xz_index_head(const struct rv_xz_records *r, uint8_t *buf);
size_t rv_xz_index_tail(const struct rv_xz_records *r, uint8_t *buf);

static inline void rv_xz_records_reset(struct rv_xz_records *r)
{
    r->len = 0;
    r->cnt = 0;
}

static inline void rv_xz_records_close(struct rv_xz_records *r)
{
    r->host->free(r->host->ctx, r->ptr);
}

// reading ---------------------------------------------------------------------------------------

// How far it came. Zeroed: nowhere.
struct rv_xz_index {
    uint64_t len;     // bytes so far
    uint64_t numbers; // to come
    uint64_t value;   // of the number that it is in
    uint32_t shift, tail;
    bool counted, ended;
};

// Takes one byte. Returns whether an index can go on so.
bool rv_xz_index_byte(struct rv_xz_index *x, uint8_t byte);

// The least number of bytes that are to come; at least 1 before its end.
uint64_t rv_xz_index_least(const struct rv_xz_index *x);

#endif
