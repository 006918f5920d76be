// SPDX-License-Identifier: MIT
// base.hpp: what all classes of the wrapper stand on: bytes, failures, counted objects. See <rove/rove.hpp>.
#ifndef ROVE_BASE_HPP
#define ROVE_BASE_HPP

#if __cplusplus < 201703L
#error "<rove/rove.hpp> needs C++17 or later"
#endif

#ifdef __clang__ // which warns of casts in what is C
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wold-style-cast"
#endif
#include <rove/rove.h>
#ifdef __clang__
#pragma clang diagnostic pop
#endif

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

namespace rove {

// bytes -----------------------------------------------------------------------------------------

namespace detail {

template <class T> inline constexpr bool is_byte = sizeof(T) == 1 && (std::is_integral_v<T> || std::is_enum_v<T>);

// What data() of a range points to; nothing where there is no such thing.
template <class R>
using element = std::remove_pointer_t<decltype(std::data(std::declval<R &>()) + std::size(std::declval<R &>()))>;

template <class C>
inline constexpr bool is_text = std::is_same_v<C, char>
#ifdef __cpp_char8_t
                                || std::is_same_v<C, char8_t>
#endif
    ;

// Up to the NUL, if the array has one. (Of a literal the compiler knows it.)
template <class C, size_t Room> size_t text_len(const C (&text)[Room]) noexcept
{
    return text[Room - 1] == C() ? std::char_traits<C>::length(text)
                                 : static_cast<size_t>(std::find(text, text + Room, C()) - text);
}

// Whether a copy has bytes of its own; not a std::string_view, a std::span or the like.
template <class C> inline constexpr bool owns = !std::is_trivially_copyable_v<C> || std::is_aggregate_v<C>;

// A pointer and a length; T is uint8_t or const uint8_t.
template <class T> class run {
  public:
    run() noexcept = default;
    run(T *ptr, size_t len) noexcept : ptr_(ptr), len_(len) {}
    T *data() const noexcept { return ptr_; }
    size_t size() const noexcept { return len_; }
    bool empty() const noexcept { return !len_; }
    T *begin() const noexcept { return ptr_; }
    T *end() const noexcept { return ptr_ + len_; }
    T &operator[](size_t i) const noexcept { return ptr_[i]; }

  private:
    T *ptr_ = nullptr;
    size_t len_ = 0;
};

} // namespace detail

// A run of bytes that is only read. Text counts up to its NUL, or its array's end if that has none; other arrays whole.
class bytes : public detail::run<const uint8_t> {
  public:
    bytes() noexcept = default;
    bytes(const void *ptr, size_t len) noexcept : run(static_cast<const uint8_t *>(ptr), len) {}
    template <class C, class = std::enable_if_t<detail::is_text<std::remove_const_t<C>>>>
    bytes(C *const &text) noexcept : bytes(text, std::char_traits<std::remove_const_t<C>>::length(text)) // no array is one
    {
    }
    template <class C, size_t Room, class = std::enable_if_t<detail::is_text<C>>>
    bytes(const C (&text)[Room]) noexcept : bytes(text, detail::text_len(text))
    {
    }
    bytes(std::nullptr_t) = delete;
    bytes(rove_span span) noexcept : run(span.ptr, span.len) {}
    template <class R, class = std::enable_if_t<detail::is_byte<detail::element<const R>>>>
    bytes(const R &range) noexcept : bytes(std::data(range), std::size(range))
    {
    }
    rove_span get() const noexcept { return {data(), size()}; }
    std::string_view text() const noexcept { return {reinterpret_cast<const char *>(data()), size()}; }
    std::string str() const { return std::string(text()); }
};

// A run of bytes that is filled.
class room : public detail::run<uint8_t> {
  public:
    room() noexcept = default;
    room(void *ptr, size_t len) noexcept : run(static_cast<uint8_t *>(ptr), len) {}
    template <class R, class = std::enable_if_t<
                           detail::is_byte<detail::element<R>> && !std::is_const_v<detail::element<R>>
                           && !std::is_same_v<std::decay_t<R>, room>>>
    room(R &&range) noexcept : room(std::data(range), std::size(range))
    {
    }
};

} // namespace rove

