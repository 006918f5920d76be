// SPDX-License-Identifier: MIT
// digest.c: reads a file through a chain of one checksum that ends nowhere.
#include "digest.h"

#include "device.h"
#include "explain.h"
#include "progress.h"
#include "pump.h"
#include "ranges.h"
#include "report.h"
#include "source.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static void print_hex(char hex[DIGEST_HEX_LEN], const uint8_t *digest, size_t len)
{
    hex[0] = 0;
    for (size_t i = 0; i < len; i++)
        sprintf(hex + 2 * i, "%02x", digest[i]);
}

// Lets the checksum look at nothing. Its name alone: an option may say what the files come to.
static enum rove_status digest_nothing(const char *name, size_t *len_out)
{
    uint8_t digest[ROVE_DIGEST_MAX];
    struct rove_rope rope;
    struct rove_view view;
    enum rove_status status;

    rove_rope_init(&rope, NULL);
    status = rove_rope_view(&rope, 0, 0, &view);
    if (status == ROVE_OK) {
        status = rove_view_digest(&view, name, digest, sizeof digest, len_out);
        rove_view_fini(&view);
    }
    rove_rope_fini(&rope);
    return status;
}

void digest_tag(const struct spec *spec, char tag[DIGEST_TAG_LEN])
{
    snprintf(tag, DIGEST_TAG_LEN, "%.*s", (int) strcspn(spec->text, ":|"), spec->text);
    for (; *tag != 0; tag++)
        *tag = (char) toupper((unsigned char) *tag);
}

size_t digest_hex_len(const struct spec *spec)
{
    char name[32];
    size_t len;

    snprintf(name, sizeof name, "%.*s", (int) strcspn(spec->text, ":|"), spec->text);
    if (strchr(spec->text, '|') == NULL && digest_nothing(name, &len) == ROVE_OK && len > 0)
        return 2 * len;
    report_error("-F", "\"%s\" is not one checksum; `rove filters` lists them", spec->text);
    return 0;
}

// Reads the source through the chain, and says what the checksum came to.
static enum verdict sum_chained(struct source *src, struct rove_stream *chained,
                               char hex[DIGEST_HEX_LEN])
{
    uint8_t digest[ROVE_DIGEST_MAX];
    enum rove_status status;
    enum pump_end end;
    size_t len;

    progress_begin("summing", source_size(src));
    end = pump(src->stream, chained, &(struct pump_how){.meter = src->stream}, &status);
    progress_end();
    if (end == PUMP_IN_FAILED)
        return report_error(src->name, "cannot be read: %s", explain_why(src->stream, status));
    if (end == PUMP_DONE)
        status = rove_stream_close(chained);
    if (status == ROVE_OK)
        status = rove_stream_digest(chained, 0, digest, sizeof digest, &len);
    if (status != ROVE_OK)
        return report_error(src->name, "%s", explain_why(chained, status));
    print_hex(hex, digest, len);
    return source_settle(src);
}

static enum verdict sum_source(const struct spec *spec, struct source *src, char hex[DIGEST_HEX_LEN])
{
    struct rove_stream *sink = NULL, *chained = NULL;
    enum rove_status status = device_nowhere(&sink);
    enum verdict verdict;

    if (status == ROVE_OK)
        status = rove_stream_encode(sink, spec->text, NULL, &chained, NULL);
    if (status == ROVE_OK)
        verdict = sum_chained(src, chained, hex);
    else
        verdict = report_error(src->name, "cannot be summed: %s", rove_status_text(status));
    rove_stream_free(chained);
    rove_stream_free(sink);
    return verdict;
}

enum verdict digest_file(const struct spec *spec, const char *path, size_t thread_cnt, char hex[DIGEST_HEX_LEN])
{
    uint8_t digest[ROVE_DIGEST_MAX];
    struct source src;
    enum verdict verdict;
    size_t len;

    hex[0] = 0;
    verdict = source_open(&src, path, SOURCE_ANY);
    if (verdict != VERDICT_FINE)
        return verdict;
    len = ranges_digest(spec->text, &src, thread_cnt, digest);
    if (len > 0) {
        print_hex(hex, digest, len);
        verdict = source_settle(&src);
    } else {
        verdict = sum_source(spec, &src, hex);
    }
    source_close(&src);
    return verdict;
}
