// SPDX-License-Identifier: MIT
// module.c: the module rove._rove, of which the package rove shows the names.
#include "kit.h"

static int init(PyObject *module)
{
    static int done;
    if (PyInterpreterState_Get() != PyInterpreterState_Main()) { // where PyGILState_Ensure() would wait for itself
        PyErr_SetString(PyExc_ImportError, "rove works in the main interpreter only");
        return -1;
    }
    if (done) {
        PyErr_SetString(PyExc_ImportError, "rove cannot be loaded twice into one process");
        return -1;
    }
    done = 1;
    if (rp_guard_init() || rp_errors_init(module) || rp_pool_init(module) || rp_view_init(module) || rp_rope_init(module)
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
