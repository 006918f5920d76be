// SPDX-License-Identifier: MIT
// 15_gio_output.c: a GOutputStream that owns a stream of ours, so that whatever writes by GIO writes through a chain.
// needs: gio-2.0
#define _GNU_SOURCE 1 // pipe2()
#include <rove/rove.h>

#include <fcntl.h>
#include <gio/gio.h>
#include <stdio.h>
#include <unistd.h>

#define LINES 20000u

G_DECLARE_FINAL_TYPE(RoveOutput, rove_output, ROVE, OUTPUT, GOutputStream)
struct _RoveOutput {
    GOutputStream parent_instance;
    struct rove_stream *stream; // owned
};
G_DEFINE_TYPE(RoveOutput, rove_output, G_TYPE_OUTPUT_STREAM)

static void set_error(GError **error, struct rove_stream *stream, enum rove_status status)
{
    int code = status == ROVE_E_AGAIN    ? G_IO_ERROR_WOULD_BLOCK
               : status == ROVE_E_CLOSED ? G_IO_ERROR_CLOSED
               : status == ROVE_E_IO     ? (int) g_io_error_from_errno(rove_stream_errno(stream))
                                         : G_IO_ERROR_FAILED;
    g_set_error(error, G_IO_ERROR, code, "%s: %s", rove_status_text(status),
                rove_stream_explain(stream));
}

static gssize output_write(GOutputStream *base, const void *src, gsize len, GCancellable *cancel,
                           GError **error)
{
    struct rove_stream *stream = ROVE_OUTPUT(base)->stream;
    uint64_t before = 0, after = 0;
    enum rove_status status = rove_stream_tell(stream, &before);
    if (status == ROVE_OK)
        status = rove_stream_write(stream, src, len);
    (void) cancel;
    if (status == ROVE_OK)
        return (gssize) len;
    if (rove_stream_tell(stream, &after) == ROVE_OK && after > before)
        return (gssize) (after - before); // what was taken before the failure, or GIO would write that again
    set_error(error, stream, status);
    return -1;
}

static gboolean output_flush(GOutputStream *base, GCancellable *cancel, GError **error)
{
    struct rove_stream *stream = ROVE_OUTPUT(base)->stream;
    enum rove_status status = rove_stream_flush(stream);
    (void) cancel;
    if (status)
        set_error(error, stream, status);
    return status == ROVE_OK;
}

// Writes the formats' ends. GIO calls it once, at the last by g_object_unref(), and the object is closed then, whatever
// it answers. Who wants to abandon what was written frees the stream before that and sets it to NULL.
static gboolean output_close(GOutputStream *base, GCancellable *cancel, GError **error)
{
    struct rove_stream *stream = ROVE_OUTPUT(base)->stream;
    enum rove_status status = rove_stream_close(stream);
    (void) cancel;
    if (status)
        set_error(error, stream, status);
    return status == ROVE_OK;
}

static void output_finalize(GObject *base)
{
    rove_stream_free(ROVE_OUTPUT(base)->stream);
    G_OBJECT_CLASS(rove_output_parent_class)->finalize(base);
}

static void rove_output_class_init(RoveOutputClass *class)
{
    G_OUTPUT_STREAM_CLASS(class)->write_fn = output_write;
    G_OUTPUT_STREAM_CLASS(class)->flush = output_flush;
    G_OUTPUT_STREAM_CLASS(class)->close_fn = output_close;
    G_OBJECT_CLASS(class)->finalize = output_finalize;
}

static void rove_output_init(RoveOutput *self)
{
    self->stream = NULL;
}

// Writes lines by GIO, through gzip, into packed.
static int write_lines(struct rove_stream *packed, GError **error)
{
    RoveOutput *output = g_object_new(rove_output_get_type(), NULL);
    GOutputStream *base = G_OUTPUT_STREAM(output);
    gboolean good = rove_stream_encode(packed, "gzip", NULL, &output->stream, NULL) == ROVE_OK;
    for (guint i = 0; i < LINES && good; i++)
        good = g_output_stream_printf(base, NULL, NULL, error, "line %u\n", i);
    good = good && g_output_stream_close(base, NULL, error); // that it is whole is known only now
    g_object_unref(output);
    return !good;
}

static gsize drain(int fd)
{
    char buf[65536];
    gsize len = 0;
    for (gssize got; (got = read(fd, buf, sizeof buf)) > 0;)
        len += (gsize) got;
    return len;
}

// Into a pipe that does not wait and holds less than is written. Returns 0 when no byte was lost or came twice.
static int write_to_pipe(GError **error)
{
    static char text[1 << 20];
    gsize done = 0, part, got = 0;
    int fds[2];
    RoveOutput *output = g_object_new(rove_output_get_type(), NULL);
    int failed = pipe2(fds, O_NONBLOCK) != 0 ||
                 rove_stream_from_fd(fds[1], ROVE_FD_CLOSE, NULL, &output->stream) != ROVE_OK;
    while (done < sizeof text && got <= sizeof text && !failed) {
        g_output_stream_write_all(G_OUTPUT_STREAM(output), text + done, sizeof text - done, &part, NULL, error);
        failed = *error && !g_error_matches(*error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
        if (!failed)
            g_clear_error(error);
        done += part;
        got += drain(fds[0]);
    }
    failed = failed || !g_output_stream_close(G_OUTPUT_STREAM(output), NULL, error);
    g_object_unref(output);
    if (!failed)
        got += drain(fds[0]);
    return failed || close(fds[0]) != 0 || got != sizeof text;
}

int main(void)
{
    struct rove_stream *packed = NULL, *plain = NULL;
    struct rove_span line;
    GError *error = NULL;
    guint cnt = 0;
    char expected[32];
    enum rove_status status = ROVE_OK;
    int failed = write_to_pipe(&error) || rove_stream_new(NULL, &packed) || write_lines(packed, &error) ||
                 rove_stream_seek(packed, 0, ROVE_SET, NULL) ||
                 rove_stream_decode(packed, "gzip", NULL, &plain, NULL);
    while (!failed && (status = rove_stream_line(plain, '\n', 0, &line)) == ROVE_OK) {
        int len = g_snprintf(expected, sizeof expected, "line %u\n", cnt++);
        failed = line.len != (size_t) len || memcmp(line.ptr, expected, line.len) != 0;
    }
    printf("%u lines by GIO through gzip\n", cnt);
    if (error)
        fprintf(stderr, "15_gio_output: %s\n", error->message);
    failed = failed || error || status != ROVE_END || cnt != LINES;
    g_clear_error(&error);
    rove_stream_free(plain);
    rove_stream_free(packed);
    return failed;
}
