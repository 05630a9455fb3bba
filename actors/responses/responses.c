/* responses: what children did: saved as it comes, ruled on, looked at, and shown to the family.
 *
 * Hears:  response.*, consent.*, api.* but studies (gateway)
 * Owns:   tables response, response_frame, consent_ruling, feedback
 * Blocks: on its own connection, at most statement_timeout
 */
#include "responses.h"

#include "responses_sql.h"

const struct actor_def responses_actor = {
    .name = "responses",
    .has_db = true,
    .on = (const struct handler[]){ON(response_append, on_response_append),
                                   VIEW(api_index),
                                   VIEW(api_users),
                                   VIEW(api_user),
                                   VIEW(api_children),
                                   VIEW(api_child),
                                   VIEW(api_user_children),
                                   VIEW(api_user_child),
                                   VIEW(api_demographics),
                                   VIEW(api_demographic),
                                   VIEW(api_user_demographics),
                                   VIEW(api_user_demographic),
                                   VIEW(api_labs),
                                   VIEW(api_lab),
                                   VIEW(api_responses),
                                   VIEW(api_response),
                                   VIEW(api_study_responses),
                                   VIEW(api_study_response),
                                   VIEW(api_past_sessions),
                                   VIEW(api_feedback_list),
                                   VIEW(api_feedback),
                                   ON(api_response_create, on_api_response_create),
                                   ON(api_response_change, on_api_response_change),
                                   ON(api_feedback_create, on_api_feedback_create),
                                   ON(api_feedback_change, on_api_feedback_change),
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
