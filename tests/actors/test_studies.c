/* NEEDS: database */
/* studies: labs, studies and their way to families: good, wrong, foreign, twice. */
#include <stdio.h>
#include <stdlib.h>

#include "builder.h"
#include "desk.h"
#include "studies.h"

static struct rig rig = {.name = "gateway"};
static int64_t kim, tom, admin, bob, lab;

#define ASK(message, ...) rig_call(&rig, &MESSAGE_##message, &(struct message){__VA_ARGS__})
#define S(literal) SPAN(literal)
#define ID(n) ((uint64_t)(n))
#define GOOD                                                                                                 \
    "{\"frames\":{\"a\":{\"kind\":\"exp-lookit-text\",\"blocks\":[{\"text\":\"Hi\"}]}},\"sequence\":[\"a\"]" \
    "}"

static struct lab_create a_lab(int64_t viewer)
{
    return (struct lab_create){.viewer = ID(viewer),
                               .name = S("Early Minds Lab"),
                               .slug = S("early-minds"),
                               .principal_investigator_name = S("Maria Klein"),
                               .contact_email = S("lab@earlyminds.example"),
                               .contact_phone = S("+49 761 555"),
                               .description = S("We study babies."),
                               .irb_contact_info = S("ethics@uni.example")};
}

static struct study_create a_study(int64_t viewer)
{
    return (struct study_create){.viewer = ID(viewer),
                                 .study_type = 1,
                                 .name = S("Ball or box"),
                                 .lab = ID(lab),
                                 .has_lab = true,
                                 .priority = 99,
                                 .public = true,
                                 .preview_summary = S("A ball rolls."),
                                 .short_description = S("Your baby watches."),
                                 .purpose = S("When do babies expect a thing?"),
                                 .exit_url = S("https://lookit.example/studies/history/"),
                                 .criteria = S("6 to 12 months"),
                                 .duration = S("10 minutes"),
                                 .contact_info = S("Dr. Maria Klein"),
                                 .min_age_months = 6,
                                 .max_age_years = 18};
}

static struct study_save the_same(int64_t viewer, int64_t study)
{
    struct study_create n = a_study(viewer);

    return (struct study_save){.viewer = ID(viewer),
                               .study = ID(study),
                               .name = n.name,
                               .priority = 99,
                               .public = true,
                               .preview_summary = n.preview_summary,
                               .short_description = n.short_description,
                               .purpose = n.purpose,
                               .exit_url = n.exit_url,
                               .criteria = n.criteria,
                               .duration = n.duration,
                               .contact_info = n.contact_info,
                               .min_age_months = 6,
                               .max_age_years = 18};
}

static int64_t study_new(int64_t viewer)
{
    struct study_create m = a_study(viewer);

    rig_expect(&rig, &MESSAGE_study_create, &m, 0);
    return desk_sql("select max(id) from study");
}

static struct uuid uuid_of(const char *table, int64_t id)
{
    struct uuid u;

    assert_int_equal(
        uuid_read(span_of(desk_text("select uuid from %s where id = %lld", table, (long long)id)), &u), 0);
    return u;
}

static const char *state_of(int64_t study)
{
    return desk_text("select state from study where id = %lld", (long long)study);
}

static const char *step(int64_t viewer, int64_t study, const char *trigger, const char *comments)
{
    struct study_transition m = {.viewer = ID(viewer),
                                 .origin = S("https://lookit.example"),
                                 .study = ID(study),
                                 .trigger = span_of(trigger),
                                 .has_trigger = true,
                                 .comments_text = span_of(comments),
                                 .has_comments_text = comments != NULL,
                                 .issue_length = true};

    if (rig_call(&rig, &MESSAGE_study_transition, &m))
        return err_name(rig.answer.err);
    return ((const struct reply_see_other *)rig.answer.body)->note.p;
}

static int protocol(int64_t viewer, int64_t study, const char *text)
{
    return ASK(study_protocol_save, .viewer = ID(viewer), .study = ID(study), .structure = span_of(text));
}

static int build(int64_t viewer, int64_t study)
{
    return ASK(version_build, .viewer = ID(viewer), .has_viewer = true, .study = uuid_of("study", study));
}

