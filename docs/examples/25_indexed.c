// SPDX-License-Identifier: MIT
// 25_indexed.c: writes compressed data that can be read anywhere, keeps their index in a file, and reads by it later.
#include <rove/rove.h>

#include <stdio.h>
#include <string.h>

#define RECORD_LEN 32
#define RECORD_CNT 100000

#define TRY(call)                        \
    do {                                 \
        enum rove_status status_ = call; \
        if (status_)                     \
            return status_;              \
    } while (0)

// Through the chain, marking as it goes. The index is there when the end is written, without a second pass.
static enum rove_status write_records(struct rove_stream *packed, struct rove_index **index_out)
{
    char record[RECORD_LEN + 1];

    TRY(rove_stream_mark(packed, 1 << 20)); // plain bytes from point to point, at least
    for (int i = 0; i < RECORD_CNT; i++) {
        snprintf(record, sizeof record, "%-*d\n", RECORD_LEN - 1, i);
        TRY(rove_stream_write(packed, record, RECORD_LEN));
    }
    TRY(rove_stream_close(packed));
    return rove_stream_index(packed, index_out);
}

// As a GZIDX, which indexed_gzip reads, and `rove cat --range` too.
static enum rove_status save(struct rove_stream *data, struct rove_stream *packed, struct rove_stream *file)
{
    struct rove_index *index = NULL;
    enum rove_status status = write_records(packed, &index);
    if (status == ROVE_OK)
        status = rove_index_save(index, data, "gzidx", file);
    rove_index_unref(index);
    return status;
}

// Some other day, with nothing but the data and the file.
static enum rove_status read_record(struct rove_stream *data, struct rove_stream *file, int number, char record[RECORD_LEN])
{
    struct rove_index *index = NULL;
    struct rove_stream *plain = NULL;
    size_t len = 0;

    TRY(rove_index_load(file, data, &index));
    enum rove_status status = rove_stream_decode_index(data, index, NULL, &plain);
    rove_index_unref(index); // the stream holds it
    if (status == ROVE_OK)
        status = rove_stream_pread(plain, (uint64_t) number * RECORD_LEN, record, RECORD_LEN, &len);
    if (status < 0)
        fprintf(stderr, "%s\n", plain ? rove_stream_explain(plain) : rove_index_explain());
    rove_stream_free(plain);
    return status;
}

// Both in memory here; rove_stream_open(path, "w+", ...) or rove_stream_from_fd() put them into files.
static enum rove_status run(struct rove_stream *data, struct rove_stream *file)
{
    struct rove_stream *packed = NULL;
    char record[RECORD_LEN];
    uint64_t coded, kept;

    TRY(rove_stream_encode(data, "gzip:block=128K", NULL, &packed, NULL));
    enum rove_status status = save(data, packed, file);
    rove_stream_free(packed);
    TRY(status);
    TRY(rove_stream_seek(file, 0, ROVE_SET, NULL));
    TRY(read_record(data, file, 77777, record));
    TRY(rove_stream_size(data, &coded));
    TRY(rove_stream_size(file, &kept));
    printf("%d bytes became %ju, with an index of %ju; record 77777: %.5s\n", RECORD_CNT * RECORD_LEN, (uintmax_t) coded,
           (uintmax_t) kept, record);
    return strncmp(record, "77777 ", 6) == 0 ? ROVE_OK : ROVE_E_DATA;
}

int main(void)
{
    struct rove_stream *data = NULL, *file = NULL;
    enum rove_status status = rove_stream_new(NULL, &data);
    if (status == ROVE_OK)
        status = rove_stream_new(NULL, &file);
    if (status == ROVE_OK)
        status = run(data, file);
    rove_stream_free(file);
    rove_stream_free(data);
    return status != ROVE_OK;
}
