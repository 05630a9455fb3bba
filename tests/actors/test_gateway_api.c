/* The gateway's machine side: JSON:API as the reference speaks it, and tus. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "front.h"
#include "route.h"
#include "upload.h"

static const struct message nothing = {.name = "nothing"};

static const struct route routes[] = {
    {HTTP_GET, "/api/{version:v1|v2}/", WHO_ANYONE, &MESSAGE_front_form, THEN_JSONAPI, NULL},
    {HTTP_GET, "/api/{version:v1|v2}/items/", WHO_API, &MESSAGE_front_doc, THEN_JSONAPI, NULL},
    {HTTP_POST, "/api/{version:v1|v2}/items/", WHO_API, &MESSAGE_front_create, THEN_JSONAPI, NULL},
    {HTTP_GET, "/api/{version:v1|v2}/listed/", WHO_API, &MESSAGE_front_list, THEN_JSONAPI, NULL},
    {HTTP_GET, "/api/{version:v1|v2}/items/{item}/", WHO_API, &MESSAGE_front_doc, THEN_JSONAPI, NULL},
    {HTTP_PATCH, "/api/{version:v1|v2}/items/{item}/", WHO_API, &MESSAGE_front_change, THEN_JSONAPI, NULL},
    {HTTP_GET, "/api/{version:v1|v2}/fail/{err}/", WHO_API, &MESSAGE_front_fail, THEN_JSONAPI, NULL},
    {HTTP_POST, "/api/{version:v1|v2}/video/", WHO_ANYONE, &MESSAGE_front_create, THEN_JSONAPI_ALONE, NULL},
    {HTTP_NONE, "/api/{version:v1|v2}/video/{item}/", WHO_ANYONE, &MESSAGE_front_doc, THEN_JSONAPI_ALONE,
     NULL},
    {HTTP_GET, "/api/{version:v1|v2}/past-sessions/{item}/", WHO_API, &MESSAGE_front_doc, THEN_JSONAPI_ALONE,
     NULL},
    {HTTP_PATCH, "/big/{response}/", WHO_API, &MESSAGE_api_response_change, THEN_DOC, NULL},
    {HTTP_POST, "/uploads/", WHO_API, &MESSAGE_upload_create, THEN_UPLOAD, NULL},
    {HTTP_OPTIONS, "/uploads/", WHO_ANYONE, &nothing, THEN_UPLOAD, NULL},
    {HTTP_HEAD, "/uploads/{upload}/", WHO_API, &MESSAGE_upload_head, THEN_UPLOAD, NULL},
    {HTTP_PATCH, "/uploads/{upload}/", WHO_API, &MESSAGE_upload_append, THEN_UPLOAD, NULL},
    {HTTP_DELETE, "/uploads/{upload}/", WHO_API, &MESSAGE_upload_drop, THEN_UPLOAD, NULL},
    {0}};

static struct front f;

static int start(void **state)
{
    (void)state;
    front_start(&f,
                (struct roster_entry[]){
                    {&front_actor, 1, ""}, {&front_accounts_actor, 1, ""}, {&front_video_actor, 1, ""}, {0}},
                routes, NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    front_stop(&f);
    return 0;
}

#define A_UUID "0d3f0000-0000-4000-8000-000000000001"
#define UPLOAD "77010000-0000-0000-0000-000000000000"
#define TOKEN "Authorization: Token aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"
#define TYPE "Content-Type: application/vnd.api+json\r\n"

static struct span call(const char *line, const char *headers, const char *body)
{
    return front_ask(&f, line, headers, body);
}

static void assert_status(struct span a, int want)
{
    if (raw_status(a) != want)
        fail_msg("status %d, want %d: %.*s", raw_status(a), want, (int)(a.n < 900 ? a.n : 900), a.p);
}

static void assert_fault(struct span a, int status, const char *code, const char *pointer)
{
    char part[200];

    assert_status(a, status);
    assert_span(raw_header(a, "Content-Type"), "application/vnd.api+json");
    (void)snprintf(part, sizeof part, "\"status\":\"%d\"", status);
    if (!raw_has(a, part))
        fail_msg("no %s in %.*s", part, (int)a.n, a.p);
    (void)snprintf(part, sizeof part, "\"code\":\"%s\"", code);
    if (!raw_has(a, part))
        fail_msg("no %s in %.*s", part, (int)a.n, a.p);
    (void)snprintf(part, sizeof part, "\"source\":{\"pointer\":\"%s\"}", pointer ? pointer : "");
    if (pointer ? !raw_has(a, part) : raw_has(a, "\"source\""))
        fail_msg("pointer is not %s in %.*s", pointer, (int)a.n, a.p);
}

static void an_answer_is_a_document_of_the_api(void **state)
{
    (void)state;
    struct span a = call("GET /api/v2/items/", TOKEN "Origin: http://elsewhere.example\r\n", NULL);
    assert_status(a, 200);
    assert_span(raw_header(a, "Content-Type"), "application/vnd.api+json");
    assert_span(raw_header(a, "Allow"), "GET, POST, HEAD, OPTIONS");
    assert_span(raw_header(a, "Access-Control-Allow-Origin"), "*");
    assert_null(raw_header(a, "Access-Control-Allow-Credentials").p);
    assert_span(raw_header(a, "Content-Language"), "en-us");
    assert_span(raw_header(a, "Vary"), "Accept, Accept-Language, Origin");
    a = call("GET /api/v1/items/", "Cookie: sessionid=ann\r\n", NULL);
    assert_status(a, 200);
    assert_span(raw_header(a, "Vary"), "Accept, Accept-Language, Origin, Cookie");
    assert_status(call("GET /api/v1/", NULL, NULL), 200);
}

static void a_stranger_is_401_before_anything_else(void **state)
{
    (void)state;
    struct span a = call("GET /api/v1/items/", NULL, NULL);
    assert_fault(a, 401, "not_authenticated", "/data");
    assert_span(raw_header(a, "WWW-Authenticate"), "Token");
    assert_fault(call("POST /api/v1/items/", TYPE, "not json"), 401, "not_authenticated", "/data");
    assert_fault(call("DELETE /api/v1/items/", NULL, NULL), 401, "not_authenticated", "/data");
    assert_fault(call("GET /api/v1/items/", "Authorization: Bearer x\r\n", NULL), 401, "not_authenticated",
                 "/data");
    assert_fault(call("GET /api/v1/items/", "Authorization: Token\r\n", NULL), 401, "authentication_failed",
                 "/data");
    assert_fault(call("GET /api/v1/items/", "Authorization: Token bbbb\r\nCookie: sessionid=ann\r\n", NULL),
                 401, "authentication_failed", "/data");
    a = call("GET /api/v1/items/", "Cookie: sessionid=stranger\r\n", NULL);
    assert_fault(a, 401, "not_authenticated", "/data");
    assert_true(raw_has(raw_header(a, "Set-Cookie"), "sessionid=;")); /* it has ended: forget it */
    assert_fault(call("DELETE /api/v1/items/", "Authorization: Token bbbb\r\n", NULL), 401,
                 "authentication_failed", "/data");
    assert_fault(call("OPTIONS /api/v1/items/", NULL, NULL), 401, "not_authenticated", "/data");
    assert_fault(call("GET /api/v1/items/abc/", NULL, NULL), 401, "not_authenticated", "/data");
}

