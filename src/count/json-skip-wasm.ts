/**
 * The skipper in WebAssembly SIMD: several times as fast as the plain one, with equal answers. Bytes are copied into
 * its memory a stretch at a time; one instance serves all scanners of a process, each for one chunk at a time.
 */

import { CHECKED_DEPTH, MORE, type Skipper, type SkipState } from './json-skip.ts';

/** What is used of the engine; its full types come with the DOM's, which this code does without. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: SkipExports };
  readonly CompileError: new () => Error;
};

interface SkipExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly depth: { value: number };
  readonly inString: { value: number };
  readonly escaped: { value: number };
  run(at: number, end: number): number;
}

/** Where the bytes begin in the module's memory, after the stack of opening bytes. */
const BYTES_AT = CHECKED_DEPTH;
/** The module reads 64 bytes at once, so that many spaces follow the last. */
const BLOCK_BYTES = 64;

export class WasmSkipper implements Skipper {
  readonly #wasm: SkipExports;
  readonly #memory: Uint8Array;
  readonly #stretchBytes: number;
  /** The chunk at hand, and which stretch of it stands in the memory. */
  #chunk: Uint8Array | null = null;
  #from = 0;
  #to = 0;

  constructor(wasm: SkipExports) {
    this.#wasm = wasm;
    this.#memory = new Uint8Array(wasm.memory.buffer);
    this.#stretchBytes = this.#memory.length - BYTES_AT - BLOCK_BYTES;
  }

  begin(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#to = 0;
  }

  startContainer(openByte: number): void {
    this.#memory[0] = openByte;
    this.#set(1, 0, 0);
  }

  startString(): void {
    this.#set(0, 1, 0);
  }

  run(at: number): number {
    const end = this.#chunk!.length;
    let from = at;
    while (from < end) {
      if (from < this.#from || from >= this.#to) this.#load(from);
      const offset = BYTES_AT - this.#from;
      const stop = this.#wasm.run(from + offset, this.#to + offset);
      if (stop >= 0) return stop - offset;
      if (stop !== MORE) return stop;
      from = this.#to;
    }
    return MORE;
  }

  #load(from: number): void {
    const chunk = this.#chunk!;
    this.#from = from;
    this.#to = Math.min(chunk.length, from + this.#stretchBytes);
    const isWhole = from === 0 && this.#to === chunk.length;
    this.#memory.set(isWhole ? chunk : chunk.subarray(from, this.#to), BYTES_AT);
    const end = BYTES_AT + this.#to - from;
    this.#memory.fill(0x20, end, end + BLOCK_BYTES);
  }

  suspend(): SkipState {
    const depth = this.#wasm.depth.value;
    return {
      depth,
      inString: this.#wasm.inString.value === 1,
      escaped: this.#wasm.escaped.value === 1,
      open: this.#memory.slice(0, Math.min(depth, CHECKED_DEPTH)),
    };
  }

  resume({ depth, inString, escaped, open }: SkipState): void {
    this.#memory.set(open);
    this.#set(depth, inString ? 1 : 0, escaped ? 1 : 0);
  }

  #set(depth: number, inString: number, escaped: number): void {
    this.#wasm.depth.value = depth;
    this.#wasm.inString.value = inString;
    this.#wasm.escaped.value = escaped;
  }
}

/** A skipper in WebAssembly; null where the engine has no SIMD, or may not compile (as in some edge runtimes). */
export function wasmSkipper(): WasmSkipper | null {
  try {
    return new WasmSkipper(new WebAssembly.Instance(new WebAssembly.Module(moduleBytes())).exports);
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) return null;
    throw error;
  }
}

/** The module as bytes. */
export function moduleBytes(): Uint8Array {
  return Uint8Array.from(atob(MODULE), (character) => character.charCodeAt(0));
}

