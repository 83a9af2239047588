export type { AsteriskCall } from './asterisk-call';
export { AsteriskTrunk, asteriskTrunk } from './asterisk-trunk';
export { type AsteriskTrunkOptions, recordingName } from './options';
