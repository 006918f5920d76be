// SPDX-License-Identifier: MIT
// check.h: checksums that are listed, compared with the files.
#ifndef ROVE_TOOL_CHECK_H
#define ROVE_TOOL_CHECK_H

#include "options.h"
#include "spec.h"

// Checks the files that are listed in others, or in standard input when none are named, in the lines that `rove sum` and
// coreutils print.
enum verdict check_sums(const struct options *opts, const struct spec *spec);

#endif
