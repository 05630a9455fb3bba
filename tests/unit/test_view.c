/* view: the language, its escaping, and what hostile data can do to it. */
#include "errors.h"
#include "test.h"
#include "view.h"

#include <stdio.h>
#include <stdlib.h>

static struct arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static const struct json *parsed(const char *text)
{
    const struct json *v = NULL;
    const char *why = NULL;

    if (json_parse(arena, span_of(text), &v, &why) != 0)
        fail_msg("%s: %s", text, why ? why : "?");
    return v;
}

static struct embedded file(const char *name, const char *text)
{
    return (struct embedded){name, text, strlen(text), ""};
}

/* Renders `template` beside the partial "part" and the German catalogue `de`. */
static struct span rendered_with(const char *template, const char *part, const char *de, const char *document)
{
    struct embedded files[] = {
        file("page.mustache", template), file("part.mustache", part), {NULL, NULL, 0, NULL}};
    struct embedded locales[] = {file("de.json", de), {NULL, NULL, 0, NULL}};
    const struct json *roots[] = {parsed(document)};
    struct view_error error = {"", ""};
    struct views *set;
    struct span out = {NULL, 0};

    if (views_compile(&set, files, locales, &error) != 0)
        fail_msg("%s: %s", error.where, error.why);
    assert_int_equal(view_render(arena, views_find(set, SPAN("page")), roots, 1, &out), 0);
    out = arena_copy(arena, out);
    views_free(&set);
    assert_null(set);
    return out;
}

static struct span rendered(const char *template, const char *document)
{
    return rendered_with(template, "", "{}", document);
}

