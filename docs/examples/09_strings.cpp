// SPDX-License-Identifier: MIT
// 09_strings.cpp: the right columns of docs/migration.md, for C++: each call that stands there is made here.
#include <rove/rove.hpp>

#include <cstdio>

#define EXPECT(cond)                                                           \
    do {                                                                       \
        if (!(cond)) {                                                         \
            std::fprintf(stderr, "09_strings, line %d: %s\n", __LINE__, #cond); \
            return 1;                                                          \
        }                                                                      \
    } while (0)

static int from_string()
{
    const std::string text = "hello, moon";
    rove::rope rope(text);
    rope.append(text);
    rope.insert(0, "> ");
    rope.erase(2, 7);
    rope.replace(2, 4, "sun");
    rope.resize(rope.size() + 1);
    rope.truncate(rope.size() - 1);
    EXPECT(rope.str() == "> sunhello, moon" && rope.size() == 16);
    EXPECT(rope.find("hello") == 5u && !rope.find("moon", 13));
    EXPECT(rope.view(5, 5).str() == "hello");
    rove::rope copy = rope.clone();
    rope.clear();
    EXPECT(copy.flatten().text() == "> sunhello, moon" && rope.empty());
    EXPECT(copy.view().compare(rope.view()) > 0);
    char c;
    copy.read(2, rove::room(&c, 1));
    EXPECT(c == 's');
    return 0;
}

static int from_cord()
{
    std::string text(1000, 'x');
    rove::rope rope, other("other ");
    rope.append("text ");
    rope.insert(0, "more ");
    rope.adopt(std::move(text));
    rope.append(other.view());
    rope.append(std::move(other));
    rope.erase(0, 5);
    rope.truncate(rope.size() - 6);
    rove::rope part;
    part.append(rope.view(0, 700));
    rove::room room = rope.reserve(64);
    room[0] = '!';
    rope.commit(1);
    const rove::view view = rope.view();
    std::size_t len = 0;
    for (rove::bytes run : view.runs())
        len += run.size();
    EXPECT(len == rope.size() && len == 1012 && part.size() == 700);
    EXPECT(view.starts_with("text ") && view.ends_with("!") && !(view == part.view()));
    EXPECT(rope.str() == "text " + std::string(1000, 'x') + "other !");
    rove_rope_figures figures;
    rove::check(rove_rope_measure(rope.get(), &figures));
    EXPECT(figures.len == rope.size());
    const std::vector<std::uint8_t> sum = view.digest("crc32c");
    EXPECT(sum.size() == 4);
    return 0;
}

int main()
{
    return from_string() || from_cord();
}
