/** A DNS server for tests, over UDP: it answers PTR, A and AAAA from a function, and counts the queries in flight. */

import { createSocket, type RemoteInfo } from 'node:dgram';

export type RecordType = 'PTR' | 'A' | 'AAAA';
/** Texts of the records. [] is NODATA, null is NXDOMAIN, `silent` no answer, `failure` SERVFAIL. */
export type Answer = readonly string[] | null | 'silent' | 'failure';

export interface DnsServer {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  answer: (name: string, type: RecordType) => Answer;
  /** Time until a response is sent. */
  delayMs: number;
  queries: number;
  inFlight: number;
  peak: number;
  close(): Promise<void>;
}

const TYPES = new Map<number, RecordType>([
  [12, 'PTR'],
  [1, 'A'],
  [28, 'AAAA'],
]);

export async function startDnsServer(): Promise<DnsServer> {
  const socket = createSocket('udp4');
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  const server: DnsServer = {
    address: `127.0.0.1:${socket.address().port}`,
    answer: () => null,
    ...{ delayMs: 0, queries: 0, inFlight: 0, peak: 0 },
    close: () => new Promise((done) => socket.close(() => done())),
  };
  socket.on('message', (query: Buffer, from: RemoteInfo) => {
    const { name, type, end } = readQuestion(query);
    server.queries++;
    server.peak = Math.max(server.peak, ++server.inFlight);
    const answer = server.answer(name, type);
    // A query without an answer is over for the resolver after its time limit.
    if (answer === 'silent') return void setTimeout(() => server.inFlight--, 2_000).unref();
    setTimeout(() => {
      server.inFlight--;
      socket.send(response(query.subarray(0, end), type, answer), from.port, from.address);
    }, server.delayMs);
  });
  return server;
}

function readQuestion(query: Buffer): { name: string; type: RecordType; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), type: TYPES.get(query.readUInt16BE(at + 1))!, end: at + 5 };
}

/** RFC 1035, section 4.1. Names in answers are not compressed, except the owner, which points to the question. */
function response(question: Buffer, type: RecordType, answer: readonly string[] | null | 'failure'): Buffer {
  const records = answer === null || answer === 'failure' ? [] : answer;
  const head = Buffer.from(question.subarray(0, 12));
  const code = answer === null ? 3 : answer === 'failure' ? 2 : 0;
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt32BE(0, 8);
  const typeCode = [...TYPES].find(([, name]) => name === type)![0];
  const sections = records.map((text) => {
    const data = dataOf(type, text);
    const fields = Buffer.alloc(12);
    fields.writeUInt16BE(0xc00c, 0);
    fields.writeUInt16BE(typeCode, 2);
    fields.writeUInt16BE(1, 4);
    fields.writeUInt32BE(60, 6);
    fields.writeUInt16BE(data.length, 10);
    return Buffer.concat([fields, data]);
  });
  return Buffer.concat([head, question.subarray(12), ...sections]);
}

function dataOf(type: RecordType, text: string): Buffer {
  if (type === 'A') return Buffer.from(text.split('.').map(Number));
  if (type === 'AAAA') return Buffer.from(text.replaceAll(':', ''), 'hex');
  const labels = text.split('.').map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`));
  return Buffer.concat([...labels, Buffer.from([0])]);
}
