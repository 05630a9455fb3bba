/* NEEDS: database */
/* tokens of accounts: made, shown once, replaced, revoked; by their owner and by an operator. */
#include <stdlib.h>

#include "accounts.h"
#include "desk.h"

static struct rig rig = {.name = "gateway"};
static struct port *ops; /* an operator's */
static struct answer told;
static int64_t ann, kim, lee;

#define ASK(message, ...) rig_call(&rig, &MESSAGE_##message, &(struct message){__VA_ARGS__})
#define S(literal) SPAN(literal)

static int tell(const struct message *m, const void *body)
{
    return port_call(ops, rig.arena, m, body, 5000, &told);
}

static int give(const char *username, bool replace)
{
    struct account_token_give m = {.username = span_of(username), .replace = replace};

    return tell(&MESSAGE_account_token_give, &m);
}

static int take(const char *username)
{
    struct account_token_take m = {.username = span_of(username)};

    return tell(&MESSAGE_account_token_take, &m);
}

/* Whose this token is: 0 = nobody's. */
static int64_t owner_of(const char *token)
{
    if (ASK(account_whoami, .token = span_of(token), .has_token = true))
        return 0;
    return strtoll(desk_doc(&rig, "id"), NULL, 10);
}

static uint64_t replaces(int64_t account)
{
    assert_int_equal(ASK(account_manage, .viewer = (uint64_t)account), 0);
    return strtoull(desk_doc(&rig, "replaces"), NULL, 10);
}

static int64_t events(const char *kind, int64_t account)
{
    return desk_sql(
        "select count(*) from event where kind = '%s' and account is not distinct from nullif(%lld, 0)", kind,
        (long long)account);
}

static void a_researcher_makes_a_token_that_is_shown_once_and_kept_as_its_digest(void **state)
{
    const char *token;

    (void)state;
    assert_int_equal(replaces(kim), 0);
    assert_int_equal(ASK(account_token_make, .viewer = (uint64_t)kim), 0);
    token = desk_doc(&rig, "fresh");
    assert_non_null(token);
    assert_int_equal(strlen(token), 40);
    assert_int_equal(strspn(token, "0123456789abcdef"), 40);
    assert_int_equal(owner_of(token), kim);
    assert_int_equal(
        desk_sql("select count(*) from token t where t.account = %lld and t.digest = sha256('%s')",
                 (long long)kim, token),
        1);
    assert_int_equal(events("token.made", kim), 1);
    assert_int_equal(ASK(account_manage, .viewer = (uint64_t)kim), 0);
    assert_null(strstr(desk_doc(&rig, "token.day_text"), token));
    assert_string_equal(desk_doc(&rig, "fresh") ? desk_doc(&rig, "fresh") : "null", "null");
    assert_int_equal(desk_sql("select count(*) from event where body::text like '%%%s%%'", token), 0);
}

static void a_new_one_ends_the_old_one_and_a_page_sent_twice_ends_nothing(void **state)
{
    const char *first, *second;
    uint64_t seen = 0;

    (void)state;
    (void)desk_sql("delete from token returning 1");
    assert_int_equal(ASK(account_token_make, .viewer = (uint64_t)kim), 0);
    first = desk_doc(&rig, "fresh");
    assert_int_equal(ASK(account_token_make, .viewer = (uint64_t)kim), 0); /* the same page once more */
    assert_string_equal(desk_doc(&rig, "token.day_text") ? "there" : "", "there");
    assert_int_equal(owner_of(first), kim);
    seen = replaces(kim);
    assert_true(seen > 0);
    assert_int_equal(ASK(account_token_make, .viewer = (uint64_t)kim, .replaces = seen), 0);
    second = desk_doc(&rig, "fresh");
    assert_string_not_equal(first, second);
    assert_int_equal(owner_of(first), 0);
    assert_int_equal(owner_of(second), kim);
    assert_int_equal(desk_sql("select count(*) from token"), 1);
}

static void revoking_ends_it_and_twice_is_fine(void **state)
{
    const char *token;
    int64_t before = events("token.revoked", kim);

    (void)state;
    (void)desk_sql("delete from token returning 1");
    assert_int_equal(ASK(account_token_make, .viewer = (uint64_t)kim), 0);
    token = desk_doc(&rig, "fresh");
    assert_int_equal(ASK(account_token_revoke, .viewer = (uint64_t)kim), 0);
    assert_string_equal(desk_location(&rig), "/account/manage/");
    assert_int_equal(owner_of(token), 0);
    assert_int_equal(ASK(account_token_revoke, .viewer = (uint64_t)kim), 0);
    assert_int_equal(events("token.revoked", kim), before + 1);
}

