// SPDX-License-Identifier: MIT
// zstd_whole.h: decodes a frame that is whole at hand in one go: piece by piece libzstd makes it elsewhere first.
#ifndef RV_FILTERS_ZSTD_WHOLE_H
#define RV_FILTERS_ZSTD_WHOLE_H

#include "zstd_walk.h"

// How long the frame at ptr is if it is to be tried here; 0 else: when it is not whole, or does not declare its size, or more
// than room, or more than its window, or has blocks that are too long by their headers. *fields becomes what its header says.
size_t rv_zstd_whole_len(ZSTD_frameHeader *fields, const uint8_t *ptr, size_t len, size_t room);

// Decodes that frame of len bytes; there is room for what it declares. False: it did not come out well, and all is as before,
// but for what lies in the room. What is taken is what libzstd takes when it is given blocks one by one.
bool rv_zstd_whole(ZSTD_DCtx *z, const ZSTD_frameHeader *fields, const uint8_t *ptr, size_t len, const struct rove_out *out);

#endif
