#include "session.h"

#include <stdlib.h>

#include "crypt.h"
#include "json.h"
#include "log.h"

#define WAYS 4u
#define SETS (SESSION_KEEP_MAX / WAYS)
#define COOKIE_VALUE_MAX 128u

/* ---- cookies
 * ------------------------------------------------------------------------------------------------------ */

/* RFC 6265 4.2: name=value pairs with "; " between. The first of equal names is the one of the longest path.
 */
static struct span cookie_in(struct span header, const char *name)
{
    size_t name_n = strlen(name), i = 0;

    while (i < header.n) {
        size_t start = i, end;
        while (i < header.n && header.p[i] != ';')
            i++;
        end = i;
        i++;
        while (start < end && header.p[start] == ' ')
            start++;
        while (end > start && header.p[end - 1] == ' ')
            end--;
        if (end - start > name_n && memcmp(header.p + start, name, name_n) == 0 &&
            header.p[start + name_n] == '=')
            return (struct span){header.p + start + name_n + 1, end - start - name_n - 1};
    }
    return (struct span){NULL, 0};
}

struct span cookie_get(const struct http_request *q, const char *name)
{
    for (size_t i = 0; i < q->header_n; i++) {
        struct span found = http_name_is(q->header[i].name, "cookie") ? cookie_in(q->header[i].value, name)
                                                                      : (struct span){NULL, 0};
        if (found.p)
            return found;
    }
    return (struct span){NULL, 0};
}

struct span cookie_make(struct arena *a, const char *name, struct span value, uint32_t max_age_s,
                        bool is_hidden, bool is_secure)
{
    for (size_t i = 0; i < value.n; i++)
        MUST(value.p[i] > ' ' && value.p[i] < 0x7f && !strchr("\",;\\", value.p[i]));
    return arena_print(a, "%s=%.*s; Path=/; Max-Age=%u; SameSite=Lax%s%s", name, (int)value.n,
                       value.p ? value.p : "", max_age_s, is_hidden ? "; HttpOnly" : "",
                       is_secure ? "; Secure" : "");
}

/* ---- credentials
 * -------------------------------------------------------------------------------------------------- */

static bool is_url_text(struct span s, size_t max)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
              c == '_'))
            return false;
    }
    return s.n > 0 && s.n <= max;
}

/* spec of the API, 3.1 */
static bool token_read(struct span header, struct credential *c)
{
    struct span scheme = header;
    const char *blank = memchr(header.p, ' ', header.n);

    if (blank)
        scheme.n = (size_t)(blank - header.p);
    if (!http_name_is(scheme, "token"))
        return false;
    c->kind = CREDENTIAL_BAD;
    if (!blank) {
        c->why = "Invalid token header. No credentials provided.";
        return true;
    }
    c->token = (struct span){blank + 1, header.n - scheme.n - 1};
    if (memchr(c->token.p, ' ', c->token.n))
        c->why = "Invalid token header. Token string should not contain spaces.";
    else if (!is_url_text(c->token, 40))
        c->why = "Invalid token.";
    else
        c->kind = CREDENTIAL_TOKEN;
    return true;
}

void credential_read(const struct http_request *q, struct credential *c)
{
    struct span header = http_header(q, "authorization"), cookie;

    *c = (struct credential){.kind = CREDENTIAL_NONE};
    if (header.n && token_read(header, c)) {
        crypt_sha256(c->token, c->hash);
        return;
    }
    cookie = cookie_get(q, SESSION_COOKIE);
    if (is_url_text(cookie, COOKIE_VALUE_MAX)) {
        c->kind = CREDENTIAL_SESSION;
        crypt_sha256(cookie, c->hash);
    }
}

bool viewer_read(struct arena *a, struct span doc, struct viewer *out)
{
    const struct json *v;
    int64_t id;

    *out = (struct viewer){0};
    if (json_parse(a, doc, &v, NULL) || json_i64(json_get(v, "id"), &id) || id <= 0)
        return false;
    out->id = (uint64_t)id;
    out->is_researcher = json_bool(json_get(v, "is_researcher"));
    out->doc = doc;
    return true;
}

