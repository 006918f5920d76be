// SPDX-License-Identifier: MIT
// coder.c: what Encoder and Decoder share: a chain over a device, used by one thread at a time.
#include "codec.h"

static struct rp_coder *self_of(PyObject *op)
{
    return (struct rp_coder *) op;
}

// ---- Calls ----------------------------------------------------------------------------------------

int rp_coder_take(struct rp_coder *self)
{
    if (rp_guard_take(&self->guard))
        return -1;
    if (self->stream)
        return 0;
    rp_guard_give(&self->guard);
    rp_raise_closed();
    return -1;
}

int rp_coder_take_open(struct rp_coder *self)
{
    if (rp_coder_take(self))
        return -1;
    if (rp_device_is_open(&self->device))
        return 0;
    rp_guard_give(&self->guard);
    return -1;
}

int rp_coder_take_anew(struct rp_coder *self)
{
    if (rp_coder_take_open(self))
        return -1;
    if (self->told && rove_stream_error(self->stream) == ROVE_E_IO)
        rove_stream_clear_error(self->stream);
    self->told = false;
    return 0;
}

static int give_of(struct rp_coder *self, enum rove_status status, const struct rove_stream *stream)
{
    rp_guard_give(&self->guard);
    rp_device_raise(&self->device);
    if (status >= 0 && !PyErr_Occurred())
        return 0;
    self->told = status == ROVE_E_IO;
    if (self->told && self->device.raised && !PyErr_Occurred())
        PyErr_SetString(PyExc_OSError, "an exception ended a write: write what follows tell(), or abandon()");
    rp_raise_of(status, stream);
    return -1;
}

int rp_coder_give(struct rp_coder *self, enum rove_status status)
{
    return give_of(self, status, self->stream);
}

int rp_coder_write_out(struct rp_coder *self, enum rove_status (*fn)(struct rove_stream *))
{
    if (rp_coder_take_open(self))
        return -1;
    struct rove_stream *stream = self->stream;
    enum rove_status status;
    Py_BEGIN_ALLOW_THREADS
    status = fn(stream);
    if (status == ROVE_OK) {
        stream = self->below; // which knows what its file failed with
        status = rove_stream_flush(stream);
    }
    Py_END_ALLOW_THREADS
    return give_of(self, status, stream);
}

Py_ssize_t rp_coder_kept(const struct rp_coder *self)
{
    return self->kept ? self->kept_end - self->kept_off : 0;
}

void rp_coder_drop(struct rp_coder *self)
{
    struct rove_stream *stream = self->stream, *below = self->below;
    self->stream = self->below = NULL;
    Py_CLEAR(self->kept);
    if (rp_guard_is_lost(&self->guard)) // they are in the middle of something
        return;
    rove_stream_free(stream);
    rove_stream_free(below);
}

// ---- What both have -------------------------------------------------------------------------------

static int close_file(struct rp_coder *self)
{
    PyObject *file = self->device.file;
    if (!self->closes || !file)
        return 0;
    self->closes = false;
    PyObject *os = PyLong_Check(file) ? PyImport_ImportModule("os") : NULL; // a descriptor is closed by it
    PyObject *done = os ? rp_call(os, "close", "(O)", file) : PyErr_Occurred() ? NULL : rp_call(file, "close", "()");
    Py_XDECREF(os);
    Py_XDECREF(done);
    return done ? 0 : -1;
}

// Reading, there is nothing to write: one whose file was closed before it is closed without that.
static bool is_left(struct rp_coder *self)
{
    if (!self->reads || self->guard.holder || rp_device_is_open(&self->device))
        return false;
    PyErr_Clear();
    return true;
}

PyDoc_STRVAR(close_doc, "close($self, /)\n--\n\n"
"Write the formats' ends, when it encodes, and close. If that fails it is still open, and can be closed again.");
static PyObject *coder_close(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    struct rp_coder *self = self_of(op);
    if (!self->stream)
        return close_file(self) ? NULL : Py_NewRef(Py_None);
    if (!is_left(self) && rp_coder_write_out(self, rove_stream_close))
        return NULL;
    rp_coder_drop(self);
    return close_file(self) ? NULL : Py_NewRef(Py_None);
}

