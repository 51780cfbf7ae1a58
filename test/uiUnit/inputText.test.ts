import assert from 'node:assert/strict';
import { inputText, rowText } from '../../src/ui/inputText.ts';

describe('inputText', () => {
  it('228: leaves no link that the workbench would make clickable below an input', () => {
    // The pattern of VS Code's linkedText.ts.
    const link = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;
    for (const text of [
      '[Sign in again](command:workbench.action.quit)',
      '[x](file:///etc/passwd)',
      '[a](https://b.c)',
    ]) {
      assert.match(text, link);
      assert.doesNotMatch(inputText(`"${text}" is not an image reference`), link);
    }
  });

  it('236: shows what cannot be seen, and cuts what is long', () => {
    assert.equal(inputText('a\u202eb'), 'a⟨U+202E⟩b');
    assert.equal(inputText('x'.repeat(2000), 1000).length, 1000);
    assert.equal(inputText('x'.repeat(2000)).length, 300);
  });
});

describe('rowText', () => {
  it('leaves no icon where a row says $(nproc)', () => {
    // The pattern of VS Code's iconLabels.ts.
    const icon = /(\\)?\$\(([A-Za-z0-9-]+(?:~[A-Za-z]+)?)\)/;
    for (const text of ['RUN make -j$(nproc)', '$(trash)', '$$(sync~spin)']) {
      assert.match(text, icon);
      assert.doesNotMatch(rowText(text), icon);
      assert.equal(rowText(text).replaceAll('\u200b', ''), text);
    }
  });

  it('236: shows what cannot be seen', () => assert.equal(rowText('a\u202eb'), 'a⟨U+202E⟩b'));
});
