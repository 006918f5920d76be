// SPDX-License-Identifier: MIT
/// @file
/// rove.h: the whole library, in reading order.
///
/// A pointer may be NULL only where its contract says so, and memory of length 0 always; a call that returns a status
/// answers any other NULL with ROVE_E_ARG and changes nothing, a call that returns none does nothing or answers 0, and
/// only rove_copy_run() and rove_copy_behind(), pieces of the inline functions, check nothing.
#ifndef ROVE_ROVE_H
#define ROVE_ROVE_H

#include <rove/version.h>
#include <rove/status.h>
#include <rove/span.h>
#include <rove/memory.h>
#include <rove/workers.h>
#include <rove/pool.h>
#include <rove/rope.h>
#include <rove/view.h>
#include <rove/stream.h>
#include <rove/device.h>
#include <rove/filter.h>
#include <rove/registry.h>
#include <rove/chain.h>
#include <rove/index.h>
#include <rove/plugin.h>

#endif
