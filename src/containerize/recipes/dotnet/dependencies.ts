const maxAssets = 100_000;

/**
 * Paths of the published files that come from packages and the runtime, as a `NAME.deps.json` says: what changes less often
 * than the program itself. Projects that it refers to count as its own. Empty for what is no such file.
 */
export function packageFiles(text: string): ReadonlySet<string> {
  const root = parsed(text);
  const own = new Set(
    entriesOf(member(root, 'libraries'))
      .filter(([, library]) => member(library, 'type') === 'project')
      .map(([name]) => name),
  );
  const files = new Set<string>();
  for (const [, target] of entriesOf(member(root, 'targets'))) {
    for (const [name, library] of entriesOf(target)) {
      if (own.has(name)) continue;
      for (const kind of ['runtime', 'native', 'resources', 'runtimeTargets']) {
        for (const [asset, facts] of entriesOf(member(library, kind))) {
          if (files.size < maxAssets) files.add(publishedPath(kind, asset, facts));
        }
      }
    }
  }
  return files;
}

/** Assets of one runtime are published without the folders of their package; resources are in one for their language. */
function publishedPath(kind: string, asset: string, facts: unknown): string {
  const name = asset.slice(asset.lastIndexOf('/') + 1);
  const locale = member(facts, 'locale');
  if (kind === 'resources' && typeof locale === 'string') return `${locale}/${name}`;
  return kind === 'runtimeTargets' ? asset : name;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function member(value: unknown, name: string): unknown {
  return entriesOf(value).find(([one]) => one === name)?.[1];
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}
