#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include "checker.h"
#include "errors.h"

static struct protocol_report report;

static struct span file_read(const char *name)
{
    char path[256];
    static char text[1 << 16];
    size_t n;
    FILE *f;

    (void)snprintf(path, sizeof path, "tests/player/vectors/%s", name);
    f = fopen(source_path(path), "rb");
    if (!f)
        fail_msg("%s cannot be read", path);
    n = fread(text, 1, sizeof text, f);
    assert_true(n < sizeof text);
    (void)fclose(f);
    return (struct span){text, n};
}

static void report_print(void)
{
    for (size_t i = 0; i < report.n; i++)
        print_error("%u:%u %s %s: %s\n", report.finding[i].line, report.finding[i].column,
                    report.finding[i].code, report.finding[i].path, report.finding[i].sentence);
}

static const struct protocol_finding *found(const char *code, const char *path)
{
    for (size_t i = 0; i < report.n; i++)
        if (strcmp(report.finding[i].code, code) == 0 && strcmp(report.finding[i].path, path) == 0)
            return &report.finding[i];
    return NULL;
}

static void check(struct span text)
{
    int rc = protocol_check(text, &report);

    assert_int_equal(rc, report.errors ? ERR_INVALID : 0);
}

/* Checks the text (quotes written as ') and expects this finding at this place. */
static const struct protocol_finding *expect(const char *text, const char *code, const char *path,
                                             uint32_t line, uint32_t column)
{
    char *copy = malloc(strlen(text) + 1);
    size_t n = 0;

    assert_non_null(copy);
    for (; text[n]; n++)
        copy[n] = text[n] == '\'' ? '"' : text[n];
    check((struct span){copy, n});
    free(copy);
    for (size_t i = 0; i < report.n; i++) {
        const struct protocol_finding *f = &report.finding[i];
        if (strcmp(f->code, code) == 0 && strcmp(f->path, path) == 0 && f->line == line &&
            f->column == column) {
            assert_int_equal(f->severity, code[0] == 'E' ? PROTOCOL_ERROR : PROTOCOL_WARNING);
            return f;
        }
    }
    report_print();
    fail_msg("%s at %s %u:%u was not found in %s", code, path, line, column, text);
    return NULL;
}

/* One frame, named a, in the sequence; column counts from its opening brace. */
static const struct protocol_finding *expect_in(const char *frame, const char *code, const char *inner,
                                                uint32_t column)
{
    char text[2048], path[128];
    int n = snprintf(text, sizeof text, "{'frames':{'a':\n%s},'sequence':['a']}", frame);

    assert_true(n > 0 && (size_t)n < sizeof text);
    (void)snprintf(path, sizeof path, "/frames/a%s", inner);
    return expect(text, code, path, 2, column);
}

/* The text is checked and there is no error; returns the number of warnings without the three pieces of
 * advice. */
static size_t fine(const char *frame)
{
    char text[4096];
    size_t n = 0, count = 0;

    n = (size_t)snprintf(text, sizeof text, "{'frames':{'a':%s},'sequence':['a']}", frame);
    assert_true(n < sizeof text);
    for (size_t i = 0; i < n; i++)
        text[i] = text[i] == '\'' ? '"' : text[i];
    if (protocol_check((struct span){text, n}, &report))
        report_print();
    assert_int_equal(report.errors, 0);
    for (size_t i = 0; i < report.n; i++)
        count += strcmp(report.finding[i].path, "/sequence") != 0;
    if (count)
        report_print();
    return count;
}

