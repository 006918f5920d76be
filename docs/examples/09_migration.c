// SPDX-License-Identifier: MIT
// 09_migration.c: the right columns of docs/migration.md, for C: each call that stands there is made here.
#include <rove/rove.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// Stops at the first call that does not do what is expected of it, and says where.
#define EXPECT(cond)                                                       \
    do {                                                                   \
        if (!(cond)) {                                                     \
            fprintf(stderr, "09_migration, line %d: %s\n", __LINE__, #cond); \
            return 1;                                                      \
        }                                                                  \
    } while (0)
#define DONE(call) EXPECT((call) == ROVE_OK)

static const char p[] = "one\ntwo\n";
static const size_t n = sizeof p - 1;
static int released;

static void release(void *arg, const void *ptr, size_t len)
{
    (void) ptr, (void) len;
    ++*(int *) arg;
}

// open_memstream(), fmemopen()
static int from_memory_files(void)
{
    struct rove_stream *s, *in;
    struct rove_span line;
    const uint8_t *ptr;
    uint64_t pos, size;
    size_t len;
    char *text;
    FILE *f;

    DONE(rove_stream_new(NULL, &s));
    DONE(rove_stream_write(s, p, n));
    DONE(rove_stream_printf(s, "%zu bytes\n", n));
    DONE(rove_stream_tell(s, &pos));
    DONE(rove_stream_seek(s, 0, ROVE_SET, NULL));
    DONE(rove_stream_line(s, '\n', 0, &line));
    EXPECT(line.len == 4);
    DONE(rove_stream_size(s, &size));
    EXPECT(size == 16 && pos == 16);
    DONE(rove_stream_flatten(s, &ptr, &len));
    EXPECT(memcmp(ptr, "one\ntwo\n8 bytes\n", len) == 0);
    DONE(rove_fopen(s, "a", &f));
    EXPECT(fputs("more\n", f) >= 0 && fclose(f) == 0);
    DONE(rove_stream_to_memory(s, &text, &len));
    EXPECT(strcmp(text, "one\ntwo\n8 bytes\nmore\n") == 0);
    free(text);
    rove_stream_free(s);

    DONE(rove_stream_from_adopted((struct rove_span){(const uint8_t *) p, n}, NULL, NULL, NULL, &in));
    DONE(rove_stream_line(in, '\n', 0, &line));
    EXPECT(line.len == 4);
    rove_stream_free(in);
    return 0;
}

// evbuffer: what comes in
static int from_evbuffer_in(void)
{
    struct rove_rope r, to, front;
    struct rove_view v;
    uint64_t pos;
    uint8_t *room;
    size_t len;
    char line[80];
    const struct rove_span lf = {(const uint8_t *) "\n", 1};

    rove_rope_init(&r, NULL);
    rove_rope_init(&to, NULL);
    rove_rope_init(&front, NULL);
    DONE(rove_rope_append(&r, p, n));
    DONE(rove_rope_insert(&r, 0, p, n));
    DONE(rove_rope_append_adopt(&r, p, n, release, &released));
    DONE(rove_rope_reserve(&r, n, &room, &len));
    memcpy(room, p, n);
    DONE(rove_rope_commit(&r, n));
    EXPECT(rove_rope_len(&r) == 4 * n);
    DONE(rove_rope_append(&front, "0\n", 2));
    DONE(rove_rope_insert_rope(&r, 0, &front));
    DONE(rove_rope_concat(&front, &r));
    EXPECT(rove_rope_len(&front) == 4 * n + 4 && rove_rope_len(&r) == 0);
    rove_rope_move(&r, &front);

    DONE(rove_rope_find(&r, 0, "two", 3, &pos));
    EXPECT(pos == 8);
    DONE(rove_rope_take_until(&r, lf, line, sizeof line, &len));
    EXPECT(len == 2 && memcmp(line, "0\n", 2) == 0);
    DONE(rove_rope_view(&r, 0, 6, &v));
    DONE(rove_rope_append_view(&to, &v));
    DONE(rove_rope_erase(&r, 0, 6));
    rove_view_fini(&v);
    DONE(rove_rope_read(&r, 0, line, 4, &len));
    EXPECT(memcmp(line, "two\n", 4) == 0 && rove_rope_len(&to) == 6);
    DONE(rove_rope_take(&r, line, 4, &len));
    EXPECT(rove_rope_len(&r) == 4 * n - 8);
    rove_rope_fini(&front);
    rove_rope_fini(&to);
    rove_rope_fini(&r);
    EXPECT(released == 1);
    return 0;
}

// evbuffer: what goes out
static int from_evbuffer_out(void)
{
    struct rove_rope r;
    struct rove_view v;
    struct iovec iov[8];
    size_t cnt = 8, got;
    uint64_t done, len;
    const uint8_t *ptr;
    int fds[2];
    FILE *file = tmpfile();

    EXPECT(file && fwrite(p, 1, n, file) == n && fflush(file) == 0 && pipe(fds) == 0);
    rove_rope_init(&r, NULL);
    DONE(rove_rope_append_file(&r, fileno(file), 4, UINT64_MAX));
    DONE(rove_rope_append(&r, p, n));
    DONE(rove_rope_view(&r, 0, rove_rope_len(&r), &v));
    DONE(rove_view_iov(&v, 0, iov, &cnt, &len));
    EXPECT(len == n + 4);
    rove_view_fini(&v);
    DONE(rove_rope_flatten(&r, &ptr));
    EXPECT(memcmp(ptr, "two\none\n", 8) == 0);
    DONE(rove_rope_write_fd(&r, fds[1], UINT64_MAX, &done));
    EXPECT(done == n + 4 && rove_rope_len(&r) == 0);
    DONE(rove_rope_read_fd(&r, fds[0], 4096, &got));
    EXPECT(got == n + 4);
    rove_rope_fini(&r);
    close(fds[0]);
    close(fds[1]);
    fclose(file);
    return 0;
}

// GByteArray, GBytes, GString
static int from_glib_arrays(void)
{
    struct rove_rope r;
    struct rove_view v, part;
    struct rove_span run;
    struct rove_cursor c;
    const uint8_t *ptr;
    int order;

    rove_rope_init(&r, NULL);
    DONE(rove_rope_append(&r, p, n));
    DONE(rove_rope_insert(&r, 4, p, n));
    DONE(rove_rope_overwrite(&r, 0, "ONE", 3));
    DONE(rove_rope_replace(&r, 0, 3, "first", 5));
    DONE(rove_rope_erase(&r, 6, 8));
    DONE(rove_rope_flatten(&r, &ptr));
    EXPECT(memcmp(ptr, "first\ntwo\n", 10) == 0);
    DONE(rove_rope_view(&r, 0, rove_rope_len(&r), &v));
    DONE(rove_rope_truncate(&r, 3));
    DONE(rove_rope_resize(&r, 5));
    DONE(rove_view_sub(&v, 6, 3, &part));
    DONE(rove_view_compare(&part, &v, &order));
    EXPECT(order > 0 && rove_view_len(&v) == 10);
    DONE(rove_cursor_init(&c, &part, 0));
    DONE(rove_cursor_next(&c, &run));
    EXPECT(run.len == 3 && memcmp(run.ptr, "two", 3) == 0);
    rove_cursor_fini(&c);
    rove_view_fini(&part);
    rove_view_fini(&v);
    rove_rope_fini(&r);
    return 0;
}

// GOutputStream, GInputStream, GConverter
static int from_gio(void)
{
    struct rove_stream *s, *packed, *in, *plain;
    struct rove_view v;
    uint64_t copied;
    size_t got;
    char buf[16];

    DONE(rove_stream_new(NULL, &s));
    DONE(rove_stream_from_adopted((struct rove_span){(const uint8_t *) p, n}, release, &released, NULL, &in));
    DONE(rove_stream_encode(s, "gzip:level=6", NULL, &packed, NULL));
    DONE(rove_stream_copy(in, packed, UINT64_MAX, NULL, &copied));
    DONE(rove_stream_write(packed, p, n));
    DONE(rove_stream_flush(packed));
    DONE(rove_stream_close(packed));
    EXPECT(copied == n);
    DONE(rove_stream_snapshot(s, &v));
    DONE(rove_stream_seek(s, 0, ROVE_SET, NULL));
    DONE(rove_stream_decode(s, "gzip", NULL, &plain, NULL));
    EXPECT(rove_stream_read(plain, buf, n, &got) == ROVE_OK && got == n);
    DONE(rove_stream_read(plain, buf, n, &got));
    EXPECT(rove_stream_read(plain, buf, n, &got) == ROVE_END && got == 0);
    EXPECT(strcmp(rove_stream_explain(plain), rove_status_text(ROVE_OK)) == 0);
    rove_view_fini(&v);
    rove_stream_free(plain);
    rove_stream_free(packed);
    rove_stream_free(in);
    rove_stream_free(s);
    EXPECT(released == 2);
    return 0;
}

// gzFile: writing
static int from_gzfile_write(const char *path)
{
    struct rove_stream *s, *file;
    FILE *other = tmpfile();
    int fd;

    DONE(rove_stream_open(path, "w", "gzip:level=6", NULL, &s));
    DONE(rove_stream_write(s, p, n));
    DONE(rove_stream_printf(s, "%d\n", 3));
    DONE(rove_stream_flush(s));
    DONE(rove_stream_finish(s));
    DONE(rove_stream_close(s));
    rove_stream_free(s);
    DONE(rove_stream_open(path, "a", "gzip", NULL, &s)); // one more member
    DONE(rove_stream_write(s, p, n));
    DONE(rove_stream_close(s));
    rove_stream_free(s);

    EXPECT(other && (fd = dup(fileno(other))) >= 0);
    DONE(rove_stream_from_fd(fd, ROVE_FD_CLOSE, NULL, &file));
    DONE(rove_stream_encode(file, "gzip", NULL, &s, NULL));
    DONE(rove_stream_own(s));
    DONE(rove_stream_close(s));
    rove_stream_free(s);
    fclose(other);
    return 0;
}

// gzFile: reading
static int from_gzfile_read(const char *path)
{
    struct rove_stream *s, *file;
    struct rove_index *index;
    struct rove_span line;
    uint64_t pos;
    size_t got;
    char buf[16];

    DONE(rove_stream_open(path, "r", "auto", NULL, &s));
    DONE(rove_stream_read(s, buf, 4, &got));
    DONE(rove_stream_line(s, '\n', sizeof buf, &line));
    EXPECT(line.len == 4 && memcmp(line.ptr, "two\n", 4) == 0);
    DONE(rove_stream_tell(s, &pos));
    EXPECT(pos == 8 && rove_stream_read(s, buf, sizeof buf, &got) == ROVE_END && got == 10);
    EXPECT(rove_stream_error(s) == ROVE_OK && rove_stream_errno(s) == 0);
    rove_stream_clear_error(s);
    DONE(rove_stream_close(s));
    rove_stream_free(s);

    DONE(rove_stream_open(path, "r", NULL, NULL, &file));
    DONE(rove_index_make(file, "auto", NULL, 0, &index));
    DONE(rove_stream_decode_index(file, index, NULL, &s));
    DONE(rove_stream_seek(s, 10, ROVE_SET, NULL));
    DONE(rove_stream_read(s, buf, 3, &got));
    EXPECT(memcmp(buf, "one", 3) == 0);
    DONE(rove_stream_pread(s, 4, buf, 3, &got));
    EXPECT(memcmp(buf, "two", 3) == 0);
    rove_stream_free(s);
    rove_index_unref(index);
    rove_stream_free(file);
    return 0;
}

int main(void)
{
    char path[64];
    snprintf(path, sizeof path, "example_migration.%ld.gz", (long) getpid());
    int failed = from_memory_files() || from_evbuffer_in() || from_evbuffer_out() || from_glib_arrays() ||
                 from_gio() || from_gzfile_write(path) || from_gzfile_read(path);
    unlink(path);
    return failed;
}
