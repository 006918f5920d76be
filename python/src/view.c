// SPDX-License-Identifier: MIT
// view.c: rove.View, bytes that are pinned, read-only, and in as many pieces as they lie in.
#include "kit.h"
#include "view_slice.h"

#include <errno.h>
#include <sys/uio.h>

#define IOV_CNT 256u

static struct rp_view *self_of(PyObject *op)
{
    return (struct rp_view *) op;
}

PyObject *rp_view_new(struct rove_view *view)
{
    struct rp_view *self = PyObject_New(struct rp_view, rp_view_type);
    if (!self) {
        rove_view_fini(view);
        return NULL;
    }
    self->view = *view; // it has no pointer into itself, and this is its only place from here on
    self->weakrefs = self->flat = NULL;
    self->hash = -1;
    return (PyObject *) self;
}

// ---- Buffers: one piece ---------------------------------------------------------------------------

// A cursor keeps the span awake, in a pool whose chunks may sleep, as long as the buffer is exported.
struct pin {
    struct rove_cursor cursor;
    struct rove_span span;
};

// Returns ROVE_END when the bytes lie in more than one piece.
static enum rove_status pin_init(struct pin *pin, const struct rove_view *view)
{
    pin->span = (struct rove_span){(const uint8_t *) "", 0};
    enum rove_status status = rove_cursor_init(&pin->cursor, view, 0);
    if (status != ROVE_OK || rove_view_len(view) == 0)
        return status;
    status = rove_cursor_next(&pin->cursor, &pin->span);
    if (status == ROVE_OK && pin->span.len == rove_view_len(view))
        return ROVE_OK;
    rove_cursor_fini(&pin->cursor);
    return status < 0 ? status : ROVE_END;
}

static PyObject *flat_of(struct rp_view *self)
{
    if (self->flat)
        return self->flat;
    PyObject *bytes = rp_view_bytes(&self->view, 0, rove_view_len(&self->view));
    if (self->flat) // another thread was quicker, and somebody may have a buffer of it
        Py_XDECREF(bytes);
    else
        self->flat = bytes;
    return self->flat;
}

static int view_get(PyObject *op, Py_buffer *buffer, int flags)
{
    struct rp_view *self = self_of(op);
    struct pin *pin = NULL;
    buffer->obj = NULL;
    if (!self->flat) {
        pin = PyMem_Malloc(sizeof *pin);
        enum rove_status status = pin ? pin_init(pin, &self->view) : ROVE_E_NOMEM;
        if (status != ROVE_OK) {
            PyMem_Free(pin);
            pin = NULL;
        }
        if (status < 0 && (rp_raise(status), 1))
            return -1;
        if (!pin && !flat_of(self))
            return -1;
    }
    const void *ptr = pin ? (const void *) pin->span.ptr : PyBytes_AS_STRING(self->flat);
    if (PyBuffer_FillInfo(buffer, op, (void *) (uintptr_t) ptr, (Py_ssize_t) rove_view_len(&self->view), 1, flags)) {
        if (pin)
            rove_cursor_fini(&pin->cursor);
        PyMem_Free(pin);
        return -1;
    }
    buffer->internal = pin;
    return 0;
}

static void view_release(PyObject *op, Py_buffer *buffer)
{
    (void) op;
    struct pin *pin = buffer->internal;
    if (pin)
        rove_cursor_fini(&pin->cursor);
    PyMem_Free(pin);
}

// ---- Spans: piece by piece ------------------------------------------------------------------------

// An iterator over the pieces, each a memoryview of a View of its own: what is not looked at may sleep.
struct spans {
    PyObject_HEAD
    struct rp_view *source;
    uint64_t off;
};

static PyTypeObject *spans_type;

