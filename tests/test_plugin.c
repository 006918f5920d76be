// SPDX-License-Identifier: MIT
// test_plugin.c: the plugin loader against files and plugins that mean ill, each with its own answer.
#include "plugin_kit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

static bool is_known(const char *name)
{
    return rove_filter_find(name, ROVE_ENCODE) || rove_filter_find(name, ROVE_DECODE);
}

// kinds of file and path ------------------------------------------------------------------------

static void paths_that_are_none(void)
{
    char long_path[5000], long_name[400];
    static char many_slashes[4097];
    const char *beyond = kit_path("no.so");
    memset(many_slashes, '/', sizeof many_slashes - 1); // the folder's path is short enough
    memcpy(many_slashes + 1, beyond, (size_t) (strrchr(beyond, '/') - beyond));
    memcpy(many_slashes + 4096 - 5, "no.so", 5);
    memset(long_path, 'a', sizeof long_path - 1);
    long_path[0] = '/';
    long_path[4900] = '/';
    long_path[sizeof long_path - 1] = 0;
    memset(long_name, 'n', sizeof long_name - 1);
    long_name[300] = 0;
    kit_refuses("NULL", NULL, ROVE_E_ARG, "not absolute");
    kit_refuses("empty", "", ROVE_E_ARG, "not absolute");
    kit_refuses("relative", "rove-filter-x.so", ROVE_E_ARG, "not absolute");
    kit_refuses("dot", "./rove-filter-x.so", ROVE_E_ARG, "not absolute");
    kit_refuses("dots", "../rove-filter-x.so", ROVE_E_ARG, "not absolute");
    kit_refuses("missing", kit_path("no.so"), ROVE_E_IO, "cannot be opened: No such file");
    CHECK_EQ(ENOENT, errno);
    kit_refuses("missing folder", kit_path("no/no.so"), ROVE_E_IO, "its folder cannot be opened");
    CHECK_EQ(ENOENT, errno);
    kit_refuses("long path", long_path, ROVE_E_ARG, "path is too long");
    kit_refuses("a byte too long", many_slashes, ROVE_E_ARG, "path is too long");
    kit_refuses("as long as may be", many_slashes + 1, ROVE_E_IO, "cannot be opened");
    kit_refuses("long name", kit_path(long_name), ROVE_E_IO, "name too long");
    kit_refuses("folder", kit_folder(), ROVE_E_DENIED, "folder");
    kit_refuses("folder with a slash", kit_path(""), ROVE_E_DENIED, "it is a folder");
    kit_refuses("dot in a folder", kit_path("."), ROVE_E_DENIED, "it is a folder");
    kit_refuses("root", "/", ROVE_E_DENIED, "it is a folder");
}

static void files_that_are_no_files(void)
{
    struct kit_image good = kit_plugin("good");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const char *file = kit_write("file.so", good);
    CHECK(mkfifo(kit_path("fifo.so"), 0700) == 0);
    CHECK(symlink(file, kit_path("link.so")) == 0);
    CHECK(symlink("nowhere.so", kit_path("dangling.so")) == 0);
    CHECK(symlink("loop.so", kit_path("loop.so")) == 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", kit_path("socket.so"));
    CHECK(bind(fd, (struct sockaddr *) &address, sizeof address) == 0);
    kit_refuses("FIFO", kit_path("fifo.so"), ROVE_E_DENIED, "no regular file");
    kit_refuses("socket", kit_path("socket.so"), ROVE_E_DENIED, "no regular file");
    kit_refuses("device", "/dev/null", ROVE_E_DENIED, "no regular file");
    kit_refuses("terminal", "/dev/tty", ROVE_E_DENIED, "no regular file");
    kit_refuses("link", kit_path("link.so"), ROVE_E_DENIED, "symbolic link");
    kit_refuses("dangling link", kit_path("dangling.so"), ROVE_E_DENIED, "symbolic link");
    kit_refuses("link to itself", kit_path("loop.so"), ROVE_E_DENIED, "symbolic link");
    kit_refuses("file as folder", kit_path("file.so/x.so"), ROVE_E_IO, "Not a directory");
    kit_refuses("something in /proc", "/proc/self/mem", ROVE_E_FORMAT, "no ELF file");
    close(fd);
    free(good.ptr);
}

static void files_that_others_may_change(void)
{
    static const struct {
        mode_t file, folder;
        const char *says;
    } modes[] = {
        {0775, 0700, "it is writable by its group or by others"},
        {0757, 0700, "it is writable by its group or by others"},
        {0020, 0700, "it is writable by its group or by others"},
        {0755, 0770, "its folder is writable by its group or by others"},
        {0755, 0707, "its folder is writable by its group or by others"},
        {0755, 01777, "its folder is writable by its group or by others"},
    };
    struct kit_image good = kit_plugin("good");
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        const char *path = kit_write("open.so", good);
        CHECK(chmod(path, modes[i].file) == 0 && chmod(kit_folder(), modes[i].folder) == 0);
        kit_refuses("writable", path, ROVE_E_DENIED, modes[i].says);
    }
    CHECK(chmod(kit_folder(), 0700) == 0);
    free(good.ptr);
}

