import type { WasmDescription } from '../api.ts';
import type { Io } from '../content/store.ts';
import { type ByteSource, readPlace } from './byteSource.ts';
import type { Described } from './described.ts';
import { uleb } from './elf/armVariant.ts';
import { Fields } from './fields.ts';

const maxImportBytes = 4 << 20;
const maxSections = 1000;
const maxImports = 20_000;
const importSection = 2;
const exportSection = 7;

export function isWasm(head: Uint8Array): boolean {
  return head[0] === 0 && head[1] === 0x61 && head[2] === 0x73 && head[3] === 0x6d;
}

/** A WebAssembly module or component (core specification, binary format). @throws OciError corrupt-archive */
export async function describeWasm(source: ByteSource, io: Io): Promise<Described> {
  const version = new Fields(await source.read(0, 8, io)).u32(4);
  const kind = version === 1 ? 'module' : 'component';
  const sections = kind === 'module' ? await readSections(source, io) : new Map<number, Fields>();
  const imports = importedModules(sections.get(importSection));
  const isWasi = kind === 'component' || imports.some((each) => each.startsWith('wasi_'));
  const isGo = imports.includes('go') || imports.includes('gojs');
  const starts = kind === 'component' || exportsStart(sections.get(exportSection));
  const wasm: WasmDescription = { kind, imports };
  return {
    format: 'wasm',
    kind: starts ? 'program' : 'library',
    platforms: isWasi ? ['wasi/wasm'] : isGo ? ['js/wasm'] : [],
    tools: [],
    wasm,
    problems: [],
  };
}

/** The sections of imports and exports. */
async function readSections(source: ByteSource, io: Io): Promise<ReadonlyMap<number, Fields>> {
  const found = new Map<number, Fields>();
  for (let at = 8, seen = 0; at < source.size && seen < maxSections; seen++) {
    const head = new Fields(await source.read(at, at + 6, io));
    const [id, { value: size, end }] = [head.u8(0), uleb(head, 1)];
    const isWanted = id === importSection || id === exportSection;
    const place = { offset: at + end, size };
    if (isWanted) found.set(id, new Fields(await readPlace(source, place, maxImportBytes, 'a section', io)));
    at += end + size;
  }
  return found;
}

function importedModules(fields: Fields | undefined): readonly string[] {
  const modules = new Set<string>();
  if (fields === undefined) return [];
  const count = uleb(fields, 0);
  let at = count.end;
  for (let seen = 0; seen < Math.min(count.value, maxImports); seen++) {
    const module = name(fields, at);
    modules.add(module.text);
    const field = name(fields, module.end);
    const after = skipImport(fields, field.end);
    // Of kinds that came later only what stands before them is told.
    if (after === undefined) break;
    at = after;
  }
  return [...modules].slice(0, 64);
}

/** After the description of an import: a function, table, memory, global or tag; undefined for what is none of them. */
function skipImport(fields: Fields, at: number): number | undefined {
  const kind = fields.u8(at);
  if (kind === 0) return uleb(fields, at + 1).end;
  if (kind === 1) return limits(fields, at + 2);
  if (kind === 2) return limits(fields, at + 1);
  if (kind === 3) return at + 3;
  return kind === 4 ? uleb(fields, at + 2).end : undefined;
}

function limits(fields: Fields, at: number): number {
  const { end } = uleb(fields, at + 1);
  return fields.u8(at) % 2 === 1 ? uleb(fields, end).end : end;
}

/** True where `_start` is exported: what a WASI command has. */
function exportsStart(fields: Fields | undefined): boolean {
  if (fields === undefined) return false;
  const count = uleb(fields, 0);
  let at = count.end;
  for (let seen = 0; seen < Math.min(count.value, maxImports); seen++) {
    const { text, end } = name(fields, at);
    if (text === '_start') return true;
    at = uleb(fields, end + 1).end;
  }
  return false;
}

function name(fields: Fields, at: number): { readonly text: string; readonly end: number } {
  const { value, end } = uleb(fields, at);
  return { text: new TextDecoder().decode(fields.part(end, value).bytes), end: end + value };
}
