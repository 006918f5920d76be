// SPDX-License-Identifier: MIT
// plugin_elf.c: files that are no shared library, or a damaged one. The loader of the C library
// would die of most of them; they must be refused before it sees them.
#include "plugin_kit.h"

#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef ElfW(Ehdr) header;
typedef ElfW(Phdr) segment;
typedef ElfW(Dyn) entry;

static header *head_of(struct kit_image *image)
{
    return (header *) (void *) image->ptr;
}

static segment *segments_of(struct kit_image *image)
{
    return (segment *) (void *) (image->ptr + head_of(image)->e_phoff);
}

// The n-th segment of a type, from 0.
static segment *segment_of(struct kit_image *image, uint32_t type, unsigned n)
{
    segment *seg = segments_of(image);
    for (unsigned i = 0; i < head_of(image)->e_phnum; i++)
        if (seg[i].p_type == type && n-- == 0)
            return &seg[i];
    fprintf(stderr, "the plugin has no segment of type %x to be patched\n", (unsigned) type);
    exit(2);
}

// NULL: it has none.
static entry *find_entry(struct kit_image *image, int64_t tag)
{
    entry *at = (entry *) (void *) (image->ptr + segment_of(image, PT_DYNAMIC, 0)->p_offset);
    while (at->d_tag != tag && at->d_tag != DT_NULL)
        at++;
    return at->d_tag == tag ? at : NULL;
}

static entry *entry_of(struct kit_image *image, int64_t tag)
{
    entry *at = find_entry(image, tag);
    CHECK(at != NULL);
    return at;
}

// bytes that are no library ---------------------------------------------------------------------

static struct kit_image bytes(const void *ptr, size_t len)
{
    struct kit_image image = {malloc(len + 1), len};
    memcpy(image.ptr, ptr, len);
    return image;
}

static void other_files(void)
{
    static const char text[] = "#!/bin/sh\necho this is a text file, longer than any header of ELF\n"
                               "# and one more line\n";
    static const uint8_t zeros[4096];
    kit_refuses_bytes("empty", bytes("", 0), ROVE_E_FORMAT, "it is no ELF file");
    kit_refuses_bytes("one byte", bytes("\x7f", 1), ROVE_E_FORMAT, "it is no ELF file");
    kit_refuses_bytes("magic", bytes("\x7f" "ELF", 4), ROVE_E_TRUNCATED, "cut off within its header");
    kit_refuses_bytes("text", bytes(text, sizeof text - 1), ROVE_E_FORMAT, "it is no ELF file");
    kit_refuses_bytes("zeros", bytes(zeros, sizeof zeros), ROVE_E_FORMAT, "it is no ELF file");
}

static struct kit_image cut(size_t len)
{
    struct kit_image image = kit_plugin("good");
    image.len = len < image.len ? len : image.len;
    return image;
}

// How much of the plugin the segments need; section headers and debugging data lie behind.
static size_t needed(void)
{
    struct kit_image image = kit_plugin("good");
    size_t end = 0;
    for (unsigned i = 0; i < head_of(&image)->e_phnum; i++) {
        const segment *seg = &segments_of(&image)[i];
        size_t reach = (size_t) (seg->p_offset + seg->p_filesz);
        end = reach > end ? reach : end;
    }
    free(image.ptr);
    return end;
}

static void truncated(void)
{
    size_t all = needed(), step = all / (size_t) suite_scaled(400) + 1;
    unsigned lengths = 0;
    for (size_t len = 5; len < all; len += len < 700 && step < 50 ? 5 : step, lengths++) {
        struct kit_image image = cut(len);
        enum rove_status status = rove_plugin_load(kit_write("cut.so", image), NULL);
        free(image.ptr);
        if (!CHECK_IS(ROVE_E_TRUNCATED, status))
            suite_note("cut after %zu bytes", len);
    }
    kit_refuses_bytes("header cut", cut(63), ROVE_E_TRUNCATED, "cut off within its header");
    kit_refuses_bytes("program headers cut", cut(100), ROVE_E_TRUNCATED, "program headers lie past");
    kit_refuses_bytes("last byte cut", cut(all - 1), ROVE_E_TRUNCATED, "a segment reaches past");
    suite_note("%u lengths of a truncated plugin refused", lengths);
}

// headers ---------------------------------------------------------------------------------------

struct patch {
    const char *what;
    void (*patch)(struct kit_image *image);
    enum rove_status status;
    const char *says;
};

