// SPDX-License-Identifier: MIT
// bounds.cc: what is a call in the bounds of rows.
#include "bounds.h"

#include <map>

namespace bench
{

// What is most likely in no cache: by wide loads, of which fewer wait than of narrow ones.
static void copy_cold(char *to, const char *from, size_t n)
{
    if (n <= 32)
        rove_copy_run(to, from, n);
    else
        std::memcpy(to, from, n);
}

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

// The pieces under a view, all but the last of one length, a power of two.
static std::vector<const void *> equal_pieces(struct rove_view *view, size_t *len, unsigned *bits)
{
    std::vector<const void *> pieces;
    struct rove_cursor cursor;
    struct rove_span span;
    size_t last = 0;
    ok(rove_cursor_init(&cursor, view, 0));
    while (rove_cursor_next(&cursor, &span) == ROVE_OK) {
        if (!*len)
            *bits = static_cast<unsigned>(__builtin_ctzll(span.len));
        if (*len && last != size_t(1) << *bits)
            die("the pieces are not of one length");
        pieces.push_back(span.ptr);
        *len += last = span.len;
    }
    rove_cursor_fini(&cursor);
    return pieces;
}

// Copies [off, off + len) out of pieces of 2^bits bytes, each of which is found by the place of a byte in it.
template <class Find> static void copy_pieces(char *to, size_t off, size_t len, unsigned bits, Find &&find)
{
    while (len) {
        size_t in = off & ((size_t(1) << bits) - 1);
        size_t n = std::min(len, (size_t(1) << bits) - in);
        copy_cold(to, static_cast<const char *>(find(off)) + in, n);
        to += n;
        off += n;
        len -= n;
    }
}

Table16::Table16(struct rove_view *view)
{
    std::vector<const void *> entries = equal_pieces(view, &len, &piece_bits); // of the level in hand
    for (bits = piece_bits; entries.size() > 1 || bits == piece_bits; bits += 4) {
        std::vector<const void *> above;
        for (size_t i = 0; i < entries.size(); i += 16) {
            auto &table = tables.emplace_back();
            for (size_t k = 0; k < 16 && i + k < entries.size(); k++)
                table[k] = entries[i + k];
            above.push_back(&table);
        }
        entries = std::move(above);
    }
    root = entries[0];
}

enum rove_status Table16::read(size_t off, char *to, size_t some, size_t *len_out) const
{
    if (!to || off > len || some > len - off)
        return ROVE_E_RANGE;
    copy_pieces(to, off, some, piece_bits, [this](size_t place) {
        const void *at = root;
        for (unsigned shift = bits; shift > piece_bits;) {
            shift -= 4;
            at = static_cast<const void *const *>(at)[(place >> shift) & 15];
        }
        return at;
    });
    if (len_out)
        *len_out = some;
    return ROVE_OK;
}

OneTable::OneTable(struct rove_view *view) : pieces(equal_pieces(view, &len, &piece_bits)) {}

enum rove_status OneTable::read(size_t off, char *to, size_t some, size_t *len_out) const
{
    if (!to || off > len || some > len - off)
        return ROVE_E_RANGE;
    copy_pieces(to, off, some, piece_bits, [this](size_t place) { return pieces[place >> piece_bits]; });
    if (len_out)
        *len_out = some;
    return ROVE_OK;
}

SortedEnds::SortedEnds(struct rove_view *view)
{
    struct rove_cursor cursor;
    struct rove_span span;
    std::map<uintptr_t, Head *> known;
    ok(rove_cursor_init(&cursor, view, 0));
    while (rove_cursor_next(&cursor, &span) == ROVE_OK) {
        end.push_back(len += span.len);
        to.push_back(reinterpret_cast<const char *>(span.ptr) + span.len);
        Head *&made = known[reinterpret_cast<uintptr_t>(span.ptr) / block]; // slabs are cut at such places
        if (!made)
            made = &heads.emplace_back();
        made->pieces++;
        head.push_back(made);
    }
    rove_cursor_fini(&cursor);
    while (end.size() & (end.size() - 1))
        end.push_back(SIZE_MAX);
}

// The piece that holds a byte: the first end that is greater.
inline size_t SortedEnds::find(size_t off) const
{
    const size_t *at = end.data();
    for (size_t half = end.size() / 2; half; half /= 2)
        at += at[half - 1] <= off ? half : 0;
    return static_cast<size_t>(at - end.data());
}

// Calls each(number, pointer, length) for what lies in a piece of [off, off + some).
template <class Each> inline void SortedEnds::each(size_t first, size_t off, size_t some, Each &&each) const
{
    for (size_t left = some, i = first; left; i++) {
        size_t n = std::min(left, end[i] - off);
        each(i, to[i] - (end[i] - off), n);
        off += n;
        left -= n;
    }
}

enum rove_status SortedEnds::read(size_t off, char *dst, size_t some, size_t *len_out) const
{
    if (!dst || off > len || some > len - off)
        return ROVE_E_RANGE;
    each(find(off), off, some, [&dst](size_t, const char *at, size_t n) {
        rove_copy_run(dst, at, n);
        dst += n;
    });
    if (len_out)
        *len_out = some;
    return ROVE_OK;
}

enum rove_status SortedEnds::write(size_t off, const char *from, size_t some) const
{
    if (!from || off > len || some > len - off)
        return ROVE_E_RANGE;
    each(find(off), off, some, [&from](size_t, const char *at, size_t n) {
        std::memcpy(const_cast<char *>(at), from, n);
        from += n;
    });
    return ROVE_OK;
}

enum rove_status SortedEnds::write_own(size_t off, const char *from, size_t some) const
{
    if (!from || off > len || some > len - off)
        return ROVE_E_RANGE;
    size_t first = find(off);
    bool own = true;
    each(first, off, some, [&](size_t i, const char *at, size_t) {
        own = own && (head[i]->pieces.load(std::memory_order_acquire) == 1 ||
                      !head[i]->shared.load(std::memory_order_relaxed));
        __builtin_prefetch(at, 1);
    });
    if (!own)
        return ROVE_E_UNSUPPORTED;
    each(first, off, some, [&from](size_t, const char *at, size_t n) {
        std::memcpy(const_cast<char *>(at), from, n);
        from += n;
    });
    return ROVE_OK;
}

static enum rove_status read_table(const Table16 *table, uint64_t off, char *to, size_t len, size_t *len_out)
{
    return table->read(off, to, len, len_out);
}

Readable readable(const Table16 *table)
{
    static const Kind kind = {read_table};
    return {hide(&kind), table, false};
}

enum rove_status read_by_kind(const Readable *from, uint64_t off, char *to, size_t len, size_t *len_out)
{
    if (!from || (!to && len))
        return ROVE_E_ARG;
    if (from->closed)
        return ROVE_E_CLOSED;
    if (off > ROVE_LEN_MAX)
        return ROVE_E_RANGE;
    return from->kind->read(from->table, off, to, len, len_out);
}

enum rove_status next_line(Lines *lines, char delim, struct rove_span *span_out)
{
    if (!lines || !span_out)
        return ROVE_E_ARG;
    if (lines->at >= lines->end)
        return ROVE_END;
    size_t len = static_cast<size_t>(lines->end - lines->at);
    auto *found = static_cast<const char *>(std::memchr(lines->at, delim, len));
    len = found ? static_cast<size_t>(found - lines->at) + 1 : len;
    *span_out = {reinterpret_cast<const uint8_t *>(lines->at), len};
    lines->at += len;
    return ROVE_OK;
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

enum rove_status ring_put(Ring *ring, const char *from, size_t n)
{
    if (!ring || !from || ring->in - ring->out + n > ring->len)
        return ROVE_E_ARG;
    size_t at = ring->in % ring->len, here = std::min(n, ring->len - at);
    std::memcpy(ring->bytes + at, from, here);
    if (here < n)
        std::memcpy(ring->bytes, from + here, n - here);
    ring->in += n;
    return ROVE_OK;
}

enum rove_status ring_take(Ring *ring, char *to, size_t n)
{
    if (!ring || !to || ring->in - ring->out < n)
        return ROVE_E_ARG;
    size_t at = ring->out % ring->len, here = std::min(n, ring->len - at);
    std::memcpy(to, ring->bytes + at, here);
    if (here < n)
        std::memcpy(to + here, ring->bytes, n - here);
    ring->out += n;
    return ROVE_OK;
}

namespace
{
constexpr size_t chunk_cnt = 16; // for a queue of 256 KiB, and what is put in before something is taken out
}

ChunkQueue::ChunkQueue() : memory(chunk_cnt * block + 64 * KiB), chunks(chunk_cnt)
{
    char *data = memory.data() + (block - reinterpret_cast<uintptr_t>(memory.data()) % block) % block;
    for (size_t i = chunk_cnt; i-- > 0; spare = &chunks[i])
        chunks[i] = {0, spare, data + i * block, {}};
}

void ChunkQueue::next_chunk()
{
    Chunk *chunk = spare;
    if (!chunk)
        die("a queue of chunks is full");
    spare = chunk->next;
    chunk->next = nullptr;
    chunk->refs = 1;
    (last ? last->next : first) = chunk;
    if (!last) {
        front = chunk->data;
        front_end = chunk->data + block;
    }
    last = chunk;
    cur = chunk->data;
    end = cur + block;
}

__attribute__((noinline)) void ChunkQueue::put_beyond(const char *from, size_t n)
{
    while (n) {
        if (cur == end)
            next_chunk();
        size_t some = std::min(n, static_cast<size_t>(end - cur));
        std::memcpy(cur, from, some);
        cur += some;
        from += some;
        n -= some;
    }
}

enum rove_status ChunkQueue::put(const char *from, size_t n)
{
    if (!from || !n)
        return ROVE_E_ARG;
    len += n;
    if (n > static_cast<size_t>(end - cur)) {
        put_beyond(from, n);
        return ROVE_OK;
    }
    rove_copy_run(cur, from, n);
    cur += n;
    return ROVE_OK;
}

// The first chunk is empty: the next one is the first, if there is one.
void ChunkQueue::drop_chunk()
{
    Chunk *chunk = first;
    first = chunk->next;
    if (--chunk->refs == 0) {
        chunk->next = spare;
        spare = chunk;
    }
    front = first ? first->data : nullptr;
    front_end = first ? front + block : nullptr;
    if (!first) {
        last = nullptr;
        cur = end = nullptr;
    }
}

__attribute__((noinline)) void ChunkQueue::take_beyond(char *to, size_t n)
{
    while (first) {
        size_t some = std::min(n, static_cast<size_t>(front_end - front));
        std::memcpy(to, front, some);
        front += some;
        to += some;
        n -= some;
        if (front < front_end)
            break;
        drop_chunk();
    }
}

enum rove_status ChunkQueue::take(char *to, size_t n)
{
    if (!to || n > len)
        return ROVE_E_ARG;
    len -= n;
    if (n < static_cast<size_t>(front_end - front)) {
        rove_copy_run(to, front, n);
        front += n;
    } else {
        take_beyond(to, n);
    }
    return ROVE_OK;
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
