/* NEEDS: database */
/* accounts: sign-up, log-in, sessions, invitations, children, demographics: good, wrong, foreign, twice.
 *
 * Covers: bus/op.c */
#include <stdio.h>

#include "accounts.h"
#include "desk.h"

static struct rig rig = {.name = "gateway"};
static int64_t ann, bob, cem;

#define ASK(message, ...) rig_call(&rig, &MESSAGE_##message, &(struct message){__VA_ARGS__})
#define S(literal) SPAN(literal)

static struct span cookie_digest(uint8_t digest[32])
{
    crypt_sha256(((const struct reply_session *)rig.answer.body)->cookie, digest);
    return (struct span){(const char *)digest, 32};
}

static int sign_up(const char *username, const char *password1, const char *password2, const char *next)
{
    return ASK(account_sign_up, .username = span_of(username), .nickname = S("Ann"), .has_nickname = true,
               .password1 = span_of(password1), .password2 = span_of(password2), .next = span_of(next),
               .has_next = next != NULL, .address = S("192.0.2.7"));
}

static int log_in(const char *username, const char *password, const char *next)
{
    return ASK(account_log_in, .username = span_of(username), .password = span_of(password),
               .next = span_of(next), .has_next = next != NULL, .address = S("192.0.2.7"));
}

static void a_family_signs_up_and_is_known_by_its_cookie(void **state)
{
    uint8_t digest[32];

    (void)state;
    assert_int_equal(sign_up("Cleo@Example.org", "four quiet green chairs", "four quiet green chairs", NULL),
                     0);
    assert_string_equal(desk_location(&rig), "/account/demographics/");
    assert_int_equal(ASK(account_whoami, .session = cookie_digest(digest), .has_session = true), 0);
    assert_string_equal(desk_doc(&rig, "name"), "Ann");
    assert_string_equal(desk_doc(&rig, "is_researcher"), "false");
    assert_string_equal(desk_text("select username from account where username ilike 'cleo%%'"),
                        "cleo@example.org");
    assert_int_equal(
        desk_sql("select count(*) from event where kind = 'account.added' and account is not null"), 1);
    assert_int_equal(desk_sql("select count(*) from session where encode(digest, 'base64') like '%%cleo%%'"),
                     0);
}

static void sign_up_says_what_is_wrong_at_each_field(void **state)
{
    (void)state;
    assert_int_equal(sign_up("cleo@example.ORG", "four quiet green chairs", "four quiet green chairs", NULL),
                     ERR_INVALID);
    assert_non_null(desk_error(&rig, "username"));
    assert_int_equal(sign_up("not an address", "short", "other", NULL), ERR_INVALID);
    assert_non_null(desk_error(&rig, "username"));
    assert_non_null(desk_error(&rig, "password2"));
    assert_int_equal(sign_up("dora@example.org", "ninechars", "ninechars", NULL), ERR_INVALID);
    assert_null(desk_error(&rig, "username"));
    assert_non_null(desk_error(&rig, "password2"));
    assert_int_equal(desk_sql("select count(*) from account where username = 'dora@example.org'"), 0);
}

static void the_study_that_brought_them_is_remembered_and_an_unknown_one_is_not(void **state)
{
    char next[100];

    (void)state;
    (void)desk_sql("insert into study (uuid, name, study_type) values "
                   "('aaaaaaaa-0000-4000-8000-000000000001', 'Ball', 1) returning id");
    (void)snprintf(next, sizeof next, "/fr/studies/%s/", "aaaaaaaa-0000-4000-8000-000000000001");
    assert_int_equal(sign_up("emil@example.org", "four quiet green chairs", "four quiet green chairs", next),
                     0);
    assert_int_equal(
        desk_sql("select count(*) from session where study = 'aaaaaaaa-0000-4000-8000-000000000001'"), 1);
    assert_int_equal(sign_up("fay@example.org", "four quiet green chairs", "four quiet green chairs",
                             "/studies/bbbbbbbb-0000-4000-8000-000000000001/"),
                     0);
    assert_int_equal(desk_sql("select count(*) from session where study is not null"), 1);
}