static void files_of_another_user(void)
{
    struct kit_image good = kit_plugin("good");
    const char *path = kit_write("foreign.so", good);
    free(good.ptr);
    if (geteuid() != 0) {
        suite_note("not root: without files of another user");
        return;
    }
    CHECK(chown(path, NOBODY, NOBODY) == 0);
    kit_refuses("foreign file", path, ROVE_E_DENIED, "it belongs to another user");
    CHECK(chown(path, 0, 0) == 0 && chown(kit_folder(), NOBODY, NOBODY) == 0);
    kit_refuses("foreign folder", path, ROVE_E_DENIED, "its folder belongs to another user");
    CHECK(chown(kit_folder(), 0, 0) == 0);
}

// plugins and filters ---------------------------------------------------------------------------

// Bytes of a plugin's table in the first version, and one less.
#if UINTPTR_MAX > UINT32_MAX
#define TABLE_LEN "40"
#define TABLE_SHORT "39"
#else
#define TABLE_LEN "24"
#define TABLE_SHORT "23"
#endif

static const struct {
    const char *crime;
    enum rove_status status;
    const char *says;
} tables[] = {
    {"t_null", ROVE_E_ARG, "its table is missing"},
    {"t_size_0", ROVE_E_ABI, "its table has 0 bytes, the first version's had " TABLE_LEN},
    {"t_size_short", ROVE_E_ABI, "its table has " TABLE_SHORT " bytes"},
    {"t_abi_0", ROVE_E_ABI, "made for version 0 of the interface, this is 1"},
    {"t_abi_2", ROVE_E_ABI, "made for version 2"},
    {"t_abi_max", ROVE_E_ABI, "made for version 4294967295"},
    {"t_name_null", ROVE_E_ARG, "its name is missing or malformed"},
    {"t_name_empty", ROVE_E_ARG, "its name is missing or malformed"},
    {"t_name_upper", ROVE_E_ARG, "its name is missing or malformed"},
    {"t_name_slash", ROVE_E_ARG, "its name is missing or malformed"},
    {"t_name_long", ROVE_E_ARG, "its name is missing or malformed"},
    {"t_version_null", ROVE_E_ARG, "its version is missing"},
    {"t_version_empty", ROVE_E_ARG, "its version is missing"},
    {"t_version_long", ROVE_E_ARG, "its version is missing or longer than 63 bytes"},
    {"t_license_null", ROVE_E_ARG, "its licence is missing"},
    {"t_license_long", ROVE_E_ARG, "its licence is missing or longer than 63 bytes"},
    {"t_filters_null", ROVE_E_ARG, "it has no filter"},
    {"t_filters_none", ROVE_E_ARG, "it has no filter"},
    {"t_filters_65", ROVE_E_LIMIT, "more than 64 filters"},
    {"f_twice", ROVE_E_ARG, "another filter of that name"},
    {"f_second_bad", ROVE_E_ARG, "run is missing"},
    {"f_second_taken", ROVE_E_ARG, "another filter of that name"},
    {"f_size_0", ROVE_E_ABI, "smaller than the first version's"},
    {"f_size_short", ROVE_E_ABI, "smaller than the first version's"},
    {"f_abi_0", ROVE_E_ABI, "another major version"},
    {"f_abi_2", ROVE_E_ABI, "another major version"},
    {"f_dir_0", ROVE_E_ABI, "the direction is unknown"},
    {"f_dir_8", ROVE_E_ABI, "the direction is unknown"},
    {"f_dir_tap_too", ROVE_E_ABI, "the direction is unknown"},
    {"f_flag_32", ROVE_E_ABI, "a flag is unknown"},
    {"f_flag_plain", ROVE_E_ARG, "the hooks for parts do not go together"},
    {"f_run_null", ROVE_E_ARG, "run is missing"},
    {"f_state_17m", ROVE_E_RANGE, "the state is larger than 16 MiB"},
    {"f_state_max", ROVE_E_RANGE, "the state is larger than 16 MiB"},
    {"f_name_null", ROVE_E_ARG, "the name is missing or malformed"},
    {"f_name_empty", ROVE_E_ARG, "the name is missing or malformed"},
    {"f_name_dash", ROVE_E_ARG, "the name is missing or malformed"},
    {"f_name_long", ROVE_E_ARG, "the name is missing or malformed"},
    {"f_name_auto", ROVE_E_ARG, "the name is reserved"},
    {"f_name_taken", ROVE_E_ARG, "another filter of that name"},
    {"o_key_empty", ROVE_E_ARG, "an option's key is missing or malformed"},
    {"o_key_long", ROVE_E_ARG, "an option's key is missing or malformed"},
    {"o_key_equals", ROVE_E_ARG, "an option's key is missing or malformed"},
    {"o_kind_0", ROVE_E_ARG, "an option's kind is unknown"},
    {"o_kind_7", ROVE_E_ARG, "an option's kind is unknown"},
    {"o_dirs_0", ROVE_E_ARG, "an option's directions are unknown"},
    {"o_dirs_8", ROVE_E_ARG, "an option's directions are unknown"},
    {"o_range_empty", ROVE_E_ARG, "an option's range is empty"},
    {"o_fallback_null", ROVE_E_ARG, "an option's fallback is not one of its values"},
    {"o_fallback_out", ROVE_E_ARG, "an option's fallback is not one of its values"},
    {"o_fallback_text", ROVE_E_ARG, "an option's fallback is not one of its values"},
    {"o_words_null", ROVE_E_ARG, "an option's range is empty"},
    {"o_words_none", ROVE_E_ARG, "an option's range is empty"},
    {"o_word_unknown", ROVE_E_ARG, "an option's fallback is not one of its values"},
    {"o_twice", ROVE_E_ARG, "two options have the same key"},
    {"o_65", ROVE_E_ARG, "more than 64 options"},
};

