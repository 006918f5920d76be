// SPDX-License-Identifier: MIT
// value.c: numbers, words and bytes of options.
#include "filter/value.h"

#include <stdio.h>
#include <string.h>

int rv_hex_digit(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Reads one or more digits and nothing else.
static bool read_digits(const char *text, size_t len, uint64_t *out)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned digit = (unsigned) text[i] - '0';
        if (digit > 9 || sum > (UINT64_MAX - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *out = sum;
    return len > 0;
}

static unsigned suffix_bits(char c)
{
    return c == 'K' ? 10 : c == 'M' ? 20 : c == 'G' ? 30 : 0;
}

static bool read_uint(const struct rove_option *option, const char *text, size_t len, uint64_t *out)
{
    unsigned bits = len ? suffix_bits(text[len - 1]) : 0;
    uint64_t n;
    if (!read_digits(text, len - (bits ? 1 : 0), &n) || n > UINT64_MAX >> bits)
        return false;
    *out = n << bits;
    return *out >= option->min && *out <= option->max;
}

static bool read_int(const struct rove_option *option, const char *text, size_t len, uint64_t *out)
{
    bool minus = len && text[0] == '-';
    uint64_t n, most = minus ? UINT64_C(1) << 63 : INT64_MAX;
    if (!read_digits(text + minus, len - minus, &n) || n > most)
        return false;
    *out = minus ? -n : n;
    return (int64_t) *out >= (int64_t) option->min && (int64_t) *out <= (int64_t) option->max;
}

static bool find_word(const char *const *words, const char *text, size_t len, uint64_t *out)
{
    for (size_t i = 0; words[i]; i++)
        if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0) {
            *out = i;
            return true;
        }
    return false;
}

static bool read_bool(const char *text, size_t len, uint64_t *out)
{
    static const char *const words[] = {"no", "yes", "off", "on", "false", "true", "0", "1", NULL};
    if (!find_word(words, text, len, out))
        return false;
    *out &= 1;
    return true;
}

static bool read_text(const struct rove_option *option, const char *text, size_t len,
                      struct rove_value *out)
{
    out->text = text;
    out->text_len = (uint32_t) len;
    return len >= option->min && len <= option->max && len <= UINT32_MAX;
}

static bool read_hex(const struct rove_option *option, char *text, size_t len,
                     struct rove_value *out)
{
    for (size_t i = 0; i + 1 < len; i += 2) {
        int high = rv_hex_digit(text[i]), low = rv_hex_digit(text[i + 1]);
        if (high < 0 || low < 0)
            return false;
        text[i / 2] = (char) (high << 4 | low);
    }
    return len % 2 == 0 && read_text(option, text, len / 2, out);
}

bool rv_value_read(const struct rove_option *option, char *text, size_t len,
                   struct rove_value *value_out)
{
    memset(value_out, 0, sizeof *value_out);
    switch (option->kind) {
    case ROVE_OPT_UINT:
        return read_uint(option, text, len, &value_out->u);
    case ROVE_OPT_INT:
        return read_int(option, text, len, &value_out->u);
    case ROVE_OPT_BOOL:
        return read_bool(text, len, &value_out->u);
    case ROVE_OPT_WORD:
        return find_word(option->words, text, len, &value_out->u);
    case ROVE_OPT_TEXT:
        return read_text(option, text, len, value_out);
    default:
        return read_hex(option, text, len, value_out);
    }
}

static void describe_words(const char *const *words, char *buf, size_t cap)
{
    size_t len = 0;
    for (size_t i = 0; words[i] && len < cap; i++)
        len += (size_t) snprintf(buf + len, cap - len, "%s%s", i ? ", " : "one of ", words[i]);
}

void rv_value_describe(const struct rove_option *option, char *buf, size_t cap)
{
    unsigned long long min = option->min, max = option->max;
    switch (option->kind) {
    case ROVE_OPT_UINT:
        snprintf(buf, cap, "a number from %llu to %llu", min, max);
        break;
    case ROVE_OPT_INT:
        snprintf(buf, cap, "a number from %lld to %lld", (long long) min, (long long) max);
        break;
    case ROVE_OPT_BOOL:
        snprintf(buf, cap, "yes or no");
        break;
    case ROVE_OPT_WORD:
        describe_words(option->words, buf, cap);
        break;
    case ROVE_OPT_TEXT:
        snprintf(buf, cap, "text of at most %llu bytes", max);
        break;
    default:
        snprintf(buf, cap, "%llu to %llu bytes as pairs of hex digits", min, max);
    }
}
