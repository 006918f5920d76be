// SPDX-License-Identifier: MIT
// bounds.h: the least that some rows' work can take in the shape that rove must have for the rest of it: ropes that are
// shared, in chunks that are counted, behind a C interface. Steps that are calls there are calls here (bounds.cc).
#ifndef BENCH_BOUNDS_H
#define BENCH_BOUNDS_H

#include "objects.h"

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
