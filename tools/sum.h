// SPDX-License-Identifier: MIT
// sum.h: the checksum of a file.
#ifndef ROVE_TOOL_SUM_H
#define ROVE_TOOL_SUM_H

#include "options.h"
#include "spec.h"

#define SUM_HEX_LEN (2 * ROVE_DIGEST_MAX + 1)

// Sums a file. spec: of one checksum. path: "-" for standard input. hex: gets the digest as text,
// or is empty when there is none. Reports what is wrong. VERDICT_WARNED: the file changed while it was
// read, or is a folder.
enum verdict sum_file(const struct spec *spec, const char *path, char hex[SUM_HEX_LEN]);

// Returns how many hex digits the checksum has; reports and returns 0 when the text is of no checksum.
size_t sum_hex_len(const struct spec *spec);

// Checks the files that are listed in others, in the lines that `rove sum` and coreutils print.
enum verdict sum_check(const struct options *opts, const struct spec *spec);

#endif
