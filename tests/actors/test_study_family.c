/* NEEDS: database */
/* studies, as families and players meet them: found, fitting, started; and the demonstration of a fresh site.
 */
#include <stdio.h>

#include "builder.h"
#include "desk.h"
#include "studies.h"

static struct rig rig = {.name = "gateway"};
static int64_t kim, tom, ann, bob, lab;

#define ASK(message, ...) rig_call(&rig, &MESSAGE_##message, &(struct message){__VA_ARGS__})
#define S(literal) SPAN(literal)
#define ID(n) ((uint64_t)(n))
#define GOOD                                                                                                 \
    "{\"frames\":{\"a\":{\"kind\":\"exp-lookit-text\",\"blocks\":[{\"text\":\"Hi\"}]}},\"sequence\":[\"a\"]" \
    "}"

static struct uuid uuid_of(const char *table, int64_t id)
{
    struct uuid u;

    assert_int_equal(
        uuid_read(span_of(desk_text("select uuid from %s where id = %lld", table, (long long)id)), &u), 0);
    return u;
}

/* A study of kim's that families can take part in, 6 months to 18 years. */
static int64_t study_running(void)
{
    int64_t study = desk_sql("insert into study (name, study_type, lab, state, public, contact_info, "
                             "min_age_months, max_age_years, structure) "
                             "values ('Ball or box', 1, %lld, 'active', true, 'Dr. Maria Klein', 6, 18, "
                             "'%s'::jsonb || jsonb_build_object('exact_text', '%s')) returning id",
                             (long long)lab, GOOD, GOOD);

    (void)desk_sql("insert into membership (account, user_group) select %lld, admin_group from study where "
                   "id = %lld returning account",
                   (long long)kim, (long long)study);
    assert_int_equal(
        ASK(version_build, .viewer = ID(kim), .has_viewer = true, .study = uuid_of("study", study)), 0);
    return study;
}

static int demo_ask(void)
{
    struct port *port;
    struct answer answer;
    int err;

    assert_int_equal(port_open(&port, rig.bus, NULL, "ops"), 0);
    err = port_call(port, rig.arena, &MESSAGE_study_demo, &(struct study_demo){S(GOOD)}, 0, &answer);
    port_close(&port);
    return err;
}

#define DEMO_STUDIES "select count(*) from study s join lab l on l.id = s.lab where l.slug = 'demo-lab'"

static void a_fresh_site_gets_its_demonstration_once(void **state)
{
    (void)state;
    assert_int_equal(demo_ask(), 0);
    assert_int_equal(demo_ask(), 0);
    assert_int_equal(desk_sql(DEMO_STUDIES), 1);
    assert_int_equal(
        desk_sql(DEMO_STUDIES
                 " and s.state = 'active' and s.built and s.version is not null and l.approved_to_test"),
        1);
    assert_string_equal(desk_text("select string_agg(action, ' ' order by id) from study_log"),
                        "created deployed active");
    assert_int_equal(ASK(study_demo, .protocol = S(GOOD)), ERR_DENIED); /* only ops says this */
}

static void a_demonstration_left_half_way_is_finished_and_a_used_site_gets_none(void **state)
{
    (void)state;
    (void)desk_sql("update study set state = 'approved', built = false, version = null where lab = (select "
                   "id from lab where slug = 'demo-lab') returning id");
    assert_int_equal(demo_ask(), 0);
    assert_int_equal(desk_sql(DEMO_STUDIES " and s.state = 'active' and s.built"), 1);
    (void)desk_sql("update study set lab = null, state = 'archived' where lab = (select id from lab where "
                   "slug = 'demo-lab') returning id");
    (void)desk_account("eve@example.org", false);
    assert_int_equal(demo_ask(), 0);
    assert_int_equal(desk_sql(DEMO_STUDIES), 0);
}

/* Comes after the demonstration: a fresh site has nobody. */
static void people_add(void)
{
    kim = desk_account("kim@uni.example", true);
    tom = desk_account("tom@uni.example", true);
    ann = desk_account("ann@example.org", false);
    bob = desk_account("bob@example.org", false);
    lab = desk_sql("insert into lab (name, slug, contact_email, approved_to_test) values ('Early Minds Lab', "
                   "'early-minds', 'lab@uni.example', true) returning id");
    (void)desk_sql("insert into child (account, given_name, birthday, gender) values (%lld, 'Mo', "
                   "'2024-02-17', 'na') returning id",
                   (long long)ann);
}