/* A study that families can take part in. */
static int64_t study_running(void)
{
    int64_t study = study_new(kim);

    assert_int_equal(protocol(kim, study, GOOD), 0);
    assert_int_equal(build(kim, study), 0);
    assert_string_equal(step(kim, study, "submit", "first"), "The study was submitted.");
    assert_string_equal(step(admin, study, "approve", "fine"), "The study was approved.");
    assert_string_equal(step(kim, study, "activate", NULL), "The study was activated.");
    return study;
}

/* ---- labs ---- */

static void the_founder_of_a_lab_leads_it(void **state)
{
    struct lab_create m = a_lab(kim);

    (void)state;
    rig_expect(&rig, &MESSAGE_lab_create, &m, 0);
    lab = desk_sql("select id from lab where slug = 'early-minds'");
    assert_int_equal(
        desk_sql("select count(*) from lab l join membership m on m.user_group = l.admin_group and m.account "
                 "= %lld join lab_member x on x.lab = l.id and x.account = %lld where l.id = %lld",
                 (long long)kim, (long long)kim, (long long)lab),
        1);
    assert_int_equal(ASK(lab_page, .viewer = ID(kim), .lab = ID(lab)), 0);
    assert_string_equal(desk_doc(&rig, "can.edit"), "true");
    assert_string_equal(desk_doc(&rig, "members.0.role"), "Admin");
    assert_int_equal(ASK(lab_page, .viewer = ID(tom), .lab = ID(lab)), 0);
    assert_string_equal(desk_doc(&rig, "can.edit"), "false");
    assert_string_equal(desk_doc(&rig, "members"), "null");
    assert_int_equal(ASK(lab_page, .viewer = ID(tom), .lab = 999999), ERR_NOTFOUND);
    assert_int_equal(ASK(lab_list, .viewer = ID(kim), .match = S("minds KLEIN"), .has_match = true), 0);
    assert_string_equal(desk_doc(&rig, "labs.0.name"), "Early Minds Lab");
    assert_int_equal(desk_sql("select count(*) from event where kind = 'lab.created'"), 1);
}

static void a_lab_says_what_is_wrong_at_each_field(void **state)
{
    struct lab_create m = a_lab(kim);

    (void)state;
    assert_int_equal(rig_call(&rig, &MESSAGE_lab_create, &m), ERR_INVALID); /* the name is taken */
    assert_non_null(desk_error(&rig, "name"));
    m.name = S("Other lab");
    m.slug = S("babies");
    m.contact_email = S("nobody");
    m.contact_phone = S("");
    m.lab_website = S("javascript:alert(1)");
    m.has_lab_website = true;
    assert_int_equal(rig_call(&rig, &MESSAGE_lab_create, &m), ERR_INVALID);
    assert_non_null(desk_error(&rig, "slug"));
    assert_non_null(desk_error(&rig, "contact_email"));
    assert_non_null(desk_error(&rig, "contact_phone"));
    assert_non_null(desk_error(&rig, "lab_website"));
    assert_int_equal(desk_sql("select count(*) from lab where name = 'Other lab'"), 0);
}

static struct lab_save lab_as(int64_t viewer, bool is_approved)
{
    struct lab_create n = a_lab(viewer);

    return (struct lab_save){.viewer = ID(viewer),
                             .lab = ID(lab),
                             .name = n.name,
                             .slug = n.slug,
                             .principal_investigator_name = n.principal_investigator_name,
                             .contact_email = n.contact_email,
                             .contact_phone = n.contact_phone,
                             .description = n.description,
                             .irb_contact_info = n.irb_contact_info,
                             .approved_to_test = is_approved};
}

static void only_who_approves_labs_approves_one(void **state)
{
    struct lab_save m = lab_as(tom, true);

    (void)state;
    rig_expect(&rig, &MESSAGE_lab_save, &m, ERR_DENIED);
    m = lab_as(kim, true);
    rig_expect(&rig, &MESSAGE_lab_save, &m, 0);
    assert_int_equal(
        desk_sql("select count(*) from lab where id = %lld and approved_to_test", (long long)lab), 0);
    m = lab_as(admin, true);
    rig_expect(&rig, &MESSAGE_lab_save, &m, 0);
    assert_int_equal(
        desk_sql("select count(*) from lab where id = %lld and approved_to_test", (long long)lab), 1);
    m = lab_as(kim, false);
    rig_expect(&rig, &MESSAGE_lab_save, &m, 0);
    assert_int_equal(
        desk_sql("select count(*) from lab where id = %lld and approved_to_test", (long long)lab), 1);
}

