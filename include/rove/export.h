// SPDX-License-Identifier: MIT
// What every other public header needs: the export mark, the must-use mark, C linkage for C++.

#ifndef ROVE_EXPORT_H
#define ROVE_EXPORT_H

// The library is compiled with hidden visibility; only what carries ROVE_API leaves it. The mark
// is the same for the shared and the static library, so that a consumer needs no define of ours.
#if defined(__GNUC__) || defined(__clang__)
#define ROVE_API __attribute__((visibility("default")))
#define ROVE_MUST_CHECK __attribute__((warn_unused_result))
// The format is argument number `format_at` (1 is the first), what it formats begins at `first`.
#define ROVE_PRINTF(format_at, first) __attribute__((format(printf, format_at, first)))
#else
#define ROVE_API
#define ROVE_MUST_CHECK
#define ROVE_PRINTF(format_at, first)
#endif

// A function whose body stands in a header. The library has each once more as a symbol of that name, for
// dlsym() and other languages. In C it is the C99 inline: where the compiler does not take the body in, it
// calls that symbol. C++ and the inline of GNU C89 mean something else, so there each file has its own copy.
#if defined(__cplusplus) || defined(__GNUC_GNU_INLINE__)
#define ROVE_INLINE static inline
#else
#define ROVE_INLINE ROVE_API inline
#endif

// A pair around the prototypes of each header. Macros, because a bare `extern "C" {` in every
// header makes editors indent the whole file.
#ifdef __cplusplus
#define ROVE_BEGIN_DECLS extern "C" {
#define ROVE_END_DECLS }
#else
#define ROVE_BEGIN_DECLS
#define ROVE_END_DECLS
#endif

#endif
