// SPDX-License-Identifier: MIT
// many.h: several files at once, a thread each; what is said of them comes in their order all the same.
//
// Regular files alone: what a pipe or a terminal gives depends on who reads first, so those wait for their turn and are
// done by the calling thread, standard input too.
#ifndef ROVE_TOOL_MANY_H
#define ROVE_TOOL_MANY_H

#include "report.h"

#include <stddef.h>
#include <stdio.h>

struct many {
    // Does the file at paths[i], in any thread. out: for what goes to standard output; reports find their way there.
    enum verdict (*work)(void *ctx, size_t i, FILE *out);
    void *ctx;
    const char *const *paths;
    size_t cnt;
};

// Returns how many threads it takes to do all of them at once, at most most, and at least 1: the calling one.
size_t many_threads(const struct many *many, size_t most);

// Does all of them, in at most thread_cnt threads at once, no more than there is work for, and returns the worst verdict.
// Threads that cannot be made are done without.
enum verdict many_run(const struct many *many, size_t thread_cnt);

#endif
