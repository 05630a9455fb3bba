/* The gateway on a rig: from a request on a socket through the bus to a desk, and back as a page, a document,
 * a file. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "front.h"
#include "route.h"

static const struct message nothing = {.name = "nothing"};

static const struct route routes[] = {
    {HTTP_GET, "/healthz", WHO_ANYONE, &nothing, THEN_HEALTH, NULL},
    {HTTP_GET, "/readyz", WHO_ANYONE, &nothing, THEN_READY, NULL},
    {HTTP_GET, "/metrics", WHO_ANYONE, &nothing, THEN_METRICS, NULL},
    {HTTP_GET, "/home/", WHO_ANYONE, &nothing, THEN_PAGE, "errors/409"},
    {HTTP_GET, "/mine/", WHO_FAMILY, &MESSAGE_front_doc, THEN_PAGE, "errors/409"},
    {HTTP_GET, "/exp/mine/", WHO_RESEARCHER, &MESSAGE_front_doc, THEN_DOC, NULL},
    {HTTP_GET, "/doc/{item}/", WHO_ANYONE, &MESSAGE_front_doc, THEN_DOC, NULL},
    {HTTP_GET, "/form/", WHO_ANYONE, &MESSAGE_front_form, THEN_PAGE, "families/login"},
    {HTTP_POST, "/form/", WHO_ANYONE, &MESSAGE_front_send, THEN_SEE_OTHER, NULL},
    {HTTP_POST, "/pageless/", WHO_ANYONE, &MESSAGE_front_send, THEN_SEE_OTHER, NULL},
    {HTTP_POST, "/picture/", WHO_ANYONE, &MESSAGE_front_picture, THEN_PAGE, "errors/409"},
    {HTTP_POST, "/in/", WHO_ANYONE, &MESSAGE_front_log_in, THEN_SEE_OTHER, NULL},
    {HTTP_POST, "/done/", WHO_FAMILY, &MESSAGE_front_done, THEN_SEE_OTHER, NULL},
    {HTTP_GET, "/stage/", WHO_ANYONE, &MESSAGE_front_form, THEN_STAGE, "families/login"},
    {HTTP_GET, "/fail/{err}/", WHO_ANYONE, &MESSAGE_front_fail, THEN_PAGE, "errors/409"},
    {HTTP_GET, "/broken/", WHO_ANYONE, &MESSAGE_front_form, THEN_PAGE, "no/such/view"},
    {HTTP_PUT, "/save/{number}/", WHO_API, &MESSAGE_front_save, THEN_DOC, NULL},
    {HTTP_GET, "/download/", WHO_ANYONE, &MESSAGE_front_file, THEN_FILE, NULL},
    {HTTP_GET, "/stored/{name*}", WHO_ANYONE, &MESSAGE_front_stored, THEN_FILE, NULL},
    {HTTP_GET, "/static/{hash}/{name*}", WHO_ANYONE, &nothing, THEN_STATIC, NULL},
    {0}};

static struct front f;

static int start(void **state)
{
    (void)state;
    front_start(&f, (struct roster_entry[]){{&front_actor, 2, ""}, {&front_accounts_actor, 1, ""}, {0}},
                routes, NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    front_stop(&f);
    return 0;
}

static struct span get(const char *path, const char *headers)
{
    char line[3000];

    (void)snprintf(line, sizeof line, "GET %s", path);
    return front_ask(&f, line, headers, NULL);
}

static struct span post(const char *path, const char *session, const char *fields)
{
    char line[300], headers[800];

    (void)snprintf(line, sizeof line, "POST %s", path);
    (void)snprintf(headers, sizeof headers, "%sContent-Type: application/x-www-form-urlencoded\r\n",
                   front_proof(session, true));
    return front_ask(&f, line, headers, fields);
}

static void assert_status(struct span a, int want)
{
    if (raw_status(a) != want)
        fail_msg("status %d, want %d: %.*s", raw_status(a), want, (int)(a.n < 600 ? a.n : 600), a.p);
}

static void assert_has(struct span a, const char *part)
{
    if (!raw_has(a, part))
        fail_msg("no %s in: %.*s", part, (int)(a.n < 3000 ? a.n : 3000), a.p);
}

static void assert_lacks(struct span a, const char *part)
{
    if (raw_has(a, part))
        fail_msg("%s in: %.*s", part, (int)(a.n < 3000 ? a.n : 3000), a.p);
}

#define A_UUID "0d3f0000-0000-4000-8000-000000000001"

static void a_request_becomes_a_message_and_its_reply_a_document(void **state)
{
    (void)state;
    struct span a = get("/doc/" A_UUID "/?word=h%C3%A9+y&number=7&viewer=9&unknown=1", NULL);
    assert_status(a, 200);
    assert_span(raw_header(a, "Content-Type"), "application/json");
    assert_span(raw_body(a), "{\"viewer\":0,\"item\":\"" A_UUID
                             "\",\"word\":\"hé y\",\"number\":7,\"address\":\"127.0.0.1\","
                             "\"origin\":\"http://site.example\"}");
}

static void a_session_becomes_the_viewer(void **state)
{
    (void)state;
    struct span a = get("/doc/" A_UUID "/", "Cookie: sessionid=ann\r\n");
    assert_has(a, "{\"viewer\":7,");
    assert_has(a, "\"session\":\"");
    a = get("/doc/" A_UUID "/", "Cookie: sessionid=stranger\r\n");
    assert_has(a, "{\"viewer\":0,");
    a = get("/doc/" A_UUID "/", "Authorization: Token aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
    assert_has(a, "{\"viewer\":7,");
}

static void accounts_is_asked_once_in_five_seconds(void **state)
{
    int before = front_whoami_asked();

    (void)state;
    for (int i = 0; i < 5; i++)
        assert_status(get("/mine/", "Cookie: sessionid=ann\r\n"), 200);
    assert_int_equal(front_whoami_asked() - before, 1);
}

static void a_bad_value_is_refused_by_the_name_of_its_field(void **state)
{
    (void)state;
    struct span a = get("/doc/" A_UUID "/?number=101", NULL);
    assert_status(a, 422);
    assert_has(a, "\"field\":\"number\"");
    assert_has(a, "\"error\":\"ERR_INVALID\"");
    assert_status(get("/doc/not-a-uuid/", NULL), 404);
}

static void a_page_that_needs_a_login_sends_there_and_back(void **state)
{
    (void)state;
    struct span a = get("/mine/?a=b&c", NULL);
    assert_status(a, 302);
    assert_span(raw_header(a, "Location"), "/login/?next=/mine/%3Fa%3Db%26c");
    assert_status(get("/mine/", "Cookie: sessionid=stranger\r\n"), 302);
    assert_status(get("/mine/", "Cookie: sessionid=ann\r\n"), 200);
}

static void a_researchers_page_is_403_for_a_family(void **state)
{
    (void)state;
    assert_status(get("/exp/mine/", "Cookie: sessionid=ann\r\n"), 403);
    assert_status(get("/exp/mine/", "Cookie: sessionid=rita\r\n"), 200);
}

static void unknown_paths_methods_and_missing_slashes_are_told(void **state)
{
    (void)state;
    struct span a = get("/nowhere/", NULL);
    assert_status(a, 404);
    assert_has(a, "<h1>");
    a = front_ask(&f, "DELETE /form/", NULL, NULL);
    assert_status(a, 405);
    assert_span(raw_header(a, "Allow"), "GET, POST, HEAD, OPTIONS");
    a = front_ask(&f, "OPTIONS /form/", NULL, NULL);
    assert_status(a, 204);
    assert_span(raw_header(a, "Allow"), "GET, POST, HEAD, OPTIONS");
    a = get("/form?x=1", NULL);
    assert_status(a, 301);
    assert_span(raw_header(a, "Location"), "/form/?x=1");
    assert_status(front_ask(&f, "POST /form", NULL, ""), 404);
}

static void every_page_carries_its_armour(void **state)
{
    (void)state;
    struct span a = get("/form/", NULL);
    assert_status(a, 200);
    assert_has(raw_header(a, "Content-Security-Policy"), "script-src 'self';");
    assert_has(raw_header(a, "Content-Security-Policy"), "frame-ancestors 'none'");
    assert_lacks(raw_header(a, "Content-Security-Policy"), "unsafe");
    assert_span(raw_header(a, "X-Content-Type-Options"), "nosniff");
    assert_span(raw_header(a, "Referrer-Policy"), "same-origin");
    assert_span(raw_header(a, "Cross-Origin-Opener-Policy"), "same-origin");
    assert_has(raw_header(a, "Permissions-Policy"), "camera=(self), microphone=(self)");
    assert_null(raw_header(a, "Strict-Transport-Security").p);
    assert_has(raw_header(get("/stage/", NULL), "Content-Security-Policy"), "style-src-attr 'unsafe-inline'");
}

static void a_form_shows_what_the_desk_put_in_and_a_token(void **state)
{
    (void)state;
    struct span a = get("/form/", NULL);
    assert_has(a, "value=\"first\"");
    assert_has(raw_header(a, "Set-Cookie"), "csrftoken=");
    assert_has(raw_header(a, "Set-Cookie"), "; Path=/; Max-Age=31449600; SameSite=Lax");
    assert_lacks(raw_header(a, "Set-Cookie"), "HttpOnly");
    a = get("/form/", front_proof("", false));
    assert_null(raw_header(a, "Set-Cookie").p); /* the one it has is good */
    a = get("/form/", front_proof("somebody else", false));
    assert_has(raw_header(a, "Set-Cookie"), "csrftoken=");
}

