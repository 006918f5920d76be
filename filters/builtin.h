// SPDX-License-Identifier: MIT
// builtin.h: the tables of all filters that the library brings along.
#ifndef RV_FILTERS_BUILTIN_H
#define RV_FILTERS_BUILTIN_H

#include <rove/filter.h>

extern const struct rove_filter rv_filter_copy;
extern const struct rove_filter rv_filter_gzip_encode, rv_filter_gzip_decode;
extern const struct rove_filter rv_filter_bgzf_encode, rv_filter_bgzf_decode;
extern const struct rove_filter rv_filter_zlib_encode, rv_filter_zlib_decode;
extern const struct rove_filter rv_filter_deflate_encode, rv_filter_deflate_decode;
extern const struct rove_filter rv_filter_lz4_encode, rv_filter_lz4_decode;
extern const struct rove_filter rv_filter_crc32, rv_filter_crc32c, rv_filter_adler32;
extern const struct rove_filter rv_filter_xxh64, rv_filter_xxh3;
extern const struct rove_filter rv_filter_count, rv_filter_limit;

// All of them, in the order in which they are listed to people; ended by NULL.
extern const struct rove_filter *const rv_builtin_filters[];

#endif
