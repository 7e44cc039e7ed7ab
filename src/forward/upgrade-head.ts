/** Rewrites the head of a request without its protocol upgrade. */

/**
 * @param requestLine without its line end.
 * @param headers flat list as received.
 * @returns the whole head, including the empty line.
 */
export function headWithoutUpgrade(requestLine: string, headers: readonly string[]): string {
  const lines = [requestLine];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!;
    const lower = name.toLowerCase();
    if (lower === 'upgrade' || lower === 'http2-settings') continue;
    const value = lower === 'connection' ? otherOptions(headers[i + 1]!) : headers[i + 1]!;
    if (lower !== 'connection' || value !== '') lines.push(`${name}: ${value}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function otherOptions(connection: string): string {
  return connection
    .split(',')
    .map((option) => option.trim())
    .filter((option) => !/^(upgrade|http2-settings)$/i.test(option))
    .join(', ');
}
