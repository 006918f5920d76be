// SPDX-License-Identifier: MIT
// tls.h: where the library's few bytes for each thread lie.
#ifndef RV_TLS_H
#define RV_TLS_H

#include <stdint.h> // and __GLIBC__

// In the static TLS block, where reaching them takes no call. glibc keeps room in it for libraries that come by dlopen;
// musl keeps none, and such a library could not be loaded there.
#if defined(__GLIBC__)
#define RV_STATIC_TLS __attribute__((tls_model("initial-exec")))
#else
#define RV_STATIC_TLS
#endif

#endif
