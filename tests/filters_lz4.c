// SPDX-License-Identifier: MIT
// filters_lz4.c: the LZ4 frame beside liblz4's own LZ4F, and the corners of the format.
#include "filters_harness.h"

#include "support/amount.h"

#include <lz4.h>
#include <lz4frame.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

static const struct cut whole = {0};

static void put32(struct bytes *b, uint32_t v)
{
    uint8_t le[4] = {(uint8_t) v, (uint8_t) (v >> 8), (uint8_t) (v >> 16), (uint8_t) (v >> 24)};

    bytes_add(b, le, 4);
}

static int32_t read_lz4(const struct bytes *coded, struct bytes *out)
{
    return decoded(&rv_filter_lz4_decode, "", coded->ptr, coded->len, out);
}

// LZ4F as the other side --------------------------------------------------------------------------

static bool lz4f_reads(const struct bytes *coded, const struct bytes *plain)
{
    uint8_t *out = malloc(plain->len + 1);
    size_t in_len = coded->len, out_len = plain->len + 1, rest;
    LZ4F_dctx *dctx = NULL;
    bool ok = out != NULL && LZ4F_createDecompressionContext(&dctx, LZ4F_VERSION) == 0;

    rest = ok ? LZ4F_decompress(dctx, out, &out_len, coded->ptr, &in_len, NULL) : 1;
    ok = rest == 0 && in_len == coded->len && out_len == plain->len
         && memcmp(out, plain->ptr, plain->len) == 0;
    (void) LZ4F_freeDecompressionContext(dctx);
    free(out);
    return ok;
}

static struct bytes lz4f_writes(const struct bytes *plain, const LZ4F_preferences_t *prefs)
{
    struct bytes coded = {NULL, 0, LZ4F_compressFrameBound(plain->len, prefs)};

    coded.ptr = malloc(coded.cap);
    CU_ASSERT_PTR_NOT_NULL_FATAL(coded.ptr);
    coded.len = LZ4F_compressFrame(coded.ptr, coded.cap, plain->ptr, plain->len, prefs);
    CU_ASSERT_FALSE(LZ4F_isError(coded.len));
    return coded;
}

static void lz4f_reads_what_is_written(void)
{
    static const char *const blocks[] = {"64K", "256K", "1M", "4M"};
    struct bytes plain = make_content(MIXED, amount_of(700000, 300000)); // of 64K there are several blocks
    char options[128];

    for (unsigned level = 1; level <= 12; level++) {
        for (unsigned flags = 0; flags < 8; flags++) {
            struct bytes coded, back = {NULL, 0, 0};
            bool linked = (flags & 1) != 0;

            if (is_spared(level + flags))
                continue;
            snprintf(options, sizeof options, "level=%u block=%s linked=%s block_checksum=%s "
                     "checksum=%s content_size=%zu", level, blocks[(level + flags) % 4],
                     linked ? "yes" : "no", (flags & 2) != 0 ? "yes" : "no",
                     (flags & 4) != 0 ? "yes" : "no", plain.len);
            coded = encoded(&rv_filter_lz4_encode, options, plain.ptr, plain.len);
            CU_ASSERT(lz4f_reads(&coded, &plain));
            CU_ASSERT_EQUAL(read_lz4(&coded, &back), ROVE_END);
            CU_ASSERT(bytes_equal(&back, plain.ptr, plain.len));
            bytes_drop(&coded);
            bytes_drop(&back);
        }
    }
    bytes_drop(&plain);
}

static void read_in_pieces(const struct bytes *coded, const struct bytes *plain)
{
    static const struct cut cuts[] = {
        {0}, {.in = 1000, .out = 700}, {.in = 262144, .out = 262144}, {.in = 65536, .out = 300000},
        {.in = 300, .out = 65536}};
    struct bytes out = {NULL, 0, 0};
    struct rig r;

    rig_make(&r, &rv_filter_lz4_decode, "");
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        CU_ASSERT_EQUAL(rig_stream(&r, coded->ptr, coded->len, &out, cuts[i]), ROVE_END);
        CU_ASSERT(bytes_equal(&out, plain->ptr, plain->len));
    }
    rig_close(&r);
    bytes_drop(&out);
}

