// SPDX-License-Identifier: MIT
// plugin.c: finding and loading plugins; the file of one is judged in plugin_file.c.
//
// A trap: the loader knows libraries by the name that they were loaded by, too, and answers with an
// earlier one of that name. Descriptors are small numbers that come back, so /proc/self/fd/5 can be
// that of a plugin loaded before. Hence each loading gets a path of its own to the same place.
#include <rove/plugin.h>

#include "base/atfork.h"
#include "base/os.h"
#include "chunk/pool.h"
#include "filter/asking.h"
#include "filter/plugin_file.h"
#include "filter/registry.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define FILTERS_MAX 64 // filters in a plugin
#define PROC_LEN 128
#define TEXT_MAX 63 // bytes in a version or licence
#define V1_LEN (offsetof(struct rove_plugin, filters) + sizeof(void *))

// A folder, or a loaded plugin.
struct item {
    struct item *next;
    const struct rove_plugin *plugin; // of a loaded one
    const void *handle;               // likewise
    char path[];
};

static struct rv_lock *const lock = &rv_process_lock[RV_LOCK_PLUGINS]; // guards what follows; not held where a plugin's own code may run
static struct item *dirs, *loaded;
static unsigned loadings; // tried so far

static struct item *make_item(const char *path, enum rove_status *why)
{
    size_t len = strlen(path) + 1;
    struct item *item = rv_pool_alloc(rove_pool_default(), sizeof *item + len, why);
    if (item)
        memcpy(item->path, path, len);
    return item;
}

static void drop_item(struct item *item)
{
    rv_pool_free(rove_pool_default(), item, sizeof *item + strlen(item->path) + 1);
}

static void add_item(struct item **list, struct item *item)
{
    item->next = *list;
    *list = item;
}

// Takes the item of a path off a list; NULL when it has none.
static struct item *take_item(struct item **list, const char *path)
{
    while (*list && strcmp((*list)->path, path) != 0)
        list = &(*list)->next;
    struct item *item = *list;
    if (item)
        *list = item->next;
    return item;
}

// the table -------------------------------------------------------------------------------------

