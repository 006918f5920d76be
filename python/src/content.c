// SPDX-License-Identifier: MIT
// content.c: see content.h.
#include "content.h"

static bool is_shared(const struct rp_bytesio *self)
{
    return Py_REFCNT(self->flat) > 1;
}

int rp_enter_change(struct rp_bytesio *self)
{
    if (rp_enter(self))
        return -1;
    if (!self->exports)
        return 0;
    PyErr_SetString(PyExc_BufferError, "Existing exports of data: object cannot be re-sized");
    return -1;
}

struct rove_pool *rp_content_pool(const struct rp_bytesio *self)
{
    return self->pool ? ((struct rp_pool *) self->pool)->pool : NULL;
}

void rp_drop(struct rp_bytesio *self)
{
    struct rove_stream *stream = self->stream;
    self->stream = NULL;
    Py_CLEAR(self->flat);
    self->size = self->pos = 0;
    self->shares = false;
    if (!rp_guard_is_lost(&self->guard)) // else it is in the middle of something
        rove_stream_free(stream);
}

// Whether a call with so many bytes is worth letting go of the interpreter's lock: in a pool it may go to disk.
static bool is_long(const struct rp_bytesio *self, Py_ssize_t len)
{
    return len >= (self->pool ? RP_SLEEPS : RP_BIG);
}

// ---- From one form to the other -------------------------------------------------------------------

int rp_to_stream(struct rp_bytesio *self)
{
    if (self->stream)
        return 0;
    struct rove_rope rope;
    struct rove_stream *stream = NULL;
    rove_rope_init(&rope, rp_content_pool(self));
    size_t len = (size_t) self->size;
    enum rove_status status = self->size > RP_FLAT
                                  ? rp_append_bytes(&rope, self->flat, len)
                                  : rove_rope_append(&rope, PyBytes_AS_STRING(self->flat), len);
    if (status == ROVE_OK)
        status = rove_stream_from_rope(&rope, &stream);
    if (status == ROVE_OK)
        status = rove_stream_seek(stream, self->pos, ROVE_SET, NULL);
    if (status != ROVE_OK) {
        rove_stream_free(stream);
        rove_rope_fini(&rope);
        rp_raise(status);
        return -1;
    }
    self->stream = stream;
    Py_CLEAR(self->flat);
    return 0;
}

// How much is given back at a time while large content becomes flat, so that it is not in memory twice.
#define STEP ((size_t) 64 << 20)

// Content that may be asleep on disk, in its own pool or in that of a View, is not dropped before all of it was read:
// reading could fail. To drop what others hold may take memory; without it, that stays where it is and is in memory twice.
static enum rove_status copy_out(struct rp_bytesio *self, char *to, size_t len)
{
    struct rove_pool *pool = rp_content_pool(self);
    struct rove_pool_figures figures;
    enum rove_status status = ROVE_OK;
    rove_pool_measure(pool, &figures);
    bool drops = len > STEP && figures.limit == 0 && !self->shares;
    size_t dropped = 0;
    for (size_t done = 0; done < len && status == ROVE_OK;) {
        size_t part = len - done < STEP ? len - done : STEP;
        status = rove_stream_pread(self->stream, done - dropped, to + done, part, NULL);
        done += part;
        drops = drops && status == ROVE_OK && rove_stream_drop_front(self->stream, done - dropped) == ROVE_OK;
        if (!drops)
            continue;
        dropped = done;
        (void) rove_pool_trim(pool);
    }
    return status;
}

int rp_to_flat(struct rp_bytesio *self)
{
    if (self->flat)
        return 0;
    Py_ssize_t len = rp_length(self), pos = rp_tell(self);
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, len);
    if (!bytes)
        return -1;
    enum rove_status status;
    if (!is_long(self, len)) {
        status = copy_out(self, PyBytes_AS_STRING(bytes), (size_t) len);
    } else {
        (void) rp_guard_take(&self->guard); // nobody has it: rp_enter() waited
        Py_BEGIN_ALLOW_THREADS
        status = copy_out(self, PyBytes_AS_STRING(bytes), (size_t) len);
        Py_END_ALLOW_THREADS
        rp_guard_give(&self->guard);
    }
    if (status != ROVE_OK) {
        Py_DECREF(bytes);
        rp_raise_of(status, self->stream);
        return -1;
    }
    rove_stream_free(self->stream);
    self->stream = NULL;
    self->shares = false;
    self->flat = bytes;
    self->size = len;
    self->pos = pos;
    return 0;
}

// A bytes object may remember its hash, from when somebody else had it, and is about to be written.
static void forget_hash(PyObject *bytes)
{
    _Py_COMP_DIAG_PUSH
    _Py_COMP_DIAG_IGNORE_DEPR_DECLS
    ((PyBytesObject *) bytes)->ob_shash = -1;
    _Py_COMP_DIAG_POP
}

// Puts flat content into a bytes object of its own that has so much room; as much of it as that holds.
static int move_flat(struct rp_bytesio *self, Py_ssize_t room)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, room);
    if (!bytes)
        return -1;
    memcpy(PyBytes_AS_STRING(bytes), PyBytes_AS_STRING(self->flat), (size_t) (room < self->size ? room : self->size));
    Py_SETREF(self->flat, bytes);
    return 0;
}

