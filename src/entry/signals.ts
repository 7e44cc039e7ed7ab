/** Handles the signals of the operating system in a serving process. */

export interface SignalActions {
  /** Reloads the configuration file. */
  readonly reload: () => void;
  /** Called for a signal that has no effect. */
  readonly ignored: (signal: NodeJS.Signals) => void;
}

/** Signals that stop the process gracefully. LXC stops a container with SIGPWR. */
const STOPPING = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGPWR', 'SIGXCPU'] as const;
/**
 * Ignored signals. Without a listener, SIGUSR1 opens Node's debugger on a port through which any user of the machine can
 * run code, and the others end the process before its requests are finished.
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
 * Installs all signal handlers. Resolves with the first signal that stops the process. A second signal of the same kind
 * gets Node's default handling and ends the process at once.
 */
export function listenForSignals(actions: SignalActions): Promise<NodeJS.Signals> {
  process.on('SIGHUP', actions.reload);
  for (const signal of IGNORED) process.on(signal, actions.ignored);
  return firstToStop();
}

/** Resolves with the first signal that stops the process. For commands that have nothing to reload. */
export function shutdownSignal(): Promise<NodeJS.Signals> {
  return firstToStop();
}

function firstToStop(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of STOPPING) process.once(signal, () => resolve(signal));
  });
}
