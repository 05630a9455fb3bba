/* gateway_visit: the way of a request: head, body, who, message, answer. Each step either goes on or has
 * answered. */
#include "gateway_private.h"

static struct span no_span(void)
{
    return (struct span){NULL, 0};
}

void visit_ask(struct visit *v, enum visit_stage stage, const struct message *m, const void *body)
{
    int err = port_ask(v->w->port, m, body, 0, v->trace, v->q->id);

    v->stage = stage;
    v->w->has_asked = true;
    if (err)
        refuse_err(v, err, &(struct refusal_words){0});
}

static bool is_over(const struct visit *v)
{
    return v->stage == VISIT_OVER;
}

/* ---- the head
 * ----------------------------------------------------------------------------------------------------- */

/* Past sessions are not to be changed. Of a PATCH the reference reads the document all the same: one that is
 * wrong is told before the method is. */
static bool reads_in_vain(const struct visit *v)
{
    return v->is_other_method && v->q->method == HTTP_PATCH && v->route->method == HTTP_GET &&
           v->route->then == THEN_JSONAPI_ALONE;
}

/* The order of checks (spec of the API, 2): a document that is to make or change something is read before
 * Accept and the form token are looked at, but not before it is known who asks. Anything else tells first
 * what it can be answered with. */
bool visit_reads_first(const struct visit *v)
{
    enum http_method m = v->q->method;

    return answer_is_api(v) && (v->is_other_method ? reads_in_vain(v) : m == HTTP_POST || m == HTTP_PATCH);
}

/* The path is known, the method is not. The API tells strangers nothing about methods, so there the visit
 * goes on until it is known who asks. */
static void visit_other_method(struct visit *v)
{
    struct http_answer a = {.status = 204};

    v->route = v->match.route;
    if (answer_is_api(v)) {
        v->is_other_method = true;
        if ((visit_reads_first(v) || admit_accept(v)) && admit_early(v) && reads_in_vain(v))
            (void)ask_plan_body(v);
    } else if (v->q->method == HTTP_OPTIONS) {
        http_answer_header(&a, "Allow", route_allow(v->arena, v->match.methods));
        answer_send(v, &a);
    } else {
        refuse_status(v, 405, "method_not_allowed", "This address does not know that method.");
    }
}

/* No line of the table answers this: why not. */
static void visit_lost(struct visit *v, enum route_outcome outcome)
{
    struct http_answer a = {0};
    struct span location;

    if (outcome == ROUTE_WITH_SLASH &&
        (api_is_path(v) || v->q->method == HTTP_GET || v->q->method == HTTP_HEAD)) {
        location =
            arena_print(v->arena, "%.*s/%s%.*s", (int)v->q->path.n, v->q->path.p, v->q->query.n ? "?" : "",
                        (int)v->q->query.n, v->q->query.n ? v->q->query.p : "");
        http_answer_header(&a, "Content-Type", SPAN("text/html; charset=utf-8"));
        answer_see_other(v, &a, 301, location);
    } else if (outcome == ROUTE_OTHER_METHOD) {
        visit_other_method(v);
    } else {
        refuse_err(v, ERR_NOTFOUND, &(struct refusal_words){0});
    }
}

static void on_head(void *ctx, struct http_request *q)
{
    struct worker *w = ctx;
    struct visit *v = arena_get(q->arena, sizeof *v);
    enum route_outcome outcome;
    const char *why;
    int status;

    v->w = w;
    v->q = q;
    v->arena = q->arena;
    v->trace = ++w->trace;
    q->app = v;
    admit_origin(v);
    outcome = routes_match(w->house->routes, v->arena, q->method, q->path, &v->match);
    if (api_preflight(v))
        return;
    if (outcome != ROUTE_FOUND) {
        visit_lost(v, outcome);
        return;
    }
    v->route = v->match.route;
    if (answer_is_api(v) && !visit_reads_first(v) && !admit_accept(v))
        return;
    if (!admit_early(v))
        return;
    if (v->route->then == THEN_UPLOAD) {
        status = upload_head_read(q, &v->tus, &why);
        if (status) {
            refuse_status(v, status, NULL, why);
            return;
        }
    }
    (void)ask_plan_body(v);
}

