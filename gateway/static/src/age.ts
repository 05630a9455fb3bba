/** Whole years, else whole months, else days; empty when there is no such date or it lies ahead. Units are the page's words. */
export function ageSentence(year: number, month: number, day: number, now: Date, unit: { [name: string]: string | undefined }): string {
    const born = new Date(year, month - 1, day);
    if (year < 1 || month < 1 || born.getMonth() !== month - 1 || born.getDate() !== day || born > now) return '';
    const whole = (now.getFullYear() - year) * 12 + now.getMonth() - (month - 1) - (now.getDate() < day ? 1 : 0);
    if (whole >= 24) return `${Math.floor(whole / 12)} ${unit['years'] ?? ''}`;
    if (whole >= 2) return `${whole} ${unit['months'] ?? ''}`;
    return `${Math.round((now.getTime() - born.getTime()) / 86_400_000 - 0.5)} ${unit['days'] ?? ''}`;
}