static void what_lz4f_writes_is_read(void)
{
    for (enum content kind = ZEROS; kind <= MIXED; kind++) {
        struct bytes plain = make_content(kind, amount_of(600000, 300000));

        for (int i = 0; i < 32; i++) {
            LZ4F_preferences_t prefs;
            struct bytes coded;

            if (is_spared((size_t) kind + (size_t) i))
                continue;
            memset(&prefs, 0, sizeof prefs);
            prefs.frameInfo.blockSizeID = (LZ4F_blockSizeID_t) (4 + i % 4);
            prefs.frameInfo.blockMode = (i & 4) != 0 ? LZ4F_blockIndependent : LZ4F_blockLinked;
            prefs.frameInfo.contentChecksumFlag = (i & 8) != 0;
            prefs.frameInfo.blockChecksumFlag = (i & 16) != 0;
            prefs.frameInfo.contentSize = (i & 1) != 0 ? plain.len : 0;
            prefs.compressionLevel = i % 3 == 0 ? 9 : 0;
            coded = lz4f_writes(&plain, &prefs);
            read_in_pieces(&coded, &plain);
            bytes_drop(&coded);
        }
        bytes_drop(&plain);
    }
}

// Writes plain in linked blocks of drawn lengths, some of a few bytes, and reads it again.
static void link_and_read(const struct bytes *plain, const char *options, uint64_t *rng)
{
    struct bytes coded = {NULL, 0, 0};
    struct rig r;

    rig_make(&r, &rv_filter_lz4_encode, options);
    for (size_t at = 0; at < plain->len;) {
        size_t len = 1 + draw_below(rng, (size_t) 1 << draw_below(rng, 18));

        len = len < plain->len - at ? len : plain->len - at;
        CU_ASSERT_EQUAL(rig_drive(&r, plain->ptr + at, len, &coded, ROVE_FLUSH, whole, NULL),
                        ROVE_END);
        at += len;
    }
    CU_ASSERT_EQUAL(rig_drive(&r, NULL, 0, &coded, ROVE_FINISH, whole, NULL), ROVE_END);
    rig_close(&r);
    CU_ASSERT(lz4f_reads(&coded, plain));
    read_in_pieces(&coded, plain);
    bytes_drop(&coded);
}

static void linked_blocks_of_all_lengths(void)
{
    struct bytes plain = make_content(TEXT, 300000);
    uint64_t rng = seed_of_run;

    for (int i = 0; i < 5; i++) {
        link_and_read(&plain, "linked=yes block=64K", &rng);
    }
    bytes_drop(&plain);
}

// Noise that repeats after almost 64 KiB: each match reaches as far back as the format allows,
// across all the blocks between.
static void linked_blocks_reach_64_kib_back(void)
{
    struct bytes plain = make_content(NOISE, 65535);
    uint64_t rng = seed_of_run;

    plain.ptr = realloc(plain.ptr, 8 * 65535);
    CU_ASSERT_PTR_NOT_NULL_FATAL(plain.ptr);
    plain.cap = 8 * 65535;
    for (int i = 0; i < 7; i++) {
        bytes_add(&plain, plain.ptr, 65535);
    }
    for (int i = 0; i < 40; i++) {
        link_and_read(&plain, i % 4 == 0 ? "linked=yes level=4" : "linked=yes", &rng);
    }
    bytes_drop(&plain);
}

static void noise_is_stored(void)
{
    struct bytes plain = make_content(NOISE, 1000000);
    struct bytes coded = encoded(&rv_filter_lz4_encode, "", plain.ptr, plain.len);

    CU_ASSERT_EQUAL(coded.len, 7 + 4 * 4 + plain.len + 8);
    read_in_pieces(&coded, &plain);
    bytes_drop(&plain);
    bytes_drop(&coded);
}

// Nothing is longer than noise in one short block with all sums and lengths.
static void the_longest_frames_are_as_long_as_their_bound(void)
{
    static const size_t lens[] = {1, 100, 65535, 65536, 65537, 150000};

    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        struct bytes plain = make_content(NOISE, lens[i]), coded = {NULL, 0, 0};
        char options[80];
        struct rig r;

        snprintf(options, sizeof options, "block=64K checksum=yes block_checksum=yes content_size=%zu",
                 lens[i]);
        rig_make(&r, &rv_filter_lz4_encode, options);
        CU_ASSERT_EQUAL(rig_stream(&r, plain.ptr, plain.len, &coded, whole), ROVE_END);
        CU_ASSERT_EQUAL(coded.len, rv_filter_lz4_encode.bound(r.state, plain.len));
        rig_close(&r);
        bytes_drop(&plain);
        bytes_drop(&coded);
    }
}

// several frames ----------------------------------------------------------------------------------