static void assert_refused(const char *template, const char *part, const char *de, const char *where,
                           const char *why)
{
    struct embedded files[] = {
        file("page.mustache", template), file("part.mustache", part), {NULL, NULL, 0, NULL}};
    struct embedded locales[] = {file("de.json", de), {NULL, NULL, 0, NULL}};
    struct view_error error = {"", ""};
    struct views *set;

    assert_int_equal(views_compile(&set, files, locales, &error), ERR_MALFORMED);
    assert_null(set);
    assert_string_equal(error.where, where);
    if (strstr(error.why, why) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", error.why, why);
}

static void text_without_tags_stays_as_it_is(void **state)
{
    (void)state;
    assert_span(rendered("Hello {from} { the } world}\n", "{}"), "Hello {from} { the } world}\n");
    assert_span(rendered("", "{}"), "");
}

static void a_value_is_printed_escaped(void **state)
{
    (void)state;
    assert_span(rendered("<p>{{x}}</p>", "{\"x\":\"& \\\" < > '\"}"), "<p>&amp; &quot; &lt; &gt; &#39;</p>");
    assert_span(rendered("{{ x }}|{{x}}", "{\"x\":\"é\"}"), "é|é");
}

static void numbers_and_booleans_have_text_and_the_rest_has_none(void **state)
{
    (void)state;
    assert_span(rendered("{{a}} {{b}} {{c}} {{d}}[{{e}}{{f}}{{g}}]",
                         "{\"a\":85,\"b\":1.21,\"c\":true,\"d\":false,\"e\":null,\"f\":[1],\"g\":{\"x\":1}}"),
                "85 1.21 true false[]");
}

static void an_absent_name_prints_nothing(void **state)
{
    (void)state;
    assert_span(rendered("({{nobody}}{{a.b.c}}{{{x_html}}})", "{\"a\":{}}"), "()");
    assert_span(rendered("({{x}})", "null"), "()");
}

static void only_names_that_end_in_html_are_printed_unescaped(void **state)
{
    (void)state;
    assert_span(rendered("{{{a_html}}}{{&a_html}}", "{\"a_html\":\"<b>\"}"), "<b><b>");
    assert_refused("\n{{{x}}}", "", "{}", "page:2", "_html");
    assert_refused("{{&x}}", "", "{}", "page:1", "_html");
}

static void dotted_names_walk_into_objects(void **state)
{
    (void)state;
    assert_span(rendered("{{a.b.c}}", "{\"a\":{\"b\":{\"c\":\"deep\"}}}"), "deep");
    /* the first part decides the context: no falling back to an outer "a" */
    assert_span(rendered("{{#s}}({{a.b}}){{/s}}", "{\"a\":{\"b\":1},\"s\":{\"a\":{}}}"), "()");
    assert_span(rendered("{{#a.b}}{{c}}{{/a.b}}", "{\"a\":{\"b\":{\"c\":1}}}"), "1");
}

static void a_section_is_skipped_for_nothing_and_shown_for_something(void **state)
{
    (void)state;
    assert_span(rendered("{{#a}}a{{/a}}{{#b}}b{{/b}}{{#c}}c{{/c}}{{#d}}d{{/d}}{{#e}}e{{/e}}",
                         "{\"a\":false,\"b\":null,\"c\":\"\",\"d\":[]}"),
                "");
    assert_span(rendered("{{#a}}a{{/a}}{{#b}}b{{/b}}{{#c}}c{{/c}}{{#d}}d{{/d}}{{#e}}e{{/e}}",
                         "{\"a\":true,\"b\":0,\"c\":\"x\",\"d\":[1,2],\"e\":{}}"),
                "abcdde");
}

static void an_inverted_section_is_the_opposite(void **state)
{
    (void)state;
    assert_span(rendered("{{^a}}a{{/a}}{{^b}}b{{/b}}{{^c}}c{{/c}}{{^d}}d{{/d}}{{^e}}e{{/e}}",
                         "{\"a\":false,\"b\":[],\"c\":1,\"d\":\"x\"}"),
                "abe");
}

static void a_list_is_walked_with_its_items_on_top(void **state)
{
    (void)state;
    assert_span(rendered("{{#list}}{{n}}{{o}}{{#sub}}({{.}}{{n}}){{/sub}} {{/list}}",
                         "{\"o\":\"o\",\"list\":[{\"n\":1,\"sub\":[7,8]},{\"n\":2,\"sub\":[]},{\"n\":3}]}"),
                "1o(71)(81) 2o 3o ");
    assert_span(rendered("{{#l}}{{#.}}{{.}},{{/.}};{{/l}}", "{\"l\":[[1,2],[],[3]]}"), "1,2,;;3,;");
}

static void a_question_mark_tests_without_stepping_in(void **state)
{
    (void)state;
    assert_span(rendered("{{#l?}}<ul>{{#l}}<li>{{x}}{{/l}}</ul>{{/l?}}", "{\"l\":[{\"x\":1},{\"x\":2}]}"),
                "<ul><li>1<li>2</ul>");
    assert_span(rendered("{{#l?}}<ul>{{/l?}}{{^l?}}none{{/l?}}", "{\"l\":[]}"), "none");
}

static void tags_alone_on_a_line_leave_no_line(void **state)
{
    (void)state;
    assert_span(rendered("a\n  {{#x}}  \nb\n{{/x}}\n{{! hush }}\nc\n", "{\"x\":true}"), "a\nb\nc\n");
    assert_span(rendered("a\r\n{{#x}}\r\nb\r\n{{/x}}\r\n", "{\"x\":true}"), "a\r\nb\r\n");
    assert_span(rendered("{{#x}}\nb\n{{/x}}", "{\"x\":true}"), "b\n");
    assert_span(rendered(" {{#x}}y{{/x}} \n", "{\"x\":true}"), " y \n");
    assert_span(rendered("| {{x}} |\n{{x}}\n", "{\"x\":1}"), "| 1 |\n1\n");
    assert_span(rendered("[{{! a\n b }}]", "{}"), "[]");
}

static void a_partial_sees_the_context_and_its_arguments(void **state)
{
    (void)state;
    assert_span(rendered_with("{{> part}}", "[{{x}}]", "{}", "{\"x\":1}"), "[1]");
    assert_span(rendered_with("{{>part name=age label=\"Your child's age\" must}}",
                              "{{@label}}: {{v.@name}}{{#@must}}!{{/@must}}{{^@help}}?{{/@help}}{{@help}}",
                              "{}", "{\"v\":{\"age\":3}}"),
                "Your child&#39;s age: 3!?");
    assert_span(rendered_with("{{#v.@name}}no{{/v.@name}}{{@name}}", "", "{}", "{\"v\":{}}"), "");
}

static void the_nearest_argument_of_a_name_counts(void **state)
{
    struct embedded files[] = {file("a.mustache", "{{> b x=1 y=2}}{{> b}}"),
                               file("b.mustache", "{{> c x=3}}{{@x}};"),
                               file("c.mustache", "{{@x}}{{@y}},"),
                               {NULL, NULL, 0, NULL}};
    const struct json *roots[] = {parsed("{}")};
    struct views *set;
    struct span out;

    (void)state;
    assert_int_equal(views_compile(&set, files, NULL, NULL), 0);
    assert_int_equal(view_render(arena, views_find(set, SPAN("a")), roots, 1, &out), 0);
    assert_span(out, "32,1;3,;");
    assert_null(views_find(set, SPAN("d")));
    assert_null(views_find(set, SPAN("")));
    views_free(&set);
}

static void an_address_is_printed_only_if_it_may_be_followed(void **state)
{
    static const struct {
        const char *value, *shown;
    } row[] = {{"https://lab.example/?a=1&b=2", "https://lab.example/?a=1&amp;b=2"},
               {"HTTP://x.example/", "HTTP://x.example/"},
               {"/studies/", "/studies/"},
               {"/", "/"},
               {"?page=2", "?page=2"},
               {"#top", "#top"},
               {"mailto:a@b.example", "mailto:a@b.example"},
               {"", ""},
               {"javascript:alert(1)", "#"},
               {" javascript:alert(1)", "#"},
               {"JaVaScRiPt:alert(1)", "#"},
               {"data:text/html,x", "#"},
               {"//evil.example/", "#"},
               {"/\\\\evil.example/", "#"},
               {"vbscript:x", "#"},
               {"http:evil", "#"}};

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct span document = arena_print(arena, "{\"u\":\"%s\"}", row[i].value);
        struct span want = arena_print(arena, "<a href=\"%s\">x</a>", row[i].shown);
        assert_span(rendered("<a href=\"{{u}}\">x</a>", document.p), want.p);
        want = arena_print(arena, "<img alt=\"\" src=\"%s\">", row[i].shown);
        assert_span(rendered("<img alt=\"\" src=\"{{u}}\">", document.p), want.p);
    }
}

