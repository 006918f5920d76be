// SPDX-License-Identifier: MIT
// 04_patched_headers.c: an archive whose headers tell lengths that are known only afterwards. Each
// is a hole, reserved first and filled later. Then one more member is put in at the front.
//
//     archive = count:4  member…        member = body_len:4  name  NUL  body
#include <rove/rove.h>

#include <stdio.h>

#define TRY(call)                                       \
    do {                                                \
        enum rove_status try_status = (call);           \
        if (try_status)                                 \
            return try_status;                          \
    } while (0)

// Fills a hole of four bytes with a number, least significant byte first.
static enum rove_status fill_u32(struct rove_stream *out, struct rove_hole hole, uint64_t value)
{
    uint8_t bytes[4];
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t) (value >> (8 * i));
    return rove_stream_fill(out, hole, bytes, sizeof bytes);
}

// Writes a member at the cursor; what its body comes to is found out while it is written.
static enum rove_status add(struct rove_stream *out, const char *name, int lines)
{
    struct rove_hole body_len;
    uint64_t start, end;
    TRY(rove_stream_hole(out, 4, &body_len));
    TRY(rove_stream_write(out, name, strlen(name) + 1));
    TRY(rove_stream_tell(out, &start));
    for (int i = 1; i <= lines; i++)
        TRY(rove_stream_printf(out, "line %d of %s\n", i, name));
    TRY(rove_stream_tell(out, &end));
    return fill_u32(out, body_len, end - start);
}

static enum rove_status get_u32(struct rove_stream *in, uint64_t *value_out)
{
    uint8_t bytes[4];
    TRY(rove_stream_read(in, bytes, sizeof bytes, NULL));
    *value_out = bytes[0] | (uint64_t) bytes[1] << 8 | (uint64_t) bytes[2] << 16 |
                 (uint64_t) bytes[3] << 24;
    return ROVE_OK;
}

// Lists the archive by its headers alone. Fails where a length leads astray.
static enum rove_status list(struct rove_stream *in)
{
    uint64_t cnt = 0, len = 0;
    struct rove_span name;
    TRY(rove_stream_seek(in, 0, ROVE_SET, NULL));
    TRY(get_u32(in, &cnt));
    for (; cnt; cnt--) {
        TRY(get_u32(in, &len));
        TRY(rove_stream_line(in, 0, 0, &name));
        if (name.ptr[name.len - 1] != 0)
            return ROVE_E_DATA; // the archive ends within the name
        printf("%8llu %s\n", (unsigned long long) len, (const char *) name.ptr);
        TRY(rove_stream_seek(in, (int64_t) len, ROVE_CUR, NULL));
    }
    TRY(rove_stream_tell(in, &cnt));
    TRY(rove_stream_size(in, &len));
    return cnt == len ? ROVE_OK : ROVE_E_DATA;
}

static enum rove_status build(struct rove_stream *out)
{
    struct rove_hole cnt;
    struct rove_view part;
    TRY(rove_stream_hole(out, 4, &cnt));
    TRY(add(out, "short.txt", 3));
    TRY(add(out, "long.txt", 20000));
    TRY(rove_stream_snapshot(out, &part)); // it keeps a zero where the count will be
    rove_view_fini(&part);
    // One more in front of the others: made apart, put in without moving what follows.
    struct rove_stream *apart;
    TRY(rove_stream_new(NULL, &apart));
    enum rove_status status = add(apart, "first.txt", 100);
    if (status == ROVE_OK)
        status = rove_stream_snapshot(apart, &part);
    rove_stream_free(apart);
    TRY(status);
    status = rove_stream_seek(out, 4, ROVE_SET, NULL);
    if (status == ROVE_OK)
        status = rove_stream_insert_view(out, &part);
    rove_view_fini(&part);
    TRY(status);
    return fill_u32(out, cnt, 3);
}

int main(void)
{
    struct rove_stream *archive;
    if (rove_stream_new(NULL, &archive))
        return 1;
    enum rove_status status = build(archive);
    if (status == ROVE_OK)
        status = list(archive);
    if (status)
        fprintf(stderr, "04_patched_headers: %s\n", rove_status_text(status));
    rove_stream_free(archive);
    return status != ROVE_OK;
}