static void a_family_finds_a_study_that_fits_and_starts_it(void **state)
{
    people_add();
    int64_t study = study_running(),
            mo = desk_sql("select id from child where account = %lld", (long long)ann);
    struct uuid uuid = uuid_of("study", study), child = uuid_of("child", mo), foreign;
    char wanted[120], id[24];

    (void)state;
    (void)snprintf(id, sizeof id, "%lld", (long long)mo);
    assert_int_equal(ASK(study_browse, .viewer = ID(ann), .child = span_of(id), .has_child = true,
                         .search = S("ball"), .has_search = true),
                     0);
    assert_string_equal(desk_doc(&rig, "studies.0.fits.0"), "Mo");
    assert_string_equal(desk_doc(&rig, "form.values.child"), id);
    assert_int_equal(ASK(study_show, .viewer = ID(ann), .study = uuid), 0);
    assert_string_equal(desk_doc(&rig, "children.0.verdict"), "ok");
    assert_int_equal(ASK(study_start, .viewer = ID(ann), .study = uuid, .child_id = child),
                     ERR_INVALID); /* no demographics */
    (void)desk_sql("insert into demographic (account) values (%lld) returning id", (long long)ann);
    assert_int_equal(ASK(study_start, .viewer = ID(ann), .study = uuid, .child_id = child), 0);
    (void)snprintf(wanted, sizeof wanted, "/studies/%s/",
                   desk_text("select uuid from study where id = %lld", (long long)study));
    assert_memory_equal(desk_location(&rig), wanted, strlen(wanted));
    foreign = uuid_of("child", desk_sql("insert into child (account, given_name, birthday, gender) values "
                                        "(%lld, 'Jo', '2020-01-01', 'na') returning id",
                                        (long long)bob));
    assert_int_equal(ASK(study_start, .viewer = ID(ann), .study = uuid, .child_id = foreign), ERR_INVALID);
    assert_non_null(desk_error(&rig, "child_id"));
    (void)desk_sql("update study set state = 'paused' where id = %lld returning id", (long long)study);
    assert_int_equal(ASK(study_start, .viewer = ID(ann), .study = uuid, .child_id = child), ERR_DENIED);
    assert_int_equal(ASK(study_show, .viewer = 0, .study = uuid), ERR_DENIED);
    assert_non_null(strstr(arena_copy(rig.arena, rig.answer.text).p, "Dr. Maria Klein"));
}

static void a_band_of_ages_overlaps_and_a_removed_child_is_not_offered(void **state)
{
    int64_t study = study_running();
    struct uuid uuid = uuid_of("study", study);

    (void)state;
    (void)desk_sql("update study set state = 'archived' where id <> %lld returning id", (long long)study);
    (void)desk_sql("update study set max_age_years = 0, max_age_months = 11 where id = %lld returning id",
                   (long long)study);
    assert_int_equal(ASK(study_browse, .viewer = 0, .band = S("babies"), .has_band = true), 0);
    assert_string_equal(desk_doc(&rig, "studies.0.age_text"), "6 to 11 months");
    assert_int_equal(ASK(study_browse, .viewer = 0, .band = S("preschoolers"), .has_band = true), 0);
    assert_null(desk_doc(&rig, "studies.0.name"));
    assert_int_equal(ASK(study_browse, .viewer = 0, .lab = S("early-minds"), .has_lab = true), 0);
    assert_string_equal(desk_doc(&rig, "lab.name"), "Early Minds Lab");
    assert_int_equal(ASK(study_browse, .viewer = 0, .lab = S("nobody"), .has_lab = true), ERR_NOTFOUND);
    assert_int_equal(ASK(study_show, .viewer = ID(ann), .study = uuid), 0);
    assert_string_equal(desk_doc(&rig, "children.0.is_too_old"), "true");
    (void)desk_sql("update child set deleted = true where account = %lld returning id", (long long)ann);
    assert_int_equal(ASK(study_show, .viewer = ID(ann), .study = uuid), 0);
    assert_null(desk_doc(&rig, "children.0.given_name"));
    (void)desk_sql("update child set deleted = false where account = %lld returning id", (long long)ann);
}

