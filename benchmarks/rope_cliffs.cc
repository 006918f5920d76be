// SPDX-License-Identifier: MIT
// rope_cliffs.cc: rows E1 to E3 and M1 of bench_rope: what an edit costs at every length and in every
// chunk, and what a long history of edits leaves behind.
#include "bounds.h"
#include "rope_edited.h"

#include <map>

#include <time.h>

namespace bench
{

namespace
{

double median_of(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

// ---- E1: one curve ----------------------------------------------------------------------------

constexpr size_t neighbours =
    4; // lengths that are compared: each a byte longer than the one before

// The first of the neighbours around each length at which an edit may go another way.
std::vector<size_t> bends()
{
    std::vector<size_t> all = {1};
    for (size_t at : {size_t(64), size_t(ROVE_MERGE_LEN), 4 * KiB, block / 8, block / 2, block,
                      13 * block, 14 * block, 62 * block, longest - 2})
        if (at <= medium() / 4)
            all.push_back(at - 1);
    return all;
}

double cpu_time()
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

size_t batch_of(size_t n)
{
    return std::clamp<size_t>((quick() ? 64 * KiB : 4 * MiB) / n, 1, quick() ? 10 : 1000);
}

// Inserts n bytes a batch of times at random places, which is timed, and erases as many. The time of one.
template <class Object> double insert_batch(Object &object, size_t n, Random random)
{
    size_t times = batch_of(n);
    double begin = cpu_time();
    for (size_t i = 0; i < times; i++)
        object.insert(random.below(object.len() + 1), n);
    double took = cpu_time() - begin;
    for (size_t i = 0; i < times; i++)
        object.erase(random.below(object.len() - n + 1), n);
    return took / static_cast<double>(times);
}

// The dearest of the neighbours over the cheapest. Each length has an object of its own, with a history of
// that length only; they take turns, each round another one first, and edit at the same places.
template <class Object> double step_at(size_t first)
{
    std::vector<std::unique_ptr<Object>> objects;
    std::vector<std::vector<double>> times(neighbours);
    for (size_t i = 0; i < neighbours; i++)
        objects.push_back(std::make_unique<Object>(medium()));
    for (uint64_t round = 0; round < (quick() ? 2 : 13); round++)
        for (size_t turn = 0; turn < neighbours; turn++) {
            size_t i = (turn + round) % neighbours;
            double time = insert_batch(*objects[i], first + i, Random(round + 1));
            if (round > 0) // in the first one all is cold
                times[i].push_back(time);
        }
    std::vector<double> medians;
    for (const std::vector<double> &of_one : times)
        medians.push_back(median_of(of_one));
    auto [least, most] = std::minmax_element(medians.begin(), medians.end());
    return *most / *least;
}

template <class Object> void largest_step(State &state)
{
    malloc_keeps(true);
    for (auto _ : state) {
        double largest = 1;
        for (size_t first : bends())
            largest = std::max(largest, step_at<Object>(first));
        state.counters["value"] = largest;
    }
}

// The most calls an edit of one length makes on average, once the object has been edited for a while.
template <class Object> void most_calls(State &state)
{
    for (auto _ : state) {
        double most = 0;
        for (size_t first : bends())
            for (size_t n = first; n < first + neighbours; n++) {
                Object object(medium());
                struct rove_pool_figures before, after;
                insert_batch(object, n, Random(1));
                rove_pool_measure(keeping_pool(), &before);
                for (uint64_t round = 2; round < 6; round++)
                    insert_batch(object, n, Random(round));
                rove_pool_measure(keeping_pool(), &after);
                double edits = static_cast<double>(8 * batch_of(n)); // an insert and an erase each
                double calls = static_cast<double>(after.alloc_cnt - before.alloc_cnt);
                most = std::max(most, calls / edits);
            }
        state.counters["value"] = most;
    }
}

// Up to ROVE_MERGE_LEN bytes of a view are copied, one more is shared. So the least fall from one to the other is
// what it takes to read as many bytes at a random place, over what sharing takes.
void least_fall(State &state)
{
    struct Reads : ViewedRope {
        using ViewedRope::ViewedRope;
        void insert(size_t, size_t n)
        {
            char bytes[ROVE_MERGE_LEN];
            struct rove_view view;
            size_t got;
            ok(rove_rope_view(from, places.below(from.len() - n + 1), n, &view));
            ok(rove_view_read(&view, 0, bytes, n, &got));
            rove_view_fini(&view);
            benchmark::DoNotOptimize(bytes);
        }
        void erase(size_t, size_t)
        {
        }
    };
    for (auto _ : state) {
        Reads read(medium());
        ViewedRope share(medium());
        std::vector<double> reading, sharing;
        for (uint64_t round = 0; round < (quick() ? 2 : 12); round++) {
            double reads = insert_batch(read, ROVE_MERGE_LEN, Random(round + 1));
            double shares = insert_batch(share, ROVE_MERGE_LEN + 1, Random(round + 1));
            if (round > 0) {
                reading.push_back(reads);
                sharing.push_back(shares);
            }
        }
        state.counters["value"] = 1 + median_of(reading) / median_of(sharing);
    }
}

// A limit that needs no measuring.
void just_one(State &state)
{
    for (auto _ : state)
        state.counters["value"] = 1;
}

template <class Object, class CropePeer> Row curve_row(const std::string &what)
{
    Row row("E1 largest step, " + what);
    row.rove(largest_step<Object>, once)
        .peer("crope", largest_step<CropePeer>, exact)
        .limit("memcpy", largest_step<FlatCopies>, once)
        .limit("no step", just_one, exact)
        .unit("x neighbour")
        .goal(at_most(1.5, "no step"));
    return row;
}

template <class Object> void calls_row(const std::string &what)
{
    Row("E1 allocator calls an edit, " + what)
        .rove(most_calls<Object>, exact)
        .limit("one", just_one, exact)
        .unit("calls")
        .goal(at_most(1, "one"));
}

// ---- E2: chunks of any length -----------------------------------------------------------------

template <class Object> void insert_scraps(State &state, Object &object)
{
    size_t len = object.len(), edits = quick() ? 200 : 40000;
    Random random;
    for (auto _ : state)
        for (size_t i = 0; i < edits; i++)
            object.insert(random.below(len), scrap);
    if (object.len() != len + static_cast<size_t>(state.iterations()) * edits * scrap)
        die("an object that was inserted into has another length");
    state.SetItemsProcessed(state.iterations() * count(edits));
}

template <class Object> void insert_into(State &state)
{
    malloc_keeps(true);
    Object object(medium());
    insert_scraps(state, object);
}

Body insert_into_chunks(size_t chunk_len)
{
    return [=](State &state) {
        std::unique_ptr<struct rove_pool, void (*)(struct rove_pool *)> pool(new_pool(chunk_len),
                                                                             rove_pool_unref);
        EditedRope object(medium(), pool.get());
        insert_scraps(state, object);
    };
}

void chunk_row(size_t chunk_len)
{
    Row row("E2 insert 100 B, chunks of " + std::to_string(chunk_len) + " B");
    row.rove(insert_into_chunks(chunk_len), once).peer("crope", insert_into<EditedCrope>, once);
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord 64K", insert_into<EditedCord>, exact); // it takes seconds
#endif
    row.limit("chunks of 64 KiB", insert_into_chunks(block), once)
        .goal(at_most(4, "chunks of 64 KiB")); // where those take 500 ns: 2 us
}

// ---- histories --------------------------------------------------------------------------------

// Inserts and erases 1 to 700 bytes in turn at random places; look() after each.
template <class Object, class Look> void mixed_edits(Object &object, size_t edits, Look &&look)
{
    Random random(11);
    for (size_t i = 0; i < edits; i++) {
        size_t len = object.len(), n = 1 + random.below(700);
        if (i % 2 == 0) {
            object.insert(random.below(len + 1), n);
        } else {
            n = std::min(n, len);
            object.erase(random.below(len - n + 1), n);
        }
        look(i);
    }
}

// ---- E3: overwriting after edits --------------------------------------------------------------

constexpr size_t edits_before = 8000;

template <size_t N, class Put> void overwrite_places(State &state, size_t len, Put &&put)
{
    size_t writes = quick() ? 100 : 4000;
    Random random;
    for (auto _ : state)
        for (size_t i = 0; i < writes; i++)
            put(random.below(len - N + 1));
    state.SetItemsProcessed(state.iterations() * count(writes));
}

template <class Object> void edit_before(Object &object, size_t edits)
{
    mixed_edits(object, quick() ? edits / 100 : edits, [](size_t) {});
}

template <class Object, size_t N> Body overwrite_after(size_t edits)
{
    return [=](State &state) {
        malloc_keeps(true);
        Object object(medium());
        edit_before(object, edits);
        size_t len = object.len();
        overwrite_places<N>(state, len, [&](size_t off) { object.overwrite(off, N); });
        if (object.len() != len)
            die("an object that was overwritten has another length");
    };
}

// The edited rope's slices where they lie, found in one sorted array, in one pass that asks nobody whose they are, or
// in two, of which the first asks.
template <size_t N, bool own> void overwrite_sorted(State &state)
{
    auto put = [](const SortedEnds &ends, size_t off, const char *from) {
        ok(own ? ends.write_own(off, from, N) : ends.write(off, from, N));
    };
    malloc_keeps(true);
    EditedRope object(medium());
    edit_before(object, edits_before);
    View view(object.rope);
    SortedEnds ends(view);
    std::vector<char> there(N);
    put(ends, medium() / 2, source() + 1);
    ok(rove_rope_read(object.rope, medium() / 2, there.data(), N, nullptr));
    if (std::memcmp(there.data(), source() + 1, N) != 0)
        die("what was written is not there");
    overwrite_places<N>(state, object.len(), [&](size_t off) { put(ends, off, source()); });
}

template <size_t N> void overwrite_row()
{
    Row row("E3 overwrite " + std::to_string(N / KiB) + " KiB after edits");
    row.rove(overwrite_after<EditedRope, N>(edits_before), once)
        .peer("crope", overwrite_after<EditedCrope, N>(edits_before), once);
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord 64K", overwrite_after<EditedCord, N>(edits_before), once);
#endif
    row.limit("untouched", overwrite_after<EditedRope, N>(0), once)
        .limit("memcpy", overwrite_after<FlatCopies, N>(0), once)
        .bound("sorted ends, a call", overwrite_sorted<N, false>, once)
        .bound("sorted ends, asked first", overwrite_sorted<N, true>, once)
        .goal(at_most(1.3, "untouched"));
}

// ---- M1: memory in a long history -------------------------------------------------------------

size_t long_history()
{
    return quick() ? 2000 : 1000000;
}

struct Kept {
    double most; // kept over the content, at any of a thousand looks
    double time; // of an edit, without the looks
};

// What the history gives on an object of that length. It runs once, as it takes some peers a minute.
template <class Object> const Kept &history_of(size_t len)
{
    static std::map<size_t, Kept> known;
    auto found = known.find(len);
    if (found != known.end())
        return found->second;
    malloc_keeps(true);
    Object object(len);
    Kept made = {0, 0};
    double looked = 0, begin = cpu_time();
    mixed_edits(object, long_history(), [&](size_t i) {
        if (i % (long_history() / 1000) != 0)
            return;
        double from = cpu_time(), content = static_cast<double>(object.len());
        made.most = std::max(made.most, static_cast<double>(object.memory()) / content);
        looked += cpu_time() - from;
    });
    made.time = (cpu_time() - begin - looked) / static_cast<double>(long_history());
    return known[len] = made;
}

template <class Object> Body most_kept(size_t len)
{
    return [=](State &state) {
        for (auto _ : state)
            state.counters["value"] = history_of<Object>(len).most;
    };
}

template <class Object> Body time_of_history(size_t len)
{
    return [=](State &state) {
        for (auto _ : state)
            state.counters["value"] = history_of<Object>(len).time;
    };
}

// Cord takes minutes for more than 1 MiB.
void memory_rows(size_t mebibytes)
{
    size_t len = mebibytes * MiB;
    std::string name = "M1 a million edits of " + std::to_string(mebibytes) + " MiB, ";
    Row memory(name + "memory");
    memory.rove(most_kept<EditedRope>(len), exact)
        .peer("crope", most_kept<EditedCrope>(len), exact);
#if defined(ROVE_HAVE_ABSL)
    if (mebibytes == 1)
        memory.peer("Cord 64K", most_kept<EditedCord>(len), exact);
#endif
    memory.limit("content", just_one, exact).unit("x content").goal(at_most(2, "content"));

    Row time(name + "an edit");
    time.rove(time_of_history<EditedRope>(len), exact)
        .peer("crope", time_of_history<EditedCrope>(len), exact);
#if defined(ROVE_HAVE_ABSL)
    if (mebibytes == 1)
        time.peer("Cord 64K", time_of_history<EditedCord>(len), exact);
#endif
    time.limit("flat, overwrite", overwrite_flat).goal(faster(1, best_peer));
}

} // namespace

void rows_e()
{
    Row bytes = curve_row<EditedRope, EditedCrope>("bytes");
    Row views = curve_row<ViewedRope, ViewedCrope>("views");
    views.bound("least fall", least_fall, once);
    Row ropes = curve_row<InsertedRope, InsertedCrope>("ropes");
#if defined(ROVE_HAVE_ABSL)
    bytes.peer("Cord 64K", largest_step<EditedCord>, exact);
    views.peer("Cord 64K", largest_step<ViewedCord>, exact);
    ropes.peer("Cord 64K", largest_step<InsertedCord>, exact);
#endif
    calls_row<EditedRope>("bytes");
    calls_row<ViewedRope>("views");
    calls_row<InsertedRope>("ropes");
    for (size_t chunk_len : {256, 512, 1024})
        chunk_row(chunk_len);
    overwrite_row<4 * KiB>();
    overwrite_row<8 * KiB>();
}

void rows_m1()
{
    for (size_t mebibytes : {1, 8, 64})
        memory_rows(mebibytes);
}

} // namespace bench
