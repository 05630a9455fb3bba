/* gateway_page: views over the documents of desks. A page sees, the later over the earlier: the desk's
 * document, what the site is, who looks, and its form. */
#include "gateway_private.h"

#include "view_form.h"

#define NOTE_MAX 400u
#define SUCCESS '+' /* in front of the note, in the cookie */
#define TROUBLE '-'

/* ---- a sentence for the next page
 * --------------------------------------------------------------------------------- */

void page_flash(struct visit *v, struct http_answer *a, struct span note, bool is_trouble)
{
    size_t room = 4 * NOTE_MAX;
    char *text = arena_get(v->arena, room);
    size_t n;

    if (note.n == 0 || note.n > NOTE_MAX)
        return;
    note = arena_print(v->arena, "%c%.*s", is_trouble ? TROUBLE : SUCCESS, (int)note.n, note.p);
    n = crypt_base64url(note, text, room);
    http_answer_header(a, "Set-Cookie",
                       cookie_make(v->arena, FLASH_COOKIE, (struct span){text, n}, 60, true, v->is_secure));
}

/* What the page before left; the cookie goes with it. Whoever makes one up sees his own words. */
static void flash_write(struct visit *v, struct http_answer *a, struct json_out *o)
{
    struct span cookie = cookie_get(v->q, FLASH_COOKIE);
    uint8_t *text = arena_get(v->arena, NOTE_MAX + 2);
    size_t n;

    if (!cookie.n)
        return;
    http_answer_header(a, "Set-Cookie",
                       cookie_make(v->arena, FLASH_COOKIE, (struct span){NULL, 0}, 0, true, v->is_secure));
    if (crypt_base64url_read(cookie, text, NOTE_MAX + 1, &n) || n < 2)
        return;
    json_key(o, SPAN("flash"));
    json_array(o);
    json_object(o);
    json_key(o, SPAN("kind"));
    json_add_string(o, text[0] == TROUBLE ? SPAN("error") : SPAN("success"));
    json_key(o, SPAN("text"));
    json_add_string(o, (struct span){(const char *)text + 1, n - 1});
    json_end(o);
    json_end(o);
}

/* ---- what every page sees
 * ----------------------------------------------------------------------------------------- */

static const struct json *shell_make(struct visit *v, struct http_answer *a, bool may_set_cookies)
{
    struct json_out o;
    const struct json *shell = NULL;
    char token[CSRF_MASKED + 1], op_text[37];
    struct uuid op = crypt_uuid();

    json_out_init(&o, v->arena);
    json_object(&o);
    json_key(&o, SPAN("viewer"));
    if (v->viewer.doc.n)
        json_add_raw(&o, v->viewer.doc);
    else
        json_add_null(&o);
    json_key(&o, SPAN("path"));
    json_add_string(&o, v->q->path);
    uuid_text(&op, op_text);
    json_key(&o, SPAN("op_id"));
    json_add_string(&o, span_of(op_text));
    json_key(&o, SPAN("csrf"));
    if (may_set_cookies)
        admit_page_token(v, a, token);
    json_add_string(&o, may_set_cookies ? span_of(token) : SPAN(""));
    if (may_set_cookies)
        flash_write(v, a, &o);
    json_end(&o);
    MUST(json_parse(v->arena, json_out_span(&o), &shell, NULL) == 0);
    return shell;
}

/* ---- what was typed
 * ----------------------------------------------------------------------------------------------- */

static bool is_shown_again(struct span name)
{
    static const char *const never[] = {"password", "otp"};

    if (span_is(name, "csrfmiddlewaretoken"))
        return false;
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        for (size_t at = 0; at + strlen(never[i]) <= name.n; at++)
            if (memcmp(name.p + at, never[i], strlen(never[i])) == 0)
                return false;
    return true;
}

static struct span view_name(struct arena *a, struct span name)
{
    char *out = arena_get(a, name.n + 1);

    for (size_t i = 0; i < name.n; i++)
        out[i] = name.p[i] == '-' ? '_' : name.p[i];
    return (struct span){out, name.n};
}

