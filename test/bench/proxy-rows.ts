/** The rows of one page: every contender compared with nginx, and ours with the bars. */

import type { Contender } from './contender.ts';
import type { Page } from './pages.ts';
import type { Row } from './report.ts';

export interface Figure {
  readonly contender: Contender;
  /** Median CPU microseconds per request, by label of the page. */
  readonly micros: ReadonlyMap<string, number>;
}

/** Maximum ratio to the CPU of a contender, by posts of the page, if it is not compressed. */
const bars: Readonly<Record<number, Readonly<Record<string, number>>>> = {
  20: { 'nginx proxy_pass': 2.4, 'nginx + Lua + C': 1.35 },
  100: { 'nginx proxy_pass': 1.3, 'nginx + Lua + C': 1 },
};

export function proxyRows(page: Page, figures: readonly Figure[]): Row[] {
  const micros = ({ micros }: Figure) => micros.get(page.label) ?? Number.NaN;
  const barOf = ({ contender }: Figure): Pick<Row, 'bar'> => {
    const ratio = page.coding === undefined ? bars[page.posts]?.[contender.name] : undefined;
    return ratio === undefined ? {} : { bar: { kind: 'at most', ratio } };
  };
  const row = (figure: Figure, against: Figure): Row => ({
    measured: `${page.label}: ${figure.contender.name}`,
    figure: `${micros(figure).toFixed(1)} µs CPU/request`,
    against: against.contender.name,
    ratio: micros(figure) / micros(against),
  });
  const withRole = (role: Contender['role']) => figures.filter(({ contender }) => contender.role === role);
  const ours = withRole('postmeter');
  const [nginx, ...otherYardsticks] = withRole('yardstick');
  const cheapest = withRole('beat').toSorted((a, b) => micros(a) - micros(b))[0];
  return [
    ...figures.map((figure) => ({
      ...row(figure, nginx!),
      ...(ours.includes(figure) ? barOf(nginx!) : {}),
    })),
    ...[...otherYardsticks, ...withRole('peer')].flatMap((other) =>
      ours.map((figure) => ({ ...row(figure, other), ...barOf(other) })),
    ),
    ...(cheapest === undefined ? [] : ours).map(
      (figure): Row => ({ ...row(figure, cheapest!), bar: { kind: 'less than', ratio: 1 } }),
    ),
  ];
}
