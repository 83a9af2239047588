/** Who or what answered, from audio: 8 kHz PCM, and nothing of telephony. */
export { BeepDetector } from './beep';
export * from './detector';
export { type CalleeTypeOptions, calleeTypeOptions, defaultCalleeTypeOptions } from './options';
export { type Frame, FrameMeter, frameMs, frameSize } from './frames';
export { type CalleeTypeFeatures, CalleeTypeReason } from './verdict';
