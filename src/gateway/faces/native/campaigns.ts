/** Campaigns: started, listed, looked at and steered. */
import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hashJson } from '../../../hash-json';
import type { CallSource, CampaignHandle } from '../../../client/campaign-handle';
import { readCallsCsv } from '../../../contacts/csv';
import { OutdialError } from '../../../errors';
import { GatewayError } from '../../errors';
import { type Gateway, wrong } from '../../gateway';
import type { Upload } from '../../uploads';
import { accountOf } from './access';
import type { NativeApp } from './app';
import { listsOf, ownCampaign, startList } from './campaign-lists';
import { listCampaigns } from './list-campaigns';
import { operation, readBody } from './operation';
import { campaignSpecOf, type Idempotency, idempotencyOf, Starts } from './requests';
import * as schemas from './schemas';
import { inTime } from './temporal';
import { z } from 'zod';

const json = 'application/json';
const form = 'multipart/form-data';
const csv = 'text/csv';
const notFound = 'there is no such campaign';
const params = z.object({ id: schemas.campaignId });

/** A request to start a campaign. */
interface Start {
  readonly gateway: Gateway;
  readonly starts: Starts<{ readonly warnings: readonly string[]; readonly intake: Counts | undefined }>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export function campaignRoutes(app: NativeApp, gateway: Gateway): void {
  const starts: Start['starts'] = new Starts();
  app.post(
    '/campaigns',
    operation({
      id: 'startCampaign',
      summary: 'Start a campaign',
      description:
        'With its calls as JSON, or as a CSV file of up to 1,000,000 rows. Rows that cannot be dialed are rejected, and the rest goes on.',
      tag: 'campaigns',
      headers: schemas.idempotent,
      bodies: { [json]: schemas.newCampaign, [form]: schemas.campaignForm },
      answer: [202, 'Temporal has it', { [json]: schemas.acceptedCampaign }],
      answerHeaders: { Location: 'URL of the campaign' },
      refusals: [409, 429],
      notFound,
    }),
    (request, reply) => {
      const start = { gateway, starts, request, reply };
      if (!request.isMultipart()) return startFromJson(start);
      return gateway.uploads.form(request, accountOf(request), ['calls'], (upload) => startFromForm(start, upload));
    },
  );

  app.get(
    '/campaigns',
    operation({
      id: 'listCampaigns',
      summary: "The account's campaigns that Temporal knows, open ones first, newest first",
      tag: 'campaigns',
      query: schemas.campaignsQuery,
      answer: [200, 'A page of them', { [json]: schemas.campaignList }],
    }),
    (request) => {
      const { limit = 100, cursor } = request.query;
      return inTime(gateway, () => listCampaigns(gateway.outdial.client, accountOf(request), limit, cursor));
    },
  );

  app.get(
    '/campaigns/:id',
    operation({
      id: 'getCampaign',
      summary: 'How a campaign stands',
      tag: 'campaigns',
      params,
      answer: [200, 'How it stands', { [json]: schemas.campaignProgress }],
      notFound,
    }),
    (request) => inTime(gateway, () => ownCampaign(gateway, request).progress()),
  );

  app.post(
    '/campaigns/:id/calls',
    operation({
      id: 'addCalls',
      summary: 'Add calls to a campaign that is open',
      tag: 'campaigns',
      params,
      bodies: { [json]: schemas.moreCalls, [csv]: schemas.csvBody, [form]: schemas.callsForm },
      answer: [202, "They are the campaign's", { [json]: schemas.acceptedCalls }],
      refusals: [409, 429],
      notFound,
    }),
    async (request, reply) => {
      ownCampaign(gateway, request);
      return reply.code(202).send(await addCalls(gateway, request));
    },
  );

  const steered = {
    tag: 'campaigns',
    params,
    answer: [200, 'Whether dials may start', { [json]: schemas.gate }],
    refusals: [409],
    notFound,
  } as const;
  app.post(
    '/campaigns/:id/pause',
    operation({
      ...steered,
      id: 'pauseCampaign',
      summary: 'No dial starts later than 1 s after the answer, until resumed',
    }),
    (request) => inTime(gateway, () => ownCampaign(gateway, request).pause()),
  );
  app.post(
    '/campaigns/:id/resume',
    operation({ ...steered, id: 'resumeCampaign', summary: 'Dials may start again' }),
    (request) => inTime(gateway, () => ownCampaign(gateway, request).resume()),
  );
  app.post(
    '/campaigns/:id/cancel',
    operation({
      ...steered,
      id: 'cancelCampaign',
      summary: 'End a campaign; connected calls are left to finish unless hangUp',
      bodies: { [json]: schemas.cancelBody },
      bodyOptional: true,
    }),
    (request) => {
      const body = readBody(schemas.cancelBody, request.body === undefined ? {} : request.body);
      return inTime(gateway, () => ownCampaign(gateway, request).cancel(body));
    },
  );
  app.post(
    '/campaigns/:id/extend',
    operation({
      ...steered,
      id: 'extendCampaign',
      summary: 'Move the expiration, later',
      bodies: { [json]: schemas.extendBody },
    }),
    (request) => {
      const campaign = ownCampaign(gateway, request);
      const { expiresAt } = readBody(schemas.extendBody, request.body);
      return inTime(gateway, () => campaign.extend(expiresAt));
    },
  );
}

async function startFromJson(start: Start): Promise<unknown> {
  const { request } = start;
  const { calls = [], ...fields } = readBody(schemas.newCampaign, request.body);
  const idempotency = idempotencyOf(request, () => hashJson(request.body));
  return begin(start, fields, calls, idempotency);
}

async function startFromForm(start: Start, { fields, path, sha256 }: Upload): Promise<unknown> {
  checkForm(fields, ['spec']);
  const { spec } = fields;
  if (spec === undefined) throw wrong('spec', 'is missing: the fields of the campaign as JSON');
  const read = readBody(schemas.campaignFields, parseJson(spec));
  if (path === undefined) throw wrong('calls', 'is missing: a CSV file');
  const idempotency = idempotencyOf(start.request, () => sha256);
  return begin(start, read, readCallsCsv(path), idempotency);
}

/** @param names - of the fields that a form may have beside its file */
function checkForm(fields: Upload['fields'], names: readonly string[]): void {
  const other = Object.keys(fields).find((name) => !names.includes(name));
  if (other === undefined) return;
  const file = other === 'calls' ? ' as a text: it must be a file' : '';
  throw new GatewayError('BAD_REQUEST', `the form may not have the field ${JSON.stringify(other.slice(0, 40))}${file}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new GatewayError('BAD_REQUEST', 'the field spec is not JSON');
  }
}

/** Answers the same to the same request, however often and whenever it comes. */
async function begin(
  { gateway, starts, request, reply }: Start,
  fields: z.output<typeof schemas.campaignFields>,
  calls: CallSource,
  idempotency: Idempotency | undefined,
): Promise<unknown> {
  const { outdial } = gateway;
  const spec = campaignSpecOf(accountOf(request), fields, idempotency);
  const { campaignId } = spec;
  const start = async () => {
    const { warnings, intake } = await outdial.startCampaign(spec, calls);
    return { warnings, intake: intake ?? (await startList(outdial, campaignId)) };
  };
  const { warnings, intake } = await starts.begin(campaignId, idempotency, start);
  return reply
    .code(202)
    .header('location', `${gateway.publicUrl()}/v1/campaigns/${campaignId}`)
    .send({ campaignId, intake: countsOf(intake), warnings });
}

async function addCalls(gateway: Gateway, request: FastifyRequest): Promise<unknown> {
  const campaign = ownCampaign(gateway, request);
  const add = async (calls: CallSource) => {
    const intake = await campaign.addCalls(calls).catch((error: unknown) => notAdmitted(gateway, campaign, error));
    return { campaignId: campaign.campaignId, intake: countsOf(intake) };
  };
  const addFile = ({ fields, path }: Upload) => {
    checkForm(fields, []);
    if (path === undefined) throw wrong('calls', 'is missing: a CSV file');
    return add(readCallsCsv(path));
  };
  const account = accountOf(request);
  if (request.isMultipart()) return gateway.uploads.form(request, account, ['calls'], addFile);
  if (request.headers['content-type']?.startsWith(csv))
    return gateway.uploads.body(account, request.body as Readable, addFile);
  return add(readBody(schemas.moreCalls, request.body).calls);
}

/** There may be no worker that has it yet, and yet a campaign. @throws OutdialError `REFUSED`; else as it came */
async function notAdmitted({ outdial }: Gateway, { campaignId }: CampaignHandle, error: unknown): Promise<never> {
  if (!(error instanceof OutdialError) || error.code !== 'NOT_FOUND') throw error;
  await listsOf(outdial, campaignId);
  throw new OutdialError('REFUSED', 'no worker has admitted the campaign yet: add the calls in a moment');
}

interface Counts {
  readonly count: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly duplicates: number;
}

function countsOf(intake: Counts | undefined): Counts {
  if (!intake) throw new OutdialError('STORE', 'the list of the campaign is gone');
  const { count, accepted, rejected, duplicates } = intake;
  return { count, accepted, rejected, duplicates };
}
