// SPDX-License-Identifier: MIT
// rope.c: rove.Rope, a mutable sequence of bytes that is cut, joined and copied without moving them.
#include "kit.h"
#include "view_slice.h"

static int raised(enum rove_status status)
{
    if (status == ROVE_OK)
        return 0;
    rp_raise(status);
    return -1;
}

static struct rp_rope *rope_alloc(struct rove_pool *pool)
{
    struct rp_rope *self = (struct rp_rope *) rp_rope_type->tp_alloc(rp_rope_type, 0);
    if (self)
        rove_rope_init(&self->rope, pool);
    return self;
}

// What a Rope on a pool can be given: anything of bytes, or an iterable of ints. Returns 0, or -1 with an exception.
static int bytes_of(PyObject *obj, struct rove_pool *pool, struct rove_view *view_out)
{
    int rc = rp_view_of(obj, pool, view_out);
    if (rc)
        return rc > 0 ? 0 : -1;
    PyObject *bytes = PyUnicode_Check(obj) || PyLong_Check(obj) ? NULL : PyBytes_FromObject(obj);
    if (!bytes && !PyErr_Occurred())
        PyErr_Format(PyExc_TypeError, "a bytes-like object is required, not '%.100s'", Py_TYPE(obj)->tp_name);
    rc = bytes ? rp_view_of(bytes, pool, view_out) : -1;
    Py_XDECREF(bytes);
    return rc < 0 ? -1 : 0;
}

static int byte_of(PyObject *obj, uint8_t *out)
{
    Py_ssize_t value = PyNumber_AsSsize_t(obj, PyExc_ValueError);
    if (value == -1 && PyErr_Occurred())
        return -1;
    if (value < 0 || value > 255) {
        PyErr_SetString(PyExc_ValueError, "byte must be in range(0, 256)");
        return -1;
    }
    *out = (uint8_t) value;
    return 0;
}

static int append_obj(struct rove_rope *rope, PyObject *obj)
{
    struct rove_view view;
    if (bytes_of(obj, rope->pool, &view))
        return -1;
    enum rove_status status = rove_rope_append_view(rope, &view);
    rove_view_fini(&view);
    return raised(status);
}

// ---- As a sequence --------------------------------------------------------------------------------

static Py_ssize_t rope_len(PyObject *op)
{
    return (Py_ssize_t) rove_rope_len(rp_rope_inner(op));
}

static PyObject *rope_item(PyObject *op, Py_ssize_t i)
{
    uint8_t byte;
    if (i < 0 || i >= rope_len(op)) {
        PyErr_SetString(PyExc_IndexError, "index out of range");
        return NULL;
    }
    enum rove_status status = rove_rope_read(rp_rope_inner(op), (uint64_t) i, &byte, 1, NULL);
    return status < 0 ? rp_raise(status) : PyLong_FromLong(byte);
}

// A new Rope on the pool of this one, of what the view has, which is dropped.
static PyObject *rope_of_view(struct rp_rope *self, struct rove_view *view)
{
    struct rp_rope *part = rope_alloc(self->rope.pool);
    enum rove_status status = part ? rove_rope_append_view(&part->rope, view) : ROVE_OK;
    rove_view_fini(view);
    if (raised(status))
        Py_CLEAR(part);
    return (PyObject *) part;
}

static PyObject *rope_subscript(PyObject *op, PyObject *key)
{
    struct rp_rope *self = (struct rp_rope *) op;
    struct rp_slice slice;
    struct rove_view view;
    enum rp_key kind = rp_slice_of(&slice, key);
    rp_slice_fit(&slice, kind, rove_rope_len(&self->rope));
    if (kind == RP_BAD)
        return NULL;
    if (kind == RP_INDEX)
        return rope_item(op, slice.from);
    if (kind == RP_RANGE)
        return raised(rove_rope_view(&self->rope, (uint64_t) slice.from, (uint64_t) slice.cnt, &view))
                   ? NULL : rope_of_view(self, &view);
    if (raised(rove_rope_view(&self->rope, 0, rove_rope_len(&self->rope), &view)))
        return NULL;
    PyObject *bytes = rp_slice_bytes(&slice, &view);
    rove_view_fini(&view);
    int rc = bytes ? rp_view_of(bytes, self->rope.pool, &view) : -1;
    Py_XDECREF(bytes);
    return rc < 0 ? NULL : rope_of_view(self, &view);
}

