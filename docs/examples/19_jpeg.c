// SPDX-License-Identifier: MIT
// 19_jpeg.c: libjpeg writes straight into a stream's room and reads straight from a view's spans: its destination and
// source managers are a pointer and a count, which is what rove_stream_reserve() and rove_cursor_next() give.
// needs: libjpeg
#include <rove/rove.h>

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include <jerror.h>

enum {
    WIDTH = 320,
    HEIGHT = 200
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

// ---- Writing --------------------------------------------------------------------------------------

struct sink {
    struct jpeg_destination_mgr head;
    struct rove_stream *out; // used by nobody else until it is finished: that would end the loan
    size_t len;              // of the room
};

static void make_room(j_compress_ptr info)
{
    struct sink *sink = (struct sink *) info->dest;
    if (rove_stream_reserve(sink->out, 65536, &sink->head.next_output_byte, &sink->len))
        ERREXIT(info, JERR_FILE_WRITE);
    sink->head.free_in_buffer = sink->len;
}

// All of the room is full when this is called, whatever free_in_buffer says.
static boolean next_room(j_compress_ptr info)
{
    struct sink *sink = (struct sink *) info->dest;
    if (rove_stream_commit(sink->out, sink->len))
        ERREXIT(info, JERR_FILE_WRITE);
    make_room(info);
    return TRUE;
}

static void finish(j_compress_ptr info)
{
    struct sink *sink = (struct sink *) info->dest;
    if (rove_stream_commit(sink->out, sink->len - sink->head.free_in_buffer))
        ERREXIT(info, JERR_FILE_WRITE);
}

static int write_jpeg(struct rove_stream *out, uint8_t *pixels)
{
    struct failure failure;
    struct jpeg_compress_struct info = {.err = jpeg_std_error(&failure.head)};
    struct sink sink = {.head = {.init_destination = make_room,
                                 .empty_output_buffer = next_room,
                                 .term_destination = finish},
                        .out = out};
    failure.head.error_exit = give_up;
    if (setjmp(failure.back)) {
        jpeg_destroy_compress(&info);
        return 1;
    }
    jpeg_create_compress(&info);
    info.dest = &sink.head;
    info.image_width = WIDTH;
    info.image_height = HEIGHT;
    info.input_components = 1;
    info.in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, 95, TRUE);
    jpeg_start_compress(&info, TRUE);
    while (info.next_scanline < HEIGHT) {
        JSAMPROW row = pixels + info.next_scanline * WIDTH;
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    return 0;
}

// ---- Reading --------------------------------------------------------------------------------------

struct source {
    struct jpeg_source_mgr head;
    struct rove_cursor cursor;
};

static void begin(j_decompress_ptr info)
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

static int read_jpeg(const struct rove_view *view, uint8_t *pixels)
{
    struct failure failure;
    struct jpeg_decompress_struct info = {.err = jpeg_std_error(&failure.head)};
    struct source source = {.head = {.init_source = begin,
                                     .fill_input_buffer = next_span,
                                     .skip_input_data = skip,
                                     .resync_to_restart = jpeg_resync_to_restart,
                                     .term_source = begin}};
    int failed = rove_cursor_init(&source.cursor, view, 0) != ROVE_OK;
    failure.head.error_exit = give_up;
    if (failed || setjmp(failure.back)) {
        jpeg_destroy_decompress(&info);
        rove_cursor_fini(&source.cursor);
        return 1;
    }
    jpeg_create_decompress(&info);
    info.src = &source.head;
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
    rove_cursor_fini(&source.cursor);
    return 0;
}

int main(void)
{
    static uint8_t pixels[WIDTH * HEIGHT], again[WIDTH * HEIGHT];
    struct rove_stream *jpeg = NULL;
    struct rove_view view = {0};
    int furthest = 0;
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        pixels[i] = (uint8_t) ((i % WIDTH + i / WIDTH) / 3);
    int failed = rove_stream_new(NULL, &jpeg) || write_jpeg(jpeg, pixels) ||
                 rove_stream_snapshot(jpeg, &view) || read_jpeg(&view, again);
    for (int i = 0; i < WIDTH * HEIGHT && !failed; i++)
        furthest = abs(pixels[i] - again[i]) > furthest ? abs(pixels[i] - again[i]) : furthest;
    printf("%d bytes of pixels, %llu of JPEG, off by %d at most\n", WIDTH * HEIGHT,
           (unsigned long long) rove_view_len(&view), furthest);
    rove_view_fini(&view);
    rove_stream_free(jpeg);
    return failed || furthest > 8;
}
