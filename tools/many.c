// SPDX-License-Identifier: MIT
// many.c: several files at once. Threads take them in their order and leave what they have to say in a ring of slots; the
// calling thread prints it in the same order, and does what is not for them when it comes to that.
#include "many.h"

#include "progress.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define AHEAD 256 // files done or begun behind the one whose turn it is

enum state {
    STATE_BEGUN,
    STATE_DONE,
    STATE_OWN // for the calling thread
};

struct slot {
    enum state state;
    enum verdict verdict;
    char *out, *said; // NULL, or what it printed
    size_t out_len, said_len;
};

struct crew {
    const struct many *many;
    pthread_mutex_t lock; // of all below, but for what a slot holds until it is done
    pthread_cond_t news;
    size_t begun, told; // files, in their order
    struct slot slots[AHEAD];
};

static bool is_regular(const char *path)
{
    struct stat st;

    return strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

// Does a file, and leaves in the slot what it says. Returns false when that cannot be kept: it must be done again then.
static bool work(const struct many *many, size_t i, struct slot *slot)
{
    FILE *out = open_memstream(&slot->out, &slot->out_len);
    FILE *said = out != NULL ? open_memstream(&slot->said, &slot->said_len) : NULL;
    bool kept = said != NULL;

    if (said != NULL) {
        report_into(said);
        slot->verdict = many->work(many->ctx, i, out);
        report_into(NULL);
        kept = fclose(said) == 0;
    }
    if (out != NULL)
        kept = fclose(out) == 0 && kept;
    if (!kept)
        slot->out_len = slot->said_len = 0;
    return kept;
}

// Takes files until there are no more.
static void *run_thread(void *arg)
{
    struct crew *crew = arg;
    const struct many *many = crew->many;

    pthread_mutex_lock(&crew->lock);
    while (crew->begun < many->cnt) {
        size_t i = crew->begun;
        struct slot *slot = &crew->slots[i % AHEAD];
        if (i - crew->told >= AHEAD) {
            pthread_cond_wait(&crew->news, &crew->lock);
            continue;
        }
        crew->begun++;
        *slot = (struct slot){.state = STATE_BEGUN};
        pthread_mutex_unlock(&crew->lock);
        bool done = is_regular(many->paths[i]) && work(many, i, slot);
        pthread_mutex_lock(&crew->lock);
        slot->state = done ? STATE_DONE : STATE_OWN;
        pthread_cond_broadcast(&crew->news);
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

// Says what was said of a file, or does it. Returns the verdict.
static enum verdict tell(const struct many *many, size_t i, struct slot *slot)
{
    if (slot->state == STATE_OWN)
        slot->verdict = many->work(many->ctx, i, stdout);
    if (slot->said_len > 0) {
        progress_hide();
        fwrite(slot->said, 1, slot->said_len, stderr);
        progress_show();
    }
    if (slot->out_len > 0)
        fwrite(slot->out, 1, slot->out_len, stdout); // whose errors are found at the end
    free(slot->said);
    free(slot->out);
    return slot->verdict;
}

// What the threads do comes by in its order.
static enum verdict tell_all(struct crew *crew)
{
    enum verdict worst = VERDICT_FINE;

    pthread_mutex_lock(&crew->lock);
    while (crew->told < crew->many->cnt) {
        size_t i = crew->told;
        struct slot *slot = &crew->slots[i % AHEAD];
        if (i == crew->begun || slot->state == STATE_BEGUN) {
            pthread_cond_wait(&crew->news, &crew->lock);
            continue;
        }
        pthread_mutex_unlock(&crew->lock);
        worst = verdict_worse(worst, tell(crew->many, i, slot));
        pthread_mutex_lock(&crew->lock);
        crew->told++;
        pthread_cond_broadcast(&crew->news);
    }
    pthread_mutex_unlock(&crew->lock);
    return worst;
}

static enum verdict run_serially(const struct many *many)
{
    enum verdict worst = VERDICT_FINE;

    for (size_t i = 0; i < many->cnt; i++)
        worst = verdict_worse(worst, many->work(many->ctx, i, stdout));
    return worst;
}

size_t many_threads(const struct many *many, size_t most)
{
    size_t cnt = 0;

    for (size_t i = 0; i < many->cnt && cnt < most; i++)
        cnt += is_regular(many->paths[i]);
    return cnt > 1 ? cnt : 1;
}

enum verdict many_run(const struct many *many, size_t thread_cnt)
{
    size_t wanted = many_threads(many, thread_cnt), made = 0;
    struct crew *crew = calloc(1, sizeof *crew);
    pthread_t *threads = calloc(wanted, sizeof *threads);
    enum verdict worst;

    if (crew != NULL && threads != NULL && wanted > 1) {
        crew->many = many;
        pthread_mutex_init(&crew->lock, NULL);
        pthread_cond_init(&crew->news, NULL);
        while (made < wanted && pthread_create(&threads[made], NULL, run_thread, crew) == 0)
            made++;
    }
    worst = made > 0 ? tell_all(crew) : run_serially(many);
    while (made > 0)
        pthread_join(threads[--made], NULL);
    free(threads);
    free(crew);
    return worst;
}
