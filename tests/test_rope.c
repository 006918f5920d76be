// SPDX-License-Identifier: MIT
// test_rope.c: a rope's life and its end: making, appending, adopting, reserving, figures.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/os.h"
#include "rope/node.h"
#include "support/edits.h"
#include "support/shapes.h"
#include "support/suite.h"

// life ------------------------------------------------------------------------------------------

static void a_rope_is_not_put_in_its_own_place(void)
{
    struct twin twin;
    twin_init(&twin, env.pool);
    twin_append(&twin, 300);
    rove_rope_clone(&twin.rope, &twin.rope);
    TWIN_CHECK(&twin);
    rove_rope_move(&twin.rope, &twin.rope);
    TWIN_CHECK(&twin);
    CHECK_IS(ROVE_E_ARG, rove_rope_split(&twin.rope, 100, &twin.rope));
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

static void an_empty_rope(void)
{
    struct rove_rope rope;
    uint8_t byte;
    size_t len = 9;
    rove_rope_init(&rope, env.pool);
    CHECK_EQ(0, rove_rope_len(&rope));
    CHECK_SOUND(&rope);
    CHECK_OK(rove_rope_read(&rope, 0, &byte, 1, &len));
    CHECK_EQ(0, len);
    CHECK_IS(ROVE_E_RANGE, rove_rope_read(&rope, 1, &byte, 1, &len));
    CHECK_OK(rove_rope_truncate(&rope, 0));
    CHECK_OK(rove_rope_erase(&rope, 0, 0));
    CHECK_OK(rove_rope_compact(&rope));
    CHECK_EQ(0, rove_rope_len(&rope));
    rove_rope_fini(&rope);
}

static void making_a_rope_takes_no_memory(void)
{
    struct rove_rope rope, copy, moved;
    uint64_t before = test_alloc_calls(&env.alloc);
    rove_rope_init(&rope, env.pool);
    rove_rope_clone(&copy, &rope);
    rove_rope_move(&moved, &rope);
    rove_rope_clear(&moved);
    CHECK_EQ(before, test_alloc_calls(&env.alloc));
    rove_rope_fini(&rope);
    rove_rope_fini(&copy);
    rove_rope_fini(&moved);
}

static void dropped_twice_or_never_made(void)
{
    struct rove_rope rope;
    memset(&rope, 0, sizeof rope);
    rove_rope_fini(&rope);
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append(&rope, "x", 1));
    rove_rope_fini(&rope);
    rove_rope_fini(&rope);
}

static void no_pool_is_the_default_pool(void)
{
    struct rove_rope rope;
    rove_rope_init(&rope, NULL);
    CHECK_OK(rove_rope_append(&rope, "default", 7));
    CHECK_BYTES(&rope, "default", 7);
    CHECK_EQ(0, test_alloc_live(&env.alloc) - 1); // the case's pool itself
    rove_rope_fini(&rope);
}

