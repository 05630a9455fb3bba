/* fetch: see the header. */
#include "fetch.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

#include "errors.h"
#include "log.h"

#define HEADERS_MAX ((size_t)64 * 1024)
#define CONNECT_MS_MAX 10000

struct fetch {
    CURL *curl;
    char why[200];
};

void fetch_init(void)
{
    MUST(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

struct fetch *fetch_new(void)
{
    struct fetch *f = calloc(1, sizeof *f);

    MUST(f && "memory");
    f->curl = curl_easy_init();
    MUST(f->curl && "memory");
    return f;
}

void fetch_free(struct fetch **f)
{
    if (!*f)
        return;
    curl_easy_cleanup((*f)->curl);
    free(*f);
    *f = NULL;
}

const char *fetch_why(const struct fetch *f)
{
    return f->why;
}

/* libcurl copies every text; an option it does not know is a bug of ours. */
#define SET(f, option, value) MUST(curl_easy_setopt((f)->curl, option, value) == CURLE_OK)

/* Forgets the last request; connections stay. protocols: "http,https". */
static void begin(struct fetch *f, const char *url, const char *protocols, uint32_t wait_ms)
{
    MUST(wait_ms > 0); /* 0 is "for ever" to libcurl */
    f->why[0] = '\0';
    curl_easy_reset(f->curl);
    SET(f, CURLOPT_URL, url);
    SET(f, CURLOPT_PROTOCOLS_STR, protocols);
    SET(f, CURLOPT_NOSIGNAL, 1L);
    SET(f, CURLOPT_TIMEOUT_MS, (long)wait_ms);
    SET(f, CURLOPT_CONNECTTIMEOUT_MS, (long)(wait_ms < CONNECT_MS_MAX ? wait_ms : CONNECT_MS_MAX));
}

/* No line break may turn one value into two lines of the protocol. */
static bool is_clean(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    return true;
}

static int refuse(struct fetch *f, const char *why)
{
    (void)snprintf(f->why, sizeof f->why, "%s", why);
    return ERR_INVALID;
}

/* curl_slist out of texts; false when one is not clean. */
static bool list_make(struct curl_slist **list, const char *const *texts)
{
    for (; texts && *texts; texts++) {
        struct curl_slist *longer;
        if (!is_clean(*texts))
            return false;
        longer = curl_slist_append(*list, *texts);
        MUST(longer && "memory");
        *list = longer;
    }
    return true;
}

static int code_err(struct fetch *f, CURLcode code, long response)
{
    (void)snprintf(f->why, sizeof f->why, "%s (%d), answer %ld", curl_easy_strerror(code), (int)code,
                   response);
    switch ((int)code) {
    case CURLE_OK:
        return 0;
    case CURLE_OPERATION_TIMEDOUT:
        return ERR_LATE;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
        return ERR_INVALID;
    case CURLE_LOGIN_DENIED:
        return response >= 400 && response < 500 ? ERR_AWAY : ERR_DENIED;
    default:
        return ERR_AWAY;
    }
}

/* ---- HTTP ---- */

struct taking {
    struct arena *arena;
    struct text body, headers;
    size_t body_max;
    bool is_too_big;
};

static size_t body_take(char *bytes, size_t one, size_t n, void *ctx)
{
    struct taking *t = ctx;

    (void)one; /* 1, says libcurl */
    if (n > t->body_max - t->body.n) {
        t->is_too_big = true;
        return 0; /* ends the transfer */
    }
    text_add(t->arena, &t->body, (struct span){bytes, n});
    return n;
}

static size_t header_take(char *line, size_t one, size_t n, void *ctx)
{
    struct taking *t = ctx;

    (void)one;
    if (n >= 5 && memcmp(line, "HTTP/", 5) == 0)
        t->headers.n = 0; /* what came before was a 100 Continue */
    if (n > HEADERS_MAX - t->headers.n) {
        t->is_too_big = true;
        return 0;
    }
    text_add(t->arena, &t->headers, (struct span){line, n});
    return n;
}

static void request_set(struct fetch *f, const struct fetch_request *q, struct curl_slist *headers,
                        struct taking *t)
{
    SET(f, CURLOPT_USERAGENT, "lookit/" LOOKIT_VERSION);
    SET(f, CURLOPT_HTTPHEADER, headers);
    SET(f, CURLOPT_WRITEFUNCTION, body_take);
    SET(f, CURLOPT_WRITEDATA, t);
    SET(f, CURLOPT_HEADERFUNCTION, header_take);
    SET(f, CURLOPT_HEADERDATA, t);
    if (q->body.p) {
        SET(f, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body.n);
        SET(f, CURLOPT_POSTFIELDS, q->body.p);
    }
    if (strcmp(q->method, "HEAD") == 0)
        SET(f, CURLOPT_NOBODY, 1L);
    else
        SET(f, CURLOPT_CUSTOMREQUEST, q->method);
}

int fetch_http(struct fetch *f, struct arena *a, const struct fetch_request *q, struct fetch_answer *out)
{
    /* No waiting for a 100 Continue, and no media type that nobody chose. What the caller gives comes after
     * and wins. */
    static const char *const unsaid[] = {"Expect:", "Content-Type:", NULL};
    struct curl_slist *headers = NULL;
    struct taking t = {.arena = a, .body_max = q->answer_max};
    CURLcode code;
    long status = 0;
    int err;

    *out = (struct fetch_answer){0};
    begin(f, q->url, "http,https", q->wait_ms);
    MUST(list_make(&headers, unsaid));
    if (!list_make(&headers, q->headers) || !is_clean(q->url) || !is_clean(q->method)) {
        curl_slist_free_all(headers);
        return refuse(f, "a control character in URL, method or header");
    }
    request_set(f, q, headers, &t);
    code = curl_easy_perform(f->curl);
    curl_slist_free_all(headers);
    (void)curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &status);
    err = t.is_too_big ? ERR_TOOBIG : code_err(f, code, status);
    if (t.is_too_big)
        (void)snprintf(f->why, sizeof f->why, "the answer is longer than it may be");
    if (err == 0)
        *out = (struct fetch_answer){(int)status, text_span(&t.body), text_span(&t.headers)};
    return err;
}

/* ---- SMTP ---- */

static size_t message_give(char *out, size_t one, size_t room, void *ctx)
{
    struct span *left = ctx;
    size_t n = left->n < room ? left->n : room;

    (void)one;
    if (n)
        memcpy(out, left->p, n);
    *left = (struct span){left->p + n, left->n - n};
    return n;
}

static void server_set(struct fetch *f, const struct fetch_mail *mail)
{
    SET(f, CURLOPT_USE_SSL, (long)(mail->needs_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    if (!mail->needs_tls) {
        /* Better encrypted to somebody than plain to everybody: mail servers often carry a certificate of
         * their own making. Whoever wants more says needs_tls. */
        SET(f, CURLOPT_SSL_VERIFYPEER, 0L);
        SET(f, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (mail->user) {
        SET(f, CURLOPT_USERNAME, mail->user);
        SET(f, CURLOPT_PASSWORD, mail->password ? mail->password : "");
    }
}

static void mail_set(struct fetch *f, const struct fetch_mail *mail, struct curl_slist *to, struct span *left)
{
    SET(f, CURLOPT_MAIL_FROM, mail->from);
    SET(f, CURLOPT_MAIL_RCPT, to);
    SET(f, CURLOPT_UPLOAD, 1L);
    SET(f, CURLOPT_INFILESIZE_LARGE, (curl_off_t)mail->message.n);
    SET(f, CURLOPT_READFUNCTION, message_give);
    SET(f, CURLOPT_READDATA, left);
}

/* RFC 5321 4.2.1: 5yz is for good, 4yz is for now. RFC 4954 6: which 5yz mean "who are you?". */
static int reply_err(int err, long reply)
{
    if (err != ERR_AWAY && err != ERR_DENIED)
        return err;
    if (reply == 530 || reply == 534 || reply == 535 || reply == 538)
        return ERR_DENIED;
    if (err == ERR_AWAY && reply >= 500 && reply <= 599)
        return ERR_INVALID;
    return err;
}

/* What is set is carried out; afterwards the server's answer says what went wrong. */
static int smtp_perform(struct fetch *f)
{
    CURLcode code = curl_easy_perform(f->curl);
    long reply = 0;

    (void)curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &reply);
    return reply_err(code_err(f, code, reply), reply);
}

int fetch_smtp(struct fetch *f, const struct fetch_mail *mail)
{
    struct curl_slist *to = NULL;
    struct span left = mail->message;
    int err;

    MUST(mail->to[0]);
    begin(f, mail->url, "smtp,smtps", mail->wait_ms);
    if (!list_make(&to, mail->to) || !is_clean(mail->from) || !is_clean(mail->url)) {
        curl_slist_free_all(to);
        return refuse(f, "a control character in URL or address");
    }
    server_set(f, mail);
    mail_set(f, mail, to, &left);
    err = smtp_perform(f);
    curl_slist_free_all(to);
    return err;
}

int fetch_smtp_probe(struct fetch *f, const struct fetch_mail *mail)
{
    begin(f, mail->url, "smtp,smtps", mail->wait_ms);
    if (!is_clean(mail->url))
        return refuse(f, "a control character in URL");
    server_set(f, mail);
    SET(f, CURLOPT_CONNECT_ONLY, 1L);
    return smtp_perform(f);
}
