/** All of the SIP trunk that needs its packages: loaded with the first trunk, not with the worker. */
export { SipLink } from './link';
export { LegMedia } from './leg-media';
export { loadSipJs } from './sip-js';
