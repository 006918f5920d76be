// SPDX-License-Identifier: MIT
// bytesio.c: rove.BytesIO, the methods that io.BytesIO has, to the letter.
#include "content.h"

PyTypeObject *rp_bytesio_type;

static struct rp_bytesio *self_of(PyObject *op)
{
    return (struct rp_bytesio *) op;
}

// ---- Read -----------------------------------------------------------------------------------------

// The arguments of read() and its kin: nothing, or one that is a size.
static int size_arg(const char *name, PyObject *const *args, Py_ssize_t nargs, Py_ssize_t *size_out)
{
    *size_out = -1;
    if (nargs == 0)
        return 0;
    if (nargs == 1)
        return rp_size_of(args[0], size_out);
    PyErr_Format(PyExc_TypeError, "%s expected at most 1 argument, got %zd", name, nargs);
    return -1;
}

PyDoc_STRVAR(read_doc, "read($self, size=-1, /)\n--\n\n"
"Read at most size bytes, returned as a bytes object; all that are left if size is negative or None.\n\n"
"Returns an empty bytes object at the end.");
static PyObject *bytesio_read(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    struct rp_bytesio *self = self_of(op);
    Py_ssize_t size = -1;
    if (nargs == 1 ? rp_size(args[0], &size) : nargs && size_arg("read", args, nargs, &size))
        return NULL;
    if (rp_enter(self))
        return NULL;
    return rp_read(self, size);
}

PyDoc_STRVAR(read1_doc, "read1($self, size=-1, /)\n--\n\nThe same as read().");

PyDoc_STRVAR(readinto_doc, "readinto($self, buffer, /)\n--\n\n"
"Read bytes into a writable buffer; returns how many, 0 at the end.");
static PyObject *bytesio_readinto(PyObject *op, PyObject *arg)
{
    struct rp_bytesio *self = self_of(op);
    Py_buffer buffer;
    if (rp_room_init(&buffer, arg))
        return NULL;
    Py_ssize_t got = rp_enter(self) == 0 ? rp_read_into(self, buffer.buf, buffer.len) : -1;
    PyBuffer_Release(&buffer);
    return got < 0 ? NULL : PyLong_FromSsize_t(got);
}

PyDoc_STRVAR(readline_doc, "readline($self, size=-1, /)\n--\n\n"
"Read a line, its end included; at most size bytes of it if size is not negative.\n\n"
"Returns an empty bytes object at the end.");
static PyObject *bytesio_readline(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    struct rp_bytesio *self = self_of(op);
    Py_ssize_t size;
    if (size_arg("readline", args, nargs, &size) || rp_enter(self))
        return NULL;
    return rp_line(self, size);
}

PyDoc_STRVAR(readlines_doc, "readlines($self, size=None, /)\n--\n\n"
"A list of the lines that are left; no more of them when they have size bytes together.");
static PyObject *bytesio_readlines(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    struct rp_bytesio *self = self_of(op);
    Py_ssize_t most = -1, total = 0;
    if (nargs > 1) {
        PyErr_Format(PyExc_TypeError, "readlines expected at most 1 argument, got %zd", nargs);
        return NULL;
    }
    if (rp_enter(self))
        return NULL;
    if (nargs == 1 && PyLong_Check(args[0])) {
        most = PyLong_AsSsize_t(args[0]);
        if (most == -1 && PyErr_Occurred())
            return NULL;
    } else if (nargs == 1 && args[0] != Py_None) {
        PyErr_Format(PyExc_TypeError, "integer argument expected, got '%.200s'", Py_TYPE(args[0])->tp_name);
        return NULL;
    }
    PyObject *list = PyList_New(0);
    while (list) {
        PyObject *line = rp_line(self, -1);
        Py_ssize_t len = line ? PyBytes_GET_SIZE(line) : 0;
        if (len == 0 && line) {
            Py_DECREF(line);
            break;
        }
        if (!line || PyList_Append(list, line))
            Py_CLEAR(list);
        Py_XDECREF(line);
        total += len;
        if (most > 0 && total >= most)
            break;
    }
    return list;
}