static void add_skippable(struct bytes *b, uint32_t nibble, size_t len)
{
    struct bytes junk = make_content(NOISE, len);

    put32(b, 0x184D2A50u + nibble);
    put32(b, (uint32_t) len);
    bytes_add(b, junk.ptr, len);
    bytes_drop(&junk);
}

static void frames_and_skippable_frames_in_any_order(void)
{
    struct bytes all = {NULL, 0, 0}, plain = {NULL, 0, 0}, out = {NULL, 0, 0};
    struct rig r;

    for (uint32_t i = 0; i < 3; i++) {
        struct bytes one = encoded(&rv_filter_lz4_encode, i == 1 ? "linked=yes" : "checksum=no",
                                   "strand drawn out", i == 2 ? 0 : 16);

        add_skippable(&all, 5 * i, 20 * i);
        bytes_add(&all, one.ptr, one.len);
        bytes_add(&plain, "strand drawn out", i == 2 ? 0 : 16);
        bytes_drop(&one);
    }
    add_skippable(&all, 14, 3);
    rig_make(&r, &rv_filter_lz4_decode, "");
    for (size_t i = 1; i <= all.len; i++) {
        CU_ASSERT_EQUAL(rig_stream(&r, all.ptr, all.len, &out, (struct cut){.in = i, .out = 5}),
                        ROVE_END);
        CU_ASSERT(bytes_equal(&out, plain.ptr, plain.len));
    }
    rig_close(&r);
    bytes_drop(&all);
    bytes_drop(&plain);
    bytes_drop(&out);
}

static void garbage_after_the_last_frame(void)
{
    static const char *const tails[] = {"x", "\x04\x22", "\x04\x22\x4d\x19", "\x50\x2a\x4e"};
    static const int32_t want[] = {ROVE_E_TRAILING, ROVE_E_TRUNCATED, ROVE_E_TRAILING,
                                   ROVE_E_TRAILING};

    for (size_t i = 0; i < 4; i++) {
        struct bytes coded = encoded(&rv_filter_lz4_encode, "", "rope", 4), out = {NULL, 0, 0};

        bytes_add(&coded, tails[i], strlen(tails[i]));
        CU_ASSERT_EQUAL(read_lz4(&coded, &out), want[i]);
        bytes_drop(&coded);
        bytes_drop(&out);
    }
}

// legacy frames -----------------------------------------------------------------------------------

static void add_legacy(struct bytes *b, const struct bytes *plain)
{
    const size_t most = 8u << 20;

    put32(b, 0x184C2102u);
    for (size_t at = 0; at < plain->len; at += most) {
        int len = (int) (plain->len - at < most ? plain->len - at : most);
        int cap = LZ4_compressBound(len), got;
        char *room = malloc((size_t) cap);

        CU_ASSERT_PTR_NOT_NULL_FATAL(room);
        got = LZ4_compress_default((const char *) plain->ptr + at, room, len, cap);
        put32(b, (uint32_t) got);
        bytes_add(b, room, (size_t) got);
        free(room);
    }
}

static void legacy_frames(void)
{
    static const size_t sizes[] = {1, 100000, 8u << 20, (8u << 20) + 1};

    for (size_t i = 0; i < 4; i++) {
        struct bytes plain = make_content(MIXED, sizes[i]), coded = {NULL, 0, 0};

        add_legacy(&coded, &plain);
        read_in_pieces(&coded, &plain);
        bytes_drop(&plain);
        bytes_drop(&coded);
    }
}

// A legacy frame ends where the next frame's magic number stands.
static void legacy_frames_before_and_after_others(void)
{
    struct bytes plain = make_content(TEXT, 100), coded = {NULL, 0, 0}, out = {NULL, 0, 0}, modern;
    struct bytes all = {NULL, 0, 0};

    modern = encoded(&rv_filter_lz4_encode, "", plain.ptr, plain.len);
    add_legacy(&coded, &plain);
    bytes_add(&coded, modern.ptr, modern.len);
    add_legacy(&coded, &plain);
    add_legacy(&coded, &plain);
    add_skippable(&coded, 3, 9);
    for (int i = 0; i < 4; i++) {
        bytes_add(&all, plain.ptr, plain.len);
    }
    read_in_pieces(&coded, &all);
    put32(&coded, 0x184C2102u); // one without a block
    CU_ASSERT_EQUAL(read_lz4(&coded, &out), ROVE_END);
    put32(&coded, 0xfeedbeefu);
    CU_ASSERT_EQUAL(read_lz4(&coded, &out), ROVE_E_DATA);
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&modern);
    bytes_drop(&all);
    bytes_drop(&out);
}

