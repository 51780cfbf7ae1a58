import assert from 'node:assert/strict';
import { browserOf } from './fixtures.ts';

describe('Browser.wrongSettings', () => {
  it('says which settings are wrong, with the way to mend them', () => {
    const browser = browserOf({ registries: [], problems: ['gantry.registries[3]: \u202eno host is not a registry'] });
    const [node, ...more] = browser.wrongSettings();
    assert.deepEqual(node, {
      kind: 'error',
      id: 'S:0',
      registry: '',
      message: 'gantry.registries[3]: ⟨U+202E⟩no host is not a registry',
      code: 'invalid-reference',
      fix: 'openSettings',
    });
    assert.deepEqual(more, []);
    assert.equal(browser.isNode(node), true);
  });

  it('says nothing where they are right', () => {
    assert.deepEqual(browserOf({ registries: [] }).wrongSettings(), []);
  });
});
