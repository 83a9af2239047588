import { findPrograms } from '../../scripts/prod-local/programs';

/** Builds what is not there yet, which takes longer than any test may. */
export default async function globalSetup(): Promise<void> {
  await findPrograms((line) => void process.stderr.write(`${line}\n`));
}
