/** Hands over the calls of a round, asks of campaigns what is planned, and writes down what was answered and when. */
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import type { CampaignResult } from 'outdial';
import type { Accepted, Action } from './evidence';
import { type Answer, GatewayClient } from './gateway-client';
import type { CampaignPlan, RoundPlan, SinglePlan, Step } from './plan';
import type { Progress } from './progress';
import { ani, type Stage } from './stage';

/** How a campaign that was accepted stands, as its clients know. */
interface Running {
  readonly plan: CampaignPlan;
  readonly window: Pick<Accepted, 'startAt' | 'expiresAt'>;
  readonly actions: Action[];
  rows: number;
  readonly over: AbortController;
  result?: CampaignResult;
}

const againMs = 500;

export class Campaigns {
  private readonly running: Running[] = [];
  private readonly singles: Accepted[] = [];
  private readonly gateway: GatewayClient;

  /** @param limit - nothing is waited for beyond it */
  constructor(
    private readonly stage: Stage,
    private readonly progress: Progress,
    private readonly limit: AbortSignal,
  ) {
    this.gateway = new GatewayClient(stage.gatewayUrl);
  }

  /** Resolves when all that was accepted has ended, or at the limit. */
  async run({ campaigns, singles }: RoundPlan): Promise<void> {
    const handedOver = new AbortController();
    const rest = [...campaigns].sort((a, b) => a.at - b.at);
    const work = [
      ...rest.map((plan) => this.afterDials(plan.at, handedOver.signal, () => this.runCampaign(plan))),
      ...singles.map((plan) => this.afterDials(plan.at, handedOver.signal, () => this.runSingle(plan))),
    ];
    // Where fewer are dialed than the plan waits for, what is left goes at once.
    const idle = setInterval(() => {
      if (this.running.length > 0 && this.running.every(({ over }) => over.signal.aborted)) handedOver.abort();
    }, againMs);
    await Promise.all(work);
    clearInterval(idle);
  }

  /** A campaign that runs, to be asked something at the worst moment: the one that was dialed for last. */
  busiest(what: 'pause' | 'cancel'): CampaignPlan | undefined {
    const open = this.running
      .filter(({ over, actions }) => !over.signal.aborted && actions.length === 0)
      .filter(({ plan }) => what === 'pause' || !plan.isSteady);
    const dialedAt = ({ plan }: Running): number => this.progress.lastDialAt(prefixOf(plan));
    return open.sort((a, b) => dialedAt(b) - dialedAt(a))[0]?.plan;
  }

  /** Asks a campaign now. @returns the status that was answered, if any was before `over` */
  async ask(
    plan: CampaignPlan,
    what: 'pause' | 'resume' | 'cancel',
    over: AbortSignal = this.limit,
  ): Promise<number | undefined> {
    const running = this.running.find((other) => other.plan === plan)!;
    const answer = await this.gateway.ask(`/campaigns/${plan.id}/${what}`, {}, AbortSignal.any([over, this.limit]));
    if (answer && took(answer, what)) running.actions.push({ what, ...timesOf(answer) });
    return answer?.status;
  }

  async accepted(): Promise<Accepted[]> {
    const campaigns = this.running.map(async ({ plan, window, actions, rows, result }): Promise<Accepted> => ({
      id: plan.id,
      ...window,
      maxAttempts: plan.redial.maxAttempts,
      actions: actions.sort((a, b) => a.askedAt - b.askedAt),
      rows,
      callIds: await this.callIds(plan.id),
      ...(result && { result }),
    }));
    return [...(await Promise.all(campaigns)), ...this.singles];
  }

  /** Of all lists that the engine says are the campaign's. */
  private async callIds(campaignId: string): Promise<string[]> {
    const { contacts } = this.stage.store;
    const lists = await contacts.admittedLists(campaignId);
    const ids = lists.map(async (list) => {
      const { count } = (await contacts.summary(campaignId, list))!;
      return (await contacts.read(campaignId, list, 0, count)).map(({ callId }) => callId);
    });
    return (await Promise.all(ids)).flat();
  }

  private async afterDials(at: number, over: AbortSignal, then: () => Promise<void>): Promise<void> {
    await this.progress.reached(at, AbortSignal.any([over, this.limit]));
    await then();
  }

  private async runCampaign(plan: CampaignPlan): Promise<void> {
    const { id, destinations, redial, priority, steps } = plan;
    const window = windowOf(plan);
    const spec = { ...this.common(), campaignId: id, ...window, redial, priority };
    const calls = destinations.map((destination) => ({ destination }));
    const answer = await this.gateway.ask('/campaigns', { ...spec, calls }, this.limit, id);
    // What was not accepted is not judged, and must not be dialed.
    if (answer?.status !== 202) return;
    const running: Running = { plan, window, actions: [], rows: calls.length, over: new AbortController() };
    this.running.push(running);
    const stepping = this.carryOut(steps, running);
    const result = await this.untilEnded(() => this.stage.outdial.campaign(id).result());
    if (result) running.result = result;
    running.over.abort();
    await stepping;
  }

