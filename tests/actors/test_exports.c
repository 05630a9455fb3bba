/* NEEDS: database */
/* exports: the files that labs take away: who gets them, what stands in them, to the byte. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "desk.h"
#include "exports.h"

static struct rig rig = {.name = "gateway"};
static struct spool *spool;
static int64_t parent, stranger, researcher, previewer, study, first;
static char first_uuid[37], study_uuid[37];

#define ASK(message, ...) rig_call(&rig, &MESSAGE_##message, &(struct message){__VA_ARGS__})
#define OF(viewer_id) .viewer = (uint64_t)(viewer_id), .study = (uint64_t)study

static const struct span all_options[] = {{"child__age_rounded", 18}, {"child__name", 11}, {"unknown", 7}};
#define OPTIONS(n) .data_options = {all_options, n}, .has_data_options = (n) > 0

static const struct reply_file *file(void)
{
    assert_ptr_equal(rig.answer.message, &MESSAGE_reply_file);
    return rig.answer.body;
}

/* The last answer's file, which is then gone from the spool. */
static const char *content(void)
{
    uint64_t size;
    int fd;
    char *text;

    assert_int_equal(spool_read(spool, &file()->spool, &fd, &size), 0);
    spool_remove(spool, &file()->spool);
    assert_int_equal(size, file()->bytes);
    text = arena_get(rig.arena, size + 1);
    assert_int_equal(read(fd, text, size), size);
    (void)close(fd);
    return text;
}

static void assert_file(const char *name, const char *type)
{
    assert_span(file()->name, name);
    assert_span(file()->type, type);
}

static int64_t response_add(const char *more, const char *values)
{
    return desk_sql("insert into response (study, child, completed_consent_frame%s) select %lld, c.id, "
                    "true%s from child c "
                    "returning id",
                    more, (long long)study, values);
}

static void rule(int64_t response, const char *action)
{
    (void)desk_sql("insert into consent_ruling (action, response, arbiter, created_at, comments) values "
                   "('%s', %lld, %lld, "
                   "'2026-05-02 08:05:00+00', 'clear') returning id",
                   action, (long long)response, (long long)researcher);
}

/* ---- */

static void the_overview_has_one_row_for_each_session(void **state)
{
    const char *text;

    (void)state;
    assert_int_equal(ASK(export_responses_csv, OF(researcher), OPTIONS(1)), 0);
    assert_file("Ball---Bóx-_all-responses.csv", "text/csv; charset=utf-8");
    text = content();
    assert_non_null(strstr(
        text,
        "\"response__id\",\"response__uuid\",\"response__date_created\",\"response__completed\",\"response__"
        "withdrawn\","
        "\"response__eligibility\",\"response__parent_feedback\",\"response__birthdate_difference\","
        "\"response__video_privacy\",\"response__databrary\",\"response__is_preview\",\"consent__ruling\","
        "\"consent__arbiter\",\"consent__time\",\"consent__comment\",\"study__uuid\",\"participant__hashed_"
        "id\","
        "\"child__hashed_id\",\"child__age_rounded\",\"response__researcher_payment_status\","
        "\"response__researcher_session_status\",\"response__researcher_star\",\"response__sequence.0\","
        "\"response__sequence.1\",\"response__conditions.0.frameName\",\"response__conditions.0.left\","
        "\"response__conditions.1.frameName\",\"response__conditions.1.list.9\",\"response__conditions.1."
        "list.10\"\r\n"));
    assert_non_null(strstr(
        text,
        arena_print(
            rig.arena,
            "\r\n\"%lld\",\"%s\",\"2026-05-01 10:00:00+00:00\",True,False,\"Eligible\",\"so \"\"nice\"\"\","
            "1,\"scientific\",\"no\",False,\"accepted\",\"Kim  Sample\",\"2026-05-02 "
            "08:05\",\"clear\",\"%s\",",
            (long long)first, first_uuid, study_uuid)
            .p));
    assert_non_null(strstr(
        text, ",\"810\",\"To pay\",\"\",True,\"0-a\",\"9-exit\",\"3-pick\",\"cat\",\"\",\"\",\"\"\r\n"));
    assert_null(strstr(text, "Mo"));
}

