// SPDX-License-Identifier: MIT
// output.c: temporary file, fsync, rename; and the questions to ask before any work is done.
#include "output.h"

#include "report.h"
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#define TEMP_NAME ".rove-XXXXXX"
#define LINKS_MAX 8 // followed in search of a descriptor

static bool fail(const struct output *out, const char *what)
{
    report_error(out->name, "%s: %s", what, strerror(errno));
    return false;
}

static bool refuse_terminal(const struct output *out, int fd)
{
    if ((out->flags & OUTPUT_CODED) == 0 || (out->flags & OUTPUT_FORCE) != 0 || !isatty(fd))
        return false;
    report_error(out->name, "coded bytes are not written to a terminal; -f does it all the same");
    return true;
}

// Asks whether to replace the file. Only where somebody is there to answer.
static bool may_replace(const struct output *out)
{
    char line[8];

    if ((out->flags & OUTPUT_FORCE) != 0)
        return true;
    if ((out->flags & OUTPUT_ASK) == 0 || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        report_error(out->name, "the file exists; -f overwrites it");
        return false;
    }
    fputs("rove: ", stderr);
    report_escaped(stderr, out->name);
    fputs(" exists; overwrite it (y/N)? ", stderr);
    fflush(stderr);
    if (fgets(line, sizeof line, stdin) != NULL && (line[0] == 'y' || line[0] == 'Y'))
        return true;
    report_error(out->name, "not overwritten");
    return false;
}

// Whether the name belongs to something that is written to as it is: a device, a pipe. A name that
// was made up is that of a file to be.
static bool is_special(const struct output *out)
{
    return out->replaces && (out->flags & OUTPUT_MADE_UP) == 0 && !S_ISREG(out->old.st_mode) &&
           !S_ISLNK(out->old.st_mode);
}

bool output_is_regular(const struct output *out)
{
    return out->path != NULL && !is_special(out);
}

static bool check_path(struct output *out)
{
    size_t len = strlen(out->path);

    // A link whose target is missing counts as a file too: it would be replaced.
    if (stat(out->path, &out->old) == 0 || lstat(out->path, &out->old) == 0)
        out->replaces = true;
    else if (errno != ENOENT)
        return fail(out, "cannot be written");
    if (len == 0 || out->path[len - 1] == '/' || (out->replaces && S_ISDIR(out->old.st_mode))) {
        report_error(out->name, "is a folder, not a file");
        return false;
    }
    if (!out->replaces || is_special(out))
        return true;
    if (!may_replace(out))
        return false;
    out->flags |= OUTPUT_FORCE;
    return true;
}

// The names under which systems show a process its own descriptors. To replace such a name by a file
// would take it away from all others. Returns the descriptor, or -1.
static int descriptor_of(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    static const char *const standard[] = {"/dev/stdin", "/dev/stdout", "/dev/stderr"};

    for (int fd = 0; fd <= 2; fd++)
        if (strcmp(path, standard[fd]) == 0)
            return fd;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        size_t len = strlen(folders[i]);
        if (strncmp(path, folders[i], len) == 0 && path[len] != 0 &&
            strspn(path + len, "0123456789") == strlen(path + len) && strlen(path + len) < 8)
            return atoi(path + len);
    }
    return -1;
}

// Follows links until one is the name of a descriptor. Returns that, or -1.
static int find_descriptor(const char *path)
{
    char target[PATH_MAX];
    int fd = descriptor_of(path);

    for (int i = 0; fd < 0 && i < LINKS_MAX; i++) {
        char next[PATH_MAX];
        ssize_t len = readlink(i == 0 ? path : target, next, sizeof next - 1);
        if (len <= 0 || next[0] != '/')
            return -1;
        next[len] = 0;
        strcpy(target, next);
        fd = descriptor_of(target);
    }
    return fd;
}

static bool check_descriptor(struct output *out, int fd)
{
    out->path = NULL;
    out->given = fd;
    if (fcntl(fd, F_GETFL) < 0)
        return fail(out, "cannot be written");
    out->replaces = fstat(fd, &out->old) == 0;
    return !refuse_terminal(out, fd);
}

bool output_check(struct output *out, const char *path, unsigned flags)
{
    int fd = STDOUT_FILENO;

    *out = (struct output){.path = path, .name = path, .fd = -1, .given = -1, .flags = flags};
    if (path == NULL || strcmp(path, "-") == 0)
        out->name = "standard output";
    else if ((flags & OUTPUT_MADE_UP) != 0 || (fd = find_descriptor(path)) < 0)
        return check_path(out);
    return check_descriptor(out, fd);
}

