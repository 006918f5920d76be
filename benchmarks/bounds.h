// SPDX-License-Identifier: MIT
// bounds.h: the least that some rows' work can take in the shape that rove must have for the rest of it: ropes that are
// shared, in chunks that are counted, behind a C interface. Steps that are calls there are calls here (bounds.cc).
#ifndef BENCH_BOUNDS_H
#define BENCH_BOUNDS_H

#include "objects.h"

#include <array>

namespace bench
{

// A search tree over pieces of memory, 16 entries a node, all full: no rope with nodes of 16 is lower, and no node
// has less to look at. It owns no bytes.
class FullTree
{
public:
    // Over the bytes of a view, where they lie.
    explicit FullTree(struct rove_view *view);
    void read(size_t off, char *to, size_t len) const
    {
        while (len) {
            const Entry at = find(off);
            size_t some = std::min(len, at.left);
            std::memcpy(to, at.ptr, some);
            to += some;
            off += some;
            len -= some;
        }
    }

private:
    static constexpr size_t fanout = 16;
    struct Node {
        size_t end[fanout]; // of entry i, counted from the node's first byte; SIZE_MAX where there is none
        const void *ptr[fanout];
    };
    struct Entry {
        const char *ptr;
        size_t left;
    };
    Entry find(size_t off) const
    {
        const void *at = root;
        size_t left = 0;
        for (unsigned level = height; level-- > 0;) {
            const Node *node = static_cast<const Node *>(at);
            size_t i = 0;
            for (size_t k = 0; k < fanout - 1; k++)
                i += off >= node->end[k];
            left = node->end[i] - off;
            off -= i ? node->end[i - 1] : 0;
            at = node->ptr[i];
        }
        return {static_cast<const char *>(at) + off, left};
    }

    std::deque<Node> nodes;
    const void *root = nullptr;
    unsigned height = 0;
};

// A table of tables, 16 entries each, over pieces of one length: the way down is in the place's bits, and nothing is
// looked at on it but the next table. It owns no bytes, and knows neither lengths nor holders.
class Table16
{
public:
    // Over the bytes of a view, where they lie; all its spans but the last are of one length, a power of two.
    explicit Table16(struct rove_view *view);
    enum rove_status read(size_t off, char *to, size_t some, size_t *len_out) const;

private:
    std::deque<std::array<const void *, 16>> tables;
    const void *root = nullptr;
    size_t len = 0;
    unsigned piece_bits = 0, bits = 0; // … of a piece, and of all that is below the root's entries
};

// Likewise by one table over all pieces, which grows as the bytes do, and which no edit and no copy could live with.
class OneTable
{
public:
    explicit OneTable(struct rove_view *view);
    enum rove_status read(size_t off, char *to, size_t some, size_t *len_out) const;

private:
    size_t len = 0;
    unsigned piece_bits = 0;
    std::vector<const void *> pieces; // made last: the others are found with it
};

// The ends of pieces of memory in one sorted array, searched by halving without branches: what nothing that has to look
// for a place among unequal pieces goes below. It owns no bytes and could not be edited.
class SortedEnds
{
public:
    // Over the bytes of a view, where they lie.
    explicit SortedEnds(struct rove_view *view);
    enum rove_status read(size_t off, char *to, size_t some, size_t *len_out) const;
    // Writes where the view looks.
    enum rove_status write(size_t off, const char *from, size_t some) const;
    // Likewise if nobody else has a byte of it: the heads of all chunks are asked before the first byte is written.
    enum rove_status write_own(size_t off, const char *from, size_t some) const;

private:
    // Of a chunk of 64 KiB, one line of the cache beside the next, as in rove's slabs.
    struct alignas(64) Head {
        std::atomic<size_t> pieces{0};
        std::atomic<bool> shared{false}; // some byte is in two pieces
    };
    size_t find(size_t off) const;
    template <class Each> void each(size_t first, size_t off, size_t some, Each &&each) const;

