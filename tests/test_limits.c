// SPDX-License-Identifier: MIT
// test_limits.c: every limit reached exactly, by every call and with every sharing of the edges.
#include <string.h>

#include "limits_kit.h"
#include "rope/node.h"
#include "support/suite.h"

// the longest rope, by every way ----------------------------------------------------------------

enum tail { NO_TAIL, TAIL_EMPTY, TAIL_OF_SOME, TAIL_ALL_BUT_ONE, TAIL_FULL, TAILS };
enum share { ALONE, CLONED, CLAIM_TAKEN, CLAIM_GIVEN_BACK, VIEWED, CUT_AND_JOINED, SHARES };

static struct rove_rope zeros; // of the longest length

// A rope that is `left` bytes short of the longest, and who shares its right edge.
struct scene {
    uint64_t left;
    unsigned slices; // that stand before its tail
    enum tail tail;
    enum share share;
    struct rove_rope rope, other;
    struct rove_view view;
    struct sparse model, other_model;
};

static void put(struct rove_rope *rope, struct sparse *model, size_t len)
{
    struct sparse mid;
    const uint8_t *src = noise(len);
    sparse_make(&mid, src, len);
    CHECK_OK(rove_rope_append(rope, src, len));
    sparse_replace(model, model->len, 0, &mid);
}

static void put_slice(struct scene *s)
{
    struct sparse mid;
    const uint8_t *src = noise(600);
    sparse_make(&mid, src, 600);
    CHECK_OK(rove_rope_append_adopt(&s->rope, src, 600, NULL, NULL));
    sparse_replace(&s->model, s->model.len, 0, &mid);
}

static void make_tail(struct scene *s)
{
    struct rove_rope *rope = &s->rope;
    uint64_t before = rove_rope_len(rope);
    if (s->tail == NO_TAIL)
        return;
    put(rope, &s->model, 5);
    size_t room = (size_t) (rope->end - rope->cur);
    if (s->tail == TAIL_EMPTY) {
        CHECK_OK(rove_rope_truncate(rope, before));
        sparse_copy(&s->model, &s->model, 0, before);
    }
    if (s->tail == TAIL_ALL_BUT_ONE && room > 1)
        put(rope, &s->model, room - 1);
    if (s->tail == TAIL_FULL && room)
        put(rope, &s->model, room);
}

static void put_zeros_in_front(struct scene *s)
{
    struct rove_view view;
    struct sparse mid;
    uint64_t len = ROVE_LEN_MAX - s->left - s->model.len;
    CHECK_OK(rove_rope_view(&zeros, 0, len, &view));
    CHECK_OK(rove_rope_replace_view(&s->rope, 0, 0, &view));
    sparse_make(&mid, NULL, len);
    sparse_replace(&s->model, 0, 0, &mid);
    rove_view_fini(&view);
}

static void make_share(struct scene *s)
{
    struct rove_rope right;
    if (s->share >= CLONED && s->share <= CLAIM_GIVEN_BACK) {
        rove_rope_fini(&s->other);
        rove_rope_clone(&s->other, &s->rope);
        s->other_model = s->model;
    }
    if (s->share == CLAIM_TAKEN || s->share == CLAIM_GIVEN_BACK)
        put(&s->other, &s->other_model, 1);
    if (s->share == CLAIM_GIVEN_BACK) {
        rove_rope_clear(&s->other);
        sparse_make(&s->other_model, NULL, 0);
    }
    if (s->share == VIEWED)
        CHECK_OK(rove_rope_view(&s->rope, 0, rove_rope_len(&s->rope), &s->view));
    if (s->share == CUT_AND_JOINED) {
        CHECK_OK(rove_rope_split(&s->rope, rove_rope_len(&s->rope) - 3, &right));
        CHECK_OK(rove_rope_concat(&s->rope, &right));
        rove_rope_fini(&right);
    }
}

static void scene_init(struct scene *s)
{
    memset(&s->view, 0, sizeof s->view);
    rove_rope_init(&s->rope, env.pool);
    rove_rope_init(&s->other, env.pool);
    sparse_make(&s->model, NULL, 0);
    sparse_make(&s->other_model, NULL, 0);
    for (unsigned i = 0; i < s->slices; i++)
        put_slice(s);
    make_tail(s);
    put_zeros_in_front(s);
    make_share(s);
}

