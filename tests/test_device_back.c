// SPDX-License-Identifier: MIT
// test_device_back.c: what foreign functions may answer, and what happens when they come back to the
// object that called them: a device's functions, and release functions of adopted memory.
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rove/chain.h>
#include <rove/index.h>

#include "base/debug.h"
#include "stream_kit.h"
#include "support/model.h"
#include "support/shapes.h"

// what a device answers -------------------------------------------------------------------------

enum call { READ, WRITE, SEEK, TELL, LENGTH, RESIZE, FLUSH, CLOSE, CALLS };

// A device of which one function answers something, once; all else goes well.
struct liar {
    enum call call;
    int answer;
    bool told;
    size_t moves;   // bytes that a transfer says it moved, beside what it was asked to
    uint64_t place; // what tell and length say
    struct rove_stream *self, *above;
    unsigned refused; // calls that came back and were refused
};

static bool is_asked(struct liar *liar, enum call call)
{
    bool now = liar->call == call && !liar->told;
    liar->told = liar->told || now;
    return now;
}

static enum rove_status transfer(struct liar *liar, enum call call, size_t len, size_t *len_out)
{
    bool lies = is_asked(liar, call);
    *len_out = lies ? len + liar->moves : len;
    return lies ? (enum rove_status) liar->answer : ROVE_OK;
}

static enum rove_status answer(struct liar *liar, enum call call)
{
    return is_asked(liar, call) ? (enum rove_status) liar->answer : ROVE_OK;
}

static enum rove_status liar_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    memset(buf, 'r', len);
    return transfer(ctx, READ, len, len_out);
}

static enum rove_status liar_write(void *ctx, const void *src, size_t len, size_t *len_out)
{
    (void) src;
    return transfer(ctx, WRITE, len, len_out);
}

static enum rove_status liar_seek(void *ctx, uint64_t pos)
{
    (void) pos;
    return answer(ctx, SEEK);
}

static enum rove_status liar_tell(void *ctx, uint64_t *pos_out)
{
    struct liar *liar = ctx;
    *pos_out = liar->call == TELL ? liar->place : 0;
    return answer(liar, TELL);
}

static enum rove_status liar_length(void *ctx, uint64_t *len_out)
{
    struct liar *liar = ctx;
    *len_out = liar->call == LENGTH ? liar->place : 0;
    return answer(liar, LENGTH);
}

static enum rove_status liar_resize(void *ctx, uint64_t len)
{
    (void) len;
    return answer(ctx, RESIZE);
}

static enum rove_status liar_flush(void *ctx)
{
    return answer(ctx, FLUSH);
}

static enum rove_status liar_close(void *ctx)
{
    return answer(ctx, CLOSE);
}

static const struct rove_io lying = {.size = sizeof lying,
                                     .read = liar_read,
                                     .write = liar_write,
                                     .seek = liar_seek,
                                     .tell = liar_tell,
                                     .length = liar_length,
                                     .resize = liar_resize,
                                     .flush = liar_flush,
                                     .close = liar_close};

// The call of a stream that asks for this one of its device.
static enum rove_status provoke(struct rove_stream *s, enum call call)
{
    uint8_t byte;
    uint64_t len;
    enum rove_status status;
    switch (call) {
    case READ:
        return rove_stream_read(s, &byte, 1, NULL);
    case SEEK:
        CHECK_OK(rove_stream_seek(s, 9, ROVE_SET, NULL));
        return rove_stream_read(s, &byte, 1, NULL);
    case LENGTH:
        return rove_stream_size(s, &len);
    case RESIZE:
        return rove_stream_resize(s, 3);
    case CLOSE:
        return rove_stream_close(s);
    default:
        status = rove_stream_write(s, "x", 1);
        return status ? status : rove_stream_flush(s);
    }
}

struct lie {
    unsigned calls; // bits of enum call
    int answer;
    size_t moves;
    uint64_t place;
    const char *why;
};

#define ALL ((1u << CALLS) - 1)
#define BIT(call) (1u << (call))
#define PLACES (BIT(TELL) | BIT(LENGTH))