/* ---- the body
 * ----------------------------------------------------------------------------------------------------- */

static void on_bytes(void *ctx, struct http_request *q, struct span bytes)
{
    struct visit *v = q->app;
    int err = v->is_other_method && !reads_in_vain(v) ? 0 : body_add(&v->body, bytes);

    (void)ctx;
    if (err)
        refuse_err(v, err, &(struct refusal_words){0});
}

/* Everything that needs nobody's word. */
static bool answers_alone(struct visit *v)
{
    struct http_answer a = {0};

    switch (v->route->then) {
    case THEN_STATIC:
        file_asset(v);
        return true;
    case THEN_HEALTH:
        watch_health(v);
        return true;
    case THEN_READY:
        watch_ready(v);
        return true;
    case THEN_METRICS:
        watch_metrics(v);
        return true;
    case THEN_UPLOAD:
        if (v->q->method != HTTP_OPTIONS)
            return false;
        upload_options(&a);
        answer_send(v, &a);
        return true;
    case THEN_PAGE:
    case THEN_STAGE:
    case THEN_SEE_OTHER:
    case THEN_JSONAPI:
    case THEN_JSONAPI_ALONE:
    case THEN_DOC:
    case THEN_FILE:
        break;
    }
    return false;
}

/* Who it is, is known. */
static void visit_enter(struct visit *v)
{
    v->knows_viewer = true;
    v->minds_cookies = !visit_reads_first(v);
    if (!admit_viewer(v))
        return;
    if (v->is_other_method) {
        if ((!reads_in_vain(v) || (admit_media(v) && ask_document(v) && admit_accept(v))) &&
            (v->route->who == WHO_ANYONE || admit_token(v)))
            api_other_method(v);
    } else if ((visit_reads_first(v) || admit_token(v)) && admit_media(v)) {
        ask_desk(v);
    }
}

static void visit_identify(struct visit *v)
{
    struct account_whoami m = {0};

    if (v->credential.kind == CREDENTIAL_NONE || v->credential.kind == CREDENTIAL_BAD ||
        sessions_find(v->w->sessions, v->arena, v->credential.hash, clock_mono_ms(), &v->viewer)) {
        visit_enter(v);
        return;
    }
    if (v->credential.kind == CREDENTIAL_TOKEN) {
        m.token = v->credential.token;
        m.has_token = true;
    } else {
        m.session = (struct span){(const char *)v->credential.hash, 32};
        m.has_session = true;
    }
    visit_ask(v, VISIT_WHO, &MESSAGE_account_whoami, &m);
}

static void on_whole(void *ctx, struct http_request *q)
{
    struct visit *v = q->app;
    int err;

    (void)ctx;
    if (v->is_other_method && !reads_in_vain(v)) {
        visit_identify(v);
        return;
    }
    if (answers_alone(v))
        return;
    err = body_end(&v->body);
    if (!err)
        err = form_urlencoded(v->arena, q->query, &v->query);
    if (!err && v->is_form && v->body.kind == BODY_MEMORY)
        err = form_urlencoded(v->arena, text_span(&v->body.text), &v->form);
    if (!err && v->body.kind == BODY_MULTIPART)
        v->form = v->body.form;
    if (err)
        refuse_err(v, err, &(struct refusal_words){.code = "parse_error"});
    else
        visit_identify(v);
}

/* ---- answers of desks
 * --------------------------------------------------------------------------------------------- */

static void who_answered(struct visit *v, const struct answer *a)
{
    if (a->err == 0 && a->message == &MESSAGE_reply_doc) {
        struct span doc = arena_copy(v->arena, ((const struct reply_doc *)a->body)->doc);
        if (!viewer_read(v->arena, doc, &v->viewer)) {
            log_error("whoami-odd", "trace=%016llx", (unsigned long long)v->trace);
            refuse_err(v, ERR_BUG, &(struct refusal_words){0});
            return;
        }
    } else if (a->err == ERR_LOGIN) {
        v->viewer = (struct viewer){.why = a->text.n ? arena_copy(v->arena, a->text) : no_span()};
    } else {
        refuse_err(v, a->err ? a->err : ERR_BUG, &(struct refusal_words){0});
        return;
    }
    sessions_keep(v->w->sessions, v->credential.hash, clock_mono_ms(), &v->viewer);
    visit_enter(v);
}

