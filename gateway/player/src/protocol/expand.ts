/* Expansion: from a study's protocol to the flat list of frames that this child will see (section 4).
 *
 * The protocol is copied once and then edited in place, as the language defines: a frame that is listed twice has its
 * parameters filled in once. Bad input ends in a ProtocolError whose text says which frame and why. */

import { generatedStructure } from './functions.js';
import { sample, select } from './randomizers.js';
import type { Scope } from './randomizers.js';
import { Substituter } from './substitute.js';
import { Budget, copyOf, fullCopyOf, hasOwn, isTree, overlay } from './values.js';
import { ProtocolError } from './types.js';
import type { Expansion, Frame, Study, Tree, Value, World } from './types.js';

interface Resolved {
    frames: Tree[];
    choice?: Value;
}

interface RemoteValue {
    frame: Tree;
    key: string;
    isJson: boolean;
    address: string;
}

const PLAIN_KIND = /^exp(-\w+)+$/;
const REMOTE = /^(URL|JSON):(.*)$/;
const REMOTES_MAX = 1000;
const NESTING_MAX = 200;

/** What a value is as text, where that may be an address: a flat list counts too. */
function asText(value: Value): string {
    if (typeof value === 'string')
        return value;
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value.join() : '';
}

class LocatedError extends ProtocolError {}

/** One run over one protocol. */
class Resolver implements Scope {
    readonly budget = new Budget();
    readonly remotes: RemoteValue[] = [];
    private nesting = 0;

    constructor(
        readonly world: World,
        private readonly definitions: Value,
    ) {}

    /** A frame of the sequence, by name. */
    named(name: Value): Resolved {
        if (typeof name !== 'string')
            throw new ProtocolError('E-SEQUENCE-ITEM-TYPE', 'Each entry of the sequence must be the name of a frame, in quotes.');
        if (!hasOwn(this.definitions, name))
            throw new ProtocolError('E-SEQUENCE-UNDEFINED-FRAME', `The sequence names "${name}", but no such frame is defined.`);
        return this.guarded(name, (this.definitions as Tree)[name]);
    }

    resolve(name: string | null, given: Tree): Resolved {
        return this.guarded(name, given);
    }

    /** Says of every mistake in which frame it lies: the innermost name wins. */
    private guarded(name: string | null, frame: Value): Resolved {
        if (++this.nesting > NESTING_MAX)
            throw new ProtocolError('E-TOO-DEEP', 'Groups and randomizers are nested too deeply.');
        try {
            return this.one(name, frame);
        } catch (error) {
            throw located(error, name);
        } finally {
            this.nesting--;
        }
    }

    private one(name: string | null, frame: Value): Resolved {
        if (!isTree(frame))
            throw new ProtocolError('E-FRAME-TYPE', 'A frame must be an object in braces.');
        if (frame.parameters)
            new Substituter(frame.parameters, this.world.random, this.budget).apply(frame);
        if (typeof frame.kind === 'string' && PLAIN_KIND.test(frame.kind))
            return this.plain(name, frame);
        if (frame.kind === 'group')
            return this.group(frame);
        if (frame.kind === 'choice') {
            const { frames, choice } = sample(frame, name, this);
            return { frames, choice };
        }
        throw new ProtocolError(frame.kind === undefined ? 'E-KIND-MISSING' : 'E-KIND-UNKNOWN',
            `"kind" must be the name of a kind of frame, or group, or choice.`);
    }

    private plain(name: string | null, frame: Tree): Resolved {
        if (!frame.id)
            frame.id = name;
        for (const key of Object.keys(frame)) {
            const match = REMOTE.exec(asText(frame[key]));
            if (match && !this.remotes.some((r) => r.frame === frame && r.key === key))
                this.remotes.push({ frame, key, isJson: match[1] === 'JSON', address: match[2] ?? '' });
        }
        if (this.remotes.length > REMOTES_MAX)
            throw new ProtocolError('E-TOO-BIG', 'Too many values are to be fetched from elsewhere.');
        return { frames: [frame] };
    }

    private group(group: Tree): Resolved {
        const frames: Tree[] = [];
        const choices: Tree = {};
        if (!Array.isArray(group.frameList))
            throw new ProtocolError('E-GROUP-FRAMELIST', `A group needs a list named "frameList".`);
        group.frameList.forEach((member, i) => {
            const resolved = this.resolve(null, overlay(group.commonFrameProperties, member));
            frames.push(...resolved.frames);
            if (resolved.choice !== undefined)
                choices[String(i)] = resolved.choice;
        });
        return { frames, choice: choices };
    }

