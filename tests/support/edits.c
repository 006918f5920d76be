// SPDX-License-Identifier: MIT
// edits.c: the random things that happen in a world.
#include "support/edits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rope/node.h"

// sizes -----------------------------------------------------------------------------------------

size_t rng_len(struct rng *rng, size_t chunk_len, size_t most)
{
    static const int delta[] = {-1, 0, 1};
    size_t len;
    switch (rng_below(rng, 8)) {
    case 0:
        len = rng_below(rng, 2);
        break;
    case 1:
        len = chunk_len + (size_t) delta[rng_below(rng, 3)];
        break;
    case 2:
        len = chunk_len * RV_FANOUT + (size_t) delta[rng_below(rng, 3)];
        break;
    case 3:
        len = ROVE_MERGE_LEN + (size_t) delta[rng_below(rng, 3)];
        break;
    case 4:
        len = rng_below(rng, most + 1);
        break;
    default:
        len = 1 + rng_below(rng, 9);
        break;
    }
    return len <= most ? len : rng_below(rng, most + 1);
}

size_t rng_off(struct rng *rng, size_t chunk_len, size_t len)
{
    static const int delta[] = {-1, 0, 1};
    size_t off;
    switch (rng_below(rng, 8)) {
    case 0:
        off = rng_below(rng, 3);
        break;
    case 1:
        off = len - rng_below(rng, 3);
        break;
    case 2:
        off = chunk_len * rng_below(rng, len / chunk_len + 1) + (size_t) delta[rng_below(rng, 3)];
        break;
    default:
        off = rng_below(rng, len + 1);
        break;
    }
    return off <= len ? off : rng_below(rng, len + 1);
}

// acts ------------------------------------------------------------------------------------------

typedef void act_fn(struct world *world, struct twin *twin, struct world_act *act);

static void expect(struct world *world, enum rove_status status, enum rove_status expected)
{
    if (status != expected && !world->wrong)
        world->wrong = status == ROVE_OK ? "a call succeeded that should not" : "a call failed";
}

// Draws a range of the twin and a length to put there that does not let it grow for ever.
static void draw(struct world *world, struct twin *twin, struct world_act *act)
{
    size_t len = twin->model.len;
    act->off = rng_off(&world->rng, world->chunk_len, len);
    act->del = rng_len(&world->rng, world->chunk_len, len - act->off);
    size_t most = world->len_max > len ? world->len_max - len : 0;
    act->len = rng_len(&world->rng, world->chunk_len, most < NOISE_LEN ? most : NOISE_LEN);
}

static void put(struct twin *twin, struct world_act *act, const void *src)
{
    model_replace(&twin->model, act->off, act->del, src, act->len);
}

static void act_append(struct world *world, struct twin *twin, struct world_act *act)
{
    const uint8_t *src = noise(act->len);
    act->off = twin->model.len;
    act->del = 0;
    expect(world, rove_rope_append(&twin->rope, src, act->len), ROVE_OK);
    put(twin, act, src);
}

static void act_append_iov(struct world *world, struct twin *twin, struct world_act *act)
{
    const uint8_t *src = noise(act->len);
    size_t cut = rng_below(&world->rng, act->len + 1);
    struct iovec iov[3] = {{(void *) (uintptr_t) src, cut},
                           {NULL, 0},
                           {(void *) (uintptr_t) (src + cut), act->len - cut}};
    act->off = twin->model.len;
    act->del = 0;
    expect(world, rove_rope_append_iov(&twin->rope, iov, 3), ROVE_OK);
    put(twin, act, src);
}

static void count_release(void *arg, const void *ptr, size_t len)
{
    struct world *world = arg;
    world->releases++;
    memset((void *) (uintptr_t) ptr, 0xdd, len);
    free((void *) (uintptr_t) ptr);
}

static void act_adopt(struct world *world, struct twin *twin, struct world_act *act)
{
    const uint8_t *src = noise(act->len);
    uint8_t *own = malloc(act->len + 1);
    memcpy(own, src, act->len);
    act->off = twin->model.len;
    act->del = 0;
    world->adopts++;
    expect(world, rove_rope_append_adopt(&twin->rope, own, act->len, count_release, world),
           ROVE_OK);
    put(twin, act, src);
}

static void act_zeros(struct world *world, struct twin *twin, struct world_act *act)
{
    uint8_t *zeros = calloc(1, act->len + 1);
    act->off = twin->model.len;
    act->del = 0;
    if (rng_below(&world->rng, 2))
        expect(world, rove_rope_append_zeros(&twin->rope, act->len), ROVE_OK);
    else
        expect(world, rove_rope_resize(&twin->rope, act->off + act->len), ROVE_OK);
    put(twin, act, zeros);
    free(zeros);
}