static int set_index(struct rove_rope *rope, Py_ssize_t at, PyObject *value)
{
    uint8_t byte = 0;
    if (value && byte_of(value, &byte))
        return -1;
    if (at < 0 || at >= (Py_ssize_t) rove_rope_len(rope)) {
        PyErr_SetString(PyExc_IndexError, "index out of range");
        return -1;
    }
    if (!value)
        return raised(rove_rope_erase(rope, (uint64_t) at, 1));
    return raised(rove_rope_overwrite(rope, (uint64_t) at, &byte, 1));
}

// One place after the other, in a clone that becomes the rope when all went well; erasing goes from the last one down.
static int set_steps(struct rove_rope *rope, const struct rp_slice *slice, const struct rove_view *view)
{
    if (view && rove_view_len(view) != (uint64_t) slice->cnt) {
        PyErr_Format(PyExc_ValueError, "attempt to assign bytes of size %zd to extended slice of size %zd",
                     (Py_ssize_t) rove_view_len(view), slice->cnt);
        return -1;
    }
    struct rove_rope next;
    rove_rope_clone(&next, rope);
    enum rove_status status = ROVE_OK;
    for (Py_ssize_t i = 0; i < slice->cnt && status == ROVE_OK; i++) {
        if (rp_should_end(i)) {
            status = ROVE_E_ARG; // with an exception
            break;
        }
        Py_ssize_t nth = view || slice->step < 0 ? i : slice->cnt - 1 - i;
        uint64_t at = (uint64_t) (slice->from + nth * slice->step);
        uint8_t byte = 0;
        if (!view) {
            status = rove_rope_erase(&next, at, 1);
            continue;
        }
        status = rove_view_byte(view, (uint64_t) nth, &byte);
        if (status == ROVE_OK)
            status = rove_rope_overwrite(&next, at, &byte, 1);
    }
    if (status == ROVE_OK) {
        rove_rope_fini(rope);
        rove_rope_move(rope, &next);
    }
    rove_rope_fini(&next);
    return raised(status);
}

static int rope_assign(PyObject *op, PyObject *key, PyObject *value)
{
    struct rove_rope *rope = rp_rope_inner(op);
    struct rp_slice slice;
    struct rove_view view, *with = NULL;
    if (value && PySlice_Check(key)) {
        if (bytes_of(value, rope->pool, &view))
            return -1;
        with = &view;
    }
    int rc = -1;
    enum rp_key kind = rp_slice_of(&slice, key);
    rp_slice_fit(&slice, kind, rove_rope_len(rope));
    switch (kind) {
    case RP_INDEX:
        rc = set_index(rope, slice.from, value);
        break;
    case RP_RANGE:
        rc = raised(with ? rove_rope_replace_view(rope, (uint64_t) slice.from, (uint64_t) slice.cnt, with)
                         : rove_rope_erase(rope, (uint64_t) slice.from, (uint64_t) slice.cnt));
        break;
    case RP_STEPS: // as with bytearray, to assign nothing is to delete
        rc = set_steps(rope, &slice, with && rove_view_len(with) ? with : NULL);
        break;
    default:
        break;
    }
    if (with)
        rove_view_fini(with);
    return rc;
}

static PyObject *rope_add(PyObject *left, PyObject *right)
{
    PyObject *mine = PyObject_TypeCheck(left, rp_rope_type) ? left : right;
    PyObject *theirs = mine == left ? right : left;
    if (!PyObject_TypeCheck(theirs, rp_rope_type) && !PyObject_TypeCheck(theirs, rp_view_type)
        && !PyObject_CheckBuffer(theirs))
        Py_RETURN_NOTIMPLEMENTED;
    struct rp_rope *sum = rope_alloc(rp_rope_inner(mine)->pool);
    if (sum && (append_obj(&sum->rope, left) || append_obj(&sum->rope, right)))
        Py_CLEAR(sum);
    return (PyObject *) sum;
}

