// SPDX-License-Identifier: MIT
// decoder.c: rove.Decoder, a file that gives what it decodes.
#include "codec.h"

#define STEP ((Py_ssize_t) 1 << 20) // room is made, and signals are looked at, after so many bytes

static struct rp_coder *self_of(PyObject *op)
{
    return (struct rp_coder *) op;
}

// Reads into room for len bytes. What came before a failure counts; the failure comes again then. -1 with an exception.
static Py_ssize_t read_into(struct rp_coder *self, char *to, Py_ssize_t len)
{
    size_t got = 0;
    enum rove_status status;
    if (rp_coder_take_open(self))
        return -1;
    Py_BEGIN_ALLOW_THREADS
    status = rove_stream_read(self->stream, to, (size_t) len, &got);
    Py_END_ALLOW_THREADS
    if (got && status < 0 && !self->device.type)
        status = ROVE_OK;
    return rp_coder_give(self, status) ? -1 : (Py_ssize_t) got;
}

// Up to size bytes, or all: the room grows with what comes, never by what is asked for.
static PyObject *read_bytes(struct rp_coder *self, Py_ssize_t size)
{
    Py_ssize_t room = size >= 0 && size < STEP ? size : STEP / 16, done = 0;
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, room);
    while (bytes) {
        Py_ssize_t part = room - done < STEP ? room - done : STEP;
        Py_ssize_t got = read_into(self, PyBytes_AS_STRING(bytes) + done, part);
        if (got < 0 && done && size >= 0
            && (PyErr_ExceptionMatches(rp_error) || PyErr_ExceptionMatches(PyExc_BlockingIOError))) {
            PyErr_Clear(); // it comes again; an exception of the file's own would not
            break;
        }
        if (got < 0 || PyErr_CheckSignals()) {
            Py_DECREF(bytes);
            return NULL;
        }
        done += got;
        if (got == 0 || done == size)
            break;
        if (done < room)
            continue;
        room = size >= 0 && size / 2 < room ? size : room * 2;
        if (_PyBytes_Resize(&bytes, room))
            return NULL;
    }
    if (bytes && done < room)
        (void) _PyBytes_Resize(&bytes, done);
    return bytes;
}

static int size_arg(PyObject *const *args, Py_ssize_t nargs, Py_ssize_t *size_out)
{
    *size_out = -1;
    if (nargs > 1) {
        PyErr_Format(PyExc_TypeError, "expected at most 1 argument, got %zd", nargs);
        return -1;
    }
    return nargs ? rp_size_of(args[0], size_out) : 0;
}

PyDoc_STRVAR(read_doc, "read($self, size=-1, /)\n--\n\n"
"Decode size bytes, fewer only at the end or before damage; all that follow if size is negative or None.");
static PyObject *decoder_read(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t size;
    return size_arg(args, nargs, &size) ? NULL : read_bytes(self_of(op), size);
}

// Some bytes that are there, which are not yet passed; len_out: 0 at the end.
static int look(struct rp_coder *self, const uint8_t **ptr_out, size_t *len_out)
{
    enum rove_status status;
    *len_out = 0;
    if (rp_coder_take_open(self))
        return -1;
    Py_BEGIN_ALLOW_THREADS
    status = rove_stream_peek(self->stream, ptr_out, len_out);
    Py_END_ALLOW_THREADS
    return rp_coder_give(self, status);
}

PyDoc_STRVAR(peek_doc, "peek($self, size=0, /)\n--\n\nBytes that come next, without passing them; at least one, but at the end.");
static PyObject *decoder_peek(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    const uint8_t *ptr = NULL;
    size_t len;
    Py_ssize_t size;
    if (size_arg(args, nargs, &size) || look(self_of(op), &ptr, &len))
        return NULL;
    return PyBytes_FromStringAndSize((const char *) ptr, (Py_ssize_t) len);
}

PyDoc_STRVAR(read1_doc, "read1($self, size=-1, /)\n--\n\nDecode what is there, at most size bytes; at least one, but at the end.");
static PyObject *decoder_read1(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    const uint8_t *ptr = NULL;
    size_t len;
    Py_ssize_t size;
    if (size_arg(args, nargs, &size) || look(self_of(op), &ptr, &len))
        return NULL;
    return read_bytes(self_of(op), size >= 0 && (size_t) size < len ? size : (Py_ssize_t) len);
}

PyDoc_STRVAR(readinto_doc, "readinto($self, buffer, /)\n--\n\nDecode into a writable buffer; returns how many bytes.");
static PyObject *decoder_readinto(PyObject *op, PyObject *arg)
{
    Py_buffer buffer;
    if (PyObject_GetBuffer(arg, &buffer, PyBUF_WRITABLE))
        return NULL;
    Py_ssize_t got = read_into(self_of(op), buffer.buf, buffer.len);
    PyBuffer_Release(&buffer);
    return got < 0 ? NULL : PyLong_FromSsize_t(got);
}

static PyObject *line(struct rp_coder *self, Py_ssize_t size)
{
    struct rove_span span = {0};
    enum rove_status status;
    if (size == 0)
        return PyBytes_FromStringAndSize(NULL, 0);
    if (rp_coder_take_open(self))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = rove_stream_line(self->stream, '\n', size < 0 ? 0 : (size_t) size, &span);
    Py_END_ALLOW_THREADS
    return rp_coder_give(self, status) ? NULL : PyBytes_FromStringAndSize((const char *) span.ptr, (Py_ssize_t) span.len);
}

PyDoc_STRVAR(readline_doc, "readline($self, size=-1, /)\n--\n\nDecode a line, its end included; at most size bytes of it.");
static PyObject *decoder_readline(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t size;
    return size_arg(args, nargs, &size) ? NULL : line(self_of(op), size);
}