static void valid_samples_have_no_error_but_kinds_to_come(void **state)
{
    static const char *const names[] = {"01-plain-sequence",
                                        "02-frame-groups",
                                        "03-parameters-and-selectors",
                                        "04-permute",
                                        "05-random-parameter-set",
                                        "06-age-weights-and-past-sessions",
                                        "07-select",
                                        "08-nested-randomizers",
                                        "09-conditional-logic",
                                        "10-generator",
                                        "11-surveys",
                                        "12-config-consent-exit",
                                        "13-images-audio-recording",
                                        "14-infant-controlled",
                                        "15-pause-and-session-recording",
                                        "16-i18n",
                                        "18-dependencies"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char file[64];
        (void)snprintf(file, sizeof file, "%s.json", names[i]);
        check(file_read(file));
        if (getenv("SHOW")) {
            print_message("%s\n", file);
            report_print();
        }
        assert_true(report.n < PROTOCOL_FINDINGS_MAX);
        for (size_t k = 0; k < report.n; k++)
            if (report.finding[k].severity == PROTOCOL_ERROR &&
                strcmp(report.finding[k].code, "E-FRAME-KIND-NOT-YET") != 0) {
                report_print();
                fail_msg("%s: %s", file, report.finding[k].code);
            }
    }
}

static void a_sample_full_of_mistakes_shows_them_all(void **state)
{
    static const struct {
        const char *code, *path;
    } want[] = {
        {"E-ID-CHARS", "/frames/under_score"},
        {"E-ID-RESERVED", "/frames/again-repeat-3"},
        {"E-KIND-MISSING", "/frames/no-kind"},
        {"E-KIND-UNKNOWN", "/frames/odd-kind/kind"},
        {"E-FRAME-KIND-UNAVAILABLE", "/frames/mystery-frame/kind"},
        {"E-FRAME-KIND-REMOVED", "/frames/old-frame/kind"},
        {"E-SAMPLER-UNKNOWN", "/frames/bad-sampler/sampler"},
        {"E-PERMUTE-OPTIONS", "/frames/no-options"},
        {"E-GROUP-FRAMELIST", "/frames/no-list"},
        {"E-SELECT-INDEX", "/frames/bad-index/whichFrames/1"},
        {"E-RPS-SETS", "/frames/no-sets"},
        {"E-RPS-WEIGHTS", "/frames/bad-weights/parameterSetWeights"},
        {"E-RPS-RETURNING", "/frames/bad-returning/conditionForAdditionalSessions"},
        {"E-SELECTOR-UNKNOWN", "/frames/bad-selector/t"},
        {"E-SELECTOR-NOT-LIST", "/frames/not-a-list/t"},
        {"W-SELECTOR-RANGE", "/frames/too-far/t"},
        {"E-FUNCTION-SYNTAX", "/frames/bad-fn/generateProperties"},
        {"E-FUNCTION-SYNTAX", "/frames/bad-fn/selectNextFrame"},
        {"E-ID-TYPE", "/frames/bad-repeat-name/id"},
        {"W-PARAM-ENUM", "/frames/no-consent-fields/template"},
        {"W-PARAM-REQUIRED", "/frames/no-consent-fields"},
        {"W-ANONYMOUS-GROUP-MEMBER", "/frames/anonymous/frameList/0"},
        {"W-ANONYMOUS-GROUP-MEMBER", "/frames/anonymous/frameList/1"},
        {"E-SEQUENCE-UNDEFINED-FRAME", "/sequence/22"},
        {"W-NO-VIDEO-CONFIG", "/sequence"},
        {"W-LAST-NOT-EXIT", "/sequence"},
        /* kinds that are still to come: their parameters are not looked at */
        {"E-FRAME-KIND-NOT-YET", "/frames/bad-types/kind"},
        {"E-FRAME-KIND-NOT-YET", "/frames/old-names/kind"},
    };
    size_t required = 0;

    (void)state;
    assert_int_equal(protocol_check(file_read("17-invalid-many.json"), &report), ERR_INVALID);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        if (!found(want[i].code, want[i].path)) {
            report_print();
            fail_msg("%s at %s is missing", want[i].code, want[i].path);
        }
    for (size_t i = 0; i < report.n; i++)
        required += strcmp(report.finding[i].code, "W-PARAM-REQUIRED") == 0;
    assert_int_equal(required, 6);
    for (size_t i = 1; i < report.n; i++)
        assert_true(report.finding[i - 1].at <= report.finding[i].at);
}