static PyObject *rope_iadd(PyObject *op, PyObject *other)
{
    return append_obj(rp_rope_inner(op), other) ? NULL : Py_NewRef(op);
}

// By doubling: O(log cnt) joins.
static enum rove_status repeat(struct rove_rope *to, struct rove_rope *of, Py_ssize_t cnt)
{
    struct rove_rope power;
    enum rove_status status = ROVE_OK;
    if (cnt > 0 && rove_rope_len(of) > ROVE_LEN_MAX / (uint64_t) cnt)
        return ROVE_E_RANGE;
    rove_rope_clone(&power, of);
    for (; cnt > 0 && status == ROVE_OK; cnt >>= 1) {
        if (cnt & 1)
            status = rove_rope_insert_rope(to, rove_rope_len(to), &power);
        if (cnt > 1 && status == ROVE_OK)
            status = rove_rope_insert_rope(&power, rove_rope_len(&power), &power);
    }
    rove_rope_fini(&power);
    return status;
}

static PyObject *rope_repeat(PyObject *op, Py_ssize_t cnt)
{
    struct rp_rope *product = rope_alloc(rp_rope_inner(op)->pool);
    if (product && raised(repeat(&product->rope, rp_rope_inner(op), cnt)))
        Py_CLEAR(product);
    return (PyObject *) product;
}

static PyObject *rope_irepeat(PyObject *op, Py_ssize_t cnt)
{
    struct rove_rope *rope = rp_rope_inner(op), next;
    rove_rope_init(&next, rope->pool);
    enum rove_status status = repeat(&next, rope, cnt);
    if (status == ROVE_OK) {
        rove_rope_fini(rope);
        rove_rope_move(rope, &next);
    }
    rove_rope_fini(&next);
    return raised(status) ? NULL : Py_NewRef(op);
}

// ---- Questions ------------------------------------------------------------------------------------

static int all_of(PyObject *op, struct rove_view *view_out)
{
    struct rove_rope *rope = rp_rope_inner(op);
    return raised(rove_rope_view(rope, 0, rove_rope_len(rope), view_out));
}

PyDoc_STRVAR(view_doc, "view($self, /)\n--\n\nAll bytes as a View, which stays as it is when the rope changes. O(1).");
static PyObject *rope_view(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    struct rove_view view;
    return all_of(op, &view) ? NULL : rp_view_new(&view);
}

PyDoc_STRVAR(tobytes_doc, "tobytes($self, /)\n--\n\nAll bytes, copied.");
static PyObject *rope_tobytes(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    struct rove_view view;
    if (all_of(op, &view))
        return NULL;
    PyObject *bytes = rp_view_bytes(&view, 0, rove_view_len(&view));
    rove_view_fini(&view);
    return bytes;
}

static int rope_contains(PyObject *op, PyObject *sub)
{
    struct rove_view view;
    Py_ssize_t pos;
    if (all_of(op, &view))
        return -1;
    int rc = rp_find_in(&view, &sub, 1, &pos);
    rove_view_fini(&view);
    return rc ? -1 : pos >= 0;
}

static PyObject *rope_compare(PyObject *op, PyObject *other, int cmp)
{
    struct rove_view view;
    if (all_of(op, &view))
        return NULL;
    PyObject *answer = rp_compare(&view, other, cmp);
    rove_view_fini(&view);
    return answer;
}

PyDoc_STRVAR(digest_doc, "digest($self, spec, /)\n--\n\n"
"The checksum of all bytes, by a layer such as 'crc32c' or 'xxh3'. (A rope can change, so it has no hash().)");
static PyObject *rope_digest(PyObject *op, PyObject *spec)
{
    struct rove_view view;
    if (all_of(op, &view))
        return NULL;
    PyObject *sum = rp_view_digest(&view, spec);
    rove_view_fini(&view);
    return sum;
}

