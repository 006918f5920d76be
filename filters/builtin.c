// SPDX-License-Identifier: MIT
// builtin.c: the list of all filters that the library brings along.
#include "builtin.h"

#include <stddef.h>

const struct rove_filter *const rv_builtin_filters[] = {
    // codecs
    &rv_filter_gzip_encode,
    &rv_filter_gzip_decode,
    &rv_filter_bgzf_encode,
    &rv_filter_bgzf_decode,
    &rv_filter_zlib_encode,
    &rv_filter_zlib_decode,
    &rv_filter_deflate_encode,
    &rv_filter_deflate_decode,
    &rv_filter_lz4_encode,
    &rv_filter_lz4_decode,
    &rv_filter_copy,
    // checksums
    &rv_filter_crc32,
    &rv_filter_crc32c,
    &rv_filter_adler32,
    &rv_filter_xxh64,
    &rv_filter_xxh3,
    // guards
    &rv_filter_count,
    &rv_filter_limit,
    NULL,
};
