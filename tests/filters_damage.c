// SPDX-License-Identifier: MIT
// filters_damage.c: every small damage to small streams, and what becomes of it.
//
// For formats with a checksum over the content, damage may be noticed, or leave the content as it
// was; it never passes with other content. Where it leaves the content as it was, it must lie in a
// field that the format leaves unchecked. These are all of them:
//
//   gzip   FTEXT, MTIME, XFL, OS, the characters of name and comment (RFC 1952, 2.3.1); with the
//          header's checksum none of these
//   bgzf   MTIME, XFL, OS; of the end marker nothing
//   gzip, zlib   the bits that fill the last byte of the deflate data and the byte before a stored
//          block's length (RFC 1951, 3.2.4); the distance of a match, where another leads to equal
//          bytes, as 1 or 2 into zeros
//   lz4    the same of its offsets; with block checksums not even this
//
// zlib's header has its own check, LZ4's too.
#include "filters_harness.h"

#define MOST 2048

enum verdict { REPORTED, UNNOTICED, SILENT };

static struct {
    size_t flips, prefixes, edits, unnoticed;
} counts;

// The stream under attack.
struct victim {
    const struct spec *spec;
    struct bytes plain, coded;
    size_t body, tail; // coded[body … tail) are the deflate or LZ4 data
    struct rig r;
};

static enum verdict attack(struct victim *v, const uint8_t *coded, size_t len)
{
    static const struct cut cuts[] = {{0}, {.in = 1, .out = 1}, {.in = 7, .out = 64}};
    struct bytes out = {NULL, 0, 0};
    enum verdict found = REPORTED;

    for (size_t i = 0; i < 3; i++) {
        size_t taken;
        enum verdict now = REPORTED;

        out.len = 0;
        (void) rig_reset(&v->r);
        if (rig_drive(&v->r, coded, len, &out, ROVE_FINISH, cuts[i], &taken) == ROVE_END
            && taken == len) {
            now = bytes_equal(&out, v->plain.ptr, v->plain.len) ? UNNOTICED : SILENT;
        }
        CU_ASSERT(i == 0 || now == found); // however the stream is cut
        found = now;
    }
    bytes_drop(&out);
    return found;
}

static bool is_bgzf(const struct spec *s)
{
    return strcmp(s->encode->name, "bgzf") == 0;
}

static bool sums_content(const struct spec *s)
{
    return strcmp(s->encode->name, "gzip") == 0 || is_bgzf(s) || strcmp(s->encode->name, "zlib") == 0
           || (strcmp(s->encode->name, "lz4") == 0 && strstr(s->options, "checksum=no") == NULL);
}

static bool has(const struct victim *v, const char *option)
{
    return strstr(v->spec->options, option) != NULL;
}

// May this flip leave the content as it was? See the top.
static bool unchecked(const struct victim *v, size_t at, unsigned bit)
{
    if (strcmp(v->spec->encode->name, "lz4") == 0) {
        return at >= v->body && at < v->tail && !has(v, "block_checksum=yes");
    }
    if (strcmp(v->spec->encode->name, "gzip") == 0 && at < v->body) {
        return !has(v, "hcrc=yes") && (at > 3 || (at == 3 && bit == 0));
    }
    if (is_bgzf(v->spec) && at < v->body) {
        return v->plain.len > 0 && at > 3 && at < 10;
    }
    return at >= v->body && at < v->tail; // narrowed down by deflate_slack()
}

// The bits of these streams' deflate data that may change nothing: fewer than eight at the end of
// each of at most three blocks, never a whole byte.
static bool deflate_slack(const uint8_t *unnoticed_bits, size_t body, size_t tail)
{
    size_t total = 0;

    for (size_t at = body; at < tail; at++) {
        unsigned n = 0;

        for (unsigned bit = 0; bit < 8; bit++) {
            n += unnoticed_bits[at] >> bit & 1;
        }
        if (n == 8) {
            return false;
        }
        total += n;
    }
    return total <= 3 * 7;
}

