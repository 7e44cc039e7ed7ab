-- Rolling 24-hour totals by API key in a shared dictionary, and a journal that they are added up from at the start.
-- The line of a response is written before its last bytes leave.
local WINDOW_MINUTES = 1440
local totals = ngx.shared.usage
local journal

local M = {}

local function this_minute() return math.floor(ngx.time() / 60) end

local function add(key, minute, posts)
  totals:incr(key, posts, 0)
  totals:incr(key .. "|" .. minute, posts, 0)
end

function M.record(key, posts)
  if posts == 0 then return end
  local minute = this_minute()
  add(key, minute, posts)
  journal:write(minute .. " " .. posts .. " " .. key .. "\n") -- As one string it is one write.
end

-- nginx announces the end of a body in a call of its own, after the last bytes have left. Content-Length tells it before.
function M.is_last(ctx)
  if ctx.is_recorded then return false end
  if ctx.bytes_left == nil then ctx.bytes_left = tonumber(ngx.header["Content-Length"]) or false end
  if ctx.bytes_left then ctx.bytes_left = ctx.bytes_left - #ngx.arg[1] end
  ctx.is_recorded = ctx.bytes_left == 0 or ngx.arg[2]
  return ctx.is_recorded
end

-- Once a minute: what leaves the window is taken off its total.
local function slide()
  local ending = "|" .. (this_minute() - WINDOW_MINUTES)
  for _, name in ipairs(totals:get_keys(0)) do
    if name:sub(-#ending) == ending then
      totals:incr(name:sub(1, -#ending - 1), -totals:get(name))
      totals:delete(name)
    end
  end
end

function M.start(path)
  journal = assert(io.open(path, "a+"))
  journal:setvbuf("no")
  local first = this_minute() - WINDOW_MINUTES
  for line in journal:lines() do
    local minute, posts, key = line:match("^(%d+) (%d+) (.*)$")
    if minute and tonumber(minute) > first then add(key, tonumber(minute), tonumber(posts)) end
  end
  ngx.timer.every(60, slide)
end

function M.total(key) return totals:get(key) or 0 end

return M
