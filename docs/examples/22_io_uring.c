// SPDX-License-Identifier: MIT
// 22_io_uring.c: writes a view to a file by io_uring, four pieces at once. Each write has a view of its own piece, which
// pins the chunks that the kernel reads, until the completion is there. Without io_uring in the kernel: by writev().
// needs: liburing
#include <rove/rove.h>

#include <liburing.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TOTAL ((uint64_t) 9 << 20)     // bytes
#define PIECE_LEN ((uint64_t) 1 << 20) // bytes
enum {
    AT_ONCE = 4,
    SPANS = 16
};

// A write under way. All of it stays as it is until the completion, the array, too.
struct job {
    struct rove_view piece;
    uint64_t at, done; // where it begins in the file; bytes written
    struct iovec iov[SPANS];
};

// Has the kernel write what is left of the piece, or some of that.
static int go_on(struct io_uring *ring, int fd, struct job *job)
{
    size_t cnt = SPANS;
    uint64_t len;
    if (rove_view_iov(&job->piece, job->done, job->iov, &cnt, &len))
        return 1;
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    if (!sqe)
        return 1;
    io_uring_prep_writev(sqe, fd, job->iov, (unsigned) cnt, job->at + job->done);
    io_uring_sqe_set_data(sqe, job);
    return io_uring_submit(ring) != 1;
}

static int begin(struct io_uring *ring, int fd, struct job *job, const struct rove_view *view)
{
    uint64_t left = rove_view_len(view) - job->at;
    job->done = 0;
    int failed = rove_view_sub(view, job->at, left < PIECE_LEN ? left : PIECE_LEN, &job->piece) ||
                 go_on(ring, fd, job);
    if (failed)
        rove_view_fini(&job->piece);
    return failed;
}

// Waits for one completion, and writes on what came short. Returns the job that is over, with its view dropped, or NULL.
static struct job *complete(struct io_uring *ring, int fd, int *failed)
{
    struct io_uring_cqe *cqe;
    if (io_uring_wait_cqe(ring, &cqe) < 0) // a signal: the writes are still under way
        return NULL;
    struct job *job = io_uring_cqe_get_data(cqe);
    *failed |= cqe->res <= 0;
    job->done += cqe->res > 0 ? (uint64_t) cqe->res : 0;
    io_uring_cqe_seen(ring, cqe);
    if (!*failed && job->done < rove_view_len(&job->piece) && !(*failed = go_on(ring, fd, job)))
        return NULL;
    rove_view_fini(&job->piece);
    return job;
}

// Writes all of a view. After a failure it still waits for what is under way: only then may anything be let go.
static int write_view(struct io_uring *ring, int fd, const struct rove_view *view)
{
    struct job jobs[AT_ONCE], *idle[AT_ONCE];
    int idle_cnt = AT_ONCE, failed = 0;
    for (int i = 0; i < AT_ONCE; i++)
        idle[i] = &jobs[i];
    for (uint64_t at = 0;;) {
        while (idle_cnt && at < rove_view_len(view) && !failed) {
            idle[idle_cnt - 1]->at = at;
            failed = begin(ring, fd, idle[idle_cnt - 1], view);
            idle_cnt -= !failed;
            at += PIECE_LEN;
        }
        if (idle_cnt == AT_ONCE)
            return failed;
        struct job *over = complete(ring, fd, &failed);
        if (over)
            idle[idle_cnt++] = over;
    }
}

int main(void)
{
    char path[] = "/tmp/rove-uring-XXXXXX";
    struct io_uring ring;
    struct rove_rope rope, back;
    struct rove_view view = {0}, read_back = {0};
    int order = 1, fd = mkstemp(path);
    rove_rope_init(&rope, NULL);
    rove_rope_init(&back, NULL);
    int failed = fd < 0 || unlink(path) != 0;
    while (rove_rope_len(&rope) < TOTAL && !failed)
        failed = rove_rope_append(&rope, "0123456789abcdef", 16) != ROVE_OK;
    failed = failed || rove_rope_view(&rope, 0, TOTAL, &view);
    int by_ring = !failed && io_uring_queue_init(AT_ONCE, &ring, 0) == 0;
    if (by_ring) {
        failed = write_view(&ring, fd, &view);
        io_uring_queue_exit(&ring);
    } else {
        failed = failed || rove_view_write_fd(&view, 0, fd, NULL);
    }
    failed = failed || rove_rope_append_file(&back, fd, 0, UINT64_MAX) ||
             rove_rope_view(&back, 0, rove_rope_len(&back), &read_back) ||
             rove_view_compare(&view, &read_back, &order) || order != 0;
    printf("%llu bytes written by %s\n", (unsigned long long) rove_view_len(&read_back),
           by_ring ? "io_uring" : "writev()");
    rove_view_fini(&read_back);
    rove_view_fini(&view);
    rove_rope_fini(&back);
    rove_rope_fini(&rope);
    close(fd);
    return failed;
}
