// SPDX-License-Identifier: MIT
// plugin_kit.h: what the tests of the plugin loader share: a folder, files patched in it, and the
// question what the loader says of them.
//
// The files are copies of one plugin, plugin_hostile.c, which the build makes.
#ifndef ROVE_TESTS_PLUGIN_KIT_H
#define ROVE_TESTS_PLUGIN_KIT_H

#include "support/suite.h"

#include <rove/plugin.h>
#include <rove/rove.h>

// Bytes of a file, to be changed.
struct kit_image {
    uint8_t *ptr; // free() it
    size_t len;
};

// Whether the places in a plugin's file that are changed are known: as a linker makes it for glibc and 64 bits.
#if defined(__GLIBC__) && UINTPTR_MAX > UINT32_MAX
#define KIT_PLACES_KNOWN true
#else
#define KIT_PLACES_KNOWN false
#endif

// How many hostile plugins have been refused as expected; printed at the end.
extern unsigned kit_refused;

// A fresh folder of mode 0700, absolute, the same for the whole program; taken away at exit.
const char *kit_folder(void);

// The path of a name in that folder. Valid until 8 more are asked for.
const char *kit_path(const char *name);

// The good plugin's bytes, with the crime written into them; NULL for none.
struct kit_image kit_plugin(const char *crime);

// Writes a file of mode 0755 in the folder, new each time. Returns its path.
const char *kit_write(const char *name, struct kit_image image);

// Loads a path, which must fail with this status and a text that contains `says`. Counts it.
void kit_refuses(const char *what, const char *path, enum rove_status status, const char *says);

// Like kit_refuses() with a file that has these bytes, which are freed.
void kit_refuses_bytes(const char *what, struct kit_image image, enum rove_status status,
                       const char *says);

// The cases of the other files.
void plugin_elf_cases(void);
void plugin_faults_of_the_system(void);
void plugin_that_cannot_be_looked_for(void);
void plugin_loads_another_while_it_is_loaded(void);
void plugin_threads_load_at_once(void);
void plugin_found_beside_the_library(void);
void plugin_older_than_parts_runs_as_one(void);
void plugin_that_loads_itself_is_told(void);
void plugins_that_load_each_other_are_told(void);
void plugin_that_a_constructor_loads_is_not_waited_for(void);

#endif
