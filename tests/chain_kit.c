// SPDX-License-Identifier: MIT
// chain_kit.c: see chain_kit.h.
#include "chain_kit.h"

#include "support/words.h"

#include <errno.h>
#include <rove/plugin.h>
#include <rove/registry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// random ------------------------------------------------------------------------------------------

static uint64_t state;

void kit_seed(uint64_t more)
{
    state = suite_seed() * UINT64_C(0x9e3779b97f4a7c15) + more;
}

uint64_t kit_draw(uint64_t cnt)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    uint64_t x = state;
    x ^= x >> 29;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    return (x >> 11) % cnt;
}

struct kit_bytes kit_content(size_t len, unsigned kind)
{
    struct kit_bytes bytes = {malloc(len + 1), len};
    uint64_t x = len * 31 + kind + 1;
    for (size_t i = 0; i < len; i++) {
        x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        unsigned r = (unsigned) (x >> 40);
        bytes.ptr[i] = (uint8_t) (kind == 0 ? r                            // does not compress
                                  : kind == 1 && i >= 64 && (r & 3)
                                      ? bytes.ptr[i - 1 - (r >> 8) % 60]   // compresses
                                      : kind == 2 ? 0 : 'a' + (r & 15));
    }
    return bytes;
}

bool kit_same(struct kit_bytes a, const void *ptr, size_t len)
{
    return a.len == len && (len == 0 || memcmp(a.ptr, ptr, len) == 0);
}

// streams -----------------------------------------------------------------------------------------

struct rove_stream *kit_rope(void)
{
    struct rove_stream *stream = NULL;
    CHECK_OK(rove_stream_new(env.pool, &stream));
    return stream;
}

struct rove_stream *kit_source(const void *ptr, size_t len)
{
    struct rove_stream *stream = kit_rope();
    CHECK_OK(rove_stream_write(stream, ptr, len));
    CHECK_OK(rove_stream_seek(stream, 0, ROVE_SET, NULL));
    return stream;
}

struct kit_bytes kit_all(struct rove_stream *rope)
{
    struct rove_view view;
    struct kit_bytes bytes = {NULL, 0};
    CHECK_OK(rove_stream_snapshot(rope, &view));
    bytes.ptr = malloc((size_t) rove_view_len(&view) + 1);
    CHECK_OK(rove_view_read(&view, 0, bytes.ptr, (size_t) rove_view_len(&view), &bytes.len));
    rove_view_fini(&view);
    return bytes;
}

struct kit_bytes kit_encode(const char *spec, const void *ptr, size_t len)
{
    struct kit_bytes bytes = {NULL, 0};
    struct rove_stream *sink = kit_rope(), *stream = NULL;
    if (CHECK_OK(rove_stream_encode(sink, spec, NULL, &stream, NULL)) &&
        CHECK_OK(rove_stream_write(stream, ptr, len)) && CHECK_OK(rove_stream_close(stream)))
        bytes = kit_all(sink);
    rove_stream_free(stream);
    rove_stream_free(sink);
    return bytes;
}

enum rove_status kit_drain(struct rove_stream *stream, struct kit_bytes *out)
{
    size_t cap = 4096;
    enum rove_status status = ROVE_OK;
    *out = (struct kit_bytes){malloc(cap), 0};
    while (status == ROVE_OK) {
        size_t n;
        status = rove_stream_read(stream, out->ptr + out->len, cap - out->len, &n);
        out->len += n;
        if (out->len == cap)
            out->ptr = realloc(out->ptr, cap *= 2);
    }
    return status;
}

enum rove_status kit_decode(const char *spec, const struct rove_limits *limits,
                            struct kit_bytes coded, struct kit_bytes *out, char *why)
{
    struct rove_stream *source = kit_source(coded.ptr, coded.len), *stream = NULL;
    enum rove_status status = rove_stream_decode(source, spec, limits, &stream, NULL);
    *out = (struct kit_bytes){NULL, 0};
    if (status == ROVE_OK)
        status = kit_drain(stream, out);
    const char *said = stream ? rove_stream_explain(stream) : "";
    if (!CHECK(!words_repeat(said)))
        suite_note("%s", said);
    if (why)
        strcpy(why, said);
    rove_stream_free(stream);
    rove_stream_free(source);
    return status;
}

