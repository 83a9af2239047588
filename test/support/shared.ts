import type { TestServer } from '../../src/dev-server';

interface Shared {
  /** Folder for everything that a run leaves behind. */
  folder?: string;
  server?: TestServer;
}

/** What global setup hands to global teardown. Jest loads each of them with modules of its own. */
export const shared: Shared = ((globalThis as { outdialTest?: Shared }).outdialTest ??= {});
