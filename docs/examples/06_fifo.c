// SPDX-License-Identifier: MIT
// 06_fifo.c: a queue of bytes between two threads: one stream, one lock. The lock is held only to
// hang bytes in and to take them out, both without copying; what is taken is read outside of it.
#include <rove/rove.h>

#include <pthread.h>
#include <stdio.h>

#define RECORDS 200000u
#define FULL (256u << 10) // bytes at which the producer waits

struct fifo {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct rove_stream *bytes; // what was written and not yet taken
    int finished, failed;
};

// Waits until there are fewer (or, to take, more) than that many bytes; the lock is held.
static uint64_t wait_for(struct fifo *fifo, uint64_t limit, int to_take)
{
    uint64_t len = 0;
    while (!fifo->failed) {
        fifo->failed |= rove_stream_size(fifo->bytes, &len) != ROVE_OK;
        if (fifo->failed || (to_take ? len > limit || fifo->finished : len < limit))
            break;
        pthread_cond_wait(&fifo->changed, &fifo->lock);
    }
    return len;
}

// Hangs the bytes of a stream in, which is empty afterwards.
static void put(struct fifo *fifo, struct rove_stream *made)
{
    int failed = rove_stream_seek(made, 0, ROVE_SET, NULL) != ROVE_OK;
    pthread_mutex_lock(&fifo->lock);
    wait_for(fifo, FULL, 0);
    failed = failed || rove_stream_seek(fifo->bytes, 0, ROVE_FROM_END, NULL) ||
             rove_stream_copy(made, fifo->bytes, UINT64_MAX, NULL, NULL);
    fifo->failed |= failed;
    pthread_cond_broadcast(&fifo->changed);
    pthread_mutex_unlock(&fifo->lock);
    if (rove_stream_reset(made) != ROVE_OK)
        fifo->failed = 1;
}

static void *produce(void *arg)
{
    struct fifo *fifo = arg;
    struct rove_stream *made = NULL;
    int failed = rove_stream_new(NULL, &made) != ROVE_OK;
    for (unsigned i = 0; i < RECORDS && !failed; i++) {
        failed = rove_stream_printf(made, "%u;", i) != ROVE_OK;
        if (i % 1000 == 999 && !failed)
            put(fifo, made);
    }
    rove_stream_free(made);
    pthread_mutex_lock(&fifo->lock);
    fifo->failed |= failed;
    fifo->finished = 1; // also after a failure: somebody waits
    pthread_cond_broadcast(&fifo->changed);
    pthread_mutex_unlock(&fifo->lock);
    return NULL;
}

// Takes all there is, and gives the queue's memory back. An empty view: the end.
static uint64_t take(struct fifo *fifo, struct rove_view *view)
{
    pthread_mutex_lock(&fifo->lock);
    uint64_t len = wait_for(fifo, 0, 1);
    int failed = rove_stream_seek(fifo->bytes, 0, ROVE_SET, NULL) ||
                 rove_stream_read_view(fifo->bytes, len, view) ||
                 rove_stream_drop_front(fifo->bytes, len);
    fifo->failed |= failed;
    pthread_cond_broadcast(&fifo->changed);
    pthread_mutex_unlock(&fifo->lock);
    return failed ? 0 : len;
}

// Reads records off a piece, which may end within one. Returns those that are as they should be.
static unsigned check(const struct rove_view *view, unsigned *number, unsigned next)
{
    struct rove_cursor cursor;
    struct rove_span span;
    if (rove_cursor_init(&cursor, view, 0) != ROVE_OK)
        return next;
    while (rove_cursor_next(&cursor, &span) == ROVE_OK)
        for (size_t i = 0; i < span.len; i++) {
            if (span.ptr[i] != ';') {
                *number = *number * 10 + (unsigned) (span.ptr[i] - '0');
                continue;
            }
            next += *number == next;
            *number = 0;
        }
    rove_cursor_fini(&cursor);
    return next;
}

int main(void)
{
    struct fifo fifo = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    pthread_t producer;
    struct rove_view view = {0};
    uint64_t sum = 0, pieces = 0, len;
    unsigned next = 0, number = 0;
    if (rove_stream_new(NULL, &fifo.bytes) != ROVE_OK ||
        pthread_create(&producer, NULL, produce, &fifo) != 0)
        return 1;
    while ((len = take(&fifo, &view)) > 0) {
        next = check(&view, &number, next);
        rove_view_fini(&view);
        sum += len;
        pieces++;
    }
    rove_view_fini(&view);
    pthread_join(producer, NULL);
    printf("%u records in order, %llu bytes in %llu pieces\n", next, (unsigned long long) sum,
           (unsigned long long) pieces);
    rove_stream_free(fifo.bytes);
    return fifo.failed || next != RECORDS;
}
