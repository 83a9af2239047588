/** Work that several ask for at a time, and that is done once for all of them. */
export class Together<T> {
  private readonly underWay = new Map<string, Promise<T>>();

  /** @param key - what makes it the same work */
  once(key: string, work: () => Promise<T>): Promise<T> {
    const known = this.underWay.get(key);
    if (known) return known;
    const done = work().finally(() => this.underWay.delete(key));
    this.underWay.set(key, done);
    return done;
  }
}
