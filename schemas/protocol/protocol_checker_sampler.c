/* protocol_checker_sampler: the three randomizers (section 6 of the language). */
#include "protocol_checker.h"

static bool word_is(struct span word, const char *const *words)
{
    for (size_t i = 0; words[i]; i++)
        if (span_is(word, words[i]))
            return true;
    return false;
}

static struct hint words_hint(struct checker *c, struct span word, const char *const *words)
{
    struct nearest n = nearest_start(c, word, 3);

    for (size_t i = 0; words[i]; i++)
        nearest_try(&n, words[i]);
    return nearest_hint(&n);
}

/* The lists that a property may be; says so when it is none, or missing. True when there is one to go on
 * with. */
static bool lists_find(struct checker *c, const struct work *w, const char *key, const char *code,
                       struct values *out)
{
    uint32_t kept = 0;

    work_values(c, w, key, out);
    if (out->n == 0)
        finding_add(c, code, w->own, "This randomizer needs a list named \"%s\".", key);
    for (uint32_t i = 0; i < out->n; i++) {
        if (node_is(c, out->node[i], JSON_TOKEN_ARRAY_BEGIN))
            out->node[kept++] = out->node[i];
        else
            finding_add(c, code, out->node[i], "\"%s\" must be a list in brackets [ ].", key);
    }
    out->n = kept;
    return kept > 0;
}

static void permute_check(struct checker *c, const struct work *w)
{
    static const char *const known[] = {"sampler", "frameOptions", "orderedFrameOptions",
                                        "commonFrameProperties", NULL};
    struct members m = {.common = work_common(c, w), .scope = w->scope, .naming = NAMED};
    struct values options = {.n = 0}, ordered = {.n = 0};

    structure_keys_check(c, w, known);
    if (!lists_find(c, w, "frameOptions", "E-PERMUTE-OPTIONS", &options))
        return;
    work_values(c, w, "orderedFrameOptions", &ordered);
    if (ordered.n && node_is(c, ordered.node[0], JSON_TOKEN_ARRAY_BEGIN))
        m.ordered = ordered.node[0];
    for (uint32_t i = 0; i < options.n; i++) {
        if (m.ordered && c->node[m.ordered].count != c->node[options.node[i]].count)
            finding_add(c, "W-ORDERED-LENGTH", m.ordered, "There are %u ordered options for %u frames.",
                        c->node[m.ordered].count, c->node[options.node[i]].count);
        members_push(c, w, options.node[i], &m);
    }
}

/* The option that an index picks; 0, after a word, when it picks none. */
static uint32_t option_find(struct checker *c, uint32_t index, uint32_t options)
{
    double number;
    uint32_t count = c->node[options].count;

    if (!node_number(c, index, &number))
        finding_add(c, "E-SELECT-INDEX-TYPE", index,
                    "\"whichFrames\" must be a number or a list of numbers.");
    else if (!(number >= 0 && number < count))
        finding_add(c, "E-SELECT-INDEX", index, "There is no option %s: the %u options are counted from 0.",
                    quoted(c->node[index].text).text, count);
    else if ((double)(uint32_t)number < number)
        finding_add(c, "E-SELECT-INDEX", index, "An option has a whole number, not %s.",
                    quoted(c->node[index].text).text);
    else
        return step_take(c, count) ? tape_element(c, options, (uint32_t)number) : 0;
    return 0;
}

static void option_push(struct checker *c, const struct work *w, uint32_t index, uint32_t options,
                        const struct members *m)
{
    struct values v = {.n = 0};

    values_resolve(c, index, w->scope, &v);
    for (uint32_t i = 0; i < v.n; i++) {
        uint32_t option = option_find(c, v.node[i], options);
        if (option)
            member_push(c, w, option, m);
    }
}

/* null, false, "" and -1 mean all of them, as does no whichFrames. */
static bool means_all(const struct checker *c, uint32_t which)
{
    double number;

    if (node_number(c, which, &number))
        return number <= -1 && number >= -1;
    return node_is_falsy(c, which);
}

