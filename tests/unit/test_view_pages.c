/* view_pages: every page over its example document (gateway/views/examples), as the gateway would show it.
 * With LOOKIT_PAGES=FOLDER the pages are also written there, to be looked at (tests/browser/pages.mjs). */
#include "embedded.h"
#include "errors.h"
#include "test.h"
#include "view.h"
#include "view_examples.h"
#include "view_files.h"
#include "view_form.h"
#include "view_locales.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const frame_text =
    "{\"csrf\":\"c5rf\",\"path\":\"/studies/\",\"site\":{\"name\":\"Lookit\",\"version\":\"0.1.0\"},"
    "\"asset\":%s,\"viewer\":%.*s,\"lang\":\"%.*s\",\"flash\":%.*s}";
static const char *const family = "{\"id\":7,\"uuid\":\"0d3f\",\"name\":\"Ann\",\"is_researcher\":false}";
static const char *const researcher =
    "{\"id\":8,\"uuid\":\"0d40\",\"name\":\"Maria Klein\",\"is_researcher\":true}";

static struct views *views;

static int setup(void **state)
{
    struct view_error error = {"", ""};

    (void)state;
    if (views_compile(&views, view_files, view_locales, &error) != 0)
        fail_msg("%s: %s", error.where, error.why);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    views_free(&views);
    return 0;
}

static const struct json *parsed(struct arena *a, struct span text)
{
    const struct json *v = NULL;
    const char *why = "";

    if (json_parse(a, text, &v, &why) != 0)
        fail_msg("%.*s: %s", (int)text.n, text.p, why);
    return v;
}

static struct span string_or(const struct json *v, const char *otherwise)
{
    struct span s = json_string(v);

    return s.n > 0 ? s : span_of(otherwise);
}

/* What the gateway adds: who looks, tokens, assets. */
static const struct json *frame(struct arena *a, const struct json *doc)
{
    struct span viewer = string_or(json_get(doc, "_viewer"), "family"),
                lang = string_or(json_get(doc, "_lang"), "en");
    struct span flash = json_get(doc, "_flash") ? json_text(a, json_get(doc, "_flash")) : SPAN("[]");
    const char *assets = getenv("LOOKIT_ASSETS");
    struct span who = span_of(span_is(viewer, "researcher") ? researcher : family);

    if (span_is(viewer, "nobody"))
        who = SPAN("null");
    return parsed(a, arena_print(a, frame_text, assets ? assets : "{}", (int)who.n, who.p, (int)lang.n,
                                 lang.p, (int)flash.n, flash.p));
}

static struct span page(struct arena *a, const struct embedded *example, const char *language)
{
    const struct json *doc = parsed(a, embedded_span(example)), *form;
    const char *end = strpbrk(example->name, "+.");
    const struct view *view = views_find(views, (struct span){example->name, (size_t)(end - example->name)});
    const struct json *roots[] = {frame(a, doc), doc, NULL, NULL};
    struct span out;

    if (view == NULL)
        fail_msg("no view for %s", example->name);
    assert_int_equal(view_form(a, doc, NULL, json_get(doc, "_errors"), &form), 0);
    roots[2] = form;
    if (language != NULL)
        roots[3] = parsed(a, arena_print(a, "{\"lang\":\"%s\"}", language));
    assert_int_equal(view_render(a, view, roots, 4, &out), 0);
    return arena_copy(a, out);
}

static void keep(const struct embedded *example, struct span html)
{
    const char *folder = getenv("LOOKIT_PAGES");
    char path[1024];
    FILE *f;

    if (folder == NULL)
        return;
    (void)snprintf(path, sizeof path, "%s/%.*s.html", folder, (int)(strlen(example->name) - 5),
                   example->name);
    for (char *p = path + strlen(folder) + 1; *p; p++)
        *p = *p == '/' ? '-' : *p;
    f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(html.p, 1, html.n, f), html.n);
    assert_int_equal(fclose(f), 0);
}

static void every_example_has_its_page(void **state)
{
    size_t n = 0;

    (void)state;
    for (const struct embedded *e = view_examples; e->name != NULL; e++, n++) {
        struct arena *a = arena_new();
        struct span html = page(a, e, NULL);
        if (strstr(html.p, "</html>") == NULL || strstr(html.p, "{{") != NULL ||
            strstr(html.p, "<title> - ") != NULL || strncmp(html.p, "<!doctype html>", 15) != 0)
            fail_msg("%s is not whole", e->name);
        keep(e, html);
        arena_free(&a);
    }
    assert_true(n > 30);
}

/* The player and its outbox tell families who share a browser apart by it. */
static void pages_that_send_answers_say_who_is_signed_in(void **state)
{
    size_t n = 0;

    (void)state;
    for (const struct embedded *e = view_examples; e->name != NULL; e++) {
        struct arena *a = arena_new();
        if (strcmp(e->name, "families/play.json") == 0 || strcmp(e->name, "families/children.json") == 0) {
            assert_non_null(strstr(page(a, e, NULL).p, " data-viewer=\"0d3f\""));
            n++;
        }
        arena_free(&a);
    }
    assert_int_equal(n, 2);
}

/* A page without its document is poor, not broken: error pages are made so. */
static void every_page_stands_without_a_document(void **state)
{
    (void)state;
    for (const struct embedded *f = view_files; f->name != NULL; f++) {
        struct arena *a = arena_new();
        const struct json *roots[] = {parsed(a, SPAN("{}"))};
        struct span out;
        assert_int_equal(
            view_render(a, views_find(views, (struct span){f->name, strlen(f->name) - 9}), roots, 1, &out),
            0);
        arena_free(&a);
    }
}

static void every_page_has_an_example(void **state)
{
    (void)state;
    for (const struct embedded *f = view_files; f->name != NULL; f++) {
        bool found = strncmp(f->name, "shared/", 7) == 0;
        size_t n = strlen(f->name) - 9;
        for (const struct embedded *e = view_examples; e->name != NULL; e++)
            found = found || (strncmp(e->name, f->name, n) == 0 && (e->name[n] == '.' || e->name[n] == '+'));
        if (!found)
            fail_msg("%s has no example", f->name);
    }
}

static void the_second_language_reaches_the_page(void **state)
{
    (void)state;
    for (const struct embedded *e = view_examples; e->name != NULL; e++) {
        struct arena *a = arena_new();
        struct span html = page(a, e, "de");
        if (strncmp(e->name, "families/", 9) == 0 &&
            ((strstr(html.p, "Zum Inhalt") == NULL && strstr(html.p, "Studien brauchen") == NULL) ||
             strstr(html.p, "<html lang=\"de\">") == NULL))
            fail_msg("%s speaks no German", e->name);
        arena_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_example_has_its_page),
        cmocka_unit_test(pages_that_send_answers_say_who_is_signed_in),
        cmocka_unit_test(every_page_stands_without_a_document),
        cmocka_unit_test(every_page_has_an_example),
        cmocka_unit_test(the_second_language_reaches_the_page),
    };
    return cmocka_run_group_tests_name("view_pages", tests, setup, teardown);
}
