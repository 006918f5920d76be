// SPDX-License-Identifier: MIT
// tar.c: libarchive's writer onto a rope.
//
// The writer is told not to buffer, so that each piece it writes comes straight to on_write(): a
// header, the padding, or a file's data. Data is read into the very place in the rope where it will
// stay, and passes through the writer as a pointer:
//
//     file ──read()──> room in the rope's tail ──archive_write_data()──> on_write(): that pointer?
//                                                                        commit, nothing is copied
#include "tar.h"

#ifdef ROVE_HAVE_LIBARCHIVE

#include "memory.h"
#include "progress.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct tar {
    struct archive *out;
    struct archive *names; // looks up names of users and groups
    struct archive_entry *entry;
    struct archive_entry_linkresolver *links;
    struct rove_stream *sink;
    const void *room;        // data that on_write() finds in place already, or NULL
    enum rove_status status; // the first failure of the sink …
    int err;                 // … and its errno
};

bool tar_built(void)
{
    return true;
}

const char *tar_member_name(const char *path)
{
    const char *name = path;

    for (const char *p = path; *p != 0;) {
        size_t len = strcspn(p, "/");
        size_t slashes = strspn(p + len, "/");
        bool out = len == 0 || (len == 2 && p[0] == '.' && p[1] == '.');
        p += len + slashes;
        if (out)
            name = p;
    }
    return *name != 0 ? name : ".";
}

// Never fails: libarchive does not give back all of its memory after a failure. Whoever writes looks
// at tar->status instead; after a failure nothing more reaches the sink.
static la_ssize_t on_write(struct archive *out, void *ctx, const void *buf, size_t len)
{
    struct tar *tar = ctx;

    (void) out;
    if (tar->status == ROVE_OK) {
        tar->status = buf == tar->room ? rove_stream_commit(tar->sink, len)
                                       : rove_stream_write(tar->sink, buf, len);
        tar->err = errno;
    }
    tar->room = NULL;
    return (la_ssize_t) len;
}

static bool tar_open(struct tar *tar)
{
    return archive_write_set_format_pax_restricted(tar->out) == ARCHIVE_OK &&
           archive_write_add_filter_none(tar->out) == ARCHIVE_OK &&
           archive_write_set_bytes_per_block(tar->out, 0) == ARCHIVE_OK &&
           archive_write_open(tar->out, tar, NULL, on_write, NULL) == ARCHIVE_OK;
}

struct tar *tar_new(struct rove_stream *sink)
{
    struct tar *tar = calloc(1, sizeof *tar);

    if (tar == NULL) {
        report_error(NULL, "out of memory");
        return NULL;
    }
    tar->sink = sink;
    tar->out = archive_write_new();
    tar->names = archive_read_disk_new();
    tar->entry = archive_entry_new();
    tar->links = archive_entry_linkresolver_new();
    if (tar->out == NULL || tar->names == NULL || tar->entry == NULL || tar->links == NULL ||
        !tar_open(tar)) {
        report_error(NULL, "no tar can be started: %s",
                     tar->out != NULL ? archive_error_string(tar->out) : "out of memory");
        tar_free(tar);
        return NULL;
    }
    archive_read_disk_set_standard_lookup(tar->names);
    archive_entry_linkresolver_set_strategy(tar->links, archive_format(tar->out));
    return tar;
}

// members ----------------------------------------------------------------------------------------

// The tar is lost: says why in words that help.
static enum verdict lost(struct tar *tar)
{
    const char *why = archive_error_string(tar->out);

    if (memory_blame(tar->status, tar->err))
        return VERDICT_FAILED;
    if (tar->status != ROVE_OK)
        return report_error(NULL, "the tar cannot be made: %s", rove_status_text(tar->status));
    return report_error(NULL, "the tar cannot be made: %s", why != NULL ? why : "unknown cause");
}

// Opens a file without following a link that was put there meanwhile, or waiting for a pipe.
static int open_file(const char *path, struct stat *st)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0)
        return -1;
    if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
        return fd;
    close(fd);
    errno = EBUSY; // it was a file a moment ago
    return -1;
}

static bool describe(struct tar *tar, const char *path, const struct stat *st)
{
    struct archive_entry *e = archive_entry_clear(tar->entry);
    char target[PATH_MAX];
    ssize_t len;

    archive_entry_copy_stat(e, st);
    archive_entry_copy_pathname(e, tar_member_name(path));
    archive_entry_copy_uname(e, archive_read_disk_uname(tar->names, st->st_uid));
    archive_entry_copy_gname(e, archive_read_disk_gname(tar->names, st->st_gid));
    // What changes by being looked at does not belong into a result that is always the same.
    archive_entry_unset_atime(e);
    archive_entry_unset_ctime(e);
    archive_entry_unset_birthtime(e);
    if (!S_ISREG(st->st_mode))
        archive_entry_set_size(e, 0);
    if (!S_ISLNK(st->st_mode))
        return true;
    len = readlink(path, target, sizeof target - 1);
    if (len < 0)
        return false;
    target[len] = 0;
    archive_entry_copy_symlink(e, target);
    return true;
}

