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

struct rv_spill {
    int fd;
    pid_t owner;  // a forked child must not write
    uint64_t end; // bytes of the file that were ever written, since it was last cut
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
    int fd;
    do
        fd = rv_os()->mkstemp(path); // mode 0600, close-on-exec
    while (fd < 0 && errno == EINTR);
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
    int fd;
    do // O_EXCL: it can never be given a name
        fd = rv_os()->open(dir, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    while (fd < 0 && errno == EINTR);
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
    rv_os()->close(spill->fd);
    rv_pool_put(pool, spill, sizeof *spill, RV_BLOCK_ALIGN);
    pool->spill = NULL;
}

void rv_spill_cut_file(struct rove_pool *pool)
{
    struct rv_spill *spill = pool->spill;
    if (!spill)
        return;
    uint64_t used = pool->all_last ? (pool->all_last->number + 1) * pool->slab_len : 0;
    if (used > spill->end / 2 || !spill->end || spill->owner != getpid())
        return; // by halves, so that giving back slab after slab costs few calls
    if (rv_os()->ftruncate(spill->fd, (off_t) used) == 0)
        spill->end = used;
}

// transfers -------------------------------------------------------------------------------------

// Where in the file a chunk's bytes go.
static uint64_t place_of(const struct rove_pool *pool, const struct rv_chunk *chunk)
{
    const struct rv_slab *slab = chunk->home;
    return slab->number * pool->slab_len + (uint64_t) (chunk->data - slab->memory);
}

static enum rove_status write_out(const struct rove_pool *pool, const struct rv_chunk *chunk)
{
    uint64_t place = place_of(pool, chunk);
    if (pool->spill->owner != getpid())
        return ROVE_E_UNSUPPORTED;
    for (size_t done = 0; done < chunk->cap;) {
        ssize_t n = rv_os()->pwrite(pool->spill->fd, chunk->data + done, chunk->cap - done,
                                    (off_t) (place + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO;
        if (n <= 0)
            return ROVE_E_IO;
        done += (size_t) n;
    }
    if (pool->spill->end < place + chunk->cap)
        pool->spill->end = place + chunk->cap;
    return ROVE_OK;
}

static enum rove_status read_in(const struct rove_pool *pool, struct rv_chunk *chunk)
{
    uint64_t place = place_of(pool, chunk);
    for (size_t done = 0; done < chunk->cap;) {
        ssize_t n = rv_os()->pread(pool->spill->fd, chunk->data + done, chunk->cap - done,
                                   (off_t) (place + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO; // the file is shorter than what was written
        if (n <= 0)
            return ROVE_E_IO;
        done += (size_t) n;
    }
    uint64_t sum = XXH3_64bits(chunk->data, chunk->cap);
    return sum == rv_slab_bed(chunk)->sum ? ROVE_OK : ROVE_E_CHECKSUM;
}

// sleeping --------------------------------------------------------------------------------------

// Writes a busy chunk unless the file has its bytes already.
static enum rove_status save(const struct rove_pool *pool, const struct rv_chunk *chunk)
{
    struct rv_bed *bed = rv_slab_bed(chunk);
    if (bed->saved)
        return ROVE_OK;
    enum rove_status status = write_out(pool, chunk);
    if (status)
        return status;
    bed->sum = XXH3_64bits(chunk->data, chunk->cap);
    bed->saved = true;
    return ROVE_OK;
}

static enum rove_status put_to_sleep(struct rove_pool *pool, struct rv_chunk *chunk)
{
    enum rove_status status = save(pool, chunk);
    if (status == ROVE_OK && !rv_slab_drop_pages(pool, chunk))
        status = ROVE_E_IO;
    if (status) {
        rv_sleep_flip(&chunk->sleep, RV_BUSY);
        return status;
    }
    rv_sleep_flip(&chunk->sleep, RV_BUSY | RV_ASLEEP);
    rv_figure_add(&pool->asleep, 1);
    rv_figure_add(&pool->sleeps, 1);
    return ROVE_OK;
}

// Moves the clock's hand to the next chunk; NULL when it has come to a slab without pages, or none.
static struct rv_chunk *next_of_clock(struct rove_pool *pool)
{
    struct rv_slab *hand = pool->hand;
    if (!hand || !hand->resident_cnt || ++pool->hand_at >= hand->cnt) {
        hand = hand && hand->all_next ? hand->all_next : pool->all;
        pool->hand = hand;
        pool->hand_at = 0;
    }
    return hand && hand->resident_cnt ? &hand->chunk[pool->hand_at] : NULL;
}

// Looks at one chunk: ROVE_OK when room was made, ROVE_END to look further.
static enum rove_status look_at(struct rove_pool *pool, struct rv_chunk *chunk, bool only_saved)
{
    const struct rv_bed *bed = rv_slab_bed(chunk);
    if (!bed->resident || !bed->live)
        return ROVE_END;
    if (rv_sleep_get(&chunk->sleep) & RV_ASLEEP) // could not be woken, nor its pages be dropped
        return rv_slab_drop_pages(pool, chunk) ? ROVE_OK : ROVE_END;
    if (rv_sleep_claim(&chunk->sleep, RV_USED, 0))
        return ROVE_END; // used since the last round
    if ((only_saved && !bed->saved) || !rv_sleep_claim(&chunk->sleep, 0, RV_BUSY))
        return ROVE_END;
    return put_to_sleep(pool, chunk);
}

// Two rounds of the clock at most; two more for those that need not be written, once a write fails.
static enum rove_status run_clock(struct rove_pool *pool)
{
    uint64_t rounds = 2 * pool->chunk_cnt + 1;
    enum rove_status failure = ROVE_E_LIMIT;
    bool only_saved = false;
    int err = errno;
    for (uint64_t left = rounds; left; left--) {
        struct rv_chunk *chunk = next_of_clock(pool);
        enum rove_status status = chunk ? look_at(pool, chunk, only_saved) : ROVE_END;
        if (status == ROVE_OK)
            return status;
        if (status == ROVE_END)
            continue;
        failure = status;
        err = errno;
        if (!only_saved && !rv_slab_bed(chunk)->saved) {
            only_saved = true;
            left = rounds;
        }
    }
    errno = err;
    return failure;
}

enum rove_status rv_spill_make_room(struct rove_pool *pool)
{
    if (!pool->counted)
        return ROVE_E_LIMIT;
    if (rv_slab_shrink(pool))
        return ROVE_OK;
    return pool->spill ? run_clock(pool) : ROVE_E_LIMIT;
}

static enum rove_status count_pages(struct rove_pool *pool, struct rv_chunk *chunk)
{
    while (!rv_slab_bed(chunk)->resident && !rv_slab_count_pages(pool, chunk)) {
        enum rove_status status = rv_spill_make_room(pool);
        if (status)
            return status;
    }
    return ROVE_OK;
}

enum rove_status rv_spill_settle(struct rove_pool *pool, struct rv_chunk *chunk)
{
    struct rv_bed *bed = rv_slab_bed(chunk);
    RV_ASSERT(!bed->live);
    enum rove_status status = count_pages(pool, chunk);
    if (status)
        return status;
    bed->live = true;
    bed->saved = false;
    rv_sleep_init(&chunk->sleep, 1); // pinned by who takes it
    return ROVE_OK;
}

void rv_spill_forget(struct rove_pool *pool, struct rv_chunk *chunk)
{
    struct rv_bed *bed = rv_slab_bed(chunk);
    RV_ASSERT(bed->live);
    if (rv_sleep_get(&chunk->sleep) & RV_ASLEEP)
        rv_figure_add(&pool->asleep, UINT64_MAX);
    rv_sleep_init(&chunk->sleep, 0);
    RV_POISON(chunk->data, chunk->cap); // not before: the clock may have been writing it out
    bed->live = false;
}

// waking ----------------------------------------------------------------------------------------

enum rove_status rv_spill_wake(struct rove_pool *pool, struct rv_chunk *chunk)
{
    if (!(rv_sleep_get(&chunk->sleep) & RV_ASLEEP))
        return ROVE_OK; // another was faster, or going to sleep failed
    enum rove_status status = count_pages(pool, chunk);
    if (status)
        return status;
    status = read_in(pool, chunk);
    if (status) {
        int err = errno;
        (void) !rv_slab_drop_pages(pool, chunk); // if not now, the clock tries again
        errno = err;
        return status;
    }
    rv_sleep_flip(&chunk->sleep, RV_ASLEEP);
    rv_figure_add(&pool->asleep, UINT64_MAX);
    rv_figure_add(&pool->wakes, 1);
    return ROVE_OK;
}

void rv_chunk_touch(struct rv_chunk *chunk)
{
    if (chunk->may_sleep)
        rv_slab_bed(chunk)->saved = false; // only its sole holder, who has it pinned, gets here
}

bool rv_chunk_is_saved(const struct rv_chunk *chunk)
{
    return chunk->may_sleep && rv_slab_bed(chunk)->saved;
}
