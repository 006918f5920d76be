// SPDX-License-Identifier: MIT
// seeds.c: the first inputs of each target, made by code.
#include "fuzz.h"

#include "index_bytes.h"

#include <elf.h>
#include <link.h>

// contents ----------------------------------------------------------------------------------------

static const size_t lens[] = {0, 1, 30, 300, 3000, 9000};

#define LENS (sizeof lens / sizeof *lens)

// Zeros, noise, or letters with repeats.
static void content(uint8_t *out, size_t len, unsigned kind)
{
    uint64_t state = len + kind;
    for (size_t i = 0; i < len; i++) {
        uint8_t noise = (uint8_t) fuzz_draw(&state, 256);
        bool repeats = kind == 2 && i > 40 && noise & 3;
        out[i] = kind == 0 ? 0 : repeats ? out[i - 1 - noise % 40] : noise;
    }
}

// decoders ----------------------------------------------------------------------------------------

// A content, coded by a text, behind two bytes that tell the cuts.
static void encode(const char *text, size_t len, unsigned kind, struct fuzz_bytes *out)
{
    static uint8_t plain[9000];
    uint8_t cuts[2] = {(uint8_t) (len + kind), (uint8_t) (3 * kind + 1)};
    struct fuzz_bytes coded;
    out->len = 0;
    fuzz_add(out, cuts, 2);
    content(plain, len, kind);
    coded = fuzz_encode(text, plain, len, NULL, len + kind);
    fuzz_add(out, coded.ptr, coded.len);
    free(coded.ptr);
}

static const char *const codings[] = {
    "gzip",
    "gzip:hcrc=yes,name=a,comment=b",
    "gzip:level=0",
    "bgzf",
    "bgzf:level=0",
    "zlib",
    "zlib:strategy=fixed,window=9",
    "zlib:dict=616263",
    "deflate",
    "deflate:strategy=huffman",
    "deflate:level=0",
    "lz4",
    "lz4:linked=yes,block=64K",
    "lz4:block_checksum=yes,content_size=300",
    "lz4:checksum=no,level=9",
#define BUILT_IN 15
    "xz:level=0,dict=4K",
    "xz:level=0,dict=4K,block=1K,check=crc32",
    "bzip2:level=1",
    "zstd:level=1",
    "zstd:block=1K,checksum=no",
    "igzip",
};

// All built-in codings for `auto`, those of the target's name otherwise.
static void coded_seeds(const char *target, fuzz_each *each, void *arg)
{
    struct fuzz_bytes out = {NULL, 0, 0};
    for (size_t c = 0; c < sizeof codings / sizeof *codings; c++) {
        bool mine = strncmp(codings[c], target, strlen(target)) == 0;
        bool sized = strstr(codings[c], "content_size") != NULL;
        bool all = strcmp(target, "auto") == 0 && c < BUILT_IN;
        for (size_t i = 0; i < LENS && (mine || all); i++)
            for (unsigned kind = 0; kind < 3 && (!sized || lens[i] == 300); kind++) {
                encode(codings[c], lens[i], kind, &out);
                each(arg, out.ptr, out.len);
            }
    }
    free(out.ptr);
}

// LZ4's older and odder frames, which our encoder does not write.
static void lz4_seeds(fuzz_each *each, void *arg)
{
    static const uint8_t legacy[] = {3, 1, 0x02, 0x21, 0x4c, 0x18, 5,  0,
                                     0, 0, 0x40, 'r',  'o',  'p',  'e'};
    static const uint8_t skippable[] = {1, 2,    0x5a, 0x2a, 0x4d, 0x18, 3,    0,    0, 0, 1, 2,
                                        3, 0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, 0, 0, 0, 0};
    each(arg, legacy, sizeof legacy);
    each(arg, skippable, sizeof skippable);
}

// others ------------------------------------------------------------------------------------------

static void chain_seeds(fuzz_each *each, void *arg)
{
    static uint8_t data[5 + 9000];
    for (uint8_t text = 0; text < 11; text++)
        for (size_t i = 0; i < LENS; i++) {
            uint8_t head[5] = {text, (uint8_t) i, 1, 2, text};
            memcpy(data, head, 5);
            content(data + 5, lens[i], text % 3);
            each(arg, data, 5 + lens[i]);
        }
}

// Coded data of each text; for workers also contents that are repeated and coded.
static void way_seeds(bool both, fuzz_each *each, void *arg)
{
    static uint8_t plain[9000];
    for (unsigned w = 0; w < FUZZ_WAYS; w++)
        for (unsigned i = 0; i < LENS && fuzz_way(w); i++) {
            bool repeated = both && i % 2 == 0;
            uint8_t head[4] = {(uint8_t) w, (uint8_t) (w + i), (uint8_t) i, repeated ? 60 : 0};
            struct fuzz_bytes seed = {NULL, 0, 0}, coded = {NULL, 0, 0};
            content(plain, lens[i], i % 3);
            if (!repeated)
                coded = fuzz_encode(fuzz_way(w)[0], plain, lens[i], NULL, i);
            fuzz_add(&seed, head, sizeof head);
            fuzz_add(&seed, repeated ? plain : coded.ptr, repeated ? lens[i] : coded.len);
            each(arg, seed.ptr, seed.len);
            free(seed.ptr);
            free(coded.ptr);
        }
}

