// SPDX-License-Identifier: MIT
// measure.h: the pools of the process, known so that their figures can be added up.
#ifndef RV_MEASURE_H
#define RV_MEASURE_H

#include "chunk/layout.h"

// A pool is counted in from now on, or no more. No lock.
void rv_measure_join(struct rove_pool *pool);
void rv_measure_leave(struct rove_pool *pool);

#endif
