// SPDX-License-Identifier: MIT
// 11_libarchive_read.c: reads a zip archive where it lies. The read callback answers with a pointer into our chunk, so
// nothing is copied on the way in; with skip and seek libarchive goes to the directory at the end, and past bodies.
// needs: libarchive
#include <rove/rove.h>

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>

// What libarchive reads from: a view, and a place in it.
struct source {
    struct rove_view view;
    struct rove_cursor cursor; // stands at pos
    uint64_t pos;
    unsigned seek_cnt;
};

static int move_to(struct source *source, uint64_t pos)
{
    rove_cursor_fini(&source->cursor);
    source->pos = pos;
    return rove_cursor_init(&source->cursor, &source->view, pos) != ROVE_OK;
}

// The span stays valid until the cursor moves on, which is as long as libarchive looks at it.
static la_ssize_t read_block(struct archive *archive, void *client, const void **block_out)
{
    struct source *source = client;
    struct rove_span span;
    enum rove_status status = rove_cursor_next(&source->cursor, &span);
    if (status < 0) {
        archive_set_error(archive, EIO, "%s", rove_status_text(status));
        return -1;
    }
    source->pos += span.len;
    *block_out = span.ptr;
    return (la_ssize_t) span.len; // 0 at the end
}

static la_int64_t skip(struct archive *archive, void *client, la_int64_t request)
{
    struct source *source = client;
    uint64_t left = rove_view_len(&source->view) - source->pos;
    uint64_t len = (uint64_t) request < left ? (uint64_t) request : left;
    (void) archive;
    return move_to(source, source->pos + len) ? ARCHIVE_FATAL : (la_int64_t) len;
}

static la_int64_t seek(struct archive *archive, void *client, la_int64_t off, int whence)
{
    struct source *source = client;
    uint64_t len = rove_view_len(&source->view);
    uint64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? source->pos : len;
    uint64_t pos =
        from + (uint64_t) off; // wraps where it would be negative, and is past the end then
    (void) archive;
    source->seek_cnt++;
    return pos > len || move_to(source, pos) ? ARCHIVE_FATAL : (la_int64_t) pos;
}

// Appends the body of a member to a stream, each piece from where it was decoded.
static int extract(struct archive *archive, const char *name, struct rove_stream *out)
{
    struct archive_entry *entry;
    const void *block;
    size_t len;
    la_int64_t off;
    int got;
    while ((got = archive_read_next_header(archive, &entry)) == ARCHIVE_OK)
        if (strcmp(archive_entry_pathname(entry), name) == 0)
            break;
    while (got == ARCHIVE_OK &&
           (got = archive_read_data_block(archive, &block, &len, &off)) == ARCHIVE_OK)
        if (rove_stream_write(out, block, len))
            return 1;
    return got != ARCHIVE_EOF;
}

static int read_archive(struct source *source, const char *name, struct rove_stream *out)
{
    struct archive *archive = archive_read_new();
    if (!archive)
        return 1;
    int failed = archive_read_support_format_zip_seekable(archive) != ARCHIVE_OK ||
                 archive_read_set_seek_callback(archive, seek) != ARCHIVE_OK ||
                 archive_read_open2(archive, source, NULL, read_block, skip, NULL) != ARCHIVE_OK ||
                 extract(archive, name, out);
    if (failed)
        fprintf(stderr, "11_libarchive_read: %s\n", archive_error_string(archive));
    archive_read_free(archive);
    return failed;
}

// An archive to read: libarchive also writes to a FILE, and a stream can be one.
static int make_archive(struct rove_stream *zip, const char *const names[], const char *body)
{
    struct archive *archive = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    size_t len = strlen(body);
    FILE *file = NULL;
    int failed = !archive || !entry || rove_fopen(zip, "w", &file) ||
                 archive_write_set_format_zip(archive) != ARCHIVE_OK ||
                 archive_write_open_FILE(archive, file) != ARCHIVE_OK;
    for (int i = 0; names[i] && !failed; i++) {
        archive_entry_set_pathname(entry, names[i]);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_size(entry, (la_int64_t) len);
        failed = archive_write_header(archive, entry) != ARCHIVE_OK ||
                 archive_write_data(archive, body, len) != (la_ssize_t) len;
    }
    failed = failed || archive_write_close(archive) != ARCHIVE_OK;
    archive_write_free(archive);
    archive_entry_free(entry);
    return (file && fclose(file) != 0) || failed;
}

int main(void)
{
    static const char *const names[] = {"a.txt", "b.txt", "c.txt", NULL};
    static char body[300001]; // and a NUL
    struct source source = {.pos = 0};
    struct rove_stream *zip = NULL, *out = NULL;
    const uint8_t *flat = NULL;
    size_t len = 0;
    for (size_t i = 0; i + 1 < sizeof body; i++)
        body[i] = (char) ('a' + i * i % 23);
    int failed = rove_stream_new(NULL, &zip) || rove_stream_new(NULL, &out) ||
                 make_archive(zip, names, body) || rove_stream_snapshot(zip, &source.view) ||
                 move_to(&source, 0) || read_archive(&source, "b.txt", out) ||
                 rove_stream_flatten(out, &flat, &len);
    failed = failed || len != strlen(body) || memcmp(flat, body, len) != 0 || source.seek_cnt == 0;
    printf("b.txt: %zu bytes, found by %u seeks\n", len, source.seek_cnt);
    rove_cursor_fini(&source.cursor);
    rove_view_fini(&source.view);
    rove_stream_free(out);
    rove_stream_free(zip);
    return failed;
}
