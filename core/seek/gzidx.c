// SPDX-License-Identifier: MIT
// gzidx.c: the index of indexed_gzip, versions 0 and 1, of any gzip data. Other tools write and read it, too.
//
//     "GZIDX" │ version u8 │ 0 u8 │ coded length u64 │ plain length u64 │ spacing u32 │ W u32 │ count u32
//     coded u64, plain u64, bits u8 [, has a window u8: version 1] │ …        as many as that
//     W bytes for each point that has a window, in their order
//
// All little-endian. A point stands at the first whole byte that is deflated data of it, and `bits` of the byte before
// belong to it. Its window are the plain bytes before it, zeros where there were none. A point without one begins what
// a member holds, behind the member's head, or it stands at the beginning of all, or it is the last: at the end of the
// data, where nothing begins. In version 0 all points but the first have a window. The plain length is 0 as long as
// who writes the index does not know it.
//
//     theirs  …│head│deflated data           here  …│head│deflated data
//                   ^ no window                     ^ fresh: what a member's sum is of can be checked
//
// So the data are asked: for the head before such a point when reading, for the head's length when writing.
#include "seek/files.h"
#include "seek/member.h"

#include "base/arith.h"

#include <string.h>

#define VERSION 1
#define HEAD 35u
#define WINDOW 32768u             // what deflate can look back
#define SPACING_MAX (64u << 20)   // indexed_gzip takes four times that as memory

static const char *const names[] = {"gzip", "bgzf", "igzip", "libdeflate", NULL};

struct head {
    uint8_t version;
    uint64_t coded_len, plain_len;
    uint32_t window_len, cnt;
};

// What only marks of this file say of themselves, from the points to the windows.
#define HAS_WINDOW 0x80000000u

// load ------------------------------------------------------------------------------------------

static enum rove_status load_head(const struct rv_file *file, struct head *head_out)
{
    uint8_t h[HEAD];
    memcpy(h, file->head, RV_FILE_HEAD);
    enum rove_status status = rv_file_read(file, h + RV_FILE_HEAD, HEAD - RV_FILE_HEAD);
    if (status)
        return status;
    *head_out = (struct head){h[5], rv_get_le64(h + 7), rv_get_le64(h + 15), rv_get_le32(h + 27),
                              rv_get_le32(h + 31)};
    if (head_out->version > VERSION || h[6])
        return ROVE_E_UNSUPPORTED;
    bool sound = head_out->window_len >= WINDOW && head_out->coded_len == file->source_len &&
                 head_out->plain_len <= INT64_MAX;
    return sound ? ROVE_OK : ROVE_E_FORMAT;
}

// Reads the points into an index of their own, for their windows come behind all of them.
static enum rove_status load_points(const struct rv_file *file, const struct head *head,
                                    struct rove_index *points)
{
    size_t len = head->version ? 18 : 17;
    for (uint32_t i = 0; i < head->cnt; i++) {
        uint8_t p[18];
        enum rove_status status = rv_file_read(file, p, len);
        if (status)
            return status;
        if (!head->version)
            p[17] = i > 0;
        struct rv_place place = {rv_get_le64(p), rv_get_le64(p + 8)};
        struct rove_mark mark = {.size = sizeof mark, .bits = p[16]};
        mark.flags = p[17] ? HAS_WINDOW : 0;
        if (p[17] > 1 || place.coded > head->coded_len || place.plain > INT64_MAX)
            return ROVE_E_FORMAT;
        status = rv_index_add(points, place, &mark);
        if (status)
            return status;
    }
    return ROVE_OK;
}

// Finds how long the plain data are. Left open, it is told by the last point if that stands at the end of all.
static enum rove_status settle_len(struct head *head, const struct rove_index *points)
{
    if (head->plain_len)
        return points->plain_len <= head->plain_len ? ROVE_OK : ROVE_E_FORMAT;
    head->plain_len = points->plain_len;
    return points->coded_len == head->coded_len ? ROVE_OK : ROVE_E_UNSUPPORTED;
}

