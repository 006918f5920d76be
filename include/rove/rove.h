// SPDX-License-Identifier: MIT
// rove.h: the whole library, in reading order.
#ifndef ROVE_ROVE_H
#define ROVE_ROVE_H

#include <rove/version.h>
#include <rove/status.h>
#include <rove/span.h>
#include <rove/memory.h>
#include <rove/pool.h>
#include <rove/rope.h>
#include <rove/view.h>
#include <rove/stream.h>
#include <rove/device.h>
#include <rove/filter.h>
#include <rove/registry.h>
#include <rove/chain.h>
#include <rove/plugin.h>

#endif
