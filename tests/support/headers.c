// SPDX-License-Identifier: MIT
// headers.c: enough of C to find prototypes: comments and directives go, braces nest.
#include "support/headers.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_all(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 1 << 20);
    if (!file || !text || fread(text, 1, (1 << 20) - 1, file) == 0) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(2);
    }
    fclose(file);
    return text;
}

// Blanks comments and preprocessor lines.
static void blank(char *text)
{
    for (char *at = text; *at; at++) {
        bool line_start = at == text || at[-1] == '\n';
        if ((at[0] == '/' && at[1] == '/') || (line_start && *at == '#'))
            for (; *at && *at != '\n'; at++) {
                if (at[0] == '\\' && at[1] == '\n') // a directive goes on
                    at[1] = ' ';
                *at = ' ';
            }
        if (!*at)
            return;
    }
}

static bool is_word(char c)
{
    return isalnum((unsigned char) c) || c == '_';
}

// The word before the first parenthesis that is one of ours; an attribute's may come before it.
static bool name_of(const char *from, const char *to, char name[64])
{
    const char *open = memchr(from, '(', (size_t) (to - from)), *end, *start;
    if (!open)
        return false;
    for (end = open; end > from && isspace((unsigned char) end[-1]); end--)
        ;
    for (start = end; start > from && is_word(start[-1]); start--)
        ;
    size_t len = (size_t) (end - start);
    if (strncmp(start, "rove_", 5) != 0)
        return name_of(open + 1, to, name);
    if (len >= 64)
        return false;
    memcpy(name, start, len);
    name[len] = '\0';
    return true;
}

static bool has_word(const char *from, const char *to, const char *word)
{
    const char *at = strstr(from, word);
    return at && at < to;
}

size_t header_functions(const char *path, struct header_function *list, size_t cnt, size_t most)
{
    char *text = read_all(path), *from = text;
    unsigned depth = 0;
    blank(text);
    for (char *at = text; *at; at++) {
        if (*at == '{' || *at == ';') {
            struct header_function found = {.can_fail = has_word(from, at, "ROVE_MUST_CHECK")};
            bool declared = has_word(from, at, "ROVE_API") || has_word(from, at, "ROVE_INLINE");
            if (depth == 0 && declared && name_of(from, at, found.name)) {
                if (cnt == most)
                    exit(2);
                list[cnt++] = found;
            }
        }
        depth += *at == '{';
        depth -= *at == '}';
        if (*at == '{' || *at == '}' || *at == ';')
            from = at + 1;
    }
    free(text);
    return cnt;
}
