// SPDX-License-Identifier: MIT
// view_ask.c: questions about bytes that View and Rope answer alike.
#include "kit.h"
#include "view_slice.h"

// What a pool with a limit may put to sleep has to be its own: an object of Python's would stay in memory.
enum rove_status rp_append_given(struct rove_rope *rope, PyObject *obj, const struct rp_given *given)
{
    bool owns = rope->pool != rove_pool_default();
    if (!owns && PyBytes_CheckExact(obj) && given->len > (Py_ssize_t) ROVE_MERGE_LEN)
        return rp_append_bytes(rope, obj, (size_t) given->len);
    enum rove_status status;
    if (given->len < (owns ? RP_SLEEPS : RP_BIG))
        return rove_rope_append(rope, given->ptr, (size_t) given->len);
    Py_BEGIN_ALLOW_THREADS
    status = rove_rope_append(rope, given->ptr, (size_t) given->len);
    Py_END_ALLOW_THREADS
    return status;
}

static enum rove_status append_copy(struct rove_rope *rope, PyObject *obj)
{
    struct rp_given given;
    if (rp_given_init(&given, obj))
        return ROVE_E_ARG;
    enum rove_status status = rp_append_given(rope, obj, &given);
    rp_given_fini(&given);
    return status;
}

// lends: a buffer is not copied.
static int view_of(PyObject *obj, struct rove_pool *pool, bool lends, struct rove_view *view_out)
{
    struct rove_rope own, *rope = &own;
    enum rove_status status = ROVE_OK;
    if (PyObject_TypeCheck(obj, rp_view_type)) {
        const struct rove_view *view = &((struct rp_view *) obj)->view;
        status = rove_view_sub(view, 0, rove_view_len(view), view_out);
        return status == ROVE_OK ? 1 : (rp_raise(status), -1);
    }
    if (PyObject_TypeCheck(obj, rp_rope_type)) {
        rope = rp_rope_inner(obj);
        status = rove_rope_view(rope, 0, rove_rope_len(rope), view_out);
        return status == ROVE_OK ? 1 : (rp_raise(status), -1);
    }
    if (!PyObject_CheckBuffer(obj))
        return 0;
    rove_rope_init(rope, pool);
    status = lends && !PyBytes_CheckExact(obj) ? rp_append_lent(rope, obj) : append_copy(rope, obj);
    if (status == ROVE_OK)
        status = rove_rope_view(rope, 0, rove_rope_len(rope), view_out);
    rove_rope_fini(rope);
    return status == ROVE_OK ? 1 : (rp_raise(status), -1);
}

int rp_view_of(PyObject *obj, struct rove_pool *pool, struct rove_view *view_out)
{
    return view_of(obj, pool, false, view_out);
}

int rp_view_within(PyObject *obj, struct rove_view *view_out)
{
    return view_of(obj, NULL, true, view_out);
}

static int bound_of(PyObject *obj, Py_ssize_t *out)
{
    if (!obj || obj == Py_None)
        return 0;
    if (!PyIndex_Check(obj)) {
        PyErr_Format(PyExc_TypeError, "bounds must be integers or None, not %.200s", Py_TYPE(obj)->tp_name);
        return -1;
    }
    *out = PyNumber_AsSsize_t(obj, NULL); // clamped
    return *out == -1 && PyErr_Occurred() ? -1 : 0;
}

int rp_bounds_of(PyObject *start, PyObject *end, uint64_t len, Py_ssize_t *from_out, Py_ssize_t *to_out)
{
    Py_ssize_t from = 0, to = PY_SSIZE_T_MAX, size = (Py_ssize_t) len;
    if (bound_of(start, &from) || bound_of(end, &to))
        return -1;
    if (to > size)
        to = size;
    else if (to < 0)
        to = to + size < 0 ? 0 : to + size;
    if (from < 0)
        from = from + size < 0 ? 0 : from + size;
    *from_out = from;
    *to_out = to;
    return 0;
}

