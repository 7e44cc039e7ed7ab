import { journalContract } from './journal.contract.ts';
import { MemoryJournal } from './memory-journal.ts';

journalContract('memory, as the tests of shipping use it', () => {
  const journal = new MemoryJournal('journal');
  journal.retains = true;
  return { journal, age: () => journal.age(), drop: async () => {} };
});