static void broken_json_is_told_with_line_and_column(void **state)
{
    (void)state;
    assert_int_equal(protocol_check(file_read("20-broken-json.txt"), &report), ERR_INVALID);
    assert_int_equal(report.n, 1);
    assert_string_equal(report.finding[0].code, "E-JSON-SYNTAX");
    assert_int_equal(report.finding[0].line, 2);
    assert_int_equal(report.finding[0].column, 49);
    (void)expect("", "E-JSON-SYNTAX", "", 1, 1);
    (void)expect("{\n  'frames': {},\n  'sequence': ['a' 'b']\n}", "E-JSON-SYNTAX", "", 3, 20);
}

static void the_root_has_its_shape(void **state)
{
    (void)state;
    (void)expect("[]", "E-ROOT-TYPE", "", 1, 1);
    (void)expect(" {'frames':{}}", "E-SEQUENCE-MISSING", "", 1, 2);
    (void)expect("{'frames':{},'sequence':'a'}", "E-SEQUENCE-TYPE", "/sequence", 1, 25);
    (void)expect("{'sequence':['a']}", "E-FRAMES-MISSING", "", 1, 1);
    (void)expect("{'frames':[],'sequence':[]}", "E-FRAMES-TYPE", "/frames", 1, 11);
    (void)expect("{'frames':{},'sequence':[{'kind':'exp-lookit-text'}]}", "E-SEQUENCE-ITEM-TYPE",
                 "/sequence/0", 1, 26);
    (void)expect("{'frames':{'a':[]},'sequence':['a']}", "E-FRAME-TYPE", "/frames/a", 1, 16);
    (void)expect("{'frames':{'hello':{}},'sequence':['helo']}", "E-SEQUENCE-UNDEFINED-FRAME", "/sequence/0",
                 1, 36);
    assert_non_null(strstr(report.finding[report.n - 1].sentence, "Did you mean hello?"));
    (void)expect("{'frames':{'a':{}},'sequence':[]}", "W-UNUSED-FRAME", "/frames/a", 1, 12);
    (void)expect("{'frames':{},'sequence':[],'sequence':[]}", "W-DUPLICATE-KEY", "/sequence", 1, 14);
    assert_int_equal(report.errors, 0);
    (void)expect("{'frames':{'a':{'kind':'group','frameList':[]},'\\u0061':7},'sequence':['a']}",
                 "E-FRAME-TYPE", "/frames/a", 1, 57);
}

static void an_unknown_kind_is_told_with_the_nearest(void **state)
{
    (void)state;
    assert_non_null(
        strstr(expect_in("{'kind':'exp-lookit-txet'}", "E-FRAME-KIND-UNAVAILABLE", "/kind", 9)->sentence,
               "Did you mean exp-lookit-text?"));
    assert_non_null(
        strstr(expect_in("{'kind':'gruop'}", "E-KIND-UNKNOWN", "/kind", 9)->sentence, "Did you mean group?"));
    assert_null(
        strstr(expect_in("{'kind':'zebra'}", "E-KIND-UNKNOWN", "/kind", 9)->sentence, "Did you mean"));
    (void)expect_in("{'kind':7}", "E-KIND-UNKNOWN", "/kind", 9);
    (void)expect_in("{'kind':'exp-player'}", "E-FRAME-KIND-UNAVAILABLE", "/kind", 9);
    assert_non_null(
        strstr(expect_in("{'kind':'exp-lookit-story-page'}", "E-FRAME-KIND-REMOVED", "/kind", 9)->sentence,
               "exp-lookit-images-audio"));
    assert_non_null(
        strstr(expect_in("{'kind':'exp-lookit-video'}", "E-FRAME-KIND-NOT-YET", "/kind", 9)->sentence,
               "cannot show it yet"));
}

