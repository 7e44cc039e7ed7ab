/** The fenced blocks of the documents. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './edge/bundle.ts';

/**
 * The blocks of one language in a document, in their order.
 * @param language empty for blocks without one.
 * @param heading of the section that has them. Throws if there is no such section.
 */
export function blocksOf(file: string, language: string, heading?: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const isWanted = (section: string) => heading === undefined || section.startsWith(`${heading}\n`);
  const sections = text.split(/^## /m).filter(isWanted);
  if (sections.length === 0) throw new Error(`${file} has no section "${heading}"`);
  const blocks = sections.join('').matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm);
  return [...blocks].filter((block) => block[1] === language).map((block) => block[2]!);
}