static PyObject *bytesio_next(PyObject *op)
{
    struct rp_bytesio *self = self_of(op);
    if (rp_enter(self))
        return NULL;
    PyObject *line = rp_line(self, -1);
    if (line && PyBytes_GET_SIZE(line) == 0)
        Py_CLEAR(line);
    return line;
}

// ---- Write ----------------------------------------------------------------------------------------

// The buffer is taken first, and once: to take it may run code that closes this object or exports its buffer.
static Py_ssize_t write_obj(struct rp_bytesio *self, PyObject *obj)
{
    struct rp_given given;
    if (rp_is_ours(obj))
        return rp_write_view(self, obj);
    if (rp_given_init(&given, obj))
        return -1;
    Py_ssize_t len = given.len;
    if (rp_enter_change(self) || (len && rp_write(self, given.ptr, len)))
        len = -1;
    rp_given_fini(&given);
    return len;
}

PyDoc_STRVAR(write_doc, "write($self, b, /)\n--\n\n"
"Write bytes at the cursor, over what is there and beyond; returns their number. Those of a rove.View or rove.Rope are\n"
"shared, not copied.");
static PyObject *bytesio_write(PyObject *op, PyObject *arg)
{
    struct rp_bytesio *self = self_of(op);
    Py_ssize_t len;
    if (self->stream && PyBytes_CheckExact(arg) && !self->guard.holder) { // what most do most: a stream is open, not exported
        len = PyBytes_GET_SIZE(arg);
        if (len && len < 4096 && rove_stream_write(self->stream, PyBytes_AS_STRING(arg), (size_t) len) == ROVE_OK)
            return PyLong_FromSsize_t(len);
    }
    len = write_obj(self, arg);
    return len < 0 ? NULL : PyLong_FromSsize_t(len);
}

