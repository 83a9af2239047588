/** Resolves at Ctrl-C or SIGTERM. Some shells and launchers pass one Ctrl-C on twice: the second one changes nothing. */
export function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
}
