// SPDX-License-Identifier: MIT
// module.c: the module rove._rove, of which the package rove shows the names.
#include "kit.h"

PyTypeObject *rp_add_type(PyObject *module, PyType_Spec *spec, PyObject *bases)
{
    PyTypeObject *type = (PyTypeObject *) PyType_FromSpecWithBases(spec, bases);
    if (type && PyModule_AddType(module, type))
        Py_CLEAR(type);
    return type;
}

int rp_add_methods(PyTypeObject *type, PyMethodDef *def)
{
    for (; def->ml_name; def++) {
        PyObject *method = PyDescr_NewMethod(type, def);
        int rc = method ? PyObject_SetAttrString((PyObject *) type, def->ml_name, method) : -1;
        Py_XDECREF(method);
        if (rc)
            return -1;
    }
    return 0;
}

static int init(PyObject *module)
{
    static int done;
    if (done) {
        PyErr_SetString(PyExc_ImportError, "rove cannot be loaded twice into one process");
        return -1;
    }
    done = 1;
    if (rp_errors_init(module) || rp_pool_init(module) || rp_view_init(module) || rp_rope_init(module)
        || rp_bytesio_init(module) || rp_codec_init(module))
        return -1;
    return PyModule_AddStringConstant(module, "__version__", rove_version());
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, init}, {0, NULL}};

static struct PyModuleDef def = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "rove._rove",
    .m_doc = "The part of rove that is written in C.",
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__rove(void); // found by its name

PyMODINIT_FUNC PyInit__rove(void)
{
    return PyModuleDef_Init(&def);
}
