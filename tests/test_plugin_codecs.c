// SPDX-License-Identifier: MIT
// test_plugin_codecs.c: the plugins that come with the library, loaded as a program does, then held
// to what the built-in codecs are held to: filters_codecs.c runs over the specs below.
#define specs plugin_specs // filters_harness.c has those of the built-in filters
#define spec_cnt plugin_spec_cnt
#include "plugin_codecs.h"

#include <CUnit/Basic.h>
#include <fcntl.h>
#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rove/plugin.h>

// What was loaded; the tables below point here.
struct rove_filter zstd_encode, zstd_decode, igzip_encode, igzip_decode, libdeflate_encode,
    libdeflate_decode, bzip2_encode, bzip2_decode, xz_encode, xz_decode;

#define DICT "dict=737472616e6420647261776e206f757420"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLOW
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOW // one of each codec will do
#endif

const struct spec specs[] = {
#if defined(ROVE_PLUGIN_ZSTD)
    {"zstd", &zstd_encode, &zstd_decode, "window=17"},
    {"zstd block", &zstd_encode, &zstd_decode, "block=1000000 level=1"},
#if !defined(SLOW)
    {"zstd dict", &zstd_encode, &zstd_decode, "level=-5 window=10 " DICT},
#endif
#endif
#if defined(ROVE_PLUGIN_IGZIP)
    {"igzip", &igzip_encode, &igzip_decode, "level=1"},
#endif
#if defined(ROVE_PLUGIN_LIBDEFLATE)
    {"libdeflate", &libdeflate_encode, &libdeflate_decode, ""},
    {"libdeflate bgzf", &libdeflate_encode, &libdeflate_decode, "bgzf=yes"},
#endif
#if defined(ROVE_PLUGIN_BZIP2)
    {"bzip2", &bzip2_encode, &bzip2_decode, "level=1"},
    {"bzip2 block", &bzip2_encode, &bzip2_decode, "level=1 block=100000"},
#endif
#if defined(ROVE_PLUGIN_XZ)
    {"xz", &xz_encode, &xz_decode, "level=0 dict=64K"},
    {"xz block", &xz_encode, &xz_decode, "level=0 dict=64K block=100000 check=crc32"},
#endif
    {NULL, NULL, NULL, NULL},
};
const size_t spec_cnt = sizeof specs / sizeof specs[0] - 1;

// loading -----------------------------------------------------------------------------------------

// The build folder may be writable by the user's group, which the loader does not like: so a copy is
// loaded, in a folder of our own.
static void copy(const char *from, const char *to)
{
    static char buf[1 << 20];
    FILE *file = fopen(from, "rb");
    size_t len = file == NULL ? 0 : fread(buf, 1, sizeof buf, file);
    int fd = open(to, O_WRONLY | O_CREAT | O_EXCL, 0755);

    if (len == 0 || len == sizeof buf || fd < 0 || write(fd, buf, len) != (ssize_t) len ||
        fchmod(fd, 0755) != 0) {
        perror(from);
        exit(2);
    }
    (void) fclose(file);
    (void) close(fd);
}

// Finds a plugin by its name, as a program does that was given the name of a filter.
static void load(const char *file, const char *name, struct rove_filter *encode,
                 struct rove_filter *decode)
{
    char folder[] = "/tmp/rove-codecs.XXXXXX", path[256], other[512];
    struct rove_plugin_error error;
    const char *others = getenv("ROVE_TEST_PLUGIN_DIR"); // a mutant's, where there is one of that name
    if (others) {
        snprintf(other, sizeof other, "%s/rove-filter-%s.so", others, name);
        file = access(other, R_OK) == 0 ? other : file;
    }

    if (mkdtemp(folder) == NULL) {
        perror(folder);
        exit(2);
    }
    snprintf(path, sizeof path, "%s/rove-filter-%s.so", folder, name);
    copy(file, path);
    (void) setenv("ROVE_FILTER_PATH", folder, 1);
    if (rove_plugin_find(name, &error) != ROVE_OK) {
        fprintf(stderr, "%s: %s\n", path, error.text);
        exit(2);
    }
    (void) unsetenv("ROVE_FILTER_PATH");
    *encode = *rove_filter_find(name, ROVE_ENCODE);
    *decode = *rove_filter_find(name, ROVE_DECODE);
    (void) unlink(path);
    (void) rmdir(folder);
}

