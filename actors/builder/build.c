/* build: from a saved protocol to a version that is served. Nothing is said to be served before its bytes are
 * on the disk; what fails half-way leaves objects that nobody names, and the version before. */
#include <stdlib.h>

#include "builder.h"
#include "builder_sql.h"
#include "checker.h"
#include "player_files.h"

#define SHA256_TEXT 65

struct one_file {
    struct span name, bytes;
    const char *type;
    char sha256[SHA256_TEXT];
};

struct made {
    int64_t study; /* id */
    struct span manifest;
    char version[SHA256_TEXT]; /* its digest */
};

static const char *type_of(struct span name)
{
    const char *dot = memchr(name.p, '.', name.n);

    if (dot && strcmp(dot, ".js") == 0)
        return "text/javascript; charset=utf-8";
    if (dot && strcmp(dot, ".css") == 0)
        return "text/css; charset=utf-8";
    if (dot && strcmp(dot, ".html") == 0)
        return "text/html; charset=utf-8";
    return "application/json";
}

static void hex_of(const uint8_t digest[32], char out[SHA256_TEXT])
{
    (void)crypt_hex((struct span){(const char *)digest, 32}, out, SHA256_TEXT);
}

/* The first mistake, as one sentence; {NULL,0} when the study can be built. */
static struct span mistake_of(struct call *c, struct span protocol)
{
    struct protocol_report *report = malloc(sizeof *report);
    struct span why = {NULL, 0};
    const struct protocol_finding *f;

    MUST(report);
    if (protocol_check(protocol, report)) {
        for (f = report->finding; f < report->finding + report->n && f->severity != PROTOCOL_ERROR; f++)
            continue;
        MUST(f < report->finding + report->n);
        why = report->errors > 1
                  ? arena_print(c->arena, "Line %u, column %u: %s (And %zu more.)", (unsigned)f->line,
                                (unsigned)f->column, f->sentence, report->errors - 1)
                  : arena_print(c->arena, "Line %u, column %u: %s", (unsigned)f->line, (unsigned)f->column,
                                f->sentence);
    }
    free(report);
    return why;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct one_file *)a)->name.p, ((const struct one_file *)b)->name.p);
}

/* Canonical: members sorted, no white space, so that equal content is equal bytes. */
static struct span manifest_of(struct call *c, const struct uuid *study, const struct one_file *file,
                               size_t n)
{
    char uuid[37];
    struct json_out o;

    uuid_text(study, uuid);
    json_out_init(&o, c->arena);
    json_object(&o);
    json_key(&o, SPAN("files"));
    json_object(&o);
    for (size_t i = 0; i < n; i++) {
        json_key(&o, file[i].name);
        json_object(&o);
        json_key(&o, SPAN("bytes"));
        json_add_u64(&o, file[i].bytes.n);
        json_key(&o, SPAN("sha256"));
        json_add_string(&o, span_of(file[i].sha256));
        json_key(&o, SPAN("type"));
        json_add_string(&o, span_of(file[i].type));
        json_end(&o);
    }
    json_end(&o);
    json_key(&o, SPAN("player"));
    json_add_string(&o, SPAN(LOOKIT_VERSION));
    json_key(&o, SPAN("study"));
    json_add_string(&o, span_of(uuid));
    json_end(&o);
    return json_out_span(&o);
}

/* Stores protocol and player, and names them. */
static int files_put(struct call *c, const struct uuid *study, struct span protocol, struct made *made)
{
    struct one_file file[PLAYER_FILES_N + 1];
    uint8_t digest[32];
    size_t n = 0;

    file[n++] = (struct one_file){.name = SPAN("protocol.json"), .bytes = protocol};
    for (const struct embedded *e = player_files; e->name; e++)
        if (strcmp(e->name, "content.json") != 0) /* of the packer's own use */
            file[n++] = (struct one_file){.name = span_of(e->name), .bytes = embedded_span(e)};
    qsort(file, n, sizeof *file, by_name);
    for (size_t i = 0; i < n; i++) {
        file[i].type = type_of(file[i].name);
        TRY(store_put(c->state, file[i].bytes, digest));
        hex_of(digest, file[i].sha256);
    }
    made->manifest = manifest_of(c, study, file, n);
    crypt_sha256(made->manifest, digest);
    hex_of(digest, made->version);
    return 0;
}

