/* gateway_file: files: out of the spool (once), out of the store (in place, with ranges), out of the binary.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "asset.h"
#include "compress.h"
#include "gateway_private.h"
#include "range.h"

#define SQUEEZE_MAX ((uint64_t)1 << 20) /* bytes of a stored text that are compressed on the way */

/* RFC 6266: an ASCII name for old programs, the whole name in UTF-8 for the others. */
static void add_disposition(struct visit *v, struct http_answer *a, struct span name)
{
    struct text t = {0};

    text_add(v->arena, &t, SPAN("attachment; filename=\""));
    for (size_t i = 0; i < name.n; i++) {
        bool is_plain = name.p[i] >= ' ' && name.p[i] < 0x7f && name.p[i] != '"' && name.p[i] != '\\';
        text_add(v->arena, &t, is_plain ? (struct span){name.p + i, 1} : SPAN("_"));
    }
    text_add(v->arena, &t, SPAN("\"; filename*=UTF-8''"));
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                        (c && strchr("-._~", c));
        if (is_plain)
            text_add(v->arena, &t, (struct span){name.p + i, 1});
        else
            text_print(v->arena, &t, "%%%02X", (unsigned char)c);
    }
    http_answer_header(a, "Content-Disposition", text_span(&t));
}

void file_spooled(struct visit *v, const struct reply_file *f)
{
    struct http_answer a = {.status = 200, .has_file = true};
    int err = spool_read(v->w->spool, &f->spool, &a.fd, &a.bytes);

    if (err) {
        refuse_err(v, err == ERR_NOTFOUND ? ERR_AWAY : err, &(struct refusal_words){0});
        return;
    }
    spool_remove(v->w->spool, &f->spool); /* the descriptor keeps it until it is sent */
    http_answer_header(&a, "Content-Type", f->type);
    http_answer_header(&a, "Accept-Ranges", SPAN("none"));
    http_answer_header(&a, "Cache-Control", SPAN("private, no-store"));
    add_disposition(v, &a, f->name);
    answer_send(v, &a);
}

/* ---- the store
 * ---------------------------------------------------------------------------------------------------- */

struct stored {
    int fd;
    uint64_t size;
    int64_t modified_us;
    struct span tag;
};

static bool path_is_good(struct span path)
{
    size_t start = 0;

    for (size_t i = 0; i <= path.n; i++) {
        if (i < path.n && path.p[i] == 0)
            return false;
        if (i < path.n && path.p[i] != '/')
            continue;
        if (i == start || path.p[start] == '.')
            return false;
        start = i + 1;
    }
    return path.n > 0;
}

