import assert from 'node:assert/strict';
import { linkText } from '../../src/archive/linkText.ts';

describe('linkText', () => {
  const windows: readonly (readonly [string, string, boolean])[] = [
    ['b', 'b', false],
    ['..\\b\\c', '../b/c', false],
    ['..\\..\\..\\x', '../../../x', true],
    ['C:\\ws\\app\\packages\\a', '../packages/a', false],
    ['C:\\ws\\app\\sub', '.', false],
    ['C:\\ws\\app', '..', false],
    ['c:\\WS\\App\\x', '../x', false],
    ['C:\\ws\\application\\x', 'C:/ws/application/x', true],
    ['C:\\Users\\me\\.ssh', 'C:/Users/me/.ssh', true],
    ['D:\\data', 'D:/data', true],
    ['\\\\?\\C:\\ws\\app\\packages\\a', '../packages/a', false],
    ['\\??\\C:\\ws\\app\\packages\\a', '../packages/a', false],
    ['\\\\?\\C:\\other', 'C:/other', true],
    ['\\\\server\\share\\x', '//server/share/x', true],
    ['\\\\?\\UNC\\server\\share\\x', '//server/share/x', true],
    ['D:rel', 'D:rel', true],
    ['\\rooted', '/rooted', true],
    ['a:stream', 'a:stream', true],
  ];
  for (const [target, expected, leaves] of windows) {
    it(`289: stores ${target} of Windows as ${expected}`, () => {
      const found = { root: 'C:\\ws\\app', link: 'C:\\ws\\app\\sub\\link', target };
      assert.deepEqual(linkText(found, 'win32'), { target: expected, leaves });
    });
  }

  const posix: readonly (readonly [string, boolean])[] = [
    ['b', false],
    ['../b', false],
    ['../../b', true],
    ['a\\b', false],
    ['/ws/app/b', true],
    ['/etc/passwd', true],
    ['..x/y', false],
    ['../..x', false],
  ];
  for (const [target, leaves] of posix) {
    it(`277: stores ${target} as it is, ${leaves ? 'leaving' : 'inside'}`, () => {
      assert.deepEqual(linkText({ root: '/ws/app', link: '/ws/app/sub/link', target }, 'linux'), { target, leaves });
    });
  }
});
