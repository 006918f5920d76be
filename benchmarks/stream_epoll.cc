// SPDX-License-Identifier: MIT
// stream_epoll.cc: row Q2 of bench_stream: messages through a pair of sockets that do not block, with a queue
// in front of the one and another behind the other, as an event loop has them.
#include "bounds.h"
#include "stream_rows.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace bench
{

namespace
{

// A pair of sockets, and what waits for both.
struct Wire {
    int end[2], poll;

    Wire()
    {
        poll = epoll_create1(0);
        if (poll < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, end) != 0)
            die("a pair of sockets");
        watch(0, EPOLLOUT);
        watch(1, EPOLLIN);
    }
    Wire(const Wire &) = delete;
    Wire &operator=(const Wire &) = delete;
    ~Wire()
    {
        close(end[0]);
        close(end[1]);
        close(poll);
    }
    void watch(int which, uint32_t events)
    {
        struct epoll_event event = {};
        event.events = events;
        event.data.fd = end[which];
        if (epoll_ctl(poll, EPOLL_CTL_ADD, end[which], &event) != 0)
            die("epoll_ctl");
    }
};

struct RopeQueue {
    Rope made;
    struct rove_rope *rope = made;

    size_t len() const
    {
        return static_cast<size_t>(rove_rope_len(rope));
    }
    void put(const char *p, size_t n)
    {
        ok(rove_rope_append(rope, p, n));
    }
    void take(char *to, size_t n)
    {
        ok(rove_rope_take(rope, to, n, nullptr));
    }
    void send(int fd)
    {
        passed(rove_rope_write_fd(rope, fd, UINT64_MAX, nullptr));
    }
    void receive(int fd, size_t room)
    {
        passed(rove_rope_read_fd(rope, fd, room, nullptr));
    }
    static void passed(enum rove_status status)
    {
        if (status != ROVE_E_AGAIN)
            ok(status);
    }
};

#if defined(ROVE_HAVE_LIBEVENT)
// evbuffer_read() takes no more than 4 KiB at a time, so there is room asked for and read into: all that it gives, which
// may be more than was asked for.
struct EvbufferQueue {
    Evbuffer made;
    struct evbuffer *buffer = made;

    size_t len() const
    {
        return made.len();
    }
    void put(const char *p, size_t n)
    {
        evbuffer_add(buffer, p, n);
    }
    void take(char *to, size_t n)
    {
        evbuffer_remove(buffer, to, n);
    }
    void send(int fd)
    {
        evbuffer_write(buffer, fd);
    }
    void receive(int fd, size_t room)
    {
        struct evbuffer_iovec spans[2];
        int cnt = evbuffer_reserve_space(buffer, static_cast<ev_ssize_t>(room), spans, 2);
        ssize_t got = readv(fd, spans, cnt);
        for (int i = 0; i < cnt; i++) {
            size_t part = got > 0 ? std::min(static_cast<size_t>(got), spans[i].iov_len) : 0;
            spans[i].iov_len = part;
            got -= static_cast<ssize_t>(part);
        }
        evbuffer_commit_space(buffer, spans, cnt);
    }
};
#endif

// The copies and the system calls, and nothing else: one run of memory that begins anew when it is empty.
struct RingQueue {
    Pages memory = Pages(8 * block);
    size_t in = 0, out = 0;

    size_t len() const
    {
        return in - out;
    }
    void put(const char *p, size_t n)
    {
        if (n > 8 * block - in)
            die("a queue is full");
        std::memcpy(memory.data() + in, p, n);
        in += n;
    }
    void took(size_t n)
    {
        out += n;
        if (out == in)
            in = out = 0;
    }
    void take(char *to, size_t n)
    {
        std::memcpy(to, memory.data() + out, n);
        took(n);
    }
    void send(int fd)
    {
        ssize_t sent = write(fd, memory.data() + out, in - out);
        took(sent > 0 ? static_cast<size_t>(sent) : 0);
    }
    void receive(int fd, size_t room)
    {
        ssize_t got = read(fd, memory.data() + in, std::min(room, 8 * block - in));
        in += got > 0 ? static_cast<size_t>(got) : 0;
    }
};

// Puts so many messages in, and waits for the sockets until all have come out: take(i) for each. A read has room for
// all of them: with less, who gives more than is asked for would read more at once than the others.
template <class Queue, class Take>
void pass(Wire &wire, Queue &out, Queue &in, size_t n, size_t cnt, Take &&take)
{
    size_t room = std::max(block, cnt * n);
    for (size_t i = 0; i < cnt; i++)
        out.put(source() + (i & 15) * block, n);
    for (size_t taken = 0; taken < cnt;) {
        struct epoll_event events[2];
        int ready = epoll_wait(wire.poll, events, 2, -1);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd == wire.end[1])
                in.receive(wire.end[1], room);
            else if (out.len())
                out.send(wire.end[0]);
        }
        for (; in.len() >= n; taken++)
            take(taken);
    }
}

template <class Queue, size_t N> void pass_messages(State &state)
{
    constexpr size_t cnt = N < 16 * KiB ? 64 * KiB / N : 4;
    malloc_keeps(true);
    Wire wire;
    Queue out, in;
    Sink sink(N);
    for (int round = 0; round < 4; round++)
        pass(wire, out, in, N, cnt, [&](size_t i) {
            char *to = sink.next();
            in.take(to, N);
            if (std::memcmp(to, source() + (i & 15) * block, N) != 0)
                die("a message arrives with other bytes");
        });
    for (auto _ : state)
        pass(wire, out, in, N, cnt, [&](size_t) { in.take(sink.next(), N); });
    state.SetItemsProcessed(state.iterations() * count(cnt));
}

template <size_t N> void message_row(const std::string &name)
{
    Row row("Q2 epoll, messages of " + name);
    row.rove(pass_messages<RopeQueue, N>);
#if defined(ROVE_HAVE_LIBEVENT)
    row.peer("evbuffer", pass_messages<EvbufferQueue, N>);
#endif
    row.bound("copies and calls alone", pass_messages<RingQueue, N>);
    row.goal(at_most(1.0, "evbuffer"));
}

} // namespace

void rows_q2()
{
    message_row<64>("64 B");
    message_row<512>("512 B");
    message_row<1460>("1460 B");
    message_row<4 * KiB>("4 KiB");
    message_row<16 * KiB>("16 KiB");
    message_row<64 * KiB>("64 KiB");
}

} // namespace bench
