// SPDX-License-Identifier: MIT
// test_copy.c: streaming copies are copies, at every alignment and length, and in a rope beyond 32 MiB.
#include <rove/rope.h>

#include "base/copy.h"
#include "chunk/pool.h"
#include "support/suite.h"

#include <stdlib.h>
#include <string.h>

#define ROOM 512

static void every_alignment_and_length(void)
{
    uint8_t src[ROOM], dst[ROOM];
    for (size_t i = 0; i < ROOM; i++)
        src[i] = (uint8_t) (i * 7 + 1);
    for (size_t off = 0; off < 64; off++)
        for (size_t len = 0; len + off + 1 < ROOM; len += len < 140 ? 1 : 37) {
            memset(dst, 0, sizeof dst);
            rv_copy_streaming(dst + off, src + (off * 5) % 7, len);
            CHECK(memcmp(dst + off, src + (off * 5) % 7, len) == 0);
            CHECK(dst[off + len] == 0);
            CHECK(off == 0 || dst[off - 1] == 0);
        }
}

// One whose length the compiler knows, out of and into memory that has just so many bytes.
#define KNOWN(len)                                                                                 \
    {                                                                                              \
        uint8_t from[len], to[(len) + 1];                                                          \
        memcpy(from, src, sizeof from);                                                            \
        memset(to, 0xee, sizeof to);                                                               \
        rove_copy_run(to, from, len);                                                              \
        CHECK(memcmp(to, from, len) == 0 && to[len] == 0xee);                                      \
    }
#define FIVE(len) KNOWN(len) KNOWN((len) + 1) KNOWN((len) + 2) KNOWN((len) + 3) KNOWN((len) + 4)
#define TWENTY(len) FIVE(len) FIVE((len) + 5) FIVE((len) + 10) FIVE((len) + 15)

static void every_known_length(void)
{
    uint8_t src[ROOM];
    for (size_t i = 0; i < ROOM; i++)
        src[i] = (uint8_t) (i * 7 + 1);
    TWENTY(1)
    TWENTY(21)
    TWENTY(41)
    TWENTY(61)
    TWENTY(81)
    TWENTY(101)
    TWENTY(121)
    FIVE(254)
    KNOWN(300)
    KNOWN(ROOM)
}

// Appends mib MiB of numbered 64 KiB blocks and reads each number back.
static void append_and_read(struct rove_rope *rope, unsigned mib)
{
    static uint32_t block[16384];
    for (uint32_t n = 0; n < mib * 16; n++) {
        for (unsigned i = 0; i < 16384; i++)
            block[i] = n * 16384 + i;
        CHECK(rove_rope_append(rope, block, sizeof block) == ROVE_OK);
    }
    for (uint32_t n = 0; n < mib * 16; n++) {
        CHECK(rove_rope_read(rope, (uint64_t) n * sizeof block, block, sizeof block, NULL) ==
              ROVE_OK);
        CHECK(block[0] == n * 16384 && block[9999] == n * 16384 + 9999);
        CHECK(block[16383] == n * 16384 + 16383);
    }
}

static void recycled_chunks_of_a_large_rope(void)
{
    struct rove_rope rope;
    rove_rope_init(&rope, NULL);
    append_and_read(&rope, 96);
    rove_rope_clear(&rope); // now all chunks are warm
    append_and_read(&rope, 96);
    CHECK(rove_rope_check(&rope) == NULL);
    rove_rope_fini(&rope);
    uint64_t given = rove_pool_trim(NULL);
#ifndef RV_ONE_BLOCK_PER_CHUNK // else nothing is kept that could be recycled
    CHECK(given >= (uint64_t) 90 << 20);
#else
    CHECK(given < (uint64_t) 90 << 20);
#endif
}

static const struct suite_case cases[] = {
    SUITE_CASE(every_alignment_and_length),
    SUITE_CASE(every_known_length),
    SUITE_CASE(recycled_chunks_of_a_large_rope),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_copy", cases, sizeof cases / sizeof *cases, false});
}
