// SPDX-License-Identifier: MIT
// stream.hpp: streams, chains of filters, indexes, and which filters there are. See <rove/rove.hpp>.
#ifndef ROVE_STREAM_HPP
#define ROVE_STREAM_HPP

#include <rove/rope.hpp>

namespace rove {

class stream;

// Where decoding can begin in coded data, or nothing. Also stream::index() gives one.
class index : public detail::counted<rove_index, rove_index_ref, rove_index_unref> {
  public:
    using counted::counted;
    static index make(stream &source, const std::string &spec = "auto", uint64_t every = 0,
                      const rove_limits *most = nullptr, rove_status *st = nullptr);
    static index load(stream &from, stream &source, rove_status *st = nullptr);
    static index load(stream &source, rove_status *st = nullptr); // of data that hold their own
    void save(const std::string &format, stream &source, stream &to, rove_status *st = nullptr) const;
    rove_index_figures measure() const noexcept
    {
        detail::sized<rove_index_figures> figures;
        rove_index_measure(get(), &figures);
        return figures;
    }

  private:
    template <class Call> static index made(Call call, rove_status *st)
    {
        rove_index *out = nullptr;
        const rove_status status = call(&out);
        index held(out); // with ROVE_E_TRAILING, too, which may be thrown
        detail::check_said(status, st, status < 0 ? rove_index_explain() : "");
        return held;
    }
};

// One cursor for reading and writing: over a rope, a descriptor, a FILE, functions, or a chain on another stream.
//
// What is destroyed without close() is abandoned, as rove_stream_free() tells: what an exception has cut off never looks
// complete to who reads it. So close() what you write.
class stream {
  public:
    stream() noexcept = default; // none: every call on it is ROVE_E_ARG
    explicit stream(rove_stream *taken) noexcept : stream_(taken) {}
    stream(stream &&other) noexcept : stream_(other.release()) {}
    stream &operator=(stream &&other) noexcept
    {
        stream old(std::exchange(stream_, other.release()));
        return *this;
    }
    ~stream() { rove_stream_free(stream_); }
    rove_stream *get() const noexcept { return stream_; }
    rove_stream *release() noexcept { return std::exchange(stream_, nullptr); }
    explicit operator bool() const noexcept { return stream_ != nullptr; }

    // Makes one; after a failure that was not thrown it is none.
    static stream memory(const pool &on = pool(), rove_status *st = nullptr)
    {
        return made([&](rove_stream **out) { return rove_stream_new(on.get(), out); }, st);
    }
    static stream copy(bytes src, const pool &on = pool(), rove_status *st = nullptr)
    {
        return made([&](rove_stream **out) { return rove_stream_from_bytes(src.data(), src.size(), on.get(), out); }, st);
    }
    static stream over(rope &&content, rove_status *st = nullptr)
    {
        return made([&](rove_stream **out) { return rove_stream_from_rope(content.get(), out); }, st);
    }
    static stream fd(int fd, unsigned flags = 0, const pool &on = pool(), rove_status *st = nullptr)
    {
        return made([&](rove_stream **out) { return rove_stream_from_fd(fd, flags, on.get(), out); }, st);
    }
    static stream file(std::FILE *file, const pool &on = pool(), rove_status *st = nullptr)
    {
        return made([&](rove_stream **out) { return rove_stream_from_file(file, on.get(), out); }, st);
    }
    static stream io(const rove_io &io, void *ctx, const pool &on = pool(), rove_status *st = nullptr)
    {
        return made([&](rove_stream **out) { return rove_stream_from_io(&io, ctx, on.get(), out); }, st);
    }
    static stream open(const std::string &path, const char *mode, const char *spec = nullptr,
                       const rove_limits *most = nullptr, rove_status *st = nullptr)
    {
        rove_stream *out = nullptr;
        const rove_status status = rove_stream_open(path.c_str(), mode, spec, most, &out);
        detail::check_text(status, st, spec, mode && *mode == 'r' ? ROVE_DECODE : ROVE_ENCODE);
        return stream(out);
    }

