// SPDX-License-Identifier: MIT
// spec.c: any bytes as the text of a chain.
//
// A text is refused with a place in it and a sentence, or its print is the same when printed again.
// What is understood can be opened, or the filter that cannot says why.
#include "fuzz.h"

static void open_it(const char *text, uint32_t dir)
{
    static const struct rove_limits limits = {.size = sizeof limits, .memory = 64 << 20};
    struct rove_stream *rope = NULL, *stream = NULL;
    struct rove_spec_error error;
    MUST(rove_stream_new(NULL, &rope) == ROVE_OK);
    enum rove_status status = dir == ROVE_ENCODE
                                  ? rove_stream_encode(rope, text, &limits, &stream, &error)
                                  : rove_stream_decode(rope, text, &limits, &stream, &error);
    MUST(status == ROVE_OK ? stream != NULL : stream == NULL && error.text[0]);
    MUST(error.off <= strlen(text));
    MUST(status == ROVE_OK || status == ROVE_E_ARG || status == ROVE_E_LIMIT ||
         status == ROVE_E_UNSUPPORTED);
    rove_stream_free(stream);
    rove_stream_free(rope);
}

static void try(const char *text, size_t len, uint32_t dir)
{
    static char once[16384], twice[16384];
    struct rove_spec_error error;
    enum rove_status status = rove_spec_print(text, dir, once, sizeof once, &error);
    if (status) {
        MUST(status == ROVE_E_ARG || status == ROVE_E_LIMIT || status == ROVE_E_UNSUPPORTED ||
             status == ROVE_E_RANGE);
        MUST(status == ROVE_E_RANGE || error.text[0]);
        MUST(error.off <= len && memchr(error.text, 0, sizeof error.text));
        return;
    }
    status = rove_spec_print(once, dir, twice, sizeof twice, &error);
    if (status) { // written out in full it may be too long to be read
        MUST(status == ROVE_E_LIMIT && strlen(once) > ROVE_SPEC_MAX);
        return;
    }
    MUST(strcmp(once, twice) == 0);
    open_it(text, dir);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *text = malloc(len + 1);
    MUST(text);
    memcpy(text, data, len);
    text[len] = 0;
    size_t text_len = strlen(text);
    try(text, text_len, ROVE_ENCODE);
    try(text, text_len, ROVE_DECODE);
    free(text);
    return 0;
}
