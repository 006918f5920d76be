// SPDX-License-Identifier: MIT
// elf.h: is this file a shared library that the loader can map without dying of it?
#ifndef RV_ELF_H
#define RV_ELF_H

#include <rove/status.h>
#include <stdint.h>

// Judges an open file of len bytes: ROVE_OK, ROVE_E_FORMAT, ROVE_E_TRUNCATED or ROVE_E_IO. text_out:
// on failure a static clause about the file ("it …").
//
// The loader maps what the program headers say and touches it at once: a page past the end of the
// file is SIGBUS, an address outside of the image is whatever lies there, a missing table, or length of one, is NULL.
// The GNU loader checks none of this. Source: System V ABI, "Program Header", "Dynamic Section".
//
// A file that passes may still hold code or tables that crash: this is about damage, not about trust.
enum rove_status rv_elf_judge(int fd, uint64_t len, const char **text_out);

#endif
