#include "everything.h"

#define AT(member) offsetof(struct everything, member)
static const struct field fields[] = {
    {"tiny", 1, FIELD_U8, FIELD_U8, false, false, 200, 0, AT(tiny), 0, "200", ""},
    {"small", 2, FIELD_U16, FIELD_U8, false, false, 65535, 0, AT(small), 0, "65535", ""},
    {"middle", 3, FIELD_U32, FIELD_U8, false, false, UINT32_MAX, 0, AT(middle), 0, "4294967295", ""},
    {"large", 4, FIELD_U64, FIELD_U8, false, false, UINT64_MAX, 0, AT(large), 0, "18446744073709551615", ""},
    {"whole", 5, FIELD_I64, FIELD_U8, false, false, INT64_MAX, 0, AT(whole), 0, "-9223372036854775807", ""},
    {"yes", 6, FIELD_BOOL, FIELD_U8, false, false, 1, 0, AT(yes), 0, "true", ""},
    {"text", 7, FIELD_STR, FIELD_U8, false, false, 40, 0, AT(text), 0, "Größe, €, 👶", ""},
    {"bytes", 8, FIELD_BIN, FIELD_U8, false, false, 4, 0, AT(bytes), 0, "00ff10", ""},
    {"id", 9, FIELD_UUID, FIELD_U8, false, false, 16, 0, AT(id), 0, "0d3f0000-0000-4000-8000-00000000000a",
     ""},
    {"at", 10, FIELD_TIME, FIELD_U8, false, false, INT64_MAX, 0, AT(at), 0, "2026-11-24T17:05:00.250000Z",
     ""},
    {"doc", 11, FIELD_JSON, FIELD_U8, false, false, 100, 0, AT(doc), 0, "{\"a\":[1,2.50,null]}", ""},
    {"words", 12, FIELD_LIST, FIELD_STR, false, false, 10, 3, AT(words), 0, "one,two,three", ""},
    {"ids", 13, FIELD_LIST, FIELD_UUID, false, false, 16, 2, AT(ids), 0,
     "0d3f0000-0000-4000-8000-00000000000b", ""},
    {"spare", 14, FIELD_U32, FIELD_U8, true, false, 9, 0, AT(spare), AT(has_spare), "9", ""},
    {"secret", 15, FIELD_STR, FIELD_U8, true, true, 40, 0, AT(secret), AT(has_secret), "Anna", ""},
    {"numbers", 127, FIELD_LIST, FIELD_I64, true, true, 99, 100, AT(numbers), AT(has_numbers), "1,-2,99", ""},
};
static const char *const from[] = {"*", NULL};

const struct message MESSAGE_everything = {.name = "test.everything",
                                           .id = 0xfff0,
                                           .kind = MESSAGE_EVENT,
                                           .from = from,
                                           .size = sizeof(struct everything),
                                           .field = fields,
                                           .field_n = sizeof fields / sizeof fields[0],
                                           .doc = "One of each."};
