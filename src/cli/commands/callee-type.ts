/** `outdial callee-type` */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import {
  type CalleeTypeDecision,
  type CalleeTypeOptions,
  calleeTypeOptions,
  detectCalleeType,
} from '../../callee-type';
import { accuracyOf, confusionOf, type DetectedType, detectedTypes } from '../../callee-type/accuracy';
import { readWav, WavError } from '../../callee-type/wav';
import { OutdialError } from '../../errors';
import { parse } from '../../spec/validate';
import { ExitCode } from '../exit-codes';
import { table } from '../output';
import { readDocument } from '../read-document';
import { action, type Session } from '../session';

interface Flags {
  readonly expect?: string;
  readonly options?: string;
}

export function addCalleeTypeCommand(root: Command): void {
  root
    .command('callee-type')
    .description('who answered, from recordings that begin at the answer: WAV of 8 or 16 kHz, PCM, µ-law or A-law')
    .argument('[files...]', 'recordings; without any, those of --expect')
    .option('--expect <manifest>', 'JSON or YAML that says who it is: says how often detection is right')
    .option(
      '--options <file>',
      'JSON or YAML with options of detection; they go before calleeType of the configuration',
    )
    .action(action(calleeType));
}

async function calleeType(session: Session, files: readonly string[], flags: Flags): Promise<ExitCode> {
  const options = { ...session.config.settings.calleeType, ...(flags.options && readOptions(flags.options)) };
  const labels = flags.expect === undefined ? undefined : readManifest(flags.expect);
  const named = files.length > 0 ? files : [...(labels?.values() ?? [])].map(({ file }) => file);
  if (named.length === 0)
    throw new OutdialError('INVALID_SPEC', 'name recordings, or a manifest of them with --expect');

  const heard: Heard[] = [];
  for (const file of named) {
    try {
      const label = labels && labelOf(labels, file, flags.expect!);
      const decision = detectCalleeType(await readRecording(file), options);
      heard.push({ file, decision, ...(label && { label }) });
      say(session, heard.at(-1)!);
    } catch (error) {
      // One that can't be read keeps no other from being heard.
      if (!(error instanceof OutdialError)) throw error;
      session.out.failure(error);
    }
  }
  if (labels) report(session, heard);
  return heard.length === named.length ? ExitCode.OK : ExitCode.USAGE;
}

interface Heard {
  readonly file: string;
  readonly decision: CalleeTypeDecision;
  readonly label?: Label;
}

const manifestSchema = z
  .array(
    z.object({
      /** Relative to the manifest. */
      file: z.string().min(1),
      calleeType: z.enum(detectedTypes),
      /** Of which kind it is, in a word of yours: each kind is reported apart. */
      kind: z.string().optional(),
      /** Whether humans speak, and no synthesizer: they are reported apart. */
      recorded: z.boolean().default(false),
    }),
  )
  .min(1);

type Label = z.output<typeof manifestSchema>[number];

/** By absolute path; `file` is relative to the working directory, or absolute. */
function readManifest(path: string): Map<string, Label> {
  const { value, issues } = parse(manifestSchema, readDocument(path));
  if (!value) {
    const lines = issues.slice(0, 10).map((issue) => `  ${issue.path || '(file)'}: ${issue.message}`);
    const form = 'it is a list of { "file": "a.wav", "calleeType": "voice" }';
    throw new OutdialError('INVALID_SPEC', `${path} is wrong; ${form}:\n${lines.join('\n')}`, issues);
  }
  return new Map(
    value.map((label) => [resolve(dirname(path), label.file), { ...label, file: resolve(dirname(path), label.file) }]),
  );
}

function labelOf(labels: ReadonlyMap<string, Label>, file: string, manifest: string): Label {
  const label = labels.get(resolve(file));
  if (!label)
    throw new OutdialError('INVALID_SPEC', `${file} is not in ${manifest}: add it there, or leave it out here`);
  return label;
}

function readOptions(path: string): Partial<CalleeTypeOptions> {
  const given = (readDocument(path) ?? {}) as Partial<CalleeTypeOptions>;
  try {
    calleeTypeOptions(given);
  } catch (error) {
    throw new OutdialError('INVALID_SPEC', `${path} is wrong: ${(error as Error).message}`);
  }
  return given;
}

/** @throws OutdialError `INVALID_SPEC` that names the file */
async function readRecording(file: string): Promise<Int16Array> {
  try {
    return readWav(await readFile(file));
  } catch (error) {
    const { message } = error as Error;
    if (!(error instanceof WavError)) throw new OutdialError('INVALID_SPEC', `${file} can't be read: ${message}`);
    throw new OutdialError('INVALID_SPEC', `${file}: ${message}; sox IN.wav -r 8000 -b 16 OUT.wav makes one that is`);
  }
}

function say({ out }: Session, { file, decision, label }: Heard): void {
  const { calleeType, reason, decidedAtMs } = decision;
  const isWrong = label !== undefined && label.calleeType !== calleeType;
  // Where it is known who it is, people want to see what was wrong.
  if (label !== undefined && !isWrong && !out.json) return;
  const expected = isWrong ? `, and not ${label.calleeType}` : '';
  out.result(
    { file, calleeType, reason, decidedAtMs },
    `${file}: ${calleeType} (${reason}) at ${decidedAtMs} ms${expected}`,
  );
}

interface Group {
  readonly group: string;
  readonly heard: readonly Heard[];
}

function report({ out }: Session, heard: readonly Heard[]): void {
  const kinds = [...new Set(heard.flatMap(({ label }) => label?.kind ?? []))];
  const groups: Group[] = [
    { group: 'all', heard },
    { group: 'human recordings', heard: heard.filter(({ label }) => label!.recorded) },
    ...detectedTypes.map((type) => ({ group: type, heard: heard.filter(({ label }) => label!.calleeType === type) })),
    ...kinds.map((kind) => ({ group: kind, heard: heard.filter(({ label }) => label!.kind === kind) })),
  ];
  const rows = groups
    .filter((group) => group.heard.length > 0)
    .map((group) => ({
      group: group.group,
      ...accuracyOf(judged(group.heard)),
      medianDecidedAtMs: median(group.heard.map(({ decision }) => decision.decidedAtMs)),
    }));
  const confusion = confusionOf(judged(heard));
  out.result({ accuracy: rows, confusion, bounds: 'Wilson, 95 %' }, [
    ...table([
      ['', 'recordings', 'right', 'accuracy', '95 % bounds (Wilson)', 'decided, median'],
      ...rows.map((row) => [
        row.group,
        String(row.recordings),
        String(row.right),
        percent(row.share),
        `${percent(row.from)} – ${percent(row.to)}`,
        `${row.medianDecidedAtMs} ms`,
      ]),
    ]),
    '',
    ...table([
      ['is \\ taken for', ...detectedTypes],
      ...detectedTypes.map((type) => [type, ...detectedTypes.map((answered) => String(confusion[type][answered]))]),
    ]),
  ]);
}

function judged(heard: readonly Heard[]): { expected: DetectedType; answered: DetectedType }[] {
  return heard.map(({ decision, label }) => ({ expected: label!.calleeType, answered: decision.calleeType }));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
