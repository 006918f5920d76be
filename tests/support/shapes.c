// SPDX-License-Identifier: MIT
// shapes.c: see shapes.h.
#include "support/shapes.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "rope/node.h"
#include "support/suite.h"

size_t leaf_len(void)
{
    return env.chunk_len * RV_FANOUT;
}

void twin_grow(struct twin *twin, size_t len)
{
    while (len) {
        size_t piece = len < env.chunk_len ? len : env.chunk_len;
        if (!twin_append(twin, piece))
            return;
        len -= piece;
    }
}

void twin_of_leaves(struct twin *twin, size_t leaves)
{
    twin_init(twin, env.pool);
    twin_grow(twin, leaves * leaf_len() + 1);
}

size_t edge_lens(size_t lens[EDGE_LENS])
{
    const size_t all[EDGE_LENS] = {0,
                                   1,
                                   env.chunk_len - 1,
                                   env.chunk_len,
                                   env.chunk_len + 1,
                                   leaf_len() - 1,
                                   leaf_len(),
                                   leaf_len() + 1};
    for (size_t i = 0; i < EDGE_LENS; i++)
        lens[i] = all[i];
    return EDGE_LENS;
}

size_t edge_offs(size_t offs[EDGE_OFFS], size_t len)
{
    size_t cnt = 0, next = 0;
    for (size_t off = 0; len < EDGE_OFFS && off <= len; off++)
        offs[cnt++] = off;
    for (size_t i = 0; i <= 20 && len >= EDGE_OFFS; i++) {
        size_t border = len / 20 * i / env.chunk_len * env.chunk_len;
        for (size_t off = border ? border - 1 : 0; off <= border + 1 && off <= len; off++) {
            if (off < next)
                continue;
            offs[cnt++] = off;
            next = off + 1;
        }
    }
    if (next && next <= len)
        offs[cnt++] = len;
    return cnt;
}

int file_of(const void *ptr, size_t len)
{
    char path[] = "/tmp/rove_test_XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0)
        return -1;
    unlink(path);
    if (write(fd, ptr, len) == (ssize_t) len)
        return fd;
    close(fd);
    return -1;
}

void note_release(void *releases, const void *ptr, size_t len)
{
    struct releases *noted = releases;
    noted->cnt++;
    noted->ptr = ptr;
    noted->len = len;
}
