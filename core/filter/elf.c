// SPDX-License-Identifier: MIT
// elf.c: the header, the program headers and the dynamic table of an ELF file, checked against its
// length and against each other.
#include "filter/elf.h"

#include "base/arith.h"
#include "base/os.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

#define PHDRS_MAX 64 // program headers; real libraries have about ten
#define DYNS_MAX 512 // entries of the dynamic table; real ones have about thirty
#define IMAGE_MAX (UINT64_C(1) << 30)

#ifndef DT_RELR // glibc 2.36
#define DT_RELRSZ 35
#define DT_RELR 36
#define DT_RELRENT 37
#endif

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#elif defined(__i386__)
#define MACHINE EM_386
#elif defined(__riscv)
#define MACHINE EM_RISCV
#endif

struct image {
    int fd;
    uint64_t len;           // of the file
    uint64_t end, file_end; // of the last loaded segment
    const char *text;
    ElfW(Ehdr) head;
    ElfW(Phdr) seg[PHDRS_MAX];
};

static enum rove_status refuse(struct image *im, enum rove_status status, const char *text)
{
    im->text = text;
    return status;
}

static enum rove_status read_all(struct image *im, void *buf, size_t len, uint64_t off)
{
    uint8_t *at = buf;
    while (len) {
        ssize_t n = rv_os()->pread(im->fd, at, len, (off_t) off);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return refuse(im, ROVE_E_IO, "it cannot be read");
        if (n == 0)
            return refuse(im, ROVE_E_TRUNCATED, "it is cut off");
        at += n;
        len -= (size_t) n;
        off += (uint64_t) n;
    }
    return ROVE_OK;
}

// header ----------------------------------------------------------------------------------------

static enum rove_status judge_ident(struct image *im)
{
    const unsigned char *id = im->head.e_ident;
    unsigned char word = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    uint16_t one = 1;
    unsigned char order = *(unsigned char *) &one ? ELFDATA2LSB : ELFDATA2MSB;
    if (id[EI_CLASS] != word)
        return refuse(im, ROVE_E_FORMAT, "it is made for another word size");
    if (id[EI_DATA] != order)
        return refuse(im, ROVE_E_FORMAT, "it is made for another byte order");
    if (id[EI_VERSION] != EV_CURRENT || im->head.e_version != EV_CURRENT)
        return refuse(im, ROVE_E_FORMAT, "it is of an unknown version of ELF");
    return ROVE_OK;
}

static enum rove_status judge_header(struct image *im)
{
    const ElfW(Ehdr) *head = &im->head;
    enum rove_status status = judge_ident(im);
    if (status)
        return status;
#ifdef MACHINE
    if (head->e_machine != MACHINE)
        return refuse(im, ROVE_E_FORMAT, "it is made for another machine");
#endif
    if (head->e_type != ET_DYN)
        return refuse(im, ROVE_E_FORMAT, "it is no shared library");
    if (head->e_phentsize != sizeof(ElfW(Phdr)))
        return refuse(im, ROVE_E_FORMAT, "its program headers are of an unknown size");
    if (head->e_phnum == 0 || head->e_phnum > PHDRS_MAX)
        return refuse(im, ROVE_E_FORMAT, "it has no program header, or more than 64");
    if (!rv_within(head->e_phoff, head->e_phnum * sizeof im->seg[0], im->len))
        return refuse(im, ROVE_E_TRUNCATED, "it is cut off: its program headers lie past its end");
    return ROVE_OK;
}

// segments --------------------------------------------------------------------------------------

// Finds the loaded segment that holds len bytes from an address on; from the file, if asked.
static const ElfW(Phdr) * holder(const struct image *im, uint64_t addr, uint64_t len, bool in_file)
{
    for (unsigned i = 0; i < im->head.e_phnum; i++) {
        const ElfW(Phdr) *seg = &im->seg[i];
        uint64_t size = in_file ? seg->p_filesz : seg->p_memsz;
        if (seg->p_type == PT_LOAD && addr >= seg->p_vaddr &&
            rv_within(addr - seg->p_vaddr, len, size))
            return seg;
    }
    return NULL;
}

static uint64_t page_len(void)
{
    return (uint64_t) sysconf(_SC_PAGESIZE);
}

