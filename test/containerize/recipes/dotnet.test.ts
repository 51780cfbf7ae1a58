import assert from 'node:assert/strict';
import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { dotnetRecipe } from '../../../src/containerize/recipes/dotnet.ts';
import { ProjectFolder } from '../../../src/containerize/recipes/projectFolder.ts';
import type { BuildContext, Project } from '../../../src/containerize/recipes/recipe.ts';
import { isOciError } from '../../../src/errors.ts';
import { testIo } from '../../support/io.ts';
import { newTempDir, removeTempDir } from '../../support/tempDir.ts';
import { entriesOfLayers, layerDigests, pathsByLayer, writeFiles } from './java/javaPrograms.ts';

const project = (rest: string, sdk = 'Microsoft.NET.Sdk'): string =>
  `<Project Sdk="${sdk}"><PropertyGroup><TargetFramework>net8.0</TargetFramework>${rest}</PropertyGroup></Project>`;
const exe = '<OutputType>Exe</OutputType>';

const dependencies = JSON.stringify({
  runtimeTarget: { name: '.NETCoreApp,Version=v8.0/linux-x64' },
  targets: {
    '.NETCoreApp,Version=v8.0': {},
    '.NETCoreApp,Version=v8.0/linux-x64': {
      'Shop/1.0.0': { dependencies: { Dapper: '2.1.0' }, runtime: { 'Shop.dll': {} } },
      'Core/1.0.0': { runtime: { 'Core.dll': {} } },
      'Dapper/2.1.0': {
        runtime: { 'lib/net7.0/Dapper.dll': { assemblyVersion: '2.0.0.0' } },
        resources: { 'lib/net7.0/fr/Dapper.resources.dll': { locale: 'fr' } },
      },
      'SQLite/1.0.0': { native: { 'runtimes/linux-x64/native/libe_sqlite3.so': {} } },
    },
  },
  libraries: {
    'Shop/1.0.0': { type: 'project' },
    'Core/1.0.0': { type: 'project' },
    'Dapper/2.1.0': { type: 'package' },
    'SQLite/1.0.0': { type: 'package' },
  },
});
const published: Readonly<Record<string, string>> = {
  'Shop.dll': 'shop',
  Shop: 'host',
  'Core.dll': 'core',
  'Dapper.dll': 'dapper',
  'fr/Dapper.resources.dll': 'fr',
  'libe_sqlite3.so': 'so',
  'appsettings.json': '{}',
  'wwwroot/index.html': 'html',
  'Shop.deps.json': dependencies,
  'Shop.runtimeconfig.json': '{}',
};

