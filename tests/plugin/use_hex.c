// SPDX-License-Identifier: MIT
// use_hex.c: a program that loads the plugin of docs/plugin.md and sends bytes there and back.
// Usage: use_hex PATH-OF-PLUGIN. Exit status 0 when all is well.
#include <rove/plugin.h>
#include <rove/rove.h>
#include <stdio.h>
#include <string.h>

static int complain(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    return 1;
}

static struct rove_stream *in_memory(const char *text)
{
    struct rove_stream *stream = NULL;
    if (rove_stream_new(NULL, &stream) || rove_stream_write(stream, text, strlen(text)) ||
        rove_stream_seek(stream, 0, ROVE_SET, NULL))
        return NULL;
    return stream;
}

// Decodes a text and compares the status, the bytes, and a word of the explanation.
static int reads_as(const char *spec, const char *coded, enum rove_status want, const char *plain,
                    const char *why)
{
    struct rove_stream *source = in_memory(coded), *stream = NULL;
    enum rove_status status = rove_stream_decode(source, spec, NULL, &stream, NULL);
    char got[256];
    size_t len = 0, more;
    while (!status && len < sizeof got) {
        status = rove_stream_read(stream, got + len, sizeof got - len, &more);
        len += more;
    }
    int bad = status != want || len != strlen(plain) || memcmp(got, plain, len) != 0 ||
              (why && !strstr(rove_stream_explain(stream), why));
    if (bad)
        complain(coded, rove_stream_explain(stream));
    rove_stream_free(stream);
    rove_stream_free(source);
    return bad;
}

static int writes_as(const char *spec, const char *plain, const char *coded)
{
    struct rove_stream *sink = in_memory(""), *stream = NULL;
    char got[256];
    size_t len = 0;
    int bad = rove_stream_encode(sink, spec, NULL, &stream, NULL) ||
              rove_stream_write(stream, plain, strlen(plain)) || rove_stream_close(stream) ||
              rove_stream_seek(sink, 0, ROVE_SET, NULL) ||
              rove_stream_read(sink, got, sizeof got, &len) < 0 || len != strlen(coded) ||
              memcmp(got, coded, len) != 0;
    if (bad)
        complain(spec, "the coded bytes are not those expected");
    rove_stream_free(stream);
    rove_stream_free(sink);
    return bad;
}

int main(int argc, char **argv)
{
    struct rove_plugin_error error = {"", ""};
    if (argc != 2)
        return complain("usage", "use_hex PATH-OF-PLUGIN");
    if (rove_filter_find("hex", ROVE_ENCODE))
        return complain("hex", "it is there before it was loaded");
    if (rove_plugin_load(argv[1], &error))
        return complain(error.path, error.text);
    return writes_as("hex", "rope\xff", "726f7065ff") ||
           writes_as("crc32|hex:upper=yes", "rope\xff", "726F7065FF") ||
           reads_as("hex", "726f7065Ff", ROVE_END, "rope\xff", NULL) ||
           reads_as("crc32|hex", "", ROVE_END, "", NULL) ||
           reads_as("hex", "726", ROVE_E_TRUNCATED, "r", NULL) ||
           reads_as("hex", "726x", ROVE_E_DATA, "r", "this is no hex digit") ||
           reads_as("hex", "72A:", ROVE_E_DATA, "r", "at input byte 3") ||
           strcmp(rove_filter_file(rove_filter_find("hex", ROVE_ENCODE)), argv[1]) != 0;
}