static void a_form_that_is_taken_sends_on_with_a_sentence_for_the_next_page(void **state)
{
    char headers[300];

    (void)state;
    struct span a = post("/form/", "", "username=ann&is_sure=on");
    assert_status(a, 303);
    assert_span(raw_header(a, "Location"), "/there/sure/");
    struct span cookie = raw_header(a, "Set-Cookie");
    assert_has(cookie, "flash=");
    (void)snprintf(headers, sizeof headers, "Cookie: %.*s\r\n", (int)strcspn(cookie.p, ";"), cookie.p);
    a = get("/home/", headers);
    assert_has(a, "Well done, Ann.");
    assert_has(a, "flash=; Path=/; Max-Age=0");
    assert_span(raw_header(post("/form/", "", "username=ann"), "Location"), "/there/unsure/");
}

static void a_refused_form_is_shown_again_with_what_was_typed(void **state)
{
    (void)state;
    struct span a = post("/form/", "", "username=taken&password=geheim&is_sure=on");
    assert_status(a, 200);
    assert_has(a, "value=\"taken\"");
    assert_has(a, "Somebody has &lt;that&gt; name.");
    assert_lacks(a, "geheim");
    a = post("/form/", "", "username=%3Cscript%3E&age=many");
    assert_status(a, 200);
    assert_has(a, "value=\"&lt;script&gt;\"");
    a = post("/form/", "", "username=often");
    assert_status(a, 429);
    assert_has(a, "Please wait a minute.");
    assert_has(a, "value=\"often\"");
}

