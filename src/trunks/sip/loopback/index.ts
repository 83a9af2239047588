export { LoopbackCallee, type LoopbackCalleeOptions } from './loopback-callee';