static void answer_drop(struct visit *v)
{
    struct worker *w = v->w;

    if (!v->answer)
        return;
    arena_reset(v->answer);
    if (w->spare_n < ANSWERS_SPARE)
        w->spare[w->spare_n++] = v->answer;
    else
        arena_free(&v->answer);
    v->answer = NULL;
}

/* The answer's memory becomes the visit's, so that a long document is not copied. */
static void answer_adopt(struct visit *v)
{
    struct worker *w = v->w;

    answer_drop(v);
    v->answer = w->next_answer;
    w->next_answer = w->spare_n ? w->spare[--w->spare_n] : arena_new();
}

/* A refused form is shown again where its path has a page; what was typed is not lost. */
static bool is_shown_again(struct visit *v, int err)
{
    struct route_match page;
    bool may = err == ERR_INVALID || err == ERR_CONFLICT || err == ERR_LIMITED || err == ERR_LOGIN;

    return may && v->is_form && ask_knows_page(v, &page);
}

/* The errors of a refusal as {"field":["sentence"]}; "form" for the whole. */
static struct span errors_of(struct visit *v, const struct answer *a)
{
    struct json_out o;

    if (a->errors.n)
        return arena_copy(v->arena, a->errors);
    json_out_init(&o, v->arena);
    json_object(&o);
    json_key(&o, a->field.n ? a->field : SPAN("form"));
    json_array(&o);
    json_add_string(&o, a->text.n ? a->text : span_of(err_doc(a->err)));
    json_end(&o);
    json_end(&o);
    return json_out_span(&o);
}

static void desk_answered(struct visit *v, const struct answer *a)
{
    struct refusal_words words = {.text = a->text, .field = a->field, .errors = a->errors};

    if (a->err == 0) {
        answer_adopt(v);
        if (admit_include(v))
            answer_reply(v, a);
    } else if (is_shown_again(v, a->err)) {
        ask_again(v, a->err == ERR_INVALID || a->err == ERR_LOGIN ? 200 : err_http(a->err), errors_of(v, a));
    } else {
        refuse_err(v, a->err, &words);
    }
}

static void page_answered(struct visit *v, const struct answer *a)
{
    if (a->err || a->message != &MESSAGE_reply_doc) {
        refuse_err(v, a->err ? a->err : ERR_BUG, &(struct refusal_words){.text = a->text});
        return;
    }
    answer_adopt(v);
    page_again(v, ((const struct reply_doc *)a->body)->doc);
}

void visit_answered(struct worker *w, const struct answer *a)
{
    struct http_request *q = http_request_find(w->http, a->tag);
    struct visit *v = q ? q->app : NULL;

    if (!v || is_over(v))
        return; /* the visitor is gone, or was told that it takes too long */
    switch (v->stage) {
    case VISIT_WHO:
        who_answered(v, a);
        return;
    case VISIT_ASK:
        desk_answered(v, a);
        return;
    case VISIT_AGAIN:
        page_answered(v, a);
        return;
    case VISIT_WATCH:
        watch_answered(v, a);
        return;
    case VISIT_BODY:
    case VISIT_OVER:
        break;
    }
}

/* ---- the end
 * ------------------------------------------------------------------------------------------------------ */

static void on_end(void *ctx, struct http_request *q, int status, uint64_t bytes)
{
    struct worker *w = ctx;
    struct visit *v = q->app;
    int64_t took_us = clock_mono_us() - q->started_us;
    bool is_routine = v->route && (v->route->then == THEN_STATIC || v->route->then == THEN_HEALTH);

    body_drop(&v->body);
    ask_give_back(v);
    answer_drop(v);
    watch_count(w, status, took_us, bytes);
    log_event(is_routine ? LEVEL_DEBUG : LEVEL_INFO, "http-answered",
              "method=%s route=%s status=%d ms=%lld bytes=%llu trace=%016llx", http_method_name(q->method),
              v->route ? v->route->pattern : "-", status, (long long)(took_us / 1000),
              (unsigned long long)bytes, (unsigned long long)v->trace);
}

const struct http_app visit_app = {NULL, on_head, on_bytes, on_whole, on_end};
