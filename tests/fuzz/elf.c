// SPDX-License-Identifier: MIT
// elf.c: any bytes as a plugin's file, before the loader sees it. What passes has all its segments.
#include "fuzz.h"

#include <elf.h>
#include <link.h>

#include "base/os.h"
#include "filter/elf.h"

static const uint8_t *file;
static size_t file_len;

// The file is the input; its name is any number.
static ssize_t pread_input(int fd, void *buf, size_t len, off_t off)
{
    (void) fd;
    if (off < 0 || (uint64_t) off >= file_len)
        return 0;
    len = len < file_len - (size_t) off ? len : file_len - (size_t) off;
    memcpy(buf, file + off, len);
    return (ssize_t) len;
}

static void check_segments(void)
{
    ElfW(Ehdr) head;
    MUST(file_len >= sizeof head);
    memcpy(&head, file, sizeof head);
    MUST(memcmp(head.e_ident, ELFMAG, SELFMAG) == 0 && head.e_type == ET_DYN && head.e_phnum);
    for (unsigned i = 0; i < head.e_phnum; i++) {
        ElfW(Phdr) seg;
        MUST(head.e_phoff <= file_len && (i + 1) * sizeof seg <= file_len - head.e_phoff);
        memcpy(&seg, file + head.e_phoff + i * sizeof seg, sizeof seg);
        MUST(seg.p_offset <= file_len && seg.p_filesz <= file_len - seg.p_offset);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct rv_os os;
    if (!os.pread) {
        os = *rv_os();
        os.pread = pread_input;
        rv_os_set(&os);
    }
    file = data;
    file_len = len;
    const char *text = NULL;
    enum rove_status status = rv_elf_judge(0, len, &text);
    MUST(status == ROVE_OK || (text && text[0]));
    MUST(status == ROVE_OK || status == ROVE_E_FORMAT || status == ROVE_E_TRUNCATED ||
         status == ROVE_E_IO);
    if (status == ROVE_OK)
        check_segments();
    return 0;
}
