// SPDX-License-Identifier: MIT
// spill.c: the file, its places, going to sleep and waking.
#include "chunk/spill.h"

#include "base/arith.h"
#include "base/os.h"
#include "chunk/raw.h"
#include "chunk/sleep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define PATH_LEN 4096
#define PLACES_A_PAGE 500 // places remembered in one block

// A stack of places that may be used again.
struct places {
    struct places *next;
    unsigned cnt;
    uint64_t place[PLACES_A_PAGE];
};

struct rv_spill {
    int fd;
    pid_t owner;          // a forked child must not write
    uint64_t end;         // places ever used
    struct places *freed; // newest first
};

rv_switch rv_chunks_sleep;

// the file --------------------------------------------------------------------------------------

static int open_named(const char *dir)
{
    char path[PATH_LEN];
    int n = snprintf(path, sizeof path, "%s/rove-XXXXXX", dir);
    if (n < 0 || (size_t) n >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = rv_os()->mkstemp(path); // mode 0600, close-on-exec
    if (fd < 0)
        return -1;
    if (rv_os()->unlink(path) != 0) {
        int err = errno;
        rv_os()->close(fd);
        errno = err;
        return -1;
    }
    return fd;
}

static int open_file(const char *dir)
{
    int fd = rv_os()->open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL))
        return fd;
    return open_named(dir);
}

enum rove_status rv_spill_open(struct rove_pool *pool, const char *dir)
{
    const char *env = rv_os()->getenv("TMPDIR");
    if (!dir)
        dir = env && env[0] == '/' ? env : "/tmp";
    enum rove_status why;
    struct rv_spill *spill = rv_raw_get(pool, sizeof *spill, RV_BLOCK_ALIGN, &why);
    if (!spill)
        return why;
    memset(spill, 0, sizeof *spill);
    spill->owner = getpid();
    spill->fd = open_file(dir);
    if (spill->fd < 0) {
        int err = errno;
        rv_pool_put(pool, spill, sizeof *spill, RV_BLOCK_ALIGN);
        errno = err;
        return ROVE_E_IO;
    }
    pool->spill = spill;
    rv_switch_on(&rv_chunks_sleep);
    return ROVE_OK;
}

void rv_spill_close(struct rove_pool *pool)
{
    struct rv_spill *spill = pool->spill;
    if (!spill)
        return;
    while (spill->freed) {
        struct places *page = spill->freed;
        spill->freed = page->next;
        rv_pool_put(pool, page, sizeof *page, RV_BLOCK_ALIGN);
    }
    rv_os()->close(spill->fd);
    rv_pool_put(pool, spill, sizeof *spill, RV_BLOCK_ALIGN);
    pool->spill = NULL;
}

// places ----------------------------------------------------------------------------------------

static uint64_t take_place(struct rove_pool *pool)
{
    struct rv_spill *spill = pool->spill;
    struct places *page = spill->freed;
    if (!page)
        return spill->end++;
    uint64_t place = page->place[--page->cnt];
    if (!page->cnt) {
        spill->freed = page->next;
        rv_pool_put(pool, page, sizeof *page, RV_BLOCK_ALIGN);
    }
    return place;
}

// Without memory to remember it the place is lost to the file, which is all that happens.
static void give_place(struct rove_pool *pool, uint64_t place)
{
    struct rv_spill *spill = pool->spill;
    struct places *page = spill->freed;
    enum rove_status why;
    if (place == RV_NO_SLOT)
        return;
    if (!page || page->cnt == PLACES_A_PAGE) {
        page = rv_raw_get(pool, sizeof *page, RV_BLOCK_ALIGN, &why);
        if (!page)
            return;
        page->next = spill->freed;
        page->cnt = 0;
        spill->freed = page;
    }
    page->place[page->cnt++] = place;
}

// transfers -------------------------------------------------------------------------------------

