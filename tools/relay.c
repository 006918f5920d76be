// SPDX-License-Identifier: MIT
// relay.c: a thread that writes what another one makes.
#include "relay.h"

#include <rove/pool.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#define BUF_CNT 3 // one is filled, one written, and one waits, so that neither has to

struct relay {
    struct rove_stream *out; // the thread's alone until it has ended
    int told;
    uint8_t *bufs;           // BUF_CNT of RELAY_LEN
    pthread_t thread;
    pthread_mutex_t lock; // of all below
    pthread_cond_t given, written;
    size_t given_cnt, written_cnt; // buffers so far, the Nth in place N % BUF_CNT
    size_t lens[BUF_CNT];
    bool ended;
    enum rove_status status;
};

static uint8_t *place(const struct relay *relay, size_t nth)
{
    return relay->bufs + nth % BUF_CNT * RELAY_LEN;
}

// Whole chunks, then what is left of one: the stream keeps that, and has not written it when the decoder fails. So it
// is where the stream is given chunk by chunk.
static enum rove_status put(struct rove_stream *out, const uint8_t *buf, size_t len)
{
    size_t rest = len % rove_pool_chunk_len(NULL);
    enum rove_status status = ROVE_OK;

    if (len > rest)
        status = rove_stream_write(out, buf, len - rest);
    return status == ROVE_OK && rest > 0 ? rove_stream_write(out, buf + len - rest, rest) : status;
}

static void *run_thread(void *arg)
{
    struct relay *relay = arg;

    pthread_mutex_lock(&relay->lock);
    while (relay->status == ROVE_OK) {
        size_t nth = relay->written_cnt;
        if (nth == relay->given_cnt) {
            if (relay->ended)
                break;
            pthread_cond_wait(&relay->given, &relay->lock);
            continue;
        }
        size_t len = relay->lens[nth % BUF_CNT];
        pthread_mutex_unlock(&relay->lock);
        enum rove_status status = put(relay->out, place(relay, nth), len);
        pthread_mutex_lock(&relay->lock);
        relay->status = status;
        relay->written_cnt++;
        pthread_cond_signal(&relay->written);
    }
    pthread_mutex_unlock(&relay->lock);
    if (relay->status != ROVE_OK && relay->told >= 0)
        while (write(relay->told, "", 1) < 0 && errno == EINTR)
            continue;
    return NULL;
}

// Signals stay with the caller, but those that a write sends to the thread that makes it, and that end the command
// (signals.c), and those of faults.
static bool make_thread(struct relay *relay)
{
    static const int own[] = {SIGPIPE, SIGXFSZ, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
    sigset_t quiet, before;
    bool made;

    sigfillset(&quiet);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        sigdelset(&quiet, own[i]);
    if (pthread_sigmask(SIG_BLOCK, &quiet, &before) != 0)
        return false;
    made = pthread_create(&relay->thread, NULL, run_thread, relay) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return made;
}

static void drop(struct relay *relay)
{
    pthread_cond_destroy(&relay->given);
    pthread_cond_destroy(&relay->written);
    pthread_mutex_destroy(&relay->lock);
    free(relay->bufs);
    free(relay);
}

struct relay *relay_start(struct rove_stream *out, int told)
{
    struct relay *relay = calloc(1, sizeof *relay);

    if (relay == NULL)
        return NULL;
    relay->out = out;
    relay->told = told;
    pthread_mutex_init(&relay->lock, NULL);
    pthread_cond_init(&relay->given, NULL);
    pthread_cond_init(&relay->written, NULL);
    relay->bufs = malloc(BUF_CNT * RELAY_LEN);
    if (relay->bufs != NULL && make_thread(relay))
        return relay;
    drop(relay);
    return NULL;
}

uint8_t *relay_take(struct relay *relay)
{
    uint8_t *buf = NULL;

    pthread_mutex_lock(&relay->lock);
    while (relay->given_cnt - relay->written_cnt == BUF_CNT && relay->status == ROVE_OK)
        pthread_cond_wait(&relay->written, &relay->lock);
    if (relay->status == ROVE_OK)
        buf = place(relay, relay->given_cnt);
    pthread_mutex_unlock(&relay->lock);
    return buf;
}

void relay_give(struct relay *relay, size_t len)
{
    pthread_mutex_lock(&relay->lock);
    relay->lens[relay->given_cnt++ % BUF_CNT] = len;
    pthread_cond_signal(&relay->given);
    pthread_mutex_unlock(&relay->lock);
}

enum rove_status relay_end(struct relay *relay)
{
    enum rove_status status;

    pthread_mutex_lock(&relay->lock);
    relay->ended = true;
    pthread_cond_signal(&relay->given);
    pthread_mutex_unlock(&relay->lock);
    pthread_join(relay->thread, NULL);
    status = relay->status;
    drop(relay);
    return status;
}
