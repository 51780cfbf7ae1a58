import assert from 'node:assert/strict';
import path from 'node:path';
import { filesOf, placesOf, useContext } from './dockerContext.ts';

describe('copyLayer', () => {
  const { here, make, problems } = useContext();

  const copies: readonly (readonly [readonly string[], readonly string[]])[] = [
    [['COPY a.txt /'], ['a.txt']],
    [['COPY a.txt /x'], ['x']],
    [['COPY a.txt /x/'], ['x/a.txt']],
    [['COPY a.txt /x/y/z'], ['x/y/z']],
    [['COPY a.txt /x/.'], ['x/a.txt']],
    [['COPY a.txt /x/../y'], ['y']],
    [['COPY a.txt /../../y'], ['y']],
    [['COPY a.txt //x//'], ['x/a.txt']],
    [['COPY a.txt .'], ['a.txt']],
    [['COPY a.txt ./'], ['a.txt']],
    [['COPY a.txt x'], ['x']],
    [['WORKDIR /w', 'COPY a.txt .'], ['w/a.txt']],
    [['WORKDIR /w', 'COPY a.txt x'], ['w/x']],
    [['WORKDIR /w', 'COPY a.txt ..'], ['a.txt']],
    [['WORKDIR /w', 'COPY a.txt ../'], ['a.txt']],
    [['WORKDIR /w', 'COPY a.txt /w'], ['w/a.txt']],
    [
      ['WORKDIR /w', 'WORKDIR v', 'COPY a.txt b.txt ./'],
      ['w/v/a.txt', 'w/v/b.txt'],
    ],
    [['COPY a.txt b.txt /x/'], ['x/a.txt', 'x/b.txt']],
    [
      ['COPY a.txt /x/', 'COPY b.txt /x'],
      ['x/a.txt', 'x/b.txt'],
    ],
    [['COPY /a.txt /x'], ['x']],
    [['COPY ./dir/../a.txt /x'], ['x']],
    [['COPY dir/one.js /x/'], ['x/one.js']],
    [['COPY dir/sub /x'], ['x/deep/four.js', 'x/three.js']],
    [['COPY dir/sub/ /x/'], ['x/deep/four.js', 'x/three.js']],
    [['COPY dir/sub /'], ['deep/four.js', 'three.js']],
    [['COPY dir/sub a.txt /x/'], ['x/a.txt', 'x/deep/four.js', 'x/three.js']],
    [['COPY dir/s* /x/'], ['x/deep/four.js', 'x/three.js']],
    [['COPY */one.js /x'], []],
    [['COPY dir/*.js /x/'], ['x/one.js']],
    [['COPY d*r/s?b/*.js /x/'], ['x/three.js']],
    [['COPY *.none /x/', 'COPY a.txt /y'], ['y']],
    [['COPY [a-b].txt /x/'], ['x/a.txt', 'x/b.txt']],
    [['COPY [^b-z].txt /x/'], ['x/a.txt']],
    [['COPY ["with space.txt", "/x y/"]'], ['x']],
    [['COPY link.txt /x/'], ['x/link.txt']],
    [['COPY linked/sub /x/'], ['x/deep/four.js', 'x/three.js']],
    [['COPY linked/two.ts /x'], ['x']],
    [['COPY --exclude=*.js dir /x'], ['x/rel.ts', 'x/sub/deep/four.js', 'x/sub/three.js', 'x/two.ts']],
    [['COPY --exclude=**/*.js --exclude=rel.ts dir /x'], ['x/two.ts']],
    [['COPY --exclude=b.txt *.txt /x/'], ['x/a.txt', 'x/link.txt', 'x/with']],
    [['COPY --parents dir/sub /x/'], ['x/dir/sub/deep/four.js', 'x/dir/sub/three.js']],
    [['COPY --parents dir/one.js other/one.js /x'], ['x/dir/one.js', 'x/other/one.js']],
    [['COPY --parents dir/./sub/three.js /x/'], ['x/sub/three.js']],
    [['COPY --parents **/one.js /x/'], ['x/dir/one.js', 'x/other/one.js']],
    [['COPY --parents dir/./**/*.js /x/'], ['x/one.js', 'x/sub/deep/four.js', 'x/sub/three.js']],
    [['COPY other dir/sub other a.txt /x/'], ['x/a.txt', 'x/deep/four.js', 'x/five.js', 'x/one.js', 'x/three.js']],
    [['COPY dir/sub other a.txt /x/'], ['x/a.txt', 'x/deep/four.js', 'x/five.js', 'x/one.js', 'x/three.js']],
    [['ARG D=/v', 'ARG S=dir', 'COPY $S/one.js ${D}/${S}/'], ['v/dir/one.js']],
    [['COPY <<EOF /x', 'hi', 'EOF'], ['x']],
    [
      ['COPY <<one <<two a.txt /x/', '1', 'one', '2', 'two'],
      ['x/a.txt', 'x/one', 'x/two'],
    ],
    [['ADD a.txt /x/'], ['x/a.txt']],
    [['COPY --from=build out/app /x/'], ['x/app']],
    [['COPY --from=build /out/lib /x'], ['x/x.so']],
    [['COPY --from=docker.io/a:1 /out/app /x'], ['x']],
  ];
  for (const [lines, expected] of copies) {
    it(`puts files where docker does: ${lines.join(' | ')}`, async () => {
      const stage = path.join(here.context, 'stage');
      if (expected.length === 0) {
        assert.match((await problems(['FROM scratch', ...lines], {}))[0] ?? '', /several sources need a folder/);
        return;
      }
      const made = await make(['FROM scratch', ...lines], { stages: { build: stage, 'docker.io/a:1': stage } });
      assert.deepEqual(placesOf(await filesOf(made)), expected);
    });
  }

  it('takes one folder for a stage however its name is written', async () => {
    const lines = ['FROM a AS Build', 'FROM scratch', 'COPY --from=Build /out/app /x', 'COPY --from=build /out/app /y'];
    const made = await make(lines, { stages: { Build: path.join(here.context, 'stage') } });
    assert.deepEqual(placesOf(await filesOf(made)), ['x', 'y']);
  });
});
