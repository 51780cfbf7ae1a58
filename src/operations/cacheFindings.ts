import type { Finding } from '../api.ts';
import type { FileNode, LayerStack } from '../archive/layerStack.ts';
import type { Io } from '../content/store.ts';
import { nodesBelow, shownPath } from './fileNodes.ts';
import type { FindingList } from './findingList.ts';
import { inTurns } from './inTurns.ts';
import { PlaceSet } from './placeSet.ts';

/** What is left behind in a directory or file. */
interface Leftover {
  readonly path: string;
  readonly what: string;
  readonly advice: string;
  /** Ends of the names that count; absent: all. */
  readonly ends?: string;
}

/** Directories of users that are looked into. */
const maxHomes = 1000;
const sameStep = 'in the RUN step that fills it';

const everywhere: readonly Leftover[] = [
  {
    path: 'var/cache/apt/archives',
    ends: '.deb',
    what: 'packages that apt downloaded',
    advice: `Run "apt-get clean" ${sameStep}`,
  },
  {
    path: 'var/cache/apt',
    ends: '.bin',
    what: "apt's caches of package lists",
    advice: `Run "apt-get clean" ${sameStep}`,
  },
  { path: 'var/lib/apt/lists', what: "apt's package lists", advice: `Remove /var/lib/apt/lists/* ${sameStep}` },
  { path: 'var/cache/apk', what: 'packages that apk downloaded', advice: 'Use "apk add --no-cache"' },
  { path: 'etc/apk/cache', what: 'packages that apk downloaded', advice: 'Use "apk add --no-cache"' },
  { path: 'var/cache/yum', what: 'packages that yum downloaded', advice: `Run "yum clean all" ${sameStep}` },
  { path: 'var/cache/dnf', what: 'packages that dnf downloaded', advice: `Run "dnf clean all" ${sameStep}` },
  { path: 'var/cache/libdnf5', what: 'packages that dnf downloaded', advice: `Run "dnf clean all" ${sameStep}` },
  { path: 'var/cache/zypp', what: 'packages that zypper downloaded', advice: `Run "zypper clean --all" ${sameStep}` },
  { path: 'var/cache/pacman/pkg', what: 'packages that pacman downloaded', advice: `Run "pacman -Scc" ${sameStep}` },
  { path: 'usr/local/share/.cache/yarn', what: "Yarn's cache", advice: `Run "yarn cache clean" ${sameStep}` },
  { path: 'go/pkg/mod/cache', what: "Go's cache of modules", advice: 'Use a cache mount or a build stage' },
  { path: 'tmp', what: 'temporary files', advice: 'Remove them in the RUN step that makes them' },
  { path: 'var/tmp', what: 'temporary files', advice: 'Remove them in the RUN step that makes them' },
];

const ofHome: readonly Leftover[] = [
  { path: '.cache/pip', what: "pip's cache", advice: 'Use "pip install --no-cache-dir"' },
  { path: '.cache/uv', what: "uv's cache", advice: 'Use "uv --no-cache"' },
  { path: '.cache/pypoetry', what: "Poetry's cache", advice: `Remove it ${sameStep}` },
  { path: '.cache/yarn', what: "Yarn's cache", advice: `Run "yarn cache clean" ${sameStep}` },
  { path: '.cache/go-build', what: "Go's cache of builds", advice: 'Use a cache mount or a build stage' },
  { path: 'go/pkg/mod/cache', what: "Go's cache of modules", advice: 'Use a cache mount or a build stage' },
  { path: '.npm/_cacache', what: "npm's cache", advice: `Run "npm cache clean --force" ${sameStep}` },
  { path: '.gradle/caches', what: "Gradle's caches", advice: 'Use a cache mount or a build stage' },
  { path: '.cargo/registry', what: "Cargo's cache of crates", advice: 'Use a cache mount or a build stage' },
  { path: '.composer/cache', what: "Composer's cache", advice: `Run "composer clear-cache" ${sameStep}` },
  ...['bash', 'ash', 'sh', 'zsh', 'python', 'node_repl', 'mysql', 'psql', 'sqlite', 'rediscli'].map((name) => ({
    path: `.${name}_history`,
    what: 'a history of commands, which may hold passwords',
    advice: 'Remove it in the step that makes it',
  })),
];

/** Adds what package managers, builds and shells left in the merged view: one finding for each directory. */
export async function addCaches(stack: LayerStack, list: FindingList, io: Io): Promise<void> {
  const users = [...(stack.get('home')?.children?.keys() ?? [])].slice(0, maxHomes);
  const look = async (leftover: Leftover): Promise<void> => {
    const node = stack.get(leftover.path);
    const found = node === undefined ? undefined : await cacheFinding(node, leftover, io);
    if (found !== undefined) list.add(found);
  };
  for (const leftover of everywhere) await look(leftover);
  for (const home of ['root', ...users.map((name) => `home/${name}`)]) {
    for (const leftover of ofHome) await look({ ...leftover, path: `${home}/${leftover.path}` });
    io.signal.throwIfAborted();
  }
}

async function cacheFinding(top: FileNode, { what, advice, ends }: Leftover, io: Io): Promise<Finding | undefined> {
  const places = new PlaceSet();
  const layers = new Map<number, number>();
  let bytes = 0;
  const look = ({ name, content }: FileNode): void => {
    if (content === undefined || !name.endsWith(ends ?? '') || !places.add(content)) return;
    bytes += content.entry.size;
    layers.set(content.layer, (layers.get(content.layer) ?? 0) + content.entry.size);
  };
  look(top);
  await inTurns(nodesBelow(top), ({ node }) => look(node), io);
  if (bytes === 0) return undefined;
  const [layer] = [...layers].reduce((most, next) => (next[1] > most[1] ? next : most));
  const text = `Left behind: ${what}. ${advice}.`;
  return { kind: 'cache', path: shownPath(top.path), text, layer, bytes };
}
