/* NEEDS: database */
/* video: recordings come in piece by piece, survive what breaks, and are seen by those who may. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "desk.h"
#include "video.h"

static struct rig rig = {.name = "gateway"};
static struct spool *spool;
static int64_t parent, stranger, researcher, study;
static struct uuid response;
static char study_uuid[37], response_uuid[37];
static int made;

#define ASK(message, ...) rig_call(&rig, &MESSAGE_##message, &(struct message){__VA_ARGS__})

static const struct upload_standing *told(void)
{
    assert_ptr_equal(rig.answer.message, &MESSAGE_upload_standing);
    return rig.answer.body;
}

static struct span name_new(const char *prefix, const char *frame)
{
    return arena_print(rig.arena, "%svideoStream_%s_%s_%s_17145678901%02d_7.webm", prefix, study_uuid, frame,
                       response_uuid, made++);
}

static int create(int64_t viewer, struct span name, const char *frame, struct uuid *upload)
{
    int err = ASK(upload_create, .viewer = (uint64_t)viewer, .filename = name, .response = response,
                  .frame = span_of(frame), .is_consent = name.p[0] == 'c', .has_is_consent = true,
                  .filetype = SPAN("video/webm"), .has_filetype = true);

    if (!err)
        *upload = told()->upload;
    return err;
}

static int append(int64_t viewer, const struct uuid *upload, uint64_t offset, const char *text,
                  int64_t length)
{
    struct spool_file *f;
    struct uuid id;
    uint8_t sha256[32];
    size_t n = strlen(text);

    assert_int_equal(spool_create(spool, &f), 0);
    assert_int_equal(spool_write(f, span_of(text)), 0);
    assert_int_equal(spool_finish(&f, &id, sha256), 0);
    return ASK(upload_append, .viewer = (uint64_t)viewer, .upload = *upload, .offset = offset, .spool = id,
               .bytes = (uint32_t)n, .sha256 = {(const char *)sha256, 32}, .length = (uint64_t)length,
               .has_length = length >= 0);
}

static const char *file_of(struct span name)
{
    static char bytes[4096];
    char path[512];
    FILE *f;
    size_t n;

    (void)snprintf(path, sizeof path, "%s/store/video/%s/%.*s", rig.dir, study_uuid, (int)name.n, name.p);
    f = fopen(path, "r");
    if (!f)
        return NULL;
    n = fread(bytes, 1, sizeof bytes - 1, f);
    bytes[n] = 0;
    (void)fclose(f);
    return bytes;
}

static void pieces_become_one_file_and_one_row(void **state)
{
    struct span name = name_new("", "2-trial");
    struct uuid upload;

    (void)state;
    assert_int_equal(create(parent, name, "2-trial", &upload), 0);
    assert_int_equal(append(parent, &upload, 0, "hello ", -1), 0);
    assert_int_equal(told()->offset, 6);
    assert_null(file_of(name));
    assert_int_equal(append(parent, &upload, 6, "world", 11), 0);
    assert_int_equal(told()->err, 0);
    assert_string_equal(file_of(name), "hello world");
    assert_int_equal(desk_sql("select size_bytes from video where full_name = '%.*s'", (int)name.n, name.p),
                     11);
    assert_int_equal(desk_sql("select count(*) from event where kind = 'video.stored'"), 1);
    assert_int_equal(ASK(upload_head, .viewer = (uint64_t)parent, .upload = upload), 0);
    assert_int_equal(told()->offset, 11);
}

static void the_same_name_again_is_the_same_upload(void **state)
{
    struct span name = name_new("", "2-trial");
    struct uuid first, second;

    (void)state;
    assert_int_equal(create(parent, name, "2-trial", &first), 0);
    assert_int_equal(append(parent, &first, 0, "abc", -1), 0);
    assert_int_equal(create(parent, name, "2-trial", &second), 0);
    assert_memory_equal(&first, &second, sizeof first);
    assert_int_equal(told()->offset, 3);
}

static void a_wrong_offset_learns_the_right_one_and_changes_nothing(void **state)
{
    struct uuid upload;

    (void)state;
    assert_int_equal(create(parent, name_new("", "2-trial"), "2-trial", &upload), 0);
    assert_int_equal(append(parent, &upload, 0, "abc", -1), 0);
    assert_int_equal(append(parent, &upload, 0, "abc", -1), 0);
    assert_int_equal(told()->err, ERR_CONFLICT);
    assert_int_equal(told()->offset, 3);
    assert_int_equal(append(parent, &upload, 9, "xyz", -1), 0);
    assert_int_equal(told()->err, ERR_CONFLICT);
    assert_int_equal(append(parent, &upload, 3, "def", 5), 0); /* more than it says there will be */
    assert_int_equal(told()->err, ERR_TOOBIG);
    assert_int_equal(told()->offset, 3);
}