static void an_answer_that_cannot_be_is_a_failure_with_a_reason(void)
{
    static const struct lie lies[] = {
        {ALL, 2, 0, 0, "no status"},
        {ALL, 12345, 0, 0, "no status"},
        {ALL, -1000, 0, 0, "no status"},
        {ALL & ~BIT(READ), ROVE_END, 0, 0, "an end"},
        {BIT(READ) | BIT(WRITE), ROVE_OK, 1, 0, "more bytes"},
        {BIT(READ) | BIT(WRITE), ROVE_OK, SIZE_MAX / 2, 0, "more bytes"},
        {PLACES, ROVE_OK, 0, UINT64_C(1) << 63, "past"},
        {PLACES, ROVE_OK, 0, UINT64_MAX, "past"},
        {BIT(READ), ROVE_END, 0, 0, "read bytes"}, // as rove_stream_read() of another stream would
        {BIT(READ) | BIT(WRITE), ROVE_E_AGAIN, 0, 0, "moved bytes"},
        {BIT(CLOSE), ROVE_E_AGAIN, 0, 0, "would block"},
    };
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++)
        for (unsigned call = 0; call < CALLS; call++) {
            struct liar liar = {
                .call = call, .answer = lies[i].answer, .moves = lies[i].moves, .place = lies[i].place};
            struct rove_stream *s = NULL;
            if (!(lies[i].calls & BIT(call)))
                continue;
            errno = 0;
            enum rove_status made = rove_stream_from_io(&lying, &liar, env.pool, &s);
            CHECK_IS(call == TELL ? ROVE_E_IO : ROVE_OK, made);
            CHECK(made == ROVE_OK || (errno == EIO && !s));
            if (!s)
                continue;
            CHECK_IS(ROVE_E_IO, provoke(s, call));
            CHECK_EQ(EIO, rove_stream_errno(s));
            if (!CHECK(strstr(rove_stream_explain(s), lies[i].why) != NULL))
                suite_note("lie %zu of call %u: %s", i, call, rove_stream_explain(s));
            CHECK(liar.told && rove_stream_is_closed(s) == (call == CLOSE));
            rove_stream_free(s);
        }
}

static void a_read_is_not_believed_past_the_last_place(void)
{
    struct liar liar = {.call = TELL, .place = ROVE_LEN_MAX - 2};
    struct rove_stream *s = NULL;
    uint8_t buf[8];
    size_t n;
    CHECK_OK(rove_stream_from_io(&lying, &liar, env.pool, &s));
    CHECK_IS(ROVE_END, rove_stream_read(s, buf, 8, &n));
    CHECK_EQ(2, n);
    CHECK_AT(ROVE_LEN_MAX, s);
    rove_stream_free(s);
}

// devices that come back ------------------------------------------------------------------------

// Whatever is asked of a stream that is inside a call is refused, and changes nothing.
static void ask_all(struct liar *liar, struct rove_stream *s)
{
    struct rove_span line, delim = {(const uint8_t *) "\n", 1};
    struct iovec iov = {"ab", 2};
    uint8_t buf[8], *room;
    const uint8_t *ptr;
    uint64_t pos;
    size_t n;
    CHECK_IS(ROVE_E_STATE, rove_stream_close(s));
    CHECK(!rove_stream_is_closed(s));
    CHECK_IS(ROVE_E_STATE, rove_stream_flush(s));
    CHECK_IS(ROVE_E_STATE, rove_stream_write(s, "ab", 2));
    CHECK_IS(ROVE_E_STATE, rove_stream_writev(s, &iov, 1));
    CHECK_IS(ROVE_E_STATE, rove_stream_printf(s, "%d", 1));
    CHECK_IS(ROVE_E_STATE, rove_stream_reserve(s, 1, &room, &n));
    CHECK_IS(ROVE_E_STATE, rove_stream_read(s, buf, 2, &n));
    CHECK_IS(ROVE_E_STATE, rove_stream_peek(s, &ptr, &n));
    CHECK_IS(ROVE_E_STATE, rove_stream_line(s, '\n', 0, &line));
    CHECK_IS(ROVE_E_STATE, rove_stream_read_until(s, delim, buf, 8, &n));
    CHECK_IS(ROVE_E_STATE, rove_stream_pread(s, 0, buf, 2, &n));
    CHECK_IS(ROVE_E_STATE, rove_stream_pwrite(s, 0, "ab", 2));
    CHECK_IS(ROVE_E_STATE, rove_stream_seek(s, 1, ROVE_SET, NULL));
    CHECK_IS(ROVE_E_STATE, rove_stream_size(s, &pos));
    CHECK_IS(ROVE_E_STATE, rove_stream_truncate(s, 0));
    CHECK_IS(ROVE_E_STATE, rove_stream_resize(s, 5));
    CHECK_OK(rove_stream_tell(s, &pos));
    liar->refused++;
}

static void come_back(struct liar *liar)
{
    size_t n;
    uint8_t digest[8];
    if (liar->self)
        ask_all(liar, liar->self);
    if (!liar->above)
        return;
    ask_all(liar, liar->above);
    CHECK_IS(ROVE_E_STATE, rove_stream_finish(liar->above));
    CHECK_IS(ROVE_E_STATE, rove_stream_rechain(liar->above, liar->self));
    CHECK_IS(ROVE_E_STATE, rove_stream_digest(liar->above, 0, digest, 8, &n));
}

static enum rove_status back_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    come_back(ctx);
    return liar_read(ctx, buf, len < 5 ? len : 5, len_out); // short, so that lines need several
}

static enum rove_status back_write(void *ctx, const void *src, size_t len, size_t *len_out)
{
    come_back(ctx);
    return liar_write(ctx, src, len, len_out);
}

