// SPDX-License-Identifier: MIT
// plugin_xz.c: what only the plugin xz has: blocks and their index, checks, bombs, padding.
#include "filters_marks.h"
#include "plugin_codecs.h"
#include "plugin_others.h"

#if defined(ROVE_PLUGIN_XZ)

#include "support/amount.h"

#include <rove/rove.h>

#define HEAD 12u // bytes of a stream's header, and of its footer

static const struct cut whole = {0};

// CRC-32 as the headers have it, bit by bit.
static void seal(uint8_t *ptr, size_t len)
{
    uint32_t sum = UINT32_MAX;

    for (size_t i = 0; i < 8 * len; i++) {
        sum ^= (uint32_t) (ptr[i / 8] >> i % 8 & 1);
        sum = sum >> 1 ^ ((sum & 1) != 0 ? 0xedb88320u : 0);
    }
    for (unsigned i = 0; i < 4; i++) {
        ptr[len + i] = (uint8_t) (~sum >> 8 * i);
    }
}

static int32_t read_by(const char *options, const struct bytes *coded, struct bytes *out, char *why, size_t *peak)
{
    struct rig r;
    int32_t rc;

    rig_make(&r, &xz_decode, options);
    rc = rig_stream(&r, coded->ptr, coded->len, out, whole);
    snprintf(why, 128, "%s", r.why);
    *peak = r.peak_bytes;
    rig_close(&r);
    return rc;
}

// settings ----------------------------------------------------------------------------------------

static void settings_that_xz_has_not_are_refused(void)
{
    check_refused("xz:level=10", "level");
    check_refused("xz:check=md5", "check");
    check_refused("xz:block=1023", "block=1023 is too small; 1024 is the least");
    check_refused("xz:block=1025M", "block");
    check_refused("xz:dict=4095", "dict=4095 is too small; 4096 is the least");
    check_refused("xz:dict=1537M", "dict");
}

static void each_check_stands_in_the_header_and_holds(void)
{
    static const struct {
        const char *options;
        uint8_t id;
        size_t len;
    } checks[] = {{"level=0 check=none", 0, 0}, {"level=0 check=crc32", 1, 4}, {"level=0", 4, 8},
                  {"level=0 check=crc64", 4, 8}, {"level=0 check=sha256", 10, 32}};

    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        struct bytes coded = encoded(&xz_encode, checks[i].options, "rope", 4), out = {NULL, 0, 0};
        size_t last = coded.len - HEAD - 8 - 1; // of the check: the index of one block has 8 bytes

        CU_ASSERT(coded.ptr[6] == 0 && coded.ptr[7] == checks[i].id);
        CU_ASSERT_EQUAL(decoded(&xz_decode, "", coded.ptr, coded.len, &out), ROVE_END);
        CU_ASSERT(bytes_equal(&out, "rope", 4));
        for (size_t at = 0; at < checks[i].len; at++) {
            coded.ptr[last - at] ^= 1;
            CU_ASSERT_EQUAL(decoded(&xz_decode, "", coded.ptr, coded.len, &out), ROVE_E_DATA);
            coded.ptr[last - at] ^= 1;
        }
        bytes_drop(&coded);
        bytes_drop(&out);
    }
}

static void what_xz_has_not_is_told_so(void)
{
    struct bytes coded = encoded(&xz_encode, "level=0", "rope", 4), out = {NULL, 0, 0};
    char why[128];
    size_t peak;

    coded.ptr[7] = 2; // a check of the future
    seal(coded.ptr + 6, 2);
    CU_ASSERT_EQUAL(read_by("", &coded, &out, why, &peak), ROVE_E_UNSUPPORTED);
    CU_ASSERT(strstr(why, "stream 1 has a check of an unknown kind, 2") != NULL);
    coded.ptr[6] = 1; // reserved
    seal(coded.ptr + 6, 2);
    CU_ASSERT_EQUAL(read_by("", &coded, &out, why, &peak), ROVE_E_UNSUPPORTED);
    CU_ASSERT(strstr(why, "the header of stream 1 has unknown flags") != NULL);
    coded.ptr[6] = 0;
    coded.ptr[7] = 4;
    seal(coded.ptr + 6, 2);
    coded.ptr[HEAD + 2] = 0x7f; // a filter that is none
    seal(coded.ptr + HEAD, 8);
    CU_ASSERT_EQUAL(read_by("", &coded, &out, why, &peak), ROVE_E_UNSUPPORTED);
    CU_ASSERT(strstr(why, "block 1 of stream 1 is coded in an unknown way") != NULL);
    bytes_drop(&coded);
    bytes_drop(&out);
}

