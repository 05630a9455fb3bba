#include "upload.h"

#include "errors.h"

#define VERSION "1.0.0"
#define METADATA_MAX 4096u

static bool number_read(struct span s, uint64_t *out)
{
    uint64_t v = 0;

    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || i == 18)
            return false;
        v = v * 10 + (uint64_t)(s.p[i] - '0');
    }
    *out = v;
    return s.n > 0;
}

/* "sha256 BASE64" */
static bool checksum_read(struct span s, struct tus_head *out)
{
    const char *blank = memchr(s.p, ' ', s.n);
    struct span name = s;

    if (!blank)
        return false;
    name.n = (size_t)(blank - s.p);
    if (span_is(name, "sha256"))
        out->algorithm = DIGEST_SHA256, out->algorithm_name = "sha256";
    else if (span_is(name, "sha1"))
        out->algorithm = DIGEST_SHA1, out->algorithm_name = "sha1";
    else
        return false;
    out->has_checksum = true;
    return crypt_base64_read((struct span){blank + 1, s.n - name.n - 1}, out->checksum, sizeof out->checksum,
                             &out->checksum_n) == 0 &&
           out->checksum_n == (out->algorithm == DIGEST_SHA256 ? 32u : 20u);
}

static int length_read(const struct http_request *q, struct tus_head *out, const char **why)
{
    struct span length = http_header(q, "upload-length"), deferred = http_header(q, "upload-defer-length");

    if (length.p) {
        out->has_length = number_read(length, &out->length);
        if (!out->has_length) {
            *why = "Upload-Length is not a number.";
            return 400;
        }
    }
    if (deferred.p) {
        out->is_deferred = span_is(deferred, "1");
        if (!out->is_deferred || out->has_length) {
            *why = "Upload-Defer-Length is 1, and instead of Upload-Length.";
            return 400;
        }
    }
    return 0;
}

static int chunk_head_read(const struct http_request *q, struct tus_head *out, const char **why)
{
    struct span offset = http_header(q, "upload-offset"), checksum = http_header(q, "upload-checksum");

    if (!media_type_is(http_header(q, "content-type"), "application/offset+octet-stream")) {
        *why = "A chunk is sent as application/offset+octet-stream.";
        return 415;
    }
    out->has_offset = number_read(offset, &out->offset);
    if (!out->has_offset) {
        *why = "Upload-Offset is missing or not a number.";
        return 400;
    }
    if (checksum.p && !checksum_read(checksum, out)) {
        *why = "Upload-Checksum is not `sha256 BASE64` or `sha1 BASE64`.";
        return 400;
    }
    return 0;
}

int upload_head_read(const struct http_request *q, struct tus_head *out, const char **why)
{
    int status;

    *out = (struct tus_head){0};
    if (q->method == HTTP_OPTIONS)
        return 0;
    if (!span_is(http_header(q, "tus-resumable"), VERSION)) {
        *why = "tus " VERSION " is spoken here.";
        return 412;
    }
    status = length_read(q, out, why);
    if (status == 0 && q->method == HTTP_PATCH)
        status = chunk_head_read(q, out, why);
    if (status == 0 && q->method == HTTP_POST && !out->has_length && !out->is_deferred) {
        *why = "Upload-Length or Upload-Defer-Length is required.";
        status = 400;
    }
    return status;
}

static int pair_read(struct arena *a, struct span pair, struct form *f)
{
    const char *blank;
    struct form_value *v;
    uint8_t *text;

    if (pair.n == 0 || f->value_n == 32)
        return pair.n ? ERR_TOOBIG : ERR_MALFORMED;
    blank = memchr(pair.p, ' ', pair.n);
    v = &f->value[f->value_n++];
    v->name = (struct span){pair.p, blank ? (size_t)(blank - pair.p) : pair.n};
    v->value = (struct span){"", 0};
    if (!blank)
        return 0;
    text = arena_get(a, pair.n + 1);
    v->value.p = (const char *)text;
    return crypt_base64_read((struct span){blank + 1, pair.n - v->name.n - 1}, text, pair.n, &v->value.n);
}

int upload_metadata(struct arena *a, struct span h, struct form *f)
{
    struct span pair;

    if (h.n > METADATA_MAX)
        return ERR_TOOBIG;
    f->value = arena_get(a, 32 * sizeof *f->value);
    for (size_t at = 0; http_list_next(h, &at, &pair);)
        TRY(pair_read(a, pair, f));
    return 0;
}

int upload_bind(struct bind *b, const struct http_request *q, const struct tus_head *head)
{
    struct form f = {0};

    if (q->method == HTTP_POST) {
        TRY(upload_metadata(b->arena, http_header(q, "upload-metadata"), &f));
        bind_form(b, &f, true);
    }
    if (head->has_offset)
        bind_own_number(b, "offset", head->offset);
    if (head->has_length)
        bind_own_number(b, "length", head->length);
    if (head->has_checksum) {
        bind_own_text(b, "algorithm", span_of(head->algorithm_name));
        bind_own_text(b, "checksum", (struct span){(const char *)head->checksum, head->checksum_n});
    }
    return 0;
}

void upload_headers(struct http_answer *a)
{
    http_answer_header(a, "Tus-Resumable", SPAN(VERSION));
    http_answer_header(a, "Cache-Control", SPAN("no-store"));
}

void upload_options(struct http_answer *a)
{
    a->status = 204;
    upload_headers(a);
    http_answer_header(a, "Tus-Version", SPAN(VERSION));
    http_answer_header(a, "Tus-Extension", SPAN("creation,creation-defer-length,checksum,termination"));
    http_answer_header(a, "Tus-Checksum-Algorithm", SPAN("sha256,sha1"));
}

void upload_answer(struct arena *arena, struct http_answer *a, enum http_method method,
                   const struct upload_standing *s)
{
    char id[37];

    upload_headers(a);
    http_answer_header(a, "Upload-Offset", arena_print(arena, "%llu", (unsigned long long)s->offset));
    if (s->has_length)
        http_answer_header(a, "Upload-Length", arena_print(arena, "%llu", (unsigned long long)s->length));
    else if (method == HTTP_HEAD)
        http_answer_header(a, "Upload-Defer-Length", SPAN("1"));
    if (method == HTTP_POST) {
        uuid_text(&s->upload, id);
        http_answer_header(a, "Location", arena_print(arena, "/uploads/%s/", id));
    }
    a->status = s->has_err ? err_http(s->err) : method == HTTP_POST ? 201 : method == HTTP_HEAD ? 200 : 204;
}