static void parameters_have_their_types(void **state)
{
    (void)state;
    (void)expect_in("{'kind':'exp-lookit-text','blocks':'hello'}", "E-PARAM-TYPE", "/blocks", 36);
    (void)expect_in("{'kind':'exp-lookit-text','showPreviousButton':'yes'}", "E-PARAM-TYPE",
                    "/showPreviousButton", 48);
    (void)expect_in("{'kind':'exp-lookit-text','blocks':[{'text':7}]}", "W-PARAM-TYPE", "/blocks/0/text", 45);
    (void)expect_in("{'kind':'exp-lookit-images-audio','images':[],'durationSeconds':'5'}", "W-PARAM-TYPE",
                    "/durationSeconds", 65);
    (void)expect_in("{'kind':'exp-lookit-images-audio','images':[],'durationSeconds':-1}", "W-PARAM-RANGE",
                    "/durationSeconds", 65);
    (void)expect_in("{'kind':'exp-lookit-images-audio','images':[],'frameOffsetAfterPause':0.5}",
                    "E-PARAM-TYPE", "/frameOffsetAfterPause", 71);
    (void)expect_in("{'kind':'exp-lookit-images-audio','images':[{'position':'lefft'}]}", "W-PARAM-ENUM",
                    "/images/0/position", 57);
    assert_non_null(
        strstr(found("W-PARAM-ENUM", "/frames/a/images/0/position")->sentence, "Did you mean left?"));
    (void)expect_in("{'kind':'exp-lookit-images-audio','images':[],'durationSeconds':'LONG'}",
                    "W-UNRESOLVED-PLACEHOLDER", "/durationSeconds", 65);
    (void)expect_in("{'kind':'exp-lookit-text','language':'xx'}", "W-LANGUAGE-UNKNOWN", "/language", 38);
}

static void a_wrong_type_that_does_no_harm_is_a_warning(void **state)
{
    (void)state;
    (void)expect_in("{'kind':'exp-lookit-survey','formSchema':{},'nextButtonText':['Go','on']}",
                    "W-PARAM-TYPE", "/nextButtonText", 62);
    (void)expect_in("{'kind':'exp-lookit-text','blocks':[{'title':null}]}", "W-PARAM-TYPE", "/blocks/0/title",
                    46);
    (void)expect_in("{'kind':'exp-lookit-text','showPreviousButton':1}", "W-PARAM-TYPE",
                    "/showPreviousButton", 48);
    (void)expect_in("{'kind':'exp-lookit-text','showPreviousButton':'false'}", "E-PARAM-TYPE",
                    "/showPreviousButton", 48);
    (void)expect_in("{'kind':'exp-lookit-text','blocks':[{'title':{}}]}", "E-PARAM-TYPE", "/blocks/0/title",
                    46);
    (void)expect_in("{'kind':'exp-lookit-survey','formSchema':'x'}", "E-PARAM-TYPE", "/formSchema", 42);
}

