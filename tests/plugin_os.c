// SPDX-License-Identifier: MIT
// plugin_os.c: the loader when the operating system refuses, and when many threads ask at once.
#include "plugin_kit.h"

#include "base/os.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// faults ------------------------------------------------------------------------------------------

static unsigned opens, fstats, fail_open, fail_fstat;

static int failing_open(const char *path, int flags, mode_t mode)
{
    if (++opens == fail_open) {
        errno = EMFILE;
        return -1;
    }
    return rv_os_real.open(path, flags, mode);
}

static int failing_fstat(int fd, struct stat *st)
{
    if (++fstats == fail_fstat) {
        errno = EOVERFLOW;
        return -1;
    }
    return rv_os_real.fstat(fd, st);
}

static ssize_t failing_pread(int fd, void *buf, size_t len, off_t off)
{
    (void) fd, (void) buf, (void) len, (void) off;
    errno = EIO;
    return -1;
}

// As short as can be, and every other time interrupted.
static ssize_t stumbling_pread(int fd, void *buf, size_t len, off_t off)
{
    static unsigned calls;
    if (++calls % 2) {
        errno = EINTR;
        return -1;
    }
    return rv_os_real.pread(fd, buf, len ? 1 : 0, off);
}

static void *no_dlopen(const char *path, int flags)
{
    (void) path, (void) flags;
    return NULL;
}

static char *no_dlerror(void)
{
    return NULL;
}

static unsigned descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    unsigned cnt = 0;
    while (dir && readdir(dir))
        cnt++;
    closedir(dir);
    return cnt;
}

void plugin_faults_of_the_system(void)
{
    struct kit_image image = kit_plugin("r_faults");
    const char *path = kit_write("faults.so", image);
    unsigned before = descriptors();
    struct rv_os os = rv_os_real;
    os.open = failing_open;
    os.fstat = failing_fstat;
    rv_os_set(&os);
    static const char *const at_open[] = {"its folder cannot be opened", "it cannot be opened",
                                          "it cannot be read"};
    for (unsigned i = 0; i < 3; i++) {
        opens = 0;
        fail_open = i + 1;
        errno = 0;
        kit_refuses("open", path, ROVE_E_IO, at_open[i]);
        CHECK_EQ(EMFILE, errno);
    }
    static const char *const at_fstat[] = {"its folder cannot be examined",
                                           "it cannot be examined"};
    fail_open = 0;
    for (unsigned i = 0; i < 2; i++) {
        fstats = 0;
        fail_fstat = i + 1;
        kit_refuses("fstat", path, ROVE_E_IO, at_fstat[i]);
        CHECK_EQ(EOVERFLOW, errno);
    }
    fail_fstat = 0;
    os.pread = failing_pread;
    kit_refuses("pread", path, ROVE_E_IO, "it cannot be read");
    CHECK_EQ(EIO, errno);
    os.pread = stumbling_pread;
    os.dlopen = no_dlopen;
    os.dlerror = no_dlerror;
    kit_refuses("dlopen", path, ROVE_E_UNSUPPORTED, "the loader refuses it: no reason");
    rv_os_set(NULL);
    CHECK_EQ(before, descriptors());
    CHECK(!rove_filter_find("r_faults", ROVE_ENCODE));
    CHECK_OK(rove_plugin_load(path, NULL));
    CHECK_EQ(before, descriptors());
    free(image.ptr);
}

static int no_open(const char *path, int flags, mode_t mode)
{
    (void) path, (void) flags, (void) mode;
    errno = EMFILE;
    return -1;
}

// Puts a plugin called rove-filter-looked-for.so into a folder of its own, and returns that.
static void put_looked_for(char *folder, const char *name, const char *crime)
{
    struct kit_image image = kit_plugin(crime);
    char file[128];
    snprintf(folder, PATH_MAX, "%s", kit_path(name));
    CHECK(mkdir(folder, 0700) == 0);
    snprintf(file, sizeof file, "%s/rove-filter-looked-for.so", name);
    kit_write(file, image);
    free(image.ptr);
}

// Then it is not known that no folder has it, and no later one counts in the place of the first.
void plugin_that_cannot_be_looked_for(void)
{
    char first[PATH_MAX], second[PATH_MAX];
    struct rove_plugin_error error = {"", ""};
    struct rv_os os = rv_os_real;
    put_looked_for(first, "first", "r_looked_first");
    put_looked_for(second, "second", "r_looked_second");
    CHECK_OK(rove_plugin_add_dir(second));
    CHECK_OK(rove_plugin_add_dir(first)); // which comes first
    os.open = no_open;
    rv_os_set(&os);
    errno = 0;
    CHECK_IS(ROVE_E_IO, rove_plugin_find("looked-for", &error));
    CHECK_EQ(EMFILE, errno);
    CHECK(strncmp(error.path, first, strlen(first)) == 0 && strstr(error.text, "its folder cannot be opened") != NULL);
    os.open = failing_open;
    opens = 0;
    fail_open = 1;
    CHECK_OK(rove_plugin_find("looked-for", NULL));
    fail_open = 0;
    rv_os_set(NULL);
    CHECK(rove_filter_find("r_looked_first", ROVE_ENCODE) && !rove_filter_find("r_looked_second", ROVE_ENCODE));
}

// A plugin's code that runs while it is loaded may use the library: it loads another one.
static const char *other_path;
static struct rove_plugin_error other_error;
static enum rove_status other_status;

static void *loading_dlopen(const char *path, int flags)
{
    const char *other = other_path;
    other_path = NULL;
    if (other)
        other_status = rove_plugin_load(other, &other_error);
    return rv_os_real.dlopen(path, flags);
}