static void act_reserve(struct world *world, struct twin *twin, struct world_act *act)
{
    uint8_t *run;
    size_t len = 0;
    act->off = twin->model.len;
    act->del = 0;
    expect(world, rove_rope_reserve(&twin->rope, act->len + 1, &run, &len), ROVE_OK);
    if (!len || !run) {
        world->wrong = "a reserved run is empty";
        return;
    }
    memset(run, 0x77, len); // all of the run is ours to write
    act->len = rng_len(&world->rng, world->chunk_len, len < act->len ? len : act->len);
    const uint8_t *src = noise(act->len);
    memcpy(run, src, act->len);
    expect(world, rove_rope_commit(&twin->rope, act->len), ROVE_OK);
    put(twin, act, src);
}

static void act_insert(struct world *world, struct twin *twin, struct world_act *act)
{
    const uint8_t *src = noise(act->len);
    act->del = 0;
    expect(world, rove_rope_insert(&twin->rope, act->off, src, act->len), ROVE_OK);
    put(twin, act, src);
}

static void act_erase(struct world *world, struct twin *twin, struct world_act *act)
{
    act->len = 0;
    act->off = rng_below(&world->rng, 3) ? act->off : 0; // a queue's front has ways of its own
    expect(world, rove_rope_erase(&twin->rope, act->off, act->del), ROVE_OK);
    put(twin, act, NULL);
}

static void act_take(struct world *world, struct twin *twin, struct world_act *act)
{
    uint8_t *got = malloc(act->del + 1);
    size_t len = act->del + 1;
    act->len = act->off = 0;
    expect(world, rove_rope_take(&twin->rope, got, act->del, &len), ROVE_OK);
    if (!world->wrong && (len != act->del || (len && memcmp(got, twin->model.ptr, len) != 0)))
        world->wrong = "other bytes were taken";
    free(got);
    put(twin, act, NULL);
}

static void act_replace(struct world *world, struct twin *twin, struct world_act *act)
{
    const uint8_t *src = noise(act->len);
    expect(world, rove_rope_replace(&twin->rope, act->off, act->del, src, act->len), ROVE_OK);
    put(twin, act, src);
}

static void act_overwrite(struct world *world, struct twin *twin, struct world_act *act)
{
    const uint8_t *src = noise(act->del);
    act->len = act->del;
    expect(world, rove_rope_overwrite(&twin->rope, act->off, src, act->len), ROVE_OK);
    put(twin, act, src);
}

static void act_truncate(struct world *world, struct twin *twin, struct world_act *act)
{
    act->del = twin->model.len - act->off;
    act->len = 0;
    if (rng_below(&world->rng, 2))
        expect(world, rove_rope_truncate(&twin->rope, act->off), ROVE_OK);
    else
        expect(world, rove_rope_resize(&twin->rope, act->off), ROVE_OK);
    put(twin, act, NULL);
}

// Ranges past the end, which must change nothing.
static void act_refused(struct world *world, struct twin *twin, struct world_act *act)
{
    size_t len = twin->model.len;
    act->off = len;
    act->del = act->len = 0;
    expect(world, rove_rope_erase(&twin->rope, len, 1), ROVE_E_RANGE);
    expect(world, rove_rope_replace(&twin->rope, len + 1, 0, "x", 1), ROVE_E_RANGE);
    expect(world, rove_rope_insert(&twin->rope, UINT64_MAX, "x", 1), ROVE_E_RANGE);
    expect(world, rove_rope_overwrite(&twin->rope, len / 2, noise(8), len + 1), ROVE_E_RANGE);
    expect(world, rove_rope_truncate(&twin->rope, len + 1), ROVE_E_RANGE);
}

