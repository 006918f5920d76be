// SPDX-License-Identifier: MIT
// words.h: whether a sentence for people says a thing twice.
#ifndef TEST_WORDS_H
#define TEST_WORDS_H

#include <stdbool.h>

// Tells whether some two words that follow one another do so again further on, small words apart.
bool words_repeat(const char *text);

#endif
