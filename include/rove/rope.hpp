// SPDX-License-Identifier: MIT
// rope.hpp: ropes and views, and the walk over their bytes. See <rove/rove.hpp>.
#ifndef ROVE_ROPE_HPP
#define ROVE_ROPE_HPP

#include <rove/base.hpp>

#include <vector>

namespace rove {

// views -----------------------------------------------------------------------------------------

// Walks a view run by run, each as long as it lies in one place; borrows the view:
//
//     for (rove::bytes run : view.runs())
class cursor {
  public:
    explicit cursor(const rove_view *view, uint64_t off = 0, rove_status *st = nullptr) : cursor_()
    {
        check(rove_cursor_init(&cursor_, view, off), st);
    }
    cursor(const cursor &) = delete;
    cursor &operator=(const cursor &) = delete;
    ~cursor() { rove_cursor_fini(&cursor_); }
    // The next run, valid until the one after it is asked for; empty at the end.
    bytes next(rove_status *st = nullptr)
    {
        return got<rove_span>([&](rove_span *out) { return rove_cursor_next(&cursor_, out); }, st);
    }
    detail::stepper<cursor> begin() { return detail::stepper<cursor>(this); }
    detail::stepper<cursor> end() noexcept { return {}; }

  private:
    rove_cursor cursor_;
};

// A pinned, read-only window on a rope's bytes.
class view {
  public:
    view() noexcept : view_() {}
    explicit view(const rove_view &taken) noexcept : view_(taken) {}
    view(view &&other) noexcept : view_(other.release()) {}
    view &operator=(view &&other) noexcept
    {
        view old(std::exchange(view_, other.release()));
        return *this;
    }
    ~view() { rove_view_fini(&view_); }
    rove_view *get() noexcept { return &view_; }
    const rove_view *get() const noexcept { return &view_; }
    rove_view release() noexcept { return std::exchange(view_, rove_view()); }

    uint64_t size() const noexcept { return rove_view_len(&view_); }
    bool empty() const noexcept { return !size(); }
    view sub(uint64_t off, uint64_t len, rove_status *st = nullptr) const
    {
        return view(got<rove_view>([&](rove_view *out) { return rove_view_sub(&view_, off, len, out); }, st));
    }
    size_t read(uint64_t off, room to, rove_status *st = nullptr) const
    {
        return got<size_t>(
            [&](size_t *len) { return rove_view_read(&view_, off, to.data(), to.size(), len); }, st);
    }
    std::string str(rove_status *st = nullptr) const
    {
        std::string out;
        if (check(size() < out.max_size() ? ROVE_OK : ROVE_E_RANGE, st)) {
            out.resize(static_cast<size_t>(size()));
            out.resize(read(0, out, st));
        }
        return out;
    }
    cursor runs(uint64_t from = 0) const & { return cursor(&view_, from); }
    cursor runs(uint64_t from = 0) const && = delete; // it would walk a view that is gone
    int compare(const view &other, rove_status *st = nullptr) const
    {
        return got<int>([&](int *out) { return rove_view_compare(&view_, &other.view_, out); }, st);
    }
    bool starts_with(bytes run, rove_status *st = nullptr) const
    {
        return got<int>([&](int *out) { return rove_view_starts(&view_, run.data(), run.size(), out); }, st) != 0;
    }
    bool ends_with(bytes run, rove_status *st = nullptr) const
    {
        return got<int>([&](int *out) { return rove_view_ends(&view_, run.data(), run.size(), out); }, st) != 0;
    }
    std::optional<uint64_t> find(bytes run, uint64_t from = 0, rove_status *st = nullptr) const
    {
        uint64_t pos;
        const bool there = check(rove_view_find(&view_, from, run.data(), run.size(), &pos), st);
        return there ? std::optional(pos) : std::nullopt;
    }
    uint64_t write_fd(int fd, uint64_t off = 0, rove_status *st = nullptr) const
    {
        return got<uint64_t>(
            [&](uint64_t *done) { return rove_view_write_fd(&view_, off, fd, done); }, st);
    }
    // What a checksum layer makes of the bytes, as view.digest("crc32").
    std::vector<uint8_t> digest(const std::string &spec, rove_status *st = nullptr) const
    {
        uint8_t sum[ROVE_DIGEST_MAX];
        size_t len = 0;
        const rove_status status = rove_view_digest(&view_, spec.c_str(), sum, sizeof sum, &len);
        detail::check_text(status, st, spec.c_str(), ROVE_ENCODE);
        return std::vector<uint8_t>(sum, sum + len);
    }
    friend bool operator==(const view &a, const view &b) { return a.size() == b.size() && a.compare(b) == 0; }
    friend bool operator!=(const view &a, const view &b) { return !(a == b); }