// breaches ----------------------------------------------------------------------------------------

// A frame by hand: FLG, BD, the fields that follow them, and the rest as given. `wrong` spoils HC.
static int32_t frame_status(uint8_t flg, uint8_t bd, size_t fields, uint8_t wrong,
                            const struct bytes *rest)
{
    struct bytes b = {NULL, 0, 0}, out = {NULL, 0, 0};
    uint8_t head[16] = {flg, bd, 4, 0, 0, 0, 0, 0, 0, 0, 9, 9, 9, 9}, sum;
    int32_t rc;

    put32(&b, 0x184D2204u);
    bytes_add(&b, head, 2 + fields);
    sum = (uint8_t) ((XXH32(head, 2 + fields, 0) >> 8) ^ wrong);
    bytes_add(&b, &sum, 1);
    bytes_add(&b, rest->ptr, rest->len);
    rc = read_lz4(&b, &out);
    bytes_drop(&b);
    bytes_drop(&out);
    return rc;
}

static void each_breach_of_the_format_has_its_status(void)
{
    struct bytes end = {NULL, 0, 0}, block = {NULL, 0, 0}, big = {NULL, 0, 0}, none = {NULL, 0, 0};

    put32(&end, 0);
    put32(&block, 0x80000004u);
    bytes_add(&block, "rope\0\0\0\0", 8);
    put32(&big, 65537);
    CU_ASSERT_EQUAL(frame_status(0x60, 0x40, 0, 0, &end), ROVE_END);
    CU_ASSERT_EQUAL(frame_status(0x60, 0x40, 0, 0, &block), ROVE_END);
    CU_ASSERT_EQUAL(frame_status(0x60, 0x40, 0, 1, &block), ROVE_E_CHECKSUM);
    CU_ASSERT_EQUAL(frame_status(0x68, 0x40, 8, 0, &block), ROVE_END); // declares 4
    CU_ASSERT_EQUAL(frame_status(0x68, 0x40, 8, 0, &end), ROVE_E_CHECKSUM);
    CU_ASSERT_EQUAL(frame_status(0x61, 0x40, 4, 0, &block), ROVE_E_UNSUPPORTED); // dictionary
    CU_ASSERT_EQUAL(frame_status(0x69, 0x40, 12, 0, &block), ROVE_E_UNSUPPORTED);
    CU_ASSERT_EQUAL(frame_status(0x62, 0x40, 0, 0, &block), ROVE_E_UNSUPPORTED);
    CU_ASSERT_EQUAL(frame_status(0x60, 0xc0, 0, 0, &block), ROVE_E_UNSUPPORTED);
    CU_ASSERT_EQUAL(frame_status(0x60, 0x41, 0, 0, &block), ROVE_E_UNSUPPORTED);
    CU_ASSERT_EQUAL(frame_status(0x60, 0x30, 0, 0, &block), ROVE_E_UNSUPPORTED);
    CU_ASSERT_EQUAL(frame_status(0xa0, 0x40, 0, 0, &block), ROVE_E_UNSUPPORTED); // version 2
    CU_ASSERT_EQUAL(frame_status(0x60, 0x40, 0, 0, &big), ROVE_E_DATA);
    CU_ASSERT_EQUAL(frame_status(0x60, 0x40, 0, 0, &none), ROVE_E_TRUNCATED);
    bytes_add(&block, "rop", 3);
    CU_ASSERT_EQUAL(frame_status(0x60, 0x40, 0, 0, &block), ROVE_E_TRAILING);
    bytes_drop(&end);
    bytes_drop(&block);
    bytes_drop(&big);
}

static void empty_stored_blocks(void)
{
    struct bytes rest = {NULL, 0, 0};

    put32(&rest, 0x80000000u);
    put32(&rest, 0x80000000u);
    put32(&rest, 0);
    CU_ASSERT_EQUAL(frame_status(0x60, 0x40, 0, 0, &rest), ROVE_END);
    CU_ASSERT_EQUAL(frame_status(0x40, 0x40, 0, 0, &rest), ROVE_END);
    bytes_drop(&rest);
}

static void more_than_declared_is_refused_before_it_is_shown(void)
{
    struct bytes coded = encoded(&rv_filter_lz4_encode, "content_size=5", "ropes", 5);
    struct bytes out = {NULL, 0, 0};

    coded.ptr[6] = 4; // the declared size, and the header's checksum accordingly
    coded.ptr[14] = (uint8_t) (XXH32(coded.ptr + 4, 10, 0) >> 8);
    CU_ASSERT_EQUAL(read_lz4(&coded, &out), ROVE_E_CHECKSUM);
    CU_ASSERT_EQUAL(out.len, 0);
    bytes_drop(&coded);
    bytes_drop(&out);
}

