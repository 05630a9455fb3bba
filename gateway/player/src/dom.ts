/* Making elements without HTML text. Everything a page shows goes through here or through text.ts. */

export type Child = Node | string | null | undefined | false | Child[];

/** An attribute is set as written; `true` makes it empty, `false`, null and undefined leave it out. `onclick` and the like
 * take a function; `style` takes an object (a style attribute would be refused by the content security policy). */
export interface Attributes {
    [name: string]: string | number | boolean | null | undefined | ((event: never) => void) | { [property: string]: string };
}

/** h('p.lead', {id: 'x'}, 'text', h('b', 'bold')) */
export function h<K extends keyof HTMLElementTagNameMap>(
    tag: K | `${K}.${string}`, attributes?: Attributes | Child, ...children: Child[]
): HTMLElementTagNameMap[K] {
    const [name, ...classes] = tag.split('.') as [K, ...string[]];
    const element = document.createElement(name);
    if (classes.length) element.className = classes.join(' ');
    if (isAttributes(attributes)) setAttributes(element, attributes);
    else append(element, attributes as Child);
    for (const child of children) append(element, child);
    return element;
}

function isAttributes(x: unknown): x is Attributes {
    return typeof x === 'object' && x !== null && !(x instanceof Node) && !Array.isArray(x);
}

export function setAttributes(element: HTMLElement, attributes: Attributes): void {
    for (const [name, value] of Object.entries(attributes)) {
        if (value === null || value === undefined || value === false) continue;
        if (typeof value === 'function') element.addEventListener(name.replace(/^on/, ''), value as EventListener);
        else if (typeof value === 'object') setStyle(element, value);
        else element.setAttribute(name, value === true ? '' : String(value));
    }
}

/** Style properties by name, camel case or with hyphens; the content security policy allows this way only. */
export function setStyle(element: HTMLElement, style: { [property: string]: string }): void {
    for (const [property, value] of Object.entries(style)) {
        const name = property.replace(/[A-Z]/g, (letter) => '-' + letter.toLowerCase());
        element.style.setProperty(name, String(value));
    }
}

export function append(parent: Node, child: Child): void {
    if (child === null || child === undefined || child === false) return;
    if (Array.isArray(child)) for (const one of child) append(parent, one);
    else parent.appendChild(typeof child === 'string' ? document.createTextNode(child) : child);
}

export function show(element: HTMLElement, shown: boolean): void {
    element.hidden = !shown;
}

/** A button that looks disabled but can be pressed, to say what is missing. */
export function setLooksDisabled(button: HTMLButtonElement, disabled: boolean): void {
    button.classList.toggle('looks-disabled', disabled);
}
