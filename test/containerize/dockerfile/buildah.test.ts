import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { isObject, type JsonObject, stringList } from '../../../src/oci/json.ts';
import { mutateConfig } from '../../../src/operations/mutateConfig.ts';
import { testIo } from '../../support/io.ts';
import { entriesOf } from '../../support/layerTools.ts';
import { newTempDir, removeTempDir } from '../../support/tempDir.ts';
import { needs } from '../../support/tools.ts';
import { blueprintOf, filesOf, lineOf, writeContext } from './dockerContext.ts';

/** Dockerfiles that an independent builder and this one must make the same image of. */
const cases: readonly (readonly [string, readonly string[]])[] = [
  ['a file', ['COPY a.txt /x']],
  ['a file into a folder', ['COPY a.txt /x/']],
  ['two files into a folder', ['COPY a.txt b.txt /x/']],
  ['the contents of a folder', ['COPY dir /x']],
  ['the contents of a folder, with slashes', ['COPY dir/ /x/']],
  ['the context', ['COPY . /src/']],
  ['patterns', ['COPY *.txt dir/*.js /x/']],
  ['a pattern of one character and a class', ['COPY ?.txt /x/', 'COPY [ab].txt /y/', 'COPY [^a].txt /z/']],
  ['a pattern in a folder name', ['COPY */one.js /x/']],
  ['a name with white space', ['COPY ["with space.txt", "/x y/"]']],
  ['a working directory', ['WORKDIR /w', 'COPY a.txt .', 'WORKDIR sub', 'COPY b.txt c', 'COPY dir ./d']],
  ['a working directory with variables', ['ENV A=/v', 'WORKDIR $A/${B:-deep}', 'COPY a.txt ./']],
  ['a working directory above', ['WORKDIR /a/b', 'WORKDIR ../c', 'COPY a.txt .']],
  ['an owner', ['COPY --chown=5:6 a.txt dir /x/']],
  ['an owner that is a number alone', ['COPY --chown=7 a.txt /x/y/z/']],
  ['a folder of an owner that another copies into', ['COPY --chown=5:6 a.txt /x/', 'COPY b.txt /x/']],
  ['permissions', ['COPY --chmod=0700 bin/run.sh /x/', 'COPY --chmod=640 a.txt /y']],
  ['a file over a file', ['COPY a.txt /x', 'COPY b.txt /x']],
  ['folders over each other', ['COPY dir other /x/']],
  ['folders and a file over each other', ['COPY other dir other a.txt /x/', 'COPY dir other dir/one.js /y/']],
  ['a file into a folder of a copied folder', ['COPY dir /x/', 'COPY a.txt /x/sub']],
  ['a link to a file', ['COPY link.txt /x/']],
  ['a link to a folder', ['COPY linked /x/']],
  ['links in a folder', ['COPY dir/rel.ts dir /x/']],
  ['stages that build on each other', ['COPY a.txt /a', 'FROM first', 'COPY b.txt /b']],
  ['variables of a stage below', ['ENV A=1', 'ARG B=2', 'FROM first', 'ENV C=$A-']],
  ['the environment', ['ENV A=1 B="two 2" C=\'$A\' D=\\$A', 'ENV E f g', 'ENV A=$A$B F=$A']],
  ['the environment all at once', ['ENV a=hello', 'ENV a=bye d=$a', 'ENV g=$a']],
  ['modifiers', ['ENV A=x N=', 'ENV B=${A:-1} C=${X:-2} D=${A:+3} E=${X:+4} F=${N:-5}']],
  ['arguments', ['ARG A=1', 'ARG B=$A-2', 'ENV C=$B', 'LABEL l=$A']],
  ['labels', ['LABEL a=1 "b c"="d e" f=\'g h\'', 'LABEL a=2', 'LABEL i j k', 'LABEL m="one\\\ntwo"']],
  ['ports', ['EXPOSE 80 443/tcp', 'EXPOSE 53/udp', 'ARG P=99', 'EXPOSE $P']],
  ['a command in shell form', ['CMD echo "$HOME" && true']],
  ['a command in JSON', ['CMD ["a", "b c"]']],
  ['an entry point in shell form', ['ENTRYPOINT exec top -b', 'CMD ["x"]']],
  ['an entry point takes the command of a stage below', ['CMD ["a"]', 'FROM first', 'ENTRYPOINT ["b"]']],
  ['an entry point keeps the command of its stage', ['CMD ["a"]', 'ENTRYPOINT ["b"]']],
  ['JSON that is none', ["CMD ['a', 'b']"]],
  ['a shell', ['SHELL ["/bin/bash", "-ec"]', 'CMD ["a"]']],
  ['user and signal', ['USER 5:6', 'STOPSIGNAL SIGINT']],
  ['an author', ['MAINTAINER Some One <a@b.c>']],
  ['a health check', ['HEALTHCHECK --interval=5s --timeout=1m30s --retries=4 --start-period=500ms CMD true || false']],
  ['a health check in JSON', ['HEALTHCHECK CMD ["a", "b"]']],
  ['no health check', ['HEALTHCHECK NONE']],
  ['continued lines and comments', ['ENV A=1 \\', '  # comment', '\\', ' B=2', '  # more', 'LABEL x=y']],
  ['instructions in any case', ['copy a.txt /x', 'Env A=1']],
  ['an archive', ['ADD files.tar /x', 'ADD files.tar.gz /y/', 'COPY files.tar /z/']],
  ['no archive', ['ADD a.txt /x/']],
];

