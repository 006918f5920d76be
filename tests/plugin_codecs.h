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
    bool slow;     // so that less of it has to do, where the amounts are scaled down
};

const struct plugin_family *family_of(const struct spec *s);

// 1; more where the amounts are scaled down, and the codec is slow.
size_t slow_stride(const struct spec *s);

// A text for writing that is refused with these words.
void check_refused(const char *text, const char *why);

void add_plugin_tests(CU_pSuite suite);
void add_plugin_mark_tests(CU_pSuite suite);
void add_plugin_damage_tests(CU_pSuite suite);
void add_plugin_bzip2_tests(CU_pSuite suite);
void add_plugin_xz_tests(CU_pSuite suite);

#endif
