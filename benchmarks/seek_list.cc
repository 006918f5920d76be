// SPDX-License-Identifier: MIT
// seek_list.cc: row K2: `rove list` of a .tar.gz beside `tar -tzf`, and what bounds it.
//
// Each member's header tells where the next one is, so that those parts in which a header lies have to be decoded, one
// after the other. How many that are depends on how long members are; just these, decoded flat in memory, are the limit.
#include "seek_rows.h"

#include "filter_kit.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#include <rove/index.h>
#pragma GCC diagnostic pop

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <memory>

namespace bench
{

#if defined(ROVE_TOOL)

namespace
{

constexpr size_t block = 512;

// A tar, the places of its headers, and where they lie in it once it is coded.
struct Archive {
    std::string tar;
    std::vector<uint64_t> heads;
    std::string spec, path;
    Bytes packed = {nullptr, 0};
    struct rove_index *index = nullptr;
    std::vector<uint64_t> parts; // those in which a header lies, in order

    Archive(size_t len, size_t least, size_t most) : spec(has_filter("libdeflate") ? "libdeflate:bgzf=yes" : "bgzf")
    {
        Random random;
        while (tar.size() < len) {
            double share = double(random.below(1000)) / 1000; // each power of two as often
            size_t size = least;
            while (size < most && share > 0) {
                size *= 2;
                share -= 0.1;
            }
            add(size - random.below(size / 2), random);
        }
        tar.append(2 * block, '\0');
        encode();
        find_parts();
    }
    ~Archive()
    {
        rove_index_unref(index);
        unlink(path.c_str());
    }
    Archive(const Archive &) = delete;
    Archive &operator=(const Archive &) = delete;

    struct rove_point part(uint64_t i) const
    {
        struct rove_point point;
        if (rove_index_point(index, i, &point) != ROVE_OK)
            point = {packed.len, tar.size(), 0, 0};
        return point;
    }

private:
    void add(size_t size, Random &random)
    {
        Bytes from = corpus(medium());
        char head[block] = {};
        unsigned sum = 0;
        heads.push_back(tar.size());
        snprintf(head, 100, "folder/member-%zu", heads.size());
        memcpy(head + 100, "0000644\0000000000\0000000000", 24);
        snprintf(head + 124, 13, "%011zo", size);
        memcpy(head + 136, "14000000000\0        0", 21);
        memcpy(head + 257, "ustar\00000", 8);
        for (char c : head)
            sum += static_cast<unsigned char>(c);
        snprintf(head + 148, 8, "%06o", sum);
        tar.append(head, block);
        while (size) {
            size_t n = size < MiB ? size : MiB;
            tar.append(from.ptr + random.below(from.len - n), n);
            size -= n;
        }
        tar.append((block - tar.size() % block) % block, '\0');
    }

    void encode()
    {
        char name[] = "/tmp/rove-list.XXXXXX.tgz";
        packed = coded(spec, {tar.data(), tar.size()});
        int fd = mkstemps(name, 4);
        path = name;
        for (size_t at = 0; at < packed.len;) {
            ssize_t n = write(fd, packed.ptr + at, packed.len - at);
            must(n > 0, "no file");
            at += size_t(n);
        }
        close(fd);
    }

    void find_parts()
    {
        Store source(packed, Lies::whole);
        ok(rove_index_make(source, spec.c_str(), nullptr, 0, &index));
        for (uint64_t head : heads)
            for (uint64_t at : {head, head + block - 1}) {
                uint64_t i;
                ok(rove_index_find(index, at, &i));
                if (parts.empty() || parts.back() < i)
                    parts.push_back(i);
            }
    }
};

Body processes(std::vector<std::string> words)
{
    return [words](State &state) {
        std::vector<std::string> own = words;
        std::vector<char *> args;
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
        for (std::string &word : own)
            args.push_back(&word[0]);
        args.push_back(nullptr);
        for (auto _ : state) {
            pid_t pid;
            int how = -1;
            must(posix_spawnp(&pid, args[0], &actions, nullptr, args.data(), environ) == 0 &&
                     waitpid(pid, &how, 0) == pid && how == 0, args[0]);
        }
        posix_spawn_file_actions_destroy(&actions);
        state.SetItemsProcessed(state.iterations());
    };
}

Body heads_flat(std::shared_ptr<Archive> a)
{
    return [a](State &state) {
        Store empty;
        struct rove_stream *stream = decoder(empty, a->spec);
        for (auto _ : state)
            for (uint64_t i : a->parts) {
                struct rove_point from = a->part(i), to = a->part(i + 1);
                Store part({a->packed.ptr + from.coded, size_t(to.coded - from.coded)}, Lies::whole);
                size_t len = size_t(to.plain - from.plain);
                ok(rove_stream_rechain(stream, part));
                ok(rove_stream_read(stream, scratch(len), len, nullptr));
                ok(rove_stream_rechain(stream, empty));
            }
        state.SetItemsProcessed(state.iterations());
        rove_stream_free(stream);
    };
}

std::string percent(uint64_t part, uint64_t all)
{
    return std::to_string(100 * part / all) + " %";
}

void row(const std::string &name, const std::shared_ptr<Archive> &a, bool bounded)
{
    uint64_t bytes = 0;
    for (uint64_t i : a->parts)
        bytes += a->part(i + 1).plain - a->part(i).plain;
    note(name + ": " + std::to_string(a->heads.size()) + " in " + std::to_string(a->tar.size() / MiB) +
         " MiB; parts with a header are " + percent(bytes, a->tar.size()) + " of it");
    Row made("list of a .tar.gz, " + name);
    made.rove(processes({ROVE_TOOL, "list", a->path}), on_the_wall)
        .peer("tar -tzf", processes({"tar", "-tzf", a->path}), on_the_wall)
        .after([a] {}); // until then the file is there
    if (bounded)
        made.limit("parts with a header, flat", heads_flat(a), on_the_wall)
            .goal(at_most(1.3, "parts with a header, flat"));
    else
        made.goal(faster(50, "tar -tzf"));
}

} // namespace

void list_rows()
{
    const size_t len = quick() ? 16 * MiB : 256 * MiB;
#if defined(ROVE_PLUGIN_DIR)
    setenv("ROVE_FILTER_PATH", ROVE_PLUGIN_DIR, 1);
#endif
    load_plugin("libdeflate");
    row("members of 128 B to 256 KiB", std::make_shared<Archive>(len, 256, 256 * KiB), true);
    row("members of 8 to 16 MiB", std::make_shared<Archive>(len, 16 * MiB, 16 * MiB), false);
}

#else

void list_rows()
{
}

#endif

} // namespace bench
