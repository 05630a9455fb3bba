/* Runs on the audio thread (a file of its own: mic_check.js). Says how loud it is: 5 x RMS of the block, or 0.99 of the
 * level before, whichever is more. */

declare class AudioWorkletProcessor {
    readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

class MicCheck extends AudioWorkletProcessor {
    #level = 0;
    #blocks = 0;

    process(inputs: Float32Array[][]): boolean {
        const samples = inputs[0]?.[0];
        if (!samples) return true;
        let squares = 0;
        for (const sample of samples) squares += sample * sample;
        this.#level = Math.max(5 * Math.sqrt(squares / samples.length), 0.99 * this.#level);
        if (this.#blocks++ % 8 === 0) this.port.postMessage(this.#level);
        return true;
    }
}
registerProcessor('mic-check', MicCheck);