  private async carryOut(steps: readonly Step[], running: Running): Promise<void> {
    const { plan, over } = running;
    for (const step of steps) {
      if (!(await this.progress.reached(step.at, AbortSignal.any([over.signal, this.limit]), prefixOf(plan)))) return;
      await this.step(step, running);
    }
  }

  private async step(step: Step, running: Running): Promise<void> {
    const { plan, window, actions } = running;
    const path = `/campaigns/${plan.id}`;
    switch (step.what) {
      case 'pause':
        if ((await this.ask(plan, 'pause')) !== 200) return;
        await sleep(step.forMs);
        return void (await this.ask(plan, 'resume'));
      case 'cancel':
        return void actions.push(...(await this.cancel(path, step.hangUp)));
      case 'extend': {
        const expiresAt = Math.max(window.expiresAt!, Date.now()) + step.byMs;
        // It may take effect from the first try on.
        actions.push({ what: 'extend', askedAt: Date.now(), expiresAt });
        return void (await this.gateway.ask(`${path}/extend`, { expiresAt }, this.limit));
      }
      case 'add': {
        const calls = step.destinations.map((destination) => ({ destination }));
        const answer = await this.gateway.try(`${path}/calls`, { calls });
        if (answer?.status === 202) running.rows += calls.length;
        return;
      }
      default:
        return step satisfies never;
    }
  }

  private async runSingle(plan: SinglePlan): Promise<void> {
    const { id, destination, redial, cancel } = plan;
    const window = windowOf(plan);
    const spec = { ...this.common(), callId: id, ...window, destination, redial };
    const answer = await this.gateway.ask('/calls', spec, this.limit, id);
    if (answer?.status !== 202) return;
    const actions: Action[] = [];
    this.singles.push({ id, ...window, maxAttempts: redial.maxAttempts, actions, rows: 1, callIds: [id] });
    const over = new AbortController();
    const canceling = cancel && this.cancelSingle(id, cancel, actions, AbortSignal.any([over.signal, this.limit]));
    await this.untilEnded(() => this.stage.client.workflow.getHandle(`call/${id}`).result());
    over.abort();
    await canceling;
  }

  private async cancelSingle(
    id: string,
    { at, hangUp }: NonNullable<SinglePlan['cancel']>,
    actions: Action[],
    over: AbortSignal,
  ): Promise<void> {
    if (await this.progress.reached(at, over, id)) actions.push(...(await this.cancel(`/calls/${id}`, hangUp)));
  }

  /** @returns what is known of it; nothing, where nobody knows whether it took effect */
  private async cancel(path: string, hangUp: boolean): Promise<Action[]> {
    const answer = await this.gateway.ask(`${path}/cancel`, { hangUp }, this.limit);
    return answer && took(answer, 'cancel') ? [{ what: 'cancel', ...timesOf(answer) }] : [];
  }

  private common() {
    return { deployment: 'main', application: 'app', from: ani, resultUrl: this.stage.resultUrl };
  }

  /** The server is killed now and then, so that it is asked again. */
  private async untilEnded<T>(ended: () => Promise<T>): Promise<T | undefined> {
    while (!this.limit.aborted) {
      const late = sleep(10_000, 'late' as const, { ref: false });
      const answer = await Promise.race([ended().catch(unlessItFailed), late]);
      if (answer !== 'failed' && answer !== 'late') return answer;
      await sleep(againMs);
    }
    return undefined;
  }
}

/** A workflow that failed has ended, and what is missing by that is judged. */
function unlessItFailed(error: unknown): 'failed' | undefined {
  return error instanceof WorkflowFailedError ? undefined : 'failed';
}

/** Of the ids of its calls. */
function prefixOf({ id }: CampaignPlan): string {
  return `${id}.`;
}

/** From now on. */
function windowOf({ startsInMs, lastsMs }: Pick<CampaignPlan, 'startsInMs' | 'lastsMs'>) {
  const startAt = Date.now() + startsInMs;
  return { startAt, ...(lastsMs !== undefined && { expiresAt: startAt + lastsMs }) };
}

/** What refuses to be canceled was closed before, and dials as little. */
function took({ status }: Answer, what: Action['what']): boolean {
  return status === 200 || (status === 409 && what === 'cancel');
}

function timesOf({ askedAt, answeredAt }: Answer): Pick<Answer, 'askedAt' | 'answeredAt'> {
  return { askedAt, answeredAt };
}
