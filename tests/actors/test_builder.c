/* NEEDS: database */
/* builder: one input, one version; what has mistakes leaves the version before; what is served is what was
 * built. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "builder.h"
#include "desk.h"
#include "player_files.h"

static struct rig rig = {.name = "gateway"};
static int64_t kim, tom, bob, ann, study;
static struct uuid study_uuid, child;

#define ASK(message, ...) rig_call(&rig, &MESSAGE_##message, &(struct message){__VA_ARGS__})
#define ID(n) ((uint64_t)(n))
#define GOOD                                                                                                 \
    "{\"frames\":{\"a\":{\"kind\":\"exp-lookit-text\",\"blocks\":[{\"text\":\"Hi\"}]}},\"sequence\":[\"a\"]" \
    "}"

static void protocol_set(const char *text)
{
    (void)desk_sql("update study set structure = '%s'::jsonb || jsonb_build_object('exact_text', '%s') where "
                   "id = %lld returning id",
                   text, text, (long long)study);
}

static int build(int64_t viewer)
{
    return ASK(version_build, .viewer = ID(viewer), .has_viewer = true, .study = study_uuid);
}

static void version_now(char out[65])
{
    (void)snprintf(out, 65, "%s",
                   desk_text("select coalesce(v.sha256, '') from study s left join study_version v on v.id = "
                             "s.version where s.id = %lld",
                             (long long)study));
}

static int64_t versions(void)
{
    return desk_sql("select count(*) from study_version where study = %lld", (long long)study);
}

static const char *file_read(const char *version, const char *name)
{
    static char text[4096];
    const struct reply_stored *f;
    char path[400];
    ssize_t n;
    int fd;

    rig_expect(&rig, &MESSAGE_version_file,
               &(struct version_file){.viewer = ID(kim), .version = span_of(version), .name = span_of(name)},
               0);
    f = rig.answer.body;
    assert_true(f->is_immutable && f->tag.n == 64);
    (void)snprintf(path, sizeof path, "%s/store/%.*s", rig.dir, (int)f->path.n, f->path.p);
    fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    n = read(fd, text, sizeof text - 1);
    assert_true(n >= 0);
    text[n] = 0;
    (void)close(fd);
    return text;
}

static void the_same_input_is_the_same_version(void **state)
{
    char first[65], again[65], back[65];

    (void)state;
    protocol_set(GOOD);
    assert_int_equal(build(kim), 0);
    version_now(first);
    assert_int_equal(strlen(first), 64);
    assert_int_equal(build(kim), 0);
    version_now(again);
    assert_string_equal(first, again);
    assert_int_equal(versions(), 1);
    assert_int_equal(desk_sql("select count(*) from study_log where study = %lld and action = 'deployed'",
                              (long long)study),
                     1);
    protocol_set("{\"frames\":{\"b\":{\"kind\":\"exp-lookit-text\"}},\"sequence\":[\"b\"]}");
    assert_int_equal(build(kim), 0);
    version_now(again);
    assert_string_not_equal(first, again);
    protocol_set(GOOD);
    assert_int_equal(build(kim), 0);
    version_now(back);
    assert_string_equal(first, back);
    assert_int_equal(versions(), 2);
    assert_int_equal(desk_sql("select count(*) from event where kind = 'study.built'"), 3);
}

static void what_is_served_is_what_was_built(void **state)
{
    char version[65];

    (void)state;
    version_now(version);
    assert_string_equal(file_read(version, "protocol.json"), GOOD);
    for (const struct embedded *e = player_files; e->name; e++)
        if (strcmp(e->name, "content.json") != 0)
            assert_memory_equal(file_read(version, e->name), e->p, e->n < 4000 ? e->n : 4000);
    assert_string_equal(desk_text("select encode(sha256(convert_to(manifest::text, 'UTF8')), 'hex') from "
                                  "study_version where sha256 = '%s'",
                                  version),
                        version);
    protocol_set("{\"frames\":{},\"sequence\":[]}");
    assert_string_equal(file_read(version, "protocol.json"), GOOD);
    assert_int_equal(
        ASK(version_file, .viewer = ID(ann), .version = span_of(version), .name = SPAN("../../etc/passwd")),
        ERR_NOTFOUND);
    assert_int_equal(ASK(version_file, .viewer = ID(ann), .version = SPAN("beef"), .name = SPAN("player.js")),
                     ERR_NOTFOUND);
}

static void a_broken_protocol_says_where_and_leaves_the_version_before(void **state)
{
    char before[65], after[65];

    (void)state;
    version_now(before);
    protocol_set("{\"frames\":{\"a\":\n{\"kind\":\"exp-lookit-txt\"}},\"sequence\":[\"a\"]}");
    assert_int_equal(build(kim), 0);
    version_now(after);
    assert_string_equal(before, after);
    assert_non_null(strstr(
        desk_text("select extra #>> '{}' from study_log where study = %lld and action = 'failed to build'",
                  (long long)study),
        "Line 2, column 9"));
    assert_int_equal(desk_sql("select count(*) from event where kind = 'study.build_failed'"), 1);
    assert_int_equal(desk_sql("select count(*) from study where id = %lld and built", (long long)study), 1);
}

static struct db *other;
static int other_err;

/* Saves another protocol once somebody waits for this connection. */
static void *other_saves(void *unused)
{
    static char sql[700];
    const char *why;

    (void)unused;
    (void)snprintf(
        sql, sizeof sql,
        "do $$begin for i in 1..3000 loop exit when exists (select from pg_locks where not granted); "
        "perform pg_sleep(0.01); end loop; end$$;"
        "update study set structure = structure || '{\"exact_text\": \"{}\"}' where id = %lld; commit",
        (long long)study);
    other_err = db_script(other, sql, &why);
    return NULL;
}