static void spec_seeds(fuzz_each *each, void *arg)
{
    static const char *const texts[] = {
        "gzip",
        "crc32|gzip:level=6,mtime=0",
        "gzip:name=a%2Cb%7C%25,comment=%0a,hcrc=yes",
        "lz4:level=12,acceleration=5,block=4M,linked=on,block_checksum=1,checksum=off",
        "zlib:strategy=huffman,window=9,mem=1,dict=00ff",
        "crc32:expect=cbf43926|xxh3:expect=0123456789abcdef|count|limit:max=4G",
        "copy|copy|copy|copy|copy|copy|copy|copy|copy",
        "crc32c|adler32|xxh64|auto:allow=gzip.lz4.zlib",
        "deflate:level=10",
        "gzip:level",
        "auto|gzip",
        "||",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        each(arg, (const uint8_t *) texts[i], strlen(texts[i]));
}

// Headers, segments one behind the other in memory, and a dynamic table at the end of the file.
#define ELF_LEN 1024u
#define ELF_DYNS 6u

static void add_segments(uint8_t *bytes, unsigned loads)
{
    static const uint32_t kinds[] = {PT_DYNAMIC, PT_NOTE, PT_TLS, PT_GNU_RELRO};
    size_t dyn_at = ELF_LEN - ELF_DYNS * sizeof(ElfW(Dyn));
    for (unsigned i = 0; i < loads + 4; i++) {
        ElfW(Phdr) seg = {.p_type = PT_LOAD,
                          .p_vaddr = 65536 * (uint64_t) i,
                          .p_filesz = ELF_LEN,
                          .p_memsz = ELF_LEN + i,
                          .p_align = 4096};
        if (i >= loads) {
            seg.p_type = kinds[i - loads];
            seg.p_offset = seg.p_vaddr = dyn_at;
            seg.p_filesz = seg.p_memsz = ELF_LEN - dyn_at;
            seg.p_align = 8;
        }
        memcpy(bytes + sizeof(ElfW(Ehdr)) + i * sizeof seg, &seg, sizeof seg);
    }
}

static void add_dynamic(uint8_t *bytes)
{
    ElfW(Dyn) table[ELF_DYNS] = {{.d_tag = DT_STRTAB, .d_un.d_ptr = 100},
                                 {.d_tag = DT_SYMTAB, .d_un.d_ptr = 200},
                                 {.d_tag = DT_SYMENT, .d_un.d_val = sizeof(ElfW(Sym))},
                                 {.d_tag = DT_PLTREL, .d_un.d_val = DT_RELA},
                                 {.d_tag = DT_GNU_HASH, .d_un.d_ptr = 300},
                                 {.d_tag = DT_NULL}};
    memcpy(bytes + ELF_LEN - sizeof table, table, sizeof table);
}

static void elf_seeds(fuzz_each *each, void *arg)
{
    static const uint16_t machines[] = {EM_X86_64, EM_AARCH64, EM_RISCV};
    uint16_t one = 1;
    for (unsigned i = 0; i < 3 * 4; i++) {
        uint8_t bytes[ELF_LEN] = {0};
        ElfW(Ehdr) head = {.e_type = ET_DYN,
                           .e_machine = machines[i % 3],
                           .e_version = EV_CURRENT,
                           .e_phoff = sizeof head,
                           .e_ehsize = sizeof head,
                           .e_phentsize = sizeof(ElfW(Phdr)),
                           .e_phnum = (uint16_t) (1 + i / 3 + 4)};
        memcpy(head.e_ident, ELFMAG, SELFMAG);
        head.e_ident[EI_CLASS] = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
        head.e_ident[EI_DATA] = *(uint8_t *) &one ? ELFDATA2LSB : ELFDATA2MSB;
        head.e_ident[EI_VERSION] = EV_CURRENT;
        memcpy(bytes, &head, sizeof head);
        add_segments(bytes, 1 + i / 3);
        add_dynamic(bytes);
        each(arg, bytes, sizeof bytes);
    }
}

// Index files of the data of index.c, and data that end with a table.
static void index_seeds(fuzz_each *each, void *arg)
{
    static const uint32_t members[] = {300, 0, 2000, 1, 40};
    for (unsigned way = 0; way < 7; way++) {
        static const uint8_t kinds[] = {0, 0, 1, 1, 2, 2, 3};
        struct made_data d = {.cnt = 0};
        struct made seed = {NULL, 0, 0};
        if (kinds[way] == 0)
            made_bgzf(&d, members, 5);
        else if (kinds[way] == 1)
            made_gzip(&d, members, 5, 100);
        else
            made_zstd(&d, members, 5);
        made_number(&seed, kinds[way], 1);
        if (way == 0)
            made_gzi(&seed, &d);
        else if (way < 4)
            made_gzidx(&seed, &d, way != 2, MADE_WINDOW);
        if (way == 6)
            made_add(&seed, d.coded.ptr, d.coded.len);
        if (way >= 4)
            made_table(&seed, &d, way == 5);
        if (seed.len < 65536) // what the plain run takes
            each(arg, seed.ptr, seed.len);
        made_drop(&seed);
        made_data_drop(&d);
    }
}

void fuzz_seeds(const char *target, fuzz_each *each, void *arg)
{
    if (strcmp(target, "spec") == 0) {
        spec_seeds(each, arg);
    } else if (strcmp(target, "elf") == 0) {
        elf_seeds(each, arg);
    } else if (strcmp(target, "chain") == 0) {
        chain_seeds(each, arg);
    } else if (strcmp(target, "index") == 0) {
        index_seeds(each, arg);
    } else if (strcmp(target, "workers") == 0 || strcmp(target, "seek") == 0) {
        way_seeds(target[0] == 'w', each, arg);
    } else {
        coded_seeds(target, each, arg);
        if (strcmp(target, "lz4") == 0 || strcmp(target, "auto") == 0)
            lz4_seeds(each, arg);
    }
}