    std::vector<size_t> end;      // a power of two of them, SIZE_MAX behind the last
    std::vector<const char *> to; // the byte behind the piece
    std::vector<Head *> head;     // of the piece's chunk
    std::deque<Head> heads;
    size_t len = 0;
};

// Reads by way of a table of functions, as one call for several kinds of thing does: here by tables of 16, which are
// less than any tree.
struct Kind {
    enum rove_status (*read)(const Table16 *, uint64_t, char *, size_t, size_t *);
};
struct Readable {
    const Kind *kind;
    const Table16 *table;
    bool closed;
};
Readable readable(const Table16 *table);
enum rove_status read_by_kind(const Readable *from, uint64_t off, char *to, size_t len, size_t *len_out);

// Lines out of one run of bytes, by one call a line.
struct Lines {
    const char *at, *end;
};
enum rove_status next_line(Lines *lines, char delim, struct rove_span *span_out);

// A cursor that is moved inside a window by a call that checks what it is given.
struct Place {
    const char *base = nullptr, *cur = nullptr, *end = nullptr;
    uint64_t at = 0;
};
enum rove_status move_to(Place *place, int64_t off, enum rove_whence whence, uint64_t *pos_out);

// A copy that shares: the fields of a rope, and one count.
struct Fields {
    std::atomic<size_t> *refs;
    size_t more[10];
};
void copy_fields(Fields *to, const Fields *from);
void drop_fields(Fields *fields);

// A copy is made and dropped; with nodes: and so many of 400 bytes beside it.
inline void copy_and_drop(State &state, unsigned copies, unsigned nodes)
{
    static std::atomic<size_t> refs(1);
    static const Fields from = {&refs, {}};
    for (auto _ : state) {
        Fields to[2];
        void *node[2];
        for (unsigned i = 0; i < nodes; i++)
            std::memset(node[i] = hide(std::malloc(400)), 0, 400);
        for (unsigned i = 0; i < copies; i++)
            copy_fields(&to[i], &from);
        benchmark::DoNotOptimize(to);
        for (unsigned i = 0; i < copies; i++)
            drop_fields(&to[i]);
        for (unsigned i = 0; i < nodes; i++)
            std::free(node[i]);
    }
    state.SetItemsProcessed(state.iterations());
}

// A ring behind two calls that check what they are given, as a rope or stream is: put, and take at the front.
struct Ring {
    char *bytes;
    size_t len, in, out;
};
enum rove_status ring_put(Ring *ring, const char *from, size_t n);
enum rove_status ring_take(Ring *ring, char *to, size_t n);

// The same in a list of chunks that are counted, as whoever else holds some of them would want it; nobody else does, and
// what was dropped is taken again, the last first. The next chunk comes when there are bytes for it.
class ChunkQueue
{
public:
    ChunkQueue();
    enum rove_status put(const char *from, size_t n);
    enum rove_status take(char *to, size_t n);

private:
    struct Chunk {
        size_t refs;
        Chunk *next;
        char *data;
        size_t rest[5]; // a line of its own
    };
    void put_beyond(const char *from, size_t n);
    void take_beyond(char *to, size_t n);
    void drop_chunk();
    void next_chunk();

    Pages memory;
    std::vector<Chunk> chunks;
    Chunk *first = nullptr, *last = nullptr, *spare = nullptr;
    char *cur = nullptr, *end = nullptr; // of the last chunk: where bytes go in, and its end
    char *front = nullptr, *front_end = nullptr; // of the first chunk: where they go out, and its end
    size_t len = 0;
};

// A small object as steps that are calls: two blocks, the first one zeroed, bytes copied in and out.
struct Small {
    char *bytes;
    size_t len, cur;
    char rest[168];
};
Small *small_new();
enum rove_status small_write(Small *small, const char *from, size_t len);
enum rove_status small_seek(Small *small, int64_t off);
enum rove_status small_read(Small *small, char *to, size_t len, size_t *len_out);
void small_free(Small *small);

} // namespace bench

#endif
