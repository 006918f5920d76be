// SPDX-License-Identifier: MIT
/// @file
/// pool.h: where chunks come from, and where they go back to.
///
/// A rope keeps its bytes in chunks, blocks of one fixed size. A pool cuts them from large slabs and
/// keeps returned ones hot for the next taker:
///
///     rope ── takes ──> thread's own few ──> the pool's shared list ──> slab (2 MiB) ──> allocator
///          <── gives ──
///
/// Small objects do not pay for a whole chunk: the first chunk of a rope may have as little as 128
/// bytes, and the next ones double up to the pool's chunk size.
///
/// Free memory is kept for the next taker, up to keep_len bytes. As long as the pool is in use, half
/// of what was not wanted for ten seconds goes back to the allocator; rove_pool_trim() gives back all.
///
/// A program needs no pool of its own: NULL means the default pool of the process wherever a pool
/// is asked for. Make one to choose the chunk size, the allocator or a memory limit.
///
/// Ownership: a pool is counted. Everything that lives on it keeps it alive, so it may be dropped
/// at any time; its memory goes back when the last chunk has come home.
///
/// Failure: only making a pool can fail here; what a pool refuses is told by the call that asked.
///
/// Threads: a pool, unlike every other object of the library, may be used by all threads at once.
///
/// fork(): waits until no other thread has a lock of the library, so that a child goes on with all pools. What other threads
/// were in the middle of, and what they kept of a pool, is lost there. Not for fork() by an allocator, nor by a signal
/// handler. posix_spawn() and vfork() wait for nothing.
#ifndef ROVE_POOL_H
#define ROVE_POOL_H

#include <rove/export.h>
#include <rove/memory.h>
#include <rove/status.h>
#include <stddef.h>
#include <stdint.h>

ROVE_BEGIN_DECLS

/// A pool. Its fields are the library's own.
struct rove_pool;

#define ROVE_CHUNK_LEN_MIN 256u              ///< bytes
#define ROVE_CHUNK_LEN_MAX (16u << 20)       ///< bytes
#define ROVE_CHUNK_LEN_DEFAULT (64u << 10)   ///< bytes; see docs/memory.md for the measurements

/// What a pool can be told. Zeroed fields mean the default.
struct rove_pool_opts {
    size_t size;                            ///< sizeof (struct rove_pool_opts)
    const struct rove_allocator *allocator; ///< borrowed for the pool's life; default: see memory.h
    size_t chunk_len;      ///< bytes, a power of two from ROVE_CHUNK_LEN_MIN to ROVE_CHUNK_LEN_MAX
    uint64_t memory_limit; ///< bytes the pool may hold at most; 0: no limit; see below
    uint64_t keep_len;     ///< bytes of free slabs kept for reuse at most; 0: the default of 1 GiB
    uint32_t flags;        ///< ROVE_POOL_…
    const char *spill_dir; ///< folder of the spill file, borrowed; default: TMPDIR, else /tmp
    struct rove_pool *budget_of; ///< share the memory limit of this pool, or its lack of one; memory_limit is not looked
                                 ///< at then. Held: that pool, and what it keeps free, lives as long as this one
};

/// The limit counts all that the pool holds: chunks, nodes, its own tables, free memory that is kept.
/// An eighth of it, at most 64 KiB, is kept for calls that make content shorter, so that memory can be
/// freed where none is left. With limits below 256 KiB that may be too little to erase in the middle of a rope
/// (ROVE_E_LIMIT); truncating and erasing at the front go there, too.
///
/// At the memory limit, full chunks that nobody has pinned go to sleep in an unlinked temporary file,
/// so that content may be far larger than memory. They wake when they are shown as a span or written to,
/// and when they are read again and again; what is merely copied out, or read through a stream, comes
/// from the file meanwhile. Without this flag the call that wants more fails with ROVE_E_LIMIT, and what
/// it was to change is as it was. With it that comes where all that is left is pinned, and ROVE_E_IO with errno set where
/// what is to sleep cannot be written, as on a full disk.
///
/// Needs a limit, and a chunk length of at least a page. What is pinned, and so takes part in filling the
/// limit: the chunk at the open end of a rope, the one in which its small edits gather, those shown by a
/// cursor or rove_view_iov(), and those under the windows of streams, but of these a quarter of the limit
/// at most: further streams read by way of a small buffer. A buffer of 16 KiB counts from the first
/// moment to the last, and one for each stream that stands on what sleeps, in the same quarter.
///
/// One chunk's length of the limit is kept for waking, one chunk after the other, when no other room can
/// be made. So whatever else fills the memory, of this pool and of all that share its limit, what sleeps
/// can be read: by copying out, comparing and searching, by cursors, by rove_view_write_fd(), through
/// streams and what stands on them, in one thread at a time, each with as many objects as it likes. Only
/// what the program itself keeps shown there stands in the way: a cursor's span until the cursor moves
/// on or is dropped, and an iovec until rove_view_unpin(). A stream never stays on that chunk from one
/// call to the next. A call that needs memory besides (a line across borders, a digest's state) can
/// still fail for want of that. No write takes that place, so all this holds on a full disk, too: what would change a
/// sleeping chunk, and finds no other room, fails with ROVE_E_IO, or ROVE_E_LIMIT where all is pinned.
///
/// Copying out needs no room at all, in any number of threads. Other calls in several threads at once: one
/// that finds another's in that place fails with ROVE_E_LIMIT; it may be called again.
///
/// After fork() the child may read such content, chunk by chunk, but neither put chunks to sleep (what needs room for
/// that fails with ROVE_E_UNSUPPORTED) nor rely on the parent leaving them there: what the parent has put in their place
/// fails with ROVE_E_CHECKSUM. It may make pools of its own.
#define ROVE_POOL_SPILL 1u

