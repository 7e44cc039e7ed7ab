-- The content of a client's key, and how its window rolls. Prepended to each script that touches client keys.
--
-- One list per client. Element 0 is its packed head: epoch, sum, posts of the newest bucket (doubles), newest
-- bucket, oldest bucket (u32), then for every journal that has added lately its name (22 characters), last sequence
-- (double) and the hour of its last add (u32, since 1970; silent ones are dropped). The newest bucket is only in
-- the head; the older ones follow, newest first, each "bucket:posts". Buckets are seconds since 1970, 0 is none. An
-- add to the newest bucket therefore reads and writes only the head, whatever the window's length.

local HEAD = '<dddI4I4'
local JOURNAL = '<c22dI4'
local HEAD_BYTES, JOURNAL_BYTES = 32, 34

local function newClient(epoch)
  return { epoch = epoch, sum = 0, newestPosts = 0, newest = 0, oldest = 0, journals = '' }
end

-- Reads a client of this epoch. `found` is false if there is none, or one of an older life of the store. Returns
-- nil if the client has a newer epoch than the caller knows.
local function readClient(key, epoch)
  local head = redis.call('LINDEX', key, 0)
  if head then
    local at, sum, newestPosts, newest, oldest = struct.unpack(HEAD, head)
    if at > epoch then return nil end
    if at == epoch then
      return { found = true, epoch = epoch, sum = sum, newestPosts = newestPosts, newest = newest, oldest = oldest,
        journals = string.sub(head, HEAD_BYTES + 1) }
    end
    redis.call('DEL', key)
  end
  return newClient(epoch)
end

local function writeClient(key, client)
  local head = struct.pack(HEAD, client.epoch, client.sum, client.newestPosts, client.newest, client.oldest)
    .. client.journals
  if client.found then
    redis.call('LSET', key, 0, head)
  else
    redis.call('LPUSH', key, head)
  end
end

-- Removes the oldest bucket from the window.
local function dropOldest(key, client)
  if client.oldest == client.newest then
    client.sum, client.newestPosts, client.newest, client.oldest = 0, 0, 0, 0
    return
  end
  client.sum = client.sum - tonumber(string.match(redis.call('RPOP', key), ':(-?%d+)$'))
  -- A list with only the head leaves only the newest bucket, so the tail is not read.
  if redis.call('LLEN', key) == 1 then
    client.oldest = client.newest
  else
    client.oldest = tonumber(string.match(redis.call('LINDEX', key, -1), '^(%d+):'))
  end
end

-- Drops the buckets that have left the window that ends with bucket `now`, or with the newest one if another
-- process's clock is ahead. Returns the window's last bucket, and whether anything changed.
local function roll(key, client, now, window)
  -- A clock ran a whole window ahead. What it wrote would exclude the posts of all other processes.
  local broken = client.newest > now + window
  local last = now
  if client.newest > now and not broken then last = client.newest end
  local changed = false
  while client.oldest > 0 and (broken or client.oldest <= last - window) do
    dropOldest(key, client)
    changed = true
  end
  return last, changed
end

-- Puts posts into a bucket older than the newest. This is rare, so it may search for the place.
local function putOlder(key, client, bucket, posts)
  local element = string.format('%.0f:%.0f', bucket, posts)
  if bucket < client.oldest then client.oldest = bucket end
  for index, other in ipairs(redis.call('LRANGE', key, 1, -1)) do
    local at, there = string.match(other, '^(%d+):(-?%d+)$')
    if tonumber(at) == bucket then
      redis.call('LSET', key, index, string.format('%.0f:%.0f', bucket, tonumber(there) + posts))
      return
    elseif tonumber(at) < bucket then
      redis.call('LINSERT', key, 'BEFORE', other, element)
      return
    end
  end
  redis.call('RPUSH', key, element)
end

-- Puts posts into a bucket within the window. The caller writes the head; here it may be outdated or empty.
local function put(key, client, bucket, posts)
  client.sum = client.sum + posts
  if bucket == client.newest then
    client.newestPosts = client.newestPosts + posts
  elseif bucket > client.newest then
    if not client.found then
      redis.call('LPUSH', key, '')
      client.found = true
    end
    if client.newest > 0 then
      -- The head's element becomes the bucket, and a new head is pushed before it.
      redis.call('LSET', key, 0, string.format('%.0f:%.0f', client.newest, client.newestPosts))
      redis.call('LPUSH', key, '')
    else
      client.oldest = bucket
    end
    client.newest, client.newestPosts = bucket, posts
  else
    putOlder(key, client, bucket, posts)
  end
end
