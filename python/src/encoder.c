// SPDX-License-Identifier: MIT
// encoder.c: rove.Encoder, a file that encodes what is written to it.
#include "codec.h"

#define STEP ((size_t) 1 << 20) // signals are looked at after so many bytes

static uint64_t place_of(struct rp_coder *self)
{
    uint64_t pos = 0;
    return rove_stream_tell(self->stream, &pos) == ROVE_OK ? pos : 0;
}

// As rp_coder_give(), of a write that began at a place: what a file that does not wait had no room for is to be written
// again, and nothing else.
static int give_written(struct rp_coder *self, enum rove_status status, uint64_t from)
{
    if (status != ROVE_E_AGAIN || PyErr_Occurred())
        return rp_coder_give(self, status);
    uint64_t done = place_of(self) - from;
    rp_guard_give(&self->guard);
    rp_raise_blocked(done);
    return -1;
}

// However large it is, and wherever it sleeps: piece by piece.
static PyObject *write_view(struct rp_coder *self, PyObject *arg)
{
    struct rove_view view;
    if (rp_view_of(arg, NULL, &view) < 0)
        return NULL;
    uint64_t len = rove_view_len(&view);
    int rc = rp_coder_take_anew(self);
    uint64_t from = rc == 0 ? place_of(self) : 0;
    if (rc == 0)
        rc = give_written(self, rp_pour(self->stream, &view), from);
    rove_view_fini(&view);
    return rc ? NULL : PyLong_FromUnsignedLongLong(len);
}

PyDoc_STRVAR(write_doc, "write($self, b, /)\n--\n\nEncode bytes, or those of a View or Rope; returns their number.");
static PyObject *encoder_write(PyObject *op, PyObject *arg)
{
    struct rp_coder *self = (struct rp_coder *) op;
    struct rp_given given;
    if (rp_is_ours(arg))
        return write_view(self, arg);
    if (rp_given_init(&given, arg))
        return NULL;
    int rc = rp_coder_take_anew(self);
    uint64_t from = rc == 0 ? place_of(self) : 0;
    for (size_t done = 0, len = (size_t) given.len; rc == 0;) {
        size_t part = len - done < STEP ? len - done : STEP;
        enum rove_status status;
        Py_BEGIN_ALLOW_THREADS
        status = rove_stream_write(self->stream, given.ptr + done, part);
        Py_END_ALLOW_THREADS
        done += part;
        if (status != ROVE_OK || done == len || PyErr_CheckSignals()) {
            rc = give_written(self, status, from);
            break;
        }
    }
    Py_ssize_t len = given.len;
    rp_given_fini(&given);
    return rc ? NULL : PyLong_FromSsize_t(len);
}

static PyObject *call(PyObject *op, enum rove_status (*fn)(struct rove_stream *))
{
    return rp_coder_write_out((struct rp_coder *) op, fn) ? NULL : Py_NewRef(Py_None);
}

// What a file of Python's has of it may lie in a buffer of its own.
static PyObject *flush_file(const struct rp_device *device)
{
    PyObject *flush = device->fd < 0 ? PyObject_GetAttrString(device->file, "flush") : NULL;
    if (!flush && PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_AttributeError))
        return NULL;
    PyErr_Clear();
    PyObject *done = flush ? PyObject_CallNoArgs(flush) : Py_NewRef(Py_None);
    Py_XDECREF(flush);
    Py_XDECREF(done);
    return done ? Py_NewRef(Py_None) : NULL;
}

PyDoc_STRVAR(flush_doc, "flush($self, /)\n--\n\nMake all that was written decodable in the file, and flush that.");
static PyObject *encoder_flush(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    struct rp_coder *self = (struct rp_coder *) op;
    return rp_coder_write_out(self, rove_stream_flush) ? NULL : flush_file(&self->device);
}

PyDoc_STRVAR(finish_doc, "finish($self, /)\n--\n\nWrite the formats' ends; then only digest() and close() make sense.");
static PyObject *encoder_finish(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    return call(op, rove_stream_finish);
}

PyDoc_STRVAR(writable_doc, "writable($self, /)\n--\n\nTrue.");
static PyObject *encoder_writable(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    return ((struct rp_coder *) op)->stream ? Py_NewRef(Py_True) : rp_raise_closed();
}

static PyMethodDef methods[] = {
    {"write", encoder_write, METH_O, write_doc},
    {"flush", encoder_flush, METH_NOARGS, flush_doc},
    {"finish", encoder_finish, METH_NOARGS, finish_doc},
    {"writable", encoder_writable, METH_NOARGS, writable_doc},
    {NULL, NULL, 0, NULL},
};

static PyObject *encoder_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    return rp_coder_make(type, args, kwds, rove_stream_encode);
}

static int encoder_begin(PyObject *op, PyObject *args, PyObject *kwds)
{
    (void) op, (void) args, (void) kwds; // encoder_new() has looked at them
    return 0;
}

PyDoc_STRVAR(type_doc, "Encoder(file, spec='gzip', *, memory=None, workers=None, dictionary=None, pool=None, close_file=False)\n--\n\n"
"A file that encodes what is written to it by a chain of filters, into another file (anything with write(), or a\n"
"descriptor). close() writes the formats' ends; what is not closed, or left by an exception, does not look complete.\n"
"dictionary: the bytes that 'dict=@' in spec stands for.");

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *) type_doc},           {Py_tp_new, encoder_new},           {Py_tp_init, encoder_begin},
    {Py_tp_dealloc, rp_coder_dealloc},        {Py_tp_traverse, rp_coder_traverse},
    {Py_tp_clear, rp_coder_clear},
    {Py_tp_finalize, rp_coder_finalize},      {Py_tp_methods, methods},
    {Py_tp_getset, rp_coder_getset},          {Py_tp_members, rp_coder_members}, {0, NULL},
};

static PyType_Spec spec = {
    .name = "rove.Encoder",
    .basicsize = sizeof(struct rp_coder),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};

int rp_encoder_init(PyObject *module, PyObject *base)
{
    PyTypeObject *type = rp_add_type(module, &spec, base);
    return type ? rp_add_methods(type, rp_coder_methods) : -1;
}
