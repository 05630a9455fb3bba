/* Questions before something that cannot be undone, and videos without leaving the page. */

function button(text: string, className: string, value: string): HTMLButtonElement {
    const b = document.createElement('button');
    b.className = className;
    b.value = value;
    b.textContent = text;
    return b;
}

export function askFirst(): void {
    document.addEventListener('click', (event) => {
        const asked = event.target instanceof Element ? event.target.closest<HTMLButtonElement>('button[data-confirm]') : null;
        if (!asked || asked.dataset['isSure']) return;
        event.preventDefault();
        const dialog = document.createElement('dialog');
        const form = document.createElement('form');
        const text = document.createElement('p');
        const row = document.createElement('div');
        form.method = 'dialog';
        text.textContent = asked.dataset['confirm'] ?? '';
        row.className = 'actions';
        row.append(button(asked.textContent?.trim() ?? 'OK', asked.className, 'yes'), button(document.body.dataset['cancel'] ?? 'Cancel', 'btn btn-link', 'no'));
        form.append(text, row);
        dialog.append(form);
        document.body.append(dialog);
        dialog.addEventListener('close', () => {
            dialog.remove();
            if (dialog.returnValue !== 'yes') return;
            asked.dataset['isSure'] = '1';
            asked.click();
            delete asked.dataset['isSure'];
        });
        dialog.showModal();
    });
}

export function showVideo(): void {
    document.addEventListener('click', (event) => {
        const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[data-video]') : null;
        if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        const dialog = document.createElement('dialog');
        const video = document.createElement('video');
        const form = document.createElement('form');
        dialog.className = 'is-video';
        dialog.setAttribute('aria-label', link.textContent ?? '');
        video.src = link.href;
        video.controls = true;
        video.autoplay = true;
        form.method = 'dialog';
        form.className = 'actions mt-3';
        form.append(button(document.body.dataset['close'] ?? 'Close', 'btn btn-outline-secondary btn-sm', ''));
        dialog.append(video, form);
        document.body.append(dialog);
        dialog.addEventListener('close', () => dialog.remove());
        dialog.showModal();
    });
}
