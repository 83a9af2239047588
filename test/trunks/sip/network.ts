/** A SIP trunk and the loopback network that it calls, on free ports; both end with the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LedgerEntry, readLedger } from '../../../src/trunks/simulated';
import { type SipTrunk, sipTrunk, type SipTrunkOptions } from '../../../src/trunks/sip';
import { LoopbackCallee, type LoopbackCalleeOptions } from '../../../src/trunks/sip/loopback';

export { dialRequest as requestTo } from '../../support/dial-request';

export interface Network {
  readonly callee: LoopbackCallee;
  readonly trunk: SipTrunk;
  readonly ledger: () => LedgerEntry[];
}

const closing: (() => Promise<void> | void)[] = [];

/** Ends all that was started; for `afterEach`. */
export async function closeNetworks(): Promise<void> {
  for (const close of closing.splice(0).reverse()) await close();
}

export async function startNetwork(
  callees: LoopbackCalleeOptions = {},
  options: Partial<SipTrunkOptions> = {},
): Promise<Network> {
  const folder = mkdtempSync(join(tmpdir(), 'outdial-sip-'));
  const ledger = join(folder, 'ledger.jsonl');
  closing.push(() => rmSync(folder, { recursive: true }));
  const callee = await LoopbackCallee.start({ ringMs: 100, talkMs: 20_000, ledger, ...callees });
  closing.push(() => callee.close());
  const trunk = startTrunk({ servers: [callee.uri], ...options });
  return { callee, trunk, ledger: () => readLedger(ledger) };
}

export function startTrunk(options: SipTrunkOptions): SipTrunk {
  const trunk = sipTrunk(options);
  closing.push(() => trunk.close());
  return trunk;
}

/** Something to close with the networks. */
export function closeLater(close: () => Promise<void> | void): void {
  closing.push(close);
}
