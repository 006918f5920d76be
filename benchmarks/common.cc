// SPDX-License-Identifier: MIT
// common.cc: what the bodies share: sizes, touched memory, the bytes to append, malloc's settings.
#include "report.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

namespace bench
{

namespace
{

// Rows keep some 8 objects of this length at a time.
size_t length_for_memory()
{
    std::ifstream file("/proc/meminfo");
    std::string word;
    size_t kilobytes = 0;
    while (file >> word)
        if (word == "MemAvailable:")
            file >> kilobytes;
    size_t len = GiB;
    while (len > 64 * MiB && kilobytes && kilobytes / 12 < len / KiB)
        len /= 2;
    return len;
}

} // namespace

size_t large()
{
    static const size_t len = length_for_memory();
    return quick() ? 16 * MiB : len;
}

size_t medium()
{
    return quick() ? 4 * MiB : 64 * MiB;
}

Pages::Pages(size_t n) : len(n)
{
    void *memory = mmap(nullptr, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        die("mmap");
    at = static_cast<char *>(std::memset(memory, 0, n));
}

Pages::~Pages()
{
    munmap(at, len);
}

const char *source()
{
    static const Pages *const made = [] {
        auto *room = new Pages(2 * MiB);
        std::mt19937_64 random(7);
        for (size_t i = 0; i < MiB; i++)
            room->data()[i] = static_cast<char>(random());
        std::memcpy(room->data() + MiB, room->data(), MiB);
        return room;
    }();
    return made->data();
}

void die(const char *what)
{
    std::fprintf(stderr, "benchmark: %s\n", what);
    std::exit(1);
}

void malloc_keeps(bool keeps)
{
    mallopt(M_MMAP_MAX, keeps ? 0 : 65536);
    mallopt(M_MMAP_THRESHOLD, 32 << 20); // where glibc itself would arrive after some frees
    mallopt(M_TRIM_THRESHOLD, keeps ? -1 : 128 * 1024);
    if (!keeps)
        malloc_trim(0);
}

void malloc_forget()
{
    malloc_trim(0);
}

size_t resident()
{
    std::ifstream file("/proc/self/statm");
    size_t all = 0, mine = 0;
    file >> all >> mine;
    return mine * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

double run_child(const std::string &job, const std::string &preload)
{
    char self[4096];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    if (len <= 0)
        return -1;
    self[len] = 0;
    std::string command = preload.empty() ? "" : "LD_PRELOAD='" + preload + "' ";
    command += std::string("'") + self + "' --child='" + job + "'" + (quick() ? " --quick" : "");
    FILE *pipe = popen(command.c_str(), "r");
    if (!pipe)
        return -1;
    double value = -1;
    if (std::fscanf(pipe, "%lf", &value) != 1)
        value = -1;
    return pclose(pipe) == 0 ? value : -1;
}

} // namespace bench