static enum rove_status back_seek(void *ctx, uint64_t pos)
{
    come_back(ctx);
    return liar_seek(ctx, pos);
}

static enum rove_status back_resize(void *ctx, uint64_t len)
{
    come_back(ctx);
    return liar_resize(ctx, len);
}

static enum rove_status back_flush(void *ctx)
{
    come_back(ctx);
    return ROVE_OK;
}

static enum rove_status back_close(void *ctx)
{
    ((struct liar *) ctx)->above = NULL;
    come_back(ctx);
    return ROVE_OK;
}

static const struct rove_io coming_back = {.size = sizeof coming_back,
                                           .read = back_read,
                                           .write = back_write,
                                           .seek = back_seek,
                                           .resize = back_resize,
                                           .flush = back_flush,
                                           .close = back_close};

static void a_device_that_uses_its_own_stream_is_refused(void)
{
    struct liar liar = {.call = CALLS};
    struct rove_stream *s;
    struct rove_span line;
    char text[300];
    uint8_t *big = malloc(200000);
    CHECK_OK(rove_stream_from_io(&coming_back, &liar, env.pool, &s));
    liar.self = s;
    CHECK_OK(rove_stream_read(s, text, 7, NULL));
    CHECK(memcmp(text, "rrrrrrr", 7) == 0);
    CHECK_OK(rove_stream_line(s, 'x', 100, &line)); // makes its window longer
    CHECK_EQ(100, line.len);
    CHECK_OK(rove_stream_read(s, big, 200000, NULL));
    CHECK_OK(rove_stream_write(s, "abc", 3));
    CHECK_OK(rove_stream_seek(s, 3, ROVE_SET, NULL));
    CHECK_OK(rove_stream_write(s, memset(big, 'w', 200000), 200000));
    CHECK_OK(rove_stream_pwrite(s, 7, "abc", 3));
    CHECK_OK(rove_stream_resize(s, 10));
    CHECK_OK(rove_stream_write(s, "abc", 3));
    unsigned before = liar.refused;
    CHECK_OK(rove_stream_close(s));
    CHECK_EQ(env.chunk_len > 3 ? 3 : 2, liar.refused - before); // write; flush, close
    rove_stream_free(s);
    free(big);
}

static enum rove_status back_length(void *ctx, uint64_t *len_out)
{
    come_back(ctx);
    *len_out = 1000;
    return ROVE_OK;
}

// What the inline functions would take of a window that stays open is refused as well.
static void a_device_that_is_measured_finds_no_window(void)
{
    struct rove_io io = coming_back;
    struct liar liar = {.call = CALLS};
    struct rove_stream *s;
    uint64_t len;
    char text[5];
    io.length = back_length;
    CHECK_OK(rove_stream_from_io(&io, &liar, env.pool, &s));
    CHECK_OK(rove_stream_read(s, text, 1, NULL));
    liar.self = s;
    CHECK_OK(rove_stream_size(s, &len));
    CHECK_EQ(1000, len);
    CHECK_AT(1, s);
    CHECK_OK(rove_stream_read(s, text, 4, NULL));
    CHECK(memcmp(text, "rrrr", 4) == 0);
    CHECK_OK(rove_stream_write(s, "a", 1));
    CHECK_OK(rove_stream_size(s, &len));
    CHECK_AT(6, s);
    CHECK(liar.refused > 1);
    liar.self = NULL;
    rove_stream_free(s);
}

// A copy makes both streams busy in their turn, whose windows are open.
static void a_device_does_not_come_between_a_copy(void)
{
    struct liar liar = {.call = CALLS};
    struct rove_stream *rope, *s;
    size_t len = env.chunk_len < 4096 ? 3000 : 200000; // some of it goes straight from the rope to the device
    const uint8_t *bytes = noise(len);
    uint8_t got[300];
    uint64_t copied;
    CHECK_OK(rove_stream_new(env.pool, &rope));
    CHECK_OK(rove_stream_write(rope, bytes, len));
    CHECK_OK(rove_stream_from_io(&coming_back, &liar, env.pool, &s));
    liar.self = rope;
    CHECK_OK(rove_stream_copy(s, rope, sizeof got, NULL, &copied));
    CHECK_EQ(sizeof got, copied);
    CHECK_AT(len + sizeof got, rope);
    CHECK_OK(rove_stream_pread(rope, len, got, sizeof got, NULL));
    for (size_t i = 0; i < sizeof got; i++)
        CHECK(got[i] == 'r');
    unsigned before = liar.refused;
    CHECK(before > 0);
    CHECK_OK(rove_stream_seek(rope, 1, ROVE_SET, NULL));
    CHECK_OK(rove_stream_copy(rope, s, UINT64_MAX, NULL, &copied));
    CHECK_EQ(len + sizeof got - 1, copied);
    CHECK_AT(len + sizeof got, rope);
    CHECK(liar.refused > before);
    liar.self = NULL;
    rove_stream_free(s);
    rove_stream_free(rope);
}

