import type { BinaryDescription } from '../api.ts';
import { escapeText } from '../oci/reference.ts';
import type { Described } from './described.ts';

const formats: Readonly<Record<BinaryDescription['format'], string>> = {
  elf: 'ELF',
  pe: 'Windows (PE)',
  'mach-o': 'macOS (Mach-O)',
  script: 'script',
  jar: 'JAR',
  class: 'Java class',
  wasm: 'WebAssembly',
  dotnet: '.NET assembly',
  text: 'text without a shebang',
  unknown: 'file of a kind that is not known',
};

/** What was understood of a file, in one sentence. */
export function summaryOf(described: Described): string {
  const { format, kind, platforms, script, java, dotnet } = described;
  const name = formats[format];
  const noun =
    format === 'elf' || format === 'pe' || format === 'mach-o' || format === 'wasm' ? `${name} ${kind}` : name;
  const parts = [
    platforms.length === 0 ? '' : `for ${escapeText(platforms.join(', ')).slice(1, -1)}`,
    languageOf(described),
    linkageOf(described),
    script === undefined ? '' : `run by ${escapeText(script.command ?? script.interpreter)}`,
    java?.release == null ? '' : `for Java ${java.release} or newer`,
    dotnet?.framework == null ? '' : `for ${escapeText(dotnet.framework)}`,
  ];
  const words = noun.replace(/^file other$/, 'file');
  return `${[`${/^[EAaI]/.test(words) ? 'An' : 'A'} ${words}`, ...parts.filter((part) => part !== '')].join(', ')}.`;
}

function languageOf({ go, rust }: Described): string {
  if (go !== undefined) return `written in Go (${escapeText(go.version).slice(1, -1)})`;
  return rust === undefined ? '' : `with Rust in it`;
}

function linkageOf({ elf, kind }: Described): string {
  if (elf === undefined || kind !== 'program') return '';
  if (elf.linkage === 'static') return 'static: it needs no libraries';
  const libc = elf.libc ?? 'another C library';
  const newest = elf.libc === 'glibc' ? elf.newestVersions['GLIBC'] : elf.oldestMusl;
  return `dynamic: it needs ${libc}${newest == null ? '' : ` ${newest} or newer`}`;
}
