// SPDX-License-Identifier: MIT
// unloaded.c: a library that uses rove, and a program that unloads it while a thread that used it goes on.
#ifdef LIBRARY
#include <rove/rove.h>

int use(void);
int use(void)
{
    struct rove_stream *stream;
    if (rove_stream_new(NULL, &stream) != ROVE_OK)
        return 1;
    enum rove_status status = rove_stream_write(stream, "text", 4);
    rove_stream_free(stream);
    return status != ROVE_OK;
}
#else
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

static int (*use)(void);
static pthread_barrier_t barrier;

static void *user(void *failed)
{
    *(int *) failed = use();
    pthread_barrier_wait(&barrier); // it may be unloaded now
    pthread_barrier_wait(&barrier); // it is
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    int failed = 0;
    void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    if (!library) {
        puts(dlerror());
        return 1;
    }
    *(void **) &use = dlsym(library, "use");
    if (pthread_barrier_init(&barrier, NULL, 2) || pthread_create(&thread, NULL, user, &failed))
        return 1;
    pthread_barrier_wait(&barrier);
    dlclose(library);
    pthread_barrier_wait(&barrier);
    return pthread_join(thread, NULL) || failed;
}
#endif
