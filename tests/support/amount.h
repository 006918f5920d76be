// SPDX-License-Identifier: MIT
// amount.h: how much a test program does, and how long it may compute.
//
// ROVE_TEST_SCALE=x  multiplies the amounts of the long cases; the full ones, 1, are the default
// ROVE_TEST_CPU=s    seconds of processor time after which a program is taken to hang
//
// Time on the clock says nothing on a machine that is shared, so programs count their own.
#ifndef TEST_AMOUNT_H
#define TEST_AMOUNT_H

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

// Builds for a sanitizer are ten to thirty times slower, and do as much less.
#ifndef ROVE_TEST_SCALE_OF_BUILD
#define ROVE_TEST_SCALE_OF_BUILD 1.0
#endif

#define AMOUNT_CPU_SECONDS 1800

static inline double amount_scale(void)
{
    const char *text = getenv("ROVE_TEST_SCALE");
    double scale = text ? strtod(text, NULL) : 1.0;
    return (scale > 0 ? scale : 1.0) * ROVE_TEST_SCALE_OF_BUILD;
}

// How much of what repeats itself: less where amounts are scaled down.
static inline size_t amount_of(size_t full, size_t scaled_down)
{
    return amount_scale() < 1 ? scaled_down : full;
}

static void amount_used_up(int signal)
{
    static const char said[] = "\nthe test has used up its processor time (ROVE_TEST_CPU)\n";
    (void) signal;
    (void) !write(2, said, sizeof said - 1);
    _exit(3);
}

// To be called first in main().
static inline void amount_watch(void)
{
    const char *text = getenv("ROVE_TEST_CPU");
    rlim_t seconds = text ? (rlim_t) strtoull(text, NULL, 10) : AMOUNT_CPU_SECONDS;
    struct rlimit limit;
    if (!seconds || getrlimit(RLIMIT_CPU, &limit) != 0 || limit.rlim_cur <= seconds)
        return;
    limit.rlim_cur = seconds;
    signal(SIGXCPU, amount_used_up);
    setrlimit(RLIMIT_CPU, &limit);
}

#endif
