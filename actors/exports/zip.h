/* zip: the one door to libarchive: a zip that is written as it comes, in constant memory. */
#ifndef LOOKIT_ZIP_H
#define LOOKIT_ZIP_H

#include "spool.h"

struct zip;

/* Writes into file, which is borrowed until zip_close. */
int zip_open(struct zip **z, struct spool_file *file) MUST_CHECK;
/* Begins a file in the zip and ends the one before. name: UTF-8, relative. */
int zip_entry(struct zip *z, struct span name) MUST_CHECK;
int zip_write(struct zip *z, struct span bytes) MUST_CHECK;
/* Writes the list of what is inside. The errors of all: those of spool_write, or ERR_BUG (logged). */
int zip_finish(struct zip *z) MUST_CHECK;
void zip_free(struct zip **z); /* accepts NULL */

#endif