static void names_must_speak_of_the_session(void **state)
{
    struct uuid upload;

    (void)state;
    assert_int_equal(create(parent, SPAN("../../etc/passwd"), "2-trial", &upload), ERR_INVALID);
    assert_int_equal(create(parent, name_new("", "3-other"), "2-trial", &upload), ERR_INVALID);
    assert_int_equal(create(stranger, name_new("", "2-trial"), "2-trial", &upload), ERR_NOTFOUND);
}

static void another_family_learns_nothing_of_an_upload(void **state)
{
    struct uuid upload;

    (void)state;
    assert_int_equal(create(parent, name_new("", "2-trial"), "2-trial", &upload), 0);
    assert_int_equal(append(stranger, &upload, 0, "abc", -1), ERR_NOTFOUND);
    assert_int_equal(ASK(upload_head, .viewer = (uint64_t)stranger, .upload = upload), ERR_NOTFOUND);
    assert_int_equal(ASK(upload_drop, .viewer = (uint64_t)stranger, .upload = upload), ERR_NOTFOUND);
}

static void an_upload_given_up_is_gone(void **state)
{
    struct uuid upload;

    (void)state;
    assert_int_equal(create(parent, name_new("", "2-trial"), "2-trial", &upload), 0);
    assert_int_equal(append(parent, &upload, 0, "abc", -1), 0);
    assert_int_equal(ASK(upload_drop, .viewer = (uint64_t)parent, .upload = upload), 0);
    assert_int_equal(ASK(upload_head, .viewer = (uint64_t)parent, .upload = upload), ERR_GONE);
    assert_int_equal(append(parent, &upload, 3, "def", -1), ERR_GONE);
}

static void a_crash_before_the_file_was_moved_is_mended_by_whoever_comes_next(void **state)
{
    struct span name = name_new("", "2-trial");
    struct uuid upload;
    char text[37];

    (void)state;
    assert_int_equal(create(parent, name, "2-trial", &upload), 0);
    assert_int_equal(append(parent, &upload, 0, "abc", -1), 0);
    uuid_text(&upload, text);
    (void)desk_sql("update upload set state = 'received', total_bytes = 3, offset_bytes = 3 where uuid = "
                   "'%s' returning id",
                   text);
    assert_int_equal(append(parent, &upload, 0, "abc", 3), 0); /* the client, whose answer was lost */
    assert_int_equal(told()->err, ERR_CONFLICT);
    assert_string_equal(file_of(name), "abc");
    /* and before the row said so, but after the file was moved */
    (void)desk_sql("update upload set state = 'received' where uuid = '%s' returning id", text);
    assert_int_equal(ASK(upload_head, .viewer = (uint64_t)parent, .upload = upload), 0);
    assert_int_equal(desk_sql("select count(*) from video where full_name = '%.*s'", (int)name.n, name.p), 1);
}

