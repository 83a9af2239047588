import { Connection } from '@temporalio/client';
import { readConfig } from '../config';
import { ensureSearchAttributes } from '../search-attributes';
import { startDevServer, type DevServer, type DevServerOptions } from './start-server';

/** Options of {@link findOrStartServer}; the rest is for a server that has to be started. */
export interface FindOrStartOptions extends DevServerOptions {
  /** Address of a server that may be used for tests. Default: `OUTDIAL_TEST_ADDRESS`. */
  readonly testAddress?: string;
}

/** A server for demo, tests and bench. */
export interface TestServer {
  readonly address: string;
  /** The server that was started for this; undefined when one was there. */
  readonly started?: DevServer;
  /** Stops the server if it was started for this. */
  stop(): Promise<void>;
}

/**
 * The server for demo, tests and bench: the one at `OUTDIAL_TEST_ADDRESS`, else a new one. It never takes
 * `TEMPORAL_ADDRESS`, which may be somebody's production. Its namespace `default` has outdial's search attributes.
 * @throws OutdialError `TEMPORAL` when there is no server and none can be started.
 */
export async function findOrStartServer(options: FindOrStartOptions = {}): Promise<TestServer> {
  const testAddress = options.testAddress ?? readConfig().testAddress;
  if (testAddress) {
    await prepare(testAddress);
    return { address: testAddress, stop: () => Promise.resolve() };
  }
  const started = await startDevServer(options);
  try {
    // Search attributes are flags only to a namespace that is new: a state file may be older than they are.
    await prepare(started.address);
  } catch (error) {
    await started.stop();
    throw error;
  }
  return { address: started.address, started, stop: () => started.stop() };
}

async function prepare(address: string): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    await ensureSearchAttributes(connection, 'default');
  } finally {
    await connection.close();
  }
}
