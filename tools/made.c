// SPDX-License-Identifier: MIT
// made.c: a balanced tree of the C library.
#include "made.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

char *made_plain(const char *name)
{
    char *plain = malloc(strlen(name) + 1), *to = plain;

    if (plain == NULL)
        return NULL;
    if (*name == '/')
        *to++ = '/';
    for (const char *p = name + strspn(name, "/"); *p != 0; p += strspn(p, "/")) {
        size_t len = strcspn(p, "/");
        if (len != 1 || *p != '.') {
            if (to != plain && to[-1] != '/')
                *to++ = '/';
            memcpy(to, p, len);
            to += len;
        }
        p += len;
    }
    *to = 0;
    return plain;
}

static int compare(const void *a, const void *b)
{
    const struct made_name *x = a, *y = b;

    return strcmp(x->name, y->name);
}

static struct made_name *find(const struct made *made, const char *name)
{
    struct made_name wanted = {.name = name}, **found = tfind(&wanted, &made->tree, compare);

    return found != NULL ? *found : NULL;
}

const struct made_name *made_find(const struct made *made, const char *name)
{
    return find(made, name);
}

bool made_add(struct made *made, const char *name, uint64_t nth, bool implied)
{
    struct made_name *node = find(made, name);
    bool is_new = node == NULL;

    if (is_new) {
        size_t len = strlen(name) + 1;
        node = malloc(sizeof *node + len);
        if (node == NULL)
            return false;
        node->name = memcpy(node + 1, name, len);
    }
    node->nth = nth;
    node->implied = implied;
    if (!is_new || tsearch(node, &made->tree, compare) != NULL)
        return true;
    free(node);
    return false;
}

void made_free(struct made *made)
{
    tdestroy(made->tree, free);
    made->tree = NULL;
}
