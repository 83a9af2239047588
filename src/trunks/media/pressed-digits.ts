/** Digits that the callee pressed, until they are gathered. */

/** Keys that nobody asks for are forgotten from here on: no callee fills a worker's memory. */
const mostKept = 1_000;

export class PressedDigits {
  #digits: string[] = [];
  #waiting: ((digit: string | undefined) => void)[] = [];
  #isOver = false;

  push(digit: string): void {
    const next = this.#waiting.shift();
    if (next) next(digit);
    else if (this.#digits.length < mostKept) this.#digits.push(digit);
  }

  /** The oldest one, or the next one; undefined when none comes in time or can come any more. */
  take(timeoutMs: number): Promise<string | undefined> {
    if (this.#digits.length > 0 || this.#isOver) return Promise.resolve(this.#digits.shift());
    return new Promise((resolve) => {
      const settle = (digit: string | undefined): void => {
        clearTimeout(timer);
        resolve(digit);
      };
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((other) => other !== settle);
        resolve(undefined);
      }, timeoutMs);
      this.#waiting.push(settle);
    });
  }

  /** No more come. */
  end(): void {
    this.#isOver = true;
    for (const settle of this.#waiting.splice(0)) settle(undefined);
  }
}
