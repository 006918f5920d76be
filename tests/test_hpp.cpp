// SPDX-License-Identifier: MIT
// test_hpp.cpp: the C++ wrapper. The same cases are compiled as C++17 and as C++20.
#include <rove/rove.hpp>

#include <array>
#include <fcntl.h>
#include <istream>
#include <ostream>
#include <sys/socket.h>
#include <unistd.h>

extern "C" {
#include "support/suite.h"
}
#undef SUITE_AT
#define SUITE_AT(text) (suite_at{__FILE__, __LINE__, text})

using rove::bytes;
using std::string;

namespace {

// The pool of the running case, which counts what is not given back.
rove::pool here()
{
    return rove::pool(rove_pool_ref(env.pool));
}

string pattern(size_t len)
{
    string out(len, '\0');
    for (size_t i = 0; i < len; i++)
        out[i] = static_cast<char>('a' + i * i % 23);
    return out;
}

// A rope of some chunks, and what is in it.
rove::rope filled(const string &content)
{
    rove::rope rope(here());
    rope.append(content);
    return rope;
}

// What a call throws; ROVE_OK if it does not.
template <class Call> rove_status thrown(Call call)
{
    try {
        call();
    } catch (const rove::error &error) {
        return error.status();
    }
    return ROVE_OK;
}

// types -----------------------------------------------------------------------------------------

template <class T> constexpr bool only_moves = std::is_nothrow_move_constructible_v<T> &&
    std::is_nothrow_move_assignable_v<T> && !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T>;
static_assert(only_moves<rove::rope> && only_moves<rove::view> && only_moves<rove::stream>);
static_assert(std::is_nothrow_copy_constructible_v<rove::pool> && std::is_nothrow_copy_constructible_v<rove::index>);
static_assert(sizeof(rove::rope) == sizeof(rove_rope) && sizeof(rove::view) == sizeof(rove_view));
static_assert(sizeof(rove::stream) == sizeof(void *) && sizeof(rove::workers) == sizeof(void *));
static_assert(std::is_base_of_v<std::runtime_error, rove::error> && std::is_nothrow_copy_constructible_v<rove::error>);

static_assert(!std::is_copy_constructible_v<rove::streambuf> && !std::is_move_constructible_v<rove::streambuf> &&
              !std::is_copy_assignable_v<rove::streambuf> && !std::is_move_assignable_v<rove::streambuf>);

// What would be a mistake does not compile.
template <class V, class = void> constexpr bool walks = false;
template <class V> constexpr bool walks<V, std::void_t<decltype(std::declval<V>().runs())>> = true;
static_assert(walks<rove::view &> && !walks<rove::view>);
static_assert(std::is_convertible_v<std::vector<char>, bytes> && !std::is_convertible_v<std::vector<int>, bytes>);
static_assert(!std::is_convertible_v<std::nullptr_t, bytes> && !std::is_convertible_v<const string &, rove::room>);
static_assert(std::is_convertible_v<string &, rove::room> && !std::is_convertible_v<int, bytes>);
template <class C, class = void> constexpr bool adopts = false;
template <class C> constexpr bool adopts<C, std::void_t<decltype(std::declval<rove::rope &>().adopt(std::declval<C>()))>> = true;
static_assert(adopts<string> && adopts<std::vector<std::byte>> && adopts<std::array<char, 3>>);
static_assert(!adopts<string &> && !adopts<std::string_view> && !adopts<bytes> && !adopts<std::initializer_list<char>>);
#ifdef __cpp_lib_span
static_assert(!adopts<std::span<char>> && !adopts<std::span<const char, 3>>);
#endif
#ifdef __cpp_lib_concepts
static_assert(std::input_iterator<decltype(std::declval<rove::cursor &>().begin())>);
#endif
#ifdef __cpp_lib_ranges
static_assert(std::ranges::input_range<rove::cursor> && std::ranges::contiguous_range<bytes>);
#endif

void bytes_are_made_of_text_arrays_and_ranges()
{
    const uint8_t raw[] = {1, 0, 2};
    const char text[] = "ab\0cd";
    CHECK_EQ(2, bytes(text).size()); // text, up to its NUL
    char made[9] = "made", full[4] = {'f', 'u', 'l', 'l'};
    CHECK(bytes(made).text() == "made" && bytes(full).text() == "full");
    static const char magic[2][4] = {{'r', 'o', 'v', 'e'}, {'m', 'o', 'r', 'e'}}; // without a NUL, also behind it
    CHECK(bytes(magic[0]).text() == "rove" && filled(bytes(magic[1]).str()).view().starts_with(magic[1]));
    const char *pointed = text;
    char *const writable = made;
    CHECK(bytes(pointed).text() == "ab" && bytes(writable).text() == "made");
    CHECK_EQ(3, bytes(raw).size());
    CHECK_EQ(2, bytes(u8"ab").size()); // of a type of its own from C++20 on
#ifdef __cpp_char8_t
    char8_t eight[9] = u8"made";
    CHECK(bytes(eight).text() == "made" && bytes(std::u8string(u8"a\0b", 3)).size() == 3);
#endif
    CHECK_EQ(5, bytes(string(text, 5)).size());
    CHECK_EQ(5, bytes(text, 5).size());
    CHECK_EQ(3, bytes(std::string_view("xyz")).size());
    CHECK_EQ(4, bytes(std::vector<std::byte>(4)).size());
    CHECK_EQ(2, bytes(std::array<unsigned char, 2>()).size());
    CHECK(bytes().empty() && bytes("").empty() && !bytes("x").empty());
    CHECK(bytes("xyz").str() == "xyz" && bytes("xyz").text() == "xyz" && bytes("xyz")[2] == 'z');
    CHECK_EQ(3, bytes(bytes("xyz").get()).size());
    char buf[4];
    string into(5, ' ');
    CHECK_EQ(4, rove::room(buf).size());
    CHECK_EQ(5, rove::room(into).size());
#ifdef __cpp_lib_span
    std::span<const uint8_t> seen = bytes("xyz");
    CHECK_EQ(3, seen.size());
    CHECK_EQ(3, bytes(std::as_bytes(seen)).size());
    CHECK_EQ(4, rove::room(std::as_writable_bytes(std::span(buf))).size());
    rove::rope rope = filled("xyz");
    std::span<uint8_t> made = rope.reserve(1);
    CHECK(!made.empty());
    rope.append(std::as_bytes(seen));
    CHECK_EQ(4, rope.read(1, std::span(buf)));
    CHECK(bytes(buf, 4).text() == "yzxy");
#endif
}

// moving ----------------------------------------------------------------------------------------

template <class T> void move_to_itself(T &object)
{
    T &same = object;
    object = std::move(same);
}

void a_moved_rope_leaves_an_empty_one()
{
    rove::rope a = filled(pattern(200000)), b(std::move(a));
    CHECK(a.empty() && b.str() == pattern(200000));
    a.append("again"); // it is of use still
    CHECK(a.str() == "again");
    b = std::move(a);
    CHECK(a.empty() && b.str() == "again");
    move_to_itself(b);
    CHECK(b.str() == "again");
    std::vector<rove::rope> many;
    for (int i = 0; i < 9; i++)
        many.push_back(filled(std::to_string(i)));
    CHECK(many.front().str() == "0" && many.back().str() == "8");
    std::swap(many.front(), many.back());
    CHECK(many.front().str() == "8" && many.back().str() == "0");
    CHECK_SOUND(many.front().get());
}

void a_moved_view_leaves_an_empty_one()
{
    rove::rope rope = filled("the quick brown fox");
    rove::view a = rope.view(4, 5), b(std::move(a));
    CHECK(a.empty() && b.str() == "quick");
    a = std::move(b);
    CHECK(b.empty() && a.str() == "quick" && b.str().empty());
    move_to_itself(a);
    rope.clear();
    CHECK(a.str() == "quick"); // it pins
    a = rove::view();
    CHECK(a.empty() && a.str().empty() && a.sub(0, 0).empty() && a == b);
    CHECK_IS(ROVE_E_RANGE, thrown([&] { (void) a.sub(0, 1); }));
}

void a_moved_stream_is_none()
{
    rove::stream a = rove::stream::memory(here()), b(std::move(a));
    b.write("kept");
    CHECK(!a && b);
    CHECK_IS(ROVE_E_ARG, thrown([&] { a.write("x"); }));
    CHECK_IS(ROVE_E_ARG, thrown([&] { rove::stream().size(); }));
    CHECK(a.is_closed() && rove::stream().is_closed());
    a = std::move(b);
    move_to_itself(a);
    CHECK(!b && a.size() == 4);
    a = rove::stream();
    CHECK(!a);
}

void what_could_not_be_taken_out_is_an_empty_rope_or_view()
{
    rove_status st;
    rove::stream s = rove::stream::memory(here());
    s.close();
    rove::rope copy = s.clone(&st), all = rove::stream().steal(&st);
    CHECK_IS(ROVE_E_ARG, st);
    copy.append("of use still");
    CHECK(copy.str() == "of use still" && all.view().empty());
    all = s.steal(&st);
    CHECK_IS(ROVE_E_CLOSED, st);
    s = rove::stream::over(std::move(all));
    CHECK_EQ(0, s.size());
    rove::rope left = filled("abc"), right = left.split(4, &st);
    right.append("d");
    CHECK(st == ROVE_E_RANGE && right.str() == "d" && left.view(4, 1, &st).sub(0, 0).empty());
}

void counted_objects_are_copied_and_moved()
{
    rove::pool_opts opts;
    opts.chunk_len = 4096;
    opts.allocator = &env.alloc.table; // which notices what is freed too early
    rove::pool a(opts), b = a, c;
    CHECK(a.get() == b.get() && !c);
    c = a;
    CHECK(c.get() == a.get());
    c = std::move(b);
    CHECK(!b && c.get() == a.get());
    move_to_itself(c);
    c = *&c;
    CHECK_EQ(4096, rove_pool_chunk_len(c.get()));
    a = b = rove::pool();
    rove::rope rope(c);
    c = rove::pool(); // the rope holds it still
    rope.append(pattern(10000));
    CHECK(rope.str() == pattern(10000));
    rove::workers_opts want;
    want.thread_cnt = 2;
    rove::workers two(want), same = two;
    CHECK(two && same.get() == two.get());
}

void handles_are_adopted_and_released()
{
    rove_rope raw;
    rove_rope_init(&raw, env.pool);
    CHECK_OK(rove_rope_append(&raw, "raw", 3));
    rove::rope rope(&raw);
    CHECK_EQ(0, rove_rope_len(&raw));
    rove_rope_fini(&raw);
    CHECK(rope.str() == "raw");
    rove_view given = rope.view().release();
    rove::view view(given);
    rope.release(&raw);
    CHECK(rope.empty() && rove_rope_len(&raw) == 3 && view.str() == "raw");
    rove_rope_fini(&raw);

    rove_stream *made = nullptr;
    CHECK_OK(rove_stream_new(env.pool, &made));
    rove::stream stream(made);
    stream.write("x");
    CHECK(stream.get() == made && stream.release() == made && !stream);
    rove_stream_free(made);
}

// ropes -----------------------------------------------------------------------------------------

void a_rope_does_what_a_string_does()
{
    string text = pattern(150000), word = pattern(700);
    rove::rope rope = filled(text), other = filled(word);
    rope.insert(0, "front");
    text.insert(0, "front");
    rope.insert(70000, other.view());
    text.insert(70000, word);
    rope.erase(100, 50000);
    text.erase(100, 50000);
    rope.replace(10, 3, "longer");
    text.replace(10, 3, "longer");
    rope.replace(40000, 10000, other.view(100, 600));
    text.replace(40000, 10000, word, 100, 600);
    rope.overwrite(50, "over");
    text.replace(50, 4, "over");
    rope.append(other.view());
    text += word;
    rope.append_zeros(3000);
    text.append(3000, '\0');
    CHECK(rope.str() == text && rope.size() == text.size());
    rove::rope right = rope.split(60000);
    CHECK(rope.str() == text.substr(0, 60000) && right.str() == text.substr(60000));
    right.append(std::move(rope));
    CHECK(rope.empty() && right.str() == text.substr(60000) + text.substr(0, 60000));
    rove::rope copy = right.clone();
    right.truncate(5);
    right.resize(7);
    CHECK(right.str() == text.substr(60000, 5) + string(2, '\0'));
    CHECK_EQ(text.size(), copy.size());
    CHECK(copy.flatten().text() == text.substr(60000) + text.substr(0, 60000));
    rove::room room = copy.reserve(10);
    CHECK(room.size() >= 5);
    room[0] = room[1] = '!';
    copy.commit(2);
    CHECK(copy.view(text.size(), 2).str() == "!!");
    copy.clear();
    CHECK(copy.empty());
    CHECK_SOUND(right.get());
}

void a_view_is_asked()
{
    rove::rope rope = filled("the quick brown fox");
    rove::view all = rope.view(), quick = all.sub(4, 5);
    CHECK(quick.starts_with("qu") && !quick.starts_with("ck") && quick.ends_with("ck"));
    CHECK(all.find("brown") == 10 && all.find("q", 5) == std::nullopt && rope.find("fox") == 16);
    CHECK(quick == rope.view(4, 5) && quick != all && quick.compare(all) < 0);
    std::array<char, 3> some;
    CHECK(all.read(16, some) == 3 && bytes(some).text() == "fox");
    CHECK_EQ(1, all.read(18, some));
    const std::vector<uint8_t> sum = rove::rope(bytes("123456789")).view().digest("crc32");
    CHECK(sum == (std::vector<uint8_t>{0xcb, 0xf4, 0x39, 0x26}));
    CHECK_IS(ROVE_E_RANGE, thrown([&] { (void) all.sub(18, 2); }));
}

void runs_walk_every_byte_in_order()
{
    const string text = pattern(300000);
    rove::rope rope = filled(text.substr(0, 100000));
    rope.append_zeros(1000);
    rope.append(text);
    const rove::view view = rope.view();
    string seen;
    size_t cnt = 0;
    for (bytes run : view.runs()) {
        seen += run.text();
        cnt++;
    }
    CHECK(seen == text.substr(0, 100000) + string(1000, '\0') + text && cnt > 3);
    seen.clear();
    rove::cursor cursor = view.runs(400000);
    for (auto it = cursor.begin(); it != cursor.end(); ++it)
        seen += it->text();
    CHECK(seen == text.substr(299000));
    CHECK(cursor.next().empty());
    const rove::view none;
    for (bytes run : none.runs())
        CHECK(run.empty()); // never reached
}

struct tracked : string { // tells when it goes
    static int alive;
    explicit tracked(string text) : string(std::move(text)) { alive++; }
    tracked(tracked &&other) noexcept : string(std::move(other)) { alive++; }
    ~tracked() { alive--; }
};
int tracked::alive = 0;

void adopted_containers_live_as_long_as_their_bytes()
{
    rove::rope rope(here());
    rope.adopt(tracked(pattern(5000)));
    rope.adopt(tracked("short"));
    rope.adopt(tracked(""));
    rope.adopt(std::vector<uint8_t>(1000, 'v'));
    CHECK_EQ(1, tracked::alive); // up to 512 bytes are copied, and the container is gone
    rove::view pinned = rope.view(0, 10);
    CHECK(rope.str() == pattern(5000) + "short" + string(1000, 'v'));
    rope.clear();
    CHECK_EQ(1, tracked::alive);
    pinned = rove::view();
    CHECK_EQ(0, tracked::alive);
}

void a_rope_is_a_queue_between_descriptors()
{
    int fds[2];
    CHECK(pipe2(fds, O_NONBLOCK) == 0);
    rove::rope out = filled("one\r\ntwo\r\nthr"), in(here());
    while (!out.empty())
        out.write_fd(fds[1]);
    CHECK_EQ(13, in.read_fd(fds[0], 4096));
    rove_status st;
    CHECK_EQ(0, in.read_fd(fds[0], 4096, &st));
    CHECK_IS(ROVE_E_AGAIN, st);
    CHECK_IS(ROVE_E_AGAIN, thrown([&] { in.read_fd(fds[0], 4096); }));
    CHECK(in.take_until("\r\n") == "one\r\n" && in.take_until("\r\n") == "two\r\n");
    CHECK(in.take_until("\r\n", &st) == std::nullopt && st == ROVE_END);
    for (const size_t len : {size_t{0}, size_t{65}}) { // as in C: none such is a delimiter, also where it is found
        const std::string delim(len, 'x');
        rove::rope of(delim + delim);
        CHECK(of.take_until(delim, &st) == std::nullopt && st == ROVE_E_ARG);
        CHECK_EQ(2 * len, of.size());
    }
    close(fds[1]);
    CHECK_EQ(0, in.read_fd(fds[0], 4096, &st)); // the end is none either
    CHECK_IS(ROVE_END, st);
    CHECK_EQ(0, in.read_fd(fds[0], 4096));
    close(fds[0]);
    std::array<char, 9> rest;
    CHECK(in.take(rest) == 3 && in.empty());
}

// streams ---------------------------------------------------------------------------------------

void a_stream_reads_writes_and_edits()
{
    rove::stream s = rove::stream::memory(here());
    const rove_hole head = s.hole(4);
    s.write("hello, moon!\n");
    s.pwrite(11, "rope");
    s.fill(head, "HEAD");
    CHECK_EQ(4, s.seek(4));
    s.insert("more: ");
    s.erase(1);
    s.seek(0);
    CHECK(s.peek().text() == "HEADmore: ello, rope!\n" && s.tell() == 0);
    char four[4];
    CHECK(s.read(four) == 4 && bytes(four, 4).text() == "HEAD");
    CHECK_EQ(4, s.pread(10, four));
    CHECK(s.read_all() == "more: ello, rope!\n" && s.tell() == s.size());
    CHECK_EQ(0, s.read(four)); // the end
    const rove::view before = s.snapshot();
    s.seek(-5, ROVE_FROM_END);
    s.write(before.sub(0, 4));
    CHECK(s.flatten().text() == "HEADmore: ello, rHEAD\n" && before.str() == "HEADmore: ello, rope!\n");
    s.truncate(8);
    s.resize(9);
    CHECK(s.take(four) == 4 && bytes(four, 4).text() == "HEAD");
    rove::rope copy = s.clone(), all = s.steal();
    CHECK(copy.str() == string("more\0", 5) && all.str() == copy.str() && s.size() == 0);
    s = rove::stream::over(std::move(all));
    CHECK(all.empty() && s.read_all() == string("more\0", 5));
    rove::room room = s.reserve(3);
    room[0] = 'z';
    s.commit(1);
    CHECK_EQ(6, s.size());
    s.close();
    CHECK(s.is_closed() && thrown([&] { s.write("x"); }) == ROVE_E_CLOSED);
    s.reset();
    CHECK_EQ(0, s.size());
}

void lines_come_one_by_one()
{
    rove::stream s = rove::stream::copy("one\ntwo\n\nlast", here());
    std::vector<string> lines;
    for (bytes line : s.lines())
        lines.push_back(line.str());
    CHECK(lines == (std::vector<string>{"one\n", "two\n", "\n", "last"}));
    CHECK(s.line().empty());
    s.seek(0);
    CHECK(s.line('w').text() == "one\ntw" && s.line('x', 2).text() == "o\n");
}

void chains_stand_on_what_they_borrow_or_own()
{
    const string text = pattern(300000);
    rove::stream sink = rove::stream::memory(here());
    {
        rove::stream packed = rove::stream::encode(sink, "crc32|gzip:level=1");
        packed.write(text);
        packed.close();
        CHECK_EQ(4, packed.digest().size());
    }
    CHECK(sink && sink.size() < text.size() / 2);
    sink.seek(0);
    rove::stream plain = rove::stream::decode(std::move(sink)); // `auto`
    CHECK(!sink && plain.read_all() == text);
    plain.close();

    char path[] = "/tmp/rove-hpp-XXXXXX";
    const int fd = mkstemp(path);
    rove::stream file = rove::stream::encode(rove::stream::fd(fd, ROVE_FD_CLOSE), "lz4");
    rove::stream source = rove::stream::copy(text, here());
    CHECK_EQ(text.size(), source.copy_to(file));
    file.close();
    file = rove::stream::open(path, "r", "auto");
    CHECK(file.read_all() == text);
    unlink(path);
}

void what_an_exception_cuts_off_never_looks_complete()
{
    rove::stream sink = rove::stream::memory(here());
    try {
        rove::stream packed = rove::stream::encode(sink, "gzip");
        packed.write("half of it");
        packed.flush();
        throw 1;
    } catch (int) {
    }
    sink.seek(0);
    rove::stream plain = rove::stream::decode(sink);
    CHECK_IS(ROVE_E_TRUNCATED, thrown([&] { plain.read_all(); }));
}

void an_index_is_made_saved_and_used()
{
    const string text = pattern(500000);
    rove::stream coded = rove::stream::memory(here()), file = rove::stream::memory(here());
    rove::stream packed = rove::stream::encode(coded, "bgzf");
    packed.mark();
    packed.write(text);
    packed.close();
    const rove::index left = packed.index(), made = rove::index::make(coded, "bgzf");
    CHECK(left.measure().plain_len == text.size() && made.measure().point_cnt == left.measure().point_cnt);
    made.save("gzi", coded, file);
    file.seek(0);
    rove::stream plain = rove::stream::decode(coded, rove::index::load(file, coded));
    char some[6];
    CHECK_EQ(text.size(), plain.size());
    CHECK_EQ(6, plain.pread(444444, some));
    CHECK(bytes(some, 6).text() == text.substr(444444, 6));
    plain = rove::stream::decode(std::move(coded), made); // that owns it
    CHECK(!coded);
    CHECK(plain.read_all() == text);
    coded = rove::stream::memory(here());
    rove_status st;
    rove::stream none = rove::stream::decode(std::move(coded), made, nullptr, &st);
    CHECK_IS(ROVE_E_FORMAT, st); // of other data: it is still where it was
    CHECK(!none && coded);
    coded = rove::stream::memory(here());
    try {
        file.seek(5);
        rove::index::load(file, coded);
        CHECK(false);
    } catch (const rove::error &error) {
        CHECK(error.what() == string(rove_index_explain()) && error.status() == ROVE_E_FORMAT);
    }
}

void an_index_beside_trailing_bytes_is_given_or_gone()
{
    const string text = pattern(200000);
    rove::stream coded = rove::stream::memory(here());
    rove::stream packed = rove::stream::encode(coded, "bgzf");
    packed.write(text);
    packed.close();
    coded.write("something else");
    CHECK_IS(ROVE_E_TRAILING, thrown([&] { rove::index::make(coded, "bgzf"); })); // the pool counts what was not given back
    rove_status st;
    const rove::index made = rove::index::make(coded, "bgzf", 0, nullptr, &st);
    CHECK(st == ROVE_E_TRAILING && made && made.measure().plain_len == text.size());
}

// failures --------------------------------------------------------------------------------------

void more_than_a_string_holds_is_refused()
{
    rove_status st;
    rove::rope rope(here());
    rope.append_zeros(ROVE_LEN_MAX);
    CHECK(rope.str(&st).empty() && st == ROVE_E_RANGE && rope.size() == ROVE_LEN_MAX);
    CHECK_IS(ROVE_E_RANGE, thrown([&] { rope.view().str(); }));
}

void what_is_thrown_tells_layer_cause_and_offset()
{
    rove::stream coded = rove::stream::memory(here()), packed = rove::stream::encode(coded, "gzip");
    packed.write(pattern(5000));
    packed.close();
    coded.truncate(coded.size() - 3);
    coded.seek(0);
    rove::stream plain = rove::stream::decode(coded, "crc32|gzip");
    try {
        plain.read_all();
        CHECK(false);
    } catch (const std::runtime_error &caught) {
        const rove::error &error = dynamic_cast<const rove::error &>(caught);
        CHECK_IS(ROVE_E_TRUNCATED, error.status());
        CHECK(error.what() == string(plain.explain()));
        CHECK(error.layer() == "gzip" && !error.cause().empty() && error.cause().find("layer") == string::npos);
        CHECK(error.cause().find("at input byte") == string::npos);
        CHECK(error.offset() == coded.size() && error.os_error() == 0);
    }
    // What the status tells all about is not laid at the door of an older failure.
    try {
        plain.commit(1);
        CHECK(false);
    } catch (const rove::error &error) {
        CHECK(error.status() == ROVE_E_RANGE && error.what() == string(rove_status_text(ROVE_E_RANGE)));
        CHECK(error.cause() == error.what() && error.layer().empty() && !error.offset());
    }
    const rove::error odd(ROVE_E_DATA, "layer 1 (x, at input byte 5): broken");
    CHECK(odd.cause() == "broken" && !odd.offset());
}

rove_status deny(void *, uint64_t) { return ROVE_E_DENIED; }

// Of which the stream knows nothing, for a rope's records no failures: not that all is well, nor what failed before.
void what_no_stream_has_recorded_is_told_by_its_status()
{
    rove::pool_opts opts;
    opts.memory_limit = 1 << 20;
    rove::stream s = rove::stream::memory(rove::pool(opts));
    try {
        s.write(string(4 << 20, 'x'));
        CHECK(false);
    } catch (const rove::error &error) {
        CHECK(error.status() == ROVE_E_LIMIT && error.what() == string(rove_status_text(ROVE_E_LIMIT)));
    }
    rove::stream from = rove::stream::copy("abc"), to = rove::stream::memory();
    const rove_progress progress = {deny, nullptr};
    try {
        from.copy_to(to, UINT64_MAX, &progress);
        CHECK(false);
    } catch (const rove::error &error) {
        CHECK(error.status() == ROVE_E_DENIED && error.what() == string(rove_status_text(ROVE_E_DENIED)));
    }
}

void a_wrong_text_is_shown_where_it_is_wrong()
{
    rove::stream sink = rove::stream::memory(here());
    try {
        (void) rove::stream::encode(sink, "crc32|gzip:level=77");
        CHECK(false);
    } catch (const rove::error &error) {
        CHECK(error.status() == ROVE_E_ARG && error.offset() > 6u && string(error.what()).find("level") != string::npos);
    }
    for (const char *mode : {"r", "w"}) { // before the file is looked at
        try {
            (void) rove::stream::open("/nowhere/at/all", mode, "crc32|gzip:level=77");
            CHECK(false);
        } catch (const rove::error &error) {
            CHECK(error.status() == ROVE_E_ARG && error.offset() > 6u && string(error.what()).find("level") != string::npos);
        }
    }
    try {
        (void) rove::view().digest("crc33");
        CHECK(false);
    } catch (const rove::error &error) {
        CHECK(error.status() == ROVE_E_ARG && error.offset() == 0u && string(error.what()).find("crc33") != string::npos);
    }
    CHECK_IS(ROVE_E_ARG, thrown([] { rove::stream::open("/nowhere/at/all", "q", "gzip"); }));
    CHECK_IS(ROVE_E_UNSUPPORTED, thrown([] { rove::view().digest("gzip"); }));
    CHECK(rove::canonical("gzip:level=6", ROVE_DECODE) == "gzip");
    CHECK_IS(ROVE_E_ARG, thrown([] { rove::canonical("zip|", ROVE_ENCODE); }));
}

void the_system_gives_its_number()
{
    try {
        (void) rove::stream::open("/nowhere/at/all", "r");
        CHECK(false);
    } catch (const rove::error &error) {
        CHECK(error.status() == ROVE_E_IO && error.os_error() == ENOENT);
        CHECK(string(error.what()).find(std::generic_category().message(ENOENT)) != string::npos);
    }
    const int fd = open("/dev/full", O_WRONLY);
    rove::stream file = rove::stream::fd(fd, ROVE_FD_CLOSE);
    try {
        file.write("x");
        file.flush();
        CHECK(false);
    } catch (const rove::error &error) {
        CHECK(error.status() == ROVE_E_IO && error.os_error() == ENOSPC);
    }
    // Of a copy, the stream that failed is asked, be it either.
    rove::stream good = rove::stream::copy(pattern(200000), here());
    rove::stream bad = rove::stream::fd(open("/dev/full", O_WRONLY), ROVE_FD_CLOSE);
    try {
        good.copy_to(bad);
        CHECK(false);
    } catch (const rove::error &error) {
        CHECK(error.os_error() == ENOSPC && error.what() == string(bad.explain()));
    }
    try {
        filled("x").write_fd(-1); // no stream, which could tell
        CHECK(false);
    } catch (const rove::error &error) {
        const string number = std::generic_category().message(EBADF);
        CHECK(error.os_error() == EBADF && error.what() == rove_status_text(ROVE_E_IO) + (": " + number));
    }
}

void a_status_that_is_asked_for_gets_all_and_nothing_is_thrown()
{
    rove_status st = ROVE_E_DATA;
    rove::rope rope(here());
    rope.append("abc", &st);
    CHECK_OK(st);
    rope.erase(2, 2, &st);
    CHECK_IS(ROVE_E_RANGE, st);
    CHECK(rope.view(4, 1, &st).empty() && st == ROVE_E_RANGE);
    CHECK(rope.split(4, &st).empty() && st == ROVE_E_RANGE && rope.size() == 3);
    rove::stream none = rove::stream::open("/nowhere/at/all", "r", nullptr, nullptr, &st);
    CHECK(!none && st == ROVE_E_IO);
    rove::stream in = rove::stream::copy("abc", here(), &st);
    CHECK(in.read_all(&st) == "abc" && st == ROVE_OK);
    char buf[2];
    CHECK(in.read(buf, &st) == 0 && st == ROVE_END);
    CHECK(in.line('\n', 0, &st).empty() && st == ROVE_END);
    rove::stream top = rove::stream::encode(std::move(in), "no such thing", nullptr, &st);
    CHECK(!top && st == ROVE_E_ARG && in); // it was not taken
    rove::pool_opts opts;
    opts.chunk_len = 5;
    CHECK(!rove::pool(opts, &st) && st == ROVE_E_RANGE);
    in.clone(&st);
    CHECK_OK(st);
    in.close(&st);
    CHECK(in.clone(&st).empty() && st == ROVE_E_CLOSED);
    CHECK_IS(ROVE_E_NOMEM, thrown([] { rove::check(ROVE_E_NOMEM); })); // for calls without a function here
    CHECK(rove::check(ROVE_OK) && !rove::check(ROVE_END));
}

// All that a program does, with every allocation refused in turn.
void program()
{
    rove::rope rope(here());
    rope.append(pattern(70000));
    rope.insert(30000, rope.view(0, 10000));
    rove::stream sink = rove::stream::memory(here());
    rove::stream packed = rove::stream::encode(sink, "crc32|gzip:level=1");
    packed.write(rope.view());
    packed.close();
    sink.seek(0);
    rove::stream plain = rove::stream::decode(std::move(sink));
    if (plain.read_all() != rope.str())
        throw string("other bytes");
}

void every_refused_allocation_is_thrown_and_leaves_nothing()
{
    uint64_t refused = 0;
    for (uint64_t n = 1;; n++) {
        test_alloc_arm(&env.alloc, n, false);
        const rove_status status = thrown(program);
        const bool any = test_alloc_failed(&env.alloc) > 0;
        test_alloc_arm(&env.alloc, 0, false);
        if (!any) {
            CHECK_OK(status);
            break;
        }
        refused++;
        CHECK(status == ROVE_E_NOMEM || status == ROVE_OK); // what could do without it went on
        rove_pool_trim(env.pool);
    }
    CHECK(refused > 3);
}

// filters ---------------------------------------------------------------------------------------

void filters_are_listed_added_and_loaded()
{
    bool gzip = false;
    for (const rove_filter *filter : rove::filters())
        gzip = gzip || string(filter->name) == "gzip";
    CHECK(gzip);
    rove_filter wrong = {};
    wrong.name = "wrong";
    try {
        rove::register_filter(wrong);
        CHECK(false);
    } catch (const rove::error &error) {
        CHECK(string(error.what()) != rove_status_text(error.status())); // it says why
    }
    CHECK(!rove::find_plugin("no-such-plugin"));
    CHECK_IS(ROVE_E_ARG, thrown([] { rove::load_plugin("relative.so"); }));
    try {
        rove::find_plugin("../x");
        CHECK(false);
    } catch (const rove::error &error) {
        CHECK(string(error.what()).find("../x: ") == 0);
    }
    try {
        rove::load_plugin("/nowhere/rove-filter-x.so");
        CHECK(false);
    } catch (const rove::error &error) {
        CHECK(error.status() == ROVE_E_IO && string(error.what()).find("/nowhere/rove-filter-x.so") == 0);
    }
}

// streams of the standard library ---------------------------------------------------------------

void a_streambuf_reads_writes_and_seeks()
{
    rove::stream s = rove::stream::memory(here());
    rove::streambuf buf(s);
    std::iostream io(&buf);
    for (int i = 0; i < 3000; i++)
        io << "line " << i << '\n';
    io << std::flush;
    CHECK(io && s.size() == static_cast<uint64_t>(io.tellp()));
    io.seekg(0);
    string line, last;
    int cnt = 0;
    while (std::getline(io, line)) {
        last = line;
        cnt++;
    }
    CHECK(cnt == 3000 && last == "line 2999" && io.eof() && !io.bad());
    io.clear();
    io.seekg(5);
    int number = -1;
    io >> number >> line >> number;
    CHECK(number == 1 && line == "line");
    CHECK(io.get() == '\n' && io.tellg() == 14);
    io.seekp(0, std::ios::cur); // what was read ahead is given back
    io << "LINE";
    CHECK(io && s.flatten().text().substr(0, 20) == "line 0\nline 1\nLINE 2");
    io.seekg(-1, std::ios::beg);
    CHECK(io.fail());
}

void a_streambuf_on_a_socket_answers_before_all_is_read()
{
    int ends[2];
    if (!CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 && write(ends[1], "one\ntwo\n", 8) == 8))
        return;
    rove::stream s = rove::stream::fd(ends[0], ROVE_FD_CLOSE, here());
    rove::streambuf buf(s);
    std::iostream io(&buf);
    string line;
    char got[3] = "";
    CHECK(std::getline(io, line) && line == "one");
    CHECK(io.tellg() == -1 && io.good());
    io << "ok" << std::flush;
    CHECK(io.good() && read(ends[1], got, 2) == 2 && got == string("ok"));
    CHECK(std::getline(io, line) && line == "two");
    // Nothing is left of what was read ahead; the last byte can be put back all the same, whatever came meanwhile.
    CHECK(io.unget() && io.get() == '\n');
    io << "ok" << std::flush;
    CHECK(io.good() && io.sync() == 0 && io.unget() && io.get() == '\n');
    CHECK(!io.putback('#'));
    io.clear();
    CHECK(io.tellg() == -1 && io.unget() && io.get() == '\n');
    CHECK(write(ends[1], "three\n", 6) == 6 && std::getline(io, line) && line == "three");
    close(ends[1]);
}

