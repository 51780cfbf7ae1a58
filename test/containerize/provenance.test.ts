import assert from 'node:assert/strict';
import path from 'node:path';
import { externalParameters, provenanceStatement } from '../../src/containerize/provenance.ts';
import { digestOf } from '../../src/oci/digest.ts';

const digest = digestOf(Buffer.from('the image'));
const base = digestOf(Buffer.from('the base'));
const root = path.resolve('/home/anna/shop');

describe('provenanceStatement', () => {
  const input = {
    name: 'registry.example.com/team/app:v1',
    subject: digest,
    platform: 'linux/amd64',
    options: { folder: root, target: 'registry.example.com/team/app:v1' },
    root,
    base: { reference: 'docker.io/library/debian:12', digest: base },
    git: { commit: 'a'.repeat(40), remote: 'https://anna:token@github.com/team/app.git' },
    tool: '0.1.0',
  };

  it('is an in-toto statement with SLSA provenance', () => {
    const builder = 'https://marketplace.visualstudio.com/items?itemName=gantry-tools.gantry';
    assert.deepEqual(JSON.parse(Buffer.from(provenanceStatement(input)).toString()), {
      _type: 'https://in-toto.io/Statement/v1',
      subject: [
        {
          name: `pkg:oci/app@${digest}?arch=amd64&repository_url=registry.example.com%2Fteam%2Fapp`,
          digest: { sha256: digest.slice(7) },
        },
      ],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          buildType: `${builder}#containerize-v1`,
          externalParameters: { folder: '.', target: 'registry.example.com/team/app:v1' },
          internalParameters: { platform: 'linux/amd64' },
          resolvedDependencies: [
            {
              name: 'base',
              uri: `pkg:oci/debian@${base}?repository_url=docker.io%2Flibrary%2Fdebian`,
              digest: { sha256: base.slice(7) },
            },
            {
              name: 'source',
              uri: `git+https://github.com/team/app@${'a'.repeat(40)}`,
              digest: { gitCommit: 'a'.repeat(40) },
            },
          ],
        },
        runDetails: { builder: { id: builder, version: { gantry: '0.1.0' } } },
      },
    });
    assert.deepEqual(provenanceStatement(input), provenanceStatement({ ...input }));
  });

  it('names only what is known', () => {
    const statement = JSON.parse(
      Buffer.from(
        provenanceStatement({ name: 'x.io/a', subject: digest, options: {}, base: null, tool: '1' }),
      ).toString(),
    ) as { predicate: { buildDefinition: unknown } };
    assert.deepEqual(statement.predicate.buildDefinition, {
      buildType: 'https://marketplace.visualstudio.com/items?itemName=gantry-tools.gantry#containerize-v1',
      externalParameters: {},
      internalParameters: {},
      resolvedDependencies: [],
    });
  });
});

describe('externalParameters', () => {
  it('holds no values of arguments and variables, and no path of the machine', () => {
    const parameters = externalParameters(
      {
        file: [path.join(root, 'out', 'a'), path.resolve('/home/anna/other/b')],
        dockerfile: path.join(root, 'Dockerfile'),
        base: 'oci:/home/anna/bases/debian:12',
        target: 'docker-archive:/home/anna/out/app.tar',
        args: { TOKEN: 'hunter2', A: 'hunter2' },
        stages: { build: '/home/anna/hunter2' },
        config: { env: ['PASSWORD=hunter2', 'EMPTY'], cmd: ['serve'] },
        overwrite: true,
        dryRun: false,
      },
      root,
    );
    assert.deepEqual(parameters, {
      file: ['out/a', 'b'],
      dockerfile: 'Dockerfile',
      base: 'debian',
      target: 'app.tar',
      args: ['A', 'TOKEN'],
      stages: ['build'],
      config: { env: ['PASSWORD', 'EMPTY'], cmd: ['serve'] },
    });
    assert.ok(!/hunter2|anna/.test(JSON.stringify(parameters)));
  });
});
