/** Trunks that the configuration file names. */
import { asteriskTrunk } from '../../trunks/asterisk';
import { simulatedTrunk } from '../../trunks/simulated';
import { sipTrunk } from '../../trunks/sip';
import type { Trunk } from '../../trunks/trunk';
import { twilioTrunk } from '../../trunks/twilio';
import type { TrunkSettings } from '../trunk-settings';

export function makeTrunk({ asterisk, sip, twilio, simulated }: TrunkSettings): Trunk {
  if (asterisk) return asteriskTrunk(asterisk);
  if (sip) return sipTrunk(sip);
  if (twilio) return twilioTrunk(twilio);
  return simulatedTrunk(simulated);
}
