// SPDX-License-Identifier: MIT
// headers.h: the functions that a public header declares, read from the header itself.
//
// A test that must know every function asks here, so that a new one without a case fails it.
#ifndef TEST_HEADERS_H
#define TEST_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

struct header_function {
    char name[64];
    bool can_fail; // declared ROVE_MUST_CHECK
};

// Adds the functions of a header, exported and inline, in order. Returns the new count; stops the
// program when the file cannot be read, or there are more than most.
size_t header_functions(const char *path, struct header_function *list, size_t cnt, size_t most);

#endif
