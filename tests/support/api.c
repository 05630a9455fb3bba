#include "api.h"

#include <stdio.h>
#include <stdlib.h>

#include "accounts.h"
#include "gateway.h"
#include "responses.h"
#include "route.h"
#include "studies.h"
#include "video.h"

static struct rig rig = {.name = "api"};
static struct conf *conf;
static struct gateway *gateway;
static char spool_dir[80], store_dir[80];
static struct span answer;
static const struct json *answer_json;

void api_start(void)
{
    static const struct roster_entry roster[] = {{&accounts_actor, 1, ""},
                                                 {&studies_actor, 1, ""},
                                                 {&responses_actor, 2, ""},
                                                 {&video_actor, 1, ""},
                                                 {0}};
    static const struct conf_item replicas[] = {{"accounts-replicas", CONF_INT, "1", 0, 64, "replicas"},
                                                {"studies-replicas", CONF_INT, "1", 0, 64, "replicas"},
                                                {"responses-replicas", CONF_INT, "2", 0, 64, "replicas"},
                                                {"video-replicas", CONF_INT, "1", 0, 64, "replicas"},
                                                {0}};
    const struct conf_item *tables[6] = {gateway_conf, replicas};
    struct gateway_options o = {.routes = route_table};
    char why[300], *flags[] = {"--listen=127.0.0.1:0", "--video-hmac-key=" API_VIDEO_KEY, NULL};
    size_t n = 2;

    desk_migrate();
    for (size_t i = 0; roster[i].def; i++)
        if (roster[i].def->conf)
            tables[n++] = roster[i].def->conf;
    if (conf_load(&conf, tables, 2, flags, NULL, why))
        fail_msg("settings: %s", why);
    rig.options.conf = conf;
    rig_start(&rig, roster);
    (void)snprintf(spool_dir, sizeof spool_dir, "%s/spool", rig.dir);
    (void)snprintf(store_dir, sizeof store_dir, "%s/store", rig.dir);
    o.bus = rig.bus;
    o.conf = conf;
    o.spool_dir = spool_dir;
    o.store_dir = store_dir;
    memset(o.key, 7, sizeof o.key);
    if (gateway_start(&gateway, &o, why))
        fail_msg("the gateway does not start: %s", why);
}

void api_stop(void)
{
    gateway_stop(&gateway);
    rig_stop(&rig);
    conf_free(&conf);
}

const char *api_token(int64_t account)
{
    static char line[100];
    char key[41];

    (void)snprintf(key, sizeof key, "%040llx", (unsigned long long)account);
    (void)desk_sql("insert into token (digest, account) values (sha256('%s'), %lld) on conflict do nothing "
                   "returning account",
                   key, (long long)account);
    (void)snprintf(line, sizeof line, "Authorization: Token %s\r\n", key);
    return line;
}

int api_ask(int64_t account, const char *line, const char *headers, const char *body)
{
    struct text t = {0};

    rig_reset(&rig);
    text_print(rig.arena, &t, "%s HTTP/1.1\r\nHost: site.example\r\nConnection: close\r\n%s%s", line,
               account ? api_token(account) : "", headers ? headers : "");
    if (body && !(headers && strstr(headers, "Content-Type:")))
        text_add(rig.arena, &t, SPAN("Content-Type: application/vnd.api+json\r\n"));
    if (body)
        text_print(rig.arena, &t, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
    else
        text_add(rig.arena, &t, SPAN("\r\n"));
    answer = raw_ask(gateway_port(gateway), text_span(&t), NULL, NULL);
    answer_json = NULL;
    if (raw_body(answer).n && json_parse(rig.arena, raw_body(answer), &answer_json, NULL))
        answer_json = NULL;
    return raw_status(answer);
}

void api_expect(int want, int64_t account, const char *line, const char *fmt, ...)
{
    static char body[65536];
    va_list args;
    int status;

    va_start(args, fmt);
    (void)vsnprintf(body, sizeof body, fmt, args);
    va_end(args);
    status = api_ask(account, line, NULL, body);
    if (status != want)
        fail_msg("%s %s: %d, not %d: %.*s", line, body, status, want, (int)raw_body(answer).n,
                 raw_body(answer).p);
}

const char *api_value(const char *path)
{
    const struct json *v = answer_json;
    char name[64];

    while (v && *path) {
        size_t n = strcspn(path, ".");
        (void)snprintf(name, sizeof name, "%.*s", (int)n, path);
        v = json_kind(v) == JSON_ARRAY ? json_at(v, (size_t)strtoul(name, NULL, 10)) : json_get(v, name);
        path += n + (path[n] == '.');
    }
    if (!v)
        return NULL;
    return arena_copy(rig.arena, json_kind(v) == JSON_STRING ? json_string(v) : json_text(rig.arena, v)).p;
}

struct span api_header(const char *name)
{
    return raw_header(answer, name);
}

void api_expect_fault(size_t n, const char *code, const char *pointer)
{
    const struct json *error = json_at(json_get(answer_json, "errors"), n),
                      *source = json_get(error, "source");
    struct span has_code = json_string(json_get(error, "code")),
                has = json_string(json_get(source, "pointer"));

    if (!error || !span_is(has_code, code) || (pointer ? !span_is(has, pointer) : source != NULL))
        fail_msg("error %zu is not %s at %s: %.*s", n, code, pointer ? pointer : "no place",
                 (int)raw_body(answer).n, raw_body(answer).p);
}

const char *api_document(const char *type, const char *id, const char *attributes, const char *relationships)
{
    static char text[400000];
    int n = snprintf(text, sizeof text, "{\"data\":{\"type\":\"%s\"", type);

    if (id)
        n += snprintf(text + n, sizeof text - (size_t)n, ",\"id\":\"%s\"", id);
    if (attributes)
        n += snprintf(text + n, sizeof text - (size_t)n, ",\"attributes\":{%s}", attributes);
    if (relationships)
        n += snprintf(text + n, sizeof text - (size_t)n, ",\"relationships\":{%s}", relationships);
    (void)snprintf(text + n, sizeof text - (size_t)n, "}}");
    return text;
}

const char *api_relation(const char *name, const char *type, const char *id)
{
    static char text[4][200];
    static unsigned turn;
    char *one = text[turn++ % 4];

    (void)snprintf(one, sizeof text[0], "\"%s\":{\"data\":{\"type\":\"%s\",\"id\":\"%s\"}}", name, type, id);
    return one;
}
