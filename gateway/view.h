/* view: pages and mails, as Mustache over JSON documents.
 *
 * Templates are compiled once, at start, into flat programs; rendering walks one with a stack of JSON values,
 * calls no allocator but the arena, recurses over nothing, and shares nothing that changes, so any thread may
 * render.
 *
 * The language (mustache(5), logic-less), and where it is narrower or wider:
 *   {{name}} {{a.b.c}} {{.}}     printed with & < > " ' escaped; absent prints nothing. Inside href=" src="
 * action=" formaction=" and poster=": in first place only http: https: mailto: tel: and local addresses are
 * printed, else "#"; further on the value is percent-encoded (RFC 3986 §2.3).
 *   {{{name_html}}} {{&…}}       unescaped; the compiler refuses names that do not end in _html.
 *   {{#name}}…{{/name}}          skipped for absent, false, null, "" and []; once per item of an array, else
 * once.
 *   {{#name?}}…{{/name?}}        the same test, but once and without stepping into it: what stands around a
 * list.
 *   {{^name}}…{{/name}}          the opposite test.
 *   {{! comment}}
 *   {{> shared/text name=given_name label="Your child's name" is_required}}
 *                                another view, with arguments: literal texts that it and what it calls see as
 * {{@label}},
 *                                {{#@help}}…{{/@help}}, and as parts of names: {{form.values.@name}}. A bare
 * word is given "1".
 *   {{#_}}Welcome, {{name}}{{/_}}  a phrase: the English text is the key in the catalogue of the context's
 * `lang`; variables stay variables. {{#_}}{{label}}{{/_}} translates the value itself. Tags alone on their
 * line leave no line behind. A view's indentation is not added to its partials. No delimiters change. */
#ifndef LOOKIT_VIEW_H
#define LOOKIT_VIEW_H

#include "arena.h"
#include "embedded.h"
#include "json.h"

#define VIEW_OUTPUT_MAX (8u << 20) /* bytes of one page */
#define VIEW_STEPS_MAX (4u << 20)  /* instructions of one rendering */
#define VIEW_PARTIAL_DEPTH_MAX 8u  /* views that call views */
#define VIEW_CONTEXT_DEPTH_MAX 32u /* roots and open sections together */
#define VIEW_LANGUAGES_MAX 16u

struct views; /* a compiled set with its catalogues; unchanging */
struct view;  /* one of them */

struct view_error {
    char where[120]; /* "families/home.mustache:12" */
    char why[160];
};

/* Compiles a set. Files named *.mustache are views (name without the ending), *.json catalogues
 * ({"English":"Deutsch"}, named de.json). Both tables end at name NULL and must outlive the set; locales may
 * be NULL. Mistakes are ERR_MALFORMED with *error filled: unbalanced sections, unknown or ring-shaped
 * partials, a translation with other variables than its key … */
int views_compile(struct views **out, const struct embedded *files, const struct embedded *locales,
                  struct view_error *error) MUST_CHECK;
void views_free(struct views **v);

/* NULL when there is none. Lives as long as the set. */
const struct view *views_find(const struct views *v, struct span name);

/* Renders into the arena. roots: documents, looked through from the last to the first (NULLs are passed
 * over), at most 4. The language is the string `lang` found in them. ERR_TOOBIG beyond the bounds above. */
int view_render(struct arena *a, const struct view *view, const struct json *const *roots, size_t roots_n,
                struct span *out) MUST_CHECK;

#endif
