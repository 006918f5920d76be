// SPDX-License-Identifier: MIT
// plugin_bzip2.c: what only the plugin bzip2 has.
#include "plugin_codecs.h"
#include "plugin_others.h"

#if defined(ROVE_PLUGIN_BZIP2)

#include "support/amount.h"

static const struct cut whole = {0};

static void settings_that_bzip2_has_not_are_refused(void)
{
    check_refused("bzip2:level=0", "level");
    check_refused("bzip2:level=10", "level");
    check_refused("bzip2:block=1023", "block=1023 is too small; 1024 is the least");
    check_refused("bzip2:block=1025M", "block");
}

// A stream each, also where the last is cut short by a flush or the end.
static size_t streams_in(const struct bytes *coded, char level)
{
    const uint8_t head[] = {'B', 'Z', 'h', (uint8_t) level, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59};
    size_t cnt = 0;

    for (size_t at = 0; at + sizeof head <= coded->len; at++) {
        cnt += memcmp(coded->ptr + at, head, sizeof head) == 0;
    }
    return cnt;
}

static void blocks_are_streams_and_a_flush_ends_one(void)
{
    struct bytes plain = make_content(MIXED, 50000), coded = {NULL, 0, 0}, out = {NULL, 0, 0};
    struct rig r;

    rig_make(&r, &bzip2_encode, "level=2 block=20000");
    CU_ASSERT_EQUAL(rig_stream(&r, plain.ptr, plain.len, &coded, whole), ROVE_END);
    CU_ASSERT_EQUAL(streams_in(&coded, '2'), 3);
    CU_ASSERT_EQUAL(rig_stream(&r, plain.ptr, 40000, &coded, whole), ROVE_END);
    CU_ASSERT_EQUAL(streams_in(&coded, '2'), 2); // none that is empty at the end
    coded.len = 0;
    CU_ASSERT_EQUAL(rig_reset(&r), ROVE_OK);
    CU_ASSERT_EQUAL(rig_drive(&r, plain.ptr, 15000, &coded, ROVE_FLUSH, whole, NULL), ROVE_END);
    CU_ASSERT_EQUAL(rig_drive(&r, plain.ptr + 15000, 20000, &coded, ROVE_FINISH, whole, NULL), ROVE_END);
    CU_ASSERT_EQUAL(streams_in(&coded, '2'), 2);
    CU_ASSERT_EQUAL(decoded(&bzip2_decode, "small=yes", coded.ptr, coded.len, &out), ROVE_END);
    CU_ASSERT(bytes_equal(&out, plain.ptr, 35000));
    rig_close(&r);
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&out);
}

// What the first header says is what is taken, and no more.
static void memory_follows_the_level(void)
{
    struct bytes out = {NULL, 0, 0};
    size_t peaks[2][2];

    for (unsigned level = 0; level < 2; level++) {
        struct bytes coded = encoded(&bzip2_encode, level == 0 ? "level=1" : "level=9", "rope", 4);

        for (unsigned is_small = 0; is_small < 2; is_small++) {
            struct rig r;

            rig_make(&r, &bzip2_decode, is_small ? "small=yes" : "");
            CU_ASSERT_EQUAL(rig_stream(&r, coded.ptr, coded.len, &out, whole), ROVE_END);
            peaks[level][is_small] = r.peak_bytes;
            rig_close(&r);
        }
        bytes_drop(&coded);
    }
    CU_ASSERT(peaks[0][0] < 600000 && peaks[1][0] < 3800000);
    CU_ASSERT(peaks[0][1] < peaks[0][0] && peaks[1][1] < 2500000);
    bytes_drop(&out);
}

// A block's sum, and that of all blocks at the end.
static void sums_that_differ_are_noticed(void)
{
    struct bytes coded = encoded(&bzip2_encode, "level=1", "rope", 4), out = {NULL, 0, 0};
    struct rig r;

    rig_make(&r, &bzip2_decode, "");
    for (size_t at = 10; at < 14; at++) {
        coded.ptr[at] ^= 1;
        CU_ASSERT_EQUAL(rig_stream(&r, coded.ptr, coded.len, &out, whole), ROVE_E_DATA);
        CU_ASSERT(strstr(r.why, "stream 1 is damaged") != NULL);
        coded.ptr[at] ^= 1;
    }
    coded.ptr[coded.len - 3] ^= 1;
    CU_ASSERT_EQUAL(rig_stream(&r, coded.ptr, coded.len, &out, whole), ROVE_E_DATA);
    CU_ASSERT(bytes_equal(&out, "rope", 4));
    rig_close(&r);
    bytes_drop(&coded);
    bytes_drop(&out);
}

