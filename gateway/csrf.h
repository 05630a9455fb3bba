/* csrf: proof that a form or script of ours made a request, not another site's.
 *
 * The cookie `csrftoken` holds 32 letters and digits: 12 at random, 20 of an HMAC over them and the session,
 * so a token of one session is worth nothing in another, and none can be made up. Scripts send it back as the
 * header X-CSRFTOKEN, forms in the field csrfmiddlewaretoken, there masked anew on every page (64
 * characters), so that compression cannot reveal it. Both forms are taken in both places. All comparisons
 * take the same time for every input of a length. */
#ifndef LOOKIT_CSRF_H
#define LOOKIT_CSRF_H

#include "types.h"

#define CSRF_TOKEN 32u
#define CSRF_MASKED 64u

/* session: SHA-256 of the login cookie, or {NULL,0} for a visitor without one. out is terminated. */
void csrf_make(const uint8_t key[32], struct span session, char out[CSRF_TOKEN + 1]);
/* Was it made with this key for this session? */
bool csrf_is_ours(const uint8_t key[32], struct span session, struct span token);

void csrf_mask(const char token[CSRF_TOKEN], char out[CSRF_MASKED + 1]);
/* Is given (plain or masked) the token in the cookie? */
bool csrf_is_same(struct span cookie, struct span given);

/* site: "https://lookit.example.org". An Origin that is sent must be the site; a site on https without an
 * Origin wants a Referer of the site. {NULL,0}: not sent. */
bool csrf_origin_is_ours(struct span site, struct span origin, struct span referer);

#endif
