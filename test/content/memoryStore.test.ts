import { MemoryStore } from '../../src/content/memoryStore.ts';
import { storeContract } from '../support/storeContract.ts';

storeContract('MemoryStore', async () => new MemoryStore());
