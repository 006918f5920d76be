// SPDX-License-Identifier: MIT
// 21_multipart_upload.c: uploads what is being written to an object store, in parts of 5 MiB, while it is written. A part
// is a view with a digest; nothing is copied to send it, or to send it again when the store was out of order.
#include <rove/rove.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PART_LEN                                                                                   \
    ((uint64_t) 5 << 20) // bytes: the least that object stores take, but for the last part
#define TOTAL (3 * PART_LEN + 12345)
enum {
    TRIES = 4
};

// ---- The uploader ---------------------------------------------------------------------------------

struct upload {
    struct sockaddr_in store;
    unsigned part_cnt, retry_cnt;
    uint64_t copied; // chunks that sending took from the pool; 0
};

// Sends a part once. Returns 0 when the store says that it has it.
static int send_part(const struct upload *upload, const struct rove_view *part, const char *digest)
{
    char head[256], answer[128] = "";
    size_t got = 0;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int len = snprintf(head, sizeof head,
                       "PUT /object?part=%u HTTP/1.1\r\nHost: store\r\nContent-Length: %llu\r\n"
                       "X-Crc32c: %s\r\n\r\n",
                       upload->part_cnt, (unsigned long long) rove_view_len(part), digest);
    int failed = connect(fd, (const struct sockaddr *) &upload->store, sizeof upload->store) != 0 ||
                 write(fd, head, (size_t) len) != len ||
                 rove_view_write_fd(part, 0, fd, NULL) != ROVE_OK; // by writev(), from the chunks
    while (!failed && got < sizeof answer - 1) {
        ssize_t cnt = read(fd, answer + got, sizeof answer - 1 - got);
        if (cnt <= 0)
            break;
        got += (size_t) cnt;
    }
    close(fd);
    return failed || strncmp(answer, "HTTP/1.1 200", 12) != 0;
}

// Sends a part until the store has it, the same view each time.
static int put_part(struct upload *upload, const struct rove_view *part)
{
    struct rove_pool_figures before, after;
    uint8_t crc[ROVE_DIGEST_MAX];
    char digest[2 * ROVE_DIGEST_MAX + 1] = "";
    size_t len = 0;
    rove_pool_measure(NULL, &before);
    if (rove_view_digest(part, "crc32c", crc, sizeof crc, &len))
        return 1;
    for (size_t i = 0; i < len; i++)
        snprintf(digest + 2 * i, 3, "%02x", crc[i]);
    upload->part_cnt++;
    int failed = send_part(upload, part, digest);
    for (int again = 1; failed && again < TRIES; again++) {
        upload->retry_cnt++;
        usleep(1000u << again); // longer each time
        failed = send_part(upload, part, digest);
    }
    rove_pool_measure(NULL, &after);
    upload->copied += after.take_cnt - before.take_cnt;
    return failed;
}

// Sends the parts that are complete, or with finish all there is, and drops what the store has.
static int put_parts(struct upload *upload, struct rove_stream *text, int finish)
{
    uint64_t len = 0;
    int failed = rove_stream_size(text, &len) != ROVE_OK;
    while (!failed && (len >= PART_LEN || (finish && len))) {
        struct rove_view part = {0};
        uint64_t part_len = len < PART_LEN ? len : PART_LEN;
        failed = rove_stream_seek(text, 0, ROVE_SET, NULL) ||
                 rove_stream_read_view(text, part_len, &part) || put_part(upload, &part) ||
                 rove_stream_drop_front(text, part_len) ||
                 rove_stream_seek(text, 0, ROVE_FROM_END, &len);
        rove_view_fini(&part);
    }
    return failed;
}

// ---- The store: a server that is out of order at times ---------------------------------------------

struct store {
    int fd, failed;
    struct rove_pool *pool; // its own, so that the figures of the default pool are the uploader's
    unsigned asked, part_cnt;
    uint64_t len;
};

