/**
 * The skipper in WebAssembly SIMD: several times as fast as the plain one, with equal results. Bytes are copied into its
 * memory one window at a time. One instance serves all scanners of a process, each for one chunk at a time.
 */

import type { KeyFilter } from '../automaton/key-filter.ts';
import { OPEN_OBJECT } from '../bytes.ts';
import { CHECKED_DEPTH, MORE, type Skipper, type SkipState } from './skip.ts';

/** The used part of the engine's interface. Its full types are part of the DOM types, which this project excludes. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: SkipExports };
  readonly CompileError: new () => Error;
};

interface SkipExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  run(at: number, end: number): number;
}

/** Offsets in the module's memory: the stack of opening bytes, the key filter, and the bytes to read. */
const STACK_AT = 16;
const FILTER_AT = STACK_AT + CHECKED_DEPTH;
const BYTES_AT = FILTER_AT + 272;
/** Index of the number of skipped siblings among the 32-bit numbers from `FILTER_AT` on. */
const SIBLINGS = 67;
/** Indexes of the 32-bit numbers at the start of the memory. */
const DEPTH = 0;
const IN_STRING = 1;
const ESCAPED = 2;
const FILTERED_DEPTH = 3;
/** The module reads 64 bytes at once, so 64 spaces follow the last byte. */
const BLOCK_BYTES = 64;

export class WasmSkipper implements Skipper {
  readonly #wasm: SkipExports;
  readonly #memory: Uint8Array;
  readonly #state: Int32Array;
  /** The key filter in the module's memory. */
  readonly #filterWords: Int32Array;
  #filter: KeyFilter | null = null;
  readonly #windowBytes: number;
  /** The current chunk, and the window of it that is in the memory. */
  #chunk: Uint8Array | null = null;
  #from = 0;
  #to = 0;

  constructor(wasm: SkipExports) {
    this.#wasm = wasm;
    this.#memory = new Uint8Array(wasm.memory.buffer);
    this.#state = new Int32Array(wasm.memory.buffer, 0, 4);
    this.#filterWords = new Int32Array(wasm.memory.buffer, FILTER_AT);
    this.#windowBytes = this.#memory.length - BYTES_AT - BLOCK_BYTES;
  }

  begin(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#to = 0;
  }

  startContainer(openByte: number): void {
    this.#memory[STACK_AT] = openByte;
    this.#set(1, 0, 0, 0);
  }

  startElement(): void {
    this.startContainer(OPEN_OBJECT);
    this.#filterWords[SIBLINGS] = 0;
  }

  startFiltered(openByte: number, filter: KeyFilter, depth: number): void {
    this.#memory[STACK_AT] = openByte;
    this.#set(1, 0, 0, depth);
    this.#setFilter(filter);
  }

  startString(): void {
    this.#set(0, 1, 0, 0);
  }

  takeSiblings(): number {
    const passed = this.#filterWords[SIBLINGS]!;
    if (passed <= 0) return 0;
    this.#filterWords[SIBLINGS] = 0;
    return passed;
  }

  get depth(): number {
    return this.#state[DEPTH]!;
  }

  openAt(depth: number): number {
    return this.#memory[STACK_AT + depth - 1]!;
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
    this.#to = Math.min(chunk.length, from + this.#windowBytes);
    const isWhole = from === 0 && this.#to === chunk.length;
    this.#memory.set(isWhole ? chunk : chunk.subarray(from, this.#to), BYTES_AT);
    const end = BYTES_AT + this.#to - from;
    this.#memory.fill(0x20, end, end + BLOCK_BYTES);
  }

  suspend(): SkipState {
    const depth = this.#state[DEPTH]!;
    return {
      depth,
      inString: this.#state[IN_STRING] === 1,
      escaped: this.#state[ESCAPED] === 1,
      open: this.#memory.slice(STACK_AT, STACK_AT + Math.min(depth, CHECKED_DEPTH)),
      filter: this.#filter,
      filteredDepth: this.#state[FILTERED_DEPTH]!,
      isElement: this.#filterWords[SIBLINGS]! >= 0,
    };
  }

  resume({ depth, inString, escaped, open, filter, filteredDepth, isElement }: SkipState): void {
    this.#memory.set(open, STACK_AT);
    this.#set(depth, inString ? 1 : 0, escaped ? 1 : 0, filteredDepth);
    if (isElement) this.#filterWords[SIBLINGS] = 0;
    if (filter !== null) this.#setFilter(filter);
  }

  #set(depth: number, inString: number, escaped: number, filteredDepth: number): void {
    this.#state[DEPTH] = depth;
    this.#state[IN_STRING] = inString;
    this.#state[ESCAPED] = escaped;
    this.#state[FILTERED_DEPTH] = filteredDepth;
    this.#filterWords[SIBLINGS] = -1;
  }

  #setFilter(filter: KeyFilter): void {
    if (filter === this.#filter) return;
    this.#filter = filter;
    this.#filterWords.set(filter.words);
  }
}

/** Creates a skipper in WebAssembly; null if the engine has no SIMD or must not compile, as in some edge runtimes. */
export function wasmSkipper(): WasmSkipper | null {
  try {
    return new WasmSkipper(new WebAssembly.Instance(new WebAssembly.Module(moduleBytes())).exports);
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) return null;
    throw error;
  }
}

