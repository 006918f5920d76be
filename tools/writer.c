// SPDX-License-Identifier: MIT
// writer.c: libarchive's writer onto a rope.
//
// The writer is told not to buffer, so that each piece it writes comes straight to on_write(): a
// header, the padding, or a file's data. Data is read into the very place in the rope where it will
// stay, and passes through the writer as a pointer:
//
//     file ──read()──> room in the rope's tail ──archive_write_data()──> on_write(): that pointer?
//                                                                        commit, nothing is copied
// A hole in a file, or what is missing of it, passes as a pointer to zeros, and becomes the zeros that
// ropes share: it takes neither time nor memory. Where an archive goes on in its outlet, they are written.
//
// A kind that codes its members writes while it still reads what it was given: that is read elsewhere.
#include "writer.h"

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

#define CODED_LEN ((size_t) 64 << 10) // given at once to a kind that codes
#define HELD_LEN ((uint64_t) 1 << 20) // from here on the outlet is asked

struct writer {
    const struct writer_how *how;
    struct archive *out;
    struct archive *disk; // looks up names of users and groups, attributes and lists
    struct archive_entry *entry;
    struct rove_stream *sink;
    bool let_out; // the sink is what the outlet gave
    struct members *members;
    uint8_t *buf;            // of a kind that codes, else NULL
    uint64_t cnt;            // of members
    const void *room;        // data that on_write() finds in place already, or NULL
    enum rove_status status; // the first failure of the sink …
    int err;                 // … and its errno
};

bool writer_built(void)
{
    return true;
}

const char *writer_member_name(const char *path)
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
static enum rove_status put(const struct writer *w, const void *buf, size_t len)
{
    enum rove_status status;
    uint64_t pos = 0;

    if (buf == w->room)
        return rove_stream_commit(w->sink, len);
    if (buf != zeros || w->let_out)
        return rove_stream_write(w->sink, buf, len);
    status = rove_stream_tell(w->sink, &pos);
    if (status == ROVE_OK)
        status = rove_stream_resize(w->sink, pos + len);
    return status == ROVE_OK ? rove_stream_seek(w->sink, 0, ROVE_FROM_END, NULL) : status;
}

// Never fails: libarchive does not give back all of its memory after a failure. Whoever writes looks
// at w->status instead; after a failure nothing more reaches the sink.
static la_ssize_t on_write(struct archive *out, void *ctx, const void *buf, size_t len)
{
    struct writer *w = ctx;

    (void) out;
    if (w->status == ROVE_OK) {
        w->status = put(w, buf, len);
        w->err = errno;
    }
    w->room = NULL;
    return (la_ssize_t) len;
}

// The kind's own codec takes a level as libarchive wants it, in a text.
static bool set_level(const struct writer *w)
{
    char level[2] = {(char) ('0' + w->how->level), 0};

    return w->how->level < 0 || archive_write_set_format_option(w->out, NULL, "compression-level", level) == ARCHIVE_OK;
}

static bool writer_open(struct writer *w)
{
    int leave = ARCHIVE_READDISK_NO_FFLAGS | ARCHIVE_READDISK_NO_SPARSE;

    leave |= w->how->xattrs ? 0 : ARCHIVE_READDISK_NO_XATTR;
    leave |= w->how->acls ? 0 : ARCHIVE_READDISK_NO_ACL;
    archive_read_disk_set_standard_lookup(w->disk);
    return archive_read_disk_set_behavior(w->disk, leave) == ARCHIVE_OK &&
           archive_read_disk_set_symlink_physical(w->disk) == ARCHIVE_OK &&
           w->how->kind->set(w->out) == ARCHIVE_OK && set_level(w) &&
           archive_write_add_filter_none(w->out) == ARCHIVE_OK &&
           archive_write_set_bytes_per_block(w->out, 0) == ARCHIVE_OK &&
           archive_write_open(w->out, w, NULL, on_write, NULL) == ARCHIVE_OK;
}

struct writer *writer_new(struct rove_stream *sink, struct members *members, const struct writer_how *how)
{
    struct writer *w = calloc(1, sizeof *w);

    if (w == NULL) {
        report_error(NULL, "out of memory");
        return NULL;
    }
    w->sink = sink;
    w->members = members;
    w->how = how;
    w->buf = how->kind->codes ? malloc(CODED_LEN) : NULL;
    w->out = archive_write_new();
    w->disk = archive_read_disk_new();
    w->entry = archive_entry_new();
    if (w->out == NULL || w->disk == NULL || w->entry == NULL ||
        (how->kind->codes && w->buf == NULL) || !writer_open(w)) {
        const char *why = w->out != NULL ? archive_error_string(w->out) : NULL;
        report_error(NULL, "no archive can be started: %s", why != NULL ? why : "out of memory");
        writer_free(w);
        return NULL;
    }
    return w;
}

