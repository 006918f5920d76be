// SPDX-License-Identifier: MIT
// size.c: numbers of bytes, from people and for people.
#include "size.h"

#include <stdio.h>
#include <string.h>

static const char units[] = "KMGT";

// The shift that a unit stands for, or -1. The letter may be followed by "B" or "iB".
static int shift_of(const char *unit)
{
    const char *at;

    if (*unit == 0 || strcmp(unit, "B") == 0)
        return 0;
    at = strchr(units, *unit & ~0x20);
    if (at == NULL)
        return -1;
    unit++;
    if (*unit != 0 && strcmp(unit, "B") != 0 && strcmp(unit, "iB") != 0)
        return -1;
    return 10 * (int) (at - units + 1);
}

bool size_parse(const char *text, uint64_t *size_out)
{
    uint64_t size = 0;
    int shift;

    if (strcmp(text, "none") == 0) {
        *size_out = UINT64_MAX;
        return true;
    }
    if (*text < '0' || *text > '9')
        return false;
    for (; *text >= '0' && *text <= '9'; text++) {
        if (size > (UINT64_MAX - 9) / 10)
            return false;
        size = size * 10 + (uint64_t) (*text - '0');
    }
    shift = shift_of(text);
    if (shift < 0 || size == 0 || size > UINT64_MAX >> shift)
        return false;
    *size_out = size << shift;
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
