/**
 * Renews the page when what it shows has changed: fetches the page again and morphs `<main>`, so that focus, selection,
 * scroll position and everything that the person has opened or entered stay.
 */

import { Idiomorph } from 'idiomorph';

const MIN_PAUSE_MS = 2_000;
/** After this long without a word of the stream, the page polls. */
const SILENCE_MS = 40_000;
const POLL_MS = 15_000;
const SETTING = 'postmeter.live';

const touched = new WeakSet<Node>();

export function startLive(): void {
  const topics = document.body.dataset.live;
  const button = document.querySelector<HTMLButtonElement>('[data-live-switch]');
  if (topics === undefined || button === null) return;
  const page = new LivePage(topics.split(' ').join(','), button);
  page.start();
}

class LivePage {
  readonly #topics: string;
  readonly #button: HTMLButtonElement;
  readonly #announcer = document.createElement('div');
  #isOn = localStorage.getItem(SETTING) !== 'off';
  #source: EventSource | undefined;
  #heardAt = Date.now();
  #renewedAt = Date.now();
  #timer: number | undefined;
  #wasConnected = false;

  constructor(topics: string, button: HTMLButtonElement) {
    this.#topics = topics;
    this.#button = button;
  }

  start(): void {
    this.#announcer.className = 'hidden';
    this.#announcer.setAttribute('aria-live', 'polite');
    document.body.append(this.#announcer);
    this.#button.hidden = false;
    this.#button.addEventListener('click', () => {
      this.#isOn = !this.#isOn;
      localStorage.setItem(SETTING, this.#isOn ? 'on' : 'off');
      this.#apply();
    });
    document.addEventListener('visibilitychange', () => this.#apply());
    document.addEventListener('input', ({ target }) => {
      const form = (target as HTMLInputElement).form;
      if (form) touched.add(form);
    });
    setInterval(() => {
      if (this.#isActive() && Date.now() - this.#heardAt > SILENCE_MS) this.#schedule();
    }, POLL_MS);
    this.#apply();
  }

  #isActive(): boolean {
    return this.#isOn && !document.hidden;
  }

  /** A hidden page holds no connection, because browsers allow few to one host. */
  #apply(): void {
    this.#button.setAttribute('aria-pressed', String(this.#isOn));
    if (!this.#isActive()) {
      this.#source?.close();
      this.#source = undefined;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      return;
    }
    if (this.#source !== undefined) return;
    this.#source = new EventSource(`/live?${new URLSearchParams({ topics: this.#topics })}`);
    this.#source.addEventListener('open', () => {
      // Something may have changed while the page did not listen.
      if (this.#wasConnected) this.#schedule();
      this.#wasConnected = true;
    });
    this.#source.addEventListener('tick', () => {
      this.#heardAt = Date.now();
    });
    this.#source.addEventListener('changed', () => {
      this.#heardAt = Date.now();
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    const waitMs = Math.max(0, this.#renewedAt + MIN_PAUSE_MS - Date.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#renewedAt = Date.now();
      this.#renew().catch(() => {});
    }, waitMs);
  }

  async #renew(): Promise<void> {
    if (!this.#isActive()) return;
    const response = await fetch(location.href, { headers: { 'postmeter-live': '1' } });
    // The session has ended: the page shows the sign-in.
    if (response.redirected) location.reload();
    if (!response.ok || !this.#isActive()) return;
    const next = new DOMParser().parseFromString(await response.text(), 'text/html').querySelector('main');
    const main = document.querySelector('main');
    if (next === null || main === null) return;
    const before = announced(main);
    for (const notice of next.querySelectorAll('[autofocus]')) notice.remove();
    Idiomorph.morph(main, next.innerHTML, {
      morphStyle: 'innerHTML',
      callbacks: {
        beforeNodeMorphed: (node) => !isKept(node),
        beforeNodeRemoved: (node) => !isKept(node),
        beforeAttributeUpdated: (name, element) => !(name === 'open' && element.matches('details, dialog')),
      },
    });
    const news = [...announced(main)].filter((text) => !before.has(text));
    if (news.length > 0) this.#announcer.textContent = news.join(' ');
  }
}

function announced(main: Element): Set<string> {
  return new Set([...main.querySelectorAll('[data-announce]')].map((element) => element.textContent.trim()));
}

const UNITS = 'tr, li, p, dt, dd, h1, h2, h3';

/** What the person is working with: the focused control, a form with entries, a checked row, selected text, a notice. */
function isKept(node: Node): boolean {
  if (!(node instanceof Element)) return false;
  if (node === document.activeElement && !node.matches('a, main, [tabindex]')) return true;
  if (touched.has(node) || node.matches('.notice[tabindex]')) return true;
  if (node.matches('tr') && node.querySelector('input:checked') !== null) return true;
  const selection = getSelection();
  return (
    selection !== null && !selection.isCollapsed && node.matches(UNITS) && selection.containsNode(node, true)
  );
}
