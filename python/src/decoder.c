// SPDX-License-Identifier: MIT
// decoder.c: rove.Decoder, a file that gives what it decodes.
#include "codec.h"

#define STEP ((Py_ssize_t) 1 << 20) // room is made, and signals are looked at, after so many bytes

static struct rp_coder *self_of(PyObject *op)
{
    return (struct rp_coder *) op;
}

// ---- What comes next without the chain ------------------------------------------------------------
//
// A call that an exception ends leaves all as it was: what it had taken out by then comes first in the next one. Where there
// was no memory to keep it, it is lost, and what follows is not given as if it came next: not until seek().

// Takes a bytes object of which so many bytes are to come next; what was kept before has been taken out.
static void keep(struct rp_coder *self, PyObject *bytes, Py_ssize_t len)
{
    if (len == 0 || !self->stream) { // or a signal has closed it
        Py_DECREF(bytes);
        return;
    }
    Py_XSETREF(self->kept, bytes);
    self->kept_off = 0;
    self->kept_end = len;
}

static const char *kept_ptr(const struct rp_coder *self)
{
    return PyBytes_AS_STRING(self->kept) + self->kept_off;
}

// Room for so many bytes that will be kept. The exception that is there is put into raised, for PyErr_Restore(); without
// memory it is MemoryError instead.
static PyObject *room_to_keep(struct rp_coder *self, Py_ssize_t len, PyObject *raised[3])
{
    PyErr_Fetch(&raised[0], &raised[1], &raised[2]);
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, len);
    if (!bytes) {
        for (int i = 0; i < 3; i++)
            Py_XDECREF(raised[i]);
        self->lost = true;
    }
    return bytes;
}

// Puts a copy behind what is kept. An exception that is there stays.
static void keep_copy(struct rp_coder *self, const void *ptr, size_t len)
{
    PyObject *raised[3];
    Py_ssize_t before = rp_coder_kept(self);
    PyObject *bytes = room_to_keep(self, before + (Py_ssize_t) len, raised);
    if (!bytes)
        return;
    if (before)
        memcpy(PyBytes_AS_STRING(bytes), kept_ptr(self), (size_t) before);
    memcpy(PyBytes_AS_STRING(bytes) + before, ptr, len);
    keep(self, bytes, before + (Py_ssize_t) len);
    PyErr_Restore(raised[0], raised[1], raised[2]);
}

// Says that so many of them were taken out.
static void pass_kept(struct rp_coder *self, Py_ssize_t len)
{
    self->kept_off += len;
    if (rp_coder_kept(self) == 0)
        Py_CLEAR(self->kept);
}

// Whether another call, which may be adding to what is kept, is inside: an exception, then.
static bool is_in_use(struct rp_coder *self)
{
    return self->kept && self->guard.holder && rp_guard_take(&self->guard);
}

static PyObject *take_kept(struct rp_coder *self, Py_ssize_t len)
{
    PyObject *bytes = PyBytes_FromStringAndSize(kept_ptr(self), len);
    if (bytes)
        pass_kept(self, len);
    return bytes;
}

// ---- Reading --------------------------------------------------------------------------------------

// For a call that reads on. Returns 0, or -1 with an exception.
static int take_on(struct rp_coder *self)
{
    if (!self->lost || !self->stream) // or it is closed
        return rp_coder_take_anew(self);
    PyErr_SetString(PyExc_OSError, "what was decoded is lost, as memory ran out: seek(), or begin anew");
    return -1;
}

// Reads into room for len bytes. What came before a failure counts; the failure comes again then. *got_out: how many came,
// also when it returns -1 with an exception.
static int read_into(struct rp_coder *self, char *to, Py_ssize_t len, Py_ssize_t *got_out)
{
    size_t got = 0;
    enum rove_status status;
    *got_out = 0;
    if (take_on(self))
        return -1;
    Py_BEGIN_ALLOW_THREADS
    status = rove_stream_read(self->stream, to, (size_t) len, &got);
    Py_END_ALLOW_THREADS
    if (got && status < 0)
        status = ROVE_OK;
    *got_out = (Py_ssize_t) got;
    return rp_coder_give(self, status);
}

// Whether what was raised is raised again by the next call, so that what came before it can be given first. An exception of
// the file's own might not be.
static bool comes_again(void)
{
    if (!PyErr_ExceptionMatches(rp_error) && !PyErr_ExceptionMatches(PyExc_BlockingIOError))
        return false;
    PyErr_Clear();
    return true;
}

