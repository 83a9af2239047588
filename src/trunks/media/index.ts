/** The sound of live calls, for trunks whose media passes through this process. */
export { CallMedia, type MediaOptions, type MediaPort } from './call-media';
export { JitterBuffer, mixed } from './jitter-buffer';
export { MediaCall } from './media-call';
