// SPDX-License-Identifier: MIT
// test_fopen.c: a stream seen as a FILE, by all that a FILE can do.
#include <rove/chain.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "stream_kit.h"
#include "support/model.h"
#include "support/os_fault.h"
#include "support/shapes.h"

static FILE *file_on(struct rove_stream *s, const char *mode)
{
    FILE *file = NULL;
    CHECK_OK(rove_fopen(s, mode, &file));
    CHECK(file != NULL);
    return file;
}

static void w_empties_and_writes(void)
{
    struct rove_stream *s = stream_of_text("old bytes");
    struct rove_view view;
    CHECK_OK(rove_stream_snapshot(s, &view));
    seek_to(s, 4);
    FILE *file = file_on(s, "w");
    CHECK_TEXT(s, "");
    CHECK_EQ(5, fprintf(file, "%d-%s", 12, "ab"));
    CHECK_EQ('!', fputc('!', file));
    CHECK(fgetc(file) == EOF); // not for reading
    CHECK_EQ(0, fclose(file));
    CHECK_TEXT(s, "12-ab!");
    CHECK_EQ(0, rove_stream_is_closed(s));
    CHECK_VIEW(&view, "old bytes", 9);
    rove_view_fini(&view);
    rove_stream_free(s);
}

static void w_plus_reads_back_what_open_memstream_cannot(void)
{
    struct rove_stream *s = stream_of_text("");
    char line[32];
    FILE *file = file_on(s, "w+");
    CHECK(fputs("one\ntwo\nthree\n", file) >= 0);
    rewind(file);
    CHECK(fgets(line, sizeof line, file) && strcmp(line, "one\n") == 0);
    CHECK_EQ(4, ftell(file));
    CHECK_EQ(0, fseek(file, -6, SEEK_END));
    CHECK(fgets(line, sizeof line, file) && strcmp(line, "three\n") == 0);
    CHECK(!fgets(line, sizeof line, file) && feof(file));
    CHECK_EQ(0, fseek(file, 4, SEEK_SET));
    CHECK(fputs("TWO", file) >= 0);
    CHECK_EQ(0, fflush(file));
    CHECK_TEXT(s, "one\nTWO\nthree\n");
    CHECK_EQ(0, fclose(file));
    rove_stream_free(s);
}

static void r_reads_and_refuses_to_write(void)
{
    struct rove_stream *s = stream_of_text("3.5 apples\nnext");
    double number = 0;
    char word[16];
    FILE *file = file_on(s, "r");
    CHECK(fscanf(file, "%lf %15s", &number, word) == 2);
    CHECK(number > 3.4 && number < 3.6 && strcmp(word, "apples") == 0);
    CHECK(fputc('x', file) == EOF);
    clearerr(file);
    CHECK_EQ(0, fseek(file, 11, SEEK_SET));
    CHECK_EQ('n', fgetc(file));
    CHECK_EQ('n', ungetc('n', file));
    CHECK(fgets(word, sizeof word, file) && strcmp(word, "next") == 0);
    CHECK_EQ(0, fclose(file));
    CHECK_TEXT(s, "3.5 apples\nnext");
    rove_stream_free(s);
}

// In any order, as glibc's fopen() and fmemopen() take them.
static void letters_that_mean_nothing_are_accepted(void)
{
    const char *both[] = {"r+", "rb+", "r+b", "re+", "rcemt+", "w+b", "wbx+", "wx+", "a+t", "ae+"};
    for (size_t i = 0; i < sizeof both / sizeof *both; i++) {
        struct rove_stream *s = stream_of_text("");
        FILE *file = file_on(s, both[i]);
        CHECK(fputs("x", file) >= 0); // it can be written …
        rewind(file);
        CHECK_EQ('x', fgetc(file)); // … and read
        CHECK_EQ(0, fclose(file));
        rove_stream_free(s);
    }
}

