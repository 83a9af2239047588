export type { SipTrunkOptions } from './options';
export type { PortRange } from '../rtp/rtp-session';
export type { Codec } from '../rtp/remote-media';
export { type SipCall } from './sip-call';
export { SipTrunk, sipTrunk } from './sip-trunk';