void plugin_loads_another_while_it_is_loaded(void)
{
    struct kit_image image = kit_plugin("r_outer"), other = kit_plugin("r_inner");
    char path[PATH_MAX], inner[PATH_MAX];
    snprintf(path, sizeof path, "%s", kit_write("outer.so", image));
    snprintf(inner, sizeof inner, "%s", kit_write("inner.so", other));
    struct rv_os os = rv_os_real;
    os.dlopen = loading_dlopen;
    rv_os_set(&os);
    other_path = inner;
    other_status = ROVE_E_STATE;
    CHECK_OK(rove_plugin_load(path, NULL));
    rv_os_set(NULL);
    CHECK_OK(other_status);
    CHECK(rove_filter_find("r_outer", ROVE_ENCODE) && rove_filter_find("r_inner", ROVE_ENCODE));
    free(image.ptr);
    free(other.ptr);
}

// beside the library ------------------------------------------------------------------------------

static char own_path[PATH_MAX];

static int told_own_path(char *buf, size_t cap)
{
    if (!own_path[0] || strlen(own_path) >= cap)
        return -1;
    strcpy(buf, own_path);
    return 0;
}

// Makes the folders of a path below the test's own, and the path.
static const char *make_folders(const char *path)
{
    static char made[PATH_MAX];
    size_t len = (size_t) snprintf(made, sizeof made, "%s/", kit_folder());
    for (size_t part; *path; path += part, len += part) {
        part = strcspn(path, "/") + (path[strcspn(path, "/")] == '/');
        memcpy(made + len, path, part);
        made[len + part] = 0;
        CHECK(mkdir(made, 0700) == 0 || errno == EEXIST);
    }
    return made;
}

static enum rove_status found_from(const char *place)
{
    snprintf(own_path, sizeof own_path, "%s/moved/%s", kit_folder(), place);
    return rove_plugin_find("beside", NULL);
}

void plugin_found_beside_the_library(void)
{
    struct kit_image image = kit_plugin("r_beside");
    const char *written = kit_write("beside.so", image);
    struct rv_os os = rv_os_real;
    char there[PATH_MAX + 64], text[PATH_MAX];
    os.own_path = told_own_path;
    rv_os_set(&os);
    snprintf(there, sizeof there, "%s/rove-filter-beside.so",
             make_folders("moved/" ROVE_FILTER_SUBDIR));
    CHECK(rename(written, there) == 0);

    CHECK_IS(ROVE_END, found_from("tools/rove")); // from here no way is known
    CHECK_IS(ROVE_END, found_from("x" ROVE_BIN_SUBDIR "/rove"));
    CHECK_IS(ROVE_END, found_from(ROVE_BIN_SUBDIR "/more/rove"));
    own_path[0] = 0;
    CHECK_IS(ROVE_END, rove_plugin_find("beside", NULL));
    snprintf(own_path, sizeof own_path, "moved/" ROVE_BIN_SUBDIR "/rove"); // relative to nobody knows what
    CHECK_IS(ROVE_END, rove_plugin_find("beside", NULL));
    memset(own_path, '/', sizeof own_path - 1);
    CHECK_IS(ROVE_END, rove_plugin_find("beside", NULL));

    CHECK_OK(found_from(ROVE_LIB_SUBDIR "/librove.so.0"));
    snprintf(text, sizeof text, "%s/moved/" ROVE_FILTER_SUBDIR "/rove-filter-beside.so", kit_folder());
    CHECK(strcmp(rove_filter_file(rove_filter_find("r_beside", ROVE_ENCODE)), text) == 0);
    CHECK_OK(found_from(ROVE_BIN_SUBDIR "/rove"));
    CHECK_OK(found_from(ROVE_LIB_SUBDIR "/../" ROVE_BIN_SUBDIR "/rove"));
    rv_os_set(NULL);
    CHECK_IS(ROVE_END, rove_plugin_find("beside", NULL)); // the test lies elsewhere
    free(image.ptr);
}

// threads -----------------------------------------------------------------------------------------

#define THREADS 4
#define FILES 6

static char files[FILES][512];
// How often that was asked for its table.
static unsigned times_asked(const char *path)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_NOLOAD), *at = handle ? dlsym(handle, "plugin_hostile_asked") : NULL;
    unsigned times = at ? *(unsigned *) at : 0;
    if (CHECK(at != NULL))
        dlclose(handle);
    return times;
}

static void *load_all(void *arg)
{
    size_t first = *(size_t *) arg;
    for (size_t i = 0; i < FILES; i++) {
        const char *path = files[(first + i) % FILES];
        CHECK_OK(rove_plugin_load(path, NULL));
        CHECK_IS(ROVE_END, rove_plugin_find("nobody-has-it", NULL));
    }
    return NULL;
}

void plugin_threads_load_at_once(void)
{
    pthread_t threads[THREADS];
    size_t numbers[THREADS], before = 0, after = 0;
    for (size_t i = 0; i < FILES; i++) {
        char crime[32], name[32];
        snprintf(crime, sizeof crime, "r_thread_%zu", i);
        snprintf(name, sizeof name, "thread_%zu.so", i);
        struct kit_image image = kit_plugin(crime);
        snprintf(files[i], sizeof files[i], "%s", kit_write(name, image));
        free(image.ptr);
    }
    while (rove_filter_at(before))
        before++;
    for (size_t i = 0; i < THREADS; i++) {
        numbers[i] = i;
        CHECK(pthread_create(&threads[i], NULL, load_all, &numbers[i]) == 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    while (rove_filter_at(after))
        after++;
    CHECK_EQ(before + FILES, after); // each once
    for (size_t i = 0; i < FILES; i++)
        CHECK_EQ(1, times_asked(files[i])); // by nobody who came while another did, or later
}
