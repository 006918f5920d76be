// SPDX-License-Identifier: MIT
// memory.h: what --memory means: so much is held, and the rest waits in a file without a name.
//
// The file lies in TMPDIR, or in /tmp, and is gone with the process however that ends.
#ifndef ROVE_TOOL_MEMORY_H
#define ROVE_TOOL_MEMORY_H

#include <rove/pool.h>
#include <stdbool.h>

// Makes a pool that holds at most size bytes. size: 0 and UINT64_MAX mean no limit, and give NULL,
// the default pool. Reports and returns false when that fails.
bool memory_pool(uint64_t size, struct rove_pool **pool_out);

// Reports why bytes that such a pool should keep are not kept. status: ROVE_E_LIMIT,
// ROVE_E_CHECKSUM, or ROVE_E_IO with err, its errno. Returns false, and reports nothing, when it is
// something else, which has nothing to do with --memory.
bool memory_blame(enum rove_status status, int err);

#endif
