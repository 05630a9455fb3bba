/* Researchers' text: formatted text and text blocks (frames.md 8), colours, media elements.
 *
 * HTML in a protocol is kept as far as it is text, links, pictures, sound, film and inline style. Scripts, event
 * handlers, forms and frames are left out: a study shows things, its page is not programmed through its texts. */

import { append, h, setStyle, type Child } from './dom.js';
import type { MediaSource, TextBlock } from './frame.js';

const KEPT = new Set(
    ('a abbr article aside audio b bdi bdo blockquote br caption center cite code col colgroup dd del details dfn div dl dt ' +
     'em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p picture pre q rp rt ' +
     'ruby s samp section small source span strike strong sub summary sup table tbody td tfoot th thead time tr track tt u ' +
     'ul var video wbr').split(' '));
const DROPPED_WHOLE = new Set('script style iframe object embed template noscript form link meta base svg math'.split(' '));
const KEPT_ATTRIBUTES = new Set(
    ('align alt autoplay border class color colspan controls dir face height href id kind label lang loop muted open poster ' +
     'preload rel reversed role rowspan size span src srclang srcset start target title type valign value width').split(' '));
const DEPTH_MAX = 64;

/** Formatted text as nodes: lists are joined by an empty line, line breaks kept, tabs four wide, HTML cleaned. */
export function format(text: unknown): DocumentFragment {
    const whole = Array.isArray(text) ? text.join('\n\n') : text === undefined || text === null ? '' : String(text);
    const html = whole.replace(/\r\n|\r|\n/g, '<br>').replace(/\t/g, '\u00a0\u00a0\u00a0\u00a0');
    return clean(html);
}

/** The nodes that HTML text stands for, without what could run. */
export function clean(html: string): DocumentFragment {
    const parsed = new DOMParser().parseFromString(html, 'text/html');
    const out = document.createDocumentFragment();
    for (const node of parsed.body.childNodes) copy(node, out, 0);
    return out;
}

function copy(node: Node, into: Node, depth: number): void {
    if (node.nodeType === Node.TEXT_NODE) {
        into.appendChild(document.createTextNode(node.textContent ?? ''));
        return;
    }
    if (!(node instanceof Element) && node.nodeType !== Node.ELEMENT_NODE) return;
    const element = node as Element;
    const tag = element.tagName.toLowerCase();
    if (DROPPED_WHOLE.has(tag) || depth > DEPTH_MAX) return;
    let made = into;
    if (KEPT.has(tag)) {
        const copied = document.createElement(tag);
        for (const { name, value } of element.attributes) copyAttribute(copied, name.toLowerCase(), value);
        into.appendChild(copied);
        made = copied;
    }
    for (const child of element.childNodes) copy(child, made, depth + 1);
}

function copyAttribute(element: HTMLElement, name: string, value: string): void {
    if (name === 'style') element.style.cssText = value;
    else if (name === 'href' || name === 'src' || name === 'poster') {
        if (isHarmlessAddress(value, element)) element.setAttribute(name, value);
        if (name === 'href' && !element.hasAttribute('target')) element.setAttribute('target', '_blank');
        if (name === 'href') element.setAttribute('rel', 'noopener');
    } else if (name === 'target') element.setAttribute(name, '_blank'); /* leaving the page would end the session */
    else if (KEPT_ATTRIBUTES.has(name) || name.startsWith('aria-') || name.startsWith('data-')) element.setAttribute(name, value);
}

function isHarmlessAddress(value: string, element: HTMLElement): boolean {
    const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(value.replace(/[\u0000-\u0020]/g, ''))?.[1]?.toLowerCase();
    if (!scheme || ['http', 'https', 'blob'].includes(scheme)) return true;
    if (element.tagName === 'A') return ['mailto', 'tel'].includes(scheme);
    return scheme === 'data' && /^\s*data:(image|audio|video)\//i.test(value);
}

/** Title, text, picture, list: in this order. */
export function textBlock(block: TextBlock | undefined | null): HTMLElement {
    const out = h('div.text-block');
    if (!block) return out;
    if (block.title) append(out, h('h2.text-block-title', block.title));
    if (block.text !== undefined && block.text !== '') append(out, h(block.emph ? 'p.emph' : 'p', format(block.text)));
    if (block.image?.src) append(out, h('img.text-block-image', { src: block.image.src, alt: block.image.alt ?? '' }));
    if (Array.isArray(block.listblocks) && block.listblocks.length) append(out, listOf(block.listblocks, 0));
    if (block.css && typeof block.css === 'object') setStyle(out, block.css);
    return out;
}

function listOf(blocks: TextBlock[], depth: number): HTMLElement {
    const items = blocks.map((block): Child => {
        const { listblocks, ...own } = block;
        const item = h('li', textBlock(own));
        if (Array.isArray(listblocks) && depth < DEPTH_MAX) append(item, listOf(listblocks, depth + 1));
        return item;
    });
    return h('ul', items);
}

export function textBlocks(blocks: unknown): HTMLElement[] {
    return Array.isArray(blocks) ? blocks.map((block) => textBlock(block as TextBlock)) : [];
}

/** <audio> or <video> over a list of sources. Not started. */
export function media(tag: 'audio' | 'video', sources: readonly MediaSource[], attributes: { [name: string]: string | boolean } = {}): HTMLMediaElement {
    const element = h(tag, { preload: 'auto', playsinline: tag === 'video', ...attributes });
    for (const { src, type } of sources) append(element, h('source', { src, type }));
    return element;
}

/** The researcher's colour if the browser knows it, else the fallback with a warning in the console. */
export function colour(value: unknown, fallback: string, parameter: string): string {
    if (typeof value === 'string' && CSS.supports('color', value)) return value;
    if (value !== undefined && value !== '') console.warn(`Invalid colour for ${parameter}: ${String(value)}`);
    return fallback;
}

/** White on dark, black on light: white where R+G+B of the background is at most 384. */
export function textColourOn(background: string): 'white' | 'black' {
    const canvas = document.createElement('canvas').getContext('2d');
    if (!canvas) return 'black';
    canvas.fillStyle = background;
    canvas.fillRect(0, 0, 1, 1);
    const [r = 255, g = 255, b = 255] = canvas.getImageData(0, 0, 1, 1).data;
    return r + g + b <= 384 ? 'white' : 'black';
}
