// SPDX-License-Identifier: MIT
// types.c: how types come into the module.
#include "kit.h"

PyTypeObject *rp_view_type, *rp_rope_type; // made by their own files, known to those that ask what they were given

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
