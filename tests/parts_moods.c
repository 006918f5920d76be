// SPDX-License-Identifier: MIT
// parts_moods.c: parts between sinks and sources that block, fail or wait to be answered; streams that share workers.
#include "parts_kit.h"

#include <pthread.h>

#define LEN ((size_t) 60000)

static enum rove_status to_start(struct rove_stream *stream)
{
    return rove_stream_seek(stream, 0, ROVE_SET, NULL);
}

// sinks -------------------------------------------------------------------------------------------

void a_sink_that_would_block_gets_all(void)
{
    crews_begin();
    struct kit_bytes plain = kit_content(LEN, 1);
    for (size_t w = 0; w < WIDTHS; w++)
        for (int round = 0; round < 4; round++) {
            struct kit_device dev = {.most = 700, .block_every = 3, .fail_after = UINT64_MAX};
            struct rove_stream *sink = kit_device_stream(&dev), *s;
            struct rove_limits limits = limits_of(w);
            struct kit_bytes out;
            CHECK_OK(rove_stream_encode(sink, "cut:linked=yes", &limits, &s, NULL));
            kit_write_stubbornly(s, plain);
            enum rove_status status;
            while ((status = rove_stream_close(s)) == ROVE_E_AGAIN)
                ;
            CHECK_OK(status);
            rove_stream_free(s);
            while ((status = rove_stream_close(sink)) == ROVE_E_AGAIN)
                ;
            CHECK_OK(status);
            rove_stream_free(sink);
            CHECK_IS(ROVE_E_DATA, kit_decode("cut", NULL, dev.data, &out, NULL)); // it is linked
            free(out.ptr);
            free(dev.data.ptr);
        }
    free(plain.ptr);
    crews_end();
}

void a_failing_sink_fails_at_the_same_byte(void)
{
    crews_begin();
    struct kit_bytes plain = kit_content(LEN, 1);
    for (uint64_t after = 0; after < LEN; after += 1 + kit_draw(9000)) {
        struct kit_bytes first = {NULL, 0};
        for (size_t w = 0; w < WIDTHS; w++) {
            struct kit_device dev = {.most = 1, .fail_after = after};
            struct rove_stream *sink = kit_device_stream(&dev), *s;
            struct rove_limits limits = limits_of(w);
            CHECK_OK(rove_stream_encode(sink, "cut", &limits, &s, NULL));
            enum rove_status status = rove_stream_write(s, plain.ptr, plain.len);
            if (status == ROVE_OK)
                status = rove_stream_close(s);
            if (status == ROVE_OK)
                status = rove_stream_close(sink);
            CHECK_IS(ROVE_E_IO, status);
            rove_stream_free(s);
            rove_stream_free(sink);
            if (w)
                CHECK(kit_same(first, dev.data.ptr, dev.data.len));
            if (w)
                free(dev.data.ptr);
            else
                first = dev.data;
        }
        free(first.ptr);
    }
    free(plain.ptr);
    crews_end();
}

// sources -----------------------------------------------------------------------------------------

static enum rove_status drain_stubbornly(struct rove_stream *s, struct kit_bytes *out)
{
    enum rove_status status;
    *out = (struct kit_bytes){malloc(2 * LEN), 0};
    do {
        size_t n = 0;
        status = rove_stream_read(s, out->ptr + out->len, 1 + kit_draw(5000), &n);
        out->len += n;
    } while ((status == ROVE_OK || status == ROVE_E_AGAIN) && out->len <= LEN);
    return status;
}

void a_source_that_would_block_gives_all(void)
{
    crews_begin();
    struct kit_bytes plain = kit_content(LEN, 1), out;
    struct kit_bytes coded = parts_encode("cut", 0, plain, 0, 0);
    for (size_t w = 0; w < WIDTHS; w++)
        for (int round = 0; round < 4; round++) {
            struct kit_device dev = {
                .data = coded, .most = 900, .block_every = 2, .fail_after = UINT64_MAX};
            struct rove_stream *source = kit_device_stream(&dev), *s;
            struct rove_limits limits = limits_of(w);
            CHECK_OK(rove_stream_decode(source, "cut", &limits, &s, NULL));
            CHECK_IS(ROVE_END, drain_stubbornly(s, &out));
            CHECK(kit_same(plain, out.ptr, out.len));
            free(out.ptr);
            rove_stream_free(s);
            rove_stream_free(source);
        }
    free(coded.ptr);
    free(plain.ptr);
    crews_end();
}

