/* asset: styles, scripts and pictures of our pages, inside the binary (gateway/static, made by its
 * build.mjs). */
#ifndef LOOKIT_ASSET_H
#define LOOKIT_ASSET_H

#include "types.h"

struct asset {
    const char
        *path; /* "/static/3WXQ6G3L/site.css": the hash is of the content, so it may be cached for ever; or
                  "/demo/img/ball.svg", where the demonstration study looks for it */
    const char *type; /* Content-Type */
    struct span bytes;
    struct span gzip, brotli; /* {NULL, 0} where they save less than 5 % */
    const char *sha256;       /* of bytes, 64 lower case hex digits: the ETag */
};

/* Ordered by path; ended by path NULL. */
extern const struct asset assets[];

/* JSON object of names to paths, {"site_css":"/static/3WXQ6G3L/site.css",…}: what views see as `asset`. */
extern const char asset_names[];

/* NULL when there is none. path: of the request, "/static/…". */
const struct asset *asset_find(struct span path);

#endif
