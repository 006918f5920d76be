// SPDX-License-Identifier: MIT
// parts_held.c: parts whose input stays where the source has it, in a rope that its owner goes on changing.
#include "parts_kit.h"

#include <rove/rope.h>

static void count_release(void *arg, const void *ptr, size_t len)
{
    (void) ptr;
    (void) len;
    ++*(unsigned *) arg;
}

// A rope of pieces of all kinds and lengths: written, adopted, put between others, left in its tail.
static struct rove_stream *patchwork(struct kit_bytes bytes, unsigned *released)
{
    static const size_t mosts[] = {30, 3000, 300000};
    size_t most = mosts[kit_draw(3)];
    struct rove_stream *stream = kit_rope();
    for (size_t at = 0, n; at < bytes.len; at += n) {
        n = 1 + kit_draw(kit_draw(3) ? most : mosts[kit_draw(3)]);
        n = n < bytes.len - at ? n : bytes.len - at;
        struct rove_rope rope = {0};
        struct rove_view view = {0};
        if (kit_draw(3)) {
            CHECK_OK(rove_stream_write(stream, bytes.ptr + at, n));
            continue;
        }
        rove_rope_init(&rope, env.pool);
        CHECK_OK(rove_rope_append_adopt(&rope, bytes.ptr + at, n, count_release, released));
        CHECK_OK(rove_rope_view(&rope, 0, n, &view));
        CHECK_OK(rove_stream_insert_view(stream, &view));
        rove_view_fini(&view);
        rove_rope_fini(&rope);
    }
    CHECK_OK(rove_stream_seek(stream, 0, ROVE_SET, NULL));
    return stream;
}

// What was taken of a source is nobody's business any more: it is written over, in windows and past them, or dropped. The
// cursor stays on its byte.
static void spoil(struct rove_stream *source)
{
    static uint8_t other[100000];
    uint64_t at = 0;
    CHECK_OK(rove_stream_tell(source, &at));
    if (!at)
        return;
    uint64_t from = kit_draw(at), len = 1 + kit_draw(at - from);
    len = len < sizeof other ? len : sizeof other;
    switch (kit_draw(4)) {
    case 0:
        CHECK_OK(rove_stream_pwrite(source, from, other, (size_t) len));
        break;
    case 1:
        CHECK_OK(rove_stream_seek(source, (int64_t) from, ROVE_SET, NULL));
        CHECK_OK(rove_stream_write(source, other, (size_t) len));
        CHECK_OK(rove_stream_seek(source, (int64_t) at, ROVE_SET, NULL));
        break;
    case 2:
        CHECK_OK(rove_stream_drop_front(source, from));
        break;
    default:
        break;
    }
}

static void read_while_spoilt(const struct parts_text *text, size_t w, struct kit_bytes coded, struct kit_bytes plain)
{
    struct rove_limits limits = limits_of(w);
    unsigned released = 0;
    struct rove_stream *source = patchwork(coded, &released), *s = NULL;
    uint8_t *got = malloc(plain.len + 1);
    enum rove_status status = rove_stream_decode(source, text->decode, &limits, &s, NULL);
    size_t all = 0, n = 0;
    while (!status && all <= plain.len) {
        size_t most = 1 + kit_draw(2 * text->block);
        status = rove_stream_read(s, got + all, most < plain.len + 1 - all ? most : plain.len + 1 - all, &n);
        all += n;
        spoil(source);
    }
    if (!CHECK_IS(ROVE_END, status) || !CHECK(kit_same(plain, got, all)))
        suite_note("%s, %zu workers, at %zu of %zu", text->decode, crew_widths[w], all, plain.len);
    rove_stream_free(s);
    rove_stream_free(source);
    free(got);
}

void what_a_part_holds_may_be_written_over(void)
{
    crews_begin();
    for (size_t k = 0; k < parts_text_cnt; k++) {
        const struct parts_text *text = &parts_texts[k];
        if (!text->decode || text->in_one)
            continue;
        struct kit_bytes plain = kit_content(text->block < 20000 ? 80000 : 4 * text->block + 99, (unsigned) k % 4);
        struct kit_bytes coded = parts_encode(text->encode, 2, plain, 0, 0);
        for (uint64_t i = suite_scaled(20) + 2; i-- > 0;)
            read_while_spoilt(text, (size_t) kit_draw(WIDTHS), coded, plain);
        free(coded.ptr);
        free(plain.ptr);
    }
    crews_end();
}

