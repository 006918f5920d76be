// SPDX-License-Identifier: MIT
// test_model.c: ropes against flat arrays: every short sequence of edits, and many random ones.
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "rope/node.h"
#include "support/edits.h"
#include "support/suite.h"

static uint32_t highest; // levels, of all trees that were looked at

static void look_at_height(const struct rove_rope *rope)
{
    uint32_t height = rv_height(rope->root);
    if (height > highest)
        highest = height;
}

// all short sequences ---------------------------------------------------------------------------

#define STEPS 5

typedef void step_fn(struct twin *twin, struct rove_rope *other);

static void both(struct twin *twin, size_t off, size_t del, size_t len, enum rove_status status)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    if (status == ROVE_OK)
        model_replace(&twin->model, off, del, letters, len);
    else
        twin->model.len = SIZE_MAX; // no rope is as long, so the next look finds it
}

static void replace(struct twin *twin, size_t off, size_t del, size_t len)
{
    both(twin, off, del, len, rove_rope_replace(&twin->rope, off, del, "abcdefghijklm", len));
}

static void append_1(struct twin *twin, struct rove_rope *other)
{
    (void) other;
    both(twin, twin->model.len, 0, 1, rove_rope_append(&twin->rope, "a", 1));
}

static void append_7(struct twin *twin, struct rove_rope *other)
{
    (void) other;
    both(twin, twin->model.len, 0, 7, rove_rope_append(&twin->rope, "abcdefg", 7));
}

static void prepend_2(struct twin *twin, struct rove_rope *other)
{
    (void) other;
    replace(twin, 0, 0, 2);
}

static void insert_1_at_third(struct twin *twin, struct rove_rope *other)
{
    (void) other;
    replace(twin, twin->model.len / 3, 0, 1);
}

static void insert_5_in_middle(struct twin *twin, struct rove_rope *other)
{
    (void) other;
    replace(twin, twin->model.len / 2, 0, 5);
}

static void erase_first(struct twin *twin, struct rove_rope *other)
{
    size_t del = twin->model.len > 0;
    (void) other;
    both(twin, 0, del, 0, rove_rope_erase(&twin->rope, 0, del));
}

static void erase_1_in_middle(struct twin *twin, struct rove_rope *other)
{
    (void) other;
    replace(twin, twin->model.len / 2, twin->model.len > 0, 0);
}

static void erase_third(struct twin *twin, struct rove_rope *other)
{
    (void) other;
    replace(twin, twin->model.len / 3, twin->model.len / 3, 0);
}

static void replace_half_by_3(struct twin *twin, struct rove_rope *other)
{
    (void) other;
    replace(twin, twin->model.len / 4, twin->model.len / 2, 3);
}

static void overwrite_third(struct twin *twin, struct rove_rope *other)
{
    size_t off = twin->model.len / 3, len = off < 13 ? off : 13;
    (void) other;
    both(twin, off, len, len, rove_rope_overwrite(&twin->rope, off, "abcdefghijklm", len));
}

static void truncate_last(struct twin *twin, struct rove_rope *other)
{
    size_t len = twin->model.len - (twin->model.len > 0);
    (void) other;
    both(twin, len, twin->model.len - len, 0, rove_rope_truncate(&twin->rope, len));
}

// Cuts at a third and puts the parts together the other way round.
static void rotate(struct twin *twin, struct rove_rope *other)
{
    struct rove_rope right;
    size_t at = twin->model.len / 3, rest = twin->model.len - at;
    (void) other;
    enum rove_status status = rove_rope_split(&twin->rope, at, &right);
    if (status == ROVE_OK)
        status = rove_rope_concat(&right, &twin->rope);
    rove_rope_fini(&twin->rope);
    rove_rope_move(&twin->rope, &right);
    rove_rope_fini(&right);
    model_replace(&twin->model, twin->model.len, 0, twin->model.ptr, at);
    both(twin, 0, at, 0, status);
    (void) rest;
}

