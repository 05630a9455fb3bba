/* responses: what children did: saved as it comes, ruled on, looked at, and shown to the family.
 *
 * Hears:  response.*, consent.*, api.child, api.response…, api.study_responses (gateway)
 * Owns:   tables response, response_frame, consent_ruling, feedback
 * Blocks: on its own connection, at most statement_timeout
 */
#include "responses.h"

#include "responses_sql.h"

const struct actor_def responses_actor = {
    .name = "responses",
    .has_db = true,
    .on = (const struct handler[]){ON(response_append, on_response_append),
                                   VIEW(api_child),
                                   VIEW(api_response),
                                   ON(api_response_create, on_api_response_create),
                                   ON(api_response_change, on_api_response_change),
                                   ON(api_study_responses, on_api_study_responses),
                                   VIEW(consent_page),
                                   ON(consent_rule, on_consent_rule),
                                   VIEW(response_list),
                                   VIEW(response_downloads),
                                   ON(response_note, on_response_note),
                                   ON(response_feedback, on_response_feedback),
                                   ON(response_previews_delete, on_response_previews_delete),
                                   ON(response_history, on_response_history),
                                   ON(response_history_turn, on_response_history_turn),
                                   {0}},
    .sql = responses_sql,
};
