// SPDX-License-Identifier: MIT
// filters_harness.h: drives one filter's hooks directly, without chain or registry.
//
// Each call of run() sees its span of input and its room in fresh memory of exactly that size,
// given back right after: a sanitizer notices reads and writes beyond, and uses after the call.
// The host's allocator counts, fills, and fails when told to.
#ifndef ROVE_TESTS_FILTERS_HARNESS_H
#define ROVE_TESTS_FILTERS_HARNESS_H

#include "../filters/builtin.h"

#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// bytes that grow ---------------------------------------------------------------------------------

struct bytes {
    uint8_t *ptr;
    size_t len, cap;
};

void bytes_add(struct bytes *b, const void *src, size_t len);
void bytes_drop(struct bytes *b);
bool bytes_equal(const struct bytes *a, const void *ptr, size_t len);

// random numbers and contents ---------------------------------------------------------------------

// To be called first in main(): watches the processor time, sets what follows, and prints the seed. The
// arguments name cases as in suite.h.
void harness_begin(char **argv);

extern uint64_t seed_of_run; // from ROVE_SEED; "random": from the clock

// 1; more where the amounts are scaled down: the longest loops take only so few of their steps.
extern size_t stride_of_run;

// Tells that the n-th of many like cases may be left out: three of four, where the amounts are scaled down.
bool is_spared(size_t n);
// The same of a byte of len coded ones, of whose head and end none is left out.
bool is_byte_spared(size_t at, size_t len);

uint64_t draw(uint64_t *rng);                     // any number
size_t draw_below(uint64_t *rng, size_t n);       // 0 … n - 1

enum content { ZEROS, TEXT, NOISE, MIXED };

struct bytes make_content(enum content kind, size_t len);

// a filter under test -----------------------------------------------------------------------------

struct rig {
    const struct rove_filter *filter;
    struct rove_value values[16];
    struct rove_host host;
    void *state;
    size_t live_blocks, live_bytes, peak_bytes, allocs;
    size_t fail_at; // the number of the allocation to refuse, from 1; 0: none
    bool fail_on;   // and all that follow
    char why[128];  // the last explanation
};

// What a filter is called with, in one string each: "gzip level=9 name=x".
struct spec {
    const char *label;
    const struct rove_filter *encode, *decode;
    const char *options; // "key=value key=value"
};

extern const struct spec specs[]; // every codec with the options worth crossing; label NULL ends
extern const size_t spec_cnt;

// Prepares without opening: defaults, then the options.
void rig_set(struct rig *r, const struct rove_filter *filter, const char *options);
int32_t rig_open(struct rig *r);
void rig_close(struct rig *r); // asserts that nothing is left

// rig_set and rig_open, which must succeed.
void rig_make(struct rig *r, const struct rove_filter *filter, const char *options);

int32_t rig_reset(struct rig *r);

// One call of run() over exact copies of the spans. Checks the rules that the chain checks.
int32_t rig_call(struct rig *r, struct rove_in *in, struct rove_out *out, uint32_t act);

// How to cut: pieces of input and of room; 0: all at once.
struct cut {
    size_t in, out;      // the usual size
    size_t first_in, first_out; // of the first piece, when not 0
    uint64_t rng;        // when not 0: sizes from 1 to in and out are drawn
};

// Feeds src and collects into dst until `act` is done. Returns ROVE_END, a failure, or ROVE_E_STALL
// when the filter breaks the rules. *taken_out (may be NULL) is how much of src was consumed.
int32_t rig_drive(struct rig *r, const void *src, size_t len, struct bytes *dst, uint32_t act,
                  struct cut cut, size_t *taken_out);

// Whole streams: reset, then drive to FINISH.
int32_t rig_stream(struct rig *r, const void *src, size_t len, struct bytes *dst, struct cut cut);

// A TAP over src in pieces, to FINISH.
int32_t rig_tap(struct rig *r, const void *src, size_t len, size_t piece, uint32_t act);

// Encodes by a fresh filter, which must succeed.
struct bytes encoded(const struct rove_filter *filter, const char *options, const void *src,
                     size_t len);

// Decodes by a fresh filter; returns what it returns.
int32_t decoded(const struct rove_filter *filter, const char *options, const void *src, size_t len,
                struct bytes *dst);

// suites ------------------------------------------------------------------------------------------

void add_codec_tests(CU_pSuite suite);
void add_zlib_tests(CU_pSuite suite);
void add_bgzf_tests(CU_pSuite suite);
void add_part_tests(CU_pSuite suite);
void add_mark_tests(CU_pSuite suite);
void add_deflate_mark_tests(CU_pSuite suite);
void add_lz4_mark_tests(CU_pSuite suite);
void add_lz4_tests(CU_pSuite suite);
void add_damage_tests(CU_pSuite suite);
void add_tap_tests(CU_pSuite suite);

// Whether the case is among those that the arguments name.
bool harness_wants(const char *name);

// Adds the case, if it is wanted.
void harness_add(CU_pSuite suite, const char *name, CU_TestFunc run);

#define ADD(suite, test) harness_add(suite, #test, test)

// Runs what was added. Returns the exit status of the program.
int harness_run(void);

#endif
