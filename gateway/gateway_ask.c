/* gateway_ask: from HTTP into a message: how a body is taken, how it is bound, what is asked. */
#include "gateway_private.h"
#include "utf8.h"

/* ---- the body that may come
 * --------------------------------------------------------------------------------------- */

bool ask_takes_body(enum http_method m)
{
    return m == HTTP_POST || m == HTTP_PUT || m == HTTP_PATCH;
}

static bool is_form_route(const struct route *r)
{
    return r->then == THEN_PAGE || r->then == THEN_STAGE || r->then == THEN_SEE_OTHER || r->then == THEN_FILE;
}

static int plan_form(struct visit *v, struct body_plan *plan)
{
    struct span type = plan->content_type;

    v->is_form = true;
    plan->max = bind_body_max(v->route, true);
    if (media_type_is(type, "multipart/form-data")) {
        plan->kind = BODY_MULTIPART;
        plan->file_max = bind_file_max(v->route->ask);
        plan->max += plan->file_max * FORM_FILES_MAX;
    } else if (type.n && !media_type_is(type, "application/x-www-form-urlencoded")) {
        return ERR_UNSUPPORTED;
    }
    return 0;
}

static int plan_make(struct visit *v, struct body_plan *plan)
{
    const struct route *r = v->route;

    *plan = (struct body_plan){
        .kind = BODY_NONE, .length = v->q->body_length, .content_type = http_header(v->q, "content-type")};
    if (!ask_takes_body(v->q->method) || !route_asks(r))
        return 0;
    plan->kind = BODY_MEMORY;
    if (is_form_route(r))
        return plan_form(v, plan);
    /* a path that takes none only looks at it */
    plan->max = ask_takes_body(r->method) ? bind_body_max(r, false) : SMALL_BODY_MAX;
    if (r->then == THEN_UPLOAD) {
        plan->kind = v->q->method == HTTP_PATCH ? BODY_CHUNK : BODY_NONE;
        plan->max = v->q->method == HTTP_PATCH ? UPLOAD_CHUNK_MAX : 0;
        plan->wants_sha1 = v->tus.has_checksum && v->tus.algorithm == DIGEST_SHA1;
    }
    return 0;
}

static bool is_small(uint64_t n)
{
    return n <= SMALL_BODY_MAX;
}

/* Who shows what was nobody's until now may be anybody; who was known a while ago is let in before him. */
static bool is_stranger(const struct visit *v)
{
    bool shows = v->credential.kind == CREDENTIAL_SESSION || v->credential.kind == CREDENTIAL_TOKEN;

    return !shows || !sessions_knew(v->w->sessions, v->credential.hash);
}

static int reserve(struct visit *v, const struct body_plan *plan)
{
    struct worker *w = v->w;
    uint64_t n = v->q->body_length > 0 ? (uint64_t)v->q->body_length : plan->max;

    if (n > plan->max)
        return ERR_TOOBIG;
    if (is_small(n) ? w->small_bodies + n > SMALL_BODIES_MAX : w->bodies + n > BODIES_MAX)
        return ERR_BUSY;
    v->is_strange = !is_small(n) && is_stranger(v);
    if (v->is_strange && w->strange_bodies + n > STRANGE_BODIES_MAX)
        return ERR_BUSY;
    *(is_small(n) ? &w->small_bodies : &w->bodies) += n;
    w->strange_bodies += v->is_strange ? n : 0;
    v->reserved = n;
    return 0;
}

void ask_give_back(struct visit *v)
{
    *(is_small(v->reserved) ? &v->w->small_bodies : &v->w->bodies) -= v->reserved;
    v->w->strange_bodies -= v->is_strange ? v->reserved : 0;
    v->reserved = 0;
}

bool ask_plan_body(struct visit *v)
{
    struct body_plan plan;
    int err = plan_make(v, &plan);

    if (!err && plan.kind != BODY_NONE && plan.kind != BODY_CHUNK && v->q->body_length != 0)
        err = reserve(v, &plan);
    if (!err)
        err = body_begin(&v->body, v->arena, v->w->spool, &plan);
    if (err)
        refuse_err(v, err,
                   &(struct refusal_words){.code = err == ERR_UNSUPPORTED ? "unsupported_media_type" : NULL});
    return !err;
}

