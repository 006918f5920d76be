// SPDX-License-Identifier: MIT
// tar.c: libarchive's writer onto a rope.
//
// The writer is told not to buffer, so that each piece it writes comes straight to on_write(): a
// header, the padding, or a file's data. Data is read into the very place in the rope where it will
// stay, and passes through the writer as a pointer:
//
//     file ──read()──> room in the rope's tail ──archive_write_data()──> on_write(): that pointer?
//                                                                        commit, nothing is copied
// A hole in a file, or what is missing of it, passes as a pointer to zeros, and becomes the zeros that
// ropes share: it takes neither time nor memory.
#include "tar.h"

#ifdef ROVE_HAVE_LIBARCHIVE

#include "memory.h"
#include "progress.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

struct tar {
    struct archive *out;
    struct archive *disk; // looks up names of users and groups, attributes and lists
    struct archive_entry *entry;
    struct rove_stream *sink;
    struct members *members;
    unsigned flags;
    uint64_t cnt;            // of members
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

static const uint8_t zeros[1 << 20];

// Passes on what the writer has written.
static enum rove_status put(const struct tar *tar, const void *buf, size_t len)
{
    enum rove_status status;
    uint64_t pos = 0;

    if (buf == tar->room)
        return rove_stream_commit(tar->sink, len);
    if (buf != zeros)
        return rove_stream_write(tar->sink, buf, len);
    status = rove_stream_tell(tar->sink, &pos);
    if (status == ROVE_OK)
        status = rove_stream_resize(tar->sink, pos + len);
    return status == ROVE_OK ? rove_stream_seek(tar->sink, 0, ROVE_FROM_END, NULL) : status;
}

// Never fails: libarchive does not give back all of its memory after a failure. Whoever writes looks
// at tar->status instead; after a failure nothing more reaches the sink.
static la_ssize_t on_write(struct archive *out, void *ctx, const void *buf, size_t len)
{
    struct tar *tar = ctx;

    (void) out;
    if (tar->status == ROVE_OK) {
        tar->status = put(tar, buf, len);
        tar->err = errno;
    }
    tar->room = NULL;
    return (la_ssize_t) len;
}

static bool tar_open(struct tar *tar)
{
    int leave = ARCHIVE_READDISK_NO_FFLAGS | ARCHIVE_READDISK_NO_SPARSE;

    leave |= (tar->flags & TAR_XATTRS) != 0 ? 0 : ARCHIVE_READDISK_NO_XATTR;
    leave |= (tar->flags & TAR_ACLS) != 0 ? 0 : ARCHIVE_READDISK_NO_ACL;
    archive_read_disk_set_standard_lookup(tar->disk);
    return archive_read_disk_set_behavior(tar->disk, leave) == ARCHIVE_OK &&
           archive_read_disk_set_symlink_physical(tar->disk) == ARCHIVE_OK &&
           archive_write_set_format_pax_restricted(tar->out) == ARCHIVE_OK &&
           archive_write_add_filter_none(tar->out) == ARCHIVE_OK &&
           archive_write_set_bytes_per_block(tar->out, 0) == ARCHIVE_OK &&
           archive_write_open(tar->out, tar, NULL, on_write, NULL) == ARCHIVE_OK;
}

struct tar *tar_new(struct rove_stream *sink, struct members *members, unsigned flags)
{
    struct tar *tar = calloc(1, sizeof *tar);