/** Decodes the module. */
function moduleBytes(): Uint8Array {
  return Uint8Array.from(atob(MODULE), (character) => character.charCodeAt(0));
}

/** `skip.wat`, assembled by wabt, in base64. */
const MODULE =
  'AGFzbQEAAAABBwFgAn9/AX8DAwIAAAUDAQACBxACBm1lbW9yeQIAA3J1bgABCo0LAm4BA38gAEEEaiABSwRAQQEPCyAAKAIAIQJBkAgpAwAgAkEI' +
  'dq2IQgGDUARAQQAPC0GYCCgCACEDQaAIIQQCQANAIANFDQEgAiAEKAIEcSAEKAIARgRAQQEPCyADQQFrIQMgBEEIaiEEDAALC0EAC5sKBQR/CHsJ' +
  'fgF/A35BDCgCACEXQQAoAgAhAkEIKAIArSESQgBBBCgCAK19IRMCQANAIAAgAU8NASAA/QAEACEGIAD9AAQQIQcgAP0ABCAhCCAA/QAEMCEJIAb9' +
  'DCIiIiIiIiIiIiIiIiIiIiL9I/1krSAH/QwiIiIiIiIiIiIiIiIiIiIi/SP9ZK1CEIaEIAj9DCIiIiIiIiIiIiIiIiIiIiL9I/1krUIghiAJ/Qwi' +
  'IiIiIiIiIiIiIiIiIiIi/SP9ZK1CMIaEhCEOIAb9DFxcXFxcXFxcXFxcXFxcXFz9IyEKIAf9DFxcXFxcXFxcXFxcXFxcXFz9IyELIAj9DFxcXFxc' +
  'XFxcXFxcXFxcXFz9IyEMIAn9DFxcXFxcXFxcXFxcXFxcXFz9IyENQgAhDyASIRQgCiAL/VAgDCAN/VD9UP1TBEAgCv1krSAL/WStQhCGhCAM/WSt' +
  'QiCGIA39ZK1CMIaEhCEPIA8gEkJ/hYMhFSAVQgGGQqrVqtWq1arVqn+EIBV9QqrVqtWq1arVqn+FIRUgFSAPIBKEhSEUIBUgD4NCP4ghEgVCACES' +
  'CyAOIBRCf4WDIQ4gDiAOQgGGhSERIBEgEUIChoUhESARIBFCBIaFIREgESARQgiGhSERIBEgEUIQhoUhESARIBFCIIaFIREgESAThSERIBFCP4ch' +
  'EyAAQcAAaiEDIAMgAUsEQCAUIAEgAGutiEIBgyESCyACRQRAIBFCf1IEQCAAQQFqIBFCf4V6p2oPCyADIQAMAQsgBv0MICAgICAgICAgICAgICAg' +
  'IP1QIQYgB/0MICAgICAgICAgICAgICAgIP1QIQcgCP0MICAgICAgICAgICAgICAgIP1QIQggCf0MICAgICAgICAgICAgICAgIP1QIQkgBv0Me3t7' +
  'e3t7e3t7e3t7e3t7e/0jIAb9DH19fX19fX19fX19fX19fX39I/1QIQogB/0Me3t7e3t7e3t7e3t7e3t7e/0jIAf9DH19fX19fX19fX19fX19fX39' +
  'I/1QIQsgCP0Me3t7e3t7e3t7e3t7e3t7e/0jIAj9DH19fX19fX19fX19fX19fX39I/1QIQwgCf0Me3t7e3t7e3t7e3t7e3t7e/0jIAn9DH19fX19' +
  'fX19fX19fX19fX39I/1QIQ0gEUJ/hSAK/WStIAv9ZK1CEIaEIAz9ZK1CIIYgDf1krUIwhoSEgyEQIA8gEUJ/hYMhFiAWQgBSBEAgECAWQgAgFn2D' +
  'QgF9gyEQC0IAIRggFwRAIA4gEYMhGCAWQgBSBEAgGCAWQgAgFn2DQgF9gyEYCwsCQANAIBhCAFIEQCAQQgAgEH2DQgF9IRkgAiAXTQRAIBggGYMh' +
  'GgJAA0AgGlANASAAIBp6p2ohBSAFIAEQAARAQQAgAjYCAEEEQQA2AgBBCEEANgIAIAUPCyAaIBpCAX2DIRoMAAsLCyAYIBlCf4WDIRgLIBBQDQEg' +
  'ACAQeqdqIQUgECAQQgF9gyEQIAUtAAAhBCAEQQJxBEAgAkGACEkEQCACIAQ6ABALIAJBAWohAgUgAkEBayECIAJBgAhJBEAgAi0AECAEQQJrRwRA' +
  'QX4PCwsgAkUEQEGcCigCAEEATiAFLwEBQaz2AUZxIAVBAmogA0lxBEBBnApBnAooAgBBAWo2AgAFQQBBADYCACAFQQFqDwsLCwwACwsgFkIAUgRA' +
  'QX4PCyADIQAMAAsLQQAgAjYCAEEEIBOnQQFxNgIAQQggEqc2AgBBfws=';
