// SPDX-License-Identifier: MIT
// elf.h: is this file a shared library that the loader can map without dying of it?
#ifndef RV_ELF_H
#define RV_ELF_H

#include <rove/status.h>
#include <stdint.h>

// Judges an open file of len bytes: ROVE_OK, ROVE_E_FORMAT, ROVE_E_TRUNCATED or ROVE_E_IO.
//
// The loader maps what program headers say and touches it at once; a page past the end of the file
// is SIGBUS then. Source: System V ABI, "Program Header"; the GNU loader does not check this.
enum rove_status rv_elf_judge(int fd, uint64_t len);

#endif
