// SPDX-License-Identifier: MIT
// beyond.c: rove.BytesIO, the methods that io.BytesIO does not have.
#include "content.h"

static struct rp_bytesio *self_of(PyObject *op)
{
    return (struct rp_bytesio *) op;
}

// What these methods change or pin is a rope's.
static struct rove_stream *stream_of(struct rp_bytesio *self)
{
    return rp_enter_change(self) || rp_to_stream(self) ? NULL : self->stream;
}

PyDoc_STRVAR(size_doc, "size($self, /)\n--\n\nThe length of the content in bytes.");
static PyObject *more_size(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    return rp_enter(self_of(op)) ? NULL : PyLong_FromSsize_t(rp_length(self_of(op)));
}

PyDoc_STRVAR(insert_doc, "insert($self, b, /)\n--\n\n"
"Put bytes, or a rove.View or rove.Rope, in at the cursor, before what follows; returns their number.\n\n"
"Moves nothing: O(log n). Views and ropes are shared, not copied.");
static PyObject *more_insert(PyObject *op, PyObject *arg)
{
    struct rp_bytesio *self = self_of(op);
    struct rove_view view;
    if (PyBytes_CheckExact(arg) && PyBytes_GET_SIZE(arg) <= (Py_ssize_t) ROVE_MERGE_LEN) {
        size_t few = (size_t) PyBytes_GET_SIZE(arg);
        struct rove_stream *to = stream_of(self);
        if (!to)
            return NULL;
        enum rove_status done = rove_stream_insert(to, PyBytes_AS_STRING(arg), few);
        return done == ROVE_OK ? PyLong_FromSize_t(few) : rp_raise_of(done, to);
    }
    int rc = rp_view_of(arg, rp_content_pool(self), &view);
    if (rc < 0)
        return NULL;
    if (rc == 0)
        return PyErr_Format(PyExc_TypeError, "a bytes-like object is required, not '%.100s'", Py_TYPE(arg)->tp_name);
    Py_ssize_t len = (Py_ssize_t) rove_view_len(&view);
    struct rove_stream *stream = stream_of(self);
    enum rove_status status = stream ? rove_stream_insert_view(stream, &view) : ROVE_OK;
    rove_view_fini(&view);
    if (!stream)
        return NULL;
    self->shares |= rp_is_ours(arg);
    return status == ROVE_OK ? PyLong_FromSsize_t(len) : rp_raise_of(status, stream);
}

static int opt_size(PyObject *const *args, Py_ssize_t nargs, Py_ssize_t *size_out)
{
    *size_out = -1;
    if (nargs > 1) {
        PyErr_Format(PyExc_TypeError, "expected at most 1 argument, got %zd", nargs);
        return -1;
    }
    return nargs ? rp_size_of(args[0], size_out) : 0;
}

static uint64_t rest_of(struct rp_bytesio *self, Py_ssize_t size)
{
    Py_ssize_t pos = rp_tell(self), len = rp_length(self);
    Py_ssize_t rest = pos < len ? len - pos : 0;
    return (uint64_t) (size < 0 || size > rest ? rest : size);
}

PyDoc_STRVAR(erase_doc, "erase($self, size=-1, /)\n--\n\n"
"Take size bytes out at the cursor, or all that follow; what is behind them closes up. Returns their number. O(log n).");
static PyObject *more_erase(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    struct rp_bytesio *self = self_of(op);
    Py_ssize_t size;
    struct rove_stream *stream = opt_size(args, nargs, &size) ? NULL : stream_of(self);
    if (!stream)
        return NULL;
    uint64_t len = rest_of(self, size);
    enum rove_status status = len ? rove_stream_erase(stream, len) : ROVE_OK;
    return status == ROVE_OK ? PyLong_FromUnsignedLongLong(len) : rp_raise_of(status, stream);
}

PyDoc_STRVAR(drop_head_doc, "drop_head($self, size, /)\n--\n\n"
"Drop the first size bytes, or all where there are fewer, and give their memory back; the cursor keeps its byte.\n\n"
"Returns their number. Moves nothing: O(log n). For a queue.");
static PyObject *more_drop_head(PyObject *op, PyObject *arg)
{
    struct rp_bytesio *self = self_of(op);
    uint64_t size;
    struct rove_stream *stream = rp_u64_of(arg, &size) ? NULL : stream_of(self);
    if (!stream)
        return NULL;
    uint64_t len = (uint64_t) rp_length(self);
    if (size > len)
        size = len;
    enum rove_status status = size ? rove_stream_drop_front(stream, size) : ROVE_OK;
    return status == ROVE_OK ? PyLong_FromUnsignedLongLong(size) : rp_raise_of(status, stream);
}

