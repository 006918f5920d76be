// SPDX-License-Identifier: MIT
// status.h: judging what foreign code returned.
#ifndef RV_STATUS_H
#define RV_STATUS_H

#include <rove/status.h>
#include <stdbool.h>

// Tells whether a number is one of enum rove_status.
bool rv_status_known(int status);

#endif
