/* password: see the header. */
#include "password.h"

#include "passwords_common.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static size_t characters(struct span s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return n;
}

/* How alike two words are, 0 to 1: twice the bytes they have in common, in any order, over all bytes. */
static double likeness(struct span a, struct span b)
{
    uint32_t count[256] = {0};
    size_t common = 0;

    if (a.n + b.n == 0)
        return 0;
    for (size_t i = 0; i < a.n; i++)
        count[(unsigned char)lower(a.p[i])]++;
    for (size_t i = 0; i < b.n; i++) {
        uint32_t *left = &count[(unsigned char)lower(b.p[i])];
        if (*left) {
            --*left;
            common++;
        }
    }
    return 2.0 * (double)common / (double)(a.n + b.n);
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (unsigned char)c >= 0x80;
}

/* The address itself and each of its words; very short or very different lengths cannot be alike. */
static bool is_like_address(struct span password, struct span username)
{
    size_t at = 0;

    if (likeness(password, username) >= 0.7)
        return true;
    while (at < username.n) {
        size_t start = at;
        while (at < username.n && is_word(username.p[at]))
            at++;
        if (at > start && likeness(password, (struct span){username.p + start, at - start}) >= 0.7)
            return true;
        at += at < username.n;
    }
    return false;
}

static int compare(struct span password, const char *word)
{
    size_t i = 0;

    for (; i < password.n && word[i]; i++) {
        int difference = (unsigned char)lower(password.p[i]) - (unsigned char)word[i];
        if (difference)
            return difference;
    }
    return i < password.n ? 1 : word[i] ? -1 : 0;
}

static bool is_common(struct span password)
{
    size_t low = 0, high = passwords_common_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int difference = compare(password, passwords_common[middle]);
        if (difference == 0)
            return true;
        if (difference < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

const char *password_why_not(struct span password, struct span username, size_t min)
{
    bool is_digits = true;

    if (characters(password) < min)
        return min > PASSWORD_FAMILY_MIN ? "Please use at least 16 characters."
                                         : "Please use at least 10 characters.";
    if (is_like_address(password, username))
        return "This password is too much like your e-mail address.";
    if (is_common(password))
        return "Many people use this password, so it is easily guessed.";
    for (size_t i = 0; i < password.n; i++)
        is_digits = is_digits && password.p[i] >= '0' && password.p[i] <= '9';
    return is_digits ? "Please use more than digits." : NULL;
}
