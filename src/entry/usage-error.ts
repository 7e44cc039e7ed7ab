/** Wrong use of a command: told on stderr as `postmeter: message`, exit code 2, nothing done. */

export class UsageError extends Error {
  override readonly name = 'UsageError';
}
