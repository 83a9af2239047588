/** Whether a trunk is in service, and who hears when that changes. */
export class Service {
  #problem: string | undefined;
  readonly #listeners = new Set<() => void>();

  /** @param problem - why no call can be placed yet */
  constructor(problem?: string) {
    this.#problem = problem;
  }

  /** Why no call can be placed now; undefined while calls can be. */
  get problem(): string | undefined {
    return this.#problem;
  }

  set problem(problem: string | undefined) {
    if (problem === this.#problem) return;
    this.#problem = problem;
    for (const onChange of [...this.#listeners]) onChange();
  }

  /** Calls `onChange` whenever the problem changes. @returns what ends it */
  watch(onChange: () => void): () => void {
    this.#listeners.add(onChange);
    return () => void this.#listeners.delete(onChange);
  }
}
