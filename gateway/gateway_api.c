/* gateway_api: the habits of the JSON:API that are HTTP's, not a desk's (spec of the API, 4). */
#include "gateway_private.h"

bool api_is_path(const struct visit *v)
{
    return v->q->path.n >= 5 && memcmp(v->q->path.p, "/api/", 5) == 0;
}

/* ---- every answer (4.2, 4.3)
 * -------------------------------------------------------------------------------------------------- */

/* A token decides before any cookie is looked at; a page of the site has its cookies. Of a POST only what its
 * relationships name can be missing, and that is looked for before (2). */
static bool names_cookie(const struct visit *v, int status)
{
    bool has_token = v->credential.kind == CREDENTIAL_TOKEN || v->credential.kind == CREDENTIAL_BAD;

    return !v->route || (v->minds_cookies && !has_token && !(v->q->method == HTTP_POST && status == 404));
}

/* As the reference says it. What is compressed says so besides; of what is not, no cache keeps a copy, so
 * that it needs not to. */
static struct span vary(const struct visit *v, const struct http_answer *a)
{
    return arena_print(v->arena, "%sAccept-Language, Origin%s%s", v->route ? "Accept, " : "",
                       names_cookie(v, a->status) ? ", Cookie" : "",
                       http_answer_has(a, "Content-Encoding") ? ", Accept-Encoding" : "");
}

void api_headers(const struct visit *v, struct http_answer *a)
{
    http_answer_header(a, "Content-Language", SPAN("en-us"));
    if (http_header(v->q, "origin").p)
        http_answer_header(a, "Access-Control-Allow-Origin", SPAN("*"));
    if (v->route && !http_answer_has(a, "Allow"))
        http_answer_header(a, "Allow", route_allow(v->arena, v->match.methods));
    if (!http_answer_has(a, "Vary"))
        http_answer_header(a, "Vary", vary(v, a));
}

/* ---- before a request of another site (4.3): any of them may use a token, none a session
 * -------------------------------------------------------------------------------------------------- */

bool api_preflight(struct visit *v)
{
    struct http_answer a = {.status = 200};

    if (v->q->method != HTTP_OPTIONS || !api_is_path(v) ||
        !http_header(v->q, "access-control-request-method").p)
        return false;
    v->route = NULL; /* whatever the path is */
    http_answer_header(&a, "Content-Type", SPAN("text/html; charset=utf-8"));
    http_answer_header(&a, "Vary", SPAN("Origin"));
    http_answer_header(&a, "Access-Control-Allow-Methods", SPAN("DELETE, GET, OPTIONS, PATCH, POST, PUT"));
    http_answer_header(&a, "Access-Control-Allow-Headers",
                       SPAN("accept, accept-encoding, authorization, content-type, dnt, origin, user-agent, "
                            "x-csrftoken, x-requested-with"));
    http_answer_header(&a, "Access-Control-Max-Age", SPAN("86400"));
    answer_send(v, &a);
    return true;
}

/* ---- OPTIONS (4.4)
 * -------------------------------------------------------------------------------------------------- */

/* "Child List", "Child Instance": as programs know them. */
static struct span options_name(struct visit *v)
{
    static const struct {
        const char *type, *name;
    } names[] = {{"users", "User"},       {"children", "Child"},     {"demographics", "Demographic Data"},
                 {"studies", "Study"},    {"responses", "Response"}, {"labs", "Lab"},
                 {"feedback", "Feedback"}};
    struct span type = ask_resource_type(v->route);
    const char *kind = ask_is_item(v->route) ? "Instance" : "List";

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_is(type, names[i].type))
            return arena_print(v->arena, "%s %s", names[i].name, kind);
    return SPAN("Api Root");
}

static void names_write(struct json_out *o, const char *key, const char *const *name)
{
    json_key(o, span_of(key));
    json_array(o);
    for (; *name; name++)
        json_add_string(o, span_of(*name));
    json_end(o);
}

/* As the reference says it, its forms included: 4.1 tells that they are refused. */
static struct span options_document(struct visit *v)
{
    static const char *const renders[] = {"application/vnd.api+json", "text/html", NULL};
    static const char *const parses[] = {"application/vnd.api+json", "application/x-www-form-urlencoded",
                                         "multipart/form-data", NULL};
    const char *methods[HTTP_METHODS + 1];
    struct json_out o;
    size_t n = 0;

    for (unsigned m = 0; m < HTTP_METHODS; m++)
        if (v->match.methods & 1u << m)
            methods[n++] = http_method_name((enum http_method)m);
    methods[n] = NULL;
    json_out_init(&o, v->arena);
    json_object(&o);
    json_key(&o, SPAN("data"));
    json_object(&o);
    json_key(&o, SPAN("name"));
    json_add_string(&o, options_name(v));
    json_key(&o, SPAN("description"));
    json_add_string(&o, SPAN(""));
    names_write(&o, "renders", renders);
    names_write(&o, "parses", parses);
    names_write(&o, "allowed_methods", methods);
    json_end(&o);
    json_end(&o);
    return json_out_span(&o);
}

void api_other_method(struct visit *v)
{
    struct http_answer a = {.status = 200};

    if (v->q->method != HTTP_OPTIONS || !(v->match.methods & 1u << HTTP_OPTIONS)) {
        refuse_status(v, 405, "method_not_allowed", "This address does not know that method.");
        return;
    }
    answer_jsonapi(v, &a, options_document(v));
    answer_send(v, &a);
}
