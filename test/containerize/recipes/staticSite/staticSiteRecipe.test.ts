import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { PathFilter } from '../../../../src/archive/pack.ts';
import { ProjectFolder } from '../../../../src/containerize/recipes/projectFolder.ts';
import type { BuildContext, Project } from '../../../../src/containerize/recipes/recipe.ts';
import { documentRoot } from '../../../../src/containerize/recipes/staticSite/documentRoot.ts';
import { isHashed, staticSiteRecipe } from '../../../../src/containerize/recipes/staticSite/staticSiteRecipe.ts';
import { testIo } from '../../../support/io.ts';
import { newTempDir, removeTempDir } from '../../../support/tempDir.ts';
import { needs } from '../../../support/tools.ts';
import { unpack, writeTree } from '../folder/packed.ts';

let scratch = '';
let root = '';

async function found(): Promise<Project | undefined> {
  return (await staticSiteRecipe.detect(await ProjectFolder.open(root), testIo()))[0];
}

async function project(): Promise<Project> {
  const one = await found();
  assert.ok(one);
  return one;
}

function context(more: { readonly base?: string; readonly filter?: PathFilter } = {}): BuildContext {
  return { platforms: ['linux/amd64'], output: path.join(scratch, 'out'), ...more };
}

const vite = '{"scripts":{"build":"vite build"},"devDependencies":{"vite":"5"}}';

