// SPDX-License-Identifier: MIT
// kit.h: what the files of the Python module share: its types, its exceptions, borrowed bytes, and who holds an object.
//
// The module stands on <rove/rove.h> alone, as anybody's would. Names that cross files begin with rp_.
#ifndef RP_KIT_H
#define RP_KIT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>
#include <rove/rove.h>

#include <stdbool.h>

// Copies of this many bytes and more are made without the interpreter's lock.
#define RP_BIG ((Py_ssize_t) 1 << 20)

// The same for a pool that was given: it may put what is copied to sleep on disk.
#define RP_SLEEPS ((Py_ssize_t) 4096)

// ---- Exceptions (errors.c) ----------------------------------------------------------------------

extern PyObject *rp_error; // rove.Error, the base of those that are ours
extern PyObject *rp_unsupported_operation; // io.UnsupportedOperation

// Raises what stands for a status. Returns NULL, for `return rp_raise(...)`.
PyObject *rp_raise(enum rove_status status);

// Like rp_raise(), but says what the stream knows of its last failure: layer, cause, offset. An exception that a call of
// ours into Python left behind comes first.
PyObject *rp_raise_of(enum rove_status status, const struct rove_stream *stream);

// The same for what the last call about an index in this thread failed with; source: the stream that it read.
PyObject *rp_raise_index(enum rove_status status, const struct rove_stream *source);

// Raises rove.SpecError for a chain's text; what stands for the status where memory or a limit is to blame.
PyObject *rp_raise_spec(enum rove_status status, const struct rove_spec_error *error);

// Raises BlockingIOError, which says how many bytes were written by then: to make the whole call again would write these
// twice.
PyObject *rp_raise_blocked(uint64_t done);

// Raises ValueError, as every call of a closed file does.
PyObject *rp_raise_closed(void);

int rp_errors_init(PyObject *module);

// ---- One thread at a time (guard.c) -------------------------------------------------------------

// Stands in every object whose calls may let go of the interpreter's lock.
struct rp_guard {
    unsigned long holder; // number of the thread that is inside a call without that lock, or 0
    unsigned forks;       // how often the process had forked then
};

// Whether who holds it is a thread that did not come along when the process forked: nobody knows how far the call came,
// and nobody will end it.
bool rp_guard_is_lost(const struct rp_guard *guard);

// Takes the object for a call, or raises RuntimeError when another call has it. Returns 0, or -1.
int rp_guard_take(struct rp_guard *guard);
void rp_guard_give(struct rp_guard *guard);

// Waits while another thread is inside a call. For BytesIO, whose calls follow each other as those of io.BytesIO do.
// Returns 0, or -1 with RuntimeError when that would be for ever.
int rp_guard_wait(const struct rp_guard *guard);

int rp_guard_init(void); // once, for all

// ---- Bytes from Python (given.c) ----------------------------------------------------------------

// Bytes that a caller gave: of an exact bytes object, which needs no asking, or of any contiguous buffer.
struct rp_given {
    const char *ptr;
    Py_ssize_t len;
    Py_buffer buffer; // obj is NULL for an exact bytes object
};

// Returns 0, or -1 with an exception. To be let go by rp_given_fini().
int rp_given_init(struct rp_given *given, PyObject *obj);

static inline void rp_given_fini(struct rp_given *given)
{
    if (given->buffer.obj)
        PyBuffer_Release(&given->buffer);
}

// The buffer that readinto() was given, to be released. Returns 0, or -1 with TypeError, as files of Python's raise it.
int rp_room_init(Py_buffer *buffer, PyObject *obj);

// What is given where a byte, as an int, or bytes are taken: a new reference, to an exact int for the former. (The arrays
// of numpy are bytes, and have an __index__() as well, which refuses.)
PyObject *rp_byte_or_bytes(PyObject *obj);

// Reads an argument that is a size: None and what is negative are -1. Returns 0, or -1 with an exception.
int rp_size_of(PyObject *obj, Py_ssize_t *size_out);

// The same, quick for what most callers give.
static inline int rp_size(PyObject *obj, Py_ssize_t *size_out)
{
    if (PyLong_CheckExact(obj)) {
#if PY_VERSION_HEX >= 0x030C0000
        if (PyUnstable_Long_IsCompact((PyLongObject *) obj)) {
            Py_ssize_t size = PyUnstable_Long_CompactValue((PyLongObject *) obj);
            *size_out = size < 0 ? -1 : size;
            return 0;
        }
#else
        if (Py_SIZE(obj) == 1) { // one digit, not negative
            *size_out = (Py_ssize_t) ((PyLongObject *) obj)->ob_digit[0];
            return 0;
        }
#endif
    }
    return rp_size_of(obj, size_out);
}

// Reads an argument that is a C int; -1 may be one, or an exception.
int rp_int_of(PyObject *obj);

// Reads an argument that is a length or a limit: an int from 0 on.
int rp_u64_of(PyObject *obj, uint64_t *out);

// Calls a method; format: of a tuple, as for Py_BuildValue(). (PyObject_CallMethod() makes a new str for the name each time,
// which the interpreter's cache of methods then takes for another name: one entry of it is lost by each call.)
PyObject *rp_call(PyObject *obj, const char *name, const char *format, ...);