static void bind_viewer(struct call *c, const struct version_build *m)
{
    if (m->has_viewer)
        db_bind_i64(c->db, "viewer", (int64_t)m->viewer);
    else
        db_bind_null(c->db, "viewer");
}

/* Kept where the researchers look; the version before stays. */
static int build_failed(struct call *c, const struct version_build *m, int64_t study, struct span why,
                        bool is_house)
{
    db_bind_i64(c->db, "id", study);
    bind_viewer(c, m);
    db_bind_text(c->db, "why", why);
    TRY(db_run(c->db, &SQL_version_failed, NULL));
    if (is_house)
        return refuse(c, ERR_INVALID, NULL, "%.*s", (int)why.n, why.p);
    return reply_see_other(c, "/exp/studies/%lld/", (long long)study);
}

/* ERR_CONFLICT: the protocol was saved anew meanwhile; what it was before is not served any more. */
static int version_serve(struct call *c, const struct version_build *m, const struct made *made,
                         int64_t began_us, bool *has_changed)
{
    struct row row;

    TRY(db_begin(c->db));
    db_bind_i64(c->db, "id", made->study);
    db_bind_text(c->db, "sha256", span_of(made->version));
    db_bind_text(c->db, "manifest", made->manifest);
    db_bind_text(c->db, "player", SPAN(LOOKIT_VERSION));
    db_bind_i64(c->db, "build_ms", (clock_mono_us() - began_us) / 1000);
    bind_viewer(c, m);
    TRY(db_one(c->db, &SQL_version_add, &row));
    db_bind_i64(c->db, "id", made->study);
    db_bind_text(c->db, "sha256", span_of(made->version));
    bind_viewer(c, m);
    TRY(db_one(c->db, &SQL_version_serve, &row));
    if (row_is_null(&row, "has_changed"))
        return refuse(c, ERR_CONFLICT, NULL,
                      "The protocol was changed while it was built. Please build it again.");
    *has_changed = row_bool(&row, "has_changed");
    return db_commit(c->db);
}

int on_version_build(struct call *c, const struct version_build *m)
{
    int64_t began_us = clock_mono_us();
    bool is_house = !span_is(c->from, "gateway"), has_changed = false;
    struct made made = {0};
    struct row row;
    struct span protocol, why = {NULL, 0};

    db_bind_bool(c->db, "is_house", is_house);
    TRY(db_one(c->db, &SQL_version_study, &row));
    made.study = row_i64(&row, "id");
    protocol = row_text(&row, "protocol");
    if (!row_bool(&row, "may"))
        return refuse(c, ERR_DENIED, NULL, "You may read this study, not build it.");
    if (row_i64(&row, "study_type") != 1)
        return refuse(c, ERR_CONFLICT, NULL, "Only studies of the Lookit player are built.");
    if (!row_bool(&row, "use_generator"))
        why = mistake_of(c, protocol);
    if (why.n)
        return build_failed(c, m, made.study, why, is_house);
    TRY(files_put(c, &m->study, protocol, &made));
    TRY(version_serve(c, m, &made, began_us, &has_changed));
    log_info("version-built", "study=%lld version=%.12s ms=%lld is_change=%d", (long long)made.study,
             made.version, (long long)(clock_mono_us() - began_us) / 1000, has_changed);
    return reply_see_other_noting(
        c,
        has_changed ? "The study is built: families get this version from now on."
                    : "Nothing has changed since the last build: this version is served already.",
        "/exp/studies/%lld/", (long long)made.study);
}
