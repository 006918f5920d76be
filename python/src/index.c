// SPDX-License-Identifier: MIT
// index.c: rove.Index, places in coded data at which decoding can begin.
#include "codec.h"

PyTypeObject *rp_index_type;

struct index {
    PyObject_HEAD
    struct rove_index *index;
};

int rp_index_of(PyObject *obj, struct rove_index **index_out)
{
    *index_out = NULL;
    if (PyObject_TypeCheck(obj, rp_index_type)) {
        *index_out = ((struct index *) obj)->index;
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "index must be a rove.Index or True, not '%.200s'", Py_TYPE(obj)->tp_name);
    return -1;
}

PyObject *rp_index_new(struct rove_index *index)
{
    struct index *self = (struct index *) rp_index_type->tp_alloc(rp_index_type, 0);
    if (self)
        self->index = index;
    else
        rove_index_unref(index);
    return (PyObject *) self;
}

enum rove_status rp_index_make(struct rove_stream *source, const char *spec, const struct rove_limits *limits,
                               uint64_t every, struct rove_index **index_out)
{
    enum rove_status status;
    *index_out = NULL;
    Py_BEGIN_ALLOW_THREADS
    status = rove_index_make(source, spec, limits, every, index_out);
    Py_END_ALLOW_THREADS
    if (status == ROVE_E_TRAILING && *index_out) // it is of what comes before
        status = ROVE_OK;
    return status;
}

static int check_text(const char *text)
{
    char print[ROVE_SPEC_MAX + 1];
    struct rove_spec_error error = {0};
    enum rove_status status = rove_spec_print(text, ROVE_DECODE, print, sizeof print, &error);
    if (status == ROVE_OK)
        return 0;
    rp_raise_spec(status, &error);
    return -1;
}

// Raises what went wrong between a file and an index, and lets the file's stream go. Returns the index, wrapped.
static PyObject *finish(struct rp_device *device, struct rove_stream *source, struct rove_index *index,
                        enum rove_status status)
{
    rp_device_raise(device);
    if (status != ROVE_OK)
        rp_raise_index(status, source);
    rove_stream_free(source);
    rp_device_fini(device);
    if (!PyErr_Occurred())
        return rp_index_new(index);
    rove_index_unref(index);
    return NULL;
}

static PyObject *index_of_file(PyObject *file, const char *text, const struct rp_limits *limits, uint64_t every)
{
    struct rp_device device;
    struct rove_stream *source;
    struct rove_index *index = NULL;
    if (rp_device_init(&device, file, limits->pool, RP_SEEKS, &source))
        return NULL;
    enum rove_status status = rp_index_make(source, text, &limits->limits, every, &index);
    return finish(&device, source, index, status);
}

static PyObject *index_make(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *file, *spec, *every_obj = NULL, *index = NULL;
    struct rp_limits limits;
    uint64_t every = 0;
    (void) type; // there is no other
    if (rp_first_and_spec(args, kwds, "file", &file, &spec)
        || rp_limits_of(&limits, kwds, "file", "every", &every_obj))
        return NULL;
    const char *text = rp_spec_without_index(spec, &limits, "auto");
    if (text && (!every_obj || rp_u64_of(every_obj, &every) == 0) && check_text(text) == 0)
        index = index_of_file(file, text, &limits, every);
    rp_limits_fini(&limits);
    return index;
}

PyDoc_STRVAR(load_doc, "load(index_file, file, /, *, pool=None)\n--\n\n"
"Read an index that this or another tool wrote (.gzi of bgzip, indexed_gzip's, zstd's seek table) of a file; None as\n"
"index_file: the data hold it themselves.");
static PyObject *index_load(PyObject *type, PyObject *args, PyObject *kwds)
{
    static char *names[] = {"", "", "pool", NULL};
    PyObject *from_file, *file, *pool_obj = NULL;
    struct rove_pool *pool;
    struct rp_device from_device = {.fd = -1}, device;
    struct rove_stream *from = NULL, *source;
    struct rove_index *index = NULL;
    (void) type;
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "OO|$O:load", names, &from_file, &file, &pool_obj)
        || rp_pool_of(pool_obj, &pool))
        return NULL;
    if (from_file != Py_None && rp_device_init(&from_device, from_file, pool, 0, &from))
        return NULL;
    PyObject *result = NULL;
    if (rp_device_init(&device, file, pool, RP_SEEKS, &source) == 0) {
        enum rove_status status;
        Py_BEGIN_ALLOW_THREADS
        status = rove_index_load(from, source, &index);
        Py_END_ALLOW_THREADS
        rp_device_raise(&from_device);
        result = finish(&device, source, index, status);
    }
    rove_stream_free(from);
    rp_device_fini(&from_device);
    return result;
}