PyDoc_STRVAR(writelines_doc, "writelines($self, lines, /)\n--\n\n"
"Write all bytes-like objects of an iterable, one after the other.");
static PyObject *bytesio_writelines(PyObject *op, PyObject *lines)
{
    struct rp_bytesio *self = self_of(op);
    if (rp_enter(self))
        return NULL;
    PyObject *it = PyObject_GetIter(lines);
    if (!it)
        return NULL;
    PyObject *item;
    while ((item = PyIter_Next(it))) {
        Py_ssize_t len = write_obj(self, item);
        Py_DECREF(item);
        if (len < 0)
            break;
    }
    Py_DECREF(it);
    if (PyErr_Occurred())
        return NULL;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(truncate_doc, "truncate($self, size=None, /)\n--\n\n"
"Shorten to size bytes, by default to the cursor, which stays; returns size. Never makes longer.");
static PyObject *bytesio_truncate(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    struct rp_bytesio *self = self_of(op);
    if (nargs > 1) {
        PyErr_Format(PyExc_TypeError, "truncate expected at most 1 argument, got %zd", nargs);
        return NULL;
    }
    Py_ssize_t size = -1;
    bool given = nargs == 1 && args[0] != Py_None;
    if (given) {
        if (!PyIndex_Check(args[0])) // as the others say it
            return rp_size_of(args[0], &size) ? NULL : PyErr_Format(PyExc_SystemError, "no index");
        size = PyNumber_AsSsize_t(args[0], PyExc_OverflowError);
        if (size == -1 && PyErr_Occurred())
            return NULL;
    }
    if (rp_enter_change(self))
        return NULL;
    if (!given)
        size = rp_tell(self);
    if (size < 0)
        return PyErr_Format(PyExc_ValueError, "negative size value %zd", size);
    return rp_truncate(self, size) ? NULL : PyLong_FromSsize_t(size);
}

// ---- Cursor ---------------------------------------------------------------------------------------

PyDoc_STRVAR(seek_doc, "seek($self, pos, whence=0, /)\n--\n\n"
"Set the cursor: from the start (0), from where it is (1) or from the end (2); returns where it is then.\n\n"
"It may be set past the end. What would be before the start is the start, but for whence 0.");
static PyObject *bytesio_seek(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    struct rp_bytesio *self = self_of(op);
    int whence = 0;
    if (nargs < 1 || nargs > 2)
        return PyErr_Format(PyExc_TypeError, "seek expected 1 or 2 arguments, got %zd", nargs);
    Py_ssize_t pos;
    if (PyLong_CheckExact(args[0])) {
        pos = PyLong_AsSsize_t(args[0]);
    } else {
        PyObject *number = PyNumber_Index(args[0]);
        pos = number ? PyLong_AsSsize_t(number) : -1;
        Py_XDECREF(number);
    }
    if (pos == -1 && PyErr_Occurred())
        return NULL;
    if (nargs == 2) {
        whence = rp_int_of(args[1]);
        if (whence == -1 && PyErr_Occurred())
            return NULL;
    }
    if (rp_enter(self))
        return NULL;
    if (pos < 0 && whence == 0)
        return PyErr_Format(PyExc_ValueError, "negative seek value %zd", pos);
    if (whence < 0 || whence > 2)
        return PyErr_Format(PyExc_ValueError, "invalid whence (%i, should be 0, 1 or 2)", whence);
    Py_ssize_t from = whence == 0 ? 0 : whence == 1 ? rp_tell(self) : rp_length(self);
    if (pos > PY_SSIZE_T_MAX - from)
        return PyErr_Format(PyExc_OverflowError, "new position too large");
    pos += from;
    if (pos < 0)
        pos = 0;
    return rp_seek(self, pos) ? NULL : PyLong_FromSsize_t(pos);
}

PyDoc_STRVAR(tell_doc, "tell($self, /)\n--\n\nThe cursor; it may be past the end.");
static PyObject *bytesio_tell(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    struct rp_bytesio *self = self_of(op);
    return rp_enter(self) ? NULL : PyLong_FromSsize_t(rp_tell(self));
}

// ---- All of it ------------------------------------------------------------------------------------

PyDoc_STRVAR(getvalue_doc, "getvalue($self, /)\n--\n\n"
"All content as bytes, which are shared with the content until it is changed: again costs nothing.");
static PyObject *bytesio_getvalue(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    struct rp_bytesio *self = self_of(op);
    return rp_enter(self) ? NULL : rp_value(self);
}

// ---- What files answer ----------------------------------------------------------------------------

PyDoc_STRVAR(true_doc, "True, or ValueError when the object is closed.");
static PyObject *bytesio_true(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    return rp_enter(self_of(op)) ? NULL : Py_NewRef(Py_True);
}

PyDoc_STRVAR(isatty_doc, "isatty($self, /)\n--\n\nFalse.");
static PyObject *bytesio_isatty(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    return rp_enter(self_of(op)) ? NULL : Py_NewRef(Py_False);
}

PyDoc_STRVAR(flush_doc, "flush($self, /)\n--\n\nDoes nothing.");
static PyObject *bytesio_flush(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    return rp_enter(self_of(op)) ? NULL : Py_NewRef(Py_None);
}

PyDoc_STRVAR(close_doc, "close($self, /)\n--\n\nGive all memory back. Every other call fails then; to close again does nothing.");
static PyObject *bytesio_close(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    struct rp_bytesio *self = self_of(op);
    if (rp_guard_wait(&self->guard) || (self->exports && rp_enter_change(self)))
        return NULL;
    rp_drop(self);
    Py_RETURN_NONE;
}

static PyObject *bytesio_closed(PyObject *op, void *ignored)
{
    (void) ignored;
    return PyBool_FromLong(rp_is_closed(self_of(op)));
}

// ---- Life -----------------------------------------------------------------------------------------

static PyObject *bytesio_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    (void) args, (void) kwds;
    struct rp_bytesio *self = (struct rp_bytesio *) type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    self->flat = PyBytes_FromStringAndSize(NULL, 0);
    if (!self->flat)
        Py_CLEAR(self);
    return (PyObject *) self;
}

