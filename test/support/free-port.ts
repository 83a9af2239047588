import { freePortFrom } from '../../src/dev-server/free-port';

/** Below those that systems give to whoever connects: nobody has it while its server is down. Drawn, so that runs side by side don't meet. */
const lowest = 10_000;
const count = 20_000;

/** A port for a server that is killed and started again. */
export function freePort(): Promise<number> {
  return freePortFrom(lowest + Math.floor(Math.random() * count));
}