static void cleared_and_used_again(void)
{
    struct twin twin;
    twin_of_leaves(&twin, 2);
    rove_rope_clear(&twin.rope);
    twin.model.len = 0;
    TWIN_CHECK(&twin);
    twin_grow(&twin, leaf_len() + 1);
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

static void moved_the_source_is_empty_and_usable(void)
{
    struct twin twin;
    struct rove_rope moved;
    twin_of_leaves(&twin, 1);
    rove_rope_move(&moved, &twin.rope);
    CHECK_BYTES(&moved, twin.model.ptr, twin.model.len);
    CHECK_SOUND(&moved);
    CHECK_EQ(0, rove_rope_len(&twin.rope));
    CHECK_OK(rove_rope_append(&twin.rope, "again", 5));
    CHECK_BYTES(&twin.rope, "again", 5);
    CHECK_OK(rove_rope_append(&moved, "on", 2));
    CHECK_EQ(twin.model.len + 2, rove_rope_len(&moved));
    CHECK_SOUND(&moved);
    rove_rope_fini(&moved);
    twin_fini(&twin);
}

static void a_rope_outlives_its_pools_owner(void)
{
    struct rove_pool *pool = suite_pool_new(&env.alloc.table, env.chunk_len);
    struct twin twin;
    twin_init(&twin, pool);
    rove_pool_unref(pool);
    twin_grow(&twin, leaf_len() + 1);
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

// reading ---------------------------------------------------------------------------------------

static void read_at_the_edges(void)
{
    struct twin twin;
    size_t offs[EDGE_OFFS], lens[EDGE_LENS], len = 0;
    twin_of_leaves(&twin, 2);
    size_t total = twin.model.len;
    uint8_t *got = malloc(total + 1);
    size_t cnt = edge_offs(offs, total);
    edge_lens(lens);
    for (size_t i = 0; i < cnt; i++) {
        for (size_t j = 0; j < EDGE_LENS; j++) {
            size_t most = lens[j] < total - offs[i] ? lens[j] : total - offs[i];
            got[most] = 0x5a;
            CHECK_OK(rove_rope_read(&twin.rope, offs[i], got, lens[j], &len));
            CHECK_EQ(most, len);
            CHECK(memcmp(got, twin.model.ptr + offs[i], most) == 0);
            CHECK_EQ(0x5a, got[most]);
        }
    }
    CHECK_OK(rove_rope_read(&twin.rope, 0, got, total, NULL));
    CHECK_IS(ROVE_E_RANGE, rove_rope_read(&twin.rope, total + 1, got, 0, &len));
    CHECK_IS(ROVE_E_RANGE, rove_rope_read(&twin.rope, UINT64_MAX, got, 1, NULL));
    free(got);
    twin_fini(&twin);
}

// appending -------------------------------------------------------------------------------------

static void append_nothing(void)
{
    struct rove_rope rope;
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append(&rope, NULL, 0));
    CHECK_OK(rove_rope_append_iov(&rope, NULL, 0));
    CHECK_OK(rove_rope_append_zeros(&rope, 0));
    CHECK_EQ(0, rove_rope_len(&rope));
    CHECK_SOUND(&rope);
    rove_rope_fini(&rope);
}

static void append_of_every_edge_length_after_every_other(void)
{
    size_t lens[EDGE_LENS];
    edge_lens(lens);
    for (size_t i = 0; i < EDGE_LENS; i++) {
        for (size_t j = 0; j < EDGE_LENS; j++) {
            struct twin twin;
            twin_init(&twin, env.pool);
            twin_append(&twin, lens[i]);
            twin_append(&twin, lens[j]);
            twin_append(&twin, 1);
            TWIN_CHECK(&twin);
            twin_fini(&twin);
        }
    }
}

// The nodes that an append lays in must do for any number of chunks on any edge.
static void append_of_many_chunks_to_any_fill(void)
{
    if (env.chunk_len > 3)
        return;
    size_t most = RV_FANOUT == 4 ? 70 : 20;
    for (size_t start = 0; start < most; start++) {
        for (size_t cnt = 1; cnt < 4 * most; cnt += 1 + cnt / 64) {
            struct twin twin;
            twin_init(&twin, env.pool);
            twin_grow(&twin, start * env.chunk_len);
            twin_append(&twin, cnt * env.chunk_len);
            CHECK_SOUND(&twin.rope);
            CHECK_EQ(twin.model.len, rove_rope_len(&twin.rope));
            twin_fini(&twin);
        }
    }
}

// One call that fills a tree to its last place, or goes a slice beyond: many levels more.
static void append_of_so_many_chunks_that_a_tree_is_full(void)
{
    struct rove_rope rope;
    for (size_t full = RV_FANOUT; env.chunk_len <= 3 && full <= 4096; full *= RV_FANOUT)
        for (size_t start = 0; start < 4; start++)
            for (size_t cnt = full - 4; cnt <= full + 1; cnt++) {
                rove_rope_init(&rope, env.pool);
                CHECK_OK(rove_rope_append(&rope, noise(start * env.chunk_len), start * env.chunk_len));
                CHECK_OK(rove_rope_append(&rope, noise(cnt * env.chunk_len), cnt * env.chunk_len));
                CHECK_SOUND(&rope);
                CHECK_EQ((start + cnt) * env.chunk_len, rove_rope_len(&rope));
                rove_rope_fini(&rope);
            }
}

static void append_gathers_pieces(void)
{
    struct twin twin;
    size_t lens[EDGE_LENS];
    struct iovec iov[EDGE_LENS];
    edge_lens(lens);
    twin_init(&twin, env.pool);
    for (size_t i = 0; i < EDGE_LENS; i++) {
        const uint8_t *src = noise(lens[i]);
        iov[i] = (struct iovec){lens[i] ? (void *) (uintptr_t) src : NULL, lens[i]};
        model_replace(&twin.model, twin.model.len, 0, src, lens[i]);
    }
    CHECK_OK(rove_rope_append_iov(&twin.rope, iov, EDGE_LENS));
    TWIN_CHECK(&twin);
    iov[1].iov_len = SIZE_MAX; // the sum wraps, or is past any rope
    iov[0] = (struct iovec){(void *) (uintptr_t) noise(5), 5};
    if (SUITE_WIDE)
        CHECK_IS(ROVE_E_RANGE, rove_rope_append_iov(&twin.rope, iov, 2));
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

static void a_small_rope_is_cheap(void)
{
    struct twin twin;
    struct rove_rope_figures figures;
    twin_init(&twin, env.pool);
    twin_append(&twin, 1);
    CHECK_OK(rove_rope_measure(&twin.rope, &figures));
    CHECK(figures.retained <= 1024);
    CHECK_EQ(1, figures.slice_cnt);
    CHECK(figures.height <= (env.chunk_len == 1)); // a full chunk may have left the tail
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

// What is short is copied into the next chunk, and takes neither a node nor a chunk of its own.
static void a_short_tail_moves_along(void)
{
    struct rove_pool *pool = suite_pool_new(&env.alloc.table, 4096);
    struct twin twin;
    struct rove_rope_figures figures;
    struct rove_view view;
    const uint8_t *ptr;
    twin_init(&twin, pool);
    twin_append(&twin, 100);
    CHECK_OK(rove_rope_view(&twin.rope, 0, 100, &view));
    for (int i = 1; i < 6; i++) {
        twin_append(&twin, 100);
        CHECK_OK(rove_rope_measure(&twin.rope, &figures));
        CHECK_EQ(1, figures.slice_cnt);
        CHECK_EQ(0, figures.node_cnt);
        CHECK(figures.retained <= 2 * 128 + 2 * figures.len);
    }
    TWIN_CHECK(&twin);
    uint8_t first[100];
    size_t got;
    CHECK_OK(rove_view_read(&view, 0, first, sizeof first, &got)); // it keeps the chunk that was left
    CHECK(memcmp(first, twin.model.ptr, sizeof first) == 0);
    rove_view_fini(&view);
    twin_fini(&twin);
    twin_init(&twin, pool);
    twin_append(&twin, 120);
    CHECK_OK(rove_rope_flatten(&twin.rope, &ptr));
    CHECK_OK(rove_rope_append(&twin.rope, ptr, 120)); // from the chunk that is left
    CHECK_OK(rove_rope_flatten(&twin.rope, &ptr));
    CHECK(memcmp(ptr, twin.model.ptr, 120) == 0);
    CHECK(memcmp(ptr + 120, twin.model.ptr, 120) == 0);
    twin_fini(&twin);
    rove_pool_unref(pool);
}

// adopting --------------------------------------------------------------------------------------

static void adopted_memory_is_not_copied_and_released_once(void)
{
    struct rove_rope rope;
    struct releases noted = {0};
    const uint8_t *ptr;
    static uint8_t memory[5000];
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append_adopt(&rope, memory, sizeof memory, note_release, &noted));
    CHECK_EQ(0, noted.cnt);
    CHECK_SOUND(&rope);
    CHECK_OK(rove_rope_flatten(&rope, &ptr));
    CHECK(ptr == memory);
    rove_rope_fini(&rope);
    CHECK_EQ(1, noted.cnt);
    CHECK(noted.ptr == memory && noted.len == sizeof memory);
}

static void put_into_rope(void *rope, const void *ptr, size_t len)
{
    CHECK_OK(rove_rope_append(rope, ptr, len));
    CHECK_OK(rove_rope_insert(rope, 1, ptr, len));
}

static void finish_rope(void *rope, const void *ptr, size_t len)
{
    (void) ptr;
    (void) len;
    rove_rope_fini(rope);
}

// What a release function puts into the rope goes as well, and a rope that it has finished holds its pool no more.
static void a_rope_that_is_finished_lets_go_of_all(void)
{
    static rove_release_fn *const deeds[] = {put_into_rope, finish_rope};
    for (unsigned i = 0; i < 2; i++) {
        struct rove_pool *pool = suite_pool_new(&env.alloc.table, env.chunk_len);
        struct rove_rope rope, other;
        rove_rope_init(&rope, pool);
        rove_rope_init(&other, pool);
        CHECK_OK(rove_rope_append_adopt(&rope, noise(3000), 3000, deeds[i], &rope));
        rove_rope_fini(&rope);
        CHECK_EQ(0, rove_rope_len(&rope));
        CHECK_OK(rove_rope_append(&other, "abc", 3)); // its pool is there
        rove_rope_fini(&other);
        rove_pool_unref(pool);
    }
}

static void adopted_memory_waits_for_the_last_holder(void)
{
    struct rove_rope rope, copy;
    struct rove_view view, part;
    struct releases noted = {0};
    const uint8_t *memory = noise(3000);
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append_adopt(&rope, memory, 3000, note_release, &noted));
    rove_rope_clone(&copy, &rope);
    CHECK_OK(rove_rope_view(&rope, 100, 2000, &view));
    CHECK_OK(rove_view_sub(&view, 10, 20, &part));
    rove_rope_fini(&rope);
    CHECK_OK(rove_rope_erase(&copy, 0, 3000));
    rove_rope_fini(&copy);
    rove_view_fini(&view);
    CHECK_EQ(0, noted.cnt);
    CHECK_VIEW(&part, memory + 110, 20);
    rove_view_fini(&part);
    CHECK_EQ(1, noted.cnt);
}

static void adopted_memory_of_edge_lengths(void)
{
    static const size_t lens[] = {0, 1, ROVE_MERGE_LEN, ROVE_MERGE_LEN + 1, 4096};
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        struct twin twin;
        struct releases noted = {0};
        const uint8_t *src = noise(lens[i]);
        twin_init(&twin, env.pool);
        twin_append(&twin, 3);
        CHECK_OK(rove_rope_append_adopt(&twin.rope, src, lens[i], note_release, &noted));
        model_replace(&twin.model, 3, 0, src, lens[i]);
        CHECK(lens[i] || noted.cnt == 1);
        twin_append(&twin, 3);
        TWIN_CHECK(&twin);
        twin_fini(&twin);
        CHECK_EQ(1, noted.cnt);
        CHECK_EQ(lens[i], noted.len);
        CHECK(noted.ptr == src);
    }
}

