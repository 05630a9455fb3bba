/* ticket: names that cannot be made up. */
#include "test.h"

#include "errors.h"
#include "ticket.h"

static const uint8_t secret[32] = {1, 2, 3}, other[32] = {1, 2, 4};

static void a_ticket_gives_its_name_back(void **state)
{
    char ticket[TICKET_MAX], name[TICKET_NAME_MAX];
    uint32_t number;
    size_t n = ticket_write(secret, "accounts", 17, ticket);

    (void)state;
    assert_int_equal(ticket_read(secret, (struct span){ticket, n}, name, &number), 0);
    assert_string_equal(name, "accounts");
    assert_int_equal(number, 17);
}

static void the_longest_name_and_number_fit(void **state)
{
    char ticket[TICKET_MAX], name[TICKET_NAME_MAX];
    uint32_t number;
    size_t n = ticket_write(secret, "a234567890123456789012345678901234567890", UINT32_MAX, ticket);

    (void)state;
    assert_int_equal(ticket_read(secret, (struct span){ticket, n}, name, &number), 0);
    assert_int_equal(strlen(name), 40);
    assert_int_equal(number, UINT32_MAX);
}

static void a_ticket_of_another_house_is_refused(void **state)
{
    char ticket[TICKET_MAX], name[TICKET_NAME_MAX];
    uint32_t number;
    size_t n = ticket_write(other, "accounts", 17, ticket);

    (void)state;
    assert_int_equal(ticket_read(secret, (struct span){ticket, n}, name, &number), ERR_DENIED);
}

static void every_changed_byte_is_noticed(void **state)
{
    char ticket[TICKET_MAX], name[TICKET_NAME_MAX];
    uint32_t number;
    size_t n = ticket_write(secret, "gateway", 3, ticket);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        char changed[TICKET_MAX];
        memcpy(changed, ticket, n);
        changed[i] ^= 1;
        assert_int_equal(ticket_read(secret, (struct span){changed, n}, name, &number), ERR_DENIED);
        assert_int_equal(ticket_read(secret, (struct span){ticket, i}, name, &number), ERR_DENIED);
    }
    assert_int_equal(ticket_read(secret, SPAN("\0a.1.00"), name, &number), ERR_DENIED);
    assert_int_equal(ticket_read(secret, SPAN(""), name, &number), ERR_DENIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ticket_gives_its_name_back),
        cmocka_unit_test(the_longest_name_and_number_fit),
        cmocka_unit_test(a_ticket_of_another_house_is_refused),
        cmocka_unit_test(every_changed_byte_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
