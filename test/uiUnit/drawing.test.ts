import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { Drawing } from '../../src/ui/drawing.ts';

describe('Drawing', () => {
  it('looks once where no tree is drawn again', async () => {
    const drawing = new Drawing();
    await drawing.reading(() => Promise.resolve());
    let looks = 0;
    assert.deepEqual(await drawing.settled(() => (looks++, [])), []);
    assert.equal(looks, 1);
  });

  it('waits for what is selected while the tree is drawn again', async () => {
    const drawing = new Drawing();
    const selected: string[] = [];
    drawing.began();
    void drawing.reading(async () => {
      await setTimeout(50);
      selected.push('1.0');
    });
    assert.deepEqual(await drawing.settled(() => selected), ['1.0']);
  });

  for (const found of [[], ['1.0']]) {
    it(`waits until the tree is drawn, which then takes no focus any more, ${found.length} selected`, async () => {
      const drawing = new Drawing();
      drawing.began();
      let isRead = false;
      void drawing.reading(async () => {
        await setTimeout(50);
        isRead = true;
      });
      assert.deepEqual(await drawing.settled(() => found), found);
      assert.equal(isRead, true);
    });

    it(`does not wait for a registry that never answers, ${found.length} selected`, async () => {
      const drawing = new Drawing({ empty: 100, found: 50 });
      drawing.began();
      void drawing.reading(() => new Promise(() => undefined));
      assert.deepEqual(await drawing.settled(() => found), found);
    });
  }

  it('lets an error of a reading pass', async () => {
    const drawing = new Drawing();
    await assert.rejects(
      drawing.reading(() => Promise.reject(new Error('no'))),
      /no/,
    );
  });
});
