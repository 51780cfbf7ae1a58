import assert from 'node:assert/strict';
import { type HistoryLine, historyText, imageHistory } from '../../src/operations/history.ts';
import { imageOf } from '../support/imageOf.ts';

describe('imageHistory', () => {
  it('lists steps newest first, with the size of the layer that each made', () => {
    const { config, manifest } = imageOf(
      [
        { created: '2024-01-01T00:00:00Z', created_by: 'ADD rootfs', comment: 'first' },
        { created_by: 'CMD ["sh"]', empty_layer: true },
        { created_by: 'RUN make' },
      ],
      [2000, 1_234_567],
    );
    const [first, second] = manifest.layers;
    assert.deepEqual(imageHistory(config, manifest), [
      { createdBy: 'RUN make', size: 1_234_567, layer: { position: 1, digest: second?.digest } },
      { createdBy: 'CMD ["sh"]', size: 0 },
      {
        created: '2024-01-01T00:00:00Z',
        createdBy: 'ADD rootfs',
        comment: 'first',
        size: 2000,
        layer: { position: 0, digest: first?.digest },
      },
    ]);
  });

  it('144 gives no step a layer where history and layers are not as many', () => {
    for (const steps of [[{ created_by: 'one' }], [{}, {}, {}], []]) {
      const { config, manifest } = imageOf(steps, [10, 20]);
      const lines = imageHistory(config, manifest);
      assert.deepEqual(
        lines.map(({ size, layer }) => [size, layer?.position]),
        [[20, 1], [10, 0], ...steps.map(() => [undefined, undefined])],
      );
    }
  });
});

describe('historyText', () => {
  it('aligns columns, and marks what is not known', () => {
    const { config, manifest } = imageOf(
      [{ created: '2024-01-01T00:00:00Z', created_by: 'ADD rootfs' }, { created_by: 'ENV A=b', empty_layer: true }, {}],
      [2000, 1_234_567],
    );
    assert.equal(
      historyText(imageHistory(config, manifest)),
      [
        'CREATED                      SIZE  LAYER                   COMMENT  CREATED BY',
        '?                     1,234,567 B  #2 sha256:111111111111           ?',
        '?                             0 B                                   ENV A=b',
        '2024-01-01T00:00:00Z      2,000 B  #1 sha256:000000000000           ADD rootfs',
        '',
      ].join('\n'),
    );
  });

  it('235 keeps hostile texts on their line, and from acting on a terminal', () => {
    const evil = 'a\nCREATED\r\t\u001b]52;c;x\u0007\u202e\u2028\ud800';
    const lines: readonly HistoryLine[] = [{ created: evil, createdBy: evil, comment: evil, size: undefined }];
    const text = historyText(lines);
    assert.equal(text.split('\n').length, 3);
    assert.match(text, /^[\x20-\x7e…\n]*$/);
    assert.ok(text.includes('a\\nCREATED\\u{d}\\t\\u{1b}]52;c;x\\u{7}\\u{202e}\\u{2028}\\u{d800}'));
  });
});
