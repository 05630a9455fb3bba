/* route_table: routes.def as C. */
#include "messages.h"
#include "route.h"

/* What is answered without asking anybody. */
static const struct message MESSAGE_NOTHING = {.name = "nothing"};

#define PAGE(name) THEN_PAGE, name
#define STAGE(name) THEN_STAGE, name
#define SEE_OTHER THEN_SEE_OTHER, NULL
#define JSONAPI THEN_JSONAPI, NULL
#define JSONAPI_ALONE THEN_JSONAPI_ALONE, NULL
#define DOC THEN_DOC, NULL
#define FILE THEN_FILE, NULL
#define UPLOAD THEN_UPLOAD, NULL
#define STATIC THEN_STATIC, NULL
#define HEALTH THEN_HEALTH, NULL
#define READY THEN_READY, NULL
#define METRICS THEN_METRICS, NULL

#define ROUTE(method, pattern, who, message, ...) \
    {HTTP_##method, pattern, WHO_##who, &MESSAGE_##message, __VA_ARGS__},

const struct route route_table[] = {
#include "routes.def"
    {0}};
