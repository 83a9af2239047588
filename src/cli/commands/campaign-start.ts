/** `outdial campaign start` and `add`. */
import { dirname, resolve } from 'node:path';
import type { CallSource } from '../../client/campaign-handle';
import { readCallsCsv } from '../../contacts/csv';
import type { IntakeReport } from '../../contacts/intake';
import type { CallRequest } from '../../contract';
import { invalidSpec } from '../../errors';
import type { CampaignSpec } from '../../spec/schema';
import { commandName } from '../command-name';
import { readDocument } from '../read-document';
import type { Session } from '../session';

interface IntakeFlags {
  readonly strict?: boolean;
  readonly rejectFile?: string;
}

interface StartFlags extends IntakeFlags {
  readonly calls?: string;
  readonly id?: string;
}

export async function startCampaign(
  session: Session,
  file: string,
  { calls, id, ...intake }: StartFlags,
): Promise<void> {
  const { spec, source } = readCampaignFile(file, calls, id);
  const show = `${commandName} campaign show ${spec.campaignId}`;
  const outdial = await session.outdial();
  session.onInterrupt(`interrupted; whether the campaign was started is told by\n  ${show}`);
  const started = await outdial.startCampaign(spec, source, intake);
  const { campaignId, workflowId, alreadyRunning, warnings } = started;
  session.out.result({ campaignId, workflowId, alreadyRunning, warnings, intake: started.intake }, [
    alreadyRunning
      ? `campaign ${campaignId} is running already, with the same spec; it took no calls`
      : `campaign ${campaignId} is started: ${describeIntake(started.intake!)}`,
    ...warnings.map((warning) => `warning: ${warning}`),
    `Follow it: ${commandName} campaign watch ${campaignId}`,
  ]);
}

export async function addToCampaign(session: Session, id: string, csv: string, intake: IntakeFlags): Promise<void> {
  const outdial = await session.outdial();
  session.onInterrupt(`interrupted; whether the calls were added is told by\n  ${commandName} campaign show ${id}`);
  const report = await outdial.campaign(id).addCalls(readCallsCsv(csv), intake);
  session.out.result({ campaignId: id, intake: report }, `campaign ${id}: ${describeIntake(report)}`);
}

/** The spec, and where its calls are. What is wrong with the spec's own fields is found later, by its validation. */
function readCampaignFile(file: string, csv?: string, id?: string): { spec: CampaignSpec; source: CallSource } {
  const document = readDocument(file);
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw invalidSpec([{ path: '', message: `${file} must hold the fields of a campaign, such as campaignId` }]);
  }
  const { calls, callsFile, ...fields } = document as Record<string, unknown>;
  const spec = { ...fields, ...(id !== undefined && { campaignId: id }) } as CampaignSpec;
  if (csv !== undefined) return { spec, source: readCallsCsv(csv) };
  if (calls !== undefined && callsFile !== undefined) {
    throw invalidSpec([{ path: 'callsFile', message: 'must be absent where calls is given' }]);
  }
  if (typeof callsFile === 'string') return { spec, source: readCallsCsv(resolve(dirname(file), callsFile)) };
  if (callsFile !== undefined) throw invalidSpec([{ path: 'callsFile', message: 'must be the path of a CSV file' }]);
  if (calls !== undefined && !Array.isArray(calls)) {
    throw invalidSpec([{ path: 'calls', message: 'must be a list of calls, each with a destination' }]);
  }
  if (calls === undefined && spec.keepOpen !== true) {
    throw invalidSpec([{ path: 'calls', message: 'is missing: give calls, callsFile or --calls' }]);
  }
  return { spec, source: (calls ?? []) as CallRequest[] };
}

function describeIntake({ count, accepted, rejected, duplicates, rejects }: IntakeReport): string {
  const bad = rejects.slice(0, 5).map(({ row, reason }) => `\n  row ${row}: ${reason}`);
  const more = rejected > bad.length && bad.length > 0 ? `\n  … and ${rejected - bad.length} more` : '';
  return `${count} calls, ${accepted} accepted, ${rejected} rejected, ${duplicates} duplicates${bad.join('')}${more}`;
}
