/* The last page: how the recordings may be used, withdrawal, and then what the study was about (frames.md 34). The answers
 * are saved when they are given, so that nothing is lost if the family closes the second page. */

import { append, h, show, type Child } from '../dom.js';
import type { CommonParams, FrameBody, FrameContext, FrameKind, TextBlock } from '../frame.js';
import { page } from '../parts.js';
import { format, textBlock, textBlocks } from '../text.js';

interface Debriefing extends TextBlock {
    blocks?: TextBlock[];
}

interface Params extends CommonParams {
    debriefing?: Debriefing;
    showShareButton: boolean;
    additionalVideoPrivacyText: string;
    privateLevelOnly: boolean;
    showDatabraryOptions: boolean;
    includeWithdrawalExample: boolean;
}
type Context = FrameContext<Params>;

interface Answers {
    birthDate?: string;
    databraryShare?: string;
    useOfMedia?: string;
    withdrawal: boolean;
    feedback: string;
}

const FEEDBACK_MAX = 10_000;

export const expLookitExitSurvey: FrameKind<Params> = {
    kind: 'exp-lookit-exit-survey',
    mount: (frame) => new ExitSurvey(frame),
};

/** The day that was chosen, at midnight UTC: its first ten characters are that day wherever it is read. */
export function birthDateSaved(day: string): string | undefined {
    return /^\d{4}-\d{2}-\d{2}$/.test(day) ? `${day}T00:00:00.000Z` : undefined;
}

