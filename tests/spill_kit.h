// SPDX-License-Identifier: MIT
// spill_kit.h: what the tests of budget and spill share: bytes that are known by their offset, pools
// with a limit, the process's memory, the spill file seen from outside, and an operating system that
// fails, or kills the process, at the n-th call of the spill path.
#ifndef TEST_SPILL_KIT_H
#define TEST_SPILL_KIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <rove/rove.h>

// bytes -------------------------------------------------------------------------------------------

// Fills buf with the bytes [off, off + len) of the endless text of that seed.
void text_fill(void *buf, uint64_t seed, uint64_t off, size_t len);

// Tells whether these are those.
bool text_is(const void *buf, uint64_t seed, uint64_t off, size_t len);

// Appends len bytes of the text from off, in pieces; the first failure.
enum rove_status text_append(struct rove_rope *rope, uint64_t seed, uint64_t off, uint64_t len,
                             size_t piece);

// Checks that a rope, or a view, is the text from its start; counted as one check.
bool text_check_rope(struct rove_rope *rope, uint64_t seed);
bool text_check_view(const struct rove_view *view, uint64_t seed);

// pools -------------------------------------------------------------------------------------------

struct kit_pool {
    size_t chunk_len;
    uint64_t limit;
    uint32_t flags;
    bool watched; // on the case's allocator, which finds leaks and touches all it gives
    struct rove_pool *budget_of;
    const char *dir;
};

// NULL, and a failed check, when it cannot be made.
struct rove_pool *kit_pool_new(const struct kit_pool *how);

// The same, unchecked.
enum rove_status kit_pool_try(const struct kit_pool *how, struct rove_pool **pool_out);

struct rove_pool_figures kit_figures(struct rove_pool *pool);

// Checks that the pool never held more than its limit.
bool kit_check_peak(struct rove_pool *pool);

// Pins, not chunks: how often the chunks of a pool that spills are pinned now, all together; and how
// often those are that an object keeps from one call to the next. What is at rest has no others, so
// the first is the sum of the second over all objects that live on the pool.
uint64_t kit_pins(struct rove_pool *pool);
uint64_t kit_rope_pins(const struct rove_rope *rope);
uint64_t kit_stream_pins(struct rove_stream *stream); // over a rope

// the process -------------------------------------------------------------------------------------

uint64_t kit_resident(void); // bytes now
bool kit_reset_peak(void);   // of resident bytes; false where the kernel has no such thing
uint64_t kit_peak(void);     // bytes
uint64_t kit_page_tables(void); // bytes that the kernel has for them now
uint64_t kit_addresses(void);   // bytes of address space in use
unsigned kit_fds(void);      // open descriptors

// A folder of its own, and how many files are in it (also their bytes); removed with what is in it.
void kit_dir_make(char path[64]);
unsigned kit_dir_files(const char *path, uint64_t *bytes_out);
void kit_dir_remove(const char *path);

// The descriptor of the newest spill file in a folder; -1 when there is none.
int kit_spill_fd(const char *dir);

// the operating system ----------------------------------------------------------------------------

enum kit_call {
    KIT_OPEN,
    KIT_MKSTEMP,
    KIT_UNLINK,
    KIT_PWRITE,
    KIT_PREAD,
    KIT_MADVISE,
    KIT_FTRUNCATE,
    KIT_CLOSE,
    KIT_MMAP,
    KIT_CALLS
};

#define KIT_SHORT (-1)   // in place of an errno: the transfer moves one byte
#define KIT_NOTHING (-2) // the transfer moves none and says so
#define KIT_KILL (-3)    // the process dies, before the call

struct kit_plan {
    enum kit_call call;
    int err;           // errno, or one of the above; 0 for no fault
    unsigned at;       // the first call that fails, from 1
    unsigned times;    // how many fail; 0 for all that follow
    bool any_call;     // counts calls of all kinds
    bool no_tmpfile;   // O_TMPFILE is unknown, besides
    unsigned sleep_us; // every transfer takes so long, besides
};

const char *kit_call_name(enum kit_call call);

// Uses the table of faults from now on, with a plan. Counting starts anew. Calls may then come from
// any thread.
void kit_os_arm(const struct kit_plan *plan);

// Back to the real calls.
void kit_os_off(void);

// Calls seen, and faults injected, since the last arming.
unsigned kit_os_calls(enum kit_call call);
unsigned kit_os_injected(void);

#endif
