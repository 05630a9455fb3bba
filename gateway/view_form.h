/* view_form: what a page with a form sees as `form`, made of the desk's document and of what was typed. */
#ifndef LOOKIT_VIEW_FORM_H
#define LOOKIT_VIEW_FORM_H

#include "json.h"

/* Gives a document {"form":{"values":…,"errors":…,"choices":…}}, to be put on top of doc as a root of
 * view_render(): values   typed, or doc's form.values when typed is NULL (nothing was sent yet) errors
 * {"field":["sentence",…],…}; NULL or an empty object: left out, so {{#form.errors?}} says whether anything
 * is wrong choices  doc's choices, every {"value","label"} with is_selected: its value is the field's value,
 * or one of them Values are compared as text, so 3 selects "3". Borrows nothing after return; lives in the
 * arena. ERR_TOOBIG when nested deeper than json_parse() takes. */
int view_form(struct arena *a, const struct json *doc, const struct json *typed, const struct json *errors,
              const struct json **out) MUST_CHECK;

#endif
