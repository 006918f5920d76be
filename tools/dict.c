// SPDX-License-Identifier: MIT
// dict.c: dictionaries that lie in files.
#include "dict.h"

#include "explain.h"
#include "report.h"
#include "source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char option[] = "dict=@";

// Finds the option. Returns where its key begins, or NULL.
static const char *find(const char *text)
{
    for (const char *at = text; (at = strstr(at, option)) != NULL; at++)
        if (at > text && (at[-1] == ':' || at[-1] == ','))
            return at;
    return NULL;
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c != 0 ? strchr(digits, c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c) : NULL;

    return at != NULL ? (int) (at - digits) : -1;
}

// Undoes the %XX of a value, in place.
static bool unescape(char *value)
{
    char *to = value;

    for (const char *from = value; *from != 0; from++) {
        int c = (unsigned char) *from;
        if (c == '%') {
            int high = hex_digit(from[1]), low = high < 0 ? -1 : hex_digit(from[2]);
            if (low < 0 || (high | low) == 0)
                return false;
            c = high << 4 | low;
            from += 2;
        }
        *to++ = (char) c;
    }
    *to = 0;
    return true;
}

// Reads all of a file that is short enough.
static bool read_file(const char *path, void **bytes_out, size_t *len_out)
{
    struct source src;
    enum rove_status status;
    uint8_t *bytes;

    if (source_open(&src, path, SOURCE_ANY) != VERDICT_FINE)
        return false;
    bytes = malloc(DICT_LEN_MAX + 1);
    if (bytes == NULL) {
        source_close(&src);
        return report_error(NULL, "out of memory") == VERDICT_FINE;
    }
    status = rove_stream_read(src.stream, bytes, DICT_LEN_MAX + 1, len_out);
    if (status != ROVE_OK && status != ROVE_END)
        report_error(src.name, "cannot be read: %s", explain_why(src.stream, status));
    else if (*len_out == 0)
        report_error(src.name, "is empty, and so no dictionary");
    else if (*len_out > DICT_LEN_MAX)
        report_error(src.name, "is longer than the %zu bytes that a dictionary may have", DICT_LEN_MAX);
    else
        *bytes_out = bytes;
    source_close(&src);
    if (*bytes_out == NULL)
        free(bytes);
    return *bytes_out != NULL;
}

bool dict_take(const char *text, char **text_out, void **dict_out, size_t *len_out)
{
    const char *at = find(text), *path = at != NULL ? at + strlen(option) : NULL;
    size_t len = path != NULL ? strcspn(path, ",|") : 0, before;
    char *word, *rest;
    bool ok;

    *text_out = NULL;
    *dict_out = NULL;
    *len_out = 0;
    if (path == NULL)
        return true;
    if (len == 0)
        return report_error("-F", "dict=@ wants the name of a file") == VERDICT_FINE;
    if (find(path) != NULL)
        return report_error("-F", "a chain has one dictionary at most") == VERDICT_FINE;
    before = (size_t) (path - text);
    word = strndup(path, len);
    rest = malloc(strlen(text) + 1);
    ok = word != NULL && rest != NULL;
    if (!ok)
        report_error(NULL, "out of memory");
    else if (!unescape(word))
        ok = report_error("-F", "hex digits are missing in \"%s\"", word) == VERDICT_FINE;
    else
        ok = read_file(word, dict_out, len_out);
    if (ok)
        sprintf(rest, "%.*s%s", (int) before, text, path + len);
    else
        free(rest);
    free(word);
    *text_out = ok ? rest : NULL;
    return ok;
}
