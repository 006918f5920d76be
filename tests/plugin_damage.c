// SPDX-License-Identifier: MIT
// plugin_damage.c: what ISA-L has made before damage, however it is cut, and no byte more.
#include "plugin_codecs.h"

#if defined(ROVE_PLUGIN_IGZIP)

// What zlib makes of the same bytes is the measure where it fails as late; it refuses some codes that ISA-L tries.
struct made {
    struct bytes bytes;
    int32_t status;
    size_t taken;
    char why[128];
};

static void make(struct rig *r, const struct bytes *coded, struct cut cut, struct made *m)
{
    m->bytes.len = 0;
    (void) rig_reset(r);
    r->why[0] = 0;
    m->status = rig_drive(r, coded->ptr, coded->len, &m->bytes, ROVE_FINISH, cut, &m->taken);
    memcpy(m->why, r->why, sizeof m->why);
}

static bool begins_with(const struct bytes *all, const struct bytes *head)
{
    return all->len >= head->len && (head->len == 0 || memcmp(all->ptr, head->ptr, head->len) == 0);
}

#define ROOM_MOST ((size_t) 500000) // more than there is

// The same bytes, status, words and offset, whatever the cut. Each call has its room as fresh memory, so there is less of
// it where little input goes in at a time; and each moves ISA-L's window, so in short runs there are fewer of long content.
static void check_cuts(struct rig *r, const struct bytes *coded, const struct made *whole, uint64_t *rng)
{
    struct made m = {0};
    size_t few = coded->len < 4096 ? ROOM_MOST : 20000;
    size_t step = stride_of_run > 1 ? 1 + coded->len / 4096 : 1;

    for (int i = 0; i < 6; i++) {
        size_t room = i < 3 ? few : i % 2 == 0 ? ROOM_MOST : 70000;
        struct cut cut = {.in = i == 0 ? step : i == 1 ? 7 * step : 1 + draw_below(rng, i == 2 ? 20 * step : 60000),
                          .out = i == 0 ? room : 1 + draw_below(rng, room),
                          .rng = i > 1 ? 1 + draw(rng) : 0};

        make(r, coded, cut, &m);
        if (whole->status == ROVE_E_TRUNCATED) { // ISA-L looks up as many as three literals at once
            CU_ASSERT(m.bytes.len + 3 >= whole->bytes.len && m.bytes.len <= whole->bytes.len + 3);
            continue;
        }
        CU_ASSERT_EQUAL(m.status, whole->status);
        CU_ASSERT_EQUAL(m.taken, whole->taken);
        CU_ASSERT_STRING_EQUAL(m.why, whole->why);
        CU_ASSERT(bytes_equal(&m.bytes, whole->bytes.ptr, whole->bytes.len));
    }
    bytes_drop(&m.bytes);
}

static void damage_at_random(const struct rove_filter *decode, struct bytes *coded, uint64_t *rng)
{
    struct made mine = {0}, zlibs = {0};
    struct rig r, z;
    size_t at = 10 + draw_below(rng, coded->len - 10);
    uint8_t was = coded->ptr[at];

    coded->ptr[at] ^= (uint8_t) (1u << draw_below(rng, 8));
    rig_make(&r, decode, "");
    rig_make(&z, &rv_filter_gzip_decode, "");
    make(&r, coded, (struct cut){0}, &mine);
    make(&z, coded, (struct cut){0}, &zlibs);
    CU_ASSERT(begins_with(&mine.bytes, &zlibs.bytes));
    if (strstr(zlibs.why, "distance code") != NULL || strstr(zlibs.why, "too far back") != NULL ||
        strstr(zlibs.why, "length code") != NULL) {
        CU_ASSERT_EQUAL(mine.bytes.len, zlibs.bytes.len);
    }
    check_cuts(&r, coded, &mine, rng);
    rig_close(&r);
    rig_close(&z);
    coded->ptr[at] = was;
    bytes_drop(&mine.bytes);
    bytes_drop(&zlibs.bytes);
}

static void what_was_made_before_damage_does_not_depend_on_cuts(void)
{
    static const char *const options[] = {"level=1", "level=6", "level=9", "level=6 block=64K"};
    static const size_t lens[] = {300, 9000, 80000, 200000};
    uint64_t rng = seed_of_run ^ 0xda4a6e;

    for (size_t round = 0; round < 70 / stride_of_run; round++) {
        struct bytes plain = make_content(round % 3 == 0 ? MIXED : TEXT, lens[round % 4]);
        struct bytes coded = encoded(&rv_filter_gzip_encode, options[draw_below(&rng, 4)], plain.ptr, plain.len);

        for (int i = 0; i < 3; i++) {
            damage_at_random(&igzip_decode, &coded, &rng);
#if defined(ROVE_PLUGIN_LIBDEFLATE)
            damage_at_random(&libdeflate_decode, &coded, &rng);
#endif
        }
        bytes_drop(&coded);
        bytes_drop(&plain);
    }
}

#endif

void add_plugin_damage_tests(CU_pSuite suite)
{
#if defined(ROVE_PLUGIN_IGZIP)
    ADD(suite, what_was_made_before_damage_does_not_depend_on_cuts);
#endif
    (void) suite;
}