static void methods_and_slashes_are_told_to_friends(void **state)
{
    (void)state;
    struct span a = call("DELETE /api/v1/items/", TOKEN, NULL);
    assert_fault(a, 405, "method_not_allowed", "/data");
    assert_span(raw_header(a, "Allow"), "GET, POST, HEAD, OPTIONS");
    a = call("POST /api/v1/items?x=1", TYPE, "{}");
    assert_status(a, 301);
    assert_span(raw_header(a, "Location"), "/api/v1/items/?x=1");
    a = call("GET /api/v3/items/", TOKEN, NULL);
    assert_status(a, 404);
    assert_true(raw_has(raw_header(a, "Content-Type"), "text/html"));
    assert_fault(call("TRACE /api/v1/items/", TOKEN, NULL), 405, "method_not_allowed", "/data");
    assert_fault(call("PATCH /api/v1/items/", TOKEN TYPE, "{\"data\":"), 405, "method_not_allowed", "/data");
    assert_fault(call("DELETE /api/v1/items/", TOKEN "Accept: image/png\r\n", NULL), 406, "not_acceptable",
                 "/data");
    assert_fault(call("DELETE /api/v1/items/", "Cookie: sessionid=ann\r\n", NULL), 403, "permission_denied",
                 "/data");
    assert_fault(call("PUT /api/v1/video/", TYPE "Cookie: sessionid=ann\r\n", "{}"), 405,
                 "method_not_allowed", "/data");
}