void a_failing_source_fails_after_what_it_gave(void)
{
    crews_begin();
    struct kit_bytes plain = kit_content(LEN, 1), out;
    struct kit_bytes coded = parts_encode("cut", 0, plain, 0, 0);
    for (uint64_t after = 0; after < coded.len; after += 1 + kit_draw(9000)) {
        size_t first = 0;
        for (size_t w = 0; w < WIDTHS; w++) {
            struct kit_device dev = {.data = coded, .most = 1, .fail_after = after};
            struct rove_stream *source = kit_device_stream(&dev), *s;
            struct rove_limits limits = limits_of(w);
            CHECK_OK(rove_stream_decode(source, "cut", &limits, &s, NULL));
            CHECK_IS(ROVE_E_IO, kit_drain(s, &out));
            CHECK(memcmp(plain.ptr, out.ptr, out.len) == 0);
            first = w ? first : out.len;
            CHECK_EQ(first, out.len);
            free(out.ptr);
            rove_stream_free(s);
            rove_stream_free(source);
        }
    }
    free(coded.ptr);
    free(plain.ptr);
    crews_end();
}

// A peer that sends a part only when the one before it was read.
struct peer {
    struct kit_bytes coded;
    size_t at, given; // coded bytes sent, plain bytes that came out
    bool waited;      // it was asked for more than it could send
};

static bool peer_has_more(const struct peer *peer)
{
    size_t parts = peer->at / 1009;
    return !peer->at || peer->at == peer->coded.len || peer->given >= parts * 1000;
}

static enum rove_status peer_ready(void *ctx)
{
    return peer_has_more(ctx) ? ROVE_OK : ROVE_E_AGAIN;
}

static enum rove_status peer_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    struct peer *peer = ctx;
    size_t n = peer->coded.len - peer->at;
    size_t next = peer->at ? 1009 : 5 + 1009; // the head comes with the first part
    peer->waited = peer->waited || !peer_has_more(peer);
    n = n < next ? n : next;
    if (n > len)
        return ROVE_E_IO;
    memcpy(buf, peer->coded.ptr + peer->at, n);
    peer->at += n;
    *len_out = n;
    return n ? ROVE_OK : ROVE_END;
}

// Be it that the peer tells whether there is more, or not.
void nothing_is_awaited_while_something_can_be_given(void)
{
    struct rove_io io = {.size = sizeof io, .read = peer_read};
    crews_begin();
    struct kit_bytes plain = kit_content(20 * 1000, 1);
    for (size_t i = 0; i < 2 * WIDTHS; i++) {
        size_t w = i / 2;
        io.ready = i % 2 ? peer_ready : NULL;
        struct peer peer = {.coded = parts_encode("cut", 0, plain, 0, 0)};
        struct rove_stream *source, *s;
        struct rove_limits limits = limits_of(w);
        uint8_t buf[1000];
        size_t n;
        CHECK_OK(rove_stream_from_io(&io, &peer, env.pool, &source));
        CHECK_OK(rove_stream_decode(source, "cut", &limits, &s, NULL));
        while (rove_stream_read(s, buf, sizeof buf, &n) == ROVE_OK) {
            CHECK(memcmp(buf, plain.ptr + peer.given, n) == 0);
            peer.given += n;
        }
        CHECK_EQ(plain.len, peer.given);
        CHECK(!peer.waited);
        rove_stream_free(s);
        rove_stream_free(source);
        free(peer.coded.ptr);
    }
    free(plain.ptr);
    crews_end();
}

// A peer that sends a piece only when the one before it was read, but the first byte of its coded form at once.
#define PIECES 12
#define PIECE ((size_t) 1000)

struct trickle {
    struct kit_bytes coded;
    size_t ends[PIECES]; // of the pieces, coded
    size_t at, step;     // coded bytes sent, by so many transfers
    size_t given;        // pieces that came out
    bool waited;         // it was asked for more than it could send
};

static bool trickle_has_more(const struct trickle *t)
{
    return t->step % 2 || t->step / 2 >= PIECES || t->given >= t->step / 2;
}

static enum rove_status trickle_ready(void *ctx)
{
    return trickle_has_more(ctx) ? ROVE_OK : ROVE_E_AGAIN;
}