#define PATCH(name, statement)                  \
    static void name(struct kit_image *im)      \
    {                                           \
        header *h = head_of(im);                \
        segment *load = segment_of(im, PT_LOAD, 0); \
        segment *last = segment_of(im, PT_LOAD, 3); \
        segment *dyn = segment_of(im, PT_DYNAMIC, 0); \
        (void) h, (void) load, (void) last, (void) dyn; \
        statement;                              \
    }

PATCH(class_32, h->e_ident[EI_CLASS] = ELFCLASS32)
PATCH(class_0, h->e_ident[EI_CLASS] = 0)
PATCH(big_endian, h->e_ident[EI_DATA] = ELFDATA2MSB)
PATCH(ident_version, h->e_ident[EI_VERSION] = 2)
PATCH(header_version, h->e_version = 0)
PATCH(magic_0, h->e_ident[0] = 0)
PATCH(magic_3, h->e_ident[3] = 'f')
PATCH(machine_sparc, h->e_machine = EM_SPARC)
PATCH(machine_0, h->e_machine = 0)
PATCH(type_exec, h->e_type = ET_EXEC)
PATCH(type_rel, h->e_type = ET_REL)
PATCH(type_core, h->e_type = ET_CORE)
PATCH(phentsize_0, h->e_phentsize = 0)
PATCH(phentsize_32, h->e_phentsize = 32)
PATCH(phnum_0, h->e_phnum = 0)
PATCH(phnum_65, h->e_phnum = 65)
PATCH(phnum_max, h->e_phnum = UINT16_MAX)
PATCH(phoff_end, h->e_phoff = im->len)
PATCH(phoff_last, h->e_phoff = im->len - 8)
PATCH(phoff_max, h->e_phoff = UINT64_MAX)
PATCH(phoff_wraps, h->e_phoff = UINT64_MAX - 55)
PATCH(phoff_0, h->e_phoff = 0)
PATCH(os_unknown, h->e_ident[EI_OSABI] = 77)
PATCH(filesz_max, load->p_filesz = load->p_memsz = UINT64_MAX)
PATCH(filesz_long, last->p_filesz = last->p_memsz = im->len)
PATCH(offset_max, load->p_offset = UINT64_MAX)
PATCH(offset_end, last->p_offset = im->len)
PATCH(offset_wraps, load->p_offset = UINT64_MAX - 0xfff)
PATCH(memsz_less, load->p_memsz = load->p_filesz - 1)
PATCH(memsz_0, load->p_memsz = 0)
PATCH(memsz_2_40, last->p_memsz = UINT64_C(1) << 40)
PATCH(memsz_max, last->p_memsz = UINT64_MAX)
PATCH(memsz_wraps, last->p_memsz = UINT64_MAX - last->p_vaddr + 1)
PATCH(vaddr_max, last->p_vaddr = UINT64_MAX - 0xfff + (last->p_vaddr & 0xfff))
PATCH(vaddr_off, last->p_vaddr += 8)
PATCH(vaddr_back, last->p_vaddr &= 0xfff)
PATCH(offset_back, segment_of(im, PT_LOAD, 1)->p_offset = 0)
PATCH(text_short, segment_of(im, PT_LOAD, 1)->p_filesz -= 64)
PATCH(text_unreadable, segment_of(im, PT_LOAD, 1)->p_flags = 0)
PATCH(text_no_code, segment_of(im, PT_LOAD, 1)->p_flags = PF_R)
PATCH(data_constant, last->p_memsz = last->p_filesz; last->p_flags = PF_R)
PATCH(data_code, last->p_flags |= PF_X)
PATCH(stack_code, segment_of(im, PT_GNU_STACK, 0)->p_flags |= PF_X)
PATCH(align_3, last->p_align = 3)
PATCH(align_max, last->p_align = UINT64_MAX)
PATCH(no_load, for (unsigned i = 0; i < 4; i++) segment_of(im, PT_LOAD, 0)->p_type = PT_NULL)
PATCH(no_data, last->p_type = PT_NULL)
PATCH(no_dynamic, dyn->p_type = PT_NULL)
PATCH(two_dynamics, *segment_of(im, PT_GNU_EH_FRAME, 0) = *dyn)
PATCH(dynamic_far, dyn->p_vaddr = UINT64_C(1) << 29)
PATCH(dynamic_max, dyn->p_vaddr = UINT64_MAX - 15)
PATCH(dynamic_0, dyn->p_memsz = 0)
PATCH(dynamic_max_size, dyn->p_memsz = UINT64_MAX)
PATCH(dynamic_odd, dyn->p_vaddr += 1)
PATCH(dynamic_endless, dyn->p_memsz = 3 * sizeof(entry))
PATCH(dynamic_empty, entry_of(im, ((entry *) (void *) (im->ptr + dyn->p_offset))->d_tag)->d_tag = 0)
PATCH(no_strings, entry_of(im, DT_STRTAB)->d_tag = 0x6fff1234)
PATCH(no_symbols, entry_of(im, DT_SYMTAB)->d_tag = 0x6fff1234)
PATCH(strings_far, entry_of(im, DT_STRTAB)->d_un.d_ptr = UINT64_C(1) << 40)
PATCH(symbols_max, entry_of(im, DT_SYMTAB)->d_un.d_ptr = UINT64_MAX)
PATCH(hash_far, entry_of(im, DT_GNU_HASH)->d_un.d_ptr = 0x7fff0000)
PATCH(init_far, entry_of(im, DT_INIT)->d_un.d_ptr = 0x7fff0000)
PATCH(rela_size, entry_of(im, DT_RELAENT)->d_un.d_val = 23)
PATCH(sym_size, entry_of(im, DT_SYMENT)->d_un.d_val = 0)
PATCH(relro_far, segment_of(im, PT_GNU_RELRO, 0)->p_vaddr = 0x3f000000)
PATCH(relro_long, segment_of(im, PT_GNU_RELRO, 0)->p_memsz = UINT64_C(1) << 40)
PATCH(note_far, segment_of(im, PT_NOTE, 0)->p_vaddr = 0x3f000000)
PATCH(note_long, segment_of(im, PT_NOTE, 0)->p_memsz = UINT64_MAX)
PATCH(tls_huge, segment *note = segment_of(im, PT_NOTE, 0); note->p_type = PT_TLS;
      note->p_memsz = UINT64_MAX)
