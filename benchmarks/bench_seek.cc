// SPDX-License-Identifier: MIT
// bench_seek.cc: row K1: 4 KiB here and there in compressed data, by an index, beside the decoding of one part alone and
// beside zlib's own technique on flat memory; and all of the data in order.
#include "filter_kit.h"
#include "seek_rows.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#include <rove/device.h>
#include <rove/index.h>
#include <rove/workers.h>
#pragma GCC diagnostic pop

#if defined(ROVE_HAVE_HTSLIB)
#include <htslib/bgzf.h>
#endif
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <lz4.h>
#include <zlib.h>

#include <cstring>
#include <memory>

namespace bench
{

namespace
{

constexpr size_t piece = 4 * KiB;

struct Kind {
    const char *name, *encode, *decode;
    uint64_t every;
    double most; // of the time that one part takes
};

constexpr Kind kinds[] = {
    {"bgzf", "bgzf", "bgzf", 0, 1.05},
    {"lz4", "lz4:block=64K", "lz4", 65536, 1.05},
    {"zstd", "zstd:block=256K", "zstd", 0, 1.05},
    {"gzip, 1 MiB", "gzip", "gzip", MiB, 1.1},
    {"gzip, 4 MiB", "gzip", "gzip", 4 * MiB, 1.1},
};

// Data with their index.
struct Data {
    Bytes plain, packed;
    struct rove_index *index = nullptr;

    Data(const Kind &kind, Bytes what) : plain(what), packed(coded(kind.encode, what))
    {
        Store source(packed, Lies::whole);
        if (rove_index_make(source, kind.decode, nullptr, kind.every, &index) == ROVE_E_UNSUPPORTED)
            note(std::string("this build makes no index of ") + kind.name);
    }
};

struct Places {
    uint64_t state = 1, range;

    explicit Places(uint64_t most) : range(most) {}
    uint64_t next()
    {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        return (state >> 24) % range;
    }
};

// ---- here and there ---------------------------------------------------------------------------

Body random_reads(std::shared_ptr<Data> d)
{
    return [d](State &state) {
        Store source(d->packed, Lies::in_chunks);
        Places places(d->plain.len - piece);
        struct rove_stream *stream;
        char *buf = scratch(piece);
        ok(rove_stream_decode_index(source, d->index, nullptr, &stream));
        uint64_t off = 0;
        for (auto _ : state) {
            off = places.next();
            ok(rove_stream_pread(stream, off, buf, piece, nullptr));
        }
        must(!memcmp(buf, d->plain.ptr + off, piece), "a place is wrong");
        state.SetItemsProcessed(state.iterations());
        rove_stream_free(stream);
    };
}

// One part from a span of memory, by a decoder that is kept: what any reader has to do at least.
Body one_part(std::shared_ptr<Data> d, std::string spec)
{
    return [d, spec](State &state) {
        Places places(d->plain.len - piece);
        Store empty;
        struct rove_stream *stream = decoder(empty, spec);
        for (auto _ : state) {
            uint64_t no;
            struct rove_point from, to;
            ok(rove_index_find(d->index, places.next(), &no));
            ok(rove_index_point(d->index, no, &from));
            if (rove_index_point(d->index, no + 1, &to) != ROVE_OK)
                to = {d->packed.len, d->plain.len, 0, 0};
            Store part({d->packed.ptr + from.coded, size_t(to.coded - from.coded)}, Lies::whole);
            size_t len = size_t(to.plain - from.plain);
            ok(rove_stream_rechain(stream, part));
            ok(rove_stream_read(stream, scratch(len), len, nullptr));
            ok(rove_stream_rechain(stream, empty));
        }
        state.SetItemsProcessed(state.iterations());
        rove_stream_free(stream);
    };
}

// The same of LZ4, whose parts have no frame of their own: the blocks of one, by the library alone.
Body one_part_lz4(std::shared_ptr<Data> d)
{
    return [d](State &state) {
        Places places(d->plain.len - piece);
        for (auto _ : state) {
            uint64_t no;
            struct rove_point from, to;
            ok(rove_index_find(d->index, places.next(), &no));
            ok(rove_index_point(d->index, no, &from));
            if (rove_index_point(d->index, no + 1, &to) != ROVE_OK)
                to = {d->packed.len, d->plain.len, 0, 0};
            const char *at = d->packed.ptr + (from.coded ? from.coded : 7); // behind the frame's header
            char *made = scratch(size_t(to.plain - from.plain));
            for (uint64_t left = to.plain - from.plain; left;) {
                uint32_t word;
                memcpy(&word, at, sizeof word);
                int len = int(word & 0x7fffffff), most = int(left < 64 * KiB ? left : 64 * KiB);
                int got = word >> 31 ? len : LZ4_decompress_safe(at + sizeof word, made, len, most);
                must(got > 0 && got <= most, "lz4");
                if (word >> 31)
                    memcpy(made, at + sizeof word, size_t(len));
                at += sizeof word + size_t(len);
                made += got;
                left -= uint64_t(got);
            }
        }
        state.SetItemsProcessed(state.iterations());
    };
}

// ---- zlib's own technique: examples/zran.c, on flat memory ------------------------------------------

struct Zran {
    struct Point {
        uint64_t in, out;
        int bits;
        std::vector<uint8_t> window;
    };
    Bytes packed;
    std::vector<Point> points;

