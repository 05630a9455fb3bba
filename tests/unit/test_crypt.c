#include "crypt.h"

#include <stdlib.h>

#include "errors.h"
#include "test.h"

static void assert_hex(const uint8_t *got, size_t n, const char *want)
{
    char text[129];

    crypt_hex((struct span){(const char *)got, n}, text, sizeof text);
    assert_string_equal(text, want);
}

static void sha_matches_fips_180(void **state)
{
    uint8_t out[64];
    (void)state;

    crypt_sha256(SPAN("abc"), out);
    assert_hex(out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    crypt_sha256((struct span){NULL, 0}, out);
    assert_hex(out, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    crypt_sha256(SPAN("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), out);
    assert_hex(out, 32, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    crypt_sha512(SPAN("abc"), out);
    assert_hex(out, 64,
               "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
               "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

static void running_digests_equal_whole_ones_and_start_anew(void **state)
{
    struct crypt_digest *d = crypt_digest_new(DIGEST_SHA256);
    char block[1000];
    uint8_t out[32];
    (void)state;

    memset(block, 'a', sizeof block);
    for (int i = 0; i < 1000; i++)
        crypt_digest_add(d, (struct span){block, sizeof block});
    assert_int_equal(crypt_digest_end(d, out), 32);
    assert_hex(out, 32, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    crypt_digest_add(d, SPAN("ab"));
    crypt_digest_add(d, (struct span){NULL, 0});
    crypt_digest_add(d, SPAN("c"));
    crypt_digest_end(d, out);
    assert_hex(out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    crypt_digest_free(&d);
    assert_null(d);
    crypt_digest_free(&d);

    d = crypt_digest_new(DIGEST_SHA1);
    crypt_digest_add(d, SPAN("abc"));
    assert_int_equal(crypt_digest_end(d, out), 20);
    assert_hex(out, 20, "a9993e364706816aba3e25717850c26c9cd0d89d");
    crypt_digest_free(&d);

    d = crypt_digest_new(DIGEST_MD5);
    crypt_digest_add(d, SPAN("message digest")); /* RFC 1321 A.5 */
    assert_int_equal(crypt_digest_end(d, out), 16);
    assert_hex(out, 16, "f96b697d7cb7938d525a2f31aaf161d0");
    crypt_digest_free(&d);
}

static void hmac_matches_rfc_4231_and_2202(void **state)
{
    uint8_t out[32];
    char key[131];
    (void)state;

    memset(key, 0x0b, 20);
    crypt_hmac_sha256((struct span){key, 20}, SPAN("Hi There"), out);
    assert_hex(out, 32, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    crypt_hmac_sha256(SPAN("Jefe"), SPAN("what do ya want for nothing?"), out);
    assert_hex(out, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, 131); /* longer than a block */
    crypt_hmac_sha256((struct span){key, 131}, SPAN("Test Using Larger Than Block-Size Key - Hash Key First"),
                      out);
    assert_hex(out, 32, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    crypt_hmac_sha256((struct span){NULL, 0}, (struct span){NULL, 0}, out);
    assert_hex(out, 32, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    crypt_hmac_sha1(SPAN("Jefe"), SPAN("what do ya want for nothing?"), out);
    assert_hex(out, 20, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

static void base64_matches_rfc_4648(void **state)
{
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
    (void)state;

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char text[16];
        uint8_t back[16];
        size_t n, room = strlen(pairs[i][1]) + 1;
        assert_int_equal(crypt_base64(span_of(pairs[i][0]), text, room), room - 1);
        assert_string_equal(text, pairs[i][1]);
        assert_int_equal(crypt_base64_read(span_of(text), back, strlen(pairs[i][0]), &n), 0);
        assert_int_equal(n, strlen(pairs[i][0]));
        assert_memory_equal(back, pairs[i][0], n);
    }
}

static void base64url_has_its_own_letters_and_no_padding(void **state)
{
    char text[16];
    uint8_t back[4];
    size_t n;
    (void)state;

    assert_int_equal(crypt_base64url(SPAN("\xfb\xff\xfe\xf0"), text, sizeof text), 6);
    assert_string_equal(text, "-__-8A");
    assert_int_equal(crypt_base64url_read(SPAN("-__-8A"), back, sizeof back, &n), 0);
    assert_int_equal(n, 4);
    assert_memory_equal(back, "\xfb\xff\xfe\xf0", 4);
}

static void sloppy_base64_and_hex_are_refused(void **state)
{
    static const char *const base64[] = {
        "Zg", "Zg=", "Zg===", "Z", "Zh==", "Zm9=", "Zm 9v", "Zm9v\n", "Zm9-", "=", "====", "Zg==Zg=="};
    static const char *const base64url[] = {"Zg==", "Zm9+", "Zm9/", "Z", "Zh"};
    static const char *const hex[] = {"0", "0g", "00 ", " 00", "0x00", "\xc3\xa9"};
    uint8_t out[16];
    size_t n;
    (void)state;

    for (size_t i = 0; i < sizeof base64 / sizeof *base64; i++)
        if (crypt_base64_read(span_of(base64[i]), out, sizeof out, &n) != ERR_MALFORMED)
            fail_msg("accepted %s", base64[i]);
    for (size_t i = 0; i < sizeof base64url / sizeof *base64url; i++)
        if (crypt_base64url_read(span_of(base64url[i]), out, sizeof out, &n) != ERR_MALFORMED)
            fail_msg("accepted %s", base64url[i]);
    for (size_t i = 0; i < sizeof hex / sizeof *hex; i++)
        if (crypt_hex_read(span_of(hex[i]), out, sizeof out, &n) != ERR_MALFORMED)
            fail_msg("accepted %s", hex[i]);
}

static void more_bytes_than_room_are_refused(void **state)
{
    uint8_t out[4] = {1, 2, 3, 4};
    size_t n;
    (void)state;

    assert_int_equal(crypt_hex_read(SPAN("DEADbeef"), out, 4, &n), 0);
    assert_memory_equal(out, "\xde\xad\xbe\xef", 4);
    assert_int_equal(crypt_hex_read(SPAN("deadbeef"), out, 3, &n), ERR_TOOBIG);
    assert_int_equal(crypt_base64_read(SPAN("Zm9vYg=="), out, 3, &n), ERR_TOOBIG);
    assert_int_equal(crypt_base64url_read(SPAN("Zm9vYg"), out, 3, &n), ERR_TOOBIG);
    assert_int_equal(crypt_base64url_read(SPAN("Zm9vYg"), out, 4, &n), 0);
}

static void uuids_are_random_version_4(void **state)
{
    struct uuid a = crypt_uuid(), b = crypt_uuid();
    char text[37];
    (void)state;

    assert_memory_not_equal(a.b, b.b, 16);
    uuid_text(&a, text);
    assert_int_equal(text[14], '4');
    assert_non_null(strchr("89ab", text[19]));
}

static void uuids_are_read_in_both_forms_and_nothing_else(void **state)
{
    static const char *const bad[] = {"",
                                      "0d3fa5c0-1111-4222-8333-4444444444",
                                      "0d3fa5c0-1111-4222-8333-4444444444445",
                                      "0d3fa5c0-11114-222-8333-444444444444",
                                      "0d3fa5c0-1111-4222-8333-44444444444g",
                                      "{0d3fa5c0-1111-4222-8333-444444444444}",
                                      "0d3fa5c0_1111_4222_8333_444444444444",
                                      "0d3fa5c0111142228333444444444444 ",
                                      "--------------------------------"};
    struct uuid u, v;
    char text[37];
    (void)state;

    assert_int_equal(uuid_read(SPAN("0D3FA5C0-1111-4222-8333-4444444444Ab"), &u), 0);
    uuid_text(&u, text);
    assert_string_equal(text, "0d3fa5c0-1111-4222-8333-4444444444ab");
    assert_int_equal(uuid_read(SPAN("0d3fa5c01111422283334444444444ab"), &v), 0);
    assert_memory_equal(&u, &v, sizeof u);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (uuid_read(span_of(bad[i]), &v) != ERR_MALFORMED)
            fail_msg("accepted %s", bad[i]);
    assert_memory_equal(&u, &v, sizeof u);
}

static void a_password_matches_its_own_hash_only(void **state)
{
    char hash[128], again[128];
    bool stale = true;
    (void)state;

    crypt_password_hash(SPAN("correct horse"), hash);
    crypt_password_hash(SPAN("correct horse"), again);
    assert_string_not_equal(hash, again);
    assert_memory_equal(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31);
    assert_true(crypt_password_ok(SPAN("correct horse"), span_of(hash), &stale));
    assert_false(stale);
    assert_false(crypt_password_ok(SPAN("correct horsf"), span_of(hash), &stale));
    assert_false(crypt_password_ok(SPAN(""), span_of(hash), NULL));
    assert_false(stale);
}

/* Made with the reference implementation of argon2 (command line tool `argon2`), other parameters than ours.
 */
static void argon2id_of_others_is_understood_and_called_stale(void **state)
{
    bool stale = false;
    (void)state;

    assert_true(crypt_password_ok(
        SPAN("password"),
        SPAN("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"),
        &stale));
    assert_true(stale);
}

/* The format of Django's PBKDF2PasswordHasher, computed with Python's hashlib. */
static void djangos_hashes_are_understood_and_called_stale(void **state)
{
    bool stale = false;
    (void)state;

    assert_true(crypt_password_ok(
        SPAN("l\xc3\xa8tmein"),
        SPAN("pbkdf2_sha256$260000$seasalt$YlZ2Vggtqdc61YjArZuoApoBh9JNGYoDRBUGu6tcJQo="), &stale));
    assert_true(stale);
    assert_false(crypt_password_ok(
        SPAN("letmein"), SPAN("pbkdf2_sha256$260000$seasalt$YlZ2Vggtqdc61YjArZuoApoBh9JNGYoDRBUGu6tcJQo="),
        &stale));
    assert_false(stale);
}

static void hostile_hashes_are_false_and_cheap(void **state)
{
    static const char *const bad[] = {
        "",
        "!",
        "!unusable",
        "plain",
        "$",
        "$argon2id$",
        "$argon2id$v=19$m=19456,t=2,p=1$",
        "$argon2id$v=19$m=19456,t=2,p=1$$",
        "$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=65537,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=65536,t=999999999,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=8,t=1,p=99999$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "pbkdf2_sha256$",
        "pbkdf2_sha256$0$salt$YlZ2Vggtqdc61YjArZuoApoBh9JNGYoDRBUGu6tcJQo=",
        "pbkdf2_sha256$2000001$salt$YlZ2Vggtqdc61YjArZuoApoBh9JNGYoDRBUGu6tcJQo=",
        "pbkdf2_sha256$99999999999999999999$salt$YlZ2Vggtqdc61YjArZuoApoBh9JNGYoDRBUGu6tcJQo=",
        "pbkdf2_sha256$1$$YlZ2Vggtqdc61YjArZuoApoBh9JNGYoDRBUGu6tcJQo=",
        "pbkdf2_sha256$1$salt$",
        "pbkdf2_sha256$1$salt$Zg==",
        "pbkdf2_sha256$1$salt$YlZ2Vggtqdc61YjArZuoApoBh9JNGYoDRBUGu6tcJQo=extra"};
    bool stale = true;
    (void)state;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (crypt_password_ok(SPAN("password"), span_of(bad[i]), &stale))
            fail_msg("accepted %s", bad[i]);
        assert_false(stale);
    }
    assert_false(crypt_password_ok(SPAN("x"), (struct span){NULL, 0}, &stale));
}

static void comparing_sees_every_byte(void **state)
{
    (void)state;
    assert_true(crypt_equal("abc", "abc", 3));
    assert_false(crypt_equal("abc", "abd", 3));
    assert_true(crypt_equal(NULL, NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha_matches_fips_180),
        cmocka_unit_test(running_digests_equal_whole_ones_and_start_anew),
        cmocka_unit_test(hmac_matches_rfc_4231_and_2202),
        cmocka_unit_test(base64_matches_rfc_4648),
        cmocka_unit_test(base64url_has_its_own_letters_and_no_padding),
        cmocka_unit_test(sloppy_base64_and_hex_are_refused),
        cmocka_unit_test(more_bytes_than_room_are_refused),
        cmocka_unit_test(uuids_are_random_version_4),
        cmocka_unit_test(uuids_are_read_in_both_forms_and_nothing_else),
        cmocka_unit_test(a_password_matches_its_own_hash_only),
        cmocka_unit_test(argon2id_of_others_is_understood_and_called_stale),
        cmocka_unit_test(djangos_hashes_are_understood_and_called_stale),
        cmocka_unit_test(hostile_hashes_are_false_and_cheap),
        cmocka_unit_test(comparing_sees_every_byte),
    };
    crypt_init();
    crypt_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
