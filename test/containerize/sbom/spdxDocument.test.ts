import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { isLicenceExpression } from '../../../src/containerize/sbom/licenceExpression.ts';
import { maxListedFiles, spdxDocument, type SpdxInput } from '../../../src/containerize/sbom/spdxDocument.ts';
import { spdxIndexDocument } from '../../../src/containerize/sbom/spdxIndexDocument.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { testIo } from '../../support/io.ts';
import { withTempDir } from '../../support/tempDir.ts';

interface Document {
  readonly SPDXID: string;
  readonly name: string;
  readonly documentNamespace: string;
  readonly packages: readonly (Readonly<Record<string, unknown>> & {
    readonly SPDXID: string;
    readonly name: string;
  })[];
  readonly files?: readonly { readonly SPDXID: string; readonly fileName: string }[];
  readonly relationships: readonly {
    readonly spdxElementId: string;
    readonly relationshipType: string;
    readonly relatedSpdxElement: string;
  }[];
}

const parse = (bytes: Uint8Array): Document => JSON.parse(Buffer.from(bytes).toString('utf8')) as Document;
const digest = digestOf(Buffer.from('the image'));
const baseDigest = digestOf(Buffer.from('the base'));
const fileOf = (name: string, content: string): { path: string; size: number; sha1: string; sha256: string } => ({
  path: name,
  size: content.length,
  sha1: createHash('sha1').update(content).digest('hex'),
  sha256: createHash('sha256').update(content).digest('hex'),
});

const input: SpdxInput = {
  name: 'registry.example.com/team/app:v1',
  subject: digest,
  platform: 'linux/arm64',
  created: '1970-01-01T00:00:00Z',
  base: { reference: 'docker.io/library/debian:12', digest: baseDigest },
  files: [fileOf('/app/server', 'program'), fileOf('/app/config "ü\n.json', '{}')],
  packages: [
    { name: 'b', version: '2.0.0', purl: 'pkg:npm/b@2.0.0', licence: 'SEE LICENSE IN x' },
    {
      name: 'a',
      version: '',
      purl: 'pkg:npm/a',
      licence: '(MIT OR Apache-2.0)',
      checksums: [{ algorithm: 'SHA512', value: '0'.repeat(128) }],
      downloadLocation: 'https://registry.npmjs.org/a.tgz',
      comment: 'A comment.',
    },
  ],
  layers: [{ name: 'program', digest: digestOf(Buffer.from('a layer')) }],
  tool: '0.1.0',
};

/** What the schema cannot say: every id stands once, and every relationship is of elements that are there. */
function assertConnected(document: Document): void {
  const elements = [...document.packages, ...(document.files ?? [])].map(({ SPDXID }) => SPDXID);
  const known = new Set([document.SPDXID, ...elements]);
  assert.equal(known.size, elements.length + 1);
  for (const id of known) assert.match(id, /^SPDXRef-[A-Za-z0-9.-]+$/);
  const seen = new Set<string>(['SPDXRef-DOCUMENT']);
  for (const { spdxElementId, relatedSpdxElement } of document.relationships) {
    for (const id of [spdxElementId, relatedSpdxElement]) assert.ok(known.has(id), id);
    seen.add(spdxElementId).add(relatedSpdxElement);
  }
  assert.deepEqual(seen, known);
}

/** Judges documents by the JSON schema of SPDX 2.3; skips where Python's jsonschema is missing. */
async function assertSchema(context: Mocha.Context, documents: readonly Uint8Array[]): Promise<void> {
  if (spawnSync('python3', ['-c', 'import jsonschema']).status !== 0) {
    context.runnable().title += ' [skipped: needs python3-jsonschema: apt-get install python3-jsonschema]';
    context.skip();
  }
  const schema = path.join(import.meta.dirname, '../../fixtures/spdx-2.3/spdx-schema.json');
  const script =
    'import json,sys,jsonschema\n' +
    's=json.load(open(sys.argv[1]))\n' +
    'jsonschema.Draft7Validator.check_schema(s)\n' +
    'for f in sys.argv[2:]: jsonschema.validate(json.load(open(f)), s, cls=jsonschema.Draft7Validator)\n';
  await withTempDir(async (folder) => {
    const files = documents.map((bytes, at) => {
      const file = path.join(folder, `${at}.json`);
      writeFileSync(file, bytes);
      return file;
    });
    execFileSync('python3', ['-W', 'ignore', '-c', script, schema, ...files], { stdio: 'pipe' });
  });
}

