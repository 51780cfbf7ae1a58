import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');

interface MenuItem {
  readonly command: string;
  readonly when?: string;
  readonly group?: string;
}

interface Setting {
  readonly scope?: string;
  readonly default?: unknown;
  readonly description?: string;
  readonly markdownDescription?: string;
}

interface Manifest {
  readonly icon: string;
  readonly activationEvents: readonly string[];
  readonly engines: { readonly vscode: string };
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly supported: unknown; readonly restrictedConfigurations: readonly string[] };
    readonly virtualWorkspaces: { readonly supported: unknown };
  };
  readonly contributes: {
    readonly viewsContainers: { readonly activitybar: readonly { readonly id: string; readonly icon: string }[] };
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly viewsWelcome: readonly { readonly view: string; readonly contents: string; readonly when: string }[];
    readonly commands: readonly {
      readonly command: string;
      readonly title: string;
      readonly category: string;
      readonly icon?: string;
    }[];
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
    readonly keybindings: readonly (MenuItem & { readonly key: string })[];
    readonly configuration: { readonly properties: Readonly<Record<string, Setting>> };
    readonly walkthroughs: readonly {
      readonly steps: readonly {
        readonly description: string;
        readonly media: { readonly svg: string };
        readonly completionEvents: readonly string[];
      }[];
    }[];
  };
}

const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest;
const { contributes } = manifest;
const commands = contributes.commands.map(({ command }) => command);
const views = Object.values(contributes.views).flatMap((all) => all.map(({ id }) => id));
const menuItems = Object.values(contributes.menus).flat();
const sources = new Map(
  globSync('src/ui/*.ts', { cwd: root }).map((file) => [
    path.basename(file),
    readFileSync(path.join(root, file), 'utf8'),
  ]),
);
const ui = [...sources.values()].join('\n');
/** What says how nodes are shown. */
const itemSources = [...sources].map(([file, text]) => (/Items\.ts$/.test(file) ? text : '')).join('\n');
const iconTexts = itemSources.match(/\bicon: (?!tagIcons)[^,]+|Icons = .*/g)?.join('\n') ?? '';

/** Codicons that were seen in VS Code; look there before adding one. */
const codicons = new Set(
  (
    'add archive arrow-swap checklist chip circuit-board close cloud-upload copy debug-stop desktop-download device-desktop diff diff-multiple ellipsis error eye file ' +
    'file-symlink-directory file-symlink-file file-zip filter filter-filled folder folder-library folder-opened gear go-to-file graph history info ' +
    'json key law layers loading lock output package pinned play references refresh repo rocket root-folder ' +
    'root-folder-opened search search-fuzzy server settings-gear shield split-horizontal tag trash verified versions warning'
  ).split(' '),
);

function setOf(pattern: RegExp, text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ''));
}

