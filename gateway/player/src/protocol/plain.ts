/* What may come back from a researcher's function: plain data within bounds. The copy shares what the original shares,
 * because the language edits a frame that is listed twice only once; size is counted as if nothing were shared, because
 * it is saved so. */

const DEPTH_MAX = 100;
const VALUES_MAX = 250_000;
const CHARACTERS_MAX = 4 * 1024 * 1024;

/** The value is not plain data; the message says where and why. */
export class NotPlain extends Error {
    constructor(path: string, why: string) {
        super(`${path === '' ? 'the result' : `the result's ${path.slice(0, 200)}`} ${why}`);
        this.name = 'NotPlain';
    }
}

interface Part {
    copy: unknown;
    values: number;
    characters: number;
}

function leaf(copy: unknown, characters = 0): Part {
    return { copy, values: 1, characters };
}

class Copier {
    private readonly parts = new Map<object, Part | 'open'>();

    part(value: unknown, path: string, depth: number): Part {
        if (typeof value === 'string')
            return this.bounded(leaf(value, value.length), path);
        if (['number', 'boolean', 'undefined'].includes(typeof value) || value === null)
            return leaf(value);
        if (typeof value !== 'object')
            throw new NotPlain(path, typeof value === 'function' ? 'is a function; give it as text in quotes' : `is a ${typeof value}`);
        if (depth > DEPTH_MAX)
            throw new NotPlain(path, `is nested deeper than ${DEPTH_MAX} levels`);
        const known = this.parts.get(value);
        if (known === 'open')
            throw new NotPlain(path, 'contains itself');
        if (known)
            return known;
        this.parts.set(value, 'open');
        const part = this.object(value, path, depth);
        this.parts.set(value, part);
        return part;
    }

    private object(value: object, path: string, depth: number): Part {
        if (Array.isArray(value))
            return this.list(value, path, depth);
        const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null;
        if (prototype === Date.prototype)
            return leaf(new Date((value as Date).getTime()));
        if (prototype !== Object.prototype && prototype !== null)
            throw new NotPlain(path, `is a ${String(prototype.constructor?.name).slice(0, 50)}, not a plain object`);
        return this.tree(value as { [key: string]: unknown }, path, depth);
    }

    private list(list: readonly unknown[], path: string, depth: number): Part {
        const out: Part & { copy: unknown[] } = { copy: [], values: 1, characters: 0 };
        if (list.length > VALUES_MAX)
            throw new NotPlain(path, `has more than ${VALUES_MAX} elements`);
        for (let i = 0; i < list.length; i++)
            out.copy.push(this.add(out, list[i], `${path}[${i}]`, depth));
        return out;
    }

    private tree(tree: { readonly [key: string]: unknown }, path: string, depth: number): Part {
        const copy: { [key: string]: unknown } = {};
        const out = { copy, values: 1, characters: 0 };
        for (const key of Object.keys(tree)) {
            if (key === '__proto__')
                throw new NotPlain(path, 'has a property named __proto__');
            out.characters += key.length;
            copy[key] = this.add(out, tree[key], path === '' ? key : `${path}.${key}`, depth);
        }
        return this.bounded(out, path);
    }

    private add(out: Part, value: unknown, path: string, depth: number): unknown {
        const { copy, values, characters } = this.part(value, path, depth + 1);
        out.values += values;
        out.characters += characters;
        this.bounded(out, path);
        return copy;
    }

    private bounded(part: Part, path: string): Part {
        if (part.values > VALUES_MAX || part.characters > CHARACTERS_MAX)
            throw new NotPlain(path, `is where it gets too big (at most ${VALUES_MAX} values and ${CHARACTERS_MAX} characters)`);
        return part;
    }
}

/** A copy made of plain objects, lists, texts, numbers, dates, booleans, null and undefined only. Throws NotPlain. */
export function plainCopy(value: unknown): unknown {
    return new Copier().part(value, '', 0).copy;
}
