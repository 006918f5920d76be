// SPDX-License-Identifier: MIT
// main.c: finds the verb and runs it.
#include "options.h"
#include "plugin.h"
#include "progress.h"
#include "report.h"
#include "signals.h"

#include <rove/memory.h>
#include <rove/pool.h>
#include <rove/registry.h>
#include <rove/version.h>

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: rove [--plugin=PLUGIN...] VERB [OPTION...] [FILE...]\n"
    "\n"
    "  pack PATH...          put files and folders into an archive, and code it\n"
    "  compress [FILE...]    code files\n"
    "  decompress [FILE...]  decode files\n"
    "  test [FILE...]        decode files, and only look whether they are sound\n"
    "  sum [FILE...]         print checksums, or check them\n"
    "  cat [FILE...]         decode files to standard output, or ranges of them\n"
    "  list [FILE...]        list what is in archives, or how files are coded\n"
    "  get ARCHIVE MEMBER... take members out of an archive\n"
    "  index FILE...         make an index beside a coded file, to read it anywhere\n"
    "  filters               list the codecs and checksums that -F can name\n"
    "  bench FILE            compare codecs on a file: size, speed of writing and reading\n"
    "\n"
    "`rove VERB --help` tells more. Without a verb, -z, -d, -t and -l stand for compress,\n"
    "decompress, test and list --sizes. `rove --version` prints the version; with -v also what\n"
    "it is made of.\n"
    "A PLUGIN adds filters for -F: a file when the word has a slash, else a name that is looked\n"
    "for in ROVE_FILTER_PATH and where rove is installed. Those that come with rove (zstd, xz,\n"
    "bzip2, igzip, libdeflate) are loaded unnamed when -F, the output's suffix or the input's\n"
    "first bytes ask.\n"
    "Exit status: 0 all done, 1 an error, 2 done with a warning.\n";

static const struct verb *const verbs[] = {
    &verb_pack, &verb_compress, &verb_decompress, &verb_test,  &verb_sum,
    &verb_cat,  &verb_list,     &verb_get,        &verb_index, &verb_filters,
    &verb_bench,
};

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i]->name, name) == 0)
            return verbs[i];
    return NULL;
}

static enum verdict version(bool verbose)
{
    printf("rove %s\n", rove_version());
    if (!verbose)
        return VERDICT_FINE;
    printf("allocator: %s\n", rove_allocator_default()->name);
    printf("chunks: %zu bytes\n", rove_pool_chunk_len(NULL));
    printf("filters:");
    for (size_t i = 0; rove_filter_at(i) != NULL; i++)
        if (rove_filter_at(i)->dir != ROVE_DECODE) // codecs are listed twice
            printf(" %s", rove_filter_at(i)->name);
    putchar('\n');
    return VERDICT_FINE;
}

static enum verdict run(const struct verb *verb, int argc, char **argv)
{
    struct options opts;
    enum verdict status = VERDICT_FAILED;

    if (!options_parse(&opts, verb, argc, argv)) {
        options_fini(&opts);
        return status;
    }
    if (opts.help)
        status = fputs(verb->usage, stdout) < 0 ? VERDICT_FAILED : VERDICT_FINE;
    else
        status = verb->run(&opts);
    options_fini(&opts);
    return status;
}

// Loads the plugins that are named before the verb, and takes them out of the arguments.
static enum verdict load_plugins(int *argc, char **argv)
{
    static const char option[] = "--plugin";
    size_t len = strlen(option);
    int cnt = 0;

    while (cnt + 1 < *argc && strncmp(argv[cnt + 1], option, len) == 0) {
        const char *word = argv[++cnt] + len;
        if (*word != 0 && *word != '=')
            return report_error(argv[cnt], "is no option; --plugin=PLUGIN is");
        if (*word == 0 && cnt + 1 == *argc)
            return report_error(option, "names no plugin");
        if (plugin_load(*word != 0 ? word + 1 : argv[++cnt]) != VERDICT_FINE)
            return VERDICT_FAILED;
    }
    memmove(argv + 1, argv + 1 + cnt, (size_t) (*argc - cnt) * sizeof *argv); // with its NULL
    *argc -= cnt;
    return VERDICT_FINE;
}

static bool takes_next(const char *word)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (options_takes_next(verbs[i], word))
            return true;
    return false;
}

// Without a verb, the first word that is no option is a file. Returns it when it looks as if it were
// meant for a verb instead: it is the name of one, and no file has that name.
static const struct verb *find_late_verb(int argc, char **argv)
{
    int i = 1;

    while (i < argc && argv[i][0] == '-' && strcmp(argv[i], "--") != 0)
        i += takes_next(argv[i]) ? 2 : 1;
    return i < argc && access(argv[i], F_OK) != 0 ? find_verb(argv[i]) : NULL;
}

// Nothing but its name is how tar and others call what is to compress between two pipes. Who types that wants to know more.
static bool is_between_pipes(int argc)
{
    return argc == 1 && !isatty(STDIN_FILENO) && !isatty(STDOUT_FILENO);
}

static enum verdict dispatch(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "--help";
    const struct verb *verb = find_verb(word);

    if (is_between_pipes(argc))
        return run(&verb_compress, argc, argv);
    if (verb != NULL)
        return run(verb, argc - 1, argv + 1);
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
        return version(argc > 2 && strcmp(argv[2], "-v") == 0);
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        verb = argc > 2 ? find_verb(argv[2]) : NULL;
        if (argc > 2 && verb == NULL && argv[2][0] != '-')
            return report_error(argv[2], "is no verb of rove; try `rove --help`");
        fputs(verb != NULL ? verb->usage : help, argc > 1 ? stdout : stderr);
        return argc > 1 ? VERDICT_FINE : VERDICT_FAILED;
    }
    if (word[0] == '-') {
        verb = find_late_verb(argc, argv);
        if (verb == NULL)
            return run(&verb_compress, argc, argv);
        report_error(verb->name, "options stand behind the verb; only --plugin stands before it");
        return VERDICT_FAILED;
    }
    if (access(word, F_OK) == 0)
        return report_error(word, "is no verb of rove, but a file: `rove compress`, `rove decompress` and others take it");
    return report_error(word, "is no verb of rove; try `rove --help`");
}

// A descriptor that the caller has closed would be given to the next file opened, and messages would
// land in it. What is put there instead refuses the use it is meant for.
static void fill_standard_fds(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
            (void) !open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

// Names of files are bytes; libarchive wants to know what they mean. Where the locale says nothing,
// they are taken for UTF-8.
static void choose_locale(void)
{
    setlocale(LC_CTYPE, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0 && setlocale(LC_CTYPE, "C.UTF-8") == NULL)
        setlocale(LC_CTYPE, "C");
}

int main(int argc, char **argv)
{
    static char line[BUFSIZ];
    enum verdict status;

    fill_standard_fds();
    setvbuf(stderr, line, _IOLBF, sizeof line); // a message is one write: others' do not come between
    choose_locale();
    signals_init();
    progress_init();
    status = load_plugins(&argc, argv);
    if (status == VERDICT_FINE)
        status = dispatch(argc, argv);
    // Some file systems tell only then that bytes were lost, also those that did not pass by stdio.
    if (fflush(stdout) != 0 || ferror(stdout) || close(STDOUT_FILENO) != 0) {
        report_error("standard output", "cannot be written: %s", strerror(errno));
        status = VERDICT_FAILED;
    }
    return (int) status;
}
