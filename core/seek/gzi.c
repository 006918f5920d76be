// SPDX-License-Identifier: MIT
// gzi.c: the index of bgzip, .gzi, of bgzf.
//
//     count u64 │ coded u64, plain u64 │ …            little-endian
//
// An entry for each member that holds something, except for the first of them: that is at 0, 0. Where the last one ends
// is not said, so the data are asked: from the last entry on it is gone from member to member. The first and the last
// two entries are held against the data; another that lies alone is found out where its part or the one before is read.
// Several that lie by the same amount show at the part before the first and at that of the last. Those between cannot
// show: where a member lies in the plain bytes is the sum over all before it, and to take that is to hop over the data.
//
// bgzip 1.16 writes a count of 2^64 - 1 for data of no bytes. That is read; written is 0.
#include "seek/files.h"
#include "seek/member.h"

#include "base/arith.h"

#include <string.h>

#define ENTRY 16u
#define MEMBER_MIN 28u     // bytes of a member, an empty one
#define PLAIN_MOST 65536u  // bytes that one holds

static const char *const names[] = {"bgzf", NULL}, *const others[] = {"libdeflate", NULL};

// Adds the entries of the file, which come in order and each of which can be a member.
static enum rove_status load_entries(const struct rv_file *file, uint64_t cnt,
                                     struct rove_index *index)
{
    for (uint64_t i = 0; i < cnt; i++) {
        uint8_t entry[ENTRY];
        enum rove_status status = rv_file_read(file, entry, sizeof entry);
        if (status)
            return status;
        struct rv_place last = index->places[index->cnt - 1];
        struct rv_place place = {rv_get_le64(entry), rv_get_le64(entry + 8)};
        if (place.plain <= last.plain || place.plain - last.plain > PLAIN_MOST ||
            place.coded < last.coded || place.coded - last.coded < MEMBER_MIN ||
            !rv_within(place.coded, MEMBER_MIN, file->source_len))
            return ROVE_E_FORMAT;
        status = rv_index_add_fresh(index, place);
        if (status)
            return status;
    }
    return rv_file_end(file);
}

// Goes over the members from a point, which must lead to the next one.
static enum rove_status check_pair(const struct rv_file *file, const struct rove_index *index,
                                   size_t i)
{
    struct rv_place place = index->places[i], to = index->places[i + 1];
    while (place.coded < to.coded && place.plain <= to.plain) {
        enum rove_status status = rv_member_next(file, &place);
        if (status)
            return status == ROVE_END ? ROVE_E_FORMAT : status;
    }
    return place.coded == to.coded && place.plain == to.plain ? ROVE_OK : ROVE_E_FORMAT;
}

// Goes on from the last entry to the end. Members there that hold something get points as well.
static enum rove_status load_rest(const struct rv_file *file, struct rove_index *index)
{
    struct rv_place place = index->places[index->cnt - 1], next = place;
    bool first = true;
    enum rove_status status = ROVE_OK;
    while ((status = rv_member_next(file, &next)) == ROVE_OK) {
        if (next.plain > place.plain && !first)
            status = rv_index_add_fresh(index, place);
        if (status)
            return status;
        first = first && next.plain == place.plain;
        place = next;
    }
    if (status == ROVE_END && next.coded == index->places[index->cnt - 1].coded)
        status = ROVE_E_FORMAT; // none at all
    rv_index_close(index, place.coded, place.plain);
    return status == ROVE_END ? ROVE_OK : status;
}

enum rove_status rv_gzi_load(const struct rv_file *file, struct rove_index **index_out)
{
    struct rove_index *index = NULL;
    uint64_t cnt = rv_get_le64(file->head);
    if (cnt == UINT64_MAX)
        cnt = 0;
    if (cnt > file->source_len / MEMBER_MIN)
        return ROVE_E_FORMAT;
    enum rove_status status = rv_index_new(rv_stream(file->source)->pool, "bgzf", &index);
    if (status)
        return status;
    index->each = true;
    status = rv_index_add_fresh(index, (struct rv_place){0, 0});
    if (status == ROVE_OK)
        status = load_entries(file, cnt, index);
    if (status == ROVE_OK && cnt)
        status = check_pair(file, index, 0);
    if (status == ROVE_OK && cnt > 1)
        status = check_pair(file, index, (size_t) cnt - 1);
    if (status == ROVE_OK)
        status = load_rest(file, index);
    return rv_index_hand_out(index, status, index_out);
}

// Whether a member holds something, or is passed over like bgzip does.
static bool is_entry(const struct rove_index *index, size_t i)
{
    return rv_index_end(index, i).plain > index->places[i].plain;
}

// Whether it can be of members of bgzf: libdeflate has members of gzip, too, that are longer.
static bool can_say(const struct rove_index *index)
{
    bool is_bgzf = rv_index_is_by(index, names) ||
                   (rv_index_is_by(index, others) && strstr(index->spec, "bgzf=yes"));
    if (!is_bgzf || !index->each || !rv_index_is_all_fresh(index))
        return false;
    for (size_t i = 0; i < index->cnt; i++)
        if (rv_index_end(index, i).plain - index->places[i].plain > PLAIN_MOST)
            return false;
    return true;
}

enum rove_status rv_gzi_save(const struct rove_index *index, struct rove_stream *to)
{
    uint8_t entry[ENTRY];
    uint64_t cnt = 0;
    if (!can_say(index))
        return ROVE_E_UNSUPPORTED;
    for (size_t i = 0; i < index->cnt; i++)
        cnt += is_entry(index, i);
    cnt -= cnt > 0; // the first
    rv_put_le(entry, cnt, 8);
    enum rove_status status = rove_stream_write(to, entry, 8);
    bool first = true;
    for (size_t i = 0; i < index->cnt && status == ROVE_OK; i++) {
        if (!is_entry(index, i))
            continue;
        rv_put_le(entry, index->places[i].coded, 8);
        rv_put_le(entry + 8, index->places[i].plain, 8);
        status = first ? ROVE_OK : rove_stream_write(to, entry, sizeof entry);
        first = false;
    }
    return status;
}