// Python gives up what it cannot resize. Returns 0, or -1 with an exception and *bytes NULL.
static int resize(struct rp_coder *self, PyObject **bytes, Py_ssize_t len)
{
    int failed = _PyBytes_Resize(bytes, len);
    self->lost |= failed != 0;
    return failed;
}

// Makes room behind what has come.
static int grow(struct rp_coder *self, PyObject **bytes, Py_ssize_t *room, Py_ssize_t size)
{
    *room = size >= 0 && size / 2 < *room ? size : *room * 2;
    return resize(self, bytes, *room);
}

// Up to size bytes, or all: the room grows with what comes, never by what is asked for.
static PyObject *read_bytes(struct rp_coder *self, Py_ssize_t size)
{
    Py_ssize_t done = rp_coder_kept(self), got;
    if (is_in_use(self))
        return NULL;
    if (done && size >= 0 && size <= done)
        return take_kept(self, size);
    Py_ssize_t room = done + STEP / 16;
    if (size >= 0 && (size < STEP || size < room))
        room = size;
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, room);
    if (bytes && done) {
        memcpy(PyBytes_AS_STRING(bytes), kept_ptr(self), (size_t) done);
        Py_CLEAR(self->kept);
    }
    while (bytes) {
        Py_ssize_t part = room - done < STEP ? room - done : STEP;
        int failed = read_into(self, PyBytes_AS_STRING(bytes) + done, part, &got);
        done += got;
        if (failed && done && size >= 0 && comes_again())
            break;
        if (failed || PyErr_CheckSignals()) {
            keep(self, bytes, done);
            return NULL;
        }
        if (got == 0 || done == size)
            break;
        if (done == room && grow(self, &bytes, &room, size))
            return NULL;
    }
    if (bytes && done < room)
        (void) resize(self, &bytes, done);
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

// What is asked for nothing gives that, without a look at the file.
static PyObject *nothing(struct rp_coder *self)
{
    return self->stream ? PyBytes_FromStringAndSize(NULL, 0) : rp_raise_closed();
}

// Some bytes that are there, which are not yet passed; len_out: 0 at the end.
static int look(struct rp_coder *self, const uint8_t **ptr_out, size_t *len_out)
{
    enum rove_status status;
    *len_out = 0;
    if (take_on(self))
        return -1;
    if (self->kept) {
        *ptr_out = (const uint8_t *) kept_ptr(self);
        *len_out = (size_t) rp_coder_kept(self);
        return rp_coder_give(self, ROVE_OK);
    }
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
    if (size_arg(args, nargs, &size))
        return NULL;
    if (size == 0)
        return nothing(self_of(op));
    if (look(self_of(op), &ptr, &len))
        return NULL;
    return read_bytes(self_of(op), size >= 0 && (size_t) size < len ? size : (Py_ssize_t) len);
}

PyDoc_STRVAR(readinto_doc, "readinto($self, buffer, /)\n--\n\nDecode into a writable buffer; returns how many bytes.");
static PyObject *decoder_readinto(PyObject *op, PyObject *arg)
{
    struct rp_coder *self = self_of(op);
    Py_buffer buffer;
    if (rp_room_init(&buffer, arg))
        return NULL;
    if (is_in_use(self)) {
        PyBuffer_Release(&buffer);
        return NULL;
    }
    Py_ssize_t done = rp_coder_kept(self) < buffer.len ? rp_coder_kept(self) : buffer.len, got = 0;
    if (done) {
        memmove(buffer.buf, kept_ptr(self), (size_t) done);
        pass_kept(self, done);
    }
    bool failed = (done < buffer.len || done == 0) && read_into(self, (char *) buffer.buf + done, buffer.len - done, &got);
    done += got;
    if (failed && done && comes_again())
        failed = false;
    else if (failed && done)
        keep_copy(self, buffer.buf, (size_t) done);
    PyBuffer_Release(&buffer);
    return failed ? NULL : PyLong_FromSsize_t(done);
}

// A line of the chain's, borrowed; -1 with an exception.
static int chain_line(struct rp_coder *self, Py_ssize_t size, struct rove_span *span_out)
{
    enum rove_status status;
    *span_out = (struct rove_span){0};
    if (take_on(self))
        return -1;
    Py_BEGIN_ALLOW_THREADS
    status = rove_stream_line(self->stream, '\n', size < 0 ? 0 : (size_t) size, span_out);
    Py_END_ALLOW_THREADS
    if (rp_coder_give(self, status) == 0)
        return 0;
    if (span_out->len)
        keep_copy(self, span_out->ptr, span_out->len);
    return -1;
}

