/* accounts: who someone is. Families, researchers, administrators; their sessions, their children, what they
 * told about themselves.
 *
 * Hears:  account.*, child.*, demographic.* (gateway), account.token_* (ops)      Says: account.session_ended
 * (event) Owns:   tables account, session, token, totp, invitation, child, demographic Blocks: on its own
 * connection, at most statement_timeout; a password takes about 20 ms of one core
 */
#include "accounts.h"

#include "accounts_sql.h"
#include "throttle.h"

static const struct conf_item settings[] = {
#define CONF(key, type, standard, min, max, doc) {key, CONF_##type, standard, min, max, doc},
#include "conf.def"
#undef CONF
    {0}};

static int init(struct replica *r, void **state)
{
    (void)r;
    *state = throttle_new();
    return 0;
}

static void fini(struct replica *r, void *state)
{
    struct throttle *t = state;

    (void)r;
    throttle_free(&t);
}

/* Sessions that ended lie around until somebody sweeps them up. */
static int tick(struct call *c)
{
    return db_run(c->db, &SQL_session_sweep, NULL);
}

int account_event(struct call *c, const char *kind, int64_t account, const struct uuid *subject)
{
    db_bind_text(c->db, "kind", span_of(kind));
    if (account)
        db_bind_i64(c->db, "account", account);
    else
        db_bind_null(c->db, "account");
    db_bind_uuid(c->db, "subject", subject);
    return db_run(c->db, &SQL_event_account, NULL);
}

const struct actor_def accounts_actor = {
    .name = "accounts",
    .conf = settings,
    .has_db = true,
    .init = init,
    .fini = fini,
    .tick_ms = 60000,
    .tick = tick,
    .on = (const struct handler[]){ON(account_whoami, on_account_whoami),
                                   ON(account_log_in_form, on_account_log_in_form),
                                   ON(account_log_in, on_account_log_in),
                                   ON(account_log_out, on_account_log_out),
                                   ON(account_sign_up_form, on_account_sign_up_form),
                                   ON(account_sign_up, on_account_sign_up),
                                   ON(account_invitation, on_account_invitation),
                                   ON(account_accept, on_account_accept),
                                   ON(account_manage, on_account_manage),
                                   ON(account_token_make, on_account_token_make),
                                   ON(account_token_revoke, on_account_token_revoke),
                                   ON(account_token_give, on_account_token_give),
                                   ON(account_token_take, on_account_token_take),
                                   VIEW(account_token_list),
                                   VIEW(child_list),
                                   VIEW(child_form),
                                   VIEW(child_page),
                                   ON(child_add, on_child_add),
                                   ON(child_save, on_child_save),
                                   VIEW(demographic_form),
                                   ON(demographic_save, on_demographic_save),
                                   {0}},
    .sql = accounts_sql,
};
