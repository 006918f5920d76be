// SPDX-License-Identifier: MIT
// rope_share.cc: rows W5, W7 and W11 of bench_rope: views and clones, joining, two threads.
#include "bounds.h"
#include "rope_objects.h"

#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>

namespace bench
{

namespace
{

// ---- W5: share --------------------------------------------------------------------------------

void view_rove(State &state)
{
    struct rove_rope *rope = the_rope();
    each_random(state, large() - MiB, [=](size_t off) {
        struct rove_view view;
        ok(rove_rope_view(rope, off, MiB, &view));
        benchmark::DoNotOptimize(view);
        rove_view_fini(&view);
    });
}

// Clones, changes the clone, and drops it.
template <class Change> Body clone_rove(Change change)
{
    return [=](State &state) {
        struct rove_rope *rope = the_rope();
        each_random(state, large() - MiB, [=](size_t off) {
            struct rove_rope clone;
            rove_rope_clone(&clone, rope);
            change(&clone, off);
            benchmark::DoNotOptimize(clone);
            rove_rope_fini(&clone);
        });
    };
}

// The same for classes whose copies share.
template <class Object, class Change> Body clone_other(Object &(*object)(), Change change)
{
    return [=](State &state) {
        const Object &original = object();
        each_random(state, large() - MiB, [&](size_t off) {
            Object clone(original);
            change(clone, off);
            benchmark::DoNotOptimize(clone);
        });
    };
}

void view_row()
{
    Row row("W5 view of 1 MiB");
    row.rove(view_rove);
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord 64K", [](State &state) {
        const absl::Cord &object = the_tuned_cord();
        each_random(state, large() - MiB,
                    [&](size_t off) { benchmark::DoNotOptimize(object.Subcord(off, MiB)); });
    });
#endif
    row.peer("crope", [](State &state) {
        const Crope &object = the_crope();
        each_random(state, large() - MiB,
                    [&](size_t off) { benchmark::DoNotOptimize(object.substr(off, MiB)); });
    });
#if defined(ROVE_HAVE_GLIB)
    row.limit("GBytes, flat", [](State &state) {
        GBytes *object = the_gbytes();
        each_random(state, large() - MiB,
                    [=](size_t off) { g_bytes_unref(g_bytes_new_from_bytes(object, off, MiB)); });
    });
    row.goal(at_most(1.43, "GBytes, flat"));
#endif
    row.goal(faster(4, best_peer));
}

void clone_row()
{
    auto nothing = [](auto &&, size_t) {};
    Row row("W5 clone");
    row.rove(clone_rove(nothing));
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord 64K", clone_other(the_tuned_cord, nothing));
#endif
    row.peer("crope", clone_other(the_crope, nothing));
    row.limit("atomic pair", atomic_pair)
        .bound("a count and the fields, two calls", [](State &state) { copy_and_drop(state, 1, 0); })
        .goal(at_most(1.56, "atomic pair"));
}

void clone_append_row()
{
    Row row("W5 clone + append 64 B");
    row.rove(clone_rove(
        [](struct rove_rope *clone, size_t) { ok(rove_rope_append(clone, hide(source()), 64)); }));
#if defined(ROVE_HAVE_ABSL)
    row.peer("Cord 64K", clone_other(the_tuned_cord, [](absl::Cord &clone, size_t) {
                 clone.Append(absl::string_view(hide(source()), 64));
             }));
#endif
    row.peer("crope", clone_other(the_crope,
                                  [](Crope &clone, size_t) { clone.append(hide(source()), 64); }));
    row.limit("atomic pair", atomic_pair).goal(at_most(1, "crope"));
}

void clone_overwrite_row()
{
    Row row("W5 clone + overwrite 64 B");
    row.rove(clone_rove([](struct rove_rope *clone, size_t off) {
        ok(rove_rope_overwrite(clone, off, source(), 64));
    }));
#if defined(ROVE_HAVE_ABSL)
    auto overwrite = [](absl::Cord &clone, size_t off) {
        cord_replace(clone, off, 64, absl::string_view(source(), 64));
    };
    row.peer("Cord", clone_other(the_cord, overwrite));
    row.peer("Cord 64K", clone_other(the_tuned_cord, overwrite));
#endif
    row.peer("crope", clone_other(the_crope, [](Crope &clone, size_t off) {
                 clone.replace(off, 64, source(), 64);
             }));
    row.limit("flat, in place", overwrite_flat);
    row.goal(faster(1.9, "crope")).goal(faster(2.46, "Cord"));
}

// ---- W7: concatenate --------------------------------------------------------------------------

constexpr int doublings = 20;

// Two clones, the second appended to the first, and both dropped.
void concat_rove(State &state)
{
    struct rove_rope *rope = the_rope();
    for (auto _ : state) {
        struct rove_rope a, b;
        rove_rope_clone(&a, rope);
        rove_rope_clone(&b, rope);
        ok(rove_rope_concat(&a, &b));
        benchmark::DoNotOptimize(a);
        rove_rope_fini(&a);
        rove_rope_fini(&b);
    }
    state.SetItemsProcessed(state.iterations());
}