static void select_check(struct checker *c, const struct work *w)
{
    static const char *const known[] = {"sampler", "frameOptions", "whichFrames", "commonFrameProperties",
                                        NULL};
    struct members m = {.common = work_common(c, w), .scope = w->scope, .naming = SELECTED};
    struct values lists = {.n = 0}, which = {.n = 0};

    structure_keys_check(c, w, known);
    if (!lists_find(c, w, "frameOptions", "E-SELECT-OPTIONS", &lists))
        return;
    work_values(c, w, "whichFrames", &which);
    if (which.n == 0)
        members_push(c, w, lists.node[0], &m);
    for (uint32_t i = 0; i < which.n; i++) {
        uint32_t chosen = which.node[i];
        if (means_all(c, chosen)) {
            members_push(c, w, lists.node[0], &m);
        } else if (node_is(c, chosen, JSON_TOKEN_ARRAY_BEGIN)) {
            for (uint32_t k = chosen + 1; k < c->node[chosen].next && step_take(c, 1); k = c->node[k].next)
                option_push(c, w, k, lists.node[0], &m);
        } else {
            option_push(c, w, chosen, lists.node[0], &m);
        }
    }
}

/* One number for each set, none negative, not all zero. */
static void plain_weights_check(struct checker *c, uint32_t weights, uint32_t sets)
{
    double number, total = 0;

    if (c->node[weights].count != c->node[sets].count) {
        finding_add(c, "E-RPS-WEIGHTS", weights,
                    "There are %u weights for %u parameter sets; each set needs one.", c->node[weights].count,
                    c->node[sets].count);
        return;
    }
    for (uint32_t i = weights + 1; i < c->node[weights].next && step_take(c, 1); i = c->node[i].next) {
        if (!node_number(c, i, &number) || number < 0) {
            finding_add(c, "E-RPS-WEIGHTS", i, "A weight must be a number, 0 or greater.");
            return;
        }
        if (i == weights + 1 && !(number > 0))
            finding_add(c, "W-ZERO-WEIGHT-FIRST", i,
                        "The first set has weight 0; on very rare draws it is chosen all the same.");
        total += number;
    }
    if (!(total > 0))
        finding_add(c, "E-RPS-WEIGHTS", weights, "At least one weight must be greater than 0.");
}

static void age_weights_check(struct checker *c, uint32_t ranges, uint32_t sets)
{
    double number;

    for (uint32_t i = ranges + 1; i < c->node[ranges].next && step_take(c, 1); i = c->node[i].next) {
        uint32_t from = tape_get(c, i, "minAge"), to = tape_get(c, i, "maxAge"),
                 weights = tape_get(c, i, "weights");
        if (!from || !to || !node_number(c, from, &number) || !node_number(c, to, &number))
            finding_add(c, "E-RPS-WEIGHTS", i,
                        "Weights by age need \"minAge\" and \"maxAge\", numbers of days.");
        else if (!weights || !node_is(c, weights, JSON_TOKEN_ARRAY_BEGIN))
            finding_add(c, "E-RPS-WEIGHTS", i, "Weights by age need a list named \"weights\".");
        else
            plain_weights_check(c, weights, sets);
    }
}

static void weights_check(struct checker *c, const struct work *w, uint32_t sets)
{
    struct values v = {.n = 0};

    work_values(c, w, "parameterSetWeights", &v);
    for (uint32_t i = 0; i < v.n; i++) {
        uint32_t weights = v.node[i];
        if (node_is_falsy(c, weights))
            continue;
        if (!node_is(c, weights, JSON_TOKEN_ARRAY_BEGIN))
            finding_add(c, "E-RPS-WEIGHTS", weights,
                        "\"parameterSetWeights\" must be a list in brackets [ ].");
        else if (c->node[weights].count && node_is(c, weights + 1, JSON_TOKEN_OBJECT_BEGIN))
            age_weights_check(c, weights, sets);
        else
            plain_weights_check(c, weights, sets);
    }
}

/* Another name in the sequence that ends in "-" and this one: its history would be read for this one's. */
static void suffix_check(struct checker *c, const struct work *w, uint32_t node)
{
    struct span name = c->node[w->definition].key;

    for (uint32_t i = c->sequence + 1; i < c->node[c->sequence].next && step_take(c, 1);
         i = c->node[i].next) {
        struct span other = c->node[i].text;
        size_t before = other.n - name.n;
        if (!node_is(c, i, JSON_TOKEN_STRING) || other.n <= name.n || other.p[before - 1] != '-')
            continue;
        if (memcmp(other.p + before, name.p, name.n) == 0) {
            finding_add(
                c, "W-RETURNING-SUFFIX", node,
                "The frame \"%s\" has a name that ends like this one's; for returning families the two "
                "may be mixed up.",
                quoted(other).text);
            return;
        }
    }
}

