/** Runs an application on an answered call. */
import { inspect, types } from 'node:util';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { parsePhoneNumber } from '../src/contacts/phone-number';
import {
  CalleeType,
  type CallLog,
  type DialInput,
  type Json,
  maxJsonBytes,
  maxTransfers,
  type PciRules,
} from '../src/contract';
import type { TransferEnd, TransferOptions, TrunkCall } from '../src/trunks/trunk';
import type { Application, LiveCall } from '../src/worker/application';

/** Once the callee has hung up, an application has so long to return. The line is held until then. */
const returnMs = 1_000;

type KnownCalleeType = Exclude<CalleeType, 'processing'>;

/** Where transfers of a call are accounted for, one after the other. */
export interface TransferLog {
  /** Those of the attempt so far. */
  count(): number;
  begin(to: string): void;
  end(end: TransferEnd): void;
}

/**
 * Runs the application until it returns or the call ends, then hangs up. Never rejects.
 *
 * @param pci - the rules of the queue, where it takes PCI calls
 */
export async function converse(
  application: Application | undefined,
  input: DialInput,
  call: TrunkCall,
  attempt: number,
  calleeType: Promise<KnownCalleeType>,
  transferLog: TransferLog,
  pci: PciRules | undefined,
): Promise<Pick<CallLog, 'result' | 'applicationError'>> {
  const { ended, stop } = withinAfter(call.ended, returnMs);
  const transfers = new Transfers(call, input.contact.ani ?? input.plan.ani, transferLog);
  try {
    if (!application) throw new Error(`this worker does not run application ${input.plan.application}`);
    const live = liveCall(input, call, attempt, calleeType, transfers, pci);
    const value = await Promise.race([Promise.resolve(live).then(application), ended]);
    return value === undefined ? {} : { result: asJson(value) };
  } catch (error) {
    return { applicationError: errorText(error) };
  } finally {
    stop();
    await call.hangUp();
    await transfers.settled();
  }
}

/** Hands a live call on, to one party at a time. */
class Transfers {
  private isOver = false;
  private current: Promise<TransferEnd> | undefined;

  constructor(
    private readonly call: TrunkCall,
    private readonly ani: string,
    private readonly log: TransferLog,
  ) {
    void call.ended.then(() => (this.isOver = true));
  }

  async transfer(to: string, options?: TransferOptions): Promise<TransferEnd> {
    if (!this.call.transfer) throw new Error('transfer: the trunk of this queue cannot transfer calls');
    const number = parsePhoneNumber(String(to), countryOf(this.ani));
    if (!number.ok) throw new Error(`transfer: ${number.reason}`);
    if (this.isOver) return { outcome: 'canceled', talkMs: 0 };
    if (this.current) throw new Error('transfer: the call is being transferred already');
    if (this.log.count() >= maxTransfers)
      throw new Error(`transfer: a call is transferred ${maxTransfers} times at most`);
    this.current = this.place(number.number, options);
    try {
      return await this.current;
    } finally {
      this.current = undefined;
    }
  }

  /** The log has it before anybody is called, and once it is over. */
  private async place(to: string, options?: TransferOptions): Promise<TransferEnd> {
    this.log.begin(to);
    const { outcome, cause, talkMs } = await this.call.transfer!(to, options);
    const end: TransferEnd = { outcome, ...(cause && { cause }), talkMs: Math.round(talkMs) };
    this.log.end(end);
    return end;
  }

  /** Resolves once none is under way: at the latest when the call has ended. */
  async settled(): Promise<void> {
    await this.current?.catch(() => undefined);
  }
}

/** National numbers are read in the caller ID's country; of a caller ID that has none, such as a toll-free one, in the US. */
function countryOf(ani: string): string {
  return parsePhoneNumberFromString(ani)?.country ?? 'US';
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

function liveCall(
  input: DialInput,
  call: TrunkCall,
  attempt: number,
  calleeType: Promise<KnownCalleeType>,
  transfers: Transfers,
  pci: PciRules | undefined,
): LiveCall {
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
    ...(pci && { pci }),
    get calleeType() {
      return known;
    },
    calleeTypeKnown: () => calleeType,
    machineBeep: (timeoutMs = 30_000) => call.detectBeep(timeoutMs),
    play: (prompt) => call.play(prompt),
    sendDigits: (digits) => call.sendDigits(digits),
    gather: (options) => call.gather(options),
    transfer: (to, options) => transfers.transfer(to, options),
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
