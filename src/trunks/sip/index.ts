export type { SipTrunkOptions } from './options';
export type { PortRange } from './rtp-session';
export type { Codec } from './sdp';
export { type SipCall } from './sip-call';
export { SipTrunk, sipTrunk } from './sip-trunk';