/** `json-skip.wat`, assembled by wabt. */
const MODULE =
  'AGFzbQEAAAABBwFgAn9/AX8DAgEABQMBAAIGEAN/AUEAC38BQQALfwFBAAsHLQUGbWVtb3J5AgAFZGVwdGgDAAhpblN0cmluZwMB' +
  'B2VzY2FwZWQDAgNydW4AAAqzCAGwCAMEfwh7CX4jACECIwKtIRJCACMBrX0hEwJAA0AgACABTw0BIAD9AAQAIQYgAP0ABBAhByAA' +
  '/QAEICEIIAD9AAQwIQkgBv0MIiIiIiIiIiIiIiIiIiIiIv0j/WStIAf9DCIiIiIiIiIiIiIiIiIiIiL9I/1krUIQhoQgCP0MIiIi' +
  'IiIiIiIiIiIiIiIiIv0j/WStQiCGIAn9DCIiIiIiIiIiIiIiIiIiIiL9I/1krUIwhoSEIQ4gBv0MXFxcXFxcXFxcXFxcXFxcXP0j' +
  'IQogB/0MXFxcXFxcXFxcXFxcXFxcXP0jIQsgCP0MXFxcXFxcXFxcXFxcXFxcXP0jIQwgCf0MXFxcXFxcXFxcXFxcXFxcXP0jIQ1C' +
  'ACEPIBIhFCAKIAv9UCAMIA39UP1Q/VMEQCAK/WStIAv9ZK1CEIaEIAz9ZK1CIIYgDf1krUIwhoSEIQ8gDyASQn+FgyEVIBVCAYZC' +
  'qtWq1arVqtWqf4QgFX1CqtWq1arVqtWqf4UhFSAVIA8gEoSFIRQgFSAPg0I/iCESBUIAIRILIA4gFEJ/hYMhDiAOIA5CAYaFIREg' +
  'ESARQgKGhSERIBEgEUIEhoUhESARIBFCCIaFIREgESARQhCGhSERIBEgEUIghoUhESARIBOFIREgEUI/hyETIABBwABqIQMgAyAB' +
  'SwRAIBQgASAAa62IQgGDIRILIAJFBEAgEUJ/UgRAIABBAWogEUJ/hXqnag8LIAMhAAwBCyAG/QwgICAgICAgICAgICAgICAg/VAh' +
  'BiAH/QwgICAgICAgICAgICAgICAg/VAhByAI/QwgICAgICAgICAgICAgICAg/VAhCCAJ/QwgICAgICAgICAgICAgICAg/VAhCSAG' +
  '/Qx7e3t7e3t7e3t7e3t7e3t7/SMgBv0MfX19fX19fX19fX19fX19ff0j/VAhCiAH/Qx7e3t7e3t7e3t7e3t7e3t7/SMgB/0MfX19' +
  'fX19fX19fX19fX19ff0j/VAhCyAI/Qx7e3t7e3t7e3t7e3t7e3t7/SMgCP0MfX19fX19fX19fX19fX19ff0j/VAhDCAJ/Qx7e3t7' +
  'e3t7e3t7e3t7e3t7/SMgCf0MfX19fX19fX19fX19fX19ff0j/VAhDSARQn+FIAr9ZK0gC/1krUIQhoQgDP1krUIghiAN/WStQjCG' +
  'hISDIRAgDyARQn+FgyEWIBZCAFIEQCAQIBZCACAWfYNCAX2DIRALAkADQCAQUA0BIAAgEHqnaiEFIBAgEEIBfYMhECAFLQAAIQQg' +
  'BEECcQRAIAJBgAhJBEAgAiAEOgAACyACQQFqIQIFIAJBAWshAiACQYAISQRAIAItAAAgBEECa0cEQEF+DwsLIAJFBEAgBUEBag8L' +
  'CwwACwsgFkIAUgRAQX4PCyADIQAMAAsLIAIkACATp0EBcSQBIBKnJAJBfws=';