static PyObject *rope_repr(PyObject *op)
{
    return PyUnicode_FromFormat("<rove.Rope of %zd bytes>", rope_len(op));
}

// ---- Methods --------------------------------------------------------------------------------------

PyDoc_STRVAR(append_doc, "append($self, byte, /)\n--\n\nAppend one byte, an int. For more see extend() and +=.");
static PyObject *rope_append(PyObject *op, PyObject *arg)
{
    uint8_t byte;
    if (byte_of(arg, &byte) || raised(rove_rope_append(rp_rope_inner(op), &byte, 1)))
        return NULL;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(extend_doc, "extend($self, data, /)\n--\n\n"
"Append bytes, a View or a Rope (shared, not copied), or the ints of an iterable.");
static PyObject *rope_extend(PyObject *op, PyObject *arg)
{
    return append_obj(rp_rope_inner(op), arg) ? NULL : Py_NewRef(Py_None);
}

PyDoc_STRVAR(insert_doc, "insert($self, index, data, /)\n--\n\n"
"Put a byte, as an int, or bytes, a View or a Rope in before an index. O(log n).");
static PyObject *rope_insert(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    struct rove_rope *rope = rp_rope_inner(op);
    struct rove_view view;
    Py_ssize_t from, to;
    uint8_t byte;
    if (nargs != 2)
        return PyErr_Format(PyExc_TypeError, "insert expected 2 arguments, got %zd", nargs);
    if (!PyIndex_Check(args[0]))
        return PyErr_Format(PyExc_TypeError, "index must be an integer, not %.200s", Py_TYPE(args[0])->tp_name);
    PyObject *what = rp_byte_or_bytes(args[1]);
    bool one = what && PyLong_Check(what), failed = !what || (one ? byte_of(what, &byte) : bytes_of(what, rope->pool, &view));
    Py_XDECREF(what);
    if (failed)
        return NULL;
    int rc = rp_bounds_of(args[0], NULL, rove_rope_len(rope), &from, &to); // its __index__() may change the rope
    uint64_t len = rove_rope_len(rope), at = rc == 0 && from < to && (uint64_t) from < len ? (uint64_t) from : len;
    if (rc == 0)
        rc = raised(one ? rove_rope_insert(rope, at, &byte, 1) : rove_rope_replace_view(rope, at, 0, &view));
    if (!one)
        rove_view_fini(&view);
    return rc ? NULL : Py_NewRef(Py_None);
}

PyDoc_STRVAR(copy_doc, "copy($self, /)\n--\n\nA copy that shares all bytes until either changes. O(1).");
static PyObject *rope_copy(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    struct rp_rope *copy = (struct rp_rope *) rp_rope_type->tp_alloc(rp_rope_type, 0);
    if (copy)
        rove_rope_clone(&copy->rope, rp_rope_inner(op));
    return (PyObject *) copy;
}

static int set_attributes(PyObject *op, PyObject *state)
{
    if (state == Py_None)
        return 0;
    PyObject *items = PyMapping_Items(state); // of its own: to set one may run code that changes the state
    for (Py_ssize_t i = 0; items && i < PyList_GET_SIZE(items); i++) {
        PyObject *item = PyList_GET_ITEM(items, i);
        if (!PyTuple_Check(item) || PyTuple_GET_SIZE(item) != 2)
            PyErr_SetString(PyExc_TypeError, "the state is no dict");
        if (PyErr_Occurred() || PyObject_SetAttr(op, PyTuple_GET_ITEM(item, 0), PyTuple_GET_ITEM(item, 1)))
            Py_CLEAR(items);
    }
    Py_XDECREF(items);
    return items ? 0 : -1;
}

// Gives an object a state, as the modules copy and pickle do: by its own __setstate__, or what is in a dict, or in two of
// them, of which one is for slots.
static int set_state(PyObject *op, PyObject *state)
{
    PyObject *name = state == Py_None ? NULL : PyUnicode_InternFromString("__setstate__");
    PyObject *own = name ? PyObject_GetAttr(op, name) : NULL;
    Py_XDECREF(name);
    if (own) {
        PyObject *done = PyObject_CallOneArg(own, state);
        Py_DECREF(own);
        Py_XDECREF(done);
        return done ? 0 : -1;
    }
    if (PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError))
            return -1;
        PyErr_Clear();
    }
    if (!PyTuple_Check(state) || PyTuple_GET_SIZE(state) != 2)
        return set_attributes(op, state);
    return set_attributes(op, PyTuple_GET_ITEM(state, 0)) ? -1 : set_attributes(op, PyTuple_GET_ITEM(state, 1));
}