// The coded bytes of a stream with an index.
static struct coded {
    struct liar liar;
    uint8_t *ptr;
    size_t len;
    uint64_t at;
} coded;

static enum rove_status coded_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    (void) ctx;
    come_back(&coded.liar);
    size_t n = coded.len - (coded.at < coded.len ? (size_t) coded.at : coded.len);
    n = n < len ? n : len;
    memcpy(buf, coded.ptr + coded.at, n);
    coded.at += n;
    *len_out = n;
    return n ? ROVE_OK : ROVE_END;
}

static enum rove_status coded_seek(void *ctx, uint64_t pos)
{
    (void) ctx;
    coded.at = pos;
    return ROVE_OK;
}

static enum rove_status coded_length(void *ctx, uint64_t *len_out)
{
    (void) ctx;
    *len_out = coded.len;
    return ROVE_OK;
}

static void a_source_that_uses_a_stream_with_an_index_above_it_is_refused(void)
{
    static const struct rove_io io = {.size = sizeof io, .read = coded_read, .seek = coded_seek, .length = coded_length};
    const uint8_t *bytes = noise(300000);
    struct rove_stream *rope = stream_of_text(""), *e, *s, *d;
    struct rove_index *index;
    uint64_t len;
    uint8_t got[4];
    CHECK_OK(rove_stream_encode(rope, "bgzf", NULL, &e, NULL));
    CHECK_OK(rove_stream_write(e, bytes, 300000));
    CHECK_OK(rove_stream_close(e));
    CHECK_OK(rove_stream_size(rope, &len));
    coded = (struct coded){.liar = {.call = CALLS}, .ptr = malloc((size_t) len), .len = (size_t) len};
    CHECK_OK(rove_stream_pread(rope, 0, coded.ptr, coded.len, NULL));
    CHECK_OK(rove_stream_from_io(&io, NULL, env.pool, &s));
    CHECK_OK(rove_index_make(s, "bgzf", NULL, 0, &index));
    CHECK_OK(rove_stream_decode_index(s, index, NULL, &d));
    CHECK_OK(rove_stream_read(d, got, 1, NULL)); // its window is open
    coded.liar.self = d;
    for (uint64_t off = 250000; off; off -= 50000) {
        CHECK_OK(rove_stream_pread(d, off, got, 4, NULL));
        CHECK(memcmp(got, bytes + off, 4) == 0);
    }
    CHECK(coded.liar.refused > 1);
    coded.liar.self = NULL;
    CHECK_OK(rove_stream_read(d, got, 4, NULL));
    CHECK(memcmp(got, bytes + 1, 4) == 0);
    rove_stream_free(d);
    rove_index_unref(index);
    rove_stream_free(s);
    rove_stream_free(e);
    rove_stream_free(rope);
    free(coded.ptr);
}

static void a_device_that_uses_an_encoder_above_it_is_refused(void)
{
    static const char *const specs[] = {"crc32", "gzip", "crc32|lz4"};
    for (size_t i = 0; i < 3; i++) {
        struct liar liar = {.call = CALLS};
        struct rove_stream *s, *e;
        const uint8_t *bytes = noise(100000);
        CHECK_OK(rove_stream_from_io(&coming_back, &liar, env.pool, &s));
        CHECK_OK(rove_stream_encode(s, specs[i], NULL, &e, NULL));
        liar.self = s;
        liar.above = e;
        CHECK_OK(rove_stream_write(e, bytes, 100000));
        CHECK_OK(rove_stream_flush(e));
        CHECK_OK(rove_stream_write(e, bytes, 100000));
        CHECK_OK(rove_stream_finish(e));
        CHECK_OK(rove_stream_rechain(e, s));
        CHECK_OK(rove_stream_write(e, bytes, 1000));
        CHECK_OK(rove_stream_close(e));
        liar.above = NULL; // it may be used by nobody, nor be asked
        CHECK_OK(rove_stream_close(s));
        CHECK(liar.refused > 4);
        rove_stream_free(e);
        rove_stream_free(s);
    }
}

// A tap that uses the stream it runs under.
static struct liar *tapped;

static int32_t back_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    (void) st;
    (void) out;
    if (tapped->self)
        come_back(tapped);
    in->ptr += in->len;
    in->len = 0;
    return act == ROVE_RUN ? ROVE_OK : ROVE_END;
}

static uint32_t back_digest(const void *st, uint8_t *buf, uint32_t cap)
{
    (void) st;
    (void) cap;
    come_back(tapped);
    buf[0] = 7;
    return 1;
}

static const struct rove_filter back_tap = {ROVE_FILTER_INIT,    .name = "back",    .dir = ROVE_TAP,
                                            .run = back_run, .digest = back_digest};

