/* mail: an envelope and its packed body. Bodies above the bus bound travel through the spool, unseen by those
 * who send and read them. Frame only. */
#ifndef LOOKIT_MAIL_H
#define LOOKIT_MAIL_H

#include "spool.h"
#include "wire.h"

struct mail {
    struct envelope envelope;
    struct span body; /* packed */
};

/* Packs m's body for sending: mail->body is in the arena, or empty when it had to go to the spool (opened on
 * first need from folder and kept in *s). Sets envelope.version, message, op, spool, bytes and sha256; an
 * event never goes to the spool, because it has many readers: ERR_TOOBIG. Other errors: of wire_pack and of
 * the spool (ERR_FULL). */
int mail_pack(struct mail *mail, struct arena *a, const struct message *m, const void *body, struct spool **s,
              const char *folder) MUST_CHECK;

/* Reads the body into m's struct in the arena; takes the spooled file. ERR_MALFORMED, ERR_TOOBIG,
 * ERR_CHECKSUM, ERR_NOTFOUND. */
int mail_unpack(const struct mail *mail, struct arena *a, const struct message *m, const void **body,
                struct spool **s, const char *folder) MUST_CHECK;

/* Nobody will read this body: removes the spooled file. */
void mail_drop(const struct envelope *e, struct spool **s, const char *folder);

#endif