static void adopted_memory_is_never_written(void)
{
    struct twin twin;
    uint8_t memory[2000], before[2000];
    memcpy(memory, noise(sizeof memory), sizeof memory);
    memcpy(before, memory, sizeof memory);
    twin_init(&twin, env.pool);
    CHECK_OK(rove_rope_append_adopt(&twin.rope, memory, sizeof memory, NULL, NULL));
    model_replace(&twin.model, 0, 0, memory, sizeof memory);
    twin_overwrite(&twin, 0, 2000);
    twin_fini(&twin);
    CHECK(memcmp(memory, before, sizeof memory) == 0);
    twin_init(&twin, env.pool);
    CHECK_OK(rove_rope_append_adopt(&twin.rope, memory, sizeof memory, NULL, NULL));
    model_replace(&twin.model, 0, 0, memory, sizeof memory);
    twin_truncate(&twin, 1000);
    twin_append(&twin, 100);
    twin_insert(&twin, 500, 1);
    twin_overwrite(&twin, 490, 600);
    TWIN_CHECK(&twin);
    twin_fini(&twin);
    CHECK(memcmp(memory, before, sizeof memory) == 0);
}

static void too_long_to_adopt_is_released(void)
{
    struct rove_rope rope;
    struct releases noted = {0};
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append_zeros(&rope, ROVE_LEN_MAX - 1000));
    CHECK_IS(ROVE_E_RANGE, rove_rope_append_adopt(&rope, noise(2000), 2000, note_release, &noted));
    CHECK_EQ(1, noted.cnt);
    CHECK_EQ(ROVE_LEN_MAX - 1000, rove_rope_len(&rope));
    rove_rope_fini(&rope);
}

// zeros -----------------------------------------------------------------------------------------

static void adopting_without_a_rope_or_memory_releases(void)
{
    struct rove_rope rope;
    struct releases noted = {0};
    rove_rope_init(&rope, env.pool);
    CHECK_IS(ROVE_E_ARG, rove_rope_append_adopt(NULL, noise(2000), 2000, note_release, &noted));
    CHECK_EQ(1, noted.cnt);
    CHECK_IS(ROVE_E_ARG, rove_rope_append_adopt(&rope, NULL, 2000, note_release, &noted));
    CHECK_EQ(2, noted.cnt);
    CHECK_EQ(0, rove_rope_len(&rope));
    rove_rope_fini(&rope);
}

static void zeros_of_edge_lengths(void)
{
    static const size_t lens[] = {1,    ROVE_MERGE_LEN, ROVE_MERGE_LEN + 1, 4095,
                                  4096, 65535,          65536,              65537, 200000};
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        struct twin twin;
        uint8_t *zeros = calloc(1, lens[i]);
        twin_init(&twin, env.pool);
        twin_append(&twin, 2);
        CHECK_OK(rove_rope_append_zeros(&twin.rope, lens[i]));
        model_replace(&twin.model, 2, 0, zeros, lens[i]);
        TWIN_CHECK(&twin);
        CHECK_OK(rove_rope_resize(&twin.rope, lens[i] + 5));
        model_replace(&twin.model, twin.model.len, 0, "\0\0\0", 3);
        twin_append(&twin, 2);
        TWIN_CHECK(&twin);
        free(zeros);
        twin_fini(&twin);
    }
}

static void zeros_stay_zeros_for_all_others(void)
{
    struct twin twin;
    struct rove_rope other;
    static const uint8_t zeros[70000];
    rove_rope_init(&other, env.pool);
    twin_init(&twin, env.pool);
    CHECK_OK(rove_rope_append_zeros(&twin.rope, sizeof zeros));
    model_replace(&twin.model, 0, 0, zeros, sizeof zeros);
    twin_overwrite(&twin, 10, 69000);
    twin_truncate(&twin, 69500);
    twin_append(&twin, 700);
    TWIN_CHECK(&twin);
    CHECK_OK(rove_rope_append_zeros(&other, sizeof zeros));
    CHECK_BYTES(&other, zeros, sizeof zeros);
    rove_rope_fini(&other);
    twin_fini(&twin);
}

// files -----------------------------------------------------------------------------------------

