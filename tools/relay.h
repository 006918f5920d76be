// SPDX-License-Identifier: MIT
// relay.h: a thread that writes what another one makes.
//
//     caller: take ──> [ a buffer ] ── give ──> [ full | full ] ──> the thread writes them, in order
//                            └──────────<── empty ──<──────────────────────┘
//
// The buffers are handed over, not copied. There are few, so that the caller waits when writing is slower.
#ifndef ROVE_TOOL_RELAY_H
#define ROVE_TOOL_RELAY_H

#include <rove/stream.h>

#define RELAY_LEN ((size_t) 256 << 10) // of a buffer

struct relay;

// Makes the thread. out: lent to it until relay_end(). told: a pipe's end for writing, borrowed as long, which gets a byte
// when a write has failed; or -1. Returns NULL where no thread or memory is to be had: nothing has
// changed then.
struct relay *relay_start(struct rove_stream *out, int told);

// Returns an empty buffer of RELAY_LEN, or NULL when a write has failed.
uint8_t *relay_take(struct relay *relay);

// Has the first len bytes of the buffer taken last written.
void relay_give(struct relay *relay, size_t len);

// Waits until all is written that was given, or a write has failed; nothing is written after that. Lets go of the thread
// and the buffers. Returns the failure, which out explains, or ROVE_OK.
enum rove_status relay_end(struct relay *relay);

#endif