static void a_filter_that_uses_its_own_stream_is_refused(void)
{
    struct liar liar = {.call = CALLS};
    struct rove_stream *rope = stream_of_text(""), *e, *d;
    uint8_t buf[64];
    size_t n;
    tapped = &liar;
    if (!rove_filter_find("back", ROVE_ENCODE))
        CHECK_OK(rove_filter_register(&back_tap, NULL));
    CHECK_OK(rove_stream_encode(rope, "back|zlib", NULL, &e, NULL));
    liar.self = e;
    CHECK_OK(rove_stream_write(e, "twelve bytes", 12));
    CHECK_OK(rove_stream_flush(e));
    CHECK_OK(rove_stream_digest(e, 0, buf, 64, &n));
    CHECK(n == 1 && buf[0] == 7);
    CHECK_OK(rove_stream_close(e));
    rove_stream_free(e);
    seek_to(rope, 0);
    liar.self = NULL;
    unsigned before = liar.refused;
    CHECK(before >= 3);
    CHECK_OK(rove_stream_decode(rope, "back|zlib", NULL, &d, NULL));
    liar.self = d;
    CHECK_OK(rove_stream_read(d, buf, 4, &n));
    CHECK_OK(rove_stream_digest(d, 0, buf + 4, 60, &n)); // its window is open
    CHECK(n == 1 && buf[4] == 7);
    CHECK_IS(ROVE_END, rove_stream_read(d, buf + 4, 60, &n));
    CHECK(n == 8 && memcmp(buf, "twelve bytes", 12) == 0);
    CHECK(liar.refused > before);
    CHECK_OK(rove_stream_close(d));
    rove_stream_free(d);
    rove_stream_free(rope);
}

static enum rove_status freeing_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    rove_stream_free(((struct liar *) ctx)->self);
    return liar_read(ctx, buf, len, len_out);
}

// Where asserts are on it ends the process, elsewhere the stream lives on.
static void a_stream_is_not_freed_from_inside(void)
{
    struct rove_io io = {.size = sizeof io, .read = freeing_read};
    struct liar liar = {.call = CALLS};
    int status = 0;
    uint8_t byte = 0;
    CHECK_OK(rove_stream_from_io(&io, &liar, env.pool, &liar.self));
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        close(2);
        bool lives = rove_stream_read(liar.self, &byte, 1, NULL) == ROVE_OK && byte == 'r';
        _exit(lives ? 0 : 1);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(RV_DEBUG ? WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT : status == 0);
    rove_stream_free(liar.self);
}

// release functions that come back --------------------------------------------------------------

#define PIECE 600u // longer than ROVE_MERGE_LEN: adopted, not copied
#define PIECES 40u

enum deed { APPEND, CLEAR, FRONT, READ_ALL, DEEDS };

// What release functions do to the rope that let go.
struct guest {
    struct rove_rope *rope;
    struct rove_stream *stream, *above; // above: reads it by an index
    enum deed deed;
    unsigned called, inside;
};

static void release(void *arg, const void *ptr, size_t len)
{
    struct guest *guest = arg;
    struct rove_rope *rope = guest->rope;
    uint8_t buf[64];
    guest->called++;
    CHECK_EQ(0, guest->inside++); // one after the other
    CHECK_EQ(PIECE, len);
    CHECK(((const uint8_t *) ptr)[0] == 'p');
    if (rope)
        CHECK_SOUND(rope);
    if (rope && guest->deed == APPEND)
        CHECK_OK(rove_rope_append(rope, "r", 1));
    if (rope && guest->deed == CLEAR)
        rove_rope_clear(rope);
    if (rope && guest->deed == FRONT)
        CHECK_OK(rove_rope_erase(rope, 0, rove_rope_len(rope) < 700 ? rove_rope_len(rope) : 700));
    if (rope && guest->deed == READ_ALL)
        CHECK_OK(rove_rope_read(rope, 0, buf, rove_rope_len(rope) < 64 ? 0 : 64, NULL));
    if (rope)
        CHECK_SOUND(rope);
    guest->inside--;
}

static uint8_t piece[PIECE], fresh[5000];

static void fill_rope(struct rove_rope *rope, struct guest *guest)
{
    memset(piece, 'p', PIECE);
    rove_rope_init(rope, env.pool);
    memset(fresh, 'f', sizeof fresh);
    CHECK_OK(rove_rope_append(rope, "head", 4));
    for (unsigned i = 0; i < PIECES; i++)
        CHECK_OK(rove_rope_append_adopt(rope, piece, PIECE, release, guest));
    CHECK_OK(rove_rope_append(rope, "tail", 4));
}

#define EDITS 12

