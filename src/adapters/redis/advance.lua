-- Notes how far a journal has come, if the store has the same life.
--
-- KEYS    1 the store's base (hash: epoch, and each journal's last sequence)
-- ARGV    1 epoch  2 journal  3 the sequence that the caller noted last  4 the new one
-- Output  1 noted; 0 the store has another life, or is behind what was noted: it was lost or restored to an older
-- state

if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 0 end
local current = tonumber(redis.call('HGET', KEYS[1], 'journal ' .. ARGV[2]) or 0)
if current < tonumber(ARGV[3]) then return 0 end
if current < tonumber(ARGV[4]) then redis.call('HSET', KEYS[1], 'journal ' .. ARGV[2], ARGV[4]) end
return 1