// Blocks that parts hold count as what they may become until these are done, whatever the head does itself meanwhile.
static void no_more_is_promised_than_declared(void)
{
    enum { DECLARED = 6, LEN = 65536, STEP = LEN + 4, HEAD = 15 };
    struct bytes plain = make_content(NOISE, (size_t) DECLARED * LEN), coded;
    uint8_t *room = malloc(LEN);
    struct rove_in in;
    struct rove_out out;
    struct rig r, part;
    uint64_t len;
    int flying = 5;

    coded = encoded(&rv_filter_lz4_encode, "block=64K checksum=no content_size=393216", plain.ptr, plain.len);
    CU_ASSERT_EQUAL(coded.len, (size_t) HEAD + DECLARED * STEP + 4);
    rig_make(&r, &rv_filter_lz4_decode, "");
    rig_make(&part, &rv_filter_lz4_decode, "");
    in = (struct rove_in){coded.ptr, HEAD};
    out = (struct rove_out){room, LEN};
    CU_ASSERT_EQUAL(rig_call(&r, &in, &out, ROVE_RUN), ROVE_OK);
    for (int i = 0; i < flying; i++) {
        CU_ASSERT_EQUAL(r.filter->next(r.state, coded.ptr + HEAD, STEP, &len), ROVE_OK);
    }
    in = (struct rove_in){coded.ptr + HEAD, STEP}; // the first had no memory
    CU_ASSERT_EQUAL(rig_call(&r, &in, &out, ROVE_RUN), ROVE_OK);
    in = (struct rove_in){coded.ptr + HEAD, STEP};
    out = (struct rove_out){room, LEN};
    if (r.filter->next(r.state, in.ptr, in.len, &len) == ROVE_OK) { // whether the second is still a part
        CU_ASSERT_EQUAL(part.filter->part(part.state, r.state, NULL, 0), ROVE_OK);
        CU_ASSERT_EQUAL(rig_call(&part, &in, &out, ROVE_FINISH), ROVE_END);
        CU_ASSERT_EQUAL(r.filter->join(r.state, part.state, LEN), ROVE_OK);
    } else {
        CU_ASSERT_EQUAL(rig_call(&r, &in, &out, ROVE_RUN), ROVE_OK);
    }
    for (flying -= 2; flying < 100 && r.filter->next(r.state, coded.ptr + HEAD, STEP, &len) == ROVE_OK; flying++) {
    }
    CU_ASSERT(2 + flying <= DECLARED);
    rig_close(&r);
    rig_close(&part);
    free(room);
    bytes_drop(&plain);
    bytes_drop(&coded);
}

static void not_lz4_at_all(void)
{
    struct bytes out = {NULL, 0, 0};

    CU_ASSERT_EQUAL(decoded(&rv_filter_lz4_decode, "", "PK\3\4", 4, &out), ROVE_E_FORMAT);
    CU_ASSERT_EQUAL(decoded(&rv_filter_lz4_decode, "", "x", 1, &out), ROVE_E_FORMAT);
    CU_ASSERT_EQUAL(decoded(&rv_filter_lz4_decode, "", "\x04\x22", 2, &out), ROVE_E_TRUNCATED);
    CU_ASSERT_EQUAL(decoded(&rv_filter_lz4_decode, "", "", 0, &out), ROVE_E_TRUNCATED);
}

// A frame may declare blocks of 4 MiB and send a few bytes.
static void memory_follows_the_bytes_not_the_declaration(void)
{
    struct bytes b = {NULL, 0, 0}, out = {NULL, 0, 0};
    struct rig r;

    bytes_add(&b, "\x04\x22\x4d\x18\x40\x70\xdf", 7);
    put32(&b, 4u << 20);
    bytes_add(&b, "0123456789", 10);
    rig_make(&r, &rv_filter_lz4_decode, "");
    CU_ASSERT_EQUAL(rig_stream(&r, b.ptr, b.len, &out, whole), ROVE_E_TRUNCATED);
    CU_ASSERT(r.peak_bytes <= 16384);
    rig_close(&r);
    bytes_drop(&b);
    bytes_drop(&out);
}

// content_size ------------------------------------------------------------------------------------

