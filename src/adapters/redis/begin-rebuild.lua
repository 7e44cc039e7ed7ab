-- Claims the rebuild, and ends the current life of the store.
--
-- KEYS    1 the store's base  2 the claim
-- ARGV    1 the caller's clock (ms)  2 validity of the claim (ms)
-- Output  the epoch of the new life; 0 while another process has the claim

if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local epoch = tonumber(ARGV[1])
-- Larger than every earlier life, ended or never opened, because keys of those may still exist.
for _, field in ipairs({ 'epoch', 'ended' }) do
  local before = tonumber(redis.call('HGET', KEYS[1], field) or 0)
  if epoch <= before then epoch = before + 1 end
end
epoch = string.format('%.0f', epoch)
redis.call('SET', KEYS[2], epoch, 'PX', ARGV[2])
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'ended', epoch)
return tonumber(epoch)