static enum rove_status trickle_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    struct trickle *t = ctx;
    size_t i = t->step / 2, end = i < PIECES ? t->ends[i] : t->coded.len;
    t->waited = t->waited || !trickle_has_more(t);
    end = t->step % 2 && t->at < t->coded.len ? t->at + 1 : end;
    *len_out = end - t->at;
    if (*len_out > len)
        return ROVE_E_IO;
    memcpy(buf, t->coded.ptr + t->at, *len_out);
    t->at = end;
    t->step++;
    return *len_out ? ROVE_OK : ROVE_END;
}

// head: bytes that stand before the first piece.
static struct trickle make_trickle(struct kit_bytes plain, size_t head, size_t piece)
{
    struct trickle t = {.at = 0};
    struct rove_stream *sink = kit_rope(), *s = NULL;
    CHECK_OK(rove_stream_encode(sink, "gzip", NULL, &s, NULL));
    for (size_t i = 0, at = 0; i < PIECES; i++) {
        size_t end = i + 1 < PIECES ? head + (i + 1) * piece : plain.len;
        uint64_t len = 0;
        CHECK_OK(rove_stream_write(s, plain.ptr + at, end - at));
        CHECK_OK(i + 1 < PIECES ? rove_stream_flush(s) : rove_stream_close(s));
        CHECK_OK(rove_stream_tell(sink, &len));
        t.ends[i] = (size_t) len;
        at = end;
    }
    t.coded = kit_all(sink);
    rove_stream_free(s);
    rove_stream_free(sink);
    return t;
}

static struct rove_stream *trickle_stream(struct trickle *t)
{
    struct rove_io io = {.size = sizeof io, .read = trickle_read, .ready = trickle_ready};
    struct rove_stream *source = NULL, *s = NULL;
    CHECK_OK(rove_stream_from_io(&io, t, env.pool, &source));
    CHECK_OK(rove_stream_decode(source, "gzip", NULL, &s, NULL));
    CHECK_OK(rove_stream_own(s));
    return s;
}

// What the source has there may be too little for the decoder below to make anything of.
void a_decoder_below_is_not_awaited_while_something_can_be_given(void)
{
    crews_begin();
    struct kit_bytes plain = kit_content(PIECES * PIECE, 1), coded = parts_encode("cut", 0, plain, 0, 0);
    for (size_t w = 0; w < WIDTHS; w++) {
        struct trickle t = make_trickle(coded, 5, PIECE + 9);
        struct rove_stream *below = trickle_stream(&t), *s = NULL;
        struct rove_limits limits = limits_of(w);
        uint8_t buf[PIECE];
        size_t n = 0;
        CHECK_OK(rove_stream_decode(below, "cut", &limits, &s, NULL));
        while (t.given < PIECES && CHECK_OK(rove_stream_read(s, buf, PIECE, &n))) {
            CHECK(n == PIECE && memcmp(buf, plain.ptr + t.given * PIECE, n) == 0);
            t.given++;
        }
        CHECK_IS(ROVE_END, rove_stream_read(s, buf, PIECE, &n));
        CHECK(!t.waited);
        rove_stream_free(s);
        rove_stream_free(below);
        free(t.coded.ptr);
    }
    free(coded.ptr);
    free(plain.ptr);
    crews_end();
}

void a_file_over_a_decoder_waits_for_no_more_than_it_was_asked_for(void)
{
    struct kit_bytes plain = kit_content(PIECES * PIECE, 1);
    struct trickle t = make_trickle(plain, 0, PIECE);
    struct rove_stream *s = trickle_stream(&t);
    FILE *file = NULL;
    uint8_t buf[PIECE];
    CHECK_OK(rove_fopen(s, "r", &file));
    while (t.given < PIECES && CHECK_EQ(PIECE, fread(buf, 1, PIECE, file))) {
        CHECK(memcmp(buf, plain.ptr + t.given * PIECE, PIECE) == 0);
        t.given++;
    }
    CHECK_EQ(0, fread(buf, 1, PIECE, file));
    CHECK(!t.waited);
    CHECK_EQ(0, fclose(file));
    rove_stream_free(s);
    free(t.coded.ptr);
    free(plain.ptr);
}

// Shows its data up to a place, and tells there that who wants more may have to wait.
struct pause {
    struct kit_bytes coded;
    size_t at, place;
};

static enum rove_status pause_ready(void *ctx)
{
    const struct pause *p = ctx;
    return p->at == p->place ? ROVE_E_AGAIN : ROVE_OK;
}

