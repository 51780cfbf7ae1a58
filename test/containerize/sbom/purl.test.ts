import assert from 'node:assert/strict';
import { imagePurl, publicName } from '../../../src/containerize/sbom/imagePurl.ts';
import { type PurlParts, purlOf } from '../../../src/containerize/sbom/purl.ts';

describe('purlOf', () => {
  const cases: readonly (readonly [PurlParts, string])[] = [
    [{ type: 'npm', name: 'foobar', version: '12.3.1' }, 'pkg:npm/foobar@12.3.1'],
    [
      { type: 'npm', namespace: '@angular', name: 'animation', version: '12.3.1' },
      'pkg:npm/%40angular/animation@12.3.1',
    ],
    [
      { type: 'golang', namespace: 'google.golang.org', name: 'genproto', version: 'abcdedf' },
      'pkg:golang/google.golang.org/genproto@abcdedf',
    ],
    [
      { type: 'golang', namespace: 'github.com/Azure', name: 'SDK', version: 'v68.0.0+incompatible' },
      'pkg:golang/github.com/azure/sdk@v68.0.0%2Bincompatible',
    ],
    [
      { type: 'maven', namespace: 'org.apache.commons', name: 'io', version: '1.3.4' },
      'pkg:maven/org.apache.commons/io@1.3.4',
    ],
    [
      { type: 'nuget', name: 'EnterpriseLibrary.Common', version: '6.0.1304' },
      'pkg:nuget/EnterpriseLibrary.Common@6.0.1304',
    ],
    [{ type: 'pypi', name: 'Django_Allauth', version: '1.11.1' }, 'pkg:pypi/django-allauth@1.11.1'],
    [{ type: 'cargo', name: 'rand', version: '0.7.2' }, 'pkg:cargo/rand@0.7.2'],
    [
      { type: 'cargo', name: 'a', version: '1', qualifiers: { vcs_url: 'git+https://x.io/a', b: undefined, a: 'ü*' } },
      'pkg:cargo/a@1?a=%C3%BC%2A&vcs_url=git%2Bhttps:%2F%2Fx.io%2Fa',
    ],
    [{ type: 'npm', name: "we?ird#n'me" }, 'pkg:npm/we%3Fird%23n%27me'],
  ];
  for (const [parts, expected] of cases) {
    it(`writes ${expected}`, () => assert.equal(purlOf(parts), expected));
  }
});

describe('imagePurl', () => {
  const digest = `sha256:${'a'.repeat(64)}`;

  it('names the repository of a reference, not its tag', () => {
    assert.equal(
      imagePurl({ name: 'Registry.example.com:5000/team/app:v1', digest, platform: 'linux/arm64' }),
      `pkg:oci/app@${digest}?arch=arm64&repository_url=registry.example.com:5000%2Fteam%2Fapp`,
    );
  });

  it('keeps paths of the machine out of it', () => {
    assert.equal(imagePurl({ name: 'oci:/home/anna/out/Shop:v1', digest }), `pkg:oci/shop@${digest}`);
    assert.equal(publicName('oci:/home/anna/out/Shop:v1'), 'Shop');
    assert.equal(publicName('oci:Shop:v1'), 'Shop');
    assert.equal(publicName('oci:shop'), 'shop');
    assert.equal(imagePurl({ name: 'oci:shop', digest }), `pkg:oci/shop@${digest}`);
    assert.equal(publicName('docker-archive:C:\\Users\\anna\\shop.tar'), 'shop.tar');
    assert.equal(publicName('docker.io/library/debian:12'), 'docker.io/library/debian:12');
  });
});