static int stored_open(struct visit *v, const struct reply_stored *f, struct stored *out)
{
    struct stat st;

    if (v->w->house->store_fd < 0 || !path_is_good(f->path))
        return ERR_NOTFOUND;
    out->fd = openat(v->w->house->store_fd, arena_copy(v->arena, f->path).p,
                     O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (out->fd < 0)
        return ERR_NOTFOUND;
    if (fstat(out->fd, &st) || !S_ISREG(st.st_mode)) {
        (void)close(out->fd);
        return ERR_NOTFOUND;
    }
    out->size = (uint64_t)st.st_size;
    out->modified_us = (int64_t)st.st_mtim.tv_sec * 1000000;
    out->tag = f->has_tag ? f->tag
                          : arena_print(v->arena, "%llx-%llx-%lx", (unsigned long long)st.st_ino,
                                        (unsigned long long)st.st_size, (unsigned long)st.st_mtim.tv_sec);
    return 0;
}

static void stored_headers(struct visit *v, struct http_answer *a, const struct reply_stored *f,
                           const struct stored *s, enum coding coding)
{
    char date[32];
    bool is_forever = f->has_is_immutable && f->is_immutable;

    (void)clock_http(s->modified_us, date);
    v->is_sandbox = is_forever && media_type_is(f->type, "text/html");
    http_answer_header(a, "Content-Type", f->type);
    http_answer_header(a, "ETag",
                       arena_print(v->arena, "\"%.*s%s%s\"", (int)s->tag.n, s->tag.p, coding ? "-" : "",
                                   coding_name(coding)));
    http_answer_header(a, "Last-Modified", arena_copy(v->arena, span_of(date)));
    http_answer_header(a, "Cache-Control",
                       is_forever ? SPAN("private, max-age=31536000, immutable") : SPAN("private, no-cache"));
    http_answer_header(a, "Vary", is_forever ? SPAN("Accept-Encoding") : SPAN("Cookie, Accept-Encoding"));
    http_answer_header(a, "Accept-Ranges", SPAN("bytes"));
    if (f->has_name)
        add_disposition(v, a, f->name);
}

static bool is_text(struct span type)
{
    return media_type_is(type, "text/javascript") || media_type_is(type, "application/javascript") ||
           media_type_is(type, "application/json") || media_type_is(type, "text/css") ||
           media_type_is(type, "image/svg+xml") || media_type_is(type, "text/html");
}

/* Scripts and protocols are sent small. True: a->body is set. */
static bool stored_squeeze(struct visit *v, struct http_answer *a, const struct stored *s, enum coding coding)
{
    char *text;
    ssize_t n;

    if (coding == CODING_NONE)
        return false;
    text = arena_get(v->arena, (size_t)s->size + 1);
    n = pread(s->fd, text, (size_t)s->size, 0);
    return n == (ssize_t)s->size && compress_text(v->arena, coding, (struct span){text, (size_t)n}, &a->body);
}

static void stored_send_part(struct visit *v, struct http_answer *a, const struct stored *s)
{
    const struct http_request *q = v->q;
    enum range_outcome part = RANGE_WHOLE;

    a->from = 0;
    a->bytes = s->size;
    if (range_still_fits(http_header(q, "if-range"), s->tag, s->modified_us))
        part = range_pick(http_header(q, "range"), s->size, &a->from, &a->bytes);
    if (part == RANGE_UNSATISFIABLE) {
        (void)close(s->fd);
        a->status = 416;
        http_answer_header(a, "Content-Range",
                           arena_print(v->arena, "bytes */%llu", (unsigned long long)s->size));
        answer_send(v, a);
        return;
    }
    if (part == RANGE_PART) {
        a->status = 206;
        http_answer_header(a, "Content-Range",
                           arena_print(v->arena, "bytes %llu-%llu/%llu", (unsigned long long)a->from,
                                       (unsigned long long)(a->from + a->bytes - 1),
                                       (unsigned long long)s->size));
    }
    a->has_file = true;
    a->fd = s->fd;
    answer_send(v, a);
}

void file_stored(struct visit *v, const struct reply_stored *f)
{
    struct http_answer a = {.status = 200};
    struct stored s;
    enum coding coding = CODING_NONE;
    int err = stored_open(v, f, &s);

    if (err) {
        refuse_err(v, err, &(struct refusal_words){0});
        return;
    }
    if (is_text(f->type) && f->has_is_immutable && f->is_immutable && s.size <= SQUEEZE_MAX &&
        !http_header(v->q, "range").p)
        coding = coding_pick(http_header(v->q, "accept-encoding"));
    if (range_is_fresh(http_header(v->q, "if-none-match"), http_header(v->q, "if-modified-since"), s.tag,
                       s.modified_us) ||
        (coding &&
         range_is_fresh(http_header(v->q, "if-none-match"), (struct span){NULL, 0},
                        arena_print(v->arena, "%.*s-%s", (int)s.tag.n, s.tag.p, coding_name(coding)), 0))) {
        (void)close(s.fd);
        a.status = 304;
        stored_headers(v, &a, f, &s, coding);
        answer_send(v, &a);
        return;
    }
    if (stored_squeeze(v, &a, &s, coding)) {
        (void)close(s.fd);
        stored_headers(v, &a, f, &s, coding);
        http_answer_header(&a, "Content-Encoding", span_of(coding_name(coding)));
        answer_send(v, &a);
        return;
    }
    stored_headers(v, &a, f, &s, CODING_NONE);
    stored_send_part(v, &a, &s);
}

/* ---- the binary
 * --------------------------------------------------------------------------------------------------- */

/* The demonstration's pictures and sounds stand at addresses that its protocol names. */
static bool is_named_by_hash(const struct asset *asset)
{
    return strncmp(asset->path, "/static/", 8) == 0;
}

void file_asset(struct visit *v)
{
    const struct asset *asset = asset_find(v->q->path);
    struct http_answer a = {.status = 200};
    enum coding coding = coding_pick(http_header(v->q, "accept-encoding"));

    if (!asset) {
        refuse_err(v, ERR_NOTFOUND, &(struct refusal_words){0});
        return;
    }
    if (coding == CODING_BR && !asset->brotli.p)
        coding = CODING_GZIP;
    if (coding == CODING_GZIP && !asset->gzip.p)
        coding = CODING_NONE;
    a.body = coding == CODING_BR ? asset->brotli : coding == CODING_GZIP ? asset->gzip : asset->bytes;
    http_answer_header(&a, "Content-Type", span_of(asset->type));
    http_answer_header(
        &a, "ETag",
        arena_print(v->arena, "\"%s%s%s\"", asset->sha256, coding ? "-" : "", coding_name(coding)));
    http_answer_header(&a, "Cache-Control",
                       is_named_by_hash(asset) ? SPAN("public, max-age=31536000, immutable")
                                               : SPAN("public, max-age=3600"));
    http_answer_header(&a, "Vary", SPAN("Accept-Encoding"));
    if (coding)
        http_answer_header(&a, "Content-Encoding", span_of(coding_name(coding)));
    if (range_is_fresh(http_header(v->q, "if-none-match"), (struct span){NULL, 0},
                       arena_print(v->arena, "%s%s%s", asset->sha256, coding ? "-" : "", coding_name(coding)),
                       0)) {
        a.status = 304;
        a.body = (struct span){NULL, 0};
    }
    answer_send(v, &a);
}
