export { LoopbackCallee, type LoopbackCalleeOptions } from './loopback-callee';
export { speech, tone } from './voices';
