/**
 * OpenTelemetry traces: campaign → call → dial and result, made of the records once they are kept. Ids are derived from those
 * of campaigns and calls, so that all workers agree on them, a crash breaks no trace, and nothing travels through Temporal.
 */
import { createHash, randomBytes } from 'node:crypto';
import type * as Api from '@opentelemetry/api';
import { type Attempt, type CampaignResult, type FinalCallRecord, parseCampaignCallId } from '../contract';

/** Where traces go. */
export interface TracesOptions {
  /** Base URL of a receiver of OTLP over HTTP, JSON: `http://127.0.0.1:4318`. */
  readonly otlp: string;
  /** Share of the calls that are traced, 0–1: all spans of a call are, or none. Campaigns are all traced. @defaultValue 1 */
  readonly ratio?: number;
}

/** Whose result was posted. */
interface Posted {
  readonly campaignId?: string | undefined;
  /** Absent: the campaign's own. */
  readonly callId?: string | undefined;
  readonly queue: string;
}

/** A span as the trace has it. Times in epoch milliseconds. */
interface Made {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId?: string;
  readonly kind?: 'client';
  readonly startAt: number;
  readonly endAt: number;
  readonly attributes: Api.Attributes;
}

/** A collector that is away loses spans, and holds nothing up. */
export class Traces {
  private nextSpanId = '';
  private nextTraceId = '';

  private constructor(
    private readonly api: typeof Api,
    private readonly namespace: string,
    private readonly ratio: number,
    private readonly tracer: Api.Tracer,
    /** Sends what is left. Never rejects. */
    readonly close: () => Promise<void>,
  ) {}

