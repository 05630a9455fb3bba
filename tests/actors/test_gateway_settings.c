/* The gateway's settings: behind a proxy, on https, with several threads, with a token for the metrics. */
#include <stdio.h>
#include <stdlib.h>

#include "front.h"
#include "route.h"

static const struct message nothing = {.name = "nothing"};

static const struct route routes[] = {
    {HTTP_GET, "/metrics", WHO_ANYONE, &nothing, THEN_METRICS, NULL},
    {HTTP_GET, "/doc/", WHO_ANYONE, &MESSAGE_front_doc, THEN_DOC, NULL},
    {HTTP_GET, "/mine/", WHO_FAMILY, &MESSAGE_front_doc, THEN_PAGE, "errors/409"},
    {HTTP_GET, "/form/", WHO_ANYONE, &MESSAGE_front_form, THEN_PAGE, "families/login"},
    {HTTP_POST, "/in/", WHO_ANYONE, &MESSAGE_front_log_in, THEN_SEE_OTHER, NULL},
    {0}};

static const struct roster_entry roster[] = {{&front_actor, 1, ""}, {&front_accounts_actor, 1, ""}, {0}};
static struct front f;

static void start(char **flags)
{
    front_start(&f, roster, routes, flags);
}

static int stop(void **state)
{
    (void)state;
    front_stop(&f);
    return 0;
}

static void assert_has(struct span a, const char *part)
{
    if (!raw_has(a, part))
        fail_msg("no %s in: %.*s", part, (int)(a.n < 2000 ? a.n : 2000), a.p);
}

static void a_site_on_https_hides_its_cookies_from_http(void **state)
{
    char headers[700];

    (void)state;
    start((char *[]){"--origin=https://lookit.example.org", NULL});
    struct span a = front_ask(&f, "GET /form/", NULL, NULL);
    assert_has(raw_header(a, "Set-Cookie"), "; Secure");
    assert_span(raw_header(a, "Strict-Transport-Security"), "max-age=31536000");
    assert_has(front_ask(&f, "GET /doc/", NULL, NULL), "\"origin\":\"https://lookit.example.org\"");
    (void)snprintf(headers, sizeof headers, "%sContent-Type: application/x-www-form-urlencoded\r\n",
                   front_proof("", true));
    assert_int_equal(raw_status(front_ask(&f, "POST /in/", headers, "username=ann")),
                     403); /* neither Origin nor Referer */
    (void)snprintf(
        headers, sizeof headers,
        "%sContent-Type: application/x-www-form-urlencoded\r\nReferer: https://lookit.example.org/x\r\n",
        front_proof("", true));
    a = front_ask(&f, "POST /in/", headers, "username=ann");
    assert_int_equal(raw_status(a), 303);
    assert_has(a, "sessionid=ann; Path=/; Max-Age=600; SameSite=Lax; HttpOnly; Secure");
}

static void what_a_stranger_says_about_proxies_is_not_believed(void **state)
{
    (void)state;
    start(NULL);
    struct span a =
        front_ask(&f, "GET /doc/", "X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\n", NULL);
    assert_has(a, "\"address\":\"127.0.0.1\"");
    assert_has(a, "\"origin\":\"http://site.example\"");
}

static void behind_a_proxy_the_last_address_counts(void **state)
{
    (void)state;
    start((char *[]){"--behind-proxy", NULL});
    struct span a =
        front_ask(&f, "GET /doc/", "X-Forwarded-For: 1.1.1.1, 9.9.9.9\r\nX-Forwarded-Proto: https\r\n", NULL);
    assert_has(a, "\"address\":\"9.9.9.9\"");
    assert_has(a, "\"origin\":\"https://site.example\"");
    a = front_ask(&f, "GET /doc/",
                  "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-Proto: https\r\n"
                  "X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: http\r\n",
                  NULL);
    assert_has(a, "\"address\":\"9.9.9.9\"");
    assert_has(a, "\"origin\":\"http://site.example\"");
    a = front_ask(&f, "GET /doc/", "X-Forwarded-For: <script>\r\n", NULL);
    assert_has(a, "\"address\":\"127.0.0.1\"");
}

