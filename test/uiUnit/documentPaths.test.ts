import assert from 'node:assert/strict';
import { documentPath, parseDocumentPath } from '../../src/ui/documentPaths.ts';

const registry = 'registry.example';
const digest = `sha256:${'ab'.repeat(32)}` as const;
const path = `/team/app@${digest}/manifest-abababababab.json`;

describe('parseDocumentPath', () => {
  it('reads what documentPath wrote', () => {
    const name = { registry, repository: 'team/app', digest, kind: 'manifest' } as const;
    assert.equal(documentPath(name), path);
    assert.deepEqual(parseDocumentPath(registry, path), name);
  });

  const names = [
    ['config', 'config-abababababab.json'],
    ['inspect', 'inspect-abababababab.json'],
    ['history', 'history-abababababab.txt'],
    ['dockerfile', 'Dockerfile.abababababab'],
  ] as const;
  for (const [kind, name] of names) {
    it(`knows the ${kind} of an image as ${name}, whose name tells its language`, () => {
      const text = path.replace('manifest-abababababab.json', name);
      assert.equal(documentPath({ registry, repository: 'team/app', digest, kind }), text);
      assert.equal(parseDocumentPath(registry, text)?.kind, kind);
    });
  }

  for (const wrong of [
    '/',
    '/..',
    path.slice(1),
    `${path}/`,
    path.replace('manifest-abababababab.json', 'dockerfile.abababababab'),
    path.replace('manifest-abababababab.json', 'Dockerfile-abababababab'),
    path.replace('manifest-abababababab.json', 'history.abababababab'),
    path.replace('team/app', 'team/../app'),
    path.replace('team/app', 'team/%2e%2e'),
    path.replace('team/app', 'team\u0000app'),
    path.replace('team/app', 'Team/app'),
    path.replace('/team', '//team'),
    path.replace('abababababab', '000000000000'),
    path.replace('sha256', 'sha512'),
    path.replace('manifest', '.vscode/settings'),
    path.replace('manifest', 'constructor'),
    `${path}\n`,
  ]) {
    it(`216: knows no document ${JSON.stringify(wrong)}`, () =>
      assert.equal(parseDocumentPath(registry, wrong), undefined));
  }
});