// a device with moods -----------------------------------------------------------------------------

static size_t one_transfer(const struct kit_device *d, size_t len)
{
    size_t most = d->most && d->most < len ? d->most : len;
    return most > 1 && d->most ? 1 + (size_t) kit_draw(most) : most;
}

static enum rove_status mood(const struct kit_device *d, uint64_t so_far)
{
    if (so_far >= d->fail_after) {
        errno = ENOSPC;
        return ROVE_E_IO;
    }
    return d->block_every && kit_draw(d->block_every) == 0 ? ROVE_E_AGAIN : ROVE_OK;
}

static enum rove_status device_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    struct kit_device *d = ctx;
    enum rove_status status = mood(d, d->at);
    size_t left = d->data.len - d->at;
    *len_out = 0;
    if (status || !left)
        return status ? status : ROVE_END;
    *len_out = one_transfer(d, len < left ? len : left);
    memcpy(buf, d->data.ptr + d->at, *len_out);
    d->at += *len_out;
    return ROVE_OK;
}

static enum rove_status device_write(void *ctx, const void *src, size_t len, size_t *len_out)
{
    struct kit_device *d = ctx;
    enum rove_status status = mood(d, d->data.len);
    *len_out = 0;
    if (status)
        return status;
    *len_out = one_transfer(d, len);
    if (d->data.len + *len_out > d->cap) {
        d->cap = 2 * (d->data.len + *len_out);
        d->data.ptr = realloc(d->data.ptr, d->cap);
    }
    memcpy(d->data.ptr + d->data.len, src, *len_out);
    d->data.len += *len_out;
    return ROVE_OK;
}

static enum rove_status device_flush(void *ctx)
{
    struct kit_device *d = ctx;
    d->flushes++;
    return ROVE_OK;
}

struct rove_stream *kit_device_stream(struct kit_device *dev)
{
    struct rove_io io = {
        .size = sizeof io, .read = device_read, .write = device_write, .flush = device_flush};
    struct rove_stream *stream = NULL;
    CHECK_OK(rove_stream_from_io(&io, dev, env.pool, &stream));
    return stream;
}

// The position tells what was taken.
void kit_write_stubbornly(struct rove_stream *writer, struct kit_bytes plain)
{
    uint64_t at = 0;
    while (at < plain.len) {
        size_t len = (size_t) kit_draw(env.chunk_len < 4096 ? 500 : 200000);
        len = len < plain.len - at ? len : (size_t) (plain.len - at);
        enum rove_status status = rove_stream_write(writer, plain.ptr + at, len);
        CHECK(status == ROVE_OK || status == ROVE_E_AGAIN);
        CHECK_OK(rove_stream_error(writer));
        uint64_t pos = 0;
        CHECK_OK(rove_stream_tell(writer, &pos));
        CHECK(pos >= at && pos <= at + len && (status || pos == at + len));
        at = pos;
        while (kit_draw(5) == 0 && rove_stream_flush(writer) == ROVE_E_AGAIN)
            ;
    }
    enum rove_status status;
    do
        status = rove_stream_finish(writer);
    while (status == ROVE_E_AGAIN);
    CHECK_OK(status);
}

// hostile filters ---------------------------------------------------------------------------------

enum {
    EVIL_NOTHING,    // behaves
    EVIL_TAKE_MORE,  // says that it took more input than there is
    EVIL_TAKE_BACK,  // moves its input backwards
    EVIL_SKEW_IN,    // moves the pointer of its input but not the length
    EVIL_MAKE_MORE,  // says that it made more output than there is room
    EVIL_MAKE_BACK,  // moves its output backwards
    EVIL_IDLE,       // does nothing and says OK
    EVIL_END,        // says END
    EVIL_GARBAGE,    // returns what is no status
    EVIL_NEGATIVE,   // likewise, below zero
    EVIL_AGAIN,      // says AGAIN
    EVIL_LEAVE,      // END with input left
    EVIL_FAIL,       // fails with a reason
    EVIL_FAIL_LATE,  // fails on FINISH
    EVIL_NO_END,     // never says END
    EVIL_OPEN,       // fails to open
    EVIL_OPEN_ODD,   // returns what is no status when opened
    EVIL_RESET,      // fails to be reset
    EVIL_HOG,        // asks for memory without end
    EVIL_TALK,       // fails and says very much, control characters included
    EVIL_PICKY,      // does nothing while there is little room
    EVIL_SWALLOW     // takes all and makes nothing
};
static const char *const evil_words[] = {
    "nothing", "take_more", "take_back", "skew_in",   "make_more", "make_back", "idle",
    "end",     "garbage",   "negative",  "again",     "leave",     "fail",      "fail_late",
    "no_end",  "open",      "open_odd",  "reset",     "hog",       "talk",      "picky",
    "swallow", NULL};

