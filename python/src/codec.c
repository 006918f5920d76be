// SPDX-License-Identifier: MIT
// codec.c: coding from memory to memory, and which filters there are.
#include "codec.h"

#define STEP ((uint64_t) 4 << 20) // signals are looked at after so many bytes

// ---- From memory to memory ------------------------------------------------------------------------

// All that a stream over a rope holds, as bytes.
static PyObject *bytes_of(struct rove_stream *stream)
{
    struct rove_view view;
    enum rove_status status = rove_stream_snapshot(stream, &view);
    if (status != ROVE_OK)
        return rp_raise(status);
    PyObject *bytes = rp_view_bytes(&view, 0, rove_view_len(&view));
    rove_view_fini(&view);
    return bytes;
}

static int pour_in(struct rove_stream *stream, const struct rove_view *view)
{
    enum rove_status status = rp_pour(stream, view);
    if (PyErr_Occurred())
        return -1;
    if (status == ROVE_OK) {
        Py_BEGIN_ALLOW_THREADS
        status = rove_stream_close(stream);
        Py_END_ALLOW_THREADS
    }
    if (status == ROVE_OK)
        return 0;
    rp_raise_of(status, stream);
    return -1;
}

static enum rove_status pour_some(struct rove_stream *from, struct rove_stream *to)
{
    enum rove_status status = ROVE_OK;
    for (uint64_t done = 0; done < STEP && status == ROVE_OK;) {
        uint8_t *ptr;
        size_t room, got = 0;
        status = rove_stream_reserve(to, ROVE_CHUNK_LEN_DEFAULT, &ptr, &room);
        if (status != ROVE_OK)
            return status;
        status = rove_stream_read(from, ptr, room, &got);
        enum rove_status kept = rove_stream_commit(to, got);
        if (kept != ROVE_OK)
            return kept;
        done += got;
    }
    return status;
}

static int pour_out(struct rove_stream *from, struct rove_stream *to)
{
    enum rove_status status = ROVE_OK;
    while (status == ROVE_OK) {
        Py_BEGIN_ALLOW_THREADS
        status = pour_some(from, to);
        Py_END_ALLOW_THREADS
        if (PyErr_CheckSignals())
            return -1;
    }
    if (status == ROVE_END)
        return 0;
    rp_raise_of(status, from);
    return -1;
}

// One of the two: data from a view through a chain into `made`.
static int code(const struct rove_view *view, const char *spec, const struct rp_limits *limits, bool encodes,
                struct rove_stream *made)
{
    struct rove_spec_error error = {0};
    struct rove_rope rope;
    struct rove_stream *source = NULL, *chained = NULL;
    enum rove_status status = ROVE_OK;
    rove_rope_init(&rope, limits->pool);
    if (!encodes) {
        status = rove_rope_append_view(&rope, view);
        if (status == ROVE_OK)
            status = rove_stream_from_rope(&rope, &source);
    }
    if (status == ROVE_OK)
        status = (encodes ? rove_stream_encode : rove_stream_decode)(encodes ? made : source, spec, &limits->limits,
                                                                     &chained, &error);
    int rc = -1;
    if (status != ROVE_OK)
        rp_raise_spec(status, &error);
    else
        rc = encodes ? pour_in(chained, view) : pour_out(chained, made);
    rove_stream_free(chained);
    rove_stream_free(source);
    rove_rope_fini(&rope);
    return rc;
}

static PyObject *code_bytes(PyObject *data, const char *text, const struct rp_limits *limits, bool encodes)
{
    struct rove_view view;
    // Bytes stand still and are held; what is copied lies in the pool that was given.
    int rc = rp_view_of(data, PyBytes_CheckExact(data) ? NULL : limits->pool, &view);
    if (rc == 0)
        PyErr_Format(PyExc_TypeError, "a bytes-like object is required, not '%.100s'", Py_TYPE(data)->tp_name);
    if (rc <= 0)
        return NULL;
    struct rove_stream *made = NULL;
    PyObject *bytes = NULL;
    enum rove_status status = rove_stream_new(limits->pool, &made);
    if (status != ROVE_OK)
        rp_raise(status);
    else if (code(&view, text, limits, encodes, made) == 0)
        bytes = bytes_of(made);
    rove_stream_free(made);
    rove_view_fini(&view);
    return bytes;
}

static PyObject *code_call(PyObject *args, PyObject *kwds, bool encodes)
{
    PyObject *data, *spec, *bytes = NULL;
    struct rp_limits limits;
    if (rp_first_and_spec(args, kwds, "data", &data, &spec) || rp_limits_of(&limits, kwds, "data", NULL, NULL))
        return NULL;
    const char *text = rp_spec_without_index(spec, &limits, encodes ? "gzip" : "auto");
    if (text)
        bytes = code_bytes(data, text, &limits, encodes);
    rp_limits_fini(&limits);
    return bytes;
}

PyDoc_STRVAR(compress_doc, "compress(data, spec='gzip', *, memory=None, workers=None, dictionary=None, pool=None)\n--\n\n"
"Encode bytes, or those of a View or Rope, by a chain such as 'gzip:level=6', 'lz4' or 'crc32|zlib'; returns bytes.\n\n"
"dictionary: the bytes that 'dict=@' stands for, as in 'zlib:dict=@'; decompress() must be given the same.");
static PyObject *compress(PyObject *module, PyObject *args, PyObject *kwds)
{
    (void) module;
    return code_call(args, kwds, true);
}