PATCH(tls_align, segment *note = segment_of(im, PT_NOTE, 0); note->p_type = PT_TLS;
      note->p_align = 3)

#define NO_SIZE "its program headers are of an unknown size"
#define PAST_HEAD "its program headers lie past its end"
#define PAST "a segment reaches past its end"
#define OUTSIDE "a segment lies outside of what is loaded"
#define POINTS "its dynamic table points to nothing"

static const struct patch patches[] = {
    {"class 32", class_32, ROVE_E_FORMAT, "another word size"},
    {"class 0", class_0, ROVE_E_FORMAT, "another word size"},
    {"big endian", big_endian, ROVE_E_FORMAT, "another byte order"},
    {"ident version", ident_version, ROVE_E_FORMAT, "unknown version of ELF"},
    {"header version", header_version, ROVE_E_FORMAT, "unknown version of ELF"},
    {"magic 0", magic_0, ROVE_E_FORMAT, "no ELF file"},
    {"magic 3", magic_3, ROVE_E_FORMAT, "no ELF file"},
    {"machine", machine_sparc, ROVE_E_FORMAT, "another machine"},
    {"machine 0", machine_0, ROVE_E_FORMAT, "another machine"},
    {"executable", type_exec, ROVE_E_FORMAT, "no shared library"},
    {"object", type_rel, ROVE_E_FORMAT, "no shared library"},
    {"core", type_core, ROVE_E_FORMAT, "no shared library"},
    {"phentsize 0", phentsize_0, ROVE_E_FORMAT, NO_SIZE},
    {"phentsize 32", phentsize_32, ROVE_E_FORMAT, NO_SIZE},
    {"phnum 0", phnum_0, ROVE_E_FORMAT, "no program header"},
    {"phnum 65", phnum_65, ROVE_E_FORMAT, "or more than 64"},
    {"phnum max", phnum_max, ROVE_E_FORMAT, "or more than 64"},
    {"phoff at the end", phoff_end, ROVE_E_TRUNCATED, PAST_HEAD},
    {"phoff before the end", phoff_last, ROVE_E_TRUNCATED, PAST_HEAD},
    {"phoff max", phoff_max, ROVE_E_TRUNCATED, PAST_HEAD},
    {"phoff wraps", phoff_wraps, ROVE_E_TRUNCATED, PAST_HEAD},
    {"phoff 0", phoff_0, ROVE_E_TRUNCATED, PAST}, // the header read as segments
    {"OS", os_unknown, ROVE_E_UNSUPPORTED, "the loader refuses it: ELF file OS ABI invalid"},
    {"filesz max", filesz_max, ROVE_E_TRUNCATED, PAST},
    {"filesz long", filesz_long, ROVE_E_TRUNCATED, PAST},
    {"offset max", offset_max, ROVE_E_TRUNCATED, PAST},
    {"offset end", offset_end, ROVE_E_TRUNCATED, PAST},
    {"offset wraps", offset_wraps, ROVE_E_TRUNCATED, PAST},
    {"memsz less", memsz_less, ROVE_E_FORMAT, "smaller in memory than in the file"},
    {"memsz 0", memsz_0, ROVE_E_FORMAT, "smaller in memory than in the file"},
    {"memsz 2^40", memsz_2_40, ROVE_E_FORMAT, "beyond 1 GiB"},
    {"memsz max", memsz_max, ROVE_E_FORMAT, "beyond 1 GiB"},
    {"memsz wraps", memsz_wraps, ROVE_E_FORMAT, "beyond 1 GiB"},
    {"vaddr max", vaddr_max, ROVE_E_FORMAT, "beyond 1 GiB"},
    {"vaddr off", vaddr_off, ROVE_E_FORMAT, "a segment is not aligned"},
    {"vaddr back", vaddr_back, ROVE_E_FORMAT, "overlap or are out of order"},
    {"offset back", offset_back, ROVE_E_FORMAT, "overlap or are out of order"},
    {"code cut", text_short, ROVE_E_FORMAT, "cannot be read, or not be filled in"},
    {"code unreadable", text_unreadable, ROVE_E_FORMAT, "cannot be read, or not be filled in"},
    {"code no code", text_no_code, ROVE_E_FORMAT, POINTS},
    {"data constant", data_constant, ROVE_E_FORMAT, OUTSIDE},
    {"data is code", data_code, ROVE_E_FORMAT, "both writable and executable"},
    {"stack is code", stack_code, ROVE_E_FORMAT, "it wants stacks to be executable"},
    {"align 3", align_3, ROVE_E_FORMAT, "a segment is not aligned"},
    {"align max", align_max, ROVE_E_FORMAT, "a segment is not aligned"},
    {"nothing to load", no_load, ROVE_E_FORMAT, OUTSIDE},
    {"no data segment", no_data, ROVE_E_FORMAT, OUTSIDE},
    {"no dynamic table", no_dynamic, ROVE_E_FORMAT, "not one dynamic table"},
    {"two dynamic tables", two_dynamics, ROVE_E_FORMAT, "not one dynamic table"},
    {"dynamic far", dynamic_far, ROVE_E_FORMAT, OUTSIDE},
    {"dynamic max", dynamic_max, ROVE_E_FORMAT, OUTSIDE},
    {"dynamic of no size", dynamic_0, ROVE_E_FORMAT, "its dynamic table is not in the file"},
    {"dynamic of huge size", dynamic_max_size, ROVE_E_FORMAT, OUTSIDE},
    {"dynamic odd", dynamic_odd, ROVE_E_FORMAT, "its dynamic table is not in the file"},
    {"dynamic endless", dynamic_endless, ROVE_E_FORMAT, "its dynamic table has no end"},
    {"dynamic empty", dynamic_empty, ROVE_E_FORMAT, "its dynamic table names no symbols"},
    {"no strings", no_strings, ROVE_E_FORMAT, "its dynamic table names no symbols"},
    {"no symbols", no_symbols, ROVE_E_FORMAT, "its dynamic table names no symbols"},
    {"strings far", strings_far, ROVE_E_FORMAT, POINTS},
    {"symbols max", symbols_max, ROVE_E_FORMAT, POINTS},
    {"hash far", hash_far, ROVE_E_FORMAT, POINTS},
    {"init far", init_far, ROVE_E_FORMAT, POINTS},
    {"size of relocations", rela_size, ROVE_E_FORMAT, "entries of an unknown size"},
    {"size of symbols", sym_size, ROVE_E_FORMAT, "entries of an unknown size"},
    {"relro far", relro_far, ROVE_E_FORMAT, OUTSIDE},
    {"relro long", relro_long, ROVE_E_FORMAT, OUTSIDE},
    {"note far", note_far, ROVE_E_FORMAT, OUTSIDE},
    {"note long", note_long, ROVE_E_FORMAT, OUTSIDE},
    {"TLS huge", tls_huge, ROVE_E_FORMAT, "thread-local storage has an impossible size"},
    {"TLS alignment", tls_align, ROVE_E_FORMAT, "thread-local storage has an impossible size"},
};