// Bytes of the rope's own, put elsewhere in it by pointer.
static void act_own_bytes(struct world *world, struct twin *twin, struct world_act *act)
{
    struct rove_view view;
    struct rove_cursor cursor;
    struct rove_span span;
    size_t from = rng_off(&world->rng, world->chunk_len, twin->model.len);
    size_t border = (size_t) twin->rope.tree_len, tail_len = twin->model.len - border;
    if (border && tail_len && rng_below(&world->rng, 3) == 0) { // what is merged when the tail makes way
        from = border - 1 - rng_below(&world->rng, border < 8 ? border : 8);
        act->off = border + rng_below(&world->rng, tail_len);
        act->del = 0;
    }
    if (rove_rope_view(&twin->rope, 0, twin->model.len, &view) != ROVE_OK)
        return;
    act->other = from;
    act->len = 0;
    if (rove_cursor_init(&cursor, &view, from) == ROVE_OK &&
        rove_cursor_next(&cursor, &span) == ROVE_OK && twin->model.len < world->len_max)
        act->len = 1 + rng_below(&world->rng, span.len);
    rove_cursor_fini(&cursor);
    rove_view_fini(&view); // the rope still holds the bytes, and may own them alone
    if (!act->len)
        act->del = 0;
    else if (act->len <= twin->model.len - act->off && rng_below(&world->rng, 2))
        expect(world, rove_rope_overwrite(&twin->rope, act->off, span.ptr, act->del = act->len),
               ROVE_OK);
    else
        expect(world, rove_rope_replace(&twin->rope, act->off, act->del, span.ptr, act->len),
               ROVE_OK);
    model_replace(&twin->model, act->off, act->del, twin->model.ptr + from, act->len);
}

static void act_compact(struct world *world, struct twin *twin, struct world_act *act)
{
    act->del = act->len = 0;
    expect(world, rove_rope_compact(&twin->rope), ROVE_OK);
}

static void act_flatten(struct world *world, struct twin *twin, struct world_act *act)
{
    const uint8_t *ptr = NULL;
    act->del = act->len = 0;
    expect(world, rove_rope_flatten(&twin->rope, &ptr), ROVE_OK);
    if (!ptr || memcmp(ptr, twin->model.len ? twin->model.ptr : ptr, twin->model.len) != 0)
        world->wrong = "flatten gave other bytes";
}

static void act_split_and_join(struct world *world, struct twin *twin, struct world_act *act)
{
    struct rove_rope right;
    act->del = act->len = 0;
    expect(world, rove_rope_split(&twin->rope, act->off, &right), ROVE_OK);
    if (rove_rope_check(&right) || rove_rope_check(&twin->rope) ||
        rove_rope_len(&twin->rope) != act->off)
        world->wrong = "the parts of a split are not sound";
    expect(world, rove_rope_concat(&twin->rope, &right), ROVE_OK);
    if (rove_rope_len(&right))
        world->wrong = "concat left bytes on the right";
    rove_rope_fini(&right);
}

static void act_move(struct world *world, struct twin *twin, struct world_act *act)
{
    struct rove_rope place;
    act->del = act->len = 0;
    rove_rope_move(&place, &twin->rope);
    if (rove_rope_len(&twin->rope))
        world->wrong = "move left bytes behind";
    rove_rope_fini(&twin->rope);
    rove_rope_move(&twin->rope, &place);
    rove_rope_fini(&place);
}

// acts that share -------------------------------------------------------------------------------

static struct twin *another(struct world *world, struct world_act *act)
{
    act->other = rng_below(&world->rng, WORLD_ROPES);
    return &world->ropes[act->other];
}

static void act_clone(struct world *world, struct twin *twin, struct world_act *act)
{
    struct twin *from = another(world, act);
    act->off = act->del = act->len = 0;
    if (from == twin)
        return;
    rove_rope_fini(&twin->rope);
    rove_rope_clone(&twin->rope, &from->rope);
    model_copy(&twin->model, &from->model, 0, from->model.len);
}

static void act_insert_rope(struct world *world, struct twin *twin, struct world_act *act)
{
    struct twin *src = another(world, act);
    act->del = 0;
    act->len = src->model.len;
    if (act->len + twin->model.len > world->len_max * 2)
        act->len = act->del = 0;
    else
        expect(world, rove_rope_insert_rope(&twin->rope, act->off, &src->rope), ROVE_OK);
    model_replace(&twin->model, act->off, 0, src->model.ptr, act->len);
}

// Takes a window of a rope, of another or the same, and puts it in.
static void act_replace_view(struct world *world, struct twin *twin, struct world_act *act)
{
    struct twin *src = another(world, act);
    struct rove_view view;
    size_t from = rng_off(&world->rng, world->chunk_len, src->model.len);
    size_t most = world->len_max * 2 > twin->model.len ? world->len_max * 2 - twin->model.len : 0;
    if (most > src->model.len - from)
        most = src->model.len - from;
    act->len = rng_len(&world->rng, world->chunk_len, most);
    expect(world, rove_rope_view(&src->rope, from, act->len, &view), ROVE_OK);
    if (rng_below(&world->rng, 2)) {
        expect(world, rove_rope_replace_view(&twin->rope, act->off, act->del, &view), ROVE_OK);
    } else {
        act->off = twin->model.len;
        act->del = 0;
        expect(world, rove_rope_append_view(&twin->rope, &view), ROVE_OK);
    }
    rove_view_fini(&view);
    model_replace(&twin->model, act->off, act->del, src->model.ptr + from, act->len);
}

