// SPDX-License-Identifier: MIT
// export.c: getbuffer() of rove.BytesIO, the content as a writable buffer.
#include "content.h"

// What a memoryview of getbuffer() stands on: it holds the BytesIO, which must not grow meanwhile.
struct export {
    PyObject_HEAD
    struct rp_bytesio *source;
};

static PyTypeObject *export_type;

static int export_get(PyObject *op, Py_buffer *view, int flags)
{
    struct rp_bytesio *source = ((struct export *) op)->source;
    if (!view) {
        PyErr_SetString(PyExc_BufferError, "view==NULL argument is obsolete");
        return -1;
    }
    if (source->exports == 0 && (!source->flat || rp_unshare(source))) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_BufferError, "the content is elsewhere");
        return -1;
    }
    if (PyBuffer_FillInfo(view, op, PyBytes_AS_STRING(source->flat), source->size, 0, flags))
        return -1;
    source->exports++;
    return 0;
}

static void export_release(PyObject *op, Py_buffer *view)
{
    (void) view;
    ((struct export *) op)->source->exports--;
}

static int export_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((struct export *) op)->source);
    Py_VISIT(Py_TYPE(op));
    return 0;
}

static void export_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    Py_XDECREF(((struct export *) op)->source);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyType_Slot export_slots[] = {
    {Py_tp_dealloc, export_dealloc},       {Py_tp_traverse, export_traverse},
    {Py_bf_getbuffer, export_get},         {Py_bf_releasebuffer, export_release},
    {0, NULL},
};

static PyType_Spec export_spec = {
    .name = "rove._BytesIOBuffer",
    .basicsize = sizeof(struct export),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = export_slots,
};

PyDoc_STRVAR(getbuffer_doc, "getbuffer($self, /)\n--\n\n"
"A writable memoryview of the content, in one piece. While it lives the size cannot change (BufferError).");
static PyObject *export_make(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    struct rp_bytesio *self = (struct rp_bytesio *) op;
    if (rp_enter(self) || rp_to_flat(self))
        return NULL;
    struct export *export = (struct export *) export_type->tp_alloc(export_type, 0);
    if (!export)
        return NULL;
    export->source = (struct rp_bytesio *) Py_NewRef(op);
    PyObject *view = PyMemoryView_FromObject((PyObject *) export);
    Py_DECREF(export);
    return view;
}

PyMethodDef rp_export_methods[] = {
    {"getbuffer", export_make, METH_NOARGS, getbuffer_doc},
    {NULL, NULL, 0, NULL},
};

int rp_export_init(void)
{
    export_type = (PyTypeObject *) PyType_FromSpec(&export_spec);
    return export_type ? 0 : -1;
}
