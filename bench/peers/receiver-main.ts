/** A process that takes every result, and notes whose it is and when it came. It is ready with its port. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerQuestions } from '../watched-process';
import type { Post } from './witnesses';

async function main(): Promise<void> {
  process.once('disconnect', () => process.exit());
  const posts: Post[] = [];
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      posts.push({ id: String(request.headers['webhook-id']), at: Date.now() });
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const postsOf = (batch: string): Post[] => posts.filter(({ id }) => id.startsWith(`${batch}.`));
  answerQuestions(
    { count: (batch: string) => new Set(postsOf(batch).map(({ id }) => id)).size, posts: postsOf },
    (server.address() as AddressInfo).port,
  );
}

void main();
