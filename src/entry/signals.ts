/** What each signal of the operating system does to a serving process. */

export interface SignalActions {
  /** Read the configuration file again. */
  readonly reload: () => void;
  /** A signal without a meaning here was sent. */
  readonly ignored: (signal: NodeJS.Signals) => void;
}

/** Finish the requests under way, ship usage, end. SIGPWR is how LXC stops a container. */
const STOPPING = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGPWR', 'SIGXCPU'] as const;
/**
 * Ignored. Without a listener SIGUSR1 opens Node's debugger on a port where everyone on the machine may run code, and
 * the others end the process at once, before its requests are finished.
 */
const IGNORED = [
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
  'SIGVTALRM',
  'SIGPROF',
  'SIGIO',
  'SIGSTKFLT',
  'SIGXFSZ',
] as const;

/**
 * Listens for all of them from now on. Resolves with the first signal that stops the process; a second one of the same
 * kind finds Node's own handling and ends the process at once.
 */
export function listenForSignals(actions: SignalActions): Promise<NodeJS.Signals> {
  process.on('SIGHUP', actions.reload);
  for (const signal of IGNORED) process.on(signal, actions.ignored);
  return firstToStop();
}

/** As `listenForSignals`, for a command that has nothing to reload. */
export function toldToStop(): Promise<NodeJS.Signals> {
  return firstToStop();
}

function firstToStop(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of STOPPING) process.once(signal, () => resolve(signal));
  });
}