static void a_file_from_every_edge(void)
{
    static const size_t offs[] = {0, 1, 4095, 4096, 4097, 9999, 10000};
    const uint8_t *bytes = noise(10000);
    int fd = file_of(bytes, 10000);
    struct twin twin;
    if (!CHECK(fd >= 0))
        return;
    twin_init(&twin, env.pool);
    for (size_t i = 0; i < sizeof offs / sizeof *offs; i++) {
        size_t len = 10000 - offs[i];
        CHECK_OK(rove_rope_append_file(&twin.rope, fd, offs[i], UINT64_MAX));
        model_replace(&twin.model, twin.model.len, 0, bytes + offs[i], len);
        CHECK_OK(rove_rope_append_file(&twin.rope, fd, offs[i], len / 2));
        model_replace(&twin.model, twin.model.len, 0, bytes + offs[i], len / 2);
        twin_append(&twin, 1);
    }
    close(fd);
    TWIN_CHECK(&twin);
    twin_overwrite(&twin, 0, twin.model.len);
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

static void a_file_that_is_too_short_or_none(void)
{
    struct twin twin;
    int fd = file_of("0123456789", 10), ends[2];
    twin_init(&twin, env.pool);
    twin_append(&twin, 5);
    CHECK_IS(ROVE_E_RANGE, rove_rope_append_file(&twin.rope, fd, 0, 11));
    CHECK_IS(ROVE_E_RANGE, rove_rope_append_file(&twin.rope, fd, 11, 0));
    CHECK_IS(ROVE_E_RANGE, rove_rope_append_file(&twin.rope, fd, 11, UINT64_MAX));
    CHECK_IS(ROVE_E_RANGE, rove_rope_append_file(&twin.rope, fd, 5, UINT64_MAX - 4));
    CHECK_IS(ROVE_E_RANGE, rove_rope_append_file(&twin.rope, fd, UINT64_MAX, 1));
    CHECK_OK(rove_rope_append_file(&twin.rope, fd, 10, UINT64_MAX));
    close(fd);
    errno = 0;
    CHECK_IS(ROVE_E_IO, rove_rope_append_file(&twin.rope, -1, 0, 1));
    CHECK_EQ(EBADF, errno);
    if (CHECK(pipe(ends) == 0)) {
        CHECK_IS(ROVE_E_UNSUPPORTED, rove_rope_append_file(&twin.rope, ends[0], 0, UINT64_MAX));
        close(ends[0]);
        close(ends[1]);
    }
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

static int maps;

static void *count_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
    maps += fd >= 0;
    return rv_os_real.mmap(addr, len, prot, flags, fd, off);
}

static int count_munmap(void *addr, size_t len)
{
    maps--;
    return rv_os_real.munmap(addr, len);
}

static void *fail_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
    (void) count_mmap(addr, len, prot, flags, -1, off);
    (void) fd;
    errno = ENODEV;
    return MAP_FAILED;
}

static void a_mapped_file_is_unmapped_by_the_last_holder(void)
{
    struct rove_rope rope, copy;
    struct rv_os os = rv_os_real;
    int fd = file_of(noise(9000), 9000);
    os.mmap = count_mmap;
    os.munmap = count_munmap;
    maps = 0;
    rv_os_set(&os);
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append_file(&rope, fd, 100, 8000));
    rove_rope_clone(&copy, &rope);
    rove_rope_fini(&rope);
    CHECK_EQ(1, maps);
    rove_rope_fini(&copy);
    CHECK_EQ(0, maps);
    rv_os_set(NULL);
    close(fd);
}

static void a_file_that_cannot_be_mapped(void)
{
    struct twin twin;
    struct rv_os os = rv_os_real;
    int fd = file_of(noise(9000), 9000);
    os.mmap = fail_mmap;
    twin_init(&twin, env.pool);
    twin_append(&twin, 5);
    rv_os_set(&os);
    errno = 0;
    CHECK_IS(ROVE_E_IO, rove_rope_append_file(&twin.rope, fd, 0, 9000));
    CHECK_EQ(ENODEV, errno);
    rv_os_set(NULL);
    TWIN_CHECK(&twin);
    twin_fini(&twin);
    close(fd);
}

// in place --------------------------------------------------------------------------------------

static void reserved_and_committed_in_part(void)
{
    struct twin twin;
    uint8_t *run;
    size_t len, lens[EDGE_LENS];
    edge_lens(lens);
    twin_init(&twin, env.pool);
    for (size_t i = 1; i < EDGE_LENS; i++) {
        if (!lens[i])
            continue;
        CHECK_OK(rove_rope_reserve(&twin.rope, lens[i], &run, &len));
        TWIN_CHECK(&twin); // nothing is there before the commit
        CHECK_OK(rove_rope_reserve(&twin.rope, lens[i], &run, &len));
        CHECK(run != NULL && len >= 1 && len <= env.chunk_len);
        CHECK(2 * len >= (lens[i] < env.chunk_len ? lens[i] : env.chunk_len));
        const uint8_t *src = noise(len);
        memcpy(run, src, len);
        CHECK_IS(ROVE_E_RANGE, rove_rope_commit(&twin.rope, len + 1));
        CHECK_OK(rove_rope_commit(&twin.rope, 0));
        size_t part = len - len / 3;
        CHECK_OK(rove_rope_commit(&twin.rope, part));
        model_replace(&twin.model, twin.model.len, 0, src, part);
        TWIN_CHECK(&twin);
    }
    CHECK_IS(ROVE_E_ARG, rove_rope_reserve(&twin.rope, 0, &run, &len));
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

// Whatever is committed of each, the chunks are half full at least, but for the small first ones.
static void reserving_much_for_little_wastes_no_memory(void)
{
    const size_t parts[] = {1, env.chunk_len / 64 + 1, env.chunk_len / 3 + 1,
                            env.chunk_len / 2 + 1};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct twin twin;
        struct rove_rope_figures figures;
        twin_init(&twin, env.pool);
        for (int k = 0; k < 300; k++) {
            uint8_t *run;
            size_t len;
            CHECK_OK(rove_rope_reserve(&twin.rope, env.chunk_len, &run, &len));
            size_t part = parts[i] < len ? parts[i] : len;
            const uint8_t *src = noise(part);
            memcpy(run, src, part);
            CHECK_OK(rove_rope_commit(&twin.rope, part));
            model_replace(&twin.model, twin.model.len, 0, src, part);
        }
        TWIN_CHECK(&twin);
        CHECK_OK(rove_rope_measure(&twin.rope, &figures));
        if (env.chunk_len >= 4096) // else the nodes weigh more
            CHECK(figures.retained <= 2 * figures.len + 3 * env.chunk_len + (UINT64_C(1) << 16));
        twin_fini(&twin);
    }
}

