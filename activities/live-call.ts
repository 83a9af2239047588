/** Runs an application on an answered call. */
import { inspect, types } from 'node:util';
import { CalleeType, type CallLog, type DialInput, type Json, maxJsonBytes } from '../src/contract';
import type { TrunkCall } from '../src/trunks/trunk';
import type { Application, LiveCall } from '../src/worker/application';

/** Once the callee has hung up, an application has so long to return. The line is held until then. */
const returnMs = 1_000;

type KnownCalleeType = Exclude<CalleeType, 'processing'>;

/** Runs the application until it returns or the call ends, then hangs up. Never rejects. */
export async function converse(
  application: Application | undefined,
  input: DialInput,
  call: TrunkCall,
  attempt: number,
  calleeType: Promise<KnownCalleeType>,
): Promise<Pick<CallLog, 'result' | 'applicationError'>> {
  const { ended, stop } = withinAfter(call.ended, returnMs);
  try {
    if (!application) throw new Error(`this worker does not run application ${input.plan.application}`);
    const live = liveCall(input, call, attempt, calleeType);
    const value = await Promise.race([Promise.resolve(live).then(application), ended]);
    return value === undefined ? {} : { result: asJson(value) };
  } catch (error) {
    return { applicationError: errorText(error) };
  } finally {
    stop();
    await call.hangUp();
  }
}

/** Rejects `ms` after the call has ended, unless stopped. */
function withinAfter(callEnded: Promise<unknown>, ms: number): { ended: Promise<never>; stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const ended = new Promise<never>((_resolve, reject) => {
    void callEnded.then(() => {
      const late = new Error(`the application did not return within ${ms} ms of hang-up`);
      if (!stopped) timer = setTimeout(() => reject(late), ms);
    });
  });
  return {
    ended,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

function liveCall(input: DialInput, call: TrunkCall, attempt: number, calleeType: Promise<KnownCalleeType>): LiveCall {
  const { contact, campaignId, plan } = input;
  const { messageReference } = contact.submitted;
  const hungUp = new AbortController();
  const ended = call.ended.then(() => hungUp.abort());
  let known: CalleeType = CalleeType.PROCESSING;
  void calleeType.then((type) => (known = type));
  return {
    callId: contact.callId,
    ...(campaignId !== undefined && { campaignId }),
    attempt,
    destination: contact.destination,
    ani: contact.ani ?? plan.ani,
    ...(plan.startUrl !== undefined && { startUrl: plan.startUrl }),
    parameters: contact.submitted.parameters ?? {},
    ...(messageReference !== undefined && { messageReference }),
    get calleeType() {
      return known;
    },
    calleeTypeKnown: () => calleeType,
    machineBeep: (timeoutMs = 30_000) => call.detectBeep(timeoutMs),
    play: (prompt) => call.play(prompt),
    sendDigits: (digits) => call.sendDigits(digits),
    gather: (options) => call.gather(options),
    hangUp: () => call.hangUp(),
    signal: hungUp.signal,
    ended,
  };
}

/**
 * Serialized here, inside the activity: a value that Temporal could not carry would fail the activity, and ring the callee
 * again at every retry.
 */
function asJson(value: unknown): Json {
  const text = JSON.stringify(value, function (key, item: unknown) {
    refuseNonJson(item, key);
    return item;
  });
  const bytes = Buffer.byteLength(text ?? '');
  if (bytes > maxJsonBytes)
    throw new TypeError(`the application returned ${bytes} bytes of JSON, at most ${maxJsonBytes} are kept`);
  return JSON.parse(text) as Json;
}

/** What JSON.stringify would drop or flatten without a word. `undefined` fields are dropped as everywhere. */
function refuseNonJson(item: unknown, key: string): void {
  const where = key === '' ? 'the value' : `field ${key}`;
  const lossy =
    typeof item === 'function' ||
    typeof item === 'symbol' ||
    (typeof item === 'number' && !Number.isFinite(item)) ||
    types.isMap(item) ||
    types.isSet(item) ||
    types.isPromise(item);
  if (lossy)
    throw new TypeError(`the application returned no JSON: ${where} is a ${item?.constructor.name ?? typeof item}`);
}

/** Whatever was thrown, in words. */
function errorText(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : inspect(error);
  return text.slice(0, 1_000);
}
