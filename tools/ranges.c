// SPDX-License-Identifier: MIT
// ranges.c: threads take ranges in their order, and each waits for those before its own before it joins. As all take as
// long, they hardly wait, and a state for each thread is enough.
#include "ranges.h"

#include "progress.h"

#include <errno.h>
#include <pthread.h>
#include <rove/chain.h>
#include <rove/registry.h>
#include <stdlib.h>
#include <unistd.h>

#define RANGE_LEN ((uint64_t) 4 << 20) // a millisecond or more: far longer than waking a thread
#define READ_LEN ((size_t) 256 << 10)  // still in the cache when it is summed
#define OPTIONS_MAX 8

struct ranges {
    const struct rove_filter *filter;
    int fd;
    uint64_t len;
    void *head;           // what was joined
    pthread_mutex_t lock; // of head, and of all below
    pthread_cond_t news;
    uint64_t begun, joined; // bytes
    bool failed;
};

// states ------------------------------------------------------------------------------------------

static void *host_alloc(void *ctx, size_t len)
{
    (void) ctx;
    return malloc(len);
}

static void host_free(void *ctx, void *ptr)
{
    (void) ctx;
    free(ptr);
}

// NULL: it cannot be had.
static void *state_open(const struct rove_filter *filter)
{
    static const struct rove_host host = {sizeof host, ROVE_FILTER_ABI, NULL, host_alloc, host_free, NULL};
    static const struct rove_value none[OPTIONS_MAX];
    void *state = calloc(1, filter->state_len > 0 ? filter->state_len : 1);

    if (state != NULL && filter->open(state, &host, none) != ROVE_OK) {
        free(state);
        return NULL;
    }
    return state;
}

static void state_close(const struct rove_filter *filter, void *state)
{
    if (state != NULL)
        filter->close(state);
    free(state);
}

// Whether all of its options are unset when they are not given, so that a state can be opened without a chain.
static bool is_plain(const struct rove_filter *filter)
{
    size_t cnt = 0;

    while (filter->options[cnt].key != NULL && filter->options[cnt].fallback == NULL && cnt < OPTIONS_MAX)
        cnt++;
    return filter->options[cnt].key == NULL;
}

// threads -----------------------------------------------------------------------------------------

static bool sum_range(const struct ranges *r, void *state, uint8_t *buf, uint64_t from, uint64_t to)
{
    while (from < to) {
        size_t want = to - from < READ_LEN ? (size_t) (to - from) : READ_LEN;
        ssize_t got = pread(r->fd, buf, want, (off_t) from);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        struct rove_in in = {buf, (size_t) got};
        if (r->filter->run(state, &in, NULL, ROVE_RUN) != ROVE_OK || in.len > 0)
            return false;
        from += (uint64_t) got;
    }
    return true;
}

// Takes the next range: *from_out, and where it ends. 0: there is none.
static uint64_t take(struct ranges *r, uint64_t *from_out)
{
    uint64_t to = 0;

    pthread_mutex_lock(&r->lock);
    if (!r->failed && r->begun < r->len) {
        *from_out = r->begun;
        to = r->len - r->begun < RANGE_LEN ? r->len : r->begun + RANGE_LEN;
        r->begun = to;
    }
    pthread_mutex_unlock(&r->lock);
    return to;
}

// Appends a range to what was joined, when that has come so far.
static void join(struct ranges *r, void *state, uint64_t from, uint64_t to)
{
    pthread_mutex_lock(&r->lock);
    while (r->joined < from && !r->failed)
        pthread_cond_wait(&r->news, &r->lock);
    r->failed = r->failed || r->filter->join(r->head, state, to - from) != ROVE_OK;
    r->joined = to;
    pthread_cond_broadcast(&r->news);
    pthread_mutex_unlock(&r->lock);
}

static void fail(struct ranges *r)
{
    pthread_mutex_lock(&r->lock);
    r->failed = true;
    pthread_cond_broadcast(&r->news);
    pthread_mutex_unlock(&r->lock);
}

// A thread that has no memory leaves the work to the others.
static void *run_thread(void *arg)
{
    struct ranges *r = arg;
    void *state = state_open(r->filter);
    uint8_t *buf = malloc(READ_LEN);
    uint64_t from, to, done = 0;

    progress_begin("summing", r->len);
    while (state != NULL && buf != NULL && (to = take(r, &from)) > 0) {
        if (r->filter->reset(state) == ROVE_OK && sum_range(r, state, buf, from, to))
            join(r, state, from, to);
        else
            fail(r);
        progress_at(done += to - from);
    }
    progress_end();
    free(buf);
    state_close(r->filter, state);
    return NULL;
}

// With the calling thread, and as many others as can be made.
static void run_all(struct ranges *r, size_t thread_cnt)
{
    pthread_t *threads = calloc(thread_cnt, sizeof *threads);
    size_t made = 0;

    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->news, NULL);
    while (threads != NULL && made + 1 < thread_cnt && pthread_create(&threads[made], NULL, run_thread, r) == 0)
        made++;
    (void) run_thread(r);
    while (made > 0)
        pthread_join(threads[--made], NULL);
    free(threads);
    pthread_cond_destroy(&r->news);
    pthread_mutex_destroy(&r->lock);
}

size_t ranges_digest(const char *name, const struct source *src, size_t thread_cnt, uint8_t *digest)
{
    struct ranges r = {.filter = rove_filter_find(name, ROVE_ENCODE), .fd = src->fd, .len = source_size(src)};
    size_t len = 0;
    uint8_t more;

    if (thread_cnt > r.len / RANGE_LEN)
        thread_cnt = (size_t) (r.len / RANGE_LEN);
    if (src->path == NULL || thread_cnt < 2 || r.filter == NULL || r.filter->dir != ROVE_TAP || !is_plain(r.filter))
        return 0;
    r.head = state_open(r.filter);
    if (r.head != NULL)
        run_all(&r, thread_cnt);
    if (r.head != NULL && !r.failed && r.joined == r.len && pread(r.fd, &more, 1, (off_t) r.len) == 0)
        len = r.filter->digest(r.head, digest, ROVE_DIGEST_MAX);
    state_close(r.filter, r.head);
    return len <= ROVE_DIGEST_MAX ? len : 0;
}