// A line that begins with what is kept.
static PyObject *kept_line(struct rp_coder *self, Py_ssize_t size)
{
    Py_ssize_t len = rp_coder_kept(self), most = size >= 0 && size < len ? size : len;
    const char *end = memchr(kept_ptr(self), '\n', (size_t) most);
    struct rove_span more;
    if (end || most == size)
        return take_kept(self, end ? end + 1 - kept_ptr(self) : most);
    if (chain_line(self, size < 0 ? -1 : size - len, &more))
        return comes_again() ? take_kept(self, rp_coder_kept(self)) : NULL;
    if (more.len)
        keep_copy(self, more.ptr, more.len);
    return PyErr_Occurred() ? NULL : take_kept(self, rp_coder_kept(self));
}

static PyObject *line(struct rp_coder *self, Py_ssize_t size)
{
    struct rove_span span;
    if (size == 0)
        return nothing(self);
    if (is_in_use(self))
        return NULL;
    if (self->kept)
        return kept_line(self, size);
    if (chain_line(self, size, &span))
        return NULL;
    PyObject *bytes = PyBytes_FromStringAndSize((const char *) span.ptr, (Py_ssize_t) span.len);
    self->lost |= !bytes;
    return bytes;
}

PyDoc_STRVAR(readline_doc, "readline($self, size=-1, /)\n--\n\nDecode a line, its end included; at most size bytes of it.");
static PyObject *decoder_readline(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t size;
    return size_arg(args, nargs, &size) ? NULL : line(self_of(op), size);
}

static char *put(char *to, PyObject *bytes)
{
    memcpy(to, PyBytes_AS_STRING(bytes), (size_t) PyBytes_GET_SIZE(bytes));
    return to + PyBytes_GET_SIZE(bytes);
}

// Puts lines, and one that was to follow them or NULL, before what is kept: so many bytes. An exception that is there
// stays.
static void keep_lines(struct rp_coder *self, PyObject *lines, PyObject *next, Py_ssize_t before)
{
    PyObject *raised[3];
    Py_ssize_t behind = rp_coder_kept(self);
    if (self->lost)
        return; // they would be followed by a gap
    PyObject *bytes = room_to_keep(self, before + behind, raised);
    if (!bytes)
        return;
    char *to = PyBytes_AS_STRING(bytes);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(lines); i++)
        to = put(to, PyList_GET_ITEM(lines, i));
    if (next)
        to = put(to, next);
    if (behind)
        memcpy(to, kept_ptr(self), (size_t) behind);
    keep(self, bytes, before + behind);
    PyErr_Restore(raised[0], raised[1], raised[2]);
}

// The base class would drop the lines that came before an exception.
PyDoc_STRVAR(readlines_doc, "readlines($self, hint=-1, /)\n--\n\n"
"Decode lines into a list: those that follow, or as many as have hint bytes together.");
static PyObject *decoder_readlines(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    struct rp_coder *self = self_of(op);
    Py_ssize_t hint, sum = 0;
    PyObject *next = NULL, *lines = size_arg(args, nargs, &hint) ? NULL : PyList_New(0);
    while (lines && (hint <= 0 || sum <= hint)) {
        next = line(self, -1);
        sum += next ? PyBytes_GET_SIZE(next) : 0;
        if (next && PyBytes_GET_SIZE(next) && PyList_Append(lines, next) == 0) {
            Py_CLEAR(next);
            continue;
        }
        if (PyErr_Occurred()) {
            keep_lines(self, lines, next, sum);
            Py_CLEAR(lines);
        }
        break;
    }
    Py_XDECREF(next);
    return lines;
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

// That of the base class does not know that it is closed.
PyDoc_STRVAR(flush_doc, "flush($self, /)\n--\n\nDoes nothing.");
static PyObject *decoder_flush(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    return self_of(op)->stream ? Py_NewRef(Py_None) : rp_raise_closed();
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
    if (rp_coder_take_anew(self))
        return NULL;
    enum rove_status status = self->seeks ? ROVE_OK : ROVE_E_UNSUPPORTED;
    if (whence == 1 && __builtin_sub_overflow(off, rp_coder_kept(self), &off)) // the chain's own cursor stands behind them
        status = ROVE_E_RANGE;
    if (status == ROVE_OK)
        status = rove_stream_seek(self->stream, off, (enum rove_whence) whence, &pos);
    if (rp_coder_give(self, status))
        return NULL;
    Py_CLEAR(self->kept);
    self->lost = false;
    return PyLong_FromUnsignedLongLong(pos);
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
    FAST("readlines", decoder_readlines, readlines_doc),
    {"readable", decoder_readable, METH_NOARGS, readable_doc},
    {"flush", decoder_flush, METH_NOARGS, flush_doc},
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