static void tables_that_are_wrong(void)
{
    size_t before = 0, after = 0;
    while (rove_filter_at(before))
        before++;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        kit_refuses_bytes(tables[i].crime, kit_plugin(tables[i].crime), tables[i].status,
                          tables[i].says);
        CHECK(!is_known(tables[i].crime));
    }
    while (rove_filter_at(after))
        after++;
    CHECK_EQ(before, after); // all or nothing: also of plugins whose first filter was good
    CHECK(!is_known("second"));
}

// running ---------------------------------------------------------------------------------------

struct run_crime {
    const char *crime;
    enum rove_status encode, decode;
    const char *says;
};

static const struct run_crime runs[] = {
    {"r_open_fails", ROVE_E_IO, ROVE_E_IO, ""},
    {"r_open_ends", ROVE_E_STALL, ROVE_E_STALL, ""},
    {"r_open_77", ROVE_E_STALL, ROVE_E_STALL, ""},
    {"r_hog", ROVE_E_LIMIT, ROVE_E_LIMIT, ""},
    {"r_hog_all", ROVE_E_LIMIT, ROVE_E_LIMIT, ""},
    {"r_take_more", ROVE_E_STALL, ROVE_E_STALL, "took more input than it was given"},
    {"r_take_back", ROVE_E_STALL, ROVE_E_STALL, "took more input than it was given"},
    {"r_take_huge", ROVE_E_STALL, ROVE_E_STALL, "took more input than it was given"},
    {"r_make_more", ROVE_E_STALL, ROVE_E_STALL, "made more output than it had room for"},
    {"r_make_back", ROVE_E_STALL, ROVE_E_STALL, "made more output than it had room for"},
    {"r_make_null", ROVE_E_STALL, ROVE_E_STALL, "made more output than it had room for"},
    {"r_status_99", ROVE_E_STALL, ROVE_E_STALL, "returned 99, which is no status"},
    {"r_status_min", ROVE_E_STALL, ROVE_E_STALL, "returned -2147483648, which is no status"},
    {"r_again", ROVE_E_STALL, ROVE_E_STALL, "returned -14, which is no status"},
    {"r_stall", ROVE_E_STALL, ROVE_E_STALL, "makes no progress"},
    {"r_end_early", ROVE_E_STALL, ROVE_END, ""},
    {"r_late_error", ROVE_E_CHECKSUM, ROVE_E_CHECKSUM, "r_late_error"},
    {"r_no_end", ROVE_E_STALL, ROVE_E_STALL, "makes no progress"},
    {"r_no_flush", ROVE_E_STALL, ROVE_END, "makes no progress"},
    {"r_talk", ROVE_E_DATA, ROVE_E_DATA, "????"},
};