describe('spdxDocument', () => {
  it('says what the image is, holds, needs and descends from', async () => {
    const document = parse(await spdxDocument(input, testIo()));
    assertConnected(document);
    assert.deepEqual(
      document.relationships.map((each) => Object.values(each).join(' ')),
      [
        'SPDXRef-DOCUMENT DESCRIBES SPDXRef-Image',
        'SPDXRef-Image DESCENDANT_OF SPDXRef-Base',
        'SPDXRef-Image CONTAINS SPDXRef-Layer-1',
        'SPDXRef-Image DEPENDS_ON SPDXRef-Package-1',
        'SPDXRef-Image DEPENDS_ON SPDXRef-Package-2',
        'SPDXRef-Image CONTAINS SPDXRef-File-1',
        'SPDXRef-Image CONTAINS SPDXRef-File-2',
      ],
    );
    const [image, base, , a, b] = document.packages;
    assert.deepEqual(image, {
      SPDXID: 'SPDXRef-Image',
      name: 'registry.example.com/team/app:v1',
      versionInfo: digest,
      downloadLocation: 'NOASSERTION',
      filesAnalyzed: true,
      checksums: [{ algorithm: 'SHA256', checksumValue: digest.slice(7) }],
      externalRefs: [
        {
          referenceCategory: 'PACKAGE-MANAGER',
          referenceType: 'purl',
          referenceLocator: `pkg:oci/app@${digest}?arch=arm64&repository_url=registry.example.com%2Fteam%2Fapp`,
        },
      ],
      primaryPackagePurpose: 'CONTAINER',
      licenseConcluded: 'NOASSERTION',
      licenseDeclared: 'NOASSERTION',
      copyrightText: 'NOASSERTION',
      packageVerificationCode: { packageVerificationCodeValue: 'c1c6b325384961f5bc335b491fb551722a8f762e' },
    });
    assert.deepEqual([base?.name, base?.['versionInfo']], ['docker.io/library/debian:12', baseDigest]);
    assert.deepEqual([a?.name, a?.['licenseDeclared']], ['a', '(MIT OR Apache-2.0)']);
    assert.equal(b?.['licenseDeclared'], 'NOASSERTION');
    assert.equal(b['licenseComments'], 'The package names this licence: SEE LICENSE IN x');
    assert.deepEqual(
      document.files?.map(({ fileName }) => fileName),
      ['./app/config "ü\n.json', './app/server'],
    );
  });

  it('is the same bytes for the same input in any order, and has another namespace for any other', async () => {
    const bytes = await spdxDocument(input, testIo());
    const shuffled = { ...input, files: input.files.toReversed(), packages: input.packages.toReversed() };
    assert.deepEqual(await spdxDocument(shuffled, testIo()), bytes);
    const others = [
      { ...input, tool: '0.2.0' },
      { ...input, files: input.files.slice(1) },
      { ...input, created: '1970-01-01T00:00:01Z' },
      { ...input, subject: baseDigest },
    ];
    const documents = await Promise.all(others.map((each) => spdxDocument(each, testIo())));
    const spaces = [bytes, ...documents].map((each) => parse(each).documentNamespace);
    assert.equal(new Set(spaces).size, 5);
    assert.match(spaces[0] ?? '', new RegExp(`^https://spdx\\.org/spdxdocs/${digest.replace(':', '-')}-[0-9a-f]{32}$`));
  });

  it('lists of two files in one place the one of the higher layer', async () => {
    const files = [fileOf('/b', 'below'), fileOf('/a', 'a'), fileOf('/b', 'above')];
    const both = parse(await spdxDocument({ ...input, files }, testIo()));
    const one = parse(await spdxDocument({ ...input, files: files.slice(1) }, testIo()));
    assert.deepEqual([both.files, both.packages], [one.files, one.packages]);
  });

  it('says of which packages it may know nothing', async () => {
    const problems = ['The packages that "yarn.lock" names are not known: it is too large.'];
    const { packages } = parse(await spdxDocument({ ...input, problems }, testIo()));
    assert.equal(packages[0]?.['comment'], problems[0]);
    assert.equal(parse(await spdxDocument(input, testIo())).packages[0]?.['comment'], undefined);
  });

  it('is valid by the schema of SPDX 2.3', async function () {
    const bare: SpdxInput = { ...input, base: null, files: [], packages: [], layers: [] };
    const unknownBase: SpdxInput = { ...input, base: { reference: 'oci:/home/anna/base:v1', digest: null } };
    const index = { name: input.name, subject: baseDigest, created: input.created, tool: '1', images: [{ digest }] };
    const documents = [
      await spdxDocument(input, testIo()),
      await spdxDocument(bare, testIo()),
      await spdxDocument(unknownBase, testIo()),
      await spdxIndexDocument(index, testIo()),
    ];
    for (const each of documents) assertConnected(parse(each));
    assert.ok(!documents.some((each) => Buffer.from(each).includes('anna')));
    await assertSchema(this, documents);
  });

  it('lists no files above the limit, says so, and covers them by the verification code', async function () {
    this.timeout(60_000);
    const sha1 = createHash('sha1').update('').digest('hex');
    const files = Array.from({ length: maxListedFiles + 1 }, (_, at) => ({ path: `/${at}`, sha1, sha256: '' }));
    const document = parse(await spdxDocument({ ...input, files }, testIo(50_000)));
    assert.equal(document.files, undefined);
    const [image] = document.packages;
    assert.match(String(image?.['comment']), /^Its 100001 added files are too many/);
    const code = createHash('sha1').update(sha1.repeat(files.length)).digest('hex');
    assert.deepEqual(image?.['packageVerificationCode'], { packageVerificationCodeValue: code });
  });
});