static void families_make_none(void **state)
{
    (void)state;
    assert_int_equal(ASK(account_token_make, .viewer = (uint64_t)ann), ERR_DENIED);
    assert_int_equal(ASK(account_token_make, .viewer = 0), ERR_DENIED);
    assert_int_equal(desk_sql("select count(*) from token where account = %lld", (long long)ann), 0);
    assert_int_equal(ASK(account_manage, .viewer = (uint64_t)ann), 0);
    assert_string_equal(desk_doc(&rig, "account.is_researcher"), "false");
}

static void an_operator_gives_one_and_replaces_only_when_told(void **state)
{
    const char *first, *second;

    (void)state;
    (void)desk_sql("delete from token returning 1");
    assert_int_equal(give("LEE@example.org", false), 0);
    rig.answer = told;
    first = desk_doc(&rig, "token");
    assert_int_equal(owner_of(first), lee);
    assert_int_equal(give("lee@example.org", false), ERR_CONFLICT);
    assert_non_null(strstr(arena_copy(rig.arena, told.text).p, "--replace"));
    assert_int_equal(owner_of(first), lee);
    assert_int_equal(give("lee@example.org", true), 0);
    rig.answer = told;
    second = desk_doc(&rig, "token");
    assert_int_equal(owner_of(first), 0);
    assert_int_equal(owner_of(second), lee);
    assert_int_equal(events("token.made", 0), 2);
    assert_int_equal(give("nobody@example.org", true), ERR_NOTFOUND);
}

static void an_operator_lists_owners_not_tokens_and_revokes(void **state)
{
    (void)state;
    (void)desk_sql("delete from token returning 1");
    assert_int_equal(give("kim@example.org", false), 0);
    assert_int_equal(tell(&MESSAGE_account_token_list, &(struct account_token_list){0}), 0);
    rig.answer = told;
    assert_string_equal(desk_doc(&rig, "tokens.0.username"), "kim@example.org");
    assert_string_equal(desk_doc(&rig, "tokens.0.is_active"), "true");
    assert_null(desk_doc(&rig, "tokens.1"));
    assert_int_equal(take("kim@example.org"), 0);
    assert_int_equal(take("kim@example.org"), ERR_NOTFOUND);
    assert_int_equal(take("nobody@example.org"), ERR_NOTFOUND);
    assert_int_equal(desk_sql("select count(*) from token"), 0);
    assert_int_equal(events("token.revoked", 0), 1);
}

static void an_account_that_is_not_active_gets_none_and_its_old_one_is_refused(void **state)
{
    const char *token;

    (void)state;
    assert_int_equal(give("lee@example.org", true), 0);
    rig.answer = told;
    token = desk_doc(&rig, "token");
    (void)desk_sql("update account set is_active = false where id = %lld returning 1", (long long)lee);
    assert_int_equal(owner_of(token), 0);
    assert_int_equal(give("lee@example.org", true), ERR_NOTFOUND);
    assert_int_equal(ASK(account_token_make, .viewer = (uint64_t)lee), ERR_DENIED);
    assert_int_equal(take("lee@example.org"), 0);
}

static void the_gateway_may_not_ask_in_the_operators_name(void **state)
{
    (void)state;
    assert_int_equal(ASK(account_token_give, .username = S("kim@example.org"), .replace = true), ERR_DENIED);
    assert_int_equal(ASK(account_token_list, 0), ERR_DENIED);
}

static int start(void **state)
{
    (void)state;
    desk_migrate();
    ann = desk_account("ann@example.org", false);
    kim = desk_account("kim@example.org", true);
    lee = desk_account("lee@example.org", true);
    rig_start(&rig, (struct roster_entry[]){{&accounts_actor, 2, ""}, {0}});
    return port_open(&ops, rig.bus, NULL, "ops");
}

static int stop(void **state)
{
    (void)state;
    port_close(&ops);
    rig_stop(&rig);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_researcher_makes_a_token_that_is_shown_once_and_kept_as_its_digest),
        cmocka_unit_test(a_new_one_ends_the_old_one_and_a_page_sent_twice_ends_nothing),
        cmocka_unit_test(revoking_ends_it_and_twice_is_fine),
        cmocka_unit_test(families_make_none),
        cmocka_unit_test(an_operator_gives_one_and_replaces_only_when_told),
        cmocka_unit_test(an_operator_lists_owners_not_tokens_and_revokes),
        cmocka_unit_test(an_account_that_is_not_active_gets_none_and_its_old_one_is_refused),
        cmocka_unit_test(the_gateway_may_not_ask_in_the_operators_name)};

    return cmocka_run_group_tests(tests, start, stop);
}