static void flip_each_bit(struct victim *v)
{
    uint8_t bad[MOST], unnoticed[MOST] = {0};
    size_t misplaced = 0, silent = 0;

    memcpy(bad, v->coded.ptr, v->coded.len);
    for (size_t at = 0; at < v->coded.len; at++) {
        for (unsigned bit = (unsigned) (at % stride_of_run); bit < 8;
             bit += (unsigned) stride_of_run) {
            enum verdict found;

            bad[at] ^= (uint8_t) (1u << bit);
            found = attack(v, bad, v->coded.len);
            bad[at] ^= (uint8_t) (1u << bit);
            counts.flips++;
            silent += found == SILENT;
            if (found == UNNOTICED) {
                unnoticed[at] |= (uint8_t) (1u << bit);
                misplaced += !unchecked(v, at, bit);
                counts.unnoticed++;
            }
        }
    }
    if (sums_content(v->spec)) {
        CU_ASSERT_EQUAL(silent, 0);
        CU_ASSERT_EQUAL(misplaced, 0);
        if (strcmp(v->spec->encode->name, "lz4") != 0) {
            CU_ASSERT(deflate_slack(unnoticed, v->body, v->tail));
        }
    }
}

// Every proper prefix ends too early. (Of one member or frame: two of them have a good prefix.)
static void cut_short(struct victim *v)
{
    struct bytes out = {NULL, 0, 0};

    for (size_t len = 0; len < v->coded.len; len++) {
        struct cut pieces = {.in = 3, .out = 5};

        CU_ASSERT_EQUAL(rig_stream(&v->r, v->coded.ptr, len, &out, (struct cut){0}),
                        ROVE_E_TRUNCATED);
        CU_ASSERT(out.len <= v->plain.len && memcmp(out.ptr == NULL ? v->plain.ptr : out.ptr,
                                                    v->plain.ptr, out.len) == 0);
        CU_ASSERT_EQUAL(rig_stream(&v->r, v->coded.ptr, len, &out, pieces), ROVE_E_TRUNCATED);
        CU_ASSERT(strlen(v->r.why) > 0);
        counts.prefixes++;
    }
    bytes_drop(&out);
}

static bool repeats(const struct victim *v, size_t at)
{
    return at > 0 && v->coded.ptr[at] == v->coded.ptr[at - 1];
}

// One byte less, one byte twice, two neighbours exchanged. What a decoder does not notice must at
// least not change the content. The characters of a name may go and come.
static void edit_each_byte(struct victim *v)
{
    uint8_t bad[MOST + 1];
    size_t silent = 0;
    const uint8_t *good = v->coded.ptr;
    size_t len = v->coded.len;

    for (size_t at = 0; at < len; at++) {
        if (is_byte_spared(at, len))
            continue;
        memcpy(bad, good, at);
        memcpy(bad + at, good + at + 1, len - at - 1);
        silent += attack(v, bad, len - 1) == SILENT;
        memcpy(bad + at, good + at, len - at);
        memmove(bad + at + 1, bad + at, len - at);
        silent += attack(v, bad, len + 1) == SILENT;
        memcpy(bad, good, len);
        if (!repeats(v, at) && at > 0) {
            bad[at] = good[at - 1];
            bad[at - 1] = good[at];
            silent += attack(v, bad, len) == SILENT;
        }
        counts.edits += 3;
    }
    CU_ASSERT(!sums_content(v->spec) || silent == 0);
}

static size_t body_of(const struct victim *v)
{
    const uint8_t *p = v->coded.ptr;
    size_t at = 10;

    if (strcmp(v->spec->encode->name, "zlib") == 0) {
        return (p[1] & 0x20) != 0 ? 6 : 2;
    }
    if (strcmp(v->spec->encode->name, "lz4") == 0) {
        return 7 + 4;
    }
    if (is_bgzf(v->spec)) {
        return 18;
    }
    if (strcmp(v->spec->encode->name, "gzip") != 0) {
        return 0;
    }
    at += (p[3] & 8) != 0 ? strlen((const char *) p + at) + 1 : 0;
    at += (p[3] & 16) != 0 ? strlen((const char *) p + at) + 1 : 0;
    return at + ((p[3] & 2) != 0 ? 2 : 0);
}

