// SPDX-License-Identifier: MIT
// plain.c: runs a target without a fuzzer: its seeds, and each with damages drawn at random.
//
//     plain_TARGET               runs them; ROVE_SEED and ROVE_TEST_SCALE as in the other tests
//     plain_TARGET --rounds      tells how many damaged inputs that is in full
//     plain_TARGET --write DIR   writes the seeds to files, for a fuzzer to begin with
//     plain_TARGET FILE...       runs these files, such as a fuzzer leaves behind
#include "fuzz.h"

#include "support/amount.h"

#define INPUT_MAX 65536

static struct {
    uint64_t state, inputs, rounds; // rounds: damaged inputs of each seed
    unsigned seeds;
    const char *dir;
} run;

// damages -----------------------------------------------------------------------------------------

// Changes len bytes, of which there is room for INPUT_MAX; returns how many there are then.
static size_t damage(uint8_t *data, size_t len)
{
    size_t at = len ? (size_t) fuzz_draw(&run.state, len) : 0, rest = len - at;
    switch (fuzz_draw(&run.state, len ? 6 : 1)) {
    case 0: // a byte more
        memmove(data + at + 1, data + at, len < INPUT_MAX ? rest : rest - 1);
        data[at] = (uint8_t) fuzz_draw(&run.state, 256);
        return len < INPUT_MAX ? len + 1 : len;
    case 1: // a byte less
        memmove(data + at, data + at + 1, rest - 1);
        return len - 1;
    case 2: // an end
        return at;
    case 3: // an edge value
        data[at] = (uint8_t) (0 - fuzz_draw(&run.state, 2));
        return len;
    case 4: // a piece of it once more
        memmove(data + at, data + fuzz_draw(&run.state, len - rest + 1), rest < 16 ? rest : 16);
        return len;
    default:
        data[at] ^= (uint8_t) (1u << fuzz_draw(&run.state, 8));
        return len;
    }
}

static void count_seed(void *arg, const uint8_t *data, size_t len)
{
    (void) arg;
    (void) data;
    (void) len;
    run.seeds++;
}

static void run_seed(void *arg, const uint8_t *seed, size_t len)
{
    static uint8_t data[INPUT_MAX + 1];
    (void) arg;
    (void) LLVMFuzzerTestOneInput(seed, len);
    run.inputs++;
    for (uint64_t i = 0; i < run.rounds; i++, run.inputs++) {
        size_t now = len;
        memcpy(data, seed, len);
        for (uint64_t n = 1 + fuzz_draw(&run.state, 4); n--;)
            now = damage(data, now);
        uint8_t *exact = malloc(now + 1); // so that a sanitizer sees the end
        MUST(exact);
        memcpy(exact, data, now);
        (void) LLVMFuzzerTestOneInput(exact, now);
        free(exact);
    }
}

static int run_seeds(void)
{
    const char *seed = getenv("ROVE_SEED");
    amount_watch();
    run.state = seed ? strtoull(seed, NULL, 0) : 20240229;
    printf("fuzz %s: ROVE_SEED=%llu\n", FUZZ_TARGET, (unsigned long long) run.state);
    fuzz_seeds(FUZZ_TARGET, count_seed, NULL);
    MUST(run.seeds > 0);
    run.rounds = 1 + (uint64_t) (FUZZ_ROUNDS * amount_scale()) / run.seeds;
    fuzz_seeds(FUZZ_TARGET, run_seed, NULL);
    printf("%u seeds, %llu inputs\n", run.seeds, (unsigned long long) run.inputs);
    return 0;
}

// files -------------------------------------------------------------------------------------------

static void write_seed(void *arg, const uint8_t *data, size_t len)
{
    char path[4096];
    (void) arg;
    snprintf(path, sizeof path, "%s/seed-%03u", run.dir, run.seeds++);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(data, 1, len, file) != len || fclose(file) != 0) {
        perror(path);
        exit(2);
    }
}

static int run_file(const char *path)
{
    static uint8_t data[1 << 20];
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 2;
    }
    size_t len = fread(data, 1, sizeof data, file);
    fclose(file);
    printf("%s: %zu bytes\n", path, len);
    return LLVMFuzzerTestOneInput(data, len);
}

int main(int argc, char **argv)
{
    int status = 0;
    if (argc == 1)
        return run_seeds();
    if (argc == 2 && strcmp(argv[1], "--rounds") == 0)
        return printf("%llu\n", (unsigned long long) FUZZ_ROUNDS) < 0;
    if (argc == 3 && strcmp(argv[1], "--write") == 0) {
        run.dir = argv[2];
        fuzz_seeds(FUZZ_TARGET, write_seed, NULL);
        return 0;
    }
    for (int i = 1; i < argc && !status; i++)
        status = run_file(argv[i]);
    return status;
}
