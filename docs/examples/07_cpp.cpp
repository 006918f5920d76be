// SPDX-License-Identifier: MIT
// 07_cpp.cpp: the C++ wrapper, the program of docs/cpp.md. Each function is a part of that page.
#include <rove/rove.hpp>

#include <cstdio>
#include <istream>
#include <unistd.h>

// Edits, and a walk over the bytes where they lie.
static std::string edit()
{
    rove::rope rope("hello, moon!\n");
    rope.replace(7, 4, "rope");
    rope.insert(0, "greeting: ");
    rove::view before = rope.view(); // pins what is there now, in O(1)
    rope.erase(0, 10);

    std::string out;
    for (rove::bytes run : before.runs())
        out += run.text();
    return out;
}

// A chain owns the file beneath it, because that was moved in. An exception on the way would leave a file that
// nobody takes for whole.
static void save(const std::string &path, rove::rope &content)
{
    rove::stream file = rove::stream::open(path, "w");
    rove::stream packed = rove::stream::encode(std::move(file), "crc32c|gzip:level=6");
    packed.write(content.view());
    packed.close(); // ends the format, and closes the file
}

static std::string load(const std::string &path)
{
    return rove::stream::open(path, "r", "auto").read_all();
}

// What is thrown knows all that the library knows.
static bool explain(const std::string &path)
{
    try {
        rove::stream in = rove::stream::open(path, "r", "gzip");
        in.read_all();
    } catch (const rove::error &error) {
        std::printf("%s\n", error.what());
        return error.status() == ROVE_E_FORMAT && error.layer() == "gzip" && error.offset() == 0u;
    }
    return false;
}

// Where a failure is expected, it is asked for, and nothing is thrown.
static std::size_t lines_of(const std::string &path)
{
    rove_status status;
    std::size_t cnt = 0;
    rove::stream in = rove::stream::open(path, "r", nullptr, nullptr, &status);
    if (status != ROVE_OK)
        return 0;
    while (!in.line('\n', 0, &status).empty())
        cnt++;
    return status == ROVE_END ? cnt : 0;
}

// Memory of a container becomes part of a rope, without a copy.
static rove::rope adopt(std::string text)
{
    rove::rope rope;
    rope.adopt(std::move(text));
    rope.append("and more\n");
    return rope;
}

// Code that wants a std::istream gets one.
static int sum(rove::stream &numbers)
{
    rove::streambuf buf(numbers);
    std::istream in(&buf);
    int all = 0, one;
    while (in >> one)
        all += one;
    return all;
}

// What has no function in the wrapper is called in C.
static std::uint64_t without_zeros(rove::rope &rope)
{
    std::uint64_t thinned = 0;
    rove::check(rove_rope_thin(rope.get(), &thinned));
    return thinned;
}

int main()
{
    const std::string text(2000, 'x'), path = "example_cpp." + std::to_string(getpid());
    rove::rope rope = adopt(text + "\n");
    save(path, rope);
    bool fine = edit() == "greeting: hello, rope!\n" && load(path) == text + "\nand more\n";
    {
        rove::stream plain = rove::stream::open(path, "w");
        plain.write("1 2\n3\n");
        plain.close();
    }
    rove::stream numbers = rove::stream::open(path, "r");
    fine = fine && explain(path) && lines_of(path) == 2 && sum(numbers) == 6 && lines_of("nowhere") == 0;
    rope = rove::rope(std::string(5000, '\0'));
    fine = fine && without_zeros(rope) <= 5000;
    std::remove(path.c_str());
    return fine ? 0 : 1;
}
