// SPDX-License-Identifier: MIT
// files.c: the files that the words of the command line mean.
#include "files.h"

#include "spec.h"
#include "walk.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct search {
    struct files *files;
    size_t cap;
    bool coded;
    const char *suffix;
};

static enum verdict add(struct search *s, const char *path)
{
    struct files *files = s->files;
    char **paths = files->paths;

    if (files->cnt == s->cap) {
        s->cap = 2 * s->cap + 16;
        paths = realloc(paths, s->cap * sizeof *paths);
        if (paths == NULL)
            return report_error(NULL, "out of memory");
        files->paths = paths;
    }
    paths[files->cnt] = strdup(path);
    if (paths[files->cnt] == NULL)
        return report_error(NULL, "out of memory");
    files->cnt++;
    return VERDICT_FINE;
}

static bool is_coded(const struct search *s, const char *path)
{
    return spec_is_coded(path) || (s->suffix != NULL && spec_ends_with(path, s->suffix));
}

static enum verdict visit(void *ctx, struct walk_entry *entry)
{
    struct search *s = ctx;

    if (S_ISDIR(entry->st.st_mode))
        return VERDICT_FINE;
    if (is_coded(s, entry->path) != s->coded) {
        report_notice(entry->path, "is passed over: it has %s suffix of coded files", s->coded ? "no" : "a");
        return VERDICT_FINE;
    }
    if (S_ISREG(entry->st.st_mode))
        return add(s, entry->path);
    return report_warning(entry->path, "is left out: it is %s",
                          S_ISLNK(entry->st.st_mode) ? "a symbolic link" : "no regular file");
}

// A link to a folder counts as one when a slash stands behind it, as for walk().
static bool is_folder(const char *word)
{
    size_t len = strlen(word);
    struct stat st;

    if (strcmp(word, "-") == 0 || len == 0)
        return false;
    return fstatat(AT_FDCWD, word, &st, word[len - 1] == '/' ? 0 : AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

enum verdict files_find(struct files *files, const char *const *words, size_t cnt, bool coded, const char *suffix)
{
    struct search s = {files, 0, coded, suffix};
    enum verdict worst = VERDICT_FINE;

    *files = (struct files){NULL, 0};
    for (size_t i = 0; i < cnt && worst != VERDICT_FAILED; i++)
        worst = verdict_worse(worst, is_folder(words[i]) ? walk(words[i], visit, &s) : add(&s, words[i]));
    return worst;
}

void files_fini(struct files *files)
{
    for (size_t i = 0; i < files->cnt; i++)
        free(files->paths[i]);
    free(files->paths);
    *files = (struct files){NULL, 0};
}
