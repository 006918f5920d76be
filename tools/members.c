// SPDX-License-Identifier: MIT
// members.c: balanced trees of the C library. Names in them are *plain*: components with one
// slash between two, without "."; the folder that all lie in is the empty name.
#include "members.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

struct node {
    dev_t dev;
    ino_t ino;
    bool folder;
    uint64_t nth;
    char name[];
};

struct members {
    uint64_t cnt;  // of members
    void *roots;   // all of them, by name
    void *shared;  // those that lie in another root, or were given twice, by name
    void *above;   // names that shared roots lie in
    void *implied; // names that members at or below shared roots lie in: folders, once unpacked
    void *by_name; // members at, above or below shared roots, by plain name
    void *by_file; // files with more names than one; the name is that of the first, as it is stored
};

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct node *) a)->name, ((const struct node *) b)->name);
}

static int compare_files(const void *a, const void *b)
{
    const struct node *x = a, *y = b;

    if (x->dev != y->dev)
        return x->dev < y->dev ? -1 : 1;
    return (x->ino > y->ino) - (x->ino < y->ino);
}

// st: NULL for a name alone.
static struct node *make(const char *name, const struct stat *st)
{
    struct node *node = malloc(sizeof *node + strlen(name) + 1);

    if (node == NULL)
        return NULL;
    node->dev = st != NULL ? st->st_dev : 0;
    node->ino = st != NULL ? st->st_ino : 0;
    node->folder = st != NULL && S_ISDIR(st->st_mode);
    node->nth = 0;
    strcpy(node->name, name);
    return node;
}

static struct node *make_plain(const char *name, const struct stat *st)
{
    struct node *node = make(name, st);
    char *to;

    if (node == NULL)
        return NULL;
    to = node->name;
    for (const char *p = name; *p != 0; p += strspn(p, "/")) {
        size_t len = strcspn(p, "/");
        if (len > 0 && !(len == 1 && *p == '.')) {
            if (to != node->name)
                *to++ = '/';
            memcpy(to, p, len);
            to += len;
        }
        p += len;
    }
    *to = 0;
    return node;
}

// Takes a node. Of two that are equal the first stays. Returns false without memory, also for the node.
static bool put(void **tree, struct node *node, int (*compare)(const void *, const void *))
{
    struct node **at = node == NULL ? NULL : tsearch(node, tree, compare);

    if (at == NULL || *at != node)
        free(node);
    return at != NULL;
}

static bool has_name(void *const *tree, const struct node *node)
{
    return tfind(node, tree, compare_names) != NULL;
}

// Cuts the last component off; returns false when there was none.
static bool to_folder(struct node *node)
{
    char *slash = strrchr(node->name, '/');

    if (node->name[0] == 0)
        return false;
    *(slash != NULL ? slash : node->name) = 0;
    return true;
}

// Takes a node. Whether it or a folder that it lies in is in the tree.
static bool covers(void *const *tree, struct node *node)
{
    bool found;

    do
        found = has_name(tree, node);
    while (!found && to_folder(node));
    free(node);
    return found;
}

// Takes a node. Puts all names that it lies in into a tree. Returns false without memory, also for the node.
static bool put_above(void **tree, struct node *node)
{
    bool ok = node != NULL;

    while (ok && to_folder(node))
        ok = put(tree, make(node->name, NULL), compare_names);
    free(node);
    return ok;
}

// Takes the node of a root that can be met twice.
static bool share(struct members *m, struct node *node)
{
    bool ok = put_above(&m->above, make(node->name, NULL));

    return put(&m->shared, node, compare_names) && ok;
}

static bool add_root(struct members *m, const char *name)
{
    struct node *node = make_plain(name, NULL);

    if (node != NULL && has_name(&m->roots, node))
        return share(m, node);
    return put(&m->roots, node, compare_names);
}

