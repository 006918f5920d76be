// SPDX-License-Identifier: MIT
// lines.c: a file that lists words, one a line.
#include "lines.h"

#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Reads all there is, and puts a byte of value 0 behind it. Returns false with errno.
static bool read_all(int fd, char **text_out, size_t *len_out)
{
    size_t cap = 0, len = 0;
    ssize_t n = 1;

    *text_out = NULL;
    while (n > 0) {
        if (cap - len < 2) {
            char *text = realloc(*text_out, cap = 2 * cap + 4096);
            if (text == NULL)
                return false;
            *text_out = text;
        }
        do
            n = read(fd, *text_out + len, cap - len - 1);
        while (n < 0 && errno == EINTR);
        len += n > 0 ? (size_t) n : 0;
    }
    (*text_out)[len] = 0;
    *len_out = len;
    return n == 0;
}

static bool add(struct lines *lines, size_t *cap, const char *word)
{
    if (lines->cnt == *cap) {
        const char **list = realloc(lines->list, (*cap = 2 * *cap + 16) * sizeof *list);
        if (list == NULL)
            return false;
        lines->list = list;
    }
    lines->list[lines->cnt++] = word;
    return true;
}

static bool split(struct lines *lines, size_t len, char end)
{
    char *word = lines->text, *behind = word + len, *at;
    size_t cap = 0;

    for (; word < behind; word = at + 1) {
        at = memchr(word, end, (size_t) (behind - word));
        if (at == NULL)
            at = behind;
        *at = 0;
        if (at > word && !add(lines, &cap, word))
            return false;
    }
    return true;
}

bool lines_read(struct lines *lines, const char *path, bool nul)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    size_t len = 0;
    bool ok;

    *lines = (struct lines){0};
    ok = fd >= 0 && read_all(fd, &lines->text, &len);
    if (!ok)
        report_error(is_stdin ? "standard input" : path, "cannot be read: %s", strerror(errno));
    if (fd >= 0 && !is_stdin)
        close(fd);
    if (ok && !nul && memchr(lines->text, 0, len) != NULL) {
        report_error(path, "holds a byte of value 0, which no name does; --null is for names that end so");
        return false;
    }
    if (ok && !split(lines, len, nul ? 0 : '\n')) {
        report_error(NULL, "out of memory");
        return false;
    }
    return ok;
}

void lines_free(struct lines *lines)
{
    free(lines->list);
    free(lines->text);
    *lines = (struct lines){0};
}
