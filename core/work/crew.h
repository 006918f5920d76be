// SPDX-License-Identifier: MIT
// crew.h: who runs the jobs: threads of our own, or the runs of an executor.
#ifndef RV_WORK_CREW_H
#define RV_WORK_CREW_H

#include "work/layout.h"

enum rv_call { RV_CALL_NOBODY, RV_CALL_THREAD, RV_CALL_EXECUTOR };

// Who is to be called for a job that was added; under the lock. Makes a thread when the idle ones do not suffice.
enum rv_call rv_crew_plan(struct rove_workers *workers);

// Calls; not under the lock. An executor may run jobs in here.
void rv_crew_call(struct rove_workers *workers, enum rv_call call);

// One hold more, or less; the last to let go joins the threads and frees the workers.
void rv_crew_hold(struct rove_workers *workers);
void rv_crew_let_go(struct rove_workers *workers);

#endif
