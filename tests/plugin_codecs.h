// SPDX-License-Identifier: MIT
// plugin_codecs.h: the tables that test_plugin_codecs.c has loaded.
#ifndef ROVE_TESTS_PLUGIN_CODECS_H
#define ROVE_TESTS_PLUGIN_CODECS_H

#include "filters_harness.h"

extern struct rove_filter zstd_encode, zstd_decode, igzip_encode, igzip_decode, libdeflate_encode,
    libdeflate_decode, bzip2_encode, bzip2_decode, xz_encode, xz_decode;

// What tells the formats apart.
struct plugin_family {
    const char *label; // what the labels of its specs begin with
    const char *reader, *writer, *tool;
    const char *magic;    // of two bytes the first right, the second not
    const char *between;  // what may stand between two of its parts, and at the end
    size_t between_len;
    size_t memory; // that a decoder of a few bytes takes
};

const struct plugin_family *family_of(const struct spec *s);

void add_plugin_tests(CU_pSuite suite);
void add_plugin_mark_tests(CU_pSuite suite);

#endif