static void asking_to_join_is_a_request_not_a_membership(void **state)
{
    (void)state;
    assert_int_equal(ASK(lab_ask, .viewer = ID(tom), .lab = ID(lab)), 0);
    assert_int_equal(ASK(lab_ask, .viewer = ID(tom), .lab = ID(lab)), 0);
    assert_int_equal(desk_sql("select count(*) from lab_request where account = %lld", (long long)tom), 1);
    assert_int_equal(desk_sql("select count(*) from lab_member where account = %lld and lab = %lld",
                              (long long)tom, (long long)lab),
                     0);
    assert_int_equal(ASK(lab_ask, .viewer = ID(kim), .lab = ID(lab)), 0);
    assert_int_equal(desk_sql("select count(*) from lab_request where account = %lld", (long long)kim), 0);
}

static int member(int64_t viewer, int64_t whom, const char *action)
{
    return ASK(lab_member, .viewer = ID(viewer), .lab = ID(lab), .user_id = ID(whom),
               .user_action = span_of(action));
}

static int64_t groups_of(int64_t whom)
{
    return desk_sql("select count(*) from membership m, lab l where l.id = %lld and m.account = %lld and "
                    "m.user_group in (l.guest_group, l.member_group, l.admin_group)",
                    (long long)lab, (long long)whom);
}

static void an_administrator_takes_in_and_out_and_stays_the_last_one(void **state)
{
    int64_t eve = desk_account("eve@uni.example", true);

    (void)state;
    assert_int_equal(member(kim, eve, "make_member"), ERR_NOTFOUND); /* did not ask */
    assert_int_equal(ASK(lab_ask, .viewer = ID(eve), .lab = ID(lab)), 0);
    assert_int_equal(member(eve, eve, "make_admin"), ERR_DENIED);
    assert_int_equal(member(kim, eve, "make_boss"), ERR_INVALID);
    assert_int_equal(member(kim, eve, "make_guest"), 0);
    assert_int_equal(member(kim, eve, "make_member"), 0);
    assert_int_equal(groups_of(eve), 1);
    assert_int_equal(desk_sql("select count(*) from lab_request where account = %lld", (long long)eve), 0);
    assert_int_equal(member(kim, kim, "make_guest"), 0);
    assert_true(((const struct reply_see_other *)rig.answer.body)->is_trouble);
    assert_int_equal(member(kim, eve, "remove_researcher"), 0);
    assert_int_equal(groups_of(eve), 0);
    assert_int_equal(desk_sql("select count(*) from lab_member where account = %lld and lab = %lld",
                              (long long)eve, (long long)lab),
                     0);
}

/* ---- drafts ---- */

static void a_study_is_created_by_those_who_may_in_that_lab(void **state)
{
    struct study_create m = a_study(kim);
    int64_t study = study_new(kim);

    (void)state;
    assert_string_equal(desk_text("select study_role(%lld, %lld)", (long long)kim, (long long)study),
                        "Admin");
    assert_string_equal(state_of(study), "created");
    m = a_study(tom); /* not of this lab */
    assert_int_equal(rig_call(&rig, &MESSAGE_study_create, &m), ERR_INVALID);
    assert_non_null(desk_error(&rig, "lab"));
    m = a_study(kim);
    m.min_age_years = 18;
    m.max_age_years = 1;
    m.criteria_expression = S("speaks_en AND deff");
    m.has_criteria_expression = true;
    m.exit_url = S("nowhere");
    m.name = S("");
    m.priority = 0;
    assert_int_equal(rig_call(&rig, &MESSAGE_study_create, &m), ERR_INVALID);
    assert_non_null(desk_error(&rig, "age"));
    assert_non_null(strstr(desk_error(&rig, "criteria_expression"), "column 15"));
    assert_non_null(desk_error(&rig, "exit_url"));
    assert_non_null(desk_error(&rig, "name"));
    assert_non_null(desk_error(&rig, "priority"));
}

