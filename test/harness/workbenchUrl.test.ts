import assert from 'node:assert/strict';
import { workbenchUrl } from './workbenchUrl.ts';

const window = { port: 8123, token: 'secret', folder: '/home/me/my app', extension: '/home/me/gantry' };

describe('workbenchUrl', () => {
  it('loads the extension from its folder', () => {
    const { searchParams } = new URL(workbenchUrl(window));
    assert.deepEqual(JSON.parse(searchParams.get('payload') ?? ''), [
      ['extensionDevelopmentPath', 'vscode-remote://127.0.0.1:8123/home/me/gantry'],
      ['skipWelcome', 'true'],
      ['skipReleaseNotes', 'true'],
    ]);
    assert.equal(searchParams.get('folder'), '/home/me/my app');
    assert.equal(searchParams.get('tkn'), 'secret');
  });

  it('names the module with the tests', () => {
    const { searchParams } = new URL(workbenchUrl({ ...window, tests: '/home/me/a b/index.cjs' }));
    assert.match(
      searchParams.get('payload') ?? '',
      /"vscode-remote:\/\/127\.0\.0\.1:8123\/home\/me\/a%20b\/index\.cjs"/,
    );
  });
});
