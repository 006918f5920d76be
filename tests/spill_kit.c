// SPDX-License-Identifier: MIT
// spill_kit.c: see spill_kit.h.
#include "spill_kit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/os.h"
#include "chunk/pool.h"
#include "chunk/slab.h"
#include "chunk/sleep.h"
#include "stream/rope_device.h"
#include "support/suite.h"

// bytes -----------------------------------------------------------------------------------------

// Word number i of a text: SplitMix64 of its number, so that every place differs from every other.
static uint64_t word(uint64_t seed, uint64_t i)
{
    uint64_t z = seed * UINT64_C(0xd1342543de82ef95) + i * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void text_fill(void *buf, uint64_t seed, uint64_t off, size_t len)
{
    uint8_t *at = buf;
    while (len) {
        uint64_t w = word(seed, off / 8);
        size_t skip = (size_t) (off % 8), n = 8 - skip < len ? 8 - skip : len;
        memcpy(at, (const uint8_t *) &w + skip, n);
        at += n;
        off += n;
        len -= n;
    }
}

bool text_is(const void *buf, uint64_t seed, uint64_t off, size_t len)
{
    const uint8_t *at = buf;
    while (len) {
        uint64_t w = word(seed, off / 8);
        size_t skip = (size_t) (off % 8), n = 8 - skip < len ? 8 - skip : len;
        if (memcmp(at, (const uint8_t *) &w + skip, n) != 0)
            return false;
        at += n;
        off += n;
        len -= n;
    }
    return true;
}

enum rove_status text_append(struct rove_rope *rope, uint64_t seed, uint64_t off, uint64_t len,
                             size_t piece)
{
    uint8_t *buf = malloc(piece);
    enum rove_status status = ROVE_OK;
    for (uint64_t end = off + len; off < end && status == ROVE_OK;) {
        size_t n = end - off < piece ? (size_t) (end - off) : piece;
        text_fill(buf, seed, off, n);
        status = rove_rope_append(rope, buf, n);
        off += n;
    }
    free(buf);
    return status;
}

bool text_check_view(const struct rove_view *view, uint64_t seed)
{
    struct rove_cursor cursor;
    struct rove_span span;
    uint64_t off = 0;
    bool same = true;
    enum rove_status status = rove_cursor_init(&cursor, view, 0);
    while (status == ROVE_OK && same) {
        status = rove_cursor_next(&cursor, &span);
        same = text_is(span.ptr, seed, off, span.len);
        off += span.len;
    }
    rove_cursor_fini(&cursor);
    suite_check_is(SUITE_AT("walk over all bytes"), ROVE_END, (int) status);
    return suite_check(SUITE_AT("bytes are those of the text"), same);
}

bool text_check_rope(struct rove_rope *rope, uint64_t seed)
{
    struct rove_view view;
    if (!CHECK_OK(rove_rope_view(rope, 0, rove_rope_len(rope), &view)))
        return false;
    bool same = text_check_view(&view, seed);
    rove_view_fini(&view);
    return same;
}

// pools -----------------------------------------------------------------------------------------

enum rove_status kit_pool_try(const struct kit_pool *how, struct rove_pool **pool_out)
{
    struct rove_pool_opts opts = {.size = sizeof opts,
                                  .allocator = how->watched ? &env.alloc.table
                                                            : rove_allocator_system(),
                                  .chunk_len = how->chunk_len,
                                  .memory_limit = how->limit,
                                  .flags = how->flags,
                                  .spill_dir = how->dir,
                                  .budget_of = how->budget_of};
    return rove_pool_new(&opts, pool_out);
}

struct rove_pool *kit_pool_new(const struct kit_pool *how)
{
    struct rove_pool *pool = NULL;
    CHECK_OK(kit_pool_try(how, &pool));
    return pool;
}

struct rove_pool_figures kit_figures(struct rove_pool *pool)
{
    struct rove_pool_figures figures;
    rove_pool_measure(pool, &figures);
    return figures;
}

bool kit_check_peak(struct rove_pool *pool)
{
    struct rove_pool_figures figures = kit_figures(pool);
    return suite_check(SUITE_AT("the limit was kept"),
                       figures.limit && figures.held <= figures.limit &&
                           figures.held_peak <= figures.limit);
}

uint64_t kit_pins(struct rove_pool *pool)
{
    uint64_t cnt = 0;
    rv_lock_enter(&pool->lock);
    for (const struct rv_slab *slab = pool->all; slab; slab = slab->all_next)
        for (unsigned i = 0; i < slab->cnt; i++)
            cnt += slab->bed[i].live ? rv_sleep_get(&slab->chunk[i].sleep) & RV_PINS : 0;
    rv_lock_leave(&pool->lock);
    return cnt;
}

static uint64_t one_pin(const struct rv_chunk *chunk)
{
    return chunk && chunk->may_sleep;
}

uint64_t kit_rope_pins(const struct rove_rope *rope)
{
    return one_pin(rope->tail) + one_pin(rope->scratch);
}

uint64_t kit_stream_pins(struct rove_stream *stream)
{
    const struct rv_stream *s = rv_stream(stream);
    const struct rv_rope_stream *r = rv_rope_stream(rv_stream(stream));
    return kit_rope_pins(&r->rope) + one_pin(s->showing == RV_SHOWS_LENT ? r->lent : NULL) + one_pin(s->staging) +
           (s->line ? kit_rope_pins(s->line) : 0);
}

// the process -----------------------------------------------------------------------------------

static uint64_t status_line(const char *name)
{
    char line[256];
    unsigned long long kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, name, strlen(name)) == 0)
            sscanf(line + strlen(name), "%llu", &kib);
    if (file)
        fclose(file);
    return kib << 10;
}