// To begin anew empties; but one that is closed stays so, unless it is given bytes.
static int begin(struct rp_bytesio *self, PyObject *initial)
{
    if (rp_guard_wait(&self->guard))
        return -1;
    if (self->exports)
        return rp_enter_change(self);
    if (initial && initial != Py_None)
        return rp_set_content(self, initial);
    if (rp_is_closed(self) || (self->flat && self->size == 0 && self->pos == 0))
        return 0;
    PyObject *empty = PyBytes_FromStringAndSize(NULL, 0);
    int rc = empty ? rp_set_content(self, empty) : -1;
    Py_XDECREF(empty);
    return rc;
}

static int bytesio_init(PyObject *op, PyObject *args, PyObject *kwds)
{
    static char *names[] = {"initial_bytes", "pool", NULL};
    PyObject *initial = NULL, *pool = NULL;
    struct rp_bytesio *self = self_of(op);
    if (!kwds && PyTuple_GET_SIZE(args) <= 1)
        return begin(self, PyTuple_GET_SIZE(args) ? PyTuple_GET_ITEM(args, 0) : NULL);
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "|O$O:BytesIO", names, &initial, &pool))
        return -1;
    struct rove_pool *ignored;
    if (pool && rp_pool_of(pool, &ignored))
        return -1;
    int rc = begin(self, initial);
    if (rc == 0 && pool) // what it begins with is flat, or nothing: it lies in no pool
        Py_XSETREF(self->pool, pool == Py_None ? NULL : Py_NewRef(pool));
    return rc;
}

// BytesIO() and BytesIO(b"...") without a tuple for the arguments. Subclasses go by tp_new and tp_init.
static PyObject *bytesio_call(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *names)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (names || nargs > 1) {
        PyObject *result = NULL, *tuple = PyTuple_New(nargs), *dict = names ? PyDict_New() : NULL;
        for (Py_ssize_t i = 0; tuple && i < nargs; i++)
            PyTuple_SET_ITEM(tuple, i, Py_NewRef(args[i]));
        for (Py_ssize_t i = 0; dict && i < PyTuple_GET_SIZE(names); i++)
            if (PyDict_SetItem(dict, PyTuple_GET_ITEM(names, i), args[nargs + i]))
                Py_CLEAR(dict);
        if (tuple && (dict || !names)) {
            result = bytesio_new((PyTypeObject *) type, tuple, dict);
            if (result && bytesio_init(result, tuple, dict))
                Py_CLEAR(result);
        }
        Py_XDECREF(tuple);
        Py_XDECREF(dict);
        return result;
    }
    PyObject *op = bytesio_new((PyTypeObject *) type, NULL, NULL);
    if (op && nargs && begin(self_of(op), args[0]))
        Py_CLEAR(op);
    return op;
}

static int bytesio_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(self_of(op)->dict);
    Py_VISIT(self_of(op)->pool);
    Py_VISIT(Py_TYPE(op));
    return 0;
}

static int bytesio_clear(PyObject *op)
{
    struct rp_bytesio *self = self_of(op);
    Py_CLEAR(self->dict);
    if (self->exports == 0)
        rp_drop(self);
    return 0;
}

static void bytesio_dealloc(PyObject *op)
{
    struct rp_bytesio *self = self_of(op);
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    if (self->weakrefs)
        PyObject_ClearWeakRefs(op);
    rp_drop(self);
    Py_CLEAR(self->dict);
    Py_CLEAR(self->pool);
    type->tp_free(op);
    Py_DECREF(type);
}

// ---- The type -------------------------------------------------------------------------------------