// Another rope shares everything from here on.
static void share(struct twin *twin, struct rove_rope *other)
{
    rove_rope_fini(other);
    rove_rope_clone(other, &twin->rope);
}

static void double_by_clone(struct twin *twin, struct rove_rope *other)
{
    struct rove_rope copy;
    (void) other;
    if (twin->model.len > 100)
        return;
    rove_rope_clone(&copy, &twin->rope);
    enum rove_status status = rove_rope_concat(&twin->rope, &copy);
    rove_rope_fini(&copy);
    size_t len = twin->model.len;
    model_replace(&twin->model, len, 0, twin->model.ptr, len);
    both(twin, 0, 0, 0, status);
}

static step_fn *const alphabet[] = {
    append_1,      append_7,          prepend_2,     insert_1_at_third, insert_5_in_middle,
    erase_first,   erase_1_in_middle, erase_third,   replace_half_by_3, overwrite_third,
    truncate_last, rotate,            share,         double_by_clone,
};

#define LETTERS (sizeof alphabet / sizeof *alphabet)

struct walk {
    size_t start_len;
    unsigned word[STEPS], known; // steps before `known` were looked at in an earlier word
    uint64_t edits;
    bool failed;
};

static bool alike(struct twin *twin)
{
    uint8_t got[512];
    size_t len = 0;
    return !rove_rope_check(&twin->rope) && twin->model.len < sizeof got &&
           rove_rope_read(&twin->rope, 0, got, sizeof got, &len) == ROVE_OK &&
           len == twin->model.len && (!len || memcmp(got, twin->model.ptr, len) == 0);
}

static void run_word(struct walk *walk, struct model *model)
{
    struct twin twin;
    struct rove_rope other;
    twin_init(&twin, env.pool);
    twin.model = *model; // its memory is used again and again
    twin.model.len = 0;
    rove_rope_init(&other, env.pool);
    while (twin.model.len < walk->start_len)
        append_1(&twin, NULL);
    for (unsigned i = 0; i < STEPS && !walk->failed; i++) {
        alphabet[walk->word[i]](&twin, &other);
        walk->edits++;
        if (i < walk->known)
            continue;
        look_at_height(&twin.rope);
        walk->failed = !alike(&twin) || (other.root && rove_rope_check(&other));
    }
    *model = twin.model;
    rove_rope_fini(&other);
    rove_rope_fini(&twin.rope);
}

// Moves on to the next word of the same length; false after the last.
static bool next_word(struct walk *walk)
{
    unsigned i = STEPS;
    while (i-- > 0) {
        if (++walk->word[i] < LETTERS) {
            walk->known = i;
            return true;
        }
        walk->word[i] = 0;
    }
    return false;
}

static uint64_t walk_all(size_t chunk_len, size_t start_len)
{
    struct walk walk = {.start_len = start_len};
    struct model model = {0};
    struct rove_pool *pool = env.pool;
    env.pool = suite_pool_new(&env.alloc.table, chunk_len);
    if (RV_FANOUT > 4 || suite_scaled(100) < 100)
        walk.word[0] = LETTERS - 1; // the long way only where it reaches deep trees
    do
        run_word(&walk, &model);
    while (!walk.failed && next_word(&walk));
    if (!CHECK(!walk.failed))
        suite_note("chunks of %zu, start %zu: steps %u %u %u %u %u", chunk_len, start_len,
                   walk.word[0], walk.word[1], walk.word[2], walk.word[3], walk.word[4]);
    model_fini(&model);
    rove_pool_unref(env.pool);
    env.pool = pool;
    return walk.edits;
}

static void every_sequence_of_five_edits(void)
{
    uint64_t edits = walk_all(1, 0) + walk_all(1, 18) + walk_all(3, 40);
    suite_note("%" PRIu64 " edits in all sequences of %d out of %zu", edits, STEPS, LETTERS);
}

// random edits ----------------------------------------------------------------------------------

#define WORLD_STEPS 2000u

struct plan {
    size_t chunk_len, len_max;
    unsigned check_every, compare_every; // steps
    uint64_t steps;                      // to take, on each pool
    uint64_t edits;                      // done
    bool shared;
};

