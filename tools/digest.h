// SPDX-License-Identifier: MIT
// digest.h: the checksum of a file.
#ifndef ROVE_TOOL_DIGEST_H
#define ROVE_TOOL_DIGEST_H

#include "options.h"
#include "spec.h"

#define DIGEST_HEX_LEN (2 * ROVE_DIGEST_MAX + 1)

// Sums a file. spec: of one checksum. path: "-" for standard input. thread_cnt: how many may do it together, where that is
// possible. hex: gets the digest as text, or is empty when there is none. Reports what is wrong. VERDICT_WARNED: the file
// changed while it was read, or is a folder.
enum verdict digest_file(const struct spec *spec, const char *path, size_t thread_cnt, char hex[DIGEST_HEX_LEN]);

#define DIGEST_TAG_LEN 32

// Writes the name that a checksum has in lines of the BSD kind: "CRC32".
void digest_tag(const struct spec *spec, char tag[DIGEST_TAG_LEN]);

// Returns how many hex digits the checksum has; reports and returns 0 when the text is of no checksum.
size_t digest_hex_len(const struct spec *spec);

#endif
