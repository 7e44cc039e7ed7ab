-- Claims the rebuilding, and ends the life of what is there.
--
-- KEYS    1 the store's base  2 the claim
-- ARGV    1 the caller's clock (ms)  2 how long the claim holds (ms)
-- Output  the epoch of the new life; 0 while another has the claim

if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local epoch = tonumber(ARGV[1])
local before = tonumber(redis.call('HGET', KEYS[1], 'epoch') or 0)
if epoch <= before then epoch = before + 1 end
redis.call('SET', KEYS[2], string.format('%.0f', epoch), 'PX', ARGV[2])
redis.call('DEL', KEYS[1])
return epoch
