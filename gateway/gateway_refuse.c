/* gateway_refuse: everything that goes wrong, said in the visitor's own kind: a page, a JSON:API document,
 * plain JSON. */
#include "gateway_private.h"

static const char *code_of(int err)
{
    switch ((enum err)err) {
    case ERR_MALFORMED:
        return "parse_error";
    case ERR_DENIED:
        return "permission_denied";
    case ERR_NOTFOUND:
    case ERR_GONE:
        return "not_found";
    case ERR_INVALID:
        return "invalid";
    case ERR_UNSUPPORTED:
        return "unsupported_media_type";
    case ERR_LOGIN:
        return "not_authenticated";
    case ERR_LIMITED:
        return "throttled";
    case ERR_OK:
    case ERR_TOOBIG:
    case ERR_BUSY:
    case ERR_LATE:
    case ERR_AWAY:
    case ERR_CONFLICT:
    case ERR_FULL:
    case ERR_CHECKSUM:
    case ERR_BUG:
        break;
    }
    return "error";
}

/* ---- documents
 * ---------------------------------------------------------------------------------------------------- */

struct fault {
    struct span detail, field;
    const char *code;
    bool is_relationship;
};

/* Where in the document, as RFC 6901 writes it. A desk names an attribute, or else the place itself. */
static struct span fault_pointer(struct visit *v, const struct fault *f)
{
    static const char *const places[] = {"attributes/", "relationships/"};

    if (f->field.n == 0 || span_is(f->field, "data"))
        return SPAN("/data");
    for (size_t i = 0; i < 2; i++)
        if (f->field.n > strlen(places[i]) && memcmp(f->field.p, places[i], strlen(places[i])) == 0)
            return arena_print(v->arena, "/data/%.*s", (int)f->field.n, f->field.p);
    return arena_print(v->arena, "/data/%s%.*s", places[f->is_relationship], (int)f->field.n, f->field.p);
}

/* Among the n that stand there, by pointer (spec of the API, 6). */
static void fault_insert(struct visit *v, struct fault *f, size_t n, struct fault one)
{
    for (; n > 0 && span_order(fault_pointer(v, &one), fault_pointer(v, &f[n - 1])) < 0; n--)
        f[n] = f[n - 1];
    f[n] = one;
}

/* spec of the API, 6: a row that is not there has no place, a page of a list has */
static void fault_write(struct visit *v, struct json_out *o, int status, const struct fault *f)
{
    json_object(o);
    json_key(o, SPAN("detail"));
    json_add_string(o, f->detail);
    json_key(o, SPAN("status"));
    json_add_string(o, arena_print(v->arena, "%d", status));
    if (status != 404 || span_is(f->field, "data")) {
        json_key(o, SPAN("source"));
        json_object(o);
        json_key(o, SPAN("pointer"));
        json_add_string(o, fault_pointer(v, f));
        json_end(o);
    }
    json_key(o, SPAN("code"));
    json_add_string(o, span_of(f->code));
    json_end(o);
}

static struct span api_document(struct visit *v, int status, const struct fault *f, size_t n)
{
    struct json_out o;

    json_out_init(&o, v->arena);
    json_object(&o);
    json_key(&o, SPAN("errors"));
    json_array(&o);
    for (size_t i = 0; i < n; i++)
        fault_write(v, &o, status, &f[i]);
    json_end(&o);
    json_end(&o);
    return json_out_span(&o);
}

/* What a desk collected with bus.h's fault_add(); 0: it said one thing only. */
static size_t faults_read(struct visit *v, struct span errors, struct fault **out)
{
    const struct json *list = NULL;
    size_t n;

    if (errors.n == 0 || errors.p[0] != '[' || json_parse(v->arena, errors, &list, NULL))
        return 0;
    n = json_size(list);
    *out = arena_get(v->arena, (n + 1) * sizeof **out);
    for (size_t i = 0; i < n; i++) {
        const struct json *one = json_at(list, i);
        fault_insert(v, *out, i,
                     (struct fault){.field = json_string(json_at(one, 0)),
                                    .code = arena_copy(v->arena, json_string(json_at(one, 1))).p,
                                    .detail = json_string(json_at(one, 2))});
    }
    return n;
}

