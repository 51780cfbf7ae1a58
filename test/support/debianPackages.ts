import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Parts of packages that no program here reads: many small files, each of which takes its time to be unpacked again. */
const unread = ['base-files', 'common-licenses', 'doc', 'gdb', 'lintian', 'locale', 'man'].map(
  (name) => `usr/share/${name}`,
);

/** Why tests that need packages are skipped. */
export const noPackages = 'no mirror of Debian packages can be reached';

/** apt's words where the mirrors cannot be reached, or have nothing for an architecture. */
export class PackagesUnavailable extends Error {}

/** Packages of an architecture, which need not be the machine's: nothing of its own apt is changed. */
export class DebianPackages {
  readonly architecture: string;
  readonly #folder: string;

  private constructor(architecture: string, folder: string) {
    this.architecture = architecture;
    this.#folder = folder;
  }

  /**
   * Downloads packages of the machine's own distribution into a folder.
   * @param names each the names that a package has had; the first that is there counts
   * @throws PackagesUnavailable
   */
  static async download(
    architecture: string,
    names: readonly (readonly string[])[],
    folder: string,
  ): Promise<DebianPackages> {
    for (const name of ['lists/partial', 'cache/archives/partial', 'debs']) {
      mkdirSync(path.join(folder, name), { recursive: true });
    }
    const options = [
      `APT::Architecture=${architecture}`,
      `APT::Architectures=${architecture}`,
      `Dir::State::Lists=${path.join(folder, 'lists')}`,
      `Dir::Cache=${path.join(folder, 'cache')}`,
      'APT::Sandbox::User=root',
      'Acquire::http::Timeout=20',
      'Acquire::Retries=1',
    ].map((option) => `-o${option}`);
    const apt = async (...words: readonly string[]): Promise<unknown> =>
      run('apt-get', ['-qq', ...options, ...words], { cwd: path.join(folder, 'debs'), timeout: 90_000 });
    try {
      await apt('update');
      await download(names, async (...words) => apt('download', ...words));
    } catch (cause) {
      throw new PackagesUnavailable(String(cause), { cause });
    }
    return new DebianPackages(architecture, folder);
  }

  /** Unpacks a package into a folder, without its scripts: what they would do is not done. */
  async unpack(names: readonly string[], root: string): Promise<void> {
    const debs = readdirSync(path.join(this.#folder, 'debs'));
    const deb = debs.find((file) => names.some((name) => file.startsWith(`${name}_`)));
    if (deb === undefined) throw new Error(`${names.join(' or ')} was not downloaded`);
    await run('dpkg-deb', ['-x', path.join(this.#folder, 'debs', deb), root]);
    for (const name of [...unread, ...gconv(root)]) rmSync(path.join(root, name), { recursive: true, force: true });
  }
}

/** All at once under their first names; one by one where a name is not known. */
async function download(
  names: readonly (readonly string[])[],
  apt: (...words: readonly string[]) => Promise<unknown>,
): Promise<void> {
  try {
    await apt(...names.flatMap(([first]) => first ?? []));
  } catch {
    for (const all of names) await firstOf(all, apt);
  }
}

async function firstOf(names: readonly string[], action: (name: string) => Promise<unknown>): Promise<void> {
  const failures: unknown[] = [];
  for (const name of names) {
    try {
      await action(name);
      return;
    } catch (error) {
      failures.push(error);
    }
  }
  throw new AggregateError(failures, `none of ${names.join(', ')} could be downloaded: ${String(failures[0])}`);
}

/** Conversions between character sets: a third of the C library. */
function gconv(root: string): readonly string[] {
  const found = readdirSync(root, { recursive: true, encoding: 'utf8' });
  return found.filter((name) => path.basename(name) === 'gconv');
}