static void patched(void)
{
    for (size_t i = 0; i < sizeof patches / sizeof *patches; i++) {
        struct kit_image image = kit_plugin("r_patched");
        patches[i].patch(&image);
        kit_refuses_bytes(patches[i].what, image, patches[i].status, patches[i].says);
    }
}

// entries that go together ------------------------------------------------------------------------

// Where the loader has one it takes the other for granted, and dies without.
static void lacking_entries(void)
{
    static const int64_t tags[] = {DT_STRSZ,     DT_SYMENT,     DT_RELA,       DT_RELASZ,      DT_RELAENT,
                                   DT_REL,       DT_RELSZ,      DT_RELENT,     DT_JMPREL,      DT_PLTRELSZ,
                                   DT_PLTREL,    DT_INIT_ARRAY, DT_FINI_ARRAY, DT_INIT_ARRAYSZ, DT_FINI_ARRAYSZ,
                                   DT_VERSYM,    DT_VERNEED};
    unsigned lacked = 0;
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        char what[40];
        struct kit_image image = kit_plugin("r_patched");
        entry *at = find_entry(&image, tags[i]);
        snprintf(what, sizeof what, "without entry %#llx", (unsigned long long) tags[i]);
        if (!at) {
            free(image.ptr);
            continue;
        }
        at->d_tag = 0x6fff1234;
        kit_refuses_bytes(what, image, ROVE_E_FORMAT, "its dynamic table ");
        lacked++;
    }
    CHECK(lacked > 8);
}