#ifdef __cpp_lib_ranges // what they point to outlives them, so that a std::span is made of what a call returns
template <> inline constexpr bool std::ranges::enable_borrowed_range<rove::bytes> = true;
template <> inline constexpr bool std::ranges::enable_borrowed_range<rove::room> = true;
#endif

namespace rove {

// failures --------------------------------------------------------------------------------------

// A failure that is thrown. what() is all that is known of it, as rove_stream_explain() tells it:
// "layer 1 of 2 (gzip): the data ends too early, at input byte 312". Its parts can be asked for.
class ROVE_API error : public std::runtime_error {
  public:
    error(rove_status status, const std::string &text, int os_error = 0,
          std::optional<uint64_t> offset = std::nullopt)
        : std::runtime_error(text), status_(status), os_error_(os_error), offset_(offset)
    {
        const std::string_view all = what(), mark = ", at input byte ";
        const size_t open = all.find('('), close = all.find("): ");
        if (all.substr(0, 6) == "layer " && open < close && close != all.npos) {
            layer_at_ = open + 1;
            layer_len_ = close - layer_at_;
            cause_at_ = close + 3;
        }
        const size_t found = all.rfind(mark), at = found < cause_at_ ? all.npos : found;
        cause_len_ = std::min(at, all.size()) - cause_at_;
        if (at != all.npos)
            offset_ = std::strtoull(what() + at + mark.size(), nullptr, 10);
    }
    rove_status status() const noexcept { return status_; }
    // The errno of ROVE_E_IO, else 0.
    int os_error() const noexcept { return os_error_; }
    // The filter that failed, as "gzip"; empty when it was none. As cause(), it lives as long as the error.
    std::string_view layer() const noexcept { return {what() + layer_at_, layer_len_}; }
    // The clause that says what is wrong.
    std::string_view cause() const noexcept { return {what() + cause_at_, cause_len_}; }
    // Where: the byte of that layer's input, or of the chain's text when that is wrong.
    std::optional<uint64_t> offset() const noexcept { return offset_; }