    // Through a chain. What is below is borrowed, and must outlive the top; or, moved in, owned by the top and closed with
    // it (after a failure it is still where it was).
    static stream encode(stream &sink, const std::string &spec, const rove_limits *most = nullptr,
                         rove_status *st = nullptr)
    {
        return chained(rove_stream_encode, sink, spec, most, st);
    }
    static stream encode(stream &&sink, const std::string &spec, const rove_limits *most = nullptr,
                         rove_status *st = nullptr)
    {
        return owning(chained(rove_stream_encode, sink, spec, most, st), sink, st);
    }
    static stream decode(stream &source, const std::string &spec = "auto", const rove_limits *most = nullptr,
                         rove_status *st = nullptr)
    {
        return chained(rove_stream_decode, source, spec, most, st);
    }
    static stream decode(stream &&source, const std::string &spec = "auto", const rove_limits *most = nullptr,
                         rove_status *st = nullptr)
    {
        return owning(chained(rove_stream_decode, source, spec, most, st), source, st);
    }
    static stream decode(stream &source, const rove::index &points, const rove_limits *most = nullptr,
                         rove_status *st = nullptr)
    {
        return made([&](rove_stream **out) { return rove_stream_decode_index(source.get(), points.get(), most, out); }, st);
    }
    static stream decode(stream &&source, const rove::index &points, const rove_limits *most = nullptr,
                         rove_status *st = nullptr)
    {
        return owning(decode(source, points, most, st), source, st);
    }

    // Asks.
    uint64_t tell(rove_status *st = nullptr) const
    {
        return asked<uint64_t>([&](uint64_t *pos) { return rove_stream_tell(stream_, pos); }, st);
    }
    uint64_t size(rove_status *st = nullptr) const
    {
        return asked<uint64_t>([&](uint64_t *len) { return rove_stream_size(stream_, len); }, st);
    }
    bool is_closed() const noexcept { return rove_stream_is_closed(stream_) != 0; }
    rove_status failure() const noexcept { return rove_stream_error(stream_); } // the one that sticks
    const char *explain() const noexcept { return rove_stream_explain(stream_); }
    void clear_error() noexcept { rove_stream_clear_error(stream_); }

    // Reads. Fewer bytes than there is room for come only at the end; or with a failure that is not thrown.
    size_t read(room to, rove_status *st = nullptr)
    {
        return asked<size_t>([&](size_t *len) { return rove_stream_read(stream_, to.data(), to.size(), len); }, st);
    }
    size_t pread(uint64_t off, room to, rove_status *st = nullptr)
    {
        return asked<size_t>([&](size_t *len) { return rove_stream_pread(stream_, off, to.data(), to.size(), len); }, st);
    }
    // All from the cursor to the end. ROVE_END is told as ROVE_OK.
    std::string read_all(rove_status *st = nullptr)
    {
        std::string out;
        rove_status status = ROVE_OK;
        while (status == ROVE_OK) {
            const size_t at = out.size();
            out.resize(at + std::clamp(at, size_t{4096}, size_t{16} << 20));
            out.resize(at + read(room(&out[at], out.size() - at), &status));
        }
        check(status == ROVE_END ? ROVE_OK : status, st, stream_);
        return out;
    }
    bytes peek(rove_status *st = nullptr)
    {
        return asked<rove_span>([&](rove_span *out) { return rove_stream_peek(stream_, &out->ptr, &out->len); }, st);
    }
    // The next line with its delimiter, valid until the next call; empty at the end. Or `for (bytes line : in.lines())`.
    bytes line(char delim = '\n', size_t max = 0, rove_status *st = nullptr)
    {
        const uint8_t byte = static_cast<uint8_t>(delim);
        return asked<rove_span>([&](rove_span *out) { return rove_stream_line(stream_, byte, max, out); }, st);
    }
    auto lines(char delim = '\n') noexcept { return line_range{this, delim}; }
    view read_view(uint64_t len, rove_status *st = nullptr)
    {
        return view(asked<rove_view>([&](rove_view *out) { return rove_stream_read_view(stream_, len, out); }, st));
    }