    if (tar == NULL) {
        report_error(NULL, "out of memory");
        return NULL;
    }
    tar->sink = sink;
    tar->members = members;
    tar->flags = flags;
    tar->out = archive_write_new();
    tar->disk = archive_read_disk_new();
    tar->entry = archive_entry_new();
    if (tar->out == NULL || tar->disk == NULL || tar->entry == NULL || !tar_open(tar)) {
        report_error(NULL, "no tar can be started: %s",
                     tar->out != NULL ? archive_error_string(tar->out) : "out of memory");
        tar_free(tar);
        return NULL;
    }
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

// Opens a file without following a link that was put there meanwhile, or waiting for a pipe. st is of
// the open file then.
static int open_file(struct walk_entry *from)
{
    int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, err;
    int fd = openat(from->dir, from->name, flags);

    if (fd >= 0 && fstat(fd, &from->st) == 0 && S_ISREG(from->st.st_mode))
        return fd;
    err = fd >= 0 && !S_ISREG(from->st.st_mode) ? ELOOP : errno;
    if (fd >= 0)
        close(fd);
    errno = err;
    return -1;
}

static enum verdict cannot_read(struct walk_entry *from)
{
    from->unread = true;
    // What open() and readlink() say of things of another kind.
    if (errno == ELOOP || errno == EINVAL || errno == ENXIO)
        return report_warning(from->path, "is left out: something else has taken its place");
    return report_warning(from->path, "cannot be read: %s", strerror(errno));
}

static bool set_target(struct archive_entry *e, const struct walk_entry *from)
{
    char target[PATH_MAX + 1];
    ssize_t len = readlinkat(from->dir, from->name, target, sizeof target);

    if (len < 0)
        return false;
    if ((size_t) len == sizeof target) {
        errno = ENAMETOOLONG;
        return false;
    }
    target[len] = 0;
    archive_entry_copy_symlink(e, target);
    return true;
}

// Whether lists cannot be read, of which libarchive says nothing. fd: -1 where only the path tells.
static bool hides_lists(const char *path, int fd)
{
    static const char *const names[] = {"system.posix_acl_access", "system.posix_acl_default"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ssize_t len =
            fd >= 0 ? fgetxattr(fd, names[i], NULL, 0) : getxattr(path, names[i], NULL, 0);
        if (len < 0 && errno != ENODATA && errno != ENOTSUP)
            return true;
    }
    return false;
}

// Attributes and lists, as far as they are asked for. Only regular files are open; what else there is
// is reached by a path that is short and follows no link.
static enum verdict set_extras(struct tar *tar, const struct walk_entry *from, int fd)
{
    char path[PATH_MAX + 32]; // more than any name