describe('package.json', () => {
  it('names every command that the sources have, and no other', () => {
    const registered = setOf(/^ +'(gantry\.\w+)': /gm, ui);
    assert.deepEqual([...registered].sort(), [...commands].sort());
    assert.equal(new Set(commands).size, commands.length);
  });

  it('has every command described in the README, by its title or for programs by its name', () => {
    const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
    const missing = contributes.commands.filter(
      ({ command, title }) => !readme.includes(title) && !readme.includes(`\`${command}\``),
    );
    assert.deepEqual(
      missing.map(({ title }) => title),
      [],
    );
  });

  it('gives every command a category and a title in title case', () => {
    for (const { title, category } of contributes.commands) {
      assert.equal(category, 'Gantry');
      for (const word of title.replace('…', '').split(' ')) {
        assert.match(word, /^(?:[A-Z][a-z]+|as|for|in|of|or|the|to|with|In|Is)$/, title);
      }
    }
  });

  it('uses commands in menus, keys, welcome and walkthrough that exist', () => {
    const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
    const texts = [
      ...contributes.viewsWelcome.map(({ contents }) => contents),
      ...steps.map(({ description }) => description),
    ];
    const linked = texts.flatMap((text) => [...setOf(/\(command:([\w.]+)\)/g, text)]);
    const completed = steps.flatMap(({ completionEvents }) =>
      completionEvents.map((event) => event.replace('onCommand:', '')),
    );
    const used = [...menuItems, ...contributes.keybindings].map(({ command }) => command);
    for (const command of [...linked, ...completed, ...used]) assert.ok(commands.includes(command), command);
    assert.ok(linked.length >= 6);
  });

  it('names in when-clauses only views that exist and context keys that are set', () => {
    const clauses = [...menuItems, ...contributes.keybindings, ...contributes.viewsWelcome].map(
      ({ when }) => when ?? '',
    );
    for (const clause of clauses) {
      for (const view of setOf(/(?:^|\W)(?:view|focusedView) == ([\w.]+)/g, clause))
        assert.ok(views.includes(view), clause);
      for (const key of setOf(/(gantry:\w+)/g, clause)) assert.ok(ui.includes(`'setContext', '${key}'`), key);
    }
    for (const { view } of contributes.viewsWelcome) assert.ok(views.includes(view));
  });

  it('asks in when-clauses only for tokens that nodes have', () => {
    const tokens = menuItems.flatMap(({ when = '' }) =>
      [...setOf(/viewItem =~ \/\(\^\|;\)\(?([\w|]+)\)?\(;\|\$\)\//g, when)].flatMap((all) => all.split('|')),
    );
    assert.ok(tokens.length > 20);
    const known = setOf(/'(\w+)'/g, `${itemSources} 'auth' 'platform' 'referrer' 'image' 'index' 'artifact'`);
    for (const token of tokens) assert.ok(known.has(token), token);
  });

  it('scopes every menu item of the tree to its view', () => {
    for (const { when } of [
      ...(contributes.menus['view/title'] ?? []),
      ...(contributes.menus['view/item/context'] ?? []),
    ]) {
      assert.match(
        when ?? '',
        /^view (?:== gantry\.(?:registries|local|comparison|search)|=~ \/\^gantry\\\.\(registries\|local\)\$\/)( && |$)/,
      );
    }
  });

  it('offers Containerize on files of this machine and of a remote window, which knows them by another scheme', () => {
    const [item] = contributes.menus['explorer/context'] ?? [];
    const schemes = new RegExp(/resourceScheme =~ \/(.+?)\//.exec(item?.when ?? '')?.[1] ?? 'none');
    assert.deepEqual(
      ['file', 'vscode-remote', 'gantry', 'untitled'].filter((scheme) => schemes.test(scheme)),
      ['file', 'vscode-remote'],
    );
  });

  it('shows at most three actions in a line of the tree', () => {
    const inline = (contributes.menus['view/item/context'] ?? []).filter(({ group }) => group?.startsWith('inline'));
    for (const token of ['registry', 'repo', 'tag', 'error']) {
      assert.ok(inline.filter(({ when }) => when?.includes(token)).length <= 3, token);
    }
  });

  it('uses icons that VS Code has and files that exist', () => {
    const used = new Set([
      ...contributes.commands.flatMap(({ icon }) => (icon === undefined ? [] : [...setOf(/^\$\(([\w-]+)\)$/g, icon)])),
      ...setOf(/[?:] '([\w-]+)'/g, iconTexts),
    ]);
    assert.deepEqual(
      [...used].filter((icon) => !codicons.has(icon)),
      [],
    );
    assert.ok(used.size > 25);
    const media = contributes.walkthroughs.flatMap(({ steps }) => steps.map((step) => step.media.svg));
    const files = [manifest.icon, ...contributes.viewsContainers.activitybar.map(({ icon }) => icon), ...media];
    for (const file of files) assert.ok(existsSync(path.join(root, file)), file);
  });

  it('offers every setting that the sources read, and no other', () => {
    const read = setOf(/get\('([\w.]+)'\)/g, sources.get('settingValues.ts') ?? '');
    const offered = Object.keys(contributes.configuration.properties).map((name) => name.replace(/^gantry\./, ''));
    assert.deepEqual([...read].sort(), offered.sort());
  });

  it('241: lets no workspace say where credentials go, how TLS is checked, what is overwritten or deleted', () => {
    const { properties } = contributes.configuration;
    for (const [name, { scope, description, markdownDescription }] of Object.entries(properties)) {
      assert.ok(scope !== undefined, `${name} has no scope`);
      assert.ok((description ?? markdownDescription ?? '').length > 10, name);
      const guarded = /^gantry\.(?:registries|credentials|network|delete|localRegistry|copy|cache|inspect)\b/.test(
        name,
      );
      assert.ok(!guarded || scope === 'application' || scope === 'machine', `${name} is ${scope}`);
    }
    assert.equal(properties['gantry.registries']?.scope, 'application');
  });

  it('241: declares what works in Restricted Mode and restricts what a folder may set', () => {
    const { untrustedWorkspaces, virtualWorkspaces } = manifest.capabilities;
    assert.equal(untrustedWorkspaces.supported, 'limited');
    assert.equal(virtualWorkspaces.supported, 'limited');
    const resource = Object.entries(contributes.configuration.properties).filter(
      ([, { scope }]) => scope === 'resource',
    );
    assert.deepEqual([...untrustedWorkspaces.restrictedConfigurations].sort(), resource.map(([name]) => name).sort());
  });

  it('is activated by nothing but its own things', () => {
    assert.deepEqual(manifest.activationEvents, [
      'onFileSystem:gantry',
      'onWebviewPanel:gantry.imageReport',
      'workspaceContains:**/{gantry.yaml,*.gantry.yaml}',
    ]);
  });

  it('has types of no newer VS Code than the one it asks for', () => {
    assert.equal(`^${manifest.devDependencies['@types/vscode'] ?? ''}`, manifest.engines.vscode);
  });
});

describe('src/ui', () => {
  it('228: shows messages through notify.ts only', () => {
    const direct = [...sources].filter(
      ([file, text]) => file !== 'notify.ts' && /show(?:Information|Warning|Error)Message/.test(text),
    );
    assert.deepEqual(
      direct.map(([file]) => file),
      [],
    );
    const calls = (sources.get('notify.ts') ?? '').match(/window\s*\.show\w+Message[^;]*;/g) ?? [];
    assert.equal(calls.length, 4);
    for (const call of calls) assert.match(call, /messageText\(|\(text, \.\.\.fix/);
  });

  it('229: makes no Markdown from text and trusts none', () => {
    for (const [file, text] of sources) {
      assert.doesNotMatch(text, /appendMarkdown|isTrusted = true|supportHtml = true|new MarkdownString\((?!'')/, file);
    }
  });

  it('keeps what a person reads about one command in one file', () => {
    for (const [file, text] of sources) assert.ok(text.split('\n').length <= 301, file);
  });
});