static enum rove_status encode(const char *crime, char *why)
{
    static const uint8_t plain[200000];
    struct rove_stream *sink = NULL, *stream = NULL;
    CHECK_OK(rove_stream_new(env.pool, &sink));
    enum rove_status status = rove_stream_encode(sink, crime, NULL, &stream, NULL);
    if (!status) {
        status = rove_stream_write(stream, plain, sizeof plain);
        status = status ? status : rove_stream_flush(stream);
        status = status ? status : rove_stream_finish(stream);
        snprintf(why, 300, "%s", rove_stream_explain(stream));
    }
    rove_stream_free(stream);
    rove_stream_free(sink);
    return status;
}

static enum rove_status decode(const char *crime, char *why)
{
    static const uint8_t coded[200000];
    struct rove_stream *source = NULL, *stream = NULL;
    uint8_t buf[4096];
    size_t len;
    CHECK_OK(rove_stream_new(env.pool, &source));
    CHECK_OK(rove_stream_write(source, coded, sizeof coded));
    CHECK_OK(rove_stream_seek(source, 0, ROVE_SET, NULL));
    enum rove_status status = rove_stream_decode(source, crime, NULL, &stream, NULL);
    while (!status)
        status = rove_stream_read(stream, buf, sizeof buf, &len);
    if (stream)
        snprintf(why, 300, "%s", rove_stream_explain(stream));
    rove_stream_free(stream);
    rove_stream_free(source);
    return status;
}

static bool load_crime(const char *crime)
{
    struct kit_image image = kit_plugin(crime);
    struct rove_plugin_error error = {"", ""};
    bool fine = CHECK_OK(rove_plugin_load(kit_write("runs.so", image), &error));
    if (!fine)
        suite_note("%s: %s", crime, error.text);
    free(image.ptr);
    return fine;
}

static void runs_that_are_wrong(void)
{
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        const struct run_crime *c = &runs[i];
        char why[2][300] = {"", ""};
        if (!load_crime(c->crime))
            continue;
        bool fine = CHECK_IS(c->encode, encode(c->crime, why[0]));
        fine &= CHECK_IS(c->decode, decode(c->crime, why[1]));
        fine &= CHECK(strstr(why[0], c->says) != NULL);
        fine &= CHECK(c->decode == ROVE_END || strstr(why[1], c->says) != NULL);
        kit_refused += fine;
        if (!fine)
            suite_note("%s: writing \"%s\", reading \"%s\"", c->crime, why[0], why[1]);
    }
}

