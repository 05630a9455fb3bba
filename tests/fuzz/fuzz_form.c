/* fuzz_form: what strangers send outside of JSON: pairs, multipart bodies, header values, targets. First
 * byte: which reader; for multipart the second one says how the body is cut. A body read in pieces must be
 * the body read at once. */
#define _XOPEN_SOURCE 700 /* nftw */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "accept.h"
#include "compress.h"
#include "csrf.h"
#include "errors.h"
#include "form.h"
#include "http_guard.h"
#include "json.h"
#include "log.h"
#include "range.h"
#include "route.h"
#include "session.h"
#include "upload.h"
#include "utf8.h"

static char folder[] = "/tmp/lookit-fuzz.XXXXXX";
static struct spool *spool;

static int one_remove(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

static void sweep(void)
{
    spool_close(&spool);
    (void)nftw(folder, one_remove, 8, FTW_DEPTH | FTW_PHYS);
}

static void spool_ready(void)
{
    if (spool)
        return;
    crypt_init();
    MUST(mkdtemp(folder));
    MUST(spool_open(&spool, folder, 0) == 0);
    MUST(atexit(sweep) == 0);
}

static void form_holds(const struct form *f)
{
    MUST(f->value_n + f->file_n <= FORM_VALUES_MAX && f->file_n <= FORM_FILES_MAX);
    for (size_t i = 0; i < f->value_n; i++) {
        MUST(f->value[i].name.n <= FORM_NAME_MAX);
        MUST(utf8_is_text(f->value[i].name) && utf8_is_text(f->value[i].value));
    }
}

static int multipart_try(struct arena *a, struct span text, size_t step, struct form *f)
{
    struct multipart *m = NULL;
    int err = multipart_begin(&m, a, SPAN("multipart/form-data; boundary=b"), spool, 1000);

    for (size_t i = 0; !err && i < text.n; i += step)
        err = multipart_add(m, (struct span){text.p + i, text.n - i < step ? text.n - i : step});
    if (!err)
        err = multipart_end(m, f);
    if (err)
        multipart_drop(m);
    for (size_t i = 0; !err && i < f->file_n; i++)
        spool_remove(spool, &f->file[i].spool);
    return err;
}

static void multipart_both_ways(struct arena *a, struct span text)
{
    size_t step = text.n ? (size_t)(unsigned char)text.p[0] % 16 + 1 : 1;
    struct form whole = {0}, pieces = {0};
    int err;

    if (text.n)
        text.p++, text.n--;
    err = multipart_try(a, text, text.n + 1, &whole);
    MUST(multipart_try(a, text, step, &pieces) == err);
    if (err)
        return;
    form_holds(&whole);
    MUST(whole.value_n == pieces.value_n && whole.file_n == pieces.file_n);
    for (size_t i = 0; i < whole.value_n; i++)
        MUST(span_same(whole.value[i].name, pieces.value[i].name) &&
             span_same(whole.value[i].value, pieces.value[i].value));
    for (size_t i = 0; i < whole.file_n; i++)
        MUST(whole.file[i].bytes == pieces.file[i].bytes &&
             memcmp(whole.file[i].sha256, pieces.file[i].sha256, 32) == 0);
}

static void headers_try(struct arena *a, struct span text)
{
    static const uint8_t key[32];
    struct http_request q = {
        .header = {{SPAN("cookie"), text}, {SPAN("authorization"), text}}, .header_n = 2, .arena = a};
    struct credential c;
    struct form f = {0};
    struct tus_head head;
    const char *why;
    uint64_t from, bytes;
    int64_t length;

    credential_read(&q, &c);
    MUST(c.kind != CREDENTIAL_BAD || c.why);
    MUST(!csrf_is_ours(key, text, text));
    (void)csrf_is_same(text, text);
    if (range_pick(text, 100, &from, &bytes) == RANGE_PART)
        MUST(from < 100 && bytes > 0 && from + bytes <= 100);
    (void)coding_pick(text);
    (void)header_parameter(text, "name");
    MUST(accept_indent(accept_range(text)) <= JSON_INDENT_MAX);
    (void)range_is_fresh(text, text, SPAN("abc"), 1000000);
    if (upload_metadata(a, text, &f) == 0)
        MUST(f.value_n <= 32);
    q.method = HTTP_PATCH;
    for (size_t i = 0; i < 2; i++)
        q.header[i].name = i ? SPAN("upload-offset") : SPAN("upload-checksum");
    MUST(upload_head_read(&q, &head, &why) != 0); /* no version among them */
    (void)guard_head(SPAN("HTTP/1.1"), q.header, 2, &length);
}

static void target_try(struct arena *a, struct span text)
{
    static struct routes *routes;
    struct route_match m;
    struct span plain;

    if (!routes)
        routes = routes_new(route_table);
    if (guard_target(text))
        return;
    plain = route_decode(a, text, true);
    MUST(plain.n <= text.n && !memchr(plain.p, 0, plain.n));
    if (routes_match(routes, a, HTTP_GET, text, &m) == ROUTE_FOUND)
        for (size_t i = 0; i < m.capture_n; i++)
            MUST(utf8_is_text(m.capture[i].value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *a = arena_new();
    struct span text = {(const char *)data + (n ? 1 : 0), n ? n - 1 : 0};
    struct form f = {0};

    spool_ready();
    switch (n ? data[0] % 4 : 0) {
    case 0:
        if (form_urlencoded(a, text, &f) == 0)
            form_holds(&f);
        break;
    case 1:
        multipart_both_ways(a, text);
        break;
    case 2:
        headers_try(a, text);
        break;
    default:
        target_try(a, text);
        break;
    }
    arena_free(&a);
    return 0;
}
