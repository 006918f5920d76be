// SPDX-License-Identifier: MIT
// filters_harness.c: drives one filter's hooks directly, without chain or registry.
#include "filters_harness.h"

#include "support/words.h"

#include <CUnit/Basic.h>
#include <time.h>
#include <unistd.h>

#include "support/amount.h"
#include "support/suite.h"
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

uint64_t seed_of_run;
size_t stride_of_run = 1;
static char **names_of_run;
static bool fails_fast;

void harness_begin(char **argv)
{
    const char *seed = getenv("ROVE_SEED");

    names_of_run = suite_employ(argv) + 1;
    fails_fast = getenv("ROVE_TEST_FAIL_FAST") != NULL;
    amount_watch();
    seed_of_run = seed != NULL ? strtoull(seed, NULL, 0) : 20240229;
    if (seed != NULL && strcmp(seed, "random") == 0)
        seed_of_run = (uint64_t) time(NULL);
    stride_of_run = amount_scale() < 1 ? 7 : 1;
    printf("ROVE_SEED=%llu\n", (unsigned long long) seed_of_run);
}

bool harness_wants(const char *name)
{
    return suite_wanted(names_of_run, name);
}

void harness_add(CU_pSuite suite, const char *name, CU_TestFunc run)
{
    if (harness_wants(name))
        (void) CU_add_test(suite, name, run);
}

int harness_run(void)
{
    unsigned failed;

    CU_basic_set_mode(CU_BRM_VERBOSE);
    (void) CU_basic_run_tests();
    failed = CU_get_number_of_tests_failed();
    printf("%u passed, %u failed\n", CU_get_number_of_tests_run() - failed, failed);
    failed += CU_get_number_of_tests_run() == 0;
    CU_cleanup_registry();
    return failed == 0 ? 0 : 1;
}

// Who only asks whether anything is wrong need not wait for the rest.
static void leave_if_failed(void)
{
    if (fails_fast && CU_get_number_of_failures() > 0)
        _exit(1);
}

bool is_spared(size_t n)
{
    return stride_of_run > 1 && n % 4 != 0;
}

bool is_byte_spared(size_t at, size_t len)
{
    return at >= 32 && len - at > 16 && is_spared(at);
}

// bytes -------------------------------------------------------------------------------------------

static void *must(void *ptr)
{
    if (ptr == NULL) {
        fputs("the test itself is out of memory\n", stderr);
        abort();
    }
    return ptr;
}

void bytes_add(struct bytes *b, const void *src, size_t len)
{
    if (len == 0) {
        return;
    }
    if (len > b->cap - b->len) {
        b->cap = 2 * b->cap + len;
        b->ptr = must(realloc(b->ptr, b->cap));
    }
    memcpy(b->ptr + b->len, src, len);
    b->len += len;
}

void bytes_drop(struct bytes *b)
{
    free(b->ptr);
    memset(b, 0, sizeof *b);
}

bool bytes_equal(const struct bytes *a, const void *ptr, size_t len)
{
    return a->len == len && (len == 0 || memcmp(a->ptr, ptr, len) == 0);
}