static void r_plus_changes_in_place(void)
{
    struct rove_stream *s = stream_of_text("0123456789");
    char buf[4] = "";
    FILE *file = file_on(s, "r+b");
    CHECK_EQ(3, fread(buf, 1, 3, file));
    CHECK_EQ(0, fseek(file, 0, SEEK_CUR));
    CHECK_EQ(2, fwrite("ab", 1, 2, file));
    CHECK_EQ(0, fseek(file, 0, SEEK_CUR));
    CHECK_EQ('5', fgetc(file));
    CHECK_EQ(0, fclose(file));
    CHECK_TEXT(s, "012ab56789");
    rove_stream_free(s);
}

static void a_appends_wherever_it_stands(void)
{
    struct rove_stream *s = stream_of_text("0123");
    char buf[8] = "";
    FILE *file = file_on(s, "a+");
    CHECK_EQ(2, fwrite("45", 1, 2, file));
    CHECK_EQ(0, fseek(file, 1, SEEK_SET));
    CHECK_EQ(2, fread(buf, 1, 2, file));
    CHECK(memcmp(buf, "12", 2) == 0);
    CHECK_EQ(0, fseek(file, 0, SEEK_SET));
    CHECK_EQ(2, fwrite("67", 1, 2, file));
    CHECK_EQ(0, fclose(file));
    CHECK_TEXT(s, "01234567");
    rove_stream_free(s);
}

static void a_plus_reads_from_the_beginning(void)
{
    struct rove_stream *s = stream_of_text("0123");
    seek_to(s, 3);
    FILE *file = file_on(s, "a+");
    CHECK_EQ('0', fgetc(file));
    CHECK(fputs("4", file) >= 0);
    CHECK_EQ(0, fclose(file));
    CHECK_TEXT(s, "01234");
    rove_stream_free(s);
}

// stdio goes by that: fflush() of bytes that were read ahead fails for anything else.
static void a_pipe_says_that_it_is_one(void)
{
    int fds[2];
    struct rove_stream *s;
    CHECK_EQ(0, pipe(fds));
    CHECK_EQ(5, write(fds[1], "hello", 5));
    CHECK_OK(rove_stream_from_fd(fds[0], ROVE_FD_CLOSE, env.pool, &s));
    FILE *file = file_on(s, "r");
    CHECK_EQ('h', fgetc(file));
    errno = 0;
    CHECK_EQ(0, fflush(file));
    CHECK_EQ('e', fgetc(file));
    CHECK(fseek(file, 1, SEEK_CUR) == -1 && errno == ESPIPE);
    CHECK_EQ('l', fgetc(file));
    CHECK_EQ(0, fclose(file));
    rove_stream_free(s);
    close(fds[1]);
}

static void a_gap_is_zeros(void)
{
    struct rove_stream *s = stream_of_text("");
    FILE *file = file_on(s, "w+");
    CHECK_EQ(0, fseek(file, 3, SEEK_SET));
    CHECK_EQ(1, fwrite("x", 1, 1, file));
    CHECK_EQ(0, fclose(file));
    CHECK_HOLDS(s, "\0\0\0x", 4);
    rove_stream_free(s);
}

static void bad_modes_are_refused(void)
{
    static const char *const modes[] = {"", "q", "rw", "b", "+r", "w,ccs=UTF-8"};
    struct rove_stream *s = stream_of_text("abc");
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        FILE *file = stdout;
        CHECK_IS(ROVE_E_ARG, rove_fopen(s, modes[i], &file));
        CHECK(file == NULL);
    }
    CHECK_TEXT(s, "abc");
    rove_stream_free(s);
}

static void a_closed_stream_is_refused_and_a_closing_one_noticed(void)
{
    struct rove_stream *s = stream_of_text("abc");
    FILE *file = file_on(s, "r+");
    CHECK_OK(rove_stream_close(s));
    CHECK(fgetc(file) == EOF && ferror(file));
    CHECK_EQ(EBADF, errno);
    fclose(file);
    CHECK_IS(ROVE_E_CLOSED, rove_fopen(s, "r", &file));
    CHECK(file == NULL);
    rove_stream_free(s);
}

