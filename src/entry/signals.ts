/** How a person or a supervisor tells a process to stop. */

/** Resolves at the first SIGTERM or SIGINT; a second one finds Node's own handling and ends the process at once. */
export function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}