static void chosen_columns_mark_the_name(void **state)
{
    (void)state;
    assert_int_equal(ASK(export_responses_csv, OF(researcher), OPTIONS(3)), 0);
    assert_file("Ball---Bóx-_all-responses-identifiable.csv", "text/csv; charset=utf-8");
    assert_non_null(strstr(content(), "\"Mo\""));
}

static void json_holds_everything_with_tabs(void **state)
{
    const char *text;
    const struct json *doc;

    (void)state;
    assert_int_equal(ASK(export_responses_json, OF(researcher), OPTIONS(1)), 0);
    assert_file("Ball---Bóx-_all-responses.json", "text/json");
    text = content();
    assert_int_equal(json_parse(rig.arena, span_of(text), &doc, NULL), 0);
    assert_int_equal(json_size(doc), 2);
    assert_non_null(strstr(text, "[{\n\t\"response\": {\n\t\t\"id\": \""));
    assert_non_null(strstr(text, "\n},\n{\n\t\"response\""));
    doc = json_at(doc, 0);
    assert_span(json_string(json_get(json_get(doc, "response"), "uuid")), first_uuid);
    assert_int_equal(json_size(json_get(json_get(doc, "response"), "sequence")), 2);
    assert_span(
        json_string(json_get(json_at(json_get(json_get(doc, "response"), "conditions"), 0), "frameName")),
        "3-pick");
    assert_span(json_string(json_get(json_get(json_get(doc, "exp_data"), "0-a"), "text")), "ü\n");
    assert_span(json_string(json_get(json_get(doc, "child"), "age_rounded")), "810");
    assert_null(json_get(json_get(doc, "child"), "name"));
}

static void nobody_gets_what_is_not_theirs(void **state)
{
    (void)state;
    assert_int_equal(ASK(export_responses_json, OF(stranger)), ERR_NOTFOUND);
    assert_int_equal(ASK(export_responses_csv, OF(parent)), ERR_NOTFOUND);
    assert_int_equal(ASK(export_dictionary, OF(0)), ERR_NOTFOUND);
    assert_int_equal(ASK(export_frames_zip, OF(stranger)), ERR_NOTFOUND);
    assert_int_equal(ASK(export_children_csv, OF(stranger)), ERR_NOTFOUND);
    assert_int_equal(
        ASK(export_one, OF(stranger), .response_id = (uint64_t)first, .data_type_selector = SPAN("json")),
        ERR_NOTFOUND);
}

static void who_may_see_previews_gets_previews(void **state)
{
    (void)state;
    assert_int_equal(ASK(export_responses_json, OF(previewer)), 0);
    assert_string_equal(content(), "[]");
    assert_int_equal(
        ASK(export_one, OF(previewer), .response_id = (uint64_t)first, .data_type_selector = SPAN("json")),
        ERR_NOTFOUND);
}

static void a_ruling_taken_back_takes_the_row_back(void **state)
{
    const struct json *doc;

    (void)state;
    (void)desk_sql("insert into consent_ruling (action, response) values ('pending', %lld) returning id",
                   (long long)first);
    assert_int_equal(ASK(export_responses_json, OF(researcher)), 0);
    assert_int_equal(json_parse(rig.arena, span_of(content()), &doc, NULL), 0);
    assert_int_equal(json_size(doc), 1);
    (void)desk_sql("delete from consent_ruling where action = 'pending' returning id");
}

static void children_come_once(void **state)
{
    const char *text;

    (void)state;
    assert_int_equal(ASK(export_children_csv, OF(researcher), OPTIONS(3)), 0);
    assert_file("Ball---Bóx-_all-children-identifiable.csv", "text/csv; charset=utf-8");
    text = content();
    assert_non_null(strstr(text, "\"participant__hashed_id\",\"child__hashed_id\",\"child__name\"\r\n"));
    assert_ptr_equal(strstr(text, "\"Mo\"") + 6, text + strlen(text));
}

static void the_dictionary_explains_each_column(void **state)
{
    const char *text;

    (void)state;
    assert_int_equal(ASK(export_dictionary, OF(researcher), OPTIONS(1)), 0);
    assert_file("Ball---Bóx-_all-responses-dict.csv", "text/csv; charset=utf-8");
    text = content();
    assert_int_equal(strncmp(text, "\"column\",\"description\"\r\n\"response__id\",\"", 39), 0);
    assert_non_null(strstr(text, "\r\n\"child__age_rounded\",\""));
    assert_null(strstr(text, "child__name"));
    assert_int_equal(ASK(export_children_dictionary, OF(researcher)), 0);
    assert_non_null(strstr(content(), "child__name"));
}