uint64_t draw(uint64_t *rng)
{
    uint64_t z = (*rng += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

size_t draw_below(uint64_t *rng, size_t n)
{
    return (size_t) (draw(rng) % n);
}

static void add_text(struct bytes *b, size_t len, uint64_t *rng)
{
    static const char *const words[] = {"strand ", "drawn ", "out ",  "to ",     "be ",
                                        "laid ",   "into ",  "rope ", "chunks, ", "sea.\n"};

    while (b->len < len) {
        const char *word = words[draw_below(rng, 10)];
        size_t n = strlen(word);

        bytes_add(b, word, n < len - b->len ? n : len - b->len);
    }
}

static void add_noise(struct bytes *b, size_t len, uint64_t *rng)
{
    while (b->len < len) {
        uint64_t word = draw(rng);

        bytes_add(b, &word, len - b->len < 8 ? len - b->len : 8);
    }
}

struct bytes make_content(enum content kind, size_t len)
{
    struct bytes b = {NULL, 0, 0};
    uint64_t rng = 7;

    b.cap = len + 1; // never NULL, so that an empty one is a place, too
    b.ptr = must(calloc(1, b.cap));
    if (kind == ZEROS) {
        b.len = len;
    } else if (kind == TEXT) {
        add_text(&b, len, &rng);
    } else if (kind == NOISE) {
        add_noise(&b, len, &rng);
    }
    while (b.len < len) { // mixed: text, noise and text by turns
        size_t left = len - b.len;

        add_text(&b, b.len + (left < 90000 ? left : 90000), &rng);
        left = len - b.len;
        add_noise(&b, b.len + (left < 40000 ? left : 40000), &rng);
    }
    return b;
}

// the host ----------------------------------------------------------------------------------------

#define FRONT 32 // before each block, where its length is kept; keeps the alignment

static void *host_alloc(void *ctx, size_t len)
{
    struct rig *r = ctx;
    uint8_t *block;

    r->allocs++;
    if (r->fail_at != 0 && (r->allocs == r->fail_at || (r->fail_on && r->allocs > r->fail_at))) {
        return NULL;
    }
    block = must(malloc(FRONT + len));
    memcpy(block, &len, sizeof len);
    memset(block + FRONT, 0xa5, len);
    r->live_blocks++;
    r->live_bytes += len;
    r->peak_bytes = r->peak_bytes > r->live_bytes ? r->peak_bytes : r->live_bytes;
    return block + FRONT;
}

static void host_free(void *ctx, void *ptr)
{
    struct rig *r = ctx;
    uint8_t *block;
    size_t len;

    if (ptr == NULL) {
        return;
    }
    block = (uint8_t *) ptr - FRONT;
    memcpy(&len, block, sizeof len);
    r->live_blocks--;
    r->live_bytes -= len;
    free(block);
}

static void host_explain(void *ctx, const char *why)
{
    struct rig *r = ctx;

    CU_ASSERT(!words_repeat(why));
    snprintf(r->why, sizeof r->why, "%s", why);
}

// options -----------------------------------------------------------------------------------------

static uint64_t number(const char *text)
{
    char *end;
    uint64_t n = strtoull(text, &end, 10);

    return *end == 'G' ? n << 30 : *end == 'M' ? n << 20 : *end == 'K' ? n << 10 : n;
}

static uint32_t unhex(char *bytes, const char *text)
{
    uint32_t len = 0;

    for (; text[0] != 0 && text[1] != 0; text += 2) {
        char pair[3] = {text[0], text[1], 0};

        bytes[len++] = (char) strtoul(pair, NULL, 16);
    }
    return len;
}

static void set_value(struct rove_value *value, const struct rove_option *o, const char *text)
{
    static char space[16][512]; // texts live long enough for open(), as the host promises
    static unsigned next;
    char *at = space[next++ % 16];

    switch (o->kind) {
    case ROVE_OPT_BOOL:
        value->u = strcmp(text, "yes") == 0;
        break;
    case ROVE_OPT_WORD:
        while (strcmp(o->words[value->u], text) != 0) {
            value->u++;
        }
        break;
    case ROVE_OPT_TEXT:
        snprintf(at, sizeof space[0], "%s", text);
        value->text = at;
        value->text_len = (uint32_t) strlen(at);
        break;
    case ROVE_OPT_HEX:
        value->text_len = unhex(at, text);
        value->text = at;
        break;
    default:
        value->u = number(text);
    }
}

static void set_option(struct rig *r, const char *pair)
{
    const char *equals = strchr(pair, '=');
    size_t len = (size_t) (equals - pair), i;

    for (i = 0; r->filter->options[i].key != NULL; i++) {
        const char *key = r->filter->options[i].key;

        if (strlen(key) == len && memcmp(key, pair, len) == 0) {
            memset(&r->values[i], 0, sizeof r->values[i]);
            r->values[i].given = 1;
            set_value(&r->values[i], &r->filter->options[i], equals + 1);
            return;
        }
    }
    fprintf(stderr, "the test names an option that is not there: %s\n", pair);
    abort();
}

void rig_set(struct rig *r, const struct rove_filter *filter, const char *options)
{
    char copy[1024], *pair;

    leave_if_failed();
    memset(r, 0, sizeof *r);
    r->filter = filter;
    r->host = (struct rove_host){sizeof r->host, ROVE_FILTER_ABI, r,
                                 host_alloc,     host_free,       host_explain};
    for (size_t i = 0; filter->options != NULL && filter->options[i].key != NULL; i++) {
        if (filter->options[i].fallback != NULL) {
            set_value(&r->values[i], &filter->options[i], filter->options[i].fallback);
        }
    }
    snprintf(copy, sizeof copy, "%s", options == NULL ? "" : options);
    for (pair = strtok(copy, " "); pair != NULL; pair = strtok(NULL, " ")) {
        set_option(r, pair);
    }
}

// calls -------------------------------------------------------------------------------------------

int32_t rig_open(struct rig *r)
{
    int32_t rc = ROVE_OK;

    r->state = must(calloc(1, r->filter->state_len));
    if (r->filter->open != NULL) {
        rc = r->filter->open(r->state, &r->host, r->values);
    }
    memset(r->values, 0xee, sizeof r->values); // they are borrowed for the call
    if (rc != ROVE_OK) {
        free(r->state);
        r->state = NULL;
        CU_ASSERT_EQUAL(r->live_blocks, 0);
    }
    return rc;
}

void rig_close(struct rig *r)
{
    if (r->filter->close != NULL) {
        r->filter->close(r->state);
    }
    free(r->state);
    r->state = NULL;
    CU_ASSERT_EQUAL(r->live_blocks, 0);
}

void rig_make(struct rig *r, const struct rove_filter *filter, const char *options)
{
    rig_set(r, filter, options);
    CU_ASSERT_EQUAL_FATAL(rig_open(r), ROVE_OK);
}

int32_t rig_reset(struct rig *r)
{
    r->why[0] = 0;
    return r->filter->reset(r->state);
}

#define ROOM ((size_t) 320 * 1024) // more than the block that any filter likes

// Memory of a call alone, of which not a byte too many may be used, nor any after it. AddressSanitizer's malloc() would
// map it anew each time; what is poisoned is watched as well.
#ifdef __SANITIZE_ADDRESS__
static _Alignas(16) uint8_t lent[2][ROOM + 64];

static uint8_t *lend(int which, size_t len)
{
    if (len > ROOM + 1) {
        return must(malloc(len));
    }
    if (!__asan_address_is_poisoned(lent[which])) {
        ASAN_POISON_MEMORY_REGION(lent[which], sizeof lent[which]);
    }
    ASAN_UNPOISON_MEMORY_REGION(lent[which] + 32, len);
    return memset(lent[which] + 32, 0xbe, len < 4096 ? len : 4096);
}

static void end_loan(int which, uint8_t *ptr, size_t len)
{
    if (ptr == lent[which] + 32) {
        ASAN_POISON_MEMORY_REGION(ptr, len + 8);
    } else {
        free(ptr);
    }
}
#else
static uint8_t *lend(int which, size_t len)
{
    (void) which;
    return must(malloc(len));
}

static void end_loan(int which, uint8_t *ptr, size_t len)
{
    (void) which, (void) len;
    free(ptr);
}
#endif

int32_t rig_call(struct rig *r, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    uint8_t *src = lend(0, in->len + 1), *room = lend(1, out->len + 1);
    struct rove_in i = {in->len == 0 ? NULL : src + 1, in->len};
    struct rove_out o = {out->len == 0 ? NULL : room + 1, out->len};
    size_t src_len = in->len + 1, room_len = out->len + 1, taken, made;
    int32_t rc;

    memcpy(src + 1, in->ptr, in->len);
    rc = r->filter->run(r->state, &i, &o, act);
    taken = in->len - i.len;
    made = out->len - o.len;
    if (i.len > in->len || o.len > out->len || (taken > 0 && i.ptr != src + 1 + taken)
        || (made > 0 && o.ptr != room + 1 + made)) {
        rc = ROVE_E_STALL;
    } else {
        memcpy(out->ptr, room + 1, made);
        in->ptr += taken;
        in->len = i.len;
        out->ptr += made;
        out->len = o.len;
    }
    end_loan(0, src, src_len);
    end_loan(1, room, room_len);
    return rc;
}

static size_t next_size(struct cut *cut, size_t usual, size_t *first, size_t most)
{
    size_t size = usual == 0 ? most : usual;

    if (*first != 0) {
        size = *first;
        *first = 0;
    } else if (cut->rng != 0) {
        size = 1 + draw_below(&cut->rng, usual);
    }
    return size < most ? size : most;
}

// Room where all is to go at once. Fresh memory costs time, and little input seldom needs much; but what a filter does may
// depend on whether a block of its own fits, so some rooms lie about such limits, and about the input's length.
static size_t draw_room(size_t len, uint32_t act)
{
    static const size_t limits[] = {512, 4096, 16384, 65280, 65536, 131072, 262144, ROOM - 1};
    static uint64_t rng;
    size_t at, room;

    if (rng == 0) {
        rng = seed_of_run + 1;
    }
    if (len >= 4096 || act == ROVE_FLUSH) {
        return ROOM;
    }
    at = draw_below(&rng, 24); // a third of them
    room = at < 8 ? limits[at] : at == 8 ? len + 2 : 4096; // never none
    return at > 8 ? room : room - 1 + draw_below(&rng, 3);
}

int32_t rig_drive(struct rig *r, const void *src, size_t len, struct bytes *dst, uint32_t act,
                  struct cut cut, size_t *taken_out)
{
    static uint8_t sink[ROOM];
    struct rove_in in = {src == NULL ? sink : src, next_size(&cut, cut.in, &cut.first_in, len)};
    struct rove_out out = {sink, next_size(&cut, cut.out, &cut.first_out, draw_room(len, act))};
    const uint8_t *end = in.ptr + len;
    int still = 0;
    int32_t rc;

    leave_if_failed();
    do {
        size_t in_before = in.len, out_before = out.len;
        bool last = in.ptr + in.len == end;

        rc = rig_call(r, &in, &out, last ? act : ROVE_RUN);
        bytes_add(dst, out.ptr - (out_before - out.len), out_before - out.len);
        still = in.len == in_before && out.len == out_before ? still + 1 : 0;
        if (last && act == ROVE_RUN && in.len == 0 && rc == ROVE_OK && out.len > 0) {
            rc = ROVE_END;
        }
        if (in.len == 0) {
            in.len = next_size(&cut, cut.in, &cut.first_in, (size_t) (end - in.ptr));
            still = in.len > 0 ? 0 : still;
        }
        if (out.len == 0) {
            out.ptr = sink;
            out.len = next_size(&cut, cut.out, &cut.first_out, draw_room(len, act));
            still = 0;
        }
        if (still == 2) {
            rc = ROVE_E_STALL;
        }
    } while (rc == ROVE_OK);
    if (taken_out != NULL) {
        *taken_out = len - (size_t) (end - in.ptr);
    }
    return rc;
}

int32_t rig_stream(struct rig *r, const void *src, size_t len, struct bytes *dst, struct cut cut)
{
    int32_t rc = rig_reset(r);

    dst->len = 0;
    return rc != ROVE_OK ? rc : rig_drive(r, src, len, dst, ROVE_FINISH, cut, NULL);
}

int32_t rig_tap(struct rig *r, const void *src, size_t len, size_t piece, uint32_t act)
{
    struct rove_in in = {src, 0};
    int32_t rc = ROVE_OK;

    do {
        in.len = len < piece ? len : piece;
        len -= in.len;
        rc = r->filter->run(r->state, &in, NULL, len == 0 ? act : ROVE_RUN);
    } while (rc == ROVE_OK && in.len == 0 && len > 0);
    return rc;
}

struct bytes encoded(const struct rove_filter *filter, const char *options, const void *src,
                     size_t len)
{
    struct bytes out = {NULL, 0, 0};
    struct rig r;

    rig_make(&r, filter, options);
    CU_ASSERT_EQUAL(rig_stream(&r, src, len, &out, (struct cut){0}), ROVE_END);
    rig_close(&r);
    return out;
}

int32_t decoded(const struct rove_filter *filter, const char *options, const void *src, size_t len,
                struct bytes *dst)
{
    struct rig r;
    int32_t rc;

    rig_make(&r, filter, options);
    rc = rig_stream(&r, src, len, dst, (struct cut){0});
    rig_close(&r);
    return rc;
}

const struct spec specs[] = {
    {"gzip", &rv_filter_gzip_encode, &rv_filter_gzip_decode, "name=file.txt"},
    {"gzip hcrc", &rv_filter_gzip_encode, &rv_filter_gzip_decode,
     "level=9 name=a comment=b hcrc=yes mtime=1000000000"},
    {"gzip stored", &rv_filter_gzip_encode, &rv_filter_gzip_decode, "level=0"},
    {"gzip small", &rv_filter_gzip_encode, &rv_filter_gzip_decode, "level=1 mem=1 window=9"},
    {"gzip parts", &rv_filter_gzip_encode, &rv_filter_gzip_decode, "block=32K level=1"},
    {"gzip rsyncable", &rv_filter_gzip_encode, &rv_filter_gzip_decode, "rsyncable=yes"},
    {"zlib parts", &rv_filter_zlib_encode, &rv_filter_zlib_decode,
     "block=128K dict=737472616e6420647261776e206f757420"},
    {"bgzf", &rv_filter_bgzf_encode, &rv_filter_bgzf_decode, ""},
    {"zlib", &rv_filter_zlib_encode, &rv_filter_zlib_decode, ""},
    {"zlib dict", &rv_filter_zlib_encode, &rv_filter_zlib_decode,
     "strategy=filtered dict=737472616e6420647261776e206f757420"},
    {"deflate", &rv_filter_deflate_encode, &rv_filter_deflate_decode, "level=3"},
    {"deflate dict", &rv_filter_deflate_encode, &rv_filter_deflate_decode,
     "strategy=fixed dict=737472616e6420647261776e206f757420"},
    {"lz4", &rv_filter_lz4_encode, &rv_filter_lz4_decode, "block=64K"},
    {"lz4 sums", &rv_filter_lz4_encode, &rv_filter_lz4_decode,
     "block=64K block_checksum=yes linked=yes"},
    {"lz4 hc", &rv_filter_lz4_encode, &rv_filter_lz4_decode, "level=9 checksum=no"},
    {"lz4 hc linked", &rv_filter_lz4_encode, &rv_filter_lz4_decode,
     "level=4 linked=yes block=64K"},
    {"lz4 dict", &rv_filter_lz4_encode, &rv_filter_lz4_decode,
     "block=64K dict=737472616e6420647261776e206f757420"},
    {"lz4 hc dict linked", &rv_filter_lz4_encode, &rv_filter_lz4_decode,
     "level=9 linked=yes dict=737472616e6420647261776e206f757420"},
    {"copy", &rv_filter_copy, &rv_filter_copy, ""},
    {NULL, NULL, NULL, NULL},
};
const size_t spec_cnt = sizeof specs / sizeof specs[0] - 1;
