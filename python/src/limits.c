// SPDX-License-Identifier: MIT
// limits.c: what a chain may use, from keyword arguments.
#include "codec.h"

const char *rp_text_of(PyObject *obj)
{
    Py_ssize_t len = 0;
    if (!PyUnicode_Check(obj)) {
        PyErr_Format(PyExc_TypeError, "spec must be str, not '%.200s'", Py_TYPE(obj)->tp_name);
        return NULL;
    }
    const char *text = PyUnicode_AsUTF8AndSize(obj, &len);
    if (!text || strlen(text) == (size_t) len)
        return text;
    PyErr_SetString(PyExc_ValueError, "embedded null character");
    return NULL;
}

// Whether some option of the text is the bytes that come along beside it.
static bool wants_dictionary(const char *text)
{
    for (const char *at = strstr(text, "=@"); at; at = strstr(at + 1, "=@"))
        if (!at[2] || at[2] == ',' || at[2] == '|')
            return true;
    return false;
}

const char *rp_spec_of(PyObject *spec, const struct rp_limits *limits, const char *fallback)
{
    const char *text = spec ? rp_text_of(spec) : fallback;
    if (!text || !limits->dictionary || limits->index || wants_dictionary(text))
        return text;
    PyErr_SetString(PyExc_ValueError, "a dictionary is given, but no layer of the spec says dict=@");
    return NULL;
}

const char *rp_spec_without_index(PyObject *spec, const struct rp_limits *limits, const char *fallback)
{
    const char *text = rp_spec_of(spec, limits, fallback);
    if (!text || !limits->index)
        return text;
    PyErr_SetString(PyExc_TypeError, "'index' is an invalid keyword argument");
    return NULL;
}

// Workers that make so many threads with the caller's, who works while it waits for them: more threads than CPUs would
// be in each other's way. They serve all who ask for as many; 0 is as many as there are CPUs.
static int workers_of(PyObject *obj, struct rove_workers **out)
{
    static struct rove_workers *made[65];
    uint64_t cnt;
    if (obj == Py_None)
        return 0;
    if (rp_u64_of(obj, &cnt))
        return -1;
    if (cnt > 64) {
        PyErr_SetString(PyExc_ValueError, "workers must be at most 64");
        return -1;
    }
    if (cnt == 0)
        made[0] = rove_workers_default();
    if (cnt != 1 && !made[cnt]) {
        struct rove_workers_opts opts = {.size = sizeof opts, .thread_cnt = cnt - 1};
        enum rove_status status = rove_workers_new(&opts, &made[cnt]);
        if (status != ROVE_OK) {
            rp_raise(status);
            return -1;
        }
    }
    *out = made[cnt];
    return 0;
}

// An exact bytes object is held, anything else of bytes is copied into one.
static int dictionary_of(PyObject *obj, PyObject **out)
{
    if (obj == Py_None)
        return 0;
    if (!rp_is_ours(obj) && !PyObject_CheckBuffer(obj)) {
        PyErr_Format(PyExc_TypeError, "dictionary must be bytes-like, not '%.200s'", Py_TYPE(obj)->tp_name);
        return -1;
    }
    *out = PyObject_Bytes(obj);
    if (!*out || PyBytes_GET_SIZE(*out))
        return *out ? 0 : -1;
    PyErr_SetString(PyExc_ValueError, "the dictionary is empty");
    return -1;
}

static int take_limit(struct rp_limits *limits, const char *name, PyObject *value)
{
    uint64_t *to = strcmp(name, "max_output") == 0  ? &limits->limits.output
                   : strcmp(name, "max_ratio") == 0 ? &limits->limits.ratio
                   : strcmp(name, "memory") == 0    ? &limits->limits.memory
                   : strcmp(name, "cache") == 0     ? &limits->limits.cache
                                                    : NULL;
    if (to && value == Py_None)
        return 0;
    if (to && rp_u64_of(value, to))
        return -1;
    if (to && *to == 0)
        *to = 1; // of a limit 0 stands for its default
    if (to)
        return 0;
    if (strcmp(name, "workers") == 0)
        return workers_of(value, &limits->limits.workers);
    if (strcmp(name, "pool") == 0)
        return rp_pool_of(value, &limits->pool);
    if (strcmp(name, "dictionary") == 0)
        return dictionary_of(value, &limits->dictionary);
    if (strcmp(name, "index") == 0) {
        limits->index = value == Py_None || value == Py_False ? NULL : value;
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "'%s' is an invalid keyword argument", name);
    return -1;
}

int rp_limits_of(struct rp_limits *limits, PyObject *kwds, const char *first, const char *other, PyObject **other_out)
{
    *limits = (struct rp_limits){.limits = {.size = sizeof limits->limits}};
    PyObject *key, *value;
    Py_ssize_t at = 0;
    while (kwds && PyDict_Next(kwds, &at, &key, &value)) {
        const char *name = PyUnicode_AsUTF8(key);
        if (name && other && strcmp(name, other) == 0)
            *other_out = value;
        else if (!name || (strcmp(name, "spec") != 0 && strcmp(name, first) != 0 && take_limit(limits, name, value))) {
            rp_limits_fini(limits);
            return -1;
        }
    }
    if (limits->dictionary) {
        limits->limits.dict = PyBytes_AS_STRING(limits->dictionary);
        limits->limits.dict_len = (size_t) PyBytes_GET_SIZE(limits->dictionary);
    }
    return 0;
}

void rp_limits_fini(struct rp_limits *limits)
{
    Py_CLEAR(limits->dictionary);
}
