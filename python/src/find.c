// SPDX-License-Identifier: MIT
// find.c: looking for bytes in a View or a Rope.
#include "kit.h"
#include "view_slice.h"

// A Rope has no buffer to look at: what it holds is copied, unless it is too long to be found.
static enum rove_status find_rope(const struct rove_view *view, struct rove_rope *sub, uint64_t *pos_out)
{
    uint64_t len = rove_rope_len(sub);
    struct rove_view all;
    if (len > rove_view_len(view))
        return ROVE_END;
    enum rove_status status = rove_rope_view(sub, 0, len, &all);
    if (status != ROVE_OK)
        return status;
    PyObject *bytes = rp_view_bytes(&all, 0, len);
    rove_view_fini(&all);
    status = bytes ? rp_find_bytes(view, PyBytes_AS_STRING(bytes), (size_t) len, pos_out) : ROVE_E_ARG;
    Py_XDECREF(bytes);
    return status;
}

static enum rove_status find_byte(const struct rove_view *view, PyObject *sub, uint64_t *pos_out)
{
    Py_ssize_t byte = PyNumber_AsSsize_t(sub, PyExc_ValueError);
    if (byte >= 0 && byte <= 255)
        return rp_find_bytes(view, &(uint8_t){(uint8_t) byte}, 1, pos_out);
    if (!PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "byte must be in range(0, 256)");
    return ROVE_E_ARG;
}

static enum rove_status find_given(const struct rove_view *view, PyObject *sub, uint64_t *pos_out)
{
    struct rp_given given;
    if (rp_given_init(&given, sub))
        return ROVE_E_ARG;
    enum rove_status status = rp_find_bytes(view, given.ptr, (size_t) given.len, pos_out);
    rp_given_fini(&given);
    return status;
}

static enum rove_status find_sub(const struct rove_view *view, PyObject *sub, uint64_t *pos_out)
{
    if (PyObject_TypeCheck(sub, rp_rope_type))
        return find_rope(view, rp_rope_inner(sub), pos_out);
    PyObject *what = rp_byte_or_bytes(sub);
    if (!what)
        return ROVE_E_ARG;
    enum rove_status status = PyLong_Check(what) ? find_byte(view, what, pos_out) : find_given(view, what, pos_out);
    Py_DECREF(what);
    return status;
}

// pos_out: -1 when it is not there. Where not even nothing is found it is looked for all the same, in nothing: it may be what
// cannot be looked for.
static int find_from(const struct rove_view *view, Py_ssize_t from, Py_ssize_t to, PyObject *sub, Py_ssize_t *pos_out)
{
    uint64_t pos = 0;
    struct rove_view part;
    bool none = from > to;
    *pos_out = -1;
    enum rove_status status = rove_view_sub(view, none ? 0 : (uint64_t) from, none ? 0 : (uint64_t) (to - from), &part);
    if (status == ROVE_OK) {
        status = find_sub(&part, sub, &pos);
        rove_view_fini(&part);
    }
    if (status == ROVE_OK && !none)
        *pos_out = from + (Py_ssize_t) pos;
    if (status >= 0)
        return 0;
    rp_raise(status);
    return -1;
}

static int take_find(const struct rove_view *view, PyObject *const *args, Py_ssize_t nargs, Py_ssize_t *from, Py_ssize_t *to)
{
    if (nargs >= 1 && nargs <= 3)
        return rp_bounds_of(nargs > 1 ? args[1] : NULL, nargs > 2 ? args[2] : NULL, rove_view_len(view), from, to);
    PyErr_Format(PyExc_TypeError, "expected 1 to 3 arguments, got %zd", nargs);
    return -1;
}

int rp_find_in(const struct rove_view *view, PyObject *const *args, Py_ssize_t nargs, Py_ssize_t *pos_out)
{
    Py_ssize_t from, to;
    *pos_out = -1;
    return take_find(view, args, nargs, &from, &to) || find_from(view, from, to, args[0], pos_out) ? -1 : 0;
}

static int index_in(const struct rove_view *view, PyObject *const *args, Py_ssize_t nargs, Py_ssize_t *pos_out)
{
    if (rp_find_in(view, args, nargs, pos_out))
        return -1;
    if (*pos_out >= 0)
        return 0;
    PyErr_SetString(PyExc_ValueError, "subsection not found");
    return -1;
}

static int sub_len(PyObject *sub, Py_ssize_t *len_out)
{
    struct rp_given given;
    *len_out = 1;
    if (PyObject_TypeCheck(sub, rp_rope_type)) {
        *len_out = (Py_ssize_t) rove_rope_len(rp_rope_inner(sub));
        return 0;
    }
    PyObject *what = rp_byte_or_bytes(sub);
    int rc = !what ? -1 : PyLong_Check(what) ? 0 : rp_given_init(&given, what);
    if (rc == 0 && !PyLong_Check(what)) {
        *len_out = given.len;
        rp_given_fini(&given);
    }
    Py_XDECREF(what);
    return rc;
}

static int count_in(const struct rove_view *view, PyObject *const *args, Py_ssize_t nargs, Py_ssize_t *cnt_out)
{
    Py_ssize_t from, to, pos, len;
    *cnt_out = 0;
    if (take_find(view, args, nargs, &from, &to) || sub_len(args[0], &len))
        return -1;
    for (;;) {
        if (find_from(view, from, to, args[0], &pos))
            return -1;
        if (pos < 0)
            return 0;
        from = pos + (len ? len : 1);
        if (rp_should_end((*cnt_out)++))
            return -1;
    }
}

// ---- Methods of both ------------------------------------------------------------------------------

typedef int ask_fn(const struct rove_view *view, PyObject *const *args, Py_ssize_t nargs, Py_ssize_t *out);

static PyObject *ask(PyObject *op, PyObject *const *args, Py_ssize_t nargs, ask_fn *fn)
{
    struct rove_view view; // of its own: what an argument does may change a Rope
    Py_ssize_t answer;
    if (rp_view_of(op, NULL, &view) < 0)
        return NULL;
    int rc = fn(&view, args, nargs, &answer);
    rove_view_fini(&view);
    return rc ? NULL : PyLong_FromSsize_t(answer);
}

PyDoc_STRVAR(find_doc, "find($self, sub, start=0, end=None, /)\n--\n\n"
"The offset of the first place where bytes (or a View, a Rope, a byte as an int) stand, or -1.");
static PyObject *find(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    return ask(op, args, nargs, rp_find_in);
}

PyDoc_STRVAR(index_doc, "index($self, sub, start=0, end=None, /)\n--\n\nLike find(), but raises ValueError where there is none.");
static PyObject *index_of(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    return ask(op, args, nargs, index_in);
}

PyDoc_STRVAR(count_doc, "count($self, sub, start=0, end=None, /)\n--\n\n"
"How often bytes (or a View, a Rope, a byte as an int) stand there, without overlaps.");
static PyObject *count(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    return ask(op, args, nargs, count_in);
}

#define FAST(name, fn, doc) {name, (PyCFunction) (void (*)(void)) (fn), METH_FASTCALL, doc}

PyMethodDef rp_find_methods[] = {
    FAST("find", find, find_doc),
    FAST("index", index_of, index_doc),
    FAST("count", count, count_doc),
    {NULL, NULL, 0, NULL},
};