// Edits of which each lets go of adopted memory.
static enum rove_status edit(struct rove_rope *rope, unsigned i, struct rove_rope *other)
{
    uint64_t len = rove_rope_len(rope), mid = len / 2;
    const uint8_t *ptr;
    struct rove_view view;
    enum rove_status status;
    switch (i) {
    case 0:
        return rove_rope_truncate(rope, 1000);
    case 1:
        return rove_rope_erase(rope, 0, mid);
    case 2:
        return rove_rope_erase(rope, 1000, mid);
    case 3:
        return rove_rope_replace(rope, 1000, 5000, "new", 3);
    case 4:
        return rove_rope_overwrite(rope, 700, fresh, sizeof fresh);
    case 5:
        rove_rope_clear(rope);
        return ROVE_OK;
    case 6:
        return rove_rope_flatten(rope, &ptr);
    case 7:
        return rove_rope_resize(rope, 4);
    case 8:
        CHECK_OK(rove_rope_view(rope, 0, 4, &view));
        status = rove_rope_replace_view(rope, 4, len - 8, &view);
        rove_view_fini(&view);
        return status;
    case 9:
        return rove_rope_erase(rope, 0, len);
    case 10:
        CHECK_OK(rove_rope_truncate(rope, 10000));
        return rove_rope_concat(rope, other);
    default:
        return rove_rope_erase(rope, len - 5000, 4990);
    }
}

// The edit as it is without anybody who comes back.
static struct rove_rope plain_edit(unsigned i, unsigned *let_go)
{
    struct guest nobody = {.rope = NULL};
    struct rove_rope rope, other, copy;
    const uint8_t *ptr;
    fill_rope(&rope, &nobody);
    fill_rope(&other, &nobody);
    CHECK_OK(edit(&rope, i, &other));
    *let_go = nobody.called;
    rove_rope_init(&copy, env.pool);
    CHECK_OK(rove_rope_flatten(&rope, &ptr));
    CHECK_OK(rove_rope_append(&copy, ptr, (size_t) rove_rope_len(&rope)));
    rove_rope_fini(&rope);
    rove_rope_fini(&other);
    return copy;
}

static void check_same(struct rove_rope *rope, struct rove_rope *due)
{
    const uint8_t *ptr;
    CHECK_OK(rove_rope_flatten(due, &ptr));
    CHECK_BYTES(rope, ptr, (size_t) rove_rope_len(due));
}

static void a_release_function_may_edit_the_rope_that_let_go(void)
{
    for (unsigned i = 0; i < EDITS * DEEDS; i++) {
        struct rove_rope rope, other;
        struct guest guest = {.deed = i % DEEDS};
        unsigned let_go;
        struct rove_rope due = plain_edit(i / DEEDS, &let_go);
        CHECK(let_go > 0);
        fill_rope(&rope, &guest);
        fill_rope(&other, &guest);
        guest.rope = &rope;
        CHECK_OK(edit(&rope, i / DEEDS, &other));
        CHECK_SOUND(&rope);
        CHECK(guest.called >= let_go);
        for (unsigned k = 0; guest.deed == APPEND && i / DEEDS != 10 && k < let_go; k++)
            CHECK_OK(rove_rope_append(&due, "r", 1)); // the edit was complete before
        if (guest.deed == READ_ALL || (guest.deed == APPEND && i / DEEDS != 10))
            check_same(&rope, &due);
        if (guest.deed == CLEAR && i / DEEDS != 10)
            CHECK_EQ(0, rove_rope_len(&rope));
        guest.rope = NULL;
        rove_rope_fini(&rope);
        rove_rope_fini(&other);
        rove_rope_fini(&due);
    }
}

static void look_at_two(void *arg, const void *ptr, size_t len)
{
    struct guest *guest = arg;
    uint8_t buf[2 * PIECE];
    size_t got = 0;
    (void) ptr;
    (void) len;
    guest->called++;
    if (!guest->rope)
        return;
    CHECK_SOUND(guest->rope);
    CHECK_EQ(2 * PIECE, rove_rope_len(guest->rope));
    CHECK_OK(rove_rope_read(guest->rope, 0, buf, sizeof buf, &got));
    CHECK(got == sizeof buf && buf[0] == 'b' && buf[PIECE] == 'c');
}

// All of the first slice goes, in a tree of one leaf: so whole pieces leave a queue.
static void the_first_piece_is_gone_when_it_is_released(void)
{
    static uint8_t pieces[3][PIECE];
    struct rove_rope rope;
    struct guest guest = {.rope = NULL};
    rove_rope_init(&rope, env.pool);
    for (unsigned i = 0; i < 3; i++) {
        memset(pieces[i], 'a' + (int) i, PIECE);
        CHECK_OK(rove_rope_append_adopt(&rope, pieces[i], PIECE, look_at_two, &guest));
    }
    guest.rope = &rope;
    CHECK_OK(rove_rope_erase(&rope, 0, PIECE));
    CHECK_EQ(1, guest.called);
    guest.rope = NULL;
    rove_rope_fini(&rope);
    CHECK_EQ(3, guest.called);
}

#define STREAM_EDITS 8

