#include "fetch.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "errors.h"
#include "served.h"
#include "test.h"

#define WAIT_MS 20000 /* far more than needed: only a broken program waits that long */

static struct fetch *fetch;
static struct arena *arena;
static struct served *server;
static char heard[100000];
static char url[200];

static int set_up(void **state)
{
    (void)state;
    arena = arena_new();
    fetch = fetch_new();
    heard[0] = '\0';
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fetch_free(&fetch);
    if (server)
        served_stop(&server);
    arena_free(&arena);
    return 0;
}

static void serve(const char *scheme, void (*fn)(int fd, void *ctx), void *ctx)
{
    server = served_start(fn, ctx);
    snprintf(url, sizeof url, "%s://127.0.0.1:%d", scheme, served_port(server));
}

/* ---- HTTP ---- */

static void answer_http(int fd, void *answer)
{
    served_read_until(fd, heard, sizeof heard, "\r\n\r\n");
    served_say(fd, answer);
}

static int get(struct fetch_answer *out, size_t answer_max)
{
    const struct fetch_request q = {
        .method = "GET", .url = url, .answer_max = answer_max, .wait_ms = WAIT_MS};

    return fetch_http(fetch, arena, &q, out);
}

static void an_answer_has_status_headers_and_body(void **state)
{
    struct fetch_answer out;
    (void)state;

    serve("http", answer_http,
          "HTTP/1.1 404 Not Here\r\nX-One: 1\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
    assert_int_equal(get(&out, 5), 0);
    assert_int_equal(out.status, 404);
    assert_span(out.body, "hello");
    assert_span(out.headers,
                "HTTP/1.1 404 Not Here\r\nX-One: 1\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
    assert_memory_equal(heard, "GET / HTTP/1.1\r\n", 16);
    assert_non_null(strstr(heard, "User-Agent: lookit/"));
}

static void answer_put(int fd, void *unused)
{
    (void)unused;
    served_read_until(fd, heard, sizeof heard, "the-end");
    served_say(fd, "HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: "
                   "0\r\nConnection: close\r\n\r\n");
}

static void a_body_and_headers_are_sent_as_given(void **state)
{
    static const char *const headers[] = {"Content-Type: application/json", "X-Two: a b", NULL};
    static char body[50000];
    struct fetch_answer out;
    struct fetch_request q = {.method = "PUT", .headers = headers, .answer_max = 10, .wait_ms = WAIT_MS};
    (void)state;

    serve("http", answer_put, NULL);
    memset(body, 'b', sizeof body);
    memcpy(body + sizeof body - 7, "the-end", 7);
    q.url = url;
    q.body = (struct span){body, sizeof body};
    assert_int_equal(fetch_http(fetch, arena, &q, &out), 0);
    assert_int_equal(out.status, 201);
    assert_null(memchr(out.headers.p, 'E', out.headers.n)); /* of X-Early */
    assert_memory_equal(heard, "PUT / HTTP/1.1\r\n", 16);
    assert_non_null(strstr(heard, "Content-Type: application/json\r\n"));
    assert_non_null(strstr(heard, "X-Two: a b\r\n"));
    assert_non_null(strstr(heard, "Content-Length: 50000\r\n"));
    assert_null(strstr(heard, "Expect:"));
    assert_null(strstr(heard, "x-www-form-urlencoded"));
}

static void redirects_are_answers(void **state)
{
    struct fetch_answer out;
    (void)state;

    serve("http", answer_http,
          "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: "
          "close\r\n\r\n");
    assert_int_equal(get(&out, 100), 0);
    assert_int_equal(out.status, 302);
}

static void a_head_has_no_body(void **state)
{
    struct fetch_request q = {.method = "HEAD", .url = url, .answer_max = 0, .wait_ms = WAIT_MS};
    struct fetch_answer out;
    (void)state;

    serve("http", answer_http, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\nConnection: close\r\n\r\n");
    assert_int_equal(fetch_http(fetch, arena, &q, &out), 0);
    assert_int_equal(out.body.n, 0);
    assert_memory_equal(heard, "HEAD ", 5);
}

static void answers_above_their_bound_are_refused(void **state)
{
    struct fetch_answer out;
    (void)state;

    serve("http", answer_http, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n123456");
    assert_int_equal(get(&out, 5), ERR_TOOBIG);
    assert_null(out.body.p);
    assert_true(strlen(fetch_why(fetch)) > 0);
    assert_int_equal(get(&out, 6), 0); /* and the next request is a new one */
    assert_span(out.body, "123456");
}

static void answer_headers_without_end(int fd, void *unused)
{
    (void)unused;
    served_read_until(fd, heard, sizeof heard, "\r\n\r\n");
    served_say(fd, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 2000; i++)
        served_say(fd, "X-More: 0123456789012345678901234567890123456789012345678901234567890123456789\r\n");
}

static void headers_have_a_bound(void **state)
{
    struct fetch_answer out;
    (void)state;

    serve("http", answer_headers_without_end, NULL);
    assert_int_equal(get(&out, 100), ERR_TOOBIG);
}

static void answer_never(int fd, void *unused)
{
    (void)unused;
    served_read_until(fd, heard, sizeof heard, "there is no end");
}

static void silence_is_late(void **state)
{
    const struct fetch_request q = {.method = "GET", .url = url, .answer_max = 10, .wait_ms = 100};
    struct fetch_answer out;
    (void)state;

    serve("http", answer_never, NULL);
    assert_int_equal(fetch_http(fetch, arena, &q, &out), ERR_LATE);
}

static void broken_and_absent_servers_are_away(void **state)
{
    struct fetch_answer out;
    (void)state;

    serve("http", answer_http, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    assert_int_equal(get(&out, 100), ERR_AWAY);
    served_stop(&server);
    assert_int_equal(get(&out, 100), ERR_AWAY);
    assert_null(strstr(fetch_why(fetch), "127.0.0.1"));
}

static void what_could_smuggle_a_line_or_read_a_file_is_refused(void **state)
{
    static const char *const evil[] = {"X: a\r\nY: b", NULL};
    struct fetch_request q = {
        .method = "GET", .url = "http://127.0.0.1:1/", .headers = evil, .answer_max = 10, .wait_ms = WAIT_MS};
    struct fetch_answer out;
    (void)state;

    assert_int_equal(fetch_http(fetch, arena, &q, &out), ERR_INVALID);
    q.headers = NULL;
    q.method = "GET / HTTP/1.1\r\nX: y\r\n";
    assert_int_equal(fetch_http(fetch, arena, &q, &out), ERR_INVALID);
    q.method = "GET";
    q.url = "http://127.0.0.1:1/\r\nX: y";
    assert_int_equal(fetch_http(fetch, arena, &q, &out), ERR_INVALID);
    q.url = "file:///etc/passwd";
    assert_int_equal(fetch_http(fetch, arena, &q, &out), ERR_INVALID);
    q.url = "gopher://127.0.0.1/";
    assert_int_equal(fetch_http(fetch, arena, &q, &out), ERR_INVALID);
    q.url = "";
    assert_int_equal(fetch_http(fetch, arena, &q, &out), ERR_INVALID);
}

/* A server whose certificate nobody signed. */
static void answer_tls(int fd, void *context)
{
    SSL *ssl = SSL_new(context);
    char request[2000];

    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) == 1 && SSL_read(ssl, request, sizeof request) > 0) {
        strncpy(heard, "reached", sizeof heard - 1);
        SSL_write(ssl, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 38);
    }
    SSL_free(ssl);
}

static void an_untrusted_certificate_is_refused(void **state)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    struct fetch_answer out;
    (void)state;

    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               (const unsigned char *)"127.0.0.1", -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    assert_int_equal(SSL_CTX_use_certificate(context, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
    serve("https", answer_tls, context);
    assert_int_equal(get(&out, 100), ERR_AWAY);
    assert_string_equal(heard, "");
    served_stop(&server);
    X509_free(certificate);
    EVP_PKEY_free(key);
    SSL_CTX_free(context);
}

/* ---- SMTP ---- */

struct script {
    const char *rcpt, *data_end, *auth; /* answers; NULL: the usual one */
    const char *greeting;
};

static void smtp_data(int fd, const struct script *s)
{
    static char data[50000];

    served_say(fd, "354 go on\r\n");
    served_read_until(fd, data, sizeof data, "\r\n.\r\n");
    strncat(heard, data, sizeof heard - strlen(heard) - 1);
    served_say(fd, s->data_end ? s->data_end : "250 taken\r\n");
    if (s->data_end && s->data_end[0] == '\0')
        shutdown(fd, SHUT_RDWR);
}

static void speak_smtp(int fd, void *ctx)
{
    const struct script *s = ctx;
    char line[2000];

    served_say(fd, s->greeting ? s->greeting : "220 test\r\n");
    while (served_read_until(fd, line, sizeof line, "\r\n")) {
        strncat(heard, line, sizeof heard - strlen(heard) - 1);
        if (strncmp(line, "EHLO", 4) == 0)
            served_say(fd, "250-test\r\n250 AUTH PLAIN\r\n");
        else if (strcmp(line, "AUTH PLAIN\r\n") == 0)
            served_say(fd, "334 \r\n");
        else if (strncmp(line, "AHVz", 4) == 0)
            served_say(fd, s->auth ? s->auth : "235 welcome\r\n");
        else if (strncmp(line, "RCPT", 4) == 0)
            served_say(fd, s->rcpt ? s->rcpt : "250 ok\r\n");
        else if (strncmp(line, "DATA", 4) == 0)
            smtp_data(fd, s);
        else if (strncmp(line, "QUIT", 4) == 0)
            return;
        else
            served_say(fd, "250 ok\r\n");
    }
}

static const char *const to[] = {"ann@example.org", "bob@example.org", NULL};

static int mail(struct script *s, bool needs_tls, const char *user)
{
    struct fetch_mail m = {.from = "lab@example.org",
                           .to = to,
                           .message = SPAN("Subject: hi\r\n\r\n.dot in front\r\n..\r\nbye\r\n"),
                           .user = user,
                           .password = "pass",
                           .needs_tls = needs_tls,
                           .wait_ms = WAIT_MS};

    if (!server)
        serve("smtp", speak_smtp, s);
    m.url = url;
    return fetch_smtp(fetch, &m);
}

static void a_mail_arrives_whole_with_its_envelope(void **state)
{
    struct script s = {0};
    (void)state;

    assert_int_equal(mail(&s, false, NULL), 0);
    assert_non_null(strstr(heard, "MAIL FROM:<lab@example.org>"));
    assert_non_null(strstr(heard, "RCPT TO:<ann@example.org>\r\nRCPT TO:<bob@example.org>\r\n"));
    assert_non_null(strstr(heard, "Subject: hi\r\n\r\n..dot in front\r\n...\r\nbye\r\n.\r\n"));
    assert_int_equal(mail(&s, false, NULL), 0); /* the same connection again */
    assert_null(strstr(strstr(heard, "EHLO") + 1, "EHLO"));
}

static void a_login_is_made_and_its_refusal_told(void **state)
{
    struct script s = {0};
    (void)state;

    assert_int_equal(mail(&s, false, "user"), 0);
    assert_non_null(strstr(heard, "AHVzZXIAcGFzcw==")); /* \0user\0pass */
    fetch_free(&fetch);
    fetch = fetch_new();
    s.auth = "535 5.7.8 no\r\n";
    assert_int_equal(mail(&s, false, "user"), ERR_DENIED);
    fetch_free(&fetch);
    fetch = fetch_new();
    s.auth = "454 4.7.0 not now\r\n";
    assert_int_equal(mail(&s, false, "user"), ERR_AWAY);
}

static void refusals_for_good_and_for_now_are_told_apart(void **state)
{
    struct script s = {.rcpt = "550 5.1.1 no such person bob@example.org\r\n"};
    (void)state;

    assert_int_equal(mail(&s, false, NULL), ERR_INVALID);
    assert_non_null(strstr(fetch_why(fetch), "550"));
    assert_null(strstr(fetch_why(fetch), "bob")); /* it goes into logs */
    s = (struct script){.rcpt = "451 4.3.0 greylisted\r\n"};
    assert_int_equal(mail(&s, false, NULL), ERR_AWAY);
    s = (struct script){.rcpt = "530 5.7.0 login first\r\n"};
    assert_int_equal(mail(&s, false, NULL), ERR_DENIED);
    s = (struct script){.data_end = "554 5.7.1 spam\r\n"};
    assert_int_equal(mail(&s, false, NULL), ERR_INVALID);
    s = (struct script){.data_end = "452 4.3.1 disk full\r\n"};
    assert_int_equal(mail(&s, false, NULL), ERR_AWAY);
    s = (struct script){.data_end = ""}; /* taken or not? */
    assert_int_equal(mail(&s, false, NULL), ERR_AWAY);
}

static void without_tls_a_mail_that_needs_it_stays_here(void **state)
{
    struct script s = {0};
    (void)state;

    assert_int_equal(mail(&s, true, "user"), ERR_AWAY);
    assert_null(strstr(heard, "AUTH"));
    assert_null(strstr(heard, "MAIL"));
}

static void an_address_with_a_line_break_is_refused(void **state)
{
    static const char *const evil[] = {"ann@example.org>\r\nRCPT TO:<eve@example.org", NULL};
    struct fetch_mail m = {.url = "smtp://127.0.0.1:1",
                           .from = "a@example.org",
                           .to = evil,
                           .message = SPAN("x"),
                           .wait_ms = WAIT_MS};
    (void)state;

    assert_int_equal(fetch_smtp(fetch, &m), ERR_INVALID);
    m.to = to;
    m.from = "a@example.org\n";
    assert_int_equal(fetch_smtp(fetch, &m), ERR_INVALID);
    m.from = "a@example.org";
    m.url = "http://127.0.0.1:1";
    assert_int_equal(fetch_smtp(fetch, &m), ERR_INVALID);
    m.url = "smtp://127.0.0.1:1";
    assert_int_equal(fetch_smtp(fetch, &m), ERR_AWAY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_answer_has_status_headers_and_body, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_body_and_headers_are_sent_as_given, set_up, tear_down),
        cmocka_unit_test_setup_teardown(redirects_are_answers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_head_has_no_body, set_up, tear_down),
        cmocka_unit_test_setup_teardown(answers_above_their_bound_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(headers_have_a_bound, set_up, tear_down),
        cmocka_unit_test_setup_teardown(silence_is_late, set_up, tear_down),
        cmocka_unit_test_setup_teardown(broken_and_absent_servers_are_away, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_could_smuggle_a_line_or_read_a_file_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_untrusted_certificate_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_mail_arrives_whole_with_its_envelope, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_login_is_made_and_its_refusal_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refusals_for_good_and_for_now_are_told_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_tls_a_mail_that_needs_it_stays_here, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_address_with_a_line_break_is_refused, set_up, tear_down),
    };
    setenv("no_proxy", "*", 1); /* the tests talk to themselves only */
    fetch_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