static void nothing_is_committed_that_was_not_reserved(void)
{
    struct twin twin;
    uint8_t *run;
    size_t len;
    twin_init(&twin, env.pool);
    CHECK_IS(ROVE_E_RANGE, rove_rope_commit(&twin.rope, 1));
    CHECK_OK(rove_rope_commit(&twin.rope, 0));
    twin_append(&twin, env.chunk_len / 2 + 1);
    CHECK_IS(ROVE_E_RANGE,
             rove_rope_commit(&twin.rope, 1)); // there may be room, with old bytes in it
    CHECK_OK(rove_rope_reserve(&twin.rope, 9, &run, &len));
    twin_append(&twin, 1); // the run is gone
    CHECK_IS(ROVE_E_RANGE, rove_rope_commit(&twin.rope, 1));
    if (env.chunk_len > 16) { // else what goes lies in the tree, and the run stays
        CHECK_OK(rove_rope_reserve(&twin.rope, 9, &run, &len));
        twin_truncate(&twin, twin.model.len - 1);
        CHECK_IS(ROVE_E_RANGE, rove_rope_commit(&twin.rope, 1));
    }
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

// By short records, and then by one as long as a chunk: the next byte goes to the same place in another chunk.
static void a_reserved_run_ends_with_its_chunk(void)
{
    struct twin twin;
    uint8_t *run;
    size_t len;
    twin_init(&twin, env.pool);
    for (size_t i = 0; i < 4 * env.chunk_len + 9; i++)
        twin_append(&twin, 1);
    CHECK_OK(rove_rope_reserve(&twin.rope, 1, &run, &len));
    twin_append(&twin, env.chunk_len);
    CHECK_IS(ROVE_E_RANGE, rove_rope_commit(&twin.rope, 1));
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

static void reserved_room_is_nobody_elses(void)
{
    struct twin twin, copy;
    uint8_t *mine, *theirs;
    size_t len;
    twin_init(&twin, env.pool);
    twin_append(&twin, 3);
    twin_clone(&copy, &twin);
    CHECK_OK(rove_rope_reserve(&twin.rope, 1, &mine, &len));
    CHECK_OK(rove_rope_reserve(&copy.rope, 1, &theirs, &len));
    CHECK(mine != theirs);
    *mine = 'm';
    *theirs = 't';
    CHECK_OK(rove_rope_commit(&twin.rope, 1));
    CHECK_OK(rove_rope_commit(&copy.rope, 1));
    model_replace(&twin.model, 3, 0, "m", 1);
    model_replace(&copy.model, 3, 0, "t", 1);
    TWIN_CHECK(&twin);
    TWIN_CHECK(&copy);
    twin_fini(&twin);
    twin_fini(&copy);
}

static void nothing_is_committed_past_the_longest_rope(void)
{
    struct rove_rope rope;
    uint8_t *run;
    size_t len;
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append_zeros(&rope, ROVE_LEN_MAX - 5));
    CHECK_OK(rove_rope_reserve(&rope, 5, &run, &len));
    CHECK(len >= 1 && len <= 5);
    CHECK_IS(ROVE_E_RANGE, rove_rope_commit(&rope, 6));
    CHECK_OK(rove_rope_commit(&rope, len));
    CHECK(rove_rope_len(&rope) <= ROVE_LEN_MAX);
    CHECK_SOUND(&rope);
    rove_rope_fini(&rope);
}

// figures ---------------------------------------------------------------------------------------

static void figures_of_an_empty_rope(void)
{
    struct rove_rope rope;
    struct rove_rope_figures figures;
    memset(&figures, 0xff, sizeof figures);
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_measure(&rope, &figures));
    CHECK_EQ(0, figures.len);
    CHECK_EQ(0, figures.retained);
    CHECK_EQ(0, figures.fair);
    CHECK_EQ(0, figures.slice_cnt);
    CHECK_EQ(0, figures.node_cnt);
    CHECK_EQ(0, figures.height);
    rove_rope_fini(&rope);
}

// Slices as a cursor meets them.
static uint64_t count_spans(struct rove_rope *rope)
{
    struct rove_view all;
    struct rove_cursor cursor;
    struct rove_span span;
    uint64_t cnt = 0;
    CHECK_OK(rove_rope_view(rope, 0, rove_rope_len(rope), &all));
    CHECK_OK(rove_cursor_init(&cursor, &all, 0));
    while (rove_cursor_next(&cursor, &span) == ROVE_OK)
        cnt++;
    rove_cursor_fini(&cursor);
    rove_view_fini(&all);
    return cnt;
}

static void figures_agree_with_the_spans(void)
{
    struct twin twin;
    struct rove_rope_figures figures;
    twin_of_leaves(&twin, 3);
    CHECK_OK(rove_rope_measure(&twin.rope, &figures));
    CHECK_EQ(twin.model.len, figures.len);
    CHECK_EQ(count_spans(&twin.rope), figures.slice_cnt);
    CHECK_EQ(rv_height(twin.rope.root), figures.height);
    CHECK(figures.retained >= figures.len);
    CHECK(figures.fair <= figures.retained && figures.fair + 8 >= figures.retained);
    CHECK_OK(rove_rope_append_adopt(&twin.rope, noise(600), 600, NULL, NULL));
    CHECK_OK(rove_rope_measure(&twin.rope, &figures));
    CHECK_EQ(count_spans(&twin.rope), figures.slice_cnt); // an empty tail is no slice
    twin_fini(&twin);
}

static void a_clone_halves_the_fair_share(void)
{
    struct twin twin;
    struct rove_rope copy;
    struct rove_rope_figures alone, mine, theirs;
    twin_of_leaves(&twin, 2);
    CHECK_OK(rove_rope_measure(&twin.rope, &alone));
    rove_rope_clone(&copy, &twin.rope);
    CHECK_OK(rove_rope_measure(&twin.rope, &mine));
    CHECK_OK(rove_rope_measure(&copy, &theirs));
    CHECK_EQ(alone.retained, mine.retained);
    CHECK_EQ(alone.retained, theirs.retained);
    CHECK(mine.fair + theirs.fair <= alone.fair + 2 && mine.fair + theirs.fair + 2 >= alone.fair);
    rove_rope_fini(&copy);
    CHECK_OK(rove_rope_measure(&twin.rope, &mine));
    CHECK_EQ(alone.fair, mine.fair);
    twin_fini(&twin);
}

