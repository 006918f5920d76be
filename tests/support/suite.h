// SPDX-License-Identifier: MIT
// suite.h: thin glue over CUnit: a table of cases, a fresh pool for each, a seed, a scale.
//
// A program fills in a struct suite and returns suite_run() from main. Each case gets a pool of
// its own on a watched allocator (`env`), and fails when something of it is still alive
// afterwards. With each_pool set, all cases run once for every chunk length of suite_chunk_lens.
//
// ROVE_SEED=n        the seed of all random cases; it is printed, and one seed repeats one run
// ROVE_TEST_SCALE, ROVE_TEST_CPU: see amount.h
// --stack KIB        runs everything in a thread with a stack of that size
// NAME ...           runs only the cases named
// -NAME ...          runs all but those
#ifndef TEST_SUITE_H
#define TEST_SUITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rove/rope.h>
#include <rove/view.h>

#include "support/alloc.h"

struct suite_case {
    const char *name;
    void (*run)(void);
};

#define SUITE_CASE(fn) {#fn, fn}

struct suite {
    const char *name;
    const struct suite_case *cases;
    size_t cnt;
    bool each_pool;
};

#define SUITE_POOLS 5
extern const size_t suite_chunk_lens[SUITE_POOLS]; // 1, 3, 16, 4096, the default

// What the running case works on.
struct suite_env {
    struct test_alloc alloc;
    struct rove_pool *pool;
    size_t chunk_len;
};
extern struct suite_env env;

// Returns the exit status of the program.
// With `--workers N` in front of the names, all streams that name no workers have their parts done by as many. Returns
// argv without these two.
char **suite_employ(char **argv);

int suite_run(int argc, char **argv, const struct suite *suite);

// Whether the case is among those that the arguments name.
bool suite_wanted(char **names, const char *name);

uint64_t suite_seed(void);

// A number of rounds, scaled, at least 1.
uint64_t suite_scaled(uint64_t cnt);

// Tells that one length of memory can be longer than any rope, as with 64 bits.
#define SUITE_WIDE (SIZE_MAX > ROVE_LEN_MAX)

// Tells that an emulator runs the program (ROVE_TEST_EMULATED): its own memory, mappings and limits count in.
bool suite_emulated(void);

// Tells that the program runs on a small stack, in KiB; 0 for the usual one.
unsigned suite_stack(void);

// Prints a line of counts, in the style of printf, in any thread.
void suite_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

// A pool of any chunk length on an allocator; it cannot fail here, or the program ends.
struct rove_pool *suite_pool_new(const struct rove_allocator *allocator, size_t chunk_len);

// checks: each returns whether it held, and may be used in any thread -----------------------------

struct suite_at {
    const char *file;
    unsigned line;
    const char *text;
};

bool suite_check(struct suite_at at, bool holds);
bool suite_check_is(struct suite_at at, int expected, int got);
bool suite_check_eq(struct suite_at at, uint64_t expected, uint64_t got);
bool suite_check_sound(struct suite_at at, const struct rove_rope *rope);
bool suite_check_bytes(struct suite_at at, struct rove_rope *rope, const void *ptr, size_t len);
bool suite_check_view(struct suite_at at, const struct rove_view *view, const void *ptr,
                      size_t len);

#define SUITE_AT(text) ((struct suite_at){__FILE__, __LINE__, text})
#define CHECK(cond) suite_check(SUITE_AT(#cond), (cond))
#define CHECK_IS(status, call) suite_check_is(SUITE_AT(#call), (status), (int) (call))
#define CHECK_OK(call) CHECK_IS(ROVE_OK, call)
#define CHECK_EQ(expected, got) \
    suite_check_eq(SUITE_AT(#got), (uint64_t) (expected), (uint64_t) (got))
#define CHECK_SOUND(rope) suite_check_sound(SUITE_AT("rove_rope_check(" #rope ")"), rope)
#define CHECK_BYTES(rope, ptr, len) suite_check_bytes(SUITE_AT("bytes of " #rope), rope, ptr, len)
#define CHECK_VIEW(view, ptr, len) suite_check_view(SUITE_AT("bytes of " #view), view, ptr, len)

#endif