  private:
    rove_view view_;
};

// ropes -----------------------------------------------------------------------------------------

// Bytes that can be cut, joined and shared anywhere. clone() makes a copy in O(1).
class rope {
  public:
    rope() noexcept { rove_rope_init(&rope_, nullptr); }
    explicit rope(const pool &on) noexcept { rove_rope_init(&rope_, on.get()); }
    explicit rope(bytes content, rove_status *st = nullptr) : rope() { append(content, st); }
    explicit rope(rove_rope *taken) noexcept { rove_rope_move(&rope_, taken); } // which is empty then
    rope(rope &&other) noexcept : rope(&other.rope_) {}
    rope &operator=(rope &&other) noexcept
    {
        if (this != &other) {
            rope old(std::move(*this));
            rove_rope_fini(&rope_);
            rove_rope_move(&rope_, &other.rope_);
        }
        return *this;
    }
    ~rope() { rove_rope_fini(&rope_); }
    rove_rope *get() noexcept { return &rope_; }
    const rove_rope *get() const noexcept { return &rope_; }
    void release(rove_rope *out) noexcept { rove_rope_move(out, &rope_); } // into storage that holds nothing

    uint64_t size() const noexcept { return rove_rope_len(&rope_); }
    bool empty() const noexcept { return !size(); }
    rope clone() noexcept
    {
        rope out((storage()));
        rove_rope_clone(&out.rope_, &rope_);
        return out;
    }
    rove::view view() { return view(0, size()); }
    rove::view view(uint64_t off, uint64_t len, rove_status *st = nullptr)
    {
        return rove::view(
            got<rove_view>([&](rove_view *out) { return rove_rope_view(&rope_, off, len, out); }, st));
    }
    size_t read(uint64_t off, room to, rove_status *st = nullptr)
    {
        return got<size_t>(
            [&](size_t *len) { return rove_rope_read(&rope_, off, to.data(), to.size(), len); }, st);
    }
    std::string str(rove_status *st = nullptr) { return view().str(st); }
    bytes flatten(rove_status *st = nullptr)
    {
        const uint8_t *ptr = nullptr;
        const bool done = check(rove_rope_flatten(&rope_, &ptr), st);
        return bytes(ptr, done ? static_cast<size_t>(size()) : 0);
    }

    // The end.
    void append(bytes src, rove_status *st = nullptr)
    {
        check(rove_rope_append(&rope_, src.data(), src.size()), st);
    }
    void append(const rove::view &src, rove_status *st = nullptr)
    {
        check(rove_rope_append_view(&rope_, src.get()), st);
    }
    void append(rope &&src, rove_status *st = nullptr) { check(rove_rope_concat(&rope_, &src.rope_), st); }
    // Shares the bytes of a container that is moved in, and is gone also when the call fails.
    template <class C, class = std::enable_if_t<!std::is_reference_v<C> && detail::owns<C>
                                                && detail::is_byte<detail::element<C>>>>
    void adopt(C &&container, rove_status *st = nullptr)
    {
        C *kept = new C(std::move(container));
        auto drop = [](void *arg, const void *, size_t) { delete static_cast<C *>(arg); };
        check(rove_rope_append_adopt(&rope_, std::data(*kept), std::size(*kept), drop, kept), st);
    }
    void append_zeros(uint64_t len, rove_status *st = nullptr)
    {
        check(rove_rope_append_zeros(&rope_, len), st);
    }
    void append_file(int fd, uint64_t off = 0, uint64_t len = UINT64_MAX, rove_status *st = nullptr)
    {
        check(rove_rope_append_file(&rope_, fd, off, len), st);
    }
    room reserve(size_t len, rove_status *st = nullptr)
    {
        uint8_t *ptr = nullptr;
        size_t room_len = 0;
        return check(rove_rope_reserve(&rope_, len, &ptr, &room_len), st) ? room(ptr, room_len) : room();
    }
    void commit(size_t len, rove_status *st = nullptr) { check(rove_rope_commit(&rope_, len), st); }