static void a_foreign_study_is_not_found_and_a_readable_one_not_edited(void **state)
{
    int64_t study = study_new(kim);
    struct study_save m = the_same(tom, study);

    (void)state;
    assert_int_equal(ASK(study_page, .viewer = ID(tom), .study = ID(study), .origin = S("http://x")),
                     ERR_NOTFOUND);
    assert_int_equal(rig_call(&rig, &MESSAGE_study_save, &m), ERR_NOTFOUND);
    assert_int_equal(ASK(study_edit_form, .viewer = ID(tom), .study = ID(study)), ERR_NOTFOUND);
    assert_int_equal(protocol(tom, study, GOOD), ERR_NOTFOUND);
    assert_int_equal(build(tom, study), ERR_NOTFOUND);
    assert_int_equal(ASK(study_clone, .viewer = ID(tom), .study = ID(study)), ERR_NOTFOUND);
    assert_string_equal(step(tom, study, "archive", NULL), "ERR_NOTFOUND");
    (void)desk_sql("insert into membership (account, user_group) select %lld, preview_group from study where "
                   "id = %lld returning account",
                   (long long)tom, (long long)study);
    assert_int_equal(ASK(study_page, .viewer = ID(tom), .study = ID(study), .origin = S("http://x")), 0);
    assert_string_equal(desk_doc(&rig, "can.edit"), "false");
    assert_int_equal(rig_call(&rig, &MESSAGE_study_save, &m), ERR_DENIED);
    assert_int_equal(protocol(tom, study, GOOD), ERR_DENIED);
    assert_int_equal(build(tom, study), ERR_DENIED);
    assert_string_equal(step(tom, study, "archive", NULL), "ERR_DENIED");
    assert_string_equal(state_of(study), "created");
}

static void a_protocol_is_kept_with_its_mistakes_but_not_when_it_is_no_json(void **state)
{
    int64_t study = study_new(kim);

    (void)state;
    assert_int_equal(protocol(kim, study, "{\n  \"frames\": {},\n  \"sequence\": [,]\n}"), ERR_INVALID);
    assert_non_null(strstr(desk_error(&rig, "structure"), "Line 3, column 16"));
    assert_int_equal(
        desk_sql("select count(*) from study where id = %lld and structure ? 'exact_text'", (long long)study),
        0);
    assert_int_equal(protocol(kim, study, "{\"frames\": {},\n \"sequence\": [\"\\u0000\"]}"), ERR_INVALID);
    assert_int_equal(
        protocol(kim, study, "{\"frames\":{\"a\":\n{\"kind\":\"exp-lookit-txt\"}},\"sequence\":[\"a\"]}"), 0);
    assert_int_equal(ASK(study_protocol, .viewer = ID(kim), .study = ID(study)), 0);
    assert_string_equal(desk_doc(&rig, "findings.0.line"), "2");
    assert_string_equal(desk_doc(&rig, "findings.0.is_error"), "true");
    assert_non_null(strstr(desk_doc(&rig, "form.values.structure"), "exp-lookit-txt"));
    assert_int_equal(ASK(study_protocol_check, .viewer = ID(kim), .study = ID(study), .structure = S(GOOD)),
                     0);
    assert_string_equal(desk_doc(&rig, "findings.0.is_error"), "false"); /* no consent: a warning */
    assert_int_equal(ASK(study_protocol_check, .viewer = ID(tom), .study = ID(study), .structure = S(GOOD)),
                     ERR_NOTFOUND);
    assert_int_equal(ASK(study_protocol_save, .viewer = ID(kim), .study = ID(study), .use_generator = true,
                         .structure = S("no json at all"), .generator = S("function f() {}"),
                         .has_generator = true),
                     0);
    assert_string_equal(
        desk_text("select structure ->> 'exact_text' from study where id = %lld", (long long)study),
        "no json at all");
}

/* ---- the way ---- */

