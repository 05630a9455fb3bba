/* ticket: see the header. */
#include "ticket.h"

#include <inttypes.h>
#include <stdio.h>

#include "crypt.h"
#include "errors.h"
#include "log.h"

#define SIGN_BYTES 16

size_t ticket_write(const uint8_t secret[32], const char *name, uint32_t number, char out[TICKET_MAX])
{
    uint8_t sign[32];
    int n = snprintf(out, TICKET_MAX, "%s.%" PRIu32, name, number);

    MUST(n > 0 && strlen(name) < TICKET_NAME_MAX);
    crypt_hmac_sha256((struct span){(const char *)secret, 32}, (struct span){out, (size_t)n}, sign);
    out[n] = '.';
    return (size_t)n + 1 +
           crypt_hex((struct span){(const char *)sign, SIGN_BYTES}, out + n + 1, TICKET_MAX - (size_t)n - 1);
}

int ticket_read(const uint8_t secret[32], struct span ticket, char name[TICKET_NAME_MAX], uint32_t *number)
{
    char again[TICKET_MAX], found[TICKET_NAME_MAX] = "";
    uint64_t value = 0;
    size_t at = 0, digits = 0;

    while (at < ticket.n && at < TICKET_NAME_MAX - 1 && ticket.p[at] != '.') {
        found[at] = ticket.p[at];
        at++;
    }
    if (at == 0 || at == ticket.n || ticket.p[at] != '.' || strlen(found) != at)
        return ERR_DENIED;
    for (at++; at < ticket.n && digits < 10 && ticket.p[at] >= '0' && ticket.p[at] <= '9'; at++) {
        digits++;
        value = value * 10 + (uint64_t)(ticket.p[at] - '0');
    }
    if (ticket_write(secret, found, (uint32_t)value, again) != ticket.n ||
        !crypt_equal(again, ticket.p, ticket.n))
        return ERR_DENIED;
    memcpy(name, found, sizeof found);
    *number = (uint32_t)value;
    return 0;
}
