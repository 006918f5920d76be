// SPDX-License-Identifier: MIT
// filters_life.c: the life of every built-in filter in a chain, with every allocation refused once.
#include "filters_stacks.h"

#include "chain_kit.h"
#include "support/amount.h"

#include <rove/registry.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// How a filter is written and read; every built-in one must be here.
struct life {
    const char *name, *write, *read;
};

#define DICT "dict=6162636465666768696a6b6c6d6e6f70"

static const struct life lives[] = {
    {"gzip", "gzip:name=rope.txt,comment=a comment that does not fit the short head,hcrc=yes",
     "gzip"},
    {"gzip", "gzip:block=32K,level=1", "gzip"},
    {"deflate", "deflate:block=50000,level=0", "deflate"},
    {"bgzf", "bgzf:level=9", "bgzf"},
    {"bgzf", "bgzf:level=0", "auto"},
    {"zlib", "zlib:level=9," DICT, "zlib:" DICT},
    {"deflate", "deflate:mem=9," DICT, "deflate:" DICT},
    {"lz4", "lz4:linked=yes,block=64K,block_checksum=yes", "lz4"},
    {"lz4", "lz4:level=9,linked=yes", "auto:allow=lz4"},
    {"lz4", "lz4:block=1M", "auto"},
    {"copy", "copy", "copy"},
    {"crc32", "crc32", "crc32"},
    {"crc32c", "crc32c", "crc32c"},
    {"adler32", "adler32", "adler32"},
    {"xxh64", "xxh64", "xxh64"},
    {"xxh3", "xxh3", "xxh3"},
    {"count", "count", "count"},
    {"limit", "limit:max=10M", "limit"},
};

// The steps of a life, so that it can be told where it was cut off.
enum step {
    OPEN,
    RUN,
    FLUSH,
    FINISH,
    READ_OPEN,
    READ_RUN,
    RESET,
    CLOSE,
    DONE
};

struct world {
    struct rove_stream *rope, *writer, *reader;
    struct kit_bytes plain;
    enum step step;
};

static enum rove_status write_some(struct world *w, size_t from, size_t len)
{
    enum rove_status status = ROVE_OK;
    for (size_t at = from, n; at < from + len && !status; at += n) {
        n = from + len - at < 30011 ? from + len - at : 30011;
        status = rove_stream_write(w->writer, w->plain.ptr + at, n);
    }
    return status;
}

static enum rove_status write_all(struct world *w, const char *text)
{
    size_t half = w->plain.len / 2;
    w->step = OPEN;
    enum rove_status status = rove_stream_encode(w->rope, text, NULL, &w->writer, NULL);
    w->step = status ? w->step : RUN;
    status = status ? status : write_some(w, 0, half);
    w->step = status ? w->step : FLUSH;
    status = status ? status : rove_stream_flush(w->writer);
    status = status ? status : write_some(w, half, w->plain.len - half);
    w->step = status ? w->step : FINISH;
    return status ? status : rove_stream_finish(w->writer);
}

// ROVE_OK when all of it came back.
static enum rove_status read_all(struct world *w)
{
    uint8_t buf[5000];
    size_t sum = 0, len;
    enum rove_status status = ROVE_OK;
    while (status == ROVE_OK) {
        status = rove_stream_read(w->reader, buf, sizeof buf, &len);
        CHECK(len <= w->plain.len - sum && memcmp(buf, w->plain.ptr + sum, len) == 0);
        sum += len;
    }
    return status == ROVE_END && CHECK_EQ(w->plain.len, sum) ? ROVE_OK : status;
}

static enum rove_status rewind_rope(struct world *w)
{
    return rove_stream_seek(w->rope, 0, ROVE_SET, NULL);
}