/** This day here, as a date field writes it. */
export function dayHere(now: Date): string {
    const two = (n: number): string => String(n).padStart(2, '0');
    return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** One question: what is missing is said in its own place. */
interface Question {
    element: HTMLElement;
    isMissing: () => boolean;
    warning: HTMLElement;
    focus: () => void;
}

class ExitSurvey implements FrameBody {
    readonly #frame: Context;
    readonly #t: (key: string) => string;
    readonly #answers: Answers;
    readonly #questions: Question[] = [];
    readonly #aboutVideo = h('div.exit-video');
    readonly #submit: HTMLButtonElement;
    readonly #withdraw = h('input', { type: 'checkbox', id: 'withdrawal' });
    readonly #private = h('span');

    constructor(frame: Context) {
        this.#frame = frame;
        const { name, contact_info } = frame.session.study;
        this.#t = (key) => frame.language.t(`exp-lookit-exit-survey.${key}`, {
            name, contact: contact_info, include_example: frame.params.includeWithdrawalExample, shared: this.#answers?.databraryShare === 'yes',
        });
        const { showDatabraryOptions, privateLevelOnly } = frame.params;
        this.#answers = {
            ...(showDatabraryOptions ? {} : { databraryShare: 'NA' }),
            ...(privateLevelOnly ? { useOfMedia: 'private' } : {}),
            withdrawal: false, feedback: '',
        };
        this.#submit = h('button.btn.btn-primary.btn-lg', { type: 'button', id: 'nextbutton' }, frame.language.t('Submit'));
        frame.listen(this.#submit, 'click', () => void this.#trySubmit());
        this.#askQuestions();
    }

    data(): { [name: string]: unknown } {
        return { ...this.#answers };
    }

    /* ---- the first page ---- */

    #askQuestions(): void {
        const { params, root } = this.#frame;
        const t = this.#t;
        const birthDate = this.#birthDate();
        if (params.showDatabraryOptions)
            append(this.#aboutVideo, this.#choice('databraryShare', t('q-databrary'), h('p', this.#html('databrary-info')), [
                ['yes', h('strong', this.#frame.language.t('Yes'))], ['no', h('strong', this.#frame.language.t('No'))],
            ]));
        const levels: [string, Child][] = [['private', [this.#html('private-option'), ' ', this.#private]]];
        if (!params.privateLevelOnly) levels.push(['scientific', this.#html('scientific-option')], ['public', this.#html('publicity-option')]);
        append(this.#aboutVideo, this.#choice('useOfMedia', t('acceptable-use-header'), null, levels));
        this.#explainPrivate();
        page(root, [
            h('h1', t('title')), h('p.lead', t('intro')), birthDate,
            params.additionalVideoPrivacyText && h('p.exit-privacy', format(params.additionalVideoPrivacyText)),
            this.#aboutVideo, this.#withdrawal(), this.#feedback(),
        ], h('nav.frame-navigation', this.#submit));
    }

    #html(key: string): DocumentFragment {
        return this.#frame.language.html(`exp-lookit-exit-survey.${key}`);
    }

    #birthDate(): HTMLElement {
        const t = this.#t;
        const today = dayHere(new Date());
        const input = h('input.form-control', { type: 'date', id: 'birthdate', max: today, required: true, 'aria-describedby': 'birthdate-why birthdate-warning' });
        const warning = h('p.warning', { role: 'alert', id: 'birthdate-warning', hidden: true });
        const trouble = (): string | null => input.value === '' ? this.#frame.language.t('this-field-is-required') : input.value > today ? t('birthdate-future') : null;
        this.#frame.listen(input, 'input', () => {
            const birthDate = trouble() === null ? birthDateSaved(input.value) : undefined;
            if (birthDate) this.#answers.birthDate = birthDate;
            else delete this.#answers.birthDate;
            if (birthDate) show(warning, false);
        });
        this.#questions.push({
            element: input, warning, focus: () => input.focus(),
            isMissing: () => {
                const sentence = trouble();
                if (sentence) warning.textContent = sentence;
                return sentence !== null;
            },
        });
        return h('section.card.question', h('h2', h('label', { for: 'birthdate' }, t('confirm-birthdate'))),
            h('p.helper', { id: 'birthdate-why' }, t('why-birthdate')), input, warning);
    }

    #choice(field: 'databraryShare' | 'useOfMedia', title: string, explanation: Child, options: [string, Child][]): HTMLElement {
        const { language } = this.#frame;
        const warning = h('p.warning', { role: 'alert', id: `${field}-warning`, hidden: true }, language.t('this-field-is-required'));
        const inputs = options.map(([value]) => h('input', { type: 'radio', name: field, value, id: `${field}-${value}`, checked: this.#answers[field] === value }));
        for (const input of inputs)
            this.#frame.listen(input, 'change', () => {
                this.#answers[field] = input.value;
                show(warning, false);
                this.#explainPrivate();
            });
        const element = h('fieldset.card.question', { 'aria-describedby': warning.id }, h('legend', h('h2', title)), explanation,
            inputs.map((input, i) => h('label.choice', input, h('span', options[i]?.[1]))), warning);
        this.#questions.push({
            element, warning, focus: () => inputs[0]?.focus(),
            isMissing: () => !this.#answers.withdrawal && this.#answers[field] === undefined,
        });
        return element;
    }

    /* Who can see a private recording depends on whether it also goes to Databrary. */
    #explainPrivate(): void {
        this.#private.textContent = this.#t('private-option-list');
    }

    #withdrawal(): HTMLElement {
        const t = this.#t;
        this.#frame.listen(this.#withdraw, 'change', () => this.#setWithdrawal(this.#withdraw.checked));
        return h('section.card.question',
            h('h2', t('withdrawal-title')), h('p', { id: 'withdrawal-details' }, t('withdrawal-details')),
            h('label.choice', this.#withdraw, h('span', t('withdrawal-header'))));
    }

    #setWithdrawal(isWanted: boolean): void {
        this.#answers.withdrawal = isWanted;
        this.#withdraw.checked = isWanted;
        for (const one of this.#aboutVideo.querySelectorAll('fieldset')) one.disabled = isWanted;
        if (isWanted) for (const { element, warning } of this.#questions) if (this.#aboutVideo.contains(element)) show(warning, false);
    }

    #feedback(): HTMLElement {
        const text = h('textarea.form-control', { id: 'feedback', rows: 4, maxlength: FEEDBACK_MAX });
        this.#frame.listen(text, 'input', () => {
            this.#answers.feedback = text.value;
        });
        return h('section.card.question', h('h2', h('label', { for: 'feedback' }, this.#t('feedback-label'))), text);
    }

    /* ---- sending it ---- */

    async #trySubmit(): Promise<void> {
        const missing = this.#questions.filter((question) => {
            const isMissing = question.isMissing();
            show(question.warning, isMissing);
            return isMissing;
        });
        if (missing.length) {
            missing[0]?.element.scrollIntoView({ block: 'center' });
            missing[0]?.focus();
            return;
        }
        if (this.#answers.withdrawal && !await this.#confirmWithdrawal()) {
            this.#setWithdrawal(false);
            return;
        }
        this.#submit.disabled = true;
        this.#frame.flag({ completed: true });
        try {
            await this.#frame.save();
            if (!this.#frame.signal.aborted) this.#debrief();
        } catch (error) {
            console.error('the last answers could not be saved', error);
            this.#frame.say(this.#t('save-trouble'));
            this.#submit.disabled = false;
        }
    }

    /* True: they want it. Closing the question in any other way means no. */
    #confirmWithdrawal(): Promise<boolean> {
        return new Promise((resolve) => {
            const { language, root } = this.#frame;
            const dialog = h('dialog.question-dialog', { 'aria-labelledby': 'withdrawal-confirmation' });
            const cancel = h('button.btn.btn-outline-secondary', { type: 'button', id: 'withdraw-cancel', onclick: () => dialog.close() }, language.t('Cancel'));
            const go = h('button.btn.btn-danger', { type: 'button', id: 'withdraw-confirm', onclick: () => dialog.close('withdraw') }, this.#t('Withdraw'));
            append(dialog, [h('p', { id: 'withdrawal-confirmation' }, this.#t('withdrawal-confirmation')), h('div.buttons', cancel, go)]);
            dialog.addEventListener('close', () => {
                dialog.remove();
                resolve(dialog.returnValue === 'withdraw');
            });
            append(root, dialog);
            dialog.showModal();
            cancel.focus();
        });
    }

    /* ---- the second page ---- */

    #debrief(): void {
        const { params, language, root, session } = this.#frame;
        const debriefing = params.debriefing ?? { title: this.#t('thank-you') };
        const exit = h('button.btn.btn-primary.btn-lg', { type: 'button', id: 'nextbutton' }, language.t('Exit'));
        this.#frame.listen(exit, 'click', () => void this.#frame.next());
        const { title, text, image, blocks } = debriefing;
        const address = `https://www.facebook.com/sharer/sharer.php?u=${encodeURIComponent(session.study.page)}`;
        const share = h('a.btn.btn-outline-secondary', { href: address, target: '_blank', rel: 'noopener noreferrer', id: 'sharebutton' }, this.#t('facebook-share'));
        root.replaceChildren();
        const heading = title ? h('h1', { tabindex: -1 }, title) : null;
        page(root, [
            heading,
            image?.src && textBlock({ image }),
            text && textBlock({ text }),
            textBlocks(blocks),
            params.showShareButton && h('p.exit-share', this.#t('share-intro'), ' ', share),
        ], h('nav.frame-navigation', exit));
        globalThis.scrollTo(0, 0);
        heading?.focus({ preventScroll: true });
    }
}
