/** Who or what answered, from audio: 8 kHz PCM, and nothing of telephony. */
export * from './detector';
export { type CalleeTypeOptions, defaultCalleeTypeOptions } from './options';
export { frameMs, frameSize } from './frames';
