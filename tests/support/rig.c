#define _XOPEN_SOURCE 700 /* nftw */

#include "rig.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 5000
#define ACTORS_MAX 16

static int path_remove(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

/* The settings that a start would give these actors: their own at their defaults, and NAME-replicas. */
static const struct conf *conf_of(const struct roster_entry *roster)
{
    static struct conf_item replicas[ACTORS_MAX + 1];
    static char key[ACTORS_MAX][64], standard[ACTORS_MAX][8];
    static const struct conf_item *tables[ACTORS_MAX + 2];
    static struct conf *conf;
    char why[300], *nothing[] = {NULL};
    size_t n = 0, tables_n = 0;

    for (; roster[n].def; n++) {
        assert_true(n < ACTORS_MAX);
        (void)snprintf(key[n], sizeof key[n], "%s-replicas", roster[n].def->name);
        (void)snprintf(standard[n], sizeof standard[n], "%d", roster[n].replicas);
        replicas[n] = (struct conf_item){key[n], CONF_INT, standard[n], 0, 64, "replicas"};
        if (roster[n].def->conf)
            tables[tables_n++] = roster[n].def->conf;
    }
    replicas[n] = (struct conf_item){0};
    tables[tables_n++] = replicas;
    tables[tables_n] = NULL;
    conf_free(&conf);
    if (conf_load(&conf, tables, 0, nothing, nothing, why))
        fail_msg("settings: %s", why);
    return conf;
}

int rig_try(struct rig *r, const struct roster_entry *roster)
{
    static char run[80], spool[80], store[80], mail[80];

    crypt_init();
    (void)snprintf(r->dir, sizeof r->dir, "/tmp/lookit-rig.XXXXXX");
    assert_non_null(mkdtemp(r->dir));
    (void)snprintf(run, sizeof run, "%s/run", r->dir);
    (void)snprintf(spool, sizeof spool, "%s/spool", r->dir);
    (void)snprintf(store, sizeof store, "%s/store", r->dir);
    (void)snprintf(mail, sizeof mail, "%s/mail", r->dir);
    r->options.roster = roster;
    r->options.run_dir = run;
    r->options.spool_dir = spool;
    r->options.store_dir = store;
    r->options.mail_dir = mail;
    if (!r->options.conf)
        r->options.conf = conf_of(roster);
    if (!r->options.roles)
        r->options.roles = "all";
    if (!r->options.database)
        r->options.database = getenv("DATABASE_URL");
    r->arena = arena_new();
    return bus_start(&r->bus, &r->options);
}

void rig_start(struct rig *r, const struct roster_entry *roster)
{
    int err = rig_try(r, roster);

    if (err)
        fail_msg("the house does not start: %s", err_name(err));
    err = port_open(&r->port, r->bus, NULL, r->name ? r->name : "tester");
    assert_int_equal(err, 0);
}

void rig_stop(struct rig *r)
{
    port_close(&r->port);
    bus_stop(&r->bus);
    arena_free(&r->arena);
    (void)nftw(r->dir, path_remove, 8, FTW_DEPTH | FTW_PHYS);
}

void rig_reset(struct rig *r)
{
    arena_reset(r->arena);
    r->answer = (struct answer){0};
}

/* As the gateway does it: a deed that nobody gave an id gets one, so two of them are two. */
static const void *body_with_op(struct rig *r, const struct message *m, const void *body)
{
    static const struct uuid none;
    const struct field *f = message_field(m, SPAN("op_id"));
    char *copy;

    if (!f || memcmp((const char *)body + f->offset, &none, sizeof none) != 0)
        return body;
    copy = arena_get(r->arena, m->size);
    memcpy(copy, body, m->size);
    *(struct uuid *)(void *)(copy + f->offset) = crypt_uuid();
    return copy;
}

int rig_call(struct rig *r, const struct message *m, const void *body)
{
    return port_call(r->port, r->arena, m, body_with_op(r, m, body), 0, &r->answer);
}

void rig_expect(struct rig *r, const struct message *m, const void *body, int err)
{
    int got = rig_call(r, m, body);

    if (got != err)
        fail_msg("%s: got %s (%.*s), want %s", m->name, got ? err_name(got) : "a reply",
                 (int)r->answer.text.n, r->answer.text.p ? r->answer.text.p : "",
                 err ? err_name(err) : "a reply");
}

struct answer rig_next(struct rig *r)
{
    struct answer answer;

    if (!port_next(r->port, r->arena, &answer, PATIENCE_MS))
        fail_msg("no answer within %d ms", PATIENCE_MS);
    return answer;
}

/* Of an array: the item whose "name" is key. */
static const struct json *member(const struct json *v, struct span key)
{
    if (json_kind(v) == JSON_OBJECT)
        return json_get_span(v, key);
    for (size_t i = 0; i < json_size(v); i++)
        if (span_same(json_string(json_get(json_at(v, i), "name")), key))
            return json_at(v, i);
    return NULL;
}

int64_t rig_shown(struct rig *r, const char *path)
{
    struct port *port;
    struct answer answer;
    const struct json *v;
    int64_t n = -1;

    assert_int_equal(port_open(&port, NULL, r->options.run_dir, "ops"), 0);
    assert_int_equal(port_call(port, r->arena, &MESSAGE_ctl_show, &(struct ctl_show){0}, 0, &answer), 0);
    assert_int_equal(json_parse(r->arena, ((const struct reply_doc *)answer.body)->doc, &v, NULL), 0);
    while (v && *path) {
        size_t length = strcspn(path, ".");
        v = member(v, (struct span){path, length});
        path += length + (path[length] == '.');
    }
    if (v && json_i64(v, &n))
        n = -1;
    port_close(&port);
    return n;
}

void rig_wait_shown(struct rig *r, const char *path, int64_t n)
{
    const struct timespec moment = {.tv_nsec = 5000000};
    int64_t until = clock_mono_ms() + PATIENCE_MS;

    while (rig_shown(r, path) < n) {
        if (clock_mono_ms() > until)
            fail_msg("%s stays below %lld", path, (long long)n);
        (void)nanosleep(&moment, NULL);
    }
}