void double_rove(State &state)
{
    Rope start;
    start.fill(MiB, block);
    for (auto _ : state) {
        struct rove_rope a;
        rove_rope_clone(&a, start);
        for (int i = 0; i < doublings; i++) {
            struct rove_rope b;
            rove_rope_clone(&b, &a);
            ok(rove_rope_concat(&a, &b));
            rove_rope_fini(&b);
        }
        if (rove_rope_len(&a) != MiB << doublings)
            die("a doubled rope has another length");
        rove_rope_fini(&a);
    }
    state.SetItemsProcessed(state.iterations() * doublings);
}

#if defined(ROVE_HAVE_ABSL)
void join(absl::Cord &to, absl::Cord &&more)
{
    to.Append(std::move(more));
}
#endif

void join(Crope &to, Crope &&more)
{
    to.append(more);
}

template <class Object> Body concat_other(Object &(*object)())
{
    return [=](State &state) {
        const Object &original = object();
        for (auto _ : state) {
            Object a(original);
            join(a, Object(original));
            benchmark::DoNotOptimize(a);
        }
        state.SetItemsProcessed(state.iterations());
    };
}

template <class Object> void double_other(State &state, const Object &start)
{
    for (auto _ : state) {
        Object a(start);
        for (int i = 0; i < doublings; i++)
            join(a, Object(a));
        if (a.size() != MiB << doublings)
            die("a doubled peer has another length");
    }
    state.SetItemsProcessed(state.iterations() * doublings);
}

// ---- W11: two threads -------------------------------------------------------------------------

constexpr size_t small_object = 4 * MiB;
const How two_threads_once = {2, true, true, false, false};

// One rope for all threads; each works through a view or a clone of its own, taken under the lock.
struct Common {
    std::mutex lock;
    Rope rope;

    Common()
    {
        rope.fill(small_object, block);
    }
    static Common &get()
    {
        static Common *const made = new Common;
        return *made;
    }
};

// Takes a view, reads 64 bytes through it, drops it.
void take_view(const struct rove_view *all, Random &random)
{
    char to[64];
    struct rove_view view;
    ok(rove_view_sub(all, 0, small_object, &view));
    ok(rove_view_read(&view, random.below(small_object - 64), to, 64, nullptr));
    benchmark::DoNotOptimize(to);
    rove_view_fini(&view);
}

void take_views(const struct rove_view *all, size_t n)
{
    Random random;
    for (size_t i = 0; i < n; i++)
        take_view(all, random);
}

void use_view(State &state, const struct rove_view *all)
{
    Random random(1 + static_cast<uint64_t>(state.thread_index()));
    for (auto _ : state)
        take_view(all, random);
    state.SetItemsProcessed(state.iterations());
}

void view_own(State &state)
{
    Rope rope;
    rope.fill(small_object, block);
    View all(rope);
    use_view(state, all);
}

// Two threads, one of which waits where the other is to be alone.
class Meeting
{
public:
    void wait()
    {
        std::unique_lock<std::mutex> guard(lock);
        size_t now = round;
        if (++here == 2) {
            here = 0;
            round++;
            both.notify_all();
        }
        both.wait(guard, [&] { return round != now; });
    }

private:
    std::mutex lock;
    std::condition_variable both;
    size_t here = 0, round = 0;
};

// Work of which no thread sees anything of another's: multiplications, additions, and 4 KiB of its own.
__attribute__((noinline)) uint64_t count_up(size_t n)
{
    uint64_t table[512] = {}, sum = 1;
    for (size_t i = 0; i < n; i++) {
        sum = sum * 6364136223846793005u + table[i & 511];
        table[sum >> 55] += sum;
    }
    return sum;
}

// Nanoseconds on the wall.
template <class Work> double wall_of(Work &&work)
{
    using Clock = std::chrono::steady_clock;
    auto begin = Clock::now();
    work();
    return std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
}

// What taking a view costs one thread, half of it, times as much longer as arithmetic takes when both CPUs do some: what
// two threads would take that had nothing at all in common but the machine. The least of short rounds, which whatever
// else runs does not strike.
void view_ideal(State &state)
{
    static Meeting meeting;
    static double took[2];
    constexpr int rounds = 16;
    size_t n = quick() ? 1000 : 200000, me = static_cast<size_t>(state.thread_index());
    auto sum = [=] { benchmark::DoNotOptimize(count_up(n)); };
    double views = HUGE_VAL, alone = HUGE_VAL, both = HUGE_VAL;
    Rope rope;
    rope.fill(small_object, block);
    View all(rope);
    for (int round = 0; round < rounds; round++) {
        meeting.wait();
        if (me == 0) {
            views = std::min(views, wall_of([&] { take_views(all, n); }));
            alone = std::min(alone, wall_of(sum));
        }
        meeting.wait();
        took[me] = wall_of(sum);
        meeting.wait();
        both = std::min(both, std::max(took[0], took[1]));
    }
    for (auto _ : state)
        state.counters["value"] = me ? 0 : views / static_cast<double>(n) / 2 * both / alone; // the threads' are added
}

