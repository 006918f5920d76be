// SPDX-License-Identifier: MIT
// source.c: a file, or standard input, that is read.
//
// A path is looked at before it is opened, and again after: what has come to lie there meanwhile is
// not waited for, since what should be a file is opened without blocking.
#include "source.h"

#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static enum verdict judge_plain(const struct source *src)
{
    const struct stat *st = &src->st;

    if (S_ISLNK(st->st_mode))
        return report_warning(src->name, "is left out: it is a symbolic link, which -f follows");
    if (st->st_nlink > 1)
        return report_warning(src->name, "is left out: it has %ju other names; -f takes it",
                              (uintmax_t) st->st_nlink - 1);
    if ((st->st_mode & (S_ISUID | S_ISGID | S_ISVTX)) != 0)
        return report_warning(src->name, "is left out: its %s bit is set; -f takes it",
                              (st->st_mode & S_ISUID) != 0   ? "set-user-ID"
                              : (st->st_mode & S_ISGID) != 0 ? "set-group-ID"
                                                             : "sticky");
    return VERDICT_FINE;
}

static enum verdict judge(const struct source *src, enum source_kind kind)
{
    mode_t mode = src->st.st_mode;

    if (S_ISDIR(mode))
        return report_warning(src->name, "is left out: it is a folder; `rove pack` takes it, and -r of compress, decompress "
                                         "and test what is in it");
    if (kind != SOURCE_ANY && !S_ISREG(mode) && !S_ISLNK(mode))
        return report_warning(src->name, "is left out: it is no regular file%s",
                              kind == SOURCE_INDEX ? ", as an index is" : "; -o and -c take it");
    return kind == SOURCE_PLAIN ? judge_plain(src) : VERDICT_FINE;
}

static enum verdict cannot(struct source *src)
{
    report_error(src->name, "cannot be read: %s", strerror(errno));
    source_close(src);
    return VERDICT_FAILED;
}

static enum verdict open_path(struct source *src, enum source_kind kind)
{
    int flags = O_RDONLY | O_NOCTTY | O_CLOEXEC | (kind == SOURCE_PLAIN ? O_NOFOLLOW : 0);
    enum verdict verdict;

    if ((kind == SOURCE_PLAIN ? lstat : stat)(src->path, &src->st) != 0)
        return cannot(src);
    verdict = judge(src, kind);
    if (verdict != VERDICT_FINE)
        return verdict;
    src->fd = open(src->path, flags | (S_ISREG(src->st.st_mode) ? O_NONBLOCK : 0));
    if (src->fd < 0 || fstat(src->fd, &src->st) != 0)
        return cannot(src);
    verdict = judge(src, kind);
    if (verdict != VERDICT_FINE)
        source_close(src);
    return verdict;
}

static enum verdict open_standard_input(struct source *src)
{
    enum verdict verdict;

    src->fd = STDIN_FILENO;
    if (fcntl(src->fd, F_GETFL) < 0 || fstat(src->fd, &src->st) != 0)
        return cannot(src);
    verdict = judge(src, SOURCE_ANY);
    if (verdict != VERDICT_FINE)
        source_close(src);
    return verdict;
}

enum verdict source_open(struct source *src, const char *path, enum source_kind kind)
{
    enum verdict verdict;
    enum rove_status status;

    *src = (struct source){.fd = -1, .name = "standard input"};
    if (strcmp(path, "-") != 0) {
        src->name = src->path = path;
        verdict = open_path(src, kind);
    } else {
        verdict = open_standard_input(src);
    }
    if (verdict != VERDICT_FINE)
        return verdict;
    status = device_stream(src->fd, false, NULL, &src->stream);
    if (status != ROVE_OK) {
        report_error(src->name, "cannot be read: %s", rove_status_text(status));
        source_close(src);
        return VERDICT_FAILED;
    }
    (void) posix_fadvise(src->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return VERDICT_FINE;
}

uint64_t source_size(const struct source *src)
{
    off_t at;

    if (!S_ISREG(src->st.st_mode))
        return 0;
    at = src->path == NULL ? lseek(src->fd, 0, SEEK_CUR) : 0;
    return at < 0 || at > src->st.st_size ? 0 : (uint64_t) (src->st.st_size - at);
}

static bool is_touched(const struct stat *was, const struct stat *now)
{
    return now->st_size != was->st_size || now->st_mtim.tv_sec != was->st_mtim.tv_sec ||
           now->st_mtim.tv_nsec != was->st_mtim.tv_nsec;
}

enum verdict source_settle(const struct source *src)
{
    const struct stat *was = &src->st;
    struct stat now;

    if (!S_ISREG(was->st_mode))
        return VERDICT_FINE;
    if (fstat(src->fd, &now) != 0)
        return report_warning(src->name, "cannot be examined again: %s", strerror(errno));
    if (now.st_size != was->st_size)
        return report_warning(src->name, "%s while it was read",
                              now.st_size < was->st_size ? "shrank" : "grew");
    if (is_touched(was, &now))
        return report_warning(src->name, "changed while it was read");
    return VERDICT_FINE;
}

enum verdict source_remove(const struct source *src)
{
    struct stat now;

    if (stat(src->path, &now) == 0 &&
        (now.st_dev != src->st.st_dev || now.st_ino != src->st.st_ino))
        return report_error(src->name, "is kept: it is another file than the one that was read");
    if (fstat(src->fd, &now) != 0 || is_touched(&src->st, &now)) // since it was settled
        return report_warning(src->name, "is kept: it changed after it was read");
    if (unlink(src->path) != 0)
        return report_error(src->name, "cannot be removed: %s", strerror(errno));
    return VERDICT_FINE;
}

void source_close(struct source *src)
{
    rove_stream_free(src->stream);
    src->stream = NULL;
    if (src->fd >= 0 && src->fd != STDIN_FILENO)
        close(src->fd);
    src->fd = -1;
}
