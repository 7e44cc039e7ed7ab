-- Replaces the state of clients by the ledger's posts.
--
-- KEYS    the clients' keys
-- ARGV    1 epoch  2 bucket of now (s), then per key one text: "w<window> bucket:posts bucket:posts ..." in seconds,
--         oldest bucket first
-- Output  the number of clients replaced; a client of a newer epoch is left unchanged

local epoch, now = tonumber(ARGV[1]), tonumber(ARGV[2])
local replaced = 0

for index, key in ipairs(KEYS) do
  if readClient(key, epoch) then
    redis.call('DEL', key)
    local client = newClient(epoch)
    local spec = ARGV[index + 2]
    local window = tonumber(string.match(spec, '^w(%d+)'))
    for bucket, posts in string.gmatch(spec, '(%d+):(%d+)') do
      bucket, posts = tonumber(bucket), tonumber(posts)
      if posts > 0 and bucket > now - window then put(key, client, bucket, posts) end
    end
    writeClient(key, client)
    redis.call('EXPIRE', key, window + 3600)
    replaced = replaced + 1
  end
end
return replaced