PyDoc_STRVAR(decompress_doc, "decompress(data, spec='auto', *, max_output=None, max_ratio=None, memory=None, workers=None,\n"
"           dictionary=None, pool=None)\n--\n\n"
"Decode bytes, or those of a View or Rope, by the chain that encoded them; 'auto' looks at the first bytes.\n\n"
"A limit that is reached raises LimitError: at most max_output bytes, and max_ratio of them for each byte of data.");
static PyObject *decompress(PyObject *module, PyObject *args, PyObject *kwds)
{
    (void) module;
    return code_call(args, kwds, false);
}

PyDoc_STRVAR(digest_doc, "digest(data, spec='crc32c', /)\n--\n\nThe checksum of bytes, or those of a View or Rope, as bytes; nothing is\ncopied.");
static PyObject *digest(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    (void) module;
    struct rove_view view;
    if (nargs < 1 || nargs > 2)
        return PyErr_Format(PyExc_TypeError, "digest expected 1 or 2 arguments, got %zd", nargs);
    PyObject *spec = nargs > 1 ? Py_NewRef(args[1]) : PyUnicode_FromString("crc32c");
    int rc = spec ? rp_view_within(args[0], &view) : -1;
    if (rc == 0)
        PyErr_Format(PyExc_TypeError, "a bytes-like object is required, not '%.100s'", Py_TYPE(args[0])->tp_name);
    PyObject *sum = rc == 1 ? rp_view_digest(&view, spec) : NULL;
    if (rc == 1)
        rove_view_fini(&view);
    Py_XDECREF(spec);
    return sum;
}

// ---- Which filters there are ----------------------------------------------------------------------

static int append_text(PyObject *list, const char *text)
{
    PyObject *str = PyUnicode_FromString(text);
    int rc = str ? PyList_Append(list, str) : -1;
    Py_XDECREF(str);
    return rc;
}

PyDoc_STRVAR(filters_doc, "filters()\n--\n\n"
"The filters that chains may name: a dict from each name to (what it does, a tuple of 'encode', 'decode' or 'tap').");
static PyObject *filters(PyObject *module, PyObject *ignored)
{
    (void) module, (void) ignored;
    static const char *const names[] = {"encode", "decode", "tap"};
    PyObject *dict = PyDict_New();
    const struct rove_filter *filter;
    for (size_t i = 0; dict && (filter = rove_filter_at(i)); i++) {
        PyObject *had = PyDict_GetItemString(dict, filter->name);
        PyObject *dirs = had ? PySequence_List(PyTuple_GET_ITEM(had, 1)) : PyList_New(0);
        for (size_t bit = 0; dirs && bit < 3; bit++)
            if (filter->dir & (1u << bit) && append_text(dirs, names[bit]))
                Py_CLEAR(dirs);
        PyObject *tuple = dirs ? PyList_AsTuple(dirs) : NULL;
        Py_XDECREF(dirs);
        PyObject *entry = tuple ? Py_BuildValue("(sN)", filter->about ? filter->about : "", tuple) : NULL;
        if (!entry || PyDict_SetItemString(dict, filter->name, entry))
            Py_CLEAR(dict);
        Py_XDECREF(entry);
    }
    return dict;
}

PyDoc_STRVAR(plugin_doc, "load_plugin(name, /)\n--\n\n"
"Load filters from a shared library: by an absolute path, or by a name such as 'zstd' that is looked for where plugins\n"
"are installed. Nothing is ever loaded because data or a chain's text ask for it.");
static PyObject *load_plugin(PyObject *module, PyObject *arg)
{
    (void) module;
    struct rove_plugin_error error = {{0}, {0}};
    PyObject *path;
    if (!PyUnicode_FSConverter(arg, &path))
        return NULL;
    const char *name = PyBytes_AS_STRING(path);
    enum rove_status status = name[0] == '/' ? rove_plugin_load(name, &error) : rove_plugin_find(name, &error);
    if (status == ROVE_END)
        PyErr_Format(PyExc_FileNotFoundError, "no plugin is called %s", name);
    else if (status != ROVE_OK)
        PyErr_Format(PyExc_ImportError, "%s: %s", error.path[0] ? error.path : name,
                     error.text[0] ? error.text : rove_status_text(status));
    Py_DECREF(path);
    return status == ROVE_OK ? Py_NewRef(Py_None) : NULL;
}

static PyMethodDef functions[] = {
    {"compress", (PyCFunction) (void (*)(void)) compress, METH_VARARGS | METH_KEYWORDS, compress_doc},
    {"decompress", (PyCFunction) (void (*)(void)) decompress, METH_VARARGS | METH_KEYWORDS, decompress_doc},
    {"digest", (PyCFunction) (void (*)(void)) digest, METH_FASTCALL, digest_doc},
    {"filters", filters, METH_NOARGS, filters_doc},
    {"load_plugin", load_plugin, METH_O, plugin_doc},
    {NULL, NULL, 0, NULL},
};

int rp_codec_init(PyObject *module)
{
    PyObject *io = PyImport_ImportModule("_io");
    PyObject *base = io ? PyObject_GetAttrString(io, "_BufferedIOBase") : NULL;
    Py_XDECREF(io);
    int rc = !base || PyModule_AddFunctions(module, functions) || rp_devices_init() || rp_index_init(module)
                     || rp_encoder_init(module, base) || rp_decoder_init(module, base) ? -1 : 0;
    Py_XDECREF(base);
    return rc;
}