// Reads a window; what deflate can look back is left at its end. room: WINDOW bytes.
static enum rove_status load_window(const struct rv_file *file, uint32_t window_len, uint8_t *room)
{
    uint32_t skip = window_len - WINDOW;
    enum rove_status status = ROVE_OK;
    while (skip && status == ROVE_OK) {
        uint32_t len = skip < WINDOW ? skip : WINDOW;
        status = rv_file_read(file, room, len);
        skip -= len;
    }
    return status ? status : rv_file_read(file, room, WINDOW);
}

// Adds a point, unless it is where all begins: that is there. mark: as in the file; at its state are WINDOW bytes.
static enum rove_status add_point(const struct rv_file *file, struct rove_index *index,
                                  struct rv_place place, struct rove_mark mark)
{
    bool has_window = mark.flags & HAS_WINDOW, found = false;
    if (!place.plain)
        return ROVE_OK;
    if (!place.coded)
        return ROVE_E_FORMAT;
    if (!has_window && !mark.bits) {
        enum rove_status status = rv_member_before(file, &place.coded, &found);
        if (status || !found) // a part must not end behind a head; without this point it goes on
            return status;
    }
    mark.flags = found ? ROVE_MARK_FRESH : 0;
    mark.state_len = has_window ? (uint32_t) rv_min_u64(place.plain, WINDOW) : 0;
    mark.state += WINDOW - mark.state_len;
    return rv_index_add(index, place, &mark);
}

static enum rove_status load_windows(const struct rv_file *file, const struct head *head,
                                     const struct rove_index *points, struct rove_index *index)
{
    enum rove_status status = ROVE_OK;
    uint8_t *room = rv_pool_alloc(index->pool, WINDOW, &status);
    if (!room)
        return status;
    for (size_t i = 0; i < points->cnt && status == ROVE_OK; i++) {
        struct rove_mark mark;
        status = rv_index_mark(points, i, NULL, &mark);
        if (status == ROVE_OK && mark.flags & HAS_WINDOW)
            status = load_window(file, head->window_len, room);
        mark.state = room;
        if (status == ROVE_OK)
            status = add_point(file, index, points->places[i], mark);
    }
    rv_pool_free(index->pool, room, WINDOW);
    return status ? status : rv_file_end(file);
}

static enum rove_status load(const struct rv_file *file, struct head *head,
                             struct rove_index *points, struct rove_index *index)
{
    struct rv_member member;
    enum rove_status status = load_points(file, head, points);
    if (status == ROVE_OK)
        status = settle_len(head, points);
    if (status == ROVE_OK)
        status = rv_member_head(file, 0, file->source_len, &member);
    if (status == ROVE_OK)
        status = rv_index_add_fresh(index, (struct rv_place){0, 0});
    if (status == ROVE_OK)
        status = load_windows(file, head, points, index);
    index->loose = true; // where the last member ends is not said
    rv_index_close(index, head->coded_len, head->plain_len);
    return status;
}

enum rove_status rv_gzidx_load(const struct rv_file *file, struct rove_index **index_out)
{
    struct rove_pool *pool = rv_stream(file->source)->pool;
    struct rove_index *points = NULL, *index = NULL;
    struct head head;
    enum rove_status status = load_head(file, &head);
    if (status == ROVE_OK)
        status = rv_index_new(pool, names[0], &points);
    if (status == ROVE_OK)
        status = rv_index_new(pool, names[0], &index);
    if (status == ROVE_OK)
        status = load(file, &head, points, index);
    rove_index_unref(points);
    return rv_index_hand_out(index, status, index_out);
}

// save ------------------------------------------------------------------------------------------