PyDoc_STRVAR(save_doc, "save($self, index_file, format, file=None, /)\n--\n\n"
"Write the index for other tools: 'gzi', 'gzidx' or 'zstd'. file: the data that it is of, which gzidx wants.");
static PyObject *index_save(PyObject *op, PyObject *args)
{
    PyObject *to_file, *file = Py_None;
    const char *format;
    struct rp_device to_device, device = {.fd = -1};
    struct rove_stream *to, *source = NULL;
    if (!PyArg_ParseTuple(args, "Os|O:save", &to_file, &format, &file)
        || rp_device_init(&to_device, to_file, NULL, 0, &to))
        return NULL;
    if (file == Py_None || rp_device_init(&device, file, NULL, RP_SEEKS, &source) == 0) {
        enum rove_status status, closed = ROVE_OK;
        Py_BEGIN_ALLOW_THREADS
        status = rove_index_save(((struct index *) op)->index, source, format, to);
        if (status == ROVE_OK)
            closed = rove_stream_close(to);
        Py_END_ALLOW_THREADS
        rp_device_raise(&to_device);
        rp_device_raise(&device);
        if (status != ROVE_OK)
            rp_raise_index(status, to);
        else if (closed != ROVE_OK)
            rp_raise_of(closed, to);
        rove_stream_free(source);
        rp_device_fini(&device);
    }
    rove_stream_free(to);
    rp_device_fini(&to_device);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

PyDoc_STRVAR(by_doc, "by($self, spec, /)\n--\n\n"
"The same places for another decoder of the format, such as a plugin's: 'libdeflate' for 'gzip'.");
static PyObject *index_by(PyObject *op, PyObject *arg)
{
    struct rove_index *index;
    const char *text = rp_text_of(arg);
    if (!text || check_text(text))
        return NULL;
    enum rove_status status = rove_index_by(((struct index *) op)->index, text, &index);
    return status == ROVE_OK ? rp_index_new(index) : rp_raise_index(status, NULL);
}

PyDoc_STRVAR(figures_doc, "figures($self, /)\n--\n\nA dict: spec (what decodes), coded_size, size, points, memory.");
static PyObject *index_figures(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    struct rove_index_figures f = {.size = sizeof f};
    rove_index_measure(((struct index *) op)->index, &f);
    return Py_BuildValue("{ss sK sK sK sK}", "spec", f.spec, "coded_size", f.coded_len, "size", f.plain_len, "points",
                         f.point_cnt, "memory", f.memory);
}

static void index_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    rove_index_unref(((struct index *) op)->index);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"load", (PyCFunction) (void (*)(void)) index_load, METH_VARARGS | METH_KEYWORDS | METH_STATIC, load_doc},
    {"save", index_save, METH_VARARGS, save_doc},
    {"by", index_by, METH_O, by_doc},
    {"figures", index_figures, METH_NOARGS, figures_doc},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(type_doc, "Index(file, spec='auto', *, every=0, max_output=None, memory=None, workers=None, dictionary=None, pool=None)\n--\n\n"
"Places in coded data, found by going through all of a file that seeks once, at which decoding can begin.\n\n"
"A Decoder with index= seeks. every: at least so many plain bytes from place to place.");

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *) type_doc}, {Py_tp_new, index_make}, {Py_tp_dealloc, index_dealloc},
    {Py_tp_methods, methods},       {0, NULL},
};

static PyType_Spec spec = {
    .name = "rove.Index",
    .basicsize = sizeof(struct index),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

int rp_index_init(PyObject *module)
{
    rp_index_type = rp_add_type(module, &spec, NULL);
    return rp_index_type ? 0 : -1;
}