static void metrics_are_for_this_machine_and_for_who_has_the_token(void **state)
{
    (void)state;
    start((char *[]){"--metrics-token=sesame", NULL});
#define FAR "X-Forwarded-For: 9.9.9.9\r\n"
    assert_int_equal(raw_status(front_ask(&f, "GET /metrics", NULL, NULL)), 200);
    assert_int_equal(raw_status(front_ask(&f, "GET /metrics", FAR, NULL)), 403);
    assert_int_equal(raw_status(front_ask(&f, "GET /metrics", FAR "Authorization: Bearer sesam\r\n", NULL)),
                     403);
    assert_int_equal(raw_status(front_ask(&f, "GET /metrics", FAR "Authorization: Bearer sesame\r\n", NULL)),
                     200);
}

/* Good answers of all threads together. */
static long answers_counted(void)
{
    static const char name[] = "lookit_http_answers_total{status=\"2xx\"} ";
    struct span a = front_ask(&f, "GET /metrics", NULL, NULL);
    const char *at = a.p ? strstr(a.p, name) : NULL;

    assert_non_null(at);
    return strtol(at + sizeof name - 1, NULL, 10);
}

static void several_threads_share_one_port(void **state)
{
    (void)state;
    start((char *[]){"--gateway-threads=3", NULL});
    for (int i = 0; i < 60; i++)
        assert_int_equal(raw_status(front_ask(&f, "GET /doc/", NULL, NULL)), 200);
    /* a thread counts an answer after it was sent, so the last one may still be missing */
    for (int i = 0; i < 500 && answers_counted() < 60; i++)
        ;
    assert_true(answers_counted() >= 60);
}

static void a_script_that_wants_json_is_refused_in_json(void **state)
{
    (void)state;
    start(NULL);
    struct span a = front_ask(&f, "GET /mine/", "Accept: application/json\r\n", NULL);
    assert_int_equal(raw_status(a), 401);
    assert_has(a, "\"error\":\"ERR_LOGIN\"");
    a = front_ask(&f, "GET /nowhere", "Accept: application/json, text/plain\r\n", NULL);
    assert_int_equal(raw_status(a), 404);
    assert_has(a, "\"error\":\"ERR_NOTFOUND\"");
    assert_int_equal(raw_status(front_ask(&f, "GET /mine/", "Accept: text/html, application/json\r\n", NULL)),
                     302);
}

static int try_start(char *flag, char why[300])
{
    static const struct conf_item *tables[] = {gateway_conf, NULL};
    struct gateway_options o = {.routes = routes, .bus = f.rig.bus, .spool_dir = f.store};
    struct gateway *g = NULL;
    struct conf *conf = NULL;
    char *flags[] = {flag};
    int err;

    assert_int_equal(conf_load(&conf, tables, 1, flags, NULL, why), 0);
    o.conf = conf;
    err = gateway_start(&g, &o, why);
    assert_null(g);
    conf_free(&conf);
    return err;
}

static void settings_that_cannot_be_are_said_in_a_sentence(void **state)
{
    char why[300], taken[60];

    (void)state;
    start(NULL);
    assert_int_equal(try_start("--listen=nonsense", why), ERR_INVALID);
    assert_has(span_of(why), "listen is not an address");
    assert_int_equal(try_start("--listen=192.0.2.1:80", why), ERR_AWAY);
    assert_has(span_of(why), "Cannot listen on");
    assert_int_equal(try_start("--origin=lookit.example.org", why), ERR_INVALID);
    assert_has(span_of(why), "origin is not scheme://host");
    (void)snprintf(taken, sizeof taken, "--origin=https://a/b");
    assert_int_equal(try_start(taken, why), ERR_INVALID);
}

#define CASE(name) cmocka_unit_test_teardown(name, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_site_on_https_hides_its_cookies_from_http),
        CASE(what_a_stranger_says_about_proxies_is_not_believed),
        CASE(behind_a_proxy_the_last_address_counts),
        CASE(metrics_are_for_this_machine_and_for_who_has_the_token),
        CASE(several_threads_share_one_port),
        CASE(a_script_that_wants_json_is_refused_in_json),
        CASE(settings_that_cannot_be_are_said_in_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
