/** Copies `source:v1` of one registry to a repository and tag of another, in a process of its own that can be killed. */
import { copyImage } from '../../src/operations/copy.ts';
import { testClient } from './client.ts';

const [source = '', target = '', repository = '', tag = ''] = process.argv.slice(2);
const from = testClient(source).registry.repository('source');
const to = testClient(target).registry.repository(repository);
await copyImage(from, 'v1', to, { tag, overwrite: true }, { signal: AbortSignal.timeout(60_000) });
process.exit(0);
