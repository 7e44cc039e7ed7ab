-- Counts `$.data[*]` chunk by chunk with `scan.c`; nothing of a body is kept. A response that breaks off is recorded in
-- the log phase.
local ffi = require "ffi"
local usage = require "usage"

ffi.cdef [[
  typedef struct {
    long posts; int depth, in_string, is_escaped, name_state, is_in_list, is_scalar, name_length;
    char name[8], opened[256];
  } scan_t;
  void scan(scan_t *s, const char *at, long length);
]]
local library = ffi.load(os.getenv("SCANNER"))

local M = {}

function M.body_filter()
  local ctx, chunk = ngx.ctx, ngx.arg[1]
  if ctx.scan == nil then
    ctx.scan = ngx.status == 200 and not ngx.header["Content-Encoding"] and ffi.new("scan_t")
    ctx.key = ngx.var.http_authorization or "-"
  end
  if not ctx.scan then return end
  if chunk ~= "" then library.scan(ctx.scan, chunk, #chunk) end
  if usage.is_last(ctx) then usage.record(ctx.key, tonumber(ctx.scan.posts)) end
end

function M.log()
  local ctx = ngx.ctx
  if ctx.scan and not ctx.is_recorded then usage.record(ctx.key, tonumber(ctx.scan.posts)) end
end

return M
