/** Section "How the posts were counted": the rules, the chart, posts by identifier, and gaps. */

import { momentText, numberText, postsText } from '../../format.ts';
import type { Claim } from '../../input.ts';
import { drawChart } from '../chart.ts';
import type { Pen } from '../pen.ts';
import type { Element } from '../sheet.ts';
import { drawTable } from '../table.ts';
import { LABEL } from '../theme.ts';
import { windowText } from '../window-text.ts';

export function drawCounting(pen: Pen, claim: Claim): void {
  const { sheet, texts } = pen;
  const { invoice: words, signs } = texts;
  const section = pen.section(words.counting);
  const { breach } = claim;
  const rules = breach === null ? [] : [words.countingRules(windowText(claim, texts))];
  sheet.text(section, [...rules, words.countingDoubt].join(' '));
  if (breach !== null && breach.billedPosts < breach.posts) {
    const billed = numberText(breach.billedPosts, signs);
    sheet.text(section, words.partlyCharged(postsText(breach.posts, signs), billed));
  }
  if (claim.chart !== null && claim.chart.columns.length > 0) drawChart(pen, section, claim, claim.chart);
  drawGaps(pen, section, claim);
  if (claim.identifiers.length > 0) drawIdentifiers(pen, section, claim);
}

function drawGaps({ sheet, texts }: Pen, section: Element, { gaps }: Claim): void {
  const { invoice: words, signs } = texts;
  const spans = gaps.map(({ fromMs, toMs }) => `${momentText(fromMs, signs)} - ${momentText(toMs, signs)}`);
  sheet.text(section, spans.length === 0 ? words.noGaps : words.gaps(spans.join('; ')));
}

function drawIdentifiers({ sheet, texts }: Pen, section: Element, { identifiers }: Claim): void {
  const { invoice: words, signs } = texts;
  sheet.ensure(60);
  sheet.text(section, words.identifiers, { style: LABEL, gap: 2 });
  const columns = [
    { head: words.kind, width: 130 },
    { head: words.identifier, width: sheet.width - 260 },
    { head: words.columns.posts, width: 130, align: 'right' as const },
  ];
  const rows = identifiers.map(({ kind, hint, posts }) => [
    words.identifierKinds[kind],
    kind === 'api_key' ? `\u2026${hint}` : hint,
    numberText(posts, signs),
  ]);
  drawTable(sheet, section, columns, rows);
}
