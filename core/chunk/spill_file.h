// SPDX-License-Identifier: MIT
// spill_file.h: the file in which chunks sleep: its life, and what goes in and out.
//
// The file has no name: O_TMPFILE, else a temporary file unlinked before its first byte. After fork()
// the child may read what sleeps (the checksum tells if the parent has used the place again) but
// never writes, and never makes the file shorter.
//
// Read-ahead is ours: what was written in order lies in order, and where a reader goes on the kernel is
// asked for what comes next, up to a 64th of the limit. Left alone it reads as far ahead as the disk is
// set up for, 8 MiB here and there, which counts in a memory cgroup while it is on its way: a program
// that held to its limit was killed for it.
#ifndef RV_SPILL_FILE_H
#define RV_SPILL_FILE_H

#include "chunk/slab.h"

// Opens a spill file in dir, or in TMPDIR, or /tmp, for a pool whose budget is known. No lock. ROVE_E_IO
// with errno.
enum rove_status rv_spill_open(struct rove_pool *pool, const char *dir);

// Closes it. No lock; nothing lives any more.
void rv_spill_close(struct rove_pool *pool);

// Makes the file shorter when much of its end is not used any more. With the pool's lock.
void rv_spill_cut_file(struct rove_pool *pool);

// Writes bytes, as many as cnt chunks have, to the place of a chunk and of those behind it, and takes their
// checksums. With the pool's lock. ROVE_E_IO with errno, ROVE_E_UNSUPPORTED in a forked child.
enum rove_status rv_spill_write(const struct rv_chunk *chunk, const uint8_t *bytes, unsigned cnt);

// Reads cnt pieces of a sleeping chunk, from the first on, and verifies them. No lock: as long as it is
// pinned nobody writes to its place. ROVE_E_IO with errno, ROVE_E_CHECKSUM.
enum rove_status rv_spill_read(const struct rv_chunk *chunk, unsigned first, unsigned cnt,
                               uint8_t *to);

#endif
