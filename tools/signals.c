// SPDX-License-Identifier: MIT
// signals.c: the handler removes the one temporary file there may be, then lets the signal do what
// it would have done. It removes in place, not through a flag that a loop looks at: the command may
// sit in a read from a pipe for hours. All that the handler calls is async-signal-safe.
//
// The same at exit(), which libarchive calls when it finds no memory for a string of its own.
#include "signals.h"

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

static const int fatal[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXCPU, SIGXFSZ};

#define FATAL_CNT (sizeof fatal / sizeof *fatal)

static sigset_t fatal_set, held_mask;
static const char *volatile guarded;
static dev_t guarded_dev;
static ino_t guarded_ino;

static void remove_guarded(void)
{
    struct stat now;
    const char *path = guarded;

    guarded = NULL;
    if (path != NULL && lstat(path, &now) == 0 && now.st_dev == guarded_dev &&
        now.st_ino == guarded_ino)
        unlink(path);
}

// SA_RESETHAND has put the default action back; the signal is blocked here, so that what raise()
// sends arrives when the handler returns, and the parent sees the true cause of death.
static void on_fatal(int sig)
{
    remove_guarded();
    raise(sig);
}

void signals_init(void)
{
    struct sigaction act = {.sa_handler = on_fatal, .sa_flags = (int) SA_RESETHAND}, old;

    sigemptyset(&fatal_set);
    for (size_t i = 0; i < FATAL_CNT; i++)
        sigaddset(&fatal_set, fatal[i]);
    act.sa_mask = fatal_set;
    for (size_t i = 0; i < FATAL_CNT; i++)
        if (sigaction(fatal[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(fatal[i], &act, NULL);
    (void) atexit(remove_guarded); // without room for it, exit() leaves the file
}

void signals_hold(void)
{
    sigprocmask(SIG_BLOCK, &fatal_set, &held_mask);
}

void signals_release(void)
{
    sigprocmask(SIG_SETMASK, &held_mask, NULL);
}

void signals_guard(const char *path, const struct stat *file)
{
    guarded = NULL;
    if (file != NULL) {
        guarded_dev = file->st_dev;
        guarded_ino = file->st_ino;
    }
    guarded = path;
}