PyDoc_STRVAR(take_doc, "take($self, size=-1, /)\n--\n\n"
"Take the first size bytes out, or all, and return them; fewer where there are fewer. The cursor keeps its byte.\n\n"
"Moves nothing else: O(log n). For a queue.");
static PyObject *more_take(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    struct rp_bytesio *self = self_of(op);
    Py_ssize_t size;
    struct rove_stream *stream = opt_size(args, nargs, &size) ? NULL : stream_of(self);
    if (!stream)
        return NULL;
    Py_ssize_t len = rp_length(self);
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, size < 0 || size > len ? len : size);
    if (!bytes || PyBytes_GET_SIZE(bytes) == 0)
        return bytes;
    enum rove_status status = rove_stream_take(stream, PyBytes_AS_STRING(bytes), (size_t) PyBytes_GET_SIZE(bytes), NULL);
    if (status == ROVE_OK)
        return bytes;
    Py_DECREF(bytes);
    return rp_raise_of(status, stream);
}

// While a buffer is exported the content has to stay flat, and may be written at any moment: then a view is a copy.
static int pin(struct rp_bytesio *self, uint64_t off, uint64_t len, struct rove_view *view_out)
{
    enum rove_status status;
    if (!self->exports && rp_to_stream(self))
        return -1;
    if (self->stream) {
        struct rove_view all;
        status = rove_stream_snapshot(self->stream, &all);
        if (status == ROVE_OK) {
            status = rove_view_sub(&all, off, len, view_out);
            rove_view_fini(&all);
        }
    } else {
        struct rove_rope rope;
        rove_rope_init(&rope, NULL);
        status = rove_rope_append(&rope, PyBytes_AS_STRING(self->flat) + off, (size_t) len);
        if (status == ROVE_OK)
            status = rove_rope_view(&rope, 0, len, view_out);
        rove_rope_fini(&rope);
    }
    if (status == ROVE_OK)
        return 0;
    rp_raise(status);
    return -1;
}

PyDoc_STRVAR(snapshot_doc, "snapshot($self, /)\n--\n\n"
"All content as a rove.View, in O(1), whatever is written later; nothing is copied and nothing is locked.");
static PyObject *more_snapshot(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    struct rp_bytesio *self = self_of(op);
    struct rove_view view;
    if (rp_enter(self) || pin(self, 0, (uint64_t) rp_length(self), &view))
        return NULL;
    return rp_view_new(&view);
}

PyDoc_STRVAR(read_view_doc, "read_view($self, size=-1, /)\n--\n\n"
"Like read(), but the bytes come as a rove.View, without a copy.");
static PyObject *more_read_view(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    struct rp_bytesio *self = self_of(op);
    Py_ssize_t size;
    struct rove_view view;
    if (opt_size(args, nargs, &size) || rp_enter(self))
        return NULL;
    uint64_t len = rest_of(self, size);
    Py_ssize_t pos = rp_tell(self);
    if (pin(self, len ? (uint64_t) pos : 0, len, &view))
        return NULL;
    PyObject *result = rp_view_new(&view);
    if (result && rp_seek(self, pos + (Py_ssize_t) len))
        Py_CLEAR(result);
    return result;
}

PyDoc_STRVAR(peek_doc, "peek($self, size=0, /)\n--\n\n"
"Bytes at the cursor, which stays: size of them, or fewer at the end; without a size, those that lie in one piece.");
static PyObject *more_peek(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    struct rp_bytesio *self = self_of(op);
    Py_ssize_t size;
    if (opt_size(args, nargs, &size) || rp_enter(self))
        return NULL;
    uint64_t rest = rest_of(self, size > 0 ? size : -1);
    if (self->flat)
        return PyBytes_FromStringAndSize(rest ? PyBytes_AS_STRING(self->flat) + self->pos : NULL, (Py_ssize_t) rest);
    if (size < 1) {
        const uint8_t *ptr = NULL;
        size_t len = 0;
        enum rove_status status = rove_stream_peek(self->stream, &ptr, &len);
        return status < 0 ? rp_raise_of(status, self->stream)
                          : PyBytes_FromStringAndSize((const char *) ptr, (Py_ssize_t) len);
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t) rest);
    if (!bytes || rest == 0)
        return bytes;
    enum rove_status status = rove_stream_pread(self->stream, (uint64_t) rp_tell(self), PyBytes_AS_STRING(bytes),
                                                (size_t) rest, NULL);
    if (status >= 0)
        return bytes;
    Py_DECREF(bytes);
    return rp_raise_of(status, self->stream);
}

