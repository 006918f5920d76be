// SPDX-License-Identifier: MIT
// cpus.h: how many CPUs the process may use.
#ifndef RV_CPUS_H
#define RV_CPUS_H

#include <stddef.h>

// The CPUs that the calling thread may run on, and not more than the quotas of the process's control groups pay for,
// where a begun CPU counts as one. 1 or more. Reads files.
size_t rv_cpus(void);

#endif
