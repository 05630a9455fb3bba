/* gateway_answer: what desks reply, as HTTP; and what every answer carries. */
#include "gateway_private.h"

#include "accept.h"
#include "compress.h"
#include "wire.h"

bool answer_is_api(const struct visit *v)
{
    return v->route && route_is_api(v->route);
}

bool answer_is_machine(const struct visit *v)
{
    return answer_is_api(v) || (v->route && (v->route->then == THEN_DOC || v->route->then == THEN_UPLOAD));
}

/* ---- what every answer has
 * ---------------------------------------------------------------------------------------- */

/* A script that becomes a worker obeys the policy it was sent with, so it is sent without one. */
static bool is_script(const struct http_answer *a)
{
    for (size_t i = 0; i < a->header_n; i++)
        if (http_name_is(a->header[i].name, "content-type"))
            return media_type_is(a->header[i].value, "text/javascript");
    return false;
}

#define CSP_COMMON                                                                 \
    "default-src 'none'; script-src 'self'; form-action 'self'; base-uri 'none'; " \
    "frame-ancestors 'none'; object-src 'none'; manifest-src 'self'; worker-src 'self' blob:; "
/* Pages of ours. */
#define CSP_PAGE                                                                                             \
    CSP_COMMON "connect-src 'self'; style-src 'self'; img-src 'self' data: https:; media-src 'self' blob:; " \
               "font-src 'self' data:"
/* The page that runs a study: pictures, sounds, styled texts and the parts of a protocol that it fetches
 * (JSON:, URL:) are the lab's and lie anywhere. */
#define CSP_STAGE                                                                                     \
    CSP_COMMON "connect-src 'self' https:; style-src 'self'; style-src-attr 'unsafe-inline'; "        \
               "img-src 'self' data: blob: http: https:; media-src 'self' data: blob: http: https:; " \
               "font-src 'self' data: https:; frame-src 'self'"
/* Code of others: it may compute and answer the page of ours around it; no cookie, no storage, no network.
 * Its worker inherits all of it. */
#define CSP_SANDBOX                                                                    \
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; worker-src blob:; " \
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-scripts"
/* Files that others made. */
#define CSP_FILE                                                                              \
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'; " \
    "frame-ancestors 'none'; sandbox"

static void add_security(const struct visit *v, struct http_answer *a)
{
    bool is_page = v->route && (v->route->then == THEN_PAGE || v->route->then == THEN_STAGE ||
                                v->route->then == THEN_SEE_OTHER);
    bool is_stage = v->route && v->route->then == THEN_STAGE;
    bool is_own = !v->route || is_page || (v->route->then != THEN_FILE && v->route->then != THEN_STATIC);

    http_answer_header(a, "X-Content-Type-Options", SPAN("nosniff"));
    http_answer_header(a, "X-Frame-Options", v->is_sandbox ? SPAN("SAMEORIGIN") : SPAN("DENY"));
    http_answer_header(a, "Referrer-Policy", SPAN("same-origin"));
    http_answer_header(a, "Cross-Origin-Opener-Policy", SPAN("same-origin"));
    if (is_stage)
        http_answer_header(a, "Content-Security-Policy", SPAN(CSP_STAGE));
    else if (is_own)
        http_answer_header(a, "Content-Security-Policy", SPAN(CSP_PAGE));
    else if (v->is_sandbox)
        http_answer_header(a, "Content-Security-Policy", SPAN(CSP_SANDBOX));
    else if (v->route->then == THEN_FILE && !is_script(a))
        http_answer_header(a, "Content-Security-Policy", SPAN(CSP_FILE));
    if (is_own)
        http_answer_header(
            a, "Permissions-Policy",
            SPAN("camera=(self), microphone=(self), fullscreen=(self), geolocation=(), payment=()"));
    if (v->is_secure)
        http_answer_header(a, "Strict-Transport-Security", SPAN("max-age=31536000"));
}

void answer_send(struct visit *v, struct http_answer *a)
{
    add_security(v, a);
    if (answer_is_api(v) || (!v->route && api_is_path(v)))
        api_headers(v, a);
    if (v->route && v->route->then == THEN_UPLOAD && !http_answer_has(a, "Tus-Resumable"))
        upload_headers(a);
    if (!http_answer_has(a, "Cache-Control")) /* what answers a form may show a secret, and what was typed */
        http_answer_header(a, "Cache-Control",
                           answer_is_machine(v) || v->q->method == HTTP_POST ? SPAN("no-store")
                                                                             : SPAN("private, no-cache"));
    if (!http_answer_has(a, "Vary"))
        http_answer_header(a, "Vary", SPAN("Cookie, Accept-Encoding"));
    v->stage = VISIT_OVER;
    http_answer_now(v->w->http, v->q->id, a);
}

/* BREACH: an answer that holds a secret and repeats what an attacker chose tells the secret by its length.
 * The form token is masked anew each time; what else is secret is shown only to those who are logged in. */
static bool may_compress(const struct visit *v)
{
    bool repeats_input = v->q->query.n > 0 || v->is_form;

    return v->viewer.id == 0 || !repeats_input;
}

void answer_text(struct visit *v, struct http_answer *a, const char *type, struct span text)
{
    enum coding coding = may_compress(v) ? coding_pick(http_header(v->q, "accept-encoding")) : CODING_NONE;

    http_answer_header(a, "Content-Type", span_of(type));
    a->body = text;
    if (compress_text(v->arena, coding, text, &a->body))
        http_answer_header(a, "Content-Encoding", span_of(coding_name(coding)));
    else
        a->body = text;
}