// A segment that is mapped. They come in order of address, and of place in the file. Linkers make
// the bytes that the file does not have at the end of what can be written, and nowhere else.
static enum rove_status judge_load(struct image *im, const ElfW(Phdr) * seg)
{
    if (seg->p_memsz < seg->p_filesz)
        return refuse(im, ROVE_E_FORMAT, "a segment is smaller in memory than in the file");
    if (!rv_within(seg->p_vaddr, seg->p_memsz, IMAGE_MAX))
        return refuse(im, ROVE_E_FORMAT, "a segment lies beyond 1 GiB");
    if (seg->p_vaddr < im->end || seg->p_offset < im->file_end)
        return refuse(im, ROVE_E_FORMAT, "its segments overlap or are out of order");
    if ((seg->p_vaddr - seg->p_offset) % page_len() || (seg->p_align && !rv_is_pow2(seg->p_align)))
        return refuse(im, ROVE_E_FORMAT, "a segment is not aligned");
    if (!(seg->p_flags & PF_R) || (!(seg->p_flags & PF_W) && seg->p_memsz != seg->p_filesz))
        return refuse(im, ROVE_E_FORMAT, "a segment cannot be read, or not be filled in");
    if (seg->p_flags & PF_W && seg->p_flags & PF_X)
        return refuse(im, ROVE_E_FORMAT, "a segment is both writable and executable");
    im->end = seg->p_vaddr + seg->p_memsz;
    im->file_end = seg->p_offset + seg->p_filesz;
    return ROVE_OK;
}

static enum rove_status judge_tls(struct image *im, const ElfW(Phdr) * seg)
{
    if (seg->p_memsz < seg->p_filesz || seg->p_memsz > IMAGE_MAX || seg->p_align > IMAGE_MAX ||
        (seg->p_align && !rv_is_pow2(seg->p_align)))
        return refuse(im, ROVE_E_FORMAT, "its thread-local storage has an impossible size");
    return ROVE_OK;
}

// What is made read-only after the loader has written there. Whole pages, so it may end a page later
// in memory than in the file.
static bool is_relro_held(const struct image *im, const ElfW(Phdr) * seg)
{
    const ElfW(Phdr) *load = holder(im, seg->p_vaddr, 1, false);
    return load && load->p_flags & PF_W && seg->p_memsz >= seg->p_filesz &&
           seg->p_memsz - seg->p_filesz < page_len() &&
           rv_within(seg->p_vaddr, seg->p_memsz, im->end + page_len());
}

// A segment that is read, or protected, where another one has been mapped.
static bool is_held(const struct image *im, const ElfW(Phdr) * seg)
{
    switch (seg->p_type) {
    case PT_GNU_RELRO:
        return is_relro_held(im, seg);
    case PT_TLS: // what the file has of it is copied, the rest is made
        return !seg->p_filesz || holder(im, seg->p_vaddr, seg->p_filesz, true);
    case PT_DYNAMIC:
    case PT_NOTE:
    case PT_PHDR:
    case PT_GNU_PROPERTY:
    case PT_GNU_EH_FRAME:
        return holder(im, seg->p_vaddr, seg->p_memsz, true);
    default:
        return true;
    }
}

static enum rove_status judge_inner(struct image *im, const ElfW(Phdr) * seg)
{
    if (!is_held(im, seg))
        return refuse(im, ROVE_E_FORMAT, "a segment lies outside of what is loaded");
    return seg->p_type == PT_TLS ? judge_tls(im, seg) : ROVE_OK;
}

static enum rove_status judge_segments(struct image *im)
{
    unsigned loads = 0, dynamics = 0;
    enum rove_status status = ROVE_OK;
    for (unsigned i = 0; i < im->head.e_phnum && status == ROVE_OK; i++) {
        const ElfW(Phdr) *seg = &im->seg[i];
        loads += seg->p_type == PT_LOAD;
        dynamics += seg->p_type == PT_DYNAMIC;
        if (!rv_within(seg->p_offset, seg->p_filesz, im->len))
            return refuse(im, ROVE_E_TRUNCATED, "it is cut off: a segment reaches past its end");
        if (seg->p_type == PT_GNU_STACK && seg->p_flags & PF_X) // of all threads, for ever
            return refuse(im, ROVE_E_FORMAT, "it wants stacks to be executable");
        if (seg->p_type == PT_LOAD)
            status = judge_load(im, seg);
    }
    for (unsigned i = 0; i < im->head.e_phnum && status == ROVE_OK; i++)
        status = judge_inner(im, &im->seg[i]);
    if (status == ROVE_OK && (!loads || dynamics != 1))
        return refuse(im, ROVE_E_FORMAT, "it has nothing to load, or not one dynamic table");
    return status;
}

