/* From HTTP into a message: path, query, form, JSON, JSON:API; every mistake by the name of its field. */
#include "bind.h"
#include "crypt.h"
#include "errors.h"
#include "test.h"

struct sample {
    uint64_t viewer;
    struct uuid study;
    struct span name;
    uint32_t age;
    bool has_age;
    bool is_ready;
    struct list tags;
    struct span data;
    bool has_data;
    struct span address;
    struct uuid child;
    bool has_child;
    struct uuid image;
    bool has_image;
    struct span image_name;
    bool has_image_name;
    uint32_t image_bytes;
    bool has_image_bytes;
    struct uuid op_id;
    struct span password1;
    bool has_password1;
    struct span child_type;
    bool has_child_type;
};
#define AT(member) .offset = offsetof(struct sample, member)
#define MAYBE(member) AT(member), .is_optional = true, .has_offset = offsetof(struct sample, has_##member)
static const struct field fields[] = {
    {.name = "viewer", .number = 1, .type = FIELD_U64, .max = UINT64_MAX, AT(viewer)},
    {.name = "study", .number = 2, .type = FIELD_UUID, .max = 16, AT(study)},
    {.name = "name", .number = 3, .type = FIELD_STR, .max = 10, AT(name)},
    {.name = "age", .number = 4, .type = FIELD_U32, .max = 120, MAYBE(age)},
    {.name = "is_ready", .number = 5, .type = FIELD_BOOL, .max = 1, AT(is_ready)},
    {.name = "tags", .number = 6, .type = FIELD_LIST, .item = FIELD_STR, .max = 5, .list_max = 3, AT(tags)},
    {.name = "data", .number = 7, .type = FIELD_JSON, .max = 1000, MAYBE(data)},
    {.name = "address", .number = 8, .type = FIELD_STR, .max = 46, AT(address)},
    {.name = "child", .number = 9, .type = FIELD_UUID, .max = 16, MAYBE(child)},
    {.name = "image", .number = 10, .type = FIELD_UUID, .max = 16, MAYBE(image)},
    {.name = "image_name", .number = 11, .type = FIELD_STR, .max = 20, MAYBE(image_name)},
    {.name = "image_bytes", .number = 12, .type = FIELD_U32, .max = 1000, MAYBE(image_bytes)},
    {.name = "op_id", .number = 13, .type = FIELD_UUID, .max = 16, AT(op_id)},
    {.name = "password1", .number = 14, .type = FIELD_STR, .max = 100, MAYBE(password1)},
    {.name = "child_type", .number = 15, .type = FIELD_STR, .max = 50, MAYBE(child_type)},
};
static const struct message sample = {.name = "sample.go",
                                      .to = "x",
                                      .size = sizeof(struct sample),
                                      .field = fields,
                                      .field_n = sizeof fields / sizeof fields[0]};

#define STUDY "0d3f0000-0000-4000-8000-000000000001"
#define CHILD "0d3f0000-0000-4000-8000-000000000002"

static struct arena *arena;
static struct bind b;
static struct sample *out;

