#include "greet.h"

#include <stdio.h>

#include "bus.h"
#include "site.h"

int greet(struct db *db, const char *address, const char *data)
{
    char token[SITE_LINK_SIZE];
    char study[37];
    bool is_open;
    bool has_demo;

    TRY(site_setup_link(db, &is_open, token));
    TRY(site_demo(db, &has_demo, study));
    (void)printf("\nLookit " LOOKIT_VERSION " is ready.\n\n"
                 "  Address   %s/\n"
                 "  Data      %s\n",
                 address, data);
    if (is_open)
        (void)printf("\n  There is no administrator yet. This link makes you the first one; it works once, "
                     "and until tomorrow:\n"
                     "  %s/setup/?key=%s\n",
                     address, token);
    if (has_demo)
        (void)printf("\n  Take part in the demonstration study: sign up as a family, add a child of any age, "
                     "and open\n"
                     "  %s/studies/%s/\n",
                     address, study);
    (void)putchar('\n');
    return fflush(stdout) ? ERR_FULL : 0;
}
