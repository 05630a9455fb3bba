/* Consent documents (frames.md 13.1): which sections a template has, in which order. The sentences are in locale/, sections
 * consent, consent-5 and consent-garden; what a researcher writes comes from the parameters. */

import { h } from './dom.js';
import type { CommonParams, StudyRecord } from './frame.js';
import type { Arguments, Language } from './language.js';
import { format } from './text.js';

export interface ConsentParams extends CommonParams {
    template: string;
    PIName?: string;
    institution?: string;
    PIContact?: string;
    prompt_only_adults: boolean;
    private_level_only: boolean;
    gdpr: boolean;
    include_databrary: boolean;
    omit_injury_phrase: boolean;
    include_duration_in_procedures: boolean;
    data_collection_omit_video: boolean;
    include_irb_contact_statement: boolean;
    additional_segments: { title: string; text: string }[];
    [text: string]: unknown;
}

type Paragraph = string | DocumentFragment | undefined;

/** Collects sections. A paragraph that is empty is left out; a section without any is left out. */
class Form {
    readonly element = h('article.consent-document', { id: 'consent-form-text', tabindex: '0' });

    title(text: string): void {
        this.element.append(h('h1', text));
    }

    section(heading: string, ...paragraphs: Paragraph[]): void {
        const shown = paragraphs.filter((one) => one !== undefined && (typeof one === 'string' ? one !== '' : one.childNodes.length > 0));
        if (shown.length === 0) return;
        if (heading) this.element.append(h('h2', heading));
        this.element.append(...shown.map((one) => h('p', one)));
    }

    list(lead: string, items: string[]): void {
        this.element.append(h('p', lead), h('ul', items.map((item) => h('li', item))));
    }
}