static int start(void **state)
{
    struct capture path = {SPAN("study"), SPAN(STUDY)};

    (void)state;
    crypt_init();
    arena = arena_new();
    bind_init(&b, arena, &sample);
    out = b.body;
    bind_own_number(&b, "viewer", 7);
    bind_own_text(&b, "address", SPAN("127.0.0.1"));
    bind_own_text(&b, "origin", SPAN("nobody has it"));
    assert_int_equal(bind_path(&b, &path, 1), 0);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void form(const char *text, bool is_form)
{
    struct form f = {0};

    assert_int_equal(form_urlencoded(arena, span_of(text), &f), 0);
    bind_form(&b, &f, is_form);
}

static void assert_error(const char *field, const char *code)
{
    for (size_t i = 0; i < b.error_n; i++) {
        if (span_is(b.error[i].field, field)) {
            assert_string_equal(b.error[i].code, code);
            assert_true(strlen(b.error[i].text) > 5);
            return;
        }
    }
    fail_msg("no error of %s", field);
}

static void a_form_fills_a_message(void **state)
{
    (void)state;
    form("name=++Ann+&age=30&is_ready=on&tags=a&tags=b&data=%7B%22x%22%3A1%7D&csrfmiddlewaretoken=abc", true);
    assert_int_equal(bind_finish(&b, true), 0);
    assert_int_equal(out->viewer, 7);
    assert_span(out->address, "127.0.0.1");
    assert_span(out->name, "Ann");
    assert_true(out->has_age && out->age == 30 && out->is_ready && out->has_data);
    assert_int_equal(out->tags.n, 2);
    assert_span(((const struct span *)out->tags.items)[1], "b");
    assert_span(out->data, "{\"x\":1}");
    assert_int_equal(out->study.b[0], 0x0d);
}

static void what_a_browser_leaves_out_is_false_empty_or_absent(void **state)
{
    (void)state;
    form("name=&age=&data=", true);
    assert_int_equal(bind_finish(&b, true), 0);
    assert_span(out->name, "");
    assert_false(out->is_ready);
    assert_false(out->has_age);
    assert_false(out->has_data);
    assert_int_equal(out->tags.n, 0);
}

static void all_mistakes_are_told_at_once(void **state)
{
    (void)state;
    form("name=far+too+long+a+name&age=many&tags=longer&is_ready=perhaps&data=%7B", true);
    assert_int_equal(bind_finish(&b, true), ERR_INVALID);
    assert_error("name", "max_length");
    assert_error("age", "invalid");
    assert_error("tags", "invalid");
    assert_error("is_ready", "invalid");
    assert_error("data", "invalid");
    assert_int_equal(b.error_n, 5);
}

static void too_many_items_are_a_mistake_of_the_list(void **state)
{
    (void)state;
    form("name=x&tags=a&tags=b&tags=c&tags=d", true);
    assert_int_equal(bind_finish(&b, true), ERR_INVALID);
    assert_error("tags", "invalid");
}

static void a_missing_field_is_named(void **state)
{
    (void)state;
    form("age=1", false);
    assert_int_equal(bind_finish(&b, false), ERR_INVALID);
    assert_error("name", "required");
    assert_error("is_ready", "required");
    struct span json = bind_errors_json(&b);
    assert_true(json.n > 20 && memcmp(json.p, "{\"name\":[\"", 10) == 0);
}

static void input_never_sets_what_is_the_gateways_or_the_paths(void **state)
{
    (void)state;
    form("viewer=1&address=9.9.9.9&study=" CHILD "&session=00&name=x", true);
    assert_int_equal(bind_finish(&b, true), 0);
    assert_int_equal(out->viewer, 7);
    assert_span(out->address, "127.0.0.1");
    assert_int_equal(out->study.b[15], 1);
}

static void a_viewer_that_the_gateway_did_not_set_is_missing_not_taken(void **state)
{
    (void)state;
    bind_init(&b, arena, &sample);
    assert_int_equal(bind_json(&b, SPAN("{\"viewer\":1,\"name\":\"x\"}")), 0);
    assert_int_equal(bind_finish(&b, false), ERR_INVALID);
    assert_error("viewer", "unknown");
}

static void the_body_wins_over_the_query(void **state)
{
    (void)state;
    form("name=query&age=1", false);
    form("name=body", true);
    form("name=again&age=2", false);
    assert_span(out->name, "body");
    assert_int_equal(out->age, 2);
}

static void hyphens_in_names_are_underscores(void **state)
{
    (void)state;
    form("is-ready=1&name=x", true);
    assert_true(out->is_ready);
}

static void passwords_keep_their_blanks_and_texts_their_unix_lines(void **state)
{
    (void)state;
    form("password1=+secret+&name=a%0D%0Ab", true);
    assert_span(out->password1, " secret ");
    assert_span(out->name, "a\nb");
}

static void a_path_that_cannot_be_is_not_found(void **state)
{
    struct capture bad = {SPAN("study"), SPAN("x")};

    (void)state;
    assert_int_equal(bind_path(&b, &bad, 1), ERR_NOTFOUND);
}

static void an_operation_gets_an_id(void **state)
{
    static const struct uuid none;

    (void)state;
    form("name=x", true);
    assert_int_equal(bind_finish(&b, true), 0);
    assert_memory_not_equal(&out->op_id, &none, sizeof none);
}

static void a_file_fills_its_fields_and_text_cannot(void **state)
{
    struct form f = {0};

    (void)state;
    form("image=" CHILD "&image_bytes=5&name=x", true);
    assert_false(out->has_image);
    f.file_n = 1;
    f.file[0] =
        (struct form_file){.name = SPAN("image"), .filename = SPAN("a.png"), .bytes = 900, .spool.b = {9}};
    bind_form(&b, &f, true);
    assert_true(out->has_image && out->image.b[0] == 9);
    assert_span(out->image_name, "a.png");
    assert_int_equal(out->image_bytes, 900);
    assert_int_equal(b.files_used, 1);
    assert_int_equal(bind_file_max(&sample), 1000);
}

static void json_fills_a_message_with_the_bytes_that_were_sent(void **state)
{
    (void)state;
    assert_int_equal(
        bind_json(&b, SPAN("{\"name\" : \"\\u0041nn\", \"age\": 5, \"is_ready\":true, \"tags\":[\"a\"], "
                           "\"data\": {\"b\": 1.50, \"a\":[ ]}}")),
        0);
    assert_int_equal(bind_finish(&b, false), 0);
    assert_span(out->name, "Ann");
    assert_span(out->data, "{\"b\": 1.50, \"a\":[ ]}");
    assert_int_equal(out->tags.n, 1);
}

static void an_id_in_a_query_that_is_none_is_a_relationship_at_fault(void **state)
{
    (void)state;
    form("age=x&child=abc", false);
    assert_int_equal(bind_finish(&b, false), ERR_INVALID);
    assert_false(b.error[0].is_relationship);
    assert_true(b.error[1].is_relationship);
}

static void unknown_members_of_json_are_refused_by_name(void **state)
{
    (void)state;
    assert_int_equal(bind_json(&b, SPAN("{\"name\":\"x\",\"is_ready\":false,\"tags\":[],\"colour\":1}")), 0);
    assert_int_equal(bind_finish(&b, false), ERR_INVALID);
    assert_error("colour", "unknown");
    assert_int_equal(b.error_n, 1);
}

static void null_is_absent_where_a_field_may_be(void **state)
{
    (void)state;
    assert_int_equal(
        bind_json(&b, SPAN("{\"name\":null,\"age\":null,\"data\":null,\"is_ready\":false,\"tags\":[]}")), 0);
    assert_int_equal(bind_finish(&b, false), ERR_INVALID);
    assert_error("name", "null");
    assert_false(out->has_age);
    assert_true(out->has_data);
    assert_span(out->data, "null");
}

static void what_is_not_json_is_told_with_its_place(void **state)
{
    (void)state;
    assert_int_equal(bind_json(&b, SPAN("{\"name\":\n tru}")), ERR_MALFORMED);
    assert_non_null(strstr(b.why, "line 2"));
    assert_string_equal(b.code, "parse_error");
    assert_int_equal(bind_json(&b, SPAN("[]")), ERR_MALFORMED);
    assert_int_equal(bind_json(&b, SPAN("{} x")), ERR_MALFORMED);
    assert_int_equal(bind_json(&b, SPAN("")), 0);
}

static void zero_characters_are_refused(void **state)
{
    (void)state;
    assert_int_equal(bind_json(&b, SPAN("{\"data\":{\"x\":\"\\u0000\"}}")), 0);
    assert_error("data", "null_characters_not_allowed");
}

static void attributes_of_a_document_are_null_only_where_that_means_something(void **state)
{
    (void)state;
    assert_int_equal(
        bind_jsonapi(&b,
                     SPAN("{\"data\":{\"type\":\"samples\",\"attributes\":{\"is_ready\":null,\"tags\":null,"
                          "\"data\":null,\"age\":null,\"name\":\"x\"}}}"),
                     SPAN("samples"), (struct span){NULL, 0}),
        0);
    assert_error("is_ready", "null");
    assert_error("tags", "null");
    assert_error("data", "null");
    assert_false(out->has_age);
    bind_init(&b, arena, &sample);
    assert_int_equal(bind_jsonapi(&b,
                                  SPAN("{\"data\":{\"type\":\"samples\",\"attributes\":{\"tags\":\"abc\"}}}"),
                                  SPAN("samples"), (struct span){NULL, 0}),
                     0);
    assert_error("tags", "not_a_list");
}

struct letter {
    uint64_t viewer;
    struct span body;
};
static const struct field letter_fields[] = {
    {.name = "viewer",
     .number = 1,
     .type = FIELD_U64,
     .max = UINT64_MAX,
     .offset = offsetof(struct letter, viewer)},
    {.name = "body", .number = 2, .type = FIELD_JSON, .max = 200, .offset = offsetof(struct letter, body)},
};
static const struct message letter = {
    .name = "sample.letter", .to = "x", .size = sizeof(struct letter), .field = letter_fields, .field_n = 2};

static void a_field_named_body_takes_the_whole_document(void **state)
{
    static const char text[] = " {\"viewer\": 8, \"data\": [1.50, \"\u00fc\"]}\n";
    char deep[2 * 65 + 1] = {0};

    (void)state;
    bind_init(&b, arena, &letter);
    bind_own_number(&b, "viewer", 7);
    assert_int_equal(bind_json(&b, span_of(text)), 0);
    assert_int_equal(bind_finish(&b, false), 0);
    assert_span(((struct letter *)b.body)->body, text);
    assert_int_equal(((struct letter *)b.body)->viewer, 7);
    bind_init(&b, arena, &letter);
    assert_int_equal(bind_json(&b, SPAN("{\"x\":\"\\u0000\"}")), ERR_MALFORMED);
    assert_int_equal(bind_json(&b, SPAN("{\"x\":}")), ERR_MALFORMED);
    memset(deep, '[', 65);
    memset(deep + 65, ']', 65);
    assert_int_equal(bind_json(&b, span_of(deep)), ERR_MALFORMED);
    assert_non_null(b.why);
    assert_int_equal(bind_json(&b, (struct span){arena_get(arena, 201), 201}), ERR_TOOBIG);
    assert_int_equal(bind_json(&b, SPAN("")), 0);
    assert_int_equal(bind_finish(&b, false), ERR_INVALID);
    assert_error("body", "required");
}

static int document(const char *text, const char *id)
{
    return bind_jsonapi(&b, span_of(text), SPAN("samples"), id ? span_of(id) : (struct span){NULL, 0});
}

static void a_document_fills_a_message_in_any_spelling(void **state)
{
    (void)state;
    assert_int_equal(
        document("{\"data\":{\"type\":\"samples\",\"id\":\"x\",\"attributes\":{\"Name\":\" Ann "
                 "\",\"is-ready\":\"yes\","
                 "\"tags\":[],\"unknown\":1},\"relationships\":{\"child\":{\"data\":{\"type\":\"children\","
                 "\"id\":\"" CHILD "\"}},\"nobody\":{\"data\":{\"type\":\"x\",\"id\":\"1\"}}}}}",
                 "x"),
        0);
    assert_int_equal(bind_finish(&b, false), 0);
    assert_span(out->name, "Ann");
    assert_true(out->is_ready);
    assert_true(out->has_child && out->child.b[15] == 2);
    assert_span(out->child_type, "children");
}

static void a_document_of_another_type_or_id_is_a_conflict(void **state)
{
    (void)state;
    assert_int_equal(document("{\"data\":{\"type\":\"others\"}}", NULL), ERR_CONFLICT);
    assert_int_equal(document("{\"data\":{}}", NULL), ERR_CONFLICT);
    assert_int_equal(document("{\"data\":{\"type\":\"samples\",\"id\":\"B\"}}", "b"), ERR_CONFLICT);
    assert_int_equal(document("{\"data\":{\"type\":\"samples\"}}", "b"), ERR_MALFORMED);
}

static void a_document_that_is_none_is_malformed(void **state)
{
    static const char *const bad[] = {"{}",
                                      "{\"data\":[]}",
                                      "{\"data\":null}",
                                      "[1]",
                                      "{\"data\":{\"type\":\"samples\"}",
                                      "{\"data\":{\"type\":\"samples\",\"attributes\":[]}}",
                                      "{\"data\":{\"type\":\"samples\",\"relationships\":7}}",
                                      "NaN"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (document(bad[i], NULL) != ERR_MALFORMED)
            fail_msg("%s was taken", bad[i]);
}

static void relationships_say_what_is_wrong(void **state)
{
#define REL(x) "{\"data\":{\"type\":\"samples\",\"relationships\":{\"child\":" x "}}}"
    static const struct {
        const char *text, *code;
    } bad[] = {{REL("7"), "incorrect_type"},
               {REL("{\"data\":[]}"), "incorrect_type"},
               {REL("{}"), "null"},
               {REL("{\"data\":null}"), "null"},
               {REL("{\"data\":\"x\"}"), "incorrect_type"},
               {REL("{\"data\":{\"type\":\"children\",\"id\":null}}"), "missing_id"},
               {REL("{\"data\":{\"id\":\"" CHILD "\"}}"), "missing_type"},
               {REL("{\"data\":{\"type\":\"children\"}}"), "missing_id"}};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        bind_init(&b, arena, &sample);
        assert_int_equal(document(bad[i].text, NULL), 0);
        assert_error("child", bad[i].code);
        assert_true(b.error[0].is_relationship);
    }
    bind_init(&b, arena, &sample);
    assert_int_equal(document(REL("{\"data\":{\"type\":\"children\",\"id\":\"nobody\"}}"), NULL), 0);
    assert_int_equal(b.error_n, 0);
    out = b.body;
    assert_true(out->has_child && out->child.b[0] == 0 && out->child.b[15] == 0); /* nobody's */
}

static void a_body_may_be_as_long_as_its_message_can_be(void **state)
{
    struct route post = {HTTP_POST, "/x/{study}/", WHO_ANYONE, &sample, THEN_SEE_OTHER, NULL};
    struct route get = {HTTP_GET, "/x/{study}/", WHO_ANYONE, &sample, THEN_DOC, NULL};

    (void)state;
    assert_int_equal(bind_body_max(&get, true), 0);
    assert_true(bind_body_max(&post, false) > 1000 + 16384);
    assert_true(bind_body_max(&post, false) < 64 * 1024);
    assert_true(bind_body_max(&post, true) > bind_body_max(&post, false));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_form_fills_a_message),
        CASE(what_a_browser_leaves_out_is_false_empty_or_absent),
        CASE(all_mistakes_are_told_at_once),
        CASE(too_many_items_are_a_mistake_of_the_list),
        CASE(a_missing_field_is_named),
        CASE(input_never_sets_what_is_the_gateways_or_the_paths),
        CASE(a_viewer_that_the_gateway_did_not_set_is_missing_not_taken),
        CASE(the_body_wins_over_the_query),
        CASE(hyphens_in_names_are_underscores),
        CASE(passwords_keep_their_blanks_and_texts_their_unix_lines),
        CASE(a_path_that_cannot_be_is_not_found),
        CASE(an_operation_gets_an_id),
        CASE(a_file_fills_its_fields_and_text_cannot),
        CASE(json_fills_a_message_with_the_bytes_that_were_sent),
        CASE(an_id_in_a_query_that_is_none_is_a_relationship_at_fault),
        CASE(unknown_members_of_json_are_refused_by_name),
        CASE(null_is_absent_where_a_field_may_be),
        CASE(what_is_not_json_is_told_with_its_place),
        CASE(zero_characters_are_refused),
        CASE(attributes_of_a_document_are_null_only_where_that_means_something),
        CASE(a_field_named_body_takes_the_whole_document),
        CASE(a_document_fills_a_message_in_any_spelling),
        CASE(a_document_of_another_type_or_id_is_a_conflict),
        CASE(a_document_that_is_none_is_malformed),
        CASE(relationships_say_what_is_wrong),
        CASE(a_body_may_be_as_long_as_its_message_can_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
