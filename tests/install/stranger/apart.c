// SPDX-License-Identifier: MIT
// apart.c: two copies of the library in one process: a program's own, and the one that what it loads is linked with. Each
// puts more into a pool than its limit, so that some of it sleeps, and looks whether it is all there.
#include <rove/rove.h>

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define CHUNK ((size_t) 65536)
#define CNT 128

static unsigned char bytes[CHUNK];

static struct rove_pool *new_pool(void)
{
    struct rove_pool_opts opts = {.size = sizeof opts, .memory_limit = 2 << 20, .flags = ROVE_POOL_SPILL};
    struct rove_pool *pool;
    return rove_pool_new(&opts, &pool) == ROVE_OK ? pool : NULL;
}

#ifdef LIBRARY
static int is_there(struct rove_stream *stream)
{
    struct rove_view view;
    uint64_t at;
    int there = rove_stream_snapshot(stream, &view) == ROVE_OK;
    for (int i = 0; i < CNT && there; i++)
        there = rove_view_find_byte(&view, 0, (uint8_t) i, &at) == ROVE_OK && at == (uint64_t) i * CHUNK;
    rove_view_fini(&view);
    return there;
}

int use(void);
int use(void)
{
    struct rove_pool *pool = new_pool();
    struct rove_stream *stream = NULL;
    enum rove_status status = rove_stream_new(pool, &stream);
    for (int i = 0; i < CNT && status == ROVE_OK; i++) {
        memset(bytes, i, sizeof bytes);
        status = rove_stream_write(stream, bytes, sizeof bytes);
    }
    int there = pool && status == ROVE_OK && is_there(stream);
    rove_stream_free(stream);
    rove_pool_unref(pool);
    return there;
}
#else
static int is_there(struct rove_rope *rope)
{
    int there = 1;
    for (int i = 0; i < CNT && there; i++)
        there = rove_rope_read(rope, (uint64_t) i * CHUNK, bytes, 1, NULL) == ROVE_OK && bytes[0] == i;
    return there;
}

int main(int argc, char **argv)
{
    struct rove_pool *pool = new_pool();
    struct rove_rope rope;
    int (*use)(void);
    void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
    if (!library || !pool) {
        puts(library ? "no pool" : dlerror());
        return 1;
    }
    *(void **) &use = dlsym(library, "use");
    enum rove_status status = ROVE_OK;
    rove_rope_init(&rope, pool);
    for (int i = 0; i < CNT && status == ROVE_OK; i++) {
        memset(bytes, i, sizeof bytes);
        status = rove_rope_append(&rope, bytes, sizeof bytes);
    }
    int there = status == ROVE_OK && is_there(&rope), other = use();
    printf("the program's: %d, the library's: %d\n", there, other);
    rove_rope_fini(&rope);
    rove_pool_unref(pool);
    return !there || !other;
}
#endif
