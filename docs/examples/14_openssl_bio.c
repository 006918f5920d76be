// SPDX-License-Identifier: MIT
// 14_openssl_bio.c: TLS over two ropes. A BIO takes from one and appends to the other; whoever has the socket fills and
// drains them, by rove_rope_read_fd() and rove_rope_write_fd(). Here two ends talk to each other in one program.
// needs: libssl libcrypto
#include <rove/rove.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>

// ---- The BIO --------------------------------------------------------------------------------------

// What one end sees; the other has them crossed. They outlive the BIO.
struct wire {
    struct rove_rope *in, *out;
};

// Nothing there is no end: "retry" makes it SSL_ERROR_WANT_READ.
static int wire_read(BIO *bio, char *buf, size_t len, size_t *len_out)
{
    struct wire *wire = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (rove_rope_take(wire->in, buf, len, len_out) != ROVE_OK)
        return 0;
    if (*len_out == 0)
        BIO_set_retry_read(bio);
    return *len_out > 0;
}

static int wire_write(BIO *bio, const char *src, size_t len, size_t *len_out)
{
    struct wire *wire = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (rove_rope_append(wire->out, src, len) != ROVE_OK)
        return 0;
    *len_out = len;
    return 1;
}

static long wire_ctrl(BIO *bio, int cmd, long number, void *ptr)
{
    struct wire *wire = BIO_get_data(bio);
    (void) number, (void) ptr;
    switch (cmd) {
    case BIO_CTRL_FLUSH: // TLS asks for it after each flight, and 0 would be a failure
        return 1;
    case BIO_CTRL_PENDING:
        return (long) rove_rope_len(wire->in);
    case BIO_CTRL_WPENDING:
        return (long) rove_rope_len(wire->out);
    default:
        return 0;
    }
}

static BIO_METHOD *wire_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "rope");
    if (method && BIO_meth_set_read_ex(method, wire_read) &&
        BIO_meth_set_write_ex(method, wire_write) && BIO_meth_set_ctrl(method, wire_ctrl))
        return method;
    BIO_meth_free(method);
    return NULL;
}

// One end of a connection. The SSL takes the BIO, not the wire.
static SSL *new_end(SSL_CTX *ctx, const BIO_METHOD *method, struct wire *wire)
{
    SSL *ssl = SSL_new(ctx);
    BIO *bio = BIO_new(method);
    if (!ssl || !bio) {
        SSL_free(ssl);
        BIO_free(bio);
        return NULL;
    }
    BIO_set_data(bio, wire);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    return ssl;
}

// ---- What is said over it -------------------------------------------------------------------------

static int shake_hands(SSL *client, SSL *server)
{
    while (!SSL_is_init_finished(client) || !SSL_is_init_finished(server)) {
        SSL *ends[] = {client, server};
        for (int i = 0; i < 2; i++) {
            int got = SSL_do_handshake(ends[i]);
            if (got != 1 && SSL_get_error(ends[i], got) != SSL_ERROR_WANT_READ)
                return 1;
        }
    }
    return 0;
}

static int send_view(SSL *ssl, const struct rove_view *view)
{
    struct rove_cursor cursor;
    struct rove_span span;
    enum rove_status status = rove_cursor_init(&cursor, view, 0);
    size_t len = 0;
    while (status == ROVE_OK && (status = rove_cursor_next(&cursor, &span)) == ROVE_OK)
        if (!SSL_write_ex(ssl, span.ptr, span.len, &len) || len != span.len)
            status = ROVE_E_IO;
    rove_cursor_fini(&cursor);
    return status != ROVE_END;
}

// Decrypts into the rope's own room until there is no more.
static int receive(SSL *ssl, struct rove_rope *rope)
{
    uint8_t *room;
    size_t len;
    for (;;) {
        if (rove_rope_reserve(rope, SSL3_RT_MAX_PLAIN_LENGTH, &room, &len))
            return 1;
        if (!SSL_read_ex(ssl, room, len, &len))
            return SSL_get_error(ssl, 0) != SSL_ERROR_WANT_READ;
        if (rove_rope_commit(rope, len))
            return 1;
    }
}

static X509 *self_signed(EVP_PKEY *key)
{
    X509 *cert = X509_new();
    X509_NAME *name = cert ? X509_get_subject_name(cert) : NULL;
    if (name && key && ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) &&
        X509_gmtime_adj(X509_getm_notBefore(cert), -3600) &&
        X509_gmtime_adj(X509_getm_notAfter(cert), 3600) && X509_set_pubkey(cert, key) &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *) "rope.test", -1, -1,
                                   0) &&
        X509_set_issuer_name(cert, name) && X509_sign(cert, key, EVP_sha256()))
        return cert;
    X509_free(cert);
    return NULL;
}

static int talk(SSL *client, SSL *server, const struct rove_view *said, struct rove_rope *heard)
{
    struct rove_view all = {0};
    int order = 1;
    SSL_set_connect_state(client);
    SSL_set_accept_state(server);
    int failed = !SSL_set1_host(client, "rope.test") || shake_hands(client, server) ||
                 send_view(client, said) || receive(server, heard) ||
                 rove_rope_view(heard, 0, rove_rope_len(heard), &all) ||
                 rove_view_compare(&all, said, &order) || order != 0;
    rove_view_fini(&all);
    return failed;
}

int main(void)
{
    struct rove_rope there, back, heard, text;
    rove_rope_init(&there, NULL), rove_rope_init(&back, NULL);
    rove_rope_init(&heard, NULL), rove_rope_init(&text, NULL);
    struct wire of_client = {.in = &back, .out = &there}, of_server = {.in = &there, .out = &back};
    struct rove_view said = {0};
    BIO_METHOD *method = wire_method();
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = self_signed(key);
    SSL_CTX *client_ctx = SSL_CTX_new(TLS_client_method()),
            *server_ctx = SSL_CTX_new(TLS_server_method());
    SSL *client = NULL, *server = NULL;
    int failed = !method || !cert || !client_ctx || !server_ctx ||
                 SSL_CTX_use_certificate(server_ctx, cert) != 1 ||
                 SSL_CTX_use_PrivateKey(server_ctx, key) != 1 ||
                 !X509_STORE_add_cert(SSL_CTX_get_cert_store(client_ctx), cert);
    for (int i = 0; i < 100000 && !failed; i++)
        failed = rove_rope_append(&text, "for nobody else\n", 16) != ROVE_OK;
    if (!failed) {
        SSL_CTX_set_verify(client_ctx, SSL_VERIFY_PEER, NULL);
        client = new_end(client_ctx, method, &of_client);
        server = new_end(server_ctx, method, &of_server);
    }
    failed = !client || !server || rove_rope_view(&text, 0, rove_rope_len(&text), &said) ||
             talk(client, server, &said, &heard);
    printf("%s: %llu bytes\n", client ? SSL_get_version(client) : "no TLS",
           (unsigned long long) rove_rope_len(&heard));
    if (failed)
        ERR_print_errors_fp(stderr);
    SSL_free(client), SSL_free(server);
    SSL_CTX_free(client_ctx), SSL_CTX_free(server_ctx);
    X509_free(cert), EVP_PKEY_free(key), BIO_meth_free(method);
    rove_view_fini(&said);
    rove_rope_fini(&there), rove_rope_fini(&back), rove_rope_fini(&heard), rove_rope_fini(&text);
    return failed;
}
