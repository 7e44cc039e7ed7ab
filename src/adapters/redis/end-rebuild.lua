-- Opens the new life of the store, if the caller still has the claim.
--
-- KEYS    1 the store's base  2 the claim
-- ARGV    1 epoch  2 the servers it was built on, then per journal: its id, its last sequence in the ledger
-- Output  1 opened; 0 the claim was lost

if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'servers', ARGV[2])
for at = 3, #ARGV, 2 do
  redis.call('HSET', KEYS[1], 'journal ' .. ARGV[at], ARGV[at + 1])
end
return 1