// memory ------------------------------------------------------------------------------------------

// Has a block's header say that matches reach back 2^(12 + log) bytes.
static void declare_dict(uint8_t *head, uint8_t log)
{
    size_t len = 4u * head[0]; // without its sum
    size_t at = 2;

    while (head[at] != 0x21 || head[at + 1] != 1) { // LZMA2, one byte of properties
        at++;
    }
    head[at + 2] = (uint8_t) (2 * log);
    seal(head, len);
}

static void hostile_dictionaries_are_refused(void)
{
    struct bytes coded = encoded(&xz_encode, "level=0", "rope", 4), out = {NULL, 0, 0};
    char why[128];
    size_t peak;

    declare_dict(coded.ptr + HEAD, 27 - 12); // and some bytes for the rest: more than 128 MiB
    CU_ASSERT_EQUAL(read_by("", &coded, &out, why, &peak), ROVE_E_LIMIT);
    CU_ASSERT(strstr(why, "block 1 of stream 1 wants 129 MiB of memory; xz:memory=129M allows it") != NULL);
    CU_ASSERT(peak < 1 << 20);
    CU_ASSERT_EQUAL(read_by("memory=129M", &coded, &out, why, &peak), ROVE_END);
    CU_ASSERT(bytes_equal(&out, "rope", 4));
    declare_dict(coded.ptr + HEAD, 31 - 12);
    CU_ASSERT_EQUAL(read_by("", &coded, &out, why, &peak), ROVE_E_LIMIT);
    CU_ASSERT(strstr(why, "xz:memory=2049M allows it") != NULL);
    bytes_drop(&coded);
    bytes_drop(&out);
}

// Where the block tells how long it is: it reaches back no further.
static void no_more_memory_is_taken_than_the_block_becomes(void)
{
    struct bytes coded = encoded(&xz_encode, "level=0 block=64K", "rope", 4), out = {NULL, 0, 0};
    char why[128];
    size_t peak;

    declare_dict(coded.ptr + HEAD, 31 - 12);
    CU_ASSERT_EQUAL(read_by("", &coded, &out, why, &peak), ROVE_END);
    CU_ASSERT(bytes_equal(&out, "rope", 4));
    CU_ASSERT(peak < 1 << 20);
    bytes_drop(&coded);
    bytes_drop(&out);
}

// What the codec takes by the block's word counts against the chain's memory.
static void dictionaries_count_against_the_chains_memory(void)
{
    struct rove_limits limits = {.size = sizeof limits, .memory = 6 << 20};
    struct bytes coded = encoded(&xz_encode, "level=0", "rope", 4);
    struct rove_stream *source = NULL, *stream = NULL;
    uint8_t buf[16];
    size_t len = 0;

    declare_dict(coded.ptr + HEAD, 23 - 12);
    for (unsigned round = 0; round < 2; round++) {
        CU_ASSERT_EQUAL(rove_stream_new(NULL, &source), ROVE_OK);
        CU_ASSERT_EQUAL(rove_stream_write(source, coded.ptr, coded.len), ROVE_OK);
        CU_ASSERT_EQUAL(rove_stream_seek(source, 0, ROVE_SET, NULL), ROVE_OK);
        CU_ASSERT_EQUAL(rove_stream_decode(source, "xz", &limits, &stream, NULL), ROVE_OK);
        CU_ASSERT_EQUAL(rove_stream_read(stream, buf, 4, &len), round == 0 ? ROVE_E_LIMIT : ROVE_OK);
        CU_ASSERT(round == 0 ? strstr(rove_stream_explain(stream), "the limit on memory is 6291456") != NULL
                             : len == 4 && memcmp(buf, "rope", 4) == 0);
        rove_stream_free(stream);
        rove_stream_free(source);
        limits.memory = 16 << 20;
    }
    bytes_drop(&coded);
}

// blocks and index --------------------------------------------------------------------------------

// Bytes of the first block of those that tell their lengths.
static size_t first_block(const struct bytes *coded)
{
    uint64_t rng = 1, len[2];
    struct places places = {NULL, 0, 0};
    struct rig r;
    size_t at;

    rig_make(&r, &xz_decode, "");
    CU_ASSERT_EQUAL(places_hop(&r, coded, &rng, &places, len), ROVE_END);
    CU_ASSERT_FATAL(places.len >= 2);
    at = places.ptr[1].coded;
    rig_close(&r);
    places_drop(&places);
    return at - HEAD;
}

