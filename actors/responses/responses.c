/* responses: what children did: saved as it comes, ruled on, looked at, taken away as files, and shown to the
 * family.
 *
 * Hears:  response.*, consent.*, api.child, api.response… (gateway)
 * Owns:   tables response, response_frame, consent_ruling, feedback
 * Blocks: on its own connection, at most statement_timeout; downloads on the disk of the spool
 */
#include "responses.h"

#include <stdlib.h>

#include "responses_sql.h"

static void fini(struct replica *r, void *state)
{
    struct desk *desk = state;

    (void)r;
    if (!desk)
        return;
    spool_close(&desk->spool);
    free(desk);
}

static int init(struct replica *r, void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);

    MUST(desk && replica_spool_dir(r));
    *state = desk;
    return spool_open(&desk->spool, replica_spool_dir(r), 0);
}

const struct actor_def responses_actor = {
    .name = "responses",
    .has_db = true,
    .init = init,
    .fini = fini,
    .on = (const struct handler[]){ON(response_append, on_response_append),
                                   VIEW(api_child),
                                   VIEW(api_response),
                                   ON(api_response_create, on_api_response_create),
                                   ON(api_response_change, on_api_response_change),
                                   ON(api_study_responses, on_api_study_responses),
                                   {0}},
    .sql = responses_sql,
};