static PyObject *spans_next(PyObject *op)
{
    struct spans *self = (struct spans *) op;
    struct rove_cursor cursor;
    struct rove_span span;
    struct rove_view part;
    enum rove_status status = rove_cursor_init(&cursor, &self->source->view, self->off);
    if (status == ROVE_OK) {
        status = rove_cursor_next(&cursor, &span);
        rove_cursor_fini(&cursor);
    }
    if (status == ROVE_OK)
        status = rove_view_sub(&self->source->view, self->off, span.len, &part);
    if (status != ROVE_OK)
        return status == ROVE_END ? NULL : rp_raise(status);
    PyObject *view = rp_view_new(&part);
    PyObject *memory = view ? PyMemoryView_FromObject(view) : NULL;
    Py_XDECREF(view);
    if (memory)
        self->off += span.len;
    return memory;
}

static void spans_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    Py_XDECREF(((struct spans *) op)->source);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyType_Slot spans_slots[] = {
    {Py_tp_dealloc, spans_dealloc}, {Py_tp_iter, PyObject_SelfIter}, {Py_tp_iternext, spans_next}, {0, NULL},
};

static PyType_Spec spans_spec = {
    .name = "rove._Spans",
    .basicsize = sizeof(struct spans),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = spans_slots,
};

PyDoc_STRVAR(spans_doc, "spans($self, /)\n--\n\n"
"An iterator over the pieces in which the bytes lie: memoryviews, without a copy, for os.writev() or socket.sendmsg().");
static PyObject *view_spans(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    struct spans *spans = PyObject_New(struct spans, spans_type);
    if (!spans)
        return NULL;
    spans->source = (struct rp_view *) Py_NewRef(op);
    spans->off = 0;
    return (PyObject *) spans;
}

// ---- Other ways out -------------------------------------------------------------------------------

// One writev() of as much as it takes; 0 bytes where a signal came first, which it is for Python to look at.
static enum rove_status write_some(const struct rove_view *view, int fd, uint64_t *len_out)
{
    struct iovec iov[IOV_CNT];
    size_t cnt = IOV_CNT;
    uint64_t len;
    *len_out = 0;
    enum rove_status status = rove_view_iov(view, 0, iov, &cnt, &len);
    if (status != ROVE_OK)
        return status;
    ssize_t put = writev(fd, iov, (int) cnt);
    int err_no = put == 0 ? EIO : errno; // a device that takes nothing makes no progress
    rove_view_unpin(view, 0, cnt);
    errno = err_no;
    if (put <= 0)
        return err_no == EINTR ? ROVE_OK : err_no == EAGAIN || err_no == EWOULDBLOCK ? ROVE_E_AGAIN : ROVE_E_IO;
    *len_out = (uint64_t) put;
    return ROVE_OK;
}

PyDoc_STRVAR(writeto_doc, "writeto($self, fd, /)\n--\n\n"
"Write all bytes to a file descriptor, or an object with fileno(), by writev(); returns their number.\n\n"
"Where it is full and does not wait, the characters_written of BlockingIOError tell how many were.");
static PyObject *view_writeto(PyObject *op, PyObject *arg)
{
    const struct rove_view *view = &self_of(op)->view;
    int fd = PyObject_AsFileDescriptor(arg);
    uint64_t len = rove_view_len(view), done = 0;
    if (fd < 0)
        return NULL;
    while (done < len) {
        struct rove_view part;
        uint64_t step = len - done < ((uint64_t) 4 << 20) ? len - done : (uint64_t) 4 << 20, moved = 0;
        enum rove_status status = rove_view_sub(view, done, step, &part);
        if (status == ROVE_OK) {
            Py_BEGIN_ALLOW_THREADS
            status = write_some(&part, fd, &moved);
            Py_END_ALLOW_THREADS
            rove_view_fini(&part);
        }
        done += moved;
        if (status == ROVE_E_AGAIN)
            return rp_raise_blocked(done);
        if (status != ROVE_OK)
            return rp_raise(status);
        if (PyErr_CheckSignals())
            return NULL;
    }
    return PyLong_FromUnsignedLongLong(done);
}

