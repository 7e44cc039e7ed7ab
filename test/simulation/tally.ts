/** Number of occurrences of each kind of event, over all runs. */

export class Tally {
  readonly counts = new Map<string, number>();

  count(kind: string): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  lines(): string[] {
    return [...this.counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, times]) => `${kind}: ${times}`);
  }
}
