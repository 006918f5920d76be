// SPDX-License-Identifier: MIT
// 19_jpeg_write.c: libjpeg writes straight into a stream's room. Its destination manager is a pointer and a count, which
// is what rove_stream_reserve() gives; rove_stream_commit() takes what was written, and nothing is copied.
// needs: libjpeg
#include <rove/rove.h>

#include <setjmp.h>
#include <stdio.h>

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
    struct sink sink = {.out = out};
    sink.head.init_destination = make_room;
    sink.head.empty_output_buffer = next_room;
    sink.head.term_destination = finish;
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
    jpeg_start_compress(&info, TRUE);
    while (info.next_scanline < HEIGHT) {
        JSAMPROW row = pixels + info.next_scanline * WIDTH;
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    return 0;
}

int main(void)
{
    static uint8_t pixels[WIDTH * HEIGHT];
    struct rove_stream *jpeg = NULL;
    const uint8_t *flat = NULL;
    size_t len = 0;
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        pixels[i] = (uint8_t) (i % WIDTH * (i / WIDTH) / 7);
    int failed = rove_stream_new(NULL, &jpeg) || write_jpeg(jpeg, pixels) ||
                 rove_stream_flatten(jpeg, &flat, &len);
    // From the mark of the start to that of the end.
    failed = failed || len < 1000 || memcmp(flat, "\xff\xd8", 2) != 0 ||
             memcmp(flat + len - 2, "\xff\xd9", 2) != 0;
    printf("%d bytes of pixels, %zu of JPEG\n", WIDTH * HEIGHT, len);
    rove_stream_free(jpeg);
    return failed;
}
