/* What researchers' functions are given as `child` and as the elements of `pastSessions` (section 8.2): values are read
 * with .get('name'); reading the property itself works too. */

import type { Accessor } from './types.js';

class Record {
    constructor(fields: { readonly [name: string]: unknown }) {
        for (const [name, value] of Object.entries(fields))
            Object.defineProperty(this, name, { value, enumerable: true });
    }

    get(name: string): unknown {
        return Object.hasOwn(this, name) ? (this as unknown as Accessor)[name] : undefined;
    }
}

/** A record that cannot be changed, over these fields. */
export function recordOf(fields: { readonly [name: string]: unknown }): Accessor {
    return new Record(fields) as unknown as Accessor;
}

/** "given_name" to "givenName". */
function camel(name: string): string {
    return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/* hash_child_id keeps its name in the language. */
function fieldsOf(id: string, attributes: { readonly [name: string]: unknown }, dates: readonly string[]): { [name: string]: unknown } {
    const fields: { [name: string]: unknown } = { id };
    for (const [name, value] of Object.entries(attributes)) {
        const field = name === 'hash_child_id' ? name : camel(name);
        fields[field] = dates.includes(name) && typeof value === 'string' ? new Date(value) : value;
    }
    return fields;
}

/** From the JSON:API resource of a child. */
export function childRecord(id: string, attributes: { readonly [name: string]: unknown }): Accessor {
    return recordOf(fieldsOf(id, attributes, ['birthday']));
}

/** From the JSON:API resource of a response. */
export function sessionRecord(id: string, attributes: { readonly [name: string]: unknown }): Accessor {
    return recordOf(fieldsOf(id, attributes, ['created_on']));
}