  /** Loads OpenTelemetry, which nobody else needs. Its `OTEL_…` variables hold: headers, resource, batches. */
  static async open({ otlp, ratio = 1 }: TracesOptions, namespace: string): Promise<Traces> {
    const [api, { OTLPTraceExporter }, sdk, resources] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/resources'),
    ]);
    const exporter = new OTLPTraceExporter({ url: `${otlp.replace(/\/$/, '')}/v1/traces` });
    const named = resources.resourceFromAttributes({ 'service.name': 'outdial' });
    const provider = new sdk.BasicTracerProvider({
      resource: named.merge(resources.detectResources({ detectors: [resources.envDetector] })),
      spanProcessors: [new sdk.BatchSpanProcessor(exporter)],
      idGenerator: { generateTraceId: () => traces.nextTraceId, generateSpanId: () => traces.nextSpanId },
    });
    const close = (): Promise<void> => provider.shutdown().catch(() => undefined);
    const traces: Traces = new Traces(api, namespace, ratio, provider.getTracer('outdial'), close);
    return traces;
  }

  /** The final record of a call is kept: the call and its dials, answered or not. */
  callEnded(record: FinalCallRecord): void {
    const { callId, campaignId, attempts, endedAt } = record;
    if (!this.isTraced(callId)) return;
    const traceId = this.traceId(record);
    const spanId = this.spanId(`call/${callId}`);
    this.add({
      name: 'call',
      traceId,
      spanId,
      ...(campaignId !== undefined && { parentId: this.spanId(`campaign/${campaignId}`) }),
      startAt: attempts[0]?.dialedAt ?? endedAt,
      endAt: endedAt,
      attributes: {
        ...subjectOf(record),
        'outdial.state': record.state,
        'outdial.attempts': attempts.length,
        'outdial.line_faults': record.lineFaults ?? 0,
      },
    });
    for (const attempt of attempts) {
      const dial: Made = {
        name: 'dial',
        traceId,
        spanId: this.spanId(`call/${callId}#${attempt.number}`),
        parentId: spanId,
        kind: 'client',
        startAt: attempt.dialedAt,
        endAt: attempt.endedAt ?? endedAt,
        attributes: { ...subjectOf(record), ...attributesOf(attempt) },
      };
      this.add(dial, (span) => {
        if (attempt.ringingAt !== undefined) span.addEvent('ringing', attempt.ringingAt);
        if (attempt.answeredAt !== undefined) span.addEvent('answered', attempt.answeredAt);
      });
    }
  }

  /** The result of a campaign is kept. */
  campaignEnded(result: CampaignResult, queue: string): void {
    const { campaignId, startAt, endedAt, state } = result;
    this.add({
      name: 'campaign',
      traceId: this.traceId(result),
      spanId: this.spanId(`campaign/${campaignId}`),
      startAt: Math.min(startAt, endedAt),
      endAt: endedAt,
      attributes: {
        ...subjectOf({ campaignId, queue }),
        'outdial.state': state,
        'outdial.calls': result.calls,
        'outdial.attempts': result.attempts,
      },
    });
  }

  /**
   * A receiver was asked to take a result.
   *
   * @param failure - why it did not
   */
  resultPosted({ callId, queue, ...of }: Posted, startAt: number, failure?: string): void {
    const campaignId = of.campaignId ?? (callId === undefined ? undefined : parseCampaignCallId(callId)?.campaignId);
    const posted = { callId, campaignId, queue };
    if (callId !== undefined && !this.isTraced(callId)) return;
    const result: Made = {
      name: 'result',
      traceId: this.traceId(posted),
      spanId: randomBytes(8).toString('hex'),
      parentId: this.spanId(callId === undefined ? `campaign/${campaignId}` : `call/${callId}`),
      kind: 'client',
      startAt,
      endAt: Date.now(),
      attributes: subjectOf(posted),
    };
    this.add(result, (span, { ERROR }) => {
      if (failure !== undefined) span.setStatus({ code: ERROR, message: failure });
    });
  }

  private add(made: Made, change?: (span: Api.Span, codes: typeof Api.SpanStatusCode) => void): void {
    const { api } = this;
    const { name, traceId, parentId, startAt, attributes } = made;
    const kind = made.kind === 'client' ? api.SpanKind.CLIENT : api.SpanKind.INTERNAL;
    let parent: Api.Context = api.ROOT_CONTEXT;
    if (parentId !== undefined)
      parent = api.trace.setSpanContext(parent, { traceId, spanId: parentId, traceFlags: api.TraceFlags.SAMPLED });
    this.nextTraceId = traceId;
    this.nextSpanId = made.spanId;
    const span = this.tracer.startSpan(name, { kind, startTime: startAt, attributes }, parent);
    change?.(span, api.SpanStatusCode);
    span.end(made.endAt);
  }

  /** One trace for a campaign with all its calls, and for a call without one. */
  private traceId({ campaignId, callId }: Omit<Posted, 'queue'>): string {
    return this.hash(`trace/${campaignId === undefined ? `call/${callId}` : `campaign/${campaignId}`}`, 16);
  }

  private spanId(name: string): string {
    return this.hash(name, 8);
  }

  private isTraced(callId: string): boolean {
    return parseInt(this.hash(`ratio/${callId}`, 4), 16) < this.ratio * 2 ** 32;
  }

  private hash(name: string, bytes: number): string {
    return createHash('sha256')
      .update(`${this.namespace}/${name}`)
      .digest('hex')
      .slice(0, 2 * bytes);
  }
}

/** Never a number or a parameter. */
function subjectOf({ campaignId, callId, queue }: Posted): Api.Attributes {
  return {
    ...(campaignId !== undefined && { 'outdial.campaign_id': campaignId }),
    ...(callId !== undefined && { 'outdial.call_id': callId }),
    'outdial.queue': queue,
  };
}

function attributesOf({ number, outcome, calleeType, cause, transfers }: Attempt): Api.Attributes {
  return {
    'outdial.attempt': number,
    ...(outcome !== undefined && { 'outdial.outcome': outcome }),
    ...(calleeType !== undefined && { 'outdial.callee_type': calleeType }),
    ...(cause?.sip !== undefined && { 'outdial.sip_status': cause.sip }),
    ...(cause?.q850 !== undefined && { 'outdial.q850_cause': cause.q850 }),
    ...(transfers && { 'outdial.transfers': transfers.length }),
  };
}
