// SPDX-License-Identifier: MIT
// 18_png.c: a picture to PNG in memory, and back. libpng wants a FILE, and a stream can be one: rove_fopen() does what
// open_memstream() does, and reads and seeks besides.
// needs: libpng
#include <rove/rove.h>

#include <png.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    WIDTH = 320,
    HEIGHT = 200,
    PIXELS = WIDTH * HEIGHT * 3
}; // the last in bytes

static int write_png(struct rove_stream *out, const uint8_t *pixels)
{
    png_image image = {.version = PNG_IMAGE_VERSION, .width = WIDTH, .height = HEIGHT};
    FILE *file;
    image.format = PNG_FORMAT_RGB;
    if (rove_fopen(out, "w", &file))
        return 1;
    int good = png_image_write_to_stdio(&image, file, 0, pixels, 0, NULL);
    if (fclose(file) != 0) // flushes the stream; it stays open
        good = 0;
    if (!good)
        fprintf(stderr, "18_png: %s\n", *image.message ? image.message : rove_stream_explain(out));
    return !good;
}

// Reads from the stream's cursor on. The FILE reads ahead: the cursor is anywhere behind the picture afterwards.
static int read_png(struct rove_stream *in, uint8_t *pixels)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    FILE *file;
    if (rove_fopen(in, "r", &file))
        return 1;
    int good = png_image_begin_read_from_stdio(&image, file);
    if (good) {
        image.format = PNG_FORMAT_RGB;
        good = PNG_IMAGE_SIZE(image) == PIXELS; // never trust a size that was read
        good = good && png_image_finish_read(&image, NULL, pixels, 0, NULL);
    }
    if (!good)
        fprintf(stderr, "18_png: %s\n", *image.message ? image.message : "of another size");
    png_image_free(&image);
    fclose(file); // it was only read
    return !good;
}

int main(void)
{
    static uint8_t pixels[PIXELS], again[PIXELS];
    static const uint8_t mark[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    struct rove_stream *png = NULL;
    uint64_t len = 0;
    uint8_t start[8] = {0};
    for (int i = 0; i < PIXELS; i++)
        pixels[i] = (uint8_t) (i / 3 % WIDTH + i % 3 * (i / (3 * WIDTH)));
    int failed = rove_stream_new(NULL, &png) || write_png(png, pixels) ||
                 rove_stream_size(png, &len) || rove_stream_pread(png, 0, start, 8, NULL) ||
                 rove_stream_seek(png, 0, ROVE_SET, NULL) || read_png(png, again);
    failed = failed || memcmp(start, mark, 8) != 0 || memcmp(pixels, again, PIXELS) != 0;
    printf("%d bytes of pixels, %llu of PNG\n", PIXELS, (unsigned long long) len);
    rove_stream_free(png);
    return failed;
}