    if ((tar->flags & (TAR_XATTRS | TAR_ACLS)) == 0)
        return VERDICT_FINE;
    snprintf(path, sizeof path, "/proc/self/fd/%d/%s", from->dir, from->name);
    archive_entry_copy_sourcepath(tar->entry, from->dir == AT_FDCWD ? from->name : path);
    // A value that cannot be read leaves an error behind, but is no reason to fail.
    if (archive_read_disk_entry_from_file(tar->disk, tar->entry, fd, &from->st) != ARCHIVE_OK ||
        archive_errno(tar->disk) != 0)
        return report_warning(from->path, "comes without some of its attributes: %s",
                              archive_error_string(tar->disk));
    if ((tar->flags & TAR_ACLS) != 0 && !S_ISLNK(from->st.st_mode) &&
        hides_lists(archive_entry_sourcepath(tar->entry), fd))
        return report_warning(from->path, "comes without its access control lists: %s",
                              strerror(errno));
    return VERDICT_FINE;
}

// Fills tar->entry. target: of a link to another member, or NULL. Returns VERDICT_FAILED, with errno and
// without a report, when there is nothing to be stored.
static enum verdict describe(struct tar *tar, const struct walk_entry *from, int fd,
                             const char *target)
{
    struct archive_entry *e = archive_entry_clear(tar->entry);
    const struct stat *st = &from->st;
    enum verdict verdict = VERDICT_FINE;

    archive_entry_copy_pathname(e, tar_member_name(from->path));
    archive_entry_copy_stat(e, st);
    archive_entry_copy_uname(e, archive_read_disk_uname(tar->disk, st->st_uid));
    archive_entry_copy_gname(e, archive_read_disk_gname(tar->disk, st->st_gid));
    if (target == NULL)
        verdict = set_extras(tar, from, fd);
    // What changes by being looked at does not belong into a result that is always the same.
    archive_entry_unset_atime(e);
    archive_entry_unset_ctime(e);
    archive_entry_unset_birthtime(e);
    archive_entry_set_mtime(e, st->st_mtim.tv_sec, 0);
    if (!S_ISREG(st->st_mode) || target != NULL)
        archive_entry_set_size(e, 0);
    if (target != NULL)
        archive_entry_copy_hardlink(e, target);
    else if (S_ISLNK(st->st_mode) && !set_target(e, from))
        return VERDICT_FAILED;
    return verdict;
}

// Reads some of a file into the rope. Returns how many bytes, 0 at its end, -1 with errno when it
// cannot be read, or -2 when the tar is lost.
static ssize_t copy_some(struct tar *tar, int fd, uint64_t most)
{
    uint8_t *room;
    size_t len;
    ssize_t n;

    // Asking for 1 gives all that the tail chunk has left; for more, a new one could be begun.
    tar->status = rove_stream_reserve(tar->sink, 1, &room, &len);
    tar->err = errno;
    if (tar->status != ROVE_OK)
        return -2;
    do
        n = read(fd, room, len < most ? len : (size_t) most);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return n;
    tar->room = room;
    return archive_write_data(tar->out, room, (size_t) n) == n && tar->status == ROVE_OK ? n : -2;
}

// Returns false when the tar is lost.
static bool fill(struct tar *tar, uint64_t len)
{
    while (len > 0) {
        size_t n = len < sizeof zeros ? (size_t) len : sizeof zeros;
        if (archive_write_data(tar->out, zeros, n) != (la_ssize_t) n || tar->status != ROVE_OK)
            return false;
        len -= n;
    }
    return true;
}

// Looks for a hole at the file's cursor, and moves the cursor to its end. Returns its length, at most
// `left`; 0 where there is none, or where the file system knows of none.
static uint64_t skip_hole(int fd, uint64_t left)
{
    off_t at = lseek(fd, 0, SEEK_CUR), data = at < 0 ? -1 : lseek(fd, at, SEEK_DATA);

    if (data < 0)
        return at >= 0 && errno == ENXIO ? left : 0; // nothing but a hole up to the end
    return (uint64_t) (data - at) < left ? (uint64_t) (data - at) : left;
}

// Copies what the header has announced. left_out: bytes that did not come, and are zeros. err_out:
// why, or 0. Returns false when the tar is lost.
static bool copy_data(struct tar *tar, int fd, const struct stat *st, uint64_t *left_out,
                      int *err_out)
{
    uint64_t left = (uint64_t) st->st_size, pos;
    bool sparse = (uint64_t) st->st_blocks * 512 < left;
    ssize_t n = 1;

    *err_out = 0;
    while (left > 0 && n > 0) {
        uint64_t hole = sparse ? skip_hole(fd, left) : 0;
        if (!fill(tar, hole))
            return false;
        left -= hole;
        n = left > 0 ? copy_some(tar, fd, left) : 0;
        if (n == -2)
            return false;
        *err_out = n < 0 ? errno : 0;
        left -= n > 0 ? (uint64_t) n : 0;
        if (rove_stream_tell(tar->sink, &pos) == ROVE_OK)
            progress_at(pos);
    }
    *left_out = left;
    return fill(tar, left);
}

// What the system makes up as it is read, /proc for one, is of size 0 and holds something all the same.
static enum verdict judge_empty(int fd, const struct walk_entry *from)
{
    char byte;
    ssize_t n;

    do
        n = read(fd, &byte, 1);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return report_warning(from->path, "cannot be read: %s; it is empty in the tar",
                              strerror(errno));
    if (n > 0)
        return report_warning(from->path, "holds more than its size tells; it is empty in the tar");
    return VERDICT_FINE;
}

// A file that is written to while it is read: its size in the tar's header holds, whatever comes.
static enum verdict judge(int fd, const struct walk_entry *from, uint64_t left, int err)
{
    const struct stat *was = &from->st;
    struct stat now;