static enum rove_status save_head(const struct rove_index *index, uint64_t coded_len,
                                  struct rove_stream *to)
{
    uint8_t h[HEAD] = RV_GZIDX_MAGIC;
    uint64_t spacing = index->cnt ? index->plain_len / index->cnt : 0;
    h[5] = VERSION;
    h[6] = 0;
    rv_put_le(h + 7, coded_len, 8);
    rv_put_le(h + 15, index->plain_len, 8);
    rv_put_le(h + 23, rv_min_u64(rv_max_u64(spacing, WINDOW), SPACING_MAX), 4);
    rv_put_le(h + 27, WINDOW, 4);
    rv_put_le(h + 31, index->cnt + 1, 4);
    return rove_stream_write(to, h, sizeof h);
}

static enum rove_status write_point(struct rove_stream *to, struct rv_place place, uint32_t bits,
                                    bool has_window)
{
    uint8_t p[18];
    rv_put_le(p, place.coded, 8);
    rv_put_le(p + 8, place.plain, 8);
    p[16] = (uint8_t) bits;
    p[17] = has_window;
    return rove_stream_write(to, p, sizeof p);
}

static enum rove_status save_point(const struct rove_index *index, size_t i,
                                   const struct rv_file *file, struct rove_stream *to)
{
    struct rove_point point;
    struct rv_member member = {0, 0};
    enum rove_status status = rove_index_point(index, i, &point);
    if (status == ROVE_OK && rv_index_is_fresh(index, i))
        status = rv_member_head(file, point.coded, rv_index_end(index, i).coded, &member);
    if (status)
        return status;
    struct rv_place place = {point.coded + member.head_len, point.plain};
    return write_point(to, place, point.bits, point.state_len > 0);
}

// room: ROVE_MARK_MAX bytes.
static enum rove_status save_window(const struct rove_index *index, size_t i, uint8_t *room,
                                    struct rove_stream *to)
{
    static const uint8_t zeros[1024];
    struct rove_mark mark;
    enum rove_status status = rv_index_mark(index, i, room, &mark);
    if (status || !mark.state_len)
        return status;
    for (uint32_t left = WINDOW - mark.state_len; left && status == ROVE_OK;) {
        uint32_t len = left < sizeof zeros ? left : (uint32_t) sizeof zeros;
        status = rove_stream_write(to, zeros, len);
        left -= len;
    }
    return status ? status : rove_stream_write(to, mark.state, mark.state_len);
}

static enum rove_status save_windows(const struct rove_index *index, struct rove_stream *to)
{
    enum rove_status status = ROVE_OK;
    uint8_t *room = rv_pool_alloc(index->pool, ROVE_MARK_MAX, &status);
    if (!room)
        return status;
    for (size_t i = 0; i < index->cnt && status == ROVE_OK; i++)
        status = save_window(index, i, room, to);
    rv_pool_free(index->pool, room, ROVE_MARK_MAX);
    return status;
}

static bool can_say(const struct rove_index *index)
{
    if (index->part || !rv_index_is_by(index, names) || index->cnt >= UINT32_MAX)
        return false; // it would say that all of the source becomes no more than that
    for (size_t i = 0; index->states && i < index->cnt; i++)
        if (index->states[i] && index->states[i]->len > WINDOW)
            return false;
    return true;
}

enum rove_status rv_gzidx_save(const struct rove_index *index, struct rove_stream *source,
                               struct rove_stream *to)
{
    struct rv_file file = {.source = source};
    if (!can_say(index))
        return ROVE_E_UNSUPPORTED;
    enum rove_status status = rove_stream_size(source, &file.source_len);
    if (status == ROVE_OK && file.source_len < index->coded_len)
        status = ROVE_E_FORMAT;
    if (status == ROVE_OK)
        status = save_head(index, file.source_len, to);
    for (size_t i = 0; i < index->cnt && status == ROVE_OK; i++)
        status = save_point(index, i, &file, to);
    if (status == ROVE_OK)
        status = write_point(to, (struct rv_place){file.source_len, index->plain_len}, 0, false);
    return status ? status : save_windows(index, to);
}
