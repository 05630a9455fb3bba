/* NEEDS: database */
/* janitor: files go when they are to go, and only then. */
#include "janitor.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "desk.h"
#include "store.h"

#define STUDY "0d3f0000-0000-4000-8000-000000000001"
#define NAME "videoStream_" STUDY "_1-video_7d3f9a21-6b5c-4e8d-8f10-a2b4c6d8e0f1_1714567890123_42.webm"

static struct rig rig;
static struct store *store;
static struct uuid study;

static int erase(const char *payload)
{
    return rig_call(&rig, &MESSAGE_video_erase,
                    &(struct video_erase){
                        .job = 1, .op_id = SPAN("video.erase:1"), .payload = span_of(payload), .attempt = 1});
}

static void video_put(void)
{
    FILE *f = tmpfile();
    uint64_t size;

    assert_non_null(f);
    assert_true(fputs("moving pictures", f) >= 0);
    rewind(f);
    assert_int_equal(store_video_put_fd(store, &study, SPAN(NAME), fileno(f), 100, &size), 0);
    (void)fclose(f);
}

static bool video_is_there(void)
{
    uint64_t size;
    int fd, err = store_video_get(store, &study, SPAN(NAME), &fd, &size);

    if (!err)
        (void)close(fd);
    return !err;
}

static void a_file_is_erased_and_erasing_it_again_is_done(void **state)
{
    (void)state;
    video_put();
    assert_int_equal(erase("{\"study\":\"" STUDY "\",\"name\":\"" NAME "\"}"), 0);
    assert_false(video_is_there());
    assert_int_equal(erase("{\"study\":\"" STUDY "\",\"name\":\"" NAME "\"}"), 0);
}

static void a_file_that_a_row_names_again_is_kept(void **state)
{
    int64_t response, account = desk_account("ann@example.org", false);
    int64_t child = desk_sql(
        "insert into child (account, given_name, birthday, gender) values (%lld, 'Mo', '2025-01-01', 'na') "
        "returning id",
        (long long)account);

    (void)state;
    video_put();
    (void)desk_sql("insert into study (name, study_type, uuid, lab) select 'Ball', 1, '" STUDY
                   "', id from lab limit 1 returning id");
    response =
        desk_sql("insert into response (study, child, study_type) select id, %lld, 1 from study returning id",
                 (long long)child);
    (void)desk_sql("insert into upload (response, frame_id, full_name) values (%lld, '1-video', '" NAME
                   "') returning id",
                   (long long)response);
    assert_int_equal(erase("{\"study\":\"" STUDY "\",\"name\":\"" NAME "\"}"), 0);
    assert_true(video_is_there());
    (void)desk_sql("update upload set state = 'stored' returning 1");
    assert_int_equal(erase("{\"study\":\"" STUDY "\",\"name\":\"" NAME "\"}"), 0);
    assert_false(video_is_there());
}

static void the_job_of_a_deleted_video_says_where_its_file_lies(void **state)
{
    const char *payload;

    (void)state;
    video_put();
    (void)desk_sql("insert into video (s3_timestamp, frame_id, full_name, study, response) select now(), "
                   "'1-video', '" NAME "', study, id from response returning id");
    assert_int_equal(erase("{\"study\":\"" STUDY "\",\"name\":\"" NAME "\"}"), 0);
    assert_true(video_is_there()); /* the row is there */
    (void)desk_sql("delete from video returning 1");
    assert_string_equal(desk_text("select due_at - created_at from job where kind = 'video.erase'"),
                        "7 days");
    payload = desk_text("select payload from job where kind = 'video.erase'");
    assert_int_equal(erase(payload), 0);
    assert_false(video_is_there());
}

/* Chunks of an erased session were still coming; or it had become a file at that very moment. */
static void an_erased_session_takes_its_draft_along(void **state)
{
    struct uuid upload;
    uint64_t size;
    int64_t age_s;
    FILE *f = tmpfile();
    const char *payload;

    (void)state;
    assert_non_null(f);
    assert_true(fputs("moving", f) >= 0);
    rewind(f);
    (void)desk_sql("update upload set state = 'receiving' returning 1");
    assert_int_equal(uuid_read(span_of(desk_text("select uuid from upload")), &upload), 0);
    assert_int_equal(store_draft_append(store, &upload, 0, fileno(f), 6, &size), 0);
    (void)fclose(f);
    video_put();
    (void)desk_sql("delete from response returning 1");
    payload = desk_text("select payload from job where op_id like 'upload.erase:%%'");
    assert_int_equal(store_draft_age(store, &upload, &size, &age_s), 0);
    assert_int_equal(erase(payload), 0);
    assert_int_equal(store_draft_age(store, &upload, &size, &age_s), ERR_NOTFOUND);
    assert_false(video_is_there());
    assert_int_equal(erase(payload), 0);
}

static void junk_is_refused_and_touches_nothing(void **state)
{
    (void)state;
    if (!video_is_there())
        video_put();
    assert_int_equal(erase("{}"), ERR_INVALID);
    assert_int_equal(erase("[1]"), ERR_INVALID);
    assert_int_equal(erase("{\"study\":\"" STUDY "\"}"), ERR_INVALID);
    assert_int_equal(erase("{\"study\":\"" STUDY "\",\"name\":\"" NAME "\",\"draft\":\"../x\"}"),
                     ERR_INVALID);
    assert_int_equal(erase("{\"study\":\"x\",\"name\":\"" NAME "\"}"), ERR_INVALID);
    assert_int_equal(erase("{\"study\":\"" STUDY "\",\"name\":\"../" STUDY "/" NAME "\"}"), ERR_INVALID);
    assert_true(video_is_there());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_erased_and_erasing_it_again_is_done),
        cmocka_unit_test(a_file_that_a_row_names_again_is_kept),
        cmocka_unit_test(the_job_of_a_deleted_video_says_where_its_file_lies),
        cmocka_unit_test(an_erased_session_takes_its_draft_along),
        cmocka_unit_test(junk_is_refused_and_touches_nothing),
    };
    int failed;

    desk_migrate();
    rig = (struct rig){.name = "scheduler"};
    rig_start(&rig, (struct roster_entry[]){{&janitor_actor, 1, ""}, {0}});
    if (store_open(&store, rig.options.store_dir, 0) || uuid_read(SPAN(STUDY), &study))
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    store_close(&store);
    rig_stop(&rig);
    return failed;
}
