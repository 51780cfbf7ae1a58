import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readSpec } from '../../../src/containerize/spec/gantrySpec.ts';
import { compressions, recipeNames, specMembers } from '../../../src/containerize/spec/specMembers.ts';
import { parseYaml } from '../../../src/containerize/spec/yamlDocument.ts';
import { isSpecError } from './isSpecError.ts';
import { type Schema, schemaProblems } from './schemaProblems.ts';

const file = path.join(import.meta.dirname, '../../../media/gantry.schema.json');
const schema = JSON.parse(readFileSync(file, 'utf8')) as Schema;

const places = {
  spec: schema,
  layer: schema.definitions?.['layer'],
  file: schema.definitions?.['file'],
  healthcheck: schema.definitions?.['healthcheck'],
  ignore: schema.definitions?.['ignore'],
} satisfies Record<keyof typeof specMembers, Schema | undefined>;

function everyMember(): readonly (readonly [string, Schema])[] {
  return Object.entries(places).flatMap(([place, one]) =>
    Object.entries(one?.properties ?? {}).map(([name, member]) => [`${place}.${name}`, member] as const),
  );
}

/** The whole spec in which a value of a member can stand. */
function specWith(name: string, value: unknown): unknown {
  const [place = '', member = ''] = name.split('.');
  if (place === 'spec') return { base: 'a', recipe: 'go', [member]: value };
  if (place === 'healthcheck') return { base: 'a', healthcheck: { test: 'x', [member]: value } };
  if (place === 'ignore') return { base: 'a', ignore: { [member]: value } };
  const files = [{ from: 'a', to: '/a' }];
  if (place === 'layer') return { layers: [{ files, [member]: value }] };
  return { layers: [{ files: [{ from: 'a', to: '/a', [member]: value }] }] };
}

function reads(spec: unknown): boolean {
  return !isSpecError(() => readSpec(parseYaml(JSON.stringify(spec), 'gantry.yaml')));
}

describe('gantry.schema.json', () => {
  for (const [place, names] of Object.entries(specMembers)) {
    it(`has the members of ${place} that the reader has, and no other`, () => {
      const found = new Map<string, Schema | undefined>(Object.entries(places)).get(place);
      assert.deepEqual(Object.keys(found?.properties ?? {}).sort(), [...names].sort());
      assert.equal(found?.additionalProperties, false);
    });
  }

  it('has the choices that the reader has', () => {
    assert.deepEqual(schema.properties?.['recipe']?.enum, recipeNames);
    assert.deepEqual(schema.properties['compression']?.enum, compressions);
  });

  for (const [name, member] of everyMember()) {
    it(`describes ${name} with examples that both take`, () => {
      assert.ok((member.title ?? '').length > 1, 'no title');
      assert.match(member.description ?? '', /\.$/, 'no sentence');
      assert.ok((member.examples ?? []).length > 0, 'no example');
      for (const example of [...(member.examples ?? []), ...(member.default === undefined ? [] : [member.default])]) {
        const spec = specWith(name, example);
        assert.deepEqual(schemaProblems(schema, schema, spec), [], JSON.stringify(example));
        assert.ok(reads(spec), `the reader refuses ${JSON.stringify(spec)}`);
      }
    });

    it(`lets ${name} have no value that the reader refuses for its kind`, () => {
      for (const wrong of [null, [[]], { 'not a member': [] }, [{ a: {} }]]) {
        const spec = specWith(name, wrong);
        assert.notDeepEqual(schemaProblems(schema, schema, spec), [], JSON.stringify(wrong));
        assert.ok(!reads(spec), `the reader takes ${JSON.stringify(spec)}`);
      }
    });
  }

  it('has examples of whole files that both take', () => {
    for (const example of schema.examples ?? []) {
      assert.deepEqual(schemaProblems(schema, schema, example), []);
      assert.ok(reads(example));
    }
  });

  const specs: readonly (readonly [string, boolean])[] = [
    ['{base: a, env: {A: 1, B: true}, user: 5, ports: [80], created: 5, tags: [1.0]}', true],
    ['{base: a, env: [A=1], healthcheck: none}', true],
    ['{base: a, healthcheck: some}', false],
    ['{base: a, enw: {}}', false],
    ['{layers: [{files: []}]}', false],
    ['{layers: [{files: [{from: a}]}]}', false],
    ['{layers: [{files: [{from: a, to: b}]}]}', false],
    ['{layers: [{files: [{from: a, to: /b, mode: 0755}]}]}', false],
    ['{layers: [{files: [{from: a, to: /b, mode: "0755", owner: 5}]}]}', true],
    ['{base: a, entrypoint: /app}', false],
    ['{base: a, platforms: [linux]}', false],
    ['{base: a, platforms: []}', false],
    ['{base: a, compression: bzip2}', false],
    ['{base: a, sbom: "true"}', false],
    ['{base: a, healthcheck: {test: a, interval: 30}}', false],
    ['{base: a, healthcheck: {test: a, retries: -1}}', false],
    ['{base: a, workdir: app}', false],
  ];
  for (const [text, isRight] of specs) {
    it(`${isRight ? 'takes' : 'refuses'} ${text} as the reader does`, () => {
      const document = parseYaml(text, 'gantry.yaml');
      assert.equal(schemaProblems(schema, schema, document.value).length === 0, isRight);
      assert.equal(!isSpecError(() => readSpec(document)), isRight);
    });
  }
});
