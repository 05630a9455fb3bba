/* Camera and microphone: which ones, and what the browser can record. */

const CONTAINERS = ['video/webm;codecs=vp9,opus', 'video/webm;codecs=vp8,opus', 'video/webm;codecs=av1,opus', 'video/webm'];

export type DeviceKind = 'audioinput' | 'videoinput';

/** The devices that the family uses: the first that the browser gave, or the ones chosen since. They hold for this tab,
 * reloads included. */
const chosen: { [kind in DeviceKind]?: string } = {};
for (const kind of ['audioinput', 'videoinput'] as const) {
    const id = tabMemory()?.getItem(`lookit-${kind}`);
    if (id) chosen[kind] = id;
}

function tabMemory(): Storage | null {
    try {
        return globalThis.sessionStorage ?? null;
    } catch {
        return null; /* storage is switched off */
    }
}

export function chosenDevice(kind: DeviceKind): string | undefined {
    return chosen[kind];
}

export function chooseDevice(kind: DeviceKind, id: string): void {
    chosen[kind] = id;
    tabMemory()?.setItem(`lookit-${kind}`, id);
}

/** Asks for camera and microphone. A device that has gone since it was chosen is replaced by whatever there is. */
export async function openCamera(): Promise<MediaStream> {
    if (!navigator.mediaDevices) throw new Error('this page may not use cameras: it needs a secure (https) address');
    let stream: MediaStream;
    try {
        stream = await navigator.mediaDevices.getUserMedia(constraints(chosen.audioinput, chosen.videoinput));
    } catch (error) {
        if (!['OverconstrainedError', 'NotFoundError'].includes((error as Error).name)) throw error;
        stream = await navigator.mediaDevices.getUserMedia(constraints());
    }
    for (const track of stream.getTracks()) {
        const id = track.getSettings().deviceId;
        if (id) chooseDevice(track.kind === 'audio' ? 'audioinput' : 'videoinput', id);
    }
    return stream;
}

function constraints(microphone?: string, camera?: string): MediaStreamConstraints {
    return {
        audio: { noiseSuppression: true, ...(microphone ? { deviceId: { exact: microphone } } : {}) },
        video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, ...(camera ? { deviceId: { exact: camera } } : {}) },
    };
}

/** The first container of the list that this browser records. */
export function container(): string {
    return CONTAINERS.find((type) => MediaRecorder.isTypeSupported(type)) ?? '';
}

export function closeCamera(stream: MediaStream | null): void {
    for (const track of stream?.getTracks() ?? []) track.stop();
}

export async function devices(kind: DeviceKind): Promise<MediaDeviceInfo[]> {
    const all = await navigator.mediaDevices?.enumerateDevices() ?? [];
    return all.filter((device) => device.kind === kind && device.deviceId !== '');
}
