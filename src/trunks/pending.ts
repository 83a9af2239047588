/** A promise, and what settles it. */
export function pending<T>(): [promise: Promise<T>, settle: (value: T) => void] {
  let settle!: (value: T) => void;
  const promise = new Promise<T>((resolve) => (settle = resolve));
  return [promise, settle];
}
