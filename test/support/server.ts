import { join } from 'node:path';

/** Environment variables by which global setup reaches the test files, which may run in other processes. */
export const variables = {
  address: 'OUTDIAL_TEST_ADDRESS',
  cli: 'TEMPORAL_CLI_PATH',
  timeSkippingServer: 'OUTDIAL_TEST_SERVER_PATH',
  workflowBundle: 'OUTDIAL_TEST_WORKFLOW_BUNDLE',
  package: 'OUTDIAL_TEST_PACKAGE',
} as const;

/** Address of the Temporal server that all test files share. */
export function testAddress(): string {
  return read(variables.address);
}

/** The `temporal` executable, for tests that start a server of their own. */
export function temporalCliPath(): string {
  return read(variables.cli);
}

/** The time-skipping server, for `createTimeSkipping({ server: { executable: { type: 'existing-path', path } } })`. */
export function timeSkippingServerPath(): string {
  return read(variables.timeSkippingServer);
}

/** The bundled workflows, for a worker's `workflowBundle: { codePath }`. */
export function workflowBundlePath(): string {
  return read(variables.workflowBundle);
}

/** A compiled program, by its path in the sources: `src/cli/main.ts`. */
export function programPath(source: string): string {
  return join(read(variables.package), 'lib', source.replace(/\.ts$/, '.js'));
}

function read(variable: string): string {
  const value = process.env[variable];
  if (!value) throw new Error(`${variable} is not set: global setup of the tests did not get that far`);
  return value;
}