static void digests_out_of_range(void)
{
    static const char *const names[] = {"r_digest_good", "r_digest_65", "r_digest_huge"};
    uint8_t buf[ROVE_DIGEST_MAX];
    for (size_t i = 0; i < 3; i++) {
        struct rove_stream *sink = NULL, *stream = NULL;
        size_t len = 0;
        if (!load_crime(names[i]))
            continue;
        CHECK_OK(rove_stream_new(env.pool, &sink));
        CHECK_OK(rove_stream_encode(sink, names[i], NULL, &stream, NULL));
        CHECK_OK(rove_stream_write(stream, "bytes", 5));
        CHECK_OK(rove_stream_finish(stream));
        kit_refused += CHECK_IS(i ? ROVE_E_UNSUPPORTED : ROVE_OK,
                                rove_stream_digest(stream, 0, buf, sizeof buf, &len)) &&
                       i;
        rove_stream_free(stream);
        rove_stream_free(sink);
    }
}

// A reset that fails leaves a stream that can be closed.
static void resets_that_fail(void)
{
    static const char *const names[] = {"r_reset_fails", "r_reset_55"};
    static const enum rove_status wanted[] = {ROVE_E_STATE, ROVE_E_STALL};
    for (size_t i = 0; i < 2; i++) {
        struct rove_stream *sink = NULL, *stream = NULL;
        if (!load_crime(names[i]))
            continue;
        CHECK_OK(rove_stream_new(env.pool, &sink));
        CHECK_OK(rove_stream_encode(sink, names[i], NULL, &stream, NULL));
        CHECK_OK(rove_stream_write(stream, "bytes", 5));
        CHECK_OK(rove_stream_finish(stream));
        kit_refused += CHECK_IS(wanted[i], rove_stream_rechain(stream, sink));
        rove_stream_free(stream);
        rove_stream_free(sink);
    }
}

// what is fine ----------------------------------------------------------------------------------

static void good_plugins_are_loaded_once(void)
{
    struct rove_plugin_error error = {"", ""};
    struct kit_image image = kit_plugin("good");
    const char *path = kit_write("good.so", image);
    char why[300];
    CHECK(!is_known("good"));
    CHECK_OK(rove_plugin_load(path, NULL));
    CHECK(is_known("good"));
    CHECK_OK(rove_plugin_load(path, &error)); // the same file: left alone
    CHECK_OK(link(path, kit_path("hard.so")));
    CHECK_OK(rove_plugin_load(kit_path("hard.so"), &error));
    CHECK(strcmp(rove_filter_file(rove_filter_find("good", ROVE_ENCODE)), path) == 0);
    CHECK(!rove_filter_file(rove_filter_find("gzip", ROVE_ENCODE)));
    CHECK(!rove_filter_file(NULL));
    CHECK(strcmp(rove_filter_version(rove_filter_find("good", ROVE_DECODE)), "1") == 0);
    CHECK(!rove_filter_version(rove_filter_find("gzip", ROVE_DECODE)));
    kit_refuses_bytes("copy", image, ROVE_E_ARG, "another filter of that name");
    CHECK_OK(encode("good", why));
    CHECK_IS(ROVE_END, decode("good", why));
}

// Nobody may tell the loader's answer for one file from that for another by the descriptor's number.
static void two_plugins_by_one_descriptor(void)
{
    static const char *const names[] = {"t_size_more", "f_size_more", "r_first", "r_second"};
    for (size_t i = 0; i < 4; i++) {
        CHECK(!is_known(names[i]));
        load_crime(names[i]);
        CHECK(is_known(names[i]));
    }
}

static void a_plugin_may_bring_several_filters(void)
{
    struct kit_image image = kit_plugin("r_pair");
    const char *path = kit_write("pair.so", image);
    CHECK_OK(rove_plugin_load(path, NULL));
    CHECK(strcmp(rove_filter_file(rove_filter_find("r_pair", ROVE_DECODE)), path) == 0);
    const char *file = rove_filter_file(rove_filter_find("r_pair_two", ROVE_ENCODE));
    CHECK(file && strcmp(file, path) == 0);
    free(image.ptr);
}