uint64_t kit_resident(void)
{
    return status_line("VmRSS:");
}

uint64_t kit_peak(void)
{
    return status_line("VmHWM:");
}

uint64_t kit_page_tables(void)
{
    return status_line("VmPTE:");
}

uint64_t kit_addresses(void)
{
    return status_line("VmSize:");
}

bool kit_reset_peak(void)
{
    int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, "5", 1) == 1;
    if (fd >= 0)
        close(fd);
    return done;
}

// Calls `each` for every descriptor and what it leads to; -1, or the first answer that is not.
static int for_each_fd(int (*each)(int fd, const char *where, const void *arg), const void *arg)
{
    DIR *dir = opendir("/proc/self/fd");
    int found = -1;
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        char path[64], where[512];
        int fd = atoi(entry->d_name);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        ssize_t n = readlink(path, where, sizeof where - 1);
        if (n <= 0 || fd == dirfd(dir) || entry->d_name[0] == '.')
            continue;
        where[n] = 0;
        int answer = each(fd, where, arg);
        found = answer > found ? answer : found;
    }
    if (dir)
        closedir(dir);
    return found;
}

static unsigned fd_cnt;

static int count_fd(int fd, const char *where, const void *arg)
{
    (void) fd, (void) where, (void) arg;
    fd_cnt++;
    return -1;
}

unsigned kit_fds(void)
{
    fd_cnt = 0;
    for_each_fd(count_fd, NULL);
    return fd_cnt;
}

static int is_spill(int fd, const char *where, const void *dir)
{
    size_t len = strlen(dir);
    return strncmp(where, dir, len) == 0 && where[len] == '/' && strstr(where, "(deleted)") ? fd
                                                                                            : -1;
}

int kit_spill_fd(const char *dir)
{
    return for_each_fd(is_spill, dir);
}

void kit_dir_make(char path[64])
{
    strcpy(path, "/tmp/rove_test-XXXXXX");
    CHECK(mkdtemp(path) != NULL);
}

// Counts what is in a folder, or removes it.
static unsigned walk_dir(const char *path, uint64_t *bytes_out, bool remove)
{
    DIR *dir = opendir(path);
    unsigned cnt = 0;
    struct dirent *entry;
    *bytes_out = 0;
    while (dir && (entry = readdir(dir))) {
        struct stat st;
        if (entry->d_name[0] == '.')
            continue;
        cnt++;
        if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
            *bytes_out += (uint64_t) st.st_size;
        if (remove)
            unlinkat(dirfd(dir), entry->d_name, 0);
    }
    if (dir)
        closedir(dir);
    return cnt;
}

unsigned kit_dir_files(const char *path, uint64_t *bytes_out)
{
    return walk_dir(path, bytes_out, false);
}

void kit_dir_remove(const char *path)
{
    uint64_t bytes;
    walk_dir(path, &bytes, true);
    CHECK(rmdir(path) == 0);
}

