// SPDX-License-Identifier: MIT
// 23_gio_input.c: a GInputStream that owns a stream of ours. GIO's own decompressor and line reader stand on it here.
// needs: gio-2.0
#include <rove/rove.h>

#include <gio/gio.h>
#include <stdio.h>

#define LINES 20000u

G_DECLARE_FINAL_TYPE(RoveInput, rove_input, ROVE, INPUT, GInputStream)
struct _RoveInput {
    GInputStream parent_instance;
    struct rove_stream *stream; // owned
};
G_DEFINE_TYPE(RoveInput, rove_input, G_TYPE_INPUT_STREAM)

// Gives what has come, and does not wait for as much as there is room for; 0 is the end.
static gssize input_read(GInputStream *base, void *buf, gsize len, GCancellable *cancel,
                         GError **error)
{
    struct rove_stream *stream = ROVE_INPUT(base)->stream;
    const uint8_t *there;
    size_t got = 0;
    enum rove_status status = rove_stream_peek(stream, &there, &got);
    (void) cancel;
    if (status == ROVE_OK)
        status = rove_stream_read(stream, buf, MIN(got, len), &got);
    if (got || status >= 0)
        return (gssize) got;
    g_set_error(error, G_IO_ERROR,
                status == ROVE_E_AGAIN ? G_IO_ERROR_WOULD_BLOCK : G_IO_ERROR_FAILED, "%s: %s",
                rove_status_text(status), rove_stream_explain(stream));
    return -1;
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

// Has GIO decompress what the stream holds, and counts the lines that are right. Takes the stream.
static guint read_lines(struct rove_stream *packed, GError **error)
{
    RoveInput *input = g_object_new(rove_input_get_type(), NULL);
    input->stream = packed;
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
    g_object_unref(lines);
    g_object_unref(plain);
    g_object_unref(gzip);
    g_object_unref(input);
    return cnt;
}

static int pack_lines(struct rove_stream *packed)
{
    struct rove_stream *text = NULL;
    int failed = rove_stream_encode(packed, "gzip", NULL, &text, NULL) != ROVE_OK;
    for (guint i = 0; i < LINES && !failed; i++)
        failed = rove_stream_printf(text, "line %u\n", i) != ROVE_OK;
    failed = failed || rove_stream_close(text) || rove_stream_seek(packed, 0, ROVE_SET, NULL);
    rove_stream_free(text);
    return failed;
}

int main(void)
{
    struct rove_stream *packed = NULL;
    GError *error = NULL;
    guint cnt = 0;
    int failed = rove_stream_new(NULL, &packed) || pack_lines(packed);
    if (failed)
        rove_stream_free(packed);
    else
        cnt = read_lines(packed, &error);
    printf("%u lines, decompressed by GIO\n", cnt);
    if (error)
        fprintf(stderr, "23_gio_input: %s\n", error->message);
    failed = failed || error || cnt != LINES;
    g_clear_error(&error);
    return failed;
}
