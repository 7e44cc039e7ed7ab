/** The namespaces that are declared at the current place of a document. */

import type { FoundName } from './name.ts';

/** Maximum number of declarations in force; real documents have fewer than 20. Further ones are ignored. */
const MAX_DECLARATIONS = 256;

interface Declaration {
  readonly prefix: string;
  readonly namespace: string;
  readonly depth: number;
}

export class Namespaces {
  readonly #declared: Declaration[] = [];

  /** @param attribute `xmlns` or `xmlns:prefix`. */
  declare(attribute: string, namespace: string, depth: number): void {
    if (this.#declared.length === MAX_DECLARATIONS) return;
    this.#declared.push({ prefix: attribute.slice('xmlns:'.length), namespace, depth });
  }

  /** Ends the element at `depth` and removes its declarations. */
  leave(depth: number): void {
    const declared = this.#declared;
    while (declared.length > 0 && declared[declared.length - 1]!.depth >= depth) declared.pop();
  }

  resolve(name: string): FoundName {
    const colon = name.indexOf(':');
    const prefix = colon < 0 ? '' : name.slice(0, colon);
    const local = name.slice(colon + 1);
    const declaration = this.#declared.findLast((declared) => declared.prefix === prefix);
    return { prefix, local, namespace: declaration?.namespace ?? (prefix === '' ? '' : undefined) };
  }
}