    // Writes.
    void write(bytes src, rove_status *st = nullptr)
    {
        check(rove_stream_write(stream_, src.data(), src.size()), st, stream_);
    }
    void write(const view &src, rove_status *st = nullptr)
    {
        check(rove_stream_write_view(stream_, src.get()), st, stream_);
    }
    void pwrite(uint64_t off, bytes src, rove_status *st = nullptr)
    {
        check(rove_stream_pwrite(stream_, off, src.data(), src.size()), st, stream_);
    }
    room reserve(size_t len, rove_status *st = nullptr)
    {
        uint8_t *ptr = nullptr;
        size_t got = 0;
        return check(rove_stream_reserve(stream_, len, &ptr, &got), st, stream_) ? room(ptr, got) : room();
    }
    void commit(size_t len, rove_status *st = nullptr) { check(rove_stream_commit(stream_, len), st, stream_); }
    void insert(bytes src, rove_status *st = nullptr)
    {
        check(rove_stream_insert(stream_, src.data(), src.size()), st, stream_);
    }
    void insert(const view &src, rove_status *st = nullptr)
    {
        check(rove_stream_insert_view(stream_, src.get()), st, stream_);
    }
    void erase(uint64_t len, rove_status *st = nullptr) { check(rove_stream_erase(stream_, len), st, stream_); }
    void drop_front(uint64_t len, rove_status *st = nullptr) { check(rove_stream_drop_front(stream_, len), st, stream_); }
    // The first bytes; fewer where there are no more.
    size_t take(room to, rove_status *st = nullptr)
    {
        return asked<size_t>([&](size_t *len) { return rove_stream_take(stream_, to.data(), to.size(), len); }, st);
    }
    rove_hole hole(size_t len, rove_status *st = nullptr)
    {
        return asked<rove_hole>([&](rove_hole *out) { return rove_stream_hole(stream_, len, out); }, st);
    }
    void fill(rove_hole hole, bytes src, rove_status *st = nullptr)
    {
        check(rove_stream_fill(stream_, hole, src.data(), src.size()), st, stream_);
    }
    // From this cursor to the other's; what is thrown explains the stream that failed.
    uint64_t copy_to(stream &to, uint64_t len = UINT64_MAX, const rove_progress *progress = nullptr,
                     rove_status *st = nullptr)
    {
        uint64_t copied = 0;
        const rove_status status = rove_stream_copy(stream_, to.stream_, len, progress, &copied);
        check(status, st, rove_stream_error(to.stream_) == status ? to.stream_ : stream_);
        return copied;
    }

    // Moves, cuts, ends.
    uint64_t seek(int64_t off, rove_whence whence = ROVE_SET, rove_status *st = nullptr)
    {
        return asked<uint64_t>([&](uint64_t *pos) { return rove_stream_seek(stream_, off, whence, pos); }, st);
    }
    void truncate(uint64_t len, rove_status *st = nullptr) { check(rove_stream_truncate(stream_, len), st, stream_); }
    void resize(uint64_t len, rove_status *st = nullptr) { check(rove_stream_resize(stream_, len), st, stream_); }
    void flush(rove_status *st = nullptr) { check(rove_stream_flush(stream_), st, stream_); }
    void finish(rove_status *st = nullptr) { check(rove_stream_finish(stream_), st, stream_); }
    void close(rove_status *st = nullptr) { check(rove_stream_close(stream_), st, stream_); }
    void reset(rove_status *st = nullptr) { check(rove_stream_reset(stream_), st, stream_); }
    void rechain(stream &other, rove_status *st = nullptr)
    {
        check(rove_stream_rechain(stream_, other.stream_), st, stream_);
    }

    // Takes out.
    view snapshot(rove_status *st = nullptr)
    {
        return view(asked<rove_view>([&](rove_view *out) { return rove_stream_snapshot(stream_, out); }, st));
    }
    rope clone(rove_status *st = nullptr)
    {
        rope out((rope::storage()));
        if (!check(rove_stream_clone_rope(stream_, out.get()), st, stream_))
            rove_rope_init(out.get(), nullptr);
        return out;
    }
    rope steal(rove_status *st = nullptr)
    {
        rope out((rope::storage()));
        if (!check(rove_stream_steal(stream_, out.get()), st, stream_))
            rove_rope_init(out.get(), nullptr);
        return out;
    }
    bytes flatten(rove_status *st = nullptr)
    {
        return asked<rove_span>([&](rove_span *out) { return rove_stream_flatten(stream_, &out->ptr, &out->len); }, st);
    }
    // What layer number `layer` of the chain has summed up, counted from 0.
    std::vector<uint8_t> digest(size_t layer = 0, rove_status *st = nullptr)
    {
        uint8_t sum[ROVE_DIGEST_MAX];
        size_t len = 0;
        check(rove_stream_digest(stream_, layer, sum, sizeof sum, &len), st, stream_);
        return std::vector<uint8_t>(sum, sum + len);
    }
    void mark(uint64_t every = 0, rove_status *st = nullptr) { check(rove_stream_mark(stream_, every), st, stream_); }
    rove::index index(rove_status *st = nullptr)
    {
        return rove::index(asked<rove_index *>([&](rove_index **out) { return rove_stream_index(stream_, out); }, st));
    }