static void a_part_of_an_address_is_percent_encoded(void **state)
{
    (void)state;
    assert_span(rendered("<a href=\"/x/{{a}}?m={{b}}&n={{c}}\" title=\"{{b}}\">{{b}}</a>",
                         "{\"a\":\"../é\",\"b\":\"a&b \\\"\",\"c\":7}"),
                "<a href=\"/x/..%2F%C3%A9?m=a%26b%20%22&n=7\" title=\"a&amp;b &quot;\">a&amp;b &quot;</a>");
}

static void a_phrase_is_said_in_the_language_of_the_context(void **state)
{
    const char *page = "{{#_}}Welcome,\n   {{name}}!{{/_}}|{{#_}}Bye{{/_}}|{{#_}}{{word}}{{/_}}";
    const char *de = "{\"Welcome, {{name}}!\":\"{{name}}, willkommen!\",\"yes\":\"j<a\"}";

    (void)state;
    assert_span(rendered_with(page, "", de, "{\"name\":\"<A>\",\"word\":\"yes\"}"),
                "Welcome,\n   &lt;A&gt;!|Bye|yes");
    assert_span(rendered_with(page, "", de, "{\"lang\":\"de\",\"name\":\"<A>\",\"word\":\"yes\"}"),
                "&lt;A&gt;, willkommen!|Bye|j&lt;a");
    assert_span(rendered_with(page, "", de, "{\"lang\":\"fr\",\"name\":\"A\",\"word\":\"<\"}"),
                "Welcome,\n   A!|Bye|&lt;");
}

static void an_argument_can_be_translated(void **state)
{
    (void)state;
    assert_span(rendered_with("{{> part label=\"Save\"}}", "<b>{{#_}}{{@label}}{{/_}}</b>",
                              "{\"Save\":\"Speichern\"}", "{\"lang\":\"de\"}"),
                "<b>Speichern</b>");
}

static void a_translation_must_agree_with_its_english(void **state)
{
    (void)state;
    assert_refused("{{#_}}Hi {{a}}{{/_}}", "", "{\"Hi {{a}}\":\"Hallo\"}", "de:1", "lacks");
    assert_refused("{{#_}}Hi {{a}}{{/_}}", "", "{\"Hi {{a}}\":\"{{a}} {{b}}\"}", "de:1", "has not");
    assert_refused("x", "", "{\"Hi\":\"{{#b}}x{{/b}}\"}", "de:1", "only text and variables");
    assert_refused("x", "", "{\"Hi\":7}", "de:1", "no text");
    assert_refused("x", "", "{\"Hi\":\"a\",\"Hi\":\"b\"}", "de:1", "twice");
    assert_refused("x", "", "{\"Hi  there\":\"a\"}", "de:1", "single spaces");
    assert_refused("x", "", "{\"Hi\":\n\"a\",}", "de:2", "comma");
    assert_refused("x", "", "[]", "de:1", "one object");
}

static void mistakes_are_told_with_their_line(void **state)
{
    (void)state;
    assert_refused("a\n{{#x}}\n", "", "{}", "page:2", "never closed");
    assert_refused("{{#x}}\n{{/y}}", "", "{}", "page:2", "{{/x}} of line 1");
    assert_refused("\n\n{{/x}}", "", "{}", "page:3", "closes nothing");
    assert_refused("a\nb {{x", "", "{}", "page:2", "not closed");
    assert_refused("a\n{{> nowhere}}", "", "{}", "page:2", "no view");
    assert_refused("{{a b}}", "", "{}", "page:1", "no name");
    assert_refused("{{}}", "", "{}", "page:1", "no name");
    assert_refused("{{a..b}}", "", "{}", "page:1", "no name");
    assert_refused("{{=<% %>=}}", "", "{}", "page:1", "not spoken");
    assert_refused("{{#_}}a {{#b}}c{{/b}}{{/_}}", "", "{}", "page:1", "phrase");
    assert_refused("{{#_}} {{/_}}", "", "{}", "page:1", "empty");
    assert_refused("{{^_}}x{{/_}}", "", "{}", "page:1", "cannot open");
    assert_refused("{{> part x=\"a}}", "", "{}", "page:1", "quotes");
}

