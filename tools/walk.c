// SPDX-License-Identifier: MIT
// walk.c: a folder's names are read at once, sorted, and then looked at one by one.
//
// fts(3) is not used: it takes a folder that fails in the middle for one that ends there, and knows
// no path longer than PATH_MAX.
//
// Each call names a thing by the open folder that it lies in, so that nobody can lead the walk
// elsewhere by putting a link where a folder was. Of the folders above only the root and the nearest
// few stay open; one that was closed is opened again as "..", and must be the one that it was.
#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPEN_MAX_LEVELS 8 // besides the root
#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

// A folder that the walk is in.
struct level {
    int fd; // -1: closed; opened again where it is needed and can be
    dev_t dev;
    ino_t ino;
    char **names;
    size_t cnt, next;
    size_t path_len; // of its own path
};

struct walk {
    const struct walk_how *how;
    walk_fn *visit;
    void *ctx;
    char *path; // of what is looked at
    size_t path_cap;
    struct level *levels;
    size_t depth, level_cap;
};

static enum verdict no_memory(void)
{
    return report_error(NULL, "out of memory");
}

static enum verdict cannot_read(const char *path, const char *how, int err)
{
    return report_warning(path, "cannot be read%s: %s", how, strerror(err));
}

// The path goes on, behind its first len bytes, with a name.
static bool extend_path(struct walk *w, size_t len, const char *name)
{
    size_t name_len = strlen(name), need = len + name_len + 2;
    char *path = w->path;

    if (need > w->path_cap) {
        path = realloc(w->path, 2 * need);
        if (path == NULL)
            return false;
        w->path = path;
        w->path_cap = 2 * need;
    }
    if (len > 0 && path[len - 1] != '/')
        path[len++] = '/';
    memcpy(path + len, name, name_len + 1);
    return true;
}

// the names of a folder --------------------------------------------------------------------------

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

static bool add_name(struct level *l, size_t *cap, const char *name)
{
    char **names = l->names;

    if (l->cnt == *cap) {
        *cap = 2 * *cap + 16;
        names = realloc(names, *cap * sizeof *names);
        if (names == NULL)
            return false;
        l->names = names;
    }
    names[l->cnt] = strdup(name);
    return names[l->cnt] != NULL && ++l->cnt > 0;
}

// Reads all names that can be had. err_out: why there are no more, or 0. Returns false without memory.
static bool collect(struct level *l, DIR *dir, int *err_out)
{
    struct dirent *d;
    size_t cap = 0;

    while (errno = 0, (d = readdir(dir)) != NULL)
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 &&
            !add_name(l, &cap, d->d_name))
            return false;
    *err_out = errno;
    if (l->cnt > 1)
        qsort(l->names, l->cnt, sizeof *l->names, by_name);
    return true;
}

static enum verdict read_names(struct walk *w, struct level *l)
{
    int fd = fcntl(l->fd, F_DUPFD_CLOEXEC, 0), err = 0; // closedir() closes it
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    bool ok = true;

    if (dir == NULL) {
        err = errno;
        if (fd >= 0)
            close(fd);
    } else {
        ok = collect(l, dir, &err);
        closedir(dir);
    }
    if (!ok)
        return no_memory();
    return err == 0 ? VERDICT_FINE : cannot_read(w->path, " to its end", err);
}

// down and up ------------------------------------------------------------------------------------

static bool contains_itself(const struct walk *w, const struct stat *st)
{
    for (size_t i = 0; i < w->depth; i++)
        if (w->levels[i].dev == st->st_dev && w->levels[i].ino == st->st_ino)
            return true;
    return false;
}

// Takes fd.
static enum verdict push(struct walk *w, int fd, const struct stat *st)
{
    struct level *levels = w->levels;

    if (w->depth == w->level_cap) {
        w->level_cap = 2 * w->level_cap + 16;
        levels = realloc(levels, w->level_cap * sizeof *levels);
        if (levels == NULL) {
            close(fd);
            return no_memory();
        }
        w->levels = levels;
    }
    if (w->depth > OPEN_MAX_LEVELS) {
        struct level *far = &levels[w->depth - OPEN_MAX_LEVELS];
        close(far->fd);
        far->fd = -1;
    }
    levels[w->depth] =
        (struct level){.fd = fd, .dev = st->st_dev, .ino = st->st_ino, .path_len = strlen(w->path)};
    return read_names(w, &levels[w->depth++]);
}

