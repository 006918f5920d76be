// SPDX-License-Identifier: MIT
// plugin_asks.c: plugins whose own code loads others, or themselves, when they are asked for their table, or as a
// constructor would while the loader has them.
#include "plugin_kit.h"

#include "base/os.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAST 4

// A plugin, and what its code does. Which one a thread loads the test notes, as the loader is told no name of the file.
struct actor {
    char path[PATH_MAX];
    void *handle;
    rove_plugin_fn *real;
    int loads, builds_on;     // the one that it loads when it is asked, and while it is loaded; -1: none
    bool meets;               // it waits for the others when it is asked …
    bool stays;               // … and once more before it answers
    enum rove_status answer;  // to what it loaded
    atomic_uint asked;
};

static struct actor cast[CAST];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; // guards handles and functions
static pthread_barrier_t met;
static _Thread_local int current;

static enum rove_status load(int i)
{
    int was = current;
    current = i;
    enum rove_status status = rove_plugin_load(cast[i].path, NULL);
    current = was;
    return status;
}

static const struct rove_plugin *be_asked(int i)
{
    struct actor *a = &cast[i];
    pthread_mutex_lock(&lock);
    rove_plugin_fn *real = a->real;
    pthread_mutex_unlock(&lock);
    if (a->asked++) // by itself, which would have no end
        return real();
    if (a->meets)
        pthread_barrier_wait(&met);
    if (a->loads >= 0)
        a->answer = load(a->loads);
    if (a->stays)
        pthread_barrier_wait(&met);
    return real();
}

static const struct rove_plugin *ask_0(void)
{
    return be_asked(0);
}

static const struct rove_plugin *ask_1(void)
{
    return be_asked(1);
}

static const struct rove_plugin *ask_2(void)
{
    return be_asked(2);
}

static const struct rove_plugin *ask_3(void)
{
    return be_asked(3);
}

static void *acting_dlopen(const char *path, int flags)
{
    struct actor *a = &cast[current];
    if (a->builds_on >= 0)
        a->answer = load(a->builds_on);
    void *handle = rv_os_real.dlopen(path, flags);
    pthread_mutex_lock(&lock);
    a->handle = handle;
    pthread_mutex_unlock(&lock);
    return handle;
}

static void *acting_dlsym(void *handle, const char *name)
{
    static rove_plugin_fn *const asks[CAST] = {ask_0, ask_1, ask_2, ask_3};
    void *symbol = rv_os_real.dlsym(handle, name);
    pthread_mutex_lock(&lock);
    for (int i = 0; i < CAST && symbol; i++)
        if (cast[i].handle == handle) {
            memcpy(&cast[i].real, &symbol, sizeof symbol);
            memcpy(&symbol, &asks[i], sizeof symbol);
            break;
        }
    pthread_mutex_unlock(&lock);
    return symbol;
}

// Writes new plugins, and sets the stage.
static void begin(const char *play)
{
    static struct rv_os os;
    for (int i = 0; i < CAST; i++) {
        char crime[40], name[40];
        snprintf(crime, sizeof crime, "r_%s_%d", play, i);
        snprintf(name, sizeof name, "%s_%d.so", play, i);
        struct kit_image image = kit_plugin(crime);
        memset(&cast[i], 0, sizeof cast[i]);
        snprintf(cast[i].path, sizeof cast[i].path, "%s", kit_write(name, image));
        cast[i].loads = cast[i].builds_on = -1;
        cast[i].answer = ROVE_E_IO;
        free(image.ptr);
    }
    os = rv_os_real;
    os.dlopen = acting_dlopen;
    os.dlsym = acting_dlsym;
    rv_os_set(&os);
}

// So many of them were loaded, and asked once.
static void end(const char *play, int cnt)
{
    rv_os_set(NULL);
    for (int i = 0; i < cnt; i++) {
        char crime[40];
        snprintf(crime, sizeof crime, "r_%s_%d", play, i);
        CHECK(rove_filter_find(crime, ROVE_ENCODE) != NULL);
        CHECK_EQ(1, cast[i].asked);
    }
}

void plugin_that_loads_itself_is_told(void)
{
    struct rove_plugin_error error = {"", ""};
    begin("itself");
    cast[0].loads = 0;
    CHECK_OK(load(0));
    CHECK_IS(ROVE_E_STATE, cast[0].answer);
    cast[1].loads = 2; // by way of others
    cast[2].loads = 3;
    cast[3].loads = 1;
    CHECK_OK(load(1));
    CHECK_OK(cast[1].answer);
    CHECK_OK(cast[2].answer);
    CHECK_IS(ROVE_E_STATE, cast[3].answer);
    CHECK_OK(rove_plugin_load(cast[3].path, &error));
    CHECK(!error.text[0]);
    end("itself", 4);
}

static void *load_one(void *arg)
{
    CHECK_OK(load((int) ((struct actor *) arg - cast)));
    return NULL;
}

static void start(pthread_t *threads, int cnt)
{
    for (int i = 0; i < cnt; i++)
        CHECK(pthread_create(&threads[i], NULL, load_one, &cast[i]) == 0);
}

// Each is asked by a thread of its own, and then loads the next one: one of them is told, and all are loaded.
void plugins_that_load_each_other_are_told(void)
{
    for (int cnt = 2; cnt <= CAST; cnt++) {
        pthread_t threads[CAST];
        char play[24];
        int told = 0;
        snprintf(play, sizeof play, "ring_%d", cnt);
        begin(play);
        CHECK(pthread_barrier_init(&met, NULL, (unsigned) cnt) == 0);
        for (int i = 0; i < cnt; i++) {
            cast[i].loads = (i + 1) % cnt;
            cast[i].meets = true;
        }
        start(threads, cnt);
        for (int i = 0; i < cnt; i++) {
            pthread_join(threads[i], NULL);
            told += cast[i].answer == ROVE_E_STATE;
            CHECK(cast[i].answer == ROVE_E_STATE || cast[i].answer == ROVE_OK);
        }
        CHECK_EQ(1, told);
        pthread_barrier_destroy(&met);
        end(play, cnt);
    }
}

// The first one is asked when a constructor of the second one's wants it, under the loader's lock: the first one may need that
// for its answer, as this one does.
void plugin_that_a_constructor_loads_is_not_waited_for(void)
{
    pthread_t thread;
    begin("built");
    CHECK(pthread_barrier_init(&met, NULL, 2) == 0);
    cast[0].meets = cast[0].stays = true;
    start(&thread, 1);
    pthread_barrier_wait(&met);
    cast[1].builds_on = 0;
    CHECK_OK(load(1));
    CHECK_IS(ROVE_E_STATE, cast[1].answer);
    pthread_barrier_wait(&met);
    pthread_join(thread, NULL);
    cast[2].builds_on = 0; // which is there by now
    CHECK_OK(load(2));
    CHECK_OK(cast[2].answer);
    pthread_barrier_destroy(&met);
    end("built", 3);
}
