import assert from 'node:assert/strict';
import fc from 'fast-check';
import { squarify } from '../../src/webview/treemap.ts';

const area = { x: 0, y: 0, width: 600, height: 400 };

describe('squarify', () => {
  it('lays out the example of the paper', () => {
    const tiles = squarify(
      [6, 6, 4, 3, 2, 2, 1].map((bytes) => ({ bytes })),
      { x: 0, y: 0, width: 6, height: 4 },
    );
    const round = (value: number): number => Math.round(value * 100) / 100;
    assert.deepEqual(
      tiles.map(({ x, y, width, height }) => [x, y, width, height].map(round)),
      [
        [0, 0, 3, 2],
        [0, 2, 3, 2],
        [3, 0, 1.71, 2.33],
        [4.71, 0, 1.29, 2.33],
        [3, 2.33, 1.2, 1.67],
        [4.2, 2.33, 1.2, 1.67],
        [5.4, 2.33, 0.6, 1.67],
      ],
    );
  });

  it('gives no tile to what has no bytes, and none at all for nothing', () => {
    assert.deepEqual(squarify([], area), []);
    assert.deepEqual(squarify([{ bytes: 0 }], area), []);
    assert.equal(squarify([{ bytes: 5 }, { bytes: 0 }], area).length, 1);
  });

  it('fills the area with tiles in proportion that do not overlap', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 1, maxLength: 60 }), (sizes) => {
        const items = sizes.sort((a, b) => b - a).map((bytes) => ({ bytes }));
        const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
        const tiles = squarify(items, area);
        assert.equal(tiles.length, items.length);
        for (const tile of tiles) {
          const share = (tile.width * tile.height) / (600 * 400);
          assert.ok(Math.abs(share - tile.item.bytes / total) < 1e-6);
          assert.ok(
            tile.x > -1e-6 && tile.y > -1e-6 && tile.x + tile.width < 600.001 && tile.y + tile.height < 400.001,
          );
        }
        for (const [at, one] of tiles.entries()) {
          for (const other of tiles.slice(at + 1)) {
            const wide = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
            const high = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
            assert.ok(wide < 1e-6 || high < 1e-6);
          }
        }
      }),
    );
  });
});