// Reads into the rope. left_out: bytes that did not come. Returns false when the tar is lost.
static bool copy_data(struct tar *tar, int fd, uint64_t *left_out, int *err_out)
{
    uint64_t left = (uint64_t) archive_entry_size(tar->entry), pos;

    *err_out = 0;
    while (left > 0) {
        uint8_t *room;
        size_t len;
        ssize_t n;
        // Asking for 1 gives all that the tail chunk has left; for more, a new one could be begun.
        tar->status = rove_stream_reserve(tar->sink, 1, &room, &len);
        tar->err = errno;
        if (tar->status != ROVE_OK)
            return false;
        n = read(fd, room, len < left ? len : (size_t) left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            *err_out = n < 0 ? errno : 0;
            break;
        }
        tar->room = room;
        if (archive_write_data(tar->out, room, (size_t) n) != n || tar->status != ROVE_OK)
            return false;
        left -= (uint64_t) n;
        if (rove_stream_tell(tar->sink, &pos) == ROVE_OK)
            progress_at(pos);
    }
    *left_out = left;
    return true;
}

// A file that is written to while it is read: its size in the tar's header holds, whatever comes.
static enum verdict judge(int fd, const char *path, const struct stat *before, uint64_t left,
                          int err)
{
    struct stat now;

    if (err != 0)
        return report_warning(path, "cannot be read to its end: %s; the rest is zeros in the tar",
                              strerror(err));
    if (left > 0)
        return report_warning(path, "shrank while it was read; the rest is zeros in the tar");
    if (fstat(fd, &now) == 0 &&
        (now.st_size != before->st_size || now.st_mtim.tv_sec != before->st_mtim.tv_sec ||
         now.st_mtim.tv_nsec != before->st_mtim.tv_nsec))
        return report_warning(path, "changed while it was read");
    return VERDICT_FINE;
}

// Writes the header in tar->entry, and the data of the file, if it has any.
static enum verdict write_member(struct tar *tar, int fd, const char *path, const struct stat *st)
{
    struct archive_entry *unused = NULL;
    uint64_t left;
    int rc, err;

    archive_entry_linkify(tar->links, &tar->entry, &unused);
    rc = archive_write_header(tar->out, tar->entry);
    if (rc == ARCHIVE_FATAL || tar->status != ROVE_OK)
        return lost(tar);
    if (rc < ARCHIVE_WARN)
        return report_warning(path, "is left out: %s", archive_error_string(tar->out));
    if (fd < 0 || archive_entry_hardlink(tar->entry) != NULL)
        return VERDICT_FINE;
    if (!copy_data(tar, fd, &left, &err))
        return lost(tar);
    return judge(fd, path, st, left, err);
}

enum verdict tar_add(struct tar *tar, const char *path, const struct stat *st)
{
    struct stat own = *st;
    enum verdict verdict;
    int fd = -1;

    if (S_ISSOCK(st->st_mode))
        return report_warning(path, "is a socket, which a tar cannot hold");
    if (S_ISREG(st->st_mode)) {
        fd = open_file(path, &own);
        if (fd < 0)
            return report_warning(path, "cannot be read: %s", strerror(errno));
    }
    if (describe(tar, path, &own))
        verdict = write_member(tar, fd, path, &own);
    else
        verdict = report_warning(path, "cannot be read: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return verdict;
}

bool tar_finish(struct tar *tar, bool end)
{
    bool ok = archive_write_finish_entry(tar->out) == ARCHIVE_OK && tar->status == ROVE_OK;
    uint64_t len = 0;

    if (ok)
        tar->status = rove_stream_tell(tar->sink, &len);
    // Closing writes the blocks at the end; there is no other way to make libarchive let go of all.
    ok = archive_write_close(tar->out) == ARCHIVE_OK && ok;
    if (ok && tar->status == ROVE_OK && !end) {
        tar->status = rove_stream_truncate(tar->sink, len);
        tar->err = errno;
    }
    if (ok && tar->status == ROVE_OK)
        return true;
    lost(tar);
    return false;
}

void tar_free(struct tar *tar)
{
    if (tar == NULL)
        return;
    if (tar->out != NULL)
        archive_write_free(tar->out);
    if (tar->names != NULL)
        archive_read_free(tar->names);
    archive_entry_free(tar->entry);
    archive_entry_linkresolver_free(tar->links);
    free(tar);
}

#else

// Built without libarchive: `rove pack` says so and does nothing.

#include <stddef.h>

bool tar_built(void)
{
    return false;
}

struct tar *tar_new(struct rove_stream *sink)
{
    (void) sink;
    return NULL;
}

enum verdict tar_add(struct tar *tar, const char *path, const struct stat *st)
{
    (void) tar;
    (void) path;
    (void) st;
    return VERDICT_FAILED;
}

bool tar_finish(struct tar *tar, bool end)
{
    (void) tar;
    (void) end;
    return false;
}

void tar_free(struct tar *tar)
{
    (void) tar;
}

const char *tar_member_name(const char *path)
{
    return path;
}

#endif