// Nothing of it is copied: what was adopted is held until the last part that lies in it is done with.
void input_in_a_rope_is_held_and_not_copied(void)
{
    crews_begin();
    struct kit_bytes plain = kit_content(300000, 1);
    struct kit_bytes coded = parts_encode("cut:block=10000", 0, plain, 0, 0);
    for (size_t w = 0; w < WIDTHS; w++) {
        unsigned released = 0;
        struct rove_limits limits = limits_of(w);
        struct rove_stream *source = NULL, *s = NULL;
        struct rove_span span = {coded.ptr, coded.len};
        uint8_t byte = 0;
        CHECK_OK(rove_stream_from_adopted(span, count_release, &released, env.pool, &source));
        CHECK_OK(rove_stream_decode(source, "cut", &limits, &s, NULL));
        CHECK_OK(rove_stream_read(s, &byte, 1, NULL));
        CHECK(byte == plain.ptr[0]);
        CHECK_OK(rove_stream_truncate(source, 0));
        CHECK(released == (w == 0));
        rove_stream_free(s);
        CHECK(released == 1);
        rove_stream_free(source);
    }
    free(coded.ptr);
    free(plain.ptr);
    crews_end();
}

// Gets its memory back, and wants to begin with the source anew.
struct owner {
    struct rove_stream *source;
    unsigned released, refused;
};

static void begin_anew(void *arg, const void *ptr, size_t len)
{
    struct owner *owner = arg;
    (void) ptr;
    (void) len;
    owner->released++;
    owner->refused += owner->source && rove_stream_seek(owner->source, 0, ROVE_SET, NULL) == ROVE_E_STATE;
}

static void adopt_at_end(struct rove_stream *source, const uint8_t *ptr, size_t len, struct owner *owner)
{
    struct rove_rope rope;
    struct rove_view view = {0};
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append_adopt(&rope, ptr, len, begin_anew, owner));
    CHECK_OK(rove_rope_view(&rope, 0, len, &view));
    CHECK_OK(rove_stream_write_view(source, &view));
    rove_view_fini(&view);
    rove_rope_fini(&rope);
}

// What lies in the source's window is being read then.
void who_is_given_its_memory_back_may_not_move_the_source(void)
{
    crews_begin();
    struct kit_bytes plain = kit_content(300000, 1);
    struct kit_bytes coded = parts_encode("cut:block=10000", 0, plain, 0, 0);
    for (size_t w = 0; w < WIDTHS; w++) {
        struct rove_limits limits = limits_of(w);
        struct owner owner = {.source = NULL};
        struct rove_stream *source = kit_rope(), *s = NULL;
        uint8_t *got = malloc(plain.len + 1);
        size_t all = 0, n = 0;
        for (size_t at = 0; at < coded.len; at += n) {
            n = coded.len - at < 3000 ? coded.len - at : 3000;
            adopt_at_end(source, coded.ptr + at, n, &owner);
        }
        CHECK_OK(rove_stream_seek(source, 0, ROVE_SET, NULL));
        CHECK_OK(rove_stream_decode(source, "cut", &limits, &s, NULL));
        enum rove_status status = ROVE_OK;
        while (!status && all <= plain.len) {
            uint64_t at = 0;
            owner.source = source;
            status = rove_stream_read(s, got + all, 1000 < plain.len + 1 - all ? 1000 : plain.len + 1 - all, &n);
            owner.source = NULL;
            all += n;
            CHECK_OK(rove_stream_tell(source, &at));
            CHECK_OK(rove_stream_drop_front(source, at));
        }
        CHECK_IS(ROVE_END, status);
        CHECK(kit_same(plain, got, all));
        CHECK(w == 0 || owner.refused > 0);
        rove_stream_free(s);
        rove_stream_free(source);
        CHECK_EQ((coded.len + 2999) / 3000, owner.released);
        free(got);
    }
    free(coded.ptr);
    free(plain.ptr);
    crews_end();
}
