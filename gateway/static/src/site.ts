/* site: small comforts on top of pages that work without it. Nothing here is needed to reach a goal. */

import { ageSentence } from './age.js';
import { watchConditions } from './conditions.js';
import { askFirst, showVideo } from './dialogs.js';
import { watchUpdates } from './updates.js';

/** The link that leads to this very page. */
function markCurrent(): void {
    for (const link of document.querySelectorAll<HTMLAnchorElement>('a.site-nav-link, nav.tabs a:not([aria-current])')) {
        if (link.pathname === location.pathname && !link.search) link.setAttribute('aria-current', 'page');
    }
}

/** Moments in the reader's own time zone and language. */
function localTimes(): void {
    const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' });
    for (const time of document.querySelectorAll<HTMLTimeElement>('time[data-local]')) {
        const moment = new Date(time.dateTime);
        if (!Number.isNaN(moment.getTime())) time.textContent = format.format(moment);
    }
}

/** Filters show their result as soon as a choice is made; typing is sent with Enter. */
function autoSubmit(): void {
    for (const form of document.querySelectorAll<HTMLFormElement>('form[data-autosubmit]')) {
        form.addEventListener('change', (event) => {
            if (event.target instanceof HTMLSelectElement || (event.target instanceof HTMLInputElement && event.target.type === 'checkbox')) {
                form.requestSubmit();
            }
        });
    }
}

function copyButtons(): void {
    for (const input of document.querySelectorAll<HTMLInputElement>('input[data-copy]')) {
        const button = document.createElement('button');
        button.type = 'button';
        button.className = 'btn btn-outline-secondary btn-sm';
        button.textContent = 'Copy';
        button.addEventListener('click', () => {
            void navigator.clipboard.writeText(input.value).then(() => {
                button.textContent = 'Copied';
                setTimeout(() => (button.textContent = 'Copy'), 2000);
            }, () => input.select());
        });
        input.after(button);
    }
}

/** "6 months old" beside the three selects of a birthday. */
function ageHint(): void {
    const hint = document.querySelector<HTMLElement>('[data-age]');
    const selects = ['year', 'month', 'day'].map((part) => document.getElementById(`id_birthday_${part}`));
    if (!hint || !selects.every((select) => select instanceof HTMLSelectElement)) return;
    const show = (): void => {
        const [year, month, day] = (selects as HTMLSelectElement[]).map((select) => Number(select.value));
        hint.textContent = ageSentence(year ?? 0, month ?? 0, day ?? 0, new Date(), hint.dataset);
    };
    for (const select of selects) select.addEventListener('change', show);
    show();
}

markCurrent();
localTimes();
autoSubmit();
copyButtons();
ageHint();
watchConditions();
watchUpdates();
askFirst();
showVideo();
document.querySelector<HTMLElement>('[data-focus]')?.focus();