// Makes the bytes object as long as the content. What is over stays with it where it is little: to move could fail.
static int fit_flat(struct rp_bytesio *self)
{
    Py_ssize_t room = PyBytes_GET_SIZE(self->flat);
    if (self->size == room)
        return 0;
    if (self->size < room - room / 4 - 16 || is_shared(self))
        return move_flat(self, self->size);
    forget_hash(self->flat); // that of what it was before it was shortened
    Py_SET_SIZE(self->flat, self->size);
    PyBytes_AS_STRING(self->flat)[self->size] = 0;
    return 0;
}

int rp_unshare(struct rp_bytesio *self)
{
    if (is_shared(self))
        return move_flat(self, self->size);
    forget_hash(self->flat);
    return fit_flat(self);
}

// ---- Change ---------------------------------------------------------------------------------------

static int write_stream(struct rp_bytesio *self, const char *ptr, Py_ssize_t len)
{
    enum rove_status status;
    if (!is_long(self, len)) {
        status = rove_stream_write(self->stream, ptr, (size_t) len);
    } else {
        (void) rp_guard_take(&self->guard);
        Py_BEGIN_ALLOW_THREADS
        status = rove_stream_write(self->stream, ptr, (size_t) len);
        Py_END_ALLOW_THREADS
        rp_guard_give(&self->guard);
    }
    if (status == ROVE_OK)
        return 0;
    rp_raise_of(status, self->stream);
    return -1;
}

// Room for end bytes, or 1 when flat is not what they should be in.
static int room_in_flat(struct rp_bytesio *self, Py_ssize_t end)
{
    Py_ssize_t room = PyBytes_GET_SIZE(self->flat);
    if (!is_shared(self) && end <= room) {
        forget_hash(self->flat);
        return 0;
    }
    if (end > RP_FLAT || self->size > RP_FLAT)
        return 1;
    if (end < self->size)
        end = self->size;
    // The first room is exact, for what is written once; then it grows by a quarter.
    return move_flat(self, end <= room || room == 0 ? end : end + (end >> 2) + 8);
}

int rp_write(struct rp_bytesio *self, const char *ptr, Py_ssize_t len)
{
    if (self->stream)
        return write_stream(self, ptr, len);
    if (self->pos > PY_SSIZE_T_MAX - len) {
        PyErr_SetString(PyExc_OverflowError, "new position too large");
        return -1;
    }
    Py_ssize_t end = self->pos + len;
    switch (room_in_flat(self, end)) {
    case 0:
        break;
    case 1:
        return rp_to_stream(self) ? -1 : write_stream(self, ptr, len);
    default:
        return -1;
    }
    char *to = PyBytes_AS_STRING(self->flat);
    if (self->pos > self->size)
        memset(to + self->size, 0, (size_t) (self->pos - self->size));
    memcpy(to + self->pos, ptr, (size_t) len);
    self->pos = end;
    if (end > self->size)
        self->size = end;
    return 0;
}

Py_ssize_t rp_write_view(struct rp_bytesio *self, PyObject *obj)
{
    struct rove_view view;
    if (rp_view_of(obj, NULL, &view) < 0)
        return -1;
    Py_ssize_t len = (Py_ssize_t) rove_view_len(&view);
    int rc = rp_enter_change(self);
    if (rc == 0 && len && (rc = rp_to_stream(self)) == 0) {
        enum rove_status status = rove_stream_write_view(self->stream, &view);
        self->shares = true;
        if (status != ROVE_OK) {
            rp_raise_of(status, self->stream);
            rc = -1;
        }
    }
    rove_view_fini(&view);
    return rc ? -1 : len;
}

int rp_truncate(struct rp_bytesio *self, Py_ssize_t len)
{
    if (len >= rp_length(self))
        return 0;
    if (self->flat && len > RP_FLAT && rp_to_stream(self))
        return -1;
    if (self->stream) {
        enum rove_status status = rove_stream_truncate(self->stream, (uint64_t) len);
        if (status == ROVE_OK)
            return 0;
        rp_raise_of(status, self->stream);
        return -1;
    }
    if ((is_shared(self) || len < PyBytes_GET_SIZE(self->flat) / 2) && move_flat(self, len))
        return -1;
    self->size = len;
    return 0;
}

// ---- Ask ------------------------------------------------------------------------------------------

Py_ssize_t rp_length(struct rp_bytesio *self)
{
    uint64_t len = (uint64_t) self->size;
    if (self->stream && rove_stream_size(self->stream, &len) != ROVE_OK)
        return 0; // a rope always has a length
    return (Py_ssize_t) len;
}

Py_ssize_t rp_tell(struct rp_bytesio *self)
{
    uint64_t pos = (uint64_t) self->pos;
    if (self->stream && rove_stream_tell(self->stream, &pos) != ROVE_OK)
        return 0; // an open stream always has a cursor
    return (Py_ssize_t) pos;
}

