// SPDX-License-Identifier: MIT
/// @file
/// registry.h: which filters there are.
///
/// The process has one registry. It starts with the built-in filters; a program adds its own with
/// rove_filter_register(). Nothing is ever taken out, so what was found stays valid.
///
/// Threads: all functions may be called by all threads at once.
#ifndef ROVE_REGISTRY_H
#define ROVE_REGISTRY_H

#include <rove/filter.h>

ROVE_BEGIN_DECLS

// ask -------------------------------------------------------------------------------------------

/// Finds a filter by name and direction.
///
/// name: NUL-ended. dir: ROVE_ENCODE or ROVE_DECODE; a TAP is found for either. Returns the filter
/// with the hooks that are optional in every version (open to detect) filled in, or NULL.
ROVE_API const struct rove_filter *rove_filter_find(const char *name, uint32_t dir);

/// Gives filter number i in order of registration, or NULL when there are no more.
ROVE_API const struct rove_filter *rove_filter_at(size_t i);

// change ----------------------------------------------------------------------------------------

/// Adds a filter.
///
/// filter: borrowed until the process ends. Returns ROVE_E_ABI when its size, major version, flags or
/// direction are not understood, ROVE_E_ARG when the name is missing, malformed or reserved ("auto"),
/// run is missing, an option is not sound (key, kind, directions, range, fallback), or another filter
/// of that name serves the direction, ROVE_E_RANGE when state_len exceeds 16 MiB, ROVE_E_NOMEM.
/// why_out: a static clause, NULL on success; may be NULL.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_filter_register(const struct rove_filter *filter,
                                                               const char **why_out);

/// Gives back the filters that are kept open for their next use, and returns the bytes they held.
///
/// A chain on the default pool that is closed keeps its codecs for the next one that wants them with
/// the same options: at most 16, together at most 8 MiB. Their memory goes to the pool, which
/// rove_pool_trim() empties.
ROVE_API uint64_t rove_filter_trim(void);

ROVE_END_DECLS

#endif