static void seeking_before_0_is_einval(void)
{
    struct rove_stream *s = stream_of_text("abc");
    FILE *file = file_on(s, "r");
    errno = 0;
    CHECK(fseek(file, -1, SEEK_SET) == -1 && errno == EINVAL);
    CHECK(fseek(file, -9, SEEK_END) == -1 && errno == EINVAL);
    CHECK_EQ(0, ftell(file));
    CHECK_EQ('a', fgetc(file));
    CHECK_EQ(0, fclose(file));
    rove_stream_free(s);
}

static void no_memory_reaches_errno(void)
{
    struct rove_stream *s = stream_of_text("");
    FILE *file = file_on(s, "w");
    setvbuf(file, NULL, _IONBF, 0);
    rove_pool_trim(env.pool);
    test_alloc_arm(&env.alloc, 1, true);
    uint64_t len = 0;
    errno = 0;
    while (len < (4u << 20) && fwrite(noise(4096), 1, 4096, file) == 4096)
        len += 4096;
    CHECK_EQ(ENOMEM, errno);
    CHECK(ferror(file));
    test_alloc_arm(&env.alloc, 0, false);
    clearerr(file);
    CHECK_EQ(1, fwrite("x", 1, 1, file));
    CHECK_EQ(0, fclose(file));
    uint64_t got = 0;
    CHECK_OK(rove_stream_size(s, &got));
    CHECK_EQ(len + 1, got);
    rove_stream_free(s);
}

// A FILE cannot be shortened by its stream: what stood there would stand behind what is written.
static void w_over_what_cannot_be_emptied_is_refused(void)
{
    static const char *const texts[] = {"0123456789", ""};
    for (size_t i = 0; i < 2; i++) {
        FILE *below = tmpfile(), *file = stdout;
        struct rove_stream *s;
        CHECK(fputs(texts[i], below) >= 0 && fflush(below) == 0);
        CHECK_OK(rove_stream_from_file(below, env.pool, &s));
        CHECK_IS(*texts[i] ? ROVE_E_UNSUPPORTED : ROVE_OK, rove_fopen(s, "w", &file));
        CHECK(!file == !!*texts[i]);
        if (file)
            CHECK_EQ(0, fclose(file));
        CHECK_OK(rove_stream_error(s));
        rove_stream_free(s);
        fclose(below);
    }
}

// Else the flush of fclose() would try again what failed, and all would seem to be there.
static void what_a_failure_refuses_is_not_forgotten_by_fclose(void)
{
    static const char *const modes[] = {"w", "a"};
    for (size_t i = 0; i < 2 && env.chunk_len > 3; i++) { // else nothing is gathered
        int fd = file_of("", 0);
        struct rove_stream *s;
        CHECK_OK(rove_stream_from_fd(fd, 0, env.pool, &s));
        FILE *file = file_on(s, modes[i]);
        CHECK(fputs("abc", file) >= 0);
        os_fault_arm((struct os_plan){OS_WRITE, ENOSPC, 1, 1});
        CHECK_IS(ROVE_E_IO, rove_stream_flush(s));
        os_fault_off();
        errno = 0;
        CHECK(fputs("def", file) < 0);
        CHECK(ferror(file));
        CHECK_EQ(ENOSPC, errno);
        CHECK(fclose(file) != 0);
        rove_stream_clear_error(s);
        CHECK_OK(rove_stream_close(s));
        rove_stream_free(s);
        close(fd);
    }
}

static void a_pipe_can_be_written_through_w_and_a(void)
{
    static const char *const modes[] = {"w", "a"};
    for (size_t i = 0; i < 2; i++) {
        int fds[2];
        char got[8] = "";
        struct rove_stream *s;
        CHECK_EQ(0, pipe(fds));
        CHECK_OK(rove_stream_from_fd(fds[1], ROVE_FD_CLOSE, env.pool, &s));
        FILE *file = file_on(s, modes[i]);
        CHECK(fputs("hello", file) >= 0);
        CHECK_EQ(0, fclose(file)); // hands all on
        CHECK_EQ(5, read(fds[0], got, sizeof got));
        CHECK(memcmp(got, "hello", 5) == 0);
        rove_stream_free(s);
        CHECK_EQ(0, read(fds[0], got, sizeof got));
        close(fds[0]);
    }
}