static void parameters_that_are_missing_or_misspelt_are_told(void **state)
{
    (void)state;
    (void)expect_in("{'kind':'exp-lookit-images-audio'}", "E-PARAM-FATAL", "", 1);
    (void)expect_in("{'kind':'exp-lookit-exit-survey'}", "W-PARAM-REQUIRED", "", 1);
    assert_int_equal(
        fine("{'kind':'exp-lookit-images-audio','generateProperties':'function(){return {images:[]}}'}"), 0);
    assert_non_null(
        strstr(expect_in("{'kind':'exp-lookit-text','bloks':[]}", "W-PARAM-UNKNOWN", "/bloks", 27)->sentence,
               "Did you mean blocks?"));
    assert_null(strstr(
        expect_in("{'kind':'exp-lookit-text','fish':[]}", "W-PARAM-UNKNOWN", "/fish", 27)->sentence, "mean"));
    (void)expect_in("{'kind':'exp-lookit-images-audio','images':[{'postion':'left'}]}", "W-PARAM-UNKNOWN",
                    "/images/0/postion", 46);
    (void)expect_in("{'kind':'exp-lookit-text','__note':1}", "W-DUNDER-KEY", "/__note", 27);
    (void)expect_in("{'kind':'exp-lookit-text','blocks':'JSON:https://x.example/a'}", "W-DEPENDENCY-URL",
                    "/blocks", 36);
    (void)expect_in("{'kind':'exp-lookit-images-audio','images':[{'src':'cat'}]}", "W-ASSET-EXTENSION",
                    "/images/0/src", 52);
    (void)expect_in("{'kind':'exp-lookit-images-audio','images':[],'audio':'x.mp3'}", "W-ASSET-EXTENSION",
                    "/audio", 55);
    (void)expect_in("{'kind':'exp-lookit-images-audio','images':[{'src':'http://x/a.png'}]}",
                    "W-INSECURE-URL", "/images/0/src", 52);
}

static void placeholders_are_followed(void **state)
{
    (void)state;
    assert_int_equal(fine("{'kind':'K','parameters':{'K':'exp-lookit-text'}}"), 0);
    assert_int_equal(fine("{'kind':'K#1','parameters':{'K':['x','exp-lookit-text']}}"), 0);
    (void)expect_in("{'kind':'K#RAND','parameters':{'K':['x','exp-lookit-text']}}", "E-KIND-UNKNOWN",
                    "/parameters/K/0", 37);
    (void)expect_in("{'kind':'exp-lookit-text','blocks':'B','parameters':{'B':7}}", "E-PARAM-TYPE",
                    "/parameters/B", 58);
    assert_int_equal(
        fine("{'kind':'choice','sampler':'random-parameter-set','frameList':[{'kind':'K','showPreviousButton'"
             ":'P'}],"
             "'parameterSets':[{'K':'exp-lookit-text','P':true},{'K':'exp-lookit-text','P':false}]}"),
        0);
    (void)expect_in("{'kind':'choice','sampler':'random-parameter-set','frameList':[{'kind':'exp-lookit-text'"
                    ",'blocks':'B'}],"
                    "'parameterSets':[{'B':[]},{'B':'x'}]}",
                    "E-PARAM-TYPE", "/parameterSets/1/B", 136);
    assert_int_equal(fine("{'kind':'group','parameters':{'LIST':[{'kind':'exp-lookit-text','id':'x'}]},'"
                          "frameList':'LIST'}"),
                     0);
    assert_int_equal(fine("{'kind':'group','parameters':{'A':'exp-lookit-text'},'frameList':[{'kind':'B','id'"
                          ":'x','parameters':{'B':'A'}}]}"),
                     0);
    assert_int_equal(fine("{'kind':'choice','sampler':'select','frameOptions':[{'kind':'exp-lookit-text'}],'"
                          "whichFrames':'W#UNIQ',"
                          "'parameters':{'W':[0,-1]}}"),
                     0);
}