static enum rove_status pause_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    struct pause *p = ctx;
    size_t n = (p->at < p->place ? p->place : p->coded.len) - p->at;
    n = n < len ? n : len;
    memcpy(buf, p->coded.ptr + p->at, n);
    p->at += n;
    *len_out = n;
    return n ? ROVE_OK : ROVE_END;
}

// How many parts were coded of such data.
static uint64_t parts_behind(const char *spec, struct pause p, size_t width, struct kit_bytes plain)
{
    struct rove_io io = {.size = sizeof io, .read = pause_read, .ready = pause_ready};
    struct rove_limits limits = limits_of(width);
    struct rove_stream *source, *s = NULL;
    struct kit_bytes out;
    uint64_t before = crew_done(width);
    CHECK_OK(rove_stream_from_io(&io, &p, env.pool, &source));
    CHECK_OK(rove_stream_decode(source, spec, &limits, &s, NULL));
    CHECK_IS(ROVE_END, kit_drain(s, &out));
    CHECK(kit_same(plain, out.ptr, out.len));
    free(out.ptr);
    rove_stream_free(s);
    rove_stream_free(source);
    return crew_done(width) - before;
}

// Of what stands behind the fourth member some bytes are there, and go to the head; then come all the others.
void a_pause_within_a_head_costs_no_parts(void)
{
    crews_begin();
    struct kit_bytes plain = kit_content(40 * 65280, 1);
    struct kit_bytes coded = kit_encode("bgzf:level=1", plain.ptr, plain.len);
    size_t head = 0;
    for (int i = 0; i < 4; i++)
        head += (size_t) (coded.ptr[head + 16] | coded.ptr[head + 17] << 8) + 1;
    for (size_t some = 1; some < 40; some += 3) {
        struct pause p = {.coded = coded, .place = head + some};
        const char *spec = some % 2 ? "bgzf" : "gzip";
        if (!CHECK(parts_behind(spec, p, 2, plain) >= 8))
            suite_note("%s: behind %zu bytes", spec, some);
    }
    free(coded.ptr);
    free(plain.ptr);
    crews_end();
}

// Bytes that were flushed now and then. A peer sends what came up to a flush only when all before it was read.
#define FLUSHES 6
#define FLUSHED ((size_t) 90)

struct flushed {
    struct kit_bytes coded;
    size_t ends[FLUSHES]; // in the coded bytes
    size_t cnt, given;    // sent; plain bytes that came out
    bool waited;
};

static bool flushed_may_go_on(const struct flushed *f)
{
    return f->cnt == FLUSHES || f->given >= f->cnt * FLUSHED;
}

static enum rove_status flushed_ready(void *ctx)
{
    return flushed_may_go_on(ctx) ? ROVE_OK : ROVE_E_AGAIN;
}

static enum rove_status flushed_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    struct flushed *f = ctx;
    size_t at = f->cnt ? f->ends[f->cnt - 1] : 0, n = f->cnt < FLUSHES ? f->ends[f->cnt] - at : 0;
    f->waited = f->waited || !flushed_may_go_on(f);
    if (n > len)
        return ROVE_E_IO;
    memcpy(buf, f->coded.ptr + at, n);
    f->cnt += n > 0;
    *len_out = n;
    return n ? ROVE_OK : ROVE_END;
}

static void flush_often(const char *spec, struct kit_bytes plain, struct flushed *f)
{
    struct rove_stream *sink = kit_rope(), *s = NULL;
    CHECK_OK(rove_stream_encode(sink, spec, NULL, &s, NULL));
    for (size_t i = 0; i < FLUSHES; i++) {
        uint64_t len = 0;
        CHECK_OK(rove_stream_write(s, plain.ptr + i * FLUSHED, FLUSHED));
        CHECK_OK(i + 1 < FLUSHES ? rove_stream_flush(s) : rove_stream_close(s));
        CHECK_OK(rove_stream_tell(sink, &len));
        f->ends[i] = (size_t) len;
    }
    f->coded = kit_all(sink);
    rove_stream_free(s);
    rove_stream_free(sink);
}

