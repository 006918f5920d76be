// SPDX-License-Identifier: MIT
// bench_tool.cc: row T1: `rove pack` to a plain tar beside the tools that do just this, whole processes.
//
// What is judged is the CPU time of the process. Where the archive is a file on a disk, the wall says how fast the disk
// is; it is shown, and has no goal. No tool waits for the disk: tar never does, and rove is told not to.
#include "filter_kit.h"
#include "process.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace
{

using namespace bench;
namespace fs = std::filesystem;
using Words = std::vector<std::string>;

// A folder of files below folders of a hundred, which goes with the program.
class Tree
{
public:
    Tree(size_t len, size_t least, size_t most)
    {
        std::string name = (fs::temp_directory_path() / "rove-tree.XXXXXX").string();
        must(mkdtemp(&name[0]) != nullptr, "mkdtemp");
        root = name;
        Random random;
        for (; sum < len; file_cnt++)
            add(least + random.below(most - least), random);
    }
    ~Tree()
    {
        fs::remove_all(root);
    }
    Tree(const Tree &) = delete;
    Tree &operator=(const Tree &) = delete;

    fs::path root;
    size_t sum = 0, file_cnt = 0;

private:
    void add(size_t size, Random &random)
    {
        Bytes from = corpus(medium());
        fs::path dir = root / "in" / std::to_string(file_cnt / 100);
        fs::create_directories(dir);
        std::ofstream file(dir / ("member-" + std::to_string(file_cnt)), std::ios::binary);
        for (size_t left = size, n; left; left -= n) {
            n = std::min<size_t>(left, MiB);
            file.write(from.ptr + random.below(from.len - n), static_cast<std::streamsize>(n));
        }
        must(bool(file.flush()), "write");
        sum += size;
    }
};

// Seconds.
struct Used {
    double wall, cpu;
};

// Runs a tool, whose output is a file that was not there before.
Used run(const Words &words, const fs::path &out)
{
    Words own = words;
    std::vector<char *> args;
    for (std::string &word : own)
        args.push_back(&word[0]);
    args.push_back(nullptr);
    fs::remove(out);
    double from = wall_now();
    pid_t pid;
    int how = -1;
    struct rusage usage;
    must(posix_spawnp(&pid, args[0], nullptr, nullptr, args.data(), environ) == 0 &&
             wait4(pid, &how, 0, &usage) == pid && how == 0, args[0]);
    return {wall_now() - from, cpu_of(usage)};
}

// All files are in the archive, as tar sees it.
void check(const Tree &tree, const fs::path &out)
{
    std::string list = "tar -tf '" + out.string() + "' | grep -c member-";
    FILE *pipe = popen(list.c_str(), "r");
    size_t cnt = 0;
    must(pipe && fscanf(pipe, "%zu", &cnt) == 1 && cnt == tree.file_cnt, "an archive lacks members");
    pclose(pipe);
    must(fs::file_size(out) >= tree.sum, "an archive is too short");
}

Body packing(const std::shared_ptr<Tree> &tree, Words words, bool wall)
{
    return [=](State &state) {
        fs::path out = tree->root / "out.tar";
        Words all = words;
        all.insert(all.end(), {out.string(), "-C", tree->root.string(), "in"});
        Used used = {};
        for (auto _ : state)
            used = run(all, out);
        check(*tree, out);
        state.counters["value"] = (wall ? used.wall : used.cpu) / double(tree->sum) * 1e9;
    };
}

void rows(const std::string &name, const std::shared_ptr<Tree> &tree)
{
    note(name + ": " + std::to_string(tree->file_cnt) + " files, " + std::to_string(tree->sum / MiB) + " MiB");
    How how = on_the_wall;
    how.once = true;
    for (bool wall : {false, true}) {
        Row row("T1 pack to a tar, " + name + (wall ? ", on the wall" : ", CPU"));
        row.unit("MB/s").rove(packing(tree, {ROVE_TOOL, "pack", "--no-sync", "-o"}, wall), how);
        row.peer("tar c", packing(tree, {"tar", "-cf"}, wall), how);
        if (!wall)
            row.goal(at_most(1.15, "tar c"));
        row.after([tree] {});
    }
}

} // namespace

const char *bench_title()
{
    return "the rove command beside the tools that do the same";
}

double bench_child(const std::string &)
{
    return -1;
}

void bench_rows()
{
    bench::note("processes, not pinned: their processor time, or the clock on the wall");
    size_t len = quick() ? 4 * MiB : 256 * MiB;
    rows("files of 256 B to 16 KiB", std::make_shared<Tree>(len / 4, 256, 16 * KiB));
    rows("files of 64 KiB to 1 MiB", std::make_shared<Tree>(len, 64 * KiB, MiB));
    rows("files of 16 to 32 MiB", std::make_shared<Tree>(len, 16 * MiB, 32 * MiB));
}
