import assert from 'node:assert/strict';
import type { Browser } from '../../src/browse/browser.ts';
import type { TreeNode } from '../../src/browse/nodes.ts';
import { clipboardCommands } from '../../src/ui/clipboard.ts';
import type { Shell } from '../../src/ui/shell.ts';
import { browserOf, childrenAt, MemoryRegistry, pushImage } from '../browse/fixtures.ts';
import { testIo } from '../support/io.ts';
import { putTarImage } from '../support/tarImage.ts';

describe('the commands that copy names', () => {
  function clipboardOf(browser: Browser): {
    readonly copied: readonly string[];
    readonly copy: (id: string, ...nodes: readonly TreeNode[]) => Promise<unknown>;
  } {
    const copied: string[] = [];
    const shell = { browser, copyText: async (text: string) => void copied.push(text) } as unknown as Shell;
    const copy = async (id: string, ...nodes: readonly TreeNode[]): Promise<unknown> => {
      const command = clipboardCommands(shell)[id];
      const [first, ...more] = nodes;
      assert.ok(command !== undefined && 'person' in command && first !== undefined);
      return command.person({ kind: 'nodes', nodes: [first, ...more] });
    };
    return { copied, copy };
  }

  it('copies the path of a file, and a layer by its own digest', async () => {
    const registry = new MemoryRegistry('r.example');
    await putTarImage(registry.add('app'), '1.0', [[{ name: 'etc/hosts', content: 'x' }]], testIo());
    const browser = browserOf({ registries: [registry] });
    const { copied, copy } = clipboardOf(browser);
    await copy('gantry.copyReference', ...(await childrenAt(browser, 'r.example', 'app', '1.0', 'filesystem')));
    const layers = await childrenAt(browser, 'r.example', 'app', '1.0', 'layers');
    await copy('gantry.copyReference', ...layers);
    await copy('gantry.copyReference', ...(await childrenAt(browser, 'r.example', 'app')));
    const [layer] = layers;
    assert.ok(layer?.kind === 'layer');
    assert.deepEqual(copied, ['/etc', `r.example/app@${layer.descriptor.digest}`, 'r.example/app:1.0']);
  });

  it('copies of files the digest of the image that they are in, and nothing of a repository', async () => {
    const registry = new MemoryRegistry('r.example');
    const store = registry.add('app');
    const { digest } = await putTarImage(store, '1.0', [[{ name: 'etc/hosts', content: 'x' }]], testIo());
    await pushImage(store, 'latest');
    const browser = browserOf({ registries: [registry] });
    const { copied, copy } = clipboardOf(browser);
    const files = await childrenAt(browser, 'r.example', 'app', '1.0', 'filesystem');
    const tags = (await childrenAt(browser, 'r.example', 'app')).filter(
      (node) => node.kind === 'tag' && node.tag === '1.0',
    );
    await copy('gantry.copyDigest', ...tags, ...files);
    await copy('gantry.copyDigestReference', ...files);
    assert.deepEqual(copied, [`${digest}\n${digest}`, `r.example/app@${digest}`]);
    const repositories = await childrenAt(browser, 'r.example');
    await assert.rejects(copy('gantry.copyDigest', ...repositories), { code: 'invalid-reference' });
  });
});
