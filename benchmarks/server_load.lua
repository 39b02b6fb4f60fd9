-- For wrk: posts the photos that the file named by $PHOTOS lists, one after another, and counts answers
-- by status. Each thread begins at another photo.
local bodies, threads = {}, {}
function setup(thread)
  thread:set("first", #threads * 7)
  table.insert(threads, thread)
end
function init(args)
  for name in io.lines(os.getenv("PHOTOS")) do
    local file = io.open(name, "rb")
    table.insert(bodies, file:read("*a"))
    file:close()
  end
  at, ok, busy, other = first, 0, 0, 0
end
function request()
  at = at + 1
  return wrk.format("POST", "/v1/query", {["Content-Type"] = "image/jpeg"}, bodies[at % #bodies + 1])
end
function response(status)
  if status == 200 then ok = ok + 1 elseif status == 503 then busy = busy + 1 else other = other + 1 end
end
function done(summary, latency, requests)
  local ok, busy, other = 0, 0, 0
  for _, thread in ipairs(threads) do
    ok, busy, other = ok + thread:get("ok"), busy + thread:get("busy"), other + thread:get("other")
  end
  local errors = summary.errors
  io.write(string.format('{"seconds":%f,"ok":%d,"busy":%d,"other":%d,"broken":%d}\n', summary.duration / 1e6, ok,
    busy, other, errors.connect + errors.read + errors.write + errors.timeout))
end
