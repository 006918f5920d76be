// SPDX-License-Identifier: MIT
// stream_acts.c: what can be done to every stream: writing, reading, moving, cutting.
#include "stream_program.h"

#include <stdlib.h>

uint64_t calls_made;

void is(struct program *p, enum rove_status expected, enum rove_status got)
{
    calls_made++;
    if (expected == got || p->wrong)
        return;
    p->wrong = "a status differs";
    p->expected = expected;
    p->got = got;
}

// Bytes of two letters and a line end, so that delimiters are found and half found.
static const uint8_t *text(struct program *p, size_t len)
{
    static uint8_t bytes[NOISE_LEN];
    if (!bytes[0]) {
        const uint8_t *from = noise(sizeof bytes);
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t) "ab\n"[from[i] % 3];
    }
    return bytes + below(p, sizeof bytes - len);
}

size_t draw_len(struct program *p, const struct subject *s)
{
    size_t most = p->len_max > s->model.len ? p->len_max - s->model.len : 8;
    return rng_len(&p->rng, p->chunk_len, most);
}

const uint8_t *draw_bytes(struct program *p, size_t len)
{
    return chance(p, 2) ? text(p, len) : noise(len);
}

size_t draw_rest(struct program *p, const struct subject *s)
{
    return rng_len(&p->rng, p->chunk_len, rest_of(s) + 3);
}

// write -----------------------------------------------------------------------------------------

// Writes all, going on where a device that would block has stopped.
static enum rove_status write_all(struct subject *s, const uint8_t *src, size_t len)
{
    for (;;) {
        uint64_t now;
        enum rove_status status = rove_stream_write(s->stream, src, len);
        if (status != ROVE_E_AGAIN)
            return status;
        if (rove_stream_tell(s->stream, &now) != ROVE_OK || now < s->pos || now - s->pos > len)
            return ROVE_E_RANGE;
        src += now - s->pos;
        len -= (size_t) (now - s->pos);
        s->pos = (size_t) now;
    }
}

static void write_file(struct program *p, struct subject *s, const uint8_t *src, size_t len)
{
    hold(p, s->wrote || fseeko(s->file, 0, SEEK_CUR) == 0, "fseeko() failed");
    s->wrote = true;
    hold(p, fwrite(src, 1, len, s->file) == len, "fwrite() failed");
    calls_made++;
}

static void put(struct program *p, struct subject *s, const uint8_t *src, size_t len)
{
    size_t end = s->pos + len;
    subject_model_write(s, s->pos, src, len);
    if (s->kind == SEEN_AS_FILE)
        write_file(p, s, src, len);
    else
        is(p, ROVE_OK, write_all(s, src, len));
    s->pos = end;
}

static void act_write(struct program *p, struct subject *s, struct act *act)
{
    act->len = draw_len(p, s);
    put(p, s, draw_bytes(p, act->len), act->len);
}

static void act_write_small(struct program *p, struct subject *s, struct act *act)
{
    act->len = 1 + below(p, 12);
    for (size_t i = 0; i < act->len; i++) {
        size_t len = (size_t) 1 << below(p, 4);
        put(p, s, draw_bytes(p, len), len);
    }
}

