import assert from 'node:assert/strict';
import { pushedName } from '../../src/browse/pushedName.ts';
import { placeOf } from '../../src/browse/places.ts';

describe('pushedName', () => {
  for (const [image, name] of [
    ['docker-archive:/ws/x.tar:r.example:5000/team/app:1.0', 'team/app:1.0'],
    ['docker-archive:/ws/x.tar:redis:7', 'redis:7'],
    ['oci-archive:/ws/My App.tar.gz:1.0', 'my-app:1.0'],
    ['oci:/ws/layout:team/app:1.0', 'team/app:1.0'],
    ['oci-archive:/ws/app.tgz', 'app:latest'],
    ['oci:/ws/___', 'image:latest'],
    ['oci:/ws/a:b', 'a:b'],
    ['r.example/team/app:2', 'app:2'],
  ] as const) {
    it(`calls ${image} ${name}`, () => {
      const { repository, tag } = pushedName(placeOf(image));
      assert.equal(`${repository}:${tag}`, name);
    });
  }
});
