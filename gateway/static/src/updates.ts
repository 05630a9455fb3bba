/* Values that are saved as soon as they change: payment, session status, star of a response (web-labs.md §15.3). */

export function csrfToken(): string {
    return /(?:^|;\s*)csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? '';
}

export function watchUpdates(): void {
    for (const group of document.querySelectorAll<HTMLElement>('[data-update]')) {
        const said = group.querySelector<HTMLElement>('[data-update-said]');
        for (const input of group.querySelectorAll<HTMLInputElement | HTMLSelectElement>('[data-update-field]')) {
            if (group.dataset['isLocked'] === undefined) input.disabled = false;
            input.addEventListener('change', () => void save(group, input, said));
        }
    }
}

async function save(group: HTMLElement, input: HTMLInputElement | HTMLSelectElement, said: HTMLElement | null): Promise<void> {
    const value = input instanceof HTMLInputElement && input.type === 'checkbox' ? input.checked : input.value;
    const body = JSON.stringify({ responseId: Number(group.dataset['response']), field: input.dataset['updateField'], value });
    const answer = await fetch(group.dataset['update'] ?? '', {
        method: 'POST', body, headers: { 'Content-Type': 'application/json', 'X-CSRFTOKEN': csrfToken() },
    }).catch(() => null);
    if (said) said.textContent = answer?.ok ? 'saved' : 'not saved: the page is loaded again';
    if (!answer?.ok) setTimeout(() => location.reload(), 1500);
}