// The place behind the next delimiter, or of the end.
static int find_end(struct rp_bytesio *self, const struct rp_given *delim, uint64_t rest, uint64_t *len_out)
{
    struct rove_view view;
    uint64_t at = 0;
    if (pin(self, rest ? (uint64_t) rp_tell(self) : 0, rest, &view))
        return -1;
    enum rove_status status = rp_find_bytes(&view, delim->ptr, (size_t) delim->len, &at);
    rove_view_fini(&view);
    *len_out = status == ROVE_OK ? at + (uint64_t) delim->len : rest;
    if (status >= 0)
        return rp_enter(self); // again: a signal may have closed it
    rp_raise(status);
    return -1;
}

PyDoc_STRVAR(readuntil_doc, "readuntil($self, delimiter=b'\\n', size=-1, /)\n--\n\n"
"Read up to and including a delimiter of any length; at most size bytes if size is not negative.\n\n"
"What comes without it is what was left, or all that size allows.");
static PyObject *more_readuntil(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    struct rp_bytesio *self = self_of(op);
    struct rp_given delim = {.ptr = "\n", .len = 1};
    Py_ssize_t size = -1;
    if (nargs > 2)
        return PyErr_Format(PyExc_TypeError, "readuntil expected at most 2 arguments, got %zd", nargs);
    if ((nargs > 1 && rp_size_of(args[1], &size)) || (nargs > 0 && rp_given_init(&delim, args[0])))
        return NULL;
    uint64_t len = 0;
    PyObject *bytes = NULL;
    if (delim.len == 0)
        PyErr_SetString(PyExc_ValueError, "the delimiter is empty");
    else if (rp_enter(self) == 0 && find_end(self, &delim, rest_of(self, size), &len) == 0)
        bytes = rp_read(self, (Py_ssize_t) len);
    rp_given_fini(&delim);
    return bytes;
}

// Gathers the pieces in a rope first: they are written all or none. shares_out: whether one was a View or a Rope.
static int gather(struct rove_rope *rope, PyObject *pieces, bool *shares_out)
{
    PyObject *it = PyObject_GetIter(pieces), *item;
    *shares_out = false;
    if (!it)
        return -1;
    while ((item = PyIter_Next(it))) {
        struct rp_given given;
        struct rove_view view;
        if (rp_is_ours(item)) {
            *shares_out = true;
            view = (struct rove_view){0};
            enum rove_status status = rp_view_of(item, NULL, &view) < 0 ? ROVE_E_ARG : rove_rope_append_view(rope, &view);
            rove_view_fini(&view);
            if (status != ROVE_OK)
                rp_raise(status);
        } else if (rp_given_init(&given, item) == 0) {
            enum rove_status status = rp_append_given(rope, item, &given);
            if (status != ROVE_OK)
                rp_raise(status);
            rp_given_fini(&given);
        }
        Py_DECREF(item);
        if (PyErr_Occurred())
            break;
    }
    Py_DECREF(it);
    return PyErr_Occurred() ? -1 : 0;
}

PyDoc_STRVAR(writev_doc, "writev($self, buffers, /)\n--\n\n"
"Write all bytes-like objects of an iterable, all or none; returns how many bytes. Large bytes objects, Views and Ropes\n"
"are shared, not copied.");
static PyObject *more_writev(PyObject *op, PyObject *pieces)
{
    struct rp_bytesio *self = self_of(op);
    struct rove_rope rope;
    struct rove_view view;
    if (rp_enter(self))
        return NULL;
    rove_rope_init(&rope, rp_content_pool(self));
    uint64_t len = 0;
    bool shares;
    int rc = gather(&rope, pieces, &shares);
    struct rove_stream *stream = rc ? NULL : stream_of(self);
    if (stream) {
        len = rove_rope_len(&rope);
        self->shares |= shares;
        enum rove_status status = rove_rope_view(&rope, 0, len, &view);
        if (status == ROVE_OK) {
            status = rove_stream_write_view(stream, &view);
            rove_view_fini(&view);
        }
        if (status != ROVE_OK) {
            rp_raise_of(status, stream);
            rc = -1;
        }
    }
    rove_rope_fini(&rope);
    return rc || !stream ? NULL : PyLong_FromUnsignedLongLong(len);
}

#define FAST(name, fn, doc) {name, (PyCFunction) (void (*)(void)) (fn), METH_FASTCALL, doc}

PyMethodDef rp_more_methods[] = {
    {"size", more_size, METH_NOARGS, size_doc},
    {"insert", more_insert, METH_O, insert_doc},
    FAST("erase", more_erase, erase_doc),
    {"drop_head", more_drop_head, METH_O, drop_head_doc},
    FAST("take", more_take, take_doc),
    {"snapshot", more_snapshot, METH_NOARGS, snapshot_doc},
    FAST("read_view", more_read_view, read_view_doc),
    FAST("peek", more_peek, peek_doc),
    FAST("readuntil", more_readuntil, readuntil_doc),
    {"writev", more_writev, METH_O, writev_doc},
    {NULL, NULL, 0, NULL},
};