static void frame_data_are_long_and_without_the_typed_birthday(void **state)
{
    const char *text;

    (void)state;
    assert_int_equal(ASK(export_one, OF(researcher), .response_id = (uint64_t)first,
                         .data_type_selector = SPAN("framedata")),
                     0);
    assert_span(file()->name, arena_print(rig.arena, "Ball---Bóx-_%s_frames.csv", first_uuid).p);
    text = content();
    assert_ptr_equal(
        strstr(text,
               "\"response_uuid\",\"child_hashed_id\",\"frame_id\",\"event_number\",\"key\",\"value\"\r\n"),
        text);
    assert_non_null(strstr(text, ",\"global\",\"0\",\"eventType\",\"exitEarly\"\r\n"));
    assert_non_null(strstr(text, ",\"0-a\",\"1\",\"eventType\",\"b\"\r\n"));
    assert_non_null(strstr(text, ",\"0-a\",\"\",\"text\",\"ü\n\"\r\n"));
    assert_non_null(strstr(text, ",\"9-exit\",\"\",\"useOfMedia\",\"scientific\"\r\n"));
    assert_null(strstr(text, "2024-02-18"));
    assert_null(strstr(text, "frameType"));
}

static void one_response_comes_as_json_and_as_a_row(void **state)
{
    (void)state;
    assert_int_equal(
        ASK(export_one, OF(researcher), .response_id = (uint64_t)first, .data_type_selector = SPAN("json")),
        0);
    assert_int_equal(content()[0], '{');
    assert_int_equal(
        ASK(export_one, OF(researcher), .response_id = (uint64_t)first, .data_type_selector = SPAN("csv")),
        0);
    assert_non_null(strstr(content(), first_uuid));
    assert_int_equal(
        ASK(export_one, OF(researcher), .response_id = (uint64_t)first, .data_type_selector = SPAN("xml")),
        ERR_INVALID);
    assert_int_equal(
        ASK(export_one, OF(researcher), .response_id = 999999, .data_type_selector = SPAN("csv")),
        ERR_NOTFOUND);
}

static void the_zip_holds_a_table_for_each_session(void **state)
{
    char path[128], command[512], listed[4096] = {0};
    FILE *out;
    const char *bytes;

    (void)state;
    assert_int_equal(ASK(export_frames_zip, OF(researcher)), 0);
    assert_file("Ball---Bóx-_framedata_per_session.zip", "application/zip");
    bytes = content();
    (void)snprintf(path, sizeof path, "%s/frames.zip", rig.dir);
    out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, file()->bytes, out), file()->bytes);
    assert_int_equal(fclose(out), 0);
    (void)snprintf(
        command, sizeof command,
        "python3 -c \"import zipfile,sys; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; "
        "print(*z.namelist(), *[z.read(n).count(b'\\r\\n') for n in z.namelist()])\" %s",
        path);
    out = popen(command, "r");
    assert_non_null(out);
    assert_true(fread(listed, 1, sizeof listed - 1, out) > 0);
    assert_int_equal(pclose(out), 0);
    assert_non_null(strstr(listed, arena_print(rig.arena, "Ball---Bóx-_%s_frames.csv", first_uuid).p));
    assert_non_null(strstr(listed, " 10 1\n"));
    (void)unlink(path);
}

static size_t lines(const char *text)
{
    size_t n = 0;

    for (; (text = strstr(text, "\r\n")); text += 2)
        n++;
    return n;
}

/* Files are made twenty sessions at a time. */
static void a_study_of_many_sessions_loses_none_and_names_a_child_once(void **state)
{
    (void)state;
    (void)desk_sql("insert into child (account, given_name, birthday, gender) values (%lld, 'Li', "
                   "'2023-02-17', 'f') returning id",
                   (long long)parent);
    (void)desk_sql("insert into response (study, child, completed_consent_frame, ruling) "
                   "select %lld, c.id, true, 'accepted' from generate_series(1, 30) n, child c returning id",
                   (long long)study);
    assert_int_equal(ASK(export_responses_csv, OF(researcher)), 0);
    assert_int_equal(lines(content()), 1 + 2 + 60);
    assert_int_equal(ASK(export_children_csv, OF(researcher), OPTIONS(3)), 0);
    assert_int_equal(lines(content()), 1 + 2);
    assert_int_equal(
        ASK(export_one, OF(researcher), .response_id = (uint64_t)first, .data_type_selector = SPAN("csv")),
        0);
    assert_int_equal(lines(content()), 1 + 1);
}

