// SPDX-License-Identifier: MIT
// 03_snapshot_while_writing.c: one thread writes records, others read snapshots of them meanwhile.
// No lock, no copy: a snapshot is O(1), and what is written after it is not in it.
#include <rove/rove.h>

#include <pthread.h>
#include <stdio.h>

enum { READERS = 4, RECORDS = 25000 }; // records written before each snapshot

// What a reader gets: a view that is its own now, and how many lines it should find.
struct job {
    pthread_t thread;
    struct rove_view snapshot;
    uint64_t expected, found;
};

static void *count_lines(void *arg)
{
    struct job *job = arg;
    uint64_t pos = 0;
    while (rove_view_find_byte(&job->snapshot, pos, '\n', &pos) == ROVE_OK) {
        job->found++;
        pos++;
    }
    rove_view_fini(&job->snapshot);
    return NULL;
}

// Writes the next records, pins all there is so far and hands that to a thread of its own.
static int write_and_hand_over(struct rove_stream *log, struct job *job, int number)
{
    for (int i = 0; i < RECORDS; i++)
        if (rove_stream_printf(log, "record %d\n", number * RECORDS + i))
            return 1;
    job->expected = (uint64_t) (number + 1) * RECORDS;
    if (rove_stream_snapshot(log, &job->snapshot))
        return 1;
    if (pthread_create(&job->thread, NULL, count_lines, job) == 0)
        return 0;
    rove_view_fini(&job->snapshot);
    return 1;
}

int main(void)
{
    struct rove_stream *log = NULL;
    struct job jobs[READERS] = {0};
    int started = 0, failed = rove_stream_new(NULL, &log) != ROVE_OK;
    for (; started < READERS && !failed; started += !failed)
        failed = write_and_hand_over(log, &jobs[started], started);
    for (int i = 0; i < started; i++) {
        failed |= pthread_join(jobs[i].thread, NULL) != 0 || jobs[i].found != jobs[i].expected;
        printf("reader %d: %llu lines\n", i, (unsigned long long) jobs[i].found);
    }
    rove_stream_free(log);
    return failed;
}
