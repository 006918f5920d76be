// SPDX-License-Identifier: MIT
// spill_file.c: places, transfers, reading ahead.
#include "chunk/spill_file.h"

#include "base/arith.h"
#include "base/os.h"
#include "chunk/sum.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#define PATH_LEN 4096
#define PIECE_LEN ((size_t) 16 << 10)

// How far the kernel is asked to read on: a part of the limit, because in a container what it has read
// and nobody has yet asked for counts against the same memory.
#define AHEAD_SHARE 64u
#define AHEAD_LEAST ((uint64_t) 128 << 10)
#define AHEAD_MOST ((uint64_t) 16 << 20)

rv_switch rv_chunks_sleep;

// life --------------------------------------------------------------------------------------

static int open_named(const char *dir)
{
    char path[PATH_LEN];
    if (!*dir) { // else it would be the root
        errno = ENOENT;
        return -1;
    }
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

// A trap: where the program has closed one of its first three descriptors, the file would come in its place, and get what
// is printed there.
static int above_standard(int fd)
{
    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    int above = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), err = errno;
    rv_os()->close(fd);
    errno = err;
    return above;
}

enum rove_status rv_spill_open(struct rove_pool *pool, const char *dir)
{
    const char *env = rv_os()->getenv("TMPDIR");
    if (!dir)
        dir = env && env[0] == '/' ? env : "/tmp";
    int fd = above_standard(open_file(dir));
    if (fd < 0)
        return ROVE_E_IO;
    rv_os()->fadvise(fd, 0, 0, POSIX_FADV_RANDOM); // how far it reads ahead is said in read_on()
    pool->own_spill = (struct rv_spill){
        .fd = fd,
        .owner = getpid(),
        .piece_len = rv_min_size(PIECE_LEN, pool->chunk_len),
        .ahead_len = rv_max_u64(rv_min_u64(pool->budget->limit / AHEAD_SHARE, AHEAD_MOST),
                                AHEAD_LEAST)};
    rv_lock_init(&pool->own_spill.lock);
    pool->spill = &pool->own_spill;
    rv_switch_on(&rv_chunks_sleep);
    return ROVE_OK;
}

void rv_spill_close(struct rove_pool *pool)
{
    if (!pool->spill)
        return;
    rv_os()->close(pool->spill->fd);
    rv_lock_fini(&pool->spill->lock);
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

// A trap: a write beyond the process's limit on the length of files does not only fail, it raises SIGXFSZ, which ends a
// program that knows of no file here.
static bool is_too_long(uint64_t end)
{
    struct rlimit most;
    return getrlimit(RLIMIT_FSIZE, &most) == 0 && end > most.rlim_cur; // RLIM_INFINITY is beyond all
}

// Where in the file a chunk's bytes go.
static uint64_t place_of(const struct rove_pool *pool, const struct rv_chunk *chunk)
{
    const struct rv_slab *slab = chunk->home;
    return slab->number * pool->slab_len + (uint64_t) (chunk->data - slab->memory);
}

static void take_sums(const struct rv_chunk *chunk, const uint8_t *bytes, size_t len)
{
    size_t piece_len = chunk->pool->spill->piece_len;
    uint64_t *sum = rv_slab_sums(chunk); // those of the chunk behind it follow
    for (size_t off = 0; off < len; off += piece_len)
        *sum++ = rv_sum(bytes + off, piece_len);
}

enum rove_status rv_spill_write(const struct rv_chunk *chunk, const uint8_t *bytes, unsigned cnt)
{
    struct rv_spill *spill = chunk->pool->spill;
    uint64_t place = place_of(chunk->pool, chunk);
    size_t len = cnt * chunk->cap;
    if (spill->owner != getpid())
        return ROVE_E_UNSUPPORTED;
    if (is_too_long(place + len)) {
        errno = EFBIG;
        return ROVE_E_IO;
    }
    for (size_t done = 0; done < len;) {
        ssize_t n = rv_os()->pwrite(spill->fd, bytes + done, len - done, (off_t) (place + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO;
        if (n <= 0)
            return ROVE_E_IO;
        done += (size_t) n;
    }
    if (spill->end < place + len)
        spill->end = place + len;
    take_sums(chunk, bytes, len);
    return ROVE_OK;
}

static bool are_saved(const struct rv_chunk *chunk, const uint8_t *bytes, unsigned first,
                      unsigned cnt)
{
    size_t piece_len = chunk->pool->spill->piece_len;
    const uint64_t *sum = rv_slab_sums(chunk) + first;
    for (unsigned i = 0; i < cnt; i++)
        if (rv_sum(bytes + i * piece_len, piece_len) != sum[i])
            return false;
    return true;
}

// Asks the kernel for what comes next, when a read of [from, to) goes on where the last one in the slab
// ended, or begins one. Readers of one slab that are not in step only lose its help.
static void read_on(const struct rove_pool *pool, struct rv_slab *slab, uint64_t from, uint64_t to)
{
    const struct rv_spill *spill = pool->spill;
    uint64_t ahead = rv_figure_get(&slab->ahead_end);
    bool goes_on = rv_figure_get(&slab->read_end) == from;
    rv_figure_set(&slab->read_end, to);
    if (!goes_on && from % pool->slab_len)
        return;
    if (ahead < to || ahead > to + spill->ahead_len)
        ahead = to;
    if (ahead - to > spill->ahead_len / 2)
        return;
    rv_os()->fadvise(spill->fd, (off_t) ahead, (off_t) spill->ahead_len, POSIX_FADV_WILLNEED);
    rv_figure_set(&slab->ahead_end, ahead + spill->ahead_len);
}

enum rove_status rv_spill_read(const struct rv_chunk *chunk, unsigned first, unsigned cnt,
                               uint8_t *to)
{
    const struct rv_spill *spill = chunk->pool->spill;
    uint64_t place = place_of(chunk->pool, chunk) + first * spill->piece_len;
    size_t len = cnt * spill->piece_len;
    read_on(chunk->pool, chunk->home, place, place + len);
    for (size_t done = 0; done < len;) {
        ssize_t n = rv_os()->pread(spill->fd, to + done, len - done, (off_t) (place + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO; // the file is shorter than what was written
        if (n <= 0)
            return ROVE_E_IO;
        done += (size_t) n;
    }
    return are_saved(chunk, to, first, cnt) ? ROVE_OK : ROVE_E_CHECKSUM;
}
