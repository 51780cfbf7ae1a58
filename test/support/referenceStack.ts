import type { Listed, TarSpec } from './realLayers.ts';
import { digestOf } from '../../src/oci/digest.ts';

interface Node {
  readonly spec: TarSpec;
}

/**
 * Layers applied one call of the file system after the other, as umoci does it: a map from real paths to what is there.
 * Plain and slow, and written without a look at ours. Throws where a call of the file system would fail.
 */
export class ReferenceStack {
  readonly #nodes = new Map<string, Node>([['', { spec: { path: '', type: 'directory', mode: 0o755 } }]]);

  apply(layer: readonly TarSpec[]): void {
    const upper = new Set<string>();
    for (const spec of layer) this.#entry(spec, upper);
  }

  listing(): Readonly<Record<string, Listed>> {
    const paths = [...this.#nodes].map(([path, { spec }]) => [path, listed(spec)] as const);
    return Object.fromEntries(paths);
  }

  #entry(spec: TarSpec, upper: Set<string>): void {
    const names = spec.path.split('/');
    const name = names.pop() ?? '';
    const parent = this.#real(names.join('/'));
    if (name.startsWith('.wh.')) {
      this.#whiteout(parent, name, upper);
      return;
    }
    const path = join(parent, name);
    this.#makeDirectories(parent);
    const isDirectory = spec.type === 'directory';
    if (!isDirectory || this.#nodes.get(path)?.spec.type !== 'directory') this.#remove(path);
    this.#nodes.set(path, spec.type === 'hardlink' ? this.#link(spec) : { spec });
    for (let at = path; at !== ''; at = above(at)) upper.add(at);
  }

  #link({ linkname = '' }: TarSpec): Node {
    const names = linkname.split('/');
    const name = names.pop() ?? '';
    const target = this.#nodes.get(join(this.#real(names.join('/')), name));
    if (target === undefined || target.spec.type === 'directory') throw new Error(`cannot link to ${linkname}`);
    return target;
  }

  #whiteout(parent: string, name: string, upper: ReadonlySet<string>): void {
    const opaque = name === '.wh..wh..opq';
    const top = opaque ? parent : join(parent, name.slice('.wh.'.length));
    for (const path of [...this.#nodes.keys()]) {
      const isIn = path === top ? !opaque : top === '' || path.startsWith(`${top}/`);
      if (isIn && !upper.has(path)) this.#nodes.delete(path);
    }
  }

  #makeDirectories(path: string): void {
    if (path === '') return;
    this.#makeDirectories(above(path));
    const there = this.#nodes.get(path);
    if (there !== undefined && there.spec.type !== 'directory') throw new Error(`${path} is no directory`);
    if (there === undefined) this.#nodes.set(path, { spec: { path, type: 'directory' } });
  }

  #remove(top: string): void {
    for (const path of [...this.#nodes.keys()]) {
      if (path === top || path.startsWith(`${top}/`)) this.#nodes.delete(path);
    }
  }

  /** Where a path leads inside the root: every link followed, what is not there taken as it is written. */
  #real(path: string, links = 0): string {
    if (links > 255) throw new Error('too many links');
    let real = '';
    const names = path.split('/');
    for (const [at, name] of names.entries()) {
      if (name === '' || name === '.') continue;
      const next = name === '..' ? above(real) : join(real, name);
      const there = this.#nodes.get(next)?.spec;
      if (there?.type !== 'symlink') {
        real = next;
        continue;
      }
      const target = there.linkname ?? '';
      const rest = [target, ...names.slice(at + 1)].join('/');
      return this.#real(target.startsWith('/') ? rest : `${real}/${rest}`, links + 1);
    }
    return real;
  }
}

function listed({ type, mode, uid = 0, gid = 0, linkname, content = '' }: TarSpec): Listed {
  const bytes = Buffer.from(type === 'file' ? content : '');
  return {
    type,
    owner: `${uid}:${gid}`,
    size: bytes.length,
    ...(type === 'symlink' ? {} : { mode: (mode ?? (type === 'directory' ? 0o755 : 0o644)).toString(8) }),
    ...(linkname === undefined ? {} : { linkname }),
    ...(type === 'file' ? { digest: digestOf(bytes) } : {}),
  };
}

function join(parent: string, name: string): string {
  return parent === '' ? name : `${parent}/${name}`;
}

function above(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