static void scene_fini(struct scene *s)
{
    rove_view_fini(&s->view);
    rove_rope_fini(&s->rope);
    rove_rope_fini(&s->other);
}

static bool scene_is_right(struct scene *s, const struct way *way)
{
    const char *wrong = rove_rope_check(&s->rope);
    wrong = wrong ? wrong : sparse_differs(&s->model, &s->rope);
    wrong = wrong ? wrong : rove_rope_check(&s->other);
    wrong = wrong ? wrong : sparse_differs(&s->other_model, &s->other);
    bool right = CHECK(!wrong);
    if (!right)
        suite_note("%s: %s, %llu left, %u slices, tail %d, share %d", way->name, wrong,
                   (unsigned long long) s->left, s->slices, s->tail, s->share);
    return right;
}

// Does a way once that puts len bytes more than it takes.
static void run_way(struct scene *s, const struct way *way, uint64_t len)
{
    struct job job = {.off = s->model.len, .del = 0};
    if (!(way->flags & WAY_AT_END))
        job.off -= s->model.len < 9 ? s->model.len : 9;
    if (!(way->flags & (WAY_AT_END | WAY_NO_DEL)))
        job.del = s->model.len - job.off;
    if (way->flags & WAY_NO_MID)
        job.off = s->model.len - job.del;
    else if (way->flags & WAY_SAME)
        sparse_make(&job.mid, noise(job.del), job.del);
    else
        sparse_make(&job.mid, way->flags & WAY_ZEROS ? NULL : noise(len + job.del), len + job.del);
    if (way->flags & WAY_ANY)
        CHECK_OK(job_fill(&job, env.pool));
    enum rove_status due = job_expected(&job, s->model.len);
    do { // in parts, where it does a part
        enum rove_status status = way->run(&s->rope, &job);
        CHECK_IS(due, status);
        if (status)
            break;
        len -= job.mid.len;
        sparse_replace(&s->model, job.off, job.del, &job.mid);
        job.off = s->model.len;
        if (way->flags & WAY_SOME && len)
            sparse_make(&job.mid, noise(len), len);
    } while (way->flags & WAY_SOME && len);
    if (way->flags & WAY_ANY)
        job_fini(&job);
}

static void reach(struct scene *s, const struct way *way)
{
    scene_init(s);
    run_way(s, way, s->left + 1);
    bool right = scene_is_right(s, way);
    run_way(s, way, s->left);
    right = right && scene_is_right(s, way);
    CHECK_IS(ROVE_E_RANGE, s->model.len == ROVE_LEN_MAX ? rove_rope_append(&s->rope, "x", 1)
                                                        : ROVE_E_RANGE);
    run_way(s, &ways[WAYS - 2], 0); // there is room again, and it is filled again
    run_way(s, &ways[0], ROVE_LEN_MAX - s->model.len);
    if (right)
        scene_is_right(s, way);
    scene_fini(s);
}

static void every_way_to_the_longest_rope(void)
{
    static struct scene s;
    struct rove_pool *pool = env.pool;
    uint64_t cnt = 0;
    env.pool = suite_pool_new(&env.alloc.table, 1024);
    rove_rope_init(&zeros, env.pool);
    CHECK_OK(rove_rope_append_zeros(&zeros, ROVE_LEN_MAX));
    const uint64_t lefts[] = {1, 2, 512, 513, 1023, 1024, 1025, 1024 * RV_FANOUT};
    const unsigned slices[] = {0, 1, RV_FANOUT - 1, RV_FANOUT};
    const size_t stride = suite_scaled(100) < 100 ? 3 : 1;
    for (size_t i = 0; i < sizeof lefts / sizeof *lefts; i += stride)
        for (size_t k = 0; k < sizeof slices / sizeof *slices; k++)
            for (unsigned edge = 0; edge < TAILS * SHARES; edge++)
                for (size_t way = 0; way < WAYS; way++, cnt++) {
                    s.left = lefts[i];
                    s.slices = slices[k];
                    s.tail = edge % TAILS;
                    s.share = edge / TAILS;
                    reach(&s, &ways[way]);
                }
    rove_rope_fini(&zeros);
    CHECK_EQ(limits_adopts, limits_releases);
    suite_note("%llu ropes made as long as can be", (unsigned long long) cnt);
    rove_pool_unref(env.pool);
    env.pool = pool;
}

