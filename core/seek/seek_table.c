// SPDX-License-Identifier: MIT
// seek_table.c: the seek table of Zstandard's seekable format, version 0.1.0: a skippable frame behind all others,
// or a file of its own that holds nothing else.
//
//     0x184d2a5e u32 │ length of what follows u32 │ entries │ count u32 │ descriptor u8 │ 0x8f92eab1 u32
//     entry: coded bytes of a frame u32, plain bytes u32 [, low half of the XXH64 of the plain bytes u32]
//
// All little-endian. Bit 7 of the descriptor: entries have a checksum; bits 6 to 2 are reserved, 1 and 0 free. What is
// read at the end of data is found by its last bytes; what comes in a file by its first.
#include "seek/files.h"

#include "base/arith.h"

#define HEAD 8u
#define FOOT 9u
#define ENTRY 8u
#define SUM 4u
#define FOOT_MAGIC 0x8f92eab1u
#define HAS_SUMS 0x80u
#define RESERVED 0x7cu
#define CNT_MAX (UINT32_C(1) << 27) // frames, as the format has it

static const char *const names[] = {"zstd", NULL};

// Whether a frame begins with these bytes, skippable or not.
static bool begins_frame(const uint8_t *p)
{
    uint32_t magic = rv_get_le32(p);
    return magic == 0xfd2fb528u || (magic & 0xfffffff0u) == 0x184d2a50u;
}

// load ------------------------------------------------------------------------------------------

// A table, as the last bytes of a stream that seeks.
struct table {
    struct rove_stream *in;
    uint64_t at, len; // of the whole frame
    uint32_t cnt;
    uint32_t each; // bytes of an entry
};

// Finds the table that a stream ends with. ROVE_E_UNSUPPORTED: none.
static enum rove_status find(struct rove_stream *in, uint64_t in_len, struct table *table_out)
{
    uint8_t foot[FOOT], head[HEAD];
    if (in_len < HEAD + FOOT)
        return ROVE_E_UNSUPPORTED;
    enum rove_status status = rv_source_read(in, in_len - FOOT, foot, sizeof foot);
    if (status)
        return status;
    if (rv_get_le32(foot + 5) != FOOT_MAGIC)
        return ROVE_E_UNSUPPORTED;
    struct table t = {.in = in, .cnt = rv_get_le32(foot), .each = ENTRY};
    if (foot[4] & HAS_SUMS)
        t.each += SUM;
    uint64_t content = (uint64_t) t.cnt * t.each + FOOT;
    if (foot[4] & RESERVED || t.cnt > CNT_MAX || content > in_len - HEAD)
        return ROVE_E_FORMAT;
    t.len = HEAD + content;
    t.at = in_len - t.len;
    status = rv_source_read(in, t.at, head, sizeof head);
    if (status)
        return status;
    *table_out = t;
    return rv_get_le32(head) == RV_TABLE_MAGIC && rv_get_le32(head + 4) == content ? ROVE_OK
                                                                                    : ROVE_E_FORMAT;
}

// Adds what an entry says. sums: it has a checksum. most: bytes of the data.
static enum rove_status add_entry(struct rove_index *index, const uint8_t *entry, bool sums, uint64_t most)
{
    uint32_t coded = rv_get_le32(entry), plain = rv_get_le32(entry + 4);
    if (!coded || coded > most - index->coded_len)
        return ROVE_E_FORMAT;
    struct rv_place place = {index->coded_len, index->plain_len};
    enum rove_status status = rv_index_add_fresh(index, place);
    index->coded_len += coded;
    index->plain_len += plain;
    return status == ROVE_OK && sums ? rv_index_add_sum(index, rv_get_le32(entry + ENTRY)) : status;
}

