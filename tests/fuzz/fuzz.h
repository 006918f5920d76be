// SPDX-License-Identifier: MIT
// fuzz.h: what the fuzz targets share.
//
// A target is one file with LLVMFuzzerTestOneInput(), for libFuzzer or for plain.c, which feeds it the
// seeds and damaged ones without any fuzzer. It aborts when something is not as it must be.
#ifndef ROVE_TESTS_FUZZ_H
#define ROVE_TESTS_FUZZ_H

#include <rove/chain.h>
#include <rove/device.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

// Hands each seed of a target, by its name, to a function.
typedef void fuzz_each(void *arg, const uint8_t *data, size_t len);
void fuzz_seeds(const char *target, fuzz_each *each, void *arg);

#define MUST(cond)                                                                                 \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #cond);                     \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

// bytes -------------------------------------------------------------------------------------------

struct fuzz_bytes {
    uint8_t *ptr; // free() it
    size_t len, cap;
};

void fuzz_add(struct fuzz_bytes *bytes, const void *src, size_t len);

// Numbers for cuts: a stream of them from one seed.
uint64_t fuzz_draw(uint64_t *state, uint64_t below);

// streams -----------------------------------------------------------------------------------------

// How a stream is cut: the source gives, and the reader asks for, up to so many bytes at a time; 0: all.
struct fuzz_cut {
    size_t source, reader;
    uint64_t state; // of the draws
    struct rove_workers *workers; // may be NULL
};

// A cut of one of eight kinds, from 0 on: none at all.
struct fuzz_cut fuzz_cut(unsigned source, unsigned reader, uint64_t state);

struct fuzz_outcome {
    enum rove_status status;
    char why[256];
    struct fuzz_bytes out;
};

#define FUZZ_OUTPUT_MAX (UINT64_C(1) << 18)

// The limits of all streams here; dict=@ stands for some letters.
struct rove_limits fuzz_limits(struct rove_workers *workers);

// Decodes by a chain, FUZZ_OUTPUT_MAX bytes at most. Pieces grow with the length of it all.
struct fuzz_outcome fuzz_decode(const char *spec, const uint8_t *data, size_t len,
                                struct fuzz_cut cut);

// A stream over a copy of the bytes.
struct rove_stream *fuzz_stream(const uint8_t *data, size_t len);

// Reads up to the end or a failure.
enum rove_status fuzz_drain(struct rove_stream *stream, struct fuzz_cut *cut, struct fuzz_bytes *out);

// Aborts unless a stream gave the same and ended well both times or neither, and not by a fault of
// the library. With several layers it depends on the cuts which of them finds a damage first.
void fuzz_must_be_same(const struct fuzz_outcome *one, const struct fuzz_outcome *two,
                       bool one_layer);

// Aborts unless they told the same of it.
void fuzz_must_say_the_same(const struct fuzz_outcome *one, const struct fuzz_outcome *two);

// No memory, no progress, a call out of order: those are not the data's.
bool fuzz_is_odd(enum rove_status status);

// Writes by calls that are drawn.
void fuzz_put(struct rove_stream *stream, const uint8_t *data, size_t len, uint64_t state);

// Encodes by a chain, so written.
struct fuzz_bytes fuzz_encode(const char *spec, const uint8_t *data, size_t len, struct rove_workers *workers,
                              uint64_t state);

// Flips some bits, and sometimes cuts the end off.
void fuzz_damage(struct fuzz_bytes *coded, uint64_t *state);

// ways and workers --------------------------------------------------------------------------------

#define FUZZ_WAYS 13u

// A text to write by, and one to read what that wrote, of a codec that works in parts or can be begun within. NULL when
// its filter is not there.
const char *const *fuzz_way(unsigned number);

// Workers without threads: by draws, what they are given is done at once, or later, or by who waits for it.
struct rove_workers *fuzz_workers(uint64_t state);

#endif
