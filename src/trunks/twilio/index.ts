export { TwilioError, type TwilioFailure } from './api';
export type { TwilioTrunkOptions } from './options';
export type { TwilioCall } from './twilio-call';
export { TwilioTrunk, twilioTrunk } from './twilio-trunk';
