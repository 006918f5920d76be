// SPDX-License-Identifier: MIT
// stream.h: what stands behind the public window: a device, by its table.
//
//     base         cur            rend        wend
//      [ ············ | to be read | room to write )        position = base_pos + (cur - base)
//
// Invariants:
// 1. base <= cur. All of [base, rend) may be read and all of [base, wend) written; an end that
//    is base means none of it. With no window all four are NULL and the position is base_pos.
// 2. What was written through the window, up to the further of cur and rend, is known to the
//    device once it was asked to `drop` the window. Who moves cur back raises rend to it first.
// 3. Only the device makes and drops windows; the generic calls (stream.c) check arguments, state
//    and sticky failures, and loop.
//
// A million streams may be alive: a stream over a rope is to fill a block of 192 bytes.
#ifndef RV_STREAM_H
#define RV_STREAM_H

#include <rove/stream.h>

#include "chunk/pool.h"

#include <errno.h>

struct rv_stream;

// What a device can do. All functions return ROVE_OK or a failure unless said. Functions marked *
// may be NULL: the operation is ROVE_E_UNSUPPORTED then.
struct rv_device {
    const char *name;
    size_t stream_len; // bytes of its struct, which begins with a struct rv_stream
    size_t shown_len;  // … and more at its end, in a pool whose chunks sleep

    // Makes [cur, rend) hold at least a byte of what is at the position; ROVE_END at the end. *
    enum rove_status (*fill)(struct rv_stream *s);
    // Tells whether the position is at the end for sure, where that takes less than fill(). *
    bool (*at_end)(struct rv_stream *s);
    // Makes [cur, rend) longer, without taking anything out of it; ROVE_END at the end, and on any
    // failure it holds what it held. Missing: a line across windows is joined apart. *
    enum rove_status (*more)(struct rv_stream *s);
    // Makes [cur, wend) hold room for at least a byte at the position, want where that is easy.
    // ROVE_END: the device cannot give a window here, use `write`. *
    enum rove_status (*room)(struct rv_stream *s, size_t want);
    // Takes in what was written through the window and makes it none; the position stays. On
    // failure the window holds what is still to be taken in.
    enum rove_status (*drop)(struct rv_stream *s);
    // Reads at the position into the caller's memory and moves past it; no window is open. *
    // ROVE_END: better through a window.
    enum rove_status (*read)(struct rv_stream *s, void *buf, size_t len, size_t *len_out);
    // Whatever window is open, drops it; then writes the pieces at the position, and moves past them.
    // Missing: through `room`. *
    enum rove_status (*write)(struct rv_stream *s, const struct iovec *iov, size_t cnt,
                              uint64_t len);
    // The same of one piece, of 1 byte at least. Missing: by `write`.
    enum rove_status (*put)(struct rv_stream *s, const uint8_t *src, size_t len);
    // Whatever window is open, drops it; then moves the position.
    enum rove_status (*seek)(struct rv_stream *s, uint64_t pos); // *
    // A window may be open in these, and may stay.
    enum rove_status (*size)(struct rv_stream *s, uint64_t *len_out); // *
    // *len_out, where there is one, is set on failure, too. Missing: seek, read, seek back. *
    enum rove_status (*pread)(struct rv_stream *s, uint64_t off, void *buf, size_t len,
                              size_t *len_out);
    enum rove_status (*pwrite)(struct rv_stream *s, uint64_t off, const void *src, size_t len); // *
    // No window is open in any of these.
    enum rove_status (*resize)(struct rv_stream *s, uint64_t len); // *
    enum rove_status (*flush)(struct rv_stream *s); // *
    // Whether the next fill() may have to wait for somebody. Missing: never.
    bool (*may_wait)(struct rv_stream *s);
    // Hands over all that there is, ends included. After a failure it may be called again, and goes
    // on where it was. *
    enum rove_status (*finish)(struct rv_stream *s);
    // Gives everything up, also what was not handed over. The stream is closed afterwards in any case.
    enum rove_status (*close)(struct rv_stream *s);
    struct rove_stream *(*below)(struct rv_stream *s); // * the stream that it stands on, while it is open
    void (*own)(struct rv_stream *s); // * from now on closes and frees the stream that it stands on with itself
    // Forgets the failures that this stream's calls met in the streams that it stands on. *
    void (*clear)(struct rv_stream *s);
    const char *(*explain)(const struct rv_stream *s); // * more about the last failure, or NULL
    void (*gone)(struct rv_stream *s); // * gives back what outlived closing
    // Closes and frees the stream if that takes no more than giving back what the thread keeps; false: nothing has
    // happened. *
    bool (*vanish)(struct rv_stream *s);
    const char *(*limit)(const struct rv_stream *s); // * the limit that the last failure passed, or NULL
};

// The head of every stream.
struct rv_stream {
    struct rove_stream win;
    uint8_t *base;
    uint64_t base_pos;
    const struct rv_device *dev;
    struct rove_pool *pool;
    struct rove_rope *line;   // where rove_stream_line() joins a line across borders, or NULL
    struct rv_chunk *staging; // what rove_stream_reserve() gives where there is no window, or NULL
    union {
        uint64_t staged_at; // where that goes: what is below its mark is committed
        uint8_t *reserved;  // of room in the window: where it begins
    };
    int err_no;
    int8_t error;     // sticks, an enum rove_status
    int8_t last;      // the last failure, an enum rove_status
    uint8_t showing;  // a rope's: which kind of window is open, 0 for none, so with other devices and when closed
    bool staged : 1;  // rove_stream_reserve() gave the staging last
    bool refused : 1; // a change was refused by the failure that sticks: it is not there to be tried again
    bool closed : 1;
    bool busy : 1;    // inside a call that calls back: what comes back is refused
    bool no_seek : 1; // this one has no position to set, whether or not its kind of device may
    bool fixed : 1;   // the cursor may not be moved back inside this window
};