bool output_is_file(const struct output *out, const struct stat *file)
{
    return out->replaces && S_ISREG(file->st_mode) && out->old.st_dev == file->st_dev &&
           out->old.st_ino == file->st_ino;
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

// Returns the folder that a path lies in, drop it by free(); NULL without memory.
static char *folder_of(const char *path)
{
    const char *base = base_of(path);

    return base == path ? strdup(".") : strndup(path, (size_t) (base - path));
}

static bool share_folder(const char *path, int dir, const char *other)
{
    char *a = folder_of(path), *b = folder_of(other);
    struct stat in_a, in_b;
    bool same = a != NULL && b != NULL && stat(a, &in_a) == 0 && fstatat(dir, b, &in_b, 0) == 0 &&
                in_a.st_dev == in_b.st_dev && in_a.st_ino == in_b.st_ino;

    free(a);
    free(b);
    return same;
}

bool output_is_path(const struct output *out, int dir, const char *path, const struct stat *file)
{
    if (out->path == NULL || is_special(out))
        return file != NULL && output_is_file(out, file);
    return strcmp(base_of(out->path), base_of(path)) == 0 && share_folder(out->path, dir, path);
}

bool output_is_named(const struct output *out, const char *path)
{
    struct stat st;

    return output_is_path(out, AT_FDCWD, path, NULL) ||
           (out->replaces && stat(path, &st) == 0 && !S_ISCHR(st.st_mode) &&
            st.st_dev == out->old.st_dev && st.st_ino == out->old.st_ino);
}

static char *temp_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t dir_len = slash == NULL ? 0 : (size_t) (slash - path) + 1;
    char *name = malloc(dir_len + sizeof TEMP_NAME);

    if (name == NULL)
        return NULL;
    memcpy(name, path, dir_len);
    memcpy(name + dir_len, TEMP_NAME, sizeof TEMP_NAME);
    return name;
}

// Makes the temporary file and tells the signal handler about it, with no gap between the two.
static bool open_temp(struct output *out)
{
    out->temp = temp_name(out->path);
    if (out->temp == NULL)
        return fail(out, "cannot be written");
    signals_hold();
    out->fd = mkostemp(out->temp, O_CLOEXEC); // made with mode 0600
    if (out->fd >= 0 && fstat(out->fd, &out->made) == 0)
        signals_guard(out->temp, &out->made);
    signals_release();
    if (out->fd >= 0)
        return true;
    fail(out, "no file can be made in its folder");
    free(out->temp);
    out->temp = NULL;
    return false;
}

bool output_is_temp(const struct output *out, const struct stat *file)
{
    return out->temp != NULL && out->made.st_dev == file->st_dev && out->made.st_ino == file->st_ino;
}