static void some_paths_know_one_method_alone(void **state)
{
    (void)state;
    struct span a = call("OPTIONS /api/v1/past-sessions/" A_UUID "/", TOKEN, NULL);
    assert_fault(a, 405, "method_not_allowed", "/data");
    assert_span(raw_header(a, "Allow"), "GET");
    assert_status(call("GET /api/v1/past-sessions/" A_UUID "/", TOKEN, NULL), 200);
    a = call("GET /api/v1/video/", NULL, NULL);
    assert_fault(a, 405, "method_not_allowed", "/data");
    assert_span(raw_header(a, "Allow"), "POST");
    a = call("GET /api/v1/video/" A_UUID "/", NULL, NULL);
    assert_fault(a, 405, "method_not_allowed", "/data");
    assert_non_null(raw_header(a, "Allow").p);
    assert_span(raw_header(a, "Allow"), "");
}

#define PAST "PATCH /api/v1/past-sessions/" A_UUID "/"

static void a_past_session_is_not_changed_by_a_good_document_nor_a_bad_one(void **state)
{
    (void)state;
    assert_fault(call(PAST, TYPE, "{}"), 401, "not_authenticated", "/data");
    assert_fault(call(PAST, TOKEN TYPE, "{\"data\":{\"type\":\"past_sessions\"}}"), 400, "parse_error",
                 "/data");
    assert_fault(call(PAST, TOKEN TYPE, "{\"data\":{\"type\":\"responses\"}}"), 409, "error", "/data");
    assert_fault(call(PAST, TOKEN, "{}"), 415, "unsupported_media_type", "/data");
    struct span a = call(PAST, TOKEN TYPE, "{\"data\":{\"type\":\"past_sessions\",\"id\":\"" A_UUID "\"}}");
    assert_fault(a, 405, "method_not_allowed", "/data");
    assert_span(raw_header(a, "Allow"), "GET");
    assert_fault(call(PAST, TOKEN TYPE "Accept: application/json\r\n", "{}"), 400, "parse_error", "/data");
    assert_fault(call(PAST, TOKEN TYPE "Accept: application/json\r\n",
                      "{\"data\":{\"type\":\"past_sessions\",\"id\":\"" A_UUID "\"}}"),
                 406, "not_acceptable", "/data");
    assert_fault(call("DELETE /api/v1/past-sessions/" A_UUID "/", TOKEN TYPE, "{}"), 405,
                 "method_not_allowed", "/data");
}

static void what_is_no_id_names_nothing(void **state)
{
    (void)state;
    assert_fault(call("GET /api/v1/items/abc/", TOKEN, NULL), 404, "not_found", NULL);
    assert_fault(call("PATCH /api/v1/items/17/", TOKEN TYPE, "{\"data\":{\"type\":\"items\",\"id\":\"17\"}}"),
                 404, "not_found", NULL);
    struct span a = call("GET /api/v1/items/a.json/", TOKEN, NULL);
    assert_status(a, 404);
    assert_true(raw_has(raw_header(a, "Content-Type"), "text/html"));
    assert_true(raw_has(raw_header(a, "Vary"), "Accept-Language, Origin, Cookie"));
}

static void options_tell_what_a_path_can_do(void **state)
{
    (void)state;
    struct span a = call("OPTIONS /api/v1/items/", TOKEN, NULL);
    assert_status(a, 200);
    assert_true(raw_has(raw_body(a), "\"allowed_methods\":[\"GET\",\"POST\",\"HEAD\",\"OPTIONS\"]"));
    assert_true(raw_has(raw_body(a), "\"renders\":[\"application/vnd.api+json\",\"text/html\"]"));
    a = call("OPTIONS /api/v1/", NULL, NULL);
    assert_status(a, 200);
    assert_true(raw_has(raw_body(a), "\"name\":\"Api Root\""));
}

