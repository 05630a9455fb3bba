// cookies: the Set-Cookie lines of an answer. Node 18 has no getSetCookie() and joins them by a comma, which may stand
// in a date of a cookie but never before a NAME=.
export const setCookies = (headers) => (headers.get('set-cookie') ?? '').split(/,\s*(?=[\w-]+=)/).filter(Boolean);