// members ----------------------------------------------------------------------------------------

// The archive is lost: says why in words that help.
static enum verdict lost(struct writer *w)
{
    const char *why = archive_error_string(w->out);

    if (w->sink == NULL) // said by the outlet
        return VERDICT_FAILED;
    if (w->status != ROVE_OK && w->let_out) {
        w->how->outlet.blame(w->how->outlet.ctx, w->status, w->err);
        return VERDICT_FAILED;
    }
    if (memory_blame(w->status, w->err))
        return VERDICT_FAILED;
    if (w->status != ROVE_OK)
        return report_error(NULL, "the archive cannot be made: %s", rove_status_text(w->status));
    return report_error(NULL, "the archive cannot be made: %s", why != NULL ? why : "unknown cause");
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
static enum verdict set_extras(struct writer *w, const struct walk_entry *from, int fd)
{
    char path[PATH_MAX + 32]; // more than any name

    if (!w->how->xattrs && !w->how->acls)
        return VERDICT_FINE;
    snprintf(path, sizeof path, "/proc/self/fd/%d/%s", from->dir, from->name);
    archive_entry_copy_sourcepath(w->entry, from->dir == AT_FDCWD ? from->name : path);
    // A value that cannot be read leaves an error behind, but is no reason to fail.
    if (archive_read_disk_entry_from_file(w->disk, w->entry, fd, &from->st) != ARCHIVE_OK ||
        archive_errno(w->disk) != 0)
        return report_warning(from->path, "comes without some of its attributes: %s",
                              archive_error_string(w->disk));
    if (w->how->acls && !S_ISLNK(from->st.st_mode) &&
        hides_lists(archive_entry_sourcepath(w->entry), fd))
        return report_warning(from->path, "comes without its access control lists: %s",
                              strerror(errno));
    return VERDICT_FINE;
}

// What the caller wants instead of what the file has.
static void set_attrs(struct archive_entry *e, const struct attrs *a, const struct stat *st)
{
    archive_entry_set_mtime(e, attrs_mtime(a, st), 0);
    if (a->mode != NULL) // else it is there already, and an access control list has its say in it
        archive_entry_set_mode(e, attrs_mode(a, st));
    if (a->has_uid) {
        archive_entry_set_uid(e, a->uid);
        archive_entry_copy_uname(e, a->user);
    }
    if (a->has_gid) {
        archive_entry_set_gid(e, a->gid);
        archive_entry_copy_gname(e, a->group);
    }
    if (a->numeric) {
        archive_entry_copy_uname(e, "");
        archive_entry_copy_gname(e, "");
    }
}

// libarchive would write the low bits of a time for which there is no room, or 0, and say nothing.
static enum verdict fit_time(struct archive_entry *e, const struct kind *kind, const char *path)
{
    int64_t at = archive_entry_mtime(e), held = at < 0 ? 0 : at > kind->last ? kind->last : at;