// Reads a request and tells what is wrong with it. The second one is refused; of the fourth half is read.
static const char *take_part(struct store *store, int fd, struct rove_rope *rope)
{
    static const struct rove_span crlf = {(const uint8_t *) "\r\n", 2};
    char line[512], digest[9] = "", expected[9] = "";
    size_t len = 0;
    uint64_t body_len = 0;
    struct rove_view body = {0};
    uint8_t crc[4];
    enum rove_status status;
    do {
        while ((status = rove_rope_take_until(rope, crlf, line, sizeof line - 1, &len)) == ROVE_END)
            if (rove_rope_read_fd(rope, fd, 65536, NULL))
                return NULL;
        line[len] = 0;
        sscanf(line, "X-Crc32c: %8s", expected);
        if (strncmp(line, "Content-Length:", 15) == 0)
            body_len = strtoull(line + 15, NULL, 10);
    } while (status == ROVE_OK && len > 2);
    store->asked++;
    while (status == ROVE_OK && rove_rope_len(rope) < (store->asked == 4 ? body_len / 2 : body_len))
        status = rove_rope_read_fd(rope, fd, 1u << 20, NULL);
    if (status || store->asked == 4)
        return NULL; // hangs up
    status = rove_rope_view(rope, 0, body_len, &body);
    if (status == ROVE_OK)
        status = rove_view_digest(&body, "crc32c", crc, sizeof crc, &len);
    rove_view_fini(&body);
    snprintf(digest, sizeof digest, "%02x%02x%02x%02x", crc[0], crc[1], crc[2], crc[3]);
    if (status || strcmp(digest, expected) != 0)
        return "400 Bad Digest";
    if (store->asked == 2)
        return "503 Slow Down";
    store->part_cnt++;
    store->len += body_len;
    return "200 OK";
}

static void *run_store(void *arg)
{
    struct store *store = arg;
    int fd;
    while ((fd = accept(store->fd, NULL, NULL)) >= 0) {
        struct rove_rope rope;
        rove_rope_init(&rope, store->pool);
        const char *answer = take_part(store, fd, &rope);
        if (answer)
            dprintf(fd, "HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", answer);
        close(fd);
        rove_rope_fini(&rope);
    }
    return NULL;
}

int main(void)
{
    struct upload upload = {.store = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}}};
    struct sockaddr *addr = (struct sockaddr *) &upload.store;
    socklen_t addr_len = sizeof upload.store;
    struct store store = {.fd = socket(AF_INET, SOCK_STREAM, 0)};
    struct rove_pool_opts opts = {.size = sizeof opts};
    struct rove_pool_figures figures = {0};
    struct rove_stream *text = NULL;
    pthread_t thread;
    static char line[4096];
    signal(SIGPIPE, SIG_IGN); // a store that hangs up is a failed write
    int failed = bind(store.fd, addr, addr_len) || listen(store.fd, 4) ||
                 getsockname(store.fd, addr, &addr_len) || rove_pool_new(&opts, &store.pool) ||
                 rove_stream_new(NULL, &text);
    int running = !failed && pthread_create(&thread, NULL, run_store, &store) == 0;
    failed = !running;
    for (uint64_t left = TOTAL; left && !failed;) {
        size_t len = left < sizeof line ? (size_t) left : sizeof line;
        memset(line, 'a' + (int) (left % 26), sizeof line);
        failed = rove_stream_write(text, line, len) || put_parts(&upload, text, 0);
        left -= len;
    }
    failed = failed || put_parts(&upload, text, 1);
    shutdown(store.fd, SHUT_RDWR); // accept() returns
    if (running)
        pthread_join(thread, NULL);
    close(store.fd);
    rove_pool_measure(NULL, &figures);
    printf("%u parts, %llu bytes, %u sent again, %llu chunks taken to send them; at most %llu MiB "
           "held\n",
           store.part_cnt, (unsigned long long) store.len, upload.retry_cnt,
           (unsigned long long) upload.copied, (unsigned long long) (figures.held_peak >> 20));
    rove_stream_free(text);
    rove_pool_unref(store.pool);
    return failed || store.part_cnt != 4 || store.len != TOTAL || upload.retry_cnt != 2 ||
           upload.copied;
}