static void a_plugin_stays_when_its_file_goes(void)
{
    char why[300];
    load_crime("r_stays");
    CHECK(unlink(kit_path("runs.so")) == 0);
    CHECK_OK(encode("r_stays", why));
}

static void folder_by_a_link_is_the_folder(void)
{
    struct kit_image image = kit_plugin("r_by_link");
    kit_write("by_link.so", image);
    CHECK(symlink(kit_folder(), kit_path("folder")) == 0);
    CHECK_OK(rove_plugin_load(kit_path("folder/by_link.so"), NULL));
    CHECK(is_known("r_by_link"));
    free(image.ptr);
}

static void a_long_path_is_kept_whole(void)
{
    char name[256];
    memset(name, 'x', sizeof name);
    strcpy(name + 245, ".so");
    struct kit_image image = kit_plugin("r_long_path");
    const char *path = kit_write(name, image);
    CHECK_OK(rove_plugin_load(path, NULL));
    CHECK(strcmp(rove_filter_file(rove_filter_find("r_long_path", ROVE_ENCODE)), path) == 0);
    free(image.ptr);
}

// finding ---------------------------------------------------------------------------------------

// Puts a plugin called rove-filter-NAME.so into a folder of its own.
static const char *put(const char *folder, const char *name, const char *crime)
{
    char file[128];
    struct kit_image image = kit_plugin(crime);
    mkdir(kit_path(folder), 0700);
    snprintf(file, sizeof file, "%s/rove-filter-%s.so", folder, name);
    kit_write(file, image);
    free(image.ptr);
    return kit_path(folder);
}

static void set_path(const char *first, const char *second)
{
    char list[1200];
    snprintf(list, sizeof list, "%s:%s", first, second);
    setenv("ROVE_FILTER_PATH", list, 1);
}

static void names_that_are_none(void)
{
    static const char *const names[] = {
        "", "Zstd", "a/b", "../x", "a.b", "a b", "a1234567890123456789012345678901"};
    struct rove_plugin_error error;
    CHECK_IS(ROVE_E_ARG, rove_plugin_find(NULL, &error));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        kit_refused += CHECK_IS(ROVE_E_ARG, rove_plugin_find(names[i], &error)) &&
                       CHECK(strstr(error.text, "malformed") != NULL);
    CHECK_IS(ROVE_END, rove_plugin_find("nobody-has-it", &error));
    CHECK(strstr(error.text, "no folder has it") != NULL);
}

static void folders_are_searched_in_order(void)
{
    const char *one = put("one", "order", "r_from_one"), *two = put("two", "order", "r_from_two");
    const char *env_dir = put("env", "order", "r_from_env");
    set_path(env_dir, one);
    CHECK_IS(ROVE_E_ARG, rove_plugin_add_dir("relative"));
    CHECK_IS(ROVE_E_ARG, rove_plugin_add_dir(NULL));
    CHECK_OK(rove_plugin_find("order", NULL));
    CHECK(is_known("r_from_env") && !is_known("r_from_one"));
    CHECK_OK(rove_plugin_add_dir(one));
    CHECK_OK(rove_plugin_find("order", NULL));
    CHECK(is_known("r_from_one") && !is_known("r_from_two"));
    CHECK_OK(rove_plugin_add_dir(two)); // the last one added comes first
    CHECK_OK(rove_plugin_find("order", NULL));
    CHECK(is_known("r_from_two"));
    put("two", "again", "r_again_two");
    CHECK_OK(rove_plugin_add_dir(put("one", "again", "r_again_one"))); // that one is first again
    CHECK_OK(rove_plugin_find("again", NULL));
    CHECK(is_known("r_again_one") && !is_known("r_again_two"));
    unsetenv("ROVE_FILTER_PATH");
}