static enum rove_status stream_edit(struct rove_stream *s, unsigned i)
{
    const uint8_t *ptr;
    size_t n;
    CHECK_OK(rove_stream_seek(s, 1000, ROVE_SET, NULL));
    switch (i) {
    case 0:
        return rove_stream_erase(s, 5000);
    case 1:
        return rove_stream_drop_front(s, 5000);
    case 2:
        return rove_stream_write(s, noise(5000), 5000);
    case 3:
        return rove_stream_truncate(s, 3);
    case 4:
        return rove_stream_reset(s);
    case 5:
        return rove_stream_flatten(s, &ptr, &n);
    case 6:
        return rove_stream_pwrite(s, 700, noise(5000), 5000);
    default:
        return rove_stream_close(s);
    }
}

static void release_into_stream(void *arg, const void *ptr, size_t len)
{
    struct liar liar = {.call = CALLS};
    struct guest *guest = arg;
    (void) ptr;
    (void) len;
    guest->called++;
    if (!guest->stream)
        return;
    ask_all(&liar, guest->stream);
    CHECK_IS(ROVE_E_STATE, rove_stream_reset(guest->stream));
    CHECK_IS(ROVE_E_STATE, rove_stream_insert(guest->stream, "x", 1));
    CHECK_IS(ROVE_E_STATE, rove_stream_erase(guest->stream, 1));
    CHECK_IS(ROVE_E_STATE, rove_stream_drop_front(guest->stream, 1));
    uint8_t byte;
    CHECK_IS(ROVE_E_STATE, rove_stream_take(guest->stream, &byte, 1, NULL));
}

// A queue is written at its end, where its window stays open while the front goes.
static void a_release_function_finds_no_window(void)
{
    static uint8_t front[PIECE];
    for (unsigned i = 0; i < 2; i++) {
        struct guest guest = {.deed = DEEDS};
        struct rove_rope rope;
        struct rove_stream *s;
        uint8_t got[PIECE];
        rove_rope_init(&rope, env.pool);
        CHECK_OK(rove_rope_append_adopt(&rope, front, PIECE, release_into_stream, &guest));
        CHECK_OK(rove_rope_append(&rope, "tail", 4));
        CHECK_OK(rove_stream_from_rope(&rope, &s));
        CHECK_OK(rove_stream_seek(s, 0, ROVE_FROM_END, NULL));
        CHECK_OK(rove_stream_write(s, "s", 1));
        guest.stream = s;
        if (i)
            CHECK_OK(rove_stream_drop_front(s, PIECE));
        else
            CHECK_OK(rove_stream_take(s, got, PIECE, NULL));
        CHECK_EQ(1, guest.called);
        CHECK_AT(5, s);
        CHECK_OK(rove_stream_write(s, "!", 1));
        CHECK_OK(rove_stream_pread(s, 0, got, 6, NULL));
        CHECK(memcmp(got, "tails!", 6) == 0);
        guest.stream = NULL;
        rove_stream_free(s);
        rove_rope_fini(&rope);
    }
}

// What is coded into a stream, or read from it, finds it busy, too, and leaves it as it is.
static void release_into_coders(void *arg, const void *ptr, size_t len)
{
    static const char *const specs[] = {"crc32", "gzip", "copy"};
    struct guest *guest = arg;
    (void) ptr;
    (void) len;
    guest->called++;
    for (unsigned i = 0; guest->stream && i < 3; i++) {
        struct rove_stream *coder;
        uint8_t byte;
        CHECK_OK(rove_stream_encode(guest->stream, specs[i], NULL, &coder, NULL));
        CHECK_IS(ROVE_E_STATE, rove_stream_write(coder, noise(200000), 200000));
        rove_stream_free(coder);
        CHECK_OK(rove_stream_decode(guest->stream, specs[i], NULL, &coder, NULL));
        CHECK_IS(ROVE_E_STATE, rove_stream_read(coder, &byte, 1, NULL));
        rove_stream_free(coder);
        if (guest->above)
            CHECK_IS(ROVE_E_STATE, rove_stream_pread(guest->above, 5, &byte, 1, NULL));
    }
}