static void each_victim(void (*test)(struct victim *))
{
    static const size_t lens[] = {0, 1, 40, 300};
    static const enum content kinds[] = {TEXT, NOISE, ZEROS};

    for (const struct spec *s = specs; s->label != NULL; s++) {
        for (size_t i = 0; i < 12; i++) {
            unsigned before = CU_get_number_of_failures();
            struct victim v;

            if (strcmp(s->encode->name, "copy") == 0) {
                continue;
            }
            memset(&v, 0, sizeof v);
            v.spec = s;
            v.plain = make_content(kinds[i / 4], lens[i % 4]);
            v.coded = encoded(s->encode, s->options, v.plain.ptr, v.plain.len);
            CU_ASSERT_FATAL(v.coded.len < MOST);
            v.body = body_of(&v);
            v.tail = v.coded.len - (strcmp(s->encode->name, "zlib") == 0 ? 4 : 8);
            if (is_bgzf(s)) { // the marker alone, or behind one member
                v.tail = v.plain.len == 0 ? v.body : v.tail - 28;
            }
            rig_make(&v.r, s->decode, s->options);
            test(&v);
            rig_close(&v.r);
            bytes_drop(&v.plain);
            bytes_drop(&v.coded);
            if (CU_get_number_of_failures() != before) {
                printf("\n    ^ with %s, content %zu\n", s->label, i);
            }
        }
    }
}

static void every_flipped_bit(void)
{
    each_victim(flip_each_bit);
    printf("%zu flips, %zu without effect ", counts.flips, counts.unnoticed);
}

static void every_prefix_is_truncated(void)
{
    each_victim(cut_short);
    printf("%zu prefixes ", counts.prefixes);
}

static void every_byte_deleted_doubled_or_exchanged(void)
{
    each_victim(edit_each_byte);
    printf("%zu edits ", counts.edits);
}

// Blocks of noise where coded data should be: nothing is known about the outcome but that it comes.
static void noise_instead_of_data(void)
{
    uint64_t rng = seed_of_run;
    struct bytes out = {NULL, 0, 0};

    for (const struct spec *s = specs; s->label != NULL; s++) {
        struct rig r;

        rig_make(&r, s->decode, s->options);
        for (int i = 0; i < 300; i++) {
            enum content kind = (enum content) draw_below(&rng, 4);
            struct bytes plain = make_content(kind, draw_below(&rng, 3000));
            struct bytes coded = encoded(s->encode, s->options, plain.ptr, plain.len);
            size_t hits = 1 + draw_below(&rng, 20);
            struct cut cut = {.in = 1 + draw_below(&rng, 300), .out = 1 + draw_below(&rng, 300)};

            for (size_t k = 0; k < hits && coded.len > 0; k++) {
                size_t skip = i % 2 == 0 || coded.len < 20 ? 0 : 11; // half leave the head alone

                coded.ptr[skip + draw_below(&rng, coded.len - skip)] = (uint8_t) draw(&rng);
            }
            CU_ASSERT_NOT_EQUAL(rig_stream(&r, coded.ptr, coded.len, &out, cut), ROVE_E_STALL);
            bytes_drop(&plain);
            bytes_drop(&coded);
        }
        rig_close(&r);
    }
    bytes_drop(&out);
}

void add_damage_tests(CU_pSuite suite)
{
    ADD(suite, every_flipped_bit);
    ADD(suite, every_prefix_is_truncated);
    ADD(suite, every_byte_deleted_doubled_or_exchanged);
    ADD(suite, noise_instead_of_data);
}
