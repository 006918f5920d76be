// SPDX-License-Identifier: MIT
// json.c: strings of JSON.
#include "json.h"

#include "report.h"

#include <stdbool.h>
#include <string.h>

// Returns the length of the character, or 0. Controls are escaped, also those that JSON would allow: they steer a
// terminal.
static size_t print_character(FILE *file, const char *p)
{
    const unsigned char *c = (const unsigned char *) p;
    size_t len = report_character(p);

    if (*c == '"' || *c == '\\')
        fprintf(file, "\\%c", *c);
    else if (*c < 0x20 || *c == 0x7f)
        fprintf(file, "\\u%04x", *c);
    else if (len == 2 && *c == 0xc2 && c[1] < 0xa0)
        fprintf(file, "\\u%04x", c[1]);
    else if (len == 0)
        fputs("\\ufffd", file);
    else
        fwrite(p, 1, len, file);
    return len;
}

void json_text(FILE *file, const char *key, const char *text)
{
    bool broken = false;

    if (text == NULL) {
        fprintf(file, "\"%s\": null", key);
        return;
    }
    fprintf(file, "\"%s\": \"", key);
    for (const char *p = text; *p != 0;) {
        size_t len = print_character(file, p);
        broken |= len == 0;
        p += len > 0 ? len : 1;
    }
    putc('"', file);
    if (!broken)
        return;
    fprintf(file, ", \"%s_hex\": \"", key);
    for (const char *p = text; *p != 0; p++)
        fprintf(file, "%02x", (unsigned char) *p);
    putc('"', file);
}
