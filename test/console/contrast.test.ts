/** The contrast of text in charts, which axe does not compute: it is drawn over lines, with a halo of the surface. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const CSS = readFileSync(new URL('../../src/console/console.css', import.meta.url), 'utf8');
/** WCAG 2.2, 1.4.3. */
const MIN_CONTRAST = 4.5;

/** Each custom property with its colours. */
const COLOURS = new Map(
  [...CSS.matchAll(/--([a-z-]+): light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\)/g)].map(([, name, light, dark]) => [
    name!,
    { light: light!, dark: dark! },
  ]),
);

/** The colour variable of a property in the only rule with this selector. */
function variableOf(selector: string, property: string): string {
  const [, ...rules] = CSS.split(`\n  ${selector} {`);
  const [, name] =
    new RegExp(`\\b${property}: var\\(--([a-z-]+)\\)`).exec(rules[0]?.split('}')[0] ?? '') ?? [];
  return name ?? `no ${property} in ${selector}`;
}

/** Relative luminance of `#rgb` or `#rrggbb`. */
function luminance(colour: string): number {
  const digits = colour.slice(1);
  const full = digits.length === 3 ? digits.replaceAll(/./g, '$&$&') : digits;
  const [red, green, blue] = [0, 2, 4].map((at) => {
    const value = Number.parseInt(full.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light! + 0.05) / (dark! + 0.05);
}

it('contrast is that of WCAG', () => {
  expect(contrast('#000', '#ffffff')).toBeCloseTo(21);
  expect(contrast('#777777', '#fff')).toBeCloseTo(4.48, 2);
});

describe.each([
  ['.chart text', 'fill'],
  ['.chart text.threshold', 'fill'],
  ['.limit-curve svg', 'fill'],
])('%s', (selector, property) => {
  it.each(['light', 'dark'] as const)('is readable on its surface in %s', (scheme) => {
    const [text, surface] = [COLOURS.get(variableOf(selector, property)), COLOURS.get('surface')];
    expect(contrast(text![scheme], surface![scheme])).toBeGreaterThanOrEqual(MIN_CONTRAST);
  });
});

it('the text of a chart has a halo of the surface', () => {
  expect(variableOf('.chart text', 'stroke')).toBe('surface');
});