static void a_browser_may_ask_before_it_asks(void **state)
{
    (void)state;
    struct span a =
        call("OPTIONS /api/v1/items/", "Origin: http://x\r\nAccess-Control-Request-Method: PATCH\r\n", NULL);
    assert_status(a, 200);
    assert_span(raw_header(a, "Access-Control-Allow-Origin"), "*");
    assert_true(raw_has(raw_header(a, "Access-Control-Allow-Headers"), "authorization"));
    assert_span(raw_header(a, "Access-Control-Max-Age"), "86400");
    assert_span(raw_header(a, "Vary"), "Origin");
    a = call("OPTIONS /api/v1/nothing/", "Access-Control-Request-Method: GET\r\n", NULL);
    assert_status(a, 200);
    assert_null(raw_header(a, "Access-Control-Allow-Origin").p);
}

static void a_desk_learns_the_path_and_the_query_in_order_but_for_the_page(void **state)
{
    struct span a =
        call("GET /api/v1/listed/?z=%C3%A9&page=3&b=2&page%5Bsize%5D=9&a=1%2B1&b=1&page_size=x", TOKEN, NULL);

    (void)state;
    assert_status(a, 200);
    assert_true(raw_has(a, "\"path\":\"/api/v1/listed/\""));
    assert_true(raw_has(
        a, "\"query\":[\"a\",\"1+1\",\"b\",\"2\",\"b\",\"1\",\"page[size]\",\"9\",\"page_size\",\"x\","
           "\"z\",\"\u00e9\"]"));
    a = call("GET /api/v1/listed/?query=mine&path=/mine/", TOKEN, NULL);
    assert_true(raw_has(a, "\"path\":\"/api/v1/listed/\""));
    assert_true(raw_has(a, "\"query\":[\"path\",\"/mine/\",\"query\",\"mine\"]"));
}

/* Spec of the API, 2. */
static void checks_come_in_their_order(void **state)
{
    const char *wrong = "{\"data\":{\"type\":\"item\"}}", *incomplete = "{\"data\":{\"type\":\"items\"}}";
    struct span a;

    (void)state;
    a = call("GET /api/v1/items/", "Accept: image/png\r\n", NULL); /* before anybody is asked who they are */
    assert_fault(a, 406, "not_acceptable", "/data");
    assert_span(raw_header(a, "Vary"), "Accept, Accept-Language, Origin");
    assert_fault(call("DELETE /api/v1/items/", "Accept: image/png\r\n", NULL), 406, "not_acceptable",
                 "/data");
    a = call("POST /api/v1/items/", TYPE "Accept: image/png\r\n", wrong);
    assert_fault(a, 401, "not_authenticated", "/data");
    assert_span(raw_header(a, "Vary"), "Accept, Accept-Language, Origin, Cookie");
    assert_fault(call("POST /api/v1/items/", TOKEN "Accept: image/png\r\n", wrong), 415,
                 "unsupported_media_type", "/data");
    assert_fault(call("POST /api/v1/items/", TOKEN TYPE "Accept: image/png\r\n", wrong), 409, "error",
                 "/data");
    assert_fault(call("POST /api/v1/items/", TOKEN TYPE "Accept: image/png\r\n", incomplete), 406,
                 "not_acceptable", "/data");
    a = call("POST /api/v1/items/", TYPE "Cookie: sessionid=ann\r\n", wrong); /* without a form token */
    assert_fault(a, 409, "error", "/data");
    assert_span(raw_header(a, "Vary"), "Accept, Accept-Language, Origin");
    a = call("POST /api/v1/items/", TYPE "Cookie: sessionid=ann\r\n", incomplete);
    assert_fault(a, 403, "permission_denied", "/data");
    assert_span(raw_header(a, "Vary"), "Accept, Accept-Language, Origin, Cookie");
    assert_fault(call("PATCH /api/v1/items/17/", TYPE "Cookie: sessionid=ann\r\n",
                      "{\"data\":{\"type\":\"items\",\"id\":\"17\"}}"),
                 403, "permission_denied", "/data");
}