    Zran(Bytes what, uint64_t every) : packed(what)
    {
        std::vector<uint8_t> window(32 * KiB);
        z_stream z = {};
        must(inflateInit2(&z, 31) == Z_OK, "zlib");
        z.next_in = const_cast<Bytef *>(what.bytes());
        z.avail_in = uInt(what.len);
        uint64_t out = 0, last = 0;
        for (int rc = Z_OK; rc != Z_STREAM_END;) {
            if (!z.avail_out) {
                z.next_out = window.data();
                z.avail_out = uInt(window.size());
            }
            uInt had = z.avail_out;
            rc = inflate(&z, Z_BLOCK);
            must(rc == Z_OK || rc == Z_STREAM_END, "zlib");
            out += had - z.avail_out;
            bool border = (z.data_type & 128) && !(z.data_type & 64);
            if (border && (points.empty() || out - last >= every)) {
                size_t at = window.size() - z.avail_out;
                Point p = {what.len - z.avail_in, out, z.data_type & 7, {}};
                p.window.assign(window.begin() + long(at), window.end());
                p.window.insert(p.window.end(), window.begin(), window.begin() + long(at));
                points.push_back(p);
                last = out;
            }
        }
        inflateEnd(&z);
    }

    void read(z_stream &z, uint64_t off, char *buf, size_t len) const
    {
        static uint8_t discard[32 * KiB];
        size_t i = points.size() - 1;
        while (points[i].out > off)
            i--;
        const Point &p = points[i];
        must(inflateReset2(&z, -15) == Z_OK, "zlib");
        if (p.bits)
            inflatePrime(&z, p.bits, packed.bytes()[p.in - 1] >> (8 - p.bits));
        inflateSetDictionary(&z, p.window.data(), uInt(p.window.size()));
        z.next_in = const_cast<Bytef *>(packed.bytes() + p.in);
        z.avail_in = uInt(packed.len - p.in);
        for (uint64_t left = off - p.out; left;) {
            z.next_out = discard;
            z.avail_out = uInt(left < sizeof discard ? left : sizeof discard);
            left -= z.avail_out;
            must(inflate(&z, Z_NO_FLUSH) == Z_OK && !z.avail_out, "zlib");
        }
        z.next_out = reinterpret_cast<Bytef *>(buf);
        z.avail_out = uInt(len);
        must(inflate(&z, Z_NO_FLUSH) >= Z_OK && !z.avail_out, "zlib");
    }
};

Body zran_reads(std::shared_ptr<Data> d, uint64_t every)
{
    auto zran = std::make_shared<Zran>(d->packed, every);
    return [d, zran](State &state) {
        Places places(d->plain.len - piece);
        z_stream z = {};
        must(inflateInit2(&z, -15) == Z_OK, "zlib");
        char *buf = scratch(piece);
        uint64_t off = 0;
        for (auto _ : state) {
            off = places.next();
            zran->read(z, off, buf, piece);
        }
        must(!memcmp(buf, d->plain.ptr + off, piece), "a place is wrong");
        inflateEnd(&z);
        state.SetItemsProcessed(state.iterations());
    };
}

// ---- from a file, beside htslib -----------------------------------------------------------------

// Data of bgzf in a file, with a .gzi beside it.
struct File {
    std::string path;