describe('dotnetRecipe', () => {
  let folder: string;
  let context: BuildContext;

  beforeEach(async () => {
    folder = await newTempDir();
    context = { platforms: ['linux/amd64'], output: path.join(folder, 'output') };
  });

  afterEach(async () => removeTempDir(folder));

  const projects = async (files: Readonly<Record<string, string>>): Promise<readonly Project[]> => {
    await writeFiles(path.join(folder, 'work'), files);
    return dotnetRecipe.detect(await ProjectFolder.open(path.join(folder, 'work')), testIo());
  };

  const only = async (text: string, file = 'Shop.csproj'): Promise<Project> => {
    const [found, ...more] = await projects({ [file]: text });
    assert.ok(found !== undefined && more.length === 0);
    return found;
  };

  /** Where `dotnet publish` is told to write to. */
  const outputOf = async (found: Project): Promise<string> =>
    (await found.builds(context, testIo()))[0]?.args.at(-1) ?? '';

  const publish = async (found: Project, files = published): Promise<void> => writeFiles(await outputOf(found), files);

  const bases: readonly (readonly [string, string, readonly string[]])[] = [
    ['a console program', project(exe), ['runtime:8.0', 'runtime:8.0-alpine']],
    ['a web program', project('', 'Microsoft.NET.Sdk.Web'), ['aspnet:8.0', 'aspnet:8.0-alpine']],
    ['a worker', project('', 'Microsoft.NET.Sdk.Worker/1.0'), ['runtime:8.0', 'runtime:8.0-alpine']],
    ['a self-contained program', project(`${exe}<SelfContained>true</SelfContained>`), ['runtime-deps:8.0']],
    ['a native program', project(`${exe}<PublishAot>True</PublishAot>`), ['runtime-deps:8.0']],
    [
      'a program for musl',
      project(`${exe}<RuntimeIdentifiers>linux-musl-x64;win-x64</RuntimeIdentifiers>`),
      ['runtime:8.0-alpine'],
    ],
  ];
  for (const [title, text, expected] of bases) {
    it(`names the bases for ${title}`, async () => {
      const names = expected.map((name) => `mcr.microsoft.com/dotnet/${name}`);
      assert.deepEqual((await only(text)).bases, names);
    });
  }

  const none: readonly (readonly [string, string])[] = [
    ['a library', project('')],
    ['a library of the web SDK', project('<OutputType>Library</OutputType>', 'Microsoft.NET.Sdk.Web')],
    ['tests', project(`${exe}<IsTestProject>true</IsTestProject>`)],
    [
      'tests by their package',
      project(
        `${exe}</PropertyGroup><ItemGroup><PackageReference Include="Microsoft.NET.Test.Sdk" /></ItemGroup><PropertyGroup>`,
      ),
    ],
    ['another SDK', project(exe, 'Microsoft.NET.Sdk.BlazorWebAssembly')],
    ['entities of its own', `<!DOCTYPE a [<!ENTITY b "c">]>${project(exe)}`],
    ['no XML', 'x'],
  ];
  for (const [title, text] of none) {
    it(`finds no program in ${title}`, async () => assert.deepEqual(await projects({ 'Shop.csproj': text }), []));
  }

  it('finds projects in folders, with what they inherit, and not in what was built', async () => {
    const found = await projects({
      'Directory.Build.props':
        '<Project><PropertyGroup><TargetFramework>net9.0</TargetFramework></PropertyGroup></Project>',
      'src/Api/Api.csproj': '<Project Sdk="Microsoft.NET.Sdk.Web" />',
      'src/Tool/Tool.fsproj': project(exe),
      'src/Tool/bin/Copy.csproj': project(exe),
      'node_modules/x/x.csproj': project(exe),
    });
    assert.deepEqual(
      found.map(({ id, bases: [first] }) => [id, first]),
      [
        ['src/Api/Api.csproj', 'mcr.microsoft.com/dotnet/aspnet:9.0'],
        ['src/Tool/Tool.fsproj', 'mcr.microsoft.com/dotnet/runtime:8.0'],
      ],
    );
  });

  it('publishes for each platform', async () => {
    const text = project(exe).replace(
      '<TargetFramework>net8.0</TargetFramework>',
      '<TargetFrameworks>net8.0;net10.0;netstandard2.0</TargetFrameworks>',
    );
    const steps = await (await only(text)).builds({ ...context, platforms: ['linux/amd64', 'linux/arm64'] }, testIo());
    assert.deepEqual(
      steps.map(({ args }) => args.slice(0, -1)),
      ['linux-x64', 'linux-arm64'].map((name) => [
        ...['publish', 'Shop.csproj', '-c', 'Release', '-r', name],
        ...['--self-contained', 'false', '-f', 'net10.0', '-o'],
      ]),
    );
    await assert.rejects((await only(text)).builds({ ...context, platforms: ['linux/s390x'] }, testIo()), (error) =>
      isOciError(error, 'invalid-reference'),
    );
  });

  it('publishes into a folder of its own for each state of the project file', async () => {
    const before = await outputOf(await only(project(exe)));
    assert.equal(await outputOf(await only(project(exe))), before);
    assert.notEqual(await outputOf(await only(project(`${exe}<SelfContained>true</SelfContained>`))), before);
    assert.equal(path.dirname(before), path.join(folder, 'output'));
  });

  it('puts packages apart from the program', async () => {
    const found = await only(project(exe));
    await publish(found);
    const image = await found.image(context, testIo());
    assert.deepEqual(await pathsByLayer(image), {
      dependencies: ['app/Dapper.dll', 'app/fr/Dapper.resources.dll', 'app/libe_sqlite3.so'],
      app: [
        'app/Core.dll',
        'app/Shop',
        'app/Shop.deps.json',
        'app/Shop.dll',
        'app/Shop.runtimeconfig.json',
        'app/appsettings.json',
        'app/wwwroot/index.html',
      ],
    });
    assert.deepEqual(image.config, { entrypoint: ['dotnet', '/app/Shop.dll'], workdir: '/app' });
    const program = {
      file: path.join(await outputOf(found), 'Shop.dll'),
      path: '/app/Shop.dll',
      platform: 'linux/amd64',
    };
    assert.deepEqual(image.programs, [program]);
  });

  it('changes only the layer of the program where only that changed, whatever the modes on disk', async () => {
    const found = await only(project(exe));
    await publish(found);
    const before = await layerDigests(await found.image(context, testIo()));
    await publish(found, { 'Shop.dll': 'changed' });
    await chmod(path.join(await outputOf(found), 'Dapper.dll'), 0o744);
    const after = await layerDigests(await found.image(context, testIo()));
    assert.deepEqual(
      Object.keys(after).filter((name) => after[name] !== before[name]),
      ['app'],
    );
  });

  it('makes only what is started executable, and starts a self-contained program itself', async () => {
    const found = await only(
      project(`${exe}<SelfContained>true</SelfContained><AssemblyName>Shop</AssemblyName>`),
      'Other.csproj',
    );
    await publish(found);
    const image = await found.image(context, testIo());
    assert.deepEqual(image.config.entrypoint, ['/app/Shop']);
    const executable = (await entriesOfLayers(image)).filter(([, { type, mode }]) => type === 'file' && mode === '755');
    assert.deepEqual(
      executable.map(([, { name }]) => name),
      ['app/Shop'],
    );
  });

  for (const text of [
    '{',
    '[]',
    '{"targets":[1],"libraries":null}',
    '{"targets":{"a":{"b":{"runtime":["x"],"native":null}}}}',
  ]) {
    it(`takes a damaged deps.json for none: ${text}`, async () => {
      const found = await only(project(exe));
      await publish(found, { 'Shop.dll': 'x', 'Shop.deps.json': text });
      const layers = Object.keys(await pathsByLayer(await found.image(context, testIo())));
      assert.ok(layers.length === 1, layers.join());
    });
  }

  it('says what to build where there is no output', async () => {
    const found = await only(project(exe));
    await assert.rejects(
      found.image(context, testIo()),
      (error) => isOciError(error, 'not-found') && error.message.includes('dotnet publish Shop.csproj'),
    );
  });
});