static void act_concat(struct world *world, struct twin *twin, struct world_act *act)
{
    struct twin *right = another(world, act);
    act->off = twin->model.len;
    act->del = act->len = 0;
    if (right == twin) {
        expect(world, rove_rope_concat(&twin->rope, &twin->rope), ROVE_E_ARG);
        return;
    }
    if (twin->model.len + right->model.len > world->len_max * 2)
        return;
    act->len = right->model.len;
    expect(world, rove_rope_concat(&twin->rope, &right->rope), ROVE_OK);
    model_replace(&twin->model, act->off, 0, right->model.ptr, act->len);
    right->model.len = 0;
}

static void act_split(struct world *world, struct twin *twin, struct world_act *act)
{
    struct twin *right = another(world, act);
    act->del = act->len = 0;
    if (right == twin)
        return;
    rove_rope_fini(&right->rope);
    expect(world, rove_rope_split(&twin->rope, act->off, &right->rope), ROVE_OK);
    model_copy(&right->model, &twin->model, act->off, twin->model.len - act->off);
    twin->model.len = act->off;
}

static void act_clear(struct world *world, struct twin *twin, struct world_act *act)
{
    act->off = act->del = act->len = 0;
    if (rng_below(&world->rng, 2)) {
        rove_rope_clear(&twin->rope);
    } else {
        rove_rope_fini(&twin->rope);
        rove_rope_init(&twin->rope, world->pool);
    }
    twin->model.len = 0;
}

// views -----------------------------------------------------------------------------------------

static bool view_matches(const struct world_view *held)
{
    return model_spans_match(&held->view, held->model.ptr, held->model.len);
}

// Lets go of one view, after a look at all of it, and takes another in its place.
static void act_view(struct world *world, struct twin *twin, struct world_act *act)
{
    struct world_view *held = &world->views[rng_below(&world->rng, WORLD_VIEWS)];
    if (held->view.pool && !view_matches(held))
        world->wrong = "a view changed";
    rove_view_fini(&held->view);
    act->len = rng_len(&world->rng, world->chunk_len, twin->model.len - act->off);
    act->del = 0;
    expect(world, rove_rope_view(&twin->rope, act->off, act->len, &held->view), ROVE_OK);
    model_copy(&held->model, &twin->model, act->off, act->len);
    act->len = 0;
}

// A view of a view, whose source then goes.
static void act_sub_view(struct world *world, struct twin *twin, struct world_act *act)
{
    struct world_view *held = &world->views[rng_below(&world->rng, WORLD_VIEWS)];
    struct rove_view sub;
    (void) twin;
    act->del = act->len = 0;
    if (!held->view.pool)
        return;
    size_t off = rng_off(&world->rng, world->chunk_len, held->model.len);
    size_t len = rng_len(&world->rng, world->chunk_len, held->model.len - off);
    expect(world, rove_view_sub(&held->view, off, len, &sub), ROVE_OK);
    rove_view_fini(&held->view);
    held->view = sub;
    struct model window = {0};
    model_copy(&window, &held->model, off, len);
    model_copy(&held->model, &window, 0, len);
    model_fini(&window);
    if (!view_matches(held))
        world->wrong = "a view of a view differs";
}

// the dice --------------------------------------------------------------------------------------

struct act_kind {
    const char *name;
    act_fn *run;
    unsigned weight;
    bool shares, edits;
};

static const struct act_kind kinds[] = {
    {"append", act_append, 12, false, true},
    {"insert", act_insert, 14, false, true},
    {"erase", act_erase, 12, false, true},
    {"take", act_take, 5, false, true},
    {"replace", act_replace, 10, false, true},
    {"overwrite", act_overwrite, 8, false, true},
    {"truncate", act_truncate, 2, false, true},
    {"append_iov", act_append_iov, 3, false, true},
    {"append_adopt", act_adopt, 3, false, true},
    {"append_zeros", act_zeros, 2, false, true},
    {"reserve", act_reserve, 4, false, true},
    {"refused", act_refused, 1, false, false},
    {"replace by own bytes", act_own_bytes, 3, false, true},
    {"compact", act_compact, 1, false, false},
    {"flatten", act_flatten, 1, false, false},
    {"split and concat", act_split_and_join, 4, false, true},
    {"move", act_move, 1, false, false},
    {"clone", act_clone, 8, true, true},
    {"insert_rope", act_insert_rope, 3, true, true},
    {"replace_view", act_replace_view, 8, true, true},
    {"concat", act_concat, 4, true, true},
    {"split", act_split, 4, true, true},
    {"clear", act_clear, 1, true, true},
    {"view", act_view, 8, true, false},
    {"sub-view", act_sub_view, 2, true, false},
};

