// SPDX-License-Identifier: MIT
// codec.h: what Encoder, Decoder and the functions that code in memory share.
#ifndef RP_CODEC_H
#define RP_CODEC_H

#include "kit.h"

// What stands under a chain: a file of Python's, or its descriptor where nothing lies between. Its functions run without
// the interpreter's lock, and take it when they call Python.
struct rp_device {
    PyObject *file;                // held
    int fd;                        // or -1: the file's own read() and write() are called
    bool is_regular;               // the descriptor of a file that never makes one wait
    bool is_buffered;              // one of io's own buffers: read() waits for all that it is asked for, read1() does not
    size_t unasked;                // bytes that went by the descriptor since signals were looked at
    PyObject *type, *value, *back; // an exception that a call of ours into Python ended with, or NULL
    bool raised;                   // the last failure of a write was an exception
};

// Looks up once what all devices ask for.
int rp_devices_init(void);

// Makes a stream over it. Returns 0, or -1 with an exception. The device must outlive the stream.
#define RP_SEEKS 1 // what stands on it moves to and fro: the file has to seek
int rp_device_init(struct rp_device *device, PyObject *file, struct rove_pool *pool, int flags,
                   struct rove_stream **stream_out);
void rp_device_fini(struct rp_device *device);

// Whether the file has still the descriptor that is used in its place: once it is closed, that may be another file's.
// Raises ValueError if not.
bool rp_device_is_open(const struct rp_device *device);

// Raises again what a call of ours into Python ended with, if it did.
void rp_device_raise(struct rp_device *device);

// What a chain may use, as keyword arguments: max_output, max_ratio, memory (of the chain), cache, workers, dictionary,
// pool, index.
struct rp_limits {
    struct rove_limits limits;
    struct rove_pool *pool; // borrowed from the argument
    PyObject *index;        // for a Decoder: a rove.Index, True, or NULL; borrowed
    PyObject *dictionary;   // held: a bytes object, or NULL
};

// Takes what it knows out of keyword arguments, all but `first` and spec, which rp_first_and_spec() read. Any other
// raises TypeError, but for `other`, which is given borrowed. On success rp_limits_fini() lets go of what is held.
int rp_limits_of(struct rp_limits *limits, PyObject *kwds, const char *first, const char *other, PyObject **other_out);

void rp_limits_fini(struct rp_limits *limits);

// The text of a chain: str, NULL for a fallback. A dictionary that it does not ask for raises. Returns NULL with an
// exception.
const char *rp_spec_of(PyObject *spec, const struct rp_limits *limits, const char *fallback);

// The same of a call that takes no index: one that is given raises, too.
const char *rp_spec_without_index(PyObject *spec, const struct rp_limits *limits, const char *fallback);

// rove.Encoder and rove.Decoder. The first three fields are those of the base class.
struct rp_coder {
    PyObject_HEAD
    PyObject *dict;
    PyObject *weakrefs;
    struct rove_stream *stream; // the chain, or NULL: closed
    struct rove_stream *below;  // the device's
    struct rp_device device;
    struct rp_guard guard;
    bool closes; // closing closes the file, too
    bool reads;  // it is a Decoder
    bool seeks;  // it has an index
    bool told;   // that the file failed was raised
    bool lost;   // of a Decoder: bytes that came are gone, for want of memory
    PyObject *kept;                // of a Decoder: bytes that come next, as a call that had them ended by an exception;
    Py_ssize_t kept_off, kept_end; // these of them; or NULL
};

// How many bytes are kept.
Py_ssize_t rp_coder_kept(const struct rp_coder *self);

extern PyMethodDef rp_coder_methods[]; // what both have
extern PyGetSetDef rp_coder_getset[];
extern PyMemberDef rp_coder_members[];

typedef enum rove_status rp_chain_fn(struct rove_stream *other, const char *spec, const struct rove_limits *limits,
                                     struct rove_stream **stream_out, struct rove_spec_error *error_out);

// Makes a coder: tp_new of both. Arguments are (file, spec, *, limits..., close_file).
PyObject *rp_coder_make(PyTypeObject *type, PyObject *args, PyObject *kwds, rp_chain_fn *chain);

// Takes an open coder for a call. Returns 0, or -1 with an exception.
int rp_coder_take(struct rp_coder *self);

// The same for a call that may read or write the file: that has to be open.
int rp_coder_take_open(struct rp_coder *self);

// The same for a call that reads or writes anew: a file that failed, which the caller was told, is asked again.
int rp_coder_take_anew(struct rp_coder *self);

// Gives it back and raises what went wrong. Returns 0, or -1 with an exception.
int rp_coder_give(struct rp_coder *self, enum rove_status status);

// Calls a function of the chain that writes to its end, and has the file written, too. Returns 0, or -1 with an exception.
int rp_coder_write_out(struct rp_coder *self, enum rove_status (*fn)(struct rove_stream *));

// Drops all, without writing what was not written.
void rp_coder_drop(struct rp_coder *self);

int rp_coder_traverse(PyObject *op, visitproc visit, void *arg);
int rp_coder_clear(PyObject *op);
void rp_coder_dealloc(PyObject *op);
void rp_coder_finalize(PyObject *op);

// rove.Index (index.c)
extern PyTypeObject *rp_index_type;
int rp_index_of(PyObject *obj, struct rove_index **index_out); // borrowed; -1 with an exception
PyObject *rp_index_new(struct rove_index *index);              // takes it, also on failure

// Makes an index of all of a source, without the interpreter's lock.
enum rove_status rp_index_make(struct rove_stream *source, const char *spec, const struct rove_limits *limits,
                               uint64_t every, struct rove_index **index_out);

int rp_index_init(PyObject *module);
int rp_encoder_init(PyObject *module, PyObject *base);
int rp_decoder_init(PyObject *module, PyObject *base);

#endif
