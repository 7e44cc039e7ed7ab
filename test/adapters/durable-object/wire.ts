/** Values as JSON between a test and the objects in workerd, including types that JSON lacks. */

export function toWire(value: unknown): string {
  return JSON.stringify(value, (_name, one: unknown) => {
    if (typeof one === 'bigint') return { $bigint: String(one) };
    if (one instanceof Uint32Array) return { $words: [...one] };
    if (one instanceof Uint8Array) return { $bytes: [...one] };
    if (one instanceof Map) return { $map: [...one] };
    return one;
  });
}

export function fromWire<T>(text: string): T {
  return JSON.parse(text, (_name, one) => {
    if (typeof one !== 'object' || one === null) return one;
    if ('$bigint' in one) return BigInt(one.$bigint);
    if ('$words' in one) return Uint32Array.from(one.$words);
    if ('$bytes' in one) return Uint8Array.from(one.$bytes);
    if ('$map' in one) return new Map(one.$map);
    return one;
  });
}

/** A call of an object's method. The object has a binding and a name. */
export interface Call {
  readonly binding: string;
  readonly name: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

export type Answer =
  | { readonly value?: unknown }
  | { readonly error: { readonly name: string; readonly message: string; readonly code?: string } };
