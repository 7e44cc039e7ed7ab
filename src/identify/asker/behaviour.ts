/** Decides whether a request looks like one that a browser makes. A scraper in a real browser also passes. */

import { createIsBotFromList, list } from 'isbot';
import { LRUCache } from 'lru-cache';
import { MAX_USER_AGENT } from './catalogue/catalogue.ts';
import type { AskerHead } from './request-head.ts';

interface BrowserTraits {
  /** The User-Agent is not that of a browser: it names a library, an app, a tool or a robot, or nothing. */
  readonly isAutomated: boolean;
  /** The named browser sends Sec-Fetch-* with every request over https. */
  readonly sendsFetchMetadata: boolean;
}

const CACHED = 10_000;
/** The list of isbot without the editor Cursor, in which people open pages. */
const isBot = createIsBotFromList(list.filter((pattern) => pattern !== 'cursor/'));
/** Browsers of all makers begin in this way. Libraries and apps that are not browsers name themselves. */
const BROWSER_START = /^(?:Mozilla|Opera)\/\d/;

/**
 * Creates the check. It remembers 10,000 User-Agents, because the patterns of isbot take 2 µs for one (measured).
 * @returns a function of a head and whether the client used https. Browsers send Sec-Fetch-* over https only, and Chrome
 *   sends none with the handshake of a WebSocket.
 */
export function browserCheck(): (head: AskerHead, isHttps: boolean) => boolean {
  const traits = new LRUCache<string, BrowserTraits>({ max: CACHED });
  return (head, isHttps) => {
    if (!head.hasAcceptLanguage || head.userAgent.length > MAX_USER_AGENT) return false;
    let known = traits.get(head.userAgent);
    if (known === undefined) {
      known = traitsOf(head.userAgent);
      traits.set(head.userAgent, known);
    }
    if (known.isAutomated) return false;
    return head.hasFetchMetadata || head.isUpgrade || !isHttps || !known.sendsFetchMetadata;
  };
}

function traitsOf(userAgent: string): BrowserTraits {
  return {
    isAutomated: !BROWSER_START.test(userAgent) || isBot(userAgent),
    sendsFetchMetadata: sendsFetchMetadata(userAgent),
  };
}

/** Views inside of apps: not all of them send what the browser of the same version sends. */
const WEB_VIEW = /; wv\)|\bVersion\/4\.0 Chrome\/|\bElectron\//;

/** Chrome sends Sec-Fetch-* since version 80, Firefox since 90, Safari since 16.4. */
export function sendsFetchMetadata(userAgent: string): boolean {
  if (WEB_VIEW.test(userAgent)) return false;
  const chrome = /\bChrome\/(\d{1,4})/.exec(userAgent);
  if (chrome !== null) return Number(chrome[1]) >= 80;
  const firefox = /\bFirefox\/(\d{1,4})/.exec(userAgent);
  if (firefox !== null) return Number(firefox[1]) >= 90;
  const safari = /\bVersion\/(\d{1,3})\.(\d{1,3})/.exec(userAgent);
  if (safari === null || !userAgent.includes(' Safari/')) return false;
  return Number(safari[1]) > 16 || (Number(safari[1]) === 16 && Number(safari[2]) >= 4);
}