bool output_open(struct output *out)
{
    if (out->path == NULL) {
        out->fd = out->given;
        return true;
    }
    if (!is_special(out))
        return open_temp(out);
    out->fd = open(out->path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    if (out->fd < 0)
        return fail(out, "cannot be opened for writing");
    if (!refuse_terminal(out, out->fd))
        return true;
    close(out->fd);
    out->fd = -1;
    return false;
}

bool output_takes_holes(const struct output *out)
{
    struct stat st;
    int flags = fcntl(out->fd, F_GETFL);

    return flags >= 0 && (flags & O_APPEND) == 0 && fstat(out->fd, &st) == 0 &&
           S_ISREG(st.st_mode) && lseek(out->fd, 0, SEEK_CUR) == st.st_size;
}

// The mode of a file that is made in the ordinary way.
static mode_t default_mode(void)
{
    mode_t mask = umask(077);

    umask(mask);
    return 0666 & ~mask;
}

static enum verdict set_mode(const struct output *out, mode_t mode)
{
    if (fchmod(out->fd, mode) == 0)
        return VERDICT_FINE;
    return report_warning(out->name, "its mode cannot be set: %s", strerror(errno));
}

// Gives the output the access control list of an open file, or (from < 0) of the one that it replaces; or none, whatever
// its folder hands down. Returns false when that cannot be: the group's bits of the mode, which are the most that a list
// allows, must not become rights of the group then.
static bool copy_list(const struct output *out, int from)
{
    static const char attr[] = "system.posix_acl_access";
    static char list[1 << 16]; // the most that Linux keeps in an attribute
    ssize_t len = from >= 0 ? fgetxattr(from, attr, list, sizeof list)
                            : getxattr(out->path, attr, list, sizeof list);

    if (len > 0)
        return fsetxattr(out->fd, attr, list, (size_t) len, 0) == 0;
    if (len < 0 && errno != ENODATA && errno != ENOTSUP)
        return false;
    return fremovexattr(out->fd, attr) == 0 || errno == ENODATA || errno == ENOTSUP;
}

// Owner, then mode: changing the owner clears mode bits. A group that cannot be given must not lend its rights to another
// one.
static enum verdict copy_rights(const struct output *out, const struct stat *like, int from)
{
    mode_t mode = like->st_mode & 0777;
    enum verdict verdict = VERDICT_FINE;

    if (fchown(out->fd, (uid_t) -1, like->st_gid) != 0)
        mode &= (mode_t) (0707 | (mode & 0007) << 3);
    if (!copy_list(out, from)) {
        mode &= 0700;
        verdict = report_warning(out->name, "is for its owner only: the access control list cannot be copied: %s",
                                 strerror(errno));
    }
    if (fchown(out->fd, like->st_uid, (gid_t) -1) != 0)
        report_notice(out->name, "the owner could not be kept: %s", strerror(errno));
    return verdict_worse(verdict, set_mode(out, mode));
}

static enum verdict copy_times(const struct output *out, const struct stat *like)
{
    struct timespec times[2] = {like->st_atim, like->st_mtim};

    if (futimens(out->fd, times) == 0)
        return VERDICT_FINE;
    return report_warning(out->name, "its times cannot be set: %s", strerror(errno));
}

// The times come last. What replaces a file and is like no other has the rights of that file, as if it had been written over
// in its place.
static enum verdict set_meta(const struct output *out, const struct stat *like, int from)
{
    if (like != NULL)
        return verdict_worse(copy_rights(out, like, from), copy_times(out, like));
    if (out->replaces && S_ISREG(out->old.st_mode))
        return copy_rights(out, &out->old, -1);
    return set_mode(out, default_mode());
}

// A file system that cannot sync a folder says so by EINVAL, and has nothing to be waited for.
static bool sync_folder(const struct output *out)
{
    char *dir = folder_of(out->path);
    int fd = dir == NULL ? -1 : open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);

    if (!ok)
        fail(out, "has its name, but its folder cannot be written to the disk");
    if (fd >= 0)
        close(fd);
    free(dir);
    return ok;
}

// Renames, but not over anything.
static int rename_to_new(const char *from, const char *to)
{
#if defined(ROVE_HAVE_RENAMEAT2)
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
#else
    (void) from, (void) to;
    errno = ENOSYS;
    return -1;
#endif
}

int output_rename(const char *from, const char *to, bool force)
{
    if (force)
        return rename(from, to);
    if (rename_to_new(from, to) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    // Old file systems: a hard link does not replace either; those without links get a plain rename.
    if (link(from, to) == 0)
        return unlink(from);
    if (errno == EEXIST)
        return -1;
    return rename(from, to);
}

static bool keep_temp(struct output *out)
{
    bool sync = (out->flags & OUTPUT_NO_SYNC) == 0;
    int fd = out->fd;

    if (sync && fsync(fd) != 0)
        return fail(out, "cannot be written to the disk");
    out->fd = -1;
    if (close(fd) != 0)
        return fail(out, "cannot be written");
    signals_hold();
    if (output_rename(out->temp, out->path, (out->flags & OUTPUT_FORCE) != 0) != 0) {
        signals_release();
        return fail(out, "cannot be given its name");
    }
    signals_guard(NULL, NULL);
    signals_release();
    free(out->temp);
    out->temp = NULL;
    out->is_kept = !sync || sync_folder(out);
    return out->is_kept;
}

enum verdict output_keep(struct output *out, const struct stat *like, int from)
{
    enum verdict verdict = VERDICT_FINE;
    int fd = out->fd;
    bool ok = true;

    if (out->temp != NULL) {
        verdict = set_meta(out, like, from);
        ok = keep_temp(out);
    } else if (out->path != NULL && fd >= 0) {
        out->fd = -1;
        ok = close(fd) == 0 || fail(out, "cannot be written");
    }
    if (!ok)
        output_drop(out);
    return ok ? verdict : VERDICT_FAILED;
}

void output_drop(struct output *out)
{
    if (out->fd >= 0 && out->fd != out->given)
        close(out->fd);
    out->fd = -1;
    if (out->temp == NULL)
        return;
    signals_hold();
    signals_guard(NULL, NULL);
    unlink(out->temp);
    signals_release();
    free(out->temp);
    out->temp = NULL;
}
