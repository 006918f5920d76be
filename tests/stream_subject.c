// SPDX-License-Identifier: MIT
// stream_subject.c: making, checking and dropping a stream of each kind.
#include "stream_subject.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stream/rope_device.h"
#include "support/os_fault.h"
#include "support/shapes.h"
#include "support/suite.h"

const char *const subject_names[SUBJECT_KINDS] = {"rope", "rope seen as a FILE", "descriptor",
                                                  "FILE", "callbacks"};

// callbacks -------------------------------------------------------------------------------------

static bool would_block(struct backing *b)
{
    return rng_below(&b->rng, 5) == 0;
}

static size_t some_of(struct backing *b, size_t len)
{
    return rng_below(&b->rng, 3) ? 1 + rng_below(&b->rng, len) : len;
}

static enum rove_status backing_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    struct backing *b = ctx;
    if (would_block(b))
        return ROVE_E_AGAIN;
    if (b->pos >= b->model.len)
        return ROVE_END;
    size_t rest = b->model.len - b->pos;
    *len_out = some_of(b, len < rest ? len : rest);
    memcpy(buf, b->model.ptr + b->pos, *len_out);
    b->pos += *len_out;
    return ROVE_OK;
}

static enum rove_status backing_write(void *ctx, const void *src, size_t len, size_t *len_out)
{
    struct backing *b = ctx;
    struct subject as = {.model = b->model};
    if (would_block(b))
        return ROVE_E_AGAIN;
    *len_out = some_of(b, len);
    subject_model_write(&as, b->pos, src, *len_out);
    b->model = as.model;
    b->pos += *len_out;
    return ROVE_OK;
}

static enum rove_status backing_seek(void *ctx, uint64_t pos)
{
    struct backing *b = ctx;
    b->pos = (size_t) pos;
    return ROVE_OK;
}

static enum rove_status backing_tell(void *ctx, uint64_t *pos_out)
{
    struct backing *b = ctx;
    *pos_out = b->pos;
    return ROVE_OK;
}

static enum rove_status backing_length(void *ctx, uint64_t *len_out)
{
    struct backing *b = ctx;
    *len_out = b->model.len;
    return ROVE_OK;
}

static enum rove_status backing_resize(void *ctx, uint64_t len)
{
    struct backing *b = ctx;
    struct subject as = {.model = b->model};
    subject_model_resize(&as, (size_t) len);
    b->model = as.model;
    return ROVE_OK;
}

static enum rove_status backing_flush(void *ctx)
{
    return would_block(ctx) ? ROVE_E_AGAIN : ROVE_OK;
}

static enum rove_status backing_close(void *ctx)
{
    struct backing *b = ctx;
    b->closed++;
    return ROVE_OK;
}

static const struct rove_io backing_io = {.size = sizeof backing_io,
                                          .read = backing_read,
                                          .write = backing_write,
                                          .seek = backing_seek,
                                          .tell = backing_tell,
                                          .length = backing_length,
                                          .resize = backing_resize,
                                          .flush = backing_flush,
                                          .close = backing_close};

// life ------------------------------------------------------------------------------------------

bool subject_init(struct subject *s, enum subject_kind kind, struct rove_pool *pool, uint64_t seed)
{
    memset(s, 0, sizeof *s);
    s->kind = kind;
    s->fd = -1;
    switch (kind) {
    case OVER_ROPE:
        return CHECK_OK(rove_stream_new(pool, &s->stream));
    case SEEN_AS_FILE:
        return CHECK_OK(rove_stream_new(pool, &s->stream)) &&
               CHECK_OK(rove_fopen(s->stream, "w+", &s->file));
    case OVER_FD:
        s->fd = file_of("", 0);
        return CHECK(s->fd >= 0) && CHECK_OK(rove_stream_from_fd(s->fd, 0, pool, &s->stream));
    case OVER_FILE:
        s->file = tmpfile();
        return CHECK(s->file != NULL) &&
               CHECK_OK(rove_stream_from_file(s->file, pool, &s->stream));
    default:
        s->backing = calloc(1, sizeof *s->backing);
        s->backing->rng = rng_from(seed);
        return CHECK_OK(rove_stream_from_io(&backing_io, s->backing, pool, &s->stream));
    }
}

static enum rove_status close_patiently(struct rove_stream *stream)
{
    enum rove_status status;
    do
        status = rove_stream_close(stream);
    while (status == ROVE_E_AGAIN);
    return status;
}

static bool file_holds(int fd, const struct model *model)
{
    uint8_t *got = malloc(model->len + 1);
    size_t len = 0;
    ssize_t n;
    while (len <= model->len && (n = pread(fd, got + len, model->len + 1 - len, (off_t) len)) > 0)
        len += (size_t) n;
    bool same = len == model->len && (!len || memcmp(got, model->ptr, len) == 0);
    free(got);
    return same;
}

