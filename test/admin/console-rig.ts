/** A browser without script: it signs in to the console of an `ApiRig`, keeps its cookie and sends forms. */

import { ADMIN_TOKEN, type ApiRig } from './api-rig.ts';

export interface PageAnswer {
  readonly status: number;
  readonly location: string | null;
  readonly headers: Headers;
  readonly text: string;
}

export interface ConsoleVisitor {
  readonly cookie: string;
  get(path: string): Promise<PageAnswer>;
  post(path: string, fields: Readonly<Record<string, string>>): Promise<PageAnswer>;
}

export function sendForm(
  rig: Pick<ApiRig, 'call'>,
  path: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<PageAnswer> {
  return answered(
    rig.call('POST', path, {
      token: null,
      body: new URLSearchParams(fields).toString(),
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'sec-fetch-site': 'same-origin',
        accept: 'text/html',
        ...headers,
      },
    }),
  );
}

/** Throws if the token does not sign in. */
export async function signIn(
  rig: Pick<ApiRig, 'call'>,
  token: string = ADMIN_TOKEN,
): Promise<ConsoleVisitor> {
  const answer = await sendForm(rig, '/sign-in', { token });
  const cookie = answer.headers.get('set-cookie')?.split(';')[0];
  if (answer.status !== 303 || cookie === undefined) throw new Error(`${answer.status}: ${answer.text}`);
  return {
    cookie,
    get: (path) => answered(rig.call('GET', path, { token: null, headers: { cookie, accept: 'text/html' } })),
    post: (path, fields) => sendForm(rig, path, fields, { cookie }),
  };
}

async function answered(sent: ReturnType<ApiRig['call']>): Promise<PageAnswer> {
  const { status, headers, text } = await sent;
  return { status, headers, text, location: headers.get('location') };
}
