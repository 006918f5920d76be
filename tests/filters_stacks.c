// SPDX-License-Identifier: MIT
// filters_stacks.c: every small damage to small streams, read through whole chains.
//
// A stream is damaged in every bit, cut to every proper prefix, and has each byte deleted and
// doubled. What comes out of the chain is one of these:
//
//   refused    the chain fails, with a status that says so
//   harmless   it ends well with the very content. Allowed for a flipped bit only in the fields of
//              filters_fields.h: no checksum of the format covers them
//   behind     the content is whole and the source still has bytes: what follows the end of a
//              format that knows its end is not the chain's
//   silent     it ends well with other content: never, where a checksum is part of the stack
#include "filters_stacks.h"

#include "chain_kit.h"
#include "filters_fields.h"

#include <rove/view.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define MOST 1024 // bytes of a coded stream
#define DICT "dict=6162636465666768696a6b6c6d6e6f70"

// '@' stands for the digest of the content by the filter named first.
struct stack {
    const char *write, *read;
    const char *format; // whose coded bytes a damage meets
};

static const struct stack sums[] = {
    {"gzip", "gzip", "gzip"},
    {"gzip:hcrc=yes,name=rope.txt,comment=laid,mtime=1000000000", "gzip", "gzip"},
    {"gzip:level=9,name=rope.txt,comment=laid", "auto", "gzip"},
    {"gzip:level=0", "auto:allow=lz4.gzip", "gzip"},
    {"bgzf", "bgzf", "bgzf"},
    {"lz4|bgzf:level=1", "lz4|bgzf", "bgzf"},
    {"zlib", "zlib", "zlib"},
    {"zlib:strategy=fixed," DICT, "zlib:" DICT, "zlib"},
    {"lz4", "lz4", "lz4"},
    {"lz4:block_checksum=yes,linked=yes,block=64K", "auto:allow=lz4", "lz4"},
    {"crc32:expect=@|deflate", "crc32:expect=@|deflate", "deflate"},
    {"crc32c:expect=@|lz4:checksum=no,level=9", "crc32c:expect=@|lz4", "lz4"},
    {"xxh3:expect=@|copy", "xxh3:expect=@|copy", "copy"},
    {"xxh64:expect=@|deflate:strategy=rle|copy", "xxh64:expect=@|deflate|copy", "deflate"},
    {"adler32:expect=@|copy|copy", "adler32:expect=@|copy|copy", "copy"},
    {"zlib|lz4", "zlib|lz4", "lz4"},
    {"count|lz4:level=9|limit:max=1M|gzip:strategy=huffman", "lz4|gzip", "gzip"},
    {"copy|lz4|deflate|xxh3|copy|deflate|lz4|gzip", "copy|lz4|deflate|xxh3|copy|deflate|lz4|gzip",
     "gzip"},
};

static const struct stack bare[] = {
    {"deflate", "deflate", "deflate"},
    {"lz4:checksum=no", "lz4", "lz4"},
    {"lz4:checksum=no|deflate|copy", "lz4|deflate|copy", "deflate"},
    {"copy", "copy", "copy"},
};

static const struct {
    size_t len;
    unsigned kind; // of kit_content()
} contents[] = {{0, 0},   {1, 3},   {64, 1},  {300, 1}, {200, 2},
                {100, 0}, {150, 3}, {500, 1}, {900, 3}, {700, 0}};

#define CONTENTS (sizeof contents / sizeof *contents)

// Letters are spread unevenly: see what_adler32_cannot_see().
static struct kit_bytes content_of(size_t i)
{
    struct kit_bytes plain = kit_content(contents[i].len, contents[i].kind);
    for (size_t at = 0; at < plain.len && contents[i].kind & 1; at++)
        plain.ptr[at] = (uint8_t) (plain.ptr[at] * plain.ptr[at] * 31u);
    return plain;
}

enum verdict {
    REFUSED,
    HARMLESS,
    BEHIND,
    SILENT,
    VERDICTS
};

static struct {
    uint64_t streams, inputs, flips, prefixes, deletions, doublings;
    uint64_t found[VERDICTS];
    uint64_t in_field[FIELDS]; // harmless flips
} counts;

// A stream under attack.
struct victim {
    const struct stack *stack;
    struct kit_bytes plain, coded;
    struct rove_stream *source, *reader;
    uint8_t fields[8 * MOST];
    uint64_t turn; // inputs so far: changes how it is read
    bool summed;
};

// the attack --------------------------------------------------------------------------------------

static bool is_refusal(enum rove_status status)
{
    return status == ROVE_E_DATA || status == ROVE_E_FORMAT || status == ROVE_E_CHECKSUM ||
           status == ROVE_E_TRUNCATED || status == ROVE_E_UNSUPPORTED || status == ROVE_E_LIMIT ||
           status == ROVE_E_TRAILING;
}

