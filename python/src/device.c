// SPDX-License-Identifier: MIT
// device.c: a file of Python's under a chain.
#include "codec.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define ASK_LEN ((size_t) 1 << 20)

// ---- By way of the descriptor, without the interpreter ---------------------------------------------

// A StopIteration would end the loop of who reads, as `for` and iter() have one, as if that was all: it is RuntimeError, as
// where a generator lets one go.
static void replace_stop(struct rp_device *device)
{
    if (!PyErr_GivenExceptionMatches(device->type, PyExc_StopIteration))
        return;
    PyObject *stop[3] = {device->type, device->value, device->back};
    PyErr_NormalizeException(&stop[0], &stop[1], &stop[2]);
    PyErr_SetString(PyExc_RuntimeError, "the file raised StopIteration");
    PyErr_Fetch(&device->type, &device->value, &device->back);
    PyErr_NormalizeException(&device->type, &device->value, &device->back);
    if (stop[2])
        (void) PyException_SetTraceback(stop[1], stop[2]);
    PyException_SetCause(device->value, stop[1]); // takes it
    Py_XDECREF(stop[0]);
    Py_XDECREF(stop[2]);
}

// The first exception of a call of ours is the one that it ends with. Nothing was moved by then, so what stands on the
// device is told that it should ask again.
static enum rove_status keep_exception(struct rp_device *device)
{
    if (device->type) {
        PyErr_Clear();
    } else {
        PyErr_Fetch(&device->type, &device->value, &device->back);
        replace_stop(device);
    }
    return ROVE_E_AGAIN;
}

// A write is another matter: of the bytes that were given to the call some may be lost by it. That sticks, so that a coded
// stream with a gap gets no end, until a write goes on.
static enum rove_status write_ended(struct rp_device *device)
{
    device->raised = true;
    errno = EIO;
    return ROVE_E_IO;
}

// What Python makes of a signal that came, such as KeyboardInterrupt, ends the call.
static bool interrupted(struct rp_device *device)
{
    PyGILState_STATE state = PyGILState_Ensure();
    bool raised = PyErr_CheckSignals() != 0;
    if (raised)
        (void) keep_exception(device);
    PyGILState_Release(state);
    return raised;
}

// A call may go through all of a file, which lets no signal end read() or write(): they are looked at now and then.
static bool should_end(struct rp_device *device, size_t len)
{
    device->unasked += len;
    if (device->unasked < ASK_LEN)
        return false;
    device->unasked = 0;
    return interrupted(device);
}

static enum rove_status of_errno(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK ? ROVE_E_AGAIN : ROVE_E_IO;
}

static enum rove_status fd_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    struct rp_device *device = ctx;
    if (should_end(device, len))
        return ROVE_E_AGAIN;
    for (;;) {
        ssize_t got = read(device->fd, buf, len);
        if (got >= 0) {
            *len_out = (size_t) got;
            return got ? ROVE_OK : ROVE_END;
        }
        if (errno != EINTR)
            return of_errno();
        if (interrupted(device))
            return ROVE_E_AGAIN;
    }
}

static enum rove_status fd_write(void *ctx, const void *src, size_t len, size_t *len_out)
{
    struct rp_device *device = ctx;
    if (should_end(device, len))
        return write_ended(device);
    device->raised = false;
    for (;;) {
        ssize_t put = write(device->fd, src, len);
        if (put >= 0) {
            *len_out = (size_t) put; // 0 is a failure, which the stream tells
            return ROVE_OK;
        }
        if (errno != EINTR)
            return of_errno();
        if (interrupted(device))
            return write_ended(device);
    }
}

static enum rove_status fd_ready(void *ctx)
{
    return ((struct rp_device *) ctx)->is_regular ? ROVE_OK : ROVE_END;
}

static enum rove_status fd_seek(void *ctx, uint64_t pos)
{
    return lseek(((struct rp_device *) ctx)->fd, (off_t) pos, SEEK_SET) < 0 ? ROVE_E_IO : ROVE_OK;
}

static enum rove_status fd_tell(void *ctx, uint64_t *pos_out)
{
    off_t pos = lseek(((struct rp_device *) ctx)->fd, 0, SEEK_CUR);
    *pos_out = (uint64_t) pos;
    return pos < 0 ? ROVE_E_IO : ROVE_OK;
}

