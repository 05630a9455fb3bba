/* accounts: what the files of this desk share. */
#ifndef LOOKIT_ACCOUNTS_H
#define LOOKIT_ACCOUNTS_H

#include "bus.h"

extern const struct actor_def accounts_actor;

/* ---- login.c: sessions */

/* Opens a session for account in the transaction in hand: cookie is the secret for the browser (base64url),
 * digest what the database keeps. */
struct new_session {
    char cookie[64];
    uint8_t digest[32];
};
int session_open(struct call *c, int64_t account, struct new_session *out) MUST_CHECK;

/* Replies that the visitor is logged in. location must be local. Only after the commit. */
int session_reply(struct call *c, const struct new_session *s, struct span location,
                  const char *note) MUST_CHECK;

/* Is this a path on our own site? Anything that a browser could read as another host is not. */
bool path_is_local(struct span path);

int on_account_whoami(struct call *c, const struct account_whoami *m);
int on_account_log_in_form(struct call *c, const struct account_log_in_form *m);
int on_account_log_in(struct call *c, const struct account_log_in *m);
int on_account_log_out(struct call *c, const struct account_log_out *m);

/* ---- signup.c: how accounts come to be */

int on_account_sign_up_form(struct call *c, const struct account_sign_up_form *m);
int on_account_sign_up(struct call *c, const struct account_sign_up *m);
int on_account_invitation(struct call *c, const struct account_invitation *m);
int on_account_accept(struct call *c, const struct account_accept *m);

/* ---- family.c: children and demographics */

int on_child_add(struct call *c, const struct child_add *m);
int on_child_save(struct call *c, const struct child_save *m);
int on_demographic_save(struct call *c, const struct demographic_save *m);

/* ---- token.c: what programs show instead of a password */

int on_account_manage(struct call *c, const struct account_manage *m);
int on_account_token_make(struct call *c, const struct account_token_make *m);
int on_account_token_revoke(struct call *c, const struct account_token_revoke *m);
int on_account_token_give(struct call *c, const struct account_token_give *m);
int on_account_token_take(struct call *c, const struct account_token_take *m);

/* Adds kind to the event log: who did it (0: the operator), to what. */
int account_event(struct call *c, const char *kind, int64_t account, const struct uuid *subject) MUST_CHECK;

#endif
