// SPDX-License-Identifier: MIT
// writer_none.c: built without libarchive: `rove pack` says so and does nothing.
#include "writer.h"

#include <stddef.h>

#ifndef ROVE_HAVE_LIBARCHIVE

bool writer_built(void)
{
    return false;
}

struct writer *writer_new(struct rove_stream *sink, struct members *members, const struct writer_how *how)
{
    (void) sink;
    (void) members;
    (void) how;
    return NULL;
}

enum verdict writer_add(struct writer *w, struct walk_entry *entry)
{
    (void) w;
    (void) entry;
    return VERDICT_FAILED;
}

uint64_t writer_count(const struct writer *w)
{
    (void) w;
    return 0;
}

bool writer_finish(struct writer *w, bool end)
{
    (void) w;
    (void) end;
    return false;
}

void writer_free(struct writer *w)
{
    (void) w;
}

const char *writer_member_name(const char *path)
{
    return path;
}

#endif