// Where the rotation of a block is said to begin: 24 bits behind the magics, the block's sum and one bit.
static void set_origin(struct bytes *coded, uint32_t origin)
{
    for (uint32_t bit = 0; bit < 24; bit++) {
        size_t at = 113 + bit;
        uint8_t mask = (uint8_t) (0x80 >> (at & 7));

        coded->ptr[at / 8] = (uint8_t) ((coded->ptr[at / 8] & ~mask) | ((origin >> (23 - bit) & 1) ? mask : 0));
    }
}

// A block that is read from another rotation on differs from its sum; and when it ends before the length of a run, it
// is longer than it says, which libbz2 tells without what it gave. A run of 259 bytes is five symbols.
static void what_is_read_of_a_damaged_block_does_not_depend_on_the_cut(void)
{
    static const struct cut cuts[] = {{0}, {.out = 1}, {.in = 1, .out = 1000}, {.in = 7, .out = 5000}, {.out = 65536}};
    struct bytes plain = make_content(ZEROS, 300 * 259), out = {NULL, 0, 0}, want = {NULL, 0, 0};
    struct rig r;

    for (size_t i = 0; i < plain.len; i++) {
        plain.ptr[i] = (uint8_t) (i / 259);
    }
    struct bytes coded = encoded(&bzip2_encode, "level=1", plain.ptr, plain.len);

    rig_make(&r, &bzip2_decode, "");
    for (uint32_t origin = 0; origin < 12; origin++) {
        set_origin(&coded, origin * 97);
        want.len = 0;
        CU_ASSERT_EQUAL(rig_stream(&r, coded.ptr, coded.len, &want, whole), ROVE_E_DATA);
        for (size_t i = 1; i < sizeof cuts / sizeof cuts[0]; i++) {
            out.len = 0;
            CU_ASSERT_EQUAL(rig_stream(&r, coded.ptr, coded.len, &out, cuts[i]), ROVE_E_DATA);
            CU_ASSERT(bytes_equal(&out, want.ptr, want.len));
        }
    }
    rig_close(&r);
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&out);
    bytes_drop(&want);
}

static void programs_of_many_streams_agree_about_bzip2(void)
{
    static const char *const tools[][3] = {
        {"pbzip2", "pbzip2 -c -b1 -p2", "pbzip2 -dc -p2"},
        {"python3", "python3 -c 'import sys, bz2; d = sys.stdin.buffer.read(); h = len(d) // 2\n"
                    "sys.stdout.buffer.write(bz2.compress(d[:h], 1) + bz2.compress(d[h:], 9))'",
         "python3 -c 'import sys, bz2; sys.stdout.buffer.write(bz2.decompress(sys.stdin.buffer.read()))'"},
    };
    struct bytes plain = make_content(MIXED, amount_of(1500000, 300000)), out = {NULL, 0, 0}, theirs = {NULL, 0, 0};
    struct bytes coded = encoded(&bzip2_encode, "level=1 block=100000", plain.ptr, plain.len);

    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
        if (!others_have(tools[i][0])) {
            printf("(no %s here) ", tools[i][0]);
            continue;
        }
        CU_ASSERT(others_pipe(tools[i][1], &plain, &theirs));
        CU_ASSERT_EQUAL(decoded(&bzip2_decode, "", theirs.ptr, theirs.len, &out), ROVE_END);
        CU_ASSERT(bytes_equal(&out, plain.ptr, plain.len));
        CU_ASSERT(others_pipe(tools[i][2], &coded, &theirs));
        CU_ASSERT(bytes_equal(&theirs, plain.ptr, plain.len));
    }
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&theirs);
    bytes_drop(&out);
}

void add_plugin_bzip2_tests(CU_pSuite suite)
{
    ADD(suite, settings_that_bzip2_has_not_are_refused);
    ADD(suite, blocks_are_streams_and_a_flush_ends_one);
    ADD(suite, memory_follows_the_level);
    ADD(suite, sums_that_differ_are_noticed);
    ADD(suite, what_is_read_of_a_damaged_block_does_not_depend_on_the_cut);
    ADD(suite, programs_of_many_streams_agree_about_bzip2);
}

#else

typedef int rove_plugin_bzip2_is_not_built; // a file of nothing is none

#endif
