/* A plain text as a PDF to keep: A4, Times 12, 55 lines a page, a header line with date and page number.
 * Text of Western languages stays text; other scripts, for which a reader has no built-in font, are drawn as pictures. */

const LINES_PER_PAGE = 55;
const WIDTH = 595, HEIGHT = 842, MARGIN = 56, LEADING = 13.2, SIZE = 12;
const FONT = '"Times New Roman", Tinos, "Liberation Serif", Times, serif';

/** One header line per page. */
export type Header = (page: number, pages: number) => string;

export async function pdfOf(text: string, header: Header): Promise<Blob> {
    const lines = wrap(text);
    const pages: string[][] = [];
    for (let i = 0; i < Math.max(1, lines.length); i += LINES_PER_PAGE) pages.push(lines.slice(i, i + LINES_PER_PAGE));
    const all = pages.map((page, i) => [header(i + 1, pages.length), '', ...page]);
    const isWestern = all.every((page) => page.every((line) => encode(line) !== null));
    const parts = isWestern ? all.map(textPage) : await Promise.all(all.map(picturePage));
    return assemble(parts);
}

function canvasContext(width: number, height: number): CanvasRenderingContext2D {
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('2d');
    if (!context) throw new Error('this browser cannot draw');
    return context;
}

/* Breaks paragraphs into lines that fit between the margins; words that do not fit are cut. */
function wrap(text: string): string[] {
    const context = canvasContext(1, 1);
    context.font = `${SIZE}px ${FONT}`;
    const fits = (line: string): boolean => context.measureText(line).width <= WIDTH - 2 * MARGIN;
    const lines: string[] = [];
    for (const paragraph of text.split('\n')) {
        let line = '';
        for (const word of paragraph.split(/(?<=\s)/)) {
            if (fits(line + word.trimEnd())) {
                line += word;
                continue;
            }
            if (line) lines.push(line.trimEnd());
            line = '';
            for (const letter of word) {
                if (!fits(line + letter)) {
                    lines.push(line);
                    line = '';
                }
                line += letter;
            }
        }
        lines.push(line.trimEnd());
    }
    return lines;
}

const EXTRAS = '\u20ac\u0000\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u0000\u017d\u0000\u0000\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u0000\u017e\u0178';

/* The bytes of WinAnsiEncoding, or null where a letter has none. */
function encode(line: string): number[] | null {
    const bytes: number[] = [];
    for (const letter of line) {
        const code = letter.codePointAt(0) ?? 0;
        const extra = EXTRAS.indexOf(letter);
        if (code === 9) bytes.push(32);
        else if ((code >= 32 && code < 127) || (code >= 160 && code < 256)) bytes.push(code);
        else if (extra >= 0 && letter !== '\u0000') bytes.push(128 + extra);
        else return null;
    }
    return bytes;
}

interface Page {
    content: string;
    /** a JPEG that fills the page */
    picture?: { bytes: Uint8Array; width: number; height: number };
}

function textPage(lines: string[]): Page {
    const shown = lines.map((line) => `<${(encode(line) ?? []).map((byte) => byte.toString(16).padStart(2, '0')).join('')}> Tj T*`);
    return { content: `BT /F ${SIZE} Tf ${LEADING} TL ${MARGIN} ${HEIGHT - MARGIN} Td ${shown.join(' ')} ET` };
}

async function picturePage(lines: string[]): Promise<Page> {
    const scale = 2;
    const context = canvasContext(WIDTH * scale, HEIGHT * scale);
    context.scale(scale, scale);
    context.fillStyle = 'white';
    context.fillRect(0, 0, WIDTH, HEIGHT);
    context.fillStyle = 'black';
    context.font = `${SIZE}px ${FONT}`;
    lines.forEach((line, i) => context.fillText(line, MARGIN, MARGIN + i * LEADING));
    const blob = await new Promise<Blob | null>((resolve) => context.canvas.toBlob(resolve, 'image/jpeg', 0.9));
    if (!blob) throw new Error('this browser cannot draw');
    return {
        content: `q ${WIDTH} 0 0 ${HEIGHT} 0 0 cm /P Do Q`,
        picture: { bytes: new Uint8Array(await blob.arrayBuffer()), width: WIDTH * scale, height: HEIGHT * scale },
    };
}

function assemble(pages: Page[]): Blob {
    const parts: BlobPart[] = [];
    const offsets: number[] = [];
    let at = 0;
    const write = (part: string | Uint8Array): void => {
        const bytes = typeof part === 'string' ? Uint8Array.from(part, (letter) => letter.charCodeAt(0)) : Uint8Array.from(part);
        parts.push(bytes);
        at += bytes.length;
    };
    const object = (number: number, head: string, body?: string | Uint8Array): void => {
        offsets[number] = at;
        write(`${number} 0 obj\n${head}\n`);
        if (body !== undefined) {
            write('stream\n');
            write(body);
            write('\nendstream\n');
        }
        write('endobj\n');
    };
    const first = 4; /* 1 catalogue, 2 page tree, 3 font, then page, content and picture of each page */
    const kids = pages.map((_, i) => `${first + i * 3} 0 R`);
    write('%PDF-1.4\n');
    object(1, '<< /Type /Catalog /Pages 2 0 R >>');
    object(2, `<< /Type /Pages /Count ${pages.length} /Kids [${kids.join(' ')}] >>`);
    object(3, '<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding /WinAnsiEncoding >>');
    pages.forEach((page, i) => {
        const n = first + i * 3;
        const resources = page.picture ? `/XObject << /P ${n + 2} 0 R >>` : '/Font << /F 3 0 R >>';
        object(n, `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${WIDTH} ${HEIGHT}] /Contents ${n + 1} 0 R /Resources << ${resources} >> >>`);
        object(n + 1, `<< /Length ${page.content.length} >>`, page.content);
        if (page.picture) {
            const { width, height, bytes } = page.picture;
            object(n + 2, `<< /Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode /Length ${bytes.length} >>`, bytes);
        } else object(n + 2, 'null');
    });
    const start = at;
    const rows = offsets.slice(1).map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`);
    write(`xref\n0 ${offsets.length}\n0000000000 65535 f \n${rows.join('')}trailer\n<< /Size ${offsets.length} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`);
    return new Blob(parts, { type: 'application/pdf' });
}

/** Hands a file to the family. */
export function download(blob: Blob, name: string): void {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** 2026_01_31, local. */
export function dateForName(now: Date): string {
    return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((n) => String(n).padStart(2, '0')).join('_');
}
