// SPDX-License-Identifier: MIT
// refuse.c: preloaded, it refuses some of the memory that the Python module asks for, and nobody else's; and has a
// descriptor take nothing.
//
// Whose call of malloc() it is, is told by the address that it returns to. The library in the module has no other way to
// memory; the interpreter has its own, which _testcapi refuses.
#define _GNU_SOURCE
#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

// glibc's own, below what is interposed here.
void *__libc_malloc(size_t len);
void *__libc_memalign(size_t align, size_t len);

EXPORT int refuse_find(void);
EXPORT void refuse_some(unsigned one_in, uint64_t seed);
EXPORT unsigned refuse_cnt(void);
EXPORT void refuse_writes(int fd);

static uintptr_t begin, end;
static _Atomic unsigned rate, refused;
static _Atomic uint64_t drawn;
static _Atomic int mute = -1;

static int look(struct dl_phdr_info *info, size_t len, void *arg)
{
    (void) len, (void) arg;
    if (!strstr(info->dlpi_name, "/_rove."))
        return 0;
    begin = UINTPTR_MAX;
    for (unsigned i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD) {
            uintptr_t at = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
            begin = at < begin ? at : begin;
            end = at + info->dlpi_phdr[i].p_memsz;
        }
    return 1;
}

// Finds the module, which has to be loaded. Returns whether it is there.
int refuse_find(void)
{
    return dl_iterate_phdr(look, NULL);
}

// From here on one in so many is refused, as drawn; none with 0.
void refuse_some(unsigned one_in, uint64_t seed)
{
    drawn = seed;
    rate = one_in;
}

// How many have been refused so far.
unsigned refuse_cnt(void)
{
    return refused;
}

// From here on write() answers 0 for this descriptor; for none with -1.
void refuse_writes(int fd)
{
    mute = fd;
}

EXPORT ssize_t write(int fd, const void *src, size_t len)
{
    return fd == mute ? 0 : syscall(SYS_write, fd, src, len);
}

static int is_refused(const void *caller)
{
    uintptr_t at = (uintptr_t) caller;
    if (!rate || at < begin || at >= end)
        return 0;
    uint64_t x = atomic_fetch_add(&drawn, UINT64_C(0x9e3779b97f4a7c15));
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    int is = (x ^ (x >> 31)) % rate == 0;
    refused += (unsigned) is;
    return is;
}

EXPORT void *malloc(size_t len)
{
    if (!is_refused(__builtin_return_address(0)))
        return __libc_malloc(len);
    errno = ENOMEM;
    return NULL;
}

EXPORT int posix_memalign(void **out, size_t align, size_t len)
{
    void *block = is_refused(__builtin_return_address(0)) ? NULL : __libc_memalign(align, len);
    if (!block)
        return ENOMEM;
    *out = block;
    return 0;
}