// the dynamic table -----------------------------------------------------------------------------

// Entries that are addresses.
static bool is_address(int64_t tag)
{
    static const int64_t tags[] = {DT_PLTGOT, DT_HASH,       DT_STRTAB,   DT_SYMTAB, DT_RELA,
                                   DT_INIT,   DT_FINI,       DT_REL,      DT_JMPREL, DT_INIT_ARRAY,
                                   DT_VERSYM, DT_FINI_ARRAY, DT_GNU_HASH, DT_VERDEF, DT_VERNEED, DT_RELR};
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (tag == tags[i])
            return true;
    return false;
}

// The loader asserts these, and an assertion that fails ends the process.
static bool has_asserted_value(const ElfW(Dyn) * dyn)
{
    switch (dyn->d_tag) {
    case DT_PLTREL:
        return dyn->d_un.d_val == DT_RELA || dyn->d_un.d_val == DT_REL;
    case DT_RELAENT:
        return dyn->d_un.d_val == sizeof(ElfW(Rela));
    case DT_RELENT:
        return dyn->d_un.d_val == sizeof(ElfW(Rel));
    case DT_RELRENT:
        return dyn->d_un.d_val == sizeof(ElfW(Addr));
    case DT_SYMENT:
        return dyn->d_un.d_val == sizeof(ElfW(Sym));
    default:
        return true;
    }
}

// Tells whether an entry points where it must: the functions of old, where code is.
static bool points_well(const struct image *im, const ElfW(Dyn) * dyn)
{
    if (!is_address(dyn->d_tag))
        return true;
    const ElfW(Phdr) *load = holder(im, dyn->d_un.d_ptr, 1, false);
    bool code = dyn->d_tag == DT_INIT || dyn->d_tag == DT_FINI;
    return load && (!code || load->p_flags & PF_X);
}

// The entry of that kind that the loader takes: the last. NULL: there is none.
static const ElfW(Dyn) * entry_of(const ElfW(Dyn) * dyn, size_t cnt, int64_t tag)
{
    while (cnt && dyn[cnt - 1].d_tag != tag)
        cnt--;
    return cnt ? &dyn[cnt - 1] : NULL;
}

// Whether each table has a length, and lies where something is loaded.
static bool tables_lie_well(const struct image *im, const ElfW(Dyn) * dyn, size_t cnt)
{
    static const int64_t tables[][2] = {{DT_STRTAB, DT_STRSZ},          {DT_RELA, DT_RELASZ},
                                        {DT_REL, DT_RELSZ},             {DT_RELR, DT_RELRSZ},
                                        {DT_JMPREL, DT_PLTRELSZ},       {DT_INIT_ARRAY, DT_INIT_ARRAYSZ},
                                        {DT_FINI_ARRAY, DT_FINI_ARRAYSZ}};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        const ElfW(Dyn) *at = entry_of(dyn, cnt, tables[i][0]), *len = entry_of(dyn, cnt, tables[i][1]);
        if (!at != !len || (at && !holder(im, at->d_un.d_ptr, len->d_un.d_val, false)))
            return false;
    }
    return true;
}