/* What a crash between the disk and the answer leaves: the draft is longer than the client knows. */
static void a_chunk_whose_answer_was_lost_counts(void **state)
{
    struct span name = name_new("", "2-trial");
    struct uuid upload;
    char path[200], text[37];
    FILE *f;

    (void)state;
    assert_int_equal(create(parent, name, "2-trial", &upload), 0);
    assert_int_equal(append(parent, &upload, 0, "abc", -1), 0);
    uuid_text(&upload, text);
    (void)snprintf(path, sizeof path, "%s/store/drafts/%s", rig.dir, text);
    f = fopen(path, "a");
    assert_non_null(f);
    assert_int_equal(fwrite("def", 1, 3, f), 3);
    (void)fclose(f);
    assert_int_equal(append(parent, &upload, 3, "def", -1), 0);
    assert_int_equal(told()->err, ERR_CONFLICT);
    assert_int_equal(told()->offset, 6);
    assert_int_equal(append(parent, &upload, 6, "g", 7), 0);
    assert_string_equal(file_of(name), "abcdefg");
}

static void a_length_may_be_told_with_an_empty_last_chunk_but_not_changed(void **state)
{
    struct span name = name_new("", "2-trial");
    struct uuid upload;

    (void)state;
    assert_int_equal(create(parent, name, "2-trial", &upload), 0);
    assert_int_equal(append(parent, &upload, 0, "abc", 5), 0);
    assert_int_equal(append(parent, &upload, 3, "", 3), ERR_CONFLICT);
    assert_int_equal(append(parent, &upload, 3, "de", -1), 0);
    assert_string_equal(file_of(name), "abcde");
    assert_int_equal(create(parent, name_new("", "2-trial"), "2-trial", &upload), 0);
    assert_int_equal(append(parent, &upload, 0, "abc", -1), 0);
    assert_int_equal(append(parent, &upload, 3, "", 3), 0);
    assert_int_equal(told()->err, 0);
    assert_int_equal(append(parent, &upload, 3, "", 3), 0); /* its answer was lost */
    assert_int_equal(told()->err, 0);
}

static void consent_footage_is_watched_by_who_rules_and_the_rest_only_when_accepted(void **state)
{
    struct span consent = name_new("consent-", "1-consent"), trial = name_new("", "2-trial");
    struct uuid a, b;
    int64_t consent_id, trial_id;

    (void)state;
    assert_int_equal(create(parent, consent, "1-consent", &a), 0);
    assert_int_equal(append(parent, &a, 0, "abc", 3), 0);
    assert_int_equal(create(parent, trial, "2-trial", &b), 0);
    assert_int_equal(append(parent, &b, 0, "abc", 3), 0);
    consent_id = desk_sql("select id from video where full_name = '%.*s'", (int)consent.n, consent.p);
    trial_id = desk_sql("select id from video where full_name = '%.*s'", (int)trial.n, trial.p);
    assert_int_equal(ASK(video_show, .viewer = (uint64_t)researcher, .study = (uint64_t)study,
                         .video = (uint64_t)consent_id),
                     ERR_NOTFOUND);
    (void)desk_sql("update response set completed_consent_frame = true where uuid = '%s' returning id",
                   response_uuid);
    assert_int_equal(ASK(video_show, .viewer = (uint64_t)researcher, .study = (uint64_t)study,
                         .video = (uint64_t)consent_id),
                     0);
    assert_int_equal(ASK(video_show, .viewer = (uint64_t)researcher, .study = (uint64_t)study,
                         .video = (uint64_t)trial_id),
                     ERR_NOTFOUND);
    assert_int_equal(ASK(video_show, .viewer = (uint64_t)stranger, .study = (uint64_t)study,
                         .video = (uint64_t)consent_id),
                     ERR_NOTFOUND);
    (void)desk_sql("insert into consent_ruling (action, response) select 'accepted', id from response where "
                   "uuid = '%s' returning id",
                   response_uuid);
    assert_int_equal(ASK(video_show, .viewer = (uint64_t)researcher, .study = (uint64_t)study,
                         .video = (uint64_t)trial_id),
                     0);
    assert_int_equal(ASK(video_list, .viewer = (uint64_t)researcher, .study = (uint64_t)study), 0);
    assert_int_equal(desk_sql("select count(*) from event where kind = 'video.watched' and account = %lld",
                              (long long)researcher),
                     2);
}

