// SPDX-License-Identifier: MIT
// rope_edited.h: the objects that rope_cliffs.cc edits.
#ifndef BENCH_ROPE_EDITED_H
#define BENCH_ROPE_EDITED_H

#include "rope_objects.h"

#include <malloc.h>

namespace bench
{

constexpr size_t longest = 16 * MiB; // of all edits

inline const char *long_source()
{
    static const Pages *const made = [] {
        auto *room = new Pages(longest);
        for (size_t off = 0; off < longest; off += MiB)
            std::memcpy(room->data() + off, source(), MiB);
        return room;
    }();
    return made->data();
}

// Each object is made of a length and has insert(), erase(), overwrite(), len() and memory(): the bytes that it
// keeps allocated.

struct EditedRope {
    Rope rope;

    explicit EditedRope(size_t n, struct rove_pool *pool = keeping_pool()) : rope(pool)
    {
        rope.fill(n, block);
    }
    void insert(size_t off, size_t n)
    {
        ok(rove_rope_insert(rope, off, long_source(), n));
    }
    void erase(size_t off, size_t n)
    {
        ok(rove_rope_erase(rope, off, n));
    }
    void overwrite(size_t off, size_t n)
    {
        ok(rove_rope_overwrite(rope, off, source(), n));
    }
    size_t len() const
    {
        return rope.len();
    }
    size_t memory()
    {
        struct rove_rope_figures figures;
        ok(rove_rope_measure(rope, &figures));
        return figures.retained;
    }
};

// What comes in is a view of another rope.
struct ViewedRope : EditedRope {
    Rope from;
    Random places;

    explicit ViewedRope(size_t n) : EditedRope(n), from(keeping_pool())
    {
        from.fill(n, block);
    }
    void insert(size_t off, size_t n)
    {
        struct rove_view view;
        ok(rove_rope_view(from, places.below(from.len() - n + 1), n, &view));
        ok(rove_rope_replace_view(rope, off, 0, &view));
        rove_view_fini(&view);
    }
};

// What comes in is a rope, which stays as it is.
struct InsertedRope : EditedRope {
    Rope from;
    size_t made = 0;

    explicit InsertedRope(size_t n) : EditedRope(n), from(keeping_pool())
    {
    }
    void insert(size_t off, size_t n)
    {
        if (made != n) {
            from.empty();
            for (size_t left = made = n; left; left -= std::min(left, block))
                ok(rove_rope_append(from, source(), std::min(left, block)));
        }
        ok(rove_rope_insert_rope(rope, off, from));
    }
};

// What malloc has given out, for peers that cannot say what they keep.
struct Malloced {
    size_t before = now();

    static size_t now()
    {
        malloc_keeps(true); // nothing is mapped apart
        return mallinfo2().uordblks;
    }
    size_t memory() const
    {
        return now() - before;
    }
};

struct EditedCrope : Malloced {
    std::unique_ptr<Crope> crope;

    explicit EditedCrope(size_t n) : crope(make_crope(n))
    {
    }
    void insert(size_t off, size_t n)
    {
        crope->insert(off, long_source(), n);
    }
    void erase(size_t off, size_t n)
    {
        crope->erase(off, n);
    }
    void overwrite(size_t off, size_t n)
    {
        crope->replace(off, n, source(), n);
    }
    size_t len() const
    {
        return crope->size();
    }
};

struct ViewedCrope : EditedCrope {
    std::unique_ptr<Crope> from;
    Random places;

    explicit ViewedCrope(size_t n) : EditedCrope(n), from(make_crope(n))
    {
    }
    void insert(size_t off, size_t n)
    {
        crope->insert(off, from->substr(places.below(from->size() - n + 1), n));
    }
};

struct InsertedCrope : EditedCrope {
    Crope from;

    using EditedCrope::EditedCrope;
    void insert(size_t off, size_t n)
    {
        if (from.size() != n)
            from = Crope(long_source(), n);
        crope->insert(off, from);
    }
};

#if defined(ROVE_HAVE_ABSL)
struct EditedCord : Malloced {
    HeldCord held;

    explicit EditedCord(size_t n)
    {
        held.fill(n, block);
    }
    void replace(size_t off, size_t del, size_t add)
    {
        cord_replace(held.cord, off, del, absl::string_view(long_source(), add));
    }
    void insert(size_t off, size_t n)
    {
        replace(off, 0, n);
    }
    void erase(size_t off, size_t n)
    {
        replace(off, n, 0);
    }
    void overwrite(size_t off, size_t n)
    {
        replace(off, n, n);
    }
    size_t len() const
    {
        return held.cord.size();
    }
};

struct ViewedCord : EditedCord {
    HeldCord from;
    Random places;

    explicit ViewedCord(size_t n) : EditedCord(n)
    {
        from.fill(n, block);
    }
    void insert(size_t off, size_t n)
    {
        size_t at = places.below(from.cord.size() - n + 1);
        cord_replace(held.cord, off, 0, from.cord.Subcord(at, n));
    }
};

struct InsertedCord : EditedCord {
    absl::Cord from;

    using EditedCord::EditedCord;
    void insert(size_t off, size_t n)
    {
        if (from.size() != n)
            from = absl::Cord(absl::string_view(long_source(), n));
        cord_replace(held.cord, off, 0, from);
    }
};
#endif

// No edit does less than to copy its bytes to a random place.
struct FlatCopies {
    Flat flat;

    explicit FlatCopies(size_t n) : flat(n)
    {
        flat.fill(n, block);
    }
    void insert(size_t off, size_t n)
    {
        std::memcpy(flat.data() + std::min(off, flat.len() - n), long_source(), n);
    }
    void erase(size_t, size_t)
    {
    }
    void overwrite(size_t off, size_t n)
    {
        std::memcpy(flat.data() + off, source(), n);
    }
    size_t len() const
    {
        return flat.len();
    }
};

} // namespace bench

#endif
