// SPDX-License-Identifier: MIT
// plugin_others.h: other programs that read and write the formats of the plugins.
#ifndef ROVE_TESTS_PLUGIN_OTHERS_H
#define ROVE_TESTS_PLUGIN_OTHERS_H

#include "filters_harness.h"

// Whether there is a program of that name.
bool others_have(const char *tool);

// Runs a command of the shell over bytes; what it writes takes the place of what is in out. Returns whether it succeeds.
bool others_pipe(const char *command, const struct bytes *in, struct bytes *out);

#endif