static void lengths_beyond_the_end(void)
{
    static const int64_t tags[] = {DT_STRSZ,        DT_RELASZ, DT_RELSZ,  DT_PLTRELSZ, DT_INIT_ARRAYSZ,
                                   DT_FINI_ARRAYSZ, DT_NEEDED, DT_SONAME, DT_RUNPATH};
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        char what[40];
        struct kit_image image = kit_plugin("r_patched");
        entry *at = find_entry(&image, tags[i]);
        snprintf(what, sizeof what, "long entry %#llx", (unsigned long long) tags[i]);
        if (at) {
            at->d_un.d_val = UINT32_C(1) << 30;
            kit_refuses_bytes(what, image, ROVE_E_FORMAT, "a wrong length, or none");
        } else {
            free(image.ptr);
        }
    }
}

// names in the string table: what the loader itself refuses ---------------------------------------

static struct kit_image renamed(const char *from, const char *to)
{
    struct kit_image image = kit_plugin("r_renamed");
    size_t off = (size_t) entry_of(&image, DT_STRTAB)->d_un.d_ptr; // the first segment begins at 0
    uint8_t *at = memmem(image.ptr + off, image.len - off, from, strlen(from) + 1);
    if (CHECK(at != NULL))
        memcpy(at, to, strlen(to));
    return image;
}

static void names_that_lead_nowhere(void)
{
    kit_refuses_bytes("no symbol", renamed("rove_plugin_v1", "rove_plugin_v2"), ROVE_E_ABI,
                      "it does not export rove_plugin_v1");
    kit_refuses_bytes("missing library", renamed("libc.so.6", "libx.so.6"), ROVE_E_UNSUPPORTED,
                      "the loader refuses it: libx.so.6: cannot open shared object file");
    kit_refuses_bytes("missing function", renamed("memset", "memsat"), ROVE_E_UNSUPPORTED,
                      "the loader refuses it: undefined symbol: memsat");
}

// noise -------------------------------------------------------------------------------------------

// One bit of the header or the program headers is wrong. Whatever the loader then
// says, the process lives; in a child of its own, as a plugin that is loaded may do as it likes.
static bool survives(struct kit_image *image)
{
    const char *path = kit_write("noise.so", *image);
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        alarm(20);
        (void) !rove_plugin_load(path, NULL);
        _exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status);
}

static void flipped_bits(void)
{
    struct kit_image image = kit_plugin("r_noise");
    size_t head_bits = 8 * (sizeof(header) + head_of(&image)->e_phnum * sizeof(segment));
    size_t step = head_bits / (size_t) suite_scaled(600) | 1, flips = 0, died = 0;
    for (size_t bit = (size_t) suite_seed() % step; bit < head_bits; bit += step, flips++) {
        image.ptr[bit / 8] ^= (uint8_t) (1u << bit % 8);
        if (!survives(&image)) {
            died++;
            suite_note("bit %zu of byte %zu kills the process", bit % 8, bit / 8);
        }
        image.ptr[bit / 8] ^= (uint8_t) (1u << bit % 8);
    }
    CHECK_EQ(0, died);
    suite_note("%zu flipped bits of the headers survived", flips);
    free(image.ptr);
}

void plugin_elf_cases(void)
{
    if (!KIT_PLACES_KNOWN)
        return;
    other_files();
    truncated();
    patched();
    lacking_entries();
    lengths_beyond_the_end();
    names_that_lead_nowhere();
    flipped_bits();
}
