/** The codec server of `outdial dev`: the dev UI asks it by itself, and opens what is sealed. */
import { findTemporalCli, startDevServer, type DevServer, type DevServerOptions } from '../../dev-server';
import { runCommand } from '../../dev-server/run-command';
import { type CodecServer, startCodecServer } from '../../codec-server/server';
import type { KeyRingOptions } from '../../encryption/key-ring';

/** Of `temporal server start-dev`; older ones lack it. */
const codecFlag = '--ui-codec-endpoint';

/** A Temporal server, and the codec server that its UI knows. */
export interface OpeningServer extends DevServer {
  /** Absent where nothing is sealed, or the CLI is too old. */
  readonly codecUrl?: string;
}

/**
 * Starts both, and stops both.
 *
 * @throws OutdialError `TEMPORAL`
 */
export async function startOpeningServer(
  encryption: KeyRingOptions | undefined,
  options: DevServerOptions & { readonly uiPort: number },
): Promise<OpeningServer> {
  const cli = options.cli ?? (await findTemporalCli({ log: options.log }));
  const codec = encryption && (await startCodecFor(cli, encryption, options.uiPort));
  if (!codec) return startDevServer({ ...options, cli });
  try {
    const extraArgs = [...(options.extraArgs ?? []), codecFlag, codec.url];
    const server = await startDevServer({ ...options, cli, extraArgs });
    const stop = async (): Promise<void> => {
      await server.stop();
      await codec.close();
    };
    return { ...server, stop, codecUrl: codec.url };
  } catch (error) {
    await codec.close();
    throw error;
  }
}

/** Answers pages of the dev UI only, on this machine only. */
async function startCodecFor(
  cli: string,
  encryption: KeyRingOptions,
  uiPort: number,
): Promise<CodecServer | undefined> {
  const { output } = await runCommand(cli, ['server', 'start-dev', '--help'], { limitMs: 30_000 });
  if (!output.includes(codecFlag)) return undefined;
  const origins = ['localhost', '127.0.0.1'].map((host) => `http://${host}:${uiPort}`);
  return startCodecServer({ encryption, port: 0, origins });
}
