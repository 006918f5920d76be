// SPDX-License-Identifier: MIT
// follow.h: a coded file that grows.
#ifndef ROVE_TOOL_FOLLOW_H
#define ROVE_TOOL_FOLLOW_H

#include "options.h"

// Decodes a file to standard output, and what is added to it as it comes, until the coded data have an end of their own,
// another file gets the name, or a signal ends the process. path: "-" for standard input, which ends with its writers
// when it is a pipe. Reports what is wrong.
enum verdict follow_file(const struct options *opts, const char *path);

#endif
