// SPDX-License-Identifier: MIT
/// @file
/// memory.h: where memory comes from.
///
/// All memory of the library comes through one of these tables; the pool (pool.h) holds the table,
/// and every rope, stream and chain made on that pool uses it. The library never replaces the
/// process's malloc and never calls it behind a caller's allocator.
///
///     rope, stream, chain ──> pool ──> struct rove_allocator ──> jemalloc's own API, or malloc
///
/// Two tables are built in. `rove_allocator_jemalloc` uses jemalloc through mallocx() and sdallocx()
/// in an arena of its own; it is there when the *program* has jemalloc in its process. (The library
/// does not link jemalloc: Debian's build of it cannot be loaded by dlopen, and then no plugin host
/// or Python could load librove.) `rove_allocator_system` is the C library's, and always there.
///
/// Threads: a table's functions are called from any thread, at once; they must allow it. They must not
/// call the library, which may hold a lock of the pool while it calls them.
#ifndef ROVE_MEMORY_H
#define ROVE_MEMORY_H

#include <rove/export.h>
#include <rove/status.h>
#include <stddef.h>
#include <stdint.h>

ROVE_BEGIN_DECLS

/// A source of memory. The caller owns the table; it must outlive every pool made with it.
struct rove_allocator {
    size_t size;      ///< sizeof (struct rove_allocator), for growth at the end
    const char *name; ///< for reports; static
    void *ctx;        ///< handed to both calls

    /// Gives len bytes (1 or more) aligned to align (a power of two, at most 2 MiB), or NULL.
    void *(*alloc)(void *ctx, size_t len, size_t align);

    /// Takes back a block with the very len and align it was asked with. ptr is never NULL.
    void (*free)(void *ctx, void *ptr, size_t len, size_t align);
};

/// What an allocator holds for the library, in bytes, by its own account.
struct rove_allocator_figures {
    uint64_t allocated; ///< in blocks that were given out
    uint64_t active;    ///< in pages that have such blocks
    uint64_t resident;  ///< in pages that the kernel has put memory behind, its own data included
    uint64_t mapped;    ///< of address space in use
    uint64_t retained;  ///< of address space kept for later, without memory
};

// ask -------------------------------------------------------------------------------------------

/// Returns the C library's allocator. Never NULL. Any thread.
ROVE_API const struct rove_allocator *rove_allocator_system(void);

/// Returns jemalloc's allocator, or NULL when the process has no jemalloc (or the library was built
/// without it). Any thread. The arena is made at the first call.
ROVE_API const struct rove_allocator *rove_allocator_jemalloc(void);

/// Returns the allocator that a pool without an own one uses: jemalloc's where there is one, else
/// the system's. Never NULL. Any thread.
ROVE_API const struct rove_allocator *rove_allocator_default(void);

/// Asks an allocator for its own account of what it holds: jemalloc's of the arena that is the
/// library's. What pools hold of it, their figures tell (pool.h). Any thread.
///
/// allocator: NULL for the default one. figures_out: filled in; zeros on failure.
/// Returns ROVE_E_UNSUPPORTED for every table but jemalloc's, or when jemalloc was built without its
/// statistics.
ROVE_API ROVE_MUST_CHECK enum rove_status
rove_allocator_measure(const struct rove_allocator *allocator,
                       struct rove_allocator_figures *figures_out);

ROVE_END_DECLS

#endif