// Reads to the end in pieces. *same_out: what came is the content, so far.
static enum rove_status read_back(struct victim *v, bool *same_out)
{
    static const size_t pieces[] = {4096, 1, 7, 61};
    uint8_t buf[4096];
    size_t len, at = 0, piece = pieces[v->turn++ % 4];
    enum rove_status status = ROVE_OK;
    *same_out = true;
    while (status == ROVE_OK) {
        status = rove_stream_read(v->reader, buf, piece, &len);
        if (len > v->plain.len - at || memcmp(buf, v->plain.ptr + at, len) != 0) {
            *same_out = false;
            at = 0;
        } else {
            at += len;
        }
    }
    *same_out = *same_out && at == v->plain.len;
    return status;
}

static enum verdict attack(struct victim *v, const uint8_t *coded, size_t len)
{
    bool same;
    uint8_t byte;
    CHECK_OK(rove_stream_reset(v->source));
    CHECK_OK(rove_stream_write(v->source, coded, len));
    CHECK_OK(rove_stream_seek(v->source, 0, ROVE_SET, NULL));
    CHECK_OK(rove_stream_rechain(v->reader, v->source));
    enum rove_status status = read_back(v, &same);
    enum verdict found = REFUSED;
    if (status == ROVE_END)
        found = !same                                                    ? SILENT
                : rove_stream_read(v->source, &byte, 1, NULL) == ROVE_OK ? BEHIND
                                                                         : HARMLESS;
    else if (!CHECK(is_refusal(status)))
        suite_note("%s: %s", v->stack->write, rove_stream_explain(v->reader));
    counts.inputs++;
    counts.found[found]++;
    if (found == SILENT && v->summed) {
        CHECK(found != SILENT);
        suite_note("%s: input %llu of a stream of %zu bytes", v->stack->write,
                   (unsigned long long) v->turn, v->coded.len);
    }
    return found;
}

// Under a sanitizer only some of the places, others for each stream.
static size_t stride;

static bool skipped(const struct victim *v, size_t at)
{
    return (at + counts.streams + v->coded.len) % stride != 0;
}

static void flip_each_bit(struct victim *v)
{
    for (size_t bit = 0; bit < 8 * v->coded.len; bit++) {
        if (skipped(v, bit))
            continue;
        v->coded.ptr[bit / 8] ^= (uint8_t) (1u << bit % 8);
        enum verdict found = attack(v, v->coded.ptr, v->coded.len);
        v->coded.ptr[bit / 8] ^= (uint8_t) (1u << bit % 8);
        counts.flips++;
        if (found != HARMLESS || !v->summed)
            continue;
        counts.in_field[v->fields[bit]]++;
        if (!CHECK(v->fields[bit] != FIELD_CHECKED))
            suite_note("%s, %zu bytes of content: bit %zu of byte %zu of %zu", v->stack->write,
                       v->plain.len, bit % 8, bit / 8, v->coded.len);
    }
}

static void cut_to_each_prefix(struct victim *v)
{
    for (size_t len = 0; len < v->coded.len; len++) {
        if (skipped(v, len))
            continue;
        enum verdict found = attack(v, v->coded.ptr, len);
        counts.prefixes++;
        CHECK(found == REFUSED || !v->summed);
    }
}

static void delete_and_double_each_byte(struct victim *v)
{
    uint8_t bad[MOST + 1];
    size_t len = v->coded.len;
    for (size_t at = 0; at < len; at++) {
        if (skipped(v, at))
            continue;
        memcpy(bad, v->coded.ptr, at);
        memcpy(bad + at, v->coded.ptr + at + 1, len - at - 1);
        (void) attack(v, bad, len - 1);
        counts.deletions++;
        memcpy(bad, v->coded.ptr, at + 1);
        memcpy(bad + at + 1, v->coded.ptr + at, len - at);
        (void) attack(v, bad, len + 1);
        counts.doublings++;
    }
}

// the victims -------------------------------------------------------------------------------------

