// SPDX-License-Identifier: MIT
// filter_corpus.cc: gathers the corpus.
#include "filter_corpus.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include <zlib.h>

namespace bench
{

namespace
{

namespace fs = std::filesystem;

constexpr size_t piece_len = 256 * KiB; // of one kind, before the next kind's turn
constexpr size_t file_most = 4 * MiB;   // no single file makes up the corpus

struct Kind {
    const char *name;
    size_t share; // pieces in a round of ten
    std::vector<const char *> roots;
    bool (*fits)(const fs::path &path);
    std::string bytes = {};
    size_t file_cnt = 0, used = 0;
};

bool ends_with(const std::string &text, const char *end)
{
    size_t len = std::strlen(end);
    return text.size() >= len && text.compare(text.size() - len, len, end) == 0;
}

bool is_packed(const fs::path &path)
{
    static const char *const ends[] = {".gz", ".xz", ".bz2", ".zst", ".png", ".zip"};
    return std::any_of(std::begin(ends), std::end(ends),
                       [&](const char *end) { return ends_with(path.filename().string(), end); });
}

bool is_plain(const fs::path &path)
{
    return !is_packed(path) && !ends_with(path.filename().string(), ".pyc");
}

bool is_binary(const fs::path &path)
{
    std::string name = path.filename().string();
    return path.parent_path() == "/usr/bin" || name.find(".so") != std::string::npos ||
           ends_with(name, ".a");
}

std::vector<Kind> make_kinds()
{
    return {
        {"text",
         5,
         {"/usr/include", "/usr/share/doc", "/usr/share/perl", "/usr/lib/python3"},
         is_plain},
        {"binaries", 4, {"/usr/bin", "/usr/lib"}, is_binary},
        {"packed files", 1, {"/usr/share/doc", "/usr/share/man"}, is_packed},
    };
}

// All regular files below a folder, by name; links are not followed.
std::vector<fs::path> files_below(const char *root)
{
    std::vector<fs::path> paths;
    std::error_code error;
    fs::recursive_directory_iterator at(root, fs::directory_options::skip_permission_denied, error);
    for (; !error && at != fs::recursive_directory_iterator(); at.increment(error))
        if (!at->is_symlink(error) && at->is_regular_file(error))
            paths.push_back(at->path());
    std::sort(paths.begin(), paths.end());
    return paths;
}

void read_file(Kind &kind, const fs::path &path, size_t most)
{
    size_t had = kind.bytes.size();
    std::ifstream file(path, std::ios::binary);
    kind.bytes.resize(had + most);
    file.read(&kind.bytes[had], static_cast<std::streamsize>(most));
    kind.bytes.resize(had + static_cast<size_t>(file.gcount()));
    kind.file_cnt += file.gcount() > 0;
}

// Each root is to give an equal part of what is wanted, so that the first does not crowd out the
// rest; the last one makes up for what the others lack.
void gather(Kind &kind, size_t want)
{
    for (size_t i = 0; i < kind.roots.size(); i++) {
        size_t until = want * (i + 1) / kind.roots.size();
        for (const fs::path &path : files_below(kind.roots[i])) {
            if (kind.bytes.size() >= until)
                break;
            if (kind.fits(path))
                read_file(kind, path, std::min(file_most, until - kind.bytes.size()));
        }
    }
}

class Made
{
public:
    Made();
    Bytes first(size_t most) const
    {
        return {pages.data(), std::min(most, len)};
    }
    const std::string &note() const
    {
        return text;
    }

private:
    Pages pages{medium()};
    size_t len = 0;
    std::string text;

    void add_piece(Kind &kind);
    void describe(const std::vector<Kind> &kinds);
};

// Where a kind has too few bytes they come again: the codecs' windows are far shorter.
void Made::add_piece(Kind &kind)
{
    if (kind.used == kind.bytes.size())
        kind.used = 0;
    size_t part = std::min({piece_len, kind.bytes.size() - kind.used, medium() - len});
    std::memcpy(pages.data() + len, kind.bytes.data() + kind.used, part);
    kind.used += part;
    len += part;
}

void Made::describe(const std::vector<Kind> &kinds)
{
    text = "corpus: " + std::to_string(len / MiB) + " MiB of";
    for (const Kind &kind : kinds)
        text += (&kind == &kinds[0] ? " " : ", ") + std::to_string(kind.file_cnt) + " files of " +
                kind.name;
    char sum[32];
    std::snprintf(sum, sizeof sum, "; CRC-32 %08lx",
                  crc32_z(0, reinterpret_cast<const Bytef *>(pages.data()), len));
    text += sum;
}

Made::Made()
{
    std::vector<Kind> kinds = make_kinds();
    size_t found = 0;
    for (Kind &kind : kinds) {
        gather(kind, medium() / 10 * kind.share + piece_len);
        found += kind.bytes.size();
    }
    if (!found)
        die("none of the files for the corpus is here");
    while (len < medium())
        for (Kind &kind : kinds)
            for (size_t i = 0; i < kind.share && !kind.bytes.empty(); i++)
                add_piece(kind);
    describe(kinds);
}

const Made &made()
{
    static const Made *const one = new Made;
    return *one;
}

} // namespace

Bytes corpus(size_t most)
{
    return made().first(most);
}

std::string corpus_note()
{
    return made().note();
}

} // namespace bench