static void an_answer_is_indented_for_those_who_ask(void **state)
{
    static const char accept[] =
        TOKEN "Accept: text/html, */*; indent=4, application/vnd.api+json; indent=2\r\n";

    (void)state;
    struct span a = call("GET /api/v1/fail/4/", accept, NULL);
    assert_status(a, 404);
    assert_true(raw_has(a, "{\n  \"errors\": [\n    {\n      \"detail\": \""));
    a = call("GET /api/v1/fail/4/", TOKEN "Accept: */*; indent=4\r\n", NULL);
    assert_true(raw_has(a, "{\n    \"errors\": ["));
    a = call("GET /api/v1/fail/4/", TOKEN "Accept: */*; indent=99999999999\r\n", NULL);
    assert_true(raw_has(a, "{\n        \"errors\": ["));
    a = call("GET /api/v1/fail/4/", TOKEN "Accept: text/html; indent=no\r\n",
             NULL); /* a browser: JSON all the same */
    assert_fault(a, 404, "not_found", NULL);
}

static void media_types_are_the_apis_own(void **state)
{
    (void)state;
    assert_fault(call("GET /api/v1/items/", TOKEN "Accept: application/json\r\n", NULL), 406,
                 "not_acceptable", "/data");
    assert_status(call("GET /api/v1/items/", TOKEN "Accept: text/html, */*;q=0.1\r\n", NULL), 200);
    assert_fault(call("POST /api/v1/items/", TOKEN "Content-Type: application/json\r\n", "{}"), 415,
                 "unsupported_media_type", "/data");
    assert_fault(call("POST /api/v1/items/", TOKEN, "{}"), 415, "unsupported_media_type", "/data");
    assert_fault(call("GET /api/v1/items/?include=child", TOKEN, NULL), 400, "parse_error", "/data");
    assert_fault(call("GET /api/v1/fail/4/?include=child", TOKEN, NULL), 404, "not_found", NULL);
    assert_status(call("GET /api/v1/items/?include=", TOKEN, NULL), 200);
    assert_fault(call("POST /api/v1/items/?include=child", TOKEN TYPE, "{\"data\":{\"type\":\"items\"}}"),
                 400, "parse_error", "/data");
    assert_fault(call("POST /api/v1/items/?include=child", TOKEN TYPE, "{\"data\":{\"type\":\"x\"}}"), 409,
                 "error", "/data");
}

static void a_session_needs_its_token_and_a_token_needs_none(void **state)
{
    char headers[500];
    const char *document = "{\"data\":{\"type\":\"items\",\"attributes\":{\"title\":\"x\"}}}";

    (void)state;
    assert_status(call("POST /api/v1/items/", TOKEN TYPE, document), 201);
    struct span a = call("POST /api/v1/items/", TYPE "Cookie: sessionid=ann\r\n", document);
    assert_fault(a, 403, "permission_denied", "/data");
    assert_true(raw_has(a, "CSRF Failed: CSRF cookie not set."));
    (void)snprintf(headers, sizeof headers, "%s" TYPE, front_proof("ann", true));
    assert_status(call("POST /api/v1/items/", headers, document), 201);
    /* made by somebody else, but the header repeats the cookie: only a script of this site can do that */
    assert_status(call("POST /api/v1/items/",
                       TYPE "Cookie: sessionid=ann; csrftoken=abcdefghijklmnopqrstuvwxyzABCDEF\r\n"
                            "X-CSRFTOKEN: abcdefghijklmnopqrstuvwxyzABCDEF\r\n",
                       document),
                  201);
    assert_fault(call("POST /api/v1/items/",
                      TYPE "Cookie: sessionid=ann; csrftoken=abcdefghijklmnopqrstuvwxyzABCDEF\r\n"
                           "X-CSRFTOKEN: abcdefghijklmnopqrstuvwxyzABCDEG\r\n",
                      document),
                 403, "permission_denied", "/data");
    (void)snprintf(headers, sizeof headers, "%s" TYPE, front_proof("ann", false));
    assert_fault(call("POST /api/v1/items/", headers, document), 403, "permission_denied", "/data");
    assert_status(call("POST /api/v1/video/", TYPE,
                       "{\"data\":{\"type\":\"videos\",\"attributes\":{\"title\":\"x\"}}}"),
                  201);
}

