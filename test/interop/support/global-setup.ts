import globalSetup from '../../support/global-setup';
import { lookForPeers } from './peers';

/** As for all tests, and looks which programs are there. */
export default async function interopSetup(): Promise<void> {
  await lookForPeers();
  await globalSetup();
}
