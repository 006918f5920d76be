// SPDX-License-Identifier: MIT
// peers.h: the peers that Debian packages, as objects of the shape that objects.h describes.
#ifndef BENCH_PEERS_H
#define BENCH_PEERS_H

#include "objects.h"

#if defined(ROVE_HAVE_ABSL)
#include <absl/base/config.h>
#include <absl/strings/cord.h>
#include <absl/strings/cord_buffer.h>
#endif
#if defined(ROVE_HAVE_LIBEVENT)
#include <event2/buffer.h>
#include <event2/event.h>
#endif
#if defined(ROVE_HAVE_GLIB)
#include <glib.h>
#endif
#if defined(ROVE_HAVE_BOOST)
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/multi_buffer.hpp>
#include <boost/circular_buffer.hpp>
#include <boost/version.hpp>
#endif

namespace bench
{

// Says which peers there are.
inline void note_peers()
{
    std::string text = "peers: libstdc++ " + std::to_string(_GLIBCXX_RELEASE);
#if defined(ROVE_HAVE_ABSL)
    text += ", abseil " + std::to_string(ABSL_LTS_RELEASE_VERSION);
#endif
#if defined(ROVE_HAVE_LIBEVENT)
    text += std::string(", libevent ") + event_get_version();
#endif
#if defined(ROVE_HAVE_GLIB)
    text += ", GLib " + std::to_string(glib_major_version) + "." +
            std::to_string(glib_minor_version) + "." + std::to_string(glib_micro_version);
#endif
#if defined(ROVE_HAVE_BOOST)
    text += std::string(", Boost ") + BOOST_LIB_VERSION;
#endif
    note(text);
}

// ---- abseil -----------------------------------------------------------------------------------

#if defined(ROVE_HAVE_ABSL)

struct PlainCord : Appends<PlainCord> {
    absl::Cord cord;

    auto appender()
    {
        return [this](const char *p, size_t n) { cord.Append(absl::string_view(p, n)); };
    }
};

struct HeldCord : Held<HeldCord> {
    absl::Cord cord;
    absl::CordBuffer buffer;

    explicit HeldCord(size_t = 0)
    {
    }
    void next()
    {
        settle();
        buffer = absl::CordBuffer::CreateWithCustomLimit(block, block);
        cur = buffer.available().data();
        end = cur + buffer.available().size();
    }
    void settle()
    {
        if (!end)
            return;
        buffer.IncreaseLengthBy(buffer.available().size() - static_cast<size_t>(end - cur));
        cord.Append(std::move(buffer));
        cur = end = nullptr;
    }
    void empty()
    {
        settle();
        cord.Clear();
    }
    size_t len()
    {
        settle();
        return cord.size();
    }
};

// Cord has no edits: they are put together from its parts.
template <class Add> void cord_replace(absl::Cord &object, size_t off, size_t del, const Add &add)
{
    absl::Cord made = object.Subcord(0, off);
    made.Append(add);
    made.Append(object.Subcord(off + del, object.size() - off - del));
    object = std::move(made);
}

template <class Sink> void walk_cord(const absl::Cord &object, Sink &&sink)
{
    for (absl::string_view chunk : object.Chunks())
        sink(chunk.data(), chunk.size());
}

#endif

// ---- libevent ---------------------------------------------------------------------------------

#if defined(ROVE_HAVE_LIBEVENT)

struct Evbuffer : Appends<Evbuffer> {
    struct evbuffer *buffer = evbuffer_new();

    explicit Evbuffer(size_t = 0)
    {
    }
    ~Evbuffer()
    {
        evbuffer_free(buffer);
    }
    operator struct evbuffer *()
    {
        return buffer;
    }
    auto appender()
    {
        return [to = buffer](const char *p, size_t n) { evbuffer_add(to, p, n); };
    }
    void empty()
    {
        evbuffer_drain(buffer, evbuffer_get_length(buffer));
    }
    size_t len() const
    {
        return evbuffer_get_length(buffer);
    }
};

struct HeldEvbuffer : Held<HeldEvbuffer> {
    Evbuffer all;
    struct evbuffer_iovec space = {};

    explicit HeldEvbuffer(size_t = 0)
    {
    }
    // It rounds up to a power of two, its own header included: asked for 64 KiB it would take 128.
    void next()
    {
        settle();
        if (evbuffer_reserve_space(all, block * 3 / 4, &space, 1) != 1)
            die("evbuffer_reserve_space");
        cur = static_cast<char *>(space.iov_base);
        end = cur + space.iov_len;
    }
    void settle()
    {
        if (!end)
            return;
        space.iov_len -= static_cast<size_t>(end - cur);
        evbuffer_commit_space(all, &space, 1);
        cur = end = nullptr;
    }
    void empty()
    {
        settle();
        all.empty();
    }
    size_t len()
    {
        settle();
        return all.len();
    }
};

// It hands its spans out in arrays only.
template <class Sink>
void walk_evbuffer(struct evbuffer *object, std::vector<struct evbuffer_iovec> &spans, Sink &&sink)
{
    if (spans.empty())
        spans.resize(static_cast<size_t>(evbuffer_peek(object, -1, nullptr, nullptr, 0)));
    evbuffer_peek(object, -1, nullptr, spans.data(), static_cast<int>(spans.size()));
    for (const struct evbuffer_iovec &span : spans)
        sink(static_cast<const char *>(span.iov_base), span.iov_len);
}

#endif

// ---- GLib -------------------------------------------------------------------------------------

#if defined(ROVE_HAVE_GLIB)

struct ByteArray : Appends<ByteArray> {
    GByteArray *array;

    explicit ByteArray(size_t n) : array(g_byte_array_sized_new(static_cast<guint>(n)))
    {
    }
    ~ByteArray()
    {
        g_byte_array_unref(array);
    }
    auto appender()
    {
        return [to = array](const char *p, size_t n) {
            g_byte_array_append(to, reinterpret_cast<const guint8 *>(p), static_cast<guint>(n));
        };
    }
    void empty()
    {
        g_byte_array_set_size(array, 0);
    }
    size_t len() const
    {
        return array->len;
    }
};

#endif

// ---- Boost ------------------------------------------------------------------------------------

#if defined(ROVE_HAVE_BOOST)

template <class Buffer> void beast_append(Buffer &buffer, const void *p, size_t len)
{
    boost::asio::buffer_copy(buffer.prepare(len), boost::asio::const_buffer(p, len));
    buffer.commit(len);
}

// Copies the first len bytes out and drops them.
template <class Buffer> void beast_take(Buffer &buffer, void *to, size_t len)
{
    boost::asio::buffer_copy(boost::asio::mutable_buffer(to, len), buffer.data());
    buffer.consume(len);
}

struct MultiBuffer : Appends<MultiBuffer> {
    boost::beast::multi_buffer buffer;

    explicit MultiBuffer(size_t = 0)
    {
    }
    auto appender()
    {
        return [this](const char *p, size_t n) { beast_append(buffer, p, n); };
    }
    void empty()
    {
        buffer.consume(buffer.size());
    }
    size_t len() const
    {
        return buffer.size();
    }
};

template <class Sink> void walk_multi_buffer(const boost::beast::multi_buffer &object, Sink &&sink)
{
    auto all = object.data();
    for (auto it = boost::asio::buffer_sequence_begin(all);
         it != boost::asio::buffer_sequence_end(all); ++it) {
        boost::asio::const_buffer one = *it;
        sink(static_cast<const char *>(one.data()), one.size());
    }
}

#endif

} // namespace bench

#endif
