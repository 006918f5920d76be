// SPDX-License-Identifier: MIT
// parallel_tools.cc: whole processes: the rove command beside the tools for the same formats, each on the same file.
//
// They are started by a process of our own that was made before this one had any memory to speak of: what a process
// has ever held includes what its parent held when it was started.
#include "parallel_kit.h"
#include "process.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bench
{

namespace
{

namespace fs = std::filesystem;

// What a process used: nanoseconds, bytes.
struct Used {
    int status;
    double wall, cpu, peak;
};

int starter = -1; // a socket to the process that starts others

pid_t start(std::vector<char *> words, const std::string &out)
{
    words.push_back(nullptr);
    pid_t pid = fork();
    if (pid == 0) {
        int fd = open(out.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
        int null = open("/dev/null", O_RDWR);
        if (fd >= 0 && null >= 0 && dup2(null, 0) == 0 && dup2(fd, 1) == 1 && dup2(null, 2) == 2)
            execvp(words[0], words.data());
        _exit(127);
    }
    return pid;
}

void wait_for(pid_t pid, Used *used)
{
    struct rusage usage;
    int status = -1;
    if (wait4(pid, &status, 0, &usage) != pid || status != 0) {
        used->status = status ? status : -1;
        return;
    }
    used->cpu += cpu_of(usage) * 1e9;
    used->peak = std::max(used->peak, double(usage.ru_maxrss) * 1024);
}

std::string nth(const std::string &out, size_t i)
{
    return i ? out + "." + std::to_string(i) : out;
}

// Runs words so many times at once, each into a file of its own. The files are new: to cut an old one takes time, and
// ext4 writes what takes its place to the disk as it is closed (docs/parallel.md), which no tool is to answer for.
Used run_words(const std::vector<char *> &words, const std::string &out, size_t copies)
{
    Used used = {};
    std::vector<pid_t> pids;
    for (size_t i = 0; i < copies; i++)
        unlink(nth(out, i).c_str());
    double from = wall_now();
    for (size_t i = 0; i < copies; i++)
        pids.push_back(start(words, nth(out, i)));
    for (pid_t pid : pids)
        wait_for(pid, &used);
    used.wall = (wall_now() - from) * 1e9;
    return used;
}

[[noreturn]] void serve(int fd)
{
    char text[4096];
    for (ssize_t len; (len = recv(fd, text, sizeof text, 0)) > 0;) {
        std::vector<char *> words;
        for (char *at = text; at < text + len; at += std::strlen(at) + 1)
            words.push_back(at);
        std::string out = words.back();
        words.pop_back();
        size_t copies = std::strtoul(words[0], nullptr, 10);
        words.erase(words.begin());
        Used used = run_words(words, out, copies);
        if (send(fd, &used, sizeof used, 0) != sizeof used)
            break;
    }
    _exit(0);
}

// ---- files ------------------------------------------------------------------------------------

const fs::path &folder()
{
    static const fs::path made = [] {
        std::string name = (fs::temp_directory_path() / "rove-bench.XXXXXX").string();
        must(mkdtemp(&name[0]) != nullptr, "mkdtemp");
        return fs::path(name);
    }();
    return made;
}

std::string read_file(const std::string &path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// The corpus as a file, twice where a tool is fast.
const std::string &plain_file(size_t times)
{
    static std::map<size_t, std::string> files;
    std::string &path = files[times];
    if (path.empty()) {
        path = (folder() / ("plain" + std::to_string(times))).string();
        std::ofstream file(path, std::ios::binary);
        for (size_t i = 0; i < times; i++)
            file.write(corpus(medium()).ptr, static_cast<std::streamsize>(corpus(medium()).len));
        must(bool(file.flush()), "write");
    }
    return path;
}

// ---- jobs -------------------------------------------------------------------------------------

using Words = std::vector<std::string>;

struct Job {
    std::string in; // the file; made when it is first needed, by `made_by` from the plain one
    Words made_by, words;
    size_t times; // so many times the corpus
    bool packs;
    bool sums = false; // a file, which is neither packed nor unpacked
    size_t copies = 1; // at once
};

Used run(const Words &words, const std::string &in, const std::string &out, size_t copies = 1)
{
    std::string text = std::to_string(copies) + '\0';
    for (const std::string &word : words)
        text += word + '\0';
    text += in + '\0' + out + '\0';
    Used used;
    must(send(starter, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()) &&
             recv(starter, &used, sizeof used, 0) == sizeof used,
         "the process that starts others is gone");
    must(used.status == 0, words[0].c_str());
    return used;
}

std::string input_of(const Job &job)
{
    if (job.packs || job.sums)
        return plain_file(job.times);
    std::string path = (folder() / job.in).string();
    if (!fs::exists(path))
        run(job.made_by, plain_file(job.times), path);
    return path;
}

// All runs of a job so far, and what it wrote.
struct Runs {
    std::vector<double> wall, cpu, peak;
    double out_len = 0;
};

Runs &runs_of(const Job &job)
{
    static std::map<Words, Runs> all;
    Words key = job.words;
    key.push_back(job.packs ? "" : job.in);
    key.push_back(std::to_string(job.copies));
    return all[key];
}

// Packing is checked by unpacking: a tool of the same family does.
void check(const Job &job, const std::string &out)
{
    std::string back = out;
    if (job.packs) {
        Bytes plain = corpus(medium());
        std::string packed = read_file(out);
        Store source({packed.data(), packed.size()}, Lies::whole);
        struct rove_stream *stream = decoder(source, "auto");
        std::string piece(plain.len, 0);
        size_t sum = 0, len;
        for (enum rove_status status = ROVE_OK; status == ROVE_OK; sum += len) {
            status = rove_stream_read(stream, &piece[0], piece.size(), &len);
            must(std::memcmp(piece.data(), plain.ptr, len) == 0, job.words[0].c_str());
        }
        must(sum == plain.len * job.times, job.words[0].c_str());
        rove_stream_free(stream);
    } else if (!job.sums) {
        must(read_file(out) == read_file(plain_file(job.times)), job.words[0].c_str());
    }
}

Used run_job(const Job &job)
{
    std::string out = (folder() / "out").string(), in = input_of(job);
    Used used = run(job.words, in, out, job.copies);
    Runs &runs = runs_of(job);
    if (runs.wall.empty()) {
        check(job, out);
        runs.out_len = double(fs::file_size(out));
    }
    runs.wall.push_back(used.wall);
    runs.cpu.push_back(used.cpu);
    runs.peak.push_back(used.peak);
    return used;
}

double plain_len(const Job &job)
{
    return double(medium() * job.times * job.copies);
}

// ---- rows -------------------------------------------------------------------------------------

struct Named {
    std::string name;
    Words words;
};

struct Race {
    std::string name;
    Job job; // what all share; the words are rove's
    std::vector<Named> peers;
    std::vector<Goal> goals, size_goals;
    Bounds limits = {};            // of the codec, by a chain
    std::vector<Job> bounds = {};  // whole processes: what shares work between two can be no faster
    Bounds codec = {};             // the codec itself, with nothing around it
};

// Two processes with one thread each, which have nothing in common but the machine.
Job apart(Job job)
{
    job.copies = 2;
    return job;
}

bool have(const std::string &program)
{
    if (program.find('/') != std::string::npos)
        return access(program.c_str(), X_OK) == 0;
    std::istringstream path(std::getenv("PATH") ? std::getenv("PATH") : "");
    for (std::string dir; std::getline(path, dir, ':');)
        if (access((dir + "/" + program).c_str(), X_OK) == 0)
            return true;
    return false;
}

// The figures of the runs for the first row; run once where that row was left out.
Body figure(const Job &job, double (*of)(const Job &, const Runs &))
{
    return tells([=] {
        if (runs_of(job).wall.empty())
            run_job(job);
        return of(job, runs_of(job));
    });
}

Row row_of(const Race &race, const std::string &name, const std::string &unit,
           const std::function<Body(const Job &)> &body, const How &how)
{
    Row row(name);
    row.unit(unit).rove(body(race.job), how);
    for (const Named &peer : race.peers) {
        Job job = race.job;
        job.words = peer.words;
        if (have(peer.words[0]))
            row.peer(peer.name, body(job), how);
    }
    return row;
}

Body on_wall(const Job &job)
{
    return [job](State &state) {
        double took = 0;
        for (auto _ : state)
            took = run_job(job).wall;
        state.counters["value"] = took / plain_len(job);
    };
}

void run_race(const Race &race)
{
    How how = on_the_wall;
    how.once = true;
    Row wall = row_of(race, race.name, "MB/s", on_wall, how);
    for (const Bound &limit : race.limits)
        wall.limit(limit.name, limit.body, limit.how);
    for (const Bound &bound : race.codec)
        wall.bound(bound.name, bound.body, bound.how);
    for (const Job &job : race.bounds)
        wall.bound(job.copies > 1 ? "two processes apart" : job.words[0], on_wall(job), how);
    for (const Goal &goal : race.goals)
        wall.goal(goal);
    auto cpu = [](const Job &job, const Runs &runs) { return median(runs.cpu) / plain_len(job); };
    row_of(
        race, race.name + ", CPU", "MB/s", [=](const Job &job) { return figure(job, cpu); }, exact);
    auto peak = [](const Job &, const Runs &runs) { return median(runs.peak) / double(MiB); };
    row_of(
        race, race.name + ", peak memory", "MiB", [=](const Job &job) { return figure(job, peak); },
        exact);
    if (!race.job.packs)
        return;
    auto size = [](const Job &job, const Runs &runs) { return runs.out_len / plain_len(job); };
    Row len = row_of(
        race, race.name + ", size", "x plain", [=](const Job &job) { return figure(job, size); },
        exact);
    for (const Goal &goal : race.size_goals)
        len.goal(goal);
}

#if defined(ROVE_TOOL)

Words rove(Words rest)
{
    Words words = {ROVE_TOOL};
    words.insert(words.end(), rest.begin(), rest.end());
    words.push_back("-c");
    return words;
}

// What comes out, read and written by a tool that does nothing else.
const Job written = {"plain", {"cat"}, {"cat"}, 2, false};

void gzip_races()
{
    Words pack = rove({"compress", "-T2"}), unpack = rove({"decompress", "-T2"});
    Words pack_1 = rove({"compress", "-T1"}), unpack_1 = rove({"decompress", "-T1"});
    run_race({"rove -T2, .gz",
              {"", {}, pack, 1, true},
              {{"pigz -p2", {"pigz", "-p2", "-c"}},
               {"bgzip -@2", {"bgzip", "-@2", "-c"}},
               {"igzip -3 -T2", {"igzip", "-3", "-T", "2", "-c"}},
               {"gzip", {"gzip", "-c"}}},
              {faster(4, "pigz -p2"), faster(1.35, "bgzip -@2")},
              {},
              write_bounds("libdeflate:bgzf=yes"),
              {apart({"", {}, pack_1, 1, true})},
              pack_bounds(6)});
    // What bgzip calls its level 6 is libdeflate's level 7.
    std::string at_its_size = "-Flibdeflate:bgzf=yes,level=7";
    run_race({"rove -T2, .gz of bgzip's size",
              {"", {}, rove({"compress", "-T2", at_its_size}), 1, true},
              {{"bgzip -@2", {"bgzip", "-@2", "-c"}}},
              {faster(1.35, "bgzip -@2")},
              {at_most(1, "bgzip -@2")},
              write_bounds("libdeflate:bgzf=yes,level=7"),
              {apart({"", {}, rove({"compress", "-T1", at_its_size}), 1, true})},
              pack_bounds(7)});
    run_race({"rove -d -T2, its own .gz",
              {"own.gz", pack, unpack, 2, false},
              {{"pigz -d -p2", {"pigz", "-d", "-p2", "-c"}},
               {"bgzip -d -@2", {"bgzip", "-d", "-@2", "-c"}},
               {"rapidgzip -P2", {"rapidgzip", "-P", "2", "-d", "-c"}},
               {"igzip -d", {"igzip", "-d", "-c"}},
               {"gzip -d", {"gzip", "-d", "-c"}}},
              {faster(1.6, "bgzip -d -@2"), faster(1.7, "rapidgzip -P2")},
              {},
              read_bounds("libdeflate:bgzf=yes"),
              {apart({"half.gz", pack, unpack_1, 1, false}), written},
              members_bounds()});
    run_race({"rove -d -T2, .gz of gzip",
              {"foreign.gz", {"gzip", "-c"}, unpack, 2, false},
              {{"pigz -d -p2", {"pigz", "-d", "-p2", "-c"}},
               {"rapidgzip -P2", {"rapidgzip", "-P", "2", "-d", "-c"}},
               {"igzip -d", {"igzip", "-d", "-c"}},
               {"gzip -d", {"gzip", "-d", "-c"}}},
              {faster(1, "igzip -d")},
              {},
              inflate_bounds()});
}

void sum_races()
{
    run_race({"rove sum -T2, one file",
              {"", {}, {ROVE_TOOL, "sum", "-T2"}, 8, false, true},
              {{"rove sum -T1", {ROVE_TOOL, "sum", "-T1"}}},
              {faster(1.8, "rove sum -T1")},
              {},
              {},
              {apart({"", {}, {ROVE_TOOL, "sum", "-T1"}, 4, false, true})}});
}

// lz4 has threads since 1.10.
Named lz4(const char *mode)
{
    static const bool threads = std::system("lz4 -T2 --version >/dev/null 2>&1") == 0;
    return threads ? Named{std::string("lz4 -T2 ") + mode, {"lz4", mode, "-T2", "-c"}}
                   : Named{std::string("lz4 ") + mode, {"lz4", mode, "-c"}};
}

void other_races()
{
    Words lz4_pack = rove({"compress", "-T2", "-Flz4"}), unpack = rove({"decompress", "-T2"});
    run_race({"rove -T2, .lz4",
              {"", {}, lz4_pack, 2, true},
              {lz4("-1")},
              {faster(1.6, "lz4 -T2 -1")},
              {},
              write_bounds("lz4"),
              {apart({"", {}, rove({"compress", "-T1", "-Flz4"}), 1, true})}});
    run_race({"rove -d -T2, .lz4",
              {"own.lz4", lz4_pack, unpack, 2, false},
              {lz4("-d")},
              {faster(1.8, "lz4 -T2 -d")},
              {},
              read_bounds("lz4"),
              {apart({"half.lz4", lz4_pack, rove({"decompress", "-T1"}), 1, false}), written}});
    if (!is_spec("zstd:block=512K"))
        return;
    Words zstd_pack = rove({"compress", "-T2", "-Fzstd:block=512K"});
    run_race({"rove -T2, .zst",
              {"", {}, zstd_pack, 2, true},
              {{"zstd -T2", {"zstd", "-T2", "-c"}}},
              {},
              {}});
    run_race({"rove -d -T2, .zst",
              {"own.zst", zstd_pack, unpack, 2, false},
              {{"zstd -d", {"zstd", "-d", "-c"}}},
              {},
              {}});
}

#else

void sum_races()
{
}

void gzip_races()
{
    note("without the rove command");
}

void other_races()
{
}

#endif

void end_tools()
{
    std::error_code error;
    fs::remove_all(folder(), error);
}

} // namespace

void begin_tools()
{
    int ends[2];
#if defined(ROVE_PLUGIN_DIR)
    setenv("ROVE_FILTER_PATH", ROVE_PLUGIN_DIR, 1);
#endif
    must(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0, "socketpair");
    pid_t pid = fork();
    must(pid >= 0, "fork");
    if (pid == 0) {
        close(ends[0]);
        serve(ends[1]);
    }
    close(ends[1]);
    starter = ends[0];
}

void tool_rows()
{
    folder(); // first, so that it outlives what is to be done at exit
    std::atexit(end_tools);
    gzip_races();
    other_races();
    sum_races();
}

} // namespace bench
