/* A form made from a description of its questions (frames.md 20). */

import { h } from '../dom.js';
import { Language, LANGUAGES } from '../language.js';
import type { CommonParams, FrameKind } from '../frame.js';
import { navigation, page } from '../parts.js';
import { SurveyForm } from '../survey/form.js';
import { earlierAnswers, planForm, tree } from '../survey/plan.js';
import { format } from '../text.js';

interface Params extends CommonParams {
    showPreviousButton: boolean;
    nextButtonText: string;
    formSchema?: unknown;
}

export const expLookitSurvey: FrameKind<Params> = {
    kind: 'exp-lookit-survey',
    mount(frame) {
        const { params, session, language, signal } = frame;
        if (Object.keys(tree(params.formSchema)).length === 0) throw new Error(`${frame.id} has no "formSchema": there is nothing to ask.`);
        const plan = planForm(params.formSchema);
        const messages = languageOf(plan.locale, language);
        const form = new SurveyForm(plan, {
            signal, required: language.t('this-field-is-required'), t: (key, values) => messages.t(`exp-lookit-survey.${key}`, values),
        });
        const earlier = earlierAnswers(session.expData, frame.index);
        form.write(earlier ?? plan.data, earlier === null);
        let formData: { [name: string]: unknown } | null = null;
        const { bar } = navigation(frame, {
            previous: params.showPreviousButton,
            next: h('span', format(params.nextButtonText)),
            onNext: () => {
                if (!form.check()) return;
                formData = form.read();
                void frame.next();
            },
        });
        page(frame.root, form.element, bar);
        return { data: () => ({ formSchema: params.formSchema, formData }) };
    },
};

/* "ja_JP" of the form's view, where this player speaks it; else the study's own language. */
function languageOf(locale: string, own: Language): Language {
    const wanted = locale.toLowerCase().replace('_', '-');
    const code = LANGUAGES.find((one) => one === wanted) ?? LANGUAGES.find((one) => one === wanted.split('-')[0]);
    if (!code) return own;
    const language = new Language();
    language.choose(code);
    return language;
}
