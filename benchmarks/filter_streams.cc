// SPDX-License-Identifier: MIT
// filter_streams.cc: rows C1z, C1f and C1l: whole streams through one codec.
//
// "raw" is the codec's own call on flat memory: all of the input in one place, room for all of the
// output in another, and no format around it. The peers do what rove does, in pieces of 64 KiB, or
// as long as they like.
#include "filter_kit.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include <lz4.h>
#include <lz4frame.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#if defined(ROVE_HAVE_ARCHIVE)
#include <archive.h>
#include <archive_entry.h>
#endif
#if defined(ROVE_HAVE_LIBDEFLATE)
#include <libdeflate.h>
#endif
#if defined(ROVE_HAVE_ISAL)
#include <isa-l/igzip_lib.h>
#endif

namespace bench
{

namespace
{

constexpr size_t piece = 64 * KiB; // what is written or read at a time
constexpr size_t lz4_block = 256 * KiB;

unsigned char *bytes(const char *p)
{
    return reinterpret_cast<unsigned char *>(const_cast<char *>(p));
}

// ---- zlib -------------------------------------------------------------------------------------

// Raw deflate of all in one call.
size_t zlib_press(Bytes plain, char *to, size_t cap, int level)
{
    z_stream z = {};
    must(deflateInit2(&z, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK, "deflateInit2");
    z.next_in = bytes(plain.ptr);
    z.avail_in = static_cast<uInt>(plain.len);
    z.next_out = bytes(to);
    z.avail_out = static_cast<uInt>(cap);
    must(deflate(&z, Z_FINISH) == Z_STREAM_END, "deflate");
    deflateEnd(&z);
    return cap - z.avail_out;
}

void zlib_expand(Bytes packed, char *to, size_t len)
{
    z_stream z = {};
    must(inflateInit2(&z, -15) == Z_OK, "inflateInit2");
    z.next_in = bytes(packed.ptr);
    z.avail_in = static_cast<uInt>(packed.len);
    z.next_out = bytes(to);
    z.avail_out = static_cast<uInt>(len);
    must(inflate(&z, Z_FINISH) == Z_STREAM_END && z.avail_out == 0, "inflate");
    inflateEnd(&z);
}

// The deflate data inside rove's gzip: its header is 10 bytes, its trailer 8.
Bytes inside(Bytes gzip)
{
    return {gzip.ptr + 10, gzip.len - 18};
}

Body raw_press(Bytes plain, int level)
{
    return passes(plain, [=] {
        size_t cap = compressBound(plain.len);
        zlib_press(plain, scratch(cap), cap, level);
    });
}

Body raw_expand(Bytes plain, const std::string &spec)
{
    return [=](State &state) {
        Bytes packed = inside(coded(spec, plain));
        passes(plain, [=] { zlib_expand(packed, scratch(plain.len), plain.len); })(state);
    };
}

// A file in memory, for functions that know only files.
class MemoryFile
{
public:
    explicit MemoryFile(Bytes content) : fd(memfd_create("bench", MFD_CLOEXEC))
    {
        must(fd >= 0, "memfd_create");
        must(write(fd, content.ptr, content.len) == static_cast<ssize_t>(content.len), "write");
    }
    MemoryFile(const MemoryFile &) = delete;
    MemoryFile &operator=(const MemoryFile &) = delete;
    ~MemoryFile()
    {
        close(fd);
    }
    int open_again() const
    {
        must(lseek(fd, 0, SEEK_SET) == 0, "lseek");
        return dup(fd);
    }

private:
    int fd;
};

Body gz_write(Bytes plain, const char *mode)
{
    return passes(plain, [=] {
        gzFile file = gzopen("/dev/null", mode);
        must(file != nullptr, "gzopen");
        for (size_t off = 0; off < plain.len; off += piece)
            must(gzwrite(file, plain.ptr + off,
                         static_cast<unsigned>(std::min(piece, plain.len - off))) > 0,
                 "gzwrite");
        must(gzclose(file) == Z_OK, "gzclose");
    });
}

Body gz_read(Bytes plain, const std::string &spec)
{
    return [=](State &state) {
        MemoryFile packed(coded(spec, plain));
        passes(plain, [&] {
            gzFile file = gzdopen(packed.open_again(), "rb");
            size_t sum = 0;
            for (int n; (n = gzread(file, scratch(piece), piece)) > 0;)
                sum += static_cast<size_t>(n);
            must(sum == plain.len && gzclose(file) == Z_OK, "gzread");
        })(state);
    };
}

// ---- libarchive -------------------------------------------------------------------------------

#if defined(ROVE_HAVE_ARCHIVE)

la_ssize_t count_bytes(struct archive *, void *, const void *, size_t len)
{
    return static_cast<la_ssize_t>(len);
}

Body archive_write(Bytes plain, int (*add_filter)(struct archive *), const char *options)
{
    return passes(plain, [=] {
        struct archive *a = archive_write_new();
        must(archive_write_set_format_raw(a) == ARCHIVE_OK && add_filter(a) == ARCHIVE_OK &&
                 archive_write_set_options(a, options) == ARCHIVE_OK &&
                 archive_write_open(a, nullptr, nullptr, count_bytes, nullptr) == ARCHIVE_OK,
             "libarchive");
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_filetype(entry, AE_IFREG);
        must(archive_write_header(a, entry) == ARCHIVE_OK, "archive_write_header");
        for (size_t off = 0; off < plain.len; off += piece)
            must(archive_write_data(a, plain.ptr + off, std::min(piece, plain.len - off)) > 0,
                 "archive_write_data");
        archive_entry_free(entry);
        must(archive_write_free(a) == ARCHIVE_OK, "archive_write_free");
    });
}

Body archive_read(Bytes plain, const std::string &spec)
{
    return [=](State &state) {
        Bytes packed = coded(spec, plain);
        passes(plain, [=] {
            struct archive *a = archive_read_new();
            archive_read_support_filter_all(a);
            archive_read_support_format_raw(a);
            struct archive_entry *entry;
            must(archive_read_open_memory(a, packed.ptr, packed.len) == ARCHIVE_OK &&
                     archive_read_next_header(a, &entry) == ARCHIVE_OK,
                 "libarchive");
            size_t sum = 0;
            for (la_ssize_t n; (n = archive_read_data(a, scratch(piece), piece)) > 0;)
                sum += static_cast<size_t>(n);
            must(sum == plain.len, "archive_read_data");
            archive_read_free(a);
        })(state);
    };
}

#endif

// ---- LZ4 --------------------------------------------------------------------------------------

// Blocks of 256 KiB, each by itself, one behind the other; their lengths are kept aside.
struct Blocks {
    std::vector<char> bytes;
    std::vector<int> lens;
};

const Blocks &lz4_blocks(Bytes plain)
{
    static Blocks made;
    if (!made.lens.empty())
        return made;
    made.bytes.resize(plain.len + plain.len / 64);
    char *to = made.bytes.data();
    for (size_t off = 0; off < plain.len; off += lz4_block) {
        int len = static_cast<int>(std::min(lz4_block, plain.len - off));
        int got = LZ4_compress_default(plain.ptr + off, to, len, LZ4_compressBound(len));
        made.lens.push_back(got);
        to += got;
    }
    return made;
}

void lz4_press(Bytes plain)
{
    static LZ4_stream_t *const state = LZ4_createStream();
    char *to = scratch(plain.len + plain.len / 64);
    for (size_t off = 0; off < plain.len; off += lz4_block) {
        int len = static_cast<int>(std::min(lz4_block, plain.len - off));
        to +=
            LZ4_compress_fast_extState(state, plain.ptr + off, to, len, LZ4_compressBound(len), 1);
    }
}

void lz4_expand(Bytes plain, const Blocks &blocks)
{
    const char *from = blocks.bytes.data();
    char *to = scratch(plain.len), *end = to + plain.len;
    for (int len : blocks.lens) {
        int room = static_cast<int>(std::min(lz4_block, static_cast<size_t>(end - to)));
        must(LZ4_decompress_safe(from, to, len, room) == room, "LZ4_decompress_safe");
        from += len;
        to += room;
    }
}

Body lz4_raw_press(Bytes plain)
{
    return passes(plain, [=] { lz4_press(plain); });
}

Body lz4_raw_expand(Bytes plain)
{
    return [=](State &state) {
        const Blocks &blocks = lz4_blocks(plain);
        passes(plain, [&] { lz4_expand(plain, blocks); })(state);
    };
}

// The library's own frames, fed or emptied 64 KiB at a time.
Body lz4f_write(Bytes plain, bool sum)
{
    return passes(plain, [=] {
        LZ4F_preferences_t prefs = {};
        prefs.frameInfo.blockSizeID = LZ4F_max256KB;
        prefs.frameInfo.blockMode = LZ4F_blockIndependent;
        prefs.frameInfo.contentChecksumFlag =
            sum ? LZ4F_contentChecksumEnabled : LZ4F_noContentChecksum;
        LZ4F_cctx *c;
        must(!LZ4F_isError(LZ4F_createCompressionContext(&c, LZ4F_VERSION)), "LZ4F");
        size_t cap = LZ4F_compressBound(plain.len, &prefs) + 64, at = 0;
        char *to = scratch(cap);
        auto made = [&](size_t len) {
            must(!LZ4F_isError(len), "LZ4F");
            at += len;
        };
        made(LZ4F_compressBegin(c, to, cap, &prefs));
        for (size_t off = 0; off < plain.len; off += piece)
            made(LZ4F_compressUpdate(c, to + at, cap - at, plain.ptr + off,
                                     std::min(piece, plain.len - off), nullptr));
        made(LZ4F_compressEnd(c, to + at, cap - at, nullptr));
        LZ4F_freeCompressionContext(c);
    });
}

Body lz4f_read(Bytes plain, const std::string &spec)
{
    return [=](State &state) {
        Bytes packed = coded(spec, plain);
        passes(plain, [=] {
            LZ4F_dctx *d;
            must(!LZ4F_isError(LZ4F_createDecompressionContext(&d, LZ4F_VERSION)), "LZ4F");
            char *to = scratch(piece);
            size_t sum = 0, at = 0;
            while (at < packed.len) {
                size_t out = piece, in = std::min(piece, packed.len - at);
                must(!LZ4F_isError(LZ4F_decompress(d, to, &out, packed.ptr + at, &in, nullptr)),
                     "LZ4F_decompress");
                at += in;
                sum += out;
            }
            must(sum == plain.len, "LZ4F_decompress");
            LZ4F_freeDecompressionContext(d);
        })(state);
    };
}

// With a checksum of the content, XXH32 takes as long as decoding does.
void lz4_sum_rows(Bytes plain)
{
    const std::string spec = "lz4:checksum=yes";
    Row write("lz4 write, content checksum");
    write.unit("MB/s")
        .rove(writes(spec, plain, piece))
        .peer("LZ4F", lz4f_write(plain, true))
        .goal(faster(1.06, "LZ4F"));
    Row read("lz4 read, content checksum");
    read.unit("MB/s")
        .rove(reads(spec, plain, piece))
        .peer("LZ4F", lz4f_read(plain, spec))
        .goal(faster(1.25, best_peer));
#if defined(ROVE_HAVE_ARCHIVE)
    write.peer("libarchive", archive_write(plain, archive_write_add_filter_lz4, nullptr));
    read.peer("libarchive", archive_read(plain, spec));
#endif
}

void lz4_rows()
{
    Bytes plain = corpus(medium());
    const std::string spec = "lz4:checksum=no";
    Row("lz4 write, 1 MiB at a time")
        .unit("MB/s")
        .rove(writes(spec, plain, MiB))
        .limit("raw blocks", lz4_raw_press(plain))
        .goal(faster(0.97, "raw blocks"));
    Row("lz4 write, 64 KiB at a time")
        .unit("MB/s")
        .rove(writes(spec, plain, piece))
        .peer("LZ4F", lz4f_write(plain, false))
        .limit("raw blocks", lz4_raw_press(plain))
        .goal(faster(1.06, "LZ4F"));
    Row("lz4 read, 1 MiB at a time")
        .unit("MB/s")
        .rove(reads(spec, plain, MiB))
        .limit("raw blocks", lz4_raw_expand(plain))
        .goal(faster(0.95, "raw blocks"));
    Row("lz4 read, 1 MiB at a time, from chunks")
        .unit("MB/s")
        .rove(reads(spec, plain, MiB, Lies::in_chunks))
        .limit("raw blocks", lz4_raw_expand(plain))
        .goal(faster(0.95, "raw blocks"));
    Row("lz4 read, 64 KiB at a time")
        .unit("MB/s")
        .rove(reads(spec, plain, piece))
        .peer("LZ4F", lz4f_read(plain, spec))
        .limit("raw blocks", lz4_raw_expand(plain))
        .goal(faster(1, "LZ4F"));
    lz4_sum_rows(plain);
}

// ---- gzip -------------------------------------------------------------------------------------

void gzip_rows()
{
    Bytes some = corpus(medium() / 16), more = corpus(medium() / 4);
    const std::string spec = "gzip:level=6";
    Row write("gzip -6 write");
    write.unit("MB/s")
        .rove(writes(spec, some, piece))
        .limit("raw zlib", raw_press(some, 6))
        .peer("gzwrite", gz_write(some, "wb6"))
        .goal(faster(0.97, "raw zlib"))
        .goal(faster(1, "gzwrite"));
    Row read("gzip read");
    read.unit("MB/s")
        .rove(reads(spec, more, piece))
        .limit("raw zlib", raw_expand(more, spec))
        .peer("gzread", gz_read(more, spec))
        .goal(faster(0.97, "raw zlib"))
        .goal(faster(1, "gzread"));
#if defined(ROVE_HAVE_ARCHIVE)
    write.peer("libarchive",
               archive_write(some, archive_write_add_filter_gzip, "gzip:compression-level=6"));
    read.peer("libarchive", archive_read(more, spec));
#endif
}

// ---- gzip by faster libraries, through plugins ------------------------------------------------

#if defined(ROVE_HAVE_LIBDEFLATE) && defined(ROVE_HAVE_ISAL) && defined(ROVE_PLUGIN_DIR)

constexpr size_t gzip_block = 256 * KiB;

// Blocks each by itself, as in BGZF: the library knows no other way.
void deflate_press(Bytes plain, int level)
{
    struct libdeflate_compressor *codec = libdeflate_alloc_compressor(level);
    char *to = scratch(compressBound(plain.len) + MiB);
    for (size_t off = 0; off < plain.len; off += gzip_block) {
        size_t len = std::min(gzip_block, plain.len - off);
        size_t got = libdeflate_deflate_compress(codec, plain.ptr + off, len, to, len + KiB);
        must(got > 0, "libdeflate");
        to += got;
    }
    libdeflate_free_compressor(codec);
}

void isal_press(Bytes plain)
{
    static uint8_t tables[ISAL_DEF_LVL1_DEFAULT];
    static struct isal_zstream z;
    size_t cap = compressBound(plain.len) + MiB;
    isal_deflate_init(&z);
    z.level = 1;
    z.level_buf = tables;
    z.level_buf_size = sizeof tables;
    z.end_of_stream = 1;
    z.next_in = bytes(plain.ptr);
    z.avail_in = static_cast<uint32_t>(plain.len);
    z.next_out = bytes(scratch(cap));
    z.avail_out = static_cast<uint32_t>(cap);
    must(isal_deflate(&z) == COMP_OK && z.internal_state.state == ZSTATE_END, "isal_deflate");
}

void isal_expand(Bytes packed, size_t len)
{
    static struct inflate_state z;
    isal_inflate_init(&z);
    z.next_in = bytes(packed.ptr);
    z.avail_in = static_cast<uint32_t>(packed.len);
    z.next_out = bytes(scratch(len));
    z.avail_out = static_cast<uint32_t>(len);
    must(isal_inflate(&z) == ISAL_DECOMP_OK && z.avail_out == 0, "isal_inflate");
}

void plugin_rows()
{
    Bytes plain = corpus(medium() / 4), more = corpus(medium());
    if (load_plugin("libdeflate"))
        Row("gzip -6 write, libdeflate")
            .unit("MB/s")
            .rove(writes("libdeflate:level=6", plain, piece))
            .limit("raw libdeflate", passes(plain, [=] { deflate_press(plain, 6); }))
            .peer("gzwrite", gz_write(plain, "wb6"))
            .goal(faster(0.97, "raw libdeflate"))
            .goal(faster(2.3, "gzwrite"));
    if (!load_plugin("igzip"))
        return;
    Row("gzip read, ISA-L, 1 MiB at a time")
        .unit("MB/s")
        .rove(reads("gzip:level=6", plain, MiB, Lies::whole, "igzip"))
        .limit("raw ISA-L",
               [=](State &state) {
                   Bytes packed = coded("gzip:level=6", plain);
                   passes(plain, [=] { isal_expand(inside(packed), plain.len); })(state);
               })
        .peer("gzread", gz_read(plain, "gzip:level=6"))
        .goal(faster(0.97, "raw ISA-L"))
        .goal(faster(2.3, "gzread"));
    Row("gzip fast write, ISA-L -1, 1 MiB at a time")
        .unit("MB/s")
        .rove(writes("igzip:level=1", more, MiB))
        .limit("raw ISA-L", passes(more, [=] { isal_press(more); }))
        .peer("gzwrite -1", gz_write(plain, "wb1"))
        .goal(faster(0.95, "raw ISA-L"))
        .goal(faster(5, "gzwrite -1"));
}

#else

void plugin_rows()
{
}

#endif

} // namespace

void stream_rows()
{
    gzip_rows();
    plugin_rows();
    lz4_rows();
}

} // namespace bench