static void coders_in_a_release_function_find_the_stream_busy(void)
{
    for (unsigned i = 0; i < 4; i++) {
        struct guest guest = {.deed = DEEDS};
        struct rove_stream *bgzf = stream_of_text(""), *coder, *s;
        struct rove_rope rope;
        struct rove_index *index;
        uint8_t *front, *got;
        uint64_t len;
        CHECK_OK(rove_stream_encode(bgzf, "bgzf", NULL, &coder, NULL));
        CHECK_OK(rove_stream_write(coder, noise(2000), 2000));
        CHECK_OK(rove_stream_close(coder));
        CHECK_OK(rove_stream_size(bgzf, &len));
        front = malloc((size_t) len);
        got = malloc((size_t) len + 5);
        CHECK_OK(rove_stream_pread(bgzf, 0, front, (size_t) len, NULL));
        rove_rope_init(&rope, env.pool);
        CHECK_OK(rove_rope_append_adopt(&rope, front, (size_t) len, release_into_coders, &guest));
        CHECK_OK(rove_stream_from_rope(&rope, &s));
        CHECK_OK(rove_index_make(s, "bgzf", NULL, 0, &index));
        CHECK_OK(rove_stream_decode_index(s, index, NULL, &guest.above));
        CHECK_OK(rove_stream_seek(s, 0, ROVE_FROM_END, NULL));
        CHECK_OK(rove_stream_write(s, "tails", 5));
        guest.stream = s;
        uint64_t gone = i < 2 ? len : len + 5; // its window stays open, or all of it goes
        if (i & 1)
            CHECK_OK(rove_stream_drop_front(s, gone));
        else
            CHECK_OK(rove_stream_take(s, got, (size_t) gone, NULL));
        CHECK_EQ(1, guest.called);
        CHECK_AT(len + 5 - gone, s);
        CHECK_OK(rove_stream_write(s, "!", 1));
        CHECK_OK(rove_stream_size(s, &len));
        CHECK_EQ(i < 2 ? 6 : 1, len);
        CHECK_OK(rove_stream_pread(s, 0, got, (size_t) len, NULL));
        CHECK(memcmp(got, i < 2 ? "tails!" : "!", (size_t) len) == 0);
        guest.stream = NULL;
        rove_stream_free(guest.above);
        rove_index_unref(index);
        rove_stream_free(s);
        rove_stream_free(coder);
        rove_stream_free(bgzf);
        rove_rope_fini(&rope);
        free(front);
        free(got);
    }
}

static void a_release_function_finds_the_stream_busy(void)
{
    for (unsigned i = 0; i < STREAM_EDITS; i++) {
        struct guest guest = {.deed = DEEDS};
        struct rove_rope rope;
        struct rove_stream *s;
        rove_rope_init(&rope, env.pool);
        for (unsigned k = 0; k < PIECES; k++)
            CHECK_OK(rove_rope_append_adopt(&rope, piece, PIECE, release_into_stream, &guest));
        CHECK_OK(rove_stream_from_rope(&rope, &s));
        guest.stream = s;
        CHECK_OK(stream_edit(s, i));
        CHECK(guest.called > 0);
        guest.stream = NULL;
        rove_stream_free(s);
        CHECK_EQ(PIECES, guest.called);
        rove_rope_fini(&rope);
    }
}

// One that lets go of another, and that of a third: by a list, not on the stack.
#define FALLING 20000u

struct falling {
    struct rove_rope *next;
};

static void drop_next(void *arg, const void *ptr, size_t len)
{
    struct falling *falling = arg;
    (void) ptr;
    (void) len;
    if (falling->next)
        CHECK_OK(rove_rope_truncate(falling->next, 0));
}

static void many_that_let_go_of_one_another_take_no_stack(void)
{
    struct rove_rope *ropes = calloc(FALLING, sizeof *ropes);
    struct falling *fallings = calloc(FALLING, sizeof *fallings);
    for (size_t i = 0; i < FALLING; i++) {
        rove_rope_init(&ropes[i], env.pool);
        fallings[i].next = i + 1 < FALLING ? &ropes[i + 1] : NULL;
        CHECK_OK(rove_rope_append_adopt(&ropes[i], piece, PIECE, drop_next, &fallings[i]));
    }
    CHECK_OK(rove_rope_truncate(&ropes[0], 0));
    for (size_t i = 0; i < FALLING; i++) {
        CHECK_EQ(0, rove_rope_len(&ropes[i]));
        rove_rope_fini(&ropes[i]);
    }
    free(ropes);
    free(fallings);
}

static const struct suite_case cases[] = {
    SUITE_CASE(an_answer_that_cannot_be_is_a_failure_with_a_reason),
    SUITE_CASE(a_read_is_not_believed_past_the_last_place),
    SUITE_CASE(a_device_that_uses_its_own_stream_is_refused),
    SUITE_CASE(a_device_that_is_measured_finds_no_window),
    SUITE_CASE(a_device_does_not_come_between_a_copy),
    SUITE_CASE(a_source_that_uses_a_stream_with_an_index_above_it_is_refused),
    SUITE_CASE(a_device_that_uses_an_encoder_above_it_is_refused),
    SUITE_CASE(a_filter_that_uses_its_own_stream_is_refused),
    SUITE_CASE(a_stream_is_not_freed_from_inside),
    SUITE_CASE(a_release_function_may_edit_the_rope_that_let_go),
    SUITE_CASE(the_first_piece_is_gone_when_it_is_released),
    SUITE_CASE(a_release_function_finds_no_window),
    SUITE_CASE(a_release_function_finds_the_stream_busy),
    SUITE_CASE(coders_in_a_release_function_find_the_stream_busy),
    SUITE_CASE(many_that_let_go_of_one_another_take_no_stack),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_device_back", cases, sizeof cases / sizeof *cases, true});
}
