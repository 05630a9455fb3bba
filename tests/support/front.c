#define _XOPEN_SOURCE 700
#include "front.h"

#include <dirent.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "csrf.h"
#include "wire.h"

static const uint8_t site_key[32] = "thirty-two bytes of a test's key";
static atomic_int whoami_asked;

int front_whoami_asked(void)
{
    return atomic_load(&whoami_asked);
}

/* ---- front
 * -------------------------------------------------------------------------------------------------------- */

static int on_doc(struct call *c, const struct front_doc *m)
{
    return reply_doc(c, wire_json(c->arena, &MESSAGE_front_doc, m, false));
}

static int on_form(struct call *c, const struct front_form *m)
{
    (void)m;
    return reply_doc(c, SPAN("{\"form\":{\"values\":{\"username\":\"first\",\"next\":\"/there/\"}}}"));
}

static int on_send(struct call *c, const struct front_send *m)
{
    if (span_is(m->username, "taken"))
        form_error(c, "username", "Somebody has <that> name.");
    TRY(form_check(c));
    if (span_is(m->username, "often"))
        return refuse(c, ERR_LIMITED, NULL, "Please wait a minute.");
    return reply_see_other_noting(c, "Well done, Ann.", "/there/%s/", m->is_sure ? "sure" : "unsure");
}

static int on_list(struct call *c, const struct front_list *m)
{
    return reply_doc(c, wire_json(c->arena, &MESSAGE_front_list, m, false));
}

static int on_picture(struct call *c, const struct front_picture *m)
{
    return reply_doc(c, wire_json(c->arena, &MESSAGE_front_picture, m, false));
}

static int on_log_in(struct call *c, const struct front_log_in *m)
{
    struct reply_session r = {.cookie = m->username,
                              .max_age = m->username.n ? 600 : 0,
                              .location = SPAN("/welcome/"),
                              .note = SPAN("Hello."),
                              .has_note = true};

    return reply(c, &MESSAGE_reply_session, &r);
}

static int on_create(struct call *c, const struct front_create *m)
{
    return reply_created(c, wire_json(c->arena, &MESSAGE_front_create, m, false), "/api/v1/items/%d/", 5);
}

static int on_change(struct call *c, const struct front_change *m)
{
    return reply_doc(c, wire_json(c->arena, &MESSAGE_front_change, m, false));
}

static int on_save(struct call *c, const struct front_save *m)
{
    struct front_standing s = {.next = m->number + 1};

    if (m->number == 9)
        s = (struct front_standing){.next = 3, .err = ERR_CONFLICT, .has_err = true};
    return reply(c, &MESSAGE_front_standing, &s);
}

static int on_fail(struct call *c, const struct front_fail *m)
{
    struct timespec nap = {.tv_nsec = 600 * 1000 * 1000};

    if (m->err == ERR_LATE) {
        (void)nanosleep(&nap, NULL);
        return reply_doc(c, SPAN("{}"));
    }
    return m->err == 0 ? reply_doc(c, SPAN("{}")) : refuse(c, m->err, "thing", "This is why: <%d>.", m->err);
}

static int on_file(struct call *c, const struct front_file *m)
{
    struct reply_file r = {.name = SPAN("Antworten für \"Ann\".csv"),
                           .type = SPAN("text/csv; charset=utf-8")};
    struct spool *s;
    struct spool_file *f;
    uint8_t sha256[32];

    (void)m;
    TRY(spool_open(&s, (const char *)c->state, 0));
    TRY(spool_create(s, &f));
    TRY(spool_write(f, SPAN("a,b\n1,2\n")));
    TRY(spool_finish(&f, &r.spool, sha256));
    r.bytes = 8;
    r.sha256 = (struct span){(const char *)sha256, 32};
    spool_close(&s);
    return reply(c, &MESSAGE_reply_file, &r);
}