static void selectors_and_parameters_have_their_rules(void **state)
{
    (void)state;
    (void)expect_in("{'kind':'exp-lookit-text','t':'L#FIRST','parameters':{'L':[1]}}", "E-SELECTOR-UNKNOWN",
                    "/t", 31);
    (void)expect_in("{'kind':'exp-lookit-text','t':'L#','parameters':{'L':[1]}}", "E-SELECTOR-UNKNOWN", "/t",
                    31);
    (void)expect_in("{'kind':'exp-lookit-text','t':'L#1.4','parameters':{'L':[1]}}", "W-SELECTOR-RANGE", "/t",
                    31);
    (void)expect_in("{'kind':'exp-lookit-text','t':'L#-1','parameters':{'L':[1]}}", "W-SELECTOR-RANGE", "/t",
                    31);
    (void)expect_in("{'kind':'exp-lookit-text','t':'L#0','parameters':{'L':{}}}", "E-SELECTOR-NOT-LIST", "/t",
                    31);
    (void)expect_in("{'kind':'exp-lookit-text','parameters':[]}", "E-PARAMETERS-TYPE", "/parameters", 40);
    (void)expect_in("{'kind':'exp-lookit-text','parameters':{'A':'B','B':'c'}}", "W-PARAMETER-ORDER",
                    "/parameters/A", 45);
    (void)expect_in("{'kind':'exp-lookit-text','parameters':{'A':{'x':'A'}}}", "E-PARAMETER-CYCLE",
                    "/parameters/A", 45);
    (void)expect_in("{'kind':'exp-lookit-text','parameters':{'A':['B'],'B':['C'],'C':['x','A']}}",
                    "E-PARAMETER-CYCLE", "/parameters/A", 45);
    assert_int_equal(
        fine(
            "{'kind':'exp-lookit-text','nextButton':0,'parameters':{'A':['B','C'],'B':['C','C'],'C':['x']}}"),
        1);
    assert_int_equal(fine("{'kind':'exp-lookit-text','blocks':[{'text':'#ff0000'},{'title':'X#0x'}]}"), 0);
    assert_int_equal(
        fine("{'kind':'exp-lookit-text','blocks':[{'text':'L#0x1'},{'title':'L# 1'},{'title':'L#1e0'}],"
             "'parameters':{'L':['a','b']}}"),
        0);
}

static void randomizers_have_their_shapes(void **state)
{
#define RPS "{'kind':'choice','sampler':'random-parameter-set','frameList':[{'kind':'exp-lookit-text'}],"
    (void)state;
    (void)expect_in("{'kind':'choice','frameOptions':[]}", "E-SAMPLER-MISSING", "", 1);
    assert_non_null(strstr(
        expect_in("{'kind':'choice','sampler':'permut'}", "E-SAMPLER-UNKNOWN", "/sampler", 28)->sentence,
        "Did you mean permute?"));
    (void)expect_in("{'kind':'choice','sampler':'permute','frameOptions':{}}", "E-PERMUTE-OPTIONS",
                    "/frameOptions", 53);
    (void)expect_in("{'kind':'choice','sampler':'permute','frameOptions':[7]}", "E-FRAME-TYPE",
                    "/frameOptions/0", 54);
    (void)expect_in("{'kind':'choice','sampler':'permute','frameOptions':[],'orderedFrameOptions':[{}]}",
                    "W-ORDERED-LENGTH", "/orderedFrameOptions", 78);
    (void)expect_in("{'kind':'choice','sampler':'select'}", "E-SELECT-OPTIONS", "", 1);
    (void)expect_in("{'kind':'choice','sampler':'select','frameOptions':[],'whichFrames':0}",
                    "E-SELECT-INDEX", "/whichFrames", 69);
    (void)expect_in("{'kind':'choice','sampler':'select','frameOptions':[{'kind':'exp-lookit-text'}],'"
                    "whichFrames':[0.5]}",
                    "E-SELECT-INDEX", "/whichFrames/0", 96);
    (void)expect_in("{'kind':'choice','sampler':'select','frameOptions':[],'whichFrames':true}",
                    "E-SELECT-INDEX-TYPE", "/whichFrames", 69);
    (void)expect_in(RPS "'parameterSets':[]}", "E-RPS-SETS", "/parameterSets", 108);
    (void)expect_in(RPS "'parameterSets':[7]}", "E-RPS-SET-TYPE", "/parameterSets/0", 109);
    (void)expect_in(RPS "'parameterSets':[{},{}],'parameterSetWeights':[1,'2']}", "E-RPS-WEIGHTS",
                    "/parameterSetWeights/1", 141);
    (void)expect_in(RPS "'parameterSets':[{},{}],'parameterSetWeights':[0,0]}", "E-RPS-WEIGHTS",
                    "/parameterSetWeights", 138);
    (void)expect_in(RPS
                    "'parameterSets':[{},{}],'parameterSetWeights':[{'minAge':0,'maxAge':9,'weight':[1,0]}]}",
                    "E-RPS-WEIGHTS", "/parameterSetWeights/0", 139);
    (void)expect_in(RPS "'parameterSets':[{}],'conditionForAdditionalSessions':'rotat'}", "E-RPS-RETURNING",
                    "/conditionForAdditionalSessions", 146);
    (void)expect_in("{'kind':'group','frameList':[" RPS
                    "'parameterSets':[{}],'conditionForAdditionalSessions':'rotate'}]}",
                    "W-RETURNING-NESTED", "/frameList/0/conditionForAdditionalSessions", 175);
    (void)expect_in("{'kind':'choice','sampler':'permute','frameOptions':[],'commonFrameProperties':'x'}",
                    "E-COMMON-TYPE", "/commonFrameProperties", 80);
    (void)expect_in("{'kind':'choice','sampler':'permute','frameOption':[]}", "W-PARAM-UNKNOWN",
                    "/frameOption", 38);
    (void)expect("{'frames':{'arm':" RPS "'parameterSets':[{}],'conditionForAdditionalSessions':'persist'},\n"
                 "'big-arm':{'kind':'exp-lookit-text'}},'sequence':['arm','big-arm']}",
                 "W-RETURNING-SUFFIX", "/frames/arm/conditionForAdditionalSessions", 1, 163);
#undef RPS
}