static bool share_if_below(struct members *m, const char *name)
{
    struct node *node = make_plain(name, NULL), *folder = make_plain(name, NULL);

    if (node == NULL || folder == NULL) {
        free(node);
        free(folder);
        return false;
    }
    if (!to_folder(folder))
        free(folder);
    else if (covers(&m->roots, folder))
        return share(m, node);
    free(node);
    return true;
}

struct members *members_new(const char *const *names, size_t cnt)
{
    struct members *m = calloc(1, sizeof *m);
    bool ok = m != NULL;

    for (size_t i = 0; i < cnt && ok; i++)
        ok = add_root(m, names[i]);
    for (size_t i = 0; i < cnt && ok; i++)
        ok = share_if_below(m, names[i]);
    if (ok)
        return m;
    members_free(m);
    return NULL;
}

// plain_out: the plain name if it can be met twice, else NULL; dropped by free().
static bool plain_if_shared(const struct members *m, const char *name, const struct stat *st,
                            struct node **plain_out)
{
    struct node *plain, *copy;

    *plain_out = NULL;
    if (m->shared == NULL)
        return true;
    plain = make_plain(name, st);
    copy = plain == NULL ? NULL : make(plain->name, NULL);
    if (copy == NULL) {
        free(plain);
        return false;
    }
    if (covers(&m->shared, copy) || has_name(&m->above, plain))
        *plain_out = plain;
    else
        free(plain);
    return true;
}

// Takes a node. Whether a name that it lies in is that of a member, and no folder.
static bool lies_in_file(const struct members *m, struct node *node)
{
    struct node **found = NULL;

    while (found == NULL && to_folder(node))
        found = tfind(node, &m->by_name, compare_names);
    free(node);
    return found != NULL && !(*found)->folder;
}

static bool has_more_names(const struct stat *st)
{
    return st->st_nlink > 1 && !S_ISDIR(st->st_mode);
}

bool members_find(const struct members *m, const char *name, const struct stat *st, struct member_found *out)
{
    struct node file = {.dev = st->st_dev, .ino = st->st_ino}, *plain, **found = NULL;
    bool clashes = false, below = false;

    *out = (struct member_found){.kind = MEMBER_NEW, .nth = m->cnt + 1};
    if (!plain_if_shared(m, name, st, &plain))
        return false;
    if (plain != NULL) {
        found = tfind(plain, &m->by_name, compare_names);
        clashes = !S_ISDIR(st->st_mode) && has_name(&m->implied, plain);
        below = lies_in_file(m, plain);
    }
    if (found != NULL && compare_files(*found, &file) == 0) {
        out->kind = MEMBER_SAME;
    } else if (found != NULL) {
        // Folders of one name become one when they are unpacked; nothing of either is lost.
        out->kind = (*found)->folder && S_ISDIR(st->st_mode) ? MEMBER_NEW : MEMBER_TAKEN;
    } else if (clashes || below) {
        out->kind = below ? MEMBER_BELOW : MEMBER_TAKEN;
    } else if (has_more_names(st) && (found = tfind(&file, &m->by_file, compare_files)) != NULL) {
        *out = (struct member_found){MEMBER_LINK, (*found)->name, (*found)->nth};
    }
    return true;
}

bool members_add(struct members *m, const char *name, const struct stat *st)
{
    struct node *plain;

    m->cnt++;
    if (!plain_if_shared(m, name, st, &plain))
        return false;
    if (plain != NULL) {
        bool ok = put_above(&m->implied, make(plain->name, NULL));
        if (!put(&m->by_name, plain, compare_names) || !ok)
            return false;
    }
    if (!has_more_names(st))
        return true;
    plain = make(name, st);
    if (plain != NULL)
        plain->nth = m->cnt;
    return put(&m->by_file, plain, compare_files);
}

void members_free(struct members *m)
{
    if (m == NULL)
        return;
    tdestroy(m->roots, free);
    tdestroy(m->shared, free);
    tdestroy(m->above, free);
    tdestroy(m->implied, free);
    tdestroy(m->by_name, free);
    tdestroy(m->by_file, free);
    free(m);
}
