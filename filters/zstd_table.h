// SPDX-License-Identifier: MIT
// zstd_table.h: the seek table that an encoder writes behind its frames (seekable format 0.1.0): a skippable frame, which
// readers pass over, with the lengths of all the others.
//
//     0x184d2a5e u32 │ length of what follows u32 │ coded u32, plain u32 │ … │ count u32 │ 0 u8 │ 0x8f92eab1 u32
//
// It costs eight bytes of memory a frame. Frames have checksums of their own, so entries have none.
#ifndef RV_FILTERS_ZSTD_TABLE_H
#define RV_FILTERS_ZSTD_TABLE_H

#include "util.h"

#define RV_ZSTD_ENTRY 8u
#define RV_ZSTD_TABLE_ENDS 17u                 // bytes before and behind the entries
#define RV_ZSTD_FRAMES_MAX (UINT32_C(1) << 27) // that a table may tell of

struct rv_zstd_table {
    const struct rove_host *host; // NULL: none is written
    uint8_t *entries;             // memory of the host, as they will be written
    size_t cnt, cap;
    size_t at; // of what is written: the head, the entries, the foot
    uint8_t wire[9]; // one of these
    size_t wire_len, wire_pos;
};

void rv_zstd_table_reset(struct rv_zstd_table *t);
void rv_zstd_table_close(struct rv_zstd_table *t);

// Makes room for cnt entries in all. ROVE_OK, ROVE_E_NOMEM, or ROVE_E_LIMIT for more than there may be.
int32_t rv_zstd_table_reserve(struct rv_zstd_table *t, size_t cnt);

// Adds a frame, or all that a part has.
int32_t rv_zstd_table_add(struct rv_zstd_table *t, size_t coded, size_t plain);
int32_t rv_zstd_table_join(struct rv_zstd_table *t, const struct rv_zstd_table *part);

// Writes the table, as far as there is room. Returns whether all of it has left.
bool rv_zstd_table_write(struct rv_zstd_table *t, struct rove_out *out);

#endif
