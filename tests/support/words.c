// SPDX-License-Identifier: MIT
// words.c: pairs of words, by comparing each with all that follow.
#include "support/words.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

struct word {
    const char *at;
    size_t len;
};

static bool is_same(struct word a, struct word b)
{
    return a.len == b.len && strncasecmp(a.at, b.at, a.len) == 0;
}

// Words that say nothing alone, and numbers: "byte 1 of 1 and 1 of 2" repeats nothing.
static bool is_small(struct word word)
{
    static const char *const small[] = {"a", "an", "at", "be", "by", "in", "is", "it", "of", "to", "the", "than"};
    if (isdigit((unsigned char) *word.at))
        return true;
    for (size_t i = 0; i < sizeof small / sizeof *small; i++)
        if (is_same(word, (struct word){small[i], strlen(small[i])}))
            return true;
    return false;
}

static size_t split(const char *text, struct word *words, size_t most)
{
    size_t cnt = 0;
    while (*text && cnt < most) {
        size_t len = 0;
        while (isalnum((unsigned char) text[len]) || text[len] == '_' || text[len] == '-')
            len++;
        words[cnt] = (struct word){text, len};
        if (len && !is_small(words[cnt]))
            cnt++;
        text += len ? len : 1;
    }
    return cnt;
}

bool words_repeat(const char *text)
{
    struct word words[200];
    size_t cnt = split(text, words, sizeof words / sizeof *words);
    for (size_t i = 0; i + 1 < cnt; i++)
        for (size_t j = i + 1; j + 1 < cnt; j++)
            if (is_same(words[i], words[j]) && is_same(words[i + 1], words[j + 1]))
                return true;
    return false;
}
