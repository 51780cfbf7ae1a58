import type { TarSpec } from './realLayers.ts';

/** An image that wants to reach out of its root, and what is in the root when it is held there. */
export interface Breakout {
  readonly name: string;
  readonly layers: readonly (readonly TarSpec[])[];
  /** As `pathsOf` shows the merged view. */
  readonly paths: readonly string[];
  /** False where unpackers fail at it, or take it for something else. */
  readonly unpacks?: false;
}

const file = (path: string): TarSpec => ({ path, type: 'file', content: path });
const directory = (path: string): TarSpec => ({ path, type: 'directory', mode: 0o755 });
const symlink = (path: string, linkname: string): TarSpec => ({ path, type: 'symlink', linkname });
const hardlink = (path: string, linkname: string): TarSpec => ({ path, type: 'hardlink', linkname });

/** After the named cases of containerd's TestBreakouts, as far as they can be seen without a disk. */
export const breakouts: readonly Breakout[] = [
  { name: 'a name that goes up', layers: [[file('../../x'), file('a/../../y')]], paths: ['x', 'y'] },
  { name: 'an absolute name', layers: [[file('/etc/x')]], paths: ['etc/', 'etc/x'] },
  {
    name: 'a file through an absolute link',
    layers: [[directory('etc'), symlink('localetc', '/etc'), file('localetc/unbroken')]],
    paths: ['etc/', 'etc/unbroken', 'localetc -> /etc'],
  },
  {
    name: 'a file through a link that goes up and out',
    layers: [[directory('etc'), directory('dummy'), symlink('localetc', '../etc'), file('localetc/unbroken')]],
    paths: ['dummy/', 'etc/', 'etc/unbroken', 'localetc -> ../etc'],
  },
  {
    name: 'a file through several absolute links',
    layers: [
      [directory('etc'), directory('dummy'), symlink('dummy/etc', '/etc')],
      [symlink('localetc', '/dummy/etc'), file('localetc/unbroken')],
    ],
    paths: ['dummy/', 'dummy/etc -> /etc', 'etc/', 'etc/unbroken', 'localetc -> /dummy/etc'],
  },
  {
    name: 'a file through several relative links',
    layers: [
      [directory('etc'), directory('dummy'), symlink('dummy/etc', '../../../etc')],
      [symlink('localetc', 'dummy/etc'), file('localetc/unbroken')],
    ],
    paths: ['dummy/', 'dummy/etc -> ../../../etc', 'etc/', 'etc/unbroken', 'localetc -> dummy/etc'],
  },
  {
    name: 'a file in place of the last link',
    layers: [[directory('etc'), file('etc/emptied'), symlink('localetc', '/etc/emptied'), file('localetc')]],
    paths: ['etc/', 'etc/emptied', 'localetc'],
  },
  {
    name: 'a hard link to a name that goes up',
    layers: [[directory('etc'), file('etc/passwd'), hardlink('localpasswd', '../../etc/passwd')]],
    paths: ['etc/', 'etc/passwd', 'localpasswd'],
  },
  {
    name: 'a hard link to an absolute name',
    layers: [[directory('etc'), file('etc/passwd'), hardlink('localpasswd', '/etc/passwd'), file('localpasswd')]],
    paths: ['etc/', 'etc/passwd', 'localpasswd'],
  },
  {
    name: 'a hard link through a link that goes down and out',
    layers: [
      [directory('etc'), file('etc/passwd'), directory('dummy'), symlink('dummy/etc', '../../etc')],
      [hardlink('localpasswd', 'dummy/etc/passwd')],
    ],
    paths: ['dummy/', 'dummy/etc -> ../../etc', 'etc/', 'etc/passwd', 'localpasswd'],
  },
  {
    name: 'a file over a hard link to a link',
    layers: [
      [directory('etc'), file('etc/passwd'), symlink('passwdlink', '/etc/passwd'), hardlink('local', 'passwdlink')],
      [file('local')],
    ],
    paths: ['etc/', 'etc/passwd', 'local', 'passwdlink -> /etc/passwd'],
  },
  {
    name: 'a file through a hard link to a link to a directory',
    layers: [[directory('etc'), symlink('a', '/etc'), hardlink('b', 'a'), file('b/unbroken')]],
    paths: ['a -> /etc', 'b -> /etc', 'etc/', 'etc/unbroken'],
  },
  {
    name: 'a link to the root, then a file through it',
    layers: [[symlink('foo', '/'), file('foo/tmp/x')]],
    paths: ['foo -> /', 'tmp/', 'tmp/x'],
  },
  {
    name: 'a link to /. in place of the root',
    layers: [[symlink('.', '/.')], [file('x')]],
    paths: ['x'],
    unpacks: false,
  },
  {
    name: 'a chain of links that goes up, then a hard link through its end',
    layers: [
      [directory('a/b/c'), symlink('a/b/c/up', '../../..'), symlink('escape', 'a/b/c/up/../..'), file('etc/x')],
      [hardlink('a/exploit', 'escape/etc/x'), file('escape/y')],
    ],
    paths: [
      'a/',
      'a/b/',
      'a/b/c/',
      'a/b/c/up -> ../../..',
      'a/exploit',
      'escape -> a/b/c/up/../..',
      'etc/',
      'etc/x',
      'y',
    ],
  },
  {
    name: 'a whiteout through a link',
    layers: [
      [directory('etc'), file('etc/keep'), file('etc/passwd'), symlink('localetc', '../../etc')],
      [file('localetc/.wh.passwd')],
    ],
    paths: ['etc/', 'etc/keep', 'localetc -> ../../etc'],
  },
  {
    name: 'a whiteout that names what is above',
    layers: [
      [directory('etc'), file('x')],
      [file('etc/../../../.wh.x'), file('etc/.wh...')],
    ],
    paths: ['etc/'],
    unpacks: false,
  },
  {
    name: 'a directory in place of a link to one',
    layers: [
      [directory('etc'), symlink('a', '/etc')],
      [directory('a'), file('a/x')],
    ],
    paths: ['a/', 'a/x', 'etc/'],
  },
  {
    name: 'a link in place of a directory with files',
    layers: [
      [file('a/x'), directory('etc')],
      [symlink('a', '/etc'), file('a/y')],
    ],
    paths: ['a -> /etc', 'etc/', 'etc/y'],
  },
  {
    name: 'a hard link to a directory through a link',
    layers: [[directory('etc'), symlink('a', '/'), hardlink('h', 'a/etc')]],
    paths: ['a -> /', 'etc/', 'h'],
    unpacks: false,
  },
];
