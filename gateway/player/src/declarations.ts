/* What schemas/protocol/frames/*.json says of each kind, as the player uses it: defaults, types, shared parts, data. */

import { DECLARATIONS, PARTS } from './declared.js';
import type { FrameType } from './frame.js';

export interface Param {
    type?: string | string[];
    default?: unknown;
    enum?: unknown[];
    minimum?: number;
    maximum?: number;
    items?: Param;
    properties?: { [name: string]: Param };
}

export interface Declaration {
    kind: string;
    frameType: FrameType;
    /** "always": full screen whatever is written; "parameter": as the parameter displayFullscreen says */
    fullscreen: 'always' | 'windowed' | 'parameter';
    /** shared parts, "video-record", "expand-assets", "pause-unpause" ... */
    mixins: string[];
    recorded_properties: string[];
    params: { [name: string]: Param };
}

const ASSETS = { 'image-asset': 'image', 'audio-asset': 'audio', 'video-asset': 'video' } as const;

export function declarationOf(kind: string): Declaration {
    const declared = DECLARATIONS[kind];
    if (!declared) throw new Error(`frame kind ${kind} has no declaration`);
    return declared;
}

/** All parameters of a kind: the common ones, those of its parts, its own; later ones win. */
export function paramsOf(kind: string): { [name: string]: Param } {
    const declared = declarationOf(kind);
    const all: { [name: string]: Param } = { ...PARTS['common'] };
    for (const part of declared.mixins) Object.assign(all, PARTS[part]);
    return { ...all, ...declared.params };
}

/** Defaults, deeply copied so that no frame changes another's. */
export function defaultsOf(kind: string): { [name: string]: unknown } {
    const out: { [name: string]: unknown } = {};
    for (const [name, param] of Object.entries(paramsOf(kind)))
        if (param.default !== undefined) out[name] = structuredClone(param.default);
    return out;
}

/** Sentences about values that the declaration does not allow. Advisory: nothing is refused at run time. */
export function mismatches(kind: string, values: { [name: string]: unknown }): string[] {
    const out: string[] = [];
    for (const [name, param] of Object.entries(paramsOf(kind)))
        if (values[name] !== undefined) look(name, values[name], param, out, 0);
    return out;
}

function look(at: string, value: unknown, param: Param, out: string[], depth: number): void {
    if (depth > 8 || out.length >= 50) return;
    const types = param.type === undefined ? [] : Array.isArray(param.type) ? param.type : [param.type];
    if (types.length && !types.some((type) => isOfType(value, type))) {
        out.push(`Invalid: ${at} should be ${types.join(' or ')}`);
        return;
    }
    if (param.enum && !param.enum.includes(value)) out.push(`Invalid: ${at} should be one of ${JSON.stringify(param.enum)}`);
    if (typeof value === 'number') {
        if (param.minimum !== undefined && value < param.minimum) out.push(`Invalid: ${at} should be at least ${param.minimum}`);
        if (param.maximum !== undefined && value > param.maximum) out.push(`Invalid: ${at} should be at most ${param.maximum}`);
    }
    if (Array.isArray(value) && param.items) value.forEach((item, i) => look(`${at}[${i}]`, item, param.items ?? {}, out, depth + 1));
    if (value && typeof value === 'object' && !Array.isArray(value))
        for (const [name, inner] of Object.entries(param.properties ?? {})) {
            const one = (value as { [name: string]: unknown })[name];
            if (one !== undefined) look(`${at}.${name}`, one, inner, out, depth + 1);
        }
}

function isOfType(value: unknown, type: string): boolean {
    switch (type) {
    case 'string': return typeof value === 'string';
    case 'boolean': return typeof value === 'boolean';
    case 'number': return typeof value === 'number';
    case 'integer': return Number.isInteger(value);
    case 'array': return Array.isArray(value);
    case 'object': return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'image-asset': return typeof value === 'string';
    case 'audio-asset':
    case 'video-asset': return typeof value === 'string' || Array.isArray(value);
    default: return true;
    }
}

/** Replaces stimulus names by addresses (frames.md 4), as deep as the declaration names assets. Changes `values`. */
export function expandAssets(kind: string, values: { [name: string]: unknown }): void {
    const isExpanding = declarationOf(kind).mixins.includes('expand-assets');
    let baseDir = isExpanding && typeof values['baseDir'] === 'string' ? values['baseDir'] : '';
    if (baseDir && !baseDir.endsWith('/')) baseDir += '/';
    const types = { audio: strings(values['audioTypes']), video: strings(values['videoTypes']) };
    const expand = (value: unknown, param: Param): unknown => {
        const asset = ASSETS[param.type as keyof typeof ASSETS];
        if (asset === 'image') return isExpanding ? expandImage(value, baseDir) : value;
        if (asset) return isExpanding || value === '' ? expandMedia(value, baseDir, asset, types[asset]) : value;
        if (param.type === 'image-or-video-stimulus') return isExpanding ? expandStimulus(value, baseDir, types.video) : value;
        if (Array.isArray(value) && param.items) return value.map((item) => expand(item, param.items ?? {}));
        if (value && typeof value === 'object' && param.properties) expandIn(value as { [name: string]: unknown }, param.properties);
        return value;
    };
    const expandIn = (object: { [name: string]: unknown }, params: { [name: string]: Param }): void => {
        for (const [name, param] of Object.entries(params))
            if (object[name] !== undefined) object[name] = expand(object[name], param);
    };
    expandIn(values, paramsOf(kind));
}

function strings(value: unknown): string[] {
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function expandImage(value: unknown, baseDir: string): unknown {
    if (Array.isArray(value)) return value.map((one) => expandImage(one, baseDir));
    if (typeof value !== 'string' || value === '' || value.includes('://')) return value;
    return `${baseDir}img/${value}`;
}

function expandMedia(value: unknown, baseDir: string, tag: 'audio' | 'video', types: string[]): unknown {
    if (typeof value !== 'string') return value;
    if (value === '') return [];
    return types.map((type) => ({ src: `${baseDir}${type}/${value}.${type}`, type: `${tag}/${type}` }));
}

function expandStimulus(value: unknown, baseDir: string, videoTypes: string[]): unknown {
    if (Array.isArray(value)) return value.map((one) => expandStimulus(one, baseDir, videoTypes));
    if (value && typeof value === 'object') {
        const { image, video, ...rest } = value as { [name: string]: unknown };
        return {
            ...rest,
            ...(image === undefined ? {} : { image: expandImage(image, baseDir) }),
            ...(video === undefined ? {} : { video: expandMedia(video, baseDir, 'video', videoTypes) }),
        };
    }
    return expandImage(value, baseDir);
}
