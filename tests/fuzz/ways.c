// SPDX-License-Identifier: MIT
// ways.c: the texts of fuzz_ways, and workers that do what is drawn.
#include "fuzz.h"

static const char *const fuzz_ways[FUZZ_WAYS][2] = {
    {"bgzf:level=1", "bgzf"},
    {"gzip:level=1,block=32K", "gzip"},
    {"zlib:block=32K,dict=@|crc32", "zlib:dict=@"},
    {"deflate:block=32K", "deflate"},
    {"lz4:block=64K,checksum=no", "lz4"},
    {"lz4:block=64K,block_checksum=yes,dict=@", "lz4:dict=@"},
    {"xxh3|lz4:block=64K,linked=yes", "lz4"},
    {"zstd:block=1K", "zstd"},
    {"crc32|zstd:block=4K,dict=@,checksum=no,table=yes", "zstd:dict=@"},
    {"xz:level=0,dict=4K,block=1K", "xz"},
    {"bzip2:level=1,block=4K", "bzip2"},
    {"igzip", "igzip"},
    {"libdeflate:bgzf=yes", "libdeflate:bgzf=yes"},
};

const char *const *fuzz_way(unsigned number)
{
    char text[256];
    const char *const *way = fuzz_ways[number % FUZZ_WAYS];
    return rove_spec_print(way[0], ROVE_ENCODE, text, sizeof text, NULL) == ROVE_OK ? way : NULL;
}

// workers -----------------------------------------------------------------------------------------

#define WIDTH 3

struct run {
    void (*run)(void *arg);
    void *arg;
};

static struct {
    struct rove_workers *workers;
    struct run held[WIDTH];
    size_t cnt;
    uint64_t state;
} crew;

static void run_one(void)
{
    struct run run = crew.held[--crew.cnt];
    run.run(run.arg);
}

static enum rove_status submit(void *ctx, void (*run)(void *arg), void *arg)
{
    (void) ctx;
    uint64_t drawn = fuzz_draw(&crew.state, 4);
    if (drawn == 0 || crew.cnt == WIDTH)
        return ROVE_E_LIMIT;
    crew.held[crew.cnt++] = (struct run){run, arg};
    while (drawn-- > 1 && crew.cnt)
        run_one();
    return ROVE_OK;
}

struct rove_workers *fuzz_workers(uint64_t state)
{
    static const struct rove_executor executor = {
        .size = sizeof executor, .submit = submit, .concurrency = WIDTH};
    static const struct rove_workers_opts opts = {.size = sizeof opts, .executor = &executor};
    if (!crew.workers)
        MUST(rove_workers_new(&opts, &crew.workers) == ROVE_OK);
    while (crew.cnt) // those of the input before
        run_one();
    crew.state = state;
    return crew.workers;
}
