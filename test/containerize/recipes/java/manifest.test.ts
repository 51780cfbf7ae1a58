import assert from 'node:assert/strict';
import { gradleModules } from '../../../../src/containerize/recipes/java/gradleBuild.ts';
import { manifestOf } from '../../../../src/containerize/recipes/java/manifest.ts';

describe('manifestOf', () => {
  it('reads the main section as Java does: names in any case, lines that go on, of two of a name the last', () => {
    const text =
      'Manifest-Version: 1.0\r\nMain-Class: a.\r\n Old\r\nmain-class: b.New\r\n\r\nName: x\r\nMain-Class: c\r\n';
    assert.deepEqual(
      [...manifestOf(text)],
      [
        ['manifest-version', '1.0'],
        ['main-class', 'b.New'],
      ],
    );
  });
});

describe('gradleModules', () => {
  it('names nothing outside of the folder', () => {
    assert.deepEqual(gradleModules('include(":a", "b:c", "/etc", "..:x", ":/etc")'), ['a', 'b/c']);
  });
});
