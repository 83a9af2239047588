/** The receiver of results, a process that is killed and stopped too. Writes down every post before it answers. */
import { createHash } from 'node:crypto';
import { openSync, writeSync } from 'node:fs';
import { Receiver } from '../support/receiver';
import type { Post } from './evidence';

/** `takes` them, takes them after seconds, answers 500, does so to the first post of each, or never answers. */
export type ReceiverMode = 'takes' | 'lingers' | 'fails' | 'fails-once' | 'hangs';

/** Shorter than the sender waits: see `resultTryMs`. */
const lingerMs = 3_000;

export interface ReceiverSettings {
  readonly port: number;
  /** NDJSON of {@link Post}. */
  readonly log: string;
}

const variable = 'OUTDIAL_TEST_RECEIVER';

export function receiverEnv(settings: ReceiverSettings): NodeJS.ProcessEnv {
  return { ...process.env, [variable]: JSON.stringify(settings) };
}

async function main({ port, log }: ReceiverSettings): Promise<void> {
  let mode: ReceiverMode = 'takes';
  process.on('message', (ordered: ReceiverMode) => (mode = ordered));
  process.once('disconnect', () => process.exit());
  const file = openSync(log, 'a');
  const seen = new Set<string>();
  const receiver = await Receiver.start(port);
  receiver.answer = ({ at, id, body }, response) => {
    const status = { takes: 200, lingers: 200, fails: 500, 'fails-once': seen.has(id) ? 200 : 500, hangs: undefined }[
      mode
    ];
    seen.add(id);
    const post: Post = {
      at,
      id,
      body: createHash('sha256').update(body).digest('hex'),
      ...(status !== undefined && { status }),
    };
    writeSync(file, `${JSON.stringify(post)}\n`);
    receiver.posts.length = 0;
    if (status === undefined) return;
    setTimeout(() => response.writeHead(status).end(), mode === 'lingers' ? lingerMs : 0);
  };
  process.send!('ready');
}

// Its settings are read by others.
if (require.main === module) void main(JSON.parse(process.env[variable]!) as ReceiverSettings);
