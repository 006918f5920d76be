// SPDX-License-Identifier: MIT
// output.c: temporary file, fsync, rename; and the questions to ask before any work is done.
#include "output.h"

#include "report.h"
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEMP_NAME ".rove-XXXXXX"

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
    fprintf(stderr, "rove: %s exists; overwrite it (y/N)? ", out->name);
    if (fgets(line, sizeof line, stdin) != NULL && (line[0] == 'y' || line[0] == 'Y'))
        return true;
    report_error(out->name, "not overwritten");
    return false;
}

// Whether the name belongs to something that is written to as it is: a device, a pipe.
static bool is_special(const struct output *out)
{
    return out->replaces && !S_ISREG(out->old.st_mode) && !S_ISLNK(out->old.st_mode);
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

bool output_check(struct output *out, const char *path, unsigned flags)
{
    *out = (struct output){.path = path, .name = path, .fd = -1, .flags = flags};
    if (path != NULL && strcmp(path, "-") != 0)
        return check_path(out);
    out->path = NULL;
    out->name = "standard output";
    out->replaces = fstat(STDOUT_FILENO, &out->old) == 0;
    return !refuse_terminal(out, STDOUT_FILENO);
}

bool output_is_file(const struct output *out, const struct stat *file)
{
    return out->replaces && S_ISREG(file->st_mode) && out->old.st_dev == file->st_dev &&
           out->old.st_ino == file->st_ino;
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
    struct stat made;

    out->temp = temp_name(out->path);
    if (out->temp == NULL)
        return fail(out, "cannot be written");
    signals_hold();
    out->fd = mkostemp(out->temp, O_CLOEXEC); // made with mode 0600
    if (out->fd >= 0 && fstat(out->fd, &made) == 0)
        signals_guard(out->temp, &made);
    signals_release();
    if (out->fd >= 0)
        return true;
    fail(out, "no file can be made in its folder");
    free(out->temp);
    out->temp = NULL;
    return false;
}

// A descriptor that does not block would make the library's calls return in the middle; nobody else
// needs it to be so while this command runs.
static void make_blocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags >= 0 && (flags & O_NONBLOCK) != 0)
        fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}

bool output_open(struct output *out)
{
    if (out->path == NULL) {
        out->fd = STDOUT_FILENO;
        make_blocking(out->fd);
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

// The mode of a file that is made in the ordinary way.
static mode_t default_mode(void)
{
    mode_t mask = umask(077);

    umask(mask);
    return 0666 & ~mask;
}

// Owner, then mode, then times: changing the owner clears mode bits, and the times come last. A
// group that cannot be given must not lend its rights to another one.
static bool copy_meta(const struct output *out, const struct stat *like)
{
    struct timespec times[2];
    mode_t mode;

    if (like == NULL)
        return fchmod(out->fd, default_mode()) == 0;
    mode = like->st_mode & 0777;
    if (fchown(out->fd, (uid_t) -1, like->st_gid) != 0)
        mode &= (mode_t) (0707 | (mode & 0007) << 3);
    if (fchown(out->fd, like->st_uid, (gid_t) -1) != 0)
        report_notice(out->name, "the owner could not be kept: %s", strerror(errno));
    if (fchmod(out->fd, mode) != 0)
        return false;
    times[0] = like->st_atim;
    times[1] = like->st_mtim;
    return futimens(out->fd, times) == 0;
}

static void sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *dir = slash == NULL ? strdup(".") : strndup(path, (size_t) (slash - path) + 1);
    int fd = dir == NULL ? -1 : open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    // Not every file system can sync a folder, and the file itself is safe already.
    if (fd >= 0) {
        (void) fsync(fd);
        close(fd);
    }
    free(dir);
}

// Gives the file its name; without OUTPUT_FORCE not even a file that came into being meanwhile is
// replaced.
static int give_name(const struct output *out)
{
    if ((out->flags & OUTPUT_FORCE) != 0)
        return rename(out->temp, out->path);
    if (renameat2(AT_FDCWD, out->temp, AT_FDCWD, out->path, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    // Old file systems: a hard link does not replace either; those without links get a plain rename.
    if (link(out->temp, out->path) == 0)
        return unlink(out->temp);
    if (errno == EEXIST)
        return -1;
    return rename(out->temp, out->path);
}

static bool keep_temp(struct output *out, const struct stat *like)
{
    bool sync = (out->flags & OUTPUT_NO_SYNC) == 0;
    int fd = out->fd;

    if (!copy_meta(out, like))
        return fail(out, "its mode and times cannot be set");
    if (sync && fsync(fd) != 0)
        return fail(out, "cannot be written to the disk");
    out->fd = -1;
    if (close(fd) != 0)
        return fail(out, "cannot be written");
    signals_hold();
    if (give_name(out) != 0) {
        signals_release();
        return fail(out, "cannot be given its name");
    }
    signals_guard(NULL, NULL);
    signals_release();
    free(out->temp);
    out->temp = NULL;
    if (sync)
        sync_folder(out->path);
    return true;
}

bool output_keep(struct output *out, const struct stat *like)
{
    int fd = out->fd;
    bool ok = true;

    if (out->temp != NULL) {
        ok = keep_temp(out, like);
    } else if (out->path != NULL && fd >= 0) {
        out->fd = -1;
        ok = close(fd) == 0 || fail(out, "cannot be written");
    }
    if (!ok)
        output_drop(out);
    return ok;
}

void output_drop(struct output *out)
{
    if (out->fd >= 0 && out->fd != STDOUT_FILENO)
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
