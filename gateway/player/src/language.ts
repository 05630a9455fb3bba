/* Fixed sentences of the player, in the language that the study has chosen (frames.md 9).
 *
 * locale/LANGUAGE.json holds sections (frame kinds; "common" for what all use) of key -> sentence. Sentences may contain
 * {name} and {flag, select, true {...} other {...}}. What a language lacks is said in en-us. */

import { clean } from './text.js';
import englishUs from './locale/en-us.json';
import basque from './locale/eu.json';
import french from './locale/fr.json';
import hungarian from './locale/hu.json';
import italian from './locale/it.json';
import japanese from './locale/ja.json';
import dutch from './locale/nl.json';
import portugueseBrazil from './locale/pt-br.json';
import portuguese from './locale/pt.json';

interface Locale {
    [section: string]: { [key: string]: string };
}
export type Arguments = { [name: string]: string | number | boolean };

export const LANGUAGES = ['en-us', 'eu', 'fr', 'hu', 'it', 'ja', 'nl', 'pt', 'pt-br'] as const;
const locales: { [language: string]: Locale } = {
    'en-us': englishUs, eu: basque, fr: french, hu: hungarian, it: italian, ja: japanese, nl: dutch, pt: portuguese, 'pt-br': portugueseBrazil,
};

export class Language {
    #code = 'en-us';

    get code(): string {
        return this.#code;
    }

    /** From now on; an unknown language changes nothing and is reported to the researcher's console. */
    choose(code: string): void {
        if ((LANGUAGES as readonly string[]).includes(code)) this.#code = code;
        else console.error(`Unknown language ${code}; available: ${LANGUAGES.join(', ')}`);
    }

    /** Plain text. `t('common.Next')`, `t('exp-video-config.title')`. */
    t(key: string, values: Arguments = {}): string {
        return fill(this.#find(key), values);
    }

    /** For sentences that contain markup. Values are put in as text. */
    html(key: string, values: Arguments = {}): DocumentFragment {
        const escaped: Arguments = {};
        for (const [name, value] of Object.entries(values)) escaped[name] = typeof value === 'string' ? escapeText(value) : value;
        return clean(fill(this.#find(key), escaped));
    }

    #find(key: string): string {
        const [section = '', name = ''] = split(key);
        const sentence = locales[this.#code]?.[section]?.[name] ?? locales['en-us']?.[section]?.[name];
        if (sentence === undefined) console.error(`No sentence named ${key}`);
        return sentence ?? name;
    }
}

function split(key: string): [string, string] {
    const dot = key.indexOf('.');
    return dot < 0 ? ['common', key] : [key.slice(0, dot), key.slice(dot + 1)];
}

function escapeText(text: string): string {
    return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

/** Puts values into a sentence. Braces may nest three deep: {flag, select, true {text with {name}} other {}}. */
export function fill(sentence: string, values: Arguments): string {
    let out = '';
    for (let at = 0; at < sentence.length;) {
        const open = sentence.indexOf('{', at);
        if (open < 0) return out + sentence.slice(at);
        const close = matching(sentence, open);
        out += sentence.slice(at, open) + value(sentence.slice(open + 1, close), values);
        at = close + 1;
    }
    return out;
}

function matching(text: string, open: number): number {
    let depth = 0;
    for (let at = open; at < text.length; at++) {
        if (text[at] === '{') depth++;
        else if (text[at] === '}' && --depth === 0) return at;
    }
    return text.length;
}

function value(inside: string, values: Arguments): string {
    const select = /^\s*(\w+)\s*,\s*select\s*,/.exec(inside);
    if (!select) return String(values[inside.trim()] ?? '');
    const wanted = String(values[select[1] ?? ''] ?? 'other');
    let other = '';
    for (let at = select[0].length; at < inside.length;) {
        const open = inside.indexOf('{', at);
        if (open < 0) break;
        const close = matching(inside, open);
        const name = inside.slice(at, open).trim();
        const text = inside.slice(open + 1, close);
        if (name === wanted) return fill(text, values);
        if (name === 'other') other = text;
        at = close + 1;
    }
    return fill(other, values);
}
