/* Days and times of a form: browsers write 2024-02-01T09:05, studies name another form, such as MM/DD/YYYY (frames.md 20.2). */

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const TOKEN = /\[([^\]]*)\]|YYYY|YY|MMMM|MMM|MM|M|DD|D|HH|H|hh|h|mm|m|ss|s|A|a/g;

export type MomentKind = 'date' | 'time' | 'datetime';

/** What the forms library of earlier players wrote where nothing else was asked for. */
export const USUAL: { readonly [kind in MomentKind]: string } = { date: 'MM/DD/YYYY', time: 'h:mm:ss a', datetime: 'MM/DD/YYYY HH:mm:ss' };

interface Parts {
    year: number;
    month: number;
    day: number;
    hour: number;
    minute: number;
    second: number;
}

const two = (n: number): string => String(n).padStart(2, '0');

function ofBrowser(text: string): Parts | null {
    const found = /^(?:(\d{4,6})-(\d\d)-(\d\d))?T?(?:(\d\d):(\d\d)(?::(\d\d))?)?/.exec(text);
    if (!found || (!found[1] && !found[4])) return null;
    const [year, month, day, hour, minute, second] = found.slice(1).map((one) => Number(one ?? 0)) as [number, number, number, number, number, number];
    return { year, month, day, hour, minute, second };
}

/** From what the browser's field holds to the wanted form; undefined if it holds nothing. */
export function written(text: string, form: string): string | undefined {
    const at = ofBrowser(text);
    if (!at) return undefined;
    const month = MONTHS[at.month - 1] ?? '';
    const hour12 = at.hour % 12 || 12;
    const values: { [token: string]: string } = {
        YYYY: String(at.year).padStart(4, '0'), YY: two(at.year % 100), MMMM: month, MMM: month.slice(0, 3), MM: two(at.month), M: String(at.month),
        DD: two(at.day), D: String(at.day), HH: two(at.hour), H: String(at.hour), hh: two(hour12), h: String(hour12),
        mm: two(at.minute), m: String(at.minute), ss: two(at.second), s: String(at.second), A: at.hour < 12 ? 'AM' : 'PM', a: at.hour < 12 ? 'am' : 'pm',
    };
    return form.replace(TOKEN, (token, literal: string | undefined) => literal ?? values[token] ?? token);
}

/** Back to what the browser's field takes; empty if it cannot be read. */
export function read(text: string, form: string, kind: MomentKind): string {
    const order: string[] = [];
    const escape = (literal: string): string => literal.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
    let pattern = '';
    let last = 0;
    for (const found of form.matchAll(TOKEN)) {
        const [token, literal] = found;
        pattern += escape(form.slice(last, found.index)) + (literal === undefined ? `(${partOf(token)})` : escape(literal));
        if (literal === undefined) order.push(token);
        last = found.index + token.length;
    }
    const match = new RegExp(`^${pattern}${escape(form.slice(last))}$`, 'i').exec(text.trim());
    const at: Parts = { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
    if (match) order.forEach((token, i) => take(at, token, match[i + 1] ?? ''));
    const isPossible = match !== null && at.month >= 1 && at.month <= 12 && at.day >= 1 && at.day <= 31 && at.hour < 24 && at.minute < 60;
    if (!isPossible || (kind !== 'time' && at.year === 0)) return '';
    const day = `${String(at.year).padStart(4, '0')}-${two(at.month)}-${two(at.day)}`;
    const time = `${two(at.hour)}:${two(at.minute)}`;
    return kind === 'date' ? day : kind === 'time' ? time : `${day}T${time}`;
}

function partOf(token: string): string {
    if (token === 'YYYY') return '\\d{4}';
    if (token === 'MMMM' || token === 'MMM') return '[a-z]+';
    return token === 'A' || token === 'a' ? '[ap]m' : '\\d{1,2}';
}

function take(at: Parts, token: string, text: string): void {
    const number = Number(text);
    switch (token) {
    case 'YYYY': at.year = number; break;
    case 'YY': at.year = 2000 + number; break;
    case 'MMMM':
    case 'MMM': at.month = 1 + MONTHS.findIndex((month) => month.toLowerCase().startsWith(text.toLowerCase())); break;
    case 'MM':
    case 'M': at.month = number; break;
    case 'DD':
    case 'D': at.day = number; break;
    case 'HH':
    case 'H': at.hour = number; break;
    case 'hh':
    case 'h': at.hour = (at.hour >= 12 ? 12 : 0) + number % 12; break;
    case 'mm':
    case 'm': at.minute = number; break;
    case 'ss':
    case 's': at.second = number; break;
    default: at.hour = at.hour % 12 + (text.toLowerCase() === 'pm' ? 12 : 0);
    }
}