static enum rove_status fd_length(void *ctx, uint64_t *len_out)
{
    struct stat st;
    if (fstat(((struct rp_device *) ctx)->fd, &st))
        return ROVE_E_IO;
    *len_out = (uint64_t) st.st_size;
    return ROVE_OK;
}

// ---- By calls of Python ---------------------------------------------------------------------------

// What read() gave: bytes, or None when a device that does not wait has none.
static enum rove_status take_read(PyObject *given, void *buf, size_t len, size_t *len_out)
{
    struct rp_given bytes;
    if (given == Py_None)
        return ROVE_E_AGAIN;
    if (rp_given_init(&bytes, given))
        return ROVE_E_IO;
    size_t got = (size_t) bytes.len;
    if (got <= len)
        memcpy(buf, bytes.ptr, got);
    rp_given_fini(&bytes);
    if (got > len) {
        PyErr_SetString(PyExc_OSError, "read() of the file returned more than was asked for");
        return ROVE_E_IO;
    }
    *len_out = got;
    return got ? ROVE_OK : ROVE_END;
}

// A live peer's message has to be there before the next one comes. read1() of a buffer gives what has come; nothing, at the
// end and where a descriptor that does not wait has none, which read() tells apart.
static PyObject *ask(struct rp_device *device, size_t len)
{
    PyObject *given = device->is_buffered ? rp_call(device->file, "read1", "(n)", (Py_ssize_t) len) : NULL;
    if (given && PyBytes_Check(given) && PyBytes_GET_SIZE(given) == 0)
        Py_CLEAR(given);
    return given || PyErr_Occurred() ? given : rp_call(device->file, "read", "(n)", (Py_ssize_t) len);
}

static enum rove_status py_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    struct rp_device *device = ctx;
    PyGILState_STATE state = PyGILState_Ensure();
    PyObject *given = PyErr_CheckSignals() ? NULL : ask(device, len);
    enum rove_status status = given ? take_read(given, buf, len, len_out) : ROVE_E_IO;
    Py_XDECREF(given);
    if (PyErr_Occurred())
        status = keep_exception(device);
    PyGILState_Release(state);
    return status;
}

static enum rove_status take_write(PyObject *given, size_t len, size_t *len_out)
{
    if (given == Py_None)
        return ROVE_E_AGAIN;
    Py_ssize_t put = PyNumber_AsSsize_t(given, PyExc_OverflowError);
    if (PyErr_Occurred())
        return ROVE_E_IO;
    if (put < 0 || (size_t) put > len) {
        PyErr_Format(PyExc_OSError, "write() of the file returned %zd for %zu bytes", put, len);
        return ROVE_E_IO;
    }
    *len_out = (size_t) put;
    return put ? ROVE_OK : ROVE_E_AGAIN;
}

// The bytes are copied into an object of their own: the file may keep it.
static enum rove_status py_write(void *ctx, const void *src, size_t len, size_t *len_out)
{
    struct rp_device *device = ctx;
    PyGILState_STATE state = PyGILState_Ensure();
    PyObject *given = PyErr_CheckSignals() ? NULL : rp_call(device->file, "write", "(y#)", (const char *) src,
                                                                        (Py_ssize_t) len);
    enum rove_status status = given ? take_write(given, len, len_out) : ROVE_E_IO;
    Py_XDECREF(given);
    device->raised = false;
    if (PyErr_Occurred()) {
        (void) keep_exception(device);
        status = write_ended(device);
    }
    PyGILState_Release(state);
    return status;
}

// Calls seek(), which answers with the position; or with None, as that of mmap before CPython 3.13: then tell() knows it.
static enum rove_status py_move(struct rp_device *device, uint64_t off, int whence, uint64_t *pos_out)
{
    PyGILState_STATE state = PyGILState_Ensure();
    PyObject *given = rp_call(device->file, "seek", "(Ki)", (unsigned long long) off, whence);
    if (given == Py_None)
        Py_SETREF(given, rp_call(device->file, "tell", "()"));
    enum rove_status status = given && rp_u64_of(given, pos_out) == 0 ? ROVE_OK : keep_exception(device);
    Py_XDECREF(given);
    PyGILState_Release(state);
    return status;
}

// What is read from elsewhere could pass for what lies there.
static enum rove_status elsewhere(struct rp_device *device, uint64_t pos, uint64_t at)
{
    PyGILState_STATE state = PyGILState_Ensure();
    PyErr_Format(PyExc_OSError, "seek() of the file went to %llu in place of %llu", (unsigned long long) at,
                 (unsigned long long) pos);
    enum rove_status status = keep_exception(device);
    PyGILState_Release(state);
    return status;
}