static void only_the_options_that_are_chosen_are_checked(void **state)
{
    (void)state;
    assert_int_equal(fine("{'kind':'choice','sampler':'select','frameOptions':[{},{'kind':'exp-lookit-text'}]"
                          ",'whichFrames':1}"),
                     0);
    assert_int_equal(fine("{'kind':'choice','sampler':'select','frameOptions':[{},{'kind':'exp-lookit-text'}]"
                          ",'whichFrames':[1,1]}"),
                     0);
    assert_int_equal(fine("{'kind':'choice','sampler':'select','frameOptions':[{}],'whichFrames':[]}"), 0);
    (void)expect_in("{'kind':'choice','sampler':'select','frameOptions':[{}]}", "E-KIND-MISSING",
                    "/frameOptions/0", 53);
    (void)expect_in("{'kind':'choice','sampler':'select','frameOptions':[{}],'whichFrames':-1}",
                    "E-KIND-MISSING", "/frameOptions/0", 53);
    (void)expect_in(
        "{'kind':'choice','sampler':'select','frameOptions':[{}],'whichFrames':'W','parameters':{'W':[0]}}",
        "E-KIND-MISSING", "/frameOptions/0", 53);
}

static void merged_frames_are_checked_not_fragments(void **state)
{
    (void)state;
    assert_int_equal(fine("{'kind':'group','commonFrameProperties':{'kind':'exp-lookit-text','blocks':[]},"
                          "'frameList':[{'id':'x'},{'id':'y','blocks':[{'text':'t'}]}]}"),
                     0);
    assert_int_equal(fine("{'kind':'choice','sampler':'permute','frameOptions':[{},{}],"
                          "'orderedFrameOptions':[{'kind':'exp-lookit-text'},{'kind':'exp-lookit-text'}]}"),
                     0);
    (void)expect_in("{'kind':'group','commonFrameProperties':{'kind':'exp-lookit-text','blocks':7},'"
                    "frameList':[{'id':'x'}]}",
                    "E-PARAM-TYPE", "/commonFrameProperties/blocks", 76);
    (void)expect_in("{'kind':'choice','sampler':'select','frameOptions':[{'kind':'group','frameList':[{'kind'"
                    ":'exp-x'}]}]}",
                    "E-FRAME-KIND-UNAVAILABLE", "/frameOptions/0/frameList/0/kind", 90);
}

