/* letter: one mail as the bytes that travel (RFC 5322, MIME). Pure. */
#ifndef LOOKIT_MAILER_LETTER_H
#define LOOKIT_MAILER_LETTER_H

#include "arena.h"

/* "Name <address>" or an address alone. Borrows from the text. ERR_INVALID. */
struct mailbox {
    struct span name; /* may be empty */
    struct span address;
};
int mailbox_read(struct span text, struct mailbox *out) MUST_CHECK;

/* local@domain in printable ASCII without specials, at most 254 bytes: what every mail server takes (RFC 5321
 * 4.1.2, without quoted local parts and literals). */
bool address_is_good(struct span address);

struct letter {
    struct mailbox from;
    struct mailbox to;    /* what the header says; who gets it is the envelope's business */
    struct span reply_to; /* address, or empty: none */
    struct span subject;  /* UTF-8; control characters become blanks */
    struct span text;     /* UTF-8, lines ended by LF */
    struct span op_id;    /* the Message-ID comes from it: the same operation, the same mail */
    int64_t date_us;
};

/* Headers and body, CRLF, ASCII (quoted-printable, RFC 2047): no value can become a header of its own.
 * ERR_INVALID: an address that is none. */
int letter_write(struct arena *a, const struct letter *letter, struct span *out) MUST_CHECK;

#endif