static enum rove_status add_entries(struct rove_index *index, const struct table *table,
                                    uint64_t most)
{
    uint8_t some[85 * (ENTRY + SUM)];
    uint64_t at = table->at + HEAD;
    for (uint32_t i = 0; i < table->cnt;) {
        size_t cnt = rv_min_size(table->cnt - i, sizeof some / table->each);
        enum rove_status status = rv_source_read(table->in, at, some, cnt * table->each);
        for (size_t k = 0; k < cnt && status == ROVE_OK; k++)
            status = add_entry(index, some + k * table->each, table->each > ENTRY, most);
        if (status)
            return status;
        at += cnt * table->each;
        i += (uint32_t) cnt;
    }
    return ROVE_OK;
}

// The first and the last frame are looked for where they have to be.
static enum rove_status check_frames(const struct rv_file *file, const struct rove_index *index)
{
    const uint64_t ends[] = {0, index->cnt ? index->places[index->cnt - 1].coded : 0};
    for (size_t i = 0; i < 2 && index->cnt; i++) {
        uint8_t magic[4];
        if (!rv_within(ends[i], sizeof magic, file->source_len))
            return ROVE_E_FORMAT;
        enum rove_status status = rv_source_read(file->source, ends[i], magic, sizeof magic);
        if (status || !begins_frame(magic))
            return status ? status : ROVE_E_FORMAT;
    }
    return ROVE_OK;
}

// What a table says of data, which is of all frames but a table at their end. That is passed over like any skippable
// frame, so that the index reaches to the end of the data. frames: bytes before it, or of all.
static enum rove_status load(const struct rv_file *file, const struct table *table, uint64_t frames,
                             struct rove_index **index_out)
{
    struct rove_index *index = NULL;
    enum rove_status status = rv_index_new(rv_stream(file->source)->pool, names[0], &index);
    if (status)
        return status;
    index->each = true;
    status = add_entries(index, table, file->source_len);
    if (status == ROVE_OK && index->coded_len != frames && index->coded_len != file->source_len)
        status = ROVE_E_FORMAT;
    if (status == ROVE_OK)
        status = check_frames(file, index);
    rv_index_close(index, file->source_len, index->plain_len);
    return rv_index_hand_out(index, status, index_out);
}

enum rove_status rv_table_find(const struct rv_file *file, struct rove_index **index_out)
{
    struct table table;
    enum rove_status status = find(file->source, file->source_len, &table);
    return status ? status : load(file, &table, table.at, index_out);
}

// Copies a file that says by its head how long it is: what stands last is wanted first.
static enum rove_status copy(const struct rv_file *file, struct rove_stream *to)
{
    uint64_t left = rv_get_le32(file->head + 4);
    if (left / ENTRY > file->source_len + 2)
        return ROVE_E_FORMAT; // of more frames than there are bytes
    enum rove_status status = rove_stream_write(to, file->head, sizeof file->head);
    while (status == ROVE_OK && left) {
        uint8_t some[1024];
        size_t len = rv_clamp(left, sizeof some);
        status = rv_file_read(file, some, len);
        if (status == ROVE_OK)
            status = rove_stream_write(to, some, len);
        left -= len;
    }
    return status ? status : rv_file_end(file);
}

// The data may end with a table of their own.
static enum rove_status load_copy(const struct rv_file *file, struct rove_stream *in,
                                  struct rove_index **index_out)
{
    struct table table, own;
    uint64_t in_len = 0;
    enum rove_status status = copy(file, in);
    if (status == ROVE_OK)
        status = rove_stream_size(in, &in_len);
    if (status == ROVE_OK)
        status = find(in, in_len, &table);
    if (status == ROVE_E_UNSUPPORTED || (status == ROVE_OK && table.at))
        status = ROVE_E_FORMAT;
    if (status)
        return status;
    status = find(file->source, file->source_len, &own);
    if (status && status != ROVE_E_UNSUPPORTED)
        return status;
    return load(file, &table, status ? file->source_len : own.at, index_out);
}

enum rove_status rv_table_load(const struct rv_file *file, struct rove_index **index_out)
{
    struct rove_stream *in = NULL;
    enum rove_status status = rove_stream_new(rv_stream(file->source)->pool, &in);
    if (status == ROVE_OK)
        status = load_copy(file, in, index_out);
    rove_stream_free(in);
    return status;
}