static void every_guard_is_checked_here_and_not_only_on_the_page(void **state)
{
    int64_t study = study_new(kim);

    (void)state;
    (void)desk_sql("update lab set approved_to_test = false where id = %lld returning id", (long long)lab);
    assert_non_null(strstr(step(kim, study, "submit", "first"), "not approved"));
    assert_string_equal(state_of(study), "created");
    (void)desk_sql("update lab set approved_to_test = true where id = %lld returning id", (long long)lab);
    assert_non_null(strstr(step(kim, study, "to_active", NULL), "no such step"));
    assert_true(((const struct reply_see_other *)rig.answer.body)->is_trouble);
    assert_non_null(strstr(step(kim, study, "activate", NULL), "state that does not allow"));
    assert_string_equal(step(kim, study, "submit", "first"), "The study was submitted.");
    assert_string_equal(step(kim, study, "approve", "by myself"), "ERR_DENIED");
    assert_non_null(strstr(step(kim, study, "submit", "again"), "state that does not allow"));
    assert_string_equal(step(admin, study, "reject", "too long"), "The study was rejected.");
    assert_string_equal(desk_text("select comments from study where id = %lld", (long long)study),
                        "too long");
    assert_string_equal(step(kim, study, "resubmit", "shorter now"), "The study was submitted.");
    assert_string_equal(step(kim, study, "retract", NULL), "The study was retracted.");
    assert_string_equal(step(kim, study, "resubmit", "once more"), "The study was submitted.");
    assert_string_equal(step(admin, study, "approve", "good"), "The study was approved.");
    assert_non_null(strstr(step(kim, study, "activate", NULL), "not built"));
    assert_string_equal(state_of(study), "approved");
    assert_string_equal(step(kim, study, "archive", NULL), "The study was archived.");
    assert_non_null(strstr(step(kim, study, "archive", NULL), "state that does not allow"));
}

static void each_step_leaves_a_log_entry_an_event_and_its_time(void **state)
{
    int64_t study = study_running();

    (void)state;
    assert_string_equal(
        desk_text("select string_agg(action, ' ' order by id) from study_log where study = %lld",
                  (long long)study),
        "created deployed submitted approved active");
    assert_string_equal(desk_text("select extra -> 'declarations' ->> 'issue_length' from study_log where "
                                  "study = %lld and action = 'submitted'",
                                  (long long)study),
                        "true");
    assert_string_equal(
        desk_text("select extra ->> 'comments' from study_log where study = %lld and action = 'approved'",
                  (long long)study),
        "fine");
    assert_int_equal(
        desk_sql("select count(*) from study where id = %lld and comments = 'fine' and not comments_extra ? "
                 "'declarations' and status_change_date > now() - interval '1 minute'",
                 (long long)study),
        1);
    assert_int_equal(
        desk_sql("select count(*) from event e join study s on s.uuid = e.subject where s.id = %lld and "
                 "e.kind in ('study.submitted', 'study.approved', 'study.active') and e.account is not null",
                 (long long)study),
        3);
    assert_string_equal(step(kim, study, "pause", NULL), "The study was paused.");
    assert_string_equal(step(kim, study, "activate", NULL), "The study was activated.");
    assert_string_equal(step(kim, study, "deactivate", NULL), "The study was deactivated.");
    assert_non_null(strstr(step(kim, study, "activate", NULL), "state that does not allow"));
}

static void a_change_of_what_was_approved_takes_the_approval_back(void **state)
{
    int64_t study = study_running();
    struct study_save m = the_same(kim, study);

    (void)state;
    m.criteria = S("everybody");
    rig_expect(&rig, &MESSAGE_study_save, &m, 0);
    assert_string_equal(state_of(study), "active");
    m.purpose = S("Something else.");
    rig_expect(&rig, &MESSAGE_study_save, &m, 0);
    assert_string_equal(state_of(study), "rejected");
    assert_non_null(strstr(((const struct reply_see_other *)rig.answer.body)->note.p, "submitted again"));
    study = study_running();
    assert_int_equal(protocol(kim, study, GOOD " "), 0); /* only the text as typed */
    assert_string_equal(state_of(study), "active");
    assert_int_equal(protocol(kim, study, "{\"frames\":{},\"sequence\":[]}"), 0);
    assert_string_equal(state_of(study), "rejected");
}

static void what_was_approved_after_the_build_must_be_built_before_it_starts(void **state)
{
    int64_t study = study_new(kim);

    (void)state;
    assert_int_equal(protocol(kim, study, GOOD), 0);
    assert_int_equal(build(kim, study), 0);
    assert_int_equal(protocol(kim, study, GOOD "\n"), 0);
    assert_int_equal(
        protocol(kim, study, "{\"frames\":{\"b\":{\"kind\":\"exp-lookit-text\"}},\"sequence\":[\"b\"]}"), 0);
    (void)step(kim, study, "submit", "x");
    (void)step(admin, study, "approve", "x");
    assert_non_null(strstr(step(kim, study, "activate", NULL), "changed since"));
    assert_int_equal(build(kim, study), 0);
    assert_string_equal(step(kim, study, "activate", NULL), "The study was activated.");
}