// Slices that take nothing themselves: all are of one piece of the caller's memory. Where nodes are small, as of four
// entries with pointers of four bytes, they take the least block that there is.
static void a_node_takes_hardly_more_than_it_is(void)
{
    enum { SLICES = 40000, IN_STOCK = 200, BLOCK_LEAST = RV_CHUNK_HEAD + 128 };
    size_t most = sizeof(struct rv_node) + 64;
    struct rove_rope rope, from;
    struct rove_rope_figures figures;
    rove_rope_init(&from, env.pool);
    rove_rope_init(&rope, env.pool);
    CHECK_OK(rove_rope_append_adopt(&from, noise(2000), 2000, NULL, NULL));
    size_t before = env.alloc.live_len;
    for (unsigned i = 0; i < SLICES; i++) {
        struct rove_view view;
        CHECK_OK(rove_rope_view(&from, i % 2 * 1000, 900, &view));
        CHECK_OK(rove_rope_append_view(&rope, &view));
        rove_view_fini(&view);
    }
    size_t taken = env.alloc.live_len - before;
    CHECK_OK(rove_rope_measure(&rope, &figures));
    CHECK_EQ(SLICES, figures.slice_cnt);
    CHECK(taken <= (figures.node_cnt + IN_STOCK) * (most > BLOCK_LEAST ? most : BLOCK_LEAST));
    rove_rope_fini(&rope);
    rove_rope_fini(&from);
}

static void dumped_to_a_file_and_to_none(void)
{
    struct twin twin;
    char *text = NULL;
    size_t len = 0;
    twin_of_leaves(&twin, 2);
    FILE *memory = open_memstream(&text, &len), *full = fopen("/dev/full", "w");
    CHECK_OK(rove_rope_dump(&twin.rope, memory));
    fclose(memory);
    size_t lines = 0;
    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n';
    CHECK(lines >= count_spans(&twin.rope));
    if (CHECK(full != NULL)) {
        setvbuf(full, NULL, _IONBF, 0);
        CHECK_IS(ROVE_E_IO, rove_rope_dump(&twin.rope, full));
        fclose(full);
    }
    free(text);
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

// A rope that shares itself has more slices than could ever be printed.
static void a_dump_is_cut_after_so_many_lines(void)
{
    struct rove_rope rope, twice;
    char *text = NULL;
    size_t len = 0, lines = 0;
    uint8_t bytes[600] = {1};
    rove_rope_init(&rope, env.pool);
    for (unsigned i = 0; i < 4; i++)
        CHECK_OK(rove_rope_append(&rope, bytes, sizeof bytes));
    for (unsigned i = 0; i < 40; i++) {
        rove_rope_clone(&twice, &rope);
        CHECK_OK(rove_rope_concat(&rope, &twice));
        rove_rope_fini(&twice);
    }
    FILE *memory = open_memstream(&text, &len);
    CHECK_OK(rove_rope_dump(&rope, memory));
    fclose(memory);
    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n';
    CHECK(lines >= 10000 && lines <= 10003); // the rope, the tail and the cut have one each
    CHECK(len > 20 && strstr(text + len - 40, "cut at 10000 lines"));
    free(text);
    rove_rope_fini(&rope);
}

// the grid --------------------------------------------------------------------------------------

static unsigned nodes_on_a_grid(const struct rv_node *node)
{
    unsigned cnt = node->grid != RV_RAGGED;
    for (unsigned i = 0; node->level && i < node->cnt; i++)
        cnt += nodes_on_a_grid(rv_kid(node, i));
    return cnt;
}

// Lengths beside those at which copying goes another way. What lies behind the bytes asked for stays as it is.
static void check_bytes_at(struct twin *twin, size_t off)
{
    static const size_t lens[] = {0, 1, 3, 4, 8, 15, 16, 32, 33, 40, 64, 65, 96};
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        uint8_t bytes[100];
        size_t len = SIZE_MAX, want = rv_min_size(lens[i], twin->model.len - off);
        memset(bytes, 0xa5, sizeof bytes);
        CHECK_OK(rove_rope_read(&twin->rope, off, bytes, lens[i], &len));
        CHECK_EQ(want, len);
        CHECK(memcmp(bytes, twin->model.ptr + off, want) == 0);
        for (size_t k = want; k < sizeof bytes; k++)
            CHECK_EQ(0xa5, bytes[k]);
    }
    CHECK_OK(rove_rope_read(&twin->rope, off, NULL, 0, NULL));
    CHECK_IS(ROVE_E_ARG, rove_rope_read(&twin->rope, off, NULL, 1, NULL));
}

static void check_bytes_at_edges(struct twin *twin)
{
    size_t offs[EDGE_OFFS], cnt = edge_offs(offs, twin->model.len);
    for (size_t i = 0; i < cnt && offs[i] < twin->model.len; i++)
        for (size_t back = 0; back <= 66 && back <= offs[i]; back += 11)
            check_bytes_at(twin, offs[i] - back);
}

// A leaf whose slices have these lengths; even: a place in it can be found by a shift.
static const struct {
    size_t len[4];
    unsigned cnt;
    bool even;
} rows[] = {
    {{1024, 1024}, 2, false},
    {{1024, 1024, 1024}, 3, true},
    {{600, 1024, 1024}, 3, true},
    {{600, 1024, 700}, 3, true},
    {{1025, 1024, 1024}, 3, false},
    {{1024, 1024, 1025}, 3, false},
    {{1500, 1500, 1500}, 3, false},
    {{1024, 1024, 1024, 1024}, 4, true},
    {{600, 1024, 1024, 600}, 4, true},
    {{1024, 1024, 1024, 1025}, 4, false},
    {{1024, 1024, 700, 1024}, 4, false},
    {{1024, 1024, 2048, 1024}, 4, false},
    {{1024, 2048, 1024, 1024}, 4, false},
};

static void slices_of_one_length_between_their_ends_are_even(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct twin twin;
        twin_init(&twin, env.pool);
        for (unsigned n = 0; n < rows[i].cnt; n++) {
            size_t len = rows[i].len[n];
            const uint8_t *src = noise(len);
            CHECK_OK(rove_rope_append_adopt(&twin.rope, src, len, NULL, NULL));
            model_replace(&twin.model, twin.model.len, 0, src, len);
        }
        const struct rv_node *root = twin.rope.root;
        CHECK(!root->level && root->cnt == rows[i].cnt);
        if (!CHECK_EQ(rows[i].even, root->shift != RV_RAGGED))
            suite_note("row %zu", i);
        CHECK(!rows[i].even || root->shift == 10);
        check_bytes_at_edges(&twin);
        for (size_t off = 0; off < twin.model.len; off += 25) {
            uint8_t byte;
            CHECK_OK(rove_rope_read(&twin.rope, off, &byte, 1, NULL));
            CHECK_EQ(twin.model.ptr[off], byte);
        }
        TWIN_CHECK(&twin);
        twin_fini(&twin);
    }
}

