// SPDX-License-Identifier: MIT
// size.c: numbers of bytes, from people and for people.
#include "size.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char units[] = "KMGT";

// The shift that a unit stands for, or -1. The letter may be followed by "B" or "iB", and all be small.
static int shift_of(const char *unit)
{
    const char *at;

    if (*unit == 0 || strcasecmp(unit, "B") == 0)
        return 0;
    at = strchr(units, toupper((unsigned char) *unit));
    if (at == NULL)
        return -1;
    unit++;
    if (*unit != 0 && strcasecmp(unit, "B") != 0 && strcasecmp(unit, "iB") != 0)
        return -1;
    return 10 * (int) (at - units + 1);
}

// Reads a number and its unit. *large_out: it is more than there is room for.
static bool parse(const char *text, uint64_t *size_out, bool *large_out)
{
    uint64_t size = 0;
    int shift;

    *large_out = false;
    if (*text < '0' || *text > '9')
        return false;
    for (; *text >= '0' && *text <= '9'; text++) {
        unsigned digit = (unsigned) (*text - '0');
        *large_out |= size > (UINT64_MAX - digit) / 10;
        size = size * 10 + digit;
    }
    shift = shift_of(text);
    if (shift < 0)
        return false;
    *large_out |= size > UINT64_MAX >> shift;
    *size_out = size << shift;
    return true;
}

bool size_parse(const char *text, uint64_t *size_out)
{
    bool large, none = strcmp(text, "none") == 0;

    if (none)
        *size_out = UINT64_MAX;
    return none || (parse(text, size_out, &large) && !large && *size_out > 0);
}

bool size_parse_any(const char *text, uint64_t *size_out)
{
    bool large;

    if (!parse(text, size_out, &large))
        return false;
    *size_out = large ? UINT64_MAX : *size_out;
    return true;
}

const char *size_print(uint64_t size, char text[SIZE_TEXT_LEN])
{
    double value = (double) size / 1000;
    size_t unit = 0;

    if (size < 1000) {
        snprintf(text, SIZE_TEXT_LEN, "%u B", (unsigned) size);
        return text;
    }
    for (; value >= 999.5 && unit + 1 < sizeof units - 1; unit++)
        value /= 1000;
    snprintf(text, SIZE_TEXT_LEN, value < 99.95 ? "%.1f %s" : "%.0f %s", value,
             (const char *[]){"kB", "MB", "GB", "TB"}[unit]);
    return text;
}
