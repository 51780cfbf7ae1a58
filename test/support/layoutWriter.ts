/** A second process of the layout tests: `ROOT DIGEST PREFIX COUNT` writes tags, `ROOT big` a blob that does not fit. */
import { opens } from '../../src/content/bytes.ts';
import { isOciError } from '../../src/errors.ts';
import { LayoutStore } from '../../src/layout/layoutStore.ts';
import { describe } from '../../src/oci/descriptor.ts';
import { testIo } from './io.ts';

const [root = '', what = '', prefix = '', count = '0'] = process.argv.slice(2);
const store = await LayoutStore.open(root, testIo());
if (what === 'big') {
  process.on('SIGXFSZ', () => undefined);
  const bytes = Buffer.alloc(200_000);
  await store.push(describe(bytes, 'application/octet-stream'), opens(bytes), testIo()).catch((error: unknown) => {
    process.stdout.write(isOciError(error) ? `${error.code}: ${error.message}\n` : String(error));
  });
} else {
  const descriptor = await store.resolve(what, testIo());
  for (let at = 0; at < Number(count); at++) await store.tag(descriptor, `${prefix}${at}`, testIo());
}
