import assert from 'node:assert/strict';
import { layerHistory, parseImageConfig } from '../../src/oci/imageConfig.ts';

function parse(value: unknown): ReturnType<typeof parseImageConfig> {
  return parseImageConfig(Buffer.from(JSON.stringify(value)));
}

describe('parseImageConfig', () => {
  it('144, 145: reads what fits and leaves out the rest', () => {
    const config = parse({
      os: 'linux',
      architecture: 5,
      config: { Cmd: 'x', Env: ['A=1', 2], ExposedPorts: [], User: 7 },
      history: [null, { created_by: 'RUN' }],
    });
    assert.equal(config.platform, undefined);
    assert.equal(config.config.Cmd, undefined);
    assert.deepEqual(config.config.Env, ['A=1']);
    assert.deepEqual(config.diffIds, []);
    assert.deepEqual(config.history, [{}, { created_by: 'RUN' }]);
  });

  it('144: matches history to layers only where both have the same number', () => {
    const config = parse({
      history: [{ created_by: 'ADD' }, { created_by: 'ENV', empty_layer: true }, { created_by: 'RUN' }],
    });
    assert.deepEqual(
      layerHistory(config, 2).map((entry) => entry?.created_by),
      ['ADD', 'RUN'],
    );
    assert.deepEqual(layerHistory(config, 3), [undefined, undefined, undefined]);
  });

  it('refuses what is not an object', () => {
    assert.throws(() => parse([]), { code: 'invalid-manifest' });
  });
});