/* As the researcher sees it who rules on consent. */
static struct span type_shown(const char *said)
{
    struct span name = name_new("consent-", "1-consent");
    struct uuid upload;

    assert_int_equal(create(parent, name, "1-consent", &upload), 0);
    (void)desk_sql("update upload set content_type = '%s' where full_name = '%.*s' returning id", said,
                   (int)name.n, name.p);
    assert_int_equal(append(parent, &upload, 0, "abc", 3), 0);
    assert_int_equal(ASK(video_show, .viewer = (uint64_t)researcher, .study = (uint64_t)study,
                         .video = (uint64_t)desk_sql("select id from video where full_name = '%.*s'",
                                                     (int)name.n, name.p)),
                     0);
    return ((const struct reply_stored *)rig.answer.body)->type;
}

static void a_recording_is_never_shown_as_a_page_or_a_script(void **state)
{
    (void)state;
    (void)desk_sql("update response set completed_consent_frame = true where uuid = '%s' returning id",
                   response_uuid);
    assert_true(span_is(type_shown("video/webm;codecs=vp8,opus"), "video/webm;codecs=vp8,opus"));
    assert_true(span_is(type_shown("audio/ogg"), "audio/ogg"));
    assert_true(span_is(type_shown(""), "video/webm"));
    assert_true(span_is(type_shown("text/html"), "application/octet-stream"));
    assert_true(span_is(type_shown("text/javascript"), "application/octet-stream"));
    assert_true(span_is(type_shown("image/svg+xml"), "application/octet-stream"));
}

static int start(void **state)
{
    char path[128];

    (void)state;
    desk_migrate();
    parent = desk_account("ann@example.org", false);
    stranger = desk_account("bob@example.org", false);
    researcher = desk_account("kim@uni.example", true);
    study = desk_sql("insert into study (name, study_type) values ('Ball', 1) returning id");
    (void)snprintf(study_uuid, sizeof study_uuid, "%s",
                   desk_text("select uuid from study where id = %lld", (long long)study));
    (void)desk_sql("insert into membership (account, user_group) select %lld, admin_group from study where "
                   "id = %lld returning account",
                   (long long)researcher, (long long)study);
    (void)desk_sql("insert into child (account, given_name, birthday, gender) values (%lld, 'Mo', "
                   "'2024-02-17', 'na') returning id",
                   (long long)parent);
    (void)snprintf(response_uuid, sizeof response_uuid, "%s",
                   desk_text("insert into response (study, child) select %lld, id from child returning uuid",
                             (long long)study));
    assert_int_equal(uuid_read(span_of(response_uuid), &response), 0);
    rig_start(&rig, (struct roster_entry[]){{&video_actor, 1, ""}, {0}});
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
        cmocka_unit_test(pieces_become_one_file_and_one_row),
        cmocka_unit_test(the_same_name_again_is_the_same_upload),
        cmocka_unit_test(a_wrong_offset_learns_the_right_one_and_changes_nothing),
        cmocka_unit_test(names_must_speak_of_the_session),
        cmocka_unit_test(another_family_learns_nothing_of_an_upload),
        cmocka_unit_test(an_upload_given_up_is_gone),
        cmocka_unit_test(a_crash_before_the_file_was_moved_is_mended_by_whoever_comes_next),
        cmocka_unit_test(a_chunk_whose_answer_was_lost_counts),
        cmocka_unit_test(a_length_may_be_told_with_an_empty_last_chunk_but_not_changed),
        cmocka_unit_test(consent_footage_is_watched_by_who_rules_and_the_rest_only_when_accepted),
        cmocka_unit_test(a_recording_is_never_shown_as_a_page_or_a_script)};

    return cmocka_run_group_tests(tests, start, stop);
}
