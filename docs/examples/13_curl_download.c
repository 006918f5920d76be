// SPDX-License-Identifier: MIT
// 13_curl_download.c: decodes a download while it comes. libcurl pushes, a chain pulls: between them stands a rope as a
// queue, and a device that says ROVE_E_AGAIN when it is empty. A download that was cut short is told from a whole one.
// needs: libcurl
#include <rove/rove.h>

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct download {
    struct rove_rope arrived; // and not yet decoded
    int ended;                // nothing more will come
    struct rove_stream *decoded, *out;
};

// The device under the chain: gives what has arrived. AGAIN does not stick: the chain goes on later.
static enum rove_status pull(void *ctx, void *buf, size_t len, size_t *len_out)
{
    struct download *download = ctx;
    if (rove_rope_len(&download->arrived) == 0)
        return download->ended ? ROVE_END : ROVE_E_AGAIN;
    return rove_rope_take(&download->arrived, buf, len, len_out);
}

// libcurl's write callback: any other count than the one it gave ends the transfer.
static size_t arrive(char *src, size_t size, size_t cnt, void *arg)
{
    struct download *download = arg;
    enum rove_status status = rove_rope_append(&download->arrived, src, size * cnt);
    if (status == ROVE_OK)
        status = rove_stream_copy(download->decoded, download->out, UINT64_MAX, NULL, NULL);
    return status == ROVE_OK || status == ROVE_E_AGAIN ? size * cnt : 0;
}

// Downloads and decodes. ROVE_OK only when the transfer and what it carried are whole.
static enum rove_status fetch(CURL *curl, const char *url, struct rove_stream *out)
{
    static const struct rove_io io = {.size = sizeof io, .read = pull};
    struct rove_limits limits = {.size = sizeof limits,
                                 .output = 64u << 20}; // bytes; a bomb ends there
    struct download download = {.out = out};
    struct rove_stream *source = NULL;
    rove_rope_init(&download.arrived, NULL);
    enum rove_status status = rove_stream_from_io(&io, &download, NULL, &source);
    if (status == ROVE_OK)
        status = rove_stream_decode(source, "gzip", &limits, &download.decoded, NULL);
    if (status == ROVE_OK &&
        (curl_easy_setopt(curl, CURLOPT_URL, url) ||
         curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, arrive) ||
         curl_easy_setopt(curl, CURLOPT_WRITEDATA, &download) || curl_easy_perform(curl)))
        status = ROVE_E_IO;
    download.ended = 1;
    if (status == ROVE_OK) // what is left, and the checksum at the end
        status = rove_stream_copy(download.decoded, out, UINT64_MAX, NULL, NULL);
    if (status)
        printf("not whole: %s\n", rove_stream_explain(download.decoded));
    rove_stream_free(download.decoded);
    rove_stream_free(source);
    rove_rope_fini(&download.arrived);
    return status;
}

// A file to download; writes its content to plain, too.
static int make_file(const char *path, struct rove_stream *plain)
{
    struct rove_stream *file = NULL;
    int failed = rove_stream_open(path, "w", "gzip", NULL, &file) != ROVE_OK;
    for (int i = 0; i < 100000 && !failed; i++)
        failed = rove_stream_printf(plain, "number %d\n", i) != ROVE_OK;
    failed = failed || rove_stream_seek(plain, 0, ROVE_SET, NULL) ||
             rove_stream_copy(plain, file, UINT64_MAX, NULL, NULL) || rove_stream_close(file);
    rove_stream_free(file);
    return failed;
}

static int equal(struct rove_stream *a, struct rove_stream *b)
{
    struct rove_view of_a = {0}, of_b = {0};
    int order = 1;
    int failed = rove_stream_snapshot(a, &of_a) || rove_stream_snapshot(b, &of_b) ||
                 rove_view_compare(&of_a, &of_b, &order);
    rove_view_fini(&of_a);
    rove_view_fini(&of_b);
    return !failed && order == 0;
}

int main(void)
{
    char path[] = "/tmp/rove-download-XXXXXX", url[64];
    struct rove_stream *plain = NULL, *out = NULL;
    int fd = mkstemp(path);
    if (fd < 0)
        return 1;
    close(fd);
    snprintf(url, sizeof url, "file://%s", path);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURL *curl = curl_easy_init();
    int failed = !curl || rove_stream_new(NULL, &plain) || rove_stream_new(NULL, &out) ||
                 make_file(path, plain) || fetch(curl, url, out) || !equal(out, plain);
    // The first 20,000 bytes alone: libcurl is content, the chain is not.
    failed = failed || rove_stream_reset(out) || curl_easy_setopt(curl, CURLOPT_RANGE, "0-19999") ||
             fetch(curl, url, out) != ROVE_E_TRUNCATED;
    puts(failed ? "something is wrong" : "downloaded and decoded; a part of it was told from all");
    curl_easy_cleanup(curl);
    curl_global_cleanup();
    rove_stream_free(out);
    rove_stream_free(plain);
    unlink(path);
    return failed;
}
