// SPDX-License-Identifier: MIT
// errors.c: what a status is in Python.
//
// Where Python has an exception for it, that is raised: MemoryError, ValueError, OverflowError, OSError. What a codec
// or a limit finds is a rove.Error, which says where: status, layer, cause, offset.
#include "kit.h"

#include <errno.h>

PyObject *rp_error;
PyObject *rp_unsupported_operation;

// Those of ours; each is an Error and what stands behind it.
struct kind {
    enum rove_status status;
    const char *name, *doc;
    PyObject *type;
};

static PyObject *data_error, *spec_error;
static struct kind kinds[] = {
    {ROVE_E_DATA, "DamagedError", "The data are damaged.", NULL},
    {ROVE_E_FORMAT, "FormatError", "The data are not of this format.", NULL},
    {ROVE_E_CHECKSUM, "ChecksumError", "A checksum or a length differs from what was decoded.", NULL},
    {ROVE_E_TRUNCATED, "TruncatedError", "The data end too early.", NULL},
    {ROVE_E_TRAILING, "TrailingError", "Something else follows the end of sound data.", NULL},
    {ROVE_E_LIMIT, "LimitError", "A limit was reached: of a chain, or of a pool's memory; limit is the argument that lifts a chain's, if known.", NULL},
    {ROVE_E_STALL, "FilterError", "A filter broke the rules of its calls.", NULL},
};
#define KIND_CNT (sizeof kinds / sizeof kinds[0])

static PyObject *type_of(enum rove_status status)
{
    for (size_t i = 0; i < KIND_CNT; i++)
        if (kinds[i].status == status)
            return kinds[i].type;
    return rp_error;
}

static int set_attr(PyObject *error, const char *name, PyObject *value)
{
    int rc = value ? PyObject_SetAttrString(error, name, value) : -1;
    Py_XDECREF(value);
    return rc;
}

static PyObject *text_or_none(const char *text, size_t len)
{
    return text ? PyUnicode_DecodeUTF8(text, (Py_ssize_t) len, "replace") : Py_NewRef(Py_None);
}

// The explanation of a chain is "layer 1 of 2 (gzip): CAUSE, at input byte 312", or less of that.
struct parts {
    const char *layer, *cause;
    size_t layer_len, cause_len;
    long long offset; // or -1
};

static struct parts take_apart(const char *text)
{
    struct parts parts = {.cause = text, .cause_len = strlen(text), .offset = -1};
    const char *open = strncmp(text, "layer ", 6) == 0 ? strchr(text, '(') : NULL;
    const char *close = open ? strstr(open, "): ") : NULL;
    if (close) {
        parts.layer = open + 1;
        parts.layer_len = (size_t) (close - open - 1);
        parts.cause = close + 3;
        parts.cause_len = strlen(parts.cause);
    }
    static const char mark[] = ", at input byte ";
    const char *at = strstr(parts.cause, mark);
    for (const char *next = at; next; next = strstr(next + 1, mark))
        at = next;
    if (at) {
        parts.cause_len = (size_t) (at - parts.cause);
        parts.offset = strtoll(at + sizeof mark - 1, NULL, 10);
    }
    return parts;
}

// The argument that lifts a limit, by the field of struct rove_limits; a pool's has its own name.
static PyObject *argument_of(const char *field)
{
    if (!field)
        return Py_NewRef(Py_None);
    if (strcmp(field, "output") == 0 || strcmp(field, "ratio") == 0)
        return PyUnicode_FromFormat("max_%s", field);
    return PyUnicode_FromString(field);
}

static PyObject *raise_ours(enum rove_status status, const char *text, const char *limit)
{
    PyObject *type = type_of(status);
    PyObject *error = PyObject_CallFunction(type, "s", text);
    if (!error)
        return NULL;
    struct parts parts = take_apart(text);
    PyObject *offset = parts.offset < 0 ? Py_NewRef(Py_None) : PyLong_FromLongLong(parts.offset);
    bool fine = set_attr(error, "status", PyUnicode_FromString(rove_status_name(status))) == 0;
    fine = set_attr(error, "layer", text_or_none(parts.layer, parts.layer_len)) == 0 && fine;
    fine = set_attr(error, "cause", text_or_none(parts.cause, parts.cause_len)) == 0 && fine;
    fine = set_attr(error, "offset", offset) == 0 && fine;
    if (status == ROVE_E_LIMIT)
        fine = set_attr(error, "limit", argument_of(limit)) == 0 && fine;
    if (fine)
        PyErr_SetObject(type, error);
    Py_DECREF(error);
    return NULL;
}

PyObject *rp_raise_blocked(uint64_t done)
{
    PyObject *error = PyObject_CallFunction(PyExc_BlockingIOError, "isK", EAGAIN, strerror(EAGAIN), (unsigned long long) done);
    if (error)
        PyErr_SetObject(PyExc_BlockingIOError, error);
    Py_XDECREF(error);
    return NULL;
}

PyObject *rp_raise_closed(void)
{
    PyErr_SetString(PyExc_ValueError, "I/O operation on closed file.");
    return NULL;
}

