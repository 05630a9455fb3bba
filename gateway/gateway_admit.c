/* gateway_admit: who a visitor is, whether the route is for them, and whether it was really they who sent
 * this. What they may do with the things behind the route is decided by statements, not here. */
#include "accept.h"
#include "gateway_private.h"

/* ---- where from
 * --------------------------------------------------------------------------------------------------- */

static bool is_address(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!strchr("0123456789abcdefABCDEF.:", s.p[i]) || s.p[i] == 0)
            return false;
    return s.n > 0 && s.n <= 45;
}

/* The last one: what our own proxy saw. Those before it are hearsay. */
static struct span last_of_list(struct span list)
{
    size_t i = list.n;

    while (i > 0 && list.p[i - 1] != ',')
        i--;
    list.p += i;
    list.n -= i;
    while (list.n && list.p[0] == ' ')
        list.p++, list.n--;
    return list;
}

/* Some proxies put a line of their own below the visitor's instead of adding to it, so the last line is
 * theirs. */
static struct span header_last(const struct http_request *q, const char *name)
{
    for (size_t i = q->header_n; i-- > 0;)
        if (http_name_is(q->header[i].name, name))
            return q->header[i].value;
    return (struct span){NULL, 0};
}

void admit_origin(struct visit *v)
{
    const struct gateway *g = v->w->house;
    struct span host = http_header(v->q, "host"), scheme = SPAN("http"), forwarded;

    v->address = span_of(v->q->address);
    if (g->is_behind_proxy) {
        forwarded = header_last(v->q, "x-forwarded-for");
        if (forwarded.n && is_address(last_of_list(forwarded)))
            v->address = last_of_list(forwarded);
        if (span_is(header_last(v->q, "x-forwarded-proto"), "https"))
            scheme = SPAN("https");
    }
    v->origin = g->origin;
    if (!v->origin.n)
        v->origin = arena_print(v->arena, "%.*s://%.*s", (int)scheme.n, scheme.p, host.n ? (int)host.n : 9,
                                host.n ? host.p : "localhost");
    v->is_secure = v->origin.n > 8 && memcmp(v->origin.p, "https://", 8) == 0;
    credential_read(v->q, &v->credential);
}

/* ---- for whom
 * ----------------------------------------------------------------------------------------------------- */

bool admit_early(struct visit *v)
{
    if (v->route->who == WHO_ANYONE)
        return true;
    if (v->credential.kind == CREDENTIAL_BAD)
        v->viewer.why = span_of(v->credential.why);
    if (v->credential.kind == CREDENTIAL_SESSION || v->credential.kind == CREDENTIAL_TOKEN)
        return true;
    refuse_login(v);
    return false;
}

bool admit_viewer(struct visit *v)
{
    /* a bad token is refused even where nobody need be known: its owner should learn of it */
    bool has_bad_token =
        v->credential.kind == CREDENTIAL_BAD || (v->credential.kind == CREDENTIAL_TOKEN && v->viewer.id == 0);

    if (v->credential.kind == CREDENTIAL_BAD)
        v->viewer.why = span_of(v->credential.why);
    if (v->viewer.id == 0 && (v->route->who != WHO_ANYONE || (has_bad_token && answer_is_machine(v)))) {
        refuse_login(v);
        return false;
    }
    if (v->route->who == WHO_RESEARCHER && !v->viewer.is_researcher) {
        refuse_err(v, ERR_DENIED, &(struct refusal_words){.text = SPAN("This page is for researchers.")});
        return false;
    }
    return true;
}

/* ---- really they
 * -------------------------------------------------------------------------------------------------- */

static struct span session_hash(const struct visit *v)
{
    if (v->credential.kind != CREDENTIAL_SESSION)
        return (struct span){NULL, 0};
    return (struct span){(const char *)v->credential.hash, 32};
}

static bool changes_nothing(enum http_method m)
{
    return m == HTTP_GET || m == HTTP_HEAD || m == HTTP_OPTIONS;
}

