/** `outdial call …` */
import { Argument, type Command } from 'commander';
import { invalidSpec } from '../../errors';
import type { CallSpec } from '../../spec/schema';
import { commandName } from '../command-name';
import { describeRecord } from '../describe-record';
import { time } from '../output';
import { readDocument } from '../read-document';
import { action, type Session } from '../session';
import { describeGate } from '../values';

const id = (): Argument => new Argument('<id>', 'id of the call');

export function addCallCommands(root: Command): void {
  const call = root.command('call').description('single calls, and those of campaigns');
  call
    .command('queue')
    .description('queue one call, from a YAML or JSON file with the fields of a spec, or from options, which go first')
    .argument('[file]', 'file with the fields of a call')
    .option('--destination <number>', 'who is called')
    .option('--queue <queue>', 'queue of lines that dials')
    .option('--application <name>', 'application that runs when the callee answers')
    .option('--ani <number>', 'caller ID: one of the queue')
    .option('--id <id>', 'id of the call')
    .action(action(queueCall));
  call.command('show').description('the record of a call').addArgument(id()).action(action(showCall));
  call
    .command('cancel')
    .description('end a call; a connected one is left to finish')
    .addArgument(id())
    .option('--hang-up', 'also when it is connected')
    .action(action(cancelCall));
  call.command('redeliver').description('deliver the result again').addArgument(id()).action(action(redeliverCall));
  call
    .command('explain')
    .description('why a call is not being dialed, and when it will be')
    .addArgument(id())
    .action(action(explainCall));
}

interface QueueFlags extends Partial<CallSpec> {
  readonly id?: string;
}

async function queueCall(
  session: Session,
  file: string | undefined,
  { id: callId, ...flags }: QueueFlags,
): Promise<void> {
  const fields = file === undefined ? {} : readDocument(file);
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw invalidSpec([{ path: '', message: `${file} must hold the fields of a call, such as destination` }]);
  }
  const { config: _config, json: _json, ...options } = flags as Record<string, unknown>;
  const spec = { ...fields, ...options, ...(callId !== undefined && { callId }) } as CallSpec;
  const outdial = await session.outdial();
  const call = await outdial.queueCall(spec);
  const { workflowId, warnings } = call;
  session.out.result({ callId: call.callId, workflowId, warnings }, [
    `call ${call.callId} is queued`,
    ...warnings.map((warning) => `warning: ${warning}`),
    `See it: ${commandName} call show ${call.callId}`,
  ]);
}

async function showCall(session: Session, callId: string): Promise<void> {
  const record = await (await session.outdial()).call(callId).record();
  session.out.result(record, describeRecord(record));
}

async function cancelCall(session: Session, callId: string, { hangUp = false }: { hangUp?: boolean }): Promise<void> {
  const gate = await (await session.outdial()).call(callId).cancel({ hangUp });
  session.out.result({ callId, gate }, `call ${callId}: ${describeGate(gate)}`);
}

async function redeliverCall(session: Session, callId: string): Promise<void> {
  await (await session.outdial()).call(callId).redeliver();
  session.out.result({ callId, redelivering: true }, `the result of call ${callId} is being delivered again`);
}

async function explainCall(session: Session, callId: string): Promise<void> {
  const explanation = await (await session.outdial()).call(callId).explain();
  const { state, because, nextDialAt } = explanation;
  session.out.result(explanation, [
    `${session.out.bold(callId)}: ${state}`,
    ...because.map((reason) => `- ${reason}`),
    ...(nextDialAt === undefined ? [] : [`next dial: ${time(nextDialAt)} at the earliest`]),
  ]);
}
