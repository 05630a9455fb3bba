/* view_form: derives the `form` of a page. */
#include "view_form.h"

#include "errors.h"

static struct span plain_text(const struct json *v)
{
    if (v == NULL)
        return (struct span){NULL, 0};
    switch (json_kind(v)) {
    case JSON_STRING:
        return json_string(v);
    case JSON_NUMBER:
        return json_number(v);
    case JSON_BOOL:
        return json_bool(v) ? SPAN("true") : SPAN("false");
    case JSON_NULL:
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    return (struct span){NULL, 0};
}

static bool is_selected(const struct json *chosen, struct span value)
{
    if (chosen == NULL)
        return false;
    if (json_kind(chosen) != JSON_ARRAY)
        return json_kind(chosen) != JSON_NULL && span_same(plain_text(chosen), value);
    for (size_t i = 0; i < json_size(chosen); i++)
        if (span_same(plain_text(json_at(chosen, i)), value))
            return true;
    return false;
}

static void choices_add(struct json_out *o, const struct json *list, const struct json *chosen)
{
    json_array(o);
    for (size_t i = 0; i < json_size(list); i++) {
        const struct json *choice = json_at(list, i);
        struct span value = plain_text(json_get(choice, "value"));
        json_object(o);
        json_key(o, SPAN("value"));
        json_add_string(o, value);
        json_key(o, SPAN("label"));
        json_add_string(o, plain_text(json_get(choice, "label")));
        json_key(o, SPAN("is_selected"));
        json_add_bool(o, is_selected(chosen, value));
        json_end(o);
    }
    json_end(o);
}

int view_form(struct arena *a, const struct json *doc, const struct json *typed, const struct json *errors,
              const struct json **out)
{
    const struct json *values = typed ? typed : json_get(json_get(doc, "form"), "values");
    const struct json *choices = json_get(doc, "choices"), *list;
    struct json_out o;
    struct span name;
    size_t it = 0;

    json_out_init(&o, a);
    json_object(&o);
    json_key(&o, SPAN("form"));
    json_object(&o);
    if (values != NULL) {
        json_key(&o, SPAN("values"));
        json_add_raw(&o, json_text(a, values));
    }
    if (errors != NULL && json_size(errors) > 0) {
        json_key(&o, SPAN("errors"));
        json_add_raw(&o, json_text(a, errors));
    }
    json_key(&o, SPAN("choices"));
    json_object(&o);
    while (json_next(choices, &it, &name, &list)) {
        json_key(&o, name);
        choices_add(&o, list, json_get_span(values, name));
    }
    json_end(&o);
    json_end(&o);
    json_end(&o);
    return json_parse(a, json_out_span(&o), out, NULL);
}