static void full_chunks_lie_on_a_grid_until_they_are_edited(void)
{
    struct twin twin, old;
    bool power_of_two = !(env.chunk_len & (env.chunk_len - 1));
    twin_of_leaves(&twin, RV_FANOUT > 4 ? 5 : 6 * RV_FANOUT);
    unsigned before = nodes_on_a_grid(twin.rope.root);
    CHECK(power_of_two ? before >= 4 : !before);
    check_bytes_at_edges(&twin);
    twin_clone(&old, &twin);
    size_t at = 2 * leaf_len() + env.chunk_len / 2;
    CHECK(twin_overwrite(&twin, at, 1));
    CHECK(twin_insert(&twin, at, 1));
    CHECK(nodes_on_a_grid(old.rope.root) == before);
    CHECK(!before || nodes_on_a_grid(twin.rope.root) < before);
    CHECK(!before || nodes_on_a_grid(twin.rope.root) > 0);
    TWIN_CHECK(&twin);
    check_bytes_at_edges(&twin);
    CHECK(twin_truncate(&old, 3 * leaf_len() + 1));
    CHECK(twin_append(&old, leaf_len()));
    TWIN_CHECK(&old);
    check_bytes_at_edges(&old);
    twin_fini(&old);
    twin_fini(&twin);
}

// Full trees, and those that lack a little to it, one behind the other, held by others or not, and grown after that.
static void full_trees_side_by_side_in_any_order(void)
{
    struct rng rng = rng_from(suite_seed() + 3);
    for (uint64_t i = suite_scaled(400); i--;) {
        struct twin twin, more, kept;
        twin_init(&twin, env.pool);
        twin_init(&kept, env.pool);
        for (unsigned n = 2 + (unsigned) rng_below(&rng, 8); n-- && twin.model.len < 100000;) {
            size_t len = env.chunk_len;
            for (uint64_t level = rng_below(&rng, 4); level-- && len * RV_FANOUT < 100000;)
                len *= RV_FANOUT;
            len = len - rng_below(&rng, 2) * rng_below(&rng, env.chunk_len);
            switch (rng_below(&rng, 6)) {
            case 0: CHECK(twin_append(&twin, 1 + rng_below(&rng, 2 * env.chunk_len))); break;
            case 1: CHECK(twin_erase(&twin, 0, rng_below(&rng, twin.model.len / 4 + 1))); break;
            case 2:
                twin_fini(&kept);
                twin_clone(&kept, &twin);
                break;
            default:
                if (rng_below(&rng, 2)) {
                    twin_clone(&more, &twin);
                } else {
                    twin_init(&more, env.pool);
                    while (more.model.len < len)
                        CHECK(twin_append(&more, len - more.model.len < env.chunk_len ? len - more.model.len : env.chunk_len));
                }
                CHECK_OK(rove_rope_concat(&twin.rope, &more.rope));
                model_replace(&twin.model, twin.model.len, 0, more.model.ptr, more.model.len);
                model_replace(&more.model, 0, more.model.len, NULL, 0);
                TWIN_CHECK(&more);
                twin_fini(&more);
            }
            TWIN_CHECK(&twin);
        }
        check_bytes_at_edges(&twin);
        TWIN_CHECK(&kept);
        twin_fini(&kept);
        twin_fini(&twin);
    }
}

static void whole_leaves_that_are_joined_are_shared_and_on_a_grid(void)
{
    struct twin twin, more;
    bool power_of_two = !(env.chunk_len & (env.chunk_len - 1));
    twin_init(&twin, env.pool);
    twin_grow(&twin, leaf_len());
    twin_clone(&more, &twin);
    CHECK_OK(rove_rope_concat(&twin.rope, &more.rope));
    model_replace(&twin.model, twin.model.len, 0, more.model.ptr, more.model.len);
    model_replace(&more.model, 0, more.model.len, NULL, 0);
    const struct rv_node *root = twin.rope.root;
    if (CHECK(root->level == 1 && root->cnt == 2)) // what is short is copied, not joined
        CHECK((rv_kid(root, 0) == rv_kid(root, 1)) == (leaf_len() > ROVE_MERGE_LEN));
    CHECK_EQ(power_of_two, root->grid != RV_RAGGED);
    TWIN_CHECK(&twin);
    TWIN_CHECK(&more);
    check_bytes_at_edges(&twin);
    CHECK(twin_insert(&twin, leaf_len() + 1, 1));
    TWIN_CHECK(&twin);
    twin_fini(&more);
    twin_fini(&twin);
}

// the check -------------------------------------------------------------------------------------

static void expect_noticed(const struct rove_rope *rope, const char *what)
{
    const char *wrong = rove_rope_check(rope);
    if (!CHECK(wrong != NULL))
        suite_note("the check overlooks %s", what);
}

static void the_check_notices_what_is_broken(void)
{
    struct twin twin;
    twin_of_leaves(&twin, 3);
    struct rv_node *root = twin.rope.root, *leaf = root;
    CHECK(root->level > 0);
    while (leaf->level)
        leaf = rv_kid(leaf, 1);
    struct rv_chunk *chunk = rv_slice_chunk(leaf, 0);
    size_t cap = chunk->cap;
#define BREAK(lvalue, by, what)                                                                    \
    do {                                                                                           \
        (lvalue) += (by);                                                                          \
        expect_noticed(&twin.rope, what);                                                          \
        (lvalue) -= (by);                                                                          \
        CHECK_SOUND(&twin.rope);                                                                   \
    } while (0)
    BREAK(twin.rope.tree_len, 1, "the length of the tree");
    BREAK(root->total, 1, "the sum of the root");
    BREAK(root->len[1], 1, "the length of a kid");
    BREAK(root->level, 1, "the level of the root");
    BREAK(leaf->total, 1, "the sum of a leaf");
    BREAK(leaf->len[0], 1, "the length of a slice");
    BREAK(leaf->grid, 1, "a grid that does not hold");
    BREAK(chunk->cap, -cap, "a slice outside its chunk");
    BREAK(twin.rope.base, 2, "a tail that begins after its end");
#undef BREAK
    twin_fini(&twin);
}

