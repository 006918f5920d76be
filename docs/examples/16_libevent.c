// SPDX-License-Identifier: MIT
// 16_libevent.c: sends a view by libevent without copying it. The evbuffer gets references to the view's spans; a copy
// of the view, which costs O(1), keeps them until the last has gone out.
// needs: libevent
#include <rove/rove.h>

#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOTAL ((uint64_t) 3 << 20) // bytes to send

// Keeps a view as long as evbuffers refer to its bytes.
struct hold {
    struct rove_view view;
    size_t cnt; // references, and one of its maker
};

static void let_go(const void *ptr, size_t len, void *arg)
{
    struct hold *hold = arg;
    (void) ptr, (void) len;
    if (--hold->cnt)
        return;
    rove_view_fini(&hold->view);
    free(hold);
}

// Appends a view's bytes to an evbuffer, all or none. view: the caller may drop it at once.
static int add_view(struct evbuffer *out, const struct rove_view *view)
{
    struct evbuffer *spans = evbuffer_new();
    struct hold *hold = malloc(sizeof *hold);
    if (!spans || !hold || rove_view_sub(view, 0, rove_view_len(view), &hold->view)) {
        free(hold);
        if (spans)
            evbuffer_free(spans);
        return 1;
    }
    hold->cnt = 1;
    int failed = 0;
    for (uint64_t off = 0, len = 0; off < rove_view_len(view) && !failed; off += len) {
        struct iovec iov[64];
        size_t cnt = 64;
        failed = rove_view_iov(&hold->view, off, iov, &cnt, &len) != ROVE_OK;
        for (size_t i = 0; i < cnt && !failed; i++) {
            failed =
                evbuffer_add_reference(spans, iov[i].iov_base, iov[i].iov_len, let_go, hold) != 0;
            hold->cnt += !failed;
        }
    }
    failed = failed || evbuffer_add_buffer(out, spans) != 0; // moves the references
    evbuffer_free(spans);
    let_go(NULL, 0, hold);
    return failed;
}

// Sends a view through a pair of sockets, a little at a time, and reads it at the other end.
static int transfer(const int fds[2], const struct rove_view *view, struct rove_rope *got)
{
    struct evbuffer *out = evbuffer_new();
    struct rove_pool_figures before, after;
    rove_pool_measure(NULL, &before);
    int failed = !out || add_view(out, view);
    rove_pool_measure(NULL, &after);
    failed = failed || after.take_cnt != before.take_cnt; // no chunk was taken for it
    while (!failed && rove_rope_len(got) < rove_view_len(view)) {
        if (evbuffer_get_length(out)) // by writev(), and lets go of what was sent
            failed = evbuffer_write_atmost(out, fds[0], 65536) <= 0;
        failed = failed || rove_rope_read_fd(got, fds[1], 256u << 10, NULL);
    }
    if (out)
        evbuffer_free(out);
    return failed;
}

int main(void)
{
    struct rove_rope rope, received;
    struct rove_view sent = {0}, got = {0};
    int fds[2] = {-1, -1}, order = 1;
    rove_rope_init(&rope, NULL);
    rove_rope_init(&received, NULL);
    int failed = socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0;
    while (rove_rope_len(&rope) < TOTAL && !failed)
        failed = rove_rope_append(&rope, "0123456789abcdef", 16) != ROVE_OK;
    failed = failed || rove_rope_view(&rope, 0, TOTAL, &sent) || transfer(fds, &sent, &received) ||
             rove_rope_view(&received, 0, rove_rope_len(&received), &got) ||
             rove_view_compare(&sent, &got, &order) || order != 0;
    printf("%llu bytes went out by reference\n", (unsigned long long) rove_view_len(&got));
    rove_view_fini(&got);
    rove_view_fini(&sent);
    rove_rope_fini(&received);
    rove_rope_fini(&rope);
    close(fds[0]);
    close(fds[1]);
    return failed;
}