static void a_creation_says_where_it_lives(void **state)
{
    (void)state;
    struct span a =
        call("POST /api/v1/items/", TOKEN TYPE,
             "{\"data\":{\"type\":\"items\",\"attributes\":{\"Title\":\"x\",\"data\":{\"b\":1,\"a\":2.50}},"
             "\"relationships\":{\"child\":{\"data\":{\"type\":\"children\",\"id\":\"" A_UUID "\"}}}}}");
    assert_status(a, 201);
    assert_span(raw_header(a, "Location"), "http://site.example/api/v1/items/5/");
    assert_span(raw_body(a), "{\"viewer\":7,\"title\":\"x\",\"data\":{\"b\":1,\"a\":2.50},\"child\":\"" A_UUID
                             "\",\"child_type\":\"children\"}");
}

static void wrong_documents_are_told_with_pointer_and_code(void **state)
{
    (void)state;
    assert_fault(call("POST /api/v1/items/", TOKEN TYPE, "{"), 400, "parse_error", "/data");
    assert_fault(call("POST /api/v1/items/", TOKEN TYPE, "{\"data\":{\"type\":\"item\"}}"), 409, "error",
                 "/data");
    assert_fault(call("POST /api/v1/items/", TOKEN TYPE, "{\"data\":{\"type\":\"items\"}}"), 400, "required",
                 "/data/attributes/title");
    assert_fault(call("POST /api/v1/items/", TOKEN TYPE, ""), 400, "required", "/data/attributes/title");
    assert_fault(call("POST /api/v1/items/", TOKEN TYPE,
                      "{\"data\":{\"type\":\"items\",\"attributes\":{\"title\":\"x\"},\"relationships\":{"
                      "\"child\":{\"data\":[]}}}}"),
                 400, "incorrect_type", "/data/relationships/child");
    assert_fault(
        call("POST /api/v1/items/", TOKEN TYPE,
             "{\"data\":{\"type\":\"items\",\"attributes\":{\"title\":\"far longer than twenty bytes\"}}}"),
        400, "max_length", "/data/attributes/title");
    assert_fault(call("PATCH /api/v1/items/" A_UUID "/", TOKEN TYPE, "{\"data\":{\"type\":\"items\"}}"), 400,
                 "parse_error", "/data");
    assert_fault(
        call("PATCH /api/v1/items/" A_UUID "/", TOKEN TYPE, "{\"data\":{\"type\":\"items\",\"id\":\"1\"}}"),
        409, "error", "/data");
    assert_status(call("PATCH /api/v1/items/" A_UUID "/", TOKEN TYPE,
                       "{\"data\":{\"type\":\"items\",\"id\":\"" A_UUID "\"}}"),
                  200);
    assert_status(call("PATCH /api/v1/items/" A_UUID "/", TOKEN TYPE, ""), 200);
}

static void refusals_of_desks_are_documents_too(void **state)
{
    (void)state;
    assert_fault(call("GET /api/v1/fail/4/", TOKEN, NULL), 404, "not_found", NULL);
    assert_fault(call("GET /api/v1/fail/10/", TOKEN, NULL), 400, "invalid", "/data/attributes/thing");
    assert_fault(call("GET /api/v1/fail/8/", TOKEN, NULL), 409, "error", "/data/attributes/thing");
    assert_fault(call("GET /api/v1/fail/7/", TOKEN, NULL), 503, "error", "/data/attributes/thing");
    assert_fault(call("GET /api/v1/fail/6/", TOKEN, NULL), 504, "error", "/data");
}

/* ---- tus
 * ----------------------------------------------------------------------------------------------------------
 */

