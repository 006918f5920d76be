// SPDX-License-Identifier: MIT
// path.h: files by name, and the modes in which they are opened.
#ifndef RV_PATH_H
#define RV_PATH_H

#include <rove/device.h>

#include <stdbool.h>

// What a mode of fopen() says, as the flags of open(2). False when it is none: it begins with r, w or a, and then may
// have +, and x and e, which mean what they do there, and b, c, m and t, which mean nothing.
bool rv_mode_flags(const char *mode, int *flags_out);

// Makes a stream that owns a file opened with such flags; it begins at the end where it appends. With ROVE_E_IO errno
// tells why.
enum rove_status rv_path_open(const char *path, int flags, struct rove_stream **stream_out);

#endif