#define KIND_CNT (sizeof kinds / sizeof *kinds)

static const struct act_kind *roll(struct world *world)
{
    size_t sum = 0;
    for (size_t i = 0; i < KIND_CNT; i++)
        if (world->shared || !kinds[i].shares)
            sum += kinds[i].weight;
    size_t at = rng_below(&world->rng, sum);
    for (size_t i = 0;; i++) {
        if (!world->shared && kinds[i].shares)
            continue;
        if (at < kinds[i].weight)
            return &kinds[i];
        at -= kinds[i].weight;
    }
}

// Compares the bytes around the place of an act.
static bool near_matches(struct twin *twin, const struct world_act *act)
{
    uint8_t got[160];
    size_t off = act->off > 16 ? act->off - 16 : 0, len = 0;
    if (off > twin->model.len)
        off = twin->model.len;
    if (rove_rope_read(&twin->rope, off, got, sizeof got, &len) != ROVE_OK)
        return false;
    size_t most = twin->model.len - off < sizeof got ? twin->model.len - off : sizeof got;
    return len == most && (!len || memcmp(got, twin->model.ptr + off, len) == 0);
}

struct twin *world_step(struct world *world)
{
    struct world_act *act = &world->trace[world->steps++ % WORLD_TRACE];
    const struct act_kind *kind = roll(world);
    *act = (struct world_act){.name = kind->name};
    act->rope = world->shared ? rng_below(&world->rng, WORLD_ROPES) : 0;
    struct twin *twin = &world->ropes[act->rope];
    draw(world, twin, act);
    kind->run(world, twin, act);
    world->edits += kind->edits;
    if (world->wrong)
        return NULL;
    if (rove_rope_len(&twin->rope) != twin->model.len)
        world->wrong = "the length differs";
    else if (!near_matches(twin, act))
        world->wrong = "the bytes differ where the edit was";
    return world->wrong ? NULL : twin;
}

// life ------------------------------------------------------------------------------------------

void world_init(struct world *world, struct rove_pool *pool, uint64_t seed, bool shared)
{
    memset(world, 0, sizeof *world);
    world->rng = rng_from(seed);
    world->pool = pool;
    world->chunk_len = rove_pool_chunk_len(pool);
    world->shared = shared;
    for (size_t i = 0; i < WORLD_ROPES; i++)
        twin_init(&world->ropes[i], pool);
}

void world_fini(struct world *world)
{
    for (size_t i = 0; i < WORLD_ROPES; i++)
        twin_fini(&world->ropes[i]);
    for (size_t i = 0; i < WORLD_VIEWS; i++) {
        rove_view_fini(&world->views[i].view);
        model_fini(&world->views[i].model);
    }
}

bool world_check_all(struct world *world)
{
    for (size_t i = 0; i < WORLD_ROPES && !world->wrong; i++) {
        struct twin *twin = &world->ropes[i];
        struct rove_view all;
        world->wrong = rove_rope_check(&twin->rope);
        if (rove_rope_view(&twin->rope, 0, rove_rope_len(&twin->rope), &all) != ROVE_OK ||
            !model_spans_match(&all, twin->model.ptr, twin->model.len))
            world->wrong = "the bytes differ";
        rove_view_fini(&all);
    }
    for (size_t i = 0; i < WORLD_VIEWS && !world->wrong; i++)
        if (world->views[i].view.pool && !view_matches(&world->views[i]))
            world->wrong = "a view changed";
    return !world->wrong;
}

void world_print(const struct world *world)
{
    fprintf(stderr, "\nchunks of %zu, %s, at step %llu: %s\n", world->chunk_len,
            world->shared ? "shared" : "private", (unsigned long long) world->steps, world->wrong);
    uint64_t first = world->steps > WORLD_TRACE ? world->steps - WORLD_TRACE : 0;
    for (uint64_t i = first; i < world->steps; i++) {
        const struct world_act *act = &world->trace[i % WORLD_TRACE];
        fprintf(stderr, "  %-22s rope %zu, other %zu, off %zu, del %zu, len %zu\n", act->name,
                act->rope, act->other, act->off, act->del, act->len);
    }
}
