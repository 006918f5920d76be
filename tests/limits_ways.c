// SPDX-License-Identifier: MIT
// limits_ways.c: every call that edits a rope, done to a job; and the tally of limits.
#include "limits_kit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chunk/raw.h"
#include "rope/node.h"
#include "support/shapes.h"
#include "support/suite.h"

uint64_t limits_adopts, limits_releases;

struct rove_pool *limits_pool(const struct limits_plan *plan)
{
    struct rove_pool_opts opts = {.size = sizeof opts,
                                  .allocator = &env.alloc.table,
                                  .chunk_len = plan->chunk_len,
                                  .memory_limit = plan->memory_limit,
                                  .flags = plan->spill ? ROVE_POOL_SPILL : 0};
    struct rove_pool *pool = NULL;
    if (!plan->memory_limit)
        return suite_pool_new(&env.alloc.table, plan->chunk_len);
    CHECK_OK(rove_pool_new(&opts, &pool));
    return pool;
}

// jobs ------------------------------------------------------------------------------------------

static const uint8_t *bytes_of(const struct job *job)
{
    return job->mid.cnt ? job->mid.run[0].ptr : NULL;
}

static size_t len_of(const struct job *job)
{
    return (size_t) job->mid.len;
}

enum rove_status job_expected(const struct job *job, uint64_t len)
{
    return job->mid.len <= ROVE_LEN_MAX - (len - job->del) ? ROVE_OK : ROVE_E_RANGE;
}

enum rove_status job_fill(struct job *job, struct rove_pool *pool)
{
    rove_rope_init(&job->rope, pool);
    enum rove_status status = bytes_of(job)
                                  ? rove_rope_append(&job->rope, bytes_of(job), len_of(job))
                                  : rove_rope_append_zeros(&job->rope, job->mid.len);
    return status ? status : rove_rope_view(&job->rope, 0, job->mid.len, &job->view);
}

void job_fini(struct job *job)
{
    rove_view_fini(&job->view);
    rove_rope_fini(&job->rope);
}

// ways ------------------------------------------------------------------------------------------

static enum rove_status append(struct rove_rope *rope, struct job *job)
{
    return rove_rope_append(rope, bytes_of(job), len_of(job));
}

static enum rove_status append_iov(struct rove_rope *rope, struct job *job)
{
    uint8_t *src = (uint8_t *) (uintptr_t) bytes_of(job);
    size_t half = len_of(job) / 2;
    struct iovec iov[3] = {{src, half}, {NULL, 0}, {src ? src + half : src, len_of(job) - half}};
    return rove_rope_append_iov(rope, iov, 3);
}

static void count_release(void *arg, const void *ptr, size_t len)
{
    (void) arg;
    (void) ptr;
    (void) len;
    limits_releases++;
}

static enum rove_status append_adopt(struct rove_rope *rope, struct job *job)
{
    limits_adopts++;
    return rove_rope_append_adopt(rope, bytes_of(job), len_of(job), count_release, NULL);
}

static enum rove_status append_file(struct rove_rope *rope, struct job *job)
{
    int fd = file_of(bytes_of(job), len_of(job));
    enum rove_status status = rove_rope_append_file(rope, fd, 0, len_of(job));
    close(fd);
    return status;
}

static enum rove_status reserve_and_commit(struct rove_rope *rope, struct job *job)
{
    uint8_t *run;
    size_t len;
    if (!len_of(job))
        return ROVE_OK;
    enum rove_status status = rove_rope_reserve(rope, len_of(job), &run, &len);
    if (status)
        return status;
    memset(run, 0x77, len); // all of the run may be written
    if (len > len_of(job))
        len = len_of(job);
    memcpy(run, bytes_of(job), len);
    sparse_copy(&job->mid, &job->mid, 0, len);
    return rove_rope_commit(rope, len);
}

static enum rove_status append_zeros(struct rove_rope *rope, struct job *job)
{
    return rove_rope_append_zeros(rope, job->mid.len);
}

static enum rove_status resize(struct rove_rope *rope, struct job *job)
{
    return rove_rope_resize(rope, job->off + job->mid.len);
}

static enum rove_status append_view(struct rove_rope *rope, struct job *job)
{
    return rove_rope_append_view(rope, &job->view);
}

static enum rove_status concat(struct rove_rope *rope, struct job *job)
{
    enum rove_status status = rove_rope_concat(rope, &job->rope);
    bool right = rove_rope_len(&job->rope) == (status ? job->mid.len : 0);
    return right ? status : ROVE_E_STATE;
}

static enum rove_status insert(struct rove_rope *rope, struct job *job)
{
    return rove_rope_insert(rope, job->off, bytes_of(job), len_of(job));
}

static enum rove_status replace(struct rove_rope *rope, struct job *job)
{
    return rove_rope_replace(rope, job->off, job->del, bytes_of(job), len_of(job));
}

static enum rove_status replace_the_end(struct rove_rope *rope, struct job *job)
{
    return replace(rope, job);
}

static enum rove_status insert_rope(struct rove_rope *rope, struct job *job)
{
    return rove_rope_insert_rope(rope, job->off, &job->rope);
}

static enum rove_status replace_view(struct rove_rope *rope, struct job *job)
{
    return rove_rope_replace_view(rope, job->off, job->del, &job->view);
}

