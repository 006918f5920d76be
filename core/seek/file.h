// SPDX-License-Identifier: MIT
// file.h: what the kinds of index file share: reading and writing them in order, and looking at the data that an
// index is of.
//
// What is read is what somebody wrote, perhaps somebody who means harm. A count that is declared is believed only as
// far as there are bytes for it: arrays grow by what was read (index.h).
#ifndef RV_SEEK_FILE_H
#define RV_SEEK_FILE_H

#include "seek/index.h"
#include "stream/stream.h"

#define RV_FILE_HEAD 8u // bytes that tell the kinds apart; none is shorter

// An index file that is being read, or the data themselves.
struct rv_file {
    struct rove_stream *from;   // behind the head
    uint8_t head[RV_FILE_HEAD]; // what came first
    struct rove_stream *source; // what it is an index of
    uint64_t source_len;        // bytes
};

// reading ---------------------------------------------------------------------------------------

// Reads len bytes of the file. ROVE_E_TRUNCATED: it ends before.
enum rove_status rv_file_read(const struct rv_file *file, void *buf, size_t len);

// ROVE_OK when the file ends here, ROVE_E_FORMAT when it goes on.
enum rove_status rv_file_end(const struct rv_file *file);

// Reads bytes of the data, which rv_file.source_len says are there. ROVE_E_FORMAT: they are not.
enum rove_status rv_source_read(struct rove_stream *source, uint64_t off, void *buf, size_t len);

// the index -------------------------------------------------------------------------------------

// Whether it decodes by one of these filters, NULL behind the last.
bool rv_index_is_by(const struct rove_index *index, const char *const *names);

// Whether a place is fresh: nothing has to be known for it.
bool rv_index_is_fresh(const struct rove_index *index, size_t i);
bool rv_index_is_all_fresh(const struct rove_index *index);

// Adds a fresh point.
enum rove_status rv_index_add_fresh(struct rove_index *index, struct rv_place place);

// Hands out an index that was read, or drops it: *index_out is NULL after a failure.
enum rove_status rv_index_hand_out(struct rove_index *index, enum rove_status status,
                                   struct rove_index **index_out);

// numbers, little-endian ------------------------------------------------------------------------

static inline uint32_t rv_get_le16(const uint8_t *p)
{
    return (uint32_t) p[0] | (uint32_t) p[1] << 8;
}

static inline uint32_t rv_get_le32(const uint8_t *p)
{
    return rv_get_le16(p) | rv_get_le16(p + 2) << 16;
}

static inline uint64_t rv_get_le64(const uint8_t *p)
{
    return rv_get_le32(p) | (uint64_t) rv_get_le32(p + 4) << 32;
}

static inline void rv_put_le(uint8_t *p, uint64_t number, size_t len)
{
    for (size_t i = 0; i < len; i++)
        p[i] = (uint8_t) (number >> 8 * i);
}

#endif
