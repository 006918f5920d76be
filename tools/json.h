// SPDX-License-Identifier: MIT
// json.h: strings of JSON.
#ifndef ROVE_TOOL_JSON_H
#define ROVE_TOOL_JSON_H

#include <stdio.h>

// Prints `"key": "text"`. text: bytes; what is no UTF-8 is printed as U+FFFD, one for each byte, and then a second
// pair follows, `"key_hex"`, with all of its bytes. NULL is printed as null.
void json_text(FILE *file, const char *key, const char *text);

#endif