// the operating system --------------------------------------------------------------------------

static struct kit_plan plan;
static _Atomic unsigned seen[KIT_CALLS], seen_all, injected;

const char *kit_call_name(enum kit_call call)
{
    static const char *const names[KIT_CALLS] = {"open",    "mkstemp",   "unlink", "pwrite", "pread",
                                                 "madvise", "ftruncate", "close",  "mmap"};
    return names[call];
}

// Whether this call is to fail, and as what; 0: it is not.
static int fault_of(enum kit_call call)
{
    unsigned number = atomic_fetch_add(&seen[call], 1) + 1;
    unsigned of_all = atomic_fetch_add(&seen_all, 1) + 1;
    if (plan.sleep_us && (call == KIT_PWRITE || call == KIT_PREAD))
        usleep(plan.sleep_us);
    if (!plan.err || (!plan.any_call && plan.call != call))
        return 0;
    if (plan.any_call)
        number = of_all;
    if (number < plan.at || (plan.times && number >= plan.at + plan.times))
        return 0;
    atomic_fetch_add(&injected, 1);
    if (plan.err == KIT_KILL)
        raise(SIGKILL);
    return plan.err;
}

static bool fails(enum kit_call call)
{
    int err = fault_of(call);
    if (err > 0)
        errno = err;
    return err > 0;
}

static int kit_open(const char *path, int flags, mode_t mode)
{
    if (fails(KIT_OPEN))
        return -1;
    if (plan.no_tmpfile && (flags & O_TMPFILE) == O_TMPFILE) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return rv_os_real.open(path, flags, mode);
}

static int kit_mkstemp(char *path)
{
    return fails(KIT_MKSTEMP) ? -1 : rv_os_real.mkstemp(path);
}

static int kit_unlink(const char *path)
{
    return fails(KIT_UNLINK) ? -1 : rv_os_real.unlink(path);
}

static ssize_t kit_pwrite(int fd, const void *buf, size_t len, off_t off)
{
    int err = fault_of(KIT_PWRITE);
    if (err > 0) {
        errno = err;
        return -1;
    }
    return err == KIT_NOTHING ? 0 : rv_os_real.pwrite(fd, buf, err == KIT_SHORT ? 1 : len, off);
}

static ssize_t kit_pread(int fd, void *buf, size_t len, off_t off)
{
    int err = fault_of(KIT_PREAD);
    if (err > 0) {
        errno = err;
        return -1;
    }
    return err == KIT_NOTHING ? 0 : rv_os_real.pread(fd, buf, err == KIT_SHORT ? 1 : len, off);
}

static int kit_madvise(void *addr, size_t len, int advice)
{
    return fails(KIT_MADVISE) ? -1 : rv_os_real.madvise(addr, len, advice);
}

static int kit_ftruncate(int fd, off_t len)
{
    return fails(KIT_FTRUNCATE) ? -1 : rv_os_real.ftruncate(fd, len);
}

static int kit_close(int fd)
{
    bool bad = fails(KIT_CLOSE);
    int err = errno, result = rv_os_real.close(fd); // it is gone whatever close() says
    if (bad)
        errno = err;
    return bad ? -1 : result;
}

static void *kit_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
    return fails(KIT_MMAP) ? (void *) -1 : rv_os_real.mmap(addr, len, prot, flags, fd, off);
}

void kit_os_arm(const struct kit_plan *next)
{
    static struct rv_os table;
    plan = *next;
    table = rv_os_real;
    table.open = kit_open;
    table.mkstemp = kit_mkstemp;
    table.unlink = kit_unlink;
    table.pwrite = kit_pwrite;
    table.pread = kit_pread;
    table.madvise = kit_madvise;
    table.ftruncate = kit_ftruncate;
    table.close = kit_close;
    table.mmap = kit_mmap;
    for (int i = 0; i < KIT_CALLS; i++)
        atomic_store(&seen[i], 0);
    atomic_store(&seen_all, 0);
    atomic_store(&injected, 0);
    rv_os_set(&table);
}

void kit_os_off(void)
{
    plan = (struct kit_plan){.err = 0};
    rv_os_set(NULL);
}

unsigned kit_os_calls(enum kit_call call)
{
    return atomic_load(&seen[call]);
}

unsigned kit_os_injected(void)
{
    return atomic_load(&injected);
}
