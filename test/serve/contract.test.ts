import { openRegistry } from '../registry/open.ts';
import { serveEach } from '../support/servedRegistry.ts';
import { storeContract } from '../support/storeContract.ts';

describe('LocalRegistry through the registry client', () => {
  const served = serveEach();

  storeContract('Repository', async () => openRegistry(served.host).repository('team/contract'));
});