// The text with the digest of the content in the place of '@'.
static void write_text(char *text, size_t cap, const char *pattern, struct kit_bytes plain)
{
    const char *at = strchr(pattern, '@');
    if (!at) {
        snprintf(text, cap, "%s", pattern);
        return;
    }
    char name[32], hex[2 * ROVE_DIGEST_MAX + 1] = "";
    uint8_t digest[ROVE_DIGEST_MAX];
    size_t len;
    struct rove_stream *stream = kit_source(plain.ptr, plain.len);
    struct rove_view view;
    snprintf(name, sizeof name, "%.*s", (int) strcspn(pattern, ":"), pattern);
    CHECK_OK(rove_stream_snapshot(stream, &view));
    CHECK_OK(rove_view_digest(&view, name, digest, sizeof digest, &len));
    for (size_t i = 0; i < len; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    rove_view_fini(&view);
    rove_stream_free(stream);
    snprintf(text, cap, "%.*s%s%s", (int) (at - pattern), pattern, hex, at + 1);
}

static bool open_victim(struct victim *v)
{
    static const struct rove_limits limits = {.size = sizeof limits, .output = 64 << 10};
    char text[256];
    write_text(text, sizeof text, v->stack->write, v->plain);
    v->coded = kit_encode(text, v->plain.ptr, v->plain.len);
    if (!CHECK(v->coded.ptr && v->coded.len <= MOST))
        return false;
    if (!CHECK(fields_of(v->stack->format, v->coded.ptr, v->coded.len, v->fields)))
        suite_note("%s is not understood", text);
    write_text(text, sizeof text, v->stack->read, v->plain);
    v->source = kit_source(v->coded.ptr, v->coded.len);
    return CHECK_OK(rove_stream_decode(v->source, text, &limits, &v->reader, NULL));
}

static void attack_all(struct victim *v)
{
    bool same;
    CHECK_IS(ROVE_END, read_back(v, &same));
    CHECK(same);
    flip_each_bit(v);
    cut_to_each_prefix(v);
    delete_and_double_each_byte(v);
    CHECK_EQ(HARMLESS, attack(v, v->coded.ptr, v->coded.len)); // the reader is as good as ever
    counts.inputs--;
    counts.found[HARMLESS]--;
}

static void try_stacks(const struct stack *stacks, size_t cnt, bool summed)
{
    struct rove_pool *usual = env.pool, *tiny = suite_pool_new(&env.alloc.table, 16);
    memset(&counts, 0, sizeof counts);
    stride = (size_t) (100 / suite_scaled(100));
    for (size_t i = 0; i < cnt * CONTENTS; i++) {
        struct victim v = {.stack = &stacks[i / CONTENTS], .summed = summed};
        env.pool = i % 2 ? tiny : usual;
        v.plain = content_of(i % CONTENTS);
        if (open_victim(&v))
            attack_all(&v);
        counts.streams++;
        rove_stream_free(v.reader);
        rove_stream_free(v.source);
        free(v.plain.ptr);
        free(v.coded.ptr);
    }
    env.pool = usual;
    rove_pool_unref(tiny);
    suite_note("%zu stacks, %llu streams, %llu damaged inputs (%llu flips, %llu prefixes, "
               "%llu deletions, %llu doublings)",
               cnt, (unsigned long long) counts.streams, (unsigned long long) counts.inputs,
               (unsigned long long) counts.flips, (unsigned long long) counts.prefixes,
               (unsigned long long) counts.deletions, (unsigned long long) counts.doublings);
    suite_note(
        "%llu refused, %llu harmless, %llu whole with bytes behind, %llu silently wrong",
        (unsigned long long) counts.found[REFUSED], (unsigned long long) counts.found[HARMLESS],
        (unsigned long long) counts.found[BEHIND], (unsigned long long) counts.found[SILENT]);
}

void every_small_damage_is_noticed_or_harmless(void)
{
    try_stacks(sums, sizeof sums / sizeof *sums, true);
    CHECK_EQ(0, counts.found[SILENT]);
    CHECK(counts.streams >= 64);
    for (unsigned i = 1; i < FIELDS; i++) {
        suite_note("harmless flips in %s: %llu", field_names[i],
                   (unsigned long long) counts.in_field[i]);
        CHECK(counts.in_field[i] > 0 || stride > 1); // else the list is longer than it must be
    }
}

// Adler-32 adds bytes, and adds its sums: three neighbours changed by +d, -2d, +d leave both as they
// were, which a flipped distance does in letters of few kinds. So zlib's format misses it, whoever
// reads it; every flip that passes with other content is of that kind.
void what_adler32_cannot_see(void)
{
    struct victim v = {.stack = &sums[6], .plain = kit_content(300, 1)};
    uint64_t silent = 0;
    stride = 1;
    if (!open_victim(&v))
        return;
    for (size_t bit = 0; bit < 8 * (v.coded.len - 4); bit++) {
        struct kit_bytes out;
        v.coded.ptr[bit / 8] ^= (uint8_t) (1u << bit % 8);
        if (kit_decode("zlib", NULL, v.coded, &out, NULL) == ROVE_END &&
            !kit_same(out, v.plain.ptr, v.plain.len)) {
            silent++;
            CHECK_EQ(adler32(1, v.plain.ptr, (uInt) v.plain.len),
                     adler32(1, out.ptr, (uInt) out.len));
        }
        free(out.ptr);
        v.coded.ptr[bit / 8] ^= (uint8_t) (1u << bit % 8);
    }
    suite_note("%llu of %zu flips are missed by Adler-32", (unsigned long long) silent,
               8 * (v.coded.len - 4));
    CHECK(silent > 0); // else this is not worth telling
    rove_stream_free(v.reader);
    rove_stream_free(v.source);
    free(v.plain.ptr);
    free(v.coded.ptr);
}

// Nothing is known of the outcome but that there is one: no crash, no endless work, no odd status.
void damage_without_a_checksum_harms_nobody_else(void)
{
    try_stacks(bare, sizeof bare / sizeof *bare, false);
    CHECK(counts.found[SILENT] > 0); // so the checksums above do have something to do
}