static inline struct rv_stream *rv_stream(struct rove_stream *stream)
{
    return (struct rv_stream *) (void *) stream;
}

static inline uint64_t rv_stream_pos(const struct rv_stream *s)
{
    return s->base_pos + (uint64_t) (s->win.cur - s->base);
}

// Bytes of a stream of a device.
static inline size_t rv_stream_len(const struct rv_device *dev, const struct rove_pool *pool)
{
    return dev->stream_len + (pool->spill ? dev->shown_len : 0);
}

// Makes the head of a stream in storage of any content.
static inline void rv_stream_begin(struct rv_stream *s, const struct rv_device *dev, struct rove_pool *pool)
{
    s->win.cur = s->win.rend = s->win.wend = s->base = NULL;
    s->base_pos = 0;
    s->dev = dev;
    s->pool = pool;
    s->line = NULL;
    s->staging = NULL;
    s->reserved = NULL;
    s->err_no = 0;
    s->error = s->last = 0;
    s->showing = 0;
    s->staged = s->refused = s->closed = s->busy = s->fixed = false;
    s->no_seek = !dev->seek;
}

// Makes a stream of a device, zeroed but for its head; the pool is held.
enum rove_status rv_stream_make(const struct rv_device *dev, struct rove_pool *pool,
                                struct rv_stream **out);

// Gives back the memory of a stream that was not handed out, or was closed.
void rv_stream_unmake(struct rv_stream *s);

// Opens a window: what is at base stands at base_pos; rend and wend may equal cur.
static inline void rv_window_open(struct rv_stream *s, uint8_t *base, uint64_t base_pos)
{
    s->base = s->win.cur = s->win.rend = s->win.wend = base;
    s->base_pos = base_pos;
    s->fixed = false;
}

// Makes the window none; the position stays.
static inline void rv_window_none(struct rv_stream *s)
{
    rv_window_open(s, NULL, rv_stream_pos(s));
}

// Remembers a failure; ROVE_E_AGAIN, ROVE_E_ARG and ROVE_E_RANGE do not stick. Returns it.
enum rove_status rv_stream_fail(struct rv_stream *s, enum rove_status status);

// Remembers a failure that does not stick, for it is not the device's: of memory, which the pool may have to write to a file,
// or read back. Returns it.
static inline enum rove_status rv_stream_note(struct rv_stream *s, enum rove_status status)
{
    if (RV_UNLIKELY(status < 0)) {
        s->last = (int8_t) status;
        s->err_no = status == ROVE_E_IO ? errno : 0;
    }
    return status;
}

// Tells whether the stream may be used at all: ROVE_E_ARG for none; ROVE_E_CLOSED; ROVE_E_STATE from inside one of its
// own calls; or OK.
static inline enum rove_status rv_stream_usable(const struct rv_stream *s)
{
    return !s ? ROVE_E_ARG : s->closed ? ROVE_E_CLOSED : s->busy ? ROVE_E_STATE : ROVE_OK;
}

// Whether more than the window shows may have to be waited for. The device of a closed stream is gone: it is not asked.
static inline bool rv_stream_may_wait(struct rv_stream *s)
{
    return s->dev->may_wait && !s->closed && s->win.cur >= s->win.rend && s->dev->may_wait(s);
}

// Tells whether a call that needs the device may go on: likewise, or the failure that sticks.
static inline enum rove_status rv_stream_ready(const struct rv_stream *s)
{
    if (RV_LIKELY(s && !s->closed && !s->busy && !s->error))
        return ROVE_OK;
    enum rove_status status = rv_stream_usable(s);
    return status ? status : (enum rove_status) s->error;
}

// Between these what comes back to the stream, by a function that its call calls, is refused.
static inline void rv_stream_enter(struct rv_stream *s)
{
    RV_ASSERT(!s->busy);
    s->busy = true;
}

static inline enum rove_status rv_stream_leave(struct rv_stream *s, enum rove_status status)
{
    s->busy = false;
    return status;
}

// The inline functions ask nobody whether the stream is inside a call. Where a window stays open while something is called
// that may come back, what they would take of it is hidden, and shown again afterwards if the window is still open.
static inline struct rove_stream rv_stream_hide(struct rv_stream *s)
{
    struct rove_stream shown = s->win;
    s->win.rend = s->win.wend = s->win.cur;
    return shown;
}

static inline void rv_stream_show(struct rv_stream *s, struct rove_stream shown)
{
    if (s->base)
        s->win = shown;
}

// Whether it stands on another one, perhaps by way of others. What is closed stands on nothing.
bool rv_stream_stands_on(struct rove_stream *stream, const struct rove_stream *other);

// Hands over all that there is, ends included, so that the stream can be closed.
enum rove_status rv_stream_finish(struct rv_stream *s);

// Gives everything up, as freeing does; after rv_stream_finish() that is closing. The stream is closed then.
enum rove_status rv_stream_end(struct rv_stream *s);

// Notes that a change ended with this status. Returns it. s: NULL for none.
static inline enum rove_status rv_stream_changed(struct rv_stream *s, enum rove_status status)
{
    if (s && status)
        s->refused = s->refused || status == (enum rove_status) s->error;
    return status;
}

// Sets the position, as dev->seek does. ROVE_E_UNSUPPORTED where there is none to set.
static inline enum rove_status rv_stream_goto(struct rv_stream *s, uint64_t pos)
{
    return !s->no_seek ? s->dev->seek(s, pos) : ROVE_E_UNSUPPORTED;
}

#endif
