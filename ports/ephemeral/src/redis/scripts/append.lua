-- Adds an entry at the end of the feed KEYS[1], a stream, and trims the oldest ones whose time is over.
-- ARGV: the entry, how long it stays at least in microseconds. Answers its id.
--
-- All is one single write: a Redis whose default user is off forgets at a restart what it did in transactions
-- (redis/redis#14541), and scripts that write twice are such.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local expires = now + ARGV[2]
local previous = '0-0'
local misdated
local trim = {'MAXLEN', '=', 1}

-- The fields of an entry are: entry, its bytes, previous, an id, expires, an instant, at, the instant of its append,
-- and while some stand in front that a clock dated that was ahead: misdated, the id of the last of them.
local function expiry(row)
  return tonumber(row[2][6]) or 0
end

if redis.call('EXISTS', KEYS[1]) == 1 then
  local facts = redis.call('XINFO', 'STREAM', KEYS[1])
  for i = 1, #facts, 2 do
    if facts[i] == 'last-generated-id' then
      previous = facts[i + 1]
    end
  end
  -- None goes before the one in front of it, so that what is trimmed is always the oldest part.
  local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
  local at = last and tonumber(last[2][8]) or 0
  if now < at then
    -- The clock was ahead by then and was set right: what it appended stays as long from this instant on at most.
    expires = math.max(expires, now + expiry(last) - at)
    misdated = last[1]
  elseif last then
    expires = math.max(expires, expiry(last))
    misdated = last[2][10]
  end
  -- A few at a time, so that no append is slow; still more than it adds.
  local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 11)
  if misdated then
    -- The first one of the right clock is over no earlier than those in front of it, whatever they say, and takes them along.
    local behind = redis.call('XRANGE', KEYS[1], '(' .. misdated, '+', 'COUNT', 11)
    if behind[1] and behind[1][1] == oldest[1][1] then
      misdated = nil
    elseif behind[1] and expiry(behind[1]) <= now then
      oldest = behind
    end
  end
  for i, row in ipairs(oldest) do
    if now < expiry(row) or i == 11 then
      trim = {'MINID', '=', row[1]}
      break
    end
  end
end

local entry = {
  'entry', ARGV[1], 'previous', previous, 'expires', string.format('%.0f', expires), 'at', string.format('%.0f', now)
}
if misdated then
  entry[9], entry[10] = 'misdated', misdated
end
return redis.call('XADD', KEYS[1], trim[1], trim[2], trim[3], '*', unpack(entry))
