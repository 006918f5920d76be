// SPDX-License-Identifier: MIT
// stream_export.cc: row W10 of bench_stream: all of a large object to a descriptor.
#include "stream_rows.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace bench
{

namespace
{

Shared<KeptStream> stream;
Shared<Flat> flat;
#if defined(ROVE_HAVE_ABSL)
Shared<HeldCord> cord;
#endif
#if defined(ROVE_HAVE_LIBEVENT)
Shared<Evbuffer> evbuffer;
#endif

void drop_all()
{
    stream.object.reset();
    flat.object.reset();
#if defined(ROVE_HAVE_ABSL)
    cord.object.reset();
#endif
#if defined(ROVE_HAVE_LIBEVENT)
    evbuffer.object.reset();
#endif
    malloc_forget();
}

constexpr size_t batch_len = 1024; // IOV_MAX

// A short write would skip bytes; these descriptors take all.
void write_batch(int fd, const struct iovec *spans, size_t n)
{
    size_t len = 0;
    for (size_t i = 0; i < n; i++)
        len += spans[i].iov_len;
    if (writev(fd, spans, static_cast<int>(n)) != static_cast<ssize_t>(len))
        die("writev");
}

// Writes all spans of a walk.
template <class Walk> void export_spans(int fd, Walk &&walk)
{
    struct iovec batch[batch_len];
    size_t have = 0;
    walk([&](const char *p, size_t len) {
        batch[have++] = {const_cast<char *>(p), len};
        if (have == batch_len) {
            write_batch(fd, batch, have);
            have = 0;
        }
    });
    if (have)
        write_batch(fd, batch, have);
}

// The object is made with the writer, which is called with the descriptor.
using Writer = std::function<void(int)>;

Writer rove_writer()
{
    struct rove_stream *object = stream.filled();
    return [=](int fd) {
        struct rove_view view;
        uint64_t done;
        ok(rove_stream_snapshot(object, &view));
        ok(rove_view_write_fd(&view, 0, fd, &done));
        rove_view_fini(&view);
        if (done != large())
            die("rove_view_write_fd");
    };
}

Writer array_writer()
{
    return [spans = spans_of(flat.filled(), large(), block)](int fd) {
        for (size_t i = 0; i < spans.size(); i += batch_len)
            write_batch(fd, &spans[i], std::min(spans.size() - i, batch_len));
    };
}

// The kernel takes at most 2 GiB less a page in one call.
Writer flat_writer()
{
    return [bytes = flat.filled().data()](int fd) {
        for (size_t off = 0; off < large();) {
            ssize_t n = write(fd, bytes + off, large() - off);
            if (n <= 0)
                die("write");
            off += static_cast<size_t>(n);
        }
    };
}

#if defined(ROVE_HAVE_ABSL)
Writer cord_writer()
{
    const absl::Cord &object = cord.filled().cord;
    return [&object](int fd) { export_spans(fd, [&](auto sink) { walk_cord(object, sink); }); };
}
#endif
#if defined(ROVE_HAVE_LIBEVENT)
Writer evbuffer_writer()
{
    struct evbuffer *object = evbuffer.filled();
    auto spans = std::make_shared<std::vector<struct evbuffer_iovec>>();
    return
        [=](int fd) { export_spans(fd, [&](auto sink) { walk_evbuffer(object, *spans, sink); }); };
}
#endif

// Writes on and on to where the bytes are dropped at once.
Body to_null(Writer (*make)())
{
    return [=](State &state) {
        int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
        Writer write = make();
        for (auto _ : state)
            write(fd);
        close(fd);
        state.SetItemsProcessed(state.iterations());
    };
}

// Into a file that lives in memory, emptied before each time.
Body to_file(Writer (*make)())
{
    return [=](State &state) {
        int fd = memfd_create("bench", MFD_CLOEXEC);
        if (fd < 0) {
            state.SkipWithError("memfd_create");
            return;
        }
        Writer write = make();
        for (auto _ : state) {
            write(fd);
            untimed(state, [=] {
                if (lseek(fd, 0, SEEK_END) != count(large()) || lseek(fd, 0, SEEK_SET) != 0 ||
                    ftruncate(fd, 0) != 0)
                    die("the file has another length");
            });
        }
        close(fd);
        state.SetItemsProcessed(state.iterations());
    };
}

} // namespace

void rows_w10()
{
    Row null("W10 export to /dev/null");
    Row file("W10 write to a memory file");
    null.rove(to_null(rove_writer));
    file.rove(to_file(rove_writer), once);
#if defined(ROVE_HAVE_ABSL)
    null.peer("Cord 64K", to_null(cord_writer));
    file.peer("Cord 64K", to_file(cord_writer), once);
#endif
#if defined(ROVE_HAVE_LIBEVENT)
    null.peer("evbuffer", to_null(evbuffer_writer));
    file.peer("evbuffer", to_file(evbuffer_writer), once);
#endif
    null.limit("array of spans", to_null(array_writer)).goal(at_most(8.9, "array of spans"));
    file.limit("flat", to_file(flat_writer), once).goal(at_most(1.02, "flat")).after(drop_all);
}

} // namespace bench