    explicit File(const Data &d)
    {
        char name[] = "/tmp/rove-seek.XXXXXX.gz";
        int fd = mkstemps(name, 3);
        must(fd >= 0 && write(fd, d.packed.ptr, d.packed.len) == ssize_t(d.packed.len), "no file");
        close(fd);
        path = name;
        FILE *out = fopen((path + ".gzi").c_str(), "wb");
        struct rove_stream *gzi;
        must(out != nullptr, "no file");
        ok(rove_stream_from_file(out, nullptr, &gzi));
        ok(rove_index_save(d.index, nullptr, "gzi", gzi));
        ok(rove_stream_close(gzi));
        rove_stream_free(gzi);
        fclose(out);
    }
    ~File()
    {
        unlink(path.c_str());
        unlink((path + ".gzi").c_str());
    }
    File(const File &) = delete;
    File &operator=(const File &) = delete;
};

// spec: what decodes; its index is made here.
void file_row(std::shared_ptr<Data> d, std::shared_ptr<File> f, const std::string &spec)
{
#if defined(ROVE_HAVE_HTSLIB)
    struct rove_index *index;
    Store whole(d->packed, Lies::whole);
    ok(rove_index_make(whole, spec.c_str(), nullptr, 0, &index));
    auto ours = [d, f, index](State &state) {
        FILE *file = fopen(f->path.c_str(), "rb");
        Places places(d->plain.len - piece);
        struct rove_stream *source, *stream;
        ok(rove_stream_from_fd(fileno(file), 0, filter_pool(), &source));
        ok(rove_stream_decode_index(source, index, nullptr, &stream));
        for (auto _ : state)
            ok(rove_stream_pread(stream, places.next(), scratch(piece), piece, nullptr));
        state.SetItemsProcessed(state.iterations());
        rove_stream_free(stream);
        rove_stream_free(source);
        fclose(file);
    };
    auto hts = [d, f](State &state) {
        BGZF *file = bgzf_open(f->path.c_str(), "r");
        Places places(d->plain.len - piece);
        must(file && bgzf_index_load(file, f->path.c_str(), ".gzi") == 0, "htslib");
        for (auto _ : state) {
            must(bgzf_useek(file, off_t(places.next()), SEEK_SET) == 0, "htslib");
            must(bgzf_read(file, scratch(piece), piece) == ssize_t(piece), "htslib");
        }
        state.SetItemsProcessed(state.iterations());
        bgzf_close(file);
    };
    Row("random 4 KiB, " + spec + " in a file")
        .rove(ours)
        .peer("bgzf_useek", hts)
        .goal(at_most(1.0, "bgzf_useek"))
        .after([index] { rove_index_unref(index); });
#else
    (void) d;
    (void) f;
    (void) spec;
#endif
}

#if defined(ROVE_TOOL)
// A whole process each time: some words, then a place, `after` it, and the file; without `after` the words alone.
Body processes(std::shared_ptr<Data> d, std::shared_ptr<File> f, std::vector<std::string> before, std::string after)
{
    return [=](State &state) {
        Places places(d->plain.len - piece);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
        for (auto _ : state) {
            std::vector<std::string> words = before;
            std::string place = std::to_string(places.next());
            if (after[0] == ':')
                words.insert(words.end(), {place + after, f->path});
            else if (!after.empty())
                words.insert(words.end(), {place, "-s", after, f->path});
            std::vector<char *> args;
            for (std::string &word : words)
                args.push_back(&word[0]);
            args.push_back(nullptr);
            pid_t pid;
            int how = -1;
            must(posix_spawnp(&pid, args[0], &actions, nullptr, args.data(), environ) == 0 &&
                     waitpid(pid, &how, 0) == pid && how == 0, before[0].c_str());
        }
        posix_spawn_file_actions_destroy(&actions);
        state.SetItemsProcessed(state.iterations());
    };
}

void command_row(std::shared_ptr<Data> d, std::shared_ptr<File> f)
{
    if (system("command -v bgzip > /dev/null 2>&1") != 0)
        return;
    Row("a process for 4 KiB, bgzf in a file with its .gzi")
        .rove(processes(d, f, {ROVE_TOOL, "cat", "--range"}, ":4096"), on_the_wall)
        .limit("rove --version", processes(d, f, {ROVE_TOOL, "--version"}, ""), on_the_wall)
        .peer("bgzip -b", processes(d, f, {"bgzip", "-b"}, "4096"), on_the_wall);
}
#endif

// ---- in order, and the making ---------------------------------------------------------------------

struct rove_workers *two()
{
    static struct rove_workers *workers;
    struct rove_workers_opts opts = {};
    opts.size = sizeof opts;
    opts.thread_cnt = 2;
    if (!workers)
        ok(rove_workers_new(&opts, &workers));
    return workers;
}

Body in_order(std::shared_ptr<Data> d, std::string spec, bool by_index, bool working)
{
    return [=](State &state) {
        struct rove_limits limits = {};
        limits.size = sizeof limits;
        limits.workers = working ? two() : nullptr;
        for (auto _ : state) {
            Store source(d->packed, Lies::in_chunks);
            struct rove_stream *stream;
            if (by_index)
                ok(rove_stream_decode_index(source, d->index, &limits, &stream));
            else
                ok(rove_stream_decode(source, spec.c_str(), &limits, &stream, nullptr));
            for (size_t at = 0, n; at < d->plain.len; at += n) {
                n = d->plain.len - at < 256 * KiB ? d->plain.len - at : 256 * KiB;
                ok(rove_stream_read(stream, scratch(n), n, nullptr));
            }
            rove_stream_free(stream);
        }
        state.SetBytesProcessed(int64_t(state.iterations()) * int64_t(d->plain.len));
    };
}

Body making(std::shared_ptr<Data> d, std::string spec, uint64_t every)
{
    return [=](State &state) {
        Store source(d->packed, Lies::in_chunks); // to lay them there takes longer than to hop over them
        for (auto _ : state) {
            struct rove_index *index;
            ok(rove_index_make(source, spec.c_str(), nullptr, every, &index));
            rove_index_unref(index);
        }
        state.SetBytesProcessed(int64_t(state.iterations()) * int64_t(d->plain.len));
    };
}

void rows_of(const Kind &kind)
{
    auto d = std::make_shared<Data>(kind, corpus(quick() ? 16 * MiB : medium()));
    std::string name = kind.name;
    if (!d->index)
        return;
    struct rove_index_figures figures = {};
    figures.size = sizeof figures;
    rove_index_measure(d->index, &figures);
    note(name + ": " + std::to_string(figures.point_cnt) + " points, " +
         std::to_string(figures.memory) + " B");
    Row row("random 4 KiB, " + name);
    row.rove(random_reads(d));
    if (kind.every >= MiB) {
        row.peer("zran on flat memory", zran_reads(d, kind.every));
        row.goal(at_most(kind.most, "zran on flat memory"));
    } else {
        bool raw = std::string(kind.decode) == "lz4";
        row.limit("one part", raw ? one_part_lz4(d) : one_part(d, kind.decode));
        row.goal(at_most(kind.most, "one part"));
    }
    if (name == "bgzf") {
        auto file = std::make_shared<File>(*d);
        file_row(d, file, "bgzf");
        if (load_plugin("libdeflate"))
            file_row(d, file, "libdeflate:bgzf=yes"); // what htslib uses, too
#if defined(ROVE_TOOL)
        command_row(d, file);
#endif
    }
    Row("in order, " + name)
        .unit("MB/s")
        .rove(in_order(d, kind.decode, true, false), once)
        .limit("rove_stream_decode", in_order(d, kind.decode, false, false), once)
        .goal(at_most(1.05, "rove_stream_decode"));
    Row("in order, " + name + ", 2 workers")
        .unit("MB/s")
        .rove(in_order(d, kind.decode, true, true), on_the_wall)
        .limit("no workers", in_order(d, kind.decode, true, false), on_the_wall)
        .peer("rove_stream_decode, 2 workers", in_order(d, kind.decode, false, true), on_the_wall);
    bool hops = kind.every == 0;
    Row("making the index, " + name)
        .unit("MB/s")
        .rove(making(d, kind.decode, kind.every), hops ? How{} : once)
        .limit("decoding", in_order(d, kind.decode, false, false), once)
        .goal(at_most(hops ? 0.02 : 1.1, "decoding"));
}

} // namespace

} // namespace bench

const char *bench_title()
{
    return "seek: reading anywhere in compressed data, by an index";
}

void bench_rows()
{
    bench::note(bench::corpus_note());
    bench::load_plugin("zstd");
    for (const bench::Kind &kind : bench::kinds)
        bench::rows_of(kind);
    bench::list_rows();
}

double bench_child(const std::string &)
{
    return -1;
}
