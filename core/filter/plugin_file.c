// SPDX-License-Identifier: MIT
// plugin_file.c: opening and judging the file of a plugin.
//
// The file that is judged is the file that is loaded: the folder is opened, the file in it by the
// folder's descriptor, first without any access to its content (opening a device can do things),
// and the loader gets it by its name under /proc/self/fd. Nobody can exchange anything in between.
// Without /proc nothing is loaded.
#include "filter/plugin_file.h"

#include "base/os.h"
#include "filter/elf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROC_LEN 32 // bytes: /proc/self/fd/, a number, a slash

enum rove_status rv_plugin_refuse(struct rove_plugin_error *error, enum rove_status status,
                                  const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    return status;
}

static enum rove_status refuse_errno(struct rove_plugin_error *error, const char *what)
{
    return rv_plugin_refuse(error, ROVE_E_IO, "%s: %s", what, rv_os_error_text(errno));
}

static enum rove_status judge_owner(const struct stat *st, const char *what,
                                    struct rove_plugin_error *error)
{
    if (st->st_uid != 0 && st->st_uid != geteuid())
        return rv_plugin_refuse(error, ROVE_E_DENIED, "%s belongs to another user", what);
    if (st->st_mode & (S_IWGRP | S_IWOTH))
        return rv_plugin_refuse(error, ROVE_E_DENIED, "%s is writable by its group or by others",
                                what);
    return ROVE_OK;
}

static enum rove_status judge_kind(const struct stat *st, struct rove_plugin_error *error)
{
    if (S_ISLNK(st->st_mode))
        return rv_plugin_refuse(error, ROVE_E_DENIED, "it is a symbolic link");
    if (S_ISDIR(st->st_mode))
        return rv_plugin_refuse(error, ROVE_E_DENIED, "it is a folder");
    if (!S_ISREG(st->st_mode))
        return rv_plugin_refuse(error, ROVE_E_DENIED,
                                "it is a device, a FIFO or a socket, no regular file");
    return judge_owner(st, "it", error);
}

// Opens the folder of a path, and judges it. *base_out: the rest of the path.
static enum rove_status open_folder(const char *path, int *fd_out, const char **base_out,
                                    struct rove_plugin_error *error)
{
    char folder[RV_PLUGIN_PATH];
    struct stat st;
    *base_out = strrchr(path, '/') + 1;
    size_t len = (size_t) (*base_out - path);
    if (strlen(path) >= sizeof folder)
        return rv_plugin_refuse(error, ROVE_E_ARG, "the path is too long");
    memcpy(folder, path, len);
    folder[len] = 0;
    *fd_out = rv_os()->open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (*fd_out < 0)
        return refuse_errno(error, "its folder cannot be opened");
    if (rv_os()->fstat(*fd_out, &st) != 0)
        return refuse_errno(error, "its folder cannot be examined");
    return judge_owner(&st, "its folder", error);
}

// Opens a file by a descriptor: the one in that folder, or (base empty) the one that it stands for.
static int open_by(int fd, const char *base, int flags)
{
    char path[RV_PLUGIN_PATH + PROC_LEN];
    snprintf(path, sizeof path, *base ? "/proc/self/fd/%d/%s" : "/proc/self/fd/%d", fd, base);
    return rv_os()->open(path, flags | O_CLOEXEC, 0);
}

// Judges what a descriptor without access stands for, and opens it for reading.
static enum rove_status open_judged(int at, int *fd_out, struct rove_plugin_error *error)
{
    struct stat st;
    const char *text;
    if (rv_os()->fstat(at, &st) != 0)
        return refuse_errno(error, "it cannot be examined");
    enum rove_status status = judge_kind(&st, error);
    if (status)
        return status;
    *fd_out = open_by(at, "", O_RDONLY);
    if (*fd_out < 0)
        return refuse_errno(error, "it cannot be read");
    status = rv_elf_judge(*fd_out, (uint64_t) st.st_size, &text);
    return status ? rv_plugin_refuse(error, status, "%s", text) : ROVE_OK;
}

void rv_plugin_close(int fd)
{
    int err = errno;
    if (fd >= 0)
        rv_os()->close(fd);
    errno = err;
}

enum rove_status rv_plugin_open(const char *path, int *fd_out, struct rove_plugin_error *error)
{
    int folder = -1, at = -1;
    const char *base;
    *fd_out = -1;
    enum rove_status status = open_folder(path, &folder, &base, error);
    if (status == ROVE_OK && !*base)
        status = rv_plugin_refuse(error, ROVE_E_DENIED, "it is a folder");
    if (status == ROVE_OK) {
        at = open_by(folder, base, O_PATH | O_NOFOLLOW);
        status =
            at < 0 ? refuse_errno(error, "it cannot be opened") : open_judged(at, fd_out, error);
    }
    rv_plugin_close(at);
    rv_plugin_close(folder);
    return status;
}