static void load_all(void)
{
#if defined(ROVE_PLUGIN_ZSTD)
    load(ROVE_PLUGIN_ZSTD, "zstd", &zstd_encode, &zstd_decode);
#endif
#if defined(ROVE_PLUGIN_IGZIP)
    load(ROVE_PLUGIN_IGZIP, "igzip", &igzip_encode, &igzip_decode);
#endif
#if defined(ROVE_PLUGIN_LIBDEFLATE)
    load(ROVE_PLUGIN_LIBDEFLATE, "libdeflate", &libdeflate_encode, &libdeflate_decode);
#endif
#if defined(ROVE_PLUGIN_BZIP2)
    load(ROVE_PLUGIN_BZIP2, "bzip2", &bzip2_encode, &bzip2_decode);
#endif
#if defined(ROVE_PLUGIN_XZ)
    load(ROVE_PLUGIN_XZ, "xz", &xz_encode, &xz_decode);
#endif
}

// damage ------------------------------------------------------------------------------------------

enum {
    REPORTED,
    UNNOTICED,
    SILENT
};

static struct {
    size_t flips, unnoticed, prefixes, edits;
} counts;

struct victim {
    const struct spec *spec;
    struct bytes plain, coded;
    struct rig r;
};

static int attack(struct victim *v, const uint8_t *coded, size_t len)
{
    static const struct cut cuts[] = {{0}, {.in = 1, .out = 7}};
    struct bytes out = {NULL, 0, 0};
    int found = REPORTED;

    for (size_t i = 0; i < 2; i++) {
        int now = REPORTED;

        if (rig_stream(&v->r, coded, len, &out, cuts[i]) == ROVE_END) {
            now = bytes_equal(&out, v->plain.ptr, v->plain.len) ? UNNOTICED : SILENT;
        }
        CU_ASSERT(i == 0 || now == found); // however the stream is cut
        found = now;
    }
    bytes_drop(&out);
    return found;
}

static bool sums_content(const struct spec *s)
{
    return strstr(s->options, "checksum=no") == NULL;
}

// Fields that the formats leave unchecked, so that a flip there may leave the content as it was:
//   gzip   FTEXT, MTIME, XFL, OS (RFC 1952, 2.3.1); within the deflate data the bits that fill a
//          byte, and a distance to equal bytes
//   zstd   in the frame's header the bit called unused and the size of the window (RFC 8878, 3.1.1.1);
//          within the blocks an offset to equal bytes, and bits that the tables do not use
//   bzip2  the size of the blocks; within them tables that nothing uses; the bits that fill the last byte
//   xz     within LZMA2 data a distance to equal bytes, and the last bits of the range coder
static bool unchecked(const struct victim *v, size_t at)
{
    const char *label = family_of(v->spec)->label;
    size_t begins = 3, tail = 8;

    if (strcmp(label, "bzip2") == 0) {
        return at + 1 == v->coded.len || (at >= 3 && at + 10 < v->coded.len);
    }
    if (strcmp(label, "zstd") == 0) {
        begins = 4;
        tail = 4;
    }
    if (strcmp(label, "xz") == 0) { // the headers before, the check, the index and the footer behind have sums
        begins = 12 + 12;
        tail = 4 + 8 + 12;
    }
    return at >= begins && at < v->coded.len - tail;
}

static void flip_each_bit(struct victim *v)
{
    size_t silent = 0, misplaced = 0;

    for (size_t bit = 0; bit < 8 * v->coded.len; bit += slow_stride(v->spec)) {
        int found;

        v->coded.ptr[bit / 8] ^= (uint8_t) (1u << bit % 8);
        found = attack(v, v->coded.ptr, v->coded.len);
        v->coded.ptr[bit / 8] ^= (uint8_t) (1u << bit % 8);
        counts.flips++;
        counts.unnoticed += found == UNNOTICED;
        silent += found == SILENT;
        misplaced += found == UNNOTICED && !unchecked(v, bit / 8);
    }
    if (sums_content(v->spec)) {
        CU_ASSERT_EQUAL(silent, 0);
        CU_ASSERT_EQUAL(misplaced, 0);
    }
}

