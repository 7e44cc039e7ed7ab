/** Who asks for the blogs: a GPTBot that signs, one that is forged, a partner, an unknown program and a person. */

import { type KeyObject, sign } from 'node:crypto';
import type { BlogDoor } from './doors.ts';

export const SIGNER = 'https://signer.example';
export const PARTNER = 'partner';

type Headers = Readonly<Record<string, string>>;

export interface NetworkAsker {
  readonly name: string;
  readonly class: string;
  /** Code of the problem that it receives instead of what is withheld. */
  readonly code: string;
  headers(door: BlogDoor): Headers;
}

export interface AskerSecrets {
  readonly privateKey: KeyObject;
  /** Thumbprint of the key. */
  readonly keyid: string;
  readonly partnerKey: string;
}

const GPTBOT = { 'user-agent': 'Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)' };

/** The askers that must not receive the blog that is opted out. */
export function refusedAskers(secrets: AskerSecrets): readonly NetworkAsker[] {
  const from = (address: string) => ({ 'x-forwarded-for': address });
  return [
    {
      name: 'signed GPTBot',
      class: 'ai_training',
      code: 'rights_reserved',
      headers: (door) => ({ ...GPTBOT, ...from('203.0.113.10'), ...signatureOf(door, secrets) }),
    },
    {
      name: 'forged GPTBot',
      class: 'forged',
      code: 'agent_forged',
      headers: () => ({ ...GPTBOT, ...from('198.51.100.7') }),
    },
    {
      name: 'partner',
      class: 'partner',
      code: 'rights_reserved',
      headers: () => ({
        'user-agent': 'partner-fetcher/1.0',
        authorization: `Bearer ${secrets.partnerKey}`,
        ...from('192.0.2.50'),
      }),
    },
  ];
}

export const UNKNOWN: Headers = { 'user-agent': 'curl/8.9', 'x-forwarded-for': '192.0.2.60' };

export const PERSON: Headers = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'accept-language': 'en',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'none',
  'x-forwarded-for': '192.0.2.70',
};

/** Web Bot Auth by hand, because libraries normalise the target. */
function signatureOf({ method, host, path }: BlogDoor, { privateKey, keyid }: AskerSecrets): Headers {
  const created = Math.floor(Date.now() / 1000);
  const agent = 'signature-agent';
  const covered = `("@method" "@target-uri" "${agent}";key="sig1")`;
  const input = `${covered};created=${created};expires=${created + 300};keyid="${keyid}";alg="ed25519";tag="web-bot-auth"`;
  const base = [
    `"@method": ${method}`,
    `"@target-uri": http://${host.toLowerCase().replace(/:80$/, '')}${path}`,
    `"${agent}";key="sig1": "${SIGNER}"`,
    `"@signature-params": ${input}`,
  ];
  const signature = sign(null, Buffer.from(base.join('\n'), 'latin1'), privateKey).toString('base64');
  return {
    [agent]: `sig1="${SIGNER}"`,
    'signature-input': `sig1=${input}`,
    signature: `sig1=:${signature}:`,
  };
}