static int on_stored(struct call *c, const struct front_stored *m)
{
    bool is_script = m->name.n > 3 && memcmp(m->name.p + m->name.n - 3, ".js", 3) == 0;
    bool is_page = m->name.n > 5 && memcmp(m->name.p + m->name.n - 5, ".html", 5) == 0;
    bool is_guest = is_page && memchr(m->name.p, '_', m->name.n); /* guest_page.html: not of a version */
    struct reply_stored r = {.path = m->name,
                             .type = is_script ? SPAN("text/javascript")
                                     : is_page ? SPAN("text/html; charset=utf-8")
                                               : SPAN("video/webm"),
                             .tag = SPAN("abc"),
                             .has_tag = true,
                             .is_immutable = is_script || (is_page && !is_guest),
                             .has_is_immutable = true};

    return reply(c, &MESSAGE_reply_stored, &r);
}

static int on_done(struct call *c, const struct front_done *m)
{
    (void)m;
    return reply_done(c);
}

static char spool_dir[128];

static int front_init(struct replica *r, void **state)
{
    (void)r;
    *state = spool_dir;
    return 0;
}

const struct actor_def front_actor = {
    .name = "front",
    .init = front_init,
    .on = (const struct handler[]){ON(front_doc, on_doc),
                                   ON(front_list, on_list),
                                   ON(front_form, on_form),
                                   ON(front_send, on_send),
                                   ON(front_picture, on_picture),
                                   ON(front_log_in, on_log_in),
                                   ON(front_create, on_create),
                                   ON(front_change, on_change),
                                   ON(front_save, on_save),
                                   ON(front_fail, on_fail),
                                   ON(front_file, on_file),
                                   ON(front_stored, on_stored),
                                   ON(front_done, on_done),
                                   {0}},
};

/* ---- accounts
 * ----------------------------------------------------------------------------------------------------- */

static bool is_session(struct span hash, const char *cookie)
{
    uint8_t want[32];

    crypt_sha256(span_of(cookie), want);
    return hash.n == 32 && memcmp(hash.p, want, 32) == 0;
}