static void returning_check(struct checker *c, const struct work *w)
{
    static const char *const modes[] = {"random", "persist", "rotate", NULL};
    struct values v = {.n = 0};

    work_values(c, w, "conditionForAdditionalSessions", &v);
    for (uint32_t i = 0; i < v.n; i++) {
        uint32_t node = v.node[i];
        struct span mode = c->node[node].text;
        if (!node_is(c, node, JSON_TOKEN_STRING) || !word_is(mode, modes))
            finding_add(c, "E-RPS-RETURNING", node,
                        "\"conditionForAdditionalSessions\" must be random, persist or rotate.%s",
                        words_hint(c, mode, modes).text);
        else if (w->is_nested && !span_is(mode, "random"))
            finding_add(
                c, "W-RETURNING-NESTED", node,
                "Inside a group or another randomizer, what a family had last time is not found again.");
        else if (!span_is(mode, "random"))
            suffix_check(c, w, node);
    }
}

/* True when every set is an object. */
static bool sets_check(struct checker *c, uint32_t sets)
{
    bool is_fine = true;

    if (c->node[sets].count == 0)
        finding_add(c, "E-RPS-SETS", sets, "\"parameterSets\" is empty, so there is nothing to choose from.");
    for (uint32_t i = sets + 1; i < c->node[sets].next && step_take(c, 1); i = c->node[i].next)
        if (!node_is(c, i, JSON_TOKEN_OBJECT_BEGIN)) {
            finding_add(c, "E-RPS-SET-TYPE", i, "A parameter set must be an object in braces { }.");
            is_fine = false;
        }
    return is_fine;
}

static void parameter_set_check(struct checker *c, const struct work *w)
{
    static const char *const known[] = {"sampler",
                                        "frameList",
                                        "commonFrameProperties",
                                        "parameterSets",
                                        "parameterSetWeights",
                                        "conditionForAdditionalSessions",
                                        NULL};
    struct members m = {.common = work_common(c, w), .naming = NAMED};
    struct values lists = {.n = 0}, sets = {.n = 0};

    structure_keys_check(c, w, known);
    returning_check(c, w);
    (void)lists_find(c, w, "parameterSets", "E-RPS-SETS", &sets);
    (void)lists_find(c, w, "frameList", "E-RPS-FRAMELIST", &lists);
    for (uint32_t k = 0; k < sets.n; k++) {
        m.scope = sets_check(c, sets.node[k]) ? scope_add(c, w->scope, sets.node[k], true) : w->scope;
        weights_check(c, w, sets.node[k]);
        for (uint32_t i = 0; i < lists.n; i++) {
            if (m.scope != w->scope)
                selectors_check(c, lists.node[i], m.scope);
            members_push(c, w, lists.node[i], &m);
        }
        if (m.scope != w->scope && m.common)
            selectors_check(c, m.common, m.scope);
    }
}

void choice_check(struct checker *c, const struct work *w)
{
    static const char *const samplers[] = {"permute", "random-parameter-set", "select", NULL};
    struct values v = {.n = 0};

    work_values(c, w, "sampler", &v);
    if (v.n == 0)
        finding_add(c, "E-SAMPLER-MISSING", w->own,
                    "A choice needs a \"sampler\": permute, random-parameter-set or select.");
    for (uint32_t i = 0; i < v.n; i++) {
        struct span name = c->node[v.node[i]].text;
        bool is_text = node_is(c, v.node[i], JSON_TOKEN_STRING);
        if (is_text && span_is(name, "permute"))
            permute_check(c, w);
        else if (is_text && span_is(name, "select"))
            select_check(c, w);
        else if (is_text && span_is(name, "random-parameter-set"))
            parameter_set_check(c, w);
        else
            finding_add(c, "E-SAMPLER-UNKNOWN", v.node[i],
                        "\"sampler\" must be permute, random-parameter-set or select.%s",
                        words_hint(c, name, samplers).text);
    }
}