#define TUS TOKEN "Tus-Resumable: 1.0.0\r\n"
#define CHUNK TUS "Content-Type: application/offset+octet-stream\r\n"
#define META                                                                                              \
    "Upload-Metadata: filename YS53ZWJt,response N2QzZjlhMjEtNmI1Yy00ZThkLThmMTAtYTJiNGM2ZDhlMGYx,frame " \
    "MS14\r\n"

static void an_upload_goes_from_creation_to_its_last_chunk(void **state)
{
    (void)state;
    struct span a = call("POST /uploads/", TUS META "Upload-Defer-Length: 1\r\n", "");
    assert_status(a, 201);
    assert_span(raw_header(a, "Location"), "/uploads/" UPLOAD "/");
    assert_span(raw_header(a, "Tus-Resumable"), "1.0.0");
    a = call("PATCH /uploads/" UPLOAD "/", CHUNK "Upload-Offset: 0\r\n", "hello");
    assert_status(a, 204);
    assert_span(raw_header(a, "Upload-Offset"), "5");
    a = call("HEAD /uploads/" UPLOAD "/", TUS, NULL);
    assert_status(a, 200);
    assert_span(raw_header(a, "Upload-Offset"), "5");
    assert_span(raw_header(a, "Upload-Defer-Length"), "1");
    assert_span(raw_header(a, "Cache-Control"), "no-store");
    assert_int_equal(front_spool_files(&f), 0);
}

static void a_chunk_at_a_wrong_offset_is_409_with_the_right_one(void **state)
{
    (void)state;
    assert_status(call("POST /uploads/", TUS META "Upload-Length: 9\r\n", ""), 201);
    struct span a = call("PATCH /uploads/" UPLOAD "/", CHUNK "Upload-Offset: 7\r\n", "hello");
    assert_status(a, 409);
    assert_span(raw_header(a, "Upload-Offset"), "0");
    assert_int_equal(front_spool_files(&f), 0);
}

static void a_chunk_that_changed_on_the_way_is_460_and_goes_no_further(void **state)
{
    (void)state;
    assert_status(call("POST /uploads/", TUS META "Upload-Length: 9\r\n", ""), 201);
    assert_status(call("PATCH /uploads/" UPLOAD "/",
                       CHUNK "Upload-Offset: 0\r\nUpload-Checksum: sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=\r\n",
                       "abd"),
                  460);
    assert_status(call("PATCH /uploads/" UPLOAD "/",
                       CHUNK "Upload-Offset: 0\r\nUpload-Checksum: sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=\r\n",
                       "abc"),
                  204);
    assert_status(
        call("PATCH /uploads/" UPLOAD "/",
             CHUNK
             "Upload-Offset: 3\r\nUpload-Checksum: sha256 ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=\r\n",
             "abc"),
        204);
    assert_status(call("PATCH /uploads/" UPLOAD "/",
                       CHUNK "Upload-Offset: 6\r\nUpload-Checksum: crc32 AAAA\r\n", "abc"),
                  400);
    assert_int_equal(front_spool_files(&f), 0);
}

