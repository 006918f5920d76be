// SPDX-License-Identifier: MIT
// size.h: numbers of bytes, from people and for people.
#ifndef ROVE_TOOL_SIZE_H
#define ROVE_TOOL_SIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIZE_TEXT_LEN 24

// Reads a whole number such as "123", "64K" or "2MiB"; K, M, G and T count in 1024s; "none" is
// UINT64_MAX. Returns whether the text is a size of at least 1.
bool size_parse(const char *text, uint64_t *size_out);

// Reads a number of bytes likewise, but 0, too, and no "none". More than 2^64 - 1 is taken for that.
bool size_parse_any(const char *text, uint64_t *size_out);

// Writes a size of about three digits, such as "17.3 MB" (here MB is 1,000,000 bytes, as disks and
// rates are told). Returns text.
const char *size_print(uint64_t size, char text[SIZE_TEXT_LEN]);

#endif
