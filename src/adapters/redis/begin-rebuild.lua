-- Claims the rebuilding, and ends the life of what is there.
--
-- KEYS    1 the store's base  2 the claim
-- ARGV    1 the caller's clock (ms)  2 how long the claim holds (ms)
-- Output  the epoch of the new life; 0 while another has the claim

if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local epoch = tonumber(ARGV[1])
-- Larger than that of every life before, were it ended or never opened: keys of those may be there still.
for _, field in ipairs({ 'epoch', 'ended' }) do
  local before = tonumber(redis.call('HGET', KEYS[1], field) or 0)
  if epoch <= before then epoch = before + 1 end
end
epoch = string.format('%.0f', epoch)
redis.call('SET', KEYS[2], epoch, 'PX', ARGV[2])
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'ended', epoch)
return tonumber(epoch)
