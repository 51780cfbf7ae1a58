import assert from 'node:assert/strict';
import { besides, notedBase } from '../../src/ui/baseNotes.ts';

const digest = `sha256:${'ab'.repeat(32)}`;

describe('notedBase', () => {
  const table: readonly (readonly [string | undefined, string | undefined, string])[] = [
    [undefined, undefined, ''],
    [undefined, digest, ''],
    ['docker.io/library/alpine:3', undefined, 'docker.io/library/alpine:3'],
    ['docker.io/library/alpine:3', digest, `docker.io/library/alpine@${digest}`],
    ['localhost:5000/app', digest, `localhost:5000/app@${digest}`],
    [`r.example/app:1@sha256:${'00'.repeat(32)}`, digest, `r.example/app@${digest}`],
  ];
  for (const [name, noted, base] of table) {
    it(`is ${base === '' ? 'nothing' : base} for ${name} with ${noted === undefined ? 'no' : 'a'} digest`, () => {
      const annotations = {
        ...(name === undefined ? {} : { 'org.opencontainers.image.base.name': name }),
        ...(noted === undefined ? {} : { 'org.opencontainers.image.base.digest': noted }),
      };
      assert.equal(notedBase(annotations), base);
    });
  }

  it('takes a name of megabytes at once', () => {
    const before = performance.now();
    for (const name of [`a/${'x'.repeat(4 << 20)}`, `a/${':'.repeat(4 << 20)}/`, '@sha256:a'.repeat(500_000)]) {
      const annotations = {
        'org.opencontainers.image.base.name': name,
        'org.opencontainers.image.base.digest': digest,
      };
      notedBase(annotations);
    }
    assert.ok(performance.now() - before < 2000);
  });
});

describe('besides', () => {
  const table: readonly (readonly [string, string])[] = [
    ['docker.io/library/alpine:3', 'docker.io/library/alpine:'],
    [`docker.io/library/alpine@${digest}`, 'docker.io/library/alpine'],
    [`docker.io/library/alpine:3@${digest}`, 'docker.io/library/alpine:'],
    ['localhost:5000/app', 'localhost:5000/app'],
    ['oci:/home/a@b/images:1.0', 'oci:/home/a@b/images:'],
    ['oci-archive:/images/app.tar', 'oci-archive:/images/app.tar'],
    ['alpine:3', 'alpine:3'],
  ];
  for (const [reference, start] of table) {
    it(`is ${start} for ${reference}`, () => assert.equal(besides(reference), start));
  }
});