#define STEP ((uint64_t) 64 << 20) // signals are looked at after so many bytes

// Part by part, which have len - 1 bytes in common.
enum rove_status rp_find_bytes(const struct rove_view *view, const void *ptr, size_t len, uint64_t *pos_out)
{
    uint64_t all = rove_view_len(view), more = len ? len - 1 : 0;
    enum rove_status status = ROVE_END;
    for (uint64_t at = 0; status == ROVE_END; at += STEP) {
        struct rove_view part;
        uint64_t rest = all - at;
        status = rove_view_sub(view, at, rest > STEP + more ? STEP + more : rest, &part);
        if (status != ROVE_OK)
            break;
        status = rove_view_find(&part, 0, ptr, len, pos_out);
        rove_view_fini(&part);
        *pos_out += at;
        if (rest <= STEP + more)
            break;
        if (PyErr_CheckSignals())
            return ROVE_E_ARG;
    }
    return status;
}

// Part by part, as in rp_find_bytes(); in large ones, so that what is shared is passed over quickly.
static enum rove_status compare(const struct rove_view *a, const struct rove_view *b, int *order_out)
{
    uint64_t len[] = {rove_view_len(a), rove_view_len(b)}, both = len[0] < len[1] ? len[0] : len[1], step = 16 * STEP;
    enum rove_status status = ROVE_OK;
    *order_out = 0;
    for (uint64_t at = 0; at < both && *order_out == 0 && status == ROVE_OK; at += step) {
        struct rove_view parts[2] = {{0}, {0}};
        uint64_t part = both - at < step ? both - at : step;
        status = rove_view_sub(a, at, part, &parts[0]);
        if (status == ROVE_OK)
            status = rove_view_sub(b, at, part, &parts[1]);
        if (status == ROVE_OK)
            status = rove_view_compare(&parts[0], &parts[1], order_out);
        rove_view_fini(&parts[0]);
        rove_view_fini(&parts[1]);
        if (part == step && PyErr_CheckSignals())
            return ROVE_E_ARG;
    }
    if (*order_out == 0)
        *order_out = len[0] < len[1] ? -1 : len[0] > len[1];
    return status;
}

PyObject *rp_compare(const struct rove_view *view, PyObject *other, int op)
{
    struct rove_view that;
    int order = 0, rc = rp_view_within(other, &that);
    if (rc < 0 && (PyErr_ExceptionMatches(PyExc_BufferError) || PyErr_ExceptionMatches(PyExc_ValueError))) {
        PyErr_Clear(); // a buffer that cannot be had as it is wanted here: as with bytearray the other has a say
        rc = 0;
    }
    if (rc == 0)
        Py_RETURN_NOTIMPLEMENTED;
    if (rc < 0)
        return NULL;
    enum rove_status status = ROVE_OK;
    if ((op == Py_EQ || op == Py_NE) && rove_view_len(view) != rove_view_len(&that))
        order = 1;
    else
        status = compare(view, &that, &order);
    rove_view_fini(&that);
    if (status != ROVE_OK)
        return rp_raise(status);
    Py_RETURN_RICHCOMPARE(order, 0, op);
}

static enum rove_status drop(void *ctx, const void *src, size_t len, size_t *len_out)
{
    (void) ctx, (void) src;
    *len_out = len;
    return ROVE_OK;
}