// The state of an object; with a memo a deep copy of it, in which the object itself is its copy.
static PyObject *state_of(PyObject *op, PyObject *copy, PyObject *memo)
{
    PyObject *state = rp_call(op, "__getstate__", "()");
    if (!state || !memo)
        return state;
    PyObject *deep = NULL, *id = PyLong_FromVoidPtr(op), *module = id ? PyImport_ImportModule("copy") : NULL;
    if (module && PyObject_SetItem(memo, id, copy) == 0)
        deep = rp_call(module, "deepcopy", "(OO)", state, memo);
    Py_XDECREF(id);
    Py_XDECREF(module);
    Py_DECREF(state);
    return deep;
}

// For the module copy: the type and the attributes of a subclass come along. memo: NULL for a shallow copy.
static PyObject *copy_whole(PyObject *op, PyObject *memo)
{
    if (Py_IS_TYPE(op, rp_rope_type))
        return rope_copy(op, NULL);
    struct rp_rope *copy = (struct rp_rope *) Py_TYPE(op)->tp_alloc(Py_TYPE(op), 0);
    if (!copy)
        return NULL;
    rove_rope_clone(&copy->rope, rp_rope_inner(op));
    PyObject *state = state_of(op, (PyObject *) copy, memo);
    if (!state || set_state((PyObject *) copy, state))
        Py_CLEAR(copy);
    Py_XDECREF(state);
    return (PyObject *) copy;
}

static PyObject *rope_copy_whole(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    return copy_whole(op, NULL);
}

PyDoc_STRVAR(take_doc, "take($self, size=-1, /)\n--\n\n"
"Remove the first size bytes, or all, and return them; fewer where there are fewer. Moves nothing else: O(log n).\n\n"
"For a queue.");
static PyObject *rope_take(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    struct rove_rope *rope = rp_rope_inner(op);
    Py_ssize_t size = -1;
    if (nargs > 1)
        return PyErr_Format(PyExc_TypeError, "take expected at most 1 argument, got %zd", nargs);
    if (nargs && rp_size_of(args[0], &size))
        return NULL;
    Py_ssize_t len = rope_len(op);
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, size < 0 || size > len ? len : size);
    if (bytes && raised(rove_rope_take(rope, PyBytes_AS_STRING(bytes), (size_t) PyBytes_GET_SIZE(bytes), NULL)))
        Py_CLEAR(bytes);
    return bytes;
}

PyDoc_STRVAR(clear_doc, "clear($self, /)\n--\n\nRemove all bytes.");
static PyObject *rope_clear(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    rove_rope_clear(rp_rope_inner(op));
    Py_RETURN_NONE;
}

PyDoc_STRVAR(compact_doc, "compact($self, /)\n--\n\n"
"Copy what lies scattered in chunks that are mostly unused, so that these can go. Content is as before.");
static PyObject *rope_compact(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    return raised(rove_rope_compact(rp_rope_inner(op))) ? NULL : Py_NewRef(Py_None);
}

static PyObject *rope_sizeof(PyObject *op, PyObject *ignored)
{
    (void) ignored;
    struct rove_rope_figures figures;
    if (raised(rove_rope_measure(rp_rope_inner(op), &figures)))
        return NULL;
    return PyLong_FromUnsignedLongLong((uint64_t) Py_TYPE(op)->tp_basicsize + figures.retained);
}

