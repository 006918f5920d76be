// SPDX-License-Identifier: MIT
// bounds.cc: what is a call in the bounds of rows.
#include "bounds.h"

namespace bench
{

FullTree::FullTree(struct rove_view *view)
{
    std::vector<std::pair<size_t, const void *>> entries; // of the level in hand: bytes, and what they are under
    struct rove_cursor cursor;
    struct rove_span span;
    ok(rove_cursor_init(&cursor, view, 0));
    while (rove_cursor_next(&cursor, &span) == ROVE_OK)
        entries.emplace_back(span.len, span.ptr);
    rove_cursor_fini(&cursor);
    do {
        std::vector<std::pair<size_t, const void *>> above;
        for (size_t i = 0; i < entries.size(); i += fanout) {
            Node &node = nodes.emplace_back();
            size_t sum = 0;
            for (size_t k = 0; k < fanout; k++) {
                bool is = i + k < entries.size();
                sum += is ? entries[i + k].first : 0;
                node.end[k] = is ? sum : SIZE_MAX;
                node.ptr[k] = is ? entries[i + k].second : nullptr;
            }
            above.emplace_back(sum, &node);
        }
        entries = std::move(above);
        height++;
    } while (entries.size() > 1);
    root = entries[0].second;
}

enum rove_status move_to(Place *place, int64_t off, enum rove_whence whence, uint64_t *pos_out)
{
    if (!place)
        return ROVE_E_ARG;
    if (whence != ROVE_SET)
        return ROVE_E_UNSUPPORTED;
    uint64_t in = static_cast<uint64_t>(off) - place->at;
    if (off < 0 || in > static_cast<uint64_t>(place->end - place->base))
        return ROVE_E_RANGE;
    place->cur = place->base + in;
    if (pos_out)
        *pos_out = static_cast<uint64_t>(off);
    return ROVE_OK;
}

void copy_fields(Fields *to, const Fields *from)
{
    *to = *from;
    to->refs->fetch_add(1, std::memory_order_relaxed);
}

void drop_fields(Fields *fields)
{
    fields->refs->fetch_sub(1, std::memory_order_acq_rel);
    *fields = Fields();
}

Small *small_new()
{
    return static_cast<Small *>(std::memset(std::malloc(sizeof(Small)), 0, sizeof(Small)));
}

enum rove_status small_write(Small *small, const char *from, size_t len)
{
    if (!small || !from || small->bytes)
        return ROVE_E_ARG;
    small->bytes = static_cast<char *>(std::malloc(64 + 128)); // with a descriptor of 64 bytes
    std::memset(small->bytes, 0, 64);
    rove_copy_run(reinterpret_cast<uint8_t *>(small->bytes) + 64, from, len);
    small->len = small->cur = len;
    return ROVE_OK;
}

enum rove_status small_seek(Small *small, int64_t off)
{
    if (!small || off < 0 || static_cast<size_t>(off) > small->len)
        return ROVE_E_ARG;
    small->cur = static_cast<size_t>(off);
    return ROVE_OK;
}

enum rove_status small_read(Small *small, char *to, size_t len, size_t *len_out)
{
    if (!small || len > small->len - small->cur)
        return ROVE_E_ARG;
    std::memcpy(to, small->bytes + 64 + small->cur, len);
    small->cur += len;
    if (len_out)
        *len_out = len;
    return ROVE_OK;
}

void small_free(Small *small)
{
    std::free(small->bytes);
    std::free(small);
}

} // namespace bench
