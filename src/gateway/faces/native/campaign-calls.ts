/** The calls of a campaign: page by page, as a file, and what became of each row. */
import { Readable } from 'node:stream';
import { z } from 'zod';
import type { Outdial } from '../../../client/outdial';
import { isDuplicate } from '../../../contacts/duplicates';
import { campaignCallId, type CallRecord, type Contact, type FinalCallState, segmentSize } from '../../../contract';
import { csvLine, exportLines } from '../../../records/export';
import type { Gateway } from '../../gateway';
import type { NativeApp } from './app';
import { listsOf, ownCampaign } from './campaign-lists';
import { operation } from './operation';
import * as schemas from './schemas';
import { inTime } from './temporal';

const params = z.object({ id: schemas.campaignId });
const notFound = 'there is no such campaign';
/** Records read side by side. */
const sideBySide = 50;
/** So many rows are looked at for one page. */
const maxLooked = 5_000;
/** A row, as a cursor has it: `<list>.<row>`. */
interface Place {
  readonly list: number;
  readonly row: number;
}

export function campaignCallRoutes(app: NativeApp, gateway: Gateway): void {
  const { outdial } = gateway;
  app.get(
    '/campaigns/:id/calls',
    operation({
      id: 'listCalls',
      summary: 'Calls of a campaign, in the order of their rows',
      tag: 'campaigns',
      params,
      query: schemas.callsQuery,
      answer: [200, 'A page of them', { 'application/json': schemas.callList }],
      notFound,
    }),
    async (request) => {
      const { campaignId } = ownCampaign(gateway, request);
      const { state, limit = 100, cursor } = request.query;
      return inTime(gateway, () => pageOfCalls(outdial, campaignId, { state, limit, cursor }));
    },
  );

  app.get(
    '/campaigns/:id/export',
    operation({
      id: 'exportCalls',
      summary: 'Records of all calls as a file, as they are when they are sent',
      tag: 'campaigns',
      params,
      query: schemas.exportQuery,
      answer: [200, 'A line for each call', { 'application/x-ndjson': z.string(), 'text/csv': z.string() }],
      notFound,
    }),
    async (request, reply) => {
      const campaign = ownCampaign(gateway, request);
      await listsOf(outdial, campaign.campaignId);
      const { format } = request.query;
      const lines = Readable.from(exportLines(campaign.calls(), format));
      return reply.type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson').send(lines);
    },
  );

  app.get(
    '/campaigns/:id/verdicts',
    operation({
      id: 'downloadVerdicts',
      summary: 'What became of each row of its lists: accepted, rejected with the reason, or duplicate',
      tag: 'campaigns',
      params,
      query: schemas.verdictsQuery,
      answer: [
        200,
        'CSV: list, row, callId, messageReference, destination, verdict, reason',
        { 'text/csv': z.string() },
      ],
      notFound,
    }),
    async (request, reply) => {
      const { campaignId } = ownCampaign(gateway, request);
      const lists = await listsOf(outdial, campaignId);
      const lines = Readable.from(verdictLines(outdial, campaignId, lists, request.query.verdict));
      return reply.type('text/csv; charset=utf-8').send(lines);
    },
  );
}

interface PageRequest {
  readonly state: FinalCallState | undefined;
  readonly limit: number;
  readonly cursor: string | undefined;
}

async function pageOfCalls(
  outdial: Outdial,
  campaignId: string,
  { state, limit, cursor }: PageRequest,
): Promise<{ calls: CallRecord[]; next?: string }> {
  const calls: CallRecord[] = [];
  let looked = 0;
  for await (const places of placesFrom(outdial, campaignId, cursor)) {
    const records = await Promise.all(
      places.map(({ list, row }) => recordOf(outdial, campaignCallId(campaignId, list, row), state)),
    );
    for (const [i, record] of records.entries()) {
      if (calls.length === limit || looked === maxLooked)
        return { calls, next: `${places[i]!.list}.${places[i]!.row}` };
      looked++;
      if (record) calls.push(record);
    }
  }
  return { calls };
}

/** Asks Temporal only where the state does not matter: calls that have ended are in the store. */
async function recordOf(
  outdial: Outdial,
  callId: string,
  state: FinalCallState | undefined,
): Promise<CallRecord | undefined> {
  if (state === undefined) return outdial.call(callId).record();
  const record = await outdial.store.records.call(callId);
  return record?.state === state ? record : undefined;
}

async function* placesFrom(outdial: Outdial, campaignId: string, cursor: string | undefined): AsyncGenerator<Place[]> {
  const [fromList = 1, fromRow = 1] = cursor?.split('.').map(Number) ?? [];
  for (const { list, count } of await listsOf(outdial, campaignId)) {
    if (list < fromList) continue;
    for (let row = list === fromList ? fromRow : 1; row <= count; row += sideBySide) {
      const length = Math.min(sideBySide, count - row + 1);
      yield Array.from({ length }, (_, i) => ({ list, row: row + i }));
    }
  }
}

async function* verdictLines(
  outdial: Outdial,
  campaignId: string,
  lists: readonly { readonly list: number; readonly count: number }[],
  only: (typeof schemas.verdicts)[number] | undefined,
): AsyncGenerator<string> {
  yield csvLine(['list', 'row', 'callId', 'messageReference', 'destination', 'verdict', 'reason']);
  for (const { list, count } of lists) {
    for (let from = 0; from < count; from += segmentSize) {
      const contacts = await outdial.store.contacts.read(campaignId, list, from, from + segmentSize);
      const rows = contacts.map((contact, i) => ({ contact, row: from + i + 1, verdict: verdictOf(contact) }));
      const lines = rows
        .filter(({ verdict }) => only === undefined || verdict === only)
        .map(({ contact: { callId, submitted, rejected = '' }, row, verdict }) =>
          csvLine([list, row, callId, submitted.messageReference ?? '', submitted.destination, verdict, rejected]),
        );
      if (lines.length > 0) yield lines.join('');
    }
  }
}

function verdictOf(contact: Contact): (typeof schemas.verdicts)[number] {
  if (contact.rejected === undefined) return 'accepted';
  return isDuplicate(contact) ? 'duplicate' : 'rejected';
}
