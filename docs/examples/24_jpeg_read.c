// SPDX-License-Identifier: MIT
// 24_jpeg_read.c: libjpeg reads a picture from a view, span by span, where it lies. Its source manager is a pointer and a
// count, which is what rove_cursor_next() gives; nothing is copied, nor put together.
// needs: libjpeg
#include <rove/rove.h>

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include <jerror.h>

enum {
    WIDTH = 640,
    HEIGHT = 400
};

// libjpeg's failures jump. No call of ours lies between setjmp() and longjmp() then: libjpeg calls us, and we return.
struct failure {
    struct jpeg_error_mgr head;
    jmp_buf back;
};

static void give_up(j_common_ptr info)
{
    info->err->output_message(info);
    longjmp(((struct failure *) info->err)->back, 1);
}

struct source {
    struct jpeg_source_mgr head;
    struct rove_cursor cursor;
};

static void nothing(j_decompress_ptr info)
{
    (void) info;
}

// The span stays valid until the cursor moves on, when libjpeg has used it up.
static boolean next_span(j_decompress_ptr info)
{
    struct source *source = (struct source *) info->src;
    struct rove_span span;
    if (rove_cursor_next(&source->cursor, &span) != ROVE_OK)
        ERREXIT(info, JERR_INPUT_EOF);
    source->head.next_input_byte = span.ptr;
    source->head.bytes_in_buffer = span.len;
    return TRUE;
}

static void skip(j_decompress_ptr info, long len)
{
    size_t left = len > 0 ? (size_t) len : 0;
    for (; left > info->src->bytes_in_buffer; next_span(info))
        left -= info->src->bytes_in_buffer;
    info->src->next_input_byte += left;
    info->src->bytes_in_buffer -= left;
}

static int read_jpeg(struct source *source, uint8_t *pixels)
{
    struct failure failure;
    struct jpeg_decompress_struct info = {.err = jpeg_std_error(&failure.head)};
    failure.head.error_exit = give_up;
    if (setjmp(failure.back)) {
        jpeg_destroy_decompress(&info);
        return 1;
    }
    jpeg_create_decompress(&info);
    info.src = &source->head;
    jpeg_read_header(&info, TRUE);
    if (info.image_width != WIDTH || info.image_height != HEIGHT || info.num_components != 1)
        ERREXIT(&info, JERR_BAD_LENGTH); // never trust a size that was read
    jpeg_start_decompress(&info);
    while (info.output_scanline < HEIGHT) {
        JSAMPROW row = pixels + info.output_scanline * WIDTH;
        jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
    jpeg_destroy_decompress(&info);
    return 0;
}

// A picture of one grey, in memory of malloc(): written by libjpeg's own means. Returns its length.
static size_t make_jpeg(uint8_t **memory_out)
{
    static uint8_t row[WIDTH];
    struct jpeg_error_mgr errors;
    struct jpeg_compress_struct info = {.err = jpeg_std_error(&errors)};
    unsigned long len = 0;
    JSAMPROW rows = memset(row, 77, sizeof row);
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, memory_out, &len);
    info.image_width = WIDTH, info.image_height = HEIGHT;
    info.input_components = 1;
    info.in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(&info);
    jpeg_start_compress(&info, TRUE);
    while (info.next_scanline < HEIGHT)
        jpeg_write_scanlines(&info, &rows, 1);
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    return len;
}

int main(void)
{
    static uint8_t pixels[WIDTH * HEIGHT];
    struct source source = {.head = {.init_source = nothing,
                                     .fill_input_buffer = next_span,
                                     .skip_input_data = skip,
                                     .term_source = nothing,
                                     .resync_to_restart = jpeg_resync_to_restart}};
    struct rove_pool_opts opts = {.size = sizeof opts, .chunk_len = 256}; // small, for many spans
    struct rove_pool *pool = NULL;
    struct rove_stream *jpeg = NULL;
    struct rove_view view = {0};
    uint8_t *memory = NULL;
    size_t len = make_jpeg(&memory);
    int failed = rove_pool_new(&opts, &pool) || rove_stream_from_bytes(memory, len, pool, &jpeg) ||
                 rove_stream_snapshot(jpeg, &view) || rove_cursor_init(&source.cursor, &view, 0);
    free(memory);
    rove_stream_free(jpeg); // the view holds the bytes
    failed = failed || read_jpeg(&source, pixels);
    for (int i = 0; i < WIDTH * HEIGHT && !failed; i++)
        failed = abs(pixels[i] - 77) > 1;
    printf("%zu bytes of JPEG, %d of pixels\n", len, WIDTH * HEIGHT);
    rove_cursor_fini(&source.cursor);
    rove_view_fini(&view);
    rove_pool_unref(pool);
    return failed;
}
