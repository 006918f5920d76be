// SPDX-License-Identifier: MIT
// fanned.h: a stage whose codec does its work in parts.
#ifndef RV_FANNED_H
#define RV_FANNED_H

#include "filter/stage.h"

// Whether stage i, which has a fan and not ended, has something to do.
bool rv_fanned_may_run(const struct rv_chain *c, unsigned i);

// Does one thing. Like rv_stage_run().
enum rove_status rv_fanned_run(struct rv_chain *c, unsigned i);

#endif
