/* message: finding a message by its number or name, and a field by its name. */
#include "message.h"

const struct message *message_by_id(uint16_t id)
{
    size_t low = 0, high = messages_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (messages[middle]->id == id)
            return messages[middle];
        if (messages[middle]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct message *message_by_name(struct span name)
{
    for (size_t i = 0; i < messages_n; i++)
        if (span_is(name, messages[i]->name))
            return messages[i];
    return NULL;
}

const struct field *message_field(const struct message *m, struct span name)
{
    for (size_t i = 0; i < m->field_n; i++)
        if (span_is(name, m->field[i].name))
            return &m->field[i];
    return NULL;
}
