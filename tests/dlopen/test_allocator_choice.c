// SPDX-License-Identifier: MIT
// Says whether the default allocator is the one that this program's link line calls for.
//
// Built once without jemalloc and twice with it: beside the shared librove, which finds it by its
// weak references at load time, and into the program with the static one.

#include <dlfcn.h>
#include <errno.h>
#include <rove/memory.h>
#include <stdio.h>
#include <string.h>

static int fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    return 1;
}

// Uses a block of every kind of alignment that the library asks for.
static int use(const struct rove_allocator *allocator)
{
    static const size_t aligns[] = {1, 16, 64, 4096, (size_t) 2 << 20};
    for (size_t i = 0; i < sizeof aligns / sizeof *aligns; i++) {
        size_t len = aligns[i] * 2;
        char *block = allocator->alloc(allocator->ctx, len, aligns[i]);
        if (!block)
            return fail("no memory");
        if ((size_t) block % aligns[i] != 0)
            return fail("a block is not aligned as asked");
        memset(block, 0x5a, len);
        allocator->free(allocator->ctx, block, len, aligns[i]);
    }
    return 0;
}

// jemalloc tells what the arena holds; nobody else does.
static int account(const struct rove_allocator *allocator, int has_jemalloc)
{
    struct rove_allocator_figures before, after;
    size_t len = (size_t) 5 << 20;
    if (!has_jemalloc)
        return rove_allocator_measure(allocator, &before) == ROVE_E_UNSUPPORTED && !before.mapped
                   ? 0
                   : fail("an account without jemalloc");
    if (rove_allocator_measure(allocator, &before) != ROVE_OK)
        return fail("jemalloc tells nothing");
    void *block = allocator->alloc(allocator->ctx, len, 4096);
    if (!block || rove_allocator_measure(NULL, &after) != ROVE_OK)
        return fail("no block, or no second account");
    allocator->free(allocator->ctx, block, len, 4096);
    if (after.allocated < before.allocated + len || after.active < after.allocated ||
        after.mapped < after.active || after.resident < len)
        return fail("jemalloc's account lacks a block");
    return 0;
}

static int pages_are_large; // jemalloc's

// Stands before jemalloc's own, where the process has that.
__attribute__((visibility("default"))) // also for the shared library
int mallctl(const char *name, void *old, size_t *old_len, void *new, size_t new_len);
int mallctl(const char *name, void *old, size_t *old_len, void *new, size_t new_len)
{
    int (*real)(const char *, void *, size_t *, void *, size_t);
    void *symbol = dlsym(RTLD_NEXT, "mallctl");
    if (!symbol)
        return ENOENT;
    memcpy(&real, &symbol, sizeof real);
    int err = real(name, old, old_len, new, new_len);
    if (!err && pages_are_large && strcmp(name, "arenas.page") == 0)
        *(size_t *) old *= 16;
    return err;
}

// jemalloc counts in pages of its own, which may be longer than the kernel's: 64 KiB in builds for ARM.
static int account_of_large_pages(const struct rove_allocator *allocator, int has_jemalloc)
{
    struct rove_allocator_figures usual, large;
    size_t len = (size_t) 1 << 20;
    if (!has_jemalloc)
        return 0;
    void *block = allocator->alloc(allocator->ctx, len, 4096);
    if (!block || rove_allocator_measure(NULL, &usual) != ROVE_OK)
        return fail("no block, or no account");
    pages_are_large = 1;
    if (rove_allocator_measure(NULL, &large) != ROVE_OK)
        return fail("jemalloc tells nothing of large pages");
    allocator->free(allocator->ctx, block, len, 4096);
    return usual.active && large.active == 16 * usual.active ? 0 : fail("active pages have the kernel's length");
}

int main(int argc, char **argv)
{
    const char *expected = argc > 1 ? argv[1] : "system";
    const struct rove_allocator *chosen = rove_allocator_default();
    int has_jemalloc = strcmp(expected, "jemalloc") == 0;

    printf("the default allocator is %s\n", chosen->name);
    if (strcmp(chosen->name, expected) != 0)
        return fail("it should be the other one");
    if ((dlsym(RTLD_DEFAULT, "mallocx") != NULL) != has_jemalloc)
        return fail("the process has jemalloc where it should not, or lacks it where it should");
    if ((rove_allocator_jemalloc() != NULL) != has_jemalloc)
        return fail("rove_allocator_jemalloc disagrees with the process");
    return use(chosen) || use(rove_allocator_system()) || account(chosen, has_jemalloc) ||
           account(rove_allocator_system(), 0) || account_of_large_pages(chosen, has_jemalloc);
}
