// SPDX-License-Identifier: MIT
// signals.h: a run that is stopped from outside, or by exit(), leaves no half-written file behind.
#ifndef ROVE_TOOL_SIGNALS_H
#define ROVE_TOOL_SIGNALS_H

#include <sys/stat.h>

// Catches the signals that stop a command. What the caller of the command had ignored stays ignored.
void signals_init(void);

// Between these two no signal that stops the command is delivered. They do not nest.
void signals_hold(void);
void signals_release(void);

// Names the file to remove when a signal or exit() stops the command; NULL for none. Call it held.
// path: borrowed until the next call. file: its identity; a file put in its place is left alone.
void signals_guard(const char *path, const struct stat *file);

#endif
