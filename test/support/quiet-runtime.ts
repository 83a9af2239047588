/** Tests let servers and workers fail on purpose. */
export { installQuietRuntime } from '../../src/testing/quiet-runtime';
