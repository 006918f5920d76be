// SPDX-License-Identifier: MIT
// plugin_kit.c: see plugin_kit.h.
#include "plugin_kit.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

unsigned kit_refused;

static char folder[256];
static pid_t owner;

static int take_away(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void) st;
    (void) kind;
    (void) at;
    return remove(path);
}

static void clean(void)
{
    if (getpid() == owner) // not in a child
        (void) nftw(folder, take_away, 16, FTW_DEPTH | FTW_PHYS);
}

const char *kit_folder(void)
{
    const char *base = getenv("TMPDIR");
    if (folder[0])
        return folder;
    snprintf(folder, sizeof folder, "%s/rove-plugin.XXXXXX", base && *base == '/' ? base : "/tmp");
    if (!mkdtemp(folder)) {
        perror(folder);
        exit(2);
    }
    owner = getpid();
    atexit(clean);
    return folder;
}

const char *kit_path(const char *name)
{
    static char paths[8][512];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", kit_folder(), name);
    return path;
}

static struct kit_image read_file(const char *path)
{
    struct kit_image image = {NULL, 0};
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(2);
    }
    fseek(file, 0, SEEK_END);
    image.len = (size_t) ftell(file);
    rewind(file);
    image.ptr = malloc(image.len + 1);
    if (fread(image.ptr, 1, image.len, file) != image.len)
        exit(2);
    fclose(file);
    return image;
}

struct kit_image kit_plugin(const char *crime)
{
    struct kit_image image = read_file(ROVE_HOSTILE_PLUGIN);
    uint8_t *at = memmem(image.ptr, image.len, "CRIME:=", 8);
    if (CHECK(at && (!crime || strlen(crime) < 32)) && crime)
        strcpy((char *) at + 8, crime);
    return image;
}

const char *kit_write(const char *name, struct kit_image image)
{
    const char *path = kit_path(name);
    unlink(path); // another file, not the same one changed
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
    CHECK(fd >= 0 && write(fd, image.ptr, image.len) == (ssize_t) image.len);
    CHECK(fchmod(fd, 0755) == 0); // whatever the umask
    close(fd);
    return path;
}

void kit_refuses(const char *what, const char *path, enum rove_status status, const char *says)
{
    struct rove_plugin_error error = {"?", "?"};
    bool fine = CHECK_IS(status, rove_plugin_load(path, &error));
    fine &= CHECK(strstr(error.text, says) != NULL);
    if (path)
        fine &= CHECK(strncmp(error.path, path, sizeof error.path - 1) == 0);
    kit_refused += fine;
    if (!fine)
        suite_note("%s: \"%s\", %s", what, error.text, error.path);
}

void kit_refuses_bytes(const char *what, struct kit_image image, enum rove_status status,
                       const char *says)
{
    kit_refuses(what, kit_write("patched.so", image), status, says);
    free(image.ptr);
}