static void tus_says_no_in_its_own_numbers(void **state)
{
    static char big[UPLOAD_CHUNK_MAX + 2];

    (void)state;
    struct span a = call("HEAD /uploads/" UPLOAD "/", TOKEN, NULL);
    assert_status(a, 412);
    assert_span(raw_header(a, "Tus-Version"), "1.0.0");
    assert_status(call("HEAD /uploads/" A_UUID "/", TUS, NULL), 410);
    assert_status(call("PATCH /uploads/" A_UUID "/", CHUNK "Upload-Offset: 0\r\n", "x"), 404);
    assert_status(call("PATCH /uploads/" UPLOAD "/", TUS "Upload-Offset: 0\r\n", "x"), 415);
    assert_status(call("PATCH /uploads/" UPLOAD "/", CHUNK, "x"), 400);
    assert_status(call("POST /uploads/", TUS META, ""), 400);
    assert_status(call("POST /uploads/", TUS "Upload-Length: 5\r\n", ""), 422);
    assert_status(call("HEAD /uploads/" UPLOAD "/", "Tus-Resumable: 1.0.0\r\n", NULL), 401);
    assert_status(call("DELETE /uploads/" UPLOAD "/", TUS, NULL), 204);
    memset(big, 'x', sizeof big - 1);
    assert_status(call("PATCH /uploads/" UPLOAD "/", CHUNK "Upload-Offset: 0\r\n", big), 413);
    a = call("OPTIONS /uploads/", NULL, NULL);
    assert_status(a, 204);
    assert_span(raw_header(a, "Tus-Checksum-Algorithm"), "sha256,sha1");
    assert_true(raw_has(raw_header(a, "Tus-Extension"), "creation-defer-length"));
    assert_int_equal(front_spool_files(&f), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

/* Announces a body as long as half of the room for all, and sends next to none of it. */
static int body_announce(const char *who)
{
    char head[500];
    int fd = raw_connect(f.port);

    (void)snprintf(head, sizeof head,
                   "PATCH /big/" A_UUID "/ HTTP/1.1\r\nHost: a\r\n%sContent-Type: application/json\r\n"
                   "Content-Length: 50331648\r\n\r\n{",
                   who);
    raw_send(fd, span_of(head), NULL);
    return fd;
}

#define ITEM "{\"data\":{\"type\":\"items\",\"attributes\":{\"title\":\"x\"%s}}}"

static void long_bodies_that_are_announced_keep_no_short_one_out(void **state)
{
    char item[200];
    int fd[3];
    bool closed;

    (void)state;
    assert_status(call("GET /api/v1/items/", TOKEN, NULL), 200); /* who is known may take all the room */
    for (int i = 0; i < 3; i++)
        fd[i] = body_announce(TOKEN);
    assert_int_equal(raw_status(raw_read(fd[2], false, NULL, &closed)), 503);
    (void)snprintf(item, sizeof item, ITEM, "");
    assert_status(call("POST /api/v1/items/", TOKEN TYPE, item), 201);
    for (int i = 0; i < 3; i++)
        (void)close(fd[i]);
}

static void strangers_keep_no_long_body_of_a_friend_out(void **state)
{
    static char spaces[100001], item[100300];
    int fd[2];
    bool closed;

    (void)state;
    memset(spaces, ' ', sizeof spaces - 1);
    (void)snprintf(item, sizeof item, ITEM, spaces);
    assert_status(call("GET /api/v1/items/", TOKEN, NULL), 200);
    for (int i = 0; i < 2; i++)
        fd[i] = body_announce("Cookie: sessionid=nobody\r\n");
    assert_int_equal(raw_status(raw_read(fd[1], false, NULL, &closed)), 503);
    assert_status(call("POST /api/v1/items/", TOKEN TYPE, item), 201);
    for (int i = 0; i < 2; i++)
        (void)close(fd[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_answer_is_a_document_of_the_api),
        CASE(a_stranger_is_401_before_anything_else),
        CASE(methods_and_slashes_are_told_to_friends),
        CASE(some_paths_know_one_method_alone),
        CASE(a_past_session_is_not_changed_by_a_good_document_nor_a_bad_one),
        CASE(what_is_no_id_names_nothing),
        CASE(options_tell_what_a_path_can_do),
        CASE(a_browser_may_ask_before_it_asks),
        CASE(a_desk_learns_the_path_and_the_query_in_order_but_for_the_page),
        CASE(checks_come_in_their_order),
        CASE(an_answer_is_indented_for_those_who_ask),
        CASE(media_types_are_the_apis_own),
        CASE(a_session_needs_its_token_and_a_token_needs_none),
        CASE(a_creation_says_where_it_lives),
        CASE(wrong_documents_are_told_with_pointer_and_code),
        CASE(refusals_of_desks_are_documents_too),
        CASE(an_upload_goes_from_creation_to_its_last_chunk),
        CASE(a_chunk_at_a_wrong_offset_is_409_with_the_right_one),
        CASE(a_chunk_that_changed_on_the_way_is_460_and_goes_no_further),
        CASE(tus_says_no_in_its_own_numbers),
        CASE(long_bodies_that_are_announced_keep_no_short_one_out),
        CASE(strangers_keep_no_long_body_of_a_friend_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
