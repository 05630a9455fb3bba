/* editor: the protocol's text area becomes an editor that shows what the checker says while one types. Without it the text area
 * does the same job, and saving tells the same. It lives in a shadow root, where CodeMirror uses constructed style sheets
 * instead of <style>, which our Content-Security-Policy refuses. */

import { json } from '@codemirror/lang-json';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, linter, lintGutter } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { basicSetup } from 'codemirror';
import { csrfToken } from './updates.js';

interface Finding {
    line: number;
    column: number;
    sentence: string;
    is_error: boolean;
}

const WAIT_MS = 500;

const look = EditorView.theme({
    '&': { fontSize: '0.92rem', height: 'max(24rem, calc(100vh - 17rem))' },
    '.cm-scroller': { fontFamily: 'ui-monospace, "SF Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace', lineHeight: '1.55' },
    '.cm-content': { caretColor: 'var(--ink)' },
    '.cm-cursor': { borderLeftColor: 'var(--ink)' },
    '&.cm-focused': { outline: 'none' },
    '.cm-gutters': { backgroundColor: 'var(--sunk)', color: 'var(--quiet)', borderRight: '1px solid var(--line)' },
    '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--brand-soft) 55%, transparent)' },
    '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': { backgroundColor: 'color-mix(in srgb, var(--brand) 28%, transparent) !important' },
    '.cm-tooltip': { backgroundColor: 'var(--card)', color: 'var(--ink)', border: '1px solid var(--line)' },
    '.cm-panels': { backgroundColor: 'var(--sunk)', color: 'var(--ink)' },
});

/* The page's own colours: they fit the dark as well. */
const colours = HighlightStyle.define([
    { tag: tags.propertyName, color: 'var(--brand)', fontWeight: '600' },
    { tag: tags.string, color: 'var(--plum)' },
    { tag: [tags.number, tags.bool, tags.null], color: 'var(--coral-strong)' },
    { tag: tags.invalid, color: 'var(--bad)', textDecoration: 'underline' },
]);

async function check(address: string, text: string): Promise<Finding[]> {
    const answer = await fetch(address, {
        method: 'POST', headers: { 'X-CSRFTOKEN': csrfToken(), Accept: 'application/json', 'Content-Type': 'application/json' },
        body: JSON.stringify({ structure: text }),
    }).catch(() => null);
    if (!answer?.ok) return [];
    const body = (await answer.json().catch(() => null)) as { findings?: Finding[] } | null;
    return body?.findings ?? [];
}

/** Line and column (in code points, from 1) as an offset of the document (in UTF-16 units). */
function offset(state: EditorState, finding: Finding): number {
    const line = state.doc.line(Math.min(Math.max(finding.line, 1), state.doc.lines));
    const before = [...line.text].slice(0, Math.max(finding.column - 1, 0)).join('');
    return Math.min(line.from + before.length, line.to);
}

function showList(findings: Finding[]): void {
    const list = document.getElementById('findings');
    if (!list) return;
    list.replaceChildren(...findings.map((finding) => {
        const item = document.createElement('li');
        const link = document.createElement('a');
        item.className = finding.is_error ? 'finding finding-error' : 'finding';
        link.href = '#id_structure';
        link.dataset['line'] = String(finding.line);
        link.dataset['column'] = String(finding.column);
        link.textContent = `line ${finding.line}, column ${finding.column}`;
        item.append(link, ` ${finding.sentence}`);
        return item;
    }));
    document.querySelector('[data-no-findings]')?.toggleAttribute('hidden', findings.length > 0);
}

function open(area: HTMLTextAreaElement): void {
    const host = document.createElement('div');
    const root = host.attachShadow({ mode: 'open' });
    const address = area.dataset['check'] ?? '';
    host.className = 'editor-host';
    area.after(host);
    area.hidden = true;
    const view = new EditorView({
        root, parent: root,
        state: EditorState.create({
            doc: area.value,
            extensions: [
                basicSetup, json(), look, syntaxHighlighting(colours), lintGutter(), EditorView.lineWrapping,
                EditorView.contentAttributes.of({ 'aria-label': 'Protocol, as JSON', spellcheck: 'false' }),
                EditorView.updateListener.of((update) => {
                    if (!update.docChanged) return;
                    area.value = update.state.doc.toString();
                    document.getElementById('error_structure')?.remove(); // it spoke of the text that was sent
                }),
                linter(async ({ state }): Promise<Diagnostic[]> => {
                    const findings = await check(address, state.doc.toString());
                    showList(findings);
                    return findings.map((finding) => {
                        const from = offset(state, finding);
                        return { from, to: Math.min(from + 1, state.doc.length), severity: finding.is_error ? 'error' : 'warning', message: finding.sentence };
                    });
                }, { delay: WAIT_MS }),
            ],
        }),
    });
    document.addEventListener('click', (event) => {
        const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[data-line]') : null;
        if (!link) return;
        event.preventDefault();
        const at = offset(view.state, { line: Number(link.dataset['line']), column: Number(link.dataset['column']), sentence: '', is_error: false });
        view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
        view.focus();
    });
}

for (const area of document.querySelectorAll<HTMLTextAreaElement>('textarea[data-editor]')) open(area);
