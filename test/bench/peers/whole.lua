-- Counts `$.data[*]` of whole bodies: they are gathered and decoded by cjson when their last bytes are there.
local cjson = require "cjson.safe"
local zlib = require "zlib"
local usage = require "usage"

local M = {}

function M.body_filter()
  local ctx, chunk = ngx.ctx, ngx.arg[1]
  ctx.parts = ctx.parts or {}
  if chunk ~= "" then table.insert(ctx.parts, chunk) end
  if not usage.is_last(ctx) or ngx.status ~= 200 then return end
  local body = table.concat(ctx.parts)
  if ngx.header["Content-Encoding"] == "gzip" then
    local ok, plain = pcall(zlib.inflate(), body)
    body = ok and plain or ""
  end
  local decoded = cjson.decode(body)
  if type(decoded) ~= "table" or type(decoded.data) ~= "table" then
    ngx.log(ngx.WARN, "uncounted ", ngx.var.uri)
  else
    usage.record(ngx.var.http_authorization or "-", #decoded.data)
  end
end

return M
