// SPDX-License-Identifier: MIT
// plugin_file.h: the file of a plugin, judged by what can be seen from outside.
#ifndef RV_PLUGIN_FILE_H
#define RV_PLUGIN_FILE_H

#include <rove/plugin.h>

#define RV_PLUGIN_PATH 4096 // bytes in a path, its NUL included

// Says what is wrong, and returns the status.
enum rove_status rv_plugin_refuse(struct rove_plugin_error *error, enum rove_status status,
                                  const char *format, ...) __attribute__((format(printf, 3, 4)));

// Opens the file for reading and judges its folder, owner, kind and content. path: absolute. *fd_out:
// to be closed by rv_plugin_close(), also after a failure.
enum rove_status rv_plugin_open(const char *path, int *fd_out, struct rove_plugin_error *error);

// Closes a descriptor unless it is negative; errno stays.
void rv_plugin_close(int fd);

#endif
