// SPDX-License-Identifier: MIT
// 20_zerocopy.c: sends a view by MSG_ZEROCOPY: the kernel reads our chunks when it likes and says later when it is done.
// The view pins them until then, whatever becomes of the rope. Where the kernel refuses, the same bytes are copied.
// needs: linux/errqueue.h
#include <rove/rove.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <linux/errqueue.h>

#define TOTAL ((uint64_t) 8 << 20) // bytes to send

struct sender {
    int fd, zerocopy;
    uint32_t sent, done,
        copied; // calls with MSG_ZEROCOPY; of these let go; of these copied all the same
};

// Reads the kernel's notes on what it has let go; each tells of a range of calls, counted from 0.
static int read_notes(struct sender *sender)
{
    union {
        char room[128];
        struct cmsghdr align;
    } control;
    struct msghdr msg = {.msg_control = &control, .msg_controllen = sizeof control};
    while (recvmsg(sender->fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0) {
        for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
            struct sock_extended_err note;
            memcpy(&note, CMSG_DATA(cmsg), sizeof note);
            if (note.ee_errno != 0 || note.ee_origin != SO_EE_ORIGIN_ZEROCOPY)
                return 1;
            sender->done += note.ee_data - note.ee_info + 1;
            if (note.ee_code & SO_EE_CODE_ZEROCOPY_COPIED)
                sender->copied += note.ee_data - note.ee_info + 1;
        }
        msg.msg_controllen = sizeof control;
    }
    return errno != EAGAIN;
}

// Waits for a note, which poll() tells as POLLERR without being asked.
static int wait_for_notes(struct sender *sender)
{
    struct pollfd waiting = {.fd = sender->fd};
    return poll(&waiting, 1, 30000) != 1 || read_notes(sender);
}

static int send_view(struct sender *sender, const struct rove_view *view)
{
    for (uint64_t off = 0; off < rove_view_len(view);) {
        struct iovec iov[64];
        size_t cnt = 64;
        uint64_t len;
        if (rove_view_iov(view, off, iov, &cnt,
                          &len)) // what it shows stays where it is as long as the view
            return 1;
        struct msghdr msg = {.msg_iov = iov, .msg_iovlen = cnt};
        int waits = sender->done != sender->sent;
        ssize_t got =
            sendmsg(sender->fd, &msg, MSG_NOSIGNAL | (sender->zerocopy ? MSG_ZEROCOPY : 0));
        if (got >= 0) {
            sender->sent += sender->zerocopy != 0;
            off += (uint64_t) got;
        } else if (errno == ENOBUFS && sender->zerocopy && waits) { // too much is pinned already
            if (wait_for_notes(sender))
                return 1;
        } else if (errno == ENOBUFS && sender->zerocopy) {
            sender->zerocopy = 0; // even one call is too much: copy
        } else if (errno != EINTR) {
            return 1;
        }
        if (sender->done != sender->sent &&
            read_notes(sender)) // they are counted against the socket's memory
            return 1;
    }
    while (sender->done != sender->sent)
        if (wait_for_notes(sender))
            return 1;
    return 0; // from here on the view may be dropped
}

// ---- The other end, and what is sent --------------------------------------------------------------

struct reader {
    int fd;
    struct rove_rope got;
};

static void *read_all(void *arg)
{
    struct reader *reader = arg;
    while (rove_rope_read_fd(&reader->got, reader->fd, 256u << 10, NULL) == ROVE_OK)
        continue;
    return NULL;
}

// Two ends of a TCP connection; a pipe or a Unix socket knows no MSG_ZEROCOPY.
static int connect_ends(int *out_fd, int *in_fd)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof addr;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    *out_fd = socket(AF_INET, SOCK_STREAM, 0);
    int failed = bind(listener, (struct sockaddr *) &addr, sizeof addr) || listen(listener, 1) ||
                 getsockname(listener, (struct sockaddr *) &addr, &len) ||
                 connect(*out_fd, (struct sockaddr *) &addr, sizeof addr);
    *in_fd = failed ? -1 : accept(listener, NULL, NULL);
    close(listener);
    return *in_fd < 0;
}

int main(void)
{
    struct sender sender = {.fd = -1};
    struct reader reader = {.fd = -1};
    struct rove_rope rope;
    struct rove_view sent = {0}, got = {0};
    pthread_t thread;
    int one = 1, order = 1;
    rove_rope_init(&rope, NULL);
    rove_rope_init(&reader.got, NULL);
    int failed = connect_ends(&sender.fd, &reader.fd);
    sender.zerocopy = setsockopt(sender.fd, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof one) == 0;
    while (rove_rope_len(&rope) < TOTAL && !failed)
        failed = rove_rope_append(&rope, "0123456789abcdef", 16) != ROVE_OK;
    failed = failed || rove_rope_view(&rope, 0, TOTAL, &sent);
    int reading = !failed && pthread_create(&thread, NULL, read_all, &reader) == 0;
    rove_rope_clear(&rope); // the view has its own hold
    failed = !reading || send_view(&sender, &sent);
    close(sender.fd);
    if (reading)
        pthread_join(thread, NULL);
    close(reader.fd);
    failed = failed || rove_rope_view(&reader.got, 0, rove_rope_len(&reader.got), &got) ||
             rove_view_compare(&sent, &got, &order) || order != 0;
    printf("%llu bytes in %u calls with MSG_ZEROCOPY, of which the kernel copied %u\n",
           (unsigned long long) rove_view_len(&got), sender.sent, sender.copied);
    rove_view_fini(&got);
    rove_view_fini(&sent);
    rove_rope_fini(&reader.got);
    rove_rope_fini(&rope);
    return failed;
}
