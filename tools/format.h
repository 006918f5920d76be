// SPDX-License-Identifier: MIT
// format.h: what the first header of coded data tells of all of them.
#ifndef ROVE_TOOL_FORMAT_H
#define ROVE_TOOL_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The first bytes of a file, and the format that they are of: "bgzf", say; NULL when nobody knows.
struct format {
    const char *name;
    uint8_t head[32];
    size_t head_len;
};

// Whether it is the format of this name.
bool format_is(const struct format *format, const char *name);

// Whether it begins with a frame that LZ4 and Zstandard readers pass over.
bool format_is_skippable(const struct format *format);

// Whether the headers tell where the next one lies and what comes out, so that all points are found without decoding.
bool format_tells_lengths(const struct format *format);

// Whether decoding can begin at other places than where the headers lie.
bool format_takes_points(const struct format *format);

// Returns what the data are checked by, as far as the first header tells; "-" where nothing is known.
const char *format_checks(const struct format *format);

#endif