#define FAST(name, fn, doc) {name, (PyCFunction) (void (*)(void)) (fn), METH_FASTCALL, doc}

static PyMethodDef methods[] = {
    FAST("read", bytesio_read, read_doc),
    FAST("read1", bytesio_read, read1_doc),
    {"readinto", bytesio_readinto, METH_O, readinto_doc},
    FAST("readline", bytesio_readline, readline_doc),
    FAST("readlines", bytesio_readlines, readlines_doc),
    {"write", bytesio_write, METH_O, write_doc},
    {"writelines", bytesio_writelines, METH_O, writelines_doc},
    FAST("truncate", bytesio_truncate, truncate_doc),
    FAST("seek", bytesio_seek, seek_doc),
    {"tell", bytesio_tell, METH_NOARGS, tell_doc},
    {"getvalue", bytesio_getvalue, METH_NOARGS, getvalue_doc},
    {"readable", bytesio_true, METH_NOARGS, true_doc},
    {"writable", bytesio_true, METH_NOARGS, true_doc},
    {"seekable", bytesio_true, METH_NOARGS, true_doc},
    {"isatty", bytesio_isatty, METH_NOARGS, isatty_doc},
    {"flush", bytesio_flush, METH_NOARGS, flush_doc},
    {"close", bytesio_close, METH_NOARGS, close_doc},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef getset[] = {
    {"closed", bytesio_closed, NULL, "True once the object is closed.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(struct rp_bytesio, dict), READONLY, NULL},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(struct rp_bytesio, weakrefs), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(type_doc, "BytesIO(initial_bytes=b'', *, pool=None)\n--\n\n"
"Bytes in memory as a file: io.BytesIO on a rope.\n\n"
"What io.BytesIO does it does, to the letter. A write while somebody holds the content copies a piece and not all of\n"
"it; what is inserted, erased or dropped moves nothing. Bytes that it begins with are shared until they are changed.\n"
"With a pool, content beyond the pool's memory limit sleeps on disk.");

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *) type_doc},   {Py_tp_new, bytesio_new},         {Py_tp_init, bytesio_init},
    {Py_tp_dealloc, bytesio_dealloc}, {Py_tp_traverse, bytesio_traverse}, {Py_tp_clear, bytesio_clear},
    {Py_tp_iter, PyObject_SelfIter},  {Py_tp_iternext, bytesio_next},   {Py_tp_methods, methods},
    {Py_tp_getset, getset},           {Py_tp_members, members},         {0, NULL},
};

static PyType_Spec spec = {
    .name = "rove.BytesIO",
    .basicsize = sizeof(struct rp_bytesio),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};

// Our fields begin where those of the base class end; a Python that has more of them is refused, not corrupted.
static int check_base(PyObject *base)
{
    if (((PyTypeObject *) base)->tp_basicsize == (Py_ssize_t) offsetof(struct rp_bytesio, flat))
        return 0;
    PyErr_SetString(PyExc_ImportError, "_io._BufferedIOBase of this Python has an unknown layout");
    return -1;
}

int rp_bytesio_init(PyObject *module)
{
    PyObject *io = PyImport_ImportModule("_io");
    PyObject *base = io ? PyObject_GetAttrString(io, "_BufferedIOBase") : NULL;
    Py_XDECREF(io);
    if (!base)
        return -1;
    if (check_base(base) == 0)
        rp_bytesio_type = rp_add_type(module, &spec, base);
    Py_DECREF(base);
    if (rp_bytesio_type)
        rp_bytesio_type->tp_vectorcall = bytesio_call;
    if (!rp_bytesio_type || rp_export_init())
        return -1;
    return rp_add_methods(rp_bytesio_type, rp_export_methods) || rp_add_methods(rp_bytesio_type, rp_state_methods)
                   || rp_add_methods(rp_bytesio_type, rp_more_methods)
               ? -1 : 0;
}