struct evil {
    const struct rove_host *host;
    void *mine;
    uint64_t act, when, taken;
    bool done; // it has ended for good, or failed
};

unsigned kit_wrong_calls;

static const struct rove_option evil_options[] = {
    {.key = "act", .kind = ROVE_OPT_WORD, .dirs = ROVE_ENCODE | ROVE_DECODE | ROVE_TAP,
     .words = evil_words, .fallback = "nothing"},
    {.key = "when", .kind = ROVE_OPT_UINT, .dirs = ROVE_ENCODE | ROVE_DECODE | ROVE_TAP,
     .max = UINT64_MAX, .fallback = "0"},
    {.key = NULL},
};

static int32_t evil_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct evil *e = st;
    e->host = host;
    e->act = values[0].u;
    e->when = values[1].u;
    if (e->act == EVIL_OPEN) {
        host->explain(host->ctx, "it does not want to");
        return ROVE_E_UNSUPPORTED;
    }
    if (e->act == EVIL_OPEN_ODD)
        return 42;
    e->mine = host->alloc(host->ctx, 100);
    return e->mine ? ROVE_OK : ROVE_E_NOMEM;
}

static void evil_close(void *st)
{
    struct evil *e = st;
    e->host->free(e->host->ctx, e->mine);
}

static int32_t evil_reset(void *st)
{
    struct evil *e = st;
    e->taken = 0;
    e->done = false;
    return e->act == EVIL_RESET ? ROVE_E_STATE : ROVE_OK;
}

static int32_t hog(struct evil *e)
{
    void *blocks[64];
    unsigned cnt = 0;
    while (cnt < 64 && (blocks[cnt] = e->host->alloc(e->host->ctx, 1 << 20)))
        cnt++;
    bool refused = cnt < 64;
    e->host->free(e->host->ctx, e->host->alloc(e->host->ctx, 5000)); // success later excuses nothing
    while (cnt)
        e->host->free(e->host->ctx, blocks[--cnt]);
    return refused ? ROVE_E_NOMEM : ROVE_OK;
}

// Says very much, and ends it oddly.
static int32_t talk(struct evil *e)
{
    char text[500];
    memset(text, 'x', sizeof text);
    text[3] = '\n';
    text[sizeof text - 1] = 0;
    e->host->explain(e->host->ctx, text);
    return ROVE_E_DATA;
}

// Moves a pointer where C allows none.
#define ASTRAY(ptr, by) (void *) ((uintptr_t) (ptr) + (uintptr_t) (by))