static void a_form_without_a_page_is_refused_with_a_page_of_its_own(void **state)
{
    (void)state;
    assert_status(post("/pageless/", "", "age=5"), 422);
    assert_status(post("/pageless/", "", "username=taken"), 422);
}

static void a_stale_token_loses_nothing(void **state)
{
    char headers[400];

    (void)state;
    (void)snprintf(headers, sizeof headers,
                   "Cookie: csrftoken=abcdefghijklmnopqrstuvwxyzABCDEF\r\n"
                   "X-CSRFTOKEN: abcdefghijklmnopqrstuvwxyzABCDEF\r\n"
                   "Content-Type: application/x-www-form-urlencoded\r\n");
    struct span a = front_ask(&f, "POST /form/", headers, "username=typed+long");
    assert_status(a, 403);
    assert_has(a, "value=\"typed long\"");
    assert_has(a, "open for too long");
    a = front_ask(&f, "POST /pageless/", headers, "username=x");
    assert_status(a, 403);
}

static void a_form_from_another_site_is_refused(void **state)
{
    char headers[600];

    (void)state;
    (void)snprintf(headers, sizeof headers,
                   "%sOrigin: http://evil.example\r\nContent-Type: application/x-www-form-urlencoded\r\n",
                   front_proof("", true));
    assert_status(front_ask(&f, "POST /form/", headers, "username=ann"), 403);
    (void)snprintf(headers, sizeof headers,
                   "%sOrigin: http://site.example\r\nContent-Type: application/x-www-form-urlencoded\r\n",
                   front_proof("", true));
    assert_status(front_ask(&f, "POST /form/", headers, "username=ann"), 303);
}