static void what_was_saved_meanwhile_is_not_built_over(void **state)
{
    char before[65], after[65], sql[120];
    const char *why;
    pthread_t thread;

    (void)state;
    version_now(before);
    protocol_set("{\"frames\":{\"late\":{\"kind\":\"exp-lookit-text\"}},\"sequence\":[\"late\"]}");
    assert_int_equal(db_open(&other, getenv("DATABASE_URL"), "other", NULL, 60000), 0);
    (void)snprintf(sql, sizeof sql, "begin; select id from study where id = %lld for update",
                   (long long)study);
    assert_int_equal(db_script(other, sql, &why), 0);
    assert_int_equal(pthread_create(&thread, NULL, other_saves, NULL), 0);
    assert_int_equal(build(kim), ERR_CONFLICT);
    assert_int_equal(pthread_join(thread, NULL), 0);
    db_close(&other);
    assert_int_equal(other_err, 0);
    version_now(after);
    assert_string_equal(before, after);
}

static void a_generator_is_built_as_it_is_written(void **state)
{
    char version[65];

    (void)state;
    (void)desk_sql(
        "update study set use_generator = true, generator = 'function f() {}' where id = %lld returning id",
        (long long)study);
    assert_int_equal(build(kim), 0);
    version_now(version);
    assert_string_equal(file_read(version, "protocol.json"),
                        "{\"generator\": \"function f() {}\", \"use_generator\": true}");
    (void)desk_sql("update study set use_generator = false where id = %lld returning id", (long long)study);
}

static void only_those_who_may_write_build_and_strangers_learn_nothing(void **state)
{
    (void)state;
    protocol_set(GOOD);
    assert_int_equal(build(tom), ERR_NOTFOUND);
    assert_int_equal(build(ann), ERR_NOTFOUND);
    assert_int_equal(ASK(version_build, .study = study_uuid),
                     ERR_NOTFOUND); /* the gateway never speaks for the house */
    (void)desk_sql("insert into membership (account, user_group) select %lld, preview_group from study where "
                   "id = %lld returning account",
                   (long long)tom, (long long)study);
    assert_int_equal(build(tom), ERR_DENIED);
    assert_int_equal(build(kim), 0);
}

static int file_of(int64_t viewer, const char *version)
{
    return ASK(version_file, .viewer = ID(viewer), .version = span_of(version),
               .name = SPAN("protocol.json"));
}

