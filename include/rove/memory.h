// SPDX-License-Identifier: MIT
// memory.h: where memory comes from.
//
// All memory of the library comes through one of these tables; the pool (pool.h) holds the table,
// and every rope, stream and chain made on that pool uses it. The library never replaces the
// process's malloc and never calls it behind a caller's allocator.
//
//     rope, stream, chain ──> pool ──> struct rove_allocator ──> jemalloc's own API, or malloc
//
// Two tables are built in. `rove_allocator_jemalloc` uses jemalloc through mallocx() and sdallocx()
// in an arena of its own; it is there when the *program* has jemalloc in its process. (The library
// does not link jemalloc: Debian's build of it cannot be loaded by dlopen, and then no plugin host
// or Python could load librove.) `rove_allocator_system` is the C library's, and always there.
//
// Threads: a table's functions are called from any thread, at once; they must allow it.
#ifndef ROVE_MEMORY_H
#define ROVE_MEMORY_H

#include <rove/export.h>
#include <stddef.h>
#include <stdint.h>

ROVE_BEGIN_DECLS

// A source of memory. The caller owns the table; it must outlive every pool made with it.
struct rove_allocator {
    size_t size;      // sizeof (struct rove_allocator), for growth at the end
    const char *name; // for reports; static
    void *ctx;        // handed to both calls

    // Gives len bytes (1 or more) aligned to align (a power of two, at most 2 MiB), or NULL.
    void *(*alloc)(void *ctx, size_t len, size_t align);

    // Takes back a block with the very len and align it was asked with. ptr is never NULL.
    void (*free)(void *ctx, void *ptr, size_t len, size_t align);
};

// ask -------------------------------------------------------------------------------------------

// Returns the C library's allocator. Never NULL. Any thread.
ROVE_API const struct rove_allocator *rove_allocator_system(void);

// Returns jemalloc's allocator, or NULL when the process has no jemalloc (or the library was built
// without it). Any thread. The arena is made at the first call.
ROVE_API const struct rove_allocator *rove_allocator_jemalloc(void);

// Returns the allocator that a pool without an own one uses: jemalloc's where there is one, else
// the system's. Never NULL. Any thread.
ROVE_API const struct rove_allocator *rove_allocator_default(void);

ROVE_END_DECLS

#endif
