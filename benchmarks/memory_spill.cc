// SPDX-License-Identifier: MIT
// memory_spill.cc: a stream many times larger than what its pool may hold, beside files.
//
// By the clock on the wall: the disk is part of the work. All lie in one folder, TMPDIR or /tmp; the
// kernel keeps of each in its cache what it likes. 2 GiB long, with --all 16 GiB, or what the
// environment's ROVE_BENCH_GIB says, through a 16th of that in memory. Each is written beside no other; those that are
// read are there at the same time.
#include "memory_rows.h"

#include "memory_chunk.h"

#include <fcntl.h>
#include <fstream>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bench
{

namespace
{

size_t stream_len()
{
    const char *gib = std::getenv("ROVE_BENCH_GIB");
    double wanted = gib ? std::atof(gib) : 0;
    if (quick())
        return 64 * MiB;
    if (wanted > 0)
        return static_cast<size_t>(wanted * 1024) * MiB;
    return thorough() ? 16 * GiB : 2 * GiB;
}

// By the clock on the wall, not pinned; what takes minutes only once.
How slowly()
{
    return {1, true, true, stream_len() > 4 * GiB, true};
}

// By the processor's time, which the disk has no part in.
How worked()
{
    return {1, true, false, stream_len() > 4 * GiB, true};
}

size_t budget()
{
    return stream_len() / 16;
}

const char *folder()
{
    const char *dir = std::getenv("TMPDIR");
    return dir && dir[0] == '/' ? dir : "/tmp";
}

struct Spilled {
    struct rove_pool *pool;
    struct rove_stream *stream;

    Spilled()
    {
        struct rove_pool_opts opts = {};
        opts.size = sizeof opts;
        opts.memory_limit = budget();
        opts.flags = ROVE_POOL_SPILL;
        opts.spill_dir = folder();
        ok(rove_pool_new(&opts, &pool));
        ok(rove_stream_new(pool, &stream));
    }
    ~Spilled()
    {
        rove_stream_free(stream);
        rove_pool_unref(pool);
    }
    void rewind()
    {
        ok(rove_stream_seek(stream, 0, ROVE_SET, nullptr));
    }
    void write(const char *p, size_t len)
    {
        ok(rove_stream_write(stream, p, len));
    }
    void read(char *to, size_t len)
    {
        ok(rove_stream_read(stream, to, len, nullptr));
    }
    void read_at(size_t off, char *to, size_t len)
    {
        ok(rove_stream_pread(stream, off, to, len, nullptr));
    }
};

// The system's calls, a block at a time, as dd does.
struct Plain {
    int fd;

    Plain()
    {
        std::string path = std::string(folder()) + "/bench-XXXXXX";
        fd = mkstemp(path.data());
        if (fd < 0 || unlink(path.c_str()) != 0)
            die("no temporary file");
    }
    ~Plain()
    {
        close(fd);
    }
    void rewind()
    {
        lseek(fd, 0, SEEK_SET);
    }
    void write(const char *p, size_t len)
    {
        if (::write(fd, p, len) != static_cast<ssize_t>(len))
            die("write");
    }
    void read(char *to, size_t len)
    {
        if (::read(fd, to, len) != static_cast<ssize_t>(len))
            die("read");
    }
    void read_at(size_t off, char *to, size_t len)
    {
        if (pread(fd, to, len, static_cast<off_t>(off)) != static_cast<ssize_t>(len))
            die("pread");
    }
};

// The least that writing beyond memory can take where what comes back is checked: memory of 4 KiB pages, as only those can
// be counted one by one, for as much as may stay, and for the rest checksums of 16 KiB each and the system's calls.
struct Bare {
    Plain file;
    char *memory;
    std::vector<uint64_t> sums;
    size_t at = 0;

    Bare()
    {
        void *ptr = mmap(nullptr, budget(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (ptr == MAP_FAILED)
            die("mmap");
        madvise(ptr, budget(), MADV_NOHUGEPAGE);
        memory = static_cast<char *>(ptr);
        sums.reserve(stream_len() / piece);
    }
    Bare(const Bare &) = delete;
    Bare &operator=(const Bare &) = delete;
    ~Bare()
    {
        munmap(memory, budget());
    }
    void write(const char *p, size_t len)
    {
        if (at + len <= budget()) {
#if defined(MADV_POPULATE_WRITE)
            madvise(memory + at, len, MADV_POPULATE_WRITE);
#endif
            std::memcpy(memory + at, p, len);
        } else {
            file.write(p, len);
            for (size_t off = 0; off < len; off += piece)
                sums.push_back(bench_sum(p + off, piece));
        }
        at += len;
    }

private:
    static constexpr size_t piece = 16 * KiB;
};

// What a C program has. tmpfile() does not look at TMPDIR.
struct Tmpfile {
    FILE *file = std::tmpfile();

    Tmpfile()
    {
        if (!file)
            die("tmpfile");
    }
    ~Tmpfile()
    {
        std::fclose(file);
    }
    void rewind()
    {
        std::rewind(file);
    }
    void write(const char *p, size_t len)
    {
        if (std::fwrite(p, 1, len, file) != len)
            die("fwrite");
    }
    void read(char *to, size_t len)
    {
        if (std::fread(to, 1, len, file) != len)
            die("fread");
    }
    void read_at(size_t off, char *to, size_t len)
    {
        if (fseeko(file, static_cast<off_t>(off), SEEK_SET) != 0)
            die("fseeko");
        read(to, len);
    }
};

// The object that was written last, for the rows that read.
template <class Object> std::unique_ptr<Object> &kept()
{
    static std::unique_ptr<Object> object;
    return object;
}

// Every block begins with its offset, so that none can be taken for another.
template <class Object> void fill(Object &object)
{
    Pages room(block);
    for (size_t off = 0; off < stream_len(); off += block) {
        std::memcpy(room.data(), source() + off / block * 16 % MiB, block);
        std::memcpy(room.data(), &off, sizeof off);
        object.write(room.data(), block);
    }
}

void check(const char *bytes, size_t off)
{
    if (std::memcmp(bytes, &off, sizeof off) != 0)
        die("a block came back as another");
}

void forget()
{
    kept<Spilled>().reset();
    kept<Plain>().reset();
    kept<Bare>().reset();
    kept<Tmpfile>().reset();
}

// Beside no other's file: of those the kernel would have more to write back than it likes, and take the writer's time for it.
template <class Object> void write_all(State &state)
{
    for (auto _ : state) {
        untimed(state, [] {
            forget();
            kept<Object>() = std::make_unique<Object>();
        });
        fill(*kept<Object>());
    }
    state.SetBytesProcessed(state.iterations() * count(stream_len()));
}

template <class Object> Object &written()
{
    if (!kept<Object>()) {
        kept<Object>() = std::make_unique<Object>();
        fill(*kept<Object>());
    }
    return *kept<Object>();
}

template <class Object> void read_all(State &state)
{
    Object &object = written<Object>();
    Pages to(block);
    for (auto _ : state) {
        object.rewind();
        for (size_t off = 0; off < stream_len(); off += block) {
            object.read(to.data(), block);
            check(to.data(), off);
        }
    }
    state.SetBytesProcessed(state.iterations() * count(stream_len()));
}

template <class Object> void read_here_and_there(State &state)
{
    const size_t times = quick() ? 100 : 10000;
    Object &object = written<Object>();
    Random random;
    char to[4096];
    for (auto _ : state)
        for (size_t i = 0; i < times; i++) {
            size_t off = random.below(stream_len() / block) * block;
            object.read_at(off, to, sizeof to);
            check(to, off);
        }
    state.SetItemsProcessed(state.iterations() * count(times));
}

void peak_of_child(State &state)
{
    for (auto _ : state) {
        double value = run_child("peak");
        if (value < 0)
            state.SkipWithError("no figure");
        state.counters["value"] = value;
    }
}

void budget_in_mib(State &state)
{
    for (auto _ : state)
        state.counters["value"] = static_cast<double>(budget() / MiB);
}

// The most memory that the process ever had in core, in MiB.
double peak_resident()
{
    std::ifstream file("/proc/self/status");
    std::string word;
    double kilobytes = -1;
    while (file >> word)
        if (word == "VmHWM:")
            file >> kilobytes;
    return kilobytes / 1024;
}

} // namespace

double spill_job(const std::string &job)
{
    if (job != "peak")
        return -1;
    Spilled spilled;
    fill(spilled);
    spilled.rewind();
    Pages to(block);
    for (size_t off = 0; off < stream_len(); off += block) {
        spilled.read(to.data(), block);
        check(to.data(), off);
    }
    return peak_resident();
}

void rows_of_spill()
{
    note("streams of " + std::to_string(stream_len() / MiB) + " MiB through " +
         std::to_string(budget() / MiB) + " MiB of memory, in " + folder());
    Row("stream beyond memory, write")
        .rove(write_all<Spilled>, slowly())
        .peer("tmpfile()", write_all<Tmpfile>, slowly())
        .limit("write()", write_all<Plain>, slowly())
        .unit("MB/s");
    Row("stream beyond memory, read")
        .rove(read_all<Spilled>, slowly())
        .peer("tmpfile()", read_all<Tmpfile>, slowly())
        .limit("read()", read_all<Plain>, slowly())
        .unit("MB/s");
    Row("stream beyond memory, 4 KiB here and there")
        .rove(read_here_and_there<Spilled>, slowly())
        .peer("tmpfile()", read_here_and_there<Tmpfile>, slowly())
        .limit("pread()", read_here_and_there<Plain>, slowly());
    Row("SP write, processor time")
        .rove(write_all<Spilled>, worked())
        .limit("write()", write_all<Plain>, worked())
        .bound("pages, sums, write()", write_all<Bare>, worked())
        .unit("MB/s")
        .goal(at_most(1.3, "write()"))
        .after([] { kept<Bare>().reset(); });
    Row("SP read, processor time")
        .rove(read_all<Spilled>, worked())
        .limit("read()", read_all<Plain>, worked())
        .unit("MB/s")
        .goal(at_most(2.5, "read()"));
    Row("SP 4 KiB here and there, processor time")
        .rove(read_here_and_there<Spilled>, worked())
        .limit("pread()", read_here_and_there<Plain>, worked())
        .goal(at_most(5, "pread()"))
        .after(forget);
    // 32 MiB over the budget are the program itself and what the kernel is slow to take back.
    double most = 1 + 32.0 / static_cast<double>(budget() / MiB);
    Row("stream beyond memory, peak resident")
        .rove(peak_of_child, exact)
        .limit("budget", budget_in_mib, exact)
        .unit("MiB")
        .goal(at_most(most, "budget"));
}

} // namespace bench
