/** The sound of one live call, for trunks whose media passes through this process. It knows no protocol. */
import {
  BeepDetector,
  CalleeTypeDetector,
  type CalleeTypeOptions,
  calleeTypeOptions,
  FrameMeter,
  frameMs,
  frameSize,
} from '../../callee-type';
import { pending } from '../pending';
import type { GatherOptions, Prompt, Speech, TrunkCall } from '../trunk';
import { everyFrame } from './frame-clock';
import { jitterFrames } from './jitter-buffer';
import { Playout } from './playout';
import { PressedDigits } from './pressed-digits';
import { audioOf } from './prompts';
import { ReceiveLine } from './receive-line';

/** Where a call's sound goes. No method throws or rejects, also when the call has ended. */
export interface MediaPort {
  /** Whether sound gets through now: what is played waits while it does not. Absent: always. */
  isOpen?(): boolean;
  /** Every 20 ms from answer to end: 160 samples at 8 kHz, or nothing where nothing is played. */
  sendFrame(frame: Int16Array | undefined): void;
  /** Sends one of `0–9 * # A–D`; resolves when it is out and the next one may follow. */
  sendDigit(digit: string): Promise<void>;
}

/** What every trunk with media of its own lets its user set. */
export interface MediaOptions {
  /** Speaks what is played as text. Absent: playing text rejects. */
  readonly speech?: Speech;
  /** Numbers that callee-type detection goes by. */
  readonly calleeType?: Partial<CalleeTypeOptions>;
}

/** Pauses in digits to send: `w` as Twilio has it, `p` of RFC 2806, the comma of Hayes modems. */
const pausesMs: Readonly<Record<string, number>> = { w: 500, p: 1_000, ',': 2_000 };

/**
 * What a {@link TrunkCall} does with sound. The trunk calls {@link answer} and {@link end}, and passes in what it receives; both may
 * be called again and do nothing then. Prompts and digits wait for the answer and go out one after the other; gathering goes on
 * beside them. All of them end with the call.
 */
export class CallMedia implements Pick<
  TrunkCall,
  'play' | 'sendDigits' | 'gather' | 'detectCalleeType' | 'detectBeep'