// Opens the folder above one that is left. fd: of that, or -1. Returns -1 with errno; ESTALE: another
// folder is there, or the way up was lost before.
static int open_above(const struct level *above, int fd)
{
    struct stat st;
    int up = fd < 0 ? -1 : openat(fd, "..", FOLDER_FLAGS), err = ESTALE;

    if (up < 0) {
        errno = fd < 0 ? ESTALE : errno;
        return -1;
    }
    if (fstat(up, &st) != 0)
        err = errno;
    else if (st.st_dev == above->dev && st.st_ino == above->ino)
        return up;
    close(up);
    errno = err;
    return -1;
}

static enum verdict reopen(struct walk *w, struct level *l, int below)
{
    l->fd = open_above(l, below);
    w->path[l->path_len] = 0;
    if (l->fd >= 0 || l->next == l->cnt)
        return VERDICT_FINE;
    if (errno != ESTALE)
        return cannot_read(w->path, " to its end", errno);
    return report_warning(w->path,
                          "cannot be read to its end: something in it was moved meanwhile");
}

// Leaves the folder that the walk is in.
static enum verdict pop(struct walk *w)
{
    struct level *l = &w->levels[--w->depth];
    enum verdict verdict = VERDICT_FINE;

    if (w->depth > 0 && l[-1].fd < 0)
        verdict = reopen(w, l - 1, l->fd);
    if (l->fd >= 0)
        close(l->fd);
    for (size_t i = 0; i < l->cnt; i++)
        free(l->names[i]);
    free(l->names);
    return verdict;
}

// looking at one thing ---------------------------------------------------------------------------

static int open_folder(struct walk_entry *e)
{
    // A slash behind the root's name asks for what a link points at.
    bool follows = e->root && e->name[strlen(e->name) - 1] == '/';
    int fd = openat(e->dir, e->name, FOLDER_FLAGS | (follows ? 0 : O_NOFOLLOW)), err;

    if (fd < 0 || fstat(fd, &e->st) == 0)
        return fd;
    err = errno;
    close(fd);
    errno = err;
    return -1;
}

// Opens a folder before it is visited, so that what is told about it is of the folder that is entered.
static enum verdict look_at_folder(struct walk *w, struct walk_entry *e)
{
    int fd = open_folder(e), err = errno;
    enum verdict verdict;

    if (fd < 0 && (err == ENOTDIR || err == ELOOP || err == ENOENT))
        return report_warning(w->path,
                              "is left out: it was a folder a moment ago, and is none now");
    e->enter = fd >= 0 && !w->how->flat;
    e->unread = fd < 0;
    verdict = w->visit(w->ctx, e);
    if (fd < 0)
        return verdict_worse(verdict, cannot_read(w->path, "", err));
    if (verdict == VERDICT_FAILED || !e->enter) {
        close(fd);
        return verdict;
    }
    if (contains_itself(w, &e->st)) {
        close(fd);
        return verdict_worse(verdict, report_warning(w->path, "contains itself"));
    }
    return verdict_worse(verdict, push(w, fd, &e->st));
}

static enum verdict look_at(struct walk *w, int dir, const char *name)
{
    struct walk_entry e = {.dir = dir, .name = name, .path = w->path, .root = w->depth == 0};

    if (w->how->skips != NULL && w->how->skips(w->how->skips_ctx, w->path))
        return VERDICT_FINE;
    if (fstatat(dir, name, &e.st, AT_SYMLINK_NOFOLLOW) != 0)
        return cannot_read(w->path, "", errno);
    return S_ISDIR(e.st.st_mode) ? look_at_folder(w, &e) : w->visit(w->ctx, &e);
}

static enum verdict go_on(struct walk *w)
{
    struct level *l = &w->levels[w->depth - 1];
    const char *name;

    if (l->next == l->cnt || l->fd < 0)
        return pop(w);
    name = l->names[l->next++];
    return extend_path(w, l->path_len, name) ? look_at(w, l->fd, name) : no_memory();
}

enum verdict walk(const char *path, walk_fn *visit, void *ctx)
{
    static const struct walk_how all;

    return walk_by(&all, path, visit, ctx);
}

enum verdict walk_by(const struct walk_how *how, const char *path, walk_fn *visit, void *ctx)
{
    struct walk w = {.how = how, .visit = visit, .ctx = ctx};
    enum verdict worst;
    size_t len = strlen(path);

    if (!extend_path(&w, 0, path))
        return no_memory();
    while (len > 1 && path[len - 1] == '/') // members' names shall not have two slashes
        len--;
    w.path[len] = 0;
    worst = look_at(&w, how->dir != NULL ? *how->dir : AT_FDCWD, path);
    while (w.depth > 0 && worst != VERDICT_FAILED)
        worst = verdict_worse(worst, go_on(&w));
    while (w.depth > 0)
        pop(&w);
    free(w.levels);
    free(w.path);
    return worst;
}
