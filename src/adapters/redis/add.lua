-- Adds posts to clients, each at most once per (journal, sequence).
--
-- KEYS    the clients' keys
-- ARGV    1 epoch  2 journal (22 characters)  3 sequence  4 bucket of now (s), then per key one text:
--         "w<window> bucket:posts bucket:posts ..." in seconds, posts negative if a move takes them; or only "posts",
--         added to the single bucket of the key before, with its window (nearly all adds of a flush are alike)
-- Output  per key three integers: total, oldest bucket (0: none), window's last bucket;
--         the total is -1 if the key has a newer epoch and nothing was done

local call, packStruct, unpackStruct = redis.call, struct.pack, struct.unpack
local epoch, journal = tonumber(ARGV[1]), ARGV[2]
local sequence, now = tonumber(ARGV[3]), tonumber(ARGV[4])
local hour = math.floor(now / 3600)
local entry = struct.pack(JOURNAL, journal, sequence, hour)
local out = {}

-- The journals whose replays could still count. One that is silent for a window could repeat only what has left it.
local function stillKnown(journals, window)
  local kept = ''
  for at = 1, #journals, JOURNAL_BYTES do
    local _, _, last = struct.unpack(JOURNAL, journals, at)
    if (hour - last) * 3600 <= window + 7200 then
      kept = kept .. string.sub(journals, at, at + JOURNAL_BYTES - 1)
    end
  end
  return kept
end

-- Notes the sequence. Returns false if the client already has it.
local function note(client, window)
  local journals = client.journals
  for at = 1, #journals, JOURNAL_BYTES do
    local name, known = struct.unpack(JOURNAL, journals, at)
    if name == journal then
      if known >= sequence then return false end
      if #journals == JOURNAL_BYTES then
        client.journals = entry
      else
        client.journals = string.sub(journals, 1, at - 1) .. entry .. string.sub(journals, at + JOURNAL_BYTES)
      end
      return true
    end
  end
  client.journals = stillKnown(journals, window) .. entry
  return true
end

-- The common case without a table: one journal, posts into the newest bucket. Returns total and oldest bucket, or
-- nothing if the case is not that simple; then nothing was done.
local SIMPLE, SIMPLE_BYTES = '<dddI4I4c22d', HEAD_BYTES + JOURNAL_BYTES
local function addSimply(key, bucket, posts, window)
  if posts < 0 then return end
  local head = call('LINDEX', key, 0)
  if not head or #head ~= SIMPLE_BYTES then return end
  local at, sum, newestPosts, newest, oldest, name, known = unpackStruct(SIMPLE, head)
  if at ~= epoch or bucket ~= newest or name ~= journal or now > newest or oldest <= newest - window then return end
  if newest > now + window then return end
  if known < sequence then
    sum = sum + posts
    call('LSET', key, 0, packStruct(HEAD, epoch, sum, newestPosts + posts, newest, oldest) .. entry)
  end
  return math.max(0, sum), oldest
end

-- Above this many buckets the list is read and written as a whole, because each put may read all of it.
local MAX_PUT = 8
-- Values per RPUSH. Lua takes some 8,000 arguments.
local MAX_PUSHED = 1000

-- Adds to many buckets, or removes posts from some. Drops empty buckets. Deletes the key and so its expiry; the
-- caller writes the head and sets the expiry.
local function putTogether(key, client, adds)
  local posts = {}
  if client.newest > 0 then posts[client.newest] = client.newestPosts end
  if client.found then
    for _, element in ipairs(call('LRANGE', key, 1, -1)) do
      local bucket, there = string.match(element, '^(%d+):(-?%d+)$')
      posts[tonumber(bucket)] = tonumber(there)
    end
    call('DEL', key)
    client.found = false
  end
  for _, one in ipairs(adds) do posts[one[1]] = (posts[one[1]] or 0) + one[2] end
  local buckets, sum = {}, 0
  for bucket, there in pairs(posts) do
    if there ~= 0 then
      buckets[#buckets + 1] = bucket
      sum = sum + there
    end
  end
  table.sort(buckets, function(a, b) return a > b end)
  client.sum, client.newest, client.oldest = sum, buckets[1] or 0, buckets[#buckets] or 0
  client.newestPosts = posts[client.newest] or 0
  for first = 2, #buckets, MAX_PUSHED do
    local elements = {}
    for index = first, math.min(first + MAX_PUSHED - 1, #buckets) do
      elements[#elements + 1] = string.format('%.0f:%.0f', buckets[index], posts[buckets[index]])
    end
    call('RPUSH', key, unpack(elements))
  end
end

-- All other cases; `spec` as in ARGV. Returns total, oldest bucket and the window's last bucket.
local function add(key, spec, window)
  local client = readClient(key, epoch)
  if not client then return -1, 0, 0 end
  local before, newest = client.newest, now
  for bucket in string.gmatch(spec, '(%d+):') do newest = math.max(newest, tonumber(bucket)) end
  local last = roll(key, client, newest, window)
  if note(client, window) then
    local adds, takesPosts = {}, string.find(spec, '-', 1, true)
    for bucket, posts in string.gmatch(spec, '(%d+):(-?%d+)') do
      bucket, posts = tonumber(bucket), tonumber(posts)
      if posts ~= 0 and bucket > last - window then adds[#adds + 1] = { bucket, posts } end
    end
    if takesPosts or #adds > MAX_PUT then
      putTogether(key, client, adds)
      before = 0
    else
      for _, one in ipairs(adds) do put(key, client, one[1], one[2]) end
    end
  end
  writeClient(key, client)
  -- Once per bucket is enough, because the key outlives the window of its newest bucket.
  if before == 0 or client.newest ~= before then call('EXPIRE', key, (last - now) + window + 3600) end
  return math.max(0, client.sum), client.oldest, last
end

local window, bucket
for index = 1, #KEYS do
  local spec = ARGV[index + 4]
  local posts = tonumber(spec)
  if posts then
    spec = nil
  else
    window, bucket, posts = string.match(spec, '^w(%d+) (%d+):(-?%d+)$')
    window, bucket, posts = tonumber(window), tonumber(bucket), tonumber(posts)
  end
  local sum, oldest, last
  if posts then
    sum, oldest = addSimply(KEYS[index], bucket, posts, window)
    last = bucket
  end
  if not sum then
    spec = spec or string.format('w%.0f %.0f:%.0f', window, bucket, posts)
    sum, oldest, last = add(KEYS[index], spec, tonumber(string.match(spec, '^w(%d+)')))
  end
  local top = 3 * index
  out[top - 2], out[top - 1], out[top] = sum, oldest, last
end
return out
