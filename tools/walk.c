// SPDX-License-Identifier: MIT
// walk.c: visits a file, or a folder and all that is below it, in an order that is always the same.
#include "walk.h"

#include <errno.h>
#include <fts.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static enum verdict visit_one(const FTSENT *f, walk_fn *visit, void *ctx)
{
    switch (f->fts_info) {
    case FTS_DP: // the folder was visited before what is in it
        return VERDICT_FINE;
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        return report_warning(f->fts_path, "cannot be read: %s", strerror(f->fts_errno));
    case FTS_DC:
        return report_warning(f->fts_path, "contains itself");
    default:
        return visit(ctx, f->fts_path, f->fts_statp);
    }
}

// "folder/" means the folder: its members' names shall not begin with two slashes.
static char *without_slashes(const char *path)
{
    size_t len = strlen(path);

    while (len > 1 && path[len - 1] == '/')
        len--;
    return strndup(path, len);
}

enum verdict walk(const char *path, walk_fn *visit, void *ctx)
{
    char *roots[] = {without_slashes(path), NULL};
    FTS *fts = roots[0] == NULL ? NULL : fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    enum verdict worst = VERDICT_FINE;
    FTSENT *f = NULL;

    if (fts == NULL) {
        worst = report_warning(path, "cannot be read: %s", strerror(errno));
        free(roots[0]);
        return worst;
    }
    while (worst != VERDICT_FAILED && (errno = 0, f = fts_read(fts)) != NULL)
        worst = verdict_worse(worst, visit_one(f, visit, ctx));
    if (f == NULL && worst != VERDICT_FAILED && errno != 0)
        worst = report_warning(path, "cannot be read to its end: %s", strerror(errno));
    fts_close(fts);
    free(roots[0]);
    return worst;
}
