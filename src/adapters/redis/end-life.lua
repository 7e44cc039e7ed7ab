-- Ends a life of the store in which posts may be missing, so that it is rebuilt.
--
-- KEYS    1 the store's base  2 the claim
-- ARGV    1 the epoch of that life  2 delay before any process may rebuild it (ms; 0: none)
-- Output  1 ended; 0 it had already ended

if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'ended', ARGV[1])
if tonumber(ARGV[2]) > 0 then redis.call('SET', KEYS[2], 'cooling', 'PX', ARGV[2], 'NX') end
return 1