  private:
    rove_status status_;
    int os_error_;
    std::optional<uint64_t> offset_;
    size_t layer_at_ = 0, layer_len_ = 0, cause_at_ = 0, cause_len_ = 0;
};

namespace detail {

[[noreturn, gnu::cold, gnu::noinline]] inline void raise(rove_status status, const std::string &text, int os_error,
                                                         std::optional<uint64_t> offset = std::nullopt)
{
#ifdef __cpp_exceptions
    throw error(status, text, os_error, offset);
#else
    (void) os_error, (void) offset;
    std::fprintf(stderr, "rove: %s: %s\n", rove_status_name(status), text.c_str());
    std::abort();
#endif
}

// A stream remembers the failures of which there is more to say than the status does, and those stick. Of another it would
// tell what failed before, or that all is well.
[[noreturn, gnu::cold, gnu::noinline]] inline void raise(rove_status status, const rove_stream *of)
{
    const bool known = of && rove_stream_error(of) == status;
    const int why = status != ROVE_E_IO ? 0 : known ? rove_stream_errno(of) : errno;
    std::string text = known ? rove_stream_explain(of) : rove_status_text(status);
    if (!known && why)
        text += ": " + std::generic_category().message(why);
    raise(status, text, why);
}

} // namespace detail

// What every function here does with a status, and a program with those of calls that have no function here: throws a
// failure, or hands any status to who asked for it. Tells whether it was ROVE_OK. of: the stream that knows more.
inline bool check(rove_status status, rove_status *st = nullptr, const rove_stream *of = nullptr)
{
    if (st)
        *st = status;
    else if (!ROVE_LIKELY(status >= 0))
        detail::raise(status, of);
    return status == ROVE_OK;
}

// Likewise, of a call that gives something by pointer, which is returned: a zero after a failure that was not thrown.
template <class T, class Call> T got(Call call, rove_status *st = nullptr, const rove_stream *of = nullptr)
{
    T out = {};
    check(call(&out), st, of);
    return out;
}

namespace detail {

// Likewise check(), of a call that has said in words of its own what was wrong.
inline bool check_said(rove_status status, rove_status *st, const std::string &text,
                       std::optional<uint64_t> offset = std::nullopt)
{
    if (!st && status < 0 && !text.empty())
        raise(status, text, status == ROVE_E_IO ? errno : 0, offset);
    return check(status, st);
}

// Likewise, of a call that takes a chain's text, or NULL, and does not say what is wrong with it.
inline bool check_text(rove_status status, rove_status *st, const char *spec, uint32_t dir)
{
    char print[ROVE_SPEC_MAX + 1];
    rove_spec_error wrong = {};
    const bool asks = !st && spec && status < 0 && status != ROVE_E_IO; // whose errno stays
    const bool known = asks && rove_spec_print(spec, dir, print, sizeof print, &wrong) == status;
    return check_said(status, st, known ? wrong.text : "", wrong.off);
}

// Steps through what a source gives by next(), which is empty at the end: an input iterator.
template <class Source> class stepper {
  public:
    using iterator_category = std::input_iterator_tag;
    using value_type = bytes;
    using difference_type = std::ptrdiff_t;
    using pointer = const bytes *;
    using reference = const bytes &;
    stepper() noexcept = default;
    explicit stepper(Source *source) : source_(source), now_(source->next()) {}
    reference operator*() const noexcept { return now_; }
    pointer operator->() const noexcept { return &now_; }
    stepper &operator++()
    {
        now_ = source_->next();
        return *this;
    }
    void operator++(int) { ++*this; } // gives nothing: what `*it++` would read may be gone by then
    friend bool operator==(const stepper &a, const stepper &b) noexcept { return a.now_.empty() == b.now_.empty(); }
    friend bool operator!=(const stepper &a, const stepper &b) noexcept { return !(a == b); }

  private:
    Source *source_ = nullptr;
    bytes now_;
};

// Options of C with their size filled in and all else at its default.
template <class T> struct sized : T {
    sized() noexcept : T() { this->size = sizeof(T); }
};

// A counted object of C, or none.
template <class T, T *(*Ref)(T *), void (*Unref)(T *)> class counted {
  public:
    counted() noexcept = default;
    explicit counted(T *taken) noexcept : ptr_(taken) {}
    counted(const counted &other) noexcept : ptr_(Ref(other.ptr_)) {}
    counted(counted &&other) noexcept : ptr_(other.release()) {}
    counted &operator=(counted other) noexcept
    {
        std::swap(ptr_, other.ptr_);
        return *this;
    }
    ~counted() { Unref(ptr_); }
    T *get() const noexcept { return ptr_; }
    T *release() noexcept { return std::exchange(ptr_, nullptr); }
    explicit operator bool() const noexcept { return ptr_ != nullptr; }

  private:
    T *ptr_ = nullptr;
};

} // namespace detail

// memory and threads ----------------------------------------------------------------------------

using pool_opts = detail::sized<rove_pool_opts>;
using workers_opts = detail::sized<rove_workers_opts>;
using limits = detail::sized<rove_limits>;

// Where memory comes from. None, as `pool()`, stands for the default pool of the process; so after a failure that was
// not thrown.
class pool : public detail::counted<rove_pool, rove_pool_ref, rove_pool_unref> {
  public:
    using counted::counted;
    explicit pool(const rove_pool_opts &opts, rove_status *st = nullptr)
        : counted(got<rove_pool *>([&](rove_pool **out) { return rove_pool_new(&opts, out); }, st))
    {
    }
};

// Threads that code parts; `limits.workers` takes get().
class workers : public detail::counted<rove_workers, rove_workers_ref, rove_workers_unref> {
  public:
    using counted::counted;
    explicit workers(const rove_workers_opts &opts, rove_status *st = nullptr)
        : counted(got<rove_workers *>([&](rove_workers **out) { return rove_workers_new(&opts, out); }, st))
    {
    }
};

} // namespace rove

#endif