describe('dockerfileBlueprint beside buildah', function () {
  this.timeout(60_000);
  let folder = '';
  before(async function () {
    needs(this, 'buildah', 'tar');
    folder = await newTempDir();
    const context = path.join(folder, 'context');
    fs.mkdirSync(context);
    writeContext(context);
    for (const [name, flags] of [
      ['files.tar', '-cf'],
      ['files.tar.gz', '-czf'],
    ] as const) {
      const owner = ['--owner=3', '--group=4', '--sort=name'];
      const made = spawnSync('tar', [...owner, flags, path.join(context, name), 'one.js', 'sub'], {
        cwd: `${context}/dir`,
      });
      assert.equal(made.status, 0);
    }
  });
  after(() => removeTempDir(folder));

  for (const [name, lines] of cases) {
    it(`makes the same of ${name}`, async () => {
      const text = ['FROM scratch AS first', ...lines, ''].join('\n');
      const io = testIo(60_000);
      const blueprint = await blueprintOf(path.join(folder, 'context'), text, {}, io);
      const theirs = await buildahImage(folder);
      const config = mutateConfig({}, blueprint.config);
      assert.deepEqual(await filesOf(blueprint), theirs.files);
      assert.deepEqual(comparable(config), comparable(theirs.config));
      assert.equal(blueprint.config.author ?? '', theirs.author);
    });
  }
});

/** What containers have, not images; the usual PATH and folder, which not every builder writes down; and what is empty. */
function comparable(config: JsonObject): JsonObject {
  const env = stringList(config['Env']).filter((entry) => !entry.startsWith('PATH='));
  const members = Object.entries({ ...config, Env: env, WorkingDir: config['WorkingDir'] || '/' });
  const ofContainers = /^(?:Attach|Open|Stdin|Tty$|Hostname$|Domainname$|Image$|OnBuild$)/;
  return Object.fromEntries(members.filter(([name, value]) => !ofContainers.test(name) && !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  return (
    value === null ||
    value === '' ||
    (Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0)
  );
}

interface BuiltImage {
  readonly files: readonly string[];
  readonly config: JsonObject;
  readonly author: string;
}

async function buildahImage(folder: string): Promise<BuiltImage> {
  const out = path.join(folder, 'out');
  fs.rmSync(out, { recursive: true, force: true });
  const storage = [
    '--storage-driver',
    'vfs',
    '--root',
    path.join(folder, 'root'),
    '--runroot',
    path.join(folder, 'run'),
  ];
  const build = [
    'build',
    '--isolation',
    'chroot',
    '--format',
    'docker',
    '--identity-label=false',
    '--platform',
    'linux/amd64',
  ];
  const files = ['-f', path.join(folder, 'context.Dockerfile'), '-t', `dir:${out}`, path.join(folder, 'context')];
  const { status, stderr } = spawnSync('buildah', [...storage, ...build, ...files], {
    encoding: 'utf8',
    timeout: 50_000,
  });
  assert.equal(status, 0, stderr);
  const manifest = readJson(path.join(out, 'manifest.json'));
  const { digest } = manifest['config'] as { readonly digest: string };
  const config = readJson(path.join(out, digest.replace('sha256:', '')));
  const merged = new Map<string, string>();
  for (const layer of manifest['layers'] as readonly { readonly digest: string }[]) {
    const bytes = fs.readFileSync(path.join(out, layer.digest.replace('sha256:', '')));
    const tar = bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
    for (const entry of await entriesOf(tar)) merged.set(entry.name, lineOf(entry));
  }
  const author = typeof config['author'] === 'string' ? config['author'] : '';
  return { files: [...merged.values()].sort(), config: config['config'] as JsonObject, author };
}

function readJson(file: string): JsonObject {
  return JSON.parse(fs.readFileSync(file, 'utf8')) as JsonObject;
}
