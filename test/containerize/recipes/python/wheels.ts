import fs from 'node:fs';
import path from 'node:path';
import { jarOf } from '../../programs.ts';

export interface WheelSpec {
  readonly name: string;
  /** Default: `py3-none-any`. */
  readonly tag?: string;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly requires?: readonly string[];
  /** Lines of `console_scripts`. */
  readonly scripts?: readonly string[];
}

/** Writes a wheel of version 1.0 (binary distribution format, PEP 427) into a folder where pip finds it. */
export function writeWheel(
  folder: string,
  { name, tag = 'py3-none-any', files, requires = [], scripts = [] }: WheelSpec,
): void {
  const meta = `${name}-1.0.dist-info`;
  const all: Record<string, string | Uint8Array> = {
    ...files,
    [`${meta}/METADATA`]: [
      'Metadata-Version: 2.1',
      `Name: ${name}`,
      'Version: 1.0',
      ...requires.map((one) => `Requires-Dist: ${one}`),
      '',
      '',
    ].join('\n'),
    [`${meta}/WHEEL`]: `Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: ${tag}\n`,
    ...(scripts.length > 0 ? { [`${meta}/entry_points.txt`]: ['[console_scripts]', ...scripts, ''].join('\n') } : {}),
  };
  const record = [...Object.keys(all), `${meta}/RECORD`].map((file) => `${file},,`).join('\n');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, `${name}-1.0-${tag}.whl`), jarOf({ ...all, [`${meta}/RECORD`]: `${record}\n` }));
}
