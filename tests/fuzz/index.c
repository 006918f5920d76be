// SPDX-License-Identifier: MIT
// index.c: any bytes as an index file.
//
//     kind of data u8 │ the file                   of data of that kind
//     3               │ data                       that may end with a seek table
//
// What is understood keeps all promises, can be written or says that it cannot, and be read by: where the format has
// checksums no bytes come out that are not the data's. (At another offset they may be, if entries lie in concert.)
#include "fuzz.h"

#include "index_bytes.h"

#include <rove/index.h>

enum { BGZF, GZIP, ZSTD, ITSELF, KINDS };

static struct made_data datas[KINDS];

static void make_data(void)
{
    static const uint32_t lens[] = {300, 0, 2000, 1, 40};
    if (datas[BGZF].cnt)
        return;
    made_bgzf(&datas[BGZF], lens, 5);
    made_gzip(&datas[GZIP], lens, 5, 100);
    made_zstd(&datas[ZSTD], lens, 5);
}

static void check(const struct rove_index *index, const struct rove_index_figures *f)
{
    struct rove_point last = {0, 0, 0, 0}, p;
    uint64_t found;
    for (uint64_t i = 0; i < f->point_cnt; i++, last = p) {
        MUST(rove_index_point(index, i, &p) == ROVE_OK);
        MUST(i ? p.coded >= last.coded && p.plain >= last.plain &&
                     (p.coded > last.coded || p.plain > last.plain)
               : p.plain == 0);
        MUST(p.coded <= f->coded_len && p.plain < f->plain_len && p.bits < 8);
        MUST(rove_index_find(index, p.plain, &found) == ROVE_OK && found >= i);
    }
    MUST(rove_index_find(index, f->plain_len, &found) == ROVE_E_RANGE);
}

static void save(const struct rove_index *index, struct rove_stream *source)
{
    static const char *const formats[] = {"gzi", "gzidx", "zstd"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct rove_stream *to = fuzz_stream(NULL, 0);
        enum rove_status status = rove_index_save(index, source, formats[i], to);
        MUST(status == ROVE_OK || status == ROVE_E_UNSUPPORTED || status == ROVE_E_FORMAT ||
             status == ROVE_E_TRUNCATED);
        rove_stream_free(to);
    }
}

static bool holds(const struct made *plain, const uint8_t *ptr, size_t len)
{
    for (size_t at = 0; at + len <= plain->len; at++)
        if (memcmp(plain->ptr + at, ptr, len) == 0)
            return true;
    return false;
}

static void read_by(struct rove_index *index, struct rove_stream *source,
                    const struct made_data *data, const struct rove_index_figures *f)
{
    static const struct rove_limits limits = {.size = sizeof limits, .memory = 64 << 20};
    struct rove_stream *stream = NULL;
    enum rove_status status = rove_stream_decode_index(source, index, &limits, &stream);
    for (uint64_t off = 0; status == ROVE_OK && off < f->plain_len && off < 10000; off += 999) {
        uint8_t buf[100];
        size_t len = 0;
        enum rove_status now = rove_stream_pread(stream, off, buf, sizeof buf, &len);
        MUST(now != ROVE_E_NOMEM && now != ROVE_E_STALL && now != ROVE_E_IO);
        if (strcmp(f->spec, "bgzf") == 0) // each member has a checksum, and no window lies
            MUST(!len || holds(&data->plain, buf, len));
        rove_stream_clear_error(stream);
    }
    rove_stream_free(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    make_data();
    if (!len)
        return 0;
    struct made_data *of = &datas[data[0] % KINDS];
    bool itself = data[0] % KINDS == ITSELF;
    struct rove_stream *from = itself ? NULL : fuzz_stream(data + 1, len - 1);
    struct rove_stream *source =
        itself ? fuzz_stream(data + 1, len - 1) : fuzz_stream(of->coded.ptr, of->coded.len);
    struct rove_index *index = NULL;
    enum rove_status status = rove_index_load(from, source, &index);
    MUST(status == ROVE_OK || status == ROVE_E_FORMAT || status == ROVE_E_TRUNCATED ||
         status == ROVE_E_UNSUPPORTED);
    MUST((status == ROVE_OK) == (index != NULL));
    if (index) {
        struct rove_index_figures f = {.size = sizeof f};
        rove_index_measure(index, &f);
        check(index, &f);
        save(index, source);
        read_by(index, source, of, &f);
    }
    rove_index_unref(index);
    rove_stream_free(from);
    rove_stream_free(source);
    return 0;
}