static const struct json *typed_make(struct visit *v)
{
    const struct form *f = &v->form;
    struct json_out o;
    const struct json *typed = NULL;

    json_out_init(&o, v->arena);
    json_object(&o);
    for (size_t i = 0; i < f->value_n; i++) {
        bool is_first = true;
        size_t times = 0;
        for (size_t j = 0; j < f->value_n; j++) {
            bool is_same = span_same(f->value[j].name, f->value[i].name);
            is_first = is_first && !(is_same && j < i);
            times += is_same;
        }
        if (!is_first || !is_shown_again(f->value[i].name))
            continue;
        json_key(&o, view_name(v->arena, f->value[i].name));
        if (times > 1)
            json_array(&o);
        for (size_t j = i; j < f->value_n; j++)
            if (span_same(f->value[j].name, f->value[i].name))
                json_add_string(&o, f->value[j].value);
        if (times > 1)
            json_end(&o);
    }
    json_end(&o);
    MUST(json_parse(v->arena, json_out_span(&o), &typed, NULL) == 0);
    return typed;
}

/* ---- rendering
 * ---------------------------------------------------------------------------------------------------- */

static int render(struct visit *v, struct http_answer *a, const char *name, struct span doc,
                  const struct json *errors, struct span *html)
{
    const struct view *view = views_find(v->w->house->views, span_of(name));
    const struct json *roots[4] = {NULL};

    if (!view) {
        log_error("view-missing", "view=%s", name);
        return ERR_BUG;
    }
    if (json_parse(v->arena, doc, &roots[0], NULL))
        return ERR_BUG;
    roots[1] = v->w->house->site;
    roots[2] = shell_make(v, a, v->knows_viewer);
    if (errors || json_get(roots[0], "form") || json_get(roots[0], "choices"))
        TRY(view_form(v->arena, roots[0], errors ? typed_make(v) : NULL, errors, &roots[3]));
    return view_render(v->arena, view, roots, 4, html);
}

static void page_send(struct visit *v, struct http_answer *a, int err, struct span html)
{
    if (err) {
        refuse_err(v, err, &(struct refusal_words){0});
        return;
    }
    answer_text(v, a, "text/html; charset=utf-8", html);
    answer_send(v, a);
}

void page_show(struct visit *v, struct span doc)
{
    struct http_answer a = {.status = 200};
    struct span html = {NULL, 0};
    int err = render(v, &a, v->route->view, doc, NULL, &html);

    page_send(v, &a, err, html);
}

void page_again(struct visit *v, struct span doc)
{
    struct http_answer a = {.status = v->again_status};
    struct route_match page;
    const struct json *errors = NULL;
    struct span html = {NULL, 0};
    int err = ask_knows_page(v, &page) ? json_parse(v->arena, v->again_errors, &errors, NULL) : ERR_BUG;

    if (!err)
        err = render(v, &a, page.route->view, doc, errors, &html);
    page_send(v, &a, err, html);
}

/* Which of our error pages says it best. */
static int page_of(int status)
{
    switch (status) {
    case 401:
    case 403:
    case 404:
    case 409:
    case 413:
    case 429:
    case 500:
    case 503:
        return status;
    case 405:
    case 410:
        return 404;
    case 504:
    case 507:
        return 503;
    default:
        return status < 500 ? 400 : 500;
    }
}

bool page_error(struct visit *v, struct http_answer *a, int status, struct span text)
{
    struct json_out o;
    struct span html;

    json_out_init(&o, v->arena);
    json_object(&o);
    if (text.n) {
        json_key(&o, SPAN("text"));
        json_add_string(&o, text);
    }
    json_key(&o, SPAN("trace"));
    json_add_string(&o, arena_print(v->arena, "%016llx", (unsigned long long)v->trace));
    json_end(&o);
    if (render(v, a, arena_print(v->arena, "errors/%d", page_of(status)).p, json_out_span(&o), NULL, &html))
        return false;
    answer_text(v, a, "text/html; charset=utf-8", html);
    return true;
}