static const char *look_behind(struct subject *s)
{
    if (s->kind == OVER_FD && !file_holds(s->fd, &s->model))
        return "the file holds other bytes";
    if (s->kind == OVER_FILE && !file_holds(fileno(s->file), &s->model))
        return "the FILE holds other bytes";
    if (s->kind != OVER_CALLBACKS)
        return NULL;
    if (s->backing->closed != 1)
        return "the callback's close was not called once";
    const struct model *got = &s->backing->model;
    bool same = got->len == s->model.len &&
                (!got->len || memcmp(got->ptr, s->model.ptr, got->len) == 0);
    return same ? NULL : "the callbacks hold other bytes";
}

const char *subject_fini(struct subject *s)
{
    const char *wrong = NULL;
    if (s->kind == SEEN_AS_FILE && s->file && fclose(s->file) != 0)
        wrong = "fclose() failed";
    if (s->stream && close_patiently(s->stream) != ROVE_OK)
        wrong = "closing failed";
    if (!wrong && s->stream)
        wrong = look_behind(s);
    rove_stream_free(s->stream);
    if (s->kind == OVER_FILE && s->file)
        fclose(s->file);
    if (s->fd >= 0)
        close(s->fd);
    if (s->backing)
        model_fini(&s->backing->model);
    free(s->backing);
    model_fini(&s->model);
    memset(s, 0, sizeof *s);
    s->fd = -1;
    return wrong;
}

bool subject_leave_file(struct subject *s)
{
    if (s->kind != SEEN_AS_FILE)
        return true;
    return fflush(s->file) == 0 &&
           rove_stream_seek(s->stream, (int64_t) s->pos, ROVE_SET, NULL) == ROVE_OK;
}

bool subject_enter_file(struct subject *s)
{
    s->wrote = false;
    return s->kind != SEEN_AS_FILE || fseeko(s->file, (off_t) s->pos, SEEK_SET) == 0;
}

// models ----------------------------------------------------------------------------------------

void subject_model_resize(struct subject *s, size_t len)
{
    struct model *model = &s->model;
    if (len < model->len) {
        subject_model_shift(s, len, model->len - len, NULL, 0);
    } else if (len > model->len) {
        uint8_t *zeros = calloc(1, len - model->len);
        model_replace(model, model->len, 0, zeros, len - model->len);
        free(zeros);
    }
}

void subject_model_write(struct subject *s, size_t off, const void *src, size_t len)
{
    if (!len)
        return;
    if (off > s->model.len)
        subject_model_resize(s, off);
    size_t over = s->model.len - off < len ? s->model.len - off : len;
    model_replace(&s->model, off, over, src, len);
}

void subject_model_shift(struct subject *s, size_t off, size_t del, const void *src, size_t len)
{
    model_replace(&s->model, off, del, src, len);
    for (size_t i = 0; i < SUBJECT_HOLES; i++) {
        struct hole_model *hole = &s->holes[i];
        size_t end = hole->off + (size_t) hole->hole.len;
        bool cut = end > off && ((del && hole->off < off + del) || (len && hole->off < off));
        if (cut)
            hole->gone = true;
        else if (hole->off >= off + del)
            hole->off = hole->off - del + len;
    }
}

// checks ----------------------------------------------------------------------------------------

static const char *check_figures(struct subject *s)
{
    uint64_t pos = 0, len = 0;
    enum rove_status status;
    if (rove_stream_tell(s->stream, &pos) != ROVE_OK || pos != s->pos)
        return "tell differs";
    do
        status = rove_stream_size(s->stream, &len);
    while (status == ROVE_E_AGAIN);
    if (status != ROVE_OK || len != s->model.len)
        return "size differs";
    return NULL;
}

const char *subject_check(struct subject *s)
{
    if (rove_stream_error(s->stream) != ROVE_OK)
        return "a failure sticks";
    if (s->kind == SEEN_AS_FILE)
        return ftello(s->file) == (off_t) s->pos ? NULL : "ftello() differs";
    const char *wrong = check_figures(s);
    if (!wrong && s->kind == OVER_ROPE) // not rv_stream_rope(), which would drop the window
        wrong = rove_rope_check(&rv_rope_stream(rv_stream(s->stream))->rope);
    return wrong;
}

const char *subject_check_bytes(struct subject *s)
{
    uint8_t *got = malloc(s->model.len + 1);
    size_t len = 0;
    const char *wrong = subject_leave_file(s) ? NULL : "fflush() failed";
    enum rove_status status = ROVE_E_AGAIN;
    while (status == ROVE_E_AGAIN && !wrong) {
        size_t n;
        status = rove_stream_pread(s->stream, len, got + len, s->model.len + 1 - len, &n);
        len += n;
    }
    if (!wrong && (status != ROVE_END || len != s->model.len))
        wrong = "pread of all differs in length";
    if (!wrong && len && memcmp(got, s->model.ptr, len) != 0)
        wrong = "the bytes differ";
    free(got);
    if (!wrong)
        wrong = check_figures(s);
    if (!wrong && !subject_enter_file(s))
        wrong = "fseeko() failed";
    return wrong;
}
