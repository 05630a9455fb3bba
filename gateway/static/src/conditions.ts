/* Fields that only make sense after certain answers: hidden and emptied otherwise (web-families.md §5). The server takes them
 * anyway, so a page without scripts simply shows them all. */

type Test = (value: (name: string) => string[]) => boolean;

const is = (name: string, ...wanted: string[]): Test => (value) => value(name).some((one) => wanted.includes(one));

const RULES: { [field: string]: Test } = {
    gender_self_describe: is('gender', 'o'),
    child_birthdays: (value) => !['', '0'].includes(value('number_of_children')[0] ?? ''),
    guardians_explanation: is('number_of_guardians', 'varies'),
    us_race_ethnicity_identification: is('country', 'US'),
    us_race_ethnicity_identification_describe: (value) =>
        value('country').includes('US') && value('us_race_ethnicity_identification').includes('other'),
    state: is('country', 'US'),
    education_level: is('country', 'US'),
    annual_income: is('country', 'US'),
};
/* A form without the field that decides (only the demographic survey has `country`) leaves the field alone. */
const DECIDES: { [field: string]: string } = {
    gender_self_describe: 'gender', child_birthdays: 'number_of_children', guardians_explanation: 'number_of_guardians',
};

export function watchConditions(): void {
    for (const form of document.querySelectorAll<HTMLFormElement>('form[method="post"]')) {
        const fields = Object.keys(RULES).filter((name) => form.querySelector(`[data-field="${name}"]`) && form.elements.namedItem(DECIDES[name] ?? 'country'));
        if (fields.length === 0) continue;
        const apply = (): void => {
            const data = new FormData(form);
            const value = (name: string): string[] => data.getAll(name).map(String);
            for (const name of fields) show(form, name, RULES[name]!(value));
        };
        form.addEventListener('change', apply);
        apply();
    }
}

function show(form: HTMLFormElement, name: string, isWanted: boolean): void {
    const block = form.querySelector<HTMLElement>(`[data-field="${name}"]`);
    if (!block || block.hidden === !isWanted) return;
    block.hidden = !isWanted;
    if (isWanted) return;
    for (const input of block.querySelectorAll<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>('input, select, textarea')) {
        if (input instanceof HTMLInputElement && input.type === 'checkbox') input.checked = false;
        else input.value = '';
    }
}
