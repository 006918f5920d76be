// SPDX-License-Identifier: MIT
// format.c: what the first header of coded data tells of all of them.
#include "format.h"

#include <string.h>

// Byte 4 of a frame: its flags.
#define LZ4_INDEPENDENT 0x20u
#define LZ4_BLOCK_SUM 0x10u
#define LZ4_CONTENT_SIZE 0x08u
#define LZ4_CONTENT_SUM 0x04u
#define ZSTD_CONTENT_SIZE 0xe0u // any of these bits
#define ZSTD_SUM 0x04u
#define XZ_SIZES 0xc0u // in byte 13, the first block's flags: both lengths of it are declared

static unsigned flags_of(const struct format *f)
{
    return f->head_len > 4 && !format_is_skippable(f) ? f->head[4] : 0;
}

bool format_is(const struct format *f, const char *name)
{
    return f->name != NULL && strcmp(f->name, name) == 0;
}

bool format_is_skippable(const struct format *f)
{
    return f->head_len >= 4 && (f->head[0] & 0xf0) == 0x50 && memcmp(f->head + 1, "\x2a\x4d\x18", 3) == 0;
}

bool format_tells_lengths(const struct format *f)
{
    return format_is(f, "bgzf") || format_is_skippable(f) ||
           (format_is(f, "lz4") && (~flags_of(f) & (LZ4_INDEPENDENT | LZ4_CONTENT_SIZE)) == 0) ||
           (format_is(f, "zstd") && (flags_of(f) & ZSTD_CONTENT_SIZE) != 0) ||
           (format_is(f, "xz") && f->head_len > 13 && (f->head[13] & XZ_SIZES) == XZ_SIZES);
}

bool format_takes_points(const struct format *f)
{
    return format_is(f, "gzip") || format_is(f, "zlib") || format_is(f, "deflate") || format_is(f, "bgzf") ||
           (format_is(f, "lz4") && (flags_of(f) & LZ4_INDEPENDENT) != 0);
}

const char *format_checks(const struct format *f)
{
    static const char *const lz4[] = {"none", "xxh32 of blocks", "xxh32 of all", "xxh32 of both"};

    if (format_is(f, "gzip") || format_is(f, "bgzf"))
        return "crc32";
    if (format_is(f, "zlib"))
        return "adler32";
    if (format_is(f, "deflate"))
        return "none";
    if (format_is(f, "lz4") && flags_of(f) != 0)
        return lz4[((flags_of(f) & LZ4_BLOCK_SUM) != 0) + 2 * ((flags_of(f) & LZ4_CONTENT_SUM) != 0)];
    if (format_is(f, "zstd") && !format_is_skippable(f))
        return (flags_of(f) & ZSTD_SUM) != 0 ? "xxh64" : "none";
    if (format_is(f, "bzip2"))
        return "crc32";
    if (format_is(f, "xz") && f->head_len > 7)
        return f->head[7] == 1 ? "crc32" : f->head[7] == 4 ? "crc64" : f->head[7] == 10 ? "sha256" : "none";
    return "-";
}