/* ---- binding
 * ------------------------------------------------------------------------------------------------------ */

/* The query as lists repeat it in their links: name, value, name, value …, decoded, by name, those of one
 * name as they came; without the page, which each link names itself. */
static void bind_query(struct visit *v, struct bind *b)
{
    const struct form *q = &v->query;
    struct span *pair;
    size_t n = 0;

    if (!message_field(b->m, SPAN("query")))
        return;
    pair = arena_get(v->arena, (2 * q->value_n + 1) * sizeof *pair);
    for (size_t i = 0; i < q->value_n; i++) {
        size_t at = n;
        if (span_is(q->value[i].name, "page"))
            continue;
        for (; at > 0 && span_order(q->value[i].name, pair[at - 2]) < 0; at -= 2) {
            pair[at] = pair[at - 2];
            pair[at + 1] = pair[at - 1];
        }
        pair[at] = q->value[i].name;
        pair[at + 1] = q->value[i].value;
        n += 2;
    }
    bind_own_texts(b, "query", pair, n);
}

/* Of a machine that registers a recording (spec of the API, 11.1); some proxies turn hyphens. */
static void bind_signature(struct visit *v, struct bind *b)
{
    static const char *const names[] = {"x-aws-lambda-hmac-sig", "x_aws_lambda_hmac_sig"};
    const struct field *f = message_field(b->m, SPAN("signature"));
    struct span sent;

    for (size_t i = 0; f && i < 2; i++) {
        sent = http_header(v->q, names[i]);
        if (sent.p && utf8_is_text(sent)) {
            bind_own_text(b, "signature", sent.n > f->max ? SPAN("too long to be one") : sent);
            return;
        }
    }
}

static void bind_ours(struct visit *v, struct bind *b)
{
    const struct field *session = message_field(b->m, SPAN("session"));

    bind_own_number(b, "viewer", v->viewer.id);
    bind_own_text(b, "address", v->address);
    bind_own_text(b, "origin", v->origin);
    bind_own_text(b, "path", v->q->path);
    bind_query(v, b);
    bind_own_text(b, "method", span_of(http_method_name(v->q->method)));
    bind_signature(v, b);
    if (v->credential.kind == CREDENTIAL_SESSION)
        bind_own_text(b, "session", (struct span){(const char *)v->credential.hash, 32});
    else if (session && !session->is_optional)
        bind_own_text(b, "session", (struct span){"", 0});
}

struct span ask_resource_type(const struct route *r)
{
    struct span last = {NULL, 0};
    const char *p = r->pattern;

    while (*p) {
        size_t n = strcspn(p, "/");
        if (n && *p != '{')
            last = (struct span){p, n};
        p += n + (p[n] == '/');
    }
    if (span_is(last, "video"))
        return SPAN("videos");
    return span_is(last, "past-sessions") ? SPAN("past_sessions") : last;
}

bool ask_is_item(const struct route *r)
{
    size_t n = strlen(r->pattern);

    return n > 2 && r->pattern[n - 1] == '/' && r->pattern[n - 2] == '}';
}

/* The id that a JSON:API document must repeat: the path's last field, when the path names an item. */
static struct span resource_id(const struct visit *v)
{
    if (!ask_is_item(v->route) || v->q->method == HTTP_POST || v->match.capture_n == 0)
        return (struct span){NULL, 0};
    return v->match.capture[v->match.capture_n - 1].value;
}

/* Bytes that are not what their sender declared never reach the desk. */
static int chunk_check(const struct visit *v)
{
    const struct tus_head *h = &v->tus;

    if (!h->has_checksum)
        return 0;
    return crypt_equal(h->algorithm == DIGEST_SHA256 ? v->body.sha256 : v->body.digest, h->checksum,
                       h->checksum_n)
               ? 0
               : ERR_CHECKSUM;
}