// As rove_view_digest(), but signals are looked at on the way: through a chain to nowhere. May leave an exception.
static enum rove_status digest_much(const struct rove_view *view, const char *text, uint8_t *sum, size_t *len_out)
{
    struct rove_io nowhere = {.size = sizeof nowhere, .write = drop};
    struct rove_stream *sink = NULL, *chain = NULL;
    enum rove_status status = rove_stream_from_io(&nowhere, NULL, NULL, &sink);
    if (status == ROVE_OK)
        status = rove_stream_encode(sink, text, NULL, &chain, NULL);
    if (status == ROVE_OK)
        status = rp_pour(chain, view);
    if (status == ROVE_OK && PyErr_Occurred())
        status = ROVE_E_ARG;
    if (status == ROVE_OK)
        status = rove_stream_close(chain);
    if (status == ROVE_OK)
        status = rove_stream_digest(chain, 0, sum, ROVE_DIGEST_MAX, len_out);
    rove_stream_free(chain);
    rove_stream_free(sink);
    return status;
}

PyObject *rp_view_digest(const struct rove_view *view, PyObject *spec)
{
    uint8_t sum[ROVE_DIGEST_MAX];
    size_t len = 0;
    const char *text = rp_text_of(spec);
    if (!text)
        return NULL;
    struct rove_spec_error error = {0};
    char canonical[ROVE_SPEC_MAX + 1];
    enum rove_status status = rove_spec_print(text, ROVE_ENCODE, canonical, sizeof canonical, &error);
    if (status != ROVE_OK)
        return rp_raise_spec(status, &error);
    struct rove_view own; // other threads may use the view meanwhile
    bool much = rove_view_len(view) > STEP;
    status = rove_view_sub(view, 0, much ? 0 : rove_view_len(view), &own);
    if (status != ROVE_OK)
        return rp_raise(status);
    Py_BEGIN_ALLOW_THREADS
    status = rove_view_digest(&own, text, sum, sizeof sum, &len); // of much only whether the text is one checksum
    Py_END_ALLOW_THREADS
    rove_view_fini(&own);
    if (much && status == ROVE_OK)
        status = digest_much(view, text, sum, &len);
    return status == ROVE_OK ? PyBytes_FromStringAndSize((const char *) sum, (Py_ssize_t) len) : rp_raise(status);
}

bool rp_should_end(Py_ssize_t turn)
{
    return (turn & 0xffff) == 0xffff && PyErr_CheckSignals() != 0;
}

// ---- Keys in brackets -----------------------------------------------------------------------------

enum rp_key rp_slice_of(struct rp_slice *slice, PyObject *key)
{
    if (PyIndex_Check(key)) {
        slice->from = PyNumber_AsSsize_t(key, PyExc_IndexError);
        return slice->from == -1 && PyErr_Occurred() ? RP_BAD : RP_INDEX;
    }
    if (!PySlice_Check(key)) {
        PyErr_Format(PyExc_TypeError, "indices must be integers or slices, not %.200s", Py_TYPE(key)->tp_name);
        return RP_BAD;
    }
    if (PySlice_Unpack(key, &slice->from, &slice->to, &slice->step) < 0)
        return RP_BAD;
    return slice->step == 1 ? RP_RANGE : RP_STEPS;
}

void rp_slice_fit(struct rp_slice *slice, enum rp_key kind, uint64_t len)
{
    if (kind == RP_INDEX && slice->from < 0)
        slice->from += (Py_ssize_t) len;
    else if (kind == RP_RANGE || kind == RP_STEPS)
        slice->cnt = PySlice_AdjustIndices((Py_ssize_t) len, &slice->from, &slice->to, slice->step);
}

PyObject *rp_slice_bytes(const struct rp_slice *slice, const struct rove_view *view)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, slice->cnt);
    if (!bytes)
        return NULL;
    for (Py_ssize_t i = 0; i < slice->cnt; i++) {
        uint8_t byte;
        enum rove_status status = rove_view_byte(view, (uint64_t) (slice->from + i * slice->step), &byte);
        if (status != ROVE_OK) {
            Py_DECREF(bytes);
            return rp_raise(status);
        }
        PyBytes_AS_STRING(bytes)[i] = (char) byte;
        if (rp_should_end(i)) {
            Py_DECREF(bytes);
            return NULL;
        }
    }
    return bytes;
}
