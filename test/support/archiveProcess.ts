/**
 * A second process of the archive tests: `FILE copy` writes an archive that is never finished, and says when its content is
 * there; `FILE large` writes one of a megabyte, and says why that fails.
 */
import { opens } from '../../src/content/bytes.ts';
import { isOciError } from '../../src/errors.ts';
import { ArchiveTarget } from '../../src/layout/archiveTarget.ts';
import { ociArchiveFormat } from '../../src/layout/ociArchiveFormat.ts';
import { describe } from '../../src/oci/descriptor.ts';
import { testIo } from './io.ts';

const [file = '', what = ''] = process.argv.slice(2);
await using target = await ArchiveTarget.create(file, ociArchiveFormat(), { overwrite: true });
const bytes = Buffer.alloc(1 << 20, 'gantry');
process.on('SIGXFSZ', () => undefined);
await target.push(describe(bytes, 'application/octet-stream'), opens(bytes), testIo()).catch((error: unknown) => {
  process.stdout.write(isOciError(error) ? `${error.code}: ${error.message}\n` : String(error));
});
if (what === 'copy') {
  process.stdout.write('written\n');
  setInterval(() => undefined, 1000);
  await new Promise(() => undefined);
}