// Whether it waited for what the peer would not send. Asking the peer whether it has more: by every second number.
static bool read_flushed(const char *spec, unsigned number, struct kit_bytes plain, struct flushed f)
{
    struct rove_io io = {.size = sizeof io, .read = flushed_read, .ready = number % 2 ? flushed_ready : NULL};
    struct rove_limits limits = limits_of(number / 2);
    struct rove_stream *source, *s = NULL;
    uint8_t buf[FLUSHED];
    size_t n = 0;
    CHECK_OK(rove_stream_from_io(&io, &f, env.pool, &source));
    CHECK_OK(rove_stream_decode(source, spec, &limits, &s, NULL));
    while (rove_stream_read(s, buf, FLUSHED, &n) == ROVE_OK) {
        CHECK(memcmp(buf, plain.ptr + f.given, n) == 0);
        f.given += n;
    }
    CHECK_EQ(plain.len, f.given + n);
    rove_stream_free(s);
    rove_stream_free(source);
    return f.waited;
}

// With workers nobody waits who did not without.
void what_was_flushed_is_not_awaited_longer(void)
{
    static const char *const specs[][2] = {
        {"gzip", "gzip"}, {"lz4:content_size=540", "lz4"}, {"lz4:linked=yes", "auto"}, {"copy|cut", "copy|cut"},
#if defined(ROVE_PLUGIN_ZSTD)
        {"zstd", "zstd"}, {"zstd:content_size=540", "zstd"}, {"zstd:content_size=540,checksum=no", "auto"},
#endif
    };
    crews_begin();
    struct kit_bytes plain = kit_content(FLUSHES * FLUSHED, 1);
    for (size_t k = 0; k < parts_text_cnt + sizeof specs / sizeof *specs; k++) {
        size_t more = k - parts_text_cnt;
        const char *encode = k < parts_text_cnt ? parts_texts[k].encode : specs[more][0];
        const char *decode = k < parts_text_cnt ? parts_texts[k].decode : specs[more][1];
        struct flushed f = {.cnt = 0};
        if (!decode)
            continue;
        flush_often(encode, plain, &f);
        bool first = read_flushed(decode, 0, plain, f);
        for (unsigned number = 1; number < 2 * WIDTHS; number++)
            if (!CHECK(first || !read_flushed(decode, number, plain, f)))
                suite_note("%s, %zu workers, asked: %u", encode, crew_widths[number / 2], number % 2);
        free(f.coded.ptr);
    }
    free(plain.ptr);
    crews_end();
}

// Where workers read, a device is asked whether reading would wait: not when it is closed, and what stands behind it is gone.
static bool device_closed, asked_too_late;

static enum rove_status ready_while_open(void *ctx)
{
    (void) ctx;
    asked_too_late = asked_too_late || device_closed;
    return ROVE_OK;
}

static enum rove_status close_device(void *ctx)
{
    (void) ctx;
    device_closed = true;
    return ROVE_OK;
}

void a_source_that_was_closed_is_not_asked(void)
{
    static const struct rove_io io = {.size = sizeof io, .read = peer_read, .ready = ready_while_open, .close = close_device};
    crews_begin();
    struct kit_bytes plain = kit_content(20 * 1000, 1);
    for (size_t w = 0; w < WIDTHS; w++) {
        struct peer peer = {.coded = parts_encode("cut", 0, plain, 0, 0)};
        struct rove_stream *source, *s;
        struct rove_limits limits = limits_of(w);
        uint8_t byte;
        device_closed = asked_too_late = false;
        CHECK_OK(rove_stream_from_io(&io, &peer, env.pool, &source));
        CHECK_OK(rove_stream_decode(source, "cut", &limits, &s, NULL));
        CHECK_OK(rove_stream_close(source));
        CHECK(device_closed);
        CHECK_IS(ROVE_E_CLOSED, rove_stream_read(s, &byte, 1, NULL));
        CHECK(!asked_too_late);
        rove_stream_free(s);
        rove_stream_free(source);
        free(peer.coded.ptr);
    }
    free(plain.ptr);
    crews_end();
}

void what_follows_the_end_stays_in_the_source(void)
{
    crews_begin();
    struct kit_bytes plain = kit_content(5000, 1), out;
    struct kit_bytes coded = parts_encode("cut", 0, plain, 0, 0);
    coded.ptr = realloc(coded.ptr, coded.len + 4);
    memcpy(coded.ptr + coded.len, "PPPP", 4); // not the beginning of a part, behind the end
    for (size_t w = 0; w < WIDTHS; w++) {
        struct rove_stream *source = kit_source(coded.ptr, coded.len + 4), *s;
        struct rove_limits limits = limits_of(w);
        char rest[8];
        size_t n = 0;
        CHECK_OK(rove_stream_decode(source, "cut", &limits, &s, NULL));
        CHECK_IS(ROVE_END, kit_drain(s, &out));
        CHECK(kit_same(plain, out.ptr, out.len));
        CHECK_OK(rove_stream_read(source, rest, 4, &n));
        CHECK(n == 4 && memcmp(rest, "PPPP", 4) == 0);
        free(out.ptr);
        rove_stream_free(s);
        rove_stream_free(source);
    }
    free(coded.ptr);
    free(plain.ptr);
    crews_end();
}