void view_common(State &state)
{
    Common &common = Common::get();
    struct rove_view all;
    {
        std::lock_guard<std::mutex> guard(common.lock);
        ok(rove_rope_view(common.rope, 0, small_object, &all));
    }
    use_view(state, &all);
    rove_view_fini(&all);
}

void clone_common(State &state)
{
    Common &common = Common::get();
    struct rove_rope mine;
    {
        std::lock_guard<std::mutex> guard(common.lock);
        rove_rope_clone(&mine, common.rope);
    }
    for (auto _ : state) {
        struct rove_rope clone;
        rove_rope_clone(&clone, &mine);
        benchmark::DoNotOptimize(clone);
        rove_rope_fini(&clone);
    }
    rove_rope_fini(&mine);
    state.SetItemsProcessed(state.iterations());
}

// The same of flat memory: one count that the threads share, the fields of a view, and 64 bytes.
void count_common(State &state)
{
    static std::atomic<size_t> refs(1);
    static const Fields all = {&refs, {}};
    Random random(1 + static_cast<uint64_t>(state.thread_index()));
    char to[64];
    for (auto _ : state) {
        Fields view;
        copy_fields(&view, &all);
        std::memcpy(to, source() + random.below(MiB), 64);
        benchmark::DoNotOptimize(to);
        drop_fields(&view);
    }
    state.SetItemsProcessed(state.iterations());
}

#if defined(ROVE_HAVE_ABSL)
void cord_common(State &state)
{
    static const HeldCord *const object = [] {
        auto *made = new HeldCord;
        made->fill(small_object, block);
        return made;
    }();
    for (auto _ : state) {
        absl::Cord clone(object->cord);
        benchmark::DoNotOptimize(clone);
    }
    state.SetItemsProcessed(state.iterations());
}
#endif
#if defined(ROVE_HAVE_GLIB)
void gbytes_common(State &state)
{
    static GBytes *const object = g_bytes_new(source(), MiB);
    char to[64];
    for (auto _ : state) {
        GBytes *part = g_bytes_new_from_bytes(object, 64, 64);
        std::memcpy(to, g_bytes_get_data(part, nullptr), 64);
        benchmark::DoNotOptimize(to);
        g_bytes_unref(part);
    }
    state.SetItemsProcessed(state.iterations());
}
#endif

} // namespace

void rows_w5()
{
    view_row();
    clone_row();
    clone_append_row();
    clone_overwrite_row();
}

void rows_w7()
{
    Row concat("W7 concatenate two of 1 GiB");
    concat.rove(concat_rove);
#if defined(ROVE_HAVE_ABSL)
    concat.peer("Cord 64K", concat_other(the_tuned_cord)).goal(at_most(3.1, "Cord 64K"));
#endif
    concat.peer("crope", concat_other(the_crope))
        .limit("atomic pair", atomic_pair)
        .bound("two copies, two nodes", [](State &state) { copy_and_drop(state, 2, 2); })
        .goal(at_most(2.65, "crope"))
        .after(drop_objects);

    Row twice("W7 double 1 MiB 20 times, a step");
    twice.rove(double_rove);
#if defined(ROVE_HAVE_ABSL)
    twice.peer("Cord 64K", [](State &state) {
        HeldCord start;
        start.fill(MiB, block);
        double_other(state, start.cord);
    });
#endif
    twice.peer("crope", [](State &state) { double_other(state, *make_crope(MiB)); })
        .limit("atomic pair", atomic_pair)
        .bound("a copy, a node", [](State &state) { copy_and_drop(state, 1, 1); })
        .goal(at_most(0.78, "crope"));
}

void rows_w11()
{
    Row("W11 view, read, drop: own ropes")
        .rove(view_own, two_threads)
        .limit("one thread", view_own, one_thread)
        .bound("as arithmetic does", view_ideal, two_threads_once)
        .goal(faster(1.9, "one thread"));
    Row common("W11 view, read, drop: one rope");
    common.rove(view_common, two_threads);
#if defined(ROVE_HAVE_GLIB)
    common.peer("GBytes, flat", gbytes_common, two_threads);
#endif
    common.limit("one thread", view_common, one_thread)
        .bound("a count, fields, 64 B", count_common, two_threads)
        .goal(at_most(1, "one thread"));
    Row clone("W11 clone, drop: one rope");
    clone.rove(clone_common, two_threads);
#if defined(ROVE_HAVE_ABSL)
    clone.peer("Cord", cord_common, two_threads).goal(at_most(1.05, "Cord"));
#endif
    clone.limit("atomic pair", atomic_pair, two_threads)
        .bound(
            "a count and the fields, two calls", [](State &state) { copy_and_drop(state, 1, 0); },
            two_threads);
}

} // namespace bench