/// Slabs ask the kernel for pages of 2 MiB. Where it has such pages at hand, fresh memory is filled in a
/// third of the time and random reads take two thirds; where memory is fragmented the kernel may take many
/// times longer to make them, and one byte in a fresh slab costs 2 MiB. So it is not the default; see
/// docs/memory.md. A wish, which the kernel may not follow. Not with a limit: memory is then counted,
/// and given back, by the chunk (ROVE_E_ARG).
#define ROVE_POOL_HUGE 2u

/// What a pool holds, in bytes unless said. A snapshot: other threads go on meanwhile. Chunks of less than 4 KiB are held as
/// all else is, and not told apart: live_cnt, free_cnt and take_cnt are 0 then.
struct rove_pool_figures {
    uint64_t held;       ///< taken from the allocator and not given back: live and free together; of a limit that pools
                         ///< share, by all of them
    uint64_t held_peak;  ///< the most that was ever held, likewise
    uint64_t limit;      ///< memory_limit, 0 for none
    uint64_t chunk_len;  ///< size of a full chunk
    uint64_t live_cnt;   ///< full chunks in use (things)
    uint64_t free_cnt;   ///< full chunks waiting for reuse (things)
    uint64_t take_cnt;   ///< full chunks ever taken (things)
    uint64_t alloc_cnt;  ///< calls of the allocator's alloc (things)
    const char *allocator; ///< its name
    uint64_t sleeping_cnt; ///< chunks asleep in the spill file (things)
    uint64_t sleep_cnt;    ///< times a chunk was put to sleep (things)
    uint64_t wake_cnt;     ///< times one was woken (things)
    uint64_t pinned_cnt;   ///< chunks that could sleep but are in use just now (things)
};

// make ------------------------------------------------------------------------------------------

/// Makes a pool.
///
/// opts: borrowed until return; NULL for all defaults.
/// pool_out: gives a counted pool; drop it with rove_pool_unref().
/// Returns ROVE_E_ARG when opts->size is 0, a flag is unknown, spilling has no limit to go by, huge
/// pages are asked for under a limit or the allocator's table is incomplete, ROVE_E_RANGE for a chunk
/// length that is no power of two or out of range, ROVE_E_LIMIT when a pool that is to spill finds no
/// room for a chunk under its limit, ROVE_E_NOMEM, and ROVE_E_IO with errno set when a spill file
/// cannot be made. *pool_out is NULL then.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_pool_new(const struct rove_pool_opts *opts,
                                                        struct rove_pool **pool_out);

/// Returns the default pool of the process. Never NULL, never goes away; needs no unref.
ROVE_API struct rove_pool *rove_pool_default(void);

// ask -------------------------------------------------------------------------------------------

/// Reports what the pool holds.
///
/// pool: NULL for the default pool. figures_out: filled in.
ROVE_API void rove_pool_measure(struct rove_pool *pool, struct rove_pool_figures *figures_out);

/// Reports what all pools of the process hold together. A limit that pools share is counted once.
///
/// figures_out: filled in with sums, held_peak with the sum of the peaks, which the pools need not
/// have reached at the same time; limit, chunk_len and allocator are 0 and NULL.
ROVE_API void rove_pool_measure_all(struct rove_pool_figures *figures_out);

/// Returns the size of a full chunk of the pool in bytes. pool: NULL for the default pool.
ROVE_API size_t rove_pool_chunk_len(const struct rove_pool *pool);

// change ----------------------------------------------------------------------------------------

/// Gives free memory back to the allocator now: all free slabs, what the calling thread keeps, and what threads kept that
/// have ended. (Others that use the library keep their own few free chunks and blocks.)
///
/// pool: NULL for the default pool. Returns the bytes given back.
ROVE_API uint64_t rove_pool_trim(struct rove_pool *pool);

// drop ------------------------------------------------------------------------------------------

/// Holds the pool once more. Returns pool. pool: NULL for the default one, which needs no holding.
ROVE_API struct rove_pool *rove_pool_ref(struct rove_pool *pool);

/// Drops one hold. What still lives on the pool keeps it alive. NULL does nothing.
///
/// Where several threads work in a pool, keep a hold on it until they have ended: once nobody has one, they count what
/// lives on it in one place, for which they wait (docs/memory.md has figures).
ROVE_API void rove_pool_unref(struct rove_pool *pool);

ROVE_END_DECLS

#endif
