// SPDX-License-Identifier: MIT
/// @file
/// export.h: what every other public header needs: the marks of functions and conditions, C linkage for C++.

#ifndef ROVE_EXPORT_H
#define ROVE_EXPORT_H

/// The library is compiled with hidden visibility; only what carries ROVE_API leaves it. The mark
/// is the same for the shared and the static library, so that a consumer needs no define of ours.
#if defined(__GNUC__) || defined(__clang__)
#define ROVE_API __attribute__((visibility("default")))
/// The compiler warns a caller who drops the result.
#define ROVE_MUST_CHECK __attribute__((warn_unused_result))
/// The format is argument number `format_at` (1 is the first), what it formats begins at `first`.
#define ROVE_PRINTF(format_at, first) __attribute__((format(printf, format_at, first)))
/// A condition that mostly holds: the compiler lays its branch first.
#define ROVE_LIKELY(cond) __builtin_expect(!!(cond), 1)
#else
#define ROVE_API
#define ROVE_MUST_CHECK
#define ROVE_PRINTF(format_at, first)
#define ROVE_LIKELY(cond) (cond)
#endif

/// A function that is compiled into its callers. The library holds it too, under the same name, for those who call it
/// by dlsym() or from another language and for calls that the compiler leaves out of line; no copy of it is compiled
/// into a program. By the attribute, that is so in every dialect of C and in C++.
#ifndef ROVE_INLINE
#if defined(__GNUC__) || defined(__clang__)
#define ROVE_INLINE ROVE_API extern inline __attribute__((gnu_inline))
#else
#define ROVE_INLINE inline
#endif
#endif

/// A pair around the prototypes of each header. Macros, because a bare `extern "C" {` in every
/// header makes editors indent the whole file.
#ifdef __cplusplus
#define ROVE_BEGIN_DECLS extern "C" {
/// Ends what ROVE_BEGIN_DECLS begins.
#define ROVE_END_DECLS }
#else
#define ROVE_BEGIN_DECLS
#define ROVE_END_DECLS
#endif

#endif