int front_whoami(struct call *c, const struct account_whoami *m)
{
    atomic_fetch_add(&whoami_asked, 1);
    if (m->has_token && span_is(m->token, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"))
        return reply_doc(c, SPAN("{\"id\":7,\"name\":\"Ann\",\"is_researcher\":false}"));
    if (m->has_token)
        return refuse(c, ERR_LOGIN, NULL, "Invalid token.");
    if (is_session(m->session, "ann"))
        return reply_doc(c, SPAN("{\"id\":7,\"name\":\"Ann <b>\",\"is_researcher\":false}"));
    if (is_session(m->session, "rita"))
        return reply_doc(c, SPAN("{\"id\":8,\"name\":\"Rita\",\"is_researcher\":true}"));
    if (is_session(m->session, "away"))
        return ERR_AWAY;
    return refuse(c, ERR_LOGIN, NULL, "This session is over.");
}

const struct actor_def front_accounts_actor = {
    .name = "accounts", .on = (const struct handler[]){ON(account_whoami, front_whoami), {0}}};

/* ---- video
 * -------------------------------------------------------------------------------------------------------- */

static uint64_t upload_offset;
static const struct uuid upload_id = {{0x77, 1}};

static int standing(struct call *c, int err)
{
    struct upload_standing s = {
        .upload = upload_id, .offset = upload_offset, .err = (uint16_t)err, .has_err = err != 0};

    return reply(c, &MESSAGE_upload_standing, &s);
}

static int on_upload_create(struct call *c, const struct upload_create *m)
{
    (void)m;
    upload_offset = 0;
    return standing(c, 0);
}

static int on_upload_append(struct call *c, const struct upload_append *m)
{
    if (memcmp(&m->upload, &upload_id, sizeof upload_id) != 0)
        return ERR_NOTFOUND;
    if (m->offset != upload_offset)
        return standing(c, ERR_CONFLICT);
    upload_offset += m->bytes;
    return standing(c, 0);
}

static int on_upload_head(struct call *c, const struct upload_head *m)
{
    return memcmp(&m->upload, &upload_id, sizeof upload_id) == 0 ? standing(c, 0) : ERR_GONE;
}

static int on_upload_drop(struct call *c, const struct upload_drop *m)
{
    (void)m;
    return reply_done(c);
}

const struct actor_def front_video_actor = {
    .name = "video",
    .on = (const struct handler[]){ON(upload_create, on_upload_create),
                                   ON(upload_append, on_upload_append),
                                   ON(upload_head, on_upload_head),
                                   ON(upload_drop, on_upload_drop),
                                   {0}},
};

/* ---- the gateway in front
 * ------------------------------------------------------------------------------------------ */

static void store_fill(struct front *f)
{
    char path[200];
    FILE *file;

    (void)snprintf(f->store, sizeof f->store, "%s/store", f->rig.dir);
    (void)snprintf(path, sizeof path, "%s/video", f->store);
    assert_int_equal(mkdir(f->store, 0700), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/video/a.webm", f->store);
    file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs("0123456789", file);
    (void)fclose(file);
    (void)snprintf(path, sizeof path, "%s/video/player.js", f->store);
    file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < 500; i++)
        (void)fputs("console.log(1);\n", file);
    (void)fclose(file);
    for (int i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/video/%s", f->store, i ? "guest_page.html" : "sandbox.html");
        file = fopen(path, "w");
        assert_non_null(file);
        (void)fputs("<!doctype html><script>1</script>", file);
        (void)fclose(file);
    }
    (void)snprintf(path, sizeof path, "%s/video/link", f->store);
    assert_int_equal(symlink("/etc/passwd", path), 0);
}

void front_start(struct front *f, const struct roster_entry *roster, const struct route *routes, char **flags)
{
    static const struct conf_item *tables[] = {gateway_conf, NULL};
    struct gateway_options o = {.routes = routes};
    char why[300], *all[8] = {"--listen=127.0.0.1:0"};
    int n = 1;

    memset(f, 0, sizeof *f);
    rig_start(&f->rig, roster);
    (void)snprintf(spool_dir, sizeof spool_dir, "%s/spool", f->rig.dir);
    store_fill(f);
    while (flags && *flags)
        all[n++] = *flags++;
    if (conf_load(&f->conf, tables, n, all, NULL, why))
        fail_msg("settings: %s", why);
    o.bus = f->rig.bus;
    o.conf = f->conf;
    o.spool_dir = spool_dir;
    o.store_dir = f->store;
    memcpy(o.key, site_key, 32);
    if (gateway_start(&f->gateway, &o, why))
        fail_msg("the gateway does not start: %s", why);
    f->port = gateway_port(f->gateway);
}

void front_stop(struct front *f)
{
    gateway_stop(&f->gateway);
    rig_stop(&f->rig);
    conf_free(&f->conf);
}

int front_spool_files(const struct front *f)
{
    struct timespec nap = {.tv_nsec = 10 * 1000 * 1000};
    int n = 0;

    (void)f;
    for (int i = 0; i < 200; i++) {
        DIR *d = opendir(spool_dir);
        n = 0;
        assert_non_null(d);
        for (struct dirent *e; (e = readdir(d)) != NULL;)
            n += e->d_name[0] != '.';
        (void)closedir(d);
        if (n == 0)
            break;
        (void)nanosleep(&nap, NULL);
    }
    return n;
}

struct span front_ask(struct front *f, const char *line, const char *headers, const char *body)
{
    static char request[2 << 20];
    char length[64] = "";
    int n;

    if (body)
        (void)snprintf(length, sizeof length, "Content-Length: %zu\r\n", strlen(body));
    n = snprintf(request, sizeof request, "%s HTTP/1.1\r\nHost: site.example\r\n%s%s\r\n%s", line,
                 headers ? headers : "", length, body ? body : "");
    assert_true(n > 0 && (size_t)n < sizeof request);
    return raw_ask(f->port, (struct span){request, (size_t)n}, NULL, NULL);
}

const char *front_proof(const char *session, bool in_header)
{
    static char out[400];
    uint8_t hash[32];
    char token[CSRF_TOKEN + 1];

    crypt_sha256(span_of(session), hash);
    csrf_make(site_key, *session ? (struct span){(const char *)hash, 32} : (struct span){NULL, 0}, token);
    (void)snprintf(out, sizeof out, "Cookie: %s%s%scsrftoken=%s\r\n%s%s%s", *session ? "sessionid=" : "",
                   session, *session ? "; " : "", token, in_header ? "X-CSRFTOKEN: " : "",
                   in_header ? token : "", in_header ? "\r\n" : "");
    return out;
}
