// SPDX-License-Identifier: MIT
// inputs.c: what `pack` is to pack: paths, those of lists, and the folders that they are seen from.
#include "inputs.h"

#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool no_memory(void)
{
    report_error(NULL, "out of memory");
    return false;
}

// The folder that paths are seen from.
static int here(const struct inputs *in)
{
    return in->dir_cnt > 0 ? in->dirs[in->dir_cnt - 1] : AT_FDCWD;
}

// Opened only to be a place to begin at: it need not be readable.
static bool go(struct inputs *in, const char *path)
{
    int *dirs = realloc(in->dirs, (in->dir_cnt + 1) * sizeof *dirs), fd;

    if (dirs == NULL)
        return no_memory();
    in->dirs = dirs;
    fd = openat(here(in), path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        dirs[in->dir_cnt++] = fd;
        return true;
    }
    report_error("-C", "%s cannot be entered: %s", path, strerror(errno));
    return false;
}

static bool add(struct inputs *in, const char *path, bool front)
{
    if (in->cnt == in->cap) {
        size_t cap = 2 * in->cap + 16;
        struct input *list = realloc(in->list, cap * sizeof *list);
        if (list == NULL)
            return no_memory();
        in->list = list;
        in->cap = cap;
    }
    in->list[in->cnt++] = (struct input){.dir = here(in), .path = path, .front = front};
    return true;
}

static bool add_list(struct inputs *in, const char *path, bool nul)
{
    struct lines *lists = realloc(in->lists, (in->list_cnt + 1) * sizeof *lists);
    struct lines *lines;
    bool ok;

    if (lists == NULL)
        return no_memory();
    in->lists = lists;
    lines = &lists[in->list_cnt++];
    in->takes_stdin |= strcmp(path, "-") == 0;
    ok = lines_read(lines, path, nul);
    for (size_t i = 0; i < lines->cnt && ok; i++)
        ok = add(in, lines->list[i], false);
    return ok;
}

bool inputs_read(struct inputs *in, const struct options *opts)
{
    bool ok = true;

    *in = (struct inputs){0};
    for (size_t i = 0; i < opts->word_cnt && ok; i++) {
        const struct option_word *word = &opts->words[i];
        if (word->code == 'C')
            ok = go(in, word->text);
        else if (word->code == OPT_FILES_FROM)
            ok = add_list(in, word->text, opts->null);
        else if (word->code == OPT_PREPEND || word->code == WORD_PLAIN)
            ok = add(in, word->text, word->code == OPT_PREPEND);
    }
    return ok;
}

void inputs_free(struct inputs *in)
{
    for (size_t i = 0; i < in->dir_cnt; i++)
        close(in->dirs[i]);
    for (size_t i = 0; i < in->list_cnt; i++)
        lines_free(&in->lists[i]);
    free(in->dirs);
    free(in->lists);
    free(in->list);
    *in = (struct inputs){0};
}
