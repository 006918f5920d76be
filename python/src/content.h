// SPDX-License-Identifier: MIT
// content.h: the bytes of a BytesIO, which are one bytes object or a stream over a rope.
//
//     flat:    one bytes object, as io.BytesIO has it   ── outgrown, inserted into, shared and large ──>  stream
//     stream:  a rove_stream over a rope                <── wanted in one piece: getvalue, getbuffer ──   stream
//
// A bytes object has its head in front of its data, so no rope can be returned as one without a copy, unless it is one.
// And what is small is quickest in one piece. So content of at most RP_FLAT bytes is flat, and so is what was asked for
// in one piece until it is changed: then a rope adopts the bytes object, and copies of it what is written over, a piece
// at a time. Nothing is ever written into a bytes object that anybody else holds.
#ifndef RP_CONTENT_H
#define RP_CONTENT_H

#include "kit.h"

#define RP_FLAT ((Py_ssize_t) ROVE_CHUNK_LEN_DEFAULT) // bytes up to which flat content grows, and is copied

// rove.BytesIO. The first three fields are those of the base class.
struct rp_bytesio {
    PyObject_HEAD
    PyObject *dict;
    PyObject *weakrefs;
    PyObject *flat;             // flat content and perhaps room behind it, or NULL
    struct rove_stream *stream; // content that is not flat, or NULL; neither: closed
    Py_ssize_t size, pos;       // of flat content
    Py_ssize_t exports;         // buffers of getbuffer() that are alive; content is flat and stays where it is then
    PyObject *pool;             // a rove.Pool, or NULL
    struct rp_guard guard;
    bool shares; // some of the stream came by a View or a Rope, and may lie in another pool
};

static inline bool rp_is_closed(const struct rp_bytesio *self)
{
    return !self->flat && !self->stream;
}

// Waits for another thread that is copying, then raises ValueError when the object is closed.
static inline int rp_enter(struct rp_bytesio *self)
{
    if (self->guard.holder && rp_guard_wait(&self->guard))
        return -1;
    if (!rp_is_closed(self))
        return 0;
    rp_raise_closed();
    return -1;
}

// Like rp_enter(), but also raises BufferError while a buffer is exported: for what changes content.
int rp_enter_change(struct rp_bytesio *self);

// Where its content lies; NULL for the default pool.
struct rove_pool *rp_content_pool(const struct rp_bytesio *self);

// All of these return 0, or -1 with an exception and the content as it was.
int rp_to_stream(struct rp_bytesio *self);
int rp_to_flat(struct rp_bytesio *self);
int rp_unshare(struct rp_bytesio *self); // flat content: nobody else holds the bytes object, which has the exact size
int rp_write(struct rp_bytesio *self, const char *ptr, Py_ssize_t len);
Py_ssize_t rp_write_view(struct rp_bytesio *self, PyObject *obj); // of a View or Rope: how many bytes; checks all that write() does
int rp_truncate(struct rp_bytesio *self, Py_ssize_t len);

// The length, and the cursor.
Py_ssize_t rp_length(struct rp_bytesio *self);
Py_ssize_t rp_tell(struct rp_bytesio *self);
int rp_seek(struct rp_bytesio *self, Py_ssize_t pos);

// All content as one exact bytes object, shared with the content.
PyObject *rp_value(struct rp_bytesio *self);

// Up to size bytes at the cursor; -1 for all. The cursor moves past them.
PyObject *rp_read(struct rp_bytesio *self, Py_ssize_t size);
Py_ssize_t rp_read_into(struct rp_bytesio *self, char *to, Py_ssize_t len); // -1 with an exception

// A line, at most max bytes of it; -1 for any.
PyObject *rp_line(struct rp_bytesio *self, Py_ssize_t max);

// Drops all content: the object is closed.
void rp_drop(struct rp_bytesio *self);

// Replaces the content by what initial bytes are, the cursor at 0; bytes objects are shared. Nothing may be exported.
int rp_set_content(struct rp_bytesio *self, PyObject *initial);

int rp_export_init(void);
extern PyMethodDef rp_export_methods[]; // export.c: getbuffer()
extern PyMethodDef rp_state_methods[]; // state.c: pickling, size
extern PyMethodDef rp_more_methods[]; // beyond.c: what io.BytesIO does not have

#endif