static void the_token_of_one_session_is_worth_nothing_in_another(void **state)
{
    char headers[600];
    const char *proof = front_proof("rita", true);
    const char *csrf = strstr(proof, "csrftoken=");

    (void)state;
    (void)snprintf(headers, sizeof headers,
                   "Cookie: sessionid=ann; %sContent-Type: application/x-www-form-urlencoded\r\n", csrf);
    assert_status(front_ask(&f, "POST /done/", headers, ""), 403);
    assert_status(post("/done/", "ann", ""), 303);
    assert_status(post("/done/", "", ""), 302);
}

static void a_login_sets_a_hidden_cookie_and_a_new_token(void **state)
{
    (void)state;
    struct span a = post("/in/", "", "username=ann");
    assert_status(a, 303);
    assert_span(raw_header(a, "Location"), "/welcome/");
    assert_has(a, "Set-Cookie: sessionid=ann; Path=/; Max-Age=600; SameSite=Lax; HttpOnly\r\n");
    assert_has(a, "Set-Cookie: csrftoken=");
    a = post("/in/", "ann", "username=");
    assert_has(a, "Set-Cookie: sessionid=; Path=/; Max-Age=0; SameSite=Lax; HttpOnly\r\n");
}

static void a_logged_out_session_is_asked_about_anew(void **state)
{
    int before;

    (void)state;
    assert_status(get("/mine/", "Cookie: sessionid=ann\r\n"), 200);
    assert_status(post("/in/", "ann", "username="), 303);
    before = front_whoami_asked();
    assert_status(get("/mine/", "Cookie: sessionid=ann\r\n"), 200);
    assert_int_equal(front_whoami_asked() - before, 1);
}

static void failures_of_desks_have_their_status_and_a_page(void **state)
{
    static const struct {
        int err, status;
    } cases[] = {{ERR_MALFORMED, 400}, {ERR_TOOBIG, 413},  {ERR_DENIED, 403}, {ERR_NOTFOUND, 404},
                 {ERR_BUSY, 503},      {ERR_LATE, 503},    {ERR_AWAY, 503},   {ERR_CONFLICT, 409},
                 {ERR_FULL, 507},      {ERR_INVALID, 422}, {ERR_LOGIN, 302},  {ERR_GONE, 410},
                 {ERR_LIMITED, 429},   {ERR_BUG, 500}};
    char path[40];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        (void)snprintf(path, sizeof path, "/fail/%d/", cases[i].err);
        struct span a = get(path, NULL);
        assert_status(a, cases[i].status);
        if (cases[i].status == 302)
            continue;
        assert_has(a, "<h1>");
        assert_lacks(a, "This is why: <");
        if (cases[i].status == 503)
            assert_span(raw_header(a, "Retry-After"), "5");
    }
}

static void a_view_that_is_missing_is_our_fault_and_says_nothing_more(void **state)
{
    (void)state;
    struct span a = get("/broken/", NULL);
    assert_status(a, 500);
    assert_lacks(a, "no/such/view");
}

static void accounts_away_is_503_not_a_logged_out_page(void **state)
{
    (void)state;
    struct span a = get("/home/", "Cookie: sessionid=away\r\n");
    assert_status(a, 503);
    assert_span(raw_header(a, "Retry-After"), "5");
}

