// SPDX-License-Identifier: MIT
// memory.c: the pool of --memory, and words for its failures.
#include "memory.h"

#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// The library's own rule, so that messages name the folder that is used.
static const char *spill_dir(void)
{
    const char *dir = secure_getenv("TMPDIR");

    return dir != NULL && dir[0] == '/' ? dir : "/tmp";
}

bool memory_pool(uint64_t size, struct rove_pool **pool_out)
{
    struct rove_pool_opts opts = {.size = sizeof opts,
                                  .memory_limit = size,
                                  .flags = ROVE_POOL_SPILL,
                                  .spill_dir = spill_dir()};
    enum rove_status status;
    int err;

    *pool_out = NULL;
    if (size == 0 || size == UINT64_MAX)
        return true;
    status = rove_pool_new(&opts, pool_out);
    err = errno;
    if (status == ROVE_OK || memory_blame(status, err))
        return status == ROVE_OK;
    report_error("--memory", "%s", rove_status_text(status));
    return false;
}

bool memory_blame(enum rove_status status, int err)
{
    if (status == ROVE_E_LIMIT)
        report_error("--memory", "is too little even for what cannot wait in a file");
    else if (status == ROVE_E_IO)
        report_error(spill_dir(),
                     "cannot keep what is more than --memory: %s (TMPDIR names another "
                     "folder)",
                     strerror(err));
    else if (status == ROVE_E_CHECKSUM)
        report_error(spill_dir(), "gave back other bytes than it was given");
    return status == ROVE_E_LIMIT || status == ROVE_E_IO || status == ROVE_E_CHECKSUM;
}