    // Anywhere.
    void replace(uint64_t off, uint64_t del, bytes src, rove_status *st = nullptr)
    {
        check(rove_rope_replace(&rope_, off, del, src.data(), src.size()), st);
    }
    void replace(uint64_t off, uint64_t del, const rove::view &src, rove_status *st = nullptr)
    {
        check(rove_rope_replace_view(&rope_, off, del, src.get()), st);
    }
    void insert(uint64_t off, bytes src, rove_status *st = nullptr) { replace(off, 0, src, st); }
    void insert(uint64_t off, const rove::view &src, rove_status *st = nullptr) { replace(off, 0, src, st); }
    void overwrite(uint64_t off, bytes src, rove_status *st = nullptr)
    {
        check(rove_rope_overwrite(&rope_, off, src.data(), src.size()), st);
    }
    void erase(uint64_t off, uint64_t len, rove_status *st = nullptr)
    {
        check(rove_rope_erase(&rope_, off, len), st);
    }
    void truncate(uint64_t len, rove_status *st = nullptr) { check(rove_rope_truncate(&rope_, len), st); }
    void resize(uint64_t len, rove_status *st = nullptr) { check(rove_rope_resize(&rope_, len), st); }
    rope split(uint64_t off, rove_status *st = nullptr)
    {
        rope right((storage()));
        check(rove_rope_split(&rope_, off, &right.rope_), st);
        return right;
    }
    void clear() noexcept { rove_rope_clear(&rope_); }

    // As a queue.
    std::optional<uint64_t> find(bytes run, uint64_t from = 0, rove_status *st = nullptr)
    {
        uint64_t pos;
        const bool there = check(rove_rope_find(&rope_, from, run.data(), run.size(), &pos), st);
        return there ? std::optional(pos) : std::nullopt;
    }
    size_t take(room to, rove_status *st = nullptr)
    {
        return got<size_t>(
            [&](size_t *len) { return rove_rope_take(&rope_, to.data(), to.size(), len); }, st);
    }
    // A line with its delimiter (1 to 64 bytes); none, when that is not there yet.
    std::optional<std::string> take_until(bytes delim, rove_status *st = nullptr)
    {
        const bool sound = delim.size() >= 1 && delim.size() <= 64;
        if (!check(sound ? ROVE_OK : ROVE_E_ARG, st))
            return std::nullopt;
        const std::optional<uint64_t> pos = find(delim, 0, st);
        if (!pos)
            return std::nullopt;
        std::string line;
        if (!check(*pos < line.max_size() - 64 ? ROVE_OK : ROVE_E_RANGE, st))
            return std::nullopt;
        line.resize(static_cast<size_t>(*pos) + delim.size());
        if (!check(rove_rope_take(&rope_, line.data(), line.size(), nullptr), st))
            return std::nullopt;
        return line;
    }
    size_t read_fd(int fd, size_t len, rove_status *st = nullptr)
    {
        return got<size_t>([&](size_t *out) { return rove_rope_read_fd(&rope_, fd, len, out); }, st);
    }
    uint64_t write_fd(int fd, uint64_t len = UINT64_MAX, rove_status *st = nullptr)
    {
        return got<uint64_t>(
            [&](uint64_t *done) { return rove_rope_write_fd(&rope_, fd, len, done); }, st);
    }

  private:
    struct storage {};
    explicit rope(storage) noexcept : rope_() {} // for a call that initialises it
    friend class stream;

    rove_rope rope_;
};

} // namespace rove

#endif