// streams -----------------------------------------------------------------------------------------

void a_stream_can_be_put_elsewhere_at_any_moment(void)
{
    crews_begin();
    struct kit_bytes plain = kit_content(LEN, 1), out;
    struct kit_bytes coded = parts_encode("cut", 0, plain, 0, 0);
    for (size_t w = 1; w < WIDTHS; w++) {
        struct rove_limits limits = limits_of(w);
        struct rove_stream *source = kit_source(coded.ptr, coded.len), *s;
        CHECK_OK(rove_stream_decode(source, "cut", &limits, &s, NULL));
        for (int round = 0; round < 20; round++) {
            uint8_t buf[5000];
            size_t n;
            CHECK_OK(rove_stream_read(s, buf, kit_draw(sizeof buf), &n));
            struct rove_stream *other = kit_source(coded.ptr, coded.len);
            CHECK_OK(rove_stream_rechain(s, other));
            rove_stream_free(source);
            source = other;
        }
        CHECK_IS(ROVE_END, kit_drain(s, &out));
        CHECK(kit_same(plain, out.ptr, out.len));
        free(out.ptr);
        rove_stream_free(s);
        rove_stream_free(source);
    }
    free(coded.ptr);
    free(plain.ptr);
    crews_end();
}

void streams_stand_on_each_other_with_one_worker(void)
{
    crews_begin();
    struct rove_limits limits = limits_of(1);
    struct kit_bytes plain = kit_content(LEN, 1), out;
    struct rove_stream *sink = kit_rope(), *inner, *outer;
    CHECK_OK(rove_stream_encode(sink, "cut:block=300", &limits, &inner, NULL));
    CHECK_OK(rove_stream_encode(inner, "cut|cut:block=77", &limits, &outer, NULL));
    CHECK_OK(rove_stream_write(outer, plain.ptr, plain.len));
    CHECK_OK(rove_stream_close(outer));
    CHECK_OK(rove_stream_close(inner));
    CHECK_OK(to_start(sink));
    rove_stream_free(outer);
    rove_stream_free(inner);
    CHECK_OK(rove_stream_decode(sink, "cut", &limits, &inner, NULL));
    CHECK_OK(rove_stream_decode(inner, "cut|cut", &limits, &outer, NULL));
    CHECK_IS(ROVE_END, kit_drain(outer, &out));
    CHECK(kit_same(plain, out.ptr, out.len));
    free(out.ptr);
    free(plain.ptr);
    rove_stream_free(outer);
    rove_stream_free(inner);
    rove_stream_free(sink);
    crews_end();
}

void an_executor_may_refuse(void)
{
    parts_codec_register();
    struct kit_bytes plain = kit_content(LEN, 1), out;
    struct rove_executor executor = {.size = sizeof executor, .submit = crew_refuse, .concurrency = 3};
    struct rove_workers_opts opts = {.size = sizeof opts, .executor = &executor};
    struct rove_workers *workers;
    CHECK_OK(rove_workers_new(&opts, &workers));
    struct rove_limits limits = {.size = sizeof limits, .workers = workers};
    struct rove_stream *sink = kit_rope(), *s;
    CHECK_OK(rove_stream_encode(sink, "cut", &limits, &s, NULL));
    CHECK_OK(rove_stream_write(s, plain.ptr, plain.len));
    CHECK_OK(rove_stream_close(s));
    rove_stream_free(s);
    CHECK_OK(to_start(sink));
    CHECK_OK(rove_stream_decode(sink, "cut", &limits, &s, NULL));
    CHECK_IS(ROVE_END, kit_drain(s, &out));
    CHECK(kit_same(plain, out.ptr, out.len));
    free(out.ptr);
    rove_stream_free(s);
    rove_stream_free(sink);
    rove_workers_unref(workers);
    free(plain.ptr);
}

