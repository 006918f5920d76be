// SPDX-License-Identifier: MIT
// value.h: one option's value, from text and back.
#ifndef RV_VALUE_H
#define RV_VALUE_H

#include <rove/filter.h>

#include <stdbool.h>

// How many options are in a table; a registered filter has one, and at most 64 in it.
static inline size_t rv_option_cnt(const struct rove_option *options)
{
    size_t cnt = 0;
    while (options[cnt].key)
        cnt++;
    return cnt;
}

// Reads a value. text: len bytes and a NUL; for TEXT and HEX the value points there afterwards, and
// the digits of HEX are replaced by its bytes. `given` is set to 0. False when it is not one.
bool rv_value_read(const struct rove_option *option, char *text, size_t len,
                   struct rove_value *value_out);

// Says what the values look like, for example "a number from 0 to 9"; cut to cap bytes.
void rv_value_describe(const struct rove_option *option, char *buf, size_t cap);

// The value of a hex digit, or -1.
int rv_hex_digit(int c);

#endif