static enum rove_status write_out(const struct rove_pool *pool, const struct rv_chunk *chunk,
                                  uint64_t place)
{
    if (pool->spill->owner != getpid())
        return ROVE_E_UNSUPPORTED;
    size_t done = 0;
    while (done < chunk->cap) {
        off_t at = (off_t) (place * pool->chunk_len + done);
        ssize_t n = rv_os()->pwrite(pool->spill->fd, chunk->data + done, chunk->cap - done, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO;
        if (n <= 0)
            return ROVE_E_IO;
        done += (size_t) n;
    }
    return ROVE_OK;
}

static enum rove_status read_in(const struct rove_pool *pool, struct rv_chunk *chunk,
                                const struct rv_bed *bed)
{
    size_t done = 0;
    while (done < chunk->cap) {
        off_t at = (off_t) (bed->slot * pool->chunk_len + done);
        ssize_t n = rv_os()->pread(pool->spill->fd, chunk->data + done, chunk->cap - done, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO; // the file is shorter than what was written
        if (n <= 0)
            return ROVE_E_IO;
        done += (size_t) n;
    }
    return XXH3_64bits(chunk->data, chunk->cap) == bed->sum ? ROVE_OK : ROVE_E_CHECKSUM;
}

static void drop_pages(struct rove_pool *pool, struct rv_chunk *chunk, struct rv_bed *bed)
{
    rv_os()->madvise(chunk->data, chunk->cap, MADV_DONTNEED);
    chunk->warm = false;
    bed->resident = false;
    rv_budget_give(pool->budget, pool->chunk_len);
}

// sleeping --------------------------------------------------------------------------------------

// Writes a busy chunk unless the file has its bytes already.
static enum rove_status save(struct rove_pool *pool, const struct rv_chunk *chunk,
                             struct rv_bed *bed)
{
    if (bed->slot != RV_NO_SLOT && !bed->dirty)
        return ROVE_OK;
    uint64_t place = bed->slot != RV_NO_SLOT ? bed->slot : take_place(pool);
    enum rove_status status = write_out(pool, chunk, place);
    if (status) {
        bed->slot = RV_NO_SLOT;
        give_place(pool, place);
        return status;
    }
    bed->slot = place;
    bed->sum = XXH3_64bits(chunk->data, chunk->cap);
    bed->dirty = false;
    return ROVE_OK;
}

static enum rove_status put_to_sleep(struct rove_pool *pool, struct rv_chunk *chunk,
                                     struct rv_bed *bed)
{
    enum rove_status status = save(pool, chunk, bed);
    if (status) {
        rv_sleep_flip(&chunk->sleep, RV_BUSY);
        return status;
    }
    drop_pages(pool, chunk, bed);
    rv_sleep_flip(&chunk->sleep, RV_BUSY | RV_ASLEEP);
    rv_figure_add(&pool->asleep, 1);
    rv_figure_add(&pool->sleeps, 1);
    return ROVE_OK;
}

// Moves the clock's hand to the next chunk; NULL when the pool has none.
static struct rv_chunk *next_of_clock(struct rove_pool *pool)
{
    if (!pool->hand || ++pool->hand_at >= pool->hand->cnt) {
        pool->hand = pool->hand && pool->hand->all_next ? pool->hand->all_next : pool->all;
        pool->hand_at = 0;
    }
    return pool->hand ? &pool->hand->chunk[pool->hand_at] : NULL;
}

// Looks at one chunk: ROVE_OK when room was made, ROVE_END to look further.
static enum rove_status look_at(struct rove_pool *pool, struct rv_chunk *chunk)
{
    struct rv_bed *bed = rv_slab_bed(chunk);
    if (!bed->resident)
        return ROVE_END;
    if (!bed->live) {
        drop_pages(pool, chunk, bed);
        return ROVE_OK;
    }
    if (!pool->spill || rv_sleep_claim(&chunk->sleep, RV_USED, 0))
        return ROVE_END; // used since the last round
    if (!rv_sleep_claim(&chunk->sleep, 0, RV_BUSY))
        return ROVE_END;
    return put_to_sleep(pool, chunk, bed);
}

enum rove_status rv_spill_make_room(struct rove_pool *pool)
{
    if (!pool->counted)
        return ROVE_E_LIMIT;
    for (uint64_t steps = 2 * pool->chunk_cnt + 1; steps; steps--) {
        struct rv_chunk *chunk = next_of_clock(pool);
        enum rove_status status = chunk ? look_at(pool, chunk) : ROVE_E_LIMIT;
        if (status != ROVE_END)
            return status;
    }
    return ROVE_E_LIMIT;
}

static enum rove_status count_pages(struct rove_pool *pool, struct rv_bed *bed)
{
    while (!bed->resident) {
        bed->resident = rv_budget_take(pool->budget, pool->chunk_len);
        enum rove_status status = bed->resident ? ROVE_OK : rv_spill_make_room(pool);
        if (status)
            return status;
    }
    return ROVE_OK;
}

enum rove_status rv_spill_settle(struct rove_pool *pool, struct rv_chunk *chunk)
{
    struct rv_bed *bed = rv_slab_bed(chunk);
    enum rove_status status = count_pages(pool, bed);
    if (status)
        return status;
    bed->live = true;
    bed->dirty = true;
    rv_sleep_init(&chunk->sleep, 1); // pinned by who takes it
    return ROVE_OK;
}

void rv_spill_forget(struct rove_pool *pool, struct rv_chunk *chunk)
{
    struct rv_bed *bed = rv_slab_bed(chunk);
    if (rv_sleep_get(&chunk->sleep) & RV_ASLEEP)
        rv_figure_add(&pool->asleep, UINT64_MAX);
    rv_sleep_init(&chunk->sleep, 0);
    if (pool->spill)
        give_place(pool, bed->slot);
    bed->slot = RV_NO_SLOT;
    bed->live = false;
}

// waking ----------------------------------------------------------------------------------------

static enum rove_status wake(struct rove_pool *pool, struct rv_chunk *chunk)
{
    struct rv_bed *bed = rv_slab_bed(chunk);
    if (!(rv_sleep_get(&chunk->sleep) & RV_ASLEEP))
        return ROVE_OK; // another was faster, or going to sleep failed
    enum rove_status status = count_pages(pool, bed);
    if (status)
        return status;
    status = read_in(pool, chunk, bed);
    if (status) {
        drop_pages(pool, chunk, bed);
        return status;
    }
    bed->dirty = false;
    rv_sleep_flip(&chunk->sleep, RV_ASLEEP);
    rv_figure_add(&pool->asleep, UINT64_MAX);
    rv_figure_add(&pool->wakes, 1);
    return ROVE_OK;
}

enum rove_status rv_chunk_wake(struct rv_chunk *chunk)
{
    struct rove_pool *pool = chunk->pool;
    rv_lock_enter(&pool->lock);
    enum rove_status status = wake(pool, chunk);
    int err = errno;
    rv_lock_leave(&pool->lock);
    if (status)
        rv_sleep_unpin(&chunk->sleep);
    errno = err;
    return status;
}

void rv_chunk_touch(struct rv_chunk *chunk)
{
    if (chunk->may_sleep)
        rv_slab_bed(chunk)->dirty = true; // only its sole holder, who has it pinned, gets here
}
