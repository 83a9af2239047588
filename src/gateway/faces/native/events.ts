/** Server-sent events of a campaign: how it stands, and each call that has ended. */
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { CampaignHandle, CampaignProgress } from '../../../client/campaign-handle';
import { GatewayError } from '../../errors';
import type { Gateway } from '../../gateway';
import { OpenLimit } from '../../open-limit';
import { accountOf } from './access';
import type { NativeApp } from './app';
import { ownCampaign } from './campaign-lists';
import { FinishedCalls } from './finished-calls';
import { operation } from './operation';
import * as schemas from './schemas';
import { inTime } from './temporal';

const everyMs = 1_000;
const heartbeatMs = 15_000;
/** Calls that ended so long before the last event are sent again to a client that comes back: clocks of workers differ. */
const overlapMs = 60_000;

export function eventRoutes(app: NativeApp, gateway: Gateway): void {
  const open = new Set<AbortController>();
  const { openStreams } = gateway.settings.limits;
  const streams = new OpenLimit(
    openStreams,
    () => new GatewayError('TOO_MANY_STREAMS', `${openStreams} streams are open already: end one first`),
  );
  // Before the server waits for requests in flight.
  app.addHook('preClose', async () => open.forEach((stream) => stream.abort()));

  app.get(
    '/campaigns/:id/events',
    operation({
      id: 'followCampaign',
      summary: 'Server-sent events: progress, each call that has ended, and the end',
      description:
        'Events: "progress" (a CampaignProgress, on change, at most once a second), "call" (a Call that has ended, from the ' +
        'campaign\'s first one on) and at last "end" (a CampaignProgress). Comments keep the connection alive. A call may come twice.',
      tag: 'campaigns',
      params: z.object({ id: schemas.campaignId }),
      headers: schemas.resumable,
      answer: [200, 'A stream of events', { 'text/event-stream': z.string() }],
      refusals: [429],
      notFound: 'there is no such campaign',
    }),
    async (request, reply) => {
      const campaign = ownCampaign(gateway, request);
      const progress = await inTime(gateway, () => campaign.progress());
      const release = streams.claim(accountOf(request));
      const gone = new AbortController();
      open.add(gone);
      reply.raw.once('close', () => {
        release();
        open.delete(gone);
        gone.abort();
      });
      const since = Number(request.headers['last-event-id'] ?? 0) - overlapMs;
      const lines = Readable.from(eventsOf(gateway, campaign, progress, since, gone.signal));
      return reply.type('text/event-stream; charset=utf-8').header('cache-control', 'no-store').send(lines);
    },
  );
}

async function* eventsOf(
  gateway: Gateway,
  campaign: CampaignHandle,
  first: CampaignProgress,
  since: number,
  gone: AbortSignal,
): AsyncGenerator<string> {
  const finished = new FinishedCalls(gateway.outdial.store, campaign.campaignId);
  let last: CampaignProgress | undefined;
  let lastEndedAt = 0;
  let sentAt = Date.now();
  for (let progress: CampaignProgress | undefined = first; ; progress = await ask(gateway, campaign)) {
    if (gone.aborted) return;
    const end = progress && isOver(progress) ? progress : undefined;
    if (progress && !end && !saysSame(progress, last)) {
      yield event('progress', progress);
      last = progress;
      sentAt = Date.now();
    }
    // One that has ended is looked through once more.
    for await (const record of finished.since(end ? undefined : progress?.ended.calls)) {
      if (gone.aborted) return;
      if (record.endedAt < since) continue;
      lastEndedAt = Math.max(lastEndedAt, record.endedAt);
      yield event('call', record, lastEndedAt);
      sentAt = Date.now();
    }
    if (end) {
      yield event('end', end);
      return;
    }
    if (Date.now() - sentAt >= heartbeatMs) {
      yield ': still here\n\n';
      sentAt = Date.now();
    }
    await sleep(everyMs, undefined, { signal: gone }).catch(() => undefined);
  }
}

/** undefined while no worker answers. */
async function ask(gateway: Gateway, campaign: CampaignHandle): Promise<CampaignProgress | undefined> {
  return inTime(gateway, () => campaign.progress()).catch(() => undefined);
}

function isOver({ state }: CampaignProgress): boolean {
  return state === 'completed' || state === 'expired' || state === 'canceled';
}

function saysSame(a: CampaignProgress, b: CampaignProgress | undefined): boolean {
  return JSON.stringify({ ...a, asOf: 0 }) === JSON.stringify({ ...b, asOf: 0 });
}

function event(name: string, data: object, id?: number): string {
  return `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}
