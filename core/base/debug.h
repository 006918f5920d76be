// SPDX-License-Identifier: MIT
// debug.h: asserts for bugs of a caller that cannot be answered, and poison for memory at rest.
#ifndef RV_DEBUG_H
#define RV_DEBUG_H

#ifndef RV_DEBUG
#define RV_DEBUG 0
#endif

#if RV_DEBUG
#include <assert.h>
#define RV_ASSERT(cond) assert(cond)
#else
#define RV_ASSERT(cond) ((void) sizeof(!(cond)))
#endif

#if defined(__SANITIZE_ADDRESS__)
#define RV_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RV_ASAN 1
#endif
#endif

#ifdef RV_ASAN
#include <sanitizer/asan_interface.h>
#define RV_POISON(ptr, len) ASAN_POISON_MEMORY_REGION(ptr, len)
#define RV_UNPOISON(ptr, len) ASAN_UNPOISON_MEMORY_REGION(ptr, len)
#else
#define RV_POISON(ptr, len) ((void) (ptr), (void) (len))
#define RV_UNPOISON(ptr, len) ((void) (ptr), (void) (len))
#endif

#define RV_LIKELY(cond) __builtin_expect(!!(cond), 1)
#define RV_UNLIKELY(cond) __builtin_expect(!!(cond), 0)
// A long way, kept out of the short one in front of it, which so needs no registers of its caller's.
#define RV_LONG_WAY __attribute__((noinline))
// A variable that only the library sees: it is reached without a look into the linker's table.
#define RV_OURS __attribute__((visibility("hidden")))

#endif
