/* ticket: the name of a connection inside the house. Whoever starts a replica or opens a port gets one and
 * shows it as its ZeroMQ routing id; the hub reads the name from it. It cannot be made up: it is signed with
 * the secret of this house. */
#ifndef LOOKIT_TICKET_H
#define LOOKIT_TICKET_H

#include "types.h"

#define TICKET_MAX 96      /* bytes with the ending 0 */
#define TICKET_NAME_MAX 41 /* with the ending 0 */

/* "accounts.3.0f1e…"; name has at most 40 letters. Returns the length. */
size_t ticket_write(const uint8_t secret[32], const char *name, uint32_t number, char out[TICKET_MAX]);

/* ERR_DENIED unless written with this secret. */
int ticket_read(const uint8_t secret[32], struct span ticket, char name[TICKET_NAME_MAX],
                uint32_t *number) MUST_CHECK;

#endif