static void who_may_not_see_a_study_does_not_get_its_files(void **state)
{
    char version[65];
    int64_t response;

    (void)state;
    version_now(version);
    assert_int_equal(file_of(kim, version), 0);
    assert_int_equal(file_of(ann, version), ERR_NOTFOUND);
    assert_int_equal(file_of(bob, version), ERR_NOTFOUND); /* a researcher of another lab */
    assert_int_equal(file_of(0, version), ERR_NOTFOUND);
    (void)desk_sql("update study set state = 'active' where id = %lld returning id", (long long)study);
    assert_int_equal(file_of(ann, version), 0);
    (void)desk_sql("update study set state = 'paused' where id = %lld returning id", (long long)study);
    assert_int_equal(file_of(ann, version), ERR_NOTFOUND);
    response =
        desk_sql("insert into response (study, child) select %lld, c.id from child c where c.account = "
                 "%lld returning id",
                 (long long)study, (long long)ann);
    assert_int_equal(file_of(ann, version), 0); /* began before the break, and may finish */
    (void)desk_sql("delete from response where id = %lld returning id", (long long)response);
    (void)desk_sql("update study set state = 'created' where id = %lld returning id", (long long)study);
}

static void the_page_runs_an_active_study_for_the_own_child_only(void **state)
{
    (void)state;
    assert_int_equal(ASK(version_play, .viewer = ID(ann), .study = study_uuid, .child = child),
                     ERR_DENIED); /* not active */
    assert_int_equal(ASK(version_preview, .viewer = ID(ann), .study = study_uuid, .child = child),
                     ERR_NOTFOUND);
    assert_int_equal(ASK(version_preview, .viewer = ID(kim), .study = study_uuid, .child = child),
                     ERR_NOTFOUND); /* another's child */
    (void)desk_sql("update study set state = 'active' where id = %lld returning id", (long long)study);
    assert_int_equal(ASK(version_play, .viewer = ID(ann), .study = study_uuid, .child = child), 0);
    assert_int_equal(strlen(desk_doc(&rig, "version")), 64);
    assert_int_equal(ASK(version_play, .viewer = ID(kim), .study = study_uuid, .child = child), ERR_NOTFOUND);
    (void)desk_sql("update study set built = false where id = %lld returning id", (long long)study);
    assert_int_equal(ASK(version_play, .viewer = ID(ann), .study = study_uuid, .child = child), ERR_CONFLICT);
    (void)desk_sql("update child set account = %lld where account = %lld returning id", (long long)kim,
                   (long long)ann);
    (void)desk_sql("update study set built = true where id = %lld returning id", (long long)study);
    assert_int_equal(ASK(version_preview, .viewer = ID(kim), .study = study_uuid, .child = child), 0);
    assert_string_equal(desk_doc(&rig, "is_preview"), "true");
}

static int start(void **state)
{
    (void)state;
    desk_migrate();
    kim = desk_account("kim@uni.example", true);
    tom = desk_account("tom@uni.example", true);
    bob = desk_account("bob@uni.example", true);
    ann = desk_account("ann@example.org", false);
    study = desk_sql("insert into study (name, study_type) values ('Ball', 1) returning id");
    (void)desk_sql("insert into membership (account, user_group) select %lld, admin_group from study where "
                   "id = %lld returning account",
                   (long long)kim, (long long)study);
    assert_int_equal(uuid_read(span_of(desk_text("select uuid from study where id = %lld", (long long)study)),
                               &study_uuid),
                     0);
    assert_int_equal(uuid_read(span_of(desk_text("insert into child (account, given_name, birthday, gender) "
                                                 "values (%lld, 'Mo', '2024-02-17', 'na') returning uuid",
                                                 (long long)ann)),
                               &child),
                     0);
    rig_start(&rig, (struct roster_entry[]){{&builder_actor, 1, ""}, {0}});
    return 0;
}

static int stop(void **state)
{
    (void)state;
    rig_stop(&rig);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_input_is_the_same_version),
        cmocka_unit_test(what_is_served_is_what_was_built),
        cmocka_unit_test(a_broken_protocol_says_where_and_leaves_the_version_before),
        cmocka_unit_test(what_was_saved_meanwhile_is_not_built_over),
        cmocka_unit_test(a_generator_is_built_as_it_is_written),
        cmocka_unit_test(only_those_who_may_write_build_and_strangers_learn_nothing),
        cmocka_unit_test(who_may_not_see_a_study_does_not_get_its_files),
        cmocka_unit_test(the_page_runs_an_active_study_for_the_own_child_only)};

    return cmocka_run_group_tests(tests, start, stop);
}