    if (err != 0)
        return report_warning(from->path,
                              "cannot be read to its end: %s; the rest is zeros in the tar",
                              strerror(err));
    if (fstat(fd, &now) != 0)
        return report_warning(from->path, "cannot be examined again: %s", strerror(errno));
    if (left > 0 || now.st_size < was->st_size)
        return report_warning(from->path, "shrank while it was read; the rest is zeros in the tar");
    if (now.st_size != was->st_size || now.st_mtim.tv_sec != was->st_mtim.tv_sec ||
        now.st_mtim.tv_nsec != was->st_mtim.tv_nsec)
        return report_warning(from->path, "changed while it was read");
    return was->st_size == 0 ? judge_empty(fd, from) : VERDICT_FINE;
}

// Writes the header in tar->entry, and the data of the file, if it has any.
static enum verdict write_member(struct tar *tar, int fd, const struct walk_entry *from)
{
    uint64_t left;
    int rc, err;

    rc = archive_write_header(tar->out, tar->entry);
    if (rc == ARCHIVE_FATAL || tar->status != ROVE_OK)
        return lost(tar);
    if (rc < ARCHIVE_WARN)
        return report_warning(from->path, "is left out: %s", archive_error_string(tar->out));
    if (!members_add(tar->members, tar_member_name(from->path), &from->st))
        return report_error(NULL, "out of memory");
    tar->cnt++;
    if (fd < 0)
        return VERDICT_FINE;
    if (!copy_data(tar, fd, &from->st, &left, &err))
        return lost(tar);
    return judge(fd, from, left, err);
}

// target: of a link to another member, or NULL.
static enum verdict add(struct tar *tar, struct walk_entry *from, const char *target)
{
    enum verdict verdict;
    int fd = -1;

    if (S_ISREG(from->st.st_mode) && target == NULL) {
        fd = open_file(from);
        if (fd < 0)
            return cannot_read(from);
    }
    verdict = describe(tar, from, fd, target);
    if (verdict == VERDICT_FAILED)
        verdict = cannot_read(from);
    else
        verdict = verdict_worse(verdict, write_member(tar, fd, from));
    if (fd >= 0)
        close(fd);
    return verdict;
}

enum verdict tar_add(struct tar *tar, struct walk_entry *entry)
{
    const char *name = tar_member_name(entry->path), *other;
    enum member_kind kind;

    if (S_ISSOCK(entry->st.st_mode))
        return report_warning(entry->path, "is a socket, which a tar cannot hold");
    if (!members_find(tar->members, name, &entry->st, &kind, &other))
        return report_error(NULL, "out of memory");
    if (kind == MEMBER_SAME) {
        report_notice(entry->path, "is in the tar already");
        return VERDICT_FINE;
    }
    if (kind == MEMBER_BELOW) {
        entry->enter = false;
        return report_warning(entry->path, "is left out: what it lies in is no folder in the tar");
    }
    if (kind == MEMBER_TAKEN) {
        entry->enter = false;
        return report_warning(entry->path, "is left out: another file has its name in the tar, %s",
                              name);
    }
    return add(tar, entry, other);
}

uint64_t tar_count(const struct tar *tar)
{
    return tar->cnt;
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
    if (tar->disk != NULL)
        archive_read_free(tar->disk);
    archive_entry_free(tar->entry);
    free(tar);
}

#else

// Built without libarchive: `rove pack` says so and does nothing.

#include <stddef.h>

bool tar_built(void)
{
    return false;
}

struct tar *tar_new(struct rove_stream *sink, struct members *members, unsigned flags)
{
    (void) sink;
    (void) members;
    (void) flags;
    return NULL;
}

enum verdict tar_add(struct tar *tar, struct walk_entry *entry)
{
    (void) tar;
    (void) entry;
    return VERDICT_FAILED;
}

uint64_t tar_count(const struct tar *tar)
{
    (void) tar;
    return 0;
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