static void the_check_notices_a_node_that_is_too_empty(void)
{
    struct twin twin;
    twin_of_leaves(&twin, 3);
    struct rv_node *root = twin.rope.root;
    while (root->level > 1)
        root = rv_kid(root, 0);
    struct rv_node *leaf = rv_kid(root, 1);
    uint8_t cnt = leaf->cnt;
    uint64_t gone = 0;
    for (unsigned i = RV_FILL - 1; i < cnt; i++)
        gone += leaf->len[i];
    leaf->cnt = RV_FILL - 1;
    leaf->total -= gone;
    root->len[1] -= gone;
    root->total -= gone;
    if (root == twin.rope.root) {
        twin.rope.tree_len -= gone;
        expect_noticed(&twin.rope, "a node that is too empty");
        twin.rope.tree_len += gone;
    }
    leaf->cnt = cnt;
    leaf->total += gone;
    root->len[1] += gone;
    root->total += gone;
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

// The rope may stand at its pool's limit, and the default pool is none of its business.
static void the_check_takes_no_memory(void)
{
    struct rove_pool_figures before, after;
    struct twin twin, copy;
    twin_of_leaves(&twin, 300);
    twin_clone(&copy, &twin); // shared nodes are those to be remembered
    CHECK(twin_insert(&copy, copy.model.len / 2, 1));
    rove_pool_measure(NULL, &before);
    test_alloc_arm(&env.alloc, 1, true);
    CHECK_SOUND(&twin.rope);
    CHECK_SOUND(&copy.rope);
    CHECK_EQ(0, test_alloc_calls(&env.alloc));
    test_alloc_arm(&env.alloc, 0, false);
    rove_pool_measure(NULL, &after);
    CHECK_EQ(before.alloc_cnt, after.alloc_cnt);
    twin_fini(&copy);
    twin_fini(&twin);
}

// Makes what is above a leaf agree with its lengths again; roots and totals alone, no tree is longer.
static uint64_t sum_anew(struct rv_node *node)
{
    node->total = 0;
    node->shift = node->grid = RV_RAGGED;
    for (unsigned i = 0; i < node->cnt; i++) {
        if (node->level)
            node->len[i] = sum_anew(rv_kid(node, i));
        node->total += node->len[i];
    }
    return node->total;
}

// A node that may be where it is met first need not be right where it is met again.
static void the_check_asks_of_a_shared_node_what_each_place_asks(void)
{
    struct twin twin;
    twin_of_leaves(&twin, 4 * RV_FANOUT);
    struct rv_node *over = twin.rope.root;
    while (over->level > 1)
        over = rv_kid(over, 0);
    struct rv_node *leaf = rv_kid(over, 0), *second = rv_kid(over, 1);
    uint8_t cnt = leaf->cnt;
    leaf->cnt = RV_FILL - 1; // as a node on the left edge may
    twin.rope.tree_len = sum_anew(twin.rope.root);
    CHECK_SOUND(&twin.rope);
    over->ptr[1] = rv_node_ref(leaf); // where it may not
    twin.rope.tree_len = sum_anew(twin.rope.root);
    expect_noticed(&twin.rope, "a node that is right at one of its places");
    over->ptr[1] = second;
    rv_node_unref(leaf);
    leaf->cnt = cnt;
    twin.rope.tree_len = sum_anew(twin.rope.root);
    TWIN_CHECK(&twin);
    twin_fini(&twin);
}

static const struct suite_case cases[] = {
    SUITE_CASE(an_empty_rope),
    SUITE_CASE(a_rope_is_not_put_in_its_own_place),
    SUITE_CASE(making_a_rope_takes_no_memory),
    SUITE_CASE(dropped_twice_or_never_made),
    SUITE_CASE(no_pool_is_the_default_pool),
    SUITE_CASE(cleared_and_used_again),
    SUITE_CASE(moved_the_source_is_empty_and_usable),
    SUITE_CASE(a_rope_outlives_its_pools_owner),
    SUITE_CASE(read_at_the_edges),
    SUITE_CASE(append_nothing),
    SUITE_CASE(append_of_every_edge_length_after_every_other),
    SUITE_CASE(append_of_many_chunks_to_any_fill),
    SUITE_CASE(append_of_so_many_chunks_that_a_tree_is_full),
    SUITE_CASE(append_gathers_pieces),
    SUITE_CASE(a_small_rope_is_cheap),
    SUITE_CASE(a_short_tail_moves_along),
    SUITE_CASE(adopted_memory_is_not_copied_and_released_once),
    SUITE_CASE(a_rope_that_is_finished_lets_go_of_all),
    SUITE_CASE(adopted_memory_waits_for_the_last_holder),
    SUITE_CASE(adopted_memory_of_edge_lengths),
    SUITE_CASE(adopted_memory_is_never_written),
    SUITE_CASE(too_long_to_adopt_is_released),
    SUITE_CASE(adopting_without_a_rope_or_memory_releases),
    SUITE_CASE(zeros_of_edge_lengths),
    SUITE_CASE(zeros_stay_zeros_for_all_others),
    SUITE_CASE(a_file_from_every_edge),
    SUITE_CASE(a_file_that_is_too_short_or_none),
    SUITE_CASE(a_mapped_file_is_unmapped_by_the_last_holder),
    SUITE_CASE(a_file_that_cannot_be_mapped),
    SUITE_CASE(reserved_and_committed_in_part),
    SUITE_CASE(reserving_much_for_little_wastes_no_memory),
    SUITE_CASE(nothing_is_committed_that_was_not_reserved),
    SUITE_CASE(a_reserved_run_ends_with_its_chunk),
    SUITE_CASE(reserved_room_is_nobody_elses),
    SUITE_CASE(nothing_is_committed_past_the_longest_rope),
    SUITE_CASE(figures_of_an_empty_rope),
    SUITE_CASE(figures_agree_with_the_spans),
    SUITE_CASE(a_clone_halves_the_fair_share),
    SUITE_CASE(a_node_takes_hardly_more_than_it_is),
    SUITE_CASE(dumped_to_a_file_and_to_none),
    SUITE_CASE(a_dump_is_cut_after_so_many_lines),
    SUITE_CASE(slices_of_one_length_between_their_ends_are_even),
    SUITE_CASE(full_chunks_lie_on_a_grid_until_they_are_edited),
    SUITE_CASE(full_trees_side_by_side_in_any_order),
    SUITE_CASE(whole_leaves_that_are_joined_are_shared_and_on_a_grid),
    SUITE_CASE(the_check_notices_what_is_broken),
    SUITE_CASE(the_check_notices_a_node_that_is_too_empty),
    SUITE_CASE(the_check_asks_of_a_shared_node_what_each_place_asks),
    SUITE_CASE(the_check_takes_no_memory),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_rope", cases, sizeof cases / sizeof *cases, true});
}
