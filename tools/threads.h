// SPDX-License-Identifier: MIT
// threads.h: what -T means: so many threads are busy at once, all in all.
//
// One of them is the command's own, which reads, writes, does what cannot be cut into parts, and codes parts while it
// waits for others. So -T 1 needs no workers, and -T 2 one. Where files are done many at once there are more of its own,
// one a file. Where workers have nothing to do, as nothing is cut into parts, one thread in their place may write.
#ifndef ROVE_TOOL_THREADS_H
#define ROVE_TOOL_THREADS_H

#include <rove/workers.h>
#include <stdint.h>

struct threads {
    size_t cnt, own;              // busy at most; of these, the command's own
    struct rove_workers *workers; // the others; NULL: there are none
    size_t writers;               // 1 when one wrote in the place of workers
};

// wanted: 0 for as many as there are CPUs for this process. own: threads that the command has itself, at least 1.
// Nothing is made before there is work for it, and what cannot be made is done without.
void threads_init(struct threads *threads, size_t wanted, size_t own);

// Returns how many threads are wanted, for 0 as many as there are CPUs for this process.
size_t threads_count(size_t wanted);

// Returns how many parts were coded so far.
uint64_t threads_parts(const struct threads *threads);

// Notes that a thread wrote in the place of workers.
void threads_wrote(struct threads *threads);

// Says with -v what they did. spec: of -F; NULL: not given.
void threads_tell(const struct threads *threads, const char *spec);

void threads_fini(struct threads *threads);

#endif
