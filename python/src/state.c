// SPDX-License-Identifier: MIT
// state.c: rove.BytesIO as a value: what it begins with, pickling, how much memory it has.
#include "content.h"

static struct rp_bytesio *self_of(PyObject *op)
{
    return (struct rp_bytesio *) op;
}

static PyObject *state_getstate(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    struct rp_bytesio *self = self_of(op);
    PyObject *value = rp_enter(self) ? NULL : rp_value(self);
    if (!value)
        return NULL;
    PyObject *dict = self->dict ? PyDict_Copy(self->dict) : Py_NewRef(Py_None);
    if (!dict) {
        Py_DECREF(value);
        return NULL;
    }
    return Py_BuildValue("(NnN)", value, rp_tell(self), dict);
}

static int set_dict(struct rp_bytesio *self, PyObject *dict)
{
    if (dict == Py_None)
        return 0;
    if (!self->dict) {
        self->dict = Py_NewRef(dict);
        return 0;
    }
    return PyDict_Update(self->dict, dict); // which stays the object's, whatever a key does that is compared
}

int rp_set_content(struct rp_bytesio *self, PyObject *initial)
{
    if (PyBytes_CheckExact(initial)) {
        Py_INCREF(initial);
        rp_drop(self);
        self->flat = initial;
        self->size = PyBytes_GET_SIZE(initial);
        return 0;
    }
    struct rp_given given;
    if (rp_given_init(&given, initial))
        return -1;
    PyObject *bytes = PyBytes_FromStringAndSize(given.ptr, given.len);
    rp_given_fini(&given);
    if (!bytes || rp_enter_change(self)) { // not before: to take the buffer and to give it back may run any code
        Py_XDECREF(bytes);
        return -1;
    }
    rp_drop(self);
    self->flat = bytes;
    self->size = PyBytes_GET_SIZE(bytes);
    return 0;
}

static PyObject *state_setstate(PyObject *op, PyObject *state)
{
    struct rp_bytesio *self = self_of(op);
    if (!PyTuple_Check(state) || PyTuple_GET_SIZE(state) < 3)
        return PyErr_Format(PyExc_TypeError, "%.200s.__setstate__ argument should be 3-tuple, got %.200s",
                            Py_TYPE(op)->tp_name, Py_TYPE(state)->tp_name);
    if (rp_enter_change(self))
        return NULL;
    PyObject *pos_obj = PyTuple_GET_ITEM(state, 1);
    if (!PyLong_Check(pos_obj))
        return PyErr_Format(PyExc_TypeError, "second item of state must be an integer, not %.200s",
                            Py_TYPE(pos_obj)->tp_name);
    Py_ssize_t pos = PyLong_AsSsize_t(pos_obj);
    if (pos == -1 && PyErr_Occurred())
        return NULL;
    if (pos < 0)
        return PyErr_Format(PyExc_ValueError, "position value cannot be negative");
    PyObject *dict = PyTuple_GET_ITEM(state, 2);
    if (dict != Py_None && !PyDict_Check(dict))
        return PyErr_Format(PyExc_TypeError, "third item of state should be a dict, got a %.200s", Py_TYPE(dict)->tp_name);
    if (rp_set_content(self, PyTuple_GET_ITEM(state, 0)) || rp_seek(self, pos) || set_dict(self, dict))
        return NULL;
    Py_RETURN_NONE;
}

// Whether its class says itself what it is made of; -1 with an exception.
static int reduces_itself(PyObject *op)
{
    PyObject *usual = PyObject_GetAttrString((PyObject *) &PyBaseObject_Type, "__reduce__");
    PyObject *own = usual ? PyObject_GetAttrString((PyObject *) Py_TYPE(op), "__reduce__") : NULL;
    int does = own ? own != usual : -1;
    Py_XDECREF(own);
    Py_XDECREF(usual);
    return does;
}

// Protocols 0 and 1 would rebuild the base class; io.BytesIO refuses them.
static PyObject *state_reduce_ex(PyObject *op, PyObject *arg)
{
    int protocol = rp_int_of(arg);
    if (protocol == -1 && PyErr_Occurred())
        return NULL;
    int own = reduces_itself(op);
    if (own < 0)
        return NULL;
    if (protocol < 2 && !own)
        return PyErr_Format(PyExc_TypeError, "cannot pickle '%.200s' object", Py_TYPE(op)->tp_name);
    return rp_call((PyObject *) &PyBaseObject_Type, "__reduce_ex__", "(OO)", op, arg);
}

static PyObject *state_sizeof(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    struct rp_bytesio *self = self_of(op);
    size_t len = (size_t) Py_TYPE(op)->tp_basicsize;
    if (rp_guard_wait(&self->guard))
        return NULL;
    if (self->flat && Py_REFCNT(self->flat) == 1)
        len += (size_t) (PyBytes_Type.tp_basicsize + PyBytes_GET_SIZE(self->flat));
    if (self->stream) {
        struct rove_rope rope;
        struct rove_rope_figures figures;
        enum rove_status status = rove_stream_clone_rope(self->stream, &rope);
        if (status == ROVE_OK)
            status = rove_rope_measure(&rope, &figures);
        rove_rope_fini(&rope);
        if (status != ROVE_OK)
            return rp_raise(status);
        len += figures.retained;
    }
    return PyLong_FromSize_t(len);
}

PyMethodDef rp_state_methods[] = {
    {"__getstate__", state_getstate, METH_NOARGS, NULL},
    {"__setstate__", state_setstate, METH_O, NULL},
    {"__reduce_ex__", state_reduce_ex, METH_O, NULL},
    {"__sizeof__", state_sizeof, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};