PyDoc_STRVAR(abandon_doc, "abandon($self, /)\n--\n\n"
"Close without writing anything more, so that what was begun does not look complete.");
static PyObject *coder_abandon(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    struct rp_coder *self = self_of(op);
    if (rp_guard_take(&self->guard))
        return NULL;
    rp_guard_give(&self->guard);
    rp_coder_drop(self);
    return close_file(self) ? NULL : Py_NewRef(Py_None);
}

static PyObject *coder_exit(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    return nargs && args[0] != Py_None ? coder_abandon(op, NULL) : coder_close(op, NULL);
}

PyDoc_STRVAR(digest_doc, "digest($self, layer=0, /)\n--\n\n"
"What a checksum layer of the chain has come to, as bytes; layers are counted from 0 in the order of the text.");
static PyObject *coder_digest(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    struct rp_coder *self = self_of(op);
    uint8_t sum[ROVE_DIGEST_MAX];
    size_t len = 0;
    uint64_t layer = 0;
    if (nargs > 1)
        return PyErr_Format(PyExc_TypeError, "digest expected at most 1 argument, got %zd", nargs);
    if ((nargs && rp_u64_of(args[0], &layer)) || rp_coder_take(self))
        return NULL;
    enum rove_status status = rove_stream_digest(self->stream, (size_t) layer, sum, sizeof sum, &len);
    return rp_coder_give(self, status) ? NULL : PyBytes_FromStringAndSize((const char *) sum, (Py_ssize_t) len);
}

PyDoc_STRVAR(tell_doc, "tell($self, /)\n--\n\nHow many plain bytes were written or read.");
static PyObject *coder_tell(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    struct rp_coder *self = self_of(op);
    uint64_t pos = 0;
    if (rp_coder_take(self))
        return NULL;
    enum rove_status status = rove_stream_tell(self->stream, &pos);
    return rp_coder_give(self, status) ? NULL : PyLong_FromUnsignedLongLong(pos - (uint64_t) rp_coder_kept(self));
}

PyDoc_STRVAR(mark_doc, "mark($self, every=0, /)\n--\n\n"
"Before anything is written or read: let places be noted at which decoding can begin, for index(). every: at least so\n"
"many plain bytes from one to the next; 0: all there are when writing, about one for a MiB when reading.");
static PyObject *coder_mark(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    struct rp_coder *self = self_of(op);
    uint64_t every = 0;
    if (nargs > 1)
        return PyErr_Format(PyExc_TypeError, "mark expected at most 1 argument, got %zd", nargs);
    if ((nargs && rp_u64_of(args[0], &every)) || rp_coder_take(self))
        return NULL;
    return rp_coder_give(self, rove_stream_mark(self->stream, every)) ? NULL : Py_NewRef(Py_None);
}

PyDoc_STRVAR(index_doc, "index($self, /)\n--\n\n"
"The Index of what was written or read since mark(): of all of it after finish(), or at the end.");
static PyObject *coder_index(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    struct rp_coder *self = self_of(op);
    struct rove_index *index = NULL;
    if (rp_coder_take(self))
        return NULL;
    enum rove_status status = rove_stream_index(self->stream, &index);
    return rp_coder_give(self, status) ? NULL : rp_index_new(index);
}

static PyObject *coder_closed(PyObject *op, void *ignored)
{
    (void) ignored;
    return PyBool_FromLong(!self_of(op)->stream);
}

