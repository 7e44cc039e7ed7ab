/** The imports between the files of src, and the cycles among them or among their folders. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

export const SRC = fileURLToPath(new URL('../../src', import.meta.url));

/** All modules of src, relative to it. */
export const SOURCES: readonly string[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (file) => /\.tsx?$/.test(file),
);

export interface Import {
  readonly file: string;
  /** As written: a package, or a relative path. */
  readonly specifier: string;
  /** Relative to src; null for a package. */
  readonly target: string | null;
}

/** Imports and exports of other modules, types included. */
export const IMPORTS: readonly Import[] = SOURCES.flatMap((file) =>
  [
    ...readFileSync(join(SRC, file), 'utf8').matchAll(
      /^(?:import|export)[^;]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm,
    ),
  ].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3]!;
    const target = specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : null;
    return { file, specifier, target };
  }),
);

export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** The graph of imports between parts of src. @param partOf null for files that are no part of the graph. */
export function graphOf(partOf: (file: string) => string | null): Graph {
  const graph = new Map<string, Set<string>>();
  for (const { file, target } of IMPORTS) {
    const from = partOf(file);
    const to = target === null ? null : partOf(target);
    if (from === null || to === null || from === to) continue;
    graph.set(from, (graph.get(from) ?? new Set()).add(to));
  }
  return graph;
}

/** One cycle for each edge that closes one in a search from every node, as `a -> b -> a`. Empty if there is none. */
export function cyclesIn(graph: Graph): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (node: string, path: readonly string[]): void => {
    const at = path.indexOf(node);
    if (at !== -1) cycles.push([...path.slice(at), node].join(' -> '));
    if (at !== -1 || done.has(node)) return;
    for (const next of graph.get(node) ?? []) visit(next, [...path, node]);
    done.add(node);
  };
  for (const node of graph.keys()) visit(node, []);
  return cycles;
}