static void log_in_ignores_case_and_goes_only_where_it_may(void **state)
{
    (void)state;
    assert_int_equal(log_in("CLEO@example.org", "four quiet green chairs", "/studies/"), 0);
    assert_string_equal(desk_location(&rig), "/studies/");
    assert_int_equal(log_in("cleo@example.org", "four quiet green chairs", "//evil.example/"), 0);
    assert_string_equal(desk_location(&rig), "/");
    assert_int_equal(log_in("cleo@example.org", "four quiet green chairs", "https://evil.example/"), 0);
    assert_string_equal(desk_location(&rig), "/");
    assert_int_equal(log_in("cleo@example.org", "four quiet green chairs", "/\\evil.example/"), 0);
    assert_string_equal(desk_location(&rig), "/");
}

static void wrong_address_wrong_password_and_inactive_get_the_same_words(void **state)
{
    const char *unknown, *wrong, *inactive;

    (void)state;
    assert_int_equal(log_in("nobody@example.org", "four quiet green chairs", NULL), ERR_INVALID);
    unknown = desk_error(&rig, "form");
    assert_int_equal(log_in("cleo@example.org", "five quiet green chairs", NULL), ERR_INVALID);
    wrong = desk_error(&rig, "form");
    (void)desk_sql("update account set is_active = false where username = 'fay@example.org' returning id");
    assert_int_equal(log_in("fay@example.org", "four quiet green chairs", NULL), ERR_INVALID);
    inactive = desk_error(&rig, "form");
    assert_string_equal(unknown, wrong);
    assert_string_equal(unknown, inactive);
}

static void guessing_is_slowed_down_even_with_the_right_password_at_last(void **state)
{
    (void)state;
    assert_int_equal(sign_up("gil@example.org", "four quiet green chairs", "four quiet green chairs", NULL),
                     0);
    for (int i = 0; i < 10; i++)
        assert_int_equal(log_in("gil@example.org", "a wrong one here", NULL), ERR_INVALID);
    assert_int_equal(log_in("gil@example.org", "four quiet green chairs", NULL), ERR_INVALID);
    assert_non_null(desk_error(&rig, "form"));
}

static int sign_up_from(const char *address, const char *username)
{
    return ASK(account_sign_up, .username = span_of(username), .password1 = S("four quiet green chairs"),
               .password2 = S("four quiet green chairs"), .address = span_of(address));
}

static void one_visitor_makes_many_accounts_only_slowly(void **state)
{
    (void)state;
    for (int i = 0; i < 60; i++) {
        assert_int_equal(sign_up_from("192.0.2.66", "cleo@example.org"), ERR_INVALID);
        assert_null(desk_error(&rig, "form"));
    }
    assert_int_equal(sign_up_from("192.0.2.66", "hal@example.org"), ERR_INVALID);
    assert_non_null(desk_error(&rig, "form"));
    assert_int_equal(desk_sql("select count(*) from account where username = 'hal@example.org'"), 0);
    assert_int_equal(sign_up_from("192.0.2.67", "hal@example.org"), 0);
}

static void logging_out_ends_the_session_and_twice_is_fine(void **state)
{
    uint8_t digest[32];
    struct span session;

    (void)state;
    assert_int_equal(log_in("cleo@example.org", "four quiet green chairs", NULL), 0);
    session = cookie_digest(digest);
    assert_int_equal(ASK(account_log_out, .session = session, .has_session = true), 0);
    assert_int_equal(((const struct reply_session *)rig.answer.body)->cookie.n, 0);
    assert_int_equal(ASK(account_whoami, .session = session, .has_session = true), ERR_LOGIN);
    assert_int_equal(ASK(account_log_out, .session = session, .has_session = true), 0);
}