    if (kind->last == 0 || held == at)
        return VERDICT_FINE;
    archive_entry_set_mtime(e, held, 0);
    return report_warning(path, "comes with the time @%jd, the nearest that %s can hold", (intmax_t) held, kind->name);
}

// Numbers by which a reader knows a file that comes again. Those of the disk may be larger than the field, and would
// not be the same for a copy. Readers forget a file when as many names as it is said to have were seen: what comes then
// would be a file of its own, and empty.
static void set_number(struct archive_entry *e, const struct stat *st, uint64_t nth)
{
    archive_entry_set_dev(e, 0);
    archive_entry_set_ino64(e, (la_int64_t) nth);
    archive_entry_set_nlink(e, S_ISDIR(st->st_mode) ? 2 : (unsigned) st->st_nlink);
}

// Fills w->entry. at: what it is, or links to. Returns VERDICT_FAILED, with errno and without a report, when
// there is nothing to be stored.
static enum verdict describe(struct writer *w, const struct walk_entry *from, int fd,
                             const struct member_found *at)
{
    const char *target = at->other;
    struct archive_entry *e = archive_entry_clear(w->entry);
    const struct stat *st = &from->st;
    enum verdict verdict = VERDICT_FINE;

    archive_entry_copy_pathname(e, writer_member_name(from->path));
    archive_entry_copy_stat(e, st);
    archive_entry_copy_uname(e, archive_read_disk_uname(w->disk, st->st_uid));
    archive_entry_copy_gname(e, archive_read_disk_gname(w->disk, st->st_gid));
    if (target == NULL)
        verdict = set_extras(w, from, fd);
    // What changes by being looked at does not belong into a result that is always the same.
    archive_entry_unset_atime(e);
    archive_entry_unset_ctime(e);
    archive_entry_unset_birthtime(e);
    set_attrs(e, &w->how->attrs, st);
    verdict = verdict_worse(verdict, fit_time(e, w->how->kind, from->path));
    if (w->how->kind->numbers)
        set_number(e, st, at->nth);
    if (!S_ISREG(st->st_mode) || target != NULL)
        archive_entry_set_size(e, 0);
    if (target != NULL)
        archive_entry_copy_hardlink(e, target);
    else if (S_ISLNK(st->st_mode) && !set_target(e, from))
        return VERDICT_FAILED;
    return verdict;
}

// Reads some of a file into the rope, or what stands before it. Returns how many bytes, 0 at its end, -1 with
// errno when it cannot be read, or -2 when the archive is lost.
static ssize_t copy_some(struct writer *w, int fd, uint64_t most)
{
    uint8_t *room = w->buf;
    size_t len = CODED_LEN;
    ssize_t n;

    // Asking for 1 gives all that the tail chunk has left; for more, a new one could be begun.
    if (room == NULL) {
        w->status = rove_stream_reserve(w->sink, 1, &room, &len);
        w->err = errno;
    }
    if (w->status != ROVE_OK)
        return -2;
    do
        n = read(fd, room, len < most ? len : (size_t) most);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return n;
    w->room = w->buf == NULL ? room : NULL;
    return archive_write_data(w->out, room, (size_t) n) == n && w->status == ROVE_OK ? n : -2;
}

// Returns false when the archive is lost.
static bool fill(struct writer *w, uint64_t len)
{
    while (len > 0) {
        size_t n = len < sizeof zeros ? (size_t) len : sizeof zeros;
        if (archive_write_data(w->out, zeros, n) != (la_ssize_t) n || w->status != ROVE_OK)
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

// Says how far the archive has come, and lets it go on elsewhere when it is long. Between two pieces that are whole: nothing
// of it is changed any more. Returns false when the archive is lost.
static bool let_out(struct writer *w)
{
    const struct writer_outlet *outlet = &w->how->outlet;
    struct rove_stream *to;
    uint64_t pos;

    if (rove_stream_tell(w->sink, &pos) != ROVE_OK)
        return true;
    progress_at(pos);
    if (outlet->open == NULL || w->let_out || pos < HELD_LEN)
        return true;
    to = outlet->open(outlet->ctx, w->sink);
    w->let_out = to != w->sink;
    w->sink = to;
    if (to == NULL) // nothing more reaches it
        w->status = ROVE_E_CLOSED;
    return to != NULL;
}

// Copies what the header has announced. left_out: bytes that did not come, and are zeros. err_out:
// why, or 0. Returns false when the archive is lost.
static bool copy_data(struct writer *w, int fd, const struct stat *st, uint64_t *left_out,
                      int *err_out)
{
    uint64_t left = (uint64_t) st->st_size;
    bool sparse = (uint64_t) st->st_blocks * 512 < left;
    ssize_t n = 1;

    *err_out = 0;
    while (left > 0 && n > 0) {
        uint64_t hole = sparse ? skip_hole(fd, left) : 0;
        if (!fill(w, hole))
            return false;
        left -= hole;
        n = left > 0 ? copy_some(w, fd, left) : 0;
        if (n == -2)
            return false;
        *err_out = n < 0 ? errno : 0;
        left -= n > 0 ? (uint64_t) n : 0;
        if (!let_out(w))
            return false;
    }
    *left_out = left;
    return fill(w, left);
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
        return report_warning(from->path, "cannot be read: %s; it is empty in the archive",
                              strerror(errno));
    if (n > 0)
        return report_warning(from->path, "holds more than its size tells; it is empty in the archive");
    return VERDICT_FINE;
}

// A file that is written to while it is read: its size in the header holds, whatever comes.
static enum verdict judge(int fd, const struct walk_entry *from, uint64_t left, int err)
{
    const struct stat *was = &from->st;
    struct stat now;

    if (err != 0)
        return report_warning(from->path,
                              "cannot be read to its end: %s; the rest is zeros in the archive",
                              strerror(err));
    if (fstat(fd, &now) != 0)
        return report_warning(from->path, "cannot be examined again: %s", strerror(errno));
    if (left > 0 || now.st_size < was->st_size)
        return report_warning(from->path, "shrank while it was read; the rest is zeros in the archive");
    if (now.st_size != was->st_size || now.st_mtim.tv_sec != was->st_mtim.tv_sec ||
        now.st_mtim.tv_nsec != was->st_mtim.tv_nsec)
        return report_warning(from->path, "changed while it was read");
    return was->st_size == 0 ? judge_empty(fd, from) : VERDICT_FINE;
}

// Writes the header in w->entry, and the data of the file, if it has any.
static enum verdict write_member(struct writer *w, int fd, const struct walk_entry *from)
{
    uint64_t left;
    int rc, err;

    rc = archive_write_header(w->out, w->entry);
    if (rc == ARCHIVE_FATAL || w->status != ROVE_OK)
        return lost(w);
    if (rc < ARCHIVE_WARN)
        return report_warning(from->path, "is left out: %s", archive_error_string(w->out));
    if (!members_add(w->members, writer_member_name(from->path), &from->st))
        return report_error(NULL, "out of memory");
    w->cnt++;
    if (fd < 0)
        return let_out(w) ? VERDICT_FINE : lost(w);
    if (!copy_data(w, fd, &from->st, &left, &err) || !let_out(w))
        return lost(w);
    return judge(fd, from, left, err);
}

static enum verdict add(struct writer *w, struct walk_entry *from, const struct member_found *at)
{
    enum verdict verdict;
    int fd = -1;

    if (S_ISREG(from->st.st_mode) && at->other == NULL) {
        fd = open_file(from);
        if (fd < 0)
            return cannot_read(from);
    }
    verdict = describe(w, from, fd, at);
    if (verdict == VERDICT_FAILED)
        verdict = cannot_read(from);
    else
        verdict = verdict_worse(verdict, write_member(w, fd, from));
    if (fd >= 0)
        close(fd);
    return verdict;
}

static bool is_text(const char *name)
{
    while (*name != 0 && report_character(name) > 0)
        name += report_character(name);
    return *name == 0;
}

enum verdict writer_add(struct writer *w, struct walk_entry *entry)
{
    const char *name = writer_member_name(entry->path);
    struct member_found found;

    if (S_ISSOCK(entry->st.st_mode))
        return report_warning(entry->path, "is a socket, which an archive cannot hold");
    if (w->how->kind->texts && !is_text(name)) {
        entry->enter = false;
        return report_warning(entry->path, "is left out: its name is no UTF-8, as a %s wants it", w->how->kind->name);
    }
    if (!members_find(w->members, name, &entry->st, &found))
        return report_error(NULL, "out of memory");
    if (found.kind == MEMBER_SAME) {
        entry->enter = false; // what is in it has come with it
        report_notice(entry->path, "is in the archive already");
        return VERDICT_FINE;
    }
    if (found.kind == MEMBER_BELOW) {
        entry->enter = false;
        return report_warning(entry->path, "is left out: what it lies in is no folder in the archive");
    }
    if (found.kind == MEMBER_TAKEN) {
        entry->enter = false;
        return report_warning(entry->path, "is left out: another file has its name in the archive, %s",
                              name);
    }
    // It comes again, with its data. So does a symbolic link of a cpio, which keeps with each name where it points.
    if (!w->how->kind->links || (w->how->kind->numbers && S_ISLNK(entry->st.st_mode)))
        found.other = NULL;
    return add(w, entry, &found);
}

uint64_t writer_count(const struct writer *w)
{
    return w->cnt;
}

bool writer_finish(struct writer *w, bool end)
{
    bool ok = archive_write_finish_entry(w->out) == ARCHIVE_OK && w->status == ROVE_OK;
    uint64_t len = 0;

    if (ok)
        w->status = rove_stream_tell(w->sink, &len);
    // Closing writes the blocks at the end; there is no other way to make libarchive let go of all.
    ok = archive_write_close(w->out) == ARCHIVE_OK && ok;
    if (ok && w->status == ROVE_OK && !end) {
        w->status = rove_stream_truncate(w->sink, len);
        w->err = errno;
    }
    if (ok && w->status == ROVE_OK)
        return true;
    lost(w);
    return false;
}

void writer_free(struct writer *w)
{
    if (w == NULL)
        return;
    if (w->out != NULL)
        archive_write_free(w->out);
    if (w->disk != NULL)
        archive_read_free(w->disk);
    archive_entry_free(w->entry);
    free(w->buf);
    free(w);
}

#endif
