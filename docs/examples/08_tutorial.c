// SPDX-License-Identifier: MIT
// 08_tutorial.c: the program of docs/tutorial.md. Each function is a part of that page.
#include <rove/rove.h>

#include <stdio.h>

// Hands a failure on to the caller.
#define TRY(call)                        \
    do {                                 \
        enum rove_status status_ = call; \
        if (status_)                     \
            return status_;              \
    } while (0)

// 1. An archive: the length of its body, four bytes, stands in front of it, and is known only at the end.
static enum rove_status make_archive(struct rove_stream *archive)
{
    struct rove_hole len_hole;
    uint64_t end;
    TRY(rove_stream_hole(archive, 4, &len_hole)); // four zeros, filled later
    for (int i = 1; i <= 100000; i++)
        TRY(rove_stream_printf(archive, "record %06d\n", i));
    TRY(rove_stream_tell(archive, &end));
    uint32_t len = (uint32_t) (end - 4);
    uint8_t bytes[4] = {(uint8_t) len, (uint8_t) (len >> 8), (uint8_t) (len >> 16), (uint8_t) (len >> 24)};
    return rove_stream_fill(archive, len_hole, bytes, 4);
}

// One more record in front of the others. Not one of them is moved, and the length is written over.
static enum rove_status add_in_front(struct rove_stream *archive)
{
    uint32_t len = 100001 * 14;
    uint8_t bytes[4] = {(uint8_t) len, (uint8_t) (len >> 8), (uint8_t) (len >> 16), (uint8_t) (len >> 24)};
    TRY(rove_stream_seek(archive, 4, ROVE_SET, NULL));
    TRY(rove_stream_insert(archive, "record 000000\n", 14));
    return rove_stream_pwrite(archive, 0, bytes, 4);
}

// 2. What is written through `packed` arrives coded in `coded`; on the way a checksum looks at it.
static enum rove_status compress(struct rove_stream *archive, struct rove_stream *coded)
{
    struct rove_stream *packed;
    uint8_t sum[4] = {0};
    size_t sum_len;
    uint64_t from = 0, to = 0;
    TRY(rove_stream_encode(coded, "crc32c|gzip:level=6,block=128K", NULL, &packed, NULL));
    enum rove_status status = rove_stream_seek(archive, 0, ROVE_SET, NULL);
    if (status == ROVE_OK)
        status = rove_stream_copy(archive, packed, UINT64_MAX, NULL, &from);
    if (status == ROVE_OK)
        status = rove_stream_close(packed); // writes the end of the format
    if (status == ROVE_OK)
        status = rove_stream_digest(packed, 0, sum, sizeof sum, &sum_len);
    if (status == ROVE_OK)
        status = rove_stream_tell(coded, &to);
    rove_stream_free(packed);
    printf("%llu bytes became %llu, crc32c %02x%02x%02x%02x\n", (unsigned long long) from, (unsigned long long) to,
           sum[0], sum[1], sum[2], sum[3]);
    return status;
}

// Reads all of it. ROVE_END is told only when every layer has found its checksum right.
static enum rove_status check(struct rove_stream *coded)
{
    struct rove_stream *plain;
    struct rove_span line;
    int cnt = 0;
    TRY(rove_stream_seek(coded, 0, ROVE_SET, NULL));
    TRY(rove_stream_decode(coded, "auto", NULL, &plain, NULL));
    enum rove_status status;
    while ((status = rove_stream_line(plain, '\n', 0, &line)) == ROVE_OK)
        cnt++;
    if (status == ROVE_END)
        printf("%d lines, and all is well\n", cnt);
    else
        printf("after %d lines: %s\n", cnt, rove_stream_explain(plain));
    rove_stream_free(plain);
    return status == ROVE_END ? ROVE_OK : status;
}

