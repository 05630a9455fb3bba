/* Names that others parse: of videos, and the way out. */

/** video.md 2, without extension. */
export function videoName(
    of: { study: string; frame: string; response: string; isConsent: boolean }, nowMs: number, random: () => number = Math.random
): string {
    const prefix = of.isConsent ? 'consent-videoStream' : 'videoStream';
    return `${prefix}_${of.study}_${of.frame}_${of.response}_${Math.trunc(nowMs)}_${Math.floor(random() * 1000)}`;
}

/** Where the family goes at the end: the study's exit address with child and response added; the front page if it is not
 * an address of the web. */
export function exitAddress(exitUrl: string | null | undefined, child: string, response: string): string {
    let url: URL;
    try {
        url = new URL(exitUrl ?? '');
    } catch {
        return '/';
    }
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return '/';
    url.searchParams.set('child', child);
    url.searchParams.set('response', response);
    return url.href;
}
