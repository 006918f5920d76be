// SPDX-License-Identifier: MIT
// copy.h: copying more than any cache holds.
#ifndef RV_COPY_H
#define RV_COPY_H

#include <stddef.h>
#include <stdint.h>

// Copies len bytes past the caches, by streaming stores where the machine has them: no line is read
// before it is written, which halves the traffic. Wins when the bytes will not be looked at soon and
// their pages are there; loses on small objects and on fresh pages (see docs/memory.md).
void rv_copy_streaming(uint8_t *dst, const uint8_t *src, size_t len);

#endif