// 3. A snapshot stays as it is, whatever is written afterwards, also in another thread.
static enum rove_status count_while_writing(struct rove_stream *archive)
{
    struct rove_view before;
    uint64_t off = 0, cnt = 0, len = 0;
    TRY(rove_stream_snapshot(archive, &before)); // O(1), without a copy
    enum rove_status status = rove_stream_seek(archive, 4, ROVE_SET, NULL);
    if (status == ROVE_OK)
        status = rove_stream_erase(archive, 50000 * 14); // half of it is gone
    while (status == ROVE_OK && rove_view_find_byte(&before, off, '\n', &off) == ROVE_OK) {
        off++;
        cnt++;
    }
    if (status == ROVE_OK)
        status = rove_stream_size(archive, &len);
    printf("%llu records in the snapshot, %llu in the archive\n", (unsigned long long) cnt,
           (unsigned long long) (len - 4) / 14);
    rove_view_fini(&before);
    return status;
}

// 4. An index knows where decoding can begin. With it, compressed data are read anywhere.
static enum rove_status look_up(struct rove_stream *coded, unsigned number)
{
    struct rove_index *index;
    struct rove_stream *plain;
    char record[14];
    TRY(rove_index_make(coded, "auto", NULL, 0, &index));
    enum rove_status status = rove_stream_decode_index(coded, index, NULL, &plain);
    rove_index_unref(index); // the stream holds it
    TRY(status);
    status = rove_stream_pread(plain, 4 + (uint64_t) number * 14, record, sizeof record, NULL);
    if (status == ROVE_OK)
        printf("found: %.13s\n", record);
    rove_stream_free(plain);
    return status;
}

// 5. A filter is a table with one function, through which all bytes go. This one writes and reads in the same way.
#include <rove/filter.h>

static int32_t turn(void *state, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    (void) state;
    for (; in->len && out->len; in->len--, out->len--) {
        uint8_t c = *in->ptr++, low = c | 0x20;
        *out->ptr++ = low < 'a' || low > 'z' ? c : (uint8_t) (low < 'n' ? c + 13 : c - 13);
    }
    return in->len || act == ROVE_RUN ? ROVE_OK : ROVE_END;
}

static const struct rove_filter rot13 = {ROVE_FILTER_INIT, .name = "rot13", .about = "turns the alphabet by half",
                                         .dir = ROVE_ENCODE | ROVE_DECODE, .run = turn};

static enum rove_status use_filter(void)
{
    struct rove_stream *sink, *top;
    struct rove_span line = {0};
    TRY(rove_filter_register(&rot13, NULL));
    TRY(rove_stream_new(NULL, &sink));
    enum rove_status status = rove_stream_encode(sink, "rot13", NULL, &top, NULL);
    if (status == ROVE_OK) {
        status = rove_stream_write(top, "hello, filter\n", 14);
        if (status == ROVE_OK)
            status = rove_stream_close(top);
        rove_stream_free(top);
    }
    if (status == ROVE_OK)
        status = rove_stream_seek(sink, 0, ROVE_SET, NULL);
    if (status == ROVE_OK)
        status = rove_stream_line(sink, '\n', 0, &line);
    printf("%.*s", (int) line.len, (const char *) line.ptr);
    rove_stream_free(sink);
    return status;
}

// In a file of its own, with these lines behind it, the filter is a plugin.
static const struct rove_filter *const filters[] = {&rot13, NULL};
static const struct rove_plugin plugin = {
    ROVE_PLUGIN_INIT, .name = "rot13", .version = "1.0", .license = "MIT", .filters = filters};
ROVE_PLUGIN(&plugin)

int main(void)
{
    struct rove_stream *archive = NULL, *coded = NULL;
    int failed = rove_stream_new(NULL, &archive) || rove_stream_new(NULL, &coded) || make_archive(archive)
              || add_in_front(archive) || compress(archive, coded) || check(coded)
              || count_while_writing(archive) || look_up(coded, 77777) || use_filter();
    // Damage is told, with its place.
    failed = failed || rove_stream_pwrite(coded, 70000, "damage", 6) || check(coded) >= 0;
    rove_stream_free(coded);
    rove_stream_free(archive);
    return failed;
}
