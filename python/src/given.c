// SPDX-License-Identifier: MIT
// given.c: bytes and numbers that come from Python, and bytes that go there.
#include "kit.h"

int rp_given_init(struct rp_given *given, PyObject *obj)
{
    if (PyBytes_CheckExact(obj)) {
        given->ptr = PyBytes_AS_STRING(obj);
        given->len = PyBytes_GET_SIZE(obj);
        given->buffer.obj = NULL;
        return 0;
    }
    if (PyObject_GetBuffer(obj, &given->buffer, PyBUF_CONTIG_RO))
        return -1;
    if (!PyBuffer_IsContiguous(&given->buffer, 'C')) { // some exporters leave this to the one who asks
        PyBuffer_Release(&given->buffer);
        PyErr_SetString(PyExc_BufferError, "the buffer is not contiguous");
        return -1;
    }
    given->ptr = given->buffer.buf;
    given->len = given->buffer.len;
    return 0;
}

int rp_room_init(Py_buffer *buffer, PyObject *obj)
{
    if (PyObject_GetBuffer(obj, buffer, PyBUF_WRITABLE)) {
        if (PyErr_ExceptionMatches(PyExc_BufferError) || PyErr_ExceptionMatches(PyExc_TypeError)
            || PyErr_ExceptionMatches(PyExc_ValueError)) // one that was released
            PyErr_Format(PyExc_TypeError, "readinto() argument must be read-write bytes-like object, not %.100s",
                         Py_TYPE(obj)->tp_name);
        return -1;
    }
    if (PyBuffer_IsContiguous(buffer, 'C')) // some exporters leave this to the one who asks
        return 0;
    PyBuffer_Release(buffer);
    PyErr_SetString(PyExc_TypeError, "readinto() argument must be a contiguous buffer");
    return -1;
}

PyObject *rp_byte_or_bytes(PyObject *obj)
{
    PyObject *number = PyIndex_Check(obj) ? PyNumber_Index(obj) : NULL;
    if (number || !PyErr_Occurred())
        return number ? number : Py_NewRef(obj);
    if (!PyErr_ExceptionMatches(PyExc_TypeError) || !PyObject_CheckBuffer(obj))
        return NULL;
    PyErr_Clear();
    return Py_NewRef(obj);
}

int rp_size_of(PyObject *obj, Py_ssize_t *size_out)
{
    if (obj == Py_None) {
        *size_out = -1;
        return 0;
    }
    if (!PyIndex_Check(obj)) {
        PyErr_Format(PyExc_TypeError, "argument should be integer or None, not '%.200s'", Py_TYPE(obj)->tp_name);
        return -1;
    }
    Py_ssize_t size = PyNumber_AsSsize_t(obj, PyExc_OverflowError);
    if (size == -1 && PyErr_Occurred())
        return -1;
    *size_out = size < 0 ? -1 : size;
    return 0;
}

PyObject *rp_call(PyObject *obj, const char *name, const char *format, ...)
{
    va_list values;
    PyObject *key = PyUnicode_InternFromString(name), *method = key ? PyObject_GetAttr(obj, key) : NULL;
    va_start(values, format);
    PyObject *args = method ? Py_VaBuildValue(format, values) : NULL;
    va_end(values);
    PyObject *result = args ? PyObject_CallObject(method, args) : NULL;
    Py_XDECREF(args);
    Py_XDECREF(method);
    Py_XDECREF(key);
    return result;
}

int rp_first_and_spec(PyObject *args, PyObject *kwds, const char *name, PyObject **first_out, PyObject **spec_out)
{
    const char *const names[] = {name, "spec"};
    PyObject **const outs[] = {first_out, spec_out};
    Py_ssize_t cnt = PyTuple_GET_SIZE(args);
    if (cnt > 2) {
        PyErr_Format(PyExc_TypeError, "at most 2 positional arguments are taken, got %zd", cnt);
        return -1;
    }
    for (Py_ssize_t i = 0; i < 2; i++) {
        *outs[i] = kwds ? PyDict_GetItemString(kwds, names[i]) : NULL;
        if (i < cnt && *outs[i]) {
            PyErr_Format(PyExc_TypeError, "argument for '%s' is given by name and by position", names[i]);
            return -1;
        }
        if (i < cnt)
            *outs[i] = PyTuple_GET_ITEM(args, i);
    }
    if (*first_out)
        return 0;
    PyErr_Format(PyExc_TypeError, "missing required argument '%s'", name);
    return -1;
}

