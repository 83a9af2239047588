/** Admits a standalone call that came as a spec, through any Temporal client. */
import { Context } from '@temporalio/activity';
import { type AdmittedCall, type BareCall, callWorkflowId } from '../src/contract';
import { OutdialError } from '../src/errors';
import { validateCall } from '../src/spec/validate';
import { checkSpec, readInput, refusing } from './check-spec';
import type { ActivityDeps } from './deps';

export function createCallAdmission(deps: ActivityDeps) {
  /** Validates a call's spec. A wrong one fails at once, with every wrong field named. */
  return (input: BareCall): Promise<AdmittedCall> =>
    refusing(async () => {
      const { fields, issues } = readInput(input, 'callId', callWorkflowId);
      const { validated, queue } = await checkSpec(deps, {
        fields: { callId: idOfWorkflow(), ...fields },
        issues,
        validate: validateCall,
      });
      const { plan, window, contact, hash } = validated;
      if (await deps.store.records.call(contact.callId))
        throw new OutdialError('ALREADY_ENDED', `call id ${contact.callId} was used before`);
      return { call: { plan, window, contact, heartbeatTimeoutMs: queue.heartbeatTimeoutMs }, specHash: hash };
    });
}

/** A call that names no id has the one that its workflow was started with. */
function idOfWorkflow(): string {
  const { workflowId } = Context.current().info.workflowExecution!;
  const prefix = callWorkflowId('');
  return workflowId.startsWith(prefix) ? workflowId.slice(prefix.length) : workflowId;
}
