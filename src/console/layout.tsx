/** The frame of every page: document head, navigation, heading, notices. */

import { html } from 'hono/html';
import type { Child } from 'hono/jsx';
import type { StatusCode } from 'hono/utils/http-status';
import { ASSETS } from './asset-route.ts';
import type { NavEntry, NavGroup, PageContext } from './context.ts';
import { Notice } from './parts/notice.tsx';

export interface PageFrame {
  /** The heading, and the beginning of the document's title: the object first. */
  readonly title: string;
  /** Shown beside the heading: badges, links to files, actions. */
  readonly aside?: Child;
  /** What the page shows; it renews itself when one of these changes. Absent: never. */
  readonly live?: readonly string[];
  /** Sentences by the code of `seeDone`. */
  readonly done?: Readonly<Record<string, string>>;
  /** Default: 200. */
  readonly status?: number;
  /** Large, dark and without navigation, for a screen on a wall. */
  readonly isWall?: boolean;
}

const GROUPS: readonly NavGroup[] = ['Metering', 'Access', 'Money', 'System'];
const ICON =
  'data:image/svg+xml,' +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#0d5c63"/><path d="M3 11h2.5V7H8V4.500h2.500V8H13" fill="none" stroke="#fff" stroke-width="1.600"/></svg>',
  );

/** Renders a page. Without a session in the context, the frame has no navigation. */
export function page(c: PageContext, frame: PageFrame, children: Child): Response | Promise<Response> {
  const { isWall = false } = frame;
  const nav = isWall ? [] : (c.get('nav') as readonly NavEntry[] | undefined);
  c.status((frame.status ?? 200) as StatusCode);
  const body = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${frame.title} · Postmeter`}</title>
        <link rel="icon" href={ICON} />
        <link rel="stylesheet" href={ASSETS.css.path} />
        <script type="module" src={ASSETS.js.path} />
      </head>
      <body
        data-live={frame.live?.join(' ')}
        class={isWall ? 'wall' : nav === undefined ? 'bare' : undefined}
      >
        <a class="skip" href="#main">
          Skip to content
        </a>
        {isWall ? <WallHead /> : nav === undefined ? null : <Sidebar c={c} nav={nav} />}
        <main id="main" tabindex={-1}>
          <DoneNotice c={c} done={frame.done} />
          <header class="head">
            <h1>{frame.title}</h1>
            {frame.aside === undefined ? null : <div class="aside">{frame.aside}</div>}
          </header>
          {children}
        </main>
      </body>
    </html>
  );
  return c.html(html`<!DOCTYPE html>${body}`);
}

function WallHead() {
  return (
    <header class="brand">
      <a href="/overview">Postmeter</a>
      <LiveSwitch />
    </header>
  );
}

function LiveSwitch() {
  return (
    <button type="button" class="live" data-live-switch aria-pressed="true" hidden>
      Live
    </button>
  );
}

function Sidebar({ c, nav }: { c: PageContext; nav: readonly NavEntry[] }) {
  const { actor, roles } = c.get('caller');
  return (
    <header class="side">
      <div class="brand">
        <a href="/">Postmeter</a>
        <LiveSwitch />
        <button type="button" class="menu" popovertarget="nav" aria-label="Menu">
          ☰
        </button>
      </div>
      <div id="nav" popover="auto">
        <nav aria-label="Pages">
          {GROUPS.map((group) => (
            <NavGroupList
              group={group}
              entries={nav.filter((entry) => entry.group === group)}
              path={c.req.path}
            />
          ))}
        </nav>
        <form class="account" method="post" action="/sign-out">
          <p>
            <span class="actor">{actor}</span>
            <small>{roles.join(', ')}</small>
          </p>
          <button type="submit">Sign out</button>
        </form>
      </div>
    </header>
  );
}

function NavGroupList(props: { group: NavGroup; entries: readonly NavEntry[]; path: string }) {
  const { group, entries, path } = props;
  if (entries.length === 0) return null;
  const isCurrent = (entry: NavEntry) => path === entry.path || path.startsWith(`${entry.path}/`);
  return (
    <>
      <p class="group" id={`nav-${group}`}>
        {group}
      </p>
      <ul aria-labelledby={`nav-${group}`}>
        {entries.map((entry) => (
          <li>
            <a href={entry.path} aria-current={isCurrent(entry) ? 'page' : undefined}>
              {entry.label}
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

function DoneNotice({ c, done = {} }: { c: PageContext; done?: PageFrame['done'] }) {
  const code = c.req.query('done');
  if (code === undefined || !Object.hasOwn(done, code)) return null;
  return (
    <Notice tone="good" hasFocus>
      {done[code]}
    </Notice>
  );
}
