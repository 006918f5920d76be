// SPDX-License-Identifier: MIT
// plugin_codecs.h: the tables that test_plugin_codecs.c has loaded.
#ifndef ROVE_TESTS_PLUGIN_CODECS_H
#define ROVE_TESTS_PLUGIN_CODECS_H

#include "filters_harness.h"

extern struct rove_filter zstd_encode, zstd_decode, igzip_encode, igzip_decode, libdeflate_encode,
    libdeflate_decode;

void add_plugin_tests(CU_pSuite suite);
void add_plugin_mark_tests(CU_pSuite suite);

#endif
