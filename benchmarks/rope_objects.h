// SPDX-License-Identifier: MIT
// rope_objects.h: the large objects that the rows of bench_rope share, and the parts of the program.
//
// Each is built from appends of 64 KiB when it is first asked for, in memory that was used before, and
// dropped by drop_objects(). All are far beyond the caches.
#ifndef BENCH_ROPE_OBJECTS_H
#define BENCH_ROPE_OBJECTS_H

#include "peers.h"

namespace bench
{

constexpr size_t scrap = 100; // bytes of a small edit

Rope &the_rope();
Rope &the_edited_rope(); // edited until no node of the tree is regular any more; so are its peers
View &the_view();        // of the_rope()
Flat &the_flat();
Crope &the_crope();
Crope &the_edited_crope();
#if defined(ROVE_HAVE_ABSL)
absl::Cord &the_cord();       // by Append(): flat nodes of 4 KiB
absl::Cord &the_tuned_cord(); // by CordBuffer: of 64 KiB
absl::Cord &the_edited_cord();
absl::Cord &the_edited_tuned_cord();
#endif
#if defined(ROVE_HAVE_LIBEVENT)
Evbuffer &the_evbuffer();
#endif
#if defined(ROVE_HAVE_BOOST)
boost::beast::multi_buffer &the_multi_buffer();
#endif
#if defined(ROVE_HAVE_GLIB)
GBytes *the_gbytes(); // of the_flat()
#endif

void drop_objects();

// Runs one(offset) on and on, at random offsets below end.
template <class One> void each_random(State &state, size_t end, One &&one)
{
    Random random;
    for (auto _ : state)
        one(random.below(end));
    state.SetItemsProcessed(state.iterations());
}

// What any overwriting at a random place costs at least.
inline void overwrite_flat(State &state)
{
    char *bytes = the_flat().data();
    each_random(state, large() - MiB, [=](size_t off) { std::memcpy(bytes + off, source(), 64); });
}

void rows_w3();
void rows_w4();
void rows_w5();
void rows_w6();
void rows_w7();
void rows_w11();
void rows_e();
void rows_m1();

} // namespace bench

#endif