static void plain_json_is_saved_and_answered_with_the_desks_own_fields(void **state)
{
    char headers[600];

    (void)state;
    (void)snprintf(headers, sizeof headers, "%sContent-Type: application/json\r\n", front_proof("ann", true));
    struct span a = front_ask(&f, "PUT /save/3/", headers, "{\"data\":{\"x\":[1,2]}}");
    assert_status(a, 200);
    assert_span(raw_body(a), "{\"next\":4}");
    a = front_ask(&f, "PUT /save/9/", headers, "{}");
    assert_status(a, 409);
    assert_has(a, "\"next\":3");
    a = front_ask(&f, "PUT /save/3/", headers, "{\"data\":1,\"colour\":2}");
    assert_status(a, 422);
    assert_has(a, "\"field\":\"colour\"");
    a = front_ask(&f, "PUT /save/3/", headers, "{\"data\":");
    assert_status(a, 400);
    assert_has(a, "line 1, column 9");
    assert_status(front_ask(&f, "PUT /save/3/", "Content-Type: application/json\r\n", "{}"), 401);
    (void)snprintf(headers, sizeof headers, "%sContent-Type: text/plain\r\n", front_proof("ann", true));
    assert_status(front_ask(&f, "PUT /save/3/", headers, "{}"), 415);
    (void)snprintf(headers, sizeof headers, "%sContent-Type: application/json\r\n",
                   front_proof("ann", false));
    assert_status(front_ask(&f, "PUT /save/3/", headers, "{}"), 403);
}

static void a_long_document_travels_whole(void **state)
{
    static char body[260000], headers[600];
    size_t n;

    (void)state;
    memcpy(body, "{\"data\":\"", 9);
    memset(body + 9, 'x', 250000);
    memcpy(body + 250009, "\"}", 3);
    n = strlen(body);
    assert_true(n > 200000);
    (void)snprintf(headers, sizeof headers, "%sContent-Type: application/json\r\n", front_proof("ann", true));
    assert_status(front_ask(&f, "PUT /save/3/", headers, body), 200);
    assert_int_equal(front_spool_files(&f), 0);
}

static void a_body_above_what_its_message_can_hold_is_413(void **state)
{
    static char body[400000];

    (void)state;
    memset(body, 'x', sizeof body - 1);
    assert_status(post("/form/", "", body), 413);
    assert_status(front_ask(&f, "GET /form/", NULL, "x"), 413);
}

static void a_file_in_a_form_reaches_the_desk_and_is_gone_afterwards(void **state)
{
    char headers[700];

    (void)state;
    (void)snprintf(headers, sizeof headers, "%sContent-Type: multipart/form-data; boundary=xx\r\n",
                   front_proof("", true));
    struct span a = front_ask(&f, "POST /picture/", headers,
                              "--xx\r\nContent-Disposition: form-data; name=\"caption\"\r\n\r\nhello\r\n"
                              "--xx\r\nContent-Disposition: form-data; name=\"image\"; "
                              "filename=\"a.png\"\r\n\r\nPNG\r\n--xx--\r\n");
    assert_status(a, 200);
    assert_int_equal(front_spool_files(&f), 0);
    assert_status(front_ask(&f, "POST /picture/", headers, "--xx\r\nnonsense"), 400);
    assert_int_equal(front_spool_files(&f), 0);
    a = post("/picture/", "", "image=" A_UUID "&caption=x"); /* a stranger's spool id is not taken */
    assert_status(a, 200);
}

static void a_download_is_sent_under_its_name_and_removed(void **state)
{
    (void)state;
    struct span a = get("/download/", NULL);
    assert_status(a, 200);
    assert_span(raw_body(a), "a,b\n1,2\n");
    assert_span(raw_header(a, "Content-Type"), "text/csv; charset=utf-8");
    assert_span(raw_header(a, "Content-Disposition"),
                "attachment; filename=\"Antworten f__r _Ann_.csv\"; "
                "filename*=UTF-8''Antworten%20f%C3%BCr%20%22Ann%22.csv");
    assert_has(raw_header(a, "Content-Security-Policy"), "sandbox");
    assert_int_equal(front_spool_files(&f), 0);
}