static void only_absolute_entries_of_the_environment(void)
{
    char here[512];
    const char *folder = put("rel", "relative", "r_relative");
    CHECK(getcwd(here, sizeof here) && chdir(kit_folder()) == 0);
    static const char *const lists[] = {"rel", "./rel", ":", "", "::", ":rel:", "rel:./rel:."};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        setenv("ROVE_FILTER_PATH", lists[i], 1);
        kit_refused += CHECK_IS(ROVE_END, rove_plugin_find("relative", NULL));
    }
    set_path("rel::/nowhere", folder);
    CHECK_OK(rove_plugin_find("relative", NULL));
    CHECK(is_known("r_relative"));
    unsetenv("ROVE_FILTER_PATH");
    CHECK(chdir(here) == 0);
}

// A path that is too long is no path: what is left of it when it is cut is another file's.
static void a_path_that_is_too_long_finds_nothing(void)
{
    static char list[4096];
    struct kit_image image = kit_plugin("r_cut");
    const char *folder = kit_path("long"), end[] = "/rove-filter-cu";
    mkdir(folder, 0700);
    kit_write("long/rove-filter-cu", image);
    free(image.ptr);
    size_t len = 4095 - strlen(end);
    memset(list, '/', len); // as many slashes as it takes
    memcpy(list, folder, strlen(folder));
    setenv("ROVE_FILTER_PATH", list, 1);
    kit_refused += CHECK_IS(ROVE_END, rove_plugin_find("cut", NULL));
    CHECK(!is_known("r_cut"));
    unsetenv("ROVE_FILTER_PATH");
}

// The first file found is the one that is judged: a bad one does not let another in.
static void a_bad_file_hides_later_ones(void)
{
    const char *good = put("later", "hidden", "r_hidden"), *bad = kit_path("earlier");
    mkdir(bad, 0700);
    CHECK(symlink("nowhere", kit_path("earlier/rove-filter-hidden.so")) == 0);
    set_path(bad, good);
    kit_refused += CHECK_IS(ROVE_E_DENIED, rove_plugin_find("hidden", NULL));
    CHECK(!is_known("r_hidden"));
    unsetenv("ROVE_FILTER_PATH");
}

static void all_can_be_switched_off(void)
{
    struct rove_plugin_error error;
    struct kit_image image = kit_plugin("r_off");
    const char *path = kit_write("off.so", image);
    setenv("ROVE_PLUGINS", "none", 1);
    kit_refuses("switched off", path, ROVE_E_DENIED, "ROVE_PLUGINS=none");
    kit_refused += CHECK_IS(ROVE_E_DENIED, rove_plugin_find("anything", &error)) &&
                   CHECK(strstr(error.text, "ROVE_PLUGINS=none") != NULL);
    unsetenv("ROVE_PLUGINS");
    CHECK(!is_known("r_off"));
    free(image.ptr);
}

// A chain's text loads nothing, wherever the plugin lies.
static void nothing_is_loaded_unasked(void)
{
    struct rove_spec_error error = {0, ""};
    char text[256];
    set_path(put("unasked", "r_unasked", "r_unasked"), "/");
    kit_refused +=
        CHECK_IS(ROVE_E_ARG, rove_spec_print("r_unasked", ROVE_ENCODE, text, sizeof text, &error));
    CHECK(!is_known("r_unasked"));
    unsetenv("ROVE_FILTER_PATH");
}

// privileged ------------------------------------------------------------------------------------

#define NOT_PRIVILEGED 42

// What the copy of this program does that runs with another effective user.
static int find_privileged(void)
{
    if (!getauxval(AT_SECURE))
        return NOT_PRIVILEGED;
    return rove_plugin_find("privileged", NULL) == ROVE_END ? 0 : 1;
}

static int run_copy(const char *path, bool privileged)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        execl(path, path, privileged ? "--find-privileged" : "--find-plain", (char *) NULL);
        _exit(99);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void copy_self(const char *name, mode_t mode)
{
    struct kit_image self = {NULL, 0};
    FILE *file = fopen("/proc/self/exe", "rb");
    CHECK(file != NULL && fseek(file, 0, SEEK_END) == 0);
    self.len = (size_t) ftell(file);
    rewind(file);
    self.ptr = malloc(self.len);
    CHECK(fread(self.ptr, 1, self.len, file) == self.len);
    fclose(file);
    const char *path = kit_write(name, self);
    CHECK(chown(path, NOBODY, NOBODY) == 0 && chmod(path, mode) == 0);
    free(self.ptr);
}