static int32_t write_sized(const char *options, size_t len, size_t piece)
{
    struct bytes plain = make_content(TEXT, len), out = {NULL, 0, 0};
    struct rig r;
    int32_t rc;

    rig_make(&r, &rv_filter_lz4_encode, options);
    rc = rig_stream(&r, plain.ptr, plain.len, &out, (struct cut){.in = piece});
    rig_close(&r);
    bytes_drop(&plain);
    bytes_drop(&out);
    return rc;
}

static void declared_content_size_must_be_kept(void)
{
    for (size_t piece = 0; piece < 1000; piece += 333) {
        CU_ASSERT_EQUAL(write_sized("content_size=1000", 1000, piece), ROVE_END);
        CU_ASSERT_EQUAL(write_sized("content_size=1000", 999, piece), ROVE_E_CHECKSUM);
        CU_ASSERT_EQUAL(write_sized("content_size=1000", 1001, piece), ROVE_E_CHECKSUM);
        CU_ASSERT_EQUAL(write_sized("content_size=0", 0, piece), ROVE_END);
        CU_ASSERT_EQUAL(write_sized("content_size=0", 1, piece), ROVE_E_CHECKSUM);
    }
}

static void acceleration_and_level_matter(void)
{
    struct bytes plain = make_content(MIXED, 200000);
    size_t lens[3];
    static const char *const options[] = {"level=12", "level=1", "acceleration=100"};

    for (size_t i = 0; i < 3; i++) {
        struct bytes coded = encoded(&rv_filter_lz4_encode, options[i], plain.ptr, plain.len);

        lens[i] = coded.len;
        bytes_drop(&coded);
    }
    CU_ASSERT(lens[0] < lens[1] && lens[1] < lens[2]);
    bytes_drop(&plain);
}

// Whatever levels the library at hand has: it is the text that decides.
static void levels_1_and_2_are_one(void)
{
    struct bytes plain = make_content(MIXED, 200000);
    struct bytes one = encoded(&rv_filter_lz4_encode, "level=1 acceleration=3", plain.ptr, plain.len);
    struct bytes two = encoded(&rv_filter_lz4_encode, "level=2 acceleration=3", plain.ptr, plain.len);

    CU_ASSERT(bytes_equal(&two, one.ptr, one.len));
    bytes_drop(&plain);
    bytes_drop(&one);
    bytes_drop(&two);
}

// liblz4 begins to count anew after 16384 messages that its codec was reset for.
static void a_codec_that_has_coded_very_many_messages(void)
{
    static const char text[] = "ropeA1 b2ropeC3 d4ropeE5 f6ropeG7 h8ropeI9 j0ropeK1 l2ropeM3 n4";
    struct bytes want = encoded(&rv_filter_lz4_encode, "", text, sizeof text);
    struct bytes out = {NULL, 0, 0};
    bool same = true;
    struct rig r;

    rig_make(&r, &rv_filter_lz4_encode, "");
    for (unsigned i = 0; i < 16500 && same; i++) {
        (void) rig_stream(&r, text, sizeof text, &out, whole);
        same = bytes_equal(&out, want.ptr, want.len);
    }
    CU_ASSERT_TRUE(same);
    rig_close(&r);
    bytes_drop(&out);
    bytes_drop(&want);
}

void add_lz4_tests(CU_pSuite suite)
{
    ADD(suite, lz4f_reads_what_is_written);
    ADD(suite, what_lz4f_writes_is_read);
    ADD(suite, linked_blocks_of_all_lengths);
    ADD(suite, linked_blocks_reach_64_kib_back);
    ADD(suite, noise_is_stored);
    ADD(suite, the_longest_frames_are_as_long_as_their_bound);
    ADD(suite, frames_and_skippable_frames_in_any_order);
    ADD(suite, garbage_after_the_last_frame);
    ADD(suite, legacy_frames);
    ADD(suite, legacy_frames_before_and_after_others);
    ADD(suite, each_breach_of_the_format_has_its_status);
    ADD(suite, empty_stored_blocks);
    ADD(suite, more_than_declared_is_refused_before_it_is_shown);
    ADD(suite, no_more_is_promised_than_declared);
    ADD(suite, not_lz4_at_all);
    ADD(suite, memory_follows_the_bytes_not_the_declaration);
    ADD(suite, declared_content_size_must_be_kept);
    ADD(suite, acceleration_and_level_matter);
    ADD(suite, levels_1_and_2_are_one);
    ADD(suite, a_codec_that_has_coded_very_many_messages);
}
