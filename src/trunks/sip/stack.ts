/** All of the SIP trunk that needs its packages: loaded with the first trunk, not with the worker. */
export { SipLink } from './link';
export { RtpSession } from '../rtp/rtp-session';
export { answerOf, offerOf, readSdp } from './sdp';
export { loadSipJs } from './sip-js';