// The state is what an object of a subclass has besides.
static PyObject *rope_reduce(PyObject *op, PyObject *ignored)
{
    PyObject *bytes = rope_tobytes(op, ignored), *state = bytes ? rp_call(op, "__getstate__", "()") : NULL;
    if (state)
        return Py_BuildValue("(O(N)N)", Py_TYPE(op), bytes, state);
    Py_XDECREF(bytes);
    return NULL;
}

// ---- Life -----------------------------------------------------------------------------------------

static PyObject *rope_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static char *names[] = {"", "pool", NULL};
    PyObject *source = NULL, *pool_obj = NULL;
    struct rove_pool *pool;
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "|O$O:Rope", names, &source, &pool_obj)
        || rp_pool_of(pool_obj, &pool))
        return NULL;
    struct rp_rope *self = (struct rp_rope *) type->tp_alloc(type, 0);
    if (!self)
        return NULL;
    rove_rope_init(&self->rope, pool);
    if (source && append_obj(&self->rope, source))
        Py_CLEAR(self);
    return (PyObject *) self;
}

static void rope_dealloc(PyObject *op)
{
    struct rp_rope *self = (struct rp_rope *) op;
    PyTypeObject *type = Py_TYPE(op);
    if (self->weakrefs)
        PyObject_ClearWeakRefs(op);
    rove_rope_fini(&self->rope);
    type->tp_free(op);
    Py_DECREF(type);
}

#define FAST(name, fn, doc) {name, (PyCFunction) (void (*)(void)) (fn), METH_FASTCALL, doc}

static PyMethodDef methods[] = {
    {"append", rope_append, METH_O, append_doc},
    {"extend", rope_extend, METH_O, extend_doc},
    FAST("insert", rope_insert, insert_doc),
    FAST("take", rope_take, take_doc),
    {"copy", rope_copy, METH_NOARGS, copy_doc},
    {"__copy__", rope_copy_whole, METH_NOARGS, NULL},
    {"__deepcopy__", copy_whole, METH_O, NULL},
    {"clear", rope_clear, METH_NOARGS, clear_doc},
    {"compact", rope_compact, METH_NOARGS, compact_doc},
    {"view", rope_view, METH_NOARGS, view_doc},
    {"tobytes", rope_tobytes, METH_NOARGS, tobytes_doc},
    {"__bytes__", rope_tobytes, METH_NOARGS, tobytes_doc},
    {"digest", rope_digest, METH_O, digest_doc},
    {"__sizeof__", rope_sizeof, METH_NOARGS, NULL},
    {"__reduce__", rope_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(struct rp_rope, weakrefs), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyDoc_STRVAR(type_doc, "Rope(source=b'', /, *, pool=None)\n--\n\n"
"A mutable sequence of bytes, as bytearray is one, but cut and joined without moving them.\n\n"
"A slice, an insertion, a deletion, a concatenation is O(log n), a copy O(1); they share bytes until one is changed.");

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *) type_doc},     {Py_tp_new, rope_new},             {Py_tp_dealloc, rope_dealloc},
    {Py_tp_methods, methods},           {Py_tp_members, members},          {Py_tp_repr, rope_repr},
    {Py_tp_hash, PyObject_HashNotImplemented},                             {Py_tp_richcompare, rope_compare},
    {Py_sq_length, rope_len},           {Py_sq_item, rope_item},           {Py_sq_contains, rope_contains},
    {Py_sq_repeat, rope_repeat},        {Py_sq_inplace_repeat, rope_irepeat}, {Py_mp_length, rope_len},
    {Py_mp_subscript, rope_subscript},  {Py_mp_ass_subscript, rope_assign}, {Py_nb_add, rope_add},
    {Py_nb_inplace_add, rope_iadd},     {0, NULL},
};

static PyType_Spec spec = {
    .name = "rove.Rope",
    .basicsize = sizeof(struct rp_rope),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_SEQUENCE,
    .slots = slots,
};

int rp_rope_init(PyObject *module)
{
    rp_rope_type = rp_add_type(module, &spec, NULL);
    return rp_rope_type ? rp_add_methods(rp_rope_type, rp_find_methods) : -1;
}