describe('staticSiteRecipe', () => {
  beforeEach(async () => {
    scratch = fs.realpathSync(await newTempDir());
    root = path.join(scratch, 'project');
    fs.mkdirSync(root);
  });
  afterEach(() => removeTempDir(scratch));

  it('puts files whose names have a hash into a layer apart, where nginx looks for them', async function () {
    needs(this, 'tar');
    writeTree(root, {
      'package.json': vite,
      'index.html': 'source',
      'dist/index.html': 'site',
      'dist/assets/index-DiwrgTda.js': '',
      'dist/logo.svg': '',
      'dist/.git/config': '',
    });
    const blueprint = await (await project()).image(context(), testIo());
    const before = await unpack(blueprint, scratch, testIo());
    assert.deepEqual(before.layers.get('assets')?.paths, ['usr/share/nginx/html/assets/index-DiwrgTda.js']);
    assert.deepEqual(before.layers.get('site')?.paths, [
      'usr/share/nginx/html/index.html',
      'usr/share/nginx/html/logo.svg',
    ]);
    assert.equal(blueprint.base, 'nginxinc/nginx-unprivileged:alpine');
    writeTree(root, { 'dist/index.html': 'changed' });
    const after = await unpack(await (await project()).image(context(), testIo()), scratch, testIo());
    assert.equal(after.layers.get('assets')?.digest, before.layers.get('assets')?.digest);
    assert.notEqual(after.layers.get('site')?.digest, before.layers.get('site')?.digest);
  });

  it('packs a folder of output that ignore rules leave out, and obeys them in one that they do not', async function () {
    needs(this, 'tar');
    writeTree(root, { 'package.json': vite, 'dist/index.html': '', 'dist/x.txt': '' });
    const none: PathFilter = { keeps: () => false, enters: () => false };
    const some: PathFilter = { keeps: (one) => one !== 'dist/x.txt', enters: () => true };
    const paths = async (filter: PathFilter): Promise<unknown> => {
      const { layers } = await unpack(await (await project()).image(context({ filter }), testIo()), scratch, testIo());
      return layers.get('site')?.paths.map((one) => path.basename(one));
    };
    assert.deepEqual(await paths(none), ['index.html', 'x.txt']);
    assert.deepEqual(await paths(some), ['index.html']);
  });

  it('puts the site where the web server of the base looks, and says where it does not know', async () => {
    writeTree(root, { 'index.html': '' });
    const places = async (base: string): Promise<unknown> => {
      const { layers, warnings } = await (await project()).image(context({ base }), testIo());
      return [layers[0]?.files[0]?.to, warnings.length];
    };
    assert.deepEqual(await places('httpd:2.4'), ['/usr/local/apache2/htdocs', 0]);
    assert.deepEqual(await places('registry.example:5000/caddy@sha256:00'), ['/usr/share/caddy', 0]);
    assert.deepEqual(await places('busybox'), ['/usr/share/nginx/html', 1]);
  });

  it('names the build where there is no site yet', async () => {
    writeTree(root, { 'package.json': vite, 'yarn.lock': '' });
    const one = await project();
    assert.deepEqual(
      (await one.builds(context(), testIo())).map(({ command, args }) => [command, ...args]),
      [['yarn', 'run', 'build']],
    );
    await assert.rejects(one.image(context(), testIo()), {
      code: 'not-found',
      message: /there is no index.html in "dist" of .*Run "yarn run build" there/,
    });
  });

  const sites: readonly (readonly [files: Readonly<Record<string, string>>, title: string, site: string])[] = [
    [
      {
        'package.json': '{"scripts":{"build":"x"},"dependencies":{"react-scripts":"5"}}',
        'public/index.html': '',
        'build/index.html': '',
      },
      'Create React App',
      'build',
    ],
    [
      {
        'package.json': '{"scripts":{"build":"x"},"devDependencies":{"@angular/cli":"5"}}',
        'dist/shop/browser/index.html': '',
      },
      'Angular',
      'dist/shop/browser',
    ],
    [
      {
        'package.json': '{"scripts":{"build":"x"},"devDependencies":{"@angular/cli":"5"}}',
        'angular.json':
          '{"projects":{"a":{"architect":{"build":{"options":{"outputPath":"www"}}}},"b":{"architect":{"build":{"options":{"outputPath":"../out"}}}},"c":7}}',
        'www/index.html': '',
      },
      'Angular',
      'www',
    ],
    [
      {
        'package.json': '{"scripts":{"build":"x"},"dependencies":{"next":"15"}}',
        'next.config.js': `module.exports = { output: 'export' }`,
        'out/index.html': '',
      },
      'Next.js',
      'out',
    ],
    [
      { 'package.json': '{"scripts":{"build":"x"},"dependencies":{"astro":"5","vite":"5"}}', 'dist/index.html': '' },
      'Astro',
      'dist',
    ],
    [
      { 'package.json': '{"scripts":{"build":"x"},"devDependencies":{"@11ty/eleventy":"3"}}', '_site/index.html': '' },
      'Eleventy',
      '_site',
    ],
    [{ 'hugo.toml': '', 'public/index.html': '' }, 'Hugo', 'public'],
    [{ '_config.yml': '', '_site/index.html': '', 'index.html': '' }, 'Jekyll', '_site'],
    [{ 'index.html': '' }, 'HTML', ''],
    [{ 'public/index.html': '', 'server.txt': '' }, 'HTML', 'public'],
  ];
  for (const [files, title, site] of sites) {
    it(`finds a site of ${title} in ${site === '' ? 'the folder' : site}`, async () => {
      writeTree(root, files);
      const one = await project();
      assert.equal(one.title, `Static site (${title})`);
      const [file] = (await one.image(context(), testIo())).layers[0]?.files ?? [];
      assert.equal(file !== undefined && 'from' in file ? file.from : '', path.join(root, site));
    });
  }

  const none: readonly (readonly [what: string, files: Readonly<Record<string, string>>])[] = [
    ['an empty folder', {}],
    ['a server of Next.js', { 'package.json': '{"scripts":{"build":"x"},"dependencies":{"next":"15"}}' }],
    [
      'a server of Astro',
      { 'package.json': '{"scripts":{"build":"x"},"dependencies":{"astro":"5","@astrojs/node":"9"}}' },
    ],
    ['a program with a page', { 'package.json': '{"main":"x.js"}', 'index.html': '' }],
    ['a folder named index.html', { 'index.html/x': '' }],
  ];
  for (const [what, files] of none) {
    it(`finds no site in ${what}`, async () => {
      writeTree(root, files);
      assert.equal(await found(), undefined);
    });
  }
});

describe('isHashed', () => {
  const cases: Readonly<Record<string, boolean>> = {
    'assets/index-DiwrgTda.js': true,
    'main.8f3a21bc.css': true,
    'main.8f3a21bc.css.map': true,
    'static/chunks/4bd1b696-18452535c1c4862d.js': true,
    'index.html': false,
    'page-8f3a21bc.html': false,
    'jquery.min.js': false,
    'react-production.js': false,
    'logo.svg': false,
    'report-2024.pdf': false,
  };
  for (const [name, expected] of Object.entries(cases)) it(name, () => assert.equal(isHashed(name), expected));
});

describe('documentRoot', () => {
  const cases: Readonly<Record<string, string>> = {
    'nginx:alpine': '/usr/share/nginx/html',
    'nginxinc/nginx-unprivileged:alpine': '/usr/share/nginx/html',
    'docker.io/library/httpd:2.4': '/usr/local/apache2/htdocs',
    'caddy:2': '/usr/share/caddy',
    'ghcr.io/static-web-server/static-web-server:2': '/public',
  };
  for (const [base, root] of Object.entries(cases)) {
    it(base, () => assert.deepEqual(documentRoot(base), { root, isKnown: true }));
  }
});