// With another effective user than the real one, the environment names no folder.
static void the_environment_is_ignored_when_privileged(void)
{
    if (geteuid() != 0) {
        suite_note("not root: without the privileged process");
        return;
    }
    set_path(put("priv", "privileged", "r_privileged"), "/");
    CHECK(chmod(kit_folder(), 0755) == 0 && chmod(kit_path("priv"), 0755) == 0);
    copy_self("plain", 0755);
    CHECK_EQ(0, run_copy(kit_path("plain"), false)); // the folder would be found
    copy_self("setuid", 04755);
    int status = run_copy(kit_path("setuid"), true);
    if (status == NOT_PRIVILEGED)
        suite_note("set-user-ID has no effect here: without the privileged process");
    else
        kit_refused += CHECK_EQ(0, status);
    CHECK(chmod(kit_folder(), 0700) == 0);
    unsetenv("ROVE_FILTER_PATH");
}

// -------------------------------------------------------------------------------------------------

static bool all_cases; // no names of cases were given

static void count(void)
{
    suite_note("%u hostile plugins and names refused, each as expected", kit_refused);
    CHECK(kit_refused >= 200 || !all_cases || !KIT_PLACES_KNOWN);
}

static const struct suite_case cases[] = {
    SUITE_CASE(paths_that_are_none),
    SUITE_CASE(files_that_are_no_files),
    SUITE_CASE(files_that_others_may_change),
    SUITE_CASE(files_of_another_user),
    SUITE_CASE(plugin_elf_cases),
    SUITE_CASE(tables_that_are_wrong),
    SUITE_CASE(runs_that_are_wrong),
    SUITE_CASE(digests_out_of_range),
    SUITE_CASE(resets_that_fail),
    SUITE_CASE(good_plugins_are_loaded_once),
    SUITE_CASE(two_plugins_by_one_descriptor),
    SUITE_CASE(a_plugin_may_bring_several_filters),
    SUITE_CASE(a_plugin_stays_when_its_file_goes),
    SUITE_CASE(folder_by_a_link_is_the_folder),
    SUITE_CASE(a_long_path_is_kept_whole),
    SUITE_CASE(names_that_are_none),
    SUITE_CASE(folders_are_searched_in_order),
    SUITE_CASE(only_absolute_entries_of_the_environment),
    SUITE_CASE(a_path_that_is_too_long_finds_nothing),
    SUITE_CASE(a_bad_file_hides_later_ones),
    SUITE_CASE(all_can_be_switched_off),
    SUITE_CASE(nothing_is_loaded_unasked),
    SUITE_CASE(the_environment_is_ignored_when_privileged),
    SUITE_CASE(plugin_faults_of_the_system),
    SUITE_CASE(plugin_that_cannot_be_looked_for),
    SUITE_CASE(plugin_loads_another_while_it_is_loaded),
    SUITE_CASE(plugin_found_beside_the_library),
    SUITE_CASE(plugin_older_than_parts_runs_as_one),
    SUITE_CASE(plugin_threads_load_at_once),
    SUITE_CASE(plugin_that_loads_itself_is_told),
    SUITE_CASE(plugins_that_load_each_other_are_told),
    SUITE_CASE(plugin_that_a_constructor_loads_is_not_waited_for),
    SUITE_CASE(count),
};

int main(int argc, char **argv)
{
    static const struct suite suite = {
        .name = "plugin", .cases = cases, .cnt = sizeof cases / sizeof *cases};
    if (argc == 2 && strcmp(argv[1], "--find-privileged") == 0)
        _exit(find_privileged()); // without what a sanitizer does at the end
    if (argc == 2 && strcmp(argv[1], "--find-plain") == 0)
        return rove_plugin_find("privileged", NULL) == ROVE_OK ? 0 : 1;
    all_cases = argc == 1;
    return suite_run(argc, argv, &suite);
}