// Whether there is what the loader takes for granted where there is something else.
static bool go_together(const ElfW(Dyn) * dyn, size_t cnt)
{
    static const int64_t pairs[][2] = {{DT_SYMTAB, DT_SYMENT},  {DT_RELA, DT_RELAENT},    {DT_REL, DT_RELENT},
                                       {DT_RELR, DT_RELRENT},   {DT_JMPREL, DT_PLTREL},   {DT_PLTREL, DT_JMPREL},
                                       {DT_VERNEED, DT_VERSYM}, {DT_VERDEF, DT_VERSYM}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (entry_of(dyn, cnt, pairs[i][0]) && !entry_of(dyn, cnt, pairs[i][1]))
            return false;
    return !entry_of(dyn, cnt, DT_VERSYM) || entry_of(dyn, cnt, DT_VERNEED) || entry_of(dyn, cnt, DT_VERDEF);
}

// Whether each name is in the table of strings.
static bool names_lie_well(const ElfW(Dyn) * dyn, size_t cnt)
{
    const ElfW(Dyn) *len = entry_of(dyn, cnt, DT_STRSZ);
    for (size_t i = 0; i < cnt; i++) {
        int64_t tag = dyn[i].d_tag;
        bool is_name = tag == DT_NEEDED || tag == DT_SONAME || tag == DT_RPATH || tag == DT_RUNPATH;
        if (is_name && (!len || dyn[i].d_un.d_val >= len->d_un.d_val))
            return false;
    }
    return true;
}

static enum rove_status judge_whole(struct image *im, const ElfW(Dyn) * dyn, size_t cnt)
{
    if (!entry_of(dyn, cnt, DT_STRTAB) || !entry_of(dyn, cnt, DT_SYMTAB))
        return refuse(im, ROVE_E_FORMAT, "its dynamic table names no symbols");
    if (!tables_lie_well(im, dyn, cnt) || !names_lie_well(dyn, cnt))
        return refuse(im, ROVE_E_FORMAT, "its dynamic table has a wrong length, or none");
    return go_together(dyn, cnt) ? ROVE_OK
                                 : refuse(im, ROVE_E_FORMAT, "its dynamic table lacks what belongs to an entry");
}

static enum rove_status judge_entries(struct image *im, const ElfW(Dyn) * dyn, size_t cnt)
{
    for (size_t i = 0; i < cnt; i++) {
        if (dyn[i].d_tag == DT_NULL)
            return judge_whole(im, dyn, i);
        if (!points_well(im, &dyn[i]))
            return refuse(im, ROVE_E_FORMAT, "its dynamic table points to nothing");
        if (!has_asserted_value(&dyn[i]))
            return refuse(im, ROVE_E_FORMAT, "its dynamic table has entries of an unknown size");
    }
    return refuse(im, ROVE_E_FORMAT, "its dynamic table has no end");
}

// Reads the table from where it will be mapped, which need not be where its own segment says.
static enum rove_status judge_dynamic(struct image *im)
{
    ElfW(Dyn) dyn[DYNS_MAX];
    const ElfW(Phdr) *seg = im->seg;
    while (seg->p_type != PT_DYNAMIC)
        seg++;
    size_t cnt = (size_t) rv_min_u64(seg->p_memsz / sizeof dyn[0], DYNS_MAX);
    const ElfW(Phdr) *load = holder(im, seg->p_vaddr, cnt * sizeof dyn[0], true);
    if (!cnt || !load || seg->p_vaddr % sizeof(void *))
        return refuse(im, ROVE_E_FORMAT, "its dynamic table is not in the file");
    uint64_t off = load->p_offset + (seg->p_vaddr - load->p_vaddr);
    enum rove_status status = read_all(im, dyn, cnt * sizeof dyn[0], off);
    return status ? status : judge_entries(im, dyn, cnt);
}

static enum rove_status read_header(struct image *im)
{
    enum rove_status status = read_all(im, &im->head, (size_t) rv_min_u64(im->len, sizeof im->head), 0);
    if (status)
        return status;
    if (memcmp(im->head.e_ident, ELFMAG, SELFMAG) != 0)
        return refuse(im, ROVE_E_FORMAT, "it is no ELF file");
    if (im->len < sizeof im->head)
        return refuse(im, ROVE_E_TRUNCATED, "it is cut off within its header");
    return judge_header(im);
}

enum rove_status rv_elf_judge(int fd, uint64_t len, const char **text_out)
{
    struct image im = {.fd = fd, .len = len};
    enum rove_status status = read_header(&im);
    if (status == ROVE_OK)
        status = read_all(&im, im.seg, im.head.e_phnum * sizeof im.seg[0], im.head.e_phoff);
    if (status == ROVE_OK)
        status = judge_segments(&im);
    if (status == ROVE_OK)
        status = judge_dynamic(&im);
    *text_out = im.text;
    return status;
}
