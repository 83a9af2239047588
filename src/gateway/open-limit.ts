/** How many things of a kind an account may have open at a time. */
import type { Account } from './accounts';
import type { GatewayError } from './errors';

export class OpenLimit {
  private readonly open = new Map<string, number>();

  /** @param refuse - makes the answer to one too many */
  constructor(
    private readonly limit: number,
    private readonly refuse: () => GatewayError,
  ) {}

  /** @returns what gives it back, to be called once. @throws GatewayError as `refuse` makes it */
  claim({ name = '' }: Account): () => void {
    const open = this.open.get(name) ?? 0;
    if (open >= this.limit) throw this.refuse();
    this.open.set(name, open + 1);
    return () => {
      const left = this.open.get(name)! - 1;
      if (left === 0) this.open.delete(name);
      else this.open.set(name, left);
    };
  }
}
