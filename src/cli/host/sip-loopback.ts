/** The SIP trunk of `outdial dev --trunk sip-loopback`, and the telephones that it calls. */
import { msPerCharacter } from '../../trunks/simulated';
import { babble } from '../../trunks/simulated/callee-sounds';
import { type SipTrunk, sipTrunk } from '../../trunks/sip';
import { LoopbackCallee } from '../../trunks/sip/loopback';
import type { Speech } from '../../trunks/trunk';

export interface SipLoopback {
  readonly trunk: SipTrunk;
  /** Where the telephones are. */
  readonly uri: string;
  /** File with all that rang. */
  readonly ledger: string;
  close(): Promise<void>;
}

/** A voice that says nothing, as long as the text is. */
const babbles: Speech = async (text) => babble(text.length * msPerCharacter);

export async function startSipLoopback(ledger: string, speech: Speech = babbles): Promise<SipLoopback> {
  const callee = await LoopbackCallee.start({ ledger });
  const trunk = sipTrunk({ servers: [callee.uri], speech });
  const close = async (): Promise<void> => {
    await trunk.close();
    await callee.close();
  };
  return { trunk, uri: callee.uri, ledger, close };
}