PyDoc_STRVAR(tobytes_doc, "tobytes($self, /)\n--\n\nAll bytes, copied.");
static PyObject *view_tobytes(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    struct rp_view *self = self_of(op);
    return self->flat ? Py_NewRef(self->flat) : rp_view_bytes(&self->view, 0, rove_view_len(&self->view));
}

PyDoc_STRVAR(digest_doc, "digest($self, spec, /)\n--\n\nThe checksum of all bytes, by a layer such as 'crc32c' or 'xxh3'.");
static PyObject *view_digest(PyObject *op, PyObject *spec)
{
    return rp_view_digest(&self_of(op)->view, spec);
}

// It never changes: a copy is itself.
static PyObject *view_copy(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    return Py_NewRef(op);
}

static PyObject *view_reduce(PyObject *op, PyObject *ignored)
{
    PyObject *bytes = view_tobytes(op, ignored);
    return bytes ? Py_BuildValue("(O(N))", Py_TYPE(op), bytes) : NULL;
}

// ---- As a sequence --------------------------------------------------------------------------------

static Py_ssize_t view_len(PyObject *op)
{
    return (Py_ssize_t) rove_view_len(&self_of(op)->view);
}

static PyObject *view_item(PyObject *op, Py_ssize_t i)
{
    uint8_t byte;
    if (i < 0 || i >= view_len(op)) {
        PyErr_SetString(PyExc_IndexError, "index out of range");
        return NULL;
    }
    enum rove_status status = rove_view_byte(&self_of(op)->view, (uint64_t) i, &byte);
    return status == ROVE_OK ? PyLong_FromLong(byte) : rp_raise(status);
}

static PyObject *view_of_steps(const struct rp_slice *slice, const struct rove_view *view)
{
    struct rove_view picked;
    PyObject *bytes = rp_slice_bytes(slice, view);
    int rc = bytes ? rp_view_of(bytes, NULL, &picked) : -1;
    Py_XDECREF(bytes);
    return rc < 0 ? NULL : rp_view_new(&picked);
}

static PyObject *view_subscript(PyObject *op, PyObject *key)
{
    const struct rove_view *view = &self_of(op)->view;
    struct rp_slice slice;
    enum rp_key kind = rp_slice_of(&slice, key);
    rp_slice_fit(&slice, kind, rove_view_len(view));
    switch (kind) {
    case RP_INDEX:
        return view_item(op, slice.from);
    case RP_RANGE: {
        struct rove_view part;
        enum rove_status status = rove_view_sub(view, (uint64_t) slice.from, (uint64_t) slice.cnt, &part);
        return status == ROVE_OK ? rp_view_new(&part) : rp_raise(status);
    }
    case RP_STEPS:
        return view_of_steps(&slice, view);
    default:
        return NULL;
    }
}

static int view_contains(PyObject *op, PyObject *sub)
{
    Py_ssize_t pos;
    return rp_find_in(&self_of(op)->view, &sub, 1, &pos) ? -1 : pos >= 0;
}

static PyObject *view_compare(PyObject *op, PyObject *other, int cmp)
{
    return rp_compare(&self_of(op)->view, other, cmp);
}

// The hash of equal bytes objects, because they are equal to it.
static Py_hash_t view_hash(PyObject *op)
{
    struct rp_view *self = self_of(op);
    if (self->hash == -1) {
        PyObject *bytes = view_tobytes(op, NULL);
        self->hash = bytes ? PyObject_Hash(bytes) : -1;
        Py_XDECREF(bytes);
    }
    return self->hash;
}

static PyObject *view_repr(PyObject *op)
{
    return PyUnicode_FromFormat("<rove.View of %zd bytes>", view_len(op));
}

// ---- Life -----------------------------------------------------------------------------------------

