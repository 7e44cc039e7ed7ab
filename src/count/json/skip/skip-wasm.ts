/**
 * The skipper in WebAssembly SIMD: several times as fast as the plain one, with equal answers. Bytes are copied into
 * its memory a stretch at a time; one instance serves all scanners of a process, each for one chunk at a time.
 */

import type { KeyFilter } from '../automaton/key-filter.ts';
import { OPEN_OBJECT } from '../bytes.ts';
import { CHECKED_DEPTH, MORE, type Skipper, type SkipState } from './skip.ts';

/** What is used of the engine; its full types come with the DOM's, which this code does without. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: SkipExports };
  readonly CompileError: new () => Error;
};

interface SkipExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  run(at: number, end: number): number;
}

/** Where in the module's memory the stack of opening bytes begins, what is watched for, and the bytes to read. */
const STACK_AT = 16;
const WATCH_AT = STACK_AT + CHECKED_DEPTH;
const BYTES_AT = WATCH_AT + 272;
/** Of the 32-bit numbers from `WATCH_AT` on, the one that counts neighbours. */
const NEIGHBOURS = 67;
/** Which of the 32-bit numbers at its start says what. */
const DEPTH = 0;
const IN_STRING = 1;
const ESCAPED = 2;
const WATCHED_DEPTH = 3;
/** The module reads 64 bytes at once, so that many spaces follow the last. */
const BLOCK_BYTES = 64;

export class WasmSkipper implements Skipper {
  readonly #wasm: SkipExports;
  readonly #memory: Uint8Array;
  readonly #state: Int32Array;
  /** What is watched for, as it stands in the memory. */
  readonly #watchWords: Int32Array;
  #watch: KeyFilter | null = null;
  readonly #stretchBytes: number;
  /** The chunk at hand, and which stretch of it stands in the memory. */
  #chunk: Uint8Array | null = null;
  #from = 0;
  #to = 0;

  constructor(wasm: SkipExports) {
    this.#wasm = wasm;
    this.#memory = new Uint8Array(wasm.memory.buffer);
    this.#state = new Int32Array(wasm.memory.buffer, 0, 4);
    this.#watchWords = new Int32Array(wasm.memory.buffer, WATCH_AT);
    this.#stretchBytes = this.#memory.length - BYTES_AT - BLOCK_BYTES;
  }

  begin(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#to = 0;
  }

  startContainer(openByte: number): void {
    this.#memory[STACK_AT] = openByte;
    this.#set(1, 0, 0, 0);
  }

  startItem(): void {
    this.startContainer(OPEN_OBJECT);
    this.#watchWords[NEIGHBOURS] = 0;
  }

  startWatch(openByte: number, watch: KeyFilter, depth: number): void {
    this.#memory[STACK_AT] = openByte;
    this.#set(1, 0, 0, depth);
    this.#setWatch(watch);
  }

  startString(): void {
    this.#set(0, 1, 0, 0);
  }

  takeNeighbours(): number {
    const passed = this.#watchWords[NEIGHBOURS]!;
    if (passed <= 0) return 0;
    this.#watchWords[NEIGHBOURS] = 0;
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
    this.#to = Math.min(chunk.length, from + this.#stretchBytes);
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
      watch: this.#watch,
      watchedDepth: this.#state[WATCHED_DEPTH]!,
      isItem: this.#watchWords[NEIGHBOURS]! >= 0,
    };
  }

  resume({ depth, inString, escaped, open, watch, watchedDepth, isItem }: SkipState): void {
    this.#memory.set(open, STACK_AT);
    this.#set(depth, inString ? 1 : 0, escaped ? 1 : 0, watchedDepth);
    if (isItem) this.#watchWords[NEIGHBOURS] = 0;
    if (watch !== null) this.#setWatch(watch);
  }

  #set(depth: number, inString: number, escaped: number, watchedDepth: number): void {
    this.#state[DEPTH] = depth;
    this.#state[IN_STRING] = inString;
    this.#state[ESCAPED] = escaped;
    this.#state[WATCHED_DEPTH] = watchedDepth;
    this.#watchWords[NEIGHBOURS] = -1;
  }

  #setWatch(watch: KeyFilter): void {
    if (watch === this.#watch) return;
    this.#watch = watch;
    this.#watchWords.set(watch.words);
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
function moduleBytes(): Uint8Array {
  return Uint8Array.from(atob(MODULE), (character) => character.charCodeAt(0));
}

/** `skip.wat`, assembled by wabt. */
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
