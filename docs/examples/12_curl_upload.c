// SPDX-License-Identifier: MIT
// 12_curl_upload.c: libcurl reads what it sends from a stream over a snapshot, so the original can be written on
// meanwhile. The server redirects the first upload, and libcurl rewinds the stream by the seek callback.
// needs: libcurl
#include <rove/rove.h>

#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

// ---- What libcurl calls -------------------------------------------------------------------------

static size_t give(char *buf, size_t size, size_t cnt, void *stream)
{
    size_t len = 0;
    enum rove_status status = rove_stream_read(stream, buf, size * cnt, &len);
    if (len || status >= 0) // what came before a failure goes first; 0 is the end
        return len;
    return status == ROVE_E_AGAIN ? CURL_READFUNC_PAUSE : CURL_READFUNC_ABORT;
}

static int move_to(void *stream, curl_off_t off, int whence)
{
    enum rove_status status = rove_stream_seek(stream, off, (enum rove_whence) whence, NULL);
    return status == ROVE_OK              ? CURL_SEEKFUNC_OK
           : status == ROVE_E_UNSUPPORTED ? CURL_SEEKFUNC_CANTSEEK
                                          : CURL_SEEKFUNC_FAIL;
}

static void drop(void *stream)
{
    rove_stream_free(stream);
}

// ---- The uploads ----------------------------------------------------------------------------------

// A stream of its own for each transfer; the bytes are shared.
static int open_view(const struct rove_view *view, struct rove_stream **stream_out)
{
    return rove_stream_new(NULL, stream_out) || rove_stream_write_view(*stream_out, view) ||
           rove_stream_seek(*stream_out, 0, ROVE_SET, NULL);
}

static int put(CURL *curl, const struct rove_view *body)
{
    struct rove_stream *stream = NULL;
    int failed =
        open_view(body, &stream) || curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L) ||
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, give) ||
        curl_easy_setopt(curl, CURLOPT_READDATA, stream) ||
        curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, move_to) ||
        curl_easy_setopt(curl, CURLOPT_SEEKDATA, stream) ||
        curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t) rove_view_len(body)) ||
        curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L) || curl_easy_perform(curl);
    rove_stream_free(stream);
    return failed;
}

static int post_form(CURL *curl, const struct rove_view *body)
{
    struct rove_stream *stream = NULL;
    curl_mime *form = curl_mime_init(curl);
    curl_mimepart *part = form ? curl_mime_addpart(form) : NULL;
    int failed =
        !part || open_view(body, &stream) || curl_mime_name(part, "file") ||
        curl_mime_filename(part, "numbers.txt") ||
        curl_mime_data_cb(part, (curl_off_t) rove_view_len(body), give, move_to, drop, stream);
    if (failed)
        rove_stream_free(stream); // else it is the form's
    failed = failed || curl_easy_setopt(curl, CURLOPT_MIMEPOST, form) || curl_easy_perform(curl);
    curl_mime_free(form);
    return failed;
}

// ---- A server for it ------------------------------------------------------------------------------

enum {
    REQUESTS = 3
};

struct server {
    int fd;
    struct rove_rope bodies[REQUESTS];
};

// Reads a request: its head line by line, then as many bytes as that tells, which stay in the rope.
static int read_request(int fd, struct rove_rope *body)
{
    static const struct rove_span crlf = {(const uint8_t *) "\r\n", 2};
    char line[4096];
    size_t len = 0;
    uint64_t body_len = 0;
    enum rove_status status;
    do {
        while ((status = rove_rope_take_until(body, crlf, line, sizeof line - 1, &len)) == ROVE_END)
            if (rove_rope_read_fd(body, fd, 65536, NULL))
                return 1;
        line[len] = 0;
        if (strncasecmp(line, "content-length:", 15) == 0)
            body_len = strtoull(line + 15, NULL, 10);
        if (strncasecmp(line, "expect:", 7) == 0) // or libcurl waits for it, a second
            dprintf(fd, "HTTP/1.1 100 Continue\r\n\r\n");
    } while (status == ROVE_OK && len > 2);
    while (status == ROVE_OK && rove_rope_len(body) < body_len)
        status = rove_rope_read_fd(body, fd, 65536, NULL);
    return status != ROVE_OK;
}

static void *serve(void *arg)
{
    static const char *const answers[REQUESTS] = {"307 There\r\nLocation: /there", "200 OK",
                                                  "200 OK"};
    struct server *server = arg;
    for (int i = 0; i < REQUESTS; i++) {
        int fd = accept(server->fd, NULL, NULL);
        if (fd < 0)
            break;
        if (read_request(fd, &server->bodies[i]) == 0)
            dprintf(fd, "HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                    answers[i]);
        close(fd);
    }
    return NULL;
}

static int check(struct server *server, const struct rove_view *body)
{
    uint64_t at[REQUESTS] = {1, 1, 0};
    uint8_t start[64];
    struct rove_view got = {0};
    int order = 1;
    int failed = rove_view_read(body, 0, start, sizeof start, NULL) ||
                 rove_rope_view(&server->bodies[1], 0, rove_rope_len(&server->bodies[1]), &got) ||
                 rove_view_compare(&got, body, &order) || order != 0;
    for (int i = 0; i < REQUESTS; i++)
        failed = failed || rove_rope_find(&server->bodies[i], 0, start, sizeof start, &at[i]);
    rove_view_fini(&got);
    return failed || at[0] != 0 || at[2] == 0; // around a form's file stands its frame
}

int main(void)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t addr_len = sizeof addr;
    struct server server = {.fd = socket(AF_INET, SOCK_STREAM, 0)};
    pthread_t thread;
    struct rove_stream *text = NULL;
    struct rove_view body = {0};
    char url[64];
    for (int i = 0; i < REQUESTS; i++)
        rove_rope_init(&server.bodies[i], NULL);
    int failed = bind(server.fd, (struct sockaddr *) &addr, sizeof addr) != 0 ||
                 listen(server.fd, 4) != 0 ||
                 getsockname(server.fd, (struct sockaddr *) &addr, &addr_len) != 0 ||
                 curl_global_init(CURL_GLOBAL_DEFAULT) || rove_stream_new(NULL, &text);
    for (int i = 0; i < 40000 && !failed; i++)
        failed = rove_stream_printf(text, "number %d\n", i) != ROVE_OK;
    snprintf(url, sizeof url, "http://127.0.0.1:%d/here", ntohs(addr.sin_port));
    CURL *curl = curl_easy_init();
    int served = !failed && curl && pthread_create(&thread, NULL, serve, &server) == 0;
    failed = !served || rove_stream_snapshot(text, &body) ||
             curl_easy_setopt(curl, CURLOPT_URL, url) ||
             curl_easy_setopt(curl, CURLOPT_NOPROXY, "*") || // whatever the environment says
             curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L) ||
             curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L) || put(curl, &body) ||
             rove_stream_write(text, "more", 4) || post_form(curl, &body);
    curl_easy_cleanup(curl);
    shutdown(server.fd, SHUT_RDWR); // the server waits no longer
    if (served)
        pthread_join(thread, NULL);
    failed = failed || check(&server, &body);
    puts(failed ? "something is wrong" : "uploaded, after a redirect, and as a form");
    for (int i = 0; i < REQUESTS; i++)
        rove_rope_fini(&server.bodies[i]);
    close(server.fd);
    rove_view_fini(&body);
    rove_stream_free(text);
    curl_global_cleanup();
    return failed;
}
