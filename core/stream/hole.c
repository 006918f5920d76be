// SPDX-License-Identifier: MIT
// hole.c: the list of open holes.
//
// Open holes are few (a header, a length prefix, nested perhaps), so a list that inserts and erases
// walk is all it takes. Overwriting a hole's bytes does not kill it: filling writes over them again. One
// that has lost some of its bytes is taken off the list, which so never has more holes than the content
// has bytes, however many there were.
#include "stream/hole.h"

struct rv_hole **rv_holes_find(struct rv_holes *holes, uint64_t id)
{
    for (struct rv_hole **link = &holes->first; *link; link = &(*link)->next)
        if ((*link)->id == id)
            return link;
    return NULL;
}

void rv_holes_forget(struct rv_hole **link, struct rove_pool *pool)
{
    struct rv_hole *hole = *link;
    *link = hole->next;
    rv_pool_free(pool, hole, sizeof *hole);
}

void rv_holes_shift(struct rv_holes *holes, struct rove_pool *pool, uint64_t off, uint64_t del,
                    uint64_t len)
{
    struct rv_hole **link = del || len ? &holes->first : NULL;
    while (link && *link) {
        struct rv_hole *hole = *link;
        if (hole->off + hole->len <= off) {
            link = &hole->next;
        } else if (hole->off >= off + del) {
            hole->off = hole->off - del + len;
            link = &hole->next;
        } else {
            rv_holes_forget(link, pool);
        }
    }
}

void rv_holes_drop(struct rv_holes *holes, struct rove_pool *pool)
{
    while (holes->first)
        rv_holes_forget(&holes->first, pool);
}

void rv_holes_split(struct rv_holes *left, struct rove_pool *pool, uint64_t off,
                    struct rv_holes *right)
{
    struct rv_hole **link = &left->first;
    while (*link) {
        struct rv_hole *hole = *link;
        if (hole->off + hole->len <= off) {
            link = &hole->next;
        } else if (hole->off < off) {
            rv_holes_forget(link, pool);
        } else {
            *link = hole->next;
            hole->off -= off;
            hole->next = right->first;
            right->first = hole;
        }
    }
}