static void rings_and_depths_are_refused_when_compiled(void **state)
{
    static char deep[4096];
    size_t n = 0;

    (void)state;
    assert_refused("{{> page}}", "", "{}", "page:1", "ring");
    assert_refused("{{> part}}", "\n{{> page}}", "{}", "part:2", "ring");
    for (int i = 0; i < 17; i++)
        n += (size_t)snprintf(deep + n, sizeof deep - n, "{{#a}}");
    assert_refused(deep, "", "{}", "page:1", "too deep");
    n = 0;
    for (int i = 0; i < 9; i++)
        n += (size_t)snprintf(deep + n, sizeof deep - n, "{{#a}}");
    n += (size_t)snprintf(deep + n, sizeof deep - n, "{{> part}}");
    for (int i = 0; i < 9; i++)
        n += (size_t)snprintf(deep + n, sizeof deep - n, "{{/a}}");
    assert_span(rendered_with(deep, "x", "{}", "{}"), "");
}

/* Three nested loops over ten thousand items would be 10^12 steps. */
static void hostile_data_meets_a_bound(void **state)
{
    struct text list = {0};
    struct embedded files[] = {file("page.mustache", "{{#l}}{{#l}}{{#l}}{{nothing}}{{/l}}{{/l}}{{/l}}"),
                               file("long.mustache", "{{#l}}{{s}}{{/l}}"),
                               {NULL, NULL, 0, NULL}};
    struct span out;
    struct views *set;

    (void)state;
    text_add(arena, &list, SPAN("{\"s\":\""));
    for (int i = 0; i < 2000; i++)
        text_add(arena, &list, SPAN("<"));
    text_add(arena, &list, SPAN("\",\"l\":[0"));
    for (int i = 1; i < 10000; i++)
        text_add(arena, &list, SPAN(",0"));
    text_add(arena, &list, SPAN("]}"));
    text_add(arena, &list, (struct span){"", 1});
    const struct json *roots[] = {parsed(list.p)};
    assert_int_equal(views_compile(&set, files, NULL, NULL), 0);
    assert_int_equal(view_render(arena, views_find(set, SPAN("page")), roots, 1, &out), ERR_TOOBIG);
    assert_int_equal(view_render(arena, views_find(set, SPAN("long")), roots, 1, &out), ERR_TOOBIG);
    views_free(&set);
}

static void the_last_root_is_asked_first(void **state)
{
    struct embedded files[] = {file("page.mustache", "{{a}}{{b}}{{c}}"), {NULL, NULL, 0, NULL}};
    const struct json *roots[] = {parsed("{\"a\":1,\"b\":1}"), NULL, parsed("{\"b\":2,\"c\":2}")};
    struct span out;
    struct views *set;

    (void)state;
    assert_int_equal(views_compile(&set, files, NULL, NULL), 0);
    assert_int_equal(view_render(arena, views_find(set, SPAN("page")), roots, 3, &out), 0);
    assert_span(out, "122");
    views_free(&set);
    views_free(&set);
    views_free(NULL);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CLAIM(text_without_tags_stays_as_it_is),
        CLAIM(a_value_is_printed_escaped),
        CLAIM(numbers_and_booleans_have_text_and_the_rest_has_none),
        CLAIM(an_absent_name_prints_nothing),
        CLAIM(only_names_that_end_in_html_are_printed_unescaped),
        CLAIM(dotted_names_walk_into_objects),
        CLAIM(a_section_is_skipped_for_nothing_and_shown_for_something),
        CLAIM(an_inverted_section_is_the_opposite),
        CLAIM(a_list_is_walked_with_its_items_on_top),
        CLAIM(a_question_mark_tests_without_stepping_in),
        CLAIM(tags_alone_on_a_line_leave_no_line),
        CLAIM(a_partial_sees_the_context_and_its_arguments),
        CLAIM(the_nearest_argument_of_a_name_counts),
        CLAIM(an_address_is_printed_only_if_it_may_be_followed),
        CLAIM(a_part_of_an_address_is_percent_encoded),
        CLAIM(a_phrase_is_said_in_the_language_of_the_context),
        CLAIM(an_argument_can_be_translated),
        CLAIM(a_translation_must_agree_with_its_english),
        CLAIM(mistakes_are_told_with_their_line),
        CLAIM(rings_and_depths_are_refused_when_compiled),
        CLAIM(hostile_data_meets_a_bound),
        CLAIM(the_last_root_is_asked_first),
    };
    return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