static void hop_ends(const char *options, const struct bytes *coded, int32_t want)
{
    uint64_t rng = 1, len[2];
    struct places places = {NULL, 0, 0};
    struct rig r;

    rig_make(&r, &xz_decode, options);
    CU_ASSERT_EQUAL(places_hop(&r, coded, &rng, &places, len), want);
    CU_ASSERT(want < 0 || (places.len >= 1 && len[0] == coded->len));
    rig_close(&r);
    places_drop(&places);
}

// Blocks are sound each by itself: it is the index that tells when one is missing, or there twice.
static void the_index_is_held_against_the_blocks(void)
{
    struct bytes plain = make_content(MIXED, 50000), out = {NULL, 0, 0};
    struct bytes coded = encoded(&xz_encode, "level=0 block=20000", plain.ptr, plain.len);
    size_t len = first_block(&coded), peak;
    char why[128];

    for (unsigned twice = 0; twice < 2; twice++) {
        struct bytes other = {NULL, 0, 0};

        bytes_add(&other, coded.ptr, HEAD + (twice ? len : 0));
        bytes_add(&other, coded.ptr + HEAD + (twice ? 0 : len), coded.len - HEAD - (twice ? 0 : len));
        CU_ASSERT_EQUAL(read_by("", &other, &out, why, &peak), ROVE_E_DATA);
        CU_ASSERT(strstr(why, "the index of stream 1 is damaged, or not of these blocks") != NULL);
        CU_ASSERT_EQUAL(out.len, twice ? 70000 : 30000);
        hop_ends("", &other, ROVE_E_DATA);
        bytes_drop(&other);
    }
    hop_ends("", &coded, ROVE_END);
    bytes_drop(&coded);
    coded = encoded(&xz_encode, "level=0", plain.ptr, plain.len);
    hop_ends("", &coded, ROVE_E_UNSUPPORTED);
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&out);
}

// So many blocks that the index has to grow, and that its count takes several bytes.
static void an_index_of_many_blocks(void)
{
    struct bytes plain = make_content(TEXT, 1024 * 300), out = {NULL, 0, 0}, seen = {NULL, 0, 0};
    struct bytes coded = encoded(&xz_encode, "level=0 block=1K check=crc32", plain.ptr, plain.len);

    CU_ASSERT_EQUAL(decoded(&xz_decode, "", coded.ptr, coded.len, &out), ROVE_END);
    CU_ASSERT(bytes_equal(&out, plain.ptr, plain.len));
    if (others_have("xz")) {
        CU_ASSERT(others_pipe("F=$(mktemp) && cat > $F.xz && xz --robot -l $F.xz; rm $F $F.xz", &coded, &seen));
        bytes_add(&seen, "", 1);
        CU_ASSERT(strstr((const char *) seen.ptr, "\ntotals\t1\t300\t") != NULL);
    }
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&seen);
    bytes_drop(&out);
}

// The length of its only chunk is less than its data take: the codec would go on with what follows, as far as it has
// some, and give what it makes of that.
static void a_chunk_that_runs_on_gives_the_same_however_it_is_cut(void)
{
    static const struct cut cuts[] = {{.in = 1}, {.out = 1}, {.in = 1, .out = 1}, {.in = 7, .out = 3}, {.in = 30, .out = 100}};
    struct bytes plain = make_content(TEXT, 3000), first = {NULL, 0, 0}, out = {NULL, 0, 0};
    struct bytes coded = encoded(&xz_encode, "level=0", plain.ptr, plain.len);
    uint8_t *len = coded.ptr + HEAD + 12 + 3; // behind the kind and the plain length
    unsigned sound = (unsigned) len[0] << 8 | len[1];
    struct rig r;

    rig_make(&r, &xz_decode, "");
    for (unsigned less = 1; less < 200; less++) {
        len[0] = (uint8_t) ((sound - less) >> 8);
        len[1] = (uint8_t) (sound - less);
        CU_ASSERT_EQUAL(rig_stream(&r, coded.ptr, coded.len, &first, whole), ROVE_E_DATA);
        CU_ASSERT(first.len <= plain.len && memcmp(first.ptr, plain.ptr, first.len) == 0);
        for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
            CU_ASSERT_EQUAL(rig_stream(&r, coded.ptr, coded.len, &out, cuts[i]), ROVE_E_DATA);
            CU_ASSERT(bytes_equal(&out, first.ptr, first.len));
        }
    }
    rig_close(&r);
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&first);
    bytes_drop(&out);
}

