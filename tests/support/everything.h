/* everything: a message with a field of every type, for tests of what works from descriptor tables. */
#ifndef LOOKIT_TEST_EVERYTHING_H
#define LOOKIT_TEST_EVERYTHING_H

#include "message.h"

struct everything {
    uint8_t tiny;
    uint16_t small;
    uint32_t middle;
    uint64_t large;
    int64_t whole;
    bool yes;
    struct span text;
    struct span bytes;
    struct uuid id;
    int64_t at;
    struct span doc;
    struct list words;
    struct list ids;
    uint32_t spare;
    bool has_spare;
    struct span secret;
    bool has_secret;
    struct list numbers;
    bool has_numbers;
};
extern const struct message MESSAGE_everything;

#endif
