// SPDX-License-Identifier: MIT
// memory.c: the two built-in allocators.
//
// jemalloc is reached only through weak references to its own API, so that librove loads where
// there is none (a plugin host, Python: Debian's jemalloc cannot come in by dlopen, it needs static
// TLS) and finds it where the program brought it. Blocks of a slab's size skip malloc in the
// system's table: glibc would keep a 2 MiB alignment by wasting as much again.
#include <rove/memory.h>

#include "base/arith.h"
#include "base/atomic.h"
#include "base/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAP_FROM ((size_t) 1 << 20) // bytes: blocks aligned to this or more are mapped

static uint8_t *map(size_t len)
{
    return rv_os()->mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

// Maps len bytes at a multiple of align. As a rule the kernel puts them right beside the last such
// block: they are one mapping then, of which a process may have only so many. Else more is mapped and
// both ends are cut off, at the ends of pages.
static void *map_aligned(size_t len, size_t align)
{
    size_t page = (size_t) sysconf(_SC_PAGESIZE), whole;
    size_t rest = page - 1 - (len - 1) % page; // of the last page
    if (rv_add_size(len, rest + align, &whole))
        return NULL;
    len += rest;
    uint8_t *at = map(len);
    if (at == MAP_FAILED || !((uintptr_t) at & (align - 1)))
        return at == MAP_FAILED ? NULL : at;
    rv_os()->munmap(at, len);
    at = map(whole);
    if (at == MAP_FAILED)
        return NULL;
    size_t front = (align - ((uintptr_t) at & (align - 1))) & (align - 1);
    if (front)
        rv_os()->munmap(at, front);
    rv_os()->munmap(at + front + len, align - front);
    return at + front;
}

static void *system_alloc(void *ctx, size_t len, size_t align)
{
    (void) ctx;
    if (align >= MAP_FROM)
        return map_aligned(len, align);
    if (align <= _Alignof(max_align_t))
        return malloc(len);
    void *ptr = NULL;
    return posix_memalign(&ptr, align, len) == 0 ? ptr : NULL;
}

static void system_free(void *ctx, void *ptr, size_t len, size_t align)
{
    (void) ctx;
    if (align >= MAP_FROM)
        rv_os()->munmap(ptr, len);
    else
        free(ptr);
}

static const struct rove_allocator system_table = {
    .size = sizeof(struct rove_allocator),
    .name = "system",
    .alloc = system_alloc,
    .free = system_free,
};

const struct rove_allocator *rove_allocator_system(void)
{
    return &system_table;
}

#if defined(RV_WITH_JEMALLOC) && RV_WITH_JEMALLOC

// jemalloc(3), "NON-STANDARD API": flags carry the alignment, the arena and the thread cache.
extern void *mallocx(size_t len, int flags) __attribute__((weak));
extern void sdallocx(void *ptr, size_t len, int flags) __attribute__((weak));
extern int mallctl(const char *name, void *old, size_t *old_len, void *new, size_t new_len)
    __attribute__((weak));

#define JE_ALIGN(align) (__builtin_ctzll(align))
#define JE_ARENA(arena) (((int) (arena) + 1) << 20)
#define JE_NO_CACHE (1 << 8) // MALLOCX_TCACHE_NONE: an arena of our own bypasses thread caches

static unsigned arena;
static struct rove_allocator jemalloc_table;
static rv_once_ptr jemalloc_slot;

static int je_flags(size_t align)
{
    return JE_ALIGN(align) | JE_ARENA(arena) | JE_NO_CACHE;
}

static void *je_alloc(void *ctx, size_t len, size_t align)
{
    (void) ctx;
    return mallocx(len, je_flags(align));
}

static void je_free(void *ctx, void *ptr, size_t len, size_t align)
{
    (void) ctx;
    sdallocx(ptr, len, je_flags(align));
}

static void je_start(void)
{
    size_t len = sizeof arena;
    if (!mallocx || !sdallocx || !mallctl || mallctl("arenas.create", &arena, &len, NULL, 0) != 0)
        return;
    jemalloc_table = (struct rove_allocator){
        .size = sizeof jemalloc_table, .name = "jemalloc", .alloc = je_alloc, .free = je_free};
    rv_once_set(&jemalloc_slot, &jemalloc_table);
}

static bool je_ask(const char *what, uint64_t *out)
{
    char name[64];
    size_t value = 0, len = sizeof value;
    snprintf(name, sizeof name, "stats.arenas.%u.%s", arena, what);
    bool known = mallctl(name, &value, &len, NULL, 0) == 0;
    *out += value;
    return known;
}

// Fills in what jemalloc knows of our arena; false when it does not tell.
static bool je_measure(struct rove_allocator_figures *figures)
{
    uint64_t epoch = 1;
    size_t len = sizeof epoch, page = 0, page_len = sizeof page;
    if (mallctl("epoch", &epoch, &len, &epoch, len) != 0) // else its figures are old ones
        return false;
    bool known = je_ask("small.allocated", &figures->allocated) &&
                 je_ask("large.allocated", &figures->allocated) &&
                 je_ask("pactive", &figures->active) && je_ask("resident", &figures->resident) &&
                 je_ask("mapped", &figures->mapped) && je_ask("retained", &figures->retained);
    if (mallctl("arenas.page", &page, &page_len, NULL, 0) != 0)
        return false;
    figures->active *= page; // of its own, which may be longer than the kernel's
    return known;
}

const struct rove_allocator *rove_allocator_jemalloc(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, je_start);
    return rv_once_get(&jemalloc_slot);
}

#else

static bool je_measure(struct rove_allocator_figures *figures)
{
    (void) figures;
    return false;
}

const struct rove_allocator *rove_allocator_jemalloc(void)
{
    return NULL;
}

#endif

const struct rove_allocator *rove_allocator_default(void)
{
    const struct rove_allocator *jemalloc = rove_allocator_jemalloc();
    return jemalloc ? jemalloc : &system_table;
}

enum rove_status rove_allocator_measure(const struct rove_allocator *allocator,
                                        struct rove_allocator_figures *figures_out)
{
    if (!figures_out)
        return ROVE_E_ARG;
    memset(figures_out, 0, sizeof *figures_out);
    if (!allocator)
        allocator = rove_allocator_default();
    if (allocator != rove_allocator_jemalloc())
        return ROVE_E_UNSUPPORTED;
    if (je_measure(figures_out))
        return ROVE_OK;
    memset(figures_out, 0, sizeof *figures_out);
    return ROVE_E_UNSUPPORTED;
}
