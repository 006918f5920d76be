// SPDX-License-Identifier: MIT
// 17_epoll_lines.c: a server that answers lines, on epoll. Each connection has two ropes as queues: what came in and is
// no whole line yet, and what the socket has not taken. Whoever does not read his answers is not read from.
// needs: sys/epoll.h
#define _GNU_SOURCE 1 // accept4()
#include <rove/rove.h>

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    CLIENTS = 4,
    LINES = 3000,
    LINE_MAX_LEN = 1024,
    FULL = 64 << 10
}; // bytes, the last two

struct peer {
    int fd, ended; // ended: nothing more comes, but answers may be left
    struct rove_rope in, out;
};

// Answers the lines that are complete. The part of one that is not stays for when more has come.
static enum rove_status answer_lines(struct peer *peer)
{
    static const struct rove_span newline = {(const uint8_t *) "\n", 1};
    char line[LINE_MAX_LEN];
    enum rove_status status = ROVE_OK;
    size_t len;
    while (status == ROVE_OK && rove_rope_len(&peer->out) < FULL) {
        status = rove_rope_take_until(&peer->in, newline, line, sizeof line, &len);
        if (status == ROVE_END)
            return ROVE_OK;
        if (status == ROVE_OK && line[len - 1] != '\n')
            return ROVE_E_LIMIT; // too long: a part came, of exactly the length of the array
        if (status == ROVE_OK)
            status = rove_rope_append(&peer->out, "> ", 2);
        if (status == ROVE_OK)
            status = rove_rope_append(&peer->out, line, len);
    }
    return status;
}

// Reads once, so that the next connection has its turn; epoll tells again. Lines that were left because too many answers
// waited are answered when those have gone.
static enum rove_status serve(struct peer *peer)
{
    enum rove_status status = ROVE_OK;
    if (!peer->ended && rove_rope_len(&peer->out) < FULL)
        status = rove_rope_read_fd(&peer->in, peer->fd, 16384, NULL);
    peer->ended |= status == ROVE_END;
    if (status == ROVE_END || status == ROVE_E_AGAIN)
        status = ROVE_OK;
    while (status == ROVE_OK && (status = answer_lines(peer)) == ROVE_OK &&
           rove_rope_len(&peer->out))
        status = rove_rope_write_fd(&peer->out, peer->fd, UINT64_MAX, NULL);
    return status == ROVE_E_AGAIN ? ROVE_OK : status;
}

static int watch(int poll_fd, int how, struct peer *peer)
{
    uint64_t left = rove_rope_len(&peer->out);
    struct epoll_event event = {.data.ptr = peer};
    if (!peer->ended && left < FULL)
        event.events |= EPOLLIN;
    if (left)
        event.events |= EPOLLOUT;
    return epoll_ctl(poll_fd, how, peer->fd, &event);
}

static void drop(struct peer *peer)
{
    close(peer->fd); // epoll forgets it
    rove_rope_fini(&peer->in);
    rove_rope_fini(&peer->out);
    free(peer);
}

static int welcome(int poll_fd, int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) // who has gone again before he was served is no reason to end
        return errno != ECONNABORTED && errno != EAGAIN && errno != EINTR;
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer) {
        close(fd);
        return 1;
    }
    peer->fd = fd;
    rove_rope_init(&peer->in, NULL);
    rove_rope_init(&peer->out, NULL);
    if (watch(poll_fd, EPOLL_CTL_ADD, peer) == 0)
        return 0;
    drop(peer);
    return 1;
}

// Serves until so many connections have come and gone.
static int run(int poll_fd, int listener, int left)
{
    struct epoll_event events[16], listening = {.events = EPOLLIN, .data.ptr = NULL};
    int failed = epoll_ctl(poll_fd, EPOLL_CTL_ADD, listener, &listening);
    while (left && !failed) {
        int cnt = epoll_wait(poll_fd, events, 16, -1);
        failed |= cnt < 0 && errno != EINTR; // which also being stopped and continued brings about
        for (int i = 0; i < cnt; i++) {
            struct peer *peer = events[i].data.ptr;
            if (!peer) {
                failed |= welcome(poll_fd, listener);
            } else if (serve(peer) || (peer->ended && !rove_rope_len(&peer->out)) ||
                       watch(poll_fd, EPOLL_CTL_MOD, peer)) {
                drop(peer);
                left--;
            }
        }
    }
    return failed;
}

// ---- Clients --------------------------------------------------------------------------------------

struct client {
    pthread_t thread;
    struct sockaddr_in addr;
    int failed;
};

static void *ask(void *arg)
{
    struct client *client = arg;
    struct rove_rope rope, expected, got;
    struct rove_view a = {0}, b = {0};
    int fd = socket(AF_INET, SOCK_STREAM, 0), order = 1;
    rove_rope_init(&rope, NULL), rove_rope_init(&expected, NULL), rove_rope_init(&got, NULL);
    client->failed = connect(fd, (struct sockaddr *) &client->addr, sizeof client->addr) != 0;
    for (int i = 0; i < LINES && !client->failed; i++) {
        char line[32];
        int len = snprintf(line, sizeof line, "> line %d\n", i);
        client->failed = rove_rope_append(&rope, line + 2, (size_t) len - 2) ||
                         rove_rope_append(&expected, line, (size_t) len);
    }
    while (!client->failed && rove_rope_len(&rope))
        client->failed = rove_rope_write_fd(&rope, fd, 700, NULL) != ROVE_OK; // lines in pieces
    enum rove_status status = ROVE_OK;
    client->failed |= shutdown(fd, SHUT_WR) != 0;
    while (!client->failed && status == ROVE_OK)
        status = rove_rope_read_fd(&got, fd, 65536, NULL);
    client->failed |= status != ROVE_END || rove_rope_view(&got, 0, rove_rope_len(&got), &a) ||
                      rove_rope_view(&expected, 0, rove_rope_len(&expected), &b) ||
                      rove_view_compare(&a, &b, &order) || order != 0;
    rove_view_fini(&a), rove_view_fini(&b);
    rove_rope_fini(&rope), rove_rope_fini(&expected), rove_rope_fini(&got);
    close(fd);
    return NULL;
}

int main(void)
{
    struct client clients[CLIENTS];
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t addr_len = sizeof addr;
    int started = 0, good = 0, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int poll_fd = epoll_create1(0);
    signal(SIGPIPE, SIG_IGN); // whoever goes away early must not end the server
    if (poll_fd < 0 || bind(listener, (struct sockaddr *) &addr, sizeof addr) ||
        listen(listener, CLIENTS) || getsockname(listener, (struct sockaddr *) &addr, &addr_len))
        return 1;
    for (; started < CLIENTS; started++) {
        clients[started].addr = addr;
        if (pthread_create(&clients[started].thread, NULL, ask, &clients[started]))
            break;
    }
    int failed = run(poll_fd, listener, started) || started < CLIENTS;
    close(listener);
    for (int i = 0; i < started; i++) {
        pthread_join(clients[i].thread, NULL);
        good += !clients[i].failed;
    }
    printf("%d of %d clients got all their answers\n", good, CLIENTS);
    close(poll_fd);
    return failed || good != CLIENTS;
}