static void whoami_wants_exactly_one_proof(void **state)
{
    (void)state;
    assert_int_equal(ASK(account_whoami, .has_session = false), ERR_MALFORMED);
    assert_int_equal(
        ASK(account_whoami, .token = S("0123456789abcdef0123456789abcdef01234567"), .has_token = true),
        ERR_LOGIN);
}

/* A key for a link, as the operator's program makes one. */
static const char *invite(const char *role)
{
    static int n;
    char *key = arena_get(rig.arena, 16);

    (void)snprintf(key, 16, "key-%d", ++n);
    if (strcmp(role, "administrator") == 0)
        (void)desk_sql("select invitation_first(sha256('%s'))::int", key);
    else
        (void)desk_text("select invitation_add('researcher', '', sha256('%s'), null)", key);
    return key;
}

static int accept(const char *key, const char *username)
{
    return ASK(account_accept, .key = span_of(key), .username = span_of(username), .given_name = S("Kim"),
               .family_name = S("Sample"), .password1 = S("seven tall trees in a row"),
               .password2 = S("seven tall trees in a row"));
}

static void an_invitation_makes_one_researcher_and_works_once(void **state)
{
    const char *key = invite("researcher");

    (void)state;
    assert_int_equal(ASK(account_invitation, .key = span_of(key)), 0);
    assert_string_equal(desk_doc(&rig, "invitation.is_valid"), "true");
    assert_int_equal(accept(key, "kim@uni.example"), 0);
    assert_string_equal(desk_location(&rig), "/exp/studies/");
    assert_int_equal(desk_sql("select count(*) from account where username = 'kim@uni.example' and "
                              "is_researcher and not is_superuser"),
                     1);
    assert_int_equal(desk_sql("select count(*) from lab_member m join account a on a.id = m.account where "
                              "a.username = 'kim@uni.example'"),
                     2);
    assert_int_equal(accept(key, "kim2@uni.example"), ERR_INVALID);
    assert_int_equal(desk_sql("select count(*) from account where username = 'kim2@uni.example'"), 0);
    assert_int_equal(ASK(account_invitation, .key = span_of(key)), 0);
    assert_string_equal(desk_doc(&rig, "invitation.is_valid"), "false");
}

static void a_refused_form_does_not_use_the_invitation_up(void **state)
{
    const char *key = invite("researcher");

    (void)state;
    assert_int_equal(accept(key, "kim@uni.example"), ERR_INVALID); /* taken */
    assert_int_equal(accept(key, "lou@uni.example"), 0);
}

static void the_newest_administrator_link_ends_the_older_ones(void **state)
{
    const char *old = invite("administrator"), *new = invite("administrator");

    (void)state;
    assert_int_equal(accept(old, "root@uni.example"), ERR_INVALID);
    assert_int_equal(accept(new, "root@uni.example"), 0);
    assert_int_equal(desk_sql("select count(*) from account a join membership m on m.account = a.id join "
                              "user_group g on g.id = m.user_group "
                              "where a.username = 'root@uni.example' and a.is_superuser and a.is_staff and "
                              "g.name = 'LOOKIT_ADMIN'"),
                     1);
}

static struct child_add mo(int64_t viewer)
{
    static const struct span languages[] = {{"de", 2}, {"en", 2}};

    return (struct child_add){.viewer = (uint64_t)viewer,
                              .given_name = S("Mo"),
                              .birthday_year = 2024,
                              .birthday_month = 2,
                              .birthday_day = 29,
                              .gender = S("na"),
                              .languages_spoken = {languages, 2}};
}

