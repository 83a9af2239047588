/** Trunks that the configuration file names. */
import { asteriskTrunk } from '../../trunks/asterisk';
import type { MediaOptions } from '../../trunks/media';
import { simulatedTrunk } from '../../trunks/simulated';
import { sipTrunk } from '../../trunks/sip';
import type { Trunk } from '../../trunks/trunk';
import { twilioTrunk } from '../../trunks/twilio';
import type { TrunkSettings } from '../trunk-settings';

/** @param media - for trunks that listen and speak themselves; the simulated one only listens */
export function makeTrunk({ asterisk, sip, twilio, simulated }: TrunkSettings, media: MediaOptions): Trunk {
  if (asterisk) return asteriskTrunk({ ...asterisk, ...media });
  if (sip) return sipTrunk({ ...sip, ...media });
  if (twilio) return twilioTrunk(twilio);
  return simulatedTrunk({ ...simulated, ...(media.calleeType && { calleeType: media.calleeType }) });
}