static void a_stored_file_is_served_in_parts(void **state)
{
    (void)state;
    struct span a = get("/stored/video/a.webm", NULL);
    assert_status(a, 200);
    assert_span(raw_body(a), "0123456789");
    assert_span(raw_header(a, "ETag"), "\"abc\"");
    assert_span(raw_header(a, "Accept-Ranges"), "bytes");
    a = get("/stored/video/a.webm", "Range: bytes=2-4\r\n");
    assert_status(a, 206);
    assert_span(raw_body(a), "234");
    assert_span(raw_header(a, "Content-Range"), "bytes 2-4/10");
    a = get("/stored/video/a.webm", "Range: bytes=10-\r\n");
    assert_status(a, 416);
    assert_span(raw_header(a, "Content-Range"), "bytes */10");
    assert_status(get("/stored/video/a.webm", "Range: bytes=2-4\r\nIf-Range: \"other\"\r\n"), 200);
    assert_status(get("/stored/video/a.webm", "If-None-Match: \"abc\"\r\n"), 304);
    a = front_ask(&f, "HEAD /stored/video/a.webm", NULL, NULL);
    assert_status(a, 200);
    assert_span(raw_header(a, "Content-Length"), "10");
    assert_int_equal(raw_body(a).n, 0);
}

static void an_immutable_script_is_kept_for_ever_and_sent_small(void **state)
{
    (void)state;
    struct span a = get("/stored/video/player.js", "Accept-Encoding: gzip, br\r\n");
    assert_status(a, 200);
    assert_span(raw_header(a, "Content-Encoding"), "br");
    assert_span(raw_header(a, "ETag"), "\"abc-br\"");
    assert_has(raw_header(a, "Cache-Control"), "private, max-age=31536000, immutable");
    assert_true(raw_body(a).n < 500);
    assert_status(get("/stored/video/player.js", "Accept-Encoding: br\r\nIf-None-Match: \"abc-br\"\r\n"),
                  304);
    assert_int_equal(raw_body(get("/stored/video/player.js", NULL)).n, 8000);
}

static void a_page_of_a_version_may_evaluate_and_nothing_else(void **state)
{
    static const char *const denied[] = {"connect-src", "img-src", "'self' 'unsafe", "allow-same-origin",
                                         "http:", "data:"};

    (void)state;
    struct span a = get("/stored/video/sandbox.html", NULL);
    assert_status(a, 200);
    assert_has(raw_header(a, "Content-Security-Policy"),
               "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval';");
    assert_has(raw_header(a, "Content-Security-Policy"), "frame-ancestors 'self'; sandbox allow-scripts");
    for (size_t i = 0; i < sizeof denied / sizeof *denied; i++)
        assert_lacks(raw_header(a, "Content-Security-Policy"), denied[i]);
    assert_span(raw_header(a, "X-Frame-Options"), "SAMEORIGIN");
    a = get("/stored/video/sandbox.html", "If-None-Match: \"abc\"\r\n");
    assert_status(a, 304);
    assert_has(raw_header(a, "Content-Security-Policy"), "sandbox allow-scripts");
    a = get("/stored/video/guest_page.html", NULL); /* somebody's file is no part of a version */
    assert_status(a, 200);
    assert_lacks(raw_header(a, "Content-Security-Policy"), "script-src");
    assert_span(raw_header(a, "X-Frame-Options"), "DENY");
    a = get("/stage/", NULL);
    assert_has(raw_header(a, "Content-Security-Policy"), "script-src 'self';");
    assert_has(raw_header(a, "Content-Security-Policy"), "frame-src 'self'");
    assert_lacks(raw_header(get("/form/", NULL), "Content-Security-Policy"), "frame-src");
}

static void nothing_outside_the_store_is_served(void **state)
{
    (void)state;
    assert_status(get("/stored/video/link", NULL), 404);
    assert_status(get("/stored/video", NULL), 404);
    assert_status(get("/stored/video/.hidden", NULL), 404);
    assert_status(get("/stored/%2fetc/passwd", NULL), 404);
    assert_status(get("/stored/video/nothing", NULL), 404);
    assert_status(get("/stored/x/../video/a.webm", NULL), 400);
}