static void a_child_is_added_seen_changed_and_removed_by_its_parent_alone(void **state)
{
    struct child_add add = mo(ann);
    struct uuid child;

    (void)state;
    rig_expect(&rig, &MESSAGE_child_add, &add, 0);
    rig_expect(&rig, &MESSAGE_child_list, &(struct child_list){.viewer = (uint64_t)ann}, 0);
    assert_string_equal(desk_doc(&rig, "children.0.given_name"), "Mo");
    assert_int_equal(uuid_read(span_of(desk_doc(&rig, "children.0.uuid")), &child), 0);
    assert_int_equal(ASK(child_page, .viewer = (uint64_t)ann, .child = child), 0);
    assert_string_equal(desk_doc(&rig, "form.values.languages_spoken"), "[\"en\",\"de\"]");
    assert_int_equal(ASK(child_page, .viewer = (uint64_t)bob, .child = child), ERR_NOTFOUND);
    assert_int_equal(ASK(child_save, .viewer = (uint64_t)bob, .child = child, .deleteChild = true),
                     ERR_NOTFOUND);
    assert_int_equal(ASK(child_save, .viewer = (uint64_t)ann, .child = child, .given_name = S("Moritz"),
                         .has_given_name = true, .gender = S("m"), .has_gender = true),
                     0);
    assert_string_equal(
        desk_text("select given_name || birthday || gender from child where account = %lld", (long long)ann),
        "Moritz2024-02-29m");
    assert_int_equal(ASK(child_save, .viewer = (uint64_t)ann, .child = child, .deleteChild = true), 0);
    assert_int_equal(ASK(child_page, .viewer = (uint64_t)ann, .child = child), ERR_NOTFOUND);
    assert_int_equal(desk_sql("select count(*) from child where account = %lld and deleted", (long long)ann),
                     1);
}

static void the_same_form_sent_twice_adds_one_child_and_another_one_adds_another(void **state)
{
    struct child_add add = mo(bob);
    char first[64];

    (void)state;
    add.op_id = crypt_uuid();
    rig_expect(&rig, &MESSAGE_child_add, &add, 0);
    (void)snprintf(first, sizeof first, "%s", desk_location(&rig));
    rig_expect(&rig, &MESSAGE_child_add, &add, 0);
    assert_string_equal(desk_location(&rig), first);
    assert_int_equal(desk_sql("select count(*) from child where account = %lld", (long long)bob), 1);
    add.given_name = S("Lee"); /* back in the browser, another name, the same page */
    rig_expect(&rig, &MESSAGE_child_add, &add, 0);
    assert_int_equal(desk_sql("select count(*) from child where account = %lld", (long long)bob), 2);
    add.viewer = (uint64_t)cem; /* a stranger's op_id means nothing */
    rig_expect(&rig, &MESSAGE_child_add, &add, 0);
    assert_int_equal(desk_sql("select count(*) from child where account = %lld", (long long)bob), 2);
    assert_int_equal(
        desk_sql("select count(*) from child where account = %lld and given_name = 'Lee'", (long long)cem),
        1);
}

static void a_refused_deed_may_be_tried_again(void **state)
{
    struct child_add add = mo(bob);

    (void)state;
    add.op_id = crypt_uuid();
    add.gender = S("x");
    rig_expect(&rig, &MESSAGE_child_add, &add, ERR_INVALID);
    add.gender = S("f");
    rig_expect(&rig, &MESSAGE_child_add, &add, 0);
    assert_int_equal(desk_sql("select count(*) from child where account = %lld", (long long)bob), 3);
}

static void days_that_are_none_or_to_come_are_refused(void **state)
{
    struct child_add add = mo(ann);

    (void)state;
    add.birthday_year = 2023;
    rig_expect(&rig, &MESSAGE_child_add, &add, ERR_INVALID);
    assert_non_null(desk_error(&rig, "birthday"));
    add.birthday_year = 2196;
    rig_expect(&rig, &MESSAGE_child_add, &add, ERR_INVALID);
    assert_non_null(desk_error(&rig, "birthday"));
    add = mo(ann);
    add.given_name = S("");
    add.gender = S("x");
    rig_expect(&rig, &MESSAGE_child_add, &add, ERR_INVALID);
    assert_non_null(desk_error(&rig, "given_name"));
    assert_non_null(desk_error(&rig, "gender"));
}

