// SPDX-License-Identifier: MIT
// plugin.c: finding, judging and loading plugins.
//
// The file that is judged is the file that is loaded: both go through one descriptor, the loader by
// its name under /proc/self/fd. Without /proc nothing is loaded.
#include <rove/plugin.h>

#include "base/arith.h"
#include "base/lock.h"
#include "base/os.h"
#include "chunk/pool.h"
#include "filter/elf.h"
#include "filter/registry.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILTERS_MAX 64 // filters in a plugin
#define PATH_LEN 4096
#define V1_LEN (offsetof(struct rove_plugin, filters) + sizeof(void *))

// A folder, or a loaded plugin.
struct item {
    struct item *next;
    const void *table; // struct rove_plugin of a loaded one
    char path[];
};

static struct rv_lock lock = RV_LOCK_INIT; // guards the lists, and loading as a whole
static struct item *dirs, *loaded;

static enum rove_status tell(struct rove_plugin_error *error, const char *path,
                             enum rove_status status, const char *text)
{
    if (error && status) {
        snprintf(error->path, sizeof error->path, "%s", path);
        snprintf(error->text, sizeof error->text, "%s", text);
    }
    return status;
}

static enum rove_status remember(struct item **list, const char *path, const void *table)
{
    enum rove_status why;
    size_t len = strlen(path) + 1;
    struct item *item = rv_pool_alloc(rove_pool_default(), sizeof *item + len, &why);
    if (!item)
        return why;
    item->next = *list;
    item->table = table;
    memcpy(item->path, path, len);
    *list = item;
    return ROVE_OK;
}

// the file --------------------------------------------------------------------------------------

static const char *judge_owner(const struct stat *st)
{
    if (!S_ISREG(st->st_mode))
        return "it is no regular file";
    if (st->st_uid != 0 && st->st_uid != geteuid())
        return "it belongs to another user";
    if (st->st_mode & (S_IWGRP | S_IWOTH))
        return "it is writable by its group or by others";
    return NULL;
}

static const char *elf_text(enum rove_status status)
{
    switch (status) {
    case ROVE_E_FORMAT:
        return "it is no ELF shared library for this machine";
    case ROVE_E_TRUNCATED:
        return "it is cut off: a segment reaches past its end";
    default:
        return "it cannot be read";
    }
}

// Judges an open file; the sentence says what is wrong.
static enum rove_status judge_file(int fd, const char **text)
{
    struct stat st;
    *text = "it cannot be read";
    if (rv_os()->fstat(fd, &st) != 0)
        return ROVE_E_IO;
    *text = judge_owner(&st);
    if (*text)
        return ROVE_E_DENIED;
    enum rove_status status = rv_elf_judge(fd, (uint64_t) st.st_size);
    *text = elf_text(status);
    return status;
}

static enum rove_status open_file(const char *path, int *fd_out, const char **text)
{
    *fd_out = rv_os()->open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0);
    if (*fd_out >= 0)
        return ROVE_OK;
    *text = errno == ELOOP ? "it is a symbolic link" : strerrordesc_np(errno);
    return errno == ELOOP ? ROVE_E_DENIED : ROVE_E_IO;
}

// the table -------------------------------------------------------------------------------------

static bool loaded_already(const void *table)
{
    for (const struct item *item = loaded; item; item = item->next)
        if (item->table == table)
            return true;
    return false;
}

static enum rove_status judge_table(const struct rove_plugin *plugin, const char **text)
{
    *text = "its table is missing";
    if (!plugin)
        return ROVE_E_ARG;
    *text = "its table is smaller than the first version's";
    if (plugin->size < V1_LEN)
        return ROVE_E_ABI;
    *text = "it was made for another major version";
    if (plugin->abi != ROVE_FILTER_ABI)
        return ROVE_E_ABI;
    *text = "its name, version, licence or list of filters is missing";
    if (!plugin->name || !plugin->version || !plugin->license || !plugin->filters)
        return ROVE_E_ARG;
    *text = "it has no filter";
    return plugin->filters[0] ? ROVE_OK : ROVE_E_ARG;
}

static enum rove_status register_all(const struct rove_plugin *plugin, const char **text)
{
    size_t cnt = 0;
    while (cnt < FILTERS_MAX && plugin->filters[cnt])
        cnt++;
    *text = "it has more than 64 filters";
    if (cnt == FILTERS_MAX && plugin->filters[cnt])
        return ROVE_E_LIMIT;
    return rv_filter_register_all(plugin->filters, cnt, text);
}