// Reads all, and takes the byte before back at every place; after a look at the next, which may be in the next window.
void check_unget(rove::stream &s, const string &content)
{
    rove::streambuf buf(s);
    std::istream in(&buf);
    for (size_t at = 0; at < content.size(); at++) {
        CHECK(in.get() == content[at]);
        in.peek();
        in.clear();
        CHECK(in.unget() && in.get() == content[at]);
    }
    CHECK(in.get() == EOF);
}

void a_streambuf_takes_back_what_was_read()
{
    const string content = pattern(10000);
    rove::stream plain = rove::stream::copy(content, here()), coded = rove::stream::memory(here());
    rove::stream packed = rove::stream::encode(coded, "gzip");
    packed.write(content);
    packed.close();
    coded.seek(0);
    rove::stream unpacked = rove::stream::decode(coded); // which cannot seek
    check_unget(plain, content);
    check_unget(unpacked, content);

    rove::streambuf buf(plain);
    std::istream in(&buf);
    in.seekg(5000);
    CHECK(in.unget() && in.tellg() == 4999 && in.putback(content[4998]) && in.tellg() == 4998);
    CHECK(!in.putback('#') && in.bad());
    in.clear();
    CHECK(in.tellg() == 4998 && in.get() == content[4998]);
    in.seekg(0);
    CHECK(!in.unget());
    in.clear();
    CHECK(in.get() == content[0] && in.sync() == 0 && plain.tell() == 1);
    in.seekg(1, std::ios::end);
    CHECK(in.unget().good() == false); // nothing lies there
    in.clear();
    CHECK(in.tellg() == 10001);
}

