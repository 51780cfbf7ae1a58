import type { BinaryDescription, PreflightReason, PreflightResult } from '../../api.ts';
import type { Io } from '../../content/store.ts';
import { escapeText } from '../../oci/reference.ts';
import type { ByteSource } from '../byteSource.ts';
import type { BaseFiles } from './baseFiles.ts';
import { mayUse, permissions, readUser } from './baseUser.ts';
import { checkDotnet } from './checkDotnet.ts';
import { checkElf, notPermitted } from './checkElf.ts';
import { checkJar } from './checkJar.ts';
import { checkPlatform } from './checkPlatform.ts';
import { checkScript } from './checkScript.ts';
import { noUser } from './noUser.ts';
import { missingConveniences } from './conveniences.ts';
import type { Check } from './subject.ts';

/** What is to be put into an image, and where. */
export interface Candidate {
  readonly binary: BinaryDescription;
  readonly source: ByteSource;
  /** The absolute path in the image; the file is root's, and everybody may run it. */
  readonly path: string;
}

/**
 * Says whether a program will run on a base, from the base's own files and as Linux, glibc and musl do it; nothing is run.
 * @throws OciError of the base's layers
 */
export async function preflight(
  candidate: Candidate,
  base: BaseFiles,
  io: Io,
): Promise<Pick<PreflightResult, 'verdict' | 'reasons'>> {
  const reasons = [...(await findReasons(candidate, base, io)), ...missingConveniences(base)];
  const order = ['fails', 'unknown', 'note'];
  const sorted = reasons.toSorted((a, b) => order.indexOf(a.effect) - order.indexOf(b.effect));
  const first = sorted[0]?.effect;
  return { verdict: first === 'fails' || first === 'unknown' ? first : 'runs', reasons: sorted };
}

const checks: Partial<Readonly<Record<BinaryDescription['format'], Check>>> = {
  elf: checkElf,
  script: checkScript,
  jar: checkJar,
  class: checkJar,
  dotnet: checkDotnet,
};

async function findReasons(
  { binary, source, path }: Candidate,
  base: BaseFiles,
  io: Io,
): Promise<readonly PreflightReason[]> {
  const unfit = checkKind(binary, base);
  if (unfit !== undefined) return [unfit];
  const platform = checkPlatform(binary, base.platform);
  if (platform.some(({ effect }) => effect === 'fails')) return platform;
  const user = await readUser(base, io);
  if (typeof user === 'string') return [...platform, noUser(user)];
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  if (!mayUse(base, user, folder, permissions.execute)) return [...platform, notPermitted(path, user.uid)];
  // A program finds itself where links to its folder lead.
  const real = `/${base.find(folder)?.path ?? folder}/${path.slice(folder.length)}`.replace(/\/+/g, '/');
  const subject = { base, user, source, path: real, binary };
  return [...platform, ...((await checks[binary.format]?.(subject, io)) ?? [])];
}

/** What no Linux starts, or no check is for. */
function checkKind(binary: BinaryDescription, base: BaseFiles): PreflightReason | undefined {
  const { format, kind, advice, summary, problems } = binary;
  if (format === 'pe' || format === 'mach-o') {
    return { code: 'wrong-platform', effect: 'fails', text: summary, ...(advice === undefined ? {} : { fix: advice }) };
  }
  if (format === 'wasm') return checkWasm(base);
  if (kind === 'program' && format in checks) {
    const isOther = base.platform !== undefined && base.platform.os !== 'linux';
    const text = `The base is for ${escapeText(base.platform?.os ?? '')}, not for Linux.`;
    return isOther ? { code: 'wrong-platform', effect: 'fails', text, fix: 'Choose a base for Linux.' } : undefined;
  }
  const damage = problems.length === 0 ? '' : ` ${problems.join(' ')}`;
  const fix = advice === undefined ? {} : { fix: advice };
  const code = format === 'text' ? 'bad-shebang' : 'not-a-program';
  return { code, effect: 'fails', text: `It is no program that Linux starts: ${summary}${damage}`, ...fix };
}

function checkWasm({ platform }: BaseFiles): PreflightReason {
  const isFit = platform === undefined || platform.architecture === 'wasm';
  return {
    code: 'needs-wasm-runtime',
    effect: isFit ? 'unknown' : 'fails',
    text: 'Only a container runtime with a shim for WebAssembly starts it.',
    fix: 'Put it on scratch for wasi/wasm, and run it where such a shim is.',
  };
}
