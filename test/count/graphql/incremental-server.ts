/** Payloads of incremental delivery as servers frame and order them. */

export function inParts(payloads: readonly object[]): string {
  const parts = payloads.map(
    (payload) => `\r\n---\r\nContent-Type: application/json; charset=utf-8\r\n\r\n${JSON.stringify(payload)}`,
  );
  return `${parts.join('')}\r\n-----\r\n`;
}
