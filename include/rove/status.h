// SPDX-License-Identifier: MIT
/// @file
/// status.h: what every call that can fail returns.
///
/// One enum serves the whole library. Zero is success, END is a polite "no more", and each negative
/// value is one kind of failure, so a caller can tell a full disk from a damaged file without
/// parsing text. Counts never travel in the status; they leave by pointer.
///
/// After a failure every object is as it was before the call: content, length and cursor. The one
/// exception is said where it applies (a device that fails in the middle of a transfer).
///
/// Nothing in the library prints, exits or aborts because of what a caller or a file does.
#ifndef ROVE_STATUS_H
#define ROVE_STATUS_H

#include <rove/export.h>

ROVE_BEGIN_DECLS

/// What became of a call. Failures are negative.
enum rove_status {
    ROVE_OK = 0,             ///< done
    ROVE_END = 1,            ///< no more bytes, items or work; not a failure
    ROVE_E_NOMEM = -1,       ///< an allocation failed
    ROVE_E_ARG = -2,         ///< an argument that no object state could make valid
    ROVE_E_RANGE = -3,       ///< an offset, length or number outside what is allowed here
    ROVE_E_CLOSED = -4,      ///< the stream is closed (-5 stands for nothing)
    ROVE_E_DATA = -6,        ///< encoded data is damaged
    ROVE_E_FORMAT = -7,      ///< the data is not of this format at all
    ROVE_E_CHECKSUM = -8,    ///< the data arrived, but its checksum or length differs
    ROVE_E_LIMIT = -9,       ///< a limit (output, memory, depth, length) was reached
    ROVE_E_STALL = -10,      ///< a filter made no progress, or broke the rules of its calls
    ROVE_E_UNSUPPORTED = -11, ///< the device, filter or build cannot do this
    ROVE_E_ABI = -12,        ///< a plugin or structure of an incompatible version
    ROVE_E_IO = -13,         ///< the operating system refused; the errno is kept by the object
    ROVE_E_AGAIN = -14,      ///< a non-blocking device would block; nothing is lost: call again, or write what is left
    ROVE_E_TRUNCATED = -15,  ///< encoded data ends too early
    ROVE_E_STATE = -16,      ///< the call does not fit the object's state
    ROVE_E_DENIED = -17,     ///< refused for safety: owner, permissions or kind of a file
    ROVE_E_TRAILING = -18    ///< all encoded data is sound and was given, but other bytes follow its end
};

// ask -------------------------------------------------------------------------------------------

/// Names a status, for people.
///
/// status: any int; unknown values are named as such.
/// Returns a static string in English without a final full stop, never NULL. Any thread.
ROVE_API const char *rove_status_text(int status);

/// Names a status as it is spelled in C, for logs and tests.
///
/// Like rove_status_text(), but returns for example "ROVE_E_NOMEM".
ROVE_API const char *rove_status_name(int status);

ROVE_END_DECLS

#endif