// A peer whose words come one at a time, each when it is asked for.
struct peer {
    struct rove_span words[2];
    size_t said;
};

static enum rove_status hear(void *ctx, void *buf, size_t len, size_t *len_out)
{
    struct peer *peer = ctx;
    if (peer->said == 2)
        return ROVE_END;
    struct rove_span *word = &peer->words[peer->said];
    *len_out = word->len < len ? word->len : len;
    memcpy(buf, word->ptr, *len_out);
    word->ptr += *len_out;
    word->len -= *len_out;
    peer->said += !word->len;
    return ROVE_OK;
}

// stdio asks for a whole buffer: who waited for that would wait for what the peer says next, and the peer perhaps for him.
static void read_lines_of(struct peer peer, const char *spec)
{
    struct rove_io io = {.size = sizeof io, .read = hear};
    struct rove_stream *s, *top = NULL;
    char line[16] = "";
    size_t second = peer.words[1].len;
    CHECK_OK(rove_stream_from_io(&io, &peer, env.pool, &s));
    if (spec)
        CHECK_OK(rove_stream_decode(s, spec, NULL, &top, NULL));
    FILE *file = file_on(spec ? top : s, "r");
    CHECK(fgets(line, sizeof line, file) && strcmp(line, "one\n") == 0);
    CHECK_EQ(second, peer.words[1].len); // which nobody has asked for
    CHECK(fgets(line, sizeof line, file) && strcmp(line, "two\n") == 0);
    CHECK(!fgets(line, sizeof line, file) && feof(file));
    CHECK_EQ(0, fclose(file));
    rove_stream_free(top);
    rove_stream_free(s);
}

static void a_line_that_came_is_read_before_more_comes(void)
{
    struct rove_stream *coded = stream_of_text(""), *writer;
    const uint8_t *ptr;
    uint64_t cut;
    size_t len;
    read_lines_of((struct peer){.words = {{(const uint8_t *) "one\ntw", 6}, {(const uint8_t *) "o\n", 2}}}, NULL);
    CHECK_OK(rove_stream_encode(coded, "gzip", NULL, &writer, NULL));
    CHECK_OK(rove_stream_write(writer, "one\ntw", 6));
    CHECK_OK(rove_stream_flush(writer));
    CHECK_OK(rove_stream_tell(coded, &cut));
    CHECK_OK(rove_stream_write(writer, "o\n", 2));
    CHECK_OK(rove_stream_close(writer));
    CHECK_OK(rove_stream_flatten(coded, &ptr, &len));
    read_lines_of((struct peer){.words = {{ptr, (size_t) cut}, {ptr + cut, len - (size_t) cut}}}, "gzip");
    rove_stream_free(writer);
    rove_stream_free(coded);
}

// What writing through a FILE on a stream sets errno to; closes both.
static int errno_of_writing(struct rove_stream *s)
{
    FILE *file = file_on(s, "r+");
    setvbuf(file, NULL, _IONBF, 0);
    errno = 0;
    for (int i = 0; i < 100 && errno == 0; i++)
        if (fwrite(noise(NOISE_LEN), 1, NOISE_LEN, file) == NOISE_LEN)
            errno = 0;
    int err = errno;
    CHECK(ferror(file));
    fclose(file);
    rove_stream_free(s);
    return err;
}

static enum rove_status read_nothing(void *ctx, void *buf, size_t len, size_t *len_out)
{
    (void) ctx;
    (void) buf;
    (void) len;
    *len_out = 0;
    return ROVE_END;
}

