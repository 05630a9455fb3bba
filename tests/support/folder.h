/* folder: a throw-away folder for one test program. */
#ifndef LOOKIT_TEST_FOLDER_H
#define LOOKIT_TEST_FOLDER_H

/* Makes a new folder below $TMPDIR or /tmp; static buffer, valid until the next call. */
const char *folder_make(void);
/* Removes it with all that is in it. */
void folder_remove(const char *path);
/* How many things lie in it; none whose name begins with a dot. */
int folder_count(const char *path);

#endif