static void a_copy_is_a_draft_of_ones_own(void **state)
{
    int64_t study = study_running(), copy;

    (void)state;
    assert_int_equal(ASK(study_clone, .viewer = ID(kim), .study = ID(study)), 0);
    copy = desk_sql("select max(id) from study");
    assert_string_equal(
        desk_text("select name || ' ' || state || ' ' || built || ' ' || public from study where id = %lld",
                  (long long)copy),
        "Copy of Ball or box created false false");
    assert_string_equal(desk_text("select study_role(%lld, %lld)", (long long)kim, (long long)copy), "Admin");
}

static void participation_lists_are_stored_and_cleared(void **state)
{
    int64_t study = study_new(kim), other = study_new(kim);
    struct uuid its[2] = {uuid_of("study", study), uuid_of("study", other)};
    struct study_save m = the_same(kim, study);

    (void)state;
    m.must_have_participated = (struct list){&its[1], 1};
    m.must_not_have_participated = (struct list){its, 2};
    rig_expect(&rig, &MESSAGE_study_save, &m, 0);
    assert_int_equal(
        desk_sql("select count(*) from must_have_participated where study = %lld", (long long)study), 1);
    assert_int_equal(
        desk_sql("select count(*) from must_not_have_participated where study = %lld", (long long)study), 2);
    m.must_have_participated = m.must_not_have_participated = (struct list){NULL, 0};
    rig_expect(&rig, &MESSAGE_study_save, &m, 0);
    assert_int_equal(
        desk_sql("select count(*) from must_not_have_participated where study = %lld", (long long)study), 0);
}

static void a_list_shows_only_what_one_may_read(void **state)
{
    (void)state;
    assert_int_equal(ASK(study_manage, .viewer = ID(kim), .set = S("active"), .has_set = true,
                         .match = S("BALL ox"), .has_match = true, .sort = S("-date_modified"),
                         .has_sort = true),
                     0);
    assert_string_equal(desk_doc(&rig, "studies.0.name"), "Ball or box");
    assert_string_equal(desk_doc(&rig, "can.create"), "true");
    assert_int_equal(ASK(study_manage, .viewer = ID(bob)), 0);
    assert_null(desk_doc(&rig, "studies.0.name"));
}

static int start(void **state)
{
    (void)state;
    desk_migrate();
    kim = desk_account("kim@uni.example", true);
    tom = desk_account("tom@uni.example", true);
    admin = desk_account("admin@site.example", true);
    (void)desk_sql("insert into membership (account, user_group) select %lld, id from user_group where name "
                   "= 'LOOKIT_ADMIN' returning account",
                   (long long)admin);
    bob = desk_account("bob@example.org", false);
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
        cmocka_unit_test(the_founder_of_a_lab_leads_it),
        cmocka_unit_test(a_lab_says_what_is_wrong_at_each_field),
        cmocka_unit_test(only_who_approves_labs_approves_one),
        cmocka_unit_test(asking_to_join_is_a_request_not_a_membership),
        cmocka_unit_test(an_administrator_takes_in_and_out_and_stays_the_last_one),
        cmocka_unit_test(a_study_is_created_by_those_who_may_in_that_lab),
        cmocka_unit_test(a_foreign_study_is_not_found_and_a_readable_one_not_edited),
        cmocka_unit_test(a_protocol_is_kept_with_its_mistakes_but_not_when_it_is_no_json),
        cmocka_unit_test(every_guard_is_checked_here_and_not_only_on_the_page),
        cmocka_unit_test(each_step_leaves_a_log_entry_an_event_and_its_time),
        cmocka_unit_test(a_change_of_what_was_approved_takes_the_approval_back),
        cmocka_unit_test(what_was_approved_after_the_build_must_be_built_before_it_starts),
        cmocka_unit_test(a_copy_is_a_draft_of_ones_own),
        cmocka_unit_test(participation_lists_are_stored_and_cleared),
        cmocka_unit_test(a_list_shows_only_what_one_may_read)};

    return cmocka_run_group_tests(tests, start, stop);
}