// Takes in what a loaded file exports. The file must stay loaded on success.
static enum rove_status take_in(void *handle, const char *path, const char **text)
{
    rove_plugin_fn *entry;
    void *symbol = rv_os()->dlsym(handle, ROVE_PLUGIN_SYMBOL);
    *text = "it does not export " ROVE_PLUGIN_SYMBOL;
    if (!symbol)
        return ROVE_E_ABI;
    memcpy(&entry, &symbol, sizeof entry); // ISO C has no cast from object to function pointer
    const struct rove_plugin *plugin = entry();
    if (loaded_already(plugin) && plugin)
        return ROVE_OK;
    enum rove_status status = judge_table(plugin, text);
    if (status == ROVE_OK)
        status = register_all(plugin, text);
    if (status == ROVE_OK)
        status = remember(&loaded, path, plugin); // without memory only its path is not known
    return status == ROVE_E_NOMEM ? ROVE_OK : status;
}

static enum rove_status load_fd(int fd, const char *path, const char **text)
{
    char by_fd[64];
    enum rove_status status = judge_file(fd, text);
    if (status)
        return status;
    snprintf(by_fd, sizeof by_fd, "/proc/self/fd/%d", fd);
    void *handle = rv_os()->dlopen(by_fd, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        *text = "the loader refuses it: a library or a symbol that it needs is missing";
        return ROVE_E_UNSUPPORTED;
    }
    status = take_in(handle, path, text);
    if (status)
        rv_os()->dlclose(handle);
    return status;
}

static bool switched_off(void)
{
    const char *word = rv_os()->getenv("ROVE_PLUGINS");
    return word && strcmp(word, "none") == 0;
}

enum rove_status rove_plugin_load(const char *path, struct rove_plugin_error *error_out)
{
    const char *text = "";
    int fd;
    if (!path || path[0] != '/')
        return tell(error_out, path ? path : "", ROVE_E_ARG, "the path is not absolute");
    if (switched_off())
        return tell(error_out, path, ROVE_E_DENIED, "ROVE_PLUGINS=none switches plugins off");
    enum rove_status status = open_file(path, &fd, &text);
    if (status)
        return tell(error_out, path, status, text);
    rv_lock_enter(&lock);
    status = load_fd(fd, path, &text);
    rv_lock_leave(&lock);
    int err = errno;
    rv_os()->close(fd);
    errno = err;
    return tell(error_out, path, status, text);
}

// finding ---------------------------------------------------------------------------------------

static bool is_name(const char *name)
{
    size_t len = name ? strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") : 0;
    return len > 0 && len <= RV_NAME_MAX && !name[len];
}

// Tells whether dir (len bytes) has the plugin; writes its path.
static bool is_in(const char *dir, size_t len, const char *name, char *path)
{
    if (!len || dir[0] != '/')
        return false;
    int n = snprintf(path, PATH_LEN, "%.*s/rove-filter-%s.so", (int) len, dir, name);
    if (n < 0 || n >= PATH_LEN)
        return false;
    int fd = rv_os()->open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
    if (fd >= 0)
        rv_os()->close(fd);
    return fd >= 0;
}

static bool is_in_added(const char *name, char *path)
{
    bool found = false;
    rv_lock_enter(&lock);
    for (const struct item *dir = dirs; dir && !found; dir = dir->next)
        found = is_in(dir->path, strlen(dir->path), name, path);
    rv_lock_leave(&lock);
    return found;
}

static bool is_in_environment(const char *name, char *path)
{
    const char *list = rv_os()->getenv("ROVE_FILTER_PATH");
    while (list && *list) {
        size_t len = strcspn(list, ":");
        if (len < PATH_LEN && is_in(list, len, name, path))
            return true;
        list += len + (list[len] == ':');
    }
    return false;
}

enum rove_status rove_plugin_find(const char *name, struct rove_plugin_error *error_out)
{
    char path[PATH_LEN];
    if (!is_name(name))
        return tell(error_out, "", ROVE_E_ARG, "the name is malformed");
    if (is_in_added(name, path) || is_in_environment(name, path) ||
        is_in(RV_FILTER_DIR, strlen(RV_FILTER_DIR), name, path))
        return rove_plugin_load(path, error_out);
    return tell(error_out, name, ROVE_END, "no folder has it");
}

enum rove_status rove_plugin_add_dir(const char *dir)
{
    if (!dir || dir[0] != '/' || strlen(dir) >= PATH_LEN)
        return ROVE_E_ARG;
    rv_lock_enter(&lock);
    enum rove_status status = remember(&dirs, dir, NULL);
    rv_lock_leave(&lock);
    return status;
}

static bool has_filter(const struct rove_plugin *plugin, const struct rove_filter *filter)
{
    for (size_t i = 0; i < FILTERS_MAX && plugin->filters[i]; i++)
        if (plugin->filters[i]->run == filter->run && plugin->filters[i]->dir == filter->dir)
            return true;
    return false;
}

const char *rove_filter_file(const struct rove_filter *filter)
{
    const char *path = NULL;
    rv_lock_enter(&lock);
    for (const struct item *item = loaded; item && filter && !path; item = item->next)
        if (has_filter(item->table, filter))
            path = item->path;
    rv_lock_leave(&lock);
    return path;
}