static struct span plain_document(struct visit *v, int err, const char *code, const struct refusal_words *w)
{
    struct json_out o;

    json_out_init(&o, v->arena);
    json_object(&o);
    json_key(&o, SPAN("error"));
    json_add_string(&o, span_of(err ? err_name(err) : code));
    json_key(&o, SPAN("text"));
    json_add_string(&o, w->text);
    if (w->field.n) {
        json_key(&o, SPAN("field"));
        json_add_string(&o, w->field);
    }
    if (w->errors.n) {
        json_key(&o, SPAN("errors"));
        json_add_raw(&o, w->errors);
    }
    json_key(&o, SPAN("may_retry"));
    json_add_bool(&o, err_may_retry(err));
    json_end(&o);
    return json_out_span(&o);
}

/* ---- sending
 * ------------------------------------------------------------------------------------------------------ */

static void add_hints(struct visit *v, struct http_answer *a, int status)
{
    if (status == 503)
        http_answer_header(a, "Retry-After", SPAN("5"));
    if (status == 429)
        http_answer_header(a, "Retry-After", SPAN("60"));
    if (status == 401)
        http_answer_header(a, "WWW-Authenticate", SPAN("Token"));
    if (status == 401 && v->credential.kind == CREDENTIAL_SESSION) /* it has ended: its owner forgets it */
        http_answer_header(a, "Set-Cookie",
                           cookie_make(v->arena, SESSION_COOKIE, SPAN(""), 0, true, v->is_secure));
    if (status == 405)
        http_answer_header(a, "Allow", route_allow(v->arena, v->match.methods));
    if (status == 412 && v->route && v->route->then == THEN_UPLOAD)
        http_answer_header(a, "Tus-Version", SPAN("1.0.0"));
    http_answer_header(a, "Cache-Control", SPAN("no-store"));
}

static void send_page(struct visit *v, struct http_answer *a, int status, struct span text)
{
    if (!page_error(v, a, status, text))
        answer_text(v, a, "text/plain; charset=utf-8",
                    SPAN("Something went wrong here, and this page too. Please try again.\n"));
    answer_send(v, a);
}

/* A script that fetches a page or a file: it asked for JSON and could do nothing with a page. */
static bool wants_json(const struct visit *v)
{
    struct span accept = http_header(v->q, "accept"), one;
    bool has_json = false;

    if (answer_is_api(v))
        return true;
    for (size_t at = 0; http_list_next(accept, &at, &one);) {
        if (media_type_is(one, "text/html"))
            return false;
        has_json = has_json || media_type_is(one, "application/json");
    }
    return has_json || answer_is_machine(v);
}

static void send_all(struct visit *v, int status, int err, const char *code, const struct refusal_words *w)
{
    struct http_answer a = {.status = status};
    struct refusal_words words = *w;
    struct fault fault = {.field = w->field, .code = code}, *faults = &fault;
    size_t n;

    v->stage = VISIT_OVER;
    add_hints(v, &a, status);
    if (!wants_json(v)) {
        send_page(v, &a, status, w->text);
        return;
    }
    if (!words.text.n)
        words.text = span_of(err ? err_doc(err) : "This cannot be done.");
    fault.detail = words.text;
    if (answer_is_api(v)) {
        n = faults_read(v, w->errors, &faults);
        answer_jsonapi(v, &a, api_document(v, status, faults, n ? n : 1));
    } else {
        answer_text(v, &a, "application/json", plain_document(v, err, code, &words));
    }
    answer_send(v, &a);
}

void refuse_err(struct visit *v, int err, const struct refusal_words *w)
{
    int status = err_http(err);

    if (err == ERR_LOGIN && !answer_is_machine(v)) {
        refuse_login(v);
        return;
    }
    if (answer_is_api(v) && err == ERR_INVALID)
        status = 400;
    if (err == ERR_LATE && !answer_is_machine(v))
        status = 503; /* to a person it is the same, and the page says so */
    if (err == ERR_BUG)
        log_error("http-bug", "route=%s trace=%016llx", v->route ? v->route->pattern : "-",
                  (unsigned long long)v->trace);
    send_all(v, status, err, w->code ? w->code : code_of(err), w);
}