/* ---- the short memory
 * --------------------------------------------------------------------------------------------- */

struct kept {
    uint8_t hash[32];
    int64_t until_ms; /* 0: empty */
    int64_t used_ms;
    uint64_t id;
    bool is_researcher;
    size_t doc_n, why_n;
    char *text; /* doc, then why */
};

struct sessions {
    struct kept kept[SETS][WAYS];
};

struct sessions *sessions_new(void)
{
    struct sessions *s = calloc(1, sizeof *s);

    MUST(s && "memory");
    return s;
}

static void kept_drop(struct kept *k)
{
    free(k->text);
    *k = (struct kept){0};
}

void sessions_free(struct sessions **s)
{
    if (!*s)
        return;
    for (size_t i = 0; i < SESSION_KEEP_MAX; i++)
        kept_drop(&(*s)->kept[i / WAYS][i % WAYS]);
    free(*s);
    *s = NULL;
}

static struct kept *set_of(struct sessions *s, const uint8_t hash[32])
{
    return s->kept[((size_t)hash[0] << 8 | hash[1]) % SETS];
}

static struct kept *kept_find(struct sessions *s, const uint8_t hash[32])
{
    struct kept *set = set_of(s, hash);

    for (size_t i = 0; i < WAYS; i++)
        if (set[i].until_ms && memcmp(set[i].hash, hash, 32) == 0)
            return &set[i];
    return NULL;
}

bool sessions_find(struct sessions *s, struct arena *a, const uint8_t hash[32], int64_t now_ms,
                   struct viewer *out)
{
    struct kept *k = kept_find(s, hash);

    if (!k || now_ms >= k->until_ms)
        return false;
    k->used_ms = now_ms;
    *out = (struct viewer){.id = k->id, .is_researcher = k->is_researcher};
    if (k->doc_n)
        out->doc = arena_copy(a, (struct span){k->text, k->doc_n});
    if (k->why_n)
        out->why = arena_copy(a, (struct span){k->text + k->doc_n, k->why_n});
    return true;
}

bool sessions_knew(struct sessions *s, const uint8_t hash[32])
{
    const struct kept *k = kept_find(s, hash);

    return k && k->id;
}

void sessions_keep(struct sessions *s, const uint8_t hash[32], int64_t now_ms, const struct viewer *v)
{
    struct kept *k = kept_find(s, hash), *set = set_of(s, hash);

    if (v->doc.n > SESSION_DOC_MAX || v->why.n > SESSION_DOC_MAX)
        return;
    if (!k) {
        k = &set[0];
        for (size_t i = 1; i < WAYS; i++)
            if (set[i].used_ms < k->used_ms)
                k = &set[i];
    }
    kept_drop(k);
    memcpy(k->hash, hash, 32);
    k->until_ms = now_ms + SESSION_KEEP_MS;
    k->used_ms = now_ms;
    k->id = v->id;
    k->is_researcher = v->is_researcher;
    k->doc_n = v->doc.n;
    k->why_n = v->why.n;
    k->text = malloc(v->doc.n + v->why.n + 1);
    MUST(k->text && "memory");
    if (v->doc.n)
        memcpy(k->text, v->doc.p, v->doc.n);
    if (v->why.n)
        memcpy(k->text + v->doc.n, v->why.p, v->why.n);
}

void sessions_drop(struct sessions *s, const uint8_t hash[32])
{
    struct kept *k = kept_find(s, hash);

    if (k)
        kept_drop(k);
}

void sessions_drop_account(struct sessions *s, uint64_t id)
{
    for (size_t i = 0; i < SESSION_KEEP_MAX; i++)
        if (s->kept[i / WAYS][i % WAYS].until_ms && s->kept[i / WAYS][i % WAYS].id == id)
            kept_drop(&s->kept[i / WAYS][i % WAYS]);
}
