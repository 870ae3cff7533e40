-- Makes KEYS[1] look as a clock would have written it that was ahead by ARGV[1] microseconds: a server can't be given one, for
-- what shows a process another time can't live beside its allocator.
local ahead = tonumber(ARGV[1])

local function later(instant)
  return string.format('%.0f', instant + ahead)
end

local function id_later(id)
  local milliseconds, sequence = id:match('(%d+)-(%d+)')
  if id == '0-0' then
    return id
  end
  return string.format('%.0f', milliseconds + ahead / 1000) .. '-' .. sequence
end

local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'zset' then
  local members = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
  for i = 1, #members, 2 do
    redis.call('ZADD', KEYS[1], later(members[i + 1]), members[i])
  end
elseif kind == 'stream' then
  local rows = redis.call('XRANGE', KEYS[1], '-', '+')
  redis.call('DEL', KEYS[1])
  for _, row in ipairs(rows) do
    local fields = row[2]
    for i = 1, #fields, 2 do
      if fields[i] == 'previous' then
        fields[i + 1] = id_later(fields[i + 1])
      elseif fields[i] == 'expires' or fields[i] == 'at' then
        fields[i + 1] = later(fields[i + 1])
      end
    end
    redis.call('XADD', KEYS[1], id_later(row[1]), unpack(fields))
  end
end
return kind
