/** Trunks that the configuration file names. */
import type { CalleeTypeOptions } from '../../callee-type';
import { asteriskTrunk } from '../../trunks/asterisk';
import { simulatedTrunk } from '../../trunks/simulated';
import { sipTrunk } from '../../trunks/sip';
import type { Trunk } from '../../trunks/trunk';
import { twilioTrunk } from '../../trunks/twilio';
import type { TrunkSettings } from '../trunk-settings';

/** @param calleeType - for trunks that listen themselves */
export function makeTrunk(
  { asterisk, sip, twilio, simulated }: TrunkSettings,
  calleeType: Partial<CalleeTypeOptions>,
): Trunk {
  if (asterisk) return asteriskTrunk({ ...asterisk, calleeType });
  if (sip) return sipTrunk({ ...sip, calleeType });
  if (twilio) return twilioTrunk(twilio);
  return simulatedTrunk({ ...simulated, calleeType });
}