static void the_house_says_whether_it_lives_and_works(void **state)
{
    (void)state;
    assert_span(raw_body(get("/healthz", NULL)), "alive\n");
    assert_span(raw_body(get("/readyz", NULL)), "ready\n");
    struct span a = get("/metrics", NULL);
    assert_status(a, 200);
    assert_has(a, "lookit_http_answers_total{status=\"2xx\"} ");
    assert_has(a, "lookit_http_seconds_bucket{le=\"+Inf\"} ");
    assert_status(get("/metrics", "X-Forwarded-For: 9.9.9.9\r\n"), 403);
}

static void long_pages_are_compressed_unless_they_repeat_what_was_asked(void **state)
{
    (void)state;
    struct span a = get("/form/", "Accept-Encoding: gzip, br\r\n");
    assert_span(raw_header(a, "Content-Encoding"), "br");
    assert_span(raw_header(get("/form/", "Accept-Encoding: gzip\r\n"), "Content-Encoding"), "gzip");
    a = get("/form/?x=1", "Accept-Encoding: br\r\nCookie: sessionid=ann\r\n");
    assert_null(raw_header(a, "Content-Encoding").p);
}

static void a_name_with_a_tag_in_it_is_printed_escaped(void **state)
{
    (void)state;
    assert_lacks(get("/mine/", "Cookie: sessionid=ann\r\n"), "Ann <b>");
}

static void stopping_waits_for_what_is_in_hand(void **state)
{
    static const char request[] =
        "GET /fail/6/ HTTP/1.1\r\nHost: a\r\n\r\n"; /* the bus answers after 300 ms */
    int fd = raw_connect(f.port);
    bool closed;

    (void)state;
    raw_send(fd, SPAN(request), NULL);
    while (rig_shown(&f.rig, "services.front.in_hand") < 1 && rig_shown(&f.rig, "services.front.served") < 1)
        ;
    gateway_stop(&f.gateway);
    assert_int_equal(raw_status(raw_read(fd, false, NULL, &closed)), 503);
    (void)close(fd);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_request_becomes_a_message_and_its_reply_a_document),
        CASE(a_session_becomes_the_viewer),
        CASE(accounts_is_asked_once_in_five_seconds),
        CASE(a_bad_value_is_refused_by_the_name_of_its_field),
        CASE(a_page_that_needs_a_login_sends_there_and_back),
        CASE(a_researchers_page_is_403_for_a_family),
        CASE(unknown_paths_methods_and_missing_slashes_are_told),
        CASE(every_page_carries_its_armour),
        CASE(a_form_shows_what_the_desk_put_in_and_a_token),
        CASE(a_form_that_is_taken_sends_on_with_a_sentence_for_the_next_page),
        CASE(a_refused_form_is_shown_again_with_what_was_typed),
        CASE(a_form_without_a_page_is_refused_with_a_page_of_its_own),
        CASE(a_stale_token_loses_nothing),
        CASE(a_form_from_another_site_is_refused),
        CASE(the_token_of_one_session_is_worth_nothing_in_another),
        CASE(a_login_sets_a_hidden_cookie_and_a_new_token),
        CASE(a_logged_out_session_is_asked_about_anew),
        CASE(failures_of_desks_have_their_status_and_a_page),
        CASE(a_view_that_is_missing_is_our_fault_and_says_nothing_more),
        CASE(accounts_away_is_503_not_a_logged_out_page),
        CASE(plain_json_is_saved_and_answered_with_the_desks_own_fields),
        CASE(a_long_document_travels_whole),
        CASE(a_body_above_what_its_message_can_hold_is_413),
        CASE(a_file_in_a_form_reaches_the_desk_and_is_gone_afterwards),
        CASE(a_download_is_sent_under_its_name_and_removed),
        CASE(a_stored_file_is_served_in_parts),
        CASE(an_immutable_script_is_kept_for_ever_and_sent_small),
        CASE(a_page_of_a_version_may_evaluate_and_nothing_else),
        CASE(nothing_outside_the_store_is_served),
        CASE(the_house_says_whether_it_lives_and_works),
        CASE(long_pages_are_compressed_unless_they_repeat_what_was_asked),
        CASE(a_name_with_a_tag_in_it_is_printed_escaped),
        CASE(stopping_waits_for_what_is_in_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