// Whatever is left to the longest rope when a new chunk is opened for it.
static void zeros_and_then_the_rest(void)
{
    struct rng rng = rng_from(suite_seed());
    uint64_t cnt = suite_scaled(3000);
    for (uint64_t i = 0; i < cnt; i++) {
        struct rove_rope rope, copy;
        size_t left = i < 600 ? i : rng_len(&rng, env.chunk_len, 200000);
        const uint8_t *src = noise(left);
        struct sparse model, mid;
        rove_rope_init(&rope, env.pool);
        sparse_make(&model, NULL, ROVE_LEN_MAX - left);
        sparse_make(&mid, src, left);
        CHECK_OK(rove_rope_append_zeros(&rope, ROVE_LEN_MAX - left));
        rove_rope_clone(&copy, &rope);
        CHECK_OK(rove_rope_append(&rope, src, left));
        sparse_replace(&model, model.len, 0, &mid);
        CHECK_SOUND(&rope);
        if (!CHECK(!sparse_differs(&model, &rope)))
            i = cnt;
        rove_rope_fini(&copy);
        rove_rope_fini(&rope);
    }
}

// An empty tail is begun again at the front of its chunk: the room grows, but for what the rope may not.
static void a_tail_that_is_begun_again_has_no_more_room(void)
{
    for (size_t left = 20; left < 40; left += 3) {
        struct rove_rope rope;
        rove_rope_init(&rope, env.pool);
        CHECK_OK(rove_rope_append_zeros(&rope, 1000));
        CHECK_OK(rove_rope_append(&rope, noise(90), 90));
        CHECK_OK(rove_rope_append_zeros(&rope, ROVE_LEN_MAX - 1090 - left)); // the tail is empty now
        CHECK_OK(rove_rope_erase(&rope, 1000, 90)); // and its chunk the rope's alone
        CHECK_OK(rove_rope_insert(&rope, 500, noise(90), 90));
        CHECK_OK(rove_rope_erase(&rope, 0, 1));
        CHECK_EQ(ROVE_LEN_MAX - left - 1, rove_rope_len(&rope));
        CHECK_SOUND(&rope);
        CHECK_IS(ROVE_E_RANGE, rove_rope_append(&rope, noise(left + 2), left + 2));
        CHECK_OK(rove_rope_append(&rope, noise(left + 1), left + 1));
        CHECK_SOUND(&rope);
        rove_rope_fini(&rope);
    }
}

// What is asked of the longest rope, and lengths that no rope has.
static void asked_of_the_longest_rope(void)
{
    struct rove_rope rope;
    struct rove_rope_figures figures;
    struct rove_view view;
    const uint8_t *ptr;
    uint8_t byte = 9, *run;
    uint64_t pos = 0;
    size_t len = 9;
    volatile size_t most = SIZE_MAX; // the compiler need not know that nobody has as much
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append_zeros(&rope, ROVE_LEN_MAX - 1));
    CHECK_IS(ROVE_E_RANGE, rove_rope_append(&rope, noise(1), most));
    CHECK_IS(ROVE_E_RANGE, rove_rope_append_adopt(&rope, noise(1), most, NULL, NULL));
    CHECK_IS(ROVE_E_RANGE, rove_rope_append_zeros(&rope, UINT64_MAX));
    CHECK_IS(ROVE_E_RANGE, rove_rope_reserve(&rope, most, &run, &len));
    CHECK_IS(ROVE_E_RANGE, rove_rope_replace(&rope, 0, UINT64_MAX, "x", 1));
    CHECK_IS(ROVE_E_RANGE, rove_rope_view(&rope, 1, UINT64_MAX, &view));
    CHECK_OK(rove_rope_append(&rope, "x", 1));
    CHECK_OK(rove_rope_read(&rope, ROVE_LEN_MAX - 1, &byte, 1, &len));
    CHECK_EQ('x', byte);
    CHECK_OK(rove_rope_read(&rope, ROVE_LEN_MAX, &byte, 1, &len));
    CHECK_EQ(0, len);
    CHECK_IS(ROVE_E_RANGE, rove_rope_read(&rope, ROVE_LEN_MAX + 1, &byte, 1, &len));
    CHECK_OK(rove_rope_view(&rope, 0, ROVE_LEN_MAX, &view));
    CHECK_OK(rove_view_find_byte(&view, ROVE_LEN_MAX - 5000, 'x', &pos));
    CHECK_EQ(ROVE_LEN_MAX - 1, pos);
    CHECK_IS(ROVE_END, rove_view_find(&view, ROVE_LEN_MAX - 5000, "xx", 2, &pos));
    rove_view_fini(&view);
    CHECK_OK(rove_rope_measure(&rope, &figures));
    CHECK_EQ(ROVE_LEN_MAX, figures.len);
    test_alloc_arm(&env.alloc, 1, true); // nobody need try
    CHECK_IS(ROVE_LEN_MAX > SIZE_MAX ? ROVE_E_RANGE : ROVE_E_NOMEM, rove_rope_flatten(&rope, &ptr));
    test_alloc_arm(&env.alloc, 0, false);
    CHECK_EQ(ROVE_LEN_MAX, rove_rope_len(&rope));
    CHECK_SOUND(&rope);
    rove_rope_fini(&rope);
}