static int start(void **state)
{
    char path[128];
    int64_t second;

    (void)state;
    desk_migrate();
    parent = desk_account("ann@example.org", false);
    stranger = desk_account("bob@example.org", true);
    researcher = desk_account("kim@uni.example", true);
    previewer = desk_account("pat@uni.example", true);
    (void)desk_sql(
        "update account set given_name = 'Kim', family_name = 'Sample' where id = %lld returning id",
        (long long)researcher);
    study = desk_sql(
        "insert into study (name, study_type, max_age_years) values ('Ball & Bóx!', 1, 18) returning id");
    (void)snprintf(study_uuid, sizeof study_uuid, "%s",
                   desk_text("select uuid from study where id = %lld", (long long)study));
    (void)desk_sql("insert into membership (account, user_group) select %lld, admin_group from study where "
                   "id = %lld union all "
                   "select %lld, preview_group from study where id = %lld returning account",
                   (long long)researcher, (long long)study, (long long)previewer, (long long)study);
    (void)desk_sql(
        "insert into child (account, given_name, birthday, gender) values (%lld, 'Mo', '2024-02-17', 'na') "
        "returning id",
        (long long)parent);
    first = response_add(
        ", date_created, completed, exp_data, sequence, conditions, global_event_timings, "
        "researcher_payment_status, "
        "researcher_star",
        ", '2026-05-01 10:00:00+00', true, "
        "'{\"0-a\":{\"frameType\":\"DEFAULT\",\"text\":\"ü\\n\",\"eventTimings\":[{\"eventType\":"
        "\"a\"},{\"eventType\":\"b\",\"empty\":[]}],\"generatedProperties\":\"\"},\"9-exit\":{\"frameType\":"
        "\"EXIT\","
        "\"withdrawal\":false,\"databraryShare\":\"no\",\"useOfMedia\":\"scientific\",\"feedback\":\"so "
        "\\\"nice\\\"\",\"birthDate\":"
        "\"2024-02-18T00:00:00.000Z\"}}', '{0-a,9-exit}', '{\"3-pick\":{\"left\":\"cat\"}}', "
        "'[{\"eventType\":\"exitEarly\","
        "\"lastPageSeen\":6}]', 'to_pay', true");
    (void)snprintf(first_uuid, sizeof first_uuid, "%s",
                   desk_text("select uuid from response where id = %lld", (long long)first));
    second = response_add(", conditions",
                          ", '{\"3-pick\":{},\"4-more\":{\"list\":[[],[],[],[],[],[],[],[],[],1,2]}}'");
    (void)response_add("", ""); /* not ruled on */
    rule(first, "accepted");
    rule(second, "accepted");
    rig_start(&rig, (struct roster_entry[]){{&exports_actor, 1, ""}, {0}});
    (void)snprintf(path, sizeof path, "%s/spool", rig.dir);
    return spool_open(&spool, path, 0);
}

static int stop(void **state)
{
    (void)state;
    spool_close(&spool);
    rig_stop(&rig);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_overview_has_one_row_for_each_session),
        cmocka_unit_test(chosen_columns_mark_the_name),
        cmocka_unit_test(json_holds_everything_with_tabs),
        cmocka_unit_test(nobody_gets_what_is_not_theirs),
        cmocka_unit_test(who_may_see_previews_gets_previews),
        cmocka_unit_test(a_ruling_taken_back_takes_the_row_back),
        cmocka_unit_test(children_come_once),
        cmocka_unit_test(the_dictionary_explains_each_column),
        cmocka_unit_test(frame_data_are_long_and_without_the_typed_birthday),
        cmocka_unit_test(one_response_comes_as_json_and_as_a_row),
        cmocka_unit_test(the_zip_holds_a_table_for_each_session),
        cmocka_unit_test(a_study_of_many_sessions_loses_none_and_names_a_child_once),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