static enum rove_status py_seek(void *ctx, uint64_t pos)
{
    uint64_t at;
    enum rove_status status = py_move(ctx, pos, SEEK_SET, &at);
    return status == ROVE_OK && at != pos ? elsewhere(ctx, pos, at) : status;
}

static enum rove_status py_tell(void *ctx, uint64_t *pos_out)
{
    return py_move(ctx, 0, SEEK_CUR, pos_out);
}

static enum rove_status py_length(void *ctx, uint64_t *len_out)
{
    uint64_t at;
    enum rove_status status = py_move(ctx, 0, SEEK_CUR, &at);
    if (status == ROVE_OK)
        status = py_move(ctx, 0, SEEK_END, len_out);
    return status == ROVE_OK ? py_seek(ctx, at) : status;
}

// ---- Make and drop --------------------------------------------------------------------------------

static PyTypeObject *file_io; // io.FileIO
static PyTypeObject *buffers[3];

int rp_devices_init(void)
{
    static const char *const names[] = {"FileIO", "BufferedReader", "BufferedRandom", "BufferedRWPair"};
    PyTypeObject **types[] = {&file_io, &buffers[0], &buffers[1], &buffers[2]};
    PyObject *io = PyImport_ImportModule("_io");
    for (int i = 0; io && i < 4; i++)
        if (!(*types[i] = (PyTypeObject *) PyObject_GetAttrString(io, names[i])))
            Py_CLEAR(io);
    Py_XDECREF(io);
    return io ? 0 : -1;
}

// Not of a class of the user's, whose read() may do more.
static bool is_buffer(PyObject *file)
{
    return Py_IS_TYPE(file, buffers[0]) || Py_IS_TYPE(file, buffers[1]) || Py_IS_TYPE(file, buffers[2]);
}

// Where a buffer of Python's lies between file and descriptor, its own calls have to be used.
static int find_fd(PyObject *file, int *fd_out)
{
    *fd_out = -1;
    if (!Py_IS_TYPE(file, file_io) && !PyLong_Check(file))
        return 0;
    *fd_out = PyObject_AsFileDescriptor(file);
    return *fd_out < 0 ? -1 : 0;
}

int rp_device_init(struct rp_device *device, PyObject *file, struct rove_pool *pool, int flags,
                   struct rove_stream **stream_out)
{
    struct rove_io io = {.size = sizeof io, .read = py_read, .write = py_write};
    struct stat st;
    *device = (struct rp_device){.fd = -1};
    if (find_fd(file, &device->fd))
        return -1;
    if (device->fd >= 0) {
        io = (struct rove_io){.size = sizeof io, .read = fd_read, .write = fd_write, .ready = fd_ready};
        device->is_regular = fstat(device->fd, &st) == 0 && S_ISREG(st.st_mode);
    }
    if (flags & RP_SEEKS) {
        io.seek = device->fd >= 0 ? fd_seek : py_seek;
        io.tell = device->fd >= 0 ? fd_tell : py_tell;
        io.length = device->fd >= 0 ? fd_length : py_length;
    }
    device->is_buffered = is_buffer(file);
    device->file = Py_NewRef(file);
    enum rove_status status = rove_stream_from_io(&io, device, pool, stream_out);
    rp_device_raise(device);
    if (status == ROVE_OK && !PyErr_Occurred())
        return 0;
    rp_raise(status);
    rp_device_fini(device);
    return -1;
}

bool rp_device_is_open(const struct rp_device *device)
{
    if (device->fd < 0 || PyLong_Check(device->file))
        return true;
    int fd = PyObject_AsFileDescriptor(device->file); // it is a FileIO: no code of the user's runs
    if (fd >= 0 && fd != device->fd)
        PyErr_SetString(PyExc_ValueError, "the file has been opened anew");
    return fd == device->fd;
}

void rp_device_fini(struct rp_device *device)
{
    Py_CLEAR(device->file);
    Py_CLEAR(device->type);
    Py_CLEAR(device->value);
    Py_CLEAR(device->back);
}

void rp_device_raise(struct rp_device *device)
{
    if (!device->type)
        return;
    PyErr_Restore(device->type, device->value, device->back);
    device->type = device->value = device->back = NULL;
}
