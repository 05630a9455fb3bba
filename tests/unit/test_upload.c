/* tus 1.0.0 heads. */
#include "errors.h"
#include "test.h"
#include "upload.h"

static struct arena *arena;
static struct http_request q;
static struct tus_head head;
static const char *why;

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

static void say(const char *name, const char *value)
{
    q.header[q.header_n++] = (struct http_header){span_of(name), span_of(value)};
}

static int read_as(enum http_method method)
{
    q.method = method;
    return upload_head_read(&q, &head, &why);
}

static void another_version_is_412(void **state)
{
    (void)state;
    assert_int_equal(read_as(HTTP_HEAD), 412);
    say("Tus-Resumable", "0.2.2");
    assert_int_equal(read_as(HTTP_HEAD), 412);
    assert_int_equal(read_as(HTTP_OPTIONS), 0);
}

static void a_creation_tells_its_length_or_defers_it(void **state)
{
    (void)state;
    say("Tus-Resumable", "1.0.0");
    assert_int_equal(read_as(HTTP_POST), 400);
    say("Upload-Length", "123");
    assert_int_equal(read_as(HTTP_POST), 0);
    assert_true(head.has_length && head.length == 123);
    say("Upload-Defer-Length", "1");
    assert_int_equal(read_as(HTTP_POST), 400);
    q.header[1].name = SPAN("X");
    assert_int_equal(read_as(HTTP_POST), 0);
    assert_true(head.is_deferred);
    q.header[2].value = SPAN("2");
    assert_int_equal(read_as(HTTP_POST), 400);
}

static void a_chunk_needs_its_type_and_offset(void **state)
{
    (void)state;
    say("Tus-Resumable", "1.0.0");
    say("Upload-Offset", "10");
    assert_int_equal(read_as(HTTP_PATCH), 415);
    say("Content-Type", "application/offset+octet-stream");
    assert_int_equal(read_as(HTTP_PATCH), 0);
    assert_true(head.has_offset && head.offset == 10);
    q.header[1].value = SPAN("-1");
    assert_int_equal(read_as(HTTP_PATCH), 400);
    q.header[1].value = SPAN("9999999999999999999");
    assert_int_equal(read_as(HTTP_PATCH), 400);
}

static void a_checksum_is_one_that_we_can_compute(void **state)
{
    static const struct {
        const char *text;
        int status;
    } cases[] = {{"sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=", 0},
                 {"sha1 qZk+", 400},
                 {"md5 qZk+NkcGgWq6PiVxeFDCbA==", 400},
                 {"sha1", 400},
                 {"sha256 ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", 0},
                 {"sha256 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=", 400},
                 {"sha256 !!!", 400}};

    (void)state;
    say("Tus-Resumable", "1.0.0");
    say("Upload-Offset", "0");
    say("Content-Type", "application/offset+octet-stream");
    say("Upload-Checksum", "");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        q.header[3].value = span_of(cases[i].text);
        if (read_as(HTTP_PATCH) != cases[i].status)
            fail_msg("%s", cases[i].text);
    }
}

static void metadata_are_pairs_in_base64(void **state)
{
    struct form f = {0};

    (void)state;
    assert_int_equal(upload_metadata(arena, SPAN("filename YS53ZWJt,is_consent dHJ1ZQ==, flag"), &f), 0);
    assert_span(form_get(&f, "filename"), "a.webm");
    assert_span(form_get(&f, "is_consent"), "true");
    assert_span(form_get(&f, "flag"), "");
    assert_int_equal(upload_metadata(arena, SPAN("filename ###"), &f), ERR_MALFORMED);
    f = (struct form){0};
    assert_int_equal(upload_metadata(arena, SPAN("a YQ==,,b YQ=="), &f), ERR_MALFORMED);
    f = (struct form){0};
    assert_int_equal(upload_metadata(arena, (struct span){NULL, 0}, &f), 0);
    assert_int_equal(f.value_n, 0);
}

static void a_creation_binds_its_metadata(void **state)
{
    struct bind b;
    const struct upload_create *m;

    (void)state;
    bind_init(&b, arena, &MESSAGE_upload_create);
    m = b.body;
    say("Tus-Resumable", "1.0.0");
    say("Upload-Length", "5");
    say("Upload-Metadata",
        "filename YS53ZWJt,response N2QzZjlhMjEtNmI1Yy00ZThkLThmMTAtYTJiNGM2ZDhlMGYx,frame MS14,is_consent "
        "dHJ1ZQ==,viewer OQ==");
    assert_int_equal(read_as(HTTP_POST), 0);
    bind_own_number(&b, "viewer", 7);
    assert_int_equal(upload_bind(&b, &q, &head), 0);
    assert_int_equal(bind_finish(&b, false), 0);
    assert_int_equal(m->viewer, 7);
    assert_span(m->filename, "a.webm");
    assert_span(m->frame, "1-x");
    assert_true(m->has_is_consent && m->is_consent && m->has_length && m->length == 5);
    assert_int_equal(m->response.b[0], 0x7d);
}

static struct span header_of(const struct http_answer *a, const char *name)
{
    for (size_t i = 0; i < a->header_n; i++)
        if (span_is(a->header[i].name, name))
            return a->header[i].value;
    return (struct span){NULL, 0};
}

static void answers_say_how_far_it_is(void **state)
{
    struct upload_standing s = {.offset = 5, .upload.b = {1}};
    struct http_answer a = {0};

    (void)state;
    upload_answer(arena, &a, HTTP_POST, &s);
    assert_int_equal(a.status, 201);
    assert_span(header_of(&a, "Location"), "/uploads/01000000-0000-0000-0000-000000000000/");
    a = (struct http_answer){0};
    upload_answer(arena, &a, HTTP_HEAD, &s);
    assert_int_equal(a.status, 200);
    assert_span(header_of(&a, "Upload-Offset"), "5");
    assert_span(header_of(&a, "Upload-Defer-Length"), "1");
    a = (struct http_answer){0};
    s.has_err = true;
    s.err = ERR_CONFLICT;
    upload_answer(arena, &a, HTTP_PATCH, &s);
    assert_int_equal(a.status, 409);
    assert_span(header_of(&a, "Upload-Offset"), "5");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(another_version_is_412),
        CASE(a_creation_tells_its_length_or_defers_it),
        CASE(a_chunk_needs_its_type_and_offset),
        CASE(a_checksum_is_one_that_we_can_compute),
        CASE(metadata_are_pairs_in_base64),
        CASE(a_creation_binds_its_metadata),
        CASE(answers_say_how_far_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
