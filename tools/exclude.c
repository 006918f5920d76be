// SPDX-License-Identifier: MIT
// exclude.c: what `pack` leaves out by its name, as --exclude of tar does.
#include "exclude.h"

#include "report.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

// A slash behind a pattern is that of a folder's name, which has none in a path.
static bool add(struct exclude *ex, const char *pattern)
{
    char **patterns = realloc(ex->patterns, (ex->cnt + 1) * sizeof *patterns);
    size_t len = strlen(pattern);

    if (patterns != NULL)
        ex->patterns = patterns;
    while (len > 1 && pattern[len - 1] == '/')
        len--;
    if (patterns != NULL && (patterns[ex->cnt] = strndup(pattern, len)) != NULL)
        return ++ex->cnt > 0;
    report_error(NULL, "out of memory");
    return false;
}

static bool add_file(struct exclude *ex, const char *path)
{
    struct lines lines;
    bool ok = lines_read(&lines, path, false);

    for (size_t i = 0; i < lines.cnt && ok; i++)
        ok = add(ex, lines.list[i]);
    lines_free(&lines);
    return ok;
}

bool exclude_read(struct exclude *ex, const struct options *opts)
{
    bool ok = true;

    *ex = (struct exclude){0};
    for (size_t i = 0; i < opts->word_cnt && ok; i++) {
        const struct option_word *word = &opts->words[i];
        if (word->code == OPT_EXCLUDE)
            ok = add(ex, word->text);
        else if (word->code == OPT_EXCLUDE_FROM)
            ok = add_file(ex, word->text);
    }
    return ok;
}

static bool matches(const char *pattern, const char *path)
{
    for (const char *p = path;; p++) {
        if (fnmatch(pattern, p, FNM_LEADING_DIR) == 0)
            return true;
        p += strcspn(p, "/");
        if (*p == 0)
            return false;
    }
}

bool exclude_hits(const struct exclude *ex, const char *path)
{
    for (size_t i = 0; i < ex->cnt; i++)
        if (matches(ex->patterns[i], path))
            return true;
    return false;
}

void exclude_free(struct exclude *ex)
{
    for (size_t i = 0; i < ex->cnt; i++)
        free(ex->patterns[i]);
    free(ex->patterns);
    *ex = (struct exclude){0};
}
