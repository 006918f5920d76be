// SPDX-License-Identifier: MIT
/// @file
/// plugin.h: filters from shared libraries that others wrote.
///
/// Nothing is loaded until the program asks, and a chain's text, a file or a stream can never ask. A
/// program that wants plugins calls rove_plugin_load() with a path, or rove_plugin_find() with a name:
///
///     rove_plugin_find("zstd")  looks for  rove-filter-zstd.so  in
///         1. folders added by rove_plugin_add_dir(), the last one added first
///         2. ROVE_FILTER_PATH, colon-separated, absolute entries only; not in a privileged process
///         3. the folder that the library was installed with, seen from where it lies: the tree may have been
///            moved. It lies in PREFIX/lib (or as the system has it), or is linked into a program in PREFIX/bin
///         4. the folder that it was configured for
///
/// ROVE_PLUGINS=none in the environment switches all loading off; in a privileged process it means nothing, either.
///
/// The first file of that name is the one that counts: if it is refused, no later one is tried.
///
/// A file is judged through a descriptor before any of it is mapped as code, and loaded through the same
/// one: a regular file, no symbolic link; it and its folder owned by root or the user, not writable by
/// group or others; an ELF shared library for this machine whose headers agree with each other and with
/// its length (a cut-off one would kill the process inside the loader). Its table and its filters are
/// then checked as the registry checks them, all before the first is added. A plugin is trusted code all
/// the same: it runs in the process.
///
/// A plugin stays loaded until the process ends. How to write one: docs/plugin.md.
///
/// Threads: all functions may be called by all threads at once. One that wants a plugin which another one is loading
/// waits for that. Do not call them from a constructor of a library that the program itself loads while its threads load
/// plugins: such a wait is under the loader's lock, which those may need.
#ifndef ROVE_PLUGIN_H
#define ROVE_PLUGIN_H

#include <rove/filter.h>
#include <rove/registry.h>

ROVE_BEGIN_DECLS

/// What was wrong with a plugin.
struct rove_plugin_error {
    char path[256]; ///< the file that was refused, cut if longer
    char text[192]; ///< a sentence, NUL-ended
};

/// Loads a plugin from a file and registers its filters; one that is loaded already is left alone.
///
/// path: absolute. error_out: filled in on failure; may be NULL. Returns
/// - ROVE_E_ARG: the path is not absolute or longer than 4095 bytes, or a name or table in the plugin is missing or
///   malformed
/// - ROVE_E_IO: the file cannot be opened or read; errno is set
/// - ROVE_E_DENIED: a symbolic link, no regular file; it or its folder has the wrong owner or is writable by others; or
///   loading is switched off
/// - ROVE_E_FORMAT: no ELF shared library for this machine, or a damaged one
/// - ROVE_E_TRUNCATED: it is cut off
/// - ROVE_E_UNSUPPORTED: the loader refuses it: a library or symbol that it needs is missing
/// - ROVE_E_ABI: it has no rove_plugin_v1, or its table is of another major version or too small
/// - ROVE_E_LIMIT: it has more than 64 filters
/// - ROVE_E_STATE: it is being loaded, and its turn would never come: by whoever has this loaded, such as a plugin that
///   loads itself; by a thread that waits for a plugin which this one is loading, as where two load each other; or by
///   any other thread, when this is called from a constructor, while the loader has the plugin of that
///
/// and what rove_filter_register() returns. After a failure no filter of it is registered.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_plugin_load(const char *path,
                                                           struct rove_plugin_error *error_out);

/// Finds a plugin by name and loads it.
///
/// name: [a-z0-9_-], 1 to 31 bytes; ROVE_E_ARG otherwise. Returns ROVE_END when no folder has it,
/// else like rove_plugin_load() for the first file found.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_plugin_find(const char *name,
                                                           struct rove_plugin_error *error_out);

/// Adds a folder to look in, before those added earlier. One that was added before comes first again.
///
/// dir: absolute, copied. Returns ROVE_E_ARG, ROVE_E_NOMEM.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_plugin_add_dir(const char *dir);

/// Gives the path a filter was loaded from, or NULL for one that is built in or was registered by
/// the program. Static.
ROVE_API const char *rove_filter_file(const struct rove_filter *filter);

/// Like rove_filter_file(), but gives the version that the filter's plugin tells of itself.
ROVE_API const char *rove_filter_version(const struct rove_filter *filter);

ROVE_END_DECLS

#endif
