// SPDX-License-Identifier: MIT
// progress.c: at most six redraws a second, nothing at all unless somebody looks.
#include "progress.h"

#include "size.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000ull
#define BAR_EVERY_NS (NS_PER_S / 6)
#define PLAIN_EVERY_NS (NS_PER_S * 2)
#define JSON_EVERY_NS (NS_PER_S / 2)
#define TEXT_LEN 160

enum mode {
    MODE_AUTO,
    MODE_BAR,
    MODE_PLAIN,
    MODE_JSON,
    MODE_NONE
};

static enum mode mode = MODE_AUTO;
static volatile sig_atomic_t asked; // by SIGUSR1

// Of all that is below, and of standard error.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static _Thread_local uint64_t told; // by this thread, of what it does

static struct {
    const char *what;
    unsigned cnt; // threads that have begun and not ended; 0: no job
    uint64_t total, done;
    uint64_t start_ns, next_ns;
    int drawn; // characters on the screen
} job;

static uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t) t.tv_sec * NS_PER_S + (uint64_t) t.tv_nsec;
}

bool progress_choose(const char *word)
{
    static const char *const words[] = {"auto", "bar", "plain", "json", "none"};

    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(word, words[i]) == 0) {
            mode = (enum mode) i;
            return true;
        }
    }
    return false;
}

static void on_ask(int sig)
{
    (void) sig;
    asked = 1;
}

void progress_init(void)
{
    struct sigaction act = {.sa_handler = on_ask, .sa_flags = SA_RESTART};

    sigemptyset(&act.sa_mask);
    sigaction(SIGUSR1, &act, NULL);
}

static bool is_shown(void)
{
    return mode == MODE_BAR || mode == MODE_PLAIN;
}

bool progress_shown(void)
{
    bool shown;

    pthread_mutex_lock(&lock);
    shown = is_shown();
    pthread_mutex_unlock(&lock);
    return shown;
}

static uint64_t interval_ns(void)
{
    return mode == MODE_BAR ? BAR_EVERY_NS : mode == MODE_JSON ? JSON_EVERY_NS : PLAIN_EVERY_NS;
}

static size_t screen_width(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
        return size.ws_col - 1u; // the last column would wrap the line
    return 79;
}

// Of several jobs at once the total is that of the first, and means nothing when more is done.
static bool is_total_known(void)
{
    return job.total > 0 && job.done <= job.total;
}

// "compressing  45 %  123 MB  31.0 MB/s  0:12 left", as much of it as there is room for: the last
// fields go first, and the word goes before the share does.
static void compose(char *text, size_t room, uint64_t now)
{
    double seconds = (double) (now - job.start_ns) / (double) NS_PER_S;
    double rate = seconds > 0 ? (double) job.done / seconds : 0;
    char size[SIZE_TEXT_LEN], fields[4][32] = {"", "", "", ""};
    bool known = is_total_known();
    size_t len;

    if (known)
        snprintf(fields[0], sizeof fields[0], "%3u %%",
                 (unsigned) (100.0 * (double) job.done / (double) job.total));
    snprintf(fields[1], sizeof fields[1], "%s", size_print(job.done, size));
    snprintf(fields[2], sizeof fields[2], "%s/s", size_print((uint64_t) rate, size));
    if (known && rate > 0 && seconds > 1) {
        unsigned s = (unsigned) ((double) (job.total - job.done) / rate);
        snprintf(fields[3], sizeof fields[3], "%u:%02u left", s / 60, s % 60);
    }
    len = (size_t) snprintf(text, TEXT_LEN, "%s", job.what);
    if (known && len + 2 + strlen(fields[0]) > room)
        len = 0;
    for (size_t i = 0; i < 4; i++) {
        const char *gap = len > 0 ? "  " : "";
        if (fields[i][0] == 0)
            continue;
        if (len > 0 && len + 2 + strlen(fields[i]) > room)
            break;
        len += (size_t) snprintf(text + len, TEXT_LEN - len, "%s%s", gap, fields[i]);
    }
}

static void draw(const char *text)
{
    int len = (int) strlen(text);

    fprintf(stderr, "\r%s", text);
    if (len < job.drawn)
        fprintf(stderr, "%*s\r%s", job.drawn - len, "", text);
    fflush(stderr);
    job.drawn = len;
}

void progress_begin(const char *what, uint64_t total)
{
    pthread_mutex_lock(&lock);
    told = 0;
    if (job.cnt++ == 0) {
        if (mode == MODE_AUTO)
            mode = isatty(STDERR_FILENO) ? MODE_BAR : MODE_NONE;
        job.what = what;
        job.total = total;
        job.done = 0;
        job.start_ns = now_ns();
        job.next_ns = job.start_ns + interval_ns();
    }
    pthread_mutex_unlock(&lock);
}

// An object a line; the last one of a job says so.
static void print_json(uint64_t now, bool end)
{
    fprintf(stderr, "{\"what\": \"%s\", \"done\": %" PRIu64 ", \"total\": ", job.what, job.done);
    if (is_total_known())
        fprintf(stderr, "%" PRIu64, job.total);
    else
        fputs("null", stderr);
    fprintf(stderr, ", \"seconds\": %.3f, \"end\": %s}\n", (double) (now - job.start_ns) / (double) NS_PER_S,
            end ? "true" : "false");
}

static void tell(void)
{
    char text[TEXT_LEN];
    uint64_t now;

    if (!asked && !is_shown() && mode != MODE_JSON)
        return;
    now = now_ns();
    if (!asked && now < job.next_ns)
        return;
    compose(text, mode == MODE_BAR ? screen_width() : TEXT_LEN - 1, now);
    if (mode == MODE_JSON)
        print_json(now, false);
    else if (mode == MODE_BAR)
        draw(text);
    else
        fprintf(stderr, "rove: %s\n", text);
    job.next_ns = now + interval_ns();
    asked = 0;
}

void progress_at(uint64_t done)
{
    pthread_mutex_lock(&lock);
    job.done += done - told;
    told = done;
    tell();
    pthread_mutex_unlock(&lock);
}

static void take_away(void)
{
    if (job.drawn > 0) {
        fprintf(stderr, "\r%*s\r", job.drawn, "");
        fflush(stderr);
        job.drawn = 0;
    }
}

void progress_hide(void)
{
    pthread_mutex_lock(&lock);
    take_away();
}

void progress_show(void)
{
    pthread_mutex_unlock(&lock);
}

void progress_end(void)
{
    pthread_mutex_lock(&lock);
    if (--job.cnt == 0) {
        take_away();
        if (mode == MODE_JSON)
            print_json(now_ns(), true);
    }
    pthread_mutex_unlock(&lock);
}