static int32_t misbehave(struct evil *e, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct rove_out none = {NULL, 0};
    if (!out)
        out = &none;
    switch (e->act) {
    case EVIL_TAKE_MORE:
        in->ptr = ASTRAY(in->ptr, in->len + 1);
        in->len = (size_t) -1;
        return ROVE_OK;
    case EVIL_TAKE_BACK:
        in->ptr = ASTRAY(in->ptr, -1);
        in->len++;
        return ROVE_OK;
    case EVIL_SKEW_IN:
        in->ptr = ASTRAY(in->ptr, 1);
        return ROVE_OK;
    case EVIL_MAKE_MORE:
        out->ptr = ASTRAY(out->ptr, out->len + 1);
        out->len = 0;
        return ROVE_OK;
    case EVIL_MAKE_BACK:
        out->ptr = ASTRAY(out->ptr, -1);
        out->len++;
        return ROVE_OK;
    case EVIL_IDLE:
        return ROVE_OK;
    case EVIL_END:
        in->ptr = ASTRAY(in->ptr, in->len);
        in->len = 0;
        return ROVE_END;
    case EVIL_GARBAGE:
        return 4711;
    case EVIL_NEGATIVE:
        return -4711;
    case EVIL_AGAIN:
        return ROVE_E_AGAIN;
    case EVIL_LEAVE:
        return ROVE_END;
    case EVIL_FAIL:
        e->host->explain(e->host->ctx, "it broke");
        return ROVE_E_DATA;
    case EVIL_FAIL_LATE:
        return act == ROVE_FINISH ? ROVE_E_CHECKSUM : ROVE_END + 1;
    case EVIL_NO_END:
        return act == ROVE_FINISH ? ROVE_OK : ROVE_END + 1;
    case EVIL_HOG:
        return hog(e) ? ROVE_E_NOMEM : ROVE_END + 1;
    case EVIL_TALK:
        return talk(e);
    case EVIL_PICKY:
        return out->len && out->len < 100 ? ROVE_OK : ROVE_END + 1;
    case EVIL_SWALLOW:
        if (in->len)
            in->ptr += in->len;
        in->len = 0;
        return act == ROVE_RUN ? ROVE_OK : ROVE_END;
    default:
        return ROVE_END + 1; // goes on as it should
    }
}

static size_t least(size_t a, uint64_t b)
{
    return a < b ? a : (size_t) b;
}

// A copy, up to byte `when` of its input; from there on it does what it was told.
static int32_t evil_work(struct evil *e, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    if (e->taken >= e->when && (in->len || act != ROVE_RUN)) {
        int32_t rc = misbehave(e, in, out, act);
        if (rc != ROVE_END + 1)
            return rc;
    }
    size_t len = e->taken < e->when ? least(in->len, e->when - e->taken) : in->len;
    len = out ? least(len, out->len) : in->len;
    if (len && out) {
        memcpy(out->ptr, in->ptr, len);
        out->ptr += len;
        out->len -= len;
    }
    if (len)
        in->ptr += len;
    in->len -= len;
    e->taken += len;
    return act != ROVE_RUN && !in->len && (!out || out->len) ? ROVE_END : ROVE_OK;
}

static int32_t evil_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct evil *e = st;
    bool room = !out || (out->ptr && out->len);
    kit_wrong_calls += e->done || act > ROVE_FINISH || !room || (in->len && !in->ptr);
    int32_t rc = evil_work(e, in, out, act);
    e->done = rc < 0 || (rc == ROVE_END && act != ROVE_FLUSH);
    return rc;
}

static const struct rove_filter evil = {
    ROVE_FILTER_INIT,
    .name = "evil",
    .dir = ROVE_ENCODE | ROVE_DECODE,
    .state_len = sizeof(struct evil),
    .options = evil_options,
    .open = evil_open,
    .run = evil_run,
    .close = evil_close,
    .reset = evil_reset,
};

static struct rove_filter evil_tap;

void kit_register_evil(void)
{
    if (rove_filter_find("evil", ROVE_ENCODE))
        return;
    evil_tap = evil;
    evil_tap.name = "evil_tap";
    evil_tap.dir = ROVE_TAP;
    CHECK_OK(rove_filter_register(&evil, NULL));
    CHECK_OK(rove_filter_register(&evil_tap, NULL));
}

// plugins -----------------------------------------------------------------------------------------

// A copy in a folder of our own: the build's may be writable by others, which the loader does not like.
void kit_load(const char *name, const char *file)
{
    char folder[] = "/tmp/rove-kit.XXXXXX", command[1024], path[256];
    if (rove_filter_find(name, ROVE_ENCODE) || !CHECK(mkdtemp(folder)))
        return;
    snprintf(path, sizeof path, "%s/rove-filter-%s.so", folder, name);
    snprintf(command, sizeof command, "cp '%s' '%s' && chmod 755 '%s'", file, path, path);
    struct rove_plugin_error error;
    if (CHECK(system(command) == 0) && !CHECK_OK(rove_plugin_load(path, &error)))
        suite_note("%s", error.text);
    (void) unlink(path);
    (void) rmdir(folder);
}