static void demographics_are_kept_in_versions_even_when_empty(void **state)
{
    (void)state;
    assert_int_equal(ASK(demographic_save, .viewer = (uint64_t)ann), 0);
    assert_string_equal(desk_location(&rig), "/account/children/");
    assert_int_equal(ASK(demographic_save, .viewer = (uint64_t)ann,
                         .child_birthdays = S("2024-02-17, 8/30/2021 ,"), .has_child_birthdays = true,
                         .country = S("US"), .has_country = true),
                     0);
    assert_int_equal(ASK(demographic_form, .viewer = (uint64_t)ann), 0);
    assert_string_equal(desk_doc(&rig, "form.values.child_birthdays"), "2024-02-17, 2021-08-30");
    assert_string_equal(desk_doc(&rig, "form.values.country"), "US");
    assert_int_equal(desk_sql("select count(*) from demographic where account = %lld", (long long)ann), 2);
    assert_int_equal(
        desk_sql("select count(*) from demographic where account = %lld and previous is not null",
                 (long long)ann),
        1);
}

static void a_bad_date_or_code_leaves_the_old_version(void **state)
{
    (void)state;
    assert_int_equal(ASK(demographic_save, .viewer = (uint64_t)ann,
                         .child_birthdays = S("2024-02-17, yesterday"), .has_child_birthdays = true),
                     ERR_INVALID);
    assert_non_null(strstr(desk_error(&rig, "child_birthdays"), "Number 2"));
    assert_int_equal(
        ASK(demographic_save, .viewer = (uint64_t)ann, .density = S("moon"), .has_density = true),
        ERR_INVALID);
    assert_int_equal(desk_sql("select count(*) from demographic where account = %lld", (long long)ann), 2);
}

static int start(void **state)
{
    (void)state;
    desk_migrate();
    ann = desk_account("ann@example.org", false);
    bob = desk_account("bob@example.org", false);
    cem = desk_account("cem@example.org", false);
    rig_start(&rig, (struct roster_entry[]){{&accounts_actor, 1, ""}, {0}});
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
        cmocka_unit_test(a_family_signs_up_and_is_known_by_its_cookie),
        cmocka_unit_test(sign_up_says_what_is_wrong_at_each_field),
        cmocka_unit_test(the_study_that_brought_them_is_remembered_and_an_unknown_one_is_not),
        cmocka_unit_test(log_in_ignores_case_and_goes_only_where_it_may),
        cmocka_unit_test(wrong_address_wrong_password_and_inactive_get_the_same_words),
        cmocka_unit_test(guessing_is_slowed_down_even_with_the_right_password_at_last),
        cmocka_unit_test(one_visitor_makes_many_accounts_only_slowly),
        cmocka_unit_test(logging_out_ends_the_session_and_twice_is_fine),
        cmocka_unit_test(whoami_wants_exactly_one_proof),
        cmocka_unit_test(an_invitation_makes_one_researcher_and_works_once),
        cmocka_unit_test(a_refused_form_does_not_use_the_invitation_up),
        cmocka_unit_test(the_newest_administrator_link_ends_the_older_ones),
        cmocka_unit_test(a_child_is_added_seen_changed_and_removed_by_its_parent_alone),
        cmocka_unit_test(the_same_form_sent_twice_adds_one_child_and_another_one_adds_another),
        cmocka_unit_test(a_refused_deed_may_be_tried_again),
        cmocka_unit_test(days_that_are_none_or_to_come_are_refused),
        cmocka_unit_test(demographics_are_kept_in_versions_even_when_empty),
        cmocka_unit_test(a_bad_date_or_code_leaves_the_old_version)};

    return cmocka_run_group_tests(tests, start, stop);
}