static void act_writev(struct program *p, struct subject *s, struct act *act)
{
    size_t len = draw_len(p, s), a = below(p, len + 1), b = a + below(p, len - a + 1);
    const uint8_t *src = draw_bytes(p, len);
    struct iovec iov[4] = {{(void *) (uintptr_t) src, a},
                           {NULL, 0},
                           {(void *) (uintptr_t) (src + a), b - a},
                           {(void *) (uintptr_t) (src + b), len - b}};
    act->len = len;
    if (s->kind == OVER_CALLBACKS) { // where it stops is told by the position alone
        put(p, s, src, len);
        return;
    }
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    is(p, ROVE_OK, rove_stream_writev(s->stream, iov, chance(p, 9) ? 4 : 4));
    subject_model_write(s, s->pos, src, len);
    s->pos += len;
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

static void act_pwrite(struct program *p, struct subject *s, struct act *act)
{
    act->len = draw_len(p, s);
    act->off = rng_off(&p->rng, p->chunk_len, s->model.len) + (chance(p, 6) ? below(p, 30) : 0);
    const uint8_t *src = draw_bytes(p, act->len);
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    PATIENTLY(p, ROVE_OK, rove_stream_pwrite(s->stream, act->off, src, act->len));
    subject_model_write(s, act->off, src, act->len);
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

static void act_printf(struct program *p, struct subject *s, struct act *act)
{
    char expected[700];
    int number = (int) below(p, 100000), width = (int) below(p, chance(p, 3) ? 600 : 20);
    int len = snprintf(expected, sizeof expected, "%*d|%s", width, number, "x");
    act->len = (size_t) len;
    if (s->kind == OVER_CALLBACKS) {
        put(p, s, (const uint8_t *) expected, (size_t) len);
        return;
    }
    if (s->kind == SEEN_AS_FILE) {
        hold(p, s->wrote || fseeko(s->file, 0, SEEK_CUR) == 0, "fseeko() failed");
        s->wrote = true;
        hold(p, fprintf(s->file, "%*d|%s", width, number, "x") == len, "fprintf() failed");
    } else {
        is(p, ROVE_OK, rove_stream_printf(s->stream, "%*d|%s", width, number, "x"));
    }
    subject_model_write(s, s->pos, expected, (size_t) len);
    s->pos += (size_t) len;
}

static void act_reserve(struct program *p, struct subject *s, struct act *act)
{
    uint8_t *room = NULL;
    size_t got = 0, want = 1 + draw_len(p, s);
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    PATIENTLY(p, ROVE_OK, rove_stream_reserve(s->stream, want, &room, &got));
    hold(p, room && got, "a reserved run is empty");
    if (p->wrong)
        return;
    memset(room, 0x77, got); // all of the run is ours to scribble on
    act->len = chance(p, 5) ? 0 : rng_len(&p->rng, p->chunk_len, got < want ? got : want);
    const uint8_t *src = draw_bytes(p, act->len);
    memcpy(room, src, act->len);
    if (chance(p, 8))
        is(p, ROVE_E_RANGE, rove_stream_commit(s->stream, got + 1));
    if (act->len || chance(p, 2)) {
        size_t end = s->pos + act->len, first = chance(p, 3) ? act->len / 2 : 0;
        enum rove_status status = first ? rove_stream_commit(s->stream, first) : ROVE_OK;
        if (status == ROVE_OK)
            status = rove_stream_commit(s->stream, act->len - first);
        subject_model_write(s, s->pos, src, act->len);
        if (status == ROVE_E_AGAIN) { // it went through the device, which took some
            uint64_t now = 0;
            is(p, ROVE_OK, rove_stream_tell(s->stream, &now));
            size_t done = (size_t) now - s->pos;
            s->pos = (size_t) now;
            status = write_all(s, src + done, act->len - done);
        }
        is(p, ROVE_OK, status);
        s->pos = end;
    }
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

// read ------------------------------------------------------------------------------------------

static uint8_t *room_for(size_t len)
{
    static uint8_t *buf;
    static size_t cap;
    if (len + 1 > cap) {
        free(buf);
        cap = 2 * len + 64;
        buf = malloc(cap);
    }
    if (!buf)
        abort();
    memset(buf, 0x55, len + 1);
    return buf;
}

static void get_from_file(struct program *p, struct subject *s, uint8_t *buf, size_t len)
{
    hold(p, !s->wrote || fflush(s->file) == 0, "fflush() failed");
    s->wrote = false;
    size_t due = len < rest_of(s) ? len : rest_of(s);
    hold(p, fread(buf, 1, len, s->file) == due, "fread() differs in length");
    hold(p, !ferror(s->file), "fread() failed");
    clearerr(s->file);
    calls_made++;
}

static void get(struct program *p, struct subject *s, size_t len)
{
    uint8_t *buf = room_for(len);
    size_t due = len < rest_of(s) ? len : rest_of(s), got = 0, n = 0;
    if (s->kind == SEEN_AS_FILE) {
        get_from_file(p, s, buf, len);
    } else {
        enum rove_status status = ROVE_E_AGAIN;
        while (status == ROVE_E_AGAIN) {
            status = rove_stream_read(s->stream, buf + got, len - got, chance(p, 20) ? &n : &n);
            got += n;
        }
        is(p, due < len ? ROVE_END : ROVE_OK, status);
        hold(p, got == due, "read differs in length");
    }
    hold(p, same(buf, here(s), due), "read gave other bytes");
    hold(p, buf[len] == 0x55, "read wrote past the buffer");
    s->pos += due;
}

static void act_read(struct program *p, struct subject *s, struct act *act)
{
    act->len = draw_rest(p, s);
    get(p, s, act->len);
}

static void act_read_small(struct program *p, struct subject *s, struct act *act)
{
    act->len = 1 + below(p, 12);
    for (size_t i = 0; i < act->len; i++)
        get(p, s, (size_t) 1 << below(p, 4));
}

static void act_readv(struct program *p, struct subject *s, struct act *act)
{
    size_t len = draw_rest(p, s), a = below(p, len + 1);
    if (s->kind == OVER_CALLBACKS) {
        get(p, s, len);
        return;
    }
    uint8_t *buf = room_for(len);
    struct iovec iov[3] = {{buf, a}, {NULL, 0}, {buf + a, len - a}};
    uint64_t got = 0;
    size_t due = len < rest_of(s) ? len : rest_of(s);
    act->len = len;
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    is(p, due < len ? ROVE_END : ROVE_OK, rove_stream_readv(s->stream, iov, 3, &got));
    hold(p, got == due, "readv differs in length");
    hold(p, same(buf, here(s), due), "readv gave other bytes");
    s->pos += due;
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

static void act_pread(struct program *p, struct subject *s, struct act *act)
{
    size_t off = act->off = rng_off(&p->rng, p->chunk_len, s->model.len) + below(p, 2);
    size_t rest = off < s->model.len ? s->model.len - off : 0, got = 0, n = 0;
    size_t len = act->len = rng_len(&p->rng, p->chunk_len, rest + 3);
    size_t due = len < rest ? len : rest;
    uint8_t *buf = room_for(len);
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    enum rove_status status = ROVE_E_AGAIN;
    while (status == ROVE_E_AGAIN) {
        status = rove_stream_pread(s->stream, off + got, buf + got, len - got, &n);
        got += n;
    }
    is(p, due < len ? ROVE_END : ROVE_OK, status);
    hold(p, got == due, "pread differs in length");
    hold(p, !due || same(buf, s->model.ptr + off, due), "pread gave other bytes");
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

static void act_peek(struct program *p, struct subject *s, struct act *act)
{
    const uint8_t *ptr = NULL;
    size_t len = 99;
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    PATIENTLY(p, rest_of(s) ? ROVE_OK : ROVE_END, rove_stream_peek(s->stream, &ptr, &len));
    act->len = len;
    hold(p, len <= rest_of(s) && !len == !rest_of(s), "peek differs in length");
    hold(p, p->wrong || same(ptr, here(s), len), "peek gave other bytes");
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

// Where a read up to a delimiter stops.
static size_t due_until(const struct subject *s, struct rove_span delim, size_t max)
{
    size_t most = rest_of(s) < max ? rest_of(s) : max;
    for (size_t len = delim.len; len <= most; len++)
        if (memcmp(here(s) + len - delim.len, delim.ptr, delim.len) == 0)
            return len;
    return most;
}

static bool ends_with(const struct subject *s, size_t len, struct rove_span delim)
{
    return len >= delim.len && memcmp(here(s) + len - delim.len, delim.ptr, delim.len) == 0;
}

static void act_read_until(struct program *p, struct subject *s, struct act *act)
{
    size_t max = act->len = draw_rest(p, s), got = 0;
    struct rove_span delim = {text(p, 4), 1 + below(p, 4)};
    size_t due = due_until(s, delim, max);
    uint8_t *buf = room_for(max);
    if (s->kind == OVER_CALLBACKS) // it may stop anywhere, and does not know how it began
        return;
    bool full = due == max || ends_with(s, due, delim);
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    is(p, full ? ROVE_OK : ROVE_END, rove_stream_read_until(s->stream, delim, buf, max, &got));
    hold(p, got == due, "read_until differs in length");
    hold(p, same(buf, here(s), due), "read_until gave other bytes");
    s->pos += due;
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

static void line_from_file(struct program *p, struct subject *s, uint8_t delim, size_t due)
{
    static char *line;
    static size_t cap;
    hold(p, !s->wrote || fflush(s->file) == 0, "fflush() failed");
    s->wrote = false;
    ssize_t len = getdelim(&line, &cap, delim, s->file);
    hold(p, len == (due ? (ssize_t) due : -1), "getdelim() differs in length");
    hold(p, !due || same(line, here(s), due), "getdelim() gave other bytes");
    clearerr(s->file);
}

static void act_line(struct program *p, struct subject *s, struct act *act)
{
    uint8_t delim = *text(p, 1);
    size_t max = act->len = chance(p, 3) && s->kind != SEEN_AS_FILE ? 1 + below(p, 20) : 0;
    if (p->little_memory && !max && s->kind != SEEN_AS_FILE)
        max = 20000; // a line across chunks is gathered in memory that cannot sleep
    size_t due = due_until(s, (struct rove_span){&delim, 1}, max ? max : SIZE_MAX);
    struct rove_span line = {NULL, 0};
    if (s->kind == SEEN_AS_FILE) {
        line_from_file(p, s, delim, due);
    } else {
        PATIENTLY(p, due ? ROVE_OK : ROVE_END, rove_stream_line(s->stream, delim, max, &line));
        hold(p, line.len == due, "a line differs in length");
        hold(p, p->wrong || same(line.ptr, here(s), due), "a line differs");
    }
    s->pos += due;
}

// the cursor and the length ---------------------------------------------------------------------

// Where to go: an edge of chunks, a hole, or a little past the end.
static size_t draw_place(struct program *p, const struct subject *s)
{
    const struct hole_model *hole = &s->holes[below(p, SUBJECT_HOLES)];
    if (hole->hole.id && !hole->gone && !hole->filled && chance(p, 2))
        return hole->off + below(p, (size_t) hole->hole.len + 1);
    size_t past = chance(p, 8) ? below(p, 40) : 0;
    return rng_off(&p->rng, p->chunk_len, s->model.len) + past;
}

static void act_seek(struct program *p, struct subject *s, struct act *act)
{
    size_t to = draw_place(p, s);
    enum rove_whence whence = (enum rove_whence) below(p, 3);
    int64_t from = whence == ROVE_SET ? 0 : (int64_t) (whence == ROVE_CUR ? s->pos : s->model.len);
    bool negative = chance(p, 20);
    int64_t off = negative ? -from - 1 - (int64_t) below(p, 3) : (int64_t) to - from;
    uint64_t pos = to, *pos_out = chance(p, 3) ? NULL : &pos;
    act->off = to;
    if (s->kind == SEEN_AS_FILE) {
        hold(p, fseeko(s->file, off, (int) whence) == (negative ? -1 : 0), "fseeko() differs");
        s->wrote = false;
        calls_made++;
    } else {
        PATIENTLY(p, negative ? ROVE_E_RANGE : ROVE_OK,
                  rove_stream_seek(s->stream, off, whence, pos_out));
    }
    if (!negative)
        s->pos = to;
    hold(p, negative || pos == to, "seek gave another position");
}

static void act_seek_near(struct program *p, struct subject *s, struct act *act)
{
    size_t back = below(p, 12), forth = below(p, 12);
    size_t to = act->off = s->pos > back ? s->pos - back + forth : forth;
    if (s->kind == SEEN_AS_FILE) {
        hold(p, fseeko(s->file, (off_t) to - (off_t) s->pos, SEEK_CUR) == 0, "fseeko() failed");
        s->wrote = false;
    } else {
        PATIENTLY(p, ROVE_OK, rove_stream_seek(s->stream, (int64_t) to - (int64_t) s->pos,
                                               ROVE_CUR, NULL));
    }
    s->pos = to;
}

static enum rove_status resizable(const struct subject *s, enum rove_status status)
{
    return s->kind == OVER_FILE ? ROVE_E_UNSUPPORTED : status;
}

static void act_truncate(struct program *p, struct subject *s, struct act *act)
{
    size_t len = act->len = chance(p, 2) ? s->model.len - below(p, s->model.len / 8 + 1)
                                         : rng_off(&p->rng, p->chunk_len, s->model.len);
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    if (s->kind != OVER_FILE)
        PATIENTLY(p, ROVE_E_RANGE,
                  rove_stream_truncate(s->stream, s->model.len + 1 + below(p, 3)));
    PATIENTLY(p, resizable(s, ROVE_OK), rove_stream_truncate(s->stream, len));
    if (resizable(s, ROVE_OK) == ROVE_OK)
        subject_model_resize(s, len);
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

static void act_resize(struct program *p, struct subject *s, struct act *act)
{
    size_t len = act->len = chance(p, 2) ? s->model.len + draw_len(p, s)
                                         : rng_off(&p->rng, p->chunk_len, s->model.len);
    hold(p, subject_leave_file(s), "leaving the FILE failed");
    PATIENTLY(p, resizable(s, ROVE_OK), rove_stream_resize(s->stream, len));
    if (resizable(s, ROVE_OK) == ROVE_OK)
        subject_model_resize(s, len);
    hold(p, subject_enter_file(s), "going back to the FILE failed");
}

static void act_flush(struct program *p, struct subject *s, struct act *act)
{
    (void) act;
    hold(p, s->kind != SEEN_AS_FILE || fflush(s->file) == 0, "fflush() failed");
    s->wrote = false;
    if (s->kind != SEEN_AS_FILE)
        PATIENTLY(p, ROVE_OK, rove_stream_flush(s->stream));
}

const struct kind stream_acts[STREAM_ACTS] = {
    {"write", act_write, 14},
    {"small writes", act_write_small, 14},
    {"writev", act_writev, 4},
    {"pwrite", act_pwrite, 4},
    {"printf", act_printf, 3},
    {"reserve, commit", act_reserve, 6},
    {"read", act_read, 10},
    {"small reads", act_read_small, 10},
    {"readv", act_readv, 3},
    {"pread", act_pread, 4},
    {"peek", act_peek, 4},
    {"read_until", act_read_until, 4},
    {"line", act_line, 6},
    {"seek", act_seek, 14},
    {"seek near", act_seek_near, 14},
    {"truncate", act_truncate, 3},
    {"resize", act_resize, 2},
    {"flush", act_flush, 2},
};