static int bind_upload(struct visit *v, struct bind *b)
{
    TRY(upload_bind(b, v->q, &v->tus));
    if (v->body.kind != BODY_CHUNK)
        return 0;
    TRY(chunk_check(v));
    bind_own_uuid(b, "spool", &v->body.chunk);
    bind_own_number(b, "bytes", v->body.bytes);
    bind_own_text(b, "sha256", (struct span){(const char *)v->body.sha256, 32});
    return 0;
}

static int bind_body(struct visit *v, struct bind *b)
{
    if (v->route->then == THEN_UPLOAD)
        return bind_upload(v, b);
    if (!ask_takes_body(v->q->method))
        return 0;
    if (v->is_form)
        bind_form(b, &v->form, true);
    else if (answer_is_api(v))
        return bind_jsonapi(b, text_span(&v->body.text), ask_resource_type(v->route), resource_id(v));
    else
        return bind_json(b, text_span(&v->body.text));
    return 0;
}

/* Of a document the whole comes first, then who may send it, then the address and its parts (spec of the API,
 * 2). Who may not is refused here: then the visit is over. */
static int bind_all(struct visit *v, struct bind *b)
{
    bool reads_first = visit_reads_first(v);
    int of_path;

    bind_init(b, v->arena, v->route->ask);
    bind_ours(v, b);
    of_path = bind_path(b, v->match.capture, v->match.capture_n);
    if (!reads_first)
        TRY(of_path);
    TRY(bind_body(v, b));
    if (reads_first && (!admit_accept(v) || !admit_token(v)))
        return 0;
    if (ask_takes_body(v->q->method) && !admit_include(v)) /* before anything is stored */
        return 0;
    TRY(of_path);
    if (!ask_takes_body(v->q->method) || !answer_is_api(v))
        bind_form(b, &v->query, false); /* a document says all that is to be written */
    return bind_finish(b, v->is_form);
}

bool ask_document(struct visit *v)
{
    struct bind *b = arena_get(v->arena, sizeof *b);
    int err;

    bind_init(b, v->arena, v->route->ask);
    err = bind_jsonapi(b, text_span(&v->body.text), ask_resource_type(v->route), resource_id(v));
    if (err)
        refuse_binding(v, b, err);
    return !err;
}

/* ---- asking
 * ------------------------------------------------------------------------------------------------------- */

void ask_desk(struct visit *v)
{
    struct bind *b = arena_get(v->arena, sizeof *b);
    struct route_match page;
    int err;

    if (!route_asks(v->route)) { /* a page that needs no desk */
        page_show(v, SPAN("{}"));
        return;
    }
    err = bind_all(v, b);
    if (v->stage == VISIT_OVER)
        return;
    if (err == ERR_INVALID && v->is_form && ask_knows_page(v, &page))
        ask_again(v, 200, bind_errors_json(b));
    else if (err)
        refuse_binding(v, b, err);
    else
        visit_ask(v, VISIT_ASK, v->route->ask, b->body);
}

bool ask_knows_page(struct visit *v, struct route_match *page)
{
    return v->q->method == HTTP_POST &&
           routes_match(v->w->house->routes, v->arena, HTTP_GET, v->q->path, page) == ROUTE_FOUND &&
           (page->route->then == THEN_PAGE || page->route->then == THEN_STAGE);
}

void ask_again(struct visit *v, int status, struct span errors)
{
    struct bind *b = arena_get(v->arena, sizeof *b);
    struct route_match page;
    int err;

    MUST(ask_knows_page(v, &page));
    v->again_status = status;
    v->again_errors = errors;
    if (!route_asks(page.route)) {
        page_again(v, SPAN("{}"));
        return;
    }
    bind_init(b, v->arena, page.route->ask);
    bind_ours(v, b);
    err = bind_path(b, page.capture, page.capture_n);
    if (!err) {
        bind_form(b, &v->query, false);
        err = bind_finish(b, false);
    }
    if (err)
        refuse_binding(v, b, err);
    else
        visit_ask(v, VISIT_AGAIN, page.route->ask, b->body);
}
