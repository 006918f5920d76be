// SPDX-License-Identifier: MIT
// zstd.h: the plugin zstd: Zstandard frames, RFC 8878, written and read by libzstd.
//
// Writing. libzstd would use it when it sees all of a stream in one call: it then declares its size and chooses
// other tables. So it is only told of an end or a flush when no input is left, and the coded bytes do not depend on
// how the spans were cut. content_size=… declares a size.
//
// With block=N every N plain bytes become a frame of their own, which libzstd sees whole, and which declares its
// size: what it becomes follows from these bytes and the options alone. A flush ends a frame early. With table=yes a seek
// table follows the last frame (zstd_table.h).
//
// Reading. Frames are read as one stream, skippable ones are passed over; what else follows is told as such
// (trailing.h). Headers are gathered here: the magic byte by byte, so that the offset of an error is that of the
// wrong byte, and frames of libzstd's old formats are refused; the rest for the window and the size that it
// declares. A frame that declares its size, is whole at hand and has room for all of it is decoded in one go.
//
// Parts (filter.h) are some frames, in both directions.
//
// Memory. All of it is the host's. A frame says how far its matches reach back, and libzstd takes that much when it
// has read the header: the size that the data declares. Hence two bounds: the option `window`, which refuses the
// frame (2^27 unless given, as the zstd command does), and the chain's limit of memory, which refuses the
// allocation. Memory that is not touched costs nothing.
#ifndef RV_FILTERS_ZSTD_H
#define RV_FILTERS_ZSTD_H

#include "trailing.h"

#define ZSTD_STATIC_LINKING_ONLY // for the custom allocator, and for estimates, which are exported all the same
#include <zstd.h>
#include <zstd_errors.h>

#define RV_ZSTD_DICT_MAX (1u << 20) // several times what zstd --train makes
#define RV_ZSTD_WINDOW_MAX 31u
#define RV_ZSTD_BLOCK ((size_t) 128 * 1024) // ZSTD_BLOCKSIZE_MAX
#define RV_ZSTD_PART ((size_t) 256 * 1024)  // plain bytes of a part that is made of several frames

enum {
    RV_ZSTD_OPT_LEVEL,
    RV_ZSTD_OPT_WINDOW,
    RV_ZSTD_OPT_CHECKSUM,
    RV_ZSTD_OPT_CONTENT_SIZE,
    RV_ZSTD_OPT_BLOCK,
    RV_ZSTD_OPT_TABLE,
    RV_ZSTD_OPT_DICT,
    RV_ZSTD_OPT_TRAILING
};

extern const struct rove_option rv_zstd_options[];

extern const struct rove_filter rv_zstd_encode, rv_zstd_decode;

ZSTD_customMem rv_zstd_memory(const struct rove_host *host);

static inline bool rv_zstd_failed_with(size_t rc, ZSTD_ErrorCode code)
{
    return ZSTD_getErrorCode(rc) == code;
}

// What a refused setting means.
int32_t rv_zstd_setup_status(const struct rove_host *host, size_t rc);

// Whether a dictionary can be used. (Of a damaged one libzstd says, reading, that there is no memory, and writing nothing
// before the first frame.)
int32_t rv_zstd_judge_dict(const struct rove_host *host, const struct rove_value *dict);

#endif