static PyObject *decoder_next(PyObject *op)
{
    PyObject *bytes = line(self_of(op), -1);
    if (bytes && PyBytes_GET_SIZE(bytes) == 0)
        Py_CLEAR(bytes);
    return bytes;
}

PyDoc_STRVAR(readable_doc, "readable($self, /)\n--\n\nTrue.");
static PyObject *decoder_readable(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    return self_of(op)->stream ? Py_NewRef(Py_True) : rp_raise_closed();
}

PyDoc_STRVAR(seekable_doc, "seekable($self, /)\n--\n\nWhether it has an index.");
static PyObject *decoder_seekable(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    return self_of(op)->stream ? PyBool_FromLong(self_of(op)->seeks) : rp_raise_closed();
}

PyDoc_STRVAR(seek_doc, "seek($self, pos, whence=0, /)\n--\n\n"
"Set the place among the plain bytes; needs an index. What lies before it is not decoded, but from the nearest point.");
static PyObject *decoder_seek(PyObject *op, PyObject *args)
{
    struct rp_coder *self = self_of(op);
    long long off;
    int whence = 0;
    uint64_t pos = 0;
    if (!PyArg_ParseTuple(args, "L|i:seek", &off, &whence))
        return NULL;
    if (whence < 0 || whence > 2 || (whence == 0 && off < 0))
        return PyErr_Format(PyExc_ValueError, whence ? "whence should be 0, 1 or 2" : "negative seek value");
    if (rp_coder_take_open(self))
        return NULL;
    enum rove_status status = self->seeks ? rove_stream_seek(self->stream, off, (enum rove_whence) whence, &pos)
                                          : ROVE_E_UNSUPPORTED;
    return rp_coder_give(self, status) ? NULL : PyLong_FromUnsignedLongLong(pos);
}

PyDoc_STRVAR(size_doc, "size($self, /)\n--\n\nHow many plain bytes there are; needs an index.");
static PyObject *decoder_size(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    struct rp_coder *self = self_of(op);
    uint64_t len = 0;
    if (rp_coder_take(self))
        return NULL;
    enum rove_status status = self->seeks ? rove_stream_size(self->stream, &len) : ROVE_E_UNSUPPORTED;
    return rp_coder_give(self, status) ? NULL : PyLong_FromUnsignedLongLong(len);
}

PyDoc_STRVAR(remark_doc, "remark($self, /)\n--\n\nWhat was passed over behind the data, as text, or None; at the end.");
static PyObject *decoder_remark(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    struct rp_coder *self = self_of(op);
    if (rp_coder_take(self))
        return NULL;
    const char *text = rove_stream_explain(self->stream);
    rp_guard_give(&self->guard);
    return strcmp(text, rove_status_text(ROVE_OK)) ? PyUnicode_DecodeUTF8(text, (Py_ssize_t) strlen(text), "replace")
                                                   : Py_NewRef(Py_None);
}

#define FAST(name, fn, doc) {name, (PyCFunction) (void (*)(void)) (fn), METH_FASTCALL, doc}

static PyMethodDef methods[] = {
    FAST("read", decoder_read, read_doc),
    FAST("read1", decoder_read1, read1_doc),
    FAST("peek", decoder_peek, peek_doc),
    {"readinto", decoder_readinto, METH_O, readinto_doc},
    FAST("readline", decoder_readline, readline_doc),
    {"readable", decoder_readable, METH_NOARGS, readable_doc},
    {"seekable", decoder_seekable, METH_NOARGS, seekable_doc},
    {"seek", decoder_seek, METH_VARARGS, seek_doc},
    {"size", decoder_size, METH_NOARGS, size_doc},
    {"remark", decoder_remark, METH_NOARGS, remark_doc},
    {NULL, NULL, 0, NULL},
};

static PyObject *decoder_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    return rp_coder_make(type, args, kwds, rove_stream_decode);
}

static int decoder_begin(PyObject *op, PyObject *args, PyObject *kwds)
{
    (void) op, (void) args, (void) kwds; // decoder_new() has looked at them
    return 0;
}

PyDoc_STRVAR(type_doc, "Decoder(file, spec='auto', *, max_output=None, max_ratio=None, memory=None, cache=None, workers=None,\n"
"        dictionary=None, pool=None, close_file=False, index=None)\n--\n\n"
"A file that gives what it decodes from another file (anything with read(), or a descriptor) by a chain of filters.\n\n"
"What was decoded before damage is given before the exception comes. Limits are on: 1 TiB of output, 256 MiB of memory.\n"
"With an index (a rove.Index; True: made first, by going through all of the file) it seeks, and keeps cache bytes (4\n"
"MiB) of what it has decoded. dictionary: what 'dict=@' in spec stands for, or what the index was made with.");

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *) type_doc},           {Py_tp_new, decoder_new},           {Py_tp_init, decoder_begin},
    {Py_tp_dealloc, rp_coder_dealloc},        {Py_tp_traverse, rp_coder_traverse},
    {Py_tp_clear, rp_coder_clear},
    {Py_tp_finalize, rp_coder_finalize},      {Py_tp_methods, methods},           {Py_tp_iternext, decoder_next},
    {Py_tp_iter, PyObject_SelfIter},          {Py_tp_getset, rp_coder_getset},
    {Py_tp_members, rp_coder_members},        {0, NULL},
};

static PyType_Spec spec = {
    .name = "rove.Decoder",
    .basicsize = sizeof(struct rp_coder),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};

int rp_decoder_init(PyObject *module, PyObject *base)
{
    PyTypeObject *type = rp_add_type(module, &spec, base);
    return type ? rp_add_methods(type, rp_coder_methods) : -1;
}