    /** Fetches what `JSON:` and `URL:` properties point to and puts it in their place. */
    async fetchAll(): Promise<void> {
        const texts = await Promise.all(this.remotes.map(async ({ address }) => {
            try {
                return await this.world.fetchText(address);
            } catch {
                throw new ProtocolError('E-DEPENDENCY', `A part of the study could not be fetched from ${address}.`);
            }
        }));
        this.remotes.forEach(({ frame, key, isJson, address }, i) => {
            const text = texts[i] ?? '';
            try {
                frame[key] = isJson ? (JSON.parse(text) as Value) : text;
            } catch {
                throw new ProtocolError('E-DEPENDENCY', `What came from ${address} is not JSON.`);
            }
        });
    }
}

/** The mistake, with the name of the frame that it lies in; the innermost name stays. */
function located(error: unknown, name: string | null): ProtocolError {
    if (error instanceof LocatedError)
        return error;
    const where = name === null ? 'A frame without a name' : `Frame "${name}"`;
    if (error instanceof ProtocolError)
        return new LocatedError(error.code, `${where}: ${error.message}`);
    return new LocatedError('E-FRAME-TYPE', `${where} cannot be set up: ${String(error)}`);
}

function checkId(id: Value): void {
    if (!id)
        return;
    if (typeof id !== 'string')
        throw new ProtocolError('E-ID-TYPE', "A frame's id must be text in quotes.");
    if (!/^[A-Za-z0-9\-. ]+$/.test(id))
        throw new ProtocolError('E-ID-CHARS', `The frame id "${id}" may hold only letters, digits, dashes, dots and spaces.`);
    if (/-repeat-[0-9]+$/.test(id))
        throw new ProtocolError('E-ID-RESERVED', `The frame id "${id}" ends like the id of a repeated visit; please choose another.`);
}

function structureOf(study: Study): Tree {
    let structure: unknown = study.structure;
    if (typeof structure === 'string') {
        try {
            structure = JSON.parse(structure.replace(/[\r\n]/g, ''));
        } catch {
            throw new ProtocolError('E-JSON-SYNTAX', "The study's protocol is not valid JSON.");
        }
    }
    if (!isTree(structure))
        throw new ProtocolError('E-ROOT-TYPE', "The study's protocol must be an object in braces.");
    return structure;
}

/** The remarks that never stop a study. */
function advise(frames: readonly Tree[], warn: World['warn']): void {
    if (frames.length > 0 && !frames.some((f) => f.kind === 'exp-video-config'))
        warn('W-NO-VIDEO-CONFIG', 'This study does not check camera and microphone: it has no exp-video-config frame.');
    if (!frames.some((f) => f.kind === 'exp-lookit-video-consent'))
        warn('W-NO-CONSENT', 'This study asks for no consent on video: it has no exp-lookit-video-consent frame.');
    if (frames.at(-1)?.kind !== 'exp-lookit-exit-survey')
        warn('W-LAST-NOT-EXIT', 'The last frame should be an exp-lookit-exit-survey.');
}

/** Expands a study for one child. The study is not changed. Rejects with a ProtocolError. */
export async function expand(study: Study, world: World): Promise<Expansion> {
    const generated = study.use_generator ? await generatedStructure(study.generator ?? '', world) : undefined;
    const structure = generated ?? fullCopyOf(structureOf(study), new Budget());
    const resolver = new Resolver(world, structure.frames);
    const { sequence } = structure;
    const raw: Tree[] = [];
    const conditions: Tree = {};

    if (!Array.isArray(sequence))
        throw new ProtocolError(sequence === undefined ? 'E-SEQUENCE-MISSING' : 'E-SEQUENCE-TYPE',
            `The protocol needs a list named "sequence".`);
    sequence.forEach((name, index) => {
        const { frames, choice } = resolver.named(name);
        raw.push(...frames);
        if (choice !== undefined)
            conditions[`${index}-${String(name)}`] = choice;
    });
    advise(raw, world.warn);
    await resolver.fetchAll();
    raw.forEach((frame) => checkId(frame.id));
    return {
        frames: raw.map((frame, i) => ({ ...copyOf(frame, resolver.budget), id: `${i}-${String(frame.id)}` }) as Frame),
        conditions: fullCopyOf(conditions, resolver.budget),
    };
}

/** The frames that an exp-frame-select chooses at run time (section 9.3): ids get no number in front. `frame` is the
 * frame as entered, with its generated properties and the id of this visit; it is not changed. */
export async function expandSelected(frame: Frame, world: World): Promise<Frame[]> {
    const resolver = new Resolver(world, {});
    const own = fullCopyOf(frame, new Budget());
    const { frames } = select({ ...own, frameOptions: own.frameOptions ?? [] }, frame.id, resolver);
    await resolver.fetchAll();
    frames.forEach((f) => checkId(f.id));
    return frames.map((f) => ({ ...copyOf(f, resolver.budget), id: String(f.id) }) as Frame);
}