// Most parts on their way at once, while nobody but the caller codes any.
static uint64_t most_parts(const char *spec, size_t width, struct kit_bytes plain)
{
    struct rove_executor executor = {.size = sizeof executor, .submit = crew_refuse, .concurrency = width};
    struct rove_workers_opts opts = {.size = sizeof opts, .executor = &executor};
    struct rove_limits limits = {.size = sizeof limits};
    struct rove_workers_figures figures;
    struct rove_stream *sink = kit_rope(), *s;
    CHECK_OK(rove_workers_new(&opts, &limits.workers));
    CHECK_OK(rove_stream_encode(sink, spec, &limits, &s, NULL));
    CHECK_OK(rove_stream_write(s, plain.ptr, plain.len));
    CHECK_OK(rove_stream_close(s));
    rove_workers_measure(limits.workers, &figures);
    rove_stream_free(s);
    rove_stream_free(sink);
    rove_workers_unref(limits.workers);
    return figures.flight_peak;
}

// Three for each worker and for the caller, so that a long one leaves nobody idle; two, where they are large. And one
// that is being filled.
void some_parts_wait_for_each_thread(void)
{
    struct kit_bytes plain = kit_content(3 << 20, 1);
    parts_codec_register();
    for (size_t width = 1; width < 4; width++) {
        CHECK_EQ(3 * (width + 1) + 1, most_parts("cut:block=64K", width, plain));
        CHECK_EQ(3 * (width + 1) + 1, most_parts("gzip:block=128K,level=1", width, plain));
        CHECK_EQ(2 * (width + 1) + 1, most_parts("gzip:block=300K,level=1", width, plain));
    }
    free(plain.ptr);
}

// threads -----------------------------------------------------------------------------------------

#define THREADS 8

struct sharer {
    struct rove_workers *workers;
    struct kit_bytes plain, coded;
    unsigned seed, wrong;
};

static bool write_all(struct sharer *me, bool to_the_end)
{
    struct rove_limits limits = {.size = sizeof limits, .workers = me->workers};
    struct rove_stream *sink, *s;
    if (rove_stream_new(NULL, &sink) || rove_stream_encode(sink, "crc32|cut", &limits, &s, NULL))
        return false;
    size_t len = to_the_end ? me->plain.len : me->plain.len / 2;
    bool good = rove_stream_write(s, me->plain.ptr, len) == ROVE_OK;
    if (to_the_end)
        good = good && rove_stream_close(s) == ROVE_OK;
    rove_stream_free(s);
    rove_stream_free(sink);
    return good;
}

static bool read_all(struct sharer *me, bool to_the_end)
{
    struct rove_limits limits = {.size = sizeof limits, .workers = me->workers};
    struct rove_stream *source, *s;
    uint8_t buf[3000];
    size_t at = 0, n;
    if (rove_stream_new(NULL, &source) || rove_stream_write(source, me->coded.ptr, me->coded.len) ||
        to_start(source) || rove_stream_decode(source, "cut", &limits, &s, NULL))
        return false;
    bool good = true;
    while (good && (to_the_end || at < LEN / 2) &&
           rove_stream_read(s, buf, sizeof buf, &n) == ROVE_OK) {
        good = memcmp(buf, me->plain.ptr + at, n) == 0;
        at += n;
    }
    rove_stream_free(s);
    rove_stream_free(source);
    return good && (!to_the_end || at == me->plain.len);
}

static void *share(void *arg)
{
    struct sharer *me = arg;
    for (unsigned i = 0; i < 1 + suite_scaled(10); i++) {
        bool to_the_end = (me->seed + i) % 3 != 0;
        me->wrong += !write_all(me, to_the_end);
        me->wrong += !read_all(me, to_the_end);
    }
    return NULL;
}

void threads_share_workers(void)
{
    crews_begin();
    struct kit_bytes plain = kit_content(LEN, 1);
    struct kit_bytes coded = parts_encode("cut", 0, plain, 0, 0);
    struct sharer sharers[THREADS];
    pthread_t threads[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        sharers[i] = (struct sharer){crews[3], plain, coded, i, 0};
        if (!CHECK(pthread_create(&threads[i], NULL, share, &sharers[i]) == 0))
            exit(2);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CHECK_EQ(0, sharers[i].wrong);
    }
    free(coded.ptr);
    free(plain.ptr);
    crews_end();
}

// memory ------------------------------------------------------------------------------------------