// Noise becomes longer, and is stored.
// Code with calls, as the filter for x86 looks for; behind another one.
static struct bytes filtered_calls(struct bytes *plain)
{
    struct bytes coded = {NULL, 0, 0};

    for (uint32_t i = 0; i < 6000; i++) {
        uint8_t call[5] = {0xe8, (uint8_t) (i * 37), (uint8_t) (i * i >> 3), 0, 0};

        bytes_add(plain, call, sizeof call);
        bytes_add(plain, &"strand drawn out to be laid"[i % 20], 1 + i % 7);
    }
    CU_ASSERT(others_pipe("xz -c --delta=dist=3 --x86 --lzma2=preset=0", plain, &coded));
    return coded;
}

// liblzma does not pass by the filters what it made in a call that fails.
static void damage_behind_filters_gives_the_same_however_it_is_cut(void)
{
    struct bytes plain = {NULL, 0, 0}, coded, out = {NULL, 0, 0}, again = {NULL, 0, 0};
    struct rig r;

    if (!others_have("xz")) {
        printf("(no xz here) ");
        return;
    }
    coded = filtered_calls(&plain);
    rig_make(&r, &xz_decode, "");
    CU_ASSERT_EQUAL(rig_stream(&r, coded.ptr, coded.len, &out, whole), ROVE_END);
    CU_ASSERT(bytes_equal(&out, plain.ptr, plain.len));
    for (size_t i = 0; i < 40; i++) {
        size_t at = 40 + i * (coded.len - 90) / 40;
        int32_t rc;

        coded.ptr[at] ^= 0x10;
        rc = rig_stream(&r, coded.ptr, coded.len, &out, whole);
        CU_ASSERT(rc == ROVE_E_DATA || rc == ROVE_E_TRUNCATED);
        for (size_t piece = 1; piece < 3000; piece = 5 * piece + 2) {
            CU_ASSERT_EQUAL(rig_stream(&r, coded.ptr, coded.len, &again, (struct cut){.in = piece, .out = 4 * piece}), rc);
            CU_ASSERT(bytes_equal(&again, out.ptr, out.len));
        }
        coded.ptr[at] ^= 0x10;
    }
    rig_close(&r);
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&out);
    bytes_drop(&again);
}

static void noise_is_stored_in_blocks(void)
{
    struct bytes plain = make_content(NOISE, 300000), out = {NULL, 0, 0};
    struct bytes coded = encoded(&xz_encode, "level=0 block=100000", plain.ptr, plain.len);

    CU_ASSERT(coded.len > plain.len && coded.len < plain.len + 500);
    CU_ASSERT_EQUAL(decoded(&xz_decode, "", coded.ptr, coded.len, &out), ROVE_END);
    CU_ASSERT(bytes_equal(&out, plain.ptr, plain.len));
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&out);
}

// padding -----------------------------------------------------------------------------------------

static void zeros_by_fours_are_of_the_format(void)
{
    struct bytes one = encoded(&xz_encode, "level=0 block=20000", "rope", 4), out = {NULL, 0, 0};
    char why[128];
    size_t peak;

    for (size_t zeros = 0; zeros < 14; zeros++) {
        struct bytes all = {NULL, 0, 0};

        bytes_add(&all, one.ptr, one.len);
        bytes_add(&all, "\0\0\0\0\0\0\0\0\0\0\0\0\0", zeros);
        CU_ASSERT_EQUAL(read_by("", &all, &out, why, &peak), zeros % 4 == 0 ? ROVE_END : ROVE_E_TRAILING);
        CU_ASSERT(zeros % 4 == 0 || strstr(why, "zero bytes follow the last stream, up to the end") != NULL);
        CU_ASSERT_EQUAL(read_by("trailing=zeros", &all, &out, why, &peak), ROVE_END);
        CU_ASSERT(bytes_equal(&out, "rope", 4));
        hop_ends("", &all, zeros % 4 == 0 ? ROVE_END : ROVE_E_TRAILING); // all the same
        hop_ends("trailing=zeros", &all, ROVE_END);
        hop_ends("trailing=ignore", &all, ROVE_END);
        bytes_add(&all, one.ptr, one.len);
        CU_ASSERT_EQUAL(read_by("", &all, &out, why, &peak), zeros % 4 == 0 ? ROVE_END : ROVE_E_TRAILING);
        CU_ASSERT(bytes_equal(&out, "roperope", zeros % 4 == 0 ? 8 : 4));
        bytes_drop(&all);
    }
    bytes_drop(&one);
    bytes_drop(&out);
}