describe('spdxIndexDocument', () => {
  it('names every image as a variant of the index', async () => {
    const images = [
      { digest, platform: 'linux/amd64' },
      { digest: baseDigest, platform: 'linux/arm64' },
    ];
    const subject = digestOf(Buffer.from('index'));
    const bytes = await spdxIndexDocument({ ...input, subject, images }, testIo());
    const document = parse(bytes);
    assertConnected(document);
    assert.deepEqual(
      document.relationships.map((each) => Object.values(each).join(' ')),
      [
        'SPDXRef-DOCUMENT DESCRIBES SPDXRef-Index',
        'SPDXRef-Image-1 VARIANT_OF SPDXRef-Index',
        'SPDXRef-Image-2 VARIANT_OF SPDXRef-Index',
      ],
    );
  });
});

describe('isLicenceExpression', () => {
  const cases: Readonly<Record<string, boolean>> = {
    MIT: true,
    'Apache-2.0+': true,
    'MIT OR Apache-2.0': true,
    '(MIT AND (BSD-3-Clause OR ISC))': true,
    'GPL-2.0-only WITH Classpath-exception-2.0': true,
    'Apache-2.0 WITH LLVM-exception OR MIT': true,
    '': false,
    'MIT OR': false,
    'MIT Apache-2.0': false,
    '(MIT': false,
    'MIT)': false,
    '()': false,
    'MIT WITH': false,
    'MIT WITH MIT': false,
    '(MIT) WITH LLVM-exception': false,
    'WITH LLVM-exception': false,
    'SEE LICENSE IN LICENSE': false,
    'MIT/Apache-2.0': false,
    BSD: false,
  };
  for (const [text, expected] of Object.entries(cases)) {
    it(`${JSON.stringify(text)}: ${String(expected)}`, () => assert.equal(isLicenceExpression(text), expected));
  }
});