/* A form of another site can send a cookie that was planted here, so the cookie must be one that we made for
 * this session. A header that only scripts of this site can set needs no more than to repeat it (spec of the
 * API, 3.2), and old players come with cookies that others made. */
static bool token_is_ours(const struct visit *v, struct span cookie)
{
    return csrf_is_ours(v->w->house->options.key, session_hash(v), cookie);
}

bool admit_token(struct visit *v)
{
    struct span cookie = cookie_get(v->q, CSRF_COOKIE), given = http_header(v->q, "x-csrftoken");

    v->minds_cookies = true;
    if (changes_nothing(v->q->method) || v->credential.kind == CREDENTIAL_TOKEN)
        return true;
    /* a program without a session: no browser lends it an authority of which it does not know */
    if (answer_is_machine(v) && v->credential.kind != CREDENTIAL_SESSION)
        return true;
    if (!csrf_origin_is_ours(v->origin, http_header(v->q, "origin"), http_header(v->q, "referer"))) {
        refuse_csrf(v, "Origin checking failed.", true);
        return false;
    }
    if (!given.p)
        given = form_get(&v->form, "csrfmiddlewaretoken");
    if (!cookie.n)
        refuse_csrf(v, "CSRF cookie not set.", false);
    else if (!given.n)
        refuse_csrf(v, "CSRF token missing.", false);
    else if (!csrf_is_same(cookie, given) || (!answer_is_api(v) && !token_is_ours(v, cookie)))
        refuse_csrf(v, "CSRF token incorrect.", false);
    else
        return true;
    return false;
}

void admit_new_token(struct visit *v, struct http_answer *a, struct span session)
{
    char token[CSRF_TOKEN + 1];

    csrf_make(v->w->house->options.key, session, token);
    http_answer_header(a, "Set-Cookie",
                       cookie_make(v->arena, CSRF_COOKIE, span_of(token), 31449600, false, v->is_secure));
}

void admit_page_token(struct visit *v, struct http_answer *a, char out[CSRF_MASKED + 1])
{
    const uint8_t *key = v->w->house->options.key;
    struct span cookie = cookie_get(v->q, CSRF_COOKIE);
    char token[CSRF_TOKEN + 1];

    if (csrf_is_ours(key, session_hash(v), cookie)) {
        csrf_mask(cookie.p, out);
        return;
    }
    csrf_make(key, session_hash(v), token);
    http_answer_header(a, "Set-Cookie",
                       cookie_make(v->arena, CSRF_COOKIE, span_of(token), 31449600, false, v->is_secure));
    csrf_mask(token, out);
}

/* ---- media types of the API (spec of the API, 4.1)
 * ------------------------------------------------------------------ */

bool admit_accept(struct visit *v)
{
    struct span accept = http_header(v->q, "accept");

    if (accept.n == 0 || accept_range(accept).p)
        return true;
    refuse_status(v, 406, "not_acceptable", "Only application/vnd.api+json can be sent.");
    return false;
}

bool admit_include(struct visit *v)
{
    if (!answer_is_api(v) || form_get(&v->query, "include").n == 0)
        return true;
    refuse_status(v, 400, "parse_error", "This endpoint does not support the include parameter");
    return false;
}

bool admit_media(struct visit *v)
{
    struct span type = http_header(v->q, "content-type");
    bool has_body = ask_takes_body(v->q->method);

    if (answer_is_api(v)) {
        if (!has_body || media_type_is(type, "application/vnd.api+json"))
            return true;
        refuse_status(v, 415, "unsupported_media_type", "Send application/vnd.api+json.");
        return false;
    }
    if (v->route->then == THEN_DOC && has_body && v->body.bytes && !media_type_is(type, "application/json") &&
        !media_type_is(type, "application/vnd.api+json")) {
        refuse_status(v, 415, NULL, "Send application/json.");
        return false;
    }
    return true;
}
