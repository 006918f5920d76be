// SPDX-License-Identifier: MIT
// rope_edit.cc: row W6 of bench_rope: inserting and erasing at random places.
#include "rope_objects.h"

namespace bench
{

namespace
{

constexpr size_t many_edits = 40000;

// Inserts and erases in turn at random places of a fresh object; its length stays.
template <class Insert, class Erase>
void edit(State &state, size_t edits, size_t len, Insert &&insert, Erase &&erase)
{
    edits = quick() ? std::min<size_t>(edits, 200) : edits;
    Random random;
    for (auto _ : state)
        for (size_t i = 0; i < edits; i += 2) {
            insert(random.below(len));
            erase(random.below(len));
        }
    state.SetItemsProcessed(state.iterations() * count(edits));
}

void edit_rope(State &state, struct rove_rope *rope)
{
    uint64_t len = rove_rope_len(rope);
    edit(
        state, many_edits, len,
        [=](size_t off) { ok(rove_rope_insert(rope, off, source(), scrap)); },
        [=](size_t off) { ok(rove_rope_erase(rope, off, scrap)); });
    if (rove_rope_len(rope) != len)
        die("an edited rope has another length");
}

Body edit_rove(size_t len)
{
    return [=](State &state) {
        Rope rope(keeping_pool());
        rope.fill(len, block);
        edit_rope(state, rope);
    };
}

// 64 times one rope, by sharing.
void edit_shared(State &state)
{
    Rope rope(keeping_pool());
    rope.fill(large(), block);
    for (int i = 0; i < 6; i++) {
        struct rove_rope clone;
        rove_rope_clone(&clone, rope);
        ok(rove_rope_concat(rope, &clone));
        rove_rope_fini(&clone);
    }
    edit_rope(state, rope);
}

// crope and std::string edit by methods of the same names.
template <class Object> void edit_other(State &state, Object &object, size_t edits)
{
    size_t len = object.size();
    edit(
        state, edits, len, [&](size_t off) { object.insert(off, source(), scrap); },
        [&](size_t off) { object.erase(off, scrap); });
    if (object.size() != len)
        die("an edited peer has another length");
}

Body edit_crope(size_t len)
{
    return [=](State &state) { edit_other(state, *make_crope(len), many_edits); };
}

// It moves half of its bytes an edit: a few will do.
Body edit_string(size_t len)
{
    return [=](State &state) {
        std::string object;
        object.reserve(len + MiB);
        pieces(len, block, [&](const char *p, size_t l) { object.append(p, l); });
        edit_other(state, object, std::max<size_t>(4, 1280 * MiB / len));
    };
}

#if defined(ROVE_HAVE_ABSL)
Body edit_cord(size_t len)
{
    return [=](State &state) {
        HeldCord object;
        object.fill(len, block);
        edit(
            state, many_edits / 20, len,
            [&](size_t off) {
                cord_replace(object.cord, off, 0, absl::string_view(source(), scrap));
            },
            [&](size_t off) { cord_replace(object.cord, off, scrap, absl::string_view()); });
        if (object.cord.size() != len)
            die("an edited Cord has another length");
    };
}
#endif

void edit_row(const char *name, size_t len, double times)
{
    Row row(name);
    row.rove(edit_rove(len), once);
    row.peer("crope", edit_crope(len), once);
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord 64K", edit_cord(len), once);
#endif
    row.peer("std::string", edit_string(len), once);
    row.limit("flat, overwrite", overwrite_flat).goal(faster(times, "crope"));
}

} // namespace

void rows_w6()
{
    edit_row("W6 insert, erase in 64 MiB", medium(), 19);
    edit_row("W6 insert, erase in 1 GiB", large(), 18);
    Row("W6 the same, 64 times as long")
        .rove(edit_shared, once)
        .limit("rove, 1 GiB", edit_rove(large()), once)
        .goal(at_most(2, "rove, 1 GiB"))
        .after(drop_objects);
}

} // namespace bench
