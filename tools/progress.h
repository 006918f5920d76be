// SPDX-License-Identifier: MIT
// progress.h: one line on standard error that tells how far a long job has come.
//
// Several threads may have a job each at the same time: one line tells what they have done together.
#ifndef ROVE_TOOL_PROGRESS_H
#define ROVE_TOOL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

// --progress=WORD: bar (a line that is redrawn), plain (a line every few seconds), json (an object a line), none. Without
// it: bar where standard error is a terminal, else none. Returns whether the word is known.
bool progress_choose(const char *word);

// SIGUSR1 shall print a line, whatever was chosen.
void progress_init(void);

// Starts a job, or what a thread does of one that was started. what: one word for it; borrowed until the end. total:
// bytes, 0 when unknown. Both count when no job is under way.
void progress_begin(const char *what, uint64_t total);

// Tells how many bytes this thread has done since it began. Cheap: may be called for every few dozen kilobytes.
void progress_at(uint64_t done);

// Ends the job, or this thread's share in it; the last one takes the line away.
void progress_end(void);

// Takes the line away, and keeps other threads from drawing it until progress_show(), so that a message can be printed.
void progress_hide(void);

// It may be drawn again, by the next progress_at().
void progress_show(void);

// Whether progress is shown, so that a summary at the end is welcome.
bool progress_shown(void);

#endif