static void functions_are_looked_at_without_running_them(void **state)
{
    static const char *const good[] = {
        "function(a) { return {x: [1, 2], y: \\\"}\\\", z: '(' }; }",
        "(a, b) => ({})",
        "a => a / 2 / (3)",
        "function(frames) { /* } */ // }\\n return frames.map(f => /[/}]+/.test(f.id) ? 1 : 0).length; }",
        "function() { return `a ${ {b: `c}`}.b } }`; }",
        "function() { if (a) {} /x/.test(b); return a }",
        "async function() { }",
    };
    static const char *const bad[] = {
        "return {};",
        "function(frames { return 1; }",
        "function() { return 'x; }",
        "function() { return ",
        "\\nfunction() {}",
        "7",
        "function() { ] }",
        "function() { return `a; }",
        "function() { /* }",
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good + sizeof bad / sizeof *bad; i++) {
        bool is_good = i < sizeof good / sizeof *good;
        const char *source = is_good ? good[i] : bad[i - sizeof good / sizeof *good];
        char text[512];
        int n = snprintf(text, sizeof text,
                         "{\"frames\":{\"a\":{\"kind\":\"exp-lookit-text\",\"selectNextFrame\":\"%s\"}},"
                         "\"sequence\":[\"a\"]}",
                         source);
        check((struct span){text, (size_t)n});
        if ((found("E-FUNCTION-SYNTAX", "/frames/a/selectNextFrame") == NULL) != is_good)
            fail_msg("%s", source);
    }
    (void)expect_in("{'kind':'exp-lookit-text','generateProperties':{}}", "E-FUNCTION-TYPE",
                    "/generateProperties", 48);
}

static void recordings_across_frames_begin_and_end(void **state)
{
    (void)state;
    (void)expect_in("{'kind':'exp-lookit-start-recording'}", "W-SESSION-RECORDING", "", 1);
    (void)expect_in("{'kind':'exp-lookit-text','endSessionRecording':true}", "W-SESSION-RECORDING", "", 1);
    assert_int_equal(fine("{'kind':'exp-lookit-start-recording','endSessionRecording':true}"), 0);
}

static void paths_are_json_pointers(void **state)
{
    (void)state;
    (void)expect("{'frames':{'a/b~c':{}},'sequence':['a/b~c']}", "E-KIND-MISSING", "/frames/a~1b~0c", 1, 20);
    (void)expect("{'frames':{'\xc3\xa4':{}},'sequence':['\xc3\xa4']}", "E-KIND-MISSING", "/frames/\xc3\xa4",
                 1, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_samples_have_no_error_but_kinds_to_come),
        cmocka_unit_test(a_sample_full_of_mistakes_shows_them_all),
        cmocka_unit_test(broken_json_is_told_with_line_and_column),
        cmocka_unit_test(the_root_has_its_shape),
        cmocka_unit_test(an_unknown_kind_is_told_with_the_nearest),
        cmocka_unit_test(parameters_have_their_types),
        cmocka_unit_test(a_wrong_type_that_does_no_harm_is_a_warning),
        cmocka_unit_test(parameters_that_are_missing_or_misspelt_are_told),
        cmocka_unit_test(placeholders_are_followed),
        cmocka_unit_test(selectors_and_parameters_have_their_rules),
        cmocka_unit_test(randomizers_have_their_shapes),
        cmocka_unit_test(only_the_options_that_are_chosen_are_checked),
        cmocka_unit_test(merged_frames_are_checked_not_fragments),
        cmocka_unit_test(functions_are_looked_at_without_running_them),
        cmocka_unit_test(recordings_across_frames_begin_and_end),
        cmocka_unit_test(paths_are_json_pointers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
