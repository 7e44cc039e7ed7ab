/** Memory while 64 clients read 10 MB each more slowly than the platform sends. */

import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Running } from './contender.ts';
import { nginx } from './native-proxies.ts';
import { startOrigin } from './origin.ts';
import { pageBody } from './pages.ts';
import { nginxLuaC } from './peers.ts';
import { postmeterOnServers } from './postmeter.ts';
import { available, type Options, startContender } from './proxies.ts';
import type { Row } from './report.ts';

const CLIENTS = 64;
const path = '/posts/large';
/** 10 MB. */
const POSTS = 17_500;
const BYTES_PER_MS = 600;
const MAX_MB = 150;

export async function benchMemory(options: Options): Promise<Row[]> {
  const origin = await startOrigin(options.folder);
  writeFileSync(join(options.folder, 'origin/root', path), pageBody(POSTS));
  const rows: Row[] = [];
  try {
    for (const contender of available([nginx, nginxLuaC, postmeterOnServers], options)) {
      const running = await startContender(contender, origin.url, options);
      const idleMb = running.residentMb();
      const peakMb = await peakUnderSlowClients(running);
      await running.stop();
      const measured = `${CLIENTS} clients, 10 MB each at 0.6 MB/s: ${contender.name}`;
      const figure = `${peakMb.toFixed(0)} MB, ${idleMb.toFixed(0)} before`;
      const kind = peakMb <= MAX_MB ? 'met' : 'missed';
      const bar = { kind, text: `at most ${MAX_MB} MB` } as const;
      rows.push(contender.role === 'postmeter' ? { measured, figure, bar } : { measured, figure });
    }
    return rows;
  } finally {
    await origin.stop();
  }
}

async function peakUnderSlowClients(server: Running): Promise<number> {
  let peakMb = 0;
  const look = setInterval(() => {
    peakMb = Math.max(peakMb, server.residentMb());
  }, 200);
  try {
    await Promise.all(Array.from({ length: CLIENTS }, () => takeSlowly(server)));
    return peakMb;
  } finally {
    clearInterval(look);
  }
}

/** Reads an answer at its pace until the connection closes. */
function takeSlowly({ url, headers = {} }: Running): Promise<void> {
  const { port, hostname } = new URL(url);
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const socket = connect(Number(port), hostname);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\n${fields.join('')}Connection: close\r\n\r\n`);
    const startMs = performance.now();
    const reading = setInterval(() => {
      while (bytes < (performance.now() - startMs) * BYTES_PER_MS) {
        const chunk: Buffer | null = socket.read();
        if (chunk === null) return;
        bytes += chunk.length;
      }
    }, 50);
    // Without a listener the socket reads nothing.
    socket.on('readable', () => {});
    socket.on('error', reject);
    socket.on('close', () => {
      clearInterval(reading);
      if (bytes > POSTS * 500) resolve();
      else reject(new Error(`${url} sent ${bytes} bytes.`));
    });
  });
}
