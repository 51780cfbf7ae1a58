import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerizeOptions, ContainerizeResult } from '../../src/api.ts';
import type { GitFacts } from '../../src/containerize/spec/gitFacts.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { isObject } from '../../src/oci/json.ts';
import { elfOf } from '../containerize/elfWriter.ts';
import { startChild, type TestChild } from '../support/childProcess.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import { checkSchemas, needsSchemaValidator } from '../support/imageSpecSchema.ts';
import { testIo } from '../support/io.ts';
import { putImage, putIndex } from '../support/seededImage.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { needs } from '../support/tools.ts';
import { validateImage } from '../support/validateImage.ts';
import { run, skopeoRaw } from './judges.ts';
import { projectEngine, type ProjectEngine } from './projectEngine.ts';
import { writeFiles } from './sampleProjects.ts';

type Json = Readonly<Record<string, unknown>>;
const spdx = 'application/spdx+json';
const inToto = 'application/vnd.in-toto+json';
const head = 'c'.repeat(40);

describe('documents that containerize attaches', function () {
  this.timeout(60_000);
  let folder = '';
  let docker: RunningRegistry | undefined;
  let own: TestChild | undefined;
  let engine: ProjectEngine;
  let facts: GitFacts = {};
  const hosts = { docker: '', own: '' };
  const at = (name: string): string => path.join(folder, name);
  const bothPrograms = (): ContainerizeOptions => ({
    file: [at('programs/server'), at('programs/arm/server')],
    sbom: true,
    provenance: true,
  });

  before(async function () {
    needs(this, 'docker-registry', 'skopeo');
    folder = await newTempDir();
    docker = await startDockerRegistry();
    own = startChild(
      process.execPath,
      [path.join(import.meta.dirname, '../support/serveProcess.ts'), at('served')],
      folder,
    );
    hosts.docker = docker.host;
    hosts.own = await hostOf(own);
    engine = projectEngine(folder, { git: () => Promise.resolve(facts) });
    for (const host of [hosts.docker, hosts.own]) {
      const bases = engine.context.stores.registry(host).repository('bases');
      await bases.tag(await putIndex(bases, {}, testIo()), 'both', testIo());
      await bases.tag(await putImage(bases, { seed: 7, flavor: 'docker' }, testIo()), 'docker', testIo());
      await bases.tag(await putIndex(bases, { seed: 8, flavor: 'docker' }, testIo()), 'docker-list', testIo());
    }
    mkdirSync(at('programs/arm'), { recursive: true });
    writeFileSync(at('programs/server'), elfOf({ type: 2 }), { mode: 0o755 });
    writeFileSync(at('programs/arm/server'), elfOf({ type: 2, machine: 183 }), { mode: 0o755 });
  });
  after(async () => {
    if (folder === '') return;
    await engine.close();
    await own?.stop();
    await docker?.stop();
    await removeTempDir(folder);
  });
  beforeEach(() => {
    facts = {};
  });

  /** The registry is a process of its own: skopeo is waited for by this one. */
  async function hostOf(child: TestChild): Promise<string> {
    for (let tries = 0; tries < 500 && !child.output().includes('\n'); tries++) await delay(20);
    assert.match(child.output(), /^127\.0\.0\.1:\d+\n$/);
    return child.output().trim();
  }

  const parsed = (bytes: Uint8Array | string): Json => {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    assert.ok(isObject(value));
    return value;
  };
  const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
  const repositoryOf = (made: ContainerizeResult): string => made.target.replace(/:[^:/]*$/, '');
  /** A manifest as skopeo gets it. */
  const manifestOf = (made: ContainerizeResult, identifier: string): Json =>
    parsed(skopeoRaw(`${repositoryOf(made)}${identifier}`));

  async function blob(made: ContainerizeResult, digest: string): Promise<Buffer> {
    const [host = '', ...name] = repositoryOf(made).split('/');
    const answer = await fetch(`http://${host}/v2/${name.join('/')}/blobs/${digest}`);
    assert.equal(answer.status, 200);
    const bytes = Buffer.from(await answer.arrayBuffer());
    assert.equal(digestOf(bytes), digest);
    return bytes;
  }

  /** The image index that lists what refers to a digest: by the API where there is one, else under the tag that stands for it. */
  async function referrersOf(made: ContainerizeResult, digest: string): Promise<readonly Json[]> {
    const [host = '', ...name] = repositoryOf(made).split('/');
    const answer = await fetch(`http://${host}/v2/${name.join('/')}/referrers/${digest}`);
    if (answer.status === 200) return list(parsed(await answer.text())['manifests']);
    return list(manifestOf(made, `:${digest.replace(':', '-')}`)['manifests']);
  }

  /** The document of an artifact, after its manifest has been looked at. */
  async function documentOf(made: ContainerizeResult, attached: ContainerizeResult['attached'][number]): Promise<Json> {
    const type = attached.kind === 'sbom' ? spdx : inToto;
    const manifest = manifestOf(made, `@${attached.digest}`);
    assert.equal(manifest['artifactType'], type);
    const { subject } = manifest;
    assert.ok(isObject(subject));
    const raw = skopeoRaw(`${repositoryOf(made)}@${attached.subject}`);
    assert.deepEqual([subject['digest'], subject['size']], [attached.subject, raw.length]);
    assert.equal(subject['mediaType'], parsed(raw)['mediaType']);
    const listed = (await referrersOf(made, attached.subject)).find(({ digest }) => digest === attached.digest);
    assert.equal(listed?.['artifactType'], type);
    const [layer] = list(manifest['layers']);
    assert.equal(layer?.['mediaType'], type);
    return parsed(await blob(made, String(layer['digest'])));
  }

  /** Each element of an SPDX document has a name of its own, and what relates is there. */
  function checkSpdx(document: Json): void {
    assert.equal(document['spdxVersion'], 'SPDX-2.3');
    assert.equal(document['dataLicense'], 'CC0-1.0');
    const elements = [...list(document['packages']), ...list(document['files'])].map((each) => String(each['SPDXID']));
    assert.equal(new Set(elements).size, elements.length);
    const known = new Set([...elements, 'SPDXRef-DOCUMENT']);
    const related = list(document['relationships']).flatMap((each) => [
      String(each['spdxElementId']),
      String(each['relatedSpdxElement']),
    ]);
    assert.deepEqual(
      related.filter((each) => !known.has(each) && !/^(?:DocumentRef-.*|NONE|NOASSERTION)$/.test(each)),
      [],
    );
    assert.ok(elements.length > 0);
  }

  const writes = (from: number): readonly string[] =>
    engine.requests
      .slice(from)
      .filter(({ method }) => method !== 'GET' && method !== 'HEAD')
      .map(({ method, url }) => `${method} ${url}`);

  for (const kind of ['docker', 'own'] as const) {
    it(`are an SBOM and a provenance for each image, and for the index of them, on ${kind === 'own' ? 'the local registry' : 'docker-registry'}`, async () => {
      const options = { ...bothPrograms(), base: `${hosts[kind]}/bases:both`, target: `${hosts[kind]}/app:1` };
      const plan = await engine.gantry.containerize({ ...options, dryRun: true });
      assert.deepEqual(plan.attached, []);
      const made = await engine.gantry.containerize(options);
      assert.equal(plan.digest, made.digest);
      const children = list(manifestOf(made, ':1')['manifests']).map(({ digest }) => String(digest));
      const subjects = [...children, made.digest].sort();
      for (const what of ['sbom', 'provenance'] as const) {
        const own = made.attached.filter((each) => each.kind === what);
        assert.deepEqual(own.map(({ subject }) => subject).sort(), subjects);
      }
      for (const each of made.attached) {
        const document = await documentOf(made, each);
        if (each.kind === 'sbom') {
          checkSpdx(document);
          const names = list(document['files']).map(({ fileName }) => fileName);
          assert.deepEqual(names, each.subject === made.digest ? [] : ['./app/server']);
          // What cosign looks for is the same document.
          const tag = manifestOf(made, `:${each.subject.replace(':', '-')}.sbom`);
          assert.deepEqual(parsed(await blob(made, String(list(tag['layers'])[0]?.['digest']))), document);
        } else {
          assert.equal(document['_type'], 'https://in-toto.io/Statement/v1');
          const [subject] = list(document['subject']);
          assert.deepEqual(subject?.['digest'], { sha256: each.subject.slice('sha256:'.length) });
          assert.ok(!JSON.stringify(document).includes(folder), 'a path of this machine');
        }
      }
    });

    it(`are not written again on ${kind === 'own' ? 'the local registry' : 'docker-registry'}`, async function () {
      const options = { ...bothPrograms(), base: `${hosts[kind]}/bases:both`, target: `${hosts[kind]}/twice:1` };
      const first = await engine.gantry.containerize(options);
      const from = engine.requests.length;
      const second = await engine.gantry.containerize(options);
      assert.deepEqual(second.attached, first.attached);
      assert.deepEqual(writes(from), []);
      if (this.test !== undefined) this.test.title += `: ${engine.requests.length - from} requests`;
    });
  }

  it('are attached in layouts, which other tools read', async function () {
    const options = { ...bothPrograms(), base: `${hosts.docker}/bases:both`, target: `oci:${at('made')}:1` };
    const made = await engine.gantry.containerize(options);
    assert.equal(made.attached.length, 6);
    const { store } = await engine.context.stores.source(made.target, testIo());
    for (const { subject, digest, kind } of made.attached) {
      const found = await store.referrers?.(subject as `sha256:${string}`, testIo());
      assert.ok(
        found?.some((each) => each.digest === digest),
        kind,
      );
    }
    assert.equal(
      run('skopeo', 'inspect', '--override-os=linux', '--format', '{{.Os}}', `oci:${at('made')}:1`).trim(),
      'linux',
    );
    const files = readdirSync(at('made/blobs/sha256')).sort();
    const index = readFileSync(at('made/index.json'));
    assert.deepEqual((await engine.gantry.containerize(options)).attached, made.attached);
    assert.deepEqual(readdirSync(at('made/blobs/sha256')).sort(), files);
    assert.deepEqual(readFileSync(at('made/index.json')), index);
    needsSchemaValidator(this);
    assert.deepEqual(checkSchemas(at('made')).problems, []);
  });

  for (const kind of ['oci-archive', 'docker-archive'] as const) {
    it(`are not in an ${kind}, and the plan says so`, async () => {
      const tag = kind === 'oci-archive' ? '1' : 'app:1';
      const options = {
        file: at('programs/server'),
        base: 'scratch',
        target: `${kind}:${at(`${kind}.tar`)}:${tag}`,
        sbom: true,
        provenance: true,
      };
      const plan = await engine.gantry.containerize({ ...options, dryRun: true });
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.startsWith(`${kind}.tar`)),
        [],
      );
      const made = await engine.gantry.containerize(options);
      assert.deepEqual([made.digest, made.attached], [plan.digest, []]);
      for (const { warnings } of [plan, made]) {
        assert.deepEqual(
          warnings.map(({ code, text }) => [code, text.split(':', 1)[0]]),
          [['note', 'No SBOM and no provenance is attached']],
        );
      }
      const quiet = await engine.gantry.containerize({ ...options, sbom: false, provenance: false, overwrite: true });
      assert.deepEqual(quiet.warnings, []);
    });
  }

  describe('and annotations', () => {
    const annotationsOf = (made: ContainerizeResult, identifier = ':1'): Json => {
      const { annotations } = manifestOf(made, identifier);
      return isObject(annotations) ? annotations : {};
    };
    const name = (member: string): string => `org.opencontainers.image.${member}`;

    before(() => {
      writeFiles(at('checkout'), {
        'a.txt': 'a',
        '.git/HEAD': 'ref: refs/heads/main\n',
        '.git/refs/heads/main': `${head}\n`,
        '.git/refs/tags/v1.0.0': `${head}\n`,
        '.git/config': '[remote "origin"]\n\turl = https://me:secret@git.example.com/team/app.git\n',
      });
    });

    async function make(target: string, base: string): Promise<ContainerizeResult> {
      const options = {
        folder: at('checkout'),
        recipe: 'folder',
        target,
        base: `${hosts.docker}/bases:${base}`,
      } as const;
      return engine.gantry.containerize(options);
    }

    it('name base, source and time, and no commit where files may differ from it', async () => {
      for (const [number, isDirty] of [undefined, true].entries()) {
        facts = { commit: head, ...(isDirty === undefined ? {} : { isDirty }) };
        const made = await make(`${hosts.docker}/notes-${number}:1`, 'both');
        const base = digestOf(skopeoRaw(`${hosts.docker}/bases:both`));
        assert.deepEqual(
          { ...annotationsOf(made) },
          {
            [name('base.digest')]: base,
            [name('base.name')]: `${hosts.docker}/bases:both`,
            [name('created')]: '1970-01-01T00:00:00Z',
            [name('source')]: 'https://git.example.com/team/app',
          },
        );
      }
    });

    it('name commit and version where nothing differs, in the index and in each image', async () => {
      facts = { commit: head, isDirty: false };
      const made = await make(`${hosts.docker}/clean:1`, 'both');
      const images = list(manifestOf(made, ':1')['manifests']);
      const bases = list(parsed(skopeoRaw(`${hosts.docker}/bases:both`))['manifests']);
      assert.equal(images.length, 2);
      for (const [number, { digest }] of images.entries()) {
        const found = annotationsOf(made, `@${String(digest)}`);
        assert.equal(found[name('revision')], head);
        assert.equal(found[name('base.digest')], bases[number]?.['digest']);
      }
      assert.deepEqual([annotationsOf(made)[name('revision')], annotationsOf(made)[name('version')]], [head, 'v1.0.0']);
    });

    for (const base of ['docker', 'docker-list']) {
      it(`are left out of an image of Docker's own types, which has no place for them (${base})`, async () => {
        const made = await make(`${hosts.docker}/${base}:1`, base);
        const raw = manifestOf(made, ':1');
        assert.match(String(raw['mediaType']), /^application\/vnd\.docker\./);
        assert.equal(raw['annotations'], undefined);
        const { store, identifier } = await engine.context.stores.source(made.target, testIo());
        assert.equal((await validateImage(store, identifier, testIo())).digest, made.digest);
        const sbom = await engine.gantry.containerize({
          folder: at('checkout'),
          recipe: 'folder',
          base: `${hosts.docker}/bases:${base}`,
          target: `${hosts.docker}/${base}-sbom:1`,
          sbom: true,
        });
        assert.equal(sbom.attached.length, base === 'docker' ? 1 : 3);
        for (const each of sbom.attached) checkSpdx(await documentOf(sbom, each));
      });
    }
  });
});
