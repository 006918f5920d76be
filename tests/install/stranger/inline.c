// SPDX-License-Identifier: MIT
// inline.c: calls every inline function, directly and by its address. C as well as C++.
#include <rove/rove.h>
#include <stdio.h>

static int failed;

static void check(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "failed: %s\n", what);
        failed = 1;
    }
}

// A user's own inline function may call ours.
inline enum rove_status twice(struct rove_stream *stream, const void *src, size_t len);
inline enum rove_status twice(struct rove_stream *stream, const void *src, size_t len)
{
    enum rove_status status = rove_stream_write(stream, src, len);
    return status != ROVE_OK ? status : rove_stream_write(stream, src, len);
}
#ifndef __cplusplus
extern inline enum rove_status twice(struct rove_stream *stream, const void *src, size_t len);
#endif

// The addresses are known only as the program runs.
static enum rove_status (*volatile write_fn)(struct rove_stream *, const void *, size_t) = rove_stream_write;
static enum rove_status (*volatile read_fn)(struct rove_stream *, void *, size_t, size_t *) = rove_stream_read;
static enum rove_status (*volatile append_fn)(struct rove_rope *, const void *, size_t) = rove_rope_append;
static uint64_t (*volatile rope_len_fn)(const struct rove_rope *) = rove_rope_len;
static uint64_t (*volatile view_len_fn)(const struct rove_view *) = rove_view_len;
static void (*volatile copy_fn)(void *, const void *, size_t) = rove_copy_run;
static int (*volatile run_fn)(const uint8_t *, const uint8_t *, size_t) = rove_has_run;
static void (*volatile behind_fn)(uint8_t **, const void *, size_t) = rove_copy_behind;

static void use_stream(void)
{
    struct rove_stream *stream = NULL;
    char buf[16];
    size_t len = 0;

    check(rove_stream_new(NULL, &stream) == ROVE_OK, "new");
    check(twice(stream, "abc", 3) == ROVE_OK && write_fn(stream, "defg", 4) == ROVE_OK, "write");
    check(rove_stream_seek(stream, 0, ROVE_SET, NULL) == ROVE_OK, "seek");
    check(rove_stream_read(stream, buf, 5, &len) == ROVE_OK && len == 5, "read");
    check(read_fn(stream, buf + 5, 5, &len) == ROVE_OK && len == 5, "read by address");
    check(memcmp(buf, "abcabcdefg", 10) == 0, "the bytes");
    rove_stream_free(stream);
}

static void use_rope(void)
{
    struct rove_rope rope;
    struct rove_view view;
    char buf[4];

    rove_rope_init(&rope, NULL);
    check(rove_rope_append(&rope, "abc", 3) == ROVE_OK && append_fn(&rope, "d", 1) == ROVE_OK, "append");
    check(rove_rope_len(&rope) == 4 && rope_len_fn(&rope) == 4, "the length of a rope");
    check(rove_rope_view(&rope, 1, 2, &view) == ROVE_OK, "view");
    check(rove_view_len(&view) == 2 && view_len_fn(&view) == 2, "the length of a view");
    rove_view_fini(&view);
    rove_rope_fini(&rope);
    rove_copy_run(buf, "wxy", 2);
    copy_fn(buf + 2, "yz", 2);
    uint8_t bytes[4] = "wx", *cur = bytes + 2;
    behind_fn(&cur, "yz", 2);
    check(cur == bytes + 4 && memcmp(bytes, buf, 4) == 0, "the bytes copied behind others");
    check(memcmp(buf, "wxyz", 4) == 0, "the copied bytes");
    const uint8_t *end = bytes + 4;
    check(rove_has_run(bytes, end, 4) && run_fn(bytes, end, 4), "a run that fits");
    check(!rove_has_run(bytes, end, 5) && !run_fn(bytes, end, 5), "one that is too long");
    check(!rove_has_run(bytes, end, 0) && !run_fn(bytes, end, 0), "none");
    check(!rove_has_run(end, bytes, 1) && !run_fn(end, bytes, 1), "an end in front");
    const uint8_t *last = (const uint8_t *) (UINTPTR_MAX - 4095); // where the last page begins nothing is left
    check(!rove_has_run(last, last, 4096) && !run_fn(last, last, 4096), "none before the last page");
    check(!rove_has_run(bytes, end, SIZE_MAX) && !run_fn(bytes, end, SIZE_MAX), "the longest of all");
}

int main(void)
{
    use_stream();
    use_rope();
    return failed;
}
