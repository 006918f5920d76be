// SPDX-License-Identifier: MIT
/// @file
/// version.h: which rove this is: at compile time by macro, at run time by call.
///
/// The two differ when a program was built against one release and runs with another. Compare
/// them only to print them: what a program may rely on is the SONAME (librove.so.0) and the
/// symbols it links, and the dynamic loader has checked both before main runs.

#ifndef ROVE_VERSION_H
#define ROVE_VERSION_H

#include <rove/export.h>

/// The release, its first number. This is the one place that holds the three: the build reads these lines.
#define ROVE_VERSION_MAJOR 0
/// The release, its second number.
#define ROVE_VERSION_MINOR 1
/// The release, its third number.
#define ROVE_VERSION_PATCH 0

/// One number that grows with every release, for `#if ROVE_VERSION_NUMBER >= 100`.
#define ROVE_VERSION_NUMBER                                                                        \
    (ROVE_VERSION_MAJOR * 10000 + ROVE_VERSION_MINOR * 100 + ROVE_VERSION_PATCH)

#define ROVE_STRINGIFY_(x) #x ///< for ROVE_STRINGIFY()
#define ROVE_STRINGIFY(x) ROVE_STRINGIFY_(x) ///< what x stands for, as a string literal
/// The release as a string literal, for example "0.1.0".
#define ROVE_VERSION_STRING                                                                        \
    ROVE_STRINGIFY(ROVE_VERSION_MAJOR)                                                             \
    "." ROVE_STRINGIFY(ROVE_VERSION_MINOR) "." ROVE_STRINGIFY(ROVE_VERSION_PATCH)

ROVE_BEGIN_DECLS

/// Gives the version of the library that runs, as text such as "0.1.0".
///
/// Cannot fail. The text is static: never free it, it lives as long as the library is loaded.
/// Threads: any, at any time.
ROVE_API const char *rove_version(void);

/// Gives the version of the library that runs, as one number: major * 10000 + minor * 100 + patch.
///
/// Like rove_version, but to compare with ROVE_VERSION_NUMBER.
ROVE_API unsigned rove_version_number(void);

ROVE_END_DECLS

#endif
