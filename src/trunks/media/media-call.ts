import type { GatherOptions, Prompt, TrunkCall } from '../trunk';
import type { CallMedia } from './call-media';

/** What every {@link TrunkCall} hands on to its sound. */
export abstract class MediaCall implements Pick<
  TrunkCall,
  'play' | 'sendDigits' | 'gather' | 'detectCalleeType' | 'detectBeep'
> {
  protected abstract readonly media: CallMedia;

  /** See {@link TrunkCall.detectCalleeType}. */
  detectCalleeType(withinMs: number): ReturnType<TrunkCall['detectCalleeType']> {
    return this.media.detectCalleeType(withinMs);
  }

  /** See {@link TrunkCall.detectBeep}. */
  detectBeep(withinMs: number): Promise<boolean> {
    return this.media.detectBeep(withinMs);
  }

  /** See {@link TrunkCall.play}. */
  play(prompt: Prompt): Promise<void> {
    return this.media.play(prompt);
  }

  /** See {@link TrunkCall.sendDigits}. */
  sendDigits(digits: string): Promise<void> {
    return this.media.sendDigits(digits);
  }

  /** See {@link TrunkCall.gather}. */
  gather(options?: GatherOptions): Promise<string> {
    return this.media.gather(options);
  }
}