void a_streambuf_is_bad_when_the_stream_fails()
{
    rove::stream coded = rove::stream::memory(here()), packed = rove::stream::encode(coded, "gzip");
    packed.write(pattern(50000));
    packed.close();
    coded.truncate(coded.size() - 1);
    coded.seek(0);
    rove::stream plain = rove::stream::decode(coded);
    rove::streambuf buf(plain);
    std::istream in(&buf);
    string all(60000, '\0');
    in.read(&all[0], 60000);
    CHECK(in.bad() && in.gcount() <= 50000);
    in.clear();
    in.exceptions(std::ios::badbit);
    CHECK_IS(ROVE_E_TRUNCATED, thrown([&] { in.get(); }));
}

} // namespace

int main(int argc, char **argv)
{
    static const suite_case cases[] = {
        SUITE_CASE(bytes_are_made_of_text_arrays_and_ranges),
        SUITE_CASE(a_moved_rope_leaves_an_empty_one),
        SUITE_CASE(a_moved_view_leaves_an_empty_one),
        SUITE_CASE(a_moved_stream_is_none),
        SUITE_CASE(what_could_not_be_taken_out_is_an_empty_rope_or_view),
        SUITE_CASE(counted_objects_are_copied_and_moved),
        SUITE_CASE(handles_are_adopted_and_released),
        SUITE_CASE(a_rope_does_what_a_string_does),
        SUITE_CASE(a_view_is_asked),
        SUITE_CASE(runs_walk_every_byte_in_order),
        SUITE_CASE(adopted_containers_live_as_long_as_their_bytes),
        SUITE_CASE(a_rope_is_a_queue_between_descriptors),
        SUITE_CASE(a_stream_reads_writes_and_edits),
        SUITE_CASE(lines_come_one_by_one),
        SUITE_CASE(chains_stand_on_what_they_borrow_or_own),
        SUITE_CASE(what_an_exception_cuts_off_never_looks_complete),
        SUITE_CASE(an_index_is_made_saved_and_used),
        SUITE_CASE(an_index_beside_trailing_bytes_is_given_or_gone),
        SUITE_CASE(more_than_a_string_holds_is_refused),
        SUITE_CASE(what_is_thrown_tells_layer_cause_and_offset),
        SUITE_CASE(what_no_stream_has_recorded_is_told_by_its_status),
        SUITE_CASE(a_wrong_text_is_shown_where_it_is_wrong),
        SUITE_CASE(the_system_gives_its_number),
        SUITE_CASE(a_status_that_is_asked_for_gets_all_and_nothing_is_thrown),
        SUITE_CASE(every_refused_allocation_is_thrown_and_leaves_nothing),
        SUITE_CASE(filters_are_listed_added_and_loaded),
        SUITE_CASE(a_streambuf_reads_writes_and_seeks),
        SUITE_CASE(a_streambuf_on_a_socket_answers_before_all_is_read),
        SUITE_CASE(a_streambuf_takes_back_what_was_read),
        SUITE_CASE(a_streambuf_is_bad_when_the_stream_fails),
    };
    static const suite suite = {"test_hpp", cases, sizeof cases / sizeof cases[0], false};
    return suite_run(argc, argv, &suite);
}