static void every_failure_has_its_errno(void)
{
    struct rove_io only_read = {.size = sizeof only_read, .read = read_nothing};
    struct rove_pool_opts opts = {.size = sizeof opts, .memory_limit = 8u << 20,
                                  .allocator = &env.alloc.table};
    struct rove_pool *pool;
    struct rove_stream *s;
    CHECK_OK(rove_stream_from_fd(open("/dev/full", O_WRONLY), ROVE_FD_CLOSE, env.pool, &s));
    CHECK_EQ(ENOSPC, errno_of_writing(s));
    CHECK_OK(rove_stream_from_io(&only_read, NULL, env.pool, &s));
    CHECK_EQ(ENOTSUP, errno_of_writing(s));
    CHECK_OK(rove_pool_new(&opts, &pool));
    CHECK_OK(rove_stream_new(pool, &s));
    CHECK_EQ(EFBIG, errno_of_writing(s));
    rove_pool_unref(pool);
}

// A device that takes 3 bytes, then says once that it would block.
struct stutter {
    char got[32];
    size_t len, calls;
};

static enum rove_status stutter_write(void *ctx, const void *src, size_t len, size_t *len_out)
{
    struct stutter *stutter = ctx;
    if (stutter->calls++ % 2)
        return ROVE_E_AGAIN;
    *len_out = len < 3 ? len : 3;
    memcpy(stutter->got + stutter->len, src, *len_out);
    stutter->len += *len_out;
    return ROVE_OK;
}

static void what_a_blocking_device_took_is_not_written_twice(void)
{
    struct stutter stutter = {.len = 0};
    struct rove_io io = {.size = sizeof io, .write = stutter_write};
    struct rove_pool *pool = suite_pool_new(&env.alloc.table, 4); // writes go straight to it
    struct rove_stream *s;
    const char *text = "0123456789abcdefghij";
    size_t done = 0;
    CHECK_OK(rove_stream_from_io(&io, &stutter, pool, &s));
    FILE *file = file_on(s, "w");
    setvbuf(file, NULL, _IONBF, 0);
    while (done < 20) {
        errno = 0;
        done += fwrite(text + done, 1, 20 - done, file);
        CHECK(done == 20 || errno == EAGAIN);
        clearerr(file);
    }
    fclose(file); // may say EAGAIN: all is in the stream's hands by now
    while (rove_stream_flush(s) == ROVE_E_AGAIN)
        continue;
    CHECK_EQ(20, stutter.len);
    CHECK(memcmp(stutter.got, text, 20) == 0);
    rove_stream_free(s);
    rove_pool_unref(pool);
}

static const struct suite_case cases[] = {
    SUITE_CASE(w_empties_and_writes),
    SUITE_CASE(w_plus_reads_back_what_open_memstream_cannot),
    SUITE_CASE(r_reads_and_refuses_to_write),
    SUITE_CASE(letters_that_mean_nothing_are_accepted),
    SUITE_CASE(r_plus_changes_in_place),
    SUITE_CASE(a_appends_wherever_it_stands),
    SUITE_CASE(a_plus_reads_from_the_beginning),
    SUITE_CASE(a_pipe_says_that_it_is_one),
    SUITE_CASE(a_gap_is_zeros),
    SUITE_CASE(bad_modes_are_refused),
    SUITE_CASE(a_closed_stream_is_refused_and_a_closing_one_noticed),
    SUITE_CASE(seeking_before_0_is_einval),
    SUITE_CASE(no_memory_reaches_errno),
    SUITE_CASE(w_over_what_cannot_be_emptied_is_refused),
    SUITE_CASE(what_a_failure_refuses_is_not_forgotten_by_fclose),
    SUITE_CASE(a_pipe_can_be_written_through_w_and_a),
    SUITE_CASE(a_line_that_came_is_read_before_more_comes),
    SUITE_CASE(every_failure_has_its_errno),
    SUITE_CASE(what_a_blocking_device_took_is_not_written_twice),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_fopen", cases, sizeof cases / sizeof *cases, true});
}