// Appends an exact bytes object without a copy, and holds it as long as the rope does.
enum rove_status rp_append_bytes(struct rove_rope *rope, PyObject *bytes, size_t len);

// The same with any other object of bytes, whose buffer is held so. A failure may come with an exception.
enum rove_status rp_append_lent(struct rove_rope *rope, PyObject *obj);

// The UTF-8 of a str that is the text of a chain. Returns NULL with an exception.
const char *rp_text_of(PyObject *obj);

// Reads the arguments of a call (FIRST, spec='...', *, ...), of which both may be given by name. Returns 0, or -1.
int rp_first_and_spec(PyObject *args, PyObject *kwds, const char *name, PyObject **first_out, PyObject **spec_out);

// Copies len bytes of a view, from an offset on, into a new bytes object; the lock is let go for big ones.
PyObject *rp_view_bytes(const struct rove_view *view, uint64_t off, uint64_t len);

// ---- Types --------------------------------------------------------------------------------------

extern PyTypeObject *rp_pool_type, *rp_view_type, *rp_rope_type, *rp_bytesio_type;

// rove.Pool (pool.c)
struct rp_pool {
    PyObject_HEAD
    struct rove_pool *pool;
};

// Reads a pool argument: None, or a rove.Pool. pool_out: borrowed; NULL for the default pool.
int rp_pool_of(PyObject *obj, struct rove_pool **pool_out);

// rove.View (view.c)
struct rp_view {
    PyObject_HEAD
    PyObject *weakrefs;
    struct rove_view view;
    PyObject *flat;    // all of it as bytes, when it was wanted in one piece and is not
    Py_hash_t hash;    // or -1
};

// Makes a View object that takes the view, also on failure.
PyObject *rp_view_new(struct rove_view *view);

// Gives a view of what a View, a Rope or any bytes-like object holds. Bytes-like ones are copied into the pool. NULL, or
// the default pool, which has no limit to keep: there exact bytes that are not few are held instead.
// Returns 1, 0 when it is none of these, -1 with an exception.
int rp_view_of(PyObject *obj, struct rove_pool *pool, struct rove_view *view_out);

// The same for no longer than a call of ours takes: nothing is copied but what is little. Others may write into a buffer that
// is looked at so: for sums and comparisons, not for codecs, whose input stands still.
int rp_view_within(PyObject *obj, struct rove_view *view_out);

// Appends bytes that were given by an object, in the way of rp_view_of(), to a rope on its pool.
enum rove_status rp_append_given(struct rove_rope *rope, PyObject *obj, const struct rp_given *given);

// rove.Rope (rope.c)
struct rp_rope {
    PyObject_HEAD
    PyObject *weakrefs;
    struct rove_rope rope;
};

static inline struct rove_rope *rp_rope_inner(PyObject *obj)
{
    return &((struct rp_rope *) obj)->rope;
}

// Whether it is a View or a Rope: bytes that are handed on without a copy.
static inline bool rp_is_ours(PyObject *obj)
{
    return PyObject_TypeCheck(obj, rp_view_type) || PyObject_TypeCheck(obj, rp_rope_type);
}

// Writes a view to a stream, a piece at a time, without the interpreter's lock; signals are looked at in between.
// Returns ROVE_OK, perhaps with an exception, or what failed.
enum rove_status rp_pour(struct rove_stream *stream, const struct rove_view *view);

// Resolves the bounds of a search as Python does: `to` is at most the length, `from` may be anything from 0 on. Either
// may be NULL or None. Returns 0, or -1 with an exception.
int rp_bounds_of(PyObject *start, PyObject *end, uint64_t len, Py_ssize_t *from_out, Py_ssize_t *to_out);

// Finds bytes in a view, which may be far longer than memory: signals are looked at on the way. pos_out: written only when
// they are found. Returns ROVE_END when there are none; any failure may come with an exception.
enum rove_status rp_find_bytes(const struct rove_view *view, const void *ptr, size_t len, uint64_t *pos_out);

// Finds bytes in a part of a view; the arguments are (sub[, start[, end]]). pos_out: -1 when there are none.
int rp_find_in(const struct rove_view *view, PyObject *const *args, Py_ssize_t nargs, Py_ssize_t *pos_out);

extern PyMethodDef rp_find_methods[]; // find.c: of View and Rope

// Compares with what rp_view_of() takes. Returns a new reference, perhaps to NotImplemented.
PyObject *rp_compare(const struct rove_view *view, PyObject *other, int op);

// Hashes by the text of one checksum layer.
PyObject *rp_view_digest(const struct rove_view *view, PyObject *spec);

// ---- Parts of the module ------------------------------------------------------------------------

int rp_pool_init(PyObject *module);
int rp_view_init(PyObject *module);
int rp_rope_init(PyObject *module);
int rp_bytesio_init(PyObject *module);
int rp_codec_init(PyObject *module);

// Adds methods to a type that is made; the list ends with a NULL. Returns 0, or -1.
int rp_add_methods(PyTypeObject *type, PyMethodDef *methods);

// Makes a type of a spec and adds it to the module. Returns it, owned by the caller's static pointer, or NULL.
PyTypeObject *rp_add_type(PyObject *module, PyType_Spec *spec, PyObject *bases);

#endif
