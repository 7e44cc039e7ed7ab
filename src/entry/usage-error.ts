/** Wrong use of a command. The CLI prints `postmeter: message` on stderr and exits with code 2; nothing was done. */

export class UsageError extends Error {
  override readonly name = 'UsageError';
}