  private:
    struct line_range {
        stream *from;
        char delim;
        bytes next() { return from->line(delim); }
        detail::stepper<line_range> begin() { return detail::stepper<line_range>(this); }
        detail::stepper<line_range> end() noexcept { return {}; }
    };

    template <class T, class Call> T asked(Call call, rove_status *st) const { return got<T>(call, st, stream_); }
    template <class Make> static stream made(Make make, rove_status *st) { return stream(got<rove_stream *>(make, st)); }
    template <class Make>
    static stream chained(Make make, stream &below, const std::string &spec, const rove_limits *most, rove_status *st)
    {
        rove_stream *out = nullptr;
        rove_spec_error wrong = {};
        const rove_status status = make(below.stream_, spec.c_str(), most, &out, &wrong);
        detail::check_said(status, st, wrong.text, wrong.off);
        return stream(out);
    }
    static stream owning(stream top, stream &below, rove_status *st)
    {
        if (top && check(rove_stream_own(top.stream_), st, top.stream_))
            below.release();
        return top;
    }

    rove_stream *stream_ = nullptr;
};

inline index index::make(stream &source, const std::string &spec, uint64_t every, const rove_limits *most,
                         rove_status *st)
{
    return made([&](rove_index **out) { return rove_index_make(source.get(), spec.c_str(), most, every, out); }, st);
}
inline index index::load(stream &from, stream &source, rove_status *st)
{
    return made([&](rove_index **out) { return rove_index_load(from.get(), source.get(), out); }, st);
}
inline index index::load(stream &source, rove_status *st)
{
    return made([&](rove_index **out) { return rove_index_load(nullptr, source.get(), out); }, st);
}
inline void index::save(const std::string &format, stream &source, stream &to, rove_status *st) const
{
    made([&](rove_index **) { return rove_index_save(get(), source.get(), format.c_str(), to.get()); }, st);
}

// filters ---------------------------------------------------------------------------------------

// The canonical form of a chain's text for ROVE_ENCODE or ROVE_DECODE.
inline std::string canonical(const std::string &spec, uint32_t dir, rove_status *st = nullptr)
{
    std::string text(4 * ROVE_SPEC_MAX, '\0');
    rove_spec_error wrong = {};
    detail::check_said(rove_spec_print(spec.c_str(), dir, &text[0], text.size(), &wrong), st, wrong.text, wrong.off);
    return text.c_str();
}

// The filters of the process, in the order in which they came.
inline std::vector<const rove_filter *> filters()
{
    std::vector<const rove_filter *> out;
    while (const rove_filter *filter = rove_filter_at(out.size()))
        out.push_back(filter);
    return out;
}

// Adds a filter of the program's own.
inline void register_filter(const rove_filter &filter, rove_status *st = nullptr)
{
    const char *why = nullptr;
    const rove_status status = rove_filter_register(&filter, &why);
    detail::check_said(status, st, why ? why : "");
}

namespace detail {

inline std::string said(const rove_plugin_error &wrong, const std::string &name)
{
    return wrong.text[0] ? (wrong.path[0] ? wrong.path : name) + ": " + wrong.text : "";
}

} // namespace detail

// Loads a plugin by its path.
inline void load_plugin(const std::string &path, rove_status *st = nullptr)
{
    rove_plugin_error wrong = {};
    const rove_status status = rove_plugin_load(path.c_str(), &wrong);
    detail::check_said(status, st, detail::said(wrong, path));
}

// Loads a plugin by its name; false when no folder has one of that name.
inline bool find_plugin(const std::string &name, rove_status *st = nullptr)
{
    rove_plugin_error wrong = {};
    const rove_status status = rove_plugin_find(name.c_str(), &wrong);
    return detail::check_said(status, st, detail::said(wrong, name));
}

} // namespace rove

#endif
