import { memoryWindow } from '../../../src/adapters/memory/window.ts';
import { windowStoreContract } from '../../meter/window-store.contract.ts';

windowStoreContract(async () => {
  const store = memoryWindow();
  return { store, close: () => store.close() };
});
