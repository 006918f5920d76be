// SPDX-License-Identifier: MIT
// chain_kit.h: what the tests of chains share: bytes, sinks, a device with moods, hostile filters.
#ifndef TEST_CHAIN_KIT_H
#define TEST_CHAIN_KIT_H

#include "support/suite.h"

#include <rove/chain.h>
#include <rove/device.h>

struct kit_bytes {
    uint8_t *ptr; // free() it
    size_t len;
};

// random ------------------------------------------------------------------------------------------

void kit_seed(uint64_t more);
uint64_t kit_draw(uint64_t cnt); // 0 … cnt - 1

// Bytes that compress somewhat; the same for the same len and kind.
struct kit_bytes kit_content(size_t len, unsigned kind);
bool kit_same(struct kit_bytes a, const void *ptr, size_t len);

// streams -----------------------------------------------------------------------------------------

// An empty stream over a rope on the case's pool.
struct rove_stream *kit_rope(void);

// A stream over a copy of the bytes, its cursor at the start.
struct rove_stream *kit_source(const void *ptr, size_t len);

// All that a rope's stream holds.
struct kit_bytes kit_all(struct rove_stream *rope);

// Encodes by a chain; the bytes are empty after a failure.
struct kit_bytes kit_encode(const char *spec, const void *ptr, size_t len);

// Decodes until the end or a failure. What came before a failure is in *out; why: at least 256 bytes
// for what the stream said, or NULL.
enum rove_status kit_decode(const char *spec, const struct rove_limits *limits,
                            struct kit_bytes coded, struct kit_bytes *out, char *why);
enum rove_status kit_drain(struct rove_stream *stream, struct kit_bytes *out);

// a device with moods -----------------------------------------------------------------------------

struct kit_device {
    struct kit_bytes data; // what was written, or is to be read
    size_t cap, at;
    size_t most;          // bytes in one transfer, 0 for any
    unsigned block_every; // one of so many calls would block, 0 for none
    uint64_t fail_after;  // bytes after which it fails for good, UINT64_MAX for never
    unsigned flushes;
};

// dev: borrowed; the stream reads dev->data from its start, and appends what is written.
struct rove_stream *kit_device_stream(struct kit_device *dev);

// Writes all, with a flush now and then, and finishes, to a sink that would block now and then.
void kit_write_stubbornly(struct rove_stream *writer, struct kit_bytes plain);

// plugins -----------------------------------------------------------------------------------------

// Loads one that was built, once.
void kit_load(const char *name, const char *file);

// hostile filters ---------------------------------------------------------------------------------

// Registers once: evil:act=WORD,when=BYTES (a codec both ways) and evil_tap (likewise). See the words.
void kit_register_evil(void);

// How often one of these was run after it had ended or failed, or otherwise as the chain must not.
extern unsigned kit_wrong_calls;

#endif