static enum rove_status overwrite(struct rove_rope *rope, struct job *job)
{
    return rove_rope_overwrite(rope, job->off, bytes_of(job), len_of(job));
}

static enum rove_status erase(struct rove_rope *rope, struct job *job)
{
    return rove_rope_erase(rope, job->off, job->del);
}

static enum rove_status truncate_(struct rove_rope *rope, struct job *job)
{
    return rove_rope_truncate(rope, job->off);
}

const struct way ways[WAYS] = {
    {"append", append, WAY_AT_END},
    {"append_iov", append_iov, WAY_AT_END},
    {"append_adopt", append_adopt, WAY_AT_END},
    {"append_file", append_file, WAY_AT_END},
    {"reserve, commit", reserve_and_commit, WAY_AT_END | WAY_SOME},
    {"append_zeros", append_zeros, WAY_AT_END | WAY_ZEROS},
    {"resize, longer", resize, WAY_AT_END | WAY_ZEROS},
    {"append_view", append_view, WAY_AT_END | WAY_ANY},
    {"concat", concat, WAY_AT_END | WAY_ANY},
    {"insert", insert, WAY_NO_DEL},
    {"replace", replace, 0},
    {"replace, at the end", replace_the_end, WAY_TO_END},
    {"insert_rope", insert_rope, WAY_NO_DEL | WAY_ANY},
    {"replace_view", replace_view, WAY_ANY},
    {"overwrite", overwrite, WAY_SAME},
    {"erase", erase, WAY_NO_MID},
    {"truncate", truncate_, WAY_NO_MID | WAY_TO_END},
    {"resize, shorter", resize, WAY_NO_MID | WAY_TO_END},
};

// scarcity --------------------------------------------------------------------------------------

struct squeeze squeeze_begin(struct rove_pool *pool, uint64_t left)
{
    struct rv_budget *budget = pool->budget;
    uint64_t held = rv_figure_get(&budget->held);
    struct squeeze none = {NULL, 0, 0};
    if (held + left > budget->limit)
        return none;
    struct squeeze squeeze = {budget, left, budget->limit - held - left};
    if (!rv_budget_take(budget, squeeze.taken))
        return none;
    rv_figure_add(&budget->held_peak, held + squeeze.taken - rv_figure_get(&budget->held_peak));
    return squeeze;
}

bool squeeze_end(struct squeeze *squeeze)
{
    struct rv_budget *budget = squeeze->budget;
    uint64_t peak = rv_figure_get(&budget->held_peak);
    bool shortens = peak > budget->limit; // then it may use what is kept for that
    rv_budget_give(budget, squeeze->taken);
    return squeeze->left >= LEAST_BLOCK &&
           budget->limit + (shortens ? budget->headroom : 0) - peak < LEAST_BLOCK;
}

// the tally -------------------------------------------------------------------------------------

const char *const limit_names[LIMITS] = {
    "longest rope", "longer refused", "room cut by it", "chunk full", "claim another's",
    "leaf full",    "tree full",      "merge length",   "budget full", "budget refused",
};

static void tally_tail(struct tally *tally, const struct rove_rope *rope)
{
    const uint8_t *end = rope->tail->data + rope->tail->cap;
    tally->cnt[AT_CHUNK] += end - rope->cur <= 1;
    tally->cnt[AT_ROOM_CUT] += rope->end < end && rope->end - rope->cur <= 1 &&
                               rove_rope_len(rope) + 1 >= ROVE_LEN_MAX;
    tally->cnt[AT_CLAIM] += rope->end == rope->cur && rope->cur < end &&
                            rv_mark_get(&rope->tail->mark) != (size_t) (rope->cur - rope->tail->data);
}

void tally_rope(struct tally *tally, const struct rove_rope *rope, unsigned height)
{
    bool full = rope->root != NULL, leaf = false;
    for (const struct rv_node *node = rope->root; node;) {
        leaf = node->cnt >= RV_FANOUT - 1;
        full = full && leaf;
        node = node->level ? rv_kid(node, node->cnt - 1u) : NULL;
    }
    tally->steps++;
    tally->cnt[AT_LONGEST] += rove_rope_len(rope) >= ROVE_LEN_MAX - 1;
    tally->cnt[AT_LEAF] += leaf;
    tally->cnt[AT_HEIGHT] += full || rv_height(rope->root) > height;
    if (rope->tail)
        tally_tail(tally, rope);
}

void tally_report(const struct tally *tally, const struct limits_plan *plan,
                  struct rove_pool *pool)
{
    char line[400];
    struct rove_pool_figures figures;
    int at = snprintf(line, sizeof line, "%s: %" PRIu64 " steps;", plan->name, tally->steps);
    for (size_t i = 0; i < LIMITS; i++) {
        at += snprintf(line + at, sizeof line - (size_t) at, " %s %" PRIu64 "%s", limit_names[i],
                       tally->cnt[i], i + 1 < LIMITS ? "," : "");
        CHECK(tally->cnt[i] > 0 || plan->without >> i & 1);
    }
    suite_note("%s", line);
    rove_pool_measure(pool, &figures);
    if (plan->spill)
        suite_note("%" PRIu64 " sleeps, %" PRIu64 " wakes", figures.sleep_cnt, figures.wake_cnt);
    CHECK(!plan->spill || (figures.sleep_cnt > 20 && figures.wake_cnt > 5));
}
