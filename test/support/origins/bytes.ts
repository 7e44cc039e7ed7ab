/** The origin of tests that write the bytes of responses themselves, and see the bytes of requests. */

import { createServer, type Socket } from 'node:net';
import { listenLocally, type Origin } from './listening.ts';

/** @param onConnection gets each connection, and reads and writes it. */
export function startByteOrigin(onConnection: (socket: Socket) => void): Promise<Origin> {
  // Otherwise Nagle's algorithm holds a second response back until the next request acknowledges the first.
  return listenLocally(createServer({ noDelay: true }, onConnection));
}

/**
 * Calls `onHead` with each head on a connection. The bytes after it up to the next blank line belong to the next
 * head.
 */
export function onHeads(socket: Socket, onHead: (head: string) => void): void {
  let unread = '';
  socket.on('data', (chunk) => {
    unread += chunk.toString('latin1');
    for (let end = unread.indexOf('\r\n\r\n'); end >= 0; end = unread.indexOf('\r\n\r\n')) {
      const head = unread.slice(0, end + 4);
      unread = unread.slice(end + 4);
      onHead(head);
    }
  });
}

/** Calls `onRequest` with each whole request on a connection: head and body, latin1. Interprets as little as possible. */
export function onRequests(socket: Socket, onRequest: (request: string) => void): void {
  let unread = '';
  socket.on('data', (chunk) => {
    unread += chunk.toString('latin1');
    for (let length = requestLength(unread); length > 0; length = requestLength(unread)) {
      const request = unread.slice(0, length);
      unread = unread.slice(length);
      onRequest(request);
    }
  });
}

/** The length of the first request in the text; 0 while it is incomplete. */
function requestLength(text: string): number {
  const head = text.indexOf('\r\n\r\n') + 4;
  if (head < 4) return 0;
  const fields = text.slice(0, head);
  const length = /^content-length: *(\d+)/im.exec(fields);
  if (length !== null) return text.length < head + Number(length[1]) ? 0 : head + Number(length[1]);
  if (!/^transfer-encoding: *chunked/im.test(fields)) return head;
  const end = text.indexOf('0\r\n\r\n', head);
  return end < 0 ? 0 : end + 5;
}

export interface RecordingOrigin extends Origin {
  /** The requests that reached it, byte for byte, latin1. */
  readonly requests: string[];
  /** The answer to the next requests for a path: bytes, or what the test does with the socket. */
  readonly answers: Map<string, string | ((socket: Socket) => void)>;
  /** The last request for this target, or empty. */
  lastFor(target: string): string;
}

const PAGE = '{"data":[{"id":1}]}';
const DEFAULT_ANSWER = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${PAGE.length}\r\n\r\n${PAGE}`;

/** Answers each request by its target, with a page of one post unless the test says otherwise. */
export async function startRecordingOrigin(): Promise<RecordingOrigin> {
  const requests: string[] = [];
  const answers: RecordingOrigin['answers'] = new Map();
  const origin = await startByteOrigin((socket) =>
    onRequests(socket, (request) => {
      requests.push(request);
      const answer = answers.get(request.split(' ')[1]!) ?? DEFAULT_ANSWER;
      if (typeof answer === 'string') socket.write(answer, 'latin1');
      else answer(socket);
    }),
  );
  return {
    ...origin,
    requests,
    answers,
    lastFor: (target) => requests.findLast((text) => text.split(' ')[1] === target) ?? '',
  };
}
