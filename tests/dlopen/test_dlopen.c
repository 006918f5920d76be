// SPDX-License-Identifier: MIT
// Loads librove late, into a process that links nothing of it and has no jemalloc, and uses it.
//
// This is how a plugin host or a Python extension meets the library. A librove that linked Debian's
// jemalloc would fail in dlopen: "cannot allocate memory in static TLS block".

#include "support/headers.h"

#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <rove/memory.h>
#include <rove/stream.h>
#include <rove/version.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_LEN ((size_t) 300000) // bytes: several chunks
#define CUT_OFF 100001 // bytes: where the word goes

// What is used of the library, found by name.
static struct {
    __typeof__(rove_version) *version;
    __typeof__(rove_allocator_default) *allocator_default;
    __typeof__(rove_allocator_jemalloc) *allocator_jemalloc;
    __typeof__(rove_stream_new) *stream_new;
    __typeof__(rove_stream_write) *stream_write;
    __typeof__(rove_stream_insert) *stream_insert;
    __typeof__(rove_stream_seek) *stream_seek;
    __typeof__(rove_stream_read) *stream_read;
    __typeof__(rove_stream_close) *stream_close;
    __typeof__(rove_stream_free) *stream_free;
    __typeof__(rove_copy_run) *copy_run;
    __typeof__(rove_rope_init) *rope_init;
    __typeof__(rove_rope_append) *rope_append;
    __typeof__(rove_rope_len) *rope_len;
    __typeof__(rove_rope_view) *rope_view;
    __typeof__(rove_rope_fini) *rope_fini;
    __typeof__(rove_view_len) *view_len;
    __typeof__(rove_view_fini) *view_fini;
} lib;

static void check(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "failed: %s\n", what);
        exit(1);
    }
}

// ISO C has no conversion from void * to a function pointer, POSIX has: hence by memory.
static void find(void *handle, const char *name, void *pointer_out)
{
    void *address = dlsym(handle, name);
    if (!address) {
        fprintf(stderr, "failed: librove has no %s\n", name);
        exit(1);
    }
    memcpy(pointer_out, &address, sizeof address);
}

static void *load(const char *path)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        fprintf(stderr, "failed: %s\n", dlerror());
        exit(1);
    }
    find(handle, "rove_version", &lib.version);
    find(handle, "rove_allocator_default", &lib.allocator_default);
    find(handle, "rove_allocator_jemalloc", &lib.allocator_jemalloc);
    find(handle, "rove_stream_new", &lib.stream_new);
    find(handle, "rove_stream_write", &lib.stream_write);
    find(handle, "rove_stream_insert", &lib.stream_insert);
    find(handle, "rove_stream_seek", &lib.stream_seek);
    find(handle, "rove_stream_read", &lib.stream_read);
    find(handle, "rove_stream_close", &lib.stream_close);
    find(handle, "rove_stream_free", &lib.stream_free);
    find(handle, "rove_copy_run", &lib.copy_run);
    find(handle, "rove_rope_init", &lib.rope_init);
    find(handle, "rove_rope_append", &lib.rope_append);
    find(handle, "rove_rope_len", &lib.rope_len);
    find(handle, "rove_rope_view", &lib.rope_view);
    find(handle, "rove_rope_fini", &lib.rope_fini);
    find(handle, "rove_view_len", &lib.view_len);
    find(handle, "rove_view_fini", &lib.view_fini);
    return handle;
}

// Whatever a header declares, inline or not, can be found: other languages know no headers.
static void find_all(void *handle, const char *folder)
{
    static struct header_function list[400];
    char path[4096];
    size_t cnt = 0;
    void *address;
    DIR *dir = opendir(folder);
    check(dir != NULL, "the folder of the headers");
    for (struct dirent *entry; (entry = readdir(dir));) {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (strstr(entry->d_name, ".h"))
            cnt = header_functions(path, list, cnt, sizeof list / sizeof *list);
    }
    closedir(dir);
    for (size_t i = 0; i < cnt; i++)
        find(handle, list[i].name, &address);
    check(cnt > 100, "the headers declare more than a hundred functions");
    printf("found %zu functions by name\n", cnt);
}