// limit: for ROVE_E_LIMIT, the field of struct rove_limits, or NULL.
static PyObject *raise_as(enum rove_status status, const char *text, int err_no, const char *limit)
{
    switch (status) {
    case ROVE_E_NOMEM:
        return PyErr_NoMemory();
    case ROVE_E_CLOSED:
        return rp_raise_closed();
    case ROVE_E_ARG:
        PyErr_SetString(PyExc_ValueError, text);
        return NULL;
    case ROVE_E_RANGE:
        PyErr_SetString(PyExc_OverflowError, text);
        return NULL;
    case ROVE_E_STATE:
        PyErr_SetString(PyExc_RuntimeError, text);
        return NULL;
    case ROVE_E_UNSUPPORTED:
        PyErr_SetString(rp_unsupported_operation, text);
        return NULL;
    case ROVE_E_AGAIN:
        errno = EAGAIN;
        return PyErr_SetFromErrno(PyExc_BlockingIOError);
    case ROVE_E_IO:
        errno = err_no ? err_no : EIO;
        return PyErr_SetFromErrno(PyExc_OSError);
    default:
        return raise_ours(status, text, limit);
    }
}

PyObject *rp_raise(enum rove_status status)
{
    int err_no = errno;
    if (PyErr_Occurred())
        return NULL;
    return raise_as(status, rove_status_text(status), err_no, NULL);
}

// Of which a stream may know more only where they stick.
static bool tells_all(enum rove_status status)
{
    return status > ROVE_E_DATA || status == ROVE_E_UNSUPPORTED || status == ROVE_E_STATE;
}

PyObject *rp_raise_of(enum rove_status status, const struct rove_stream *stream)
{
    int err_no = errno; // still that of the failure, where the stream is a rope's, in which none sticks
    if (PyErr_Occurred())
        return NULL;
    if (rove_stream_error(stream) == ROVE_E_IO)
        err_no = rove_stream_errno(stream);
    // Failures that the status tells all about are not recorded: then the stream says that all is well, or what the last
    // one was that is.
    const char *text = rove_stream_explain(stream);
    if (strcmp(text, rove_status_text(ROVE_OK)) == 0 || (tells_all(status) && rove_stream_error(stream) != status))
        text = rove_status_text(status);
    return raise_as(status, text, err_no, rove_stream_limit(stream));
}

PyObject *rp_raise_index(enum rove_status status, const struct rove_stream *source)
{
    if (PyErr_Occurred())
        return NULL;
    return raise_as(status, rove_index_explain(), rove_stream_errno(source), rove_index_limit());
}

PyObject *rp_raise_spec(enum rove_status status, const struct rove_spec_error *error)
{
    if (PyErr_Occurred())
        return NULL;
    if (!error->text[0])
        return rp_raise(status);
    if (status == ROVE_E_NOMEM || status == ROVE_E_LIMIT) // the text is not to blame
        return raise_as(status, error->text, 0, NULL);
    PyObject *made = PyObject_CallFunction(spec_error, "s", error->text);
    if (!made)
        return NULL;
    bool fine = set_attr(made, "status", PyUnicode_FromString(rove_status_name(status))) == 0;
    fine = set_attr(made, "cause", PyUnicode_FromString(error->text)) == 0 && fine;
    fine = set_attr(made, "offset", PyLong_FromSize_t(error->off)) == 0 && fine;
    if (fine)
        PyErr_SetObject(spec_error, made);
    Py_DECREF(made);
    return NULL;
}

// A new exception of our name, in the module and held by us; the base is stolen.
static PyObject *add_error(PyObject *module, const char *name, const char *doc, PyObject *base)
{
    char full[64];
    PyOS_snprintf(full, sizeof full, "rove.%s", name);
    PyObject *type = base ? PyErr_NewExceptionWithDoc(full, doc, base, NULL) : NULL;
    Py_XDECREF(base);
    if (type && PyModule_AddObjectRef(module, name, type))
        Py_CLEAR(type);
    return type;
}

static PyObject *base_of(enum rove_status status)
{
    switch (status) {
    case ROVE_E_TRUNCATED:
        return Py_BuildValue("(OO)", data_error, PyExc_EOFError);
    case ROVE_E_LIMIT:
        return Py_BuildValue("(OO)", rp_error, PyExc_MemoryError);
    case ROVE_E_STALL:
        return Py_BuildValue("(O)", rp_error);
    default:
        return Py_BuildValue("(O)", data_error);
    }
}

int rp_errors_init(PyObject *module)
{
    PyObject *io = PyImport_ImportModule("io");
    rp_unsupported_operation = io ? PyObject_GetAttrString(io, "UnsupportedOperation") : NULL;
    Py_XDECREF(io);
    if (!rp_unsupported_operation)
        return -1;
    rp_error = add_error(module, "Error", "What codecs and limits find. Says where: status, layer, cause, offset.",
                         Py_BuildValue("(O)", PyExc_Exception));
    static const char *const names[] = {"status", "layer", "cause", "offset"};
    for (size_t i = 0; rp_error && i < sizeof names / sizeof names[0]; i++)
        if (PyObject_SetAttrString(rp_error, names[i], Py_None))
            return -1;
    data_error = rp_error ? add_error(module, "DataError", "Coded data are not what they should be.",
                                      Py_BuildValue("(O)", rp_error)) : NULL;
    spec_error = data_error ? add_error(module, "SpecError", "A chain's text is wrong; offset is the byte of the text.",
                                        Py_BuildValue("(OO)", rp_error, PyExc_ValueError)) : NULL;
    if (!spec_error)
        return -1;
    for (size_t i = 0; i < KIND_CNT; i++) {
        kinds[i].type = add_error(module, kinds[i].name, kinds[i].doc, base_of(kinds[i].status));
        if (!kinds[i].type)
            return -1;
    }
    return PyObject_SetAttrString(type_of(ROVE_E_LIMIT), "limit", Py_None);
}
