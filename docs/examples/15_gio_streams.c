// SPDX-License-Identifier: MIT
// 15_gio_streams.c: a GInputStream and a GOutputStream that own a stream of ours. GIO's own calls write through a chain
// here, and GIO's decompressor reads what came out.
// needs: gio-2.0
#include <rove/rove.h>

#include <gio/gio.h>
#include <stdio.h>

#define LINES 20000u

// ---- Statuses become GErrors ----------------------------------------------------------------------

static gssize failed_with(struct rove_stream *stream, enum rove_status status, GError **error)
{
    int code = status == ROVE_E_AGAIN         ? G_IO_ERROR_WOULD_BLOCK
               : status == ROVE_E_CLOSED      ? G_IO_ERROR_CLOSED
               : status == ROVE_E_UNSUPPORTED ? G_IO_ERROR_NOT_SUPPORTED
               : status == ROVE_E_IO ? (int) g_io_error_from_errno(rove_stream_errno(stream))
                                     : G_IO_ERROR_FAILED;
    g_set_error(error, G_IO_ERROR, code, "%s: %s", rove_status_text(status),
                rove_stream_explain(stream));
    return -1;
}

// ---- The output stream ----------------------------------------------------------------------------

G_DECLARE_FINAL_TYPE(RoveOutput, rove_output, ROVE, OUTPUT, GOutputStream)
struct _RoveOutput {
    GOutputStream parent_instance;
    struct rove_stream *stream;
};
G_DEFINE_TYPE(RoveOutput, rove_output, G_TYPE_OUTPUT_STREAM)

static gssize output_write(GOutputStream *base, const void *src, gsize len, GCancellable *cancel,
                           GError **error)
{
    struct rove_stream *stream = ROVE_OUTPUT(base)->stream;
    enum rove_status status = rove_stream_write(stream, src, len);
    (void) cancel;
    return status ? failed_with(stream, status, error) : (gssize) len;
}

static gboolean output_flush(GOutputStream *base, GCancellable *cancel, GError **error)
{
    struct rove_stream *stream = ROVE_OUTPUT(base)->stream;
    enum rove_status status = rove_stream_flush(stream);
    (void) cancel;
    if (status)
        failed_with(stream, status, error);
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
        failed_with(stream, status, error);
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

// ---- The input stream -----------------------------------------------------------------------------

G_DECLARE_FINAL_TYPE(RoveInput, rove_input, ROVE, INPUT, GInputStream)
struct _RoveInput {
    GInputStream parent_instance;
    struct rove_stream *stream;
};
G_DEFINE_TYPE(RoveInput, rove_input, G_TYPE_INPUT_STREAM)

// What came before a failure or the end goes first; 0 is the end.
static gssize input_read(GInputStream *base, void *buf, gsize len, GCancellable *cancel,
                         GError **error)
{
    struct rove_stream *stream = ROVE_INPUT(base)->stream;
    size_t got = 0;
    enum rove_status status = rove_stream_read(stream, buf, len, &got);
    (void) cancel;
    return got || status >= 0 ? (gssize) got : failed_with(stream, status, error);
}

static void input_finalize(GObject *base)
{
    rove_stream_free(ROVE_INPUT(base)->stream);
    G_OBJECT_CLASS(rove_input_parent_class)->finalize(base);
}

static void rove_input_class_init(RoveInputClass *class)
{
    G_INPUT_STREAM_CLASS(class)->read_fn = input_read;
    G_OBJECT_CLASS(class)->finalize = input_finalize;
}

static void rove_input_init(RoveInput *self)
{
    self->stream = NULL;
}

// ---- Used as any of GIO's -------------------------------------------------------------------------

// Writes lines through gzip into packed.
static int write_lines(struct rove_stream *packed, GError **error)
{
    struct rove_stream *stream = NULL;
    if (rove_stream_encode(packed, "gzip", NULL, &stream, NULL))
        return 1;
    RoveOutput *output = g_object_new(rove_output_get_type(), NULL);
    output->stream = stream; // taken
    GOutputStream *base = G_OUTPUT_STREAM(output);
    gboolean good = TRUE;
    for (guint i = 0; i < LINES && good; i++)
        good = g_output_stream_printf(base, NULL, NULL, error, "line %u\n", i);
    good = good && g_output_stream_close(base, NULL, error);
    g_object_unref(output);
    return !good;
}

// Has GIO decompress what packed holds, and counts the lines that are right. Takes packed.
static guint read_lines(struct rove_stream *packed, GError **error)
{
    RoveInput *input = g_object_new(rove_input_get_type(), NULL);
    input->stream = packed; // taken
    GZlibDecompressor *gzip = g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP);
    GInputStream *plain = g_converter_input_stream_new(G_INPUT_STREAM(input), G_CONVERTER(gzip));
    GDataInputStream *lines = g_data_input_stream_new(plain);
    guint cnt = 0;
    char *line, expected[32];
    while ((line = g_data_input_stream_read_line(lines, NULL, NULL, error))) {
        g_snprintf(expected, sizeof expected, "line %u", cnt);
        cnt += g_str_equal(line, expected) ? 1 : 0;
        g_free(line);
    }
    g_object_unref(lines), g_object_unref(plain), g_object_unref(gzip), g_object_unref(input);
    return cnt;
}

int main(void)
{
    struct rove_stream *packed = NULL;
    GError *error = NULL;
    guint cnt = 0;
    int failed = rove_stream_new(NULL, &packed) || write_lines(packed, &error) ||
                 rove_stream_seek(packed, 0, ROVE_SET, NULL);
    if (failed)
        rove_stream_free(packed);
    else
        cnt = read_lines(packed, &error);
    printf("%u lines through gzip, and back by GIO\n", cnt);
    if (error)
        fprintf(stderr, "15_gio_streams: %s\n", error->message);
    failed = failed || error || cnt != LINES;
    g_clear_error(&error);
    return failed;
}