void refuse_status(struct visit *v, int status, const char *code, const char *text)
{
    struct refusal_words w = {.text = span_of(text)};

    send_all(v, status, 0, code ? code : "error", &w);
}

void refuse_binding(struct visit *v, const struct bind *b, int err)
{
    struct refusal_words w = {.text = b->why ? span_of(b->why) : (struct span){NULL, 0}, .code = b->code};
    struct http_answer a = {.status = 400};
    struct fault *f;

    if (err != ERR_INVALID || b->error_n == 0) {
        refuse_err(v, err, &w);
        return;
    }
    if (!answer_is_api(v)) {
        w.field = b->error[0].field;
        w.text = arena_print(v->arena, "%.*s: %s", (int)w.field.n, w.field.p, b->error[0].text);
        w.errors = bind_errors_json(b);
        refuse_err(v, err, &w);
        return;
    }
    f = arena_get(v->arena, b->error_n * sizeof *f);
    for (size_t i = 0; i < b->error_n; i++)
        fault_insert(v, f, i,
                     (struct fault){span_of(b->error[i].text), b->error[i].field, b->error[i].code,
                                    b->error[i].is_relationship});
    add_hints(v, &a, a.status);
    answer_jsonapi(v, &a, api_document(v, a.status, f, b->error_n));
    answer_send(v, &a);
}

/* ---- who are you?
 * ------------------------------------------------------------------------------------------------- */

static void add_encoded(struct arena *a, struct text *t, struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                        (c && strchr("-._~/", c));
        if (is_plain)
            text_add(a, t, (struct span){s.p + i, 1});
        else
            text_print(a, t, "%%%02X", (unsigned char)c);
    }
}

void refuse_login(struct visit *v)
{
    struct http_answer a = {0};
    struct text to = {0};
    struct refusal_words w = {.text = v->viewer.why,
                              .code = v->viewer.why.n ? "authentication_failed" : "not_authenticated"};
    bool is_api = wants_json(v) || !v->route || v->route->who == WHO_API;

    v->minds_cookies = true;
    if (is_api) {
        if (!w.text.n || v->credential.kind == CREDENTIAL_SESSION) {
            w.text = SPAN("Authentication credentials were not provided.");
            w.code = "not_authenticated";
        }
        send_all(v, 401, ERR_LOGIN, w.code, &w);
        return;
    }
    text_add(v->arena, &to, SPAN("/login/?next="));
    if (v->match.methods & 1u << HTTP_GET) {
        add_encoded(v->arena, &to, v->q->path);
        if (v->q->query.n && v->q->method == HTTP_GET) {
            add_encoded(v->arena, &to, SPAN("?"));
            add_encoded(v->arena, &to, v->q->query);
        }
    } else {
        text_add(v->arena, &to, SPAN("/"));
    }
    answer_see_other(v, &a, 302, text_span(&to));
}

void refuse_csrf(struct visit *v, const char *why, bool is_foreign)
{
    struct route_match page;
    struct refusal_words w = {
        .text = SPAN("This form had been open for too long, or your browser keeps no cookies. "
                     "Please look over it and send it once more.")};

    log_info("csrf-refused", "route=%s trace=%016llx", v->route->pattern, (unsigned long long)v->trace);
    if (answer_is_machine(v)) {
        w.text = arena_print(v->arena, "CSRF Failed: %s", why);
    } else if (is_foreign) {
        w.text = SPAN("This form was sent from another site, so nothing was done.");
    } else if (v->is_form && ask_knows_page(v, &page)) {
        ask_again(v, 403, arena_print(v->arena, "{\"form\":[\"%s\"]}", w.text.p));
        return;
    }
    send_all(v, 403, ERR_DENIED, "permission_denied", &w);
}