static enum rove_status there_and_back(struct kit_bytes plain)
{
    struct rove_limits limits = limits_of(2);
    struct rove_stream *sink, *s = NULL;
    struct kit_bytes out = {NULL, 0};
    enum rove_status status = rove_stream_new(env.pool, &sink);
    if (status)
        return status;
    status = rove_stream_encode(sink, "cut", &limits, &s, NULL);
    if (status == ROVE_OK)
        status = rove_stream_write(s, plain.ptr, plain.len);
    if (status == ROVE_OK)
        status = rove_stream_close(s);
    rove_stream_free(s);
    s = NULL;
    if (status == ROVE_OK)
        status = to_start(sink);
    if (status == ROVE_OK)
        status = rove_stream_decode(sink, "cut", &limits, &s, NULL);
    if (status == ROVE_OK) {
        status = kit_drain(s, &out);
        CHECK(status < 0 || kit_same(plain, out.ptr, out.len));
        CHECK(memcmp(plain.ptr, out.ptr, out.len) == 0);
        free(out.ptr);
    }
    rove_stream_free(s);
    rove_stream_free(sink);
    return status < 0 ? status : ROVE_OK;
}

void refused_memory_is_told_or_done_without(void)
{
    crews_begin();
    struct kit_bytes plain = kit_content(20000, 1);
    uint64_t sites = 0;
    for (unsigned persistent = 0; persistent < 2; persistent++)
        for (uint64_t n = 1, failed = 1; failed && n < 400; n++) {
            rove_pool_trim(env.pool);
            test_alloc_arm(&env.alloc, n, persistent);
            enum rove_status status = there_and_back(plain);
            failed = test_alloc_failed(&env.alloc);
            test_alloc_arm(&env.alloc, 0, false);
            CHECK(status == ROVE_OK || (failed && status == ROVE_E_NOMEM));
            sites += failed > 0;
        }
    CHECK(sites > 10);
    suite_note("%llu refused allocations", (unsigned long long) sites);
    free(plain.ptr);
    crews_end();
}

// Writes all from where the stream stands, and ends it. *tries_out: how often it had to be asked.
static enum rove_status write_again_and_again(struct rove_stream *s, struct kit_bytes plain, unsigned *tries_out)
{
    enum rove_status status = ROVE_E_NOMEM;
    for (*tries_out = 0; status == ROVE_E_NOMEM && *tries_out < 4; ++*tries_out) {
        uint64_t at = 0;
        rove_stream_clear_error(s);
        CHECK_OK(rove_stream_tell(s, &at));
        status = rove_stream_write(s, plain.ptr + at, plain.len - (size_t) at);
        status = status ? status : rove_stream_close(s);
    }
    return status;
}

// A buffer may be asked for again; a filter that failed is done for. Nothing is lost, and nothing written twice.
void refused_memory_may_be_asked_for_again(void)
{
    static const char *const specs[] = {"crc32|cut_plain:block=3000", "lz4:block=64K|copy"};
    crews_begin();
    struct kit_bytes plain = kit_content(700000, 1);
    unsigned again = 0, tries;
    for (size_t k = 0; k < sizeof specs / sizeof *specs; k++) {
        struct kit_bytes coded = kit_encode(specs[k], plain.ptr, plain.len);
        for (uint64_t n = 1, w = 0; n < 180; n++, w = n % 3) {
            struct rove_limits limits = limits_of(w);
            struct rove_stream *sink = kit_rope(), *s;
            CHECK_OK(rove_stream_encode(sink, specs[k], &limits, &s, NULL));
            rove_pool_trim(env.pool);
            test_alloc_arm(&env.alloc, n / 3 + 1, false);
            enum rove_status status = write_again_and_again(s, plain, &tries);
            test_alloc_arm(&env.alloc, 0, false);
            CHECK(status == ROVE_OK || (status == ROVE_E_NOMEM && tries > 1));
            struct kit_bytes out = kit_all(sink);
            if (!CHECK(status || kit_same(coded, out.ptr, out.len)))
                suite_note("%s, %zu workers, allocation %llu", specs[k], crew_widths[w], (unsigned long long) n / 3 + 1);
            again += !status && tries > 1;
            free(out.ptr);
            rove_stream_free(s);
            rove_stream_free(sink);
        }
        free(coded.ptr);
    }
    CHECK(again > 0);
    free(plain.ptr);
    crews_end();
}
