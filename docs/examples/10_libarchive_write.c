// SPDX-License-Identifier: MIT
// 10_libarchive_write.c: a tar archive in memory. libarchive hands its blocks to a stream, and the body of a member is
// what a view shows, span by span: it is never put together in one piece.
// needs: libarchive
#include <rove/rove.h>

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>

// libarchive's write callback. A write to a stream is whole or has failed, so this is never short.
static la_ssize_t write_block(struct archive *archive, void *client, const void *src, size_t len)
{
    enum rove_status status = rove_stream_write(client, src, len);
    if (status == ROVE_OK)
        return (la_ssize_t) len;
    archive_set_error(archive, rove_stream_errno(client), "%s", rove_status_text(status));
    return -1;
}

// Adds a member whose body is the view's bytes.
static int add(struct archive *archive, const char *name, const struct rove_view *body)
{
    struct archive_entry *entry = archive_entry_new();
    struct rove_cursor cursor;
    struct rove_span span;
    enum rove_status status = ROVE_OK;
    if (!entry)
        return 1;
    archive_entry_set_pathname(entry, name);
    archive_entry_set_size(entry, (la_int64_t) rove_view_len(body));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    int failed = archive_write_header(archive, entry) != ARCHIVE_OK ||
                 rove_cursor_init(&cursor, body, 0) != ROVE_OK;
    archive_entry_free(entry);
    if (failed)
        return 1;
    while (!failed && (status = rove_cursor_next(&cursor, &span)) == ROVE_OK)
        failed = archive_write_data(archive, span.ptr, span.len) != (la_ssize_t) span.len;
    rove_cursor_fini(&cursor);
    return failed || status != ROVE_END;
}

static int write_archive(struct rove_stream *out, const struct rove_view *body)
{
    struct archive *archive = archive_write_new();
    if (!archive)
        return 1;
    // Blocks of 0 bytes: what is written comes as it is, and is not gathered into 10 KiB first.
    int failed =
        archive_write_set_format_pax_restricted(archive) != ARCHIVE_OK ||
        archive_write_set_bytes_per_block(archive, 0) != ARCHIVE_OK ||
        archive_write_open2(archive, out, NULL, write_block, NULL, NULL) != ARCHIVE_OK ||
        add(archive, "first.txt", body) || add(archive, "again.txt", body) ||
        archive_write_close(archive) != ARCHIVE_OK; // the archive's end; its failure counts
    if (failed)
        fprintf(stderr, "10_libarchive_write: %s\n", archive_error_string(archive));
    archive_write_free(archive);
    return failed;
}

// A tar header is 512 bytes, and behind it stands the body as it is.
static int holds(struct rove_stream *tar, const struct rove_view *body)
{
    struct rove_view all = {0}, first = {0};
    int order = 1;
    int failed = rove_stream_snapshot(tar, &all) ||
                 rove_view_sub(&all, 512, rove_view_len(body), &first) ||
                 rove_view_compare(&first, body, &order);
    rove_view_fini(&first);
    rove_view_fini(&all);
    return !failed && order == 0;
}

int main(void)
{
    struct rove_stream *text = NULL, *tar = NULL;
    struct rove_view body = {0};
    uint64_t len = 0;
    int failed = rove_stream_new(NULL, &text) || rove_stream_new(NULL, &tar);
    for (int i = 0; i < 50000 && !failed; i++)
        failed = rove_stream_printf(text, "line %d\n", i) != ROVE_OK;
    failed = failed || rove_stream_snapshot(text, &body) || write_archive(tar, &body) ||
             !holds(tar, &body) || rove_stream_size(tar, &len) || len % 512 != 0;
    printf("an archive of %llu bytes\n", (unsigned long long) len);
    rove_view_fini(&body);
    rove_stream_free(tar);
    rove_stream_free(text);
    return failed;
}
