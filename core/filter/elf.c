// SPDX-License-Identifier: MIT
// elf.c: the header and the program headers of an ELF file, checked against its length.
#include "filter/elf.h"

#include "base/arith.h"
#include "base/os.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <string.h>

#define PHDRS_MAX 64 // program headers; real libraries have about ten

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#elif defined(__i386__)
#define MACHINE EM_386
#elif defined(__riscv)
#define MACHINE EM_RISCV
#endif

static enum rove_status read_all(int fd, void *buf, size_t len, uint64_t off)
{
    uint8_t *at = buf;
    while (len) {
        ssize_t n = rv_os()->pread(fd, at, len, (off_t) off);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ROVE_E_IO;
        if (n == 0)
            return ROVE_E_TRUNCATED;
        at += n;
        len -= (size_t) n;
        off += (uint64_t) n;
    }
    return ROVE_OK;
}

static enum rove_status judge_header(const ElfW(Ehdr) *head)
{
    const unsigned char *id = head->e_ident;
    unsigned char word = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    uint16_t one = 1;
    unsigned char order = *(unsigned char *) &one ? ELFDATA2LSB : ELFDATA2MSB;
    if (memcmp(id, ELFMAG, SELFMAG) != 0 || id[EI_CLASS] != word || id[EI_DATA] != order)
        return ROVE_E_FORMAT;
    if (head->e_type != ET_DYN || id[EI_VERSION] != EV_CURRENT)
        return ROVE_E_FORMAT;
#ifdef MACHINE
    if (head->e_machine != MACHINE)
        return ROVE_E_FORMAT;
#endif
    bool sound = head->e_phentsize == sizeof(ElfW(Phdr)) && head->e_phnum > 0 &&
                 head->e_phnum <= PHDRS_MAX;
    return sound ? ROVE_OK : ROVE_E_FORMAT;
}

static enum rove_status judge_segments(const ElfW(Phdr) *seg, unsigned cnt, uint64_t len)
{
    unsigned loads = 0, dynamics = 0;
    for (unsigned i = 0; i < cnt; i++) {
        if (!rv_within(seg[i].p_offset, seg[i].p_filesz, len))
            return ROVE_E_TRUNCATED;
        if (seg[i].p_type == PT_LOAD && seg[i].p_memsz < seg[i].p_filesz)
            return ROVE_E_FORMAT;
        loads += seg[i].p_type == PT_LOAD;
        dynamics += seg[i].p_type == PT_DYNAMIC;
    }
    return loads && dynamics == 1 ? ROVE_OK : ROVE_E_FORMAT;
}

enum rove_status rv_elf_judge(int fd, uint64_t len)
{
    ElfW(Ehdr) head;
    ElfW(Phdr) seg[PHDRS_MAX];
    if (len < sizeof head.e_ident)
        return ROVE_E_FORMAT;
    enum rove_status status = read_all(fd, &head, sizeof head, 0);
    if (status == ROVE_OK)
        status = judge_header(&head);
    if (status)
        return status;
    size_t seg_len = head.e_phnum * sizeof seg[0];
    if (!rv_within(head.e_phoff, seg_len, len))
        return ROVE_E_TRUNCATED;
    status = read_all(fd, seg, seg_len, head.e_phoff);
    return status ? status : judge_segments(seg, head.e_phnum, len);
}