static void cut_short(struct victim *v)
{
    struct bytes out = {NULL, 0, 0};

    for (size_t len = 0; len < v->coded.len; len++, counts.prefixes++) {
        struct cut pieces = {.in = 3, .out = 5};

        CU_ASSERT_EQUAL(rig_stream(&v->r, v->coded.ptr, len, &out, (struct cut){0}),
                        ROVE_E_TRUNCATED);
        CU_ASSERT_EQUAL(rig_stream(&v->r, v->coded.ptr, len, &out, pieces), ROVE_E_TRUNCATED);
        CU_ASSERT(out.len <= v->plain.len &&
                  (out.len == 0 || memcmp(out.ptr, v->plain.ptr, out.len) == 0));
        CU_ASSERT(strstr(v->r.why, "too early") != NULL);
    }
    bytes_drop(&out);
}

static void edit_each_byte(struct victim *v)
{
    size_t len = v->coded.len, silent = 0;
    uint8_t *bad = malloc(len + 1);

    for (size_t at = 0; at < len; at++, counts.edits += 2) {
        if (is_byte_spared(at, len))
            continue;
        memcpy(bad, v->coded.ptr, at);
        memcpy(bad + at, v->coded.ptr + at + 1, len - at - 1);
        silent += attack(v, bad, len - 1) == SILENT;
        memcpy(bad, v->coded.ptr, at + 1);
        memcpy(bad + at + 1, v->coded.ptr + at, len - at);
        silent += attack(v, bad, len + 1) == SILENT;
    }
    CU_ASSERT(!sums_content(v->spec) || silent == 0);
    free(bad);
}

static void each_victim(void (*test)(struct victim *))
{
    static const size_t lens[] = {0, 1, 40, 300};

    for (const struct spec *s = specs; s->label != NULL; s++) {
        for (size_t i = 0; i < 12; i++) {
            unsigned before = CU_get_number_of_failures();
            struct victim v;

            memset(&v, 0, sizeof v);
            v.spec = s;
            v.plain = make_content((enum content)(i / 4), lens[i % 4]);
            v.coded = encoded(s->encode, s->options, v.plain.ptr, v.plain.len);
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

static void every_byte_deleted_or_doubled(void)
{
    each_victim(edit_each_byte);
    printf("%zu edits ", counts.edits);
}

// -------------------------------------------------------------------------------------------------

static CU_pSuite suite(const char *name)
{
    CU_pSuite made = CU_add_suite(name, NULL, NULL);

    if (made == NULL) {
        fputs("CUnit refuses a suite\n", stderr);
        exit(2);
    }
    return made;
}

// These cases of filters_codecs.c are about the built-in filters: their number, who detects what, and
// that a decoder of 100 bytes needs no more than 256 KiB. plugin_codecs.c has its own instead.
static void leave_out(CU_pSuite from, const char *name)
{
    CU_pTest test = CU_get_test(from, name);

    if (!harness_wants(name)) {
        return;
    }
    if (test == NULL || CU_set_test_active(test, CU_FALSE) != CUE_SUCCESS) {
        fprintf(stderr, "there is no case %s any more\n", name);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    CU_pSuite codecs, damage;

    (void) argc;
    harness_begin(argv);
    load_all();
    (void) mallopt(M_MMAP_THRESHOLD, 64 << 20); // the harness takes and drops large pieces, often
    (void) mallopt(M_TRIM_THRESHOLD, 256 << 20);
    if (CU_initialize_registry() != CUE_SUCCESS) {
        return 2;
    }
    CU_set_fail_on_inactive(CU_FALSE);
    codecs = suite("codecs");
    add_codec_tests(codecs);
    leave_out(codecs, "tables_are_well_formed");
    leave_out(codecs, "each_format_is_detected_by_its_own_decoder_only");
    leave_out(codecs, "small_streams_take_little_memory");
#if defined(ROVE_PLUGIN_LIBDEFLATE)
    add_bgzf_tests(suite("bgzf"));
#endif
    add_mark_tests(suite("restarts"));
    add_plugin_mark_tests(suite("restarts of their own"));
    add_plugin_damage_tests(suite("damage to gzip"));
    damage = suite("damage");
    ADD(damage, every_flipped_bit);
    ADD(damage, every_prefix_is_truncated);
    ADD(damage, every_byte_deleted_or_doubled);
    add_plugin_tests(suite("their own"));
#if defined(ROVE_PLUGIN_BZIP2)
    add_plugin_bzip2_tests(suite("bzip2"));
#endif
#if defined(ROVE_PLUGIN_XZ)
    add_plugin_xz_tests(suite("xz"));
#endif
    return harness_run();
}