int rp_int_of(PyObject *obj)
{
    int over;
    long value = PyLong_AsLongAndOverflow(obj, &over);
    if (!over && value == (int) value)
        return (int) value;
    PyErr_SetString(PyExc_OverflowError, "Python int too large to convert to C int");
    return -1;
}

int rp_u64_of(PyObject *obj, uint64_t *out)
{
    PyObject *number = PyNumber_Index(obj);
    if (!number)
        return -1;
    unsigned long long value = PyLong_AsUnsignedLongLong(number);
    Py_DECREF(number);
    if (value == (unsigned long long) -1 && PyErr_Occurred())
        return -1;
    *out = value;
    return 0;
}

// From whatever thread lets go last. When the interpreter ends there is nobody left to give it to.
static void release_bytes(void *arg, const void *ptr, size_t len)
{
    (void) ptr, (void) len;
    if (!Py_IsInitialized())
        return;
    PyGILState_STATE state = PyGILState_Ensure();
    Py_DECREF((PyObject *) arg);
    PyGILState_Release(state);
}

enum rove_status rp_append_bytes(struct rove_rope *rope, PyObject *bytes, size_t len)
{
    return rove_rope_append_adopt(rope, PyBytes_AS_STRING(bytes), len, release_bytes, Py_NewRef(bytes));
}

// The same for a buffer.
static void release_given(void *arg, const void *ptr, size_t len)
{
    (void) ptr, (void) len;
    if (!Py_IsInitialized())
        return;
    PyGILState_STATE state = PyGILState_Ensure();
    PyBuffer_Release(&((struct rp_given *) arg)->buffer); // no bytes object, which would have none
    PyMem_Free(arg);
    PyGILState_Release(state);
}

// The buffer stays where it is filled in: what it points to may lie in itself.
enum rove_status rp_append_lent(struct rove_rope *rope, PyObject *obj)
{
    struct rp_given *given = PyMem_Malloc(sizeof *given);
    if (!given)
        return ROVE_E_NOMEM;
    if (rp_given_init(given, obj)) {
        PyMem_Free(given);
        return ROVE_E_ARG;
    }
    return rove_rope_append_adopt(rope, given->ptr, (size_t) given->len, release_given, given);
}

PyObject *rp_view_bytes(const struct rove_view *view, uint64_t off, uint64_t len)
{
    if (len > PY_SSIZE_T_MAX)
        return PyErr_NoMemory();
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t) len);
    if (!bytes)
        return NULL;
    char *to = PyBytes_AS_STRING(bytes);
    enum rove_status status;
    if (len < (uint64_t) RP_BIG) {
        status = rove_view_read(view, off, to, (size_t) len, NULL);
    } else {
        struct rove_view own; // other threads may use the view meanwhile
        status = rove_view_sub(view, off, len, &own);
        if (status == ROVE_OK) {
            Py_BEGIN_ALLOW_THREADS
            status = rove_view_read(&own, 0, to, (size_t) len, NULL);
            Py_END_ALLOW_THREADS
            rove_view_fini(&own);
        }
    }
    if (status < 0) {
        Py_DECREF(bytes);
        return rp_raise(status);
    }
    return bytes;
}

#define STEP ((uint64_t) 4 << 20)

enum rove_status rp_pour(struct rove_stream *stream, const struct rove_view *view)
{
    enum rove_status status = ROVE_OK;
    for (uint64_t at = 0, len = rove_view_len(view); at < len && status == ROVE_OK; at += STEP) {
        struct rove_view part;
        status = rove_view_sub(view, at, len - at < STEP ? len - at : STEP, &part);
        if (status != ROVE_OK)
            break;
        Py_BEGIN_ALLOW_THREADS
        status = rove_stream_write_view(stream, &part);
        Py_END_ALLOW_THREADS
        rove_view_fini(&part);
        if (PyErr_CheckSignals())
            break;
    }
    return status;
}
