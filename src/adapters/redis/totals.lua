-- Returns totals, and drops the buckets that have left the window.
--
-- KEYS    the clients' keys
-- ARGV    1 epoch  2 bucket of now (s), then per key: window (s)
-- Output  as add.lua

local epoch, now = tonumber(ARGV[1]), tonumber(ARGV[2])
local out = {}

for index, key in ipairs(KEYS) do
  local top = 3 * (index - 1)
  local client = readClient(key, epoch)
  if client then
    local last, changed = roll(key, client, now, tonumber(ARGV[2 + index]))
    if changed then writeClient(key, client) end
    out[top + 1], out[top + 2], out[top + 3] = math.max(0, client.sum), client.oldest, last
  else
    out[top + 1], out[top + 2], out[top + 3] = -1, 0, 0
  end
end
return out
