/* Cookies, credentials, and how long one is believed. */
#include <stdio.h>

#include "crypt.h"
#include "session.h"
#include "test.h"

static struct arena *arena;
static struct http_request q;
static struct credential c;

static int start(void **state)
{
    (void)state;
    crypt_init();
    arena = arena_new();
    q = (struct http_request){.arena = arena};
    return 0;
}

static int stop(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void head(const char *name, const char *value)
{
    q.header[q.header_n++] = (struct http_header){span_of(name), span_of(value)};
}

static void cookies_are_found_by_their_whole_name(void **state)
{
    (void)state;
    head("Cookie", "xsessionid=no; sessionid2=no;sessionid=yes ; csrftoken=t=1; empty=");
    assert_span(cookie_get(&q, "sessionid"), "yes");
    assert_span(cookie_get(&q, "csrftoken"), "t=1");
    assert_span(cookie_get(&q, "empty"), "");
    assert_null(cookie_get(&q, "session").p);
}

static void a_cookie_says_who_may_see_it(void **state)
{
    (void)state;
    assert_span(cookie_make(arena, "a", SPAN("b"), 60, true, true),
                "a=b; Path=/; Max-Age=60; SameSite=Lax; HttpOnly; Secure");
    assert_span(cookie_make(arena, "a", (struct span){NULL, 0}, 0, false, false),
                "a=; Path=/; Max-Age=0; SameSite=Lax");
}

static void a_session_is_known_by_the_hash_of_its_cookie(void **state)
{
    uint8_t hash[32];

    (void)state;
    head("Cookie", "sessionid=abc-DEF_1");
    credential_read(&q, &c);
    crypt_sha256(SPAN("abc-DEF_1"), hash);
    assert_int_equal(c.kind, CREDENTIAL_SESSION);
    assert_memory_equal(c.hash, hash, 32);
}

static void a_cookie_that_is_no_cookie_of_ours_is_nobody(void **state)
{
    (void)state;
    head("Cookie", "sessionid=a\"b");
    credential_read(&q, &c);
    assert_int_equal(c.kind, CREDENTIAL_NONE);
}

static void a_token_counts_before_a_session(void **state)
{
    (void)state;
    head("Cookie", "sessionid=abc");
    head("authorization", "tOKEN 9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b");
    credential_read(&q, &c);
    assert_int_equal(c.kind, CREDENTIAL_TOKEN);
    assert_span(c.token, "9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b");
}

static void another_scheme_does_not_count(void **state)
{
    (void)state;
    head("Authorization", "Bearer x");
    credential_read(&q, &c);
    assert_int_equal(c.kind, CREDENTIAL_NONE);
}

static void a_malformed_token_is_bad_even_beside_a_session(void **state)
{
    static const char *const bad[] = {"Token", "Token a b", "Token ", "Token \xc3\xa9",
                                      "Token 0123456789012345678901234567890123456789x"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        q.header_n = 0;
        head("Cookie", "sessionid=abc");
        head("Authorization", bad[i]);
        credential_read(&q, &c);
        assert_int_equal(c.kind, CREDENTIAL_BAD);
        assert_non_null(c.why);
    }
}

static void who_was_somebody_is_remembered_longer_but_not_believed(void **state)
{
    static const uint8_t ann[32] = {1}, nobody[32] = {2}, other[32] = {3};
    struct sessions *s = sessions_new();
    struct viewer v = {.id = 7};

    (void)state;
    sessions_keep(s, ann, 1000, &v);
    v.id = 0;
    sessions_keep(s, nobody, 1000, &v);
    assert_true(sessions_knew(s, ann));
    assert_false(sessions_find(s, arena, ann, 1000 + SESSION_KEEP_MS, &v));
    assert_true(sessions_knew(s, ann));
    assert_false(sessions_knew(s, nobody));
    assert_false(sessions_knew(s, other));
    sessions_drop(s, ann);
    assert_false(sessions_knew(s, ann));
    sessions_free(&s);
}

static void an_answer_is_believed_for_five_seconds(void **state)
{
    struct sessions *s = sessions_new();
    struct viewer v = {.id = 7, .is_researcher = true, .doc = SPAN("{\"id\":7}")}, got;
    uint8_t hash[32] = {1};

    (void)state;
    assert_false(sessions_find(s, arena, hash, 1000, &got));
    sessions_keep(s, hash, 1000, &v);
    assert_true(sessions_find(s, arena, hash, 1000 + SESSION_KEEP_MS - 1, &got));
    assert_int_equal(got.id, 7);
    assert_true(got.is_researcher);
    assert_span(got.doc, "{\"id\":7}");
    assert_false(sessions_find(s, arena, hash, 1000 + SESSION_KEEP_MS, &got));
    sessions_free(&s);
}

static void an_ended_session_is_forgotten_at_once(void **state)
{
    struct sessions *s = sessions_new();
    struct viewer v = {.id = 7}, got;
    uint8_t one[32] = {1}, two[32] = {2};

    (void)state;
    sessions_keep(s, one, 1000, &v);
    sessions_keep(s, two, 1000, &v);
    sessions_drop(s, one);
    assert_false(sessions_find(s, arena, one, 1000, &got));
    assert_true(sessions_find(s, arena, two, 1000, &got));
    sessions_drop_account(s, 7);
    assert_false(sessions_find(s, arena, two, 1000, &got));
    sessions_free(&s);
}

static void many_strangers_push_out_only_the_least_used(void **state)
{
    struct sessions *s = sessions_new();
    struct viewer v = {.id = 7}, got;
    uint8_t mine[32] = {0}, other[32] = {0};

    (void)state;
    sessions_keep(s, mine, 1, &v);
    for (uint8_t i = 1; i < 200; i++) { /* all in the same set */
        assert_true(sessions_find(s, arena, mine, 1 + i, &got));
        other[31] = i;
        sessions_keep(s, other, 1 + i, &v);
    }
    assert_true(sessions_find(s, arena, mine, 300, &got));
    sessions_free(&s);
}

static void a_document_that_names_nobody_is_nobody(void **state)
{
    struct viewer v;

    (void)state;
    assert_true(viewer_read(arena, SPAN("{\"id\":7,\"is_researcher\":true}"), &v));
    assert_int_equal(v.id, 7);
    assert_true(v.is_researcher);
    assert_false(viewer_read(arena, SPAN("{\"id\":0}"), &v));
    assert_false(viewer_read(arena, SPAN("null"), &v));
    assert_false(viewer_read(arena, SPAN("{"), &v));
    assert_int_equal(v.id, 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(cookies_are_found_by_their_whole_name),
        CASE(a_cookie_says_who_may_see_it),
        CASE(a_session_is_known_by_the_hash_of_its_cookie),
        CASE(a_cookie_that_is_no_cookie_of_ours_is_nobody),
        CASE(a_token_counts_before_a_session),
        CASE(another_scheme_does_not_count),
        CASE(a_malformed_token_is_bad_even_beside_a_session),
        CASE(an_answer_is_believed_for_five_seconds),
        CASE(who_was_somebody_is_remembered_longer_but_not_believed),
        CASE(an_ended_session_is_forgotten_at_once),
        CASE(many_strangers_push_out_only_the_least_used),
        CASE(a_document_that_names_nobody_is_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