void answer_jsonapi(struct visit *v, struct http_answer *a, struct span doc)
{
    unsigned by = accept_indent(accept_range(http_header(v->q, "accept")));

    doc = json_compact(v->arena, doc);
    answer_text(v, a, "application/vnd.api+json", by ? json_indent(v->arena, doc, by) : doc);
}

/* A document in the way of its route. */
static void answer_document(struct visit *v, struct http_answer *a, struct span doc)
{
    if (answer_is_api(v))
        answer_jsonapi(v, a, doc);
    else
        answer_text(v, a, "application/json", doc);
}

/* ---- elsewhere
 * ---------------------------------------------------------------------------------------------------- */

/* A path on this server, or an exit address of a study. What a header cannot hold is percent-encoded. */
static struct span location_clean(struct visit *v, struct span s)
{
    struct text t = {0};
    bool is_path = s.n > 0 && s.p[0] == '/' && (s.n == 1 || (s.p[1] != '/' && s.p[1] != '\\'));
    bool is_url = (s.n > 8 && memcmp(s.p, "https://", 8) == 0) || (s.n > 7 && memcmp(s.p, "http://", 7) == 0);

    if (!is_path && !is_url)
        return SPAN("/");
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] > ' ' && s.p[i] < 0x7f)
            text_add(v->arena, &t, (struct span){s.p + i, 1});
        else
            text_print(v->arena, &t, "%%%02X", (unsigned char)s.p[i]);
    }
    return text_span(&t);
}

void answer_see_other(struct visit *v, struct http_answer *a, int status, struct span location)
{
    a->status = status;
    http_answer_header(a, "Location", location_clean(v, location));
    answer_send(v, a);
}

static void answer_session(struct visit *v, const struct reply_session *r)
{
    struct http_answer a = {0};
    uint8_t hash[32];
    bool is_in = r->cookie.n > 0;

    if (v->credential.kind == CREDENTIAL_SESSION)
        sessions_drop(v->w->sessions, v->credential.hash);
    http_answer_header(
        &a, "Set-Cookie",
        cookie_make(v->arena, SESSION_COOKIE, r->cookie, is_in ? r->max_age : 0, true, v->is_secure));
    if (is_in)
        crypt_sha256(r->cookie, hash);
    admit_new_token(v, &a, is_in ? (struct span){(const char *)hash, 32} : (struct span){NULL, 0});
    if (r->has_note)
        page_flash(v, &a, r->note, false);
    /* a login leads nowhere but into this site */
    answer_see_other(v, &a, 303, r->location.n && r->location.p[0] == '/' ? r->location : SPAN("/"));
}

/* ---- documents
 * ---------------------------------------------------------------------------------------------------- */

static void answer_doc(struct visit *v, struct span doc)
{
    struct http_answer a = {.status = 200};

    if (v->route->then == THEN_PAGE || v->route->then == THEN_STAGE) {
        page_show(v, doc);
        return;
    }
    answer_document(v, &a, doc);
    answer_send(v, &a);
}

static void answer_created(struct visit *v, const struct reply_created *r)
{
    struct http_answer a = {.status = 201};

    if (!answer_is_machine(v)) {
        answer_see_other(v, &a, 303, r->location);
        return;
    }
    http_answer_header(
        &a, "Location",
        arena_print(v->arena, "%.*s%.*s", (int)v->origin.n, v->origin.p, (int)r->location.n, r->location.p));
    answer_document(v, &a, r->doc);
    answer_send(v, &a);
}

static void answer_done(struct visit *v)
{
    struct http_answer a = {.status = 204};

    if (answer_is_machine(v))
        answer_send(v, &a);
    else
        answer_see_other(v, &a, 303, v->q->path);
}

/* A desk's own kind of reply: its fields as JSON; a field `err` that is there gives the status. */
static void answer_fields(struct visit *v, const struct answer *r)
{
    const struct field *err = message_field(r->message, SPAN("err"));
    struct http_answer a = {.status = 200};

    if (err && err->type == FIELD_U16 && field_is_there(err, r->body) &&
        *(const uint16_t *)field_at(err, r->body))
        a.status = err_http(*(const uint16_t *)field_at(err, r->body));
    answer_document(v, &a, wire_json(v->arena, r->message, r->body, false));
    answer_send(v, &a);
}

void answer_reply(struct visit *v, const struct answer *r)
{
    struct http_answer a = {0};
    const struct message *m = r->message;

    if (m == &MESSAGE_reply_doc) {
        answer_doc(v, ((const struct reply_doc *)r->body)->doc);
    } else if (m == &MESSAGE_reply_created) {
        answer_created(v, r->body);
    } else if (m == &MESSAGE_reply_done) {
        answer_done(v);
    } else if (m == &MESSAGE_reply_see_other) {
        const struct reply_see_other *s = r->body;
        if (s->has_note)
            page_flash(v, &a, s->note, s->has_is_trouble && s->is_trouble);
        answer_see_other(v, &a, 303, s->location);
    } else if (m == &MESSAGE_reply_session) {
        answer_session(v, r->body);
    } else if (m == &MESSAGE_reply_file) {
        file_spooled(v, r->body);
    } else if (m == &MESSAGE_reply_stored) {
        file_stored(v, r->body);
    } else if (m == &MESSAGE_reply_text) {
        const struct reply_text *t = r->body;
        a.status = 200;
        answer_text(v, &a, arena_copy(v->arena, t->type).p, t->text);
        answer_send(v, &a);
    } else if (m == &MESSAGE_upload_standing && v->route->then == THEN_UPLOAD) {
        upload_answer(v->arena, &a, v->q->method, r->body);
        answer_send(v, &a);
    } else {
        answer_fields(v, r);
    }
}
