/* Parameters: every string that names one becomes its value (section 5 of the language). */

import { Budget, copyOf, hasOwn, shuffle } from './values.js';
import { ProtocolError } from './types.js';
import type { RandomSource, Tree, Value } from './types.js';

/** One scope of `#UNIQ`: draws of the same name go on where the last one stopped. */
export class Substituter {
    private readonly rows = new Map<string, { list: Value[]; next: number }>();

    constructor(
        private readonly parameters: Value,
        private readonly random: RandomSource,
        private readonly budget: Budget,
    ) {}

    /** Edits the value in place, in key order. What is put in is not scanned again in this pass. */
    apply(holder: Value, depth = 0): void {
        if (typeof holder !== 'object' || holder === null)
            return;
        const tree = holder as Tree;
        for (const key of Object.keys(tree)) {
            this.budget.spend(depth);
            const value = tree[key];
            if (typeof value === 'string')
                tree[key] = this.replacement(value);
            else
                this.apply(value, depth + 1);
        }
    }

    private replacement(text: string): Value {
        if (hasOwn(this.parameters, text))
            return (this.parameters as Tree)[text];
        const hash = text.indexOf('#');
        if (hash < 0 || !hasOwn(this.parameters, text.slice(0, hash)))
            return text;
        return this.pick(text.slice(0, hash), text.slice(hash + 1));
    }

    private pick(name: string, selector: string): Value {
        const list = (this.parameters as Tree)[name];
        if (!Array.isArray(list))
            throw new ProtocolError('E-SELECTOR-NOT-LIST',
                `"${name}#${selector}" picks from a list, but the parameter "${name}" is not a list.`);
        if (selector !== '' && Number.isFinite(Number(selector)))
            return list[Math.round(Number(selector))];
        switch (selector) {
            case 'RAND':
                return list[Math.floor(this.random() * list.length)];
            case 'PERM':
                return shuffle(copyOf(list, this.budget), this.random);
            case 'UNIQ':
                return this.nextOf(name, list);
        }
        throw new ProtocolError('E-SELECTOR-UNKNOWN',
            `"${name}#${selector}": after # there may be a number, RAND, PERM or UNIQ.`);
    }

    private nextOf(name: string, list: Value[]): Value {
        let row = this.rows.get(name);
        if (!row) {
            row = { list: shuffle(copyOf(list, this.budget), this.random), next: 0 };
            this.rows.set(name, row);
        }
        return row.list[row.next++ % row.list.length];
    }
}