static enum rove_status live(struct world *w, const struct life *life)
{
    w->step = OPEN;
    enum rove_status status = rove_stream_new(env.pool, &w->rope);
    status = status ? status : write_all(w, life->write);
    status = status ? status : rewind_rope(w);
    w->step = status ? w->step : READ_OPEN;
    status = status ? status : rove_stream_decode(w->rope, life->read, NULL, &w->reader, NULL);
    w->step = status ? w->step : READ_RUN;
    status = status ? status : read_all(w);
    w->step = status ? w->step : RESET;
    status = status ? status : rewind_rope(w);
    status = status ? status : rove_stream_rechain(w->reader, w->rope);
    status = status ? status : read_all(w);
    status = status ? status : rewind_rope(w);
    status = status ? status : rove_stream_rechain(w->writer, w->rope);
    status = status ? status : write_some(w, 0, 1000);
    w->step = status ? w->step : CLOSE;
    status = status ? status : rove_stream_close(w->writer);
    w->step = status ? w->step : DONE;
    return status;
}

static void end(struct world *w)
{
    rove_stream_free(w->reader);
    rove_stream_free(w->writer);
    rove_stream_free(w->rope);
}

static uint64_t sites[DONE + 1];

// One life with the n-th allocation refused, and those after it if asked. Tells whether one was.
static bool refuse(const struct life *life, struct kit_bytes plain, uint64_t n, bool persistent)
{
    struct world w = {.plain = plain};
    rove_pool_trim(env.pool);
    uint64_t live_before = test_alloc_live(&env.alloc);
    test_alloc_arm(&env.alloc, n, persistent);
    enum rove_status status = live(&w, life);
    bool refused = test_alloc_failed(&env.alloc) > 0;
    test_alloc_arm(&env.alloc, 0, false);
    bool fine = CHECK(status == ROVE_OK || (refused && status == ROVE_E_NOMEM));
    sites[w.step] += refused;
    end(&w);
    rove_pool_trim(env.pool);
    fine &= CHECK_EQ(live_before, test_alloc_live(&env.alloc));
    if (!fine)
        suite_note("%s, allocation %llu, step %d", life->write, (unsigned long long) n,
                   (int) w.step);
    return refused;
}

static bool is_covered(const char *name)
{
    for (size_t i = 0; i < sizeof lives / sizeof *lives; i++)
        if (strcmp(lives[i].name, name) == 0)
            return true;
    return false;
}

void every_refused_allocation_of_every_filter_is_clean(void)
{
    struct kit_bytes plain = kit_content(amount_of(120000, 70000), 1);
    struct world warm = {.plain = plain};
    // Fewer steps through the allocations would miss all that are made while a coder runs.
    uint64_t scaled = suite_scaled(240), all = scaled < 12 ? 12 : scaled, sum = 0;
    for (size_t i = 0; rove_filter_at(i); i++)
        if (!CHECK(is_covered(rove_filter_at(i)->name)))
            suite_note("%s has no life here", rove_filter_at(i)->name);
    CHECK_OK(live(&warm, &lives[0])); // what a thread takes once is there from now on
    end(&warm);
    for (size_t i = 0; i < sizeof lives / sizeof *lives; i++)
        for (int persistent = 0; persistent < 2; persistent++)
            for (uint64_t n = 1; refuse(&lives[i], plain, n, persistent);)
                n += n < all ? 1 : 1 + n * 4 / all;
    for (unsigned step = OPEN; step <= DONE; step++)
        sum += sites[step];
    suite_note("%llu refused allocations: open %llu, run %llu, flush %llu, finish %llu, read "
               "%llu+%llu, reset %llu, close %llu, survived %llu",
               (unsigned long long) sum, (unsigned long long) sites[OPEN],
               (unsigned long long) sites[RUN], (unsigned long long) sites[FLUSH],
               (unsigned long long) sites[FINISH], (unsigned long long) sites[READ_OPEN],
               (unsigned long long) sites[READ_RUN], (unsigned long long) sites[RESET],
               (unsigned long long) sites[CLOSE], (unsigned long long) sites[DONE]);
    CHECK(sites[OPEN] && sites[RUN] && sites[READ_OPEN] && sites[READ_RUN]);
    free(plain.ptr);
}