int rp_seek(struct rp_bytesio *self, Py_ssize_t pos)
{
    if (!self->stream) {
        self->pos = pos;
        return 0;
    }
    enum rove_status status = rove_stream_seek(self->stream, pos, ROVE_SET, NULL);
    if (status == ROVE_OK)
        return 0;
    rp_raise_of(status, self->stream);
    return -1;
}

// ---- Read -----------------------------------------------------------------------------------------

PyObject *rp_value(struct rp_bytesio *self)
{
    if (rp_to_flat(self))
        return NULL;
    if (self->size <= 1 || self->exports) // the shortest are the interpreter's own objects
        return PyBytes_FromStringAndSize(PyBytes_AS_STRING(self->flat), self->size);
    return fit_flat(self) ? NULL : Py_NewRef(self->flat);
}

static PyObject *read_flat(struct rp_bytesio *self, Py_ssize_t size)
{
    Py_ssize_t rest = self->size - self->pos;
    if (size < 0 || size > rest)
        size = rest < 0 ? 0 : rest;
    PyObject *bytes;
    if (size > 1 && self->pos == 0 && size == self->size && !self->exports)
        bytes = rp_value(self);
    else
        bytes = PyBytes_FromStringAndSize(PyBytes_AS_STRING(self->flat) + self->pos, size);
    if (bytes)
        self->pos += size;
    return bytes;
}

Py_ssize_t rp_read_into(struct rp_bytesio *self, char *to, Py_ssize_t len)
{
    if (!self->stream) {
        Py_ssize_t rest = self->size - self->pos;
        if (len > rest)
            len = rest < 0 ? 0 : rest;
        if (len > 0) // the caller may have given a buffer of ours to read into
            memmove(to, PyBytes_AS_STRING(self->flat) + self->pos, (size_t) len);
        self->pos += len;
        return len;
    }
    size_t done = 0;
    enum rove_status status;
    if (!is_long(self, len)) {
        status = rove_stream_read(self->stream, to, (size_t) len, &done);
    } else {
        (void) rp_guard_take(&self->guard);
        Py_BEGIN_ALLOW_THREADS
        status = rove_stream_read(self->stream, to, (size_t) len, &done);
        Py_END_ALLOW_THREADS
        rp_guard_give(&self->guard);
    }
    if (status >= 0 || done) // before a failure that comes again
        return (Py_ssize_t) done;
    rp_raise_of(status, self->stream);
    return -1;
}

// Of bytes that were read there was no memory for an object: they are to be read again. Returns NULL.
static PyObject *read_back(struct rp_bytesio *self, size_t len)
{
    enum rove_status ignored = rove_stream_seek(self->stream, -(int64_t) len, ROVE_CUR, NULL); // on a rope it cannot fail
    (void) ignored;
    return NULL;
}

PyObject *rp_read(struct rp_bytesio *self, Py_ssize_t size)
{
    if (self->flat)
        return read_flat(self, size);
    if (size < 0 || size > RP_FLAT) { // what is asked for need not be there
        Py_ssize_t pos = rp_tell(self), len = rp_length(self);
        if (size < 0 || size > len - pos)
            size = pos < len ? len - pos : 0;
        if (size == len)
            return rp_to_flat(self) ? NULL : read_flat(self, size);
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, size);
    if (!bytes)
        return NULL;
    size_t all = 0;
    if (!is_long(self, size) && rove_stream_read(self->stream, PyBytes_AS_STRING(bytes), (size_t) size, &all) == ROVE_OK)
        return bytes;
    if (all) // the end, or before a failure that comes again
        return _PyBytes_Resize(&bytes, (Py_ssize_t) all) ? read_back(self, all) : bytes;
    Py_ssize_t got = rp_read_into(self, PyBytes_AS_STRING(bytes), size);
    if (got < 0)
        Py_CLEAR(bytes);
    else if (got < size && _PyBytes_Resize(&bytes, got))
        return read_back(self, (size_t) got);
    return bytes;
}

PyObject *rp_line(struct rp_bytesio *self, Py_ssize_t max)
{
    if (self->stream) {
        struct rove_span span = {0};
        if (max == 0)
            return PyBytes_FromStringAndSize(NULL, 0);
        enum rove_status status = rove_stream_line(self->stream, '\n', max < 0 ? 0 : (size_t) max, &span);
        if (status < 0)
            return rp_raise_of(status, self->stream);
        PyObject *bytes = PyBytes_FromStringAndSize((const char *) span.ptr, (Py_ssize_t) span.len);
        return bytes ? bytes : read_back(self, span.len);
    }
    Py_ssize_t rest = self->size - self->pos;
    if (rest <= 0 || max == 0)
        return PyBytes_FromStringAndSize(NULL, 0);
    if (max > 0 && max < rest)
        rest = max;
    const char *from = PyBytes_AS_STRING(self->flat) + self->pos;
    const char *end = memchr(from, '\n', (size_t) rest);
    if (end)
        rest = end + 1 - from;
    PyObject *line = PyBytes_FromStringAndSize(from, rest);
    if (line)
        self->pos += rest;
    return line;
}