PyMethodDef rp_coder_methods[] = {
    {"close", coder_close, METH_NOARGS, close_doc},
    {"abandon", coder_abandon, METH_NOARGS, abandon_doc},
    {"tell", coder_tell, METH_NOARGS, tell_doc},
    {"digest", (PyCFunction) (void (*)(void)) coder_digest, METH_FASTCALL, digest_doc},
    {"mark", (PyCFunction) (void (*)(void)) coder_mark, METH_FASTCALL, mark_doc},
    {"index", coder_index, METH_NOARGS, index_doc},
    {"__exit__", (PyCFunction) (void (*)(void)) coder_exit, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

PyGetSetDef rp_coder_getset[] = {
    {"closed", coder_closed, NULL, "True once it is closed.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyMemberDef rp_coder_members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(struct rp_coder, dict), READONLY, NULL},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(struct rp_coder, weakrefs), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

// ---- Life -----------------------------------------------------------------------------------------

// By an index that is given, or True: made here. May leave an exception.
static enum rove_status decode_index(struct rp_coder *self, const char *spec, const struct rp_limits *limits)
{
    struct rove_index *index;
    enum rove_status status;
    if (limits->index == Py_True) {
        status = rp_index_make(self->below, spec, &limits->limits, 0, &index);
        if (status != ROVE_OK)
            return status;
    } else if (rp_index_of(limits->index, &index)) {
        return ROVE_E_ARG;
    } else {
        rove_index_ref(index);
    }
    status = rove_stream_decode_index(self->below, index, &limits->limits, &self->stream);
    rove_index_unref(index);
    return status;
}

// Puts the chain on the file. Returns 0, or -1 with an exception.
static int open_chain(struct rp_coder *self, PyObject *file, const char *text, const struct rp_limits *limits,
                      rp_chain_fn *chain)
{
    struct rove_spec_error error = {0};
    self->device.fd = -1;
    self->reads = chain == rove_stream_decode;
    self->seeks = limits->index != NULL;
    if (rp_device_init(&self->device, file, limits->pool, self->seeks ? RP_SEEKS : 0, &self->below))
        return -1;
    (void) rp_guard_take(&self->guard); // the file may find it, by the collector, before it is made
    enum rove_status status = self->seeks ? decode_index(self, text, limits)
                                          : chain(self->below, text, &limits->limits, &self->stream, &error);
    rp_guard_give(&self->guard);
    if (!PyErr_Occurred())
        rp_device_raise(&self->device);
    if (status != ROVE_OK) { // an exception that is there comes first
        if (self->seeks)
            rp_raise_index(status, self->below);
        else
            rp_raise_spec(status, &error);
    }
    return PyErr_Occurred() ? -1 : 0;
}

PyObject *rp_coder_make(PyTypeObject *type, PyObject *args, PyObject *kwds, rp_chain_fn *chain)
{
    PyObject *file, *spec, *closes = NULL;
    struct rp_limits limits;
    struct rp_coder *self = NULL;
    if (rp_first_and_spec(args, kwds, "file", &file, &spec)
        || rp_limits_of(&limits, kwds, "file", "close_file", &closes))
        return NULL;
    const char *text = rp_spec_of(spec, &limits, chain == rove_stream_decode ? "auto" : "gzip");
    int does_close = closes ? PyObject_IsTrue(closes) : 0;
    if (text && limits.index && chain != rove_stream_decode)
        PyErr_SetString(PyExc_TypeError, "index is for decoding");
    else if (text && does_close >= 0)
        self = (struct rp_coder *) type->tp_alloc(type, 0);
    if (self && open_chain(self, file, text, &limits, chain))
        Py_CLEAR(self);
    if (self)
        self->closes = does_close;
    rp_limits_fini(&limits);
    return (PyObject *) self;
}

int rp_coder_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(self_of(op)->dict);
    Py_VISIT(self_of(op)->device.file);
    Py_VISIT(Py_TYPE(op));
    return 0;
}

// The chain stays, and with it the file: they are dropped together.
int rp_coder_clear(PyObject *op)
{
    Py_CLEAR(self_of(op)->dict);
    return 0;
}

// What was not closed is abandoned, also when the collector finds it; the base class would close it.
void rp_coder_finalize(PyObject *op)
{
    (void) op;
}

void rp_coder_dealloc(PyObject *op)
{
    struct rp_coder *self = self_of(op);
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    Py_TRASHCAN_BEGIN(op, rp_coder_dealloc) // coders may stand on each other, as many as one likes
    if (self->weakrefs)
        PyObject_ClearWeakRefs(op);
    rp_coder_drop(self);
    Py_CLEAR(self->dict);
    rp_device_fini(&self->device);
    type->tp_free(op);
    Py_DECREF(type);
    Py_TRASHCAN_END
}