// random worlds ---------------------------------------------------------------------------------

#define NO_BUDGET (1u << AT_BUDGET | 1u << PAST_BUDGET)

static void ropes_with_tiny_chunks(void)
{
    limits_live_ropes(&(struct limits_plan){"ropes, chunks of 16", 16, 0, false, 20000, NO_BUDGET});
}

static void ropes_with_small_chunks(void)
{
    limits_live_ropes(
        &(struct limits_plan){"ropes, chunks of 1024", 1024, 0, false, 40000, NO_BUDGET});
}

static void ropes_with_usual_chunks(void)
{
    limits_live_ropes(
        &(struct limits_plan){"ropes, chunks of 64 KiB", 65536, 0, false, 6000, NO_BUDGET});
}

static void ropes_at_their_pools_limit(void)
{
    limits_live_ropes(
        &(struct limits_plan){"ropes, limited", 1024, 400000, false, 4000, 0});
}

static void ropes_of_sleeping_chunks(void)
{
    limits_live_ropes(&(struct limits_plan){"ropes, asleep", 4096, 256 << 10, true, 6000,
                                            1u << AT_BUDGET | 1u << PAST_BUDGET});
}

static void streams_with_tiny_chunks(void)
{
    limits_live_streams(
        &(struct limits_plan){"streams, chunks of 16", 16, 0, false, 20000, NO_BUDGET});
}

static void streams_with_small_chunks(void)
{
    limits_live_streams(
        &(struct limits_plan){"streams, chunks of 1024", 1024, 0, false, 40000, NO_BUDGET});
}

static void streams_with_usual_chunks(void)
{
    limits_live_streams(
        &(struct limits_plan){"streams, chunks of 64 KiB", 65536, 0, false, 6000, NO_BUDGET});
}

static void streams_at_their_pools_limit(void)
{
    limits_live_streams(&(struct limits_plan){"streams, limited", 1024, 400000, false, 30000, 0});
}

static void streams_of_sleeping_chunks(void)
{
    // Most of what is held are nodes, which are as long as pointers are.
    uint64_t limit = (128 + 32 * sizeof(void *)) << 10;
    limits_live_streams(&(struct limits_plan){"streams, asleep", 4096, limit, true, 10000,
                                              1u << AT_BUDGET | 1u << PAST_BUDGET});
}

static const struct suite_case cases[] = {
    SUITE_CASE(zeros_and_then_the_rest),
    SUITE_CASE(every_way_to_the_longest_rope),
    SUITE_CASE(a_tail_that_is_begun_again_has_no_more_room),
    SUITE_CASE(asked_of_the_longest_rope),
    SUITE_CASE(ropes_with_tiny_chunks),
    SUITE_CASE(ropes_with_small_chunks),
    SUITE_CASE(ropes_with_usual_chunks),
    SUITE_CASE(ropes_at_their_pools_limit),
    SUITE_CASE(ropes_of_sleeping_chunks),
    SUITE_CASE(streams_with_tiny_chunks),
    SUITE_CASE(streams_with_small_chunks),
    SUITE_CASE(streams_with_usual_chunks),
    SUITE_CASE(streams_at_their_pools_limit),
    SUITE_CASE(streams_of_sleeping_chunks),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_limits", cases, sizeof cases / sizeof *cases, false});
}