static const struct world *alive;

// An assert of the library's failed: says in which world.
static void tell_of_abort(int number)
{
    signal(number, SIG_DFL);
    if (alive)
        world_print(alive);
}

// One world from birth to death; counts its edits. Returns false when it went wrong.
static bool live(struct rove_pool *pool, struct plan *plan, uint64_t seed)
{
    struct world world;
    world_init(&world, pool, seed, plan->shared);
    world.len_max = plan->len_max;
    alive = &world;
    while (world.steps < WORLD_STEPS && !world.wrong) {
        struct twin *twin = world_step(&world);
        if (twin && world.steps % plan->check_every == 0)
            world.wrong = rove_rope_check(&twin->rope);
        if (!world.wrong && world.steps % plan->compare_every == 0) {
            look_at_height(&world.ropes[0].rope);
            world_check_all(&world);
        }
    }
    bool right = world_check_all(&world);
    if (!right)
        world_print(&world);
    alive = NULL;
    plan->edits += world.edits;
    world_fini(&world);
    if (world.releases != world.adopts) {
        suite_note("%" PRIu64 " adoptions, %" PRIu64 " releases", world.adopts, world.releases);
        return false;
    }
    return right;
}

static void run_plan(struct plan *plan)
{
    struct rove_pool *pool = suite_pool_new(&env.alloc.table, plan->chunk_len);
    uint64_t worlds = suite_scaled(plan->steps / WORLD_STEPS);
    uint64_t seed = suite_seed() + plan->chunk_len * 7919 + plan->len_max * 31 + plan->shared;
    uint64_t i = 0;
    while (i < worlds && live(pool, plan, (seed << 24) + i))
        i++;
    if (!CHECK_EQ(worlds, i))
        suite_note("world %" PRIu64 " of chunks of %zu, at most %zu bytes", i, plan->chunk_len,
                   plan->len_max);
    rove_pool_unref(pool);
}

static void run_plans(const char *what, struct plan plan, const size_t *len_max)
{
    for (size_t i = 0; i < SUITE_POOLS; i++) {
        plan.chunk_len = suite_chunk_lens[i];
        plan.len_max = len_max[i];
        run_plan(&plan);
    }
    suite_note("%" PRIu64 " random edits, %s", plan.edits, what);
}

static const size_t small[SUITE_POOLS] = {48, 120, 500, 6000, 6000};
static const size_t large[SUITE_POOLS] = {1500, 3000, 12000, 200000, 300000};

static void random_edits_of_small_private_ropes(void)
{
    run_plans("small, private", (struct plan){.check_every = 1, .compare_every = 16,
                                              .steps = 1100000}, small);
}

static void random_edits_of_small_shared_ropes(void)
{
    run_plans("small, shared", (struct plan){.check_every = 1, .compare_every = 64,
                                             .steps = 950000, .shared = true}, small);
}

static void random_edits_of_large_private_ropes(void)
{
    run_plans("large, private", (struct plan){.check_every = 64, .compare_every = 512,
                                              .steps = 120000}, large);
}

static void random_edits_of_large_shared_ropes(void)
{
    run_plans("large, shared", (struct plan){.check_every = 64, .compare_every = 1024,
                                             .steps = 120000, .shared = true}, large);
    suite_note("fan-out %u, largest tree height reached: %u", RV_FANOUT, highest);
}

static const struct suite_case cases[] = {
    SUITE_CASE(every_sequence_of_five_edits),
    SUITE_CASE(random_edits_of_small_private_ropes),
    SUITE_CASE(random_edits_of_small_shared_ropes),
    SUITE_CASE(random_edits_of_large_private_ropes),
    SUITE_CASE(random_edits_of_large_shared_ropes),
};

int main(int argc, char **argv)
{
    signal(SIGABRT, tell_of_abort);
    return suite_run(argc, argv,
                     &(struct suite){"test_model", cases, sizeof cases / sizeof *cases, false});
}