/** The document, or an empty one (with a console warning) for a template that does not exist. */
export function consentDocument(params: ConsentParams, study: StudyRecord, language: Language): HTMLElement {
    const form = new Form();
    const values: Arguments = {
        name: params.PIName ?? '', institution: params.institution ?? '', contact: params.PIContact ?? '',
        study: study.name, duration: study.duration,
    };
    if (/^consent_00[1-4]$/.test(params.template)) plainTemplate(form, params, values, language);
    else if (params.template === 'consent_005') template005(form, params, values, language);
    else if (params.template === 'consent_garden') garden(form, params, values, language);
    else console.warn(`Invalid: there is no consent template "${params.template}"`);
    return form.element;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const rich = (value: unknown): Paragraph => (value === undefined || value === '' ? undefined : format(value));

/* Templates 001 to 004 grew from each other. */
function plainTemplate(form: Form, params: ConsentParams, values: Arguments, language: Language): void {
    const n = Number(params.template.slice(-1));
    const t = (key: string): string => language.t(`consent.${key}`, values);
    form.title(t(n === 1 ? 'title-001' : 'title'));
    form.section('', t('intro'));
    form.section(t('purpose-header'), text(params['purpose']));
    form.section(t('procedures-header'), t('duration'), text(params['procedures']));
    form.section(t('participation-header'), t('participation'));
    form.section(t(n < 3 ? 'payment-header' : 'benefits-payment-header'), text(params['payment']));
    const collected = [t('data-collection-1'), t('data-collection-2'), t('data-collection-3')];
    if (n === 4) collected.splice(1, 2, t('data-collection-withdraw'), t('data-collection-see'), t('data-collection-3'));
    form.section(t('data-collection-header'), ...collected, n < 3 ? undefined : t('data-collection-past'));
    form.section(t('data-use-researchers-header'), t('data-use-researchers'), text(params['datause']));
    form.section(t('data-use-platform-header'), t('data-use-platform'));
    form.section(t('publication-header'), t('publication'));
    for (const { title, text: body } of params.additional_segments) form.section(title, rich(body));
    if (n > 1) rightsAndGdpr(form, params, t, text);
    form.section(t('contact-header'), t('contact-1'), t('contact-2'));
}

function rightsAndGdpr(form: Form, params: ConsentParams, t: (key: string) => string, read: (value: unknown) => Paragraph): void {
    form.section(t('rights-header'), read(params['research_rights_statement']));
    if (!params.gdpr) return;
    const personal = read(params['gdpr_personal_data']), sensitive = read(params['gdpr_sensitive_data']);
    form.section(t('gdpr-header'), personal && t('gdpr-personal'), personal, sensitive && t('gdpr-sensitive'), sensitive, t('gdpr-transfer'));
}

function template005(form: Form, params: ConsentParams, values: Arguments, language: Language): void {
    const all: Arguments = {
        ...values, adult: params.prompt_only_adults, private: params.private_level_only, injury: !params.omit_injury_phrase,
    };
    const t = (key: string): string => language.t(`consent-5.${key}`, all);
    const shared = (key: string): string => language.t(`consent.${key}`, all);
    const heading = (name: string): string => text(params[`${name}_header`]) || t(`${name}-header`);
    form.title(t('title'));
    form.section('', t('intro'), rich(params['summary_statement']));
    form.section(heading('purpose'), rich(params['purpose']));
    form.section(heading('procedures'), t('duration'), rich(params['procedures']));
    form.section(heading('participation'), t('participation'), rich(params['voluntary_participation']));
    form.section(heading('risk'), rich(params['risk_statement']));
    form.section(heading('benefits'), rich(params['payment']));
    form.section(t('data-collection-header'), t('data-collection-1'), t('data-collection-2'));
    form.section(t('video-privacy-header'), t('video-privacy-consent'), t('video-privacy-overview'));
    form.list('', (params.private_level_only ? ['private'] : ['private', 'scientific', 'public']).map((level) => t(`video-privacy-${level}`)));
    form.section('', t('video-privacy-withdraw'), params.include_databrary ? t('databrary') : undefined, rich(params['additional_video_privacy_statement']));
    form.section(t('data-use-researchers-header'), t('data-use-researchers'));
    form.list('', [1, 2, 3].map((i) => t(`data-use-researchers-${i}`)));
    form.section('', rich(params['datause']));
    form.section(t('data-use-platform-header'), t('data-use-platform'));
    form.section(t('publication-header'), t('publication'));
    for (const { title, text: body } of params.additional_segments) form.section(title, rich(body));
    rightsAndGdpr(form, params, shared, rich);
    form.section(t('contact-header'), t('contact-1'), t('contact-2'));
}

function garden(form: Form, params: ConsentParams, values: Arguments, language: Language): void {
    const all: Arguments = {
        ...values, lab: text(params['lab']), description: text(params['study_info_description']), learn: text(params['data_sharing_learn']),
        irb: text(params['irb_contact']), irbMayContact: params.include_irb_contact_statement, omitVideo: params.data_collection_omit_video,
    };
    const t = (key: string): string => language.t(`consent-garden.${key}`, all);
    const heading = (name: string): string => text(params[`${name}_header`]) || t(`${name}-header`);
    const standard = (name: string): Paragraph => rich(params[`${name}_content`]) ?? t(`${name}-content`);
    form.title(text(params['header']) || t('header'));
    form.section('', rich(params['intro_sentence']) ?? t('intro'), rich(params['summary_statement']));
    for (const name of ['overview', 'study_info']) form.section(heading(name), standard(name));
    form.section(heading('purpose'), rich(params['purpose_content']));
    form.section(heading('eligibility'), rich(params['eligibility_content']));
    form.section(heading('procedures'),
        params.include_duration_in_procedures ? rich(params['duration_statement']) ?? t('duration') : undefined, rich(params['procedures_content']));
    form.section(heading('payment'), standard('payment'));
    form.section(heading('benefits'), rich(params['benefits_content']));
    const risk = rich(params['risk_content']);
    form.section(heading('risk'), ...(risk ? [risk] : [
        t('risk-1'), rich(params['risk_content_additional']), t('risk-2'), rich(params['risk_content_discontinue_options']),
        rich(params['risk_content_breach_of_confidentiality']), t('risk-3'),
    ]));
    for (const name of ['data_collection', 'data_use', 'data_access', 'data_management', 'data_sharing']) form.section(heading(name), standard(name));
    form.section(heading('research_rights_irb'), standard('research_rights_irb'), rich(params['irb_extra']));
    for (const name of ['lookit_info', 'voluntary_participation']) form.section(heading(name), standard(name));
    form.section(heading('video_sharing'), rich(params['video_sharing_consent']) ?? t('video_sharing-consent'),
        ...sharing(params, t), rich(params['additional_video_privacy_statement']));
    if (params.include_databrary) form.section(heading('databrary'), standard('databrary'));
    for (const { title, text: body } of params.additional_segments) form.section(title, rich(body));
    form.section(heading('contact'), standard('contact'));
}

function sharing(params: ConsentParams, t: (key: string) => string): Paragraph[] {
    if (params.data_collection_omit_video) return [];
    const own = rich(params['video_sharing_study']);
    if (own) return [own];
    if (params.private_level_only) return [t('video_sharing-private')];
    return [t('video_sharing-all-1'), params.include_databrary ? t('video_sharing-databrary') : undefined, t('video_sharing-all-2')];
}