static void no_jemalloc(void)
{
    check(dlsym(RTLD_DEFAULT, "mallocx") == NULL, "there is no jemalloc in the process");
}

// Writes text, puts a word into it and reads all of it back.
static void round_trip(void)
{
    static const char word[] = "in between";
    static char text[TEXT_LEN], back[TEXT_LEN + sizeof word];
    struct rove_stream *stream = NULL;
    size_t len = 0;

    for (size_t i = 0; i < TEXT_LEN; i++)
        text[i] = (char) (i * 7919 >> 5);
    check(lib.stream_new(NULL, &stream) == ROVE_OK, "new");
    check(lib.stream_write(stream, text, TEXT_LEN) == ROVE_OK, "write");
    check(lib.stream_seek(stream, CUT_OFF, ROVE_SET, NULL) == ROVE_OK, "seek to the cut");
    check(lib.stream_insert(stream, word, sizeof word) == ROVE_OK, "insert");
    check(lib.stream_seek(stream, 0, ROVE_SET, NULL) == ROVE_OK, "seek to the start");
    check(lib.stream_read(stream, back, sizeof back, &len) == ROVE_OK, "read");
    check(len == sizeof back, "the length of what was read");
    check(memcmp(back, text, CUT_OFF) == 0, "the bytes before the cut");
    check(memcmp(back + CUT_OFF, word, sizeof word) == 0, "the inserted bytes");
    check(memcmp(back + CUT_OFF + sizeof word, text + CUT_OFF, TEXT_LEN - CUT_OFF) == 0,
          "the bytes behind the cut");
    check(lib.stream_read(stream, back, 1, &len) == ROVE_END && len == 0, "the end");
    check(lib.stream_close(stream) == ROVE_OK, "close");
    lib.stream_free(stream);
}

// What a foreign function interface does: functions whose bodies stand in headers, by their symbols.
static void inline_by_symbol(void)
{
    struct rove_rope rope;
    struct rove_view view;
    char from[100], to[100];

    memset(from, 'x', sizeof from);
    lib.copy_run(to, from, sizeof from);
    check(memcmp(to, from, sizeof from) == 0, "a run is copied");
    lib.rope_init(&rope, NULL);
    for (int i = 0; i < 1000; i++)
        check(lib.rope_append(&rope, from, sizeof from) == ROVE_OK, "append");
    check(lib.rope_len(&rope) == 1000 * sizeof from, "the length of the rope");
    check(lib.rope_view(&rope, 50, 1000, &view) == ROVE_OK, "view");
    check(lib.view_len(&view) == 1000, "the length of the view");
    lib.view_fini(&view);
    lib.rope_fini(&rope);
}

// A thread that used the library and outlives the host's dlclose: what the library does at the
// thread's end must still have code to run.
static sem_t used, closed;

static void *outlive(void *arg)
{
    round_trip();
    sem_post(&used);
    sem_wait(&closed);
    return arg;
}

static void close_before_thread_ends(void *handle)
{
    pthread_t thread;

    check(sem_init(&used, 0, 0) == 0 && sem_init(&closed, 0, 0) == 0, "sem_init");
    check(pthread_create(&thread, NULL, outlive, NULL) == 0, "pthread_create");
    sem_wait(&used);
    check(dlclose(handle) == 0, "dlclose");
    sem_post(&closed);
    check(pthread_join(thread, NULL) == 0, "pthread_join");
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s LIBROVE_SO HEADERS\n", argv[0]);
        return 2;
    }
    check(dlsym(RTLD_DEFAULT, "rove_version") == NULL, "this program links nothing of rove");
    no_jemalloc();
    void *handle = load(argv[1]);
    find_all(handle, argv[2]);
    no_jemalloc();
    check(strcmp(lib.version(), ROVE_VERSION_STRING) == 0, "the version of the headers");
    check(lib.allocator_jemalloc() == NULL, "the library finds no jemalloc");
    check(strcmp(lib.allocator_default()->name, "system") == 0, "the default is the system's");
    round_trip();
    inline_by_symbol();
    close_before_thread_ends(handle);
    printf("loaded rove %s late, without jemalloc\n", ROVE_VERSION_STRING);
    return 0;
}
