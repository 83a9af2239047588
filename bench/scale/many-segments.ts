/**
 * `npm run scale -- --segments 1000`: what a campaign costs that has many segments open, and how soon they take what it is told. Each
 * segment is of 1,000 rows, of which one is a call: it waits for a line, and there is none. Messages are timed from the client's
 * call to when the last segment has taken them, by the server's times in histories: looking on takes no time from it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CampaignHandle } from 'outdial';
import { simulatedNumber } from 'outdial/worker';
import { segmentSize } from '../../src/contract/limits';
import { segmentWorkflowId } from '../../src/contract/names';
import { ani, queue } from '../engine';
import { median } from '../figure';
import { memoryMbOf } from '../../test/support/proc';
import { countCpu, historyOf, peakMemory, type Place, type Row, type Setting, withSetting } from './setting';

const hour = 3_600_000;
const pollMs = 250;
const sayEverySeconds = 10;
const progressAsked = 5;

export function manySegments(count: number, place: Place): Promise<Row> {
  return withSetting(place, require.resolve('./page-worker-main'), (setting) => measure(setting, count));
}

async function measure(setting: Setting, count: number): Promise<Row> {
  const startedAt = performance.now();
  const campaign = await start(setting, count);
  const acceptedAfter = performance.now() - startedAt;
  const cpu = countCpu(setting);
  const openedAfter = await timed(() => allOpen(setting, campaign, count));
  const opening = {
    'rows accepted after, s': acceptedAfter / 1_000,
    'opened after, s': openedAfter / 1_000,
    ...cpu(count, 'segment'),
    ...residentMemory(setting),
  };
  const atOpen = await historyOf(setting, campaign.workflowId);

  const asked: number[] = [];
  while (asked.length < progressAsked) asked.push(await timed(() => campaign.progress()));

  const told = (signal: string) => lastTaken(setting, campaign, count, signal);
  // No segment hears of these two: dials ask the campaign's gate.
  const pause = await timed(() => campaign.pause());
  const extend = await timed(() => campaign.extend(Date.now() + 24 * hour));
  const resumedAt = Date.now();
  const resume = await timed(() => campaign.resume());
  const resumeTaken = (await told('resumed')) - resumedAt;
  const afterResume = await historyOf(setting, campaign.workflowId);
  const canceledAt = Date.now();
  const cancel = await timed(() => campaign.cancel());
  const { endedAt, canceled } = await campaign.result();
  if (canceled !== count) throw new Error(`${canceled} of ${count} calls were canceled`);
  const cancelTaken = (await told('close')) - canceledAt;
  const atEnd = await historyOf(setting, campaign.workflowId);
  const segment = await historyOf(setting, segmentWorkflowId(campaign.campaignId, 0));

  return round({
    ...opening,
    'campaign events, all open': atOpen.events,
    'campaign bytes, all open': atOpen.bytes,
    'progress() ms': median(asked),
    'pause() ms': pause,
    'extend() ms': extend,
    'resume() ms': resume,
    'resume taken by all, ms': resumeTaken,
    'campaign events of pause, extend, resume': afterResume.events - atOpen.events,
    'cancel() ms': cancel,
    'cancel taken by all, ms': cancelTaken,
    'ended after cancel, ms': endedAt - canceledAt,
    'campaign events, ended': atEnd.events,
    'campaign bytes, ended': atEnd.bytes,
    'segment events': segment.events,
    ...peakMemory(setting),
  });
}

function start({ outdial }: Setting, count: number): Promise<CampaignHandle> {
  const rows = (function* () {
    for (let n = 0; n < count * segmentSize; n++) yield { destination: simulatedNumber('voice') };
  })();
  const expiresAt = Date.now() + 12 * hour;
  const spec = { campaignId: 'segments', queue, application: 'bench', ani, duplicates: 'dial', expiresAt } as const;
  return outdial.startCampaign(spec, rows);
}

/** Resolves within a second of it. Asks Temporal, and not the campaign: its answers would be work of its worker. */
async function allOpen({ client }: Setting, { workflowId }: CampaignHandle, count: number): Promise<void> {
  for (let seconds = 1; ; seconds++) {
    const { raw } = await client.workflow.getHandle(workflowId).describe();
    const open = raw.pendingChildren?.length ?? 0;
    if (open === count) return;
    if (seconds % sayEverySeconds === 0) console.error(`${open} of ${count} segments open`);
    await sleep(1_000);
  }
}

/** When the last segment had taken a signal, in epoch milliseconds; waits for it. The segment that is told last is asked first. */
async function lastTaken(setting: Setting, campaign: CampaignHandle, count: number, signal: string): Promise<number> {
  let last = 0;
  for (let index = count - 1; index >= 0; index--) {
    const workflowId = segmentWorkflowId(campaign.campaignId, index);
    let at: number | undefined;
    while ((at = await takenAt(setting, workflowId, signal)) === undefined) await sleep(pollMs);
    last = Math.max(last, at);
  }
  return last;
}

/** When the first workflow task after the signal was completed. */
async function takenAt({ client }: Setting, workflowId: string, signal: string): Promise<number | undefined> {
  const events = (await client.workflow.getHandle(workflowId).fetchHistory()).events!;
  const signaled = events.findIndex((event) => event.workflowExecutionSignaledEventAttributes?.signalName === signal);
  const taken = events.slice(signaled).find((event) => event.workflowTaskCompletedEventAttributes);
  if (signaled < 0 || !taken) return undefined;
  return Number(taken.eventTime!.seconds) * 1_000 + taken.eventTime!.nanos! / 1e6;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function residentMemory({ worker, server }: Setting): Row {
  return {
    'worker MB, all open': memoryMbOf(worker.pid)?.now ?? NaN,
    'server MB, all open': memoryMbOf(server.pid)?.now ?? NaN,
  };
}

function round(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value.toFixed(1))]));
}
