// SPDX-License-Identifier: MIT
// pool.c: rove.Pool, where memory comes from, and how much of it.
#include "kit.h"

PyTypeObject *rp_pool_type;

int rp_pool_of(PyObject *obj, struct rove_pool **pool_out)
{
    *pool_out = NULL;
    if (!obj || obj == Py_None)
        return 0;
    if (!PyObject_TypeCheck(obj, rp_pool_type)) {
        PyErr_Format(PyExc_TypeError, "pool must be a rove.Pool or None, not '%.200s'", Py_TYPE(obj)->tp_name);
        return -1;
    }
    *pool_out = ((struct rp_pool *) obj)->pool;
    return 0;
}

// A path, or None for the usual folder.
static int dir_of(PyObject *obj, void *out)
{
    if (obj == Py_None)
        return 1;
    return PyUnicode_FSConverter(obj, out);
}

static PyObject *pool_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static char *names[] = {"memory_limit", "spill", "spill_dir", "chunk_size", "huge", NULL};
    PyObject *limit = Py_None, *dir = NULL;
    int spill = 0, huge = 0;
    Py_ssize_t chunk = 0;
    struct rove_pool_opts opts = {.size = sizeof opts};
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "|$OpO&np:Pool", names, &limit, &spill, dir_of, &dir, &chunk, &huge))
        return NULL;
    struct rp_pool *self = NULL;
    if (limit != Py_None && rp_u64_of(limit, &opts.memory_limit))
        goto done;
    if (limit != Py_None && opts.memory_limit == 0)
        opts.memory_limit = 1; // 0 stands for none
    if (chunk < 0) {
        PyErr_SetString(PyExc_ValueError, "chunk_size is negative");
        goto done;
    }
    if (spill && limit == Py_None) {
        PyErr_SetString(PyExc_ValueError, "spill needs a memory_limit to go by");
        goto done;
    }
    opts.chunk_len = (size_t) chunk;
    if (huge && limit != Py_None) {
        PyErr_SetString(PyExc_ValueError, "huge pages cannot keep a memory_limit");
        goto done;
    }
    opts.flags = (spill ? ROVE_POOL_SPILL : 0) | (huge ? ROVE_POOL_HUGE : 0);
    opts.spill_dir = dir ? PyBytes_AS_STRING(dir) : NULL;
    self = (struct rp_pool *) type->tp_alloc(type, 0);
    if (self) {
        enum rove_status status = rove_pool_new(&opts, &self->pool);
        if (status != ROVE_OK) {
            rp_raise(status);
            Py_CLEAR(self);
        }
    }
done:
    Py_XDECREF(dir);
    return (PyObject *) self;
}

static void pool_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    rove_pool_unref(((struct rp_pool *) op)->pool);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyObject *figures_of(struct rove_pool *pool)
{
    struct rove_pool_figures f;
    rove_pool_measure(pool, &f);
    return Py_BuildValue("{sK sK sK sK sK sK sK sK sK}", "held", f.held, "held_peak", f.held_peak, "limit", f.limit,
                         "chunk_size", f.chunk_len, "live", f.live_cnt, "free", f.free_cnt, "sleeping", f.sleeping_cnt,
                         "sleeps", f.sleep_cnt, "wakes", f.wake_cnt);
}

PyDoc_STRVAR(figures_doc, "figures($self, /)\n--\n\n"
"What the pool holds: a dict of bytes (held, held_peak, limit, chunk_size) and numbers (live, free, sleeping, sleeps,\n"
"wakes).");
static PyObject *pool_figures(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    return figures_of(((struct rp_pool *) op)->pool);
}

PyDoc_STRVAR(default_doc, "default_pool_figures()\n--\n\nThe figures() of the pool that serves where none is given.");
static PyObject *default_figures(PyObject *module, PyObject *ignored)
{
    (void) module, (void) ignored;
    return figures_of(NULL);
}

PyDoc_STRVAR(trim_doc, "trim($self, /)\n--\n\nGive free memory back to the system; returns how many bytes.");
static PyObject *pool_trim(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    return PyLong_FromUnsignedLongLong(rove_pool_trim(((struct rp_pool *) op)->pool));
}

static PyMethodDef methods[] = {
    {"figures", pool_figures, METH_NOARGS, figures_doc},
    {"trim", pool_trim, METH_NOARGS, trim_doc},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(type_doc, "Pool(*, memory_limit=None, spill=False, spill_dir=None, chunk_size=0, huge=False)\n--\n\n"
"Where the memory of BytesIO, Rope and codecs comes from, and a limit of it in bytes.\n\n"
"At the limit calls fail with LimitError; with spill=True content that is not used just now sleeps in an unlinked\n"
"temporary file in spill_dir instead (by default where TMPDIR says), so that it may be far larger than memory.\n"
"huge=True asks for pages of 2 MiB: large content is filled and read at random faster, little content takes more.");

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *) type_doc}, {Py_tp_new, pool_new},    {Py_tp_dealloc, pool_dealloc},
    {Py_tp_methods, methods},       {0, NULL},
};

static PyType_Spec spec = {
    .name = "rove.Pool",
    .basicsize = sizeof(struct rp_pool),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

PyDoc_STRVAR(trim_all_doc, "trim()\n--\n\n"
"Give free memory of the pool that serves where none is given back to the system; returns how many bytes.");
static PyObject *trim_default(PyObject *module, PyObject *ignored)
{
    (void) module, (void) ignored;
    return PyLong_FromUnsignedLongLong(rove_pool_trim(NULL));
}

static PyMethodDef functions[] = {
    {"trim", trim_default, METH_NOARGS, trim_all_doc},
    {"default_pool_figures", default_figures, METH_NOARGS, default_doc},
    {NULL, NULL, 0, NULL},
};

int rp_pool_init(PyObject *module)
{
    if (PyModule_AddFunctions(module, functions))
        return -1;
    rp_pool_type = rp_add_type(module, &spec, NULL);
    return rp_pool_type ? 0 : -1;
}