static PyObject *view_make(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static char *names[] = {"", "pool", NULL};
    PyObject *source, *pool_obj = NULL;
    struct rove_pool *pool;
    struct rove_view view;
    (void) type; // there is no other
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "O|$O:View", names, &source, &pool_obj) || rp_pool_of(pool_obj, &pool))
        return NULL;
    int rc = rp_view_of(source, pool, &view);
    if (rc == 0)
        PyErr_Format(PyExc_TypeError, "a bytes-like object is required, not '%.100s'", Py_TYPE(source)->tp_name);
    return rc == 1 ? rp_view_new(&view) : NULL;
}

static void view_dealloc(PyObject *op)
{
    struct rp_view *self = self_of(op);
    PyTypeObject *type = Py_TYPE(op);
    if (self->weakrefs)
        PyObject_ClearWeakRefs(op);
    rove_view_fini(&self->view);
    Py_XDECREF(self->flat);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyObject *view_nbytes(PyObject *op, void *ignored)
{
    (void) ignored;
    return PyLong_FromSsize_t(view_len(op));
}

static PyObject *view_contiguous(PyObject *op, void *ignored)
{
    (void) ignored;
    struct pin pin;
    enum rove_status status = pin_init(&pin, &self_of(op)->view);
    if (status < 0)
        return rp_raise(status);
    if (status == ROVE_OK)
        rove_cursor_fini(&pin.cursor);
    return PyBool_FromLong(status == ROVE_OK);
}

static PyMethodDef methods[] = {
    {"spans", view_spans, METH_NOARGS, spans_doc},
    {"writeto", view_writeto, METH_O, writeto_doc},
    {"tobytes", view_tobytes, METH_NOARGS, tobytes_doc},
    {"__bytes__", view_tobytes, METH_NOARGS, tobytes_doc},
    {"__copy__", view_copy, METH_NOARGS, NULL},
    {"__deepcopy__", view_copy, METH_O, NULL},
    {"__reduce__", view_reduce, METH_NOARGS, NULL},
    {"digest", view_digest, METH_O, digest_doc},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef getset[] = {
    {"nbytes", view_nbytes, NULL, "The length in bytes.", NULL},
    {"contiguous", view_contiguous, NULL, "Whether the bytes lie in one piece, so that a buffer of them is no copy.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(struct rp_view, weakrefs), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(type_doc, "View(source, /, *, pool=None)\n--\n\n"
"Bytes that stay as they are, whatever happens to what they were taken from: a read-only sequence and buffer.\n\n"
"A slice is a View again, in O(1); one in steps is of a copy. A buffer of it, as memoryview() takes one, is without a\n"
"copy where the bytes lie in one piece; spans() gives the pieces. bytes are held, or copied where a pool is given; what\n"
"may change is copied.");

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *) type_doc},       {Py_tp_new, view_make},           {Py_tp_dealloc, view_dealloc},
    {Py_tp_methods, methods},             {Py_tp_getset, getset},           {Py_tp_members, members},
    {Py_tp_repr, view_repr},              {Py_tp_hash, view_hash},          {Py_tp_richcompare, view_compare},
    {Py_sq_length, view_len},             {Py_sq_item, view_item},          {Py_sq_contains, view_contains},
    {Py_mp_length, view_len},             {Py_mp_subscript, view_subscript}, {Py_bf_getbuffer, view_get},
    {Py_bf_releasebuffer, view_release},  {0, NULL},
};

static PyType_Spec spec = {
    .name = "rove.View",
    .basicsize = sizeof(struct rp_view),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_SEQUENCE,
    .slots = slots,
};

int rp_view_init(PyObject *module)
{
    rp_view_type = rp_add_type(module, &spec, NULL);
    spans_type = rp_view_type ? (PyTypeObject *) PyType_FromSpec(&spans_spec) : NULL;
    return spans_type ? rp_add_methods(rp_view_type, rp_find_methods) : -1;
}