> {
  readonly #port: MediaPort;
  readonly #speech: Speech | undefined;
  readonly #detector: CalleeTypeDetector;
  readonly #beepDetector: BeepDetector;
  /** What both detectors listen to is measured once. */
  readonly #meter: FrameMeter;
  readonly #line = new ReceiveLine();
  readonly #playout = new Playout();
  readonly #pressed = new PressedDigits();
  readonly #answered = later<boolean>();
  readonly #ended = later<undefined>();
  readonly #known = later<Awaited<ReturnType<TrunkCall['detectCalleeType']>>>();
  readonly #beeped = later<boolean>();
  readonly #windowFrames: number;
  /** The last prompt or digits to go out. */
  #outgoing: Promise<unknown> = this.#answered.promise;
  #stopClock: (() => void) | undefined;
  #isOver = false;
  #hasBeeped = false;
  /** Frames since the answer: by the clock, and heard of them. */
  #passed = 0;
  #heard = 0;

  constructor(port: MediaPort, { speech, calleeType = {} }: MediaOptions = {}) {
    this.#port = port;
    this.#speech = speech;
    this.#detector = new CalleeTypeDetector(calleeType);
    this.#beepDetector = new BeepDetector(calleeType);
    const options = calleeTypeOptions(calleeType);
    this.#meter = new FrameMeter(options);
    this.#windowFrames = Math.ceil(options.windowMs / frameMs);
  }

  /** The callee has answered: the media clock starts. */
  answer(): void {
    if (this.#isOver || this.#stopClock) return;
    this.#stopClock = everyFrame(() => this.#tick());
    this.#answered.settle(true);
  }

  /** The call has ended. Who still waits gets what there is. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopClock?.();
    this.#listenUpTo(this.#passed);
    this.#known.settle(this.#stopClock ? this.#detector.finish().calleeType : 'unknown');
    this.#beeped.settle(false);
    this.#pressed.end();
    this.#answered.settle(false);
    this.#ended.settle(undefined);
  }

  /**
   * Takes received sound: 8 kHz, 16-bit PCM, of any length up to 1 s. What comes before the answer or after the end is ignored.
   *
   * @param timestamp - RTP timestamp of its first sample; absent: it follows what came before
   */
  receive(samples: Int16Array, timestamp?: number): void {
    if (this.#stopClock && !this.#isOver) this.#line.write(samples, timestamp, this.#passed * frameSize);
  }

  /** Takes a digit that the callee pressed. What comes before the answer is ignored. */
  receiveDigit(digit: string): void {
    if (this.#stopClock && !this.#isOver) this.#pressed.push(digit);
  }

  /** `unknown` where nobody answered, and where it is not sure by then. */
  async detectCalleeType(withinMs: number): ReturnType<TrunkCall['detectCalleeType']> {
    if (!(await this.#answered.promise)) return 'unknown';
    // Two frames more, since the decision of the last moment comes with it and not before it.
    return this.#until(this.#known.promise, withinMs - this.#passed * frameMs + 2 * frameMs, 'unknown');
  }

  async detectBeep(withinMs: number): Promise<boolean> {
    if (!(await this.#answered.promise)) return false;
    return this.#hasBeeped || this.#until(this.#beeped.promise, withinMs, false);
  }

  /** @throws what kept it from being played: a file that can't be read, a speech that rejects or is not there */
  async play(prompt: Prompt): Promise<void> {
    if (this.#isOver) return;
    const loading = audioOf(prompt, this.#speech);
    // It is reported in its turn.
    loading.catch(() => undefined);
    await this.#inTurn(async () => {
      for await (const piece of await loading) {
        if (this.#isOver) return;
        await this.#playout.write(piece);
      }
      await this.#playout.finish();
    });
  }

  /** Digits and the pauses `w` (0.5 s), `p` (1 s) and `,` (2 s); other characters are left out. */
  sendDigits(digits: string): Promise<void> {
    return this.#inTurn(async () => {
      for (const digit of digits) {
        if (this.#isOver) return;
        const pauseMs = pausesMs[digit];
        if (pauseMs !== undefined) await this.#until(this.#ended.promise, pauseMs, undefined);
        else if (/[0-9*#A-D]/.test(digit)) await this.#port.sendDigit(digit);
      }
    });
  }

  /** Digits count from the answer on, also those that were pressed before they were asked for. */
  async gather({ maxDigits = 1, timeoutMs = 5_000, finishOn }: GatherOptions = {}): Promise<string> {
    let pressed = '';
    if (!(await this.#answered.promise)) return pressed;
    while (pressed.length < maxDigits) {
      const digit = await this.#pressed.take(timeoutMs);
      if (digit === undefined || digit === finishOn) break;
      pressed += digit;
    }
    return pressed;
  }

  #tick(): void {
    this.#passed++;
    if (this.#port.isOpen?.() ?? true) this.#port.sendFrame(this.#playout.next());
    const punctual = this.#passed - jitterFrames;
    // The decision can't wait for stragglers when its time has come.
    this.#listenUpTo(this.#passed >= this.#windowFrames ? Math.max(punctual, this.#windowFrames) : punctual);
  }

  #listenUpTo(frame: number): void {
    for (; this.#heard < frame; this.#heard++) {
      const sound = this.#line.read();
      const isInWindow = this.#heard < this.#windowFrames;
      if (!isInWindow && this.#hasBeeped) continue;
      const frame = this.#meter.measure(sound);
      if (isInWindow) {
        const decision = this.#detector.push(frame);
        if (decision) this.#known.settle(decision.calleeType);
      }
      if (!this.#hasBeeped && this.#beepDetector.push(frame)) {
        this.#hasBeeped = true;
        this.#beeped.settle(true);
      }
    }
  }

  /** One after the other, from the answer on. What can't be sent keeps nothing else from going out. */
  #inTurn(send: () => Promise<void>): Promise<void> {
    const turn = this.#outgoing.then(() =>
      this.#isOver ? undefined : Promise.race([send(), this.#ended.promise]),
    ) as Promise<void>;
    this.#outgoing = turn.catch(() => undefined);
    return turn;
  }

  /** What comes within the time, else `otherwise`. */
  async #until<T>(coming: Promise<T>, ms: number, otherwise: T): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<T>((resolve) => {
      timer = setTimeout(() => resolve(otherwise), Math.max(0, ms));
    });
    try {
      return await Promise.race([coming, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function later<T>(): { readonly promise: Promise<T>; readonly settle: (value: T) => void } {
  const [promise, settle] = pending<T>();
  return { promise, settle };
}
