// SPDX-License-Identifier: MIT
// test_filters.c: the built-in filters, each hook called directly.
#include "filters_harness.h"

static CU_pSuite suite(const char *name)
{
    CU_pSuite made = CU_add_suite(name, NULL, NULL);

    if (made == NULL) {
        fputs("CUnit refuses a suite\n", stderr);
        exit(2);
    }
    return made;
}

int main(int argc, char **argv)
{
    (void) argc;
    harness_begin(argv);
    if (CU_initialize_registry() != CUE_SUCCESS) {
        return 2;
    }
    add_codec_tests(suite("codecs"));
    add_zlib_tests(suite("gzip, zlib, deflate"));
    add_part_tests(suite("parts"));
    add_bgzf_tests(suite("bgzf"));
    add_mark_tests(suite("restarts"));
    add_deflate_mark_tests(suite("restarts of deflate"));
    add_lz4_mark_tests(suite("restarts of lz4"));
    add_lz4_tests(suite("lz4"));
    add_damage_tests(suite("damage"));
    add_tap_tests(suite("taps"));
    return harness_run();
}
