// SPDX-License-Identifier: MIT
// job.h: one file through a chain into another.
#ifndef ROVE_TOOL_JOB_H
#define ROVE_TOOL_JOB_H

#include "options.h"
#include "report.h"
#include "spec.h"
#include "threads.h"

enum job_mode {
    JOB_ENCODE,
    JOB_DECODE,
    JOB_TEST
};

// Codes or decodes a file as the options say, or only looks whether it is sound. path: "-" for
// standard input. spec: borrowed. threads: who does parts of the work, or writes. Reports what is wrong;
// then there is no output.
enum verdict job_run(const struct options *opts, enum job_mode mode, const struct spec *spec,
                     struct threads *threads, const char *path);

#endif