// With workers it is not taken byte by byte.
static void padding_is_the_heads_all_that_there_is(void)
{
    struct bytes one = encoded(&xz_encode, "level=0", "rope", 4);
    uint8_t zeros[1001] = {0}, room[8];
    struct rove_in in = {one.ptr, one.len}, some = {zeros, 16};
    struct rove_out out = {room, sizeof room};
    uint64_t len = 0;
    struct rig r;

    rig_make(&r, &xz_decode, "");
    CU_ASSERT_EQUAL(xz_decode.run(r.state, &in, &out, ROVE_RUN), ROVE_OK);
    CU_ASSERT_EQUAL(xz_decode.run(r.state, &some, &out, ROVE_RUN), ROVE_OK);
    CU_ASSERT(in.len == 0 && some.len == 0);
    zeros[1000] = 'X';
    CU_ASSERT_EQUAL(xz_decode.next(r.state, zeros, sizeof zeros, &len), ROVE_END);
    CU_ASSERT_EQUAL(len, 1000);
    CU_ASSERT_EQUAL(xz_decode.next(r.state, zeros + 1000, 1, &len), ROVE_END);
    CU_ASSERT_EQUAL(len, 1);
    rig_close(&r);
    bytes_drop(&one);
}

// other programs ----------------------------------------------------------------------------------

static void other_programs_of_xz_agree(void)
{
    static const char *const writers[][2] = {
        {"xz", "xz -0 -c --block-size=50000"},
        {"xz", "xz -0 -c -T2 --block-size=50000 -C sha256"},
        {"xz", "xz -0 -c --x86 --lzma2=preset=0"},
        {"xz", "xz -0 -c --delta=dist=4 --lzma2=preset=1 -C none"},
        {"python3", "python3 -c 'import sys, lzma; d = sys.stdin.buffer.read(); h = len(d) // 2\n"
                    "sys.stdout.buffer.write(lzma.compress(d[:h], preset=1) + bytes(8) + lzma.compress(d[h:], preset=0))'"},
    };
    static const char *const readers[][2] = {
        {"xz", "xz -dc -T1"},
        {"xz", "xz -dc -T2"},
        {"python3", "python3 -c 'import sys, lzma; sys.stdout.buffer.write(lzma.decompress(sys.stdin.buffer.read()))'"},
    };
    struct bytes plain = make_content(MIXED, amount_of(600000, 200000)), out = {NULL, 0, 0}, theirs = {NULL, 0, 0};
    struct bytes coded = encoded(&xz_encode, "level=0 block=30000 check=crc32", plain.ptr, plain.len);

    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
        if (others_have(writers[i][0])) {
            CU_ASSERT(others_pipe(writers[i][1], &plain, &theirs));
            CU_ASSERT_EQUAL(decoded(&xz_decode, "", theirs.ptr, theirs.len, &out), ROVE_END);
            CU_ASSERT(bytes_equal(&out, plain.ptr, plain.len));
        }
    }
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        if (others_have(readers[i][0])) {
            CU_ASSERT(others_pipe(readers[i][1], &coded, &theirs));
            CU_ASSERT(bytes_equal(&theirs, plain.ptr, plain.len));
        }
    }
    bytes_drop(&plain);
    bytes_drop(&coded);
    bytes_drop(&theirs);
    bytes_drop(&out);
}

void add_plugin_xz_tests(CU_pSuite suite)
{
    ADD(suite, settings_that_xz_has_not_are_refused);
    ADD(suite, each_check_stands_in_the_header_and_holds);
    ADD(suite, what_xz_has_not_is_told_so);
    ADD(suite, hostile_dictionaries_are_refused);
    ADD(suite, no_more_memory_is_taken_than_the_block_becomes);
    ADD(suite, dictionaries_count_against_the_chains_memory);
    ADD(suite, the_index_is_held_against_the_blocks);
    ADD(suite, an_index_of_many_blocks);
    ADD(suite, a_chunk_that_runs_on_gives_the_same_however_it_is_cut);
    ADD(suite, damage_behind_filters_gives_the_same_however_it_is_cut);
    ADD(suite, noise_is_stored_in_blocks);
    ADD(suite, zeros_by_fours_are_of_the_format);
    ADD(suite, padding_is_the_heads_all_that_there_is);
    ADD(suite, other_programs_of_xz_agree);
}

#else

typedef int rove_plugin_xz_is_not_built; // a file of nothing is none

#endif
