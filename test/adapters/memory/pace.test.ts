import { memoryPace } from '../../../src/adapters/memory/pace.ts';
import { paceLimiterContract } from '../../admit/pace-limiter.contract.ts';

paceLimiterContract(async (limit) => {
  const pace = memoryPace(limit);
  return { pace, close: () => pace.close() };
});
