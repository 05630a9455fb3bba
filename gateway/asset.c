/* asset: finds a file of the table by its path. */
#include "asset.h"

const struct asset *asset_find(struct span path)
{
    for (const struct asset *a = assets; a->path != NULL; a++)
        if (span_is(path, a->path))
            return a;
    return NULL;
}
