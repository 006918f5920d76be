// SPDX-License-Identifier: MIT
// lines.c: a file that lists words, one a line.
#include "lines.h"

#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What is read of a file.
struct text {
    char *bytes;
    size_t cap, len;
    size_t word; // where the last word begins, which may go on
};

// Returns what is wrong with the words read so far, or NULL.
static const char *find_fault(struct text *t, bool nul)
{
    const char *word = t->bytes + t->word, *behind = t->bytes + t->len, *at;
    const char *fault = NULL;

    if (!nul && memchr(word, 0, (size_t) (behind - word)) != NULL)
        return "holds a byte of value 0, which no name does; --null is for names that end so";
    while (fault == NULL && (at = memchr(word, nul ? 0 : '\n', (size_t) (behind - word))) != NULL) {
        if (nul && at == word)
            fault = "holds an empty name";
        if (at - word >= PATH_MAX)
            fault = "holds what is longer than a name can be";
        word = at + 1;
    }
    if (behind - word >= PATH_MAX)
        fault = "holds what is longer than a name can be";
    t->word = (size_t) (word - t->bytes);
    return fault;
}

// Reads what is there, and leaves room for a byte behind it. Returns what read() does.
static ssize_t read_some(struct text *t, int fd)
{
    ssize_t n;

    if (t->cap - t->len < 2) {
        char *bytes = realloc(t->bytes, t->cap = 2 * t->cap + 4096);
        if (bytes == NULL)
            return -1;
        t->bytes = bytes;
    }
    do
        n = read(fd, t->bytes + t->len, t->cap - t->len - 1);
    while (n < 0 && errno == EINTR);
    t->len += n > 0 ? (size_t) n : 0;
    return n;
}

// Reads all there is, and puts a byte of value 0 behind it. What cannot be a list of names is told at once: a device may
// have no end.
static bool read_all(struct text *t, int fd, bool nul, const char *name)
{
    const char *fault = NULL;
    ssize_t n = 1;

    while (n > 0 && fault == NULL) {
        n = read_some(t, fd);
        if (n > 0)
            fault = find_fault(t, nul);
    }
    if (fault != NULL)
        report_error(name, "%s", fault);
    else if (n < 0)
        report_error(name, "cannot be read: %s", strerror(errno));
    else
        t->bytes[t->len] = 0;
    return n == 0 && fault == NULL;
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
    const char *name = is_stdin ? "standard input" : path;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct text text = {0};
    bool ok;

    *lines = (struct lines){0};
    if (fd < 0)
        return report_error(name, "cannot be read: %s", strerror(errno)) == VERDICT_FINE;
    ok = read_all(&text, fd, nul, name);
    lines->text = text.bytes;
    if (!is_stdin)
        close(fd);
    if (ok && !split(lines, text.len, nul ? 0 : '\n')) {
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
