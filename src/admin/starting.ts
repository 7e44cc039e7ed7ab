/** Responses of the admin API before the ledger is open: the process is alive but not ready. */

const LIVENESS: ReadonlySet<string> = new Set(['/livez', '/healthz']);
const RETRY_AFTER_S = 1;

export function startingResponse(request: Request): Response {
  if (LIVENESS.has(new URL(request.url).pathname)) return Response.json({ status: 'ok' });
  const problem = {
    type: 'about:blank',
    title: 'Service unavailable',
    status: 503,
    detail: 'The process is starting: its ledger is being opened.',
    code: 'starting',
  };
  return new Response(JSON.stringify(problem), {
    status: 503,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'retry-after': String(RETRY_AFTER_S),
    },
  });
}