static bool is_name(const char *name)
{
    static const char bytes[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t len = name ? strnlen(name, RV_NAME_MAX + 1) : 0;
    return len > 0 && len <= RV_NAME_MAX && strspn(name, bytes) == len;
}

static bool is_text(const char *text)
{
    size_t len = text ? strnlen(text, TEXT_MAX + 1) : 0;
    return len > 0 && len <= TEXT_MAX;
}

static bool is_loaded(const struct rove_plugin *plugin)
{
    for (const struct item *item = loaded; item; item = item->next)
        if (item->plugin == plugin)
            return true;
    return false;
}

static enum rove_status judge_plugin(const struct rove_plugin *plugin,
                                     struct rove_plugin_error *error)
{
    if (plugin->abi != ROVE_FILTER_ABI)
        return rv_plugin_refuse(error, ROVE_E_ABI,
                                "it was made for version %lu of the interface, this is %u",
                                (unsigned long) plugin->abi, ROVE_FILTER_ABI);
    if (plugin->size < V1_LEN)
        return rv_plugin_refuse(error, ROVE_E_ABI,
                                "its table has %lu bytes, the first version's had %zu",
                                (unsigned long) plugin->size, V1_LEN);
    if (!is_name(plugin->name))
        return rv_plugin_refuse(error, ROVE_E_ARG, "its name is missing or malformed");
    if (!is_text(plugin->version))
        return rv_plugin_refuse(error, ROVE_E_ARG, "its version is missing or longer than %d bytes",
                                TEXT_MAX);
    if (!is_text(plugin->license))
        return rv_plugin_refuse(error, ROVE_E_ARG, "its licence is missing or longer than %d bytes",
                                TEXT_MAX);
    if (!plugin->filters || !plugin->filters[0])
        return rv_plugin_refuse(error, ROVE_E_ARG, "it has no filter");
    return ROVE_OK;
}

static enum rove_status register_all(const struct rove_plugin *plugin,
                                     struct rove_plugin_error *error)
{
    size_t cnt = 0;
    const char *why;
    while (cnt <= FILTERS_MAX && plugin->filters[cnt])
        cnt++;
    if (cnt > FILTERS_MAX)
        return rv_plugin_refuse(error, ROVE_E_LIMIT, "it has more than %d filters", FILTERS_MAX);
    enum rove_status status = rv_filter_register_all(plugin->filters, cnt, &why);
    return status ? rv_plugin_refuse(error, status, "one of its filters is refused: %s", why)
                  : ROVE_OK;
}

// Takes in a plugin that is not loaded yet, all of it or nothing. With the lock held.
static enum rove_status take_in(const struct rove_plugin *plugin, const void *handle, const char *path,
                                struct rove_plugin_error *error)
{
    if (is_loaded(plugin))
        return ROVE_OK;
    enum rove_status status = judge_plugin(plugin, error);
    if (status)
        return status;
    struct item *item = make_item(path, &status);
    if (!item)
        return rv_plugin_refuse(error, status, "there is no memory");
    status = register_all(plugin, error);
    if (status) {
        drop_item(item);
        return status;
    }
    item->plugin = plugin;
    item->handle = handle;
    add_item(&loaded, item);
    return ROVE_OK;
}

// Asks for the table, and takes that in.
static enum rove_status ask(rove_plugin_fn *entry, const void *handle, const char *path,
                            struct rove_plugin_error *error)
{
    const struct rove_plugin *plugin = entry();
    if (!plugin)
        return rv_plugin_refuse(error, ROVE_E_ARG, "its table is missing");
    rv_lock_enter(lock);
    enum rove_status status = take_in(plugin, handle, path, error);
    rv_lock_leave(lock);
    return status;
}

static bool is_taken_in(const void *handle)
{
    rv_lock_enter(lock);
    const struct item *item = loaded;
    while (item && item->handle != handle)
        item = item->next;
    rv_lock_leave(lock);
    return item;
}

// Asks a loaded file, unless it was taken in already. It is looked into before, for that may have to wait for the loader.
static enum rove_status enter(void *handle, const char *path, struct rove_plugin_error *error)
{
    struct rv_asking mine;
    rove_plugin_fn *entry;
    void *symbol = rv_os()->dlsym(handle, ROVE_PLUGIN_SYMBOL);
    if (!symbol)
        return rv_plugin_refuse(error, ROVE_E_ABI, "it does not export %s", ROVE_PLUGIN_SYMBOL);
    memcpy(&entry, &symbol, sizeof entry); // ISO C has no cast from object to function pointer
    if (!rv_asking_begin(&mine, handle))
        return rv_plugin_refuse(error, ROVE_E_STATE, "it is being loaded, and this would wait for that for ever");
    enum rove_status status = is_taken_in(handle) ? ROVE_OK : ask(entry, handle, path, error);
    rv_asking_end(&mine);
    return status;
}

// loading ---------------------------------------------------------------------------------------

// Writes a path to a descriptor that no earlier loading has had: `//` and `/./` mean nothing, and
// tell the number of this loading in binary.
static void name_for_loader(int fd, char *buf)
{
    size_t len = (size_t) snprintf(buf, PROC_LEN, "/proc/self/fd/");
    rv_lock_enter(lock);
    unsigned number = ++loadings;
    rv_lock_leave(lock);
    for (unsigned n = number; n; n >>= 1)
        len += (size_t) snprintf(buf + len, PROC_LEN - len, "%s", n & 1 ? "./" : "/");
    snprintf(buf + len, PROC_LEN - len, "%d", fd);
}

// The loader's own words, without the path that means nothing to people.
static enum rove_status refuse_as_loader(struct rove_plugin_error *error, const char *path)
{
    const char *said = rv_os()->dlerror();
    size_t len = strlen(path);
    if (said && strncmp(said, path, len) == 0 && strncmp(said + len, ": ", 2) == 0)
        said += len + 2;
    return rv_plugin_refuse(error, ROVE_E_UNSUPPORTED, "the loader refuses it: %s",
                            said ? said : "no reason");
}

static void drop_handle(void *handle)
{
    rv_asking_inside(1);
    rv_os()->dlclose(handle);
    rv_asking_inside(-1);
}

static enum rove_status load_fd(int fd, const char *path, struct rove_plugin_error *error)
{
    char by_fd[PROC_LEN];
    name_for_loader(fd, by_fd);
    rv_asking_inside(1);
    void *handle = rv_os()->dlopen(by_fd, RTLD_NOW | RTLD_LOCAL);
    rv_asking_inside(-1);
    if (!handle)
        return refuse_as_loader(error, by_fd);
    enum rove_status status = enter(handle, path, error);
    if (status)
        drop_handle(handle);
    return status; // on success the handle is kept for ever
}

static bool is_switched_off(void)
{
    const char *word = rv_os()->getenv("ROVE_PLUGINS");
    return word && strcmp(word, "none") == 0;
}

static enum rove_status load(const char *path, struct rove_plugin_error *error)
{
    int fd;
    snprintf(error->path, sizeof error->path, "%.*s", (int) sizeof error->path - 1,
             path ? path : "");
    if (!path || path[0] != '/')
        return rv_plugin_refuse(error, ROVE_E_ARG, "the path is not absolute");
    if (is_switched_off())
        return rv_plugin_refuse(error, ROVE_E_DENIED, "ROVE_PLUGINS=none switches plugins off");
    enum rove_status status = rv_plugin_open(path, &fd, error);
    if (status == ROVE_OK)
        status = load_fd(fd, path, error);
    rv_plugin_close(fd);
    return status;
}

static enum rove_status tell(const struct rove_plugin_error *error, enum rove_status status,
                             struct rove_plugin_error *error_out)
{
    if (status && error_out)
        *error_out = *error;
    return status;
}

enum rove_status rove_plugin_load(const char *path, struct rove_plugin_error *error_out)
{
    struct rove_plugin_error error = {"", ""};
    return tell(&error, load(path, &error), error_out);
}

// finding ---------------------------------------------------------------------------------------

// What the system says of a file that is not there, or that nobody could load.
static bool is_missing(int why)
{
    return why == ENOENT || why == ENOTDIR || why == EACCES || why == ELOOP || why == ENAMETOOLONG;
}

// Tells whether dir (len bytes) has the plugin; writes its path. Where that cannot be told, as without a descriptor, it may
// be the one that counts: loading it tells why it cannot be.
static bool is_in(const char *dir, size_t len, const char *name, char *path)
{
    if (!len || dir[0] != '/')
        return false;
    int n = snprintf(path, RV_PLUGIN_PATH, "%.*s/rove-filter-%s.so", (int) len, dir, name);
    if (n < 0 || n >= RV_PLUGIN_PATH)
        return false;
    int fd = rv_os()->open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
    if (fd < 0)
        return !is_missing(errno);
    rv_os()->close(fd);
    return true;
}

static bool is_in_added(const char *name, char *path)
{
    bool found = false;
    rv_lock_enter(lock);
    for (const struct item *dir = dirs; dir && !found; dir = dir->next)
        found = is_in(dir->path, strlen(dir->path), name, path);
    rv_lock_leave(lock);
    return found;
}

static bool is_in_environment(const char *name, char *path)
{
    const char *list = rv_os()->getenv("ROVE_FILTER_PATH");
    while (list && *list) {
        size_t len = strcspn(list, ":");
        if (len < RV_PLUGIN_PATH && is_in(list, len, name, path))
            return true;
        list += len + (list[len] == ':');
    }
    return false;
}

// Takes an end off a path, if it has it.
static bool cut_end(char *path, const char *end)
{
    size_t len = strlen(path), end_len = strlen(end);
    if (len < end_len || strcmp(path + len - end_len, end) != 0)
        return false;
    path[len - end_len] = 0;
    return true;
}

// Where plugins lie beside us: an installed tree may have been moved, or installed elsewhere than it was configured
// for. Only from a folder that has the name of ours is the way to the plugins known.
static bool is_beside_us(const char *name, char *path)
{
    char dir[RV_PLUGIN_PATH];
    if (rv_os()->own_path(dir, sizeof dir - sizeof RV_FILTER_SUBDIR) != 0 || dir[0] != '/')
        return false;
    *strrchr(dir, '/') = 0;
    if (!cut_end(dir, "/" RV_LIB_SUBDIR) && !cut_end(dir, "/" RV_BIN_SUBDIR))
        return false;
    strcat(dir, "/" RV_FILTER_SUBDIR);
    return is_in(dir, strlen(dir), name, path);
}

static bool is_installed(const char *name, char *path)
{
    return is_beside_us(name, path) || is_in(RV_FILTER_DIR, strlen(RV_FILTER_DIR), name, path);
}

static enum rove_status find(const char *name, struct rove_plugin_error *error)
{
    char path[RV_PLUGIN_PATH];
    if (!is_name(name))
        return rv_plugin_refuse(error, ROVE_E_ARG, "the name is malformed");
    snprintf(error->path, sizeof error->path, "%s", name);
    if (is_switched_off())
        return rv_plugin_refuse(error, ROVE_E_DENIED, "ROVE_PLUGINS=none switches plugins off");
    if (is_in_added(name, path) || is_in_environment(name, path) || is_installed(name, path))
        return load(path, error);
    return rv_plugin_refuse(error, ROVE_END, "no folder has it");
}

enum rove_status rove_plugin_find(const char *name, struct rove_plugin_error *error_out)
{
    struct rove_plugin_error error = {"", ""};
    return tell(&error, find(name, &error), error_out);
}

enum rove_status rove_plugin_add_dir(const char *dir)
{
    enum rove_status why = ROVE_OK;
    if (!dir || dir[0] != '/' || strlen(dir) >= RV_PLUGIN_PATH)
        return ROVE_E_ARG;
    rv_lock_enter(lock);
    struct item *item = take_item(&dirs, dir);
    if (!item)
        item = make_item(dir, &why);
    if (item)
        add_item(&dirs, item);
    rv_lock_leave(lock);
    return item ? ROVE_OK : why;
}

static bool has_filter(const struct rove_plugin *plugin, const struct rove_filter *filter)
{
    for (size_t i = 0; i < FILTERS_MAX && plugin->filters[i]; i++)
        if (plugin->filters[i]->run == filter->run && plugin->filters[i]->dir == filter->dir)
            return true;
    return false;
}

// The plugin that a filter came with, or NULL. It stays.
static const struct item *origin(const struct rove_filter *filter)
{
    rv_lock_enter(lock);
    const struct item *item = filter ? loaded : NULL;
    while (item && !has_filter(item->plugin, filter))
        item = item->next;
    rv_lock_leave(lock);
    return item;
}

const char *rove_filter_file(const struct rove_filter *filter)
{
    const struct item *item = origin(filter);
    return item ? item->path : NULL;
}

const char *rove_filter_version(const struct rove_filter *filter)
{
    const struct item *item = origin(filter);
    return item ? item->plugin->version : NULL;
}