// save ------------------------------------------------------------------------------------------

// The bytes of frame i, coded and plain, of data of so many coded ones.
static struct rv_place frame_of(const struct rove_index *index, size_t i, uint64_t coded_len)
{
    struct rv_place from = index->places[i], to = rv_index_end(index, i);
    if (i + 1 == index->cnt)
        to.coded = coded_len;
    return (struct rv_place){to.coded - from.coded, to.plain - from.plain};
}

static bool can_say(const struct rove_index *index, uint64_t coded_len)
{
    if (!rv_index_is_by(index, names) || !index->each || !rv_index_is_all_fresh(index) ||
        index->cnt >= CNT_MAX)
        return false;
    for (size_t i = 0; i < index->cnt; i++) {
        struct rv_place frame = frame_of(index, i, coded_len);
        if (!frame.coded || frame.coded > UINT32_MAX || frame.plain > UINT32_MAX)
            return false;
    }
    return true;
}

// sum: NULL for none.
static enum rove_status write_entry(struct rove_stream *to, struct rv_place frame, const uint32_t *sum)
{
    uint8_t entry[ENTRY + SUM];
    rv_put_le(entry, frame.coded, 4);
    rv_put_le(entry + 4, frame.plain, 4);
    if (sum)
        rv_put_le(entry + ENTRY, *sum, SUM);
    return rove_stream_write(to, entry, ENTRY + (sum ? SUM : 0));
}

// Where the data end that a table is to tell of: before a table, if they have one.
static enum rove_status find_end(const struct rove_index *index, struct rove_stream *source,
                                 uint64_t *len_out)
{
    struct table own;
    uint64_t source_len = 0;
    *len_out = index->coded_len;
    enum rove_status status = source ? rove_stream_size(source, &source_len) : ROVE_E_UNSUPPORTED;
    if (status == ROVE_OK)
        status = find(source, source_len, &own);
    if (status == ROVE_OK && own.at < index->coded_len &&
        (!index->cnt || own.at > index->places[index->cnt - 1].coded))
        *len_out = own.at;
    return status == ROVE_E_UNSUPPORTED ? ROVE_OK : status;
}

static enum rove_status write_all(const struct rove_index *index, uint64_t coded_len,
                                  struct rove_stream *to)
{
    static const uint32_t none = 0x51d8e999u; // of no bytes
    uint8_t head[HEAD], foot[FOOT];
    const uint32_t *sums = index->sums;
    uint64_t front = index->cnt ? index->places[0].coded : coded_len; // which becomes nothing
    uint64_t cnt = index->cnt + (front > 0);
    rv_put_le(head, RV_TABLE_MAGIC, 4);
    rv_put_le(head + 4, cnt * (ENTRY + (sums ? SUM : 0)) + FOOT, 4);
    enum rove_status status = rove_stream_write(to, head, sizeof head);
    if (status == ROVE_OK && front)
        status = write_entry(to, (struct rv_place){front, 0}, sums ? &none : NULL);
    for (size_t i = 0; i < index->cnt && status == ROVE_OK; i++)
        status = write_entry(to, frame_of(index, i, coded_len), sums ? &sums[i] : NULL);
    rv_put_le(foot, cnt, 4);
    foot[4] = sums ? HAS_SUMS : 0;
    rv_put_le(foot + 5, FOOT_MAGIC, 4);
    return status ? status : rove_stream_write(to, foot, sizeof foot);
}

enum rove_status rv_table_save(const struct rove_index *index, struct rove_stream *source,
                               struct rove_stream *to)
{
    uint64_t coded_len;
    enum rove_status status = find_end(index, source, &coded_len);
    if (status)
        return status;
    bool front_fits = (index->cnt ? index->places[0].coded : coded_len) <= UINT32_MAX;
    return front_fits && can_say(index, coded_len) ? write_all(index, coded_len, to)
                                                   : ROVE_E_UNSUPPORTED;
}
