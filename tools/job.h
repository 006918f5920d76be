// SPDX-License-Identifier: MIT
// job.h: one file through a chain into another.
#ifndef ROVE_TOOL_JOB_H
#define ROVE_TOOL_JOB_H

#include "options.h"
#include "report.h"
#include "spec.h"

#include <rove/workers.h>

enum job_mode {
    JOB_ENCODE,
    JOB_DECODE,
    JOB_TEST
};

// Codes or decodes a file as the options say, or only looks whether it is sound. path: "-" for
// standard input. spec: borrowed. workers: who does parts of the work; NULL for none. Reports what is wrong;
// then there is no output.
enum verdict job_run(const struct options *opts, enum job_mode mode, const struct spec *spec,
                     struct rove_workers *workers, const char *path);

#endif
