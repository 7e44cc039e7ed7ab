/**
 * The cursor of a chart: a line that follows the pointer or the arrow keys, and the figures under it as text. The plot
 * becomes a slider for those who do not use a pointer. Page Up and Page Down move by a tenth of the range.
 */

export function startCursor(): void {
  document.addEventListener('pointermove', ({ target, clientX }) => {
    const plot = plotOf(target);
    if (plot === null) return;
    const { left, width } = plot.getBoundingClientRect();
    const { fromMs, toMs, stepMs } = chartOf(plot);
    show(plot, Math.floor(((clientX - left) / width) * ((toMs - fromMs) / stepMs)));
  });
  document.addEventListener('keydown', (event) => {
    const plot = plotOf(event.target);
    if (plot === null) return;
    const { points } = chartOf(plot);
    const index = Number(plot.getAttribute('aria-valuenow'));
    const page = Math.ceil(points.length / 10);
    const moves: Record<string, number> = {
      ArrowLeft: index - 1,
      ArrowDown: index - 1,
      ArrowRight: index + 1,
      ArrowUp: index + 1,
      PageDown: index - page,
      PageUp: index + page,
      Home: 0,
      End: points.length - 1,
    };
    const next = moves[event.key];
    if (next === undefined) return;
    event.preventDefault();
    show(plot, next);
  });
  document.addEventListener('focusin', ({ target }) => {
    const plot = plotOf(target);
    if (plot !== null) show(plot, Number(plot.getAttribute('aria-valuenow')));
  });
  enable();
  // A renewed page has new plots.
  new MutationObserver(enable).observe(document.body, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ['data-points', 'role'],
  });
}

function enable(): void {
  for (const plot of document.querySelectorAll<HTMLElement>('.chart .plot:not([role])')) {
    const last = chartOf(plot).points.length - 1;
    const attributes = {
      tabindex: 0,
      role: 'slider',
      'aria-label': 'Moment in the chart',
      'aria-valuemin': 0,
    };
    for (const [name, value] of Object.entries({
      ...attributes,
      'aria-valuemax': last,
      'aria-valuenow': last,
    })) {
      plot.setAttribute(name, String(value));
    }
    plot.setAttribute('aria-valuetext', textAt(plot, last));
  }
}

function plotOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>('.chart .plot') : null;
}

interface Shown {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly points: ReadonlyArray<readonly [min: number, max: number, posts: number]>;
}

function chartOf(plot: HTMLElement): Shown {
  const { from, to, step, points = '[]' } = plot.closest<HTMLElement>('.chart')?.dataset ?? {};
  return { fromMs: Number(from), toMs: Number(to), stepMs: Number(step), points: JSON.parse(points) };
}

function textAt(plot: HTMLElement, index: number): string {
  const { fromMs, stepMs, points } = chartOf(plot);
  const point = points[index];
  if (point === undefined) return '';
  const [min, max, posts] = point;
  const at = new Date(fromMs + index * stepMs).toISOString().slice(0, 16).replace('T', ' ');
  const count = (value: number) => value.toLocaleString('en-US');
  const total = min === max ? count(max) : `${count(min)} to ${count(max)}`;
  return `${at} UTC: total ${total}, ${count(posts)} posts in ${stepMs / 60_000} min`;
}

function show(plot: HTMLElement, wanted: number): void {
  const { fromMs, toMs, stepMs, points } = chartOf(plot);
  const index = Math.min(points.length - 1, Math.max(0, wanted));
  const text = textAt(plot, index);
  const x = `${(((index + 0.5) * stepMs) / (toMs - fromMs)) * 100}%`;
  const line = plot.querySelector('.cursor');
  line?.setAttribute('visibility', 'visible');
  line?.setAttribute('x1', x);
  line?.setAttribute('x2', x);
  plot.setAttribute('aria-valuenow', String(index));
  plot.setAttribute('aria-valuetext', text);
  const output = plot.parentElement?.querySelector('output');
  if (output) output.textContent = text;
}