static void families_see_the_list_in_an_order_of_their_own(void **state)
{
    static const char *const names[] = {"11111111-1234-5678-1234-567812345678",
                                        "33333333-1234-5678-1234-567812345678",
                                        "22222222-1234-5678-1234-567812345678"};

    (void)state;
    (void)desk_sql("update study set state = 'archived' returning id");
    for (size_t i = 0; i < 3; i++)
        (void)desk_sql("insert into study (uuid, name, study_type, lab, state, public) values ('%s', 'x', 1, "
                       "%lld, 'active', true) returning id",
                       names[i], (long long)lab);
    (void)desk_sql(
        "update account set uuid = '12345678-1234-5678-1234-567812345678' where id = %lld returning id",
        (long long)bob);
    assert_int_equal(ASK(study_browse, .viewer = 0), 0);
    assert_string_equal(desk_doc(&rig, "studies.0.uuid"), names[0]);
    assert_string_equal(desk_doc(&rig, "studies.1.uuid"), names[2]);
    assert_int_equal(ASK(study_browse, .viewer = ID(bob)), 0);
    assert_string_equal(desk_doc(&rig, "studies.0.uuid"), names[1]);
    assert_string_equal(desk_doc(&rig, "studies.1.uuid"), names[0]);
    assert_string_equal(desk_doc(&rig, "studies.2.uuid"), names[2]);
    (void)desk_sql("update study set state = 'archived' returning id");
}

/* ---- players and scripts ---- */

static void the_api_shows_a_study_to_families_only_while_it_is_active(void **state)
{
    int64_t study = study_running();
    struct uuid uuid = uuid_of("study", study);

    (void)state;
    assert_int_equal(ASK(api_study, .viewer = ID(ann), .v = S("v1"), .study = uuid, .origin = S("http://x")),
                     0);
    assert_string_equal(desk_doc(&rig, "data.type"), "studies");
    assert_string_equal(desk_doc(&rig, "data.attributes.structure.sequence.0"), "a");
    assert_string_equal(desk_doc(&rig, "data.attributes.structure.exact_text"), GOOD);
    assert_non_null(strstr(desk_doc(&rig, "data.relationships.responses.links.related"), "/responses/"));
    (void)desk_sql("update study set state = 'paused' where id = %lld returning id", (long long)study);
    assert_int_equal(ASK(api_study, .viewer = ID(ann), .v = S("v1"), .study = uuid, .origin = S("http://x")),
                     ERR_NOTFOUND);
    assert_int_equal(ASK(api_study, .viewer = ID(kim), .v = S("v2"), .study = uuid, .origin = S("http://x")),
                     0);
    assert_int_equal(ASK(api_study, .viewer = ID(tom), .v = S("v2"), .study = uuid, .origin = S("http://x")),
                     ERR_NOTFOUND);
    (void)desk_sql("update study set shared_preview = true where id = %lld returning id", (long long)study);
    assert_int_equal(ASK(api_study, .viewer = ID(tom), .v = S("v2"), .study = uuid, .origin = S("http://x")),
                     0);
    assert_int_equal(ASK(study_preview_detail, .viewer = ID(tom), .study = uuid), 0);
    assert_int_equal(ASK(study_preview_detail, .viewer = ID(ann), .study = uuid), ERR_NOTFOUND);
}

static int start(void **state)
{
    (void)state;
    desk_migrate();
    rig_start(&rig, (struct roster_entry[]){{&studies_actor, 2, ""}, {&builder_actor, 1, ""}, {0}});
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
        cmocka_unit_test(a_fresh_site_gets_its_demonstration_once),
        cmocka_unit_test(a_demonstration_left_half_way_is_finished_and_a_used_site_gets_none),
        cmocka_unit_test(a_family_finds_a_study_that_fits_and_starts_it),
        cmocka_unit_test(a_band_of_ages_overlaps_and_a_removed_child_is_not_offered),
        cmocka_unit_test(families_see_the_list_in_an_order_of_their_own),
        cmocka_unit_test(the_api_shows_a_study_to_families_only_while_it_is_active)};

    return cmocka_run_group_tests(tests, start, stop);
}
